"""The verdict on top of a timeline: a mark, the headline, and the sentence that explains it."""

from __future__ import annotations

import math
from typing import Final

from inspector.timeline.drawing import Line, Shape, Sheet
from inspector.timeline.model import Timeline, Verdict

TONES: Final = {
    Verdict.IN_TIME: "good",
    Verdict.WITHIN_SKEW: "warning",
    Verdict.TOO_LATE: "bad",
    Verdict.TOO_EARLY: "bad",
    Verdict.OPEN: "warning",
    Verdict.NOT_JUDGED: "none",
}
_STROKES: Final = {
    "good": ((-0.22, 0.02, -0.04, 0.2), (-0.04, 0.2, 0.24, -0.16)),
    "bad": ((-0.2, -0.2, 0.2, 0.2), (-0.2, 0.2, 0.2, -0.2)),
    "warning": ((0.0, -0.12, 0.0, 0.12), (0.0, 0.27, 0.0, 0.29)),
    "none": ((-0.24, 0.0, 0.24, 0.0),),
}
"""Strokes inside a mark, from its middle, in parts of its size."""


def draw_headline(sheet: Sheet, timeline: Timeline) -> None:
    """Headline and explanation, side by side where there is room, else below each other."""
    metrics, tone = sheet.metrics, TONES[timeline.verdict]
    left, right = sheet.metrics.pad, sheet.width - sheet.metrics.pad
    size = metrics.head_line - 4
    draw_mark(sheet, left, sheet.y + 2, size, tone)
    start = left + size + 8
    role = f"headline-{tone}"
    words = timeline.explanation
    if words.partition(" ")[0].isalpha():
        words = f"{words[:1].upper()}{words[1:]}"
    x = start
    for line in sheet.wrapped(timeline.headline, role, right - start, right - start):
        width = sheet.text(start, sheet.y, line, role)
        x = start + width + 12
        sheet.y += metrics.head_line
    drop = metrics.head_ascent - metrics.ascent
    if x + sheet.measure(words, "sentence") <= right:
        sheet.text(x, sheet.y - metrics.head_line + drop, words, "sentence")
    else:
        for line in sheet.wrapped(words, "sentence", right - start, right - start):
            sheet.text(start, sheet.y, line, "sentence")
            sheet.y += metrics.line
    sheet.y += 8


def draw_mark(sheet: Sheet, x: float, y: float, size: float, tone: str) -> None:
    """A verdict told by shape as well as by colour: tick, cross, exclamation mark in a triangle, dash."""
    middle_x, middle_y, radius = x + size / 2, y + size / 2, size / 2
    points: tuple[tuple[float, float], ...] = tuple(
        (middle_x + radius * math.cos(turn * math.tau / 32), middle_y + radius * math.sin(turn * math.tau / 32)) for turn in range(32)
    )
    if tone == "warning":
        points = ((middle_x, y + size * 0.04), (x + size, y + size * 0.94), (x, y + size * 0.94))
    sheet.front.append(Shape(points, f"mark-{tone}"))
    for x1, y1, x2, y2 in _STROKES[tone]:
        sheet.front.append(Line(middle_x + x1 * size, middle_y + y1 * size, middle_x + x2 * size, middle_y + y2 * size, "mark-stroke"))
