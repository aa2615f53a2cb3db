"""Message text for Windows events that bring only their data: our own templates per provider and event ID, filled in."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from inspector.resources import resource_path

FILE: Final = "event_messages.toml"
_HOLE: Final = re.compile(r"\{([A-Za-z0-9_ .-]+)(?::([a-z_]+))?\}")

Data = Mapping[str, str] | Sequence[tuple[str, str]]
"""Names and values of an event's data, in order."""


@dataclass(frozen=True, slots=True)
class _Templates:
    texts: Mapping[tuple[str, int], str]
    """Provider in lower case and event ID to text."""
    codes: Mapping[str, Mapping[str, str]]
    """Kind of code to code in lower case to its meaning."""


@cache
def _templates() -> _Templates:
    loaded: dict[str, Any] = tomllib.loads(resource_path(FILE).read_text(encoding="utf-8"))
    texts: dict[tuple[str, int], str] = {}
    for group in loaded["provider"]:
        for name in group["names"]:
            for identity, text in group["events"].items():
                texts[name.lower(), int(identity)] = text
    codes = {kind: {str(code).lower(): meaning for code, meaning in table.items()} for kind, table in loaded["codes"].items()}
    return _Templates(texts, codes)


def message_for(provider: str | None, event_id: int | None, data: Data) -> str | None:
    """Text for an event in our own words, filled from its data; None when there is no template for it.

    Codes are followed by their meaning where it is known. A hole whose datum the event lacks reads as ``?``.
    """
    if not provider or event_id is None:
        return None
    templates = _templates()
    text = templates.texts.get((provider.lower(), event_id))
    if text is None:
        return None
    pairs = list(data.items()) if isinstance(data, Mapping) else list(data)
    named = dict(reversed(pairs))

    def fill(found: re.Match[str]) -> str:
        name = found[1]
        value = named.get(name)
        if value is None and name.isdigit():
            value = pairs[int(name) - 1][1] if 0 < int(name) <= len(pairs) else None
        if value is None or not value.strip():
            return "?"
        value = value.strip()
        return f"{value} ({meaning})" if found[2] and (meaning := meaning_of(found[2], value)) else value

    return _HOLE.sub(fill, text)


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
