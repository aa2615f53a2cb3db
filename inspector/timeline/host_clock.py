"""A host's clock over many messages, drawn: how long after its creation each was logged, as a band over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from inspector.clock import CUSTOMARY, in_words
from inspector.timeline.drawing import Layout, Line, MeasureText, Metrics, Rect, Shape, Sheet, estimate_width
from inspector.timeline.model import UsualArrival
from inspector.timeline.scale import Scale, Stretch, ticks_of
from inspector.timeline.words import arrival_words

_PLOT: Final = 96.0
_ZERO: Final = timedelta(0)
Point = tuple[float, float, float, float]
"""Where a sample stands: its place, and how high its bounds and its middle are."""
_STEPS: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)
"""Seconds between labelled differences."""
_NEAR: Final = 4
"""The allowed difference is shown where it is not farther than this many times what was seen."""


def lay_out_host_clock(
    usual: UsualArrival,
    width: float,
    *,
    allowed: timedelta = CUSTOMARY.late,
    metrics: Metrics | None = None,
    measure: MeasureText = estimate_width,
) -> Layout | None:
    """The band in a width; None where the messages are too few to show anything over time. ``allowed``: the difference that receivers allow."""
    if len(usual.samples) < 2:
        return None
    metrics = metrics or Metrics()
    sheet = Sheet(max(width, 160.0), metrics, measure, 4.0)
    low = min(_ZERO, *(sample.low for sample in usual.samples))
    high = max(_ZERO, *(sample.high for sample in usual.samples))
    reach = max(high, -low)
    with_allowed = allowed > _ZERO and reach * _NEAR >= allowed
    if with_allowed:
        low, high = min(low, -allowed if low < _ZERO else low), max(high, allowed if high > -low else high)
    margin = max((high - low) * (0.18 if with_allowed else 0.1), timedelta(milliseconds=100))
    low, high = low - margin, high + margin
    marks = _marks(low, high)
    words = [_signed(mark) for mark in marks]
    left = max(measure(word, "axis-label") for word in words) + 10
    right = sheet.width - 8
    top, bottom = sheet.y, sheet.y + _PLOT

    def y(difference: timedelta) -> float:
        return bottom - (difference - low) / (high - low) * (bottom - top)

    sheet.back.append(Rect(left, top, right - left, bottom - top, "track"))
    scale = Scale((Stretch(usual.samples[0].time, usual.samples[-1].time, left, right),))
    points = [(scale.x(sample.time), y(sample.high), y(sample.middle), y(sample.low)) for sample in usual.samples]
    if with_allowed:
        for line, edge, role in ((y(allowed), top, "zone-late"), (y(-allowed), bottom, "zone-early")):
            if top < line < bottom:
                _allowed(sheet, f"{in_words(allowed)} usually allowed", line, edge, role, points)
    for mark, word in zip(marks, words, strict=True):
        sheet.back.append(Line(left, y(mark), right, y(mark), "axis" if mark == _ZERO else "grid"))
        sheet.text(left - 6 - measure(word, "axis-label"), y(mark) - metrics.small_line / 2, word, "axis-label")
    title = f"{usual.count:,} messages, logged {arrival_words(usual)}; {usual.words}"
    for part in _unbroken(usual, points):
        upper = [(x, above) for x, above, _, _ in part]
        lower = [(x, below) for x, _, _, below in part]
        thick = [(x, below + (1.5 if below - above < 3 else 0)) for (x, above), (_, below) in zip(upper, lower, strict=True)]
        thin = [(x, above - (1.5 if below - above < 3 else 0)) for (x, above), (_, below) in zip(upper, lower, strict=True)]
        sheet.back.append(Shape((*thin, *reversed(thick)), "spread", title))
        sheet.front.extend(Line(x1, middle1, x2, middle2, "middle", title) for (x1, _, middle1, _), (x2, _, middle2, _) in pairwise(part))
    sheet.y = bottom + 2
    for tick in ticks_of(scale, _ZERO, lambda text: measure(text, "axis-label")):
        sheet.back.append(Line(tick.x, bottom, tick.x, bottom + 4, "tick"))
        sheet.text(tick.x - measure(tick.label, "axis-label") / 2, bottom + 4, tick.label, "axis-label")
    sheet.text(0.0, bottom + 4, "UTC", "axis-name")
    return Layout(sheet.width, bottom + 4 + metrics.small_line + 2, (*sheet.back, *sheet.front), scale, top, bottom)


def host_clock_title(usual: UsualArrival) -> str:
    """What the band says, in one sentence."""
    return f"{usual.host}: {usual.count:,} messages were logged {arrival_words(usual)}; {usual.words}."


def _allowed(sheet: Sheet, words: str, line: float, edge: float, role: str, points: Sequence[Point]) -> None:
    """What lies beyond the allowed difference, and words at its line where the band leaves room."""
    left, right = points[0][0], points[-1][0]
    sheet.back.append(Rect(left, min(line, edge), right - left, abs(edge - line), role, f"beyond the {words}"))
    sheet.back.append(Line(left, line, right, line, "fold", words))
    width, height = sheet.measure(words, "axis-label"), sheet.metrics.small_line
    for x in (right - width - 8, left + 8):
        for top in (line + 1, line - height - 1):
            near = [(high, low) for at, high, _, low in points if x - 24 <= at <= x + width + 24]
            if top >= 0 and top + height <= sheet.y + _PLOT and all(low + 2 < top or high - 2 > top + height for high, low in near):
                sheet.text(x, top, words, "axis-label")
                return


def _marks(low: timedelta, high: timedelta) -> list[timedelta]:
    """Round differences in a range, zero among them, about three or four."""
    seconds = (high - low).total_seconds()
    step = next((each for each in _STEPS if seconds / each <= 4.5), 86400)
    first, last = math.floor(low.total_seconds() / step), math.ceil(high.total_seconds() / step)
    found = [timedelta(seconds=number * step) for number in range(first, last + 1) if low <= timedelta(seconds=number * step) <= high]
    return found or [_ZERO]


def _signed(difference: timedelta) -> str:
    if not difference:
        return "0"
    return f"{'+' if difference > _ZERO else '−'}{in_words(abs(difference))}"


def _unbroken(usual: UsualArrival, points: Sequence[Point]) -> list[list[Point]]:
    """Neighbouring samples together; where nothing was logged for long, the band is interrupted."""
    times: list[datetime] = [sample.time for sample in usual.samples]
    usual_step = min(later - earlier for earlier, later in pairwise(times))
    parts = [[points[0]]]
    for (earlier, later), point in zip(pairwise(times), points[1:], strict=True):
        if later - earlier > usual_step * 4:
            parts.append([])
        parts[-1].append(point)
    return [part if len(part) > 1 else [(part[0][0] - 2, *part[0][1:]), (part[0][0] + 2, *part[0][1:])] for part in parts]
