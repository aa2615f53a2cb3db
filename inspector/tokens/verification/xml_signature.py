"""XML signatures against the keys supplied (signxml): which part was changed, or which key would be right, or what the log did to the text."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature as WrongSignature
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa, utils
from cryptography.hazmat.primitives.hmac import HMAC
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod, digest_algorithm_implementations
from signxml.exceptions import InvalidDigest, InvalidInput, SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from inspector.tokens.base import Check, Outcome, Token
from inspector.tokens.reading.algorithms import algorithm_name
from inspector.tokens.reading.key_info import key_certificates
from inspector.tokens.reading.markup import Element, Markup, read_markup
from inspector.tokens.verification.chain import certificate_of
from inspector.tokens.verification.keys import KeyRing, VerificationKey, key_of_certificate
from inspector.xmltext import parse

_DS: Final = "http://www.w3.org/2000/09/xmldsig#"
_ENVELOPED: Final = f"{_DS}enveloped-signature"
_BASE64: Final = f"{_DS}base64"
_CANONICAL: Final = frozenset(method.value for method in CanonicalizationMethod)
_ID_NAMES: Final = ("Id", "ID", "id", "AssertionID", "ResponseID", "RequestID")
_MAX_SIGNATURES: Final = 500
_BROKEN: Final = (SignXMLException, ValueError, TypeError, AttributeError, KeyError, etree.LxmlError, UnsupportedAlgorithm, AssertionError)
"""What signxml raises for documents that are not as the standards want them."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """What one signature's references came to."""

    good: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)


class _Reader(XMLVerifier):
    """signxml's canonicalization, transforms and digests for one signature of a document that may hold many."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.config = SignatureConfiguration(
            require_x509=False,
            expect_references=False,
            signature_methods=frozenset(SignatureMethod),
            digest_algorithms=frozenset(DigestAlgorithm),
            default_reference_c14n_method=CanonicalizationMethod.CANONICAL_XML_1_0,
        )

    def _get_signature(self, root: Any) -> Any:  # noqa: ANN401 - signxml carries no types
        for number, element in enumerate(root.iter(f"{{{_DS}}}Signature")):
            if number == self.number:
                return element
        raise InvalidInput("the signature is gone")

    def _resolve_reference(self, doc_root: Any, reference: Any, uri_resolver: Any = None) -> Any:  # noqa: ANN401, ARG002
        """Same-document references only: nothing outside is ever opened."""
        uri = reference.get("URI")
        if uri is None:
            raise InvalidInput("it names no part of the document")
        if uri in {"", "#xpointer(/)"}:
            return doc_root
        if not uri.startswith("#"):
            raise InvalidInput("it lies outside the document")
        fragment = uri[1:]
        if fragment.startswith("xpointer(id("):
            fragment = fragment[len("xpointer(id(") :].strip("()'\"")
        found = [
            element for element in doc_root.iter("*") if any(_is_id(name) and value == fragment for name, value in element.attrib.items())
        ]
        if len(found) != 1:
            raise InvalidInput("no element carries this id" if not found else f"{len(found)} elements carry this id")
        return found[0]

    def references(self, root: Any) -> list[Any]:  # noqa: ANN401
        """Reference elements of the signature."""
        return list(self._findall(self._find(self._get_signature(root), "SignedInfo"), "Reference"))

    def signed_info(self, root: Any) -> tuple[bytes, bytes, SignatureMethod]:  # noqa: ANN401
        """Canonical SignedInfo, signature value and method."""
        signature = self._fromstring(self._tostring(self._get_signature(root), with_tail=False))
        signed_info = self._find(signature, "SignedInfo")
        canonical = self._find(signed_info, "CanonicalizationMethod")
        octets = self._c14n(
            signed_info,
            algorithm=CanonicalizationMethod(canonical.get("Algorithm")),
            inclusive_ns_prefixes=self._get_inclusive_ns_prefixes(canonical),
        )
        value = b64decode(self._find(signature, "SignatureValue").text or "")
        return octets, value, SignatureMethod(self._find(signed_info, "SignatureMethod").get("Algorithm"))

    def parts(self, root: Any) -> _Parts:  # noqa: ANN401
        """Digest of every reference, each judged by itself."""
        parts = _Parts()
        signature = self._get_signature(root)
        for index, reference in enumerate(self.references(root)):
            uri = reference.get("URI")
            name = "the whole document" if uri == "" else uri if uri is not None else "an unnamed part"
            steps = [step.get("Algorithm", "") for step in reference.iter(f"{{{_DS}}}Transform")]
            unknown = next((step for step in steps if step not in _CANONICAL and step not in {_ENVELOPED, _BASE64}), None)
            if unknown is not None:
                parts.impossible.append(f"{name}: the transform '{algorithm_name(unknown)}' is not run here")
                continue
            try:
                self._verify_reference(reference, index, root, None, None, signature, b"")
                parts.good.append(name)
            except InvalidDigest:
                if uri is not None and self._encrypted(root, reference):
                    parts.impossible.append(f"{name}: was encrypted after it was signed")
                else:
                    parts.changed.append(name)
            except _BROKEN as error:
                parts.impossible.append(f"{name}: {_words(error)}")
        return parts

    def _encrypted(self, root: Any, reference: Any) -> bool:  # noqa: ANN401
        """Whether the signed part holds encrypted content, whose digest is that of what it was before."""
        part = self._resolve_reference(root, reference)
        return next(part.iter("{*}EncryptedData", "{*}EncryptedHeader"), None) is not None


def _is_id(name: str) -> bool:
    return name.rpartition("}")[2] in _ID_NAMES


def _words(error: Exception) -> str:
    text = str(error).split("\n", maxsplit=1)[0][:200]
    if text == "C14N failed":
        return "the document cannot be brought into canonical form, as with relative namespace names"
    return text or type(error).__name__


def verify_xml_signature(token: Token, ring: KeyRing) -> tuple[Check, ...]:
    """Checks ``digest`` (are the signed parts unchanged) and ``signature`` (by the expected key) of one signature, or of the one a SAML token carries."""
    checks = _verified(token, ring)
    altered = [problem for problem in token.problems if "no time zone" not in problem]
    if altered and any(check.outcome is Outcome.FAILED for check in checks):
        return (
            _impossible(f"it does not verify as it stands here, which proves nothing, for the log altered the text: {'; '.join(altered)}"),
        )
    return checks


def _verified(token: Token, ring: KeyRing) -> tuple[Check, ...]:
    markup = read_markup(token.material)
    if markup.has_document_type:
        return (Check("signature", Outcome.FAILED, "the document declares a DTD: refused, as an attack would need one", "malformed"),)
    place = _place(markup, token)
    if place is None:
        missing = "the log altered the text: it is cut, and a signature may have stood in what is missing"
        return (_impossible(missing if markup.cut else "it carries no signature of its own"),)
    number, element = place
    root = parse(token.material)
    if root is None:
        return (_impossible("the log altered the text: what is left is not well-formed XML"),)
    checks = _judge(root, number, markup, element, ring)
    if any(check.outcome is Outcome.FAILED for check in checks) and (plain := _without_indentation(token.material)) is not None:
        again = _judge(plain, number, markup, element, ring)
        if all(check.outcome is not Outcome.FAILED for check in again):
            note = "; only after the white space between the elements was taken out, which the log or a tool put in"
            return tuple(Check(check.name, check.outcome, check.reason + note, check.cause) for check in again)
        if again[0].name == "digest" and again[0].outcome is Outcome.PASSED and checks[0].outcome is Outcome.FAILED:
            reason = "the log put white space into the text: the signed parts are unchanged without it, the list of signed parts cannot be restored"
            return (again[0], _impossible(reason))
    return checks


def _impossible(reason: str) -> Check:
    return Check("signature", Outcome.NOT_POSSIBLE, reason)


def _place(markup: Markup, token: Token) -> tuple[int, Element] | None:
    """Which of the document's signatures belongs to the token: itself, its child, or that of an assertion inside."""
    signatures = [element for element in markup.by_name.get("Signature", ()) if element.namespace == _DS][:_MAX_SIGNATURES]
    if token.kind == "signature":
        return next(((number, one) for number, one in enumerate(signatures) if one.start == token.element), None)
    own = next(
        ((number, one) for number, one in enumerate(signatures) if one.parent is not None and one.parent.start == token.element), None
    )
    if own is not None or token.kind != "saml":
        return own
    starts = {inner.element for inner in token.inner}
    return next(((number, one) for number, one in enumerate(signatures) if one.parent is not None and one.parent.start in starts), None)


def _judge(root: Any, number: int, markup: Markup, element: Element, ring: KeyRing) -> tuple[Check, ...]:  # noqa: ANN401
    reader = _Reader(number)
    try:
        octets, value, method = reader.signed_info(root)
        parts = reader.parts(root)
    except binascii.Error:
        return (Check("signature", Outcome.FAILED, "the signature value is no base64", "malformed"),)
    except _BROKEN as error:
        return (_impossible(f"not verified here: {_words(error)}"),)
    own = [key for one in key_certificates(markup, element.child("KeyInfo")) if (key := _key(certificate_of(one))) is not None]
    return (_digest_check(parts), _signature_check(octets, value, method, ring, own))


def _key(certificate: x509.Certificate | None) -> VerificationKey | None:
    return key_of_certificate(certificate) if certificate is not None else None


def _digest_check(parts: _Parts) -> Check:
    if parts.changed:
        kept = f"; unchanged: {', '.join(parts.good)}" if parts.good else ""
        return Check("digest", Outcome.FAILED, f"changed after signing: {', '.join(parts.changed)}{kept}", "signature_mismatch")
    if parts.impossible:
        return Check("digest", Outcome.NOT_POSSIBLE, "; ".join(parts.impossible))
    if not parts.good:
        return Check("digest", Outcome.FAILED, "the signature covers nothing", "malformed")
    count = len(parts.good)
    return Check(
        "digest",
        Outcome.PASSED,
        f"{'the signed part is' if count == 1 else f'all {count} signed parts are'} unchanged: {', '.join(parts.good)}",
    )


def _signature_check(octets: bytes, value: bytes, method: SignatureMethod, ring: KeyRing, own: Sequence[VerificationKey]) -> Check:
    name = algorithm_name(method.value)
    if method.name.startswith("HMAC"):
        if not ring.secrets:
            return _impossible(f"{name} needs the shared secret; none was supplied")
        if any(_holds(octets, value, method, key) for key in ring.secrets):
            return Check("signature", Outcome.PASSED, f"{name} verified with the shared secret")
        return Check("signature", Outcome.FAILED, f"{name}: the shared secret supplied does not verify it", "signature_mismatch")
    right = next((key for key in ring.public if _holds(octets, value, method, key)), None)
    if right is not None:
        return Check("signature", Outcome.PASSED, f"{name} verified with {right.words}")
    carried = next((key for key in own if _holds(octets, value, method, key)), None)
    if not ring.public:
        if carried is not None:
            return _impossible(
                f"verifies with the certificate it carries ({carried.words}); whether that one is trusted is open: no certificate was supplied"
            )
        if own:
            reason = (
                f"the certificate it carries ({own[0].words}) does not verify it: the list of signed parts or the signature was changed"
            )
            return Check("signature", Outcome.FAILED, reason, "signature_mismatch")
        return _impossible("no certificate, key or metadata was supplied")
    expected = ", ".join(key.words for key in ring.public[:4])
    if carried is not None:
        reason = f"wrong key: signed with {carried.words}; expected {expected}"
        return Check("signature", Outcome.FAILED, reason, "untrusted_issuer")
    known = {key.thumbprint for key in ring.public if key.thumbprint} & {key.thumbprint for key in own}
    if known:
        reason = f"the right certificate was supplied (thumbprint {next(iter(known))}) and does not verify it: the list of signed parts or the signature was changed"
        return Check("signature", Outcome.FAILED, reason, "signature_mismatch")
    return Check(
        "signature",
        Outcome.FAILED,
        f"none of the keys supplied verifies it ({expected}): another key signed it, or it was changed",
        "signature_mismatch",
    )


def _holds(octets: bytes, value: bytes, method: SignatureMethod, key: VerificationKey) -> bool:
    algorithm: hashes.HashAlgorithm = digest_algorithm_implementations[method]()
    name = method.name
    public = key.key
    try:
        match public:
            case bytes() if name.startswith("HMAC"):
                mac = HMAC(public, algorithm)
                mac.update(octets)
                mac.verify(value)
            case rsa.RSAPublicKey() if name.startswith("RSA_"):
                public.verify(value, octets, padding.PKCS1v15(), algorithm)
            case rsa.RSAPublicKey() if name.endswith("RSA_MGF1"):
                public.verify(value, octets, padding.PSS(padding.MGF1(algorithm), algorithm.digest_size), algorithm)
            case ec.EllipticCurvePublicKey() if name.startswith("ECDSA"):
                public.verify(_der(value, (public.curve.key_size + 7) // 8), octets, ec.ECDSA(algorithm))
            case dsa.DSAPublicKey() if name.startswith("DSA"):
                public.verify(_der(value, len(value) // 2), octets, algorithm)
            case _:
                return False
    except (WrongSignature, ValueError, UnsupportedAlgorithm):
        return False
    return True


def _der(value: bytes, size: int) -> bytes:
    """Two numbers side by side (RFC 4050, XML Signature 6.4.1) as DER."""
    if size == 0 or len(value) != 2 * size:
        raise ValueError("wrong length of a signature value")
    return utils.encode_dss_signature(int.from_bytes(value[:size], "big"), int.from_bytes(value[size:], "big"))


def _without_indentation(xml: str) -> Any:  # noqa: ANN401
    """The document without white space that stands alone between elements; None where there is none."""
    root = parse(xml)
    if root is None:
        return None
    removed = False
    for element in root.iter("*"):
        if element.text and not element.text.strip() and len(element):
            element.text, removed = None, True
        if element.tail and not element.tail.strip() and element is not root:
            element.tail, removed = None, True
    return root if removed else None
