"""Looking for patterns at the few places where they can start: plain searches for their first letters are many times faster than a pattern."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator


def places_of(text: str, words: Iterable[str]) -> list[int]:
    """Every place where one of the words stands, in order."""
    found: set[int] = set()
    for word in words:
        at = text.find(word)
        while at >= 0:
            found.add(at)
            at = text.find(word, at + 1)
    return sorted(found)


def matches_at(pattern: re.Pattern[str], text: str, words: Iterable[str]) -> Iterator[re.Match[str]]:
    """Matches of a pattern that begins with one of the words, in order, without overlap."""
    free_from = 0
    for place in places_of(text, words):
        if place < free_from:
            continue
        match = pattern.match(text, place)
        if match is not None:
            free_from = match.end()
            yield match


def lowered(text: str) -> str:
    """In lower case, character for character: the few characters that become two are left as they are."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(one if len(one.lower()) != 1 else one.lower() for one in text)
