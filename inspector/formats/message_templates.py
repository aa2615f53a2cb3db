"""Message text for Windows events that bring only their data: our own templates per provider and event ID, filled in."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

from inspector.resources import resource_path

FILE: Final = "event_messages.toml"
MISSING: Final = "?"
"""Fills the hole whose datum an event lacks, or has empty."""
BLANKS: Final = " \t\r\n"
"""Do not count at the ends of a datum."""

_HOLE: Final = re.compile(r"\{([A-Za-z0-9_ .-]+)(?::([a-z_]+))?\}")

Data = Mapping[str, str] | Sequence[tuple[str, str]]
"""Names and values of an event's data, in order."""


@dataclass(frozen=True, slots=True)
class Template:
    """The text of one kind of event: literal parts around holes."""

    parts: tuple[str, ...]
    """One more than there are holes."""
    holes: tuple[tuple[str, str], ...]
    """What fills each: a datum's name, or its position from 1 on; and the kind of code that it is, or nothing."""

    def filled(self, values: Sequence[str | None]) -> str:
        """The text with these data in its holes. Codes are followed by their meaning where it is known; a missing datum reads as ``?``."""
        text = self.parts[0]
        for value, (_, kind), part in zip(values, self.holes, self.parts[1:], strict=True):
            text += word_for(kind, value) + part
        return text


def word_for(kind: str, value: str | None) -> str:
    """What fills a hole for codes of ``kind`` (may be empty)."""
    word = value.strip(BLANKS) if value else ""
    meaning = _meaning(kind, word) if kind and word else None
    return f"{word} ({meaning})" if meaning else word or MISSING


@dataclass(frozen=True, slots=True)
class _Templates:
    texts: Mapping[tuple[str, int], Template]
    """Provider in lower case and event ID to template."""
    codes: Mapping[str, Mapping[str, str]]
    """Kind of code to code in lower case to its meaning."""


@cache
def _templates() -> _Templates:
    loaded: dict[str, Any] = tomllib.loads(resource_path(FILE).read_text(encoding="utf-8"))
    texts: dict[tuple[str, int], Template] = {}
    for group in loaded["provider"]:
        for name in group["names"]:
            for identity, text in group["events"].items():
                pieces = _HOLE.split(text)
                holes = tuple(zip(pieces[1::3], (kind or "" for kind in pieces[2::3]), strict=True))
                texts[name.lower(), int(identity)] = Template(tuple(pieces[::3]), holes)
    codes = {kind: {str(code).lower(): meaning for code, meaning in table.items()} for kind, table in loaded["codes"].items()}
    return _Templates(texts, codes)


def template_for(provider: str | None, event_id: int | None) -> Template | None:
    """The template for a kind of event; None when there is none for it."""
    if not provider or event_id is None:
        return None
    return _templates().texts.get((provider.lower(), event_id))


def message_for(provider: str | None, event_id: int | None, data: Data) -> str | None:
    """Text for an event in our own words, filled from its data; None when there is no template for it.

    Codes are followed by their meaning where it is known. A hole whose datum the event lacks reads as ``?``.
    """
    template = template_for(provider, event_id)
    if template is None:
        return None
    pairs = list(data.items()) if isinstance(data, Mapping) else list(data)
    named = dict(reversed(pairs))

    def datum(name: str) -> str | None:
        value = named.get(name)
        if value is None and name.isdigit():
            value = pairs[int(name) - 1][1] if 0 < int(name) <= len(pairs) else None
        return value

    return template.filled([datum(name) for name, _ in template.holes])


@lru_cache(maxsize=4096)
def _meaning(kind: str, code: str) -> str | None:
    return meaning_of(kind, code)


def meaning_of(kind: str, code: str) -> str | None:
    """What a code says, in words: ``kind`` is ``status`` (NTSTATUS), ``kerberos`` (RFC 4120 section 7.5.9), ``reason`` (%%-parameters), ``logon`` (logon types), ``etype``, ``schannel``."""
    table = _templates().codes.get(kind, {})
    low = code.strip().lower()
    found = table.get(low)
    if found is None and low.startswith("0x"):
        stripped = low[2:].lstrip("0") or "0"
        found = table.get(f"0x{stripped}")
    if found is None and low.isdigit():
        found = table.get(hex(int(low)))
    return found
