"""``wsse:BinarySecurityToken``: X.509 certificates, PKI paths, PKCS#7, Kerberos tickets and JWTs carried in base64."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from inspector.tokens.base import Check, Field, Outcome, Span, Token
from inspector.tokens.reading import der
from inspector.tokens.reading.certificates import certificate_token, leaf_first, load_bundle, load_certificate
from inspector.tokens.reading.encodings import decode_base64, fingerprint, masked
from inspector.tokens.reading.kerberos import kerberos_token
from inspector.tokens.reading.markup import Element, Markup


class BinarySecurityTokenKind:
    """Finds ``BinarySecurityToken`` elements of every WS-Security version."""

    name = "binary_security_token"

    def find(self, text: str, documents: Sequence[Markup]) -> tuple[Token, ...]:  # noqa: ARG002 - stands in XML only
        """Binary security tokens of all documents, in order."""
        return tuple(_read(markup, element) for markup in documents for element in markup.named("BinarySecurityToken"))


def _read(markup: Markup, element: Element) -> Token:
    stated = element.get("ValueType")
    form = stated.rpartition("#")[2].rpartition(":")[2] or "not stated"
    value = markup.value(element)
    span = markup.value_span(element) or markup.span(element)
    fields = [Field("Value type", stated), Field("Encoding type", element.get("EncodingType").rpartition("#")[2])]
    if identifier := element.get("Id"):
        fields.append(Field("Id", identifier))
    problems: list[str] = []
    inner: tuple[Token, ...] = ()
    if mask := masked(value):
        problems.append(f"the log hides the value ('{mask}')")
        check = Check("format", Outcome.NOT_POSSIBLE, problems[0])
    elif not element.closed:
        problems.append("the text ends, or is cut, inside the token")
        check = Check("format", Outcome.NOT_POSSIBLE, problems[0])
    else:
        data, problem = decode_base64(value)
        inner = _content(data, span) if data else ()
        check = _format_check(form, data, problem, inner)
    fields.append(Field("Value", value, secret=not any(token.kind == "x509" for token in inner), span=markup.value_span(element)))
    first = inner[0] if inner else None
    return Token(
        "binary_security_token",
        f"BinarySecurityToken ({first.title if first is not None else form})",
        markup.span(element),
        tuple(fields),
        first.windows if first is not None else (),
        (check,),
        algorithm=first.algorithm if first is not None else "",
        issuer=first.issuer if first is not None else "",
        subject=first.subject if first is not None else "",
        identity=first.identity if first is not None else f"sha256 {fingerprint(value)[:32]}",
        problems=tuple(problems),
        inner=inner,
        material=markup.text,
        element=element.start,
    )


def _content(data: bytes, span: Span) -> tuple[Token, ...]:
    """What the bytes are, whatever the ValueType says."""
    certificate = load_certificate(data)
    if certificate is not None:
        return (certificate_token(certificate, span),)
    ticket = kerberos_token(data, span)
    if ticket is not None:
        return (ticket,)
    bundle = load_bundle(data)
    if bundle:
        return tuple(certificate_token(one, span) for one in leaf_first(bundle))
    return _pki_path(data, span)


def _pki_path(data: bytes, span: Span) -> tuple[Token, ...]:
    """X509PKIPathv1: a SEQUENCE of certificates, the root's first (X.509 Token Profile 1.1 section 3.1.2)."""
    outer = der.read_value(data)
    if outer is None or outer[0].tag != 0x30:
        return ()
    tokens: list[Token] = []
    position, content = 0, outer[0].content
    while len(tokens) < 20 and (found := der.read_value(content, position)) is not None:
        certificate = load_certificate(content[position : found[1]])
        if certificate is None:
            break
        tokens.append(certificate_token(certificate, span))
        position = found[1]
    return tuple(reversed(tokens))


_EXPECTED: Final = {
    "X509v3": "x509",
    "X509v1": "x509",
    "X509PKIPathv1": "x509",
    "PKCS7": "x509",
    "Kerberosv5_AP_REQ": "kerberos",
    "GSS_Kerberosv5_AP_REQ": "kerberos",
}


def _format_check(form: str, data: bytes | None, problem: str, inner: Sequence[Token]) -> Check:
    if data is None:
        return Check("format", Outcome.FAILED, problem, "malformed")
    expected = _EXPECTED.get(form)
    if expected is None:
        return Check("format", Outcome.NOT_POSSIBLE, f"value type {form} is not one whose content is known")
    if not inner:
        return Check("format", Outcome.FAILED, f"the value type says {form}, the content is something else", "malformed")
    if inner[0].kind != expected:
        return Check("format", Outcome.FAILED, f"the value type says {form}, the content is {inner[0].title}", "malformed")
    return Check("format", Outcome.PASSED, f"{form} as stated" + (f"; {problem}" if problem else ""))


KIND: Final = BinarySecurityTokenKind()
