"""What a Kerberos AP-REQ, a SPNEGO or an NTLM message says in clear: realm, service, encryption, user (RFC 4120, RFC 4178, MS-NLMP)."""

from __future__ import annotations

import struct
from typing import Final

from inspector.tokens.base import Check, Field, Outcome, Span, Token
from inspector.tokens.reading import der
from inspector.tokens.reading.encodings import fingerprint

_AP_REQ: Final = 0x6E
_AP_REQ_TYPE: Final = 14
_TICKET: Final = 0x61
_SEQUENCE: Final = 0x30
_ENCRYPTION: Final = {
    1: "DES-CBC-CRC", 3: "DES-CBC-MD5", 17: "AES128-CTS-HMAC-SHA1-96", 18: "AES256-CTS-HMAC-SHA1-96", 19: "AES128-CTS-HMAC-SHA256-128",
    20: "AES256-CTS-HMAC-SHA384-192", 23: "RC4-HMAC", 24: "RC4-HMAC-EXP",
}  # fmt: skip
"""Encryption types of the Kerberos parameters registry."""
_WEAK: Final = frozenset({1, 3, 23, 24})
_NTLM: Final = b"NTLMSSP\x00"
_NTLM_STEPS: Final = {1: "negotiate", 2: "challenge", 3: "authenticate"}


def kerberos_token(data: bytes, span: Span) -> Token | None:
    """The clear parts of a Kerberos or NTLM message; None where the bytes are neither."""
    if data.startswith(_NTLM):
        return _ntlm(data, span)
    if not data or data[0] not in {0x60, _AP_REQ, 0xA0, 0xA1}:
        return None
    embedded = data.find(_NTLM)
    if embedded >= 0:
        return _ntlm(data[embedded:], span)
    request = _find(data, _AP_REQ)
    if request is None or der.integer(der.field(_sequence(request), 1)) != _AP_REQ_TYPE:
        return _other_negotiation(data, span)
    return _ap_req(request, data, span)


def _find(data: bytes, tag: int) -> bytes | None:
    """A GSS token holds an object identifier and two plain bytes before the message (RFC 1964 section 1.1), which hides it from a strict reader."""
    found = der.first_with_tag(data, tag)
    if found is not None:
        return found.content
    for marker in (b"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01\x00", b"\x2a\x86\x48\x82\xf7\x12\x01\x02\x02\x01\x00"):
        at = data.find(marker)
        if at >= 0:
            value = der.read_value(data, at + len(marker))
            if value is not None and value[0].tag == tag:
                return value[0].content
    return None


def _ap_req(content: bytes, data: bytes, span: Span) -> Token:
    sequence = _sequence(content)
    ticket_field = der.field(sequence, 3) or b""
    ticket_value = der.first_with_tag(ticket_field, _TICKET)
    ticket = _sequence(ticket_value.content) if ticket_value is not None else b""
    realm = der.text(der.field(ticket, 1))
    service = _principal(der.field(ticket, 2) or b"")
    encrypted = _sequence(der.field(ticket, 3) or b"")
    etype, kvno = der.integer(der.field(encrypted, 0)), der.integer(der.field(encrypted, 1))
    authenticator = _sequence(der.field(sequence, 4) or b"")
    proof_type = der.integer(der.field(authenticator, 0))
    fields = [Field("Realm", realm), Field("Service", service), Field("Ticket encryption", _encryption(etype))]
    if kvno is not None:
        fields.append(Field("Key version", str(kvno), note="must match the service account's current or previous key"))
    if proof_type is not None:
        fields.append(Field("Authenticator encryption", _encryption(proof_type)))
    fields.append(Field("Ticket", data.hex(), secret=True))
    reason = "its times are encrypted for the service: they are not in clear in the request"
    checks = [Check("lifetime", Outcome.NOT_POSSIBLE, reason)]
    if etype in _WEAK:
        checks.append(
            Check("algorithm", Outcome.FAILED, f"{_encryption(etype)} is switched off on current domain controllers", "unsupported")
        )
    elif etype is not None:
        checks.append(Check("algorithm", Outcome.PASSED, _encryption(etype)))
    return Token(
        "kerberos",
        f"Kerberos service ticket for {service or 'a service'}{f' in {realm}' if realm else ''}",
        span,
        tuple(fields),
        checks=tuple(checks),
        algorithm=_encryption(etype) if etype is not None else "",
        issuer=realm,
        audience=(service,) if service else (),
        identity=f"sha256 {fingerprint(data)[:32]}",
    )


def _sequence(content: bytes) -> bytes:
    found = der.read_value(content)
    return found[0].content if found is not None and found[0].tag == _SEQUENCE else content


def _principal(content: bytes) -> str:
    names = der.field(_sequence(content), 1)
    if names is None:
        return ""
    return "/".join(part.content.decode("utf-8", "replace") for part in der.values(_sequence(names)))


def _encryption(number: int | None) -> str:
    return "unknown" if number is None else _ENCRYPTION.get(number, f"type {number}")


def _other_negotiation(data: bytes, span: Span) -> Token | None:
    if b"\x2b\x06\x01\x05\x05\x02" not in data[:40] and data[0] not in {0xA0, 0xA1}:
        return None
    if b"\x2a\x86\x48" not in data and b"\x2b\x06\x01" not in data:
        return None
    return Token(
        "kerberos",
        "SPNEGO negotiation without a Kerberos ticket",
        span,
        (Field("Message", data.hex(), secret=True),),
        checks=(Check("lifetime", Outcome.NOT_POSSIBLE, "a negotiation step carries no validity"),),
        identity=f"sha256 {fingerprint(data)[:32]}",
    )


def _ntlm(data: bytes, span: Span) -> Token | None:
    if len(data) < 12:
        return None
    step = int.from_bytes(data[8:12], "little")
    if step not in _NTLM_STEPS:
        return None
    fields = [Field("Step", f"{step} ({_NTLM_STEPS[step]})")]
    user = ""
    if step == 3 and len(data) >= 64:
        flags = int.from_bytes(data[60:64], "little")
        encoding = "utf-16-le" if flags & 1 else "cp437"
        named = {name: _ntlm_text(data, place, encoding) for name, place in (("Domain", 28), ("User", 36), ("Workstation", 44))}
        fields.extend(Field(name, value) for name, value in named.items())
        user = "\\".join(part for part in (named["Domain"], named["User"]) if part)
    fields.append(Field("Message", data.hex(), secret=True))
    return Token(
        "kerberos",
        f"NTLM {_NTLM_STEPS[step]} message{f' of {user}' if user else ''}",
        span,
        tuple(fields),
        checks=(Check("lifetime", Outcome.NOT_POSSIBLE, "NTLM messages carry no validity"),),
        algorithm="NTLM",
        subject=user,
        identity=f"sha256 {fingerprint(data)[:32]}",
    )


def _ntlm_text(data: bytes, place: int, encoding: str) -> str:
    length, _, offset = struct.unpack_from("<HHI", data, place)
    return data[offset : offset + length].decode(encoding, "replace")
