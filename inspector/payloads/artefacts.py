"""Recognises what loggers do to text: values masked, hidden or replaced by type names, broken escapes, cut lengths."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Artefact:
    """One trace that a logger left in a text."""

    kind: str
    """masked, hidden, type_name, broken_escape or removed."""
    start: int
    end: int
    note: str
    """What it means, for a person."""


_HIDDEN: Final = (
    "personal data was hidden by the library that wrote the log (IdentityModelEventSource.ShowPII is off): the values are not in this log"
)
_TYPE_NAME: Final = "a type name stands where a value belongs (IdentityModel with ShowPII off): the value is not in this log, nothing can be computed from it"
_BROKEN: Final = "a blank stands inside a percent escape: the log broke the value, the sender did not"
_MASKED: Final = "a value was masked before it was logged"
_REMOVED: Final = "WCF message logging removed an element that may hold personal data (logKnownPii is off)"
_STREAM: Final = "WCF did not log the body, which was a stream"

_PATTERNS: Final[tuple[tuple[str, str, re.Pattern[str], tuple[str, ...]], ...]] = (
    ("hidden", _HIDDEN, re.compile(r"\[PII (?:is hidden|of type '[^'\r\n]{1,200}' is hidden)[^\]\r\n]{0,200}\]"), ("[PII",)),
    (
        "type_name",
        _TYPE_NAME,
        re.compile(r"'\s?System\.(?:DateTime|DateTimeOffset|String|Uri|Object|Nullable`1\[System\.DateTime\])\s?'"),
        ("'System.", "' System."),
    ),
    ("broken_escape", _BROKEN, re.compile(r"(?<=\S)%\s(?:2[5BCFbcf]|3[ADFadf])"), ("% 2", "% 3")),
    ("removed", _REMOVED, re.compile(r"<!--\s{0,4}[Rr]emoved\s{0,4}-->"), ("emoved",)),
    ("removed", _STREAM, re.compile(r"\.\.\. stream \.\.\."), ("... stream",)),
    (
        "masked",
        _MASKED,
        re.compile(
            r"(?:(?<=[>'\":=])|(?<=[:=]\s)|(?<![^\s]))(?:\*{3,64}|[•●]{3,64}|[xX]{6,64}|\[?(?:REDACTED|redacted|MASKED|masked|FILTERED)\]?)"
            r"(?=[<'\"\s,;&)}\]]|$)"
        ),
        ("***", "•••", "●●●", "xxxxxx", "XXXXXX", "REDACTED", "redacted", "MASKED", "masked", "FILTERED"),
    ),
)
"""Kind, note, pattern, and what every match holds: a plain search is much faster than a pattern."""

LIMITS: Final[dict[int, str]] = {
    1024: "1,024 characters",
    2048: "2,048 characters",
    4096: "4,096 characters",
    8192: "8,192 characters",
    16384: "16,384 characters, where Azure log streams and several collectors cut",
    31839: "31,839 characters, the longest string that the Windows event log takes",
    32000: "32,000 characters",
    32766: "32,766 characters, the longest insertion string of the Windows event log",
    32768: "32,768 characters",
    65535: "65,535 characters",
}
"""Lengths at which loggers cut a text (31,839: ReportEvent of the Windows API), with what to say."""


def artefacts(text: str) -> tuple[Artefact, ...]:
    """Every trace of a logger's masking in ``text``, in order, in linear time."""
    found = [
        Artefact(kind, match.start(), match.end(), note)
        for kind, note, pattern, signs in _PATTERNS
        if any(sign in text for sign in signs)
        for match in pattern.finditer(text)
    ]
    found.sort(key=lambda one: (one.start, -one.end))
    result: list[Artefact] = []
    for one in found:
        if not result or one.start >= result[-1].end:
            result.append(one)
    return tuple(result)


def artefact_notes(text: str) -> tuple[str, ...]:
    """What ``artefacts`` finds, each note once, with how often it applies."""
    counts: dict[str, int] = {}
    for found in artefacts(text):
        counts[found.note] = counts.get(found.note, 0) + 1
    return tuple(note if count == 1 else f"{note} ({count} times)" for note, count in counts.items())


def cut_at_limit(length: int) -> str:
    """What to say of a text that ends at a length where loggers are known to cut; empty for any other length."""
    for limit, words in LIMITS.items():
        if length in {limit, limit - 1}:
            return f"the log cut the text at {words}"
    return ""
