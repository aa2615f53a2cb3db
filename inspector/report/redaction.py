"""Finds secrets in any text and replaces them by pseudonyms: equal values get equal pseudonyms within one redactor."""

from __future__ import annotations

import enum
import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from inspector.payloads.secret_places import secret_places


class SecretKind(enum.StrEnum):
    """What a replaced value was. The first six are always replaced unless redaction is off; the rest when asked for."""

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


ALWAYS: Final = frozenset(
    {SecretKind.PASSWORD, SecretKind.NONCE, SecretKind.SIGNATURE, SecretKind.TOKEN, SecretKind.KEY, SecretKind.COOKIE},
)
"""Kinds that let a reader of the export act as somebody else."""

PERSONAL: Final = frozenset({SecretKind.USER, SecretKind.HOST, SecretKind.ADDRESS, SecretKind.MAIL})
"""Kinds that name people and machines; replaced on request, because evidence often rests on them."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret's place in a text."""

    start: int
    end: int
    kind: SecretKind


_OPEN: Final = r"(?:<|&(?:amp;){0,3}lt;|\\u003[cC])"
_CLOSE: Final = r"(?:>|&(?:amp;){0,3}gt;|\\u003[eE])"
_ELEMENT_KINDS: Final = {
    "password": SecretKind.PASSWORD,
    "nonce": SecretKind.NONCE,
    "signaturevalue": SecretKind.SIGNATURE,
    "ciphervalue": SecretKind.KEY,
    "binarysecret": SecretKind.KEY,
    "binarysecuritytoken": SecretKind.TOKEN,
    "cookie": SecretKind.COOKIE,
    "privatekey": SecretKind.KEY,
    "encryptedkey": SecretKind.KEY,
    "clientsecret": SecretKind.PASSWORD,
    "securitytoken": SecretKind.TOKEN,
    "sessiontoken": SecretKind.TOKEN,
    "secretaccesskey": SecretKind.KEY,
}
# An element whose whole text is a secret (WS-Security 1.0 sections 6 and 8, UsernameToken Profile 1.0, XML Signature section 4.2),
# in plain XML or entity-escaped up to four times, as logs carry it.
_ELEMENT: Final = re.compile(
    rf"{_OPEN}(?:[\w.-]{{1,40}}:)?(?P<name>{'|'.join(_ELEMENT_KINDS)})(?=[\s>&\\])"
    rf"(?:(?!{_CLOSE}|{_OPEN}).){{0,600}}?(?<!/){_CLOSE}(?P<value>(?:(?!{_OPEN}).)+)",
    re.IGNORECASE | re.DOTALL,
)

_NAMED_KINDS: Final = {
    "password": SecretKind.PASSWORD,
    "passwd": SecretKind.PASSWORD,
    "passphrase": SecretKind.PASSWORD,
    "pwd": SecretKind.PASSWORD,
    "client_secret": SecretKind.PASSWORD,
    "clientsecret": SecretKind.PASSWORD,
    "client-secret": SecretKind.PASSWORD,
    "secret": SecretKind.PASSWORD,
    "client_assertion": SecretKind.TOKEN,
    "assertion": SecretKind.TOKEN,
    "access_token": SecretKind.TOKEN,
    "accesstoken": SecretKind.TOKEN,
    "refresh_token": SecretKind.TOKEN,
    "refreshtoken": SecretKind.TOKEN,
    "id_token": SecretKind.TOKEN,
    "idtoken": SecretKind.TOKEN,
    "samlresponse": SecretKind.TOKEN,
    "samlrequest": SecretKind.TOKEN,
    "wresult": SecretKind.TOKEN,
    "id_token_hint": SecretKind.TOKEN,
    "code_verifier": SecretKind.KEY,
    "code": SecretKind.TOKEN,
    "x-amz-security-token": SecretKind.TOKEN,
    "aws_session_token": SecretKind.TOKEN,
    "sessiontoken": SecretKind.TOKEN,
    "session_token": SecretKind.TOKEN,
    "securitytoken": SecretKind.TOKEN,
    "token": SecretKind.TOKEN,
    "bearer": SecretKind.TOKEN,
    "api_key": SecretKind.KEY,
    "api-key": SecretKind.KEY,
    "apikey": SecretKind.KEY,
    "x-api-key": SecretKind.KEY,
    "subscription-key": SecretKind.KEY,
    "sharedaccesskey": SecretKind.KEY,
    "accountkey": SecretKind.KEY,
    "private_key": SecretKind.KEY,
    "secretkey": SecretKind.KEY,
    "secret_key": SecretKind.KEY,
    "secretaccesskey": SecretKind.KEY,
    "aws_secret_access_key": SecretKind.KEY,
    "aws_secret_key": SecretKind.KEY,
    "x-amz-signature": SecretKind.SIGNATURE,
    "signature": SecretKind.SIGNATURE,
    "sig": SecretKind.SIGNATURE,
    "nonce": SecretKind.NONCE,
    "fedauth": SecretKind.COOKIE,
    "rtfa": SecretKind.COOKIE,
    "sessionid": SecretKind.COOKIE,
    "jsessionid": SecretKind.COOKIE,
    "asp.net_sessionid": SecretKind.COOKIE,
    ".aspxauth": SecretKind.COOKIE,
    "msisauth": SecretKind.COOKIE,
    "msisauthenticated": SecretKind.COOKIE,
}
# Words that people also write in sentences ("Token: invalid"): only a value that looks made by a machine counts behind them.
_WORDY: Final = frozenset({"token", "signature", "sig", "assertion", "code", "secret", "bearer", "nonce", "sessionid"})
_MACHINE_MADE: Final = re.compile(r"(?=[^\s]*[0-9])(?=[^\s]*[A-Za-z])[\w+/=%.~-]{12,}")
_QUOTE: Final = r"(?:\\{0,3}[\"']|&(?:amp;){0,3}quot;)"
_NAMED: Final = re.compile(
    rf"(?<![A-Za-z0-9_-])(?P<name>{'|'.join(re.escape(name) for name in sorted(_NAMED_KINDS, key=len, reverse=True))})"
    rf"(?:{_QUOTE})?[ \t]{{0,8}}(?:=>|[:=])[ \t]{{0,8}}"
    rf"(?:(?P<quote>{_QUOTE})(?P<quoted>(?:(?!(?P=quote))[^\r\n]){{1,20000}})|(?P<bare>[^\s\"'&,;<>()\\]+))",
    re.IGNORECASE,
)
_AUTHORIZATION: Final = re.compile(
    r"(?<![A-Za-z])(?:bearer|basic|negotiate|ntlm|digest|dpop|kerberos)(?:[ \t]|\+|%20){1,8}(?P<value>[A-Za-z0-9+/=_.~-]{12,})",
    re.IGNORECASE,
)
_DIGEST_RESPONSE: Final = re.compile(r"(?<![A-Za-z])(?:response|cnonce)=\"(?P<value>[0-9A-Fa-f]{16,})\"")
_COOKIES: Final = re.compile(
    r"(?<![A-Za-z-])(?:set-)?cookie\d?(?:[\"'])?[ \t]{0,4}[:=][ \t]{0,4}[\"']?(?P<value>[^\r\n\"'<>]+)", re.IGNORECASE
)
_COOKIE_VALUE: Final = re.compile(r"(?P<name>[^=;\s]{1,80})=(?P<value>[^;\s]+)")
_COOKIE_ATTRIBUTES: Final = frozenset({"path", "domain", "expires", "max-age", "samesite", "version", "comment"})
_JWT: Final = re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_=-]*){1,4}")
_PEM_PRIVATE: Final = re.compile(r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----(?P<value>[^-]{1,20000})")
_NOT_WELL_FORMED: Final = re.compile(r"IDX(?:12709|12741|14100|14111|12739)[^'\r\n]{0,200}'(?P<value>[^'\s]{8,})'")
_URL_PASSWORD: Final = re.compile(r"://[^/\s:@\"'<>]{1,200}:(?P<value>[^/\s@\"'<>]{1,200})@")
_AWS_SIGNATURE: Final = re.compile(r"(?i)\bsignature=(?P<value>[0-9a-f]{64})\b")
# A base64 run that decodes to an XML start (PHNhbWw = "<saml", PD94 = "<?xm", PHM6 = "<s:"): a carried assertion or envelope.
_BASE64_XML: Final = re.compile(r"(?<![A-Za-z0-9+/])(?:PHNhbW|PD94bW|PHM6|PHNvYX|PEFzc2|PHdzc2|PFJlc3|PEVudm)[A-Za-z0-9+/=%\r\n]{80,}")
_MAIL: Final = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_IPV4: Final = re.compile(r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])")
_IPV6: Final = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]{2,39}(?:\.\d{1,3}){0,3}(?![\w:])")
_URL_HOST: Final = re.compile(
    r"(?i)(?<=://)(?:[^/\s:@\"'<>]{1,200}:[^/\s@\"'<>]{1,200}@)?(?P<value>[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?)"
)
_DOMAIN_USER: Final = re.compile(r"(?<![\w\\/.:])(?P<value>[A-Z][A-Z0-9-]{1,14}\\[\w.$-]{1,64})(?![\\\w])")
_USER_FIELDS: Final = re.compile(
    r"(?im)^[ \t]*(?:(?:Target|Subject)?User(?:Name|Id|PrincipalName)?|Account Name|Security ID|TargetUserSid|SubjectUserSid|upn|preferred_username|unique_name)"
    r"[ \t]*[:=][ \t]*(?P<value>[^\r\n]{1,200}?)[ \t]*$"
)
# Words of the standards stand in these places too and name nobody.
_PUBLIC_HOSTS: Final = (
    "schemas.xmlsoap.org",
    "www.w3.org",
    "docs.oasis-open.org",
    "schemas.microsoft.com",
    "go.microsoft.com",
    "tempuri.org",
)
_NOBODY: Final = frozenset({"-", "n/a", "n/d", "system", "anonymous", "s-1-0-0", "s-1-5-18", "s-1-5-19", "s-1-5-20", "null", "none", ""})


def _element_secrets(text: str) -> Iterable[Secret]:
    if "<" not in text and "lt;" not in text and "u003" not in text:
        return
    for match in _ELEMENT.finditer(text):
        value = match["value"]
        stripped = value.strip()
        if stripped:
            start = match.start("value") + value.index(stripped)
            yield Secret(start, start + len(stripped), _ELEMENT_KINDS[match["name"].lower()])


def _named_secrets(text: str) -> Iterable[Secret]:
    for match in _NAMED.finditer(text):
        group = "quoted" if match["quoted"] is not None else "bare"
        name = match["name"].lower()
        if name in _WORDY and not _MACHINE_MADE.match(match[group]):
            continue
        yield Secret(match.start(group), match.end(group), _NAMED_KINDS[name])


def _cookie_secrets(text: str) -> Iterable[Secret]:
    for header in _COOKIES.finditer(text):
        for pair in _COOKIE_VALUE.finditer(text, header.start("value"), header.end("value")):
            if pair["name"].lower() not in _COOKIE_ATTRIBUTES:
                yield Secret(pair.start("value"), pair.end("value"), SecretKind.COOKIE)


_VALUE_PATTERNS: Final[tuple[tuple[re.Pattern[str], SecretKind], ...]] = (
    (_AUTHORIZATION, SecretKind.TOKEN),
    (_DIGEST_RESPONSE, SecretKind.SIGNATURE),
    (_PEM_PRIVATE, SecretKind.KEY),
    (_NOT_WELL_FORMED, SecretKind.TOKEN),
    (_URL_PASSWORD, SecretKind.PASSWORD),
    (_AWS_SIGNATURE, SecretKind.SIGNATURE),
)
_WHOLE_PATTERNS: Final[tuple[tuple[re.Pattern[str], SecretKind], ...]] = (
    (_JWT, SecretKind.TOKEN),
    (_BASE64_XML, SecretKind.TOKEN),
)


def _personal_secrets(text: str, kinds: frozenset[SecretKind]) -> Iterable[Secret]:
    if SecretKind.MAIL in kinds:
        yield from (Secret(*match.span(), SecretKind.MAIL) for match in _MAIL.finditer(text))
    if SecretKind.ADDRESS in kinds:
        yield from (Secret(*match.span(), SecretKind.ADDRESS) for match in _IPV4.finditer(text))
        yield from (Secret(*match.span(), SecretKind.ADDRESS) for match in _IPV6.finditer(text) if _is_address(match.group()))
    if SecretKind.HOST in kinds:
        for match in _URL_HOST.finditer(text):
            if not match["value"].lower().endswith(_PUBLIC_HOSTS) and not _IPV4.fullmatch(match["value"]):
                yield Secret(*match.span("value"), SecretKind.HOST)
    if SecretKind.USER in kinds:
        for pattern in (_DOMAIN_USER, _USER_FIELDS):
            for match in pattern.finditer(text):
                if match["value"].lower() not in _NOBODY:
                    yield Secret(*match.span("value"), SecretKind.USER)


def _is_address(text: str) -> bool:
    # 14:07:32 is a time; only the whole of RFC 4291's rules tells one from the other.
    if text.count(":") < 2 or text == "::":
        return False
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def secrets_in(text: str, kinds: frozenset[SecretKind] = ALWAYS) -> tuple[Secret, ...]:
    """Every secret of the given kinds in a text, in order and without overlap (the one that starts first wins, then the longer).

    Works on log text, XML plain or entity-escaped, JSON, HTTP headers and query strings; linear in the length of the text.
    """
    found = [*_element_secrets(text), *_named_secrets(text), *_cookie_secrets(text)]
    for pattern, kind in _VALUE_PATTERNS:
        found.extend(Secret(*match.span("value"), kind) for match in pattern.finditer(text))
    for pattern, kind in _WHOLE_PATTERNS:
        found.extend(Secret(*match.span(), kind) for match in pattern.finditer(text))
    # What is masked on screen goes from exports too; the patterns above say more exactly what it is, and win where they agree.
    found.extend(Secret(*place, SecretKind.TOKEN) for place in secret_places(text))
    found = [secret for secret in found if secret.kind in kinds]
    found.extend(_personal_secrets(text, kinds))
    return _without_overlap(found)


def _without_overlap(found: Sequence[Secret]) -> tuple[Secret, ...]:
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


def known_kinds(known: Iterable[tuple[str, SecretKind]], kinds: frozenset[SecretKind]) -> tuple[tuple[str, SecretKind], ...]:
    """Those of the known values that are of the given kinds and name somebody or something."""
    return tuple((value.strip(), kind) for value, kind in known if kind in kinds and value.strip().lower() not in _NOBODY)


@dataclass(frozen=True, slots=True)
class Replacement:
    """One value that was replaced, for the preview and the report's own account of what it hides."""

    pseudonym: str
    kind: SecretKind
    times: int
    length: int
    """Characters of the value that was replaced; the value itself is not kept here."""


_ORDINARY: Final = re.compile(r"[A-Za-z][a-z]*[.,;:!?]?|[\d,]+×?")


class Redactor:
    """Replaces secrets by pseudonyms such as ``[user-3]``.

    The number says in which order the redactor met the value and nothing else: no digest of the value is shown, so it cannot be
    guessed back by trying candidates. One redactor serves one export, so that equal values read equal throughout it.
    """

    def __init__(self, kinds: frozenset[SecretKind] = ALWAYS, known: Iterable[tuple[str, SecretKind]] = ()) -> None:
        """``known``: values that must go wherever they stand, such as the fields that a token's decoder marked as secret."""
        self._kinds = kinds
        self._numbers: dict[SecretKind, dict[str, int]] = {}
        self._times: dict[tuple[SecretKind, str], int] = {}
        self._known: dict[str, SecretKind] = {}
        self._known_pattern: re.Pattern[str] | None = None
        self.learn(known)

    @property
    def kinds(self) -> frozenset[SecretKind]:
        """Which kinds are replaced."""
        return self._kinds

    def learn(self, known: Iterable[tuple[str, SecretKind]]) -> None:
        """Add values that must be replaced wherever they stand. Values under four characters are left out: they would eat the text."""
        for value, kind in known_kinds(known, self._kinds):
            if len(value) >= 4:
                self._known.setdefault(value, kind)
                self._known_pattern = None

    def redact(self, text: str) -> str:
        """The text with every secret replaced. An empty set of kinds returns the text as it is."""
        return self._redacted(text, sentence=False)

    def redact_sentence(self, text: str) -> str:
        """As ``redact``, for the program's own sentences: an ordinary word or count behind "password:" is no password there."""
        return self._redacted(text, sentence=True)

    def _redacted(self, text: str, *, sentence: bool) -> str:
        if not self._kinds or not text:
            return text
        found = [
            secret
            for secret in secrets_in(text, self._kinds)
            if not (sentence and secret.kind in ALWAYS and _ORDINARY.fullmatch(text, secret.start, secret.end))
        ]
        if self._known:
            if self._known_pattern is None:
                self._known_pattern = re.compile(
                    "|".join(rf"(?<!\w){re.escape(value)}(?!\w)" for value in sorted(self._known, key=len, reverse=True))
                )
            found.extend(Secret(*match.span(), self._known[match.group()]) for match in self._known_pattern.finditer(text))
        pieces: list[str] = []
        at = 0
        for secret in _without_overlap(found):
            pieces.append(text[at : secret.start])
            pieces.append(self.pseudonym(text[secret.start : secret.end], secret.kind))
            at = secret.end
        pieces.append(text[at:])
        return "".join(pieces)

    def redact_field(self, name: str, value: str) -> str:
        """A named field's value with every secret replaced; the name counts as the words in front of it."""
        lead = f"{name}: "
        redacted = self.redact(lead + value)
        return redacted.removeprefix(lead) if redacted.startswith(lead) else self.redact(value)

    def pseudonym(self, value: str, kind: SecretKind) -> str:
        """What stands for a value: the same for equal values of a kind (letter case does not count for users, hosts and mail)."""
        key = value.casefold() if kind in PERSONAL else value
        numbers = self._numbers.setdefault(kind, {})
        number = numbers.setdefault(key, len(numbers) + 1)
        self._times[kind, key] = self._times.get((kind, key), 0) + 1
        return f"[{kind.value}-{number}]"

    @property
    def replacements(self) -> tuple[Replacement, ...]:
        """What was replaced so far, in order of kind and number."""
        return tuple(
            Replacement(f"[{kind.value}-{number}]", kind, self._times[kind, value], len(value))
            for kind in SecretKind
            for value, number in self._numbers.get(kind, {}).items()
        )
