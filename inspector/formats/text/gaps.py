"""Text of a log that belongs to no event: kept count of, so that none is lost in silence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from inspector.events import Problem
from inspector.formats.text.blocks import Block
from inspector.formats.text.labelled import RULE

_MOST: Final = 12
"""Places that are named one by one; more are told as a number."""


class Gaps:
    """Collects the places of one piece."""

    def __init__(self, name: str, outcome: str = "is not in the table") -> None:
        """``outcome``: what became of such text, in words."""
        self._name = name
        self._outcome = outcome
        self._found: list[Problem] = []
        self._more = 0

    def add(self, block: Block, start: int, end: int, text: bytes | None = None) -> None:
        """Note the text between two positions of the block's data; ``text`` is what a person sees of it where markup is undone."""
        if len(self._found) >= _MOST:
            self._more += 1
            return
        piece = block.data[start:end]
        lead = len(piece) - len(piece.lstrip())
        last = max(start + len(piece.rstrip()) - 1, start)
        lines = block.line_numbers(np.array([min(start + lead, last), last], np.int64)).tolist()
        shown = " ".join(RULE.sub(b"", piece if text is None else text).decode("utf-8", "replace").split())
        begins = shown if len(shown) <= 60 else shown[:60] + "…"
        self._found.append(
            Problem(
                self._name,
                f"line {lines[0]}" if lines[0] == lines[1] else f"lines {lines[0]} to {lines[1]}",
                f"text that belongs to no event ({len(shown)} characters, “{begins}”) {self._outcome}",
                notice=True,
            )
        )

    def problems(self) -> Iterator[Problem]:
        """What was collected."""
        yield from self._found
        if self._more:
            yield Problem(self._name, "file", f"text that belongs to no event at {self._more} more places {self._outcome}", notice=True)
