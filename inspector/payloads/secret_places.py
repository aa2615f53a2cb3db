"""Where secrets stand in a text, and of which kind: passwords, nonces, signatures, keys, tokens, cookies. The screen masks and every export replaces what is found here."""

from __future__ import annotations

import base64
import binascii
import enum
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from inspector.payloads.secret_shapes import shaped_places, wrapped_tokens

Place = tuple[int, int]


class SecretKind(enum.StrEnum):
    """What a value is. The first six let their reader act as somebody else; the others name people and machines."""

    PASSWORD = "password"  # noqa: S105 - the name of a kind, not a password
    NONCE = "nonce"
    SIGNATURE = "signature"
    TOKEN = "token"  # noqa: S105 - the name of a kind, not a token
    KEY = "key"
    COOKIE = "cookie"
    USER = "user"
    HOST = "host"
    ADDRESS = "address"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret's place in a text."""

    start: int
    end: int
    kind: SecretKind


# An element whose whole text is a secret: WS-Security 1.0 (sections 6 and 8), UsernameToken Profile 1.0, XML Signature (section 4.2),
# XML Encryption, WS-Trust (BinarySecret), SAML in WS-Federation, AWS STS; plain, entity-escaped up to four times, or escaped in JSON.
_ELEMENTS: Final[Mapping[str, SecretKind]] = {
    "password": SecretKind.PASSWORD,
    "client_secret": SecretKind.PASSWORD,
    "clientsecret": SecretKind.PASSWORD,
    "nonce": SecretKind.NONCE,
    "signaturevalue": SecretKind.SIGNATURE,
    "binarysecuritytoken": SecretKind.TOKEN,
    "securitytoken": SecretKind.TOKEN,
    "sessiontoken": SecretKind.TOKEN,
    "ciphervalue": SecretKind.KEY,
    "binarysecret": SecretKind.KEY,
    "privatekey": SecretKind.KEY,
    "encryptedkey": SecretKind.KEY,
    "secretaccesskey": SecretKind.KEY,
    "cookie": SecretKind.COOKIE,
}
_OPEN: Final = r"(?:<|&(?:amp;){0,3}lt;|\\u003c)"
_CLOSE: Final = r"(?:>|&(?:amp;){0,3}gt;|\\u003e)"
_ELEMENT: Final = re.compile(
    rf"{_OPEN}(?:[\w.\-]{{1,40}}:)?(?P<name>{'|'.join(_ELEMENTS)})(?=[\s>&\\])"
    rf"(?P<attributes>(?:(?!{_CLOSE}|{_OPEN}).){{0,600}}?)(?<!/){_CLOSE}(?P<value>(?:(?!{_OPEN}).)+)",
    re.IGNORECASE | re.DOTALL,
)
_PUBLIC_CERTIFICATE: Final = re.compile(r"#(?:X509(?:v[13]|PKIPathv1)?|PKCS7)\b")

_NAMES: Final[Mapping[str, SecretKind]] = {
    r"passwords?|passwd|pwd|passphrase|client[_-]?secrets?|secret": SecretKind.PASSWORD,
    r"client_assertion|assertion|refresh_?token|access_?token|id_?token(?:_hint)?|session_?token|security_?token|aws_session_token"
    r"|saml_?(?:response|request)|wresult|x-amz-(?:security-token|credential)|device_code|code|token|bearer": SecretKind.TOKEN,
    r"secret_?(?:access_?)?key|aws_secret_(?:access_)?key|x-api-key|api-?_?key|account_?key|shared_?access_?key|private_?key|code_verifier"
    r"|x-functions-key|(?:ocp-apim-)?subscription-key": SecretKind.KEY,
    r"x-amz-signature|shared_?access_?signature|signature|sig": SecretKind.SIGNATURE,
    r"nonce": SecretKind.NONCE,
    r"fed_?auth|rtfa|jsessionid|asp\.net_sessionid|sessionid|\.aspxauth|msisauth(?:enticated|\d)?|\.aspnetcore\.[\w.]{1,60}": SecretKind.COOKIE,
}  # fmt: skip
_KINDS: Final = tuple(_NAMES.values())
_NAME: Final = "|".join(f"(?P<k{number}>{names})" for number, names in enumerate(_NAMES))
_WORDY: Final = frozenset({"token", "signature", "sig", "assertion", "code", "secret", "bearer", "nonce", "sessionid"})
"""Words that people also write in sentences ("Token: invalid"): only a value that looks made by a machine counts behind them."""
_MACHINE_MADE: Final = re.compile(r"(?=[^\s]*[0-9])(?=[^\s]*[A-Za-z])[\w+/=%.~-]{12,}")
_QUOTE: Final = r"(?:\\{0,3}[\"']|&(?:amp;){0,3}quot;)"
_NAMED: Final = re.compile(
    rf"(?<![A-Za-z0-9])(?P<name>{_NAME})(?:{_QUOTE})?\s?[ \t]{{0,8}}(?:=>|[:=])\s?[ \t]{{0,8}}"
    rf"(?:(?P<quote>{_QUOTE})(?P<quoted>(?:(?!(?P=quote))[^\r\n]){{1,20000}})|(?P<bare>[^\s\"'&,;<>\\]+))",
    re.IGNORECASE,
)
_ASSIGNED: Final = re.compile(r"[\w.\-]{0,80}(?:[\"'\\]{0,4}|&(?:amp;){0,3}quot;)\s?[ \t]{0,8}[:=]")
_ROOTS: Final = (
    "pass", "pwd", "secret", "assertion", "token", "saml", "key", "sig", "credential", "code", "auth", "rtfa", "sessionid", "nonce", "bearer",
    "wresult", "aspnetcore",
)  # fmt: skip
"""What every name of ``_NAMES`` holds, in lower case: looked for first, because a plain search is much faster than a pattern."""
_WORD_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-.")
_LONGEST_NAME: Final = 80

_SCHEMES: Final = ("bearer", "basic", "negotiate", "ntlm", "digest", "dpop", "kerberos", "sharedkey")
_AUTHORIZATION: Final = re.compile(
    rf"(?<![A-Za-z])(?:{'|'.join(_SCHEMES)}(?:lite)?)(?:[ \t]|\+|%20){{1,8}}(?P<value>[\w+/=.~:\-]{{12,}})", re.IGNORECASE
)
_COOKIES: Final = re.compile(
    r"(?<![A-Za-z])(?:set-)?cookie\d?[\"']?\s?[ \t]{0,4}[:=]\s?[ \t]{0,4}(?P<opened>[\"'])?(?P<value>(?(opened)[^\r\n\"'<>]+|[^\r\n]+))",
    re.IGNORECASE,
)
_COOKIE_VALUE: Final = re.compile(r"(?P<name>[^\s=;,]{1,200})=(?P<value>[^\s;]+)")
_COOKIE_ATTRIBUTES: Final = frozenset({"path", "domain", "expires", "max-age", "samesite", "priority", "version", "comment"})
_JWT: Final = re.compile(r"(?<![\w\-])eyJ[\w\-]{6,}(?:\.[\w=\-]*){1,4}")
_BASE64_XML: Final = re.compile(r"(?<![A-Za-z0-9+/])(?:PHNhbW|PD94bW|PHM6|PHNvYX|PEFzc2|PHdzc2|PFJlc3|PEVudm)[A-Za-z0-9+/=%\r\n]{80,}")
"""A base64 run that decodes to an XML start (PHNhbWw = "<saml", PD94 = "<?xm", PHM6 = "<s:"): a carried assertion or envelope."""
_PEM: Final = re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----")
_REDEEMABLE: Final = re.compile(r"[?&](?:code|sig|assertion|wresult)=(?P<value>[^\s&\"'<>]{8,})", re.IGNORECASE)
_SIGV4: Final = re.compile(r"\bsignature=(?P<value>[0-9a-f]{64})\b", re.IGNORECASE)
_DIGEST_RESPONSE: Final = re.compile(r"(?<![A-Za-z])(?:response|cnonce)=\"(?P<value>[0-9A-Fa-f]{16,})\"")
_USERINFO: Final = re.compile(r"://[^\s/:@\"'<>]{1,200}:(?P<value>[^\s/@\"'<>]{1,256})@")
_NOT_WELL_FORMED: Final = re.compile(r"IDX(?:12709|12741|14100|14111|12739)[^'\r\n]{0,200}'(?P<value>[^'\s]{8,})'")
_QUOTED_BASE64: Final = re.compile(r"'(?P<value>[A-Za-z0-9+/]{12,}={0,2})'")


def _credentials(value: str) -> bool:
    """Whether base64 decodes to ``name:secret``, as HTTP Basic credentials do (RFC 7617)."""
    try:
        decoded = base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return ":" in decoded[1:-1] and decoded.isprintable()


def _elements(text: str, lowered: str, *, certificates: bool) -> Iterator[Secret]:
    if not ("<" in text or "lt;" in lowered or "u003c" in lowered) or not any(name in lowered for name in _ELEMENTS):
        return
    for match in _ELEMENT.finditer(text):
        value = match["value"]
        stripped = value.strip()
        if stripped and (certificates or not _PUBLIC_CERTIFICATE.search(match["attributes"])):
            start = match.start("value") + value.index(stripped)
            yield Secret(start, start + len(stripped), _ELEMENTS[match["name"].lower()])


def _occurrences(lowered: str, words: tuple[str, ...]) -> Sequence[int]:
    """Where any of ``words`` stands, overlapping ones included, in order."""
    found = set()
    for word in words:
        if word in lowered:
            at = lowered.find(word)
            while at >= 0:
                found.add(at)
                at = lowered.find(word, at + len(word))
    return sorted(found) if found else []


def _named(text: str, lowered: str) -> Iterator[Secret]:
    if ":" not in text and "=" not in text:
        return
    done = 0
    for at in _occurrences(lowered, _ROOTS):
        if at < done or _ASSIGNED.match(text, at) is None:
            continue
        low = max(0, at - _LONGEST_NAME, done)
        start = at
        while start > low and lowered[start - 1] in _WORD_CHARACTERS:
            start -= 1
        match = _NAMED.match(text, start)
        while match is None and start < at:  # "my.password", "db_password": the name starts at or behind a dot, a dash or a line
            following = min((place for sign in "._-" if (place := text.find(sign, start, at)) >= 0), default=-1)
            if following < 0:
                break
            match = _NAMED.match(text, following) or _NAMED.match(text, following + 1)
            start = following + 1
        if match is None:
            continue
        group = "quoted" if match["quoted"] is not None else "bare"
        if match["name"].lower() in _WORDY and not _MACHINE_MADE.match(match[group]):
            continue
        kind = next(kind for number, kind in enumerate(_KINDS) if match[f"k{number}"] is not None)
        yield Secret(*match.span(group), kind)
        done = match.end()


def _headers(text: str, lowered: str) -> Iterator[Secret]:
    if any(scheme in lowered for scheme in _SCHEMES):
        yield from (Secret(*match.span("value"), SecretKind.TOKEN) for match in _AUTHORIZATION.finditer(text))
    if "cookie" in lowered:
        for header in _COOKIES.finditer(text):
            for pair in _COOKIE_VALUE.finditer(text, *header.span("value")):
                if pair["name"].lower() not in _COOKIE_ATTRIBUTES:
                    yield Secret(*pair.span("value"), SecretKind.COOKIE)
    if "response=" in text or "cnonce=" in text:
        yield from (Secret(*match.span("value"), SecretKind.SIGNATURE) for match in _DIGEST_RESPONSE.finditer(text))


def _in_place(text: str, lowered: str) -> Iterator[Secret]:
    """Secrets that are known by their own look."""
    if "eyJ" in text:
        yield from (Secret(*match.span(), SecretKind.TOKEN) for match in _JWT.finditer(text))
    if "PH" in text or "PD94" in text or "PEF" in text or "PFJ" in text or "PEV" in text:
        yield from (Secret(*match.span(), SecretKind.TOKEN) for match in _BASE64_XML.finditer(text))
    if "code=" in lowered or "sig=" in lowered or "assertion=" in lowered or "wresult=" in lowered:
        yield from (Secret(*match.span("value"), SecretKind.TOKEN) for match in _REDEEMABLE.finditer(text))
    if "signature=" in lowered:
        yield from (Secret(*match.span("value"), SecretKind.SIGNATURE) for match in _SIGV4.finditer(text))
    if "://" in text and "@" in text:
        yield from (Secret(*match.span("value"), SecretKind.PASSWORD) for match in _USERINFO.finditer(text))
    if "IDX1" in text:
        yield from (Secret(*match.span("value"), SecretKind.TOKEN) for match in _NOT_WELL_FORMED.finditer(text))
    if "well formed" in text:  # IDX12709 and its kin print what was given for a token, which may be Basic credentials
        for match in _QUOTED_BASE64.finditer(text):
            if _credentials(match["value"]):
                yield Secret(*match.span("value"), SecretKind.TOKEN)
    if "PRIVATE KEY-----" in text:
        for match in _PEM.finditer(text):
            end = text.find("-----END", match.end())
            yield Secret(match.end(), len(text) if end < 0 else end, SecretKind.KEY)
            if end < 0:
                break


def secrets_in(text: str, *, certificates: bool = True) -> tuple[Secret, ...]:
    """Everything in ``text`` that would let its reader act as somebody else, in order, without overlap. Linear.

    Works on log text, XML plain or escaped, JSON, HTTP headers and query strings. ``certificates``: whether an X.509 certificate in a
    BinarySecurityToken counts, which is public but names its owner.
    """
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters grow when lowered; places must not shift
        lowered = "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
    found = [*_named(text, lowered), *_headers(text, lowered), *_in_place(text, lowered)]
    found += [Secret(*place, SecretKind.PASSWORD) for place in shaped_places(text, lowered)]
    found += [Secret(*place, SecretKind.TOKEN) for place in wrapped_tokens(text)]
    return without_overlap([*found, *_elements(text, lowered, certificates=certificates)])


def without_overlap(found: Sequence[Secret]) -> tuple[Secret, ...]:
    """Secrets in order, overlapping ones made one: of the kind of the one that starts first, then of the longer, of a token last."""
    if not found:
        return ()
    kept: list[Secret] = []
    for secret in sorted(found, key=lambda one: (one.start, -one.end, one.kind is SecretKind.TOKEN)):
        if secret.end <= secret.start:
            continue
        if kept and secret.start < kept[-1].end:
            if secret.end > kept[-1].end:
                kept[-1] = Secret(kept[-1].start, secret.end, kept[-1].kind)
            continue
        kept.append(secret)
    return tuple(kept)


def secret_places(text: str) -> tuple[Place, ...]:
    """Places that the screen masks: every secret but X.509 certificates, which are public and stay readable."""
    return tuple((secret.start, secret.end) for secret in secrets_in(text, certificates=False))
