"""JSON values one after the other in a text, each with its place: lines, arrays, objects behind one another, with damage between them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

_SKIP: Final = re.compile(r"[\s,\[\x1e\ufeff\x00]*")
_RESYNC: Final = re.compile(r"\}[\s,]{0,64}\{|\n[ \t]{0,64}\{")
_ESCAPED_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_DECODER: Final = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True)
class Found:
    """One value, or one stretch of text that is none."""

    start: int
    end: int
    """Characters of the text."""
    value: Any
    broken: str = ""
    """Why it is none; the value is then meaningless."""


def decode(text: str, start: int = 0) -> tuple[Any, int]:
    """The JSON value at a place and where it ends. Raises ValueError, also for nesting that is too deep."""
    try:
        value, end = _DECODER.raw_decode(text, start)
        return (_encodable(value) if _ESCAPED_SURROGATE.search(text, start, end) else value), end
    except RecursionError:
        message = "nested too deeply"
        raise ValueError(message) from None


def _encodable(value: Any) -> Any:  # noqa: ANN401 - JSON holds anything
    """The value with halves of surrogate pairs replaced: JSON can escape them, no encoding can hold them (RFC 8259 section 8.2)."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8") if _SURROGATE.search(value) else value
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    if isinstance(value, dict):
        return {_encodable(name): _encodable(item) for name, item in value.items()}
    return value


def values(text: str, start: int, *, final: bool, stop: str = "]") -> Iterator[Found]:
    """The objects from ``start`` on. Stops at ``stop`` where the array ends, and without a word before a value that the text may only
    have begun (unless ``final``).
    """
    at = start
    while True:
        found = _SKIP.match(text, at)
        at = found.end() if found else at
        if at >= len(text) or (stop and text[at] in stop):
            return
        try:
            value, end = decode(text, at)
        except ValueError as error:
            if not final and _may_go_on(text, at):
                return
            again = _RESYNC.search(text, at + 1)
            if again is None and not final:
                return
            # the text up to the next object is broken; the object itself starts at the brace that ends the match
            end = again.end() - 1 if again else len(text)
            yield Found(at, end, None, getattr(error, "msg", str(error)))
            at = end
            continue
        yield Found(at, end, value)
        at = end


def _may_go_on(text: str, at: int) -> bool:
    """Whether the broken value reaches the text's end, so that more text may mend it."""
    return _RESYNC.search(text, at + 1) is None or len(text) - at < 65536
