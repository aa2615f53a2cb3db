"""Masking of secrets on screen: the shown text, and where each of its characters came from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MASK: Final = "••••••••"
"""What a secret looks like on screen; as long for every secret, so that its length is not told."""

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with its secrets replaced by dots."""

    text: str
    secrets: tuple[Range, ...]
    """Places of the secrets in the true text, in order, without overlap."""
    shown_secrets: tuple[Range, ...]
    """The same places in ``text``."""

    def shown(self, place: int) -> int:
        """Where a character of the true text stands in the shown one; the mask's start for one inside a secret."""
        number = bisect_right(self.secrets, (place, len(self.text) + place + 1)) - 1
        if number < 0:
            return place
        (start, end), (_shown_start, shown_end) = self.secrets[number], self.shown_secrets[number]
        if place < end:
            return _shown_start if place > start else self.shown_secrets[number][0]
        return shown_end + (place - end)


def mask(text: str, secrets: Sequence[Range]) -> Masked:
    """Replace every range of ``text``; ranges may overlap and come in any order."""
    merged: list[Range] = []
    for start, end in sorted((max(0, start), min(len(text), end)) for start, end in secrets):
        if end <= start:
            continue
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    pieces: list[str] = []
    shown: list[Range] = []
    place = length = 0
    for start, end in merged:
        pieces += [text[place:start], MASK]
        length += start - place
        shown.append((length, length + len(MASK)))
        length += len(MASK)
        place = end
    pieces.append(text[place:])
    return Masked("".join(pieces), tuple(merged), tuple(shown))


def secrets_of(text: str) -> list[Range]:
    """Places of secrets in any text, as exports would redact them."""
    from inspector.report.redaction import secrets_in

    return [(each.start, each.end) for each in secrets_in(text)]


def hide(text: str) -> str:
    """A text with every secret in it masked."""
    return mask(text, secrets_of(text)).text


def find_loosely(text: str, wanted: str) -> Range | None:
    """Where ``wanted`` stands in ``text`` when white space does not count; None when it does not."""
    places = [place for place, letter in enumerate(text) if not letter.isspace()]
    needle = "".join(wanted.split())
    if not needle:
        return None
    start = "".join(text[place] for place in places).find(needle)
    return None if start < 0 else (places[start], places[start + len(needle) - 1] + 1)
