"""XML signatures: which elements are signed, with which algorithms and key, and whether the signature can be a wrapping attack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from inspector.tokens.base import Check, Field, Outcome, Token
from inspector.tokens.reading.algorithms import algorithm_name, weakness
from inspector.tokens.reading.encodings import fingerprint, masked
from inspector.tokens.reading.key_info import elements_by_id, key_certificates, key_fields
from inspector.tokens.reading.markup import Element, Markup

_MAX_REFERENCES: Final = 100
_SIGNED_INSIDE: Final = frozenset(
    {
        "Assertion",
        "Response",
        "EntityDescriptor",
        "EntitiesDescriptor",
        "LogoutRequest",
        "LogoutResponse",
        "AuthnRequest",
        "ArtifactResponse",
    }
)
"""Elements whose own signature must cover them as a whole (SAML 2.0 Core 5.4.2)."""


class XmlSignatureKind:
    """Finds ``ds:Signature`` elements."""

    name = "xml_signature"

    def find(self, text: str, documents: Sequence[Markup]) -> tuple[Token, ...]:  # noqa: ARG002 - stands in XML only
        """Signatures of all documents, in order."""
        return tuple(
            _read(markup, element)
            for markup in documents
            for element in markup.named("Signature")
            if element.child("SignedInfo") is not None or element.child("SignatureValue") is not None
        )


def _read(markup: Markup, element: Element) -> Token:
    signed_info = element.child("SignedInfo")
    method = signed_info.child("SignatureMethod") if signed_info is not None else None
    algorithm = method.get("Algorithm") if method is not None else ""
    canonical = signed_info.child("CanonicalizationMethod") if signed_info is not None else None
    value = element.child("SignatureValue")
    references = (
        [child for child in signed_info.children if child.local == "Reference"][:_MAX_REFERENCES] if signed_info is not None else []
    )
    fields = [Field("Signature algorithm", algorithm_name(algorithm))]
    if canonical is not None:
        fields.append(Field("Canonicalization", algorithm_name(canonical.get("Algorithm"))))
    fields.extend(_reference_field(markup, reference) for reference in references)
    key_info = element.child("KeyInfo")
    fields.extend(key_fields(markup, key_info))
    signature_value = markup.value(value)
    fields.append(Field("Signature value", signature_value, secret=True, span=markup.value_span(value)))
    problems = []
    if mask := masked(signature_value):
        problems.append(f"the log hides the signature value ('{mask}')")
    if not element.closed:
        problems.append("the text ends, or is cut, inside the signature")
    certificates = key_certificates(markup, key_info)
    signer = certificates[0].subject if certificates else ""
    return Token(
        "signature",
        f"Signature over {_signed_words(markup, references)} ({algorithm_name(algorithm) or 'no algorithm stated'})",
        markup.span(element),
        tuple(fields),
        checks=(_algorithm_check(algorithm, references, method), _structure_check(markup, element, references)),
        algorithm=algorithm_name(algorithm),
        subject=signer,
        identity=f"sha256 {fingerprint(signature_value)[:32]}" if signature_value else element.get("Id"),
        problems=tuple(problems),
        inner=certificates,
        material=markup.text,
        element=element.start,
    )


def _reference_field(markup: Markup, reference: Element) -> Field:
    digest = reference.child("DigestMethod")
    transforms = reference.child("Transforms")
    steps = ", ".join(algorithm_name(child.get("Algorithm")) for child in transforms.children) if transforms is not None else "none"
    name = algorithm_name(digest.get("Algorithm")) if digest is not None else "no digest"
    return Field("Signed part", _target_words(markup, reference), span=markup.span(reference), note=f"{name}; transforms: {steps}")


def _target_words(markup: Markup, reference: Element) -> str:
    if reference.attribute("URI") is None:
        return "content named by agreement (no URI)"
    uri = reference.get("URI")
    if not uri:
        return "the whole document"
    if not uri.startswith("#"):
        return f"{uri[:120]} (outside)"
    targets = elements_by_id(markup, _fragment(uri))
    return f"{targets[0].local} {uri}" if targets else f"nothing: {uri} is not in this document"


def _fragment(uri: str) -> str:
    """The id a same-document reference names: ``#id`` or ``#xpointer(id('id'))``."""
    fragment = uri[1:]
    if fragment.startswith("xpointer(id("):
        return fragment[len("xpointer(id(") :].strip("()'\"")
    return fragment


def _signed_words(markup: Markup, references: Sequence[Element]) -> str:
    names: list[str] = []
    for reference in references:
        uri = reference.get("URI")
        targets = elements_by_id(markup, _fragment(uri)) if uri.startswith("#") else []
        name = (
            targets[0].local if targets else "the document" if not uri else "a missing part" if uri.startswith("#") else "an outside part"
        )
        if name not in names:
            names.append(name)
    return ", ".join(names[:6]) + (" and more" if len(names) > 6 else "") if names else "nothing"


def _algorithm_check(algorithm: str, references: Sequence[Element], method: Element | None) -> Check:
    if not algorithm:
        return Check("algorithm", Outcome.FAILED, "no signature algorithm is stated", "malformed")
    if method is not None and (length := method.child("HMACOutputLength")) is not None:
        return Check("algorithm", Outcome.FAILED, f"the HMAC is shortened ({length.local}), a known attack (CVE-2009-0217)", "unsupported")
    if weakness(algorithm):
        return Check("algorithm", Outcome.FAILED, f"{algorithm_name(algorithm)}: weak, current stacks may refuse it")
    digests = (reference.child("DigestMethod") for reference in references)
    weak = next((found for digest in digests if digest is not None and (found := weakness(digest.get("Algorithm")))), "")
    if weak:
        return Check(
            "algorithm", Outcome.FAILED, f"{algorithm_name(algorithm)} over digests with {weak}: weak, current stacks may refuse it"
        )
    return Check("algorithm", Outcome.PASSED, algorithm_name(algorithm))


def _structure_check(markup: Markup, element: Element, references: Sequence[Element]) -> Check:
    """Whether what is signed is what will be read: the ground of signature wrapping (XSW)."""
    if markup.has_document_type:
        return Check(
            "wrapping", Outcome.FAILED, "the document declares a DTD, which no token may: entities can change what is read", "malformed"
        )
    if not references:
        outcome = Outcome.FAILED if element.closed else Outcome.NOT_POSSIBLE
        return Check(
            "wrapping",
            outcome,
            "the signature covers nothing" if element.closed else "the signature is cut",
            "malformed" if element.closed else "",
        )
    parent = element.parent
    covers_parent = any(parent in elements_by_id(markup, _fragment(one.get("URI"))) for one in references)
    for reference in references:
        uri = reference.get("URI")
        if not uri.startswith("#"):
            continue
        targets = elements_by_id(markup, _fragment(uri))
        if len(targets) > 1:
            return Check(
                "wrapping",
                Outcome.FAILED,
                f"{len(targets)} elements carry the id {uri}: which one is signed is left to chance, an attack",
                "signature_mismatch",
            )
        if not targets and not markup.cut:
            return Check("wrapping", Outcome.FAILED, f"the signed part {uri} is not in this document", "signature_mismatch")
        if targets and parent is not None and parent.local in _SIGNED_INSIDE and not covers_parent:
            reason = f"the signature inside {parent.local} covers another element, {targets[0].local} {uri}: what is read is not what is signed (signature wrapping)"
            return Check("wrapping", Outcome.FAILED, reason, "signature_mismatch")
        if targets and (holder := _wrapper(targets[0])) is not None:
            return Check(
                "wrapping",
                Outcome.FAILED,
                f"the signed {targets[0].local} hides inside {holder.local}: signature wrapping",
                "signature_mismatch",
            )
    return Check("wrapping", Outcome.PASSED, "every signed part is in the document once and in its place")


def _wrapper(target: Element) -> Element | None:
    """An element in which no reader looks for a signed part, but attackers put one."""
    for above in target.ancestors():
        if above.local in {"Extensions", "Object", "Wrapper"} and target.local in {"Assertion", "Response", "Body"}:
            return above
        if above.local in {"Assertion", "Signature"} and target.local in {"Assertion", "Response"} and above is not target:
            return None if _advice(target) else above
        if above.local == "Header" and target.local == "Body":
            return above
    return None


def _advice(target: Element) -> bool:
    return any(above.local == "Advice" for above in target.ancestors())


KIND: Final = XmlSignatureKind()
