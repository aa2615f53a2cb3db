"""Certificates in PEM, or as bare base64 of DER, anywhere in a text; private keys found there are said to be exposed."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Final

from inspector.tokens.base import Check, Field, Outcome, Span, Token
from inspector.tokens.reading.certificates import certificate_token, leaf_first, load_bundle, load_certificate
from inspector.tokens.reading.encodings import fingerprint, masked
from inspector.tokens.reading.markup import Markup
from inspector.tokens.reading.places import places_of

_DER: Final = re.compile(r"(?:(?<![A-Za-z0-9+/])|(?<=\\n)|(?<=\\r))MI[IEGH][A-Za-z0-9+/]{37,}")
"""Base64 of a SEQUENCE of some hundred bytes or more (X.690 8.1.3.5)."""
_STARTS: Final = ("MII", "MIE", "MIG", "MIH")
_PIECE: Final = re.compile(r"[A-Za-z0-9+/]++={0,2}+")
_BETWEEN: Final = re.compile(r"(?:\s|\\[rn]|&#(?:1[03]|x[dDaA]);)++")
"""Line breaks inside base64: real ones and those that JSON and XML write."""
_PEM: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,40})-----")
_MAX_DER: Final = 200_000
_MAX_FOUND: Final = 200


class X509Kind:
    """Finds certificates that stand in a text by themselves."""

    name = "x509"

    def find(self, text: str, documents: Sequence[Markup]) -> tuple[Token, ...]:  # noqa: ARG002 - base64 stands in the text as it is
        """Every certificate, PKCS#7 bundle and private key of the text, in order."""
        if "MI" not in text and "-----BEGIN " not in text:
            return ()
        found: list[Token] = []
        free_from = 0
        for place in places_of(text, _STARTS):
            if place < free_from or len(found) >= _MAX_FOUND or (match := _DER.match(text, place)) is None:
                continue
            data, end = _der_at(text, place)
            token = _token(data, Span(place, end)) if data is not None else None
            if token is not None:
                found.append(token)
            free_from = max(end, match.end()) if token is not None else match.end()
        found.extend(_pem_troubles(text, found))
        return tuple(sorted(found, key=lambda token: token.span.start))


def _der_at(text: str, start: int) -> tuple[bytes | None, int]:
    """The DER value whose base64 starts here: its own length tells where it ends."""
    length = _der_length(text[start : start + 12])
    if length is None or length > _MAX_DER:
        return None, start
    wanted = -(-length // 3) * 4
    pieces: list[str] = []
    have, position = 0, start
    while have < wanted and (piece := _PIECE.match(text, position)) is not None:
        part = piece.group()[: wanted - have]
        pieces.append(part)
        have += len(part)
        position += len(part)
        gap = _BETWEEN.match(text, position)
        if have >= wanted or gap is None:
            break
        position = gap.end()
    packed = "".join(pieces).rstrip("=")
    if len(packed) % 4 == 1:
        return None, position
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)[:length], position
    except (binascii.Error, ValueError):
        return None, position


def _der_length(head: str) -> int | None:
    try:
        data = base64.b64decode(head[: len(head) // 4 * 4], validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(data) < 6 or data[0] != 0x30 or data[1] not in {0x81, 0x82, 0x83}:
        return None
    size = data[1] & 0x7F
    return 2 + size + int.from_bytes(data[2 : 2 + size], "big")


def _token(data: bytes, span: Span) -> Token | None:
    certificate = load_certificate(data)
    if certificate is not None:
        return certificate_token(certificate, span)
    bundle = load_bundle(data)
    if not bundle:
        return None
    inner = tuple(certificate_token(one, span) for one in leaf_first(bundle))
    return Token(
        "x509",
        f"PKCS#7 bundle of {len(inner)} certificate{'' if len(inner) == 1 else 's'}",
        span,
        (Field("Certificates", str(len(inner))),),
        identity=f"sha256 {fingerprint(data)[:32]}",
        inner=inner,
    )


def _pem_troubles(text: str, found: Sequence[Token]) -> list[Token]:
    """PEM blocks that are no certificate: private keys, and certificates that cannot be read."""
    tokens: list[Token] = []
    ends = {span.start for span in (token.span for token in found)}
    for match in _PEM.finditer(text):
        label = match.group(1)
        close = text.find(f"-----END {label}-----", match.end())
        end = close + len(label) + 14 if close >= 0 else min(len(text), match.end() + 4000)
        if len(tokens) >= _MAX_FOUND:
            break
        span = Span(match.start(), end)
        if label.endswith("PRIVATE KEY"):
            body = text[match.end() : close if close >= 0 else end]
            reason = "a private key stands in this log: treat it as lost and replace it"
            tokens.append(
                Token(
                    "opaque",
                    f"{label.capitalize()} in PEM",
                    span,
                    (Field("Key", body.strip(), secret=True),),
                    checks=(Check("exposure", Outcome.FAILED, reason),),
                    identity=f"sha256 {fingerprint(body)[:32]}",
                )
            )
        elif label in {"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"} and not any(match.end() <= start <= end for start in ends):
            tokens.append(_unreadable(text, match.end(), close, span))
    return tokens


def _unreadable(text: str, start: int, close: int, span: Span) -> Token:
    body = text[start : close if close >= 0 else span.end]
    mask = masked(body)
    if mask:
        check = Check("format", Outcome.NOT_POSSIBLE, f"the log hides part of it ('{mask}')")
    elif close < 0:
        check = Check("format", Outcome.NOT_POSSIBLE, "the text ends inside the certificate")
    else:
        check = Check("format", Outcome.FAILED, "what stands between BEGIN and END is no certificate", "malformed")
    problems = ("the text ends inside the certificate",) if close < 0 else (f"the log hides part of it ('{mask}')",) if mask else ()
    return Token("x509", "X.509 certificate that cannot be read", span, (), checks=(check,), problems=problems)


KIND: Final = X509Kind()
