"""Editing of filter texts: take them apart into terms, add and remove terms, quote values. Knows the outer shape of the language only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

_TERM: Final = re.compile(r'(?:"(?:[^"\\]|\\.)*"?|\([^()]*\)|[^\s"()]+)+')
_PLAIN: Final = re.compile(r"[\w.@\\$+]+")
FIELD_OF_COLUMN: Final = {
    "level": "level",
    "provider": "source",
    "event_id": "id",
    "computer": "host",
    "user": "user",
    "source": "file",
    "channel": "channel",
    "task": "task",
    "keywords": "keywords",
    "activity": "activity",
    "cause": "cause",
    "finding": "finding",
    "position": "record",
}
"""Column of the table to the field name of the filter language."""


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a filter and where it stands."""

    text: str
    start: int
    end: int


def terms(text: str) -> tuple[Term, ...]:
    """The terms of a filter in order; brackets count as one term."""
    return tuple(Term(each.group(), each.start(), each.end()) for each in _TERM.finditer(text))


def phrase(text: str) -> str:
    """A text to be searched for: bare where that is safe, else in quotation marks."""
    return text if _PLAIN.fullmatch(text) else '"' + text.replace('"', '\\"') + '"'


def exactly(value: str) -> str:
    """A value written so that ``field:`` followed by it means exactly that value."""
    if value and not re.search(r'[\s()",*?]', value) and not value.startswith(("/", "=", "<", ">", "-")):
        return "=" + value
    return '="' + value.replace('"', '\\"') + '"'


def column_term(column: str, value: str, exclude: bool = False) -> str:
    """The term that asks for (or against) one value of a column; a phrase for columns without a field name."""
    field = FIELD_OF_COLUMN.get(column)
    if field is None:
        term = phrase(value)
    elif column == "level":
        term = f"level:{value.lower().replace('audit ', '')}"
    elif column in {"cause", "event_id", "finding"}:
        term = f"{field}:{value}"
    else:
        term = f"{field}:{exactly(value)}"
    return f"-{term}" if exclude else term


def any_of(values: Sequence[str]) -> str:
    """The term that asks for any of these texts."""
    phrases = [phrase(each) for each in values]
    return phrases[0] if len(phrases) == 1 else f"({' OR '.join(phrases)})"


def with_term(text: str, term: str) -> str:
    """The filter with a term added; nothing changes when it is there already, and its opposite is replaced."""
    opposite = term[1:] if term.startswith("-") else f"-{term}"
    have = terms(text)
    if any(each.text == term for each in have):
        return text
    for each in have:
        if each.text == opposite:
            return text[: each.start] + term + text[each.end :]
    stripped = text.strip()
    if re.search(r"(?:^|\s)OR(?:\s|$)", stripped):
        stripped = f"({stripped})"
    return f"{stripped} {term}".strip()


def without_term(text: str, term: Term) -> str:
    """The filter without one of its terms; a dangling OR goes with it."""
    rest = f"{text[: term.start].rstrip()} {text[term.end :].lstrip()}".strip()
    return re.sub(r"^(?:OR\s+)+|(?:\s+OR)+$", "", re.sub(r"\bOR(?:\s+OR)+\b", "OR", rest)).strip()


def without_field(text: str, field: str) -> str:
    """The filter without every term of one field."""
    for each in reversed(terms(text)):
        if each.text.lstrip("-").startswith(f"{field}:"):
            text = without_term(text, each)
    return text


def time_range(text: str, start: datetime, end: datetime) -> str:
    """The filter narrowed to a span of time (UTC), replacing the one it had."""
    return with_term(without_field(text, "time"), f"time:{stamp(start)}..{stamp(end)}")


def around(text: str, moment: datetime, span: timedelta) -> str:
    """The filter narrowed to a moment and as much on both sides."""
    return time_range(text, moment - span, moment + span)


def stamp(moment: datetime) -> str:
    """A moment as the language takes it, in UTC: ``2026-01-01T02:00:00.123Z``."""
    shown = moment.astimezone(UTC)
    return shown.strftime("%Y-%m-%dT%H:%M:%S") + (f".{shown.microsecond:06d}".rstrip("0") if shown.microsecond else "") + "Z"


def word_at(text: str, cursor: int) -> tuple[int, str]:
    """Start and text of the word that ends at the cursor, for completion."""
    start = max(text.rfind(" ", 0, cursor), text.rfind("(", 0, cursor)) + 1
    if text[start : start + 1] == "-":
        start += 1
    return start, text[start:cursor]
