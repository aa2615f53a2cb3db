"""What a drawing consists of: rectangles, hatches, lines and texts by role, painted alike by the window and by the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from inspector.timeline.scale import Scale

MeasureText = Callable[[str, str], float]
"""Width of a text in a role, in the unit of the drawing."""


@dataclass(frozen=True, slots=True)
class Rect:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    role: str
    title: str = ""
    """What it means, for a tool tip."""


@dataclass(frozen=True, slots=True)
class Hatch:
    """A hatched rectangle."""

    x: float
    y: float
    width: float
    height: float
    role: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    role: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled polygon."""

    points: tuple[tuple[float, float], ...]
    role: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; ``x`` is where it starts, its middle or its end, ``y`` its baseline."""

    x: float
    y: float
    text: str
    anchor: str
    """start, middle or end."""
    role: str
    title: str = ""


Primitive = Rect | Hatch | Line | Shape | Text

HEADLINES: Final = frozenset({"headline-good", "headline-warning", "headline-bad", "headline-none"})
BOLD: Final = HEADLINES | {"lane-title", "flag-label", "zone", "zone-tolerated", "dimension-label"}
SMALL: Final = frozenset({
    "bound", "zone", "zone-tolerated", "zone-reply", "zone-skew", "zone-out", "dimension-label", "instant-label", "flag-label", "axis-label",
    "axis-name", "words", "words-good", "words-warning", "words-bad",
})  # fmt: skip
SMALL_SIZE: Final = 11.5 / 13
"""Size of the small roles' letters as a part of the usual size."""
HEADLINE_SIZE: Final = 1.25


@dataclass(frozen=True, slots=True)
class Layout:
    """A drawing of known size; primitives in painting order."""

    width: float
    height: float
    primitives: tuple[Primitive, ...]
    scale: Scale | None
    """To tell the time under the mouse; None where nothing has a time."""
    plot_top: float = 0.0
    plot_bottom: float = 0.0
    """Between these the lanes lie."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """Sizes in the unit of the drawing, for a text size of about 12 or 13."""

    line: float = 17.0
    """Height of a row of text."""
    ascent: float = 12.5
    """Baseline below the top of a row."""
    small_line: float = 14.0
    small_ascent: float = 10.5
    head_line: float = 22.0
    """Height of the headline's row."""
    head_ascent: float = 16.5
    bar: float = 18.0
    gap: float = 8.0
    """Between lanes."""
    pad: float = 12.0
    """Around everything."""


_NARROW: Final = "fijlrt.,:;'|!I()[]-1 "
_WIDE: Final = "mwMW@%—…"


def estimate_width(text: str, role: str) -> float:
    """Width of a text in a usual sans serif face where nothing can be measured: 13 units high. Errs on the wide side."""
    size = 13.0 * (SMALL_SIZE if role in SMALL else HEADLINE_SIZE if role in HEADLINES else 1.0)
    units = sum(
        0.32 if character in _NARROW else 0.92 if character in _WIDE else 0.66 if character.isupper() else 0.575 for character in text
    )
    return units * size * (1.07 if role in BOLD else 1.0)


@dataclass(slots=True)
class Sheet:
    """A drawing in the making: what is painted, behind and before, and how far down it has come."""

    width: float
    metrics: Metrics
    measure: MeasureText
    y: float = 0.0
    back: list[Primitive] = field(default_factory=list)
    front: list[Primitive] = field(default_factory=list)

    def text(self, x: float, top: float, text: str, role: str, title: str = "") -> float:
        """Write a text from ``x`` in a row that begins at ``top``; its width."""
        metrics = self.metrics
        ascent = metrics.head_ascent if role in HEADLINES else metrics.small_ascent if role in SMALL else metrics.ascent
        self.front.append(Text(x, top + ascent, text, "start", role, title))
        return self.measure(text, role)

    def box(self, text: Text) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of a text."""
        metrics = self.metrics
        width = self.measure(text.text, text.role)
        left = text.x - {"start": 0.0, "middle": width / 2, "end": width}[text.anchor]
        small = text.role in SMALL
        top = text.y - (metrics.small_ascent if small else metrics.head_ascent if text.role in HEADLINES else metrics.ascent)
        return (
            left,
            top,
            left + width,
            top + (metrics.small_line if small else metrics.head_line if text.role in HEADLINES else metrics.line),
        )

    def shortened(self, text: str, role: str, room: float) -> str:
        """As much of a text as fits, with an ellipsis where that is not all."""
        if self.measure(text, role) <= room:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.measure(text[:middle] + "…", role) <= room:
                low = middle
            else:
                high = middle - 1
        return text[:low].rstrip() + "…"

    def wrapped(self, text: str, role: str, first: float, rest: float) -> list[str]:
        """Lines of a text: whole in the first room, else broken between words for the full width."""
        if self.measure(text, role) <= first:
            return [text]
        lines: list[str] = []
        for word in text.split(" "):
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.measure(longer, role) <= rest:
                lines[-1] = longer
            else:
                lines.append(self.shortened(word, role, rest))
        return lines
