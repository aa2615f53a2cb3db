"""Replaces secrets by pseudonyms, and names of people and machines on request: equal values get equal pseudonyms within one redactor."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from inspector.payloads import secret_places
from inspector.payloads.secret_places import Secret, SecretKind, without_overlap

__all__ = ["ALWAYS", "PERSONAL", "Redactor", "Replacement", "SecretKind", "known_kinds", "secrets_in"]

ALWAYS: Final = frozenset(
    {SecretKind.PASSWORD, SecretKind.NONCE, SecretKind.SIGNATURE, SecretKind.TOKEN, SecretKind.KEY, SecretKind.COOKIE},
)
"""Kinds that let a reader of the export act as somebody else."""

PERSONAL: Final = frozenset({SecretKind.USER, SecretKind.HOST, SecretKind.ADDRESS, SecretKind.MAIL})
"""Kinds that name people and machines; replaced on request, because evidence often rests on them."""


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
    """Every secret of the given kinds in a text, and names where their kinds are given, in order and without overlap. Linear."""
    found = [secret for secret in secret_places.secrets_in(text) if secret.kind in kinds]
    if kinds & PERSONAL:
        return without_overlap([*found, *_personal_secrets(text, kinds)])
    return tuple(found)


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
        for secret in without_overlap(found):
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
