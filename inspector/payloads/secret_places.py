"""Where secrets stand in a text: passwords, nonces, signatures, keys, bearer tokens, cookies."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

Place = tuple[int, int]

_NAMES: Final = (
    r"passwords?|passwd|pwd|passphrase|client_?secrets?|client_assertion|refresh_?token|access_?token|id_?token(?:_hint)?|session_?token|"
    r"security_?token|saml_?(?:response|request)|secret_?(?:access_?)?key|aws_secret_access_key|aws_session_token|api-?_?key|x-api-key|"
    r"account_?key|shared_?access_?(?:key|signature)|private_?key|x-amz-(?:security-token|signature|credential)|code_verifier|device_code|"
    r"fed_?auth|rtfa|jsessionid|asp\.net_sessionid|\.aspxauth|msisauth\d?|\.aspnetcore\.[\w.]{1,60}|x-functions-key|ocp-apim-subscription-key"
)
_OPEN: Final = r"(?:<|&(?:amp;)?lt;)"
_CLOSE: Final = r"(?:>|&(?:amp;)?gt;)"
# WS-Security 1.0 (Password, Nonce), XML Signature, XML Encryption, WS-Trust (BinarySecret), SAML in WS-Federation, AWS STS
_ELEMENT: Final = re.compile(
    rf"{_OPEN}(?:[\w.\-]{{1,40}}:)?"
    r"(?:Password|Nonce|SignatureValue|CipherValue|BinarySecret|BinarySecurityToken|SecretAccessKey|SessionToken|SecurityToken|client_secret|Cookie|PrivateKey)"
    rf"(?=[\s>&])(?P<attributes>[^<>&]*+){_CLOSE}\s*+(?P<value>[^<&]+)"
)
_PUBLIC_CERTIFICATE: Final = re.compile(r"#(?:X509(?:v[13]|PKIPathv1)?|PKCS7)\b")
_NAMED: Final = re.compile(
    rf"(?<![\w.\-])(?:{_NAMES})[\"']?(?:\s?[:=]\s?|\\?\"\s?:\s?)(?:\\?\"(?P<quoted>[^\"\\\r\n]+)|'(?P<single>[^'\r\n]+)|(?P<bare>[^\s\"'&,;<>\\]+))",
    re.IGNORECASE,
)
_BEARER: Final = re.compile(r"\b(?:Bearer|Basic|Negotiate|NTLM|DPoP|SharedKey(?:Lite)?)[ ]+(?P<value>[\w+/=.~:\-]{12,})", re.IGNORECASE)
_COOKIE: Final = re.compile(r"\b(?:Set-)?Cookie\s?:\s?(?P<value>[^\r\n]+)", re.IGNORECASE)
_COOKIE_VALUE: Final = re.compile(r"(?P<name>[^\s=;,]+)=(?P<value>[^\s;]+)")
_COOKIE_ATTRIBUTES: Final = frozenset({"path", "domain", "expires", "max-age", "samesite", "priority", "version"})
_JWT: Final = re.compile(r"(?<![\w\-])eyJ[\w\-]{8,}+(?:\.[\w\-]*){1,4}")
_PEM: Final = re.compile(r"-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY-----")
_REDEEMABLE: Final = re.compile(r"[?&](?:code|sig|assertion|wresult)=(?P<value>[^\s&\"'<>]{8,})", re.IGNORECASE)
_SIGV4: Final = re.compile(r"\bSignature=(?P<value>[0-9a-f]{64})\b")
_USERINFO: Final = re.compile(r"://[^\s/:@\"'<>]{1,128}:(?P<value>[^\s/@\"'<>]{1,256})@")
_QUOTED_BASE64: Final = re.compile(r"'(?P<value>[A-Za-z0-9+/]{12,}={0,2})'")
_ROOTS: Final = (
    "passw", "pwd", "passphrase", "secret", "assertion", "token", "saml_", "samlres", "samlreq", "key", "signature", "credential", "code", "auth",
    "rtfa", "sessionid",
)  # fmt: skip
"""What every name of ``_NAMES`` holds, in lower case: looked for first, because a plain search is much faster than a pattern."""
_ASSIGNED: Final = re.compile(r"[\w.\-]*+[\"'\\]{0,3}\s?[:=]")
_WORD_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-.")


def _credentials(value: str) -> bool:
    """Whether base64 decodes to ``name:secret``, as HTTP Basic credentials do (RFC 7617)."""
    try:
        decoded = base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return ":" in decoded[1:-1] and decoded.isprintable()


def _elements(text: str) -> list[Place]:
    return [
        _stripped(text, *match.span("value"))
        for match in _ELEMENT.finditer(text)
        if match["value"].strip() and not _PUBLIC_CERTIFICATE.search(match["attributes"])
    ]


def _stripped(text: str, start: int, end: int) -> Place:
    value = text[start:end]
    return start + len(value) - len(value.lstrip()), end - len(value) + len(value.rstrip())


def _occurrences(lowered: str, words: tuple[str, ...]) -> list[int]:
    """Where any of ``words`` stands, overlapping ones included, in order."""
    found = set()
    for word in words:
        at = lowered.find(word)
        while at >= 0:
            found.add(at)
            at = lowered.find(word, at + len(word))
    return sorted(found)


def _named(text: str, lowered: str) -> list[Place]:
    found: list[Place] = []
    done = 0
    for at in _occurrences(lowered, _ROOTS):
        if at < done or _ASSIGNED.match(text, at) is None:
            continue
        start = at
        low = max(0, at - 80, done)
        while start > low and lowered[start - 1] in _WORD_CHARACTERS:
            start -= 1
        match = _NAMED.match(text, start)
        while match is None and start < at:  # "my.password": the name starts behind a dot or a dash
            following = min((place for place in (text.find(".", start, at), text.find("-", start, at)) if place >= 0), default=-1)
            if following < 0:
                break
            start = following
            match = _NAMED.match(text, start) or _NAMED.match(text, start + 1)
            start += 1
        if match is not None:
            found.append(match.span(match.lastgroup or 0))
            done = match.end()
    return found


def _headers(text: str, lowered: str) -> list[Place]:
    found: list[Place] = []
    if any(word in lowered for word in ("bearer ", "basic ", "negotiate ", "ntlm ", "dpop ", "sharedkey")):
        found += [match.span("value") for match in _BEARER.finditer(text)]
    if "cookie" in lowered:
        for cookie in _COOKIE.finditer(text):
            found += [
                match.span("value")
                for match in _COOKIE_VALUE.finditer(text, *cookie.span("value"))
                if match["name"].lower() not in _COOKIE_ATTRIBUTES
            ]
    return found


def _in_place(text: str, lowered: str) -> list[Place]:
    """Secrets that are known by their own look."""
    found: list[Place] = []
    if "eyJ" in text:
        found += [match.span() for match in _JWT.finditer(text)]
    if any(word in lowered for word in ("code=", "sig=", "assertion=", "wresult=")):
        found += [match.span("value") for match in _REDEEMABLE.finditer(text)]
    if "Signature=" in text:
        found += [match.span("value") for match in _SIGV4.finditer(text)]
    if "://" in text and "@" in text:
        found += [match.span("value") for match in _USERINFO.finditer(text)]
    if "well formed" in text:  # IDX12709 and its kin print what was given for a token, which may be Basic credentials
        found += [match.span("value") for match in _QUOTED_BASE64.finditer(text) if _credentials(match["value"])]
    if "PRIVATE KEY-----" in text:
        for match in _PEM.finditer(text):
            end = text.find("-----END", match.end())
            found.append((match.end(), len(text) if end < 0 else end))
            if end < 0:
                break
    return found


def secret_places(text: str) -> tuple[Place, ...]:
    """Places of everything in ``text`` that would let its reader act as somebody else, in order, without overlap. Linear.

    X.509 certificates in a BinarySecurityToken are public and stay.
    """
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters grow when lowered; places must not shift
        lowered = "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
    found = [*_named(text, lowered), *_headers(text, lowered), *_in_place(text, lowered)]
    if "<" in text or "&" in text:
        found += _elements(text)
    return merged(found)


def merged(places: list[Place]) -> tuple[Place, ...]:
    """Places in order, overlapping ones made one, empty ones left out."""
    result: list[Place] = []
    for start, end in sorted(places):
        if start >= end:
            continue
        if result and start < result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return tuple(result)
