"""Where an element ends whose own name occurs inside of it: AD FS events hold an Event within their Event."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=32)
def _openings(tag: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"<" + re.escape(tag) + rb"(?:\s[^<>]*)?(?<!/)>")


def closing_of(data: bytes, start: int, limit: int, tag: bytes) -> int:
    """Where the closing tag stands of the element that opens at ``start``; -1 when it does not end before ``limit``."""
    closing = b"</" + tag + b">"
    opening = _openings(tag)
    first = opening.match(data, start, limit)
    at = first.end() if first else start + 1
    depth = 0
    close = data.find(closing, at, limit)
    while close >= 0:
        depth += sum(1 for _ in opening.finditer(data, at, close))
        if not depth:
            return close
        depth -= 1
        at = close + len(closing)
        close = data.find(closing, at, limit)
    return -1
