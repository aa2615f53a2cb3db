"""Regular expressions out of files that somebody else wrote: searched in time linear in the text, whatever they say.

Python's engine goes back and tries again; ``(a+)+$`` on thirty letters takes it a minute, and nothing can interrupt it. The Rust engine
behind polars does not go back; in turn it has no look-around and no back-references, and says so.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import polars as pl


class Place(Protocol):
    """Where a pattern matched; ``re.Match`` is one."""

    def start(self) -> int:
        """First character."""
        ...

    def end(self) -> int:
        """Behind the last character."""
        ...

    def groupdict(self) -> Mapping[str, str | None]:
        """What the named groups captured."""
        ...


class Pattern(Protocol):
    """What the dictionary searches with; ``re.Pattern`` is one."""

    def search(self, string: str, pos: int = 0, endpos: int = ..., /) -> Place | None:
        """The first match between two characters of a text."""
        ...


@dataclass(frozen=True, slots=True)
class _Match:
    first: int
    last: int
    groups: Mapping[str, str | None]

    def start(self) -> int:
        return self.first

    def end(self) -> int:
        return self.last

    def groupdict(self) -> Mapping[str, str | None]:
        return self.groups


class LatePattern:
    """One of our own expressions, upper and lower case alike: made ready when it is first searched with, as most of them never are."""

    def __init__(self, pattern: str) -> None:
        """A pattern that is no expression raises ``re.error`` when it is searched with."""
        self.pattern = pattern
        self._ready: re.Pattern[str] | None = None

    def search(self, string: str, pos: int = 0, endpos: int = sys.maxsize, /) -> Place | None:
        """The first match between two characters of a text."""
        if self._ready is None:
            self._ready = re.compile(self.pattern, re.IGNORECASE)
        return self._ready.search(string, pos, endpos)


class LinearPattern:
    """One expression, upper and lower case alike."""

    def __init__(self, pattern: str) -> None:
        """Raises ValueError, with the reason, for what is no expression of this engine or too large a one."""
        self.pattern = "(?i)" + pattern
        try:
            pl.Series([""]).str.extract_groups(self.pattern)
        except pl.exceptions.ComputeError as error:
            said = str(error).split("\n\nThis error occurred")[0].strip().splitlines()
            raise ValueError(
                next((line.removeprefix("error: ") for line in reversed(said) if line.startswith("error:")), said[-1])
            ) from None

    def search(self, string: str, pos: int = 0, endpos: int = sys.maxsize, /) -> _Match | None:
        """The first match between two characters of a text."""
        part = string[pos:endpos]
        text = pl.Series([part.encode("utf-8", "replace").decode("utf-8")])
        byte = text.str.find(self.pattern)[0]
        if byte is None:
            return None
        first = pos + len(text[0].encode("utf-8")[:byte].decode("utf-8"))
        whole: str = text.str.extract(self.pattern, 0)[0] or ""
        groups: Mapping[str, str | None] = text.str.extract_groups(self.pattern)[0] or {}
        named = {name: value for name, value in groups.items() if not name.isdigit()}
        return _Match(first, first + len(whole), named)
