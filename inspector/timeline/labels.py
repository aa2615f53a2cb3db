"""Labels beside the lines of instants, so staggered that no label touches another and no line runs through one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

_SIDES_TRIED: Final = 6
"""Labels up to which every choice of sides is tried; more are put where they fit, to the right first."""


@dataclass(frozen=True, slots=True)
class Label:
    """The label of an instant at ``x``: which stretch of which row it takes. Row 0 is next to the lanes; its line runs from its row down."""

    x: float
    width: float
    left: float = 0.0
    row: int = 0

    @property
    def right(self) -> float:
        return self.left + self.width

    def covers(self, other: Label) -> bool:
        """Whether the other's line would run through this label if that stood above."""
        return self.left - 3 < other.x < self.right + 3


def staggered(labels: Sequence[Label], low: float, high: float) -> list[Label]:
    """Labels beside their lines, in as few rows as go, so that no label touches another and no line runs through one."""
    choices = [_sides(label, low, high) for label in labels]
    natural = [options[0] for options in choices]
    best: list[Label] | None = None
    for sides in product(*choices) if len(labels) <= _SIDES_TRIED else [natural]:
        rows = _rows(sides)
        if rows is not None and (best is None or max(label.row for label in rows) < max(label.row for label in best)):
            best = rows
    return best if best is not None else [replace(label, row=row) for row, label in enumerate(natural)]


def _sides(label: Label, low: float, high: float) -> list[Label]:
    options = [replace(label, left=left) for left in (label.x + 4, label.x - 4 - label.width) if left >= low and left + label.width <= high]
    return options or [replace(label, left=max(low, min(high - label.width, label.x - label.width / 2)))]


def _rows(labels: Sequence[Label]) -> list[Label] | None:
    """A row for each: above every label whose line it would have run through it; None where two demand it of each other."""
    numbers = range(len(labels))
    below = {one: {other for other in numbers if other != one and labels[one].covers(labels[other])} for one in numbers}
    rows: dict[int, int] = {}
    while len(rows) < len(labels):
        ready = [one for one in numbers if one not in rows and below[one] <= rows.keys()]
        if not ready:
            return None
        one = ready[-1]
        row = max((rows[other] + 1 for other in below[one]), default=0)
        taken = {rows[other] for other in rows if labels[one].left < labels[other].right + 8 and labels[other].left < labels[one].right + 8}
        blocked = max((rows[other] for other in rows if labels[other].covers(labels[one])), default=len(labels))
        while row in taken:
            row += 1
        if row > blocked:
            return None
        rows[one] = row
    return [replace(labels[one], row=rows[one]) for one in numbers]
