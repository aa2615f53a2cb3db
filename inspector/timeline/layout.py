"""Where each part of the timeline is drawn: headline, instants, lanes and axes one below the other, in any width."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from inspector.clock import in_words, offset_text
from inspector.timeline.drawing import Layout, Line, MeasureText, Metrics, Shape, Sheet, estimate_width
from inspector.timeline.headline import draw_headline
from inspector.timeline.instants import draw_labels, draw_line
from inspector.timeline.lanes import LaneRow, most_telling_lanes, title_of, verdict_words
from inspector.timeline.model import FAULT_REPLY, Lane, Timeline
from inspector.timeline.scale import Scale, scale_of, ticks_of

_COLUMN_FROM: Final = 620.0
"""Width from which the lanes' names stand beside their bars."""
_COLUMN_SHARE: Final = 0.24
_COLUMN_LEAST: Final = 168.0
"""So that the bars begin at the same place from one message to the next, unless a name is long."""
_GUTTER_FROM: Final = 360.0
_TEAR: Final = 8.0
"""Width and slant of the tear that stands for time left out."""


def lay_out(
    timeline: Timeline,
    width: float,
    *,
    view: tuple[datetime, datetime] | None = None,
    offset: timedelta | None = None,
    offset_name: str = "",
    metrics: Metrics | None = None,
    measure: MeasureText = estimate_width,
) -> Layout:
    """Lay a timeline out in a width; its height follows from its content.

    ``view``: range to show as the user zoomed (UTC); None fits everything that matters. ``offset``: zone of the second axis
    (UTC = local - offset), None or zero for UTC alone; ``offset_name``: what that axis is called, default ``UTC+01:00``.
    """
    metrics = metrics or Metrics()
    sheet = Sheet(max(width, 160.0), metrics, measure, metrics.pad)
    name = offset_name or (f"UTC{offset_text(offset)}" if offset else "")
    draw_headline(sheet, timeline)
    column = _column(sheet, timeline)
    gutter = max((measure(text, "axis-name") for text in ("UTC", name)), default=0.0) + 8 if sheet.width >= _GUTTER_FROM else 0.0
    left, right = metrics.pad + (column + 20 if column else gutter), sheet.width - metrics.pad - 8
    scale = scale_of(timeline, left, right, view, lambda text: measure(text, "axis-label"))
    if scale is None:
        return Layout(sheet.width, sheet.y + metrics.pad - 8, (*sheet.back, *sheet.front), None)
    lines = draw_labels(sheet, timeline, scale)
    top = sheet.y
    row = LaneRow(sheet, timeline, scale, column, left if gutter else metrics.pad, tuple(line.x for line in lines))
    _lanes(sheet, timeline, row)
    bottom = sheet.y
    sheet.y += 2
    names_until = left - 12 if column else 0.0
    _axis(sheet, scale, timedelta(0), "UTC", gutter, names_until)
    if offset:
        _axis(sheet, scale, offset, name, gutter, names_until)
    _folds(sheet, scale, row.bars, bottom)
    for line in lines:
        draw_line(sheet, line, bottom + 2)
    return Layout(sheet.width, sheet.y + metrics.pad - 8, (*sheet.back, *sheet.front), scale, top, bottom)


def fitted_view(timeline: Timeline) -> tuple[datetime, datetime] | None:
    """The range that is shown without zoom: where zooming starts from."""
    scale = scale_of(timeline, 0.0, 1000.0)
    return None if scale is None else (scale.start, scale.end)


def _column(sheet: Sheet, timeline: Timeline) -> float:
    """Width of the column of names; 0 where it would leave the bars too little."""
    if sheet.width < _COLUMN_FROM or not timeline.lanes:
        return 0.0
    mark = sheet.metrics.small_line + 2
    widths = [
        max(sheet.measure(title_of(lane), "lane-title"), mark + sheet.measure(verdict_words(lane, timeline.judged_at), "words-bad"))
        for lane in most_telling_lanes(timeline.lanes)[0]
    ]
    if timeline.usual is not None:
        widths.append(sheet.measure(f"{timeline.usual.host}'s clock", "lane-title"))
    return min(max(*widths, _COLUMN_LEAST), sheet.width * _COLUMN_SHARE)


def _lanes(sheet: Sheet, timeline: Timeline, row: LaneRow) -> None:
    lanes, rest = most_telling_lanes(timeline.lanes)
    for number, lane in enumerate(lanes):
        if number:
            sheet.y += sheet.metrics.gap
        row.draw(lane)
    created = next((time for lane in lanes if (time := _creation(lane)) is not None), None)
    if timeline.usual is not None and created is not None:
        sheet.y += sheet.metrics.gap
        row.draw_usual(timeline.usual, created)
    if rest:
        sheet.y += sheet.metrics.gap
        sheet.text(row.left, sheet.y, sheet.shortened(rest, "sentence", sheet.width - sheet.metrics.pad - row.left), "sentence")
        sheet.y += sheet.metrics.line


def _creation(lane: Lane) -> datetime | None:
    """When the message of a lane was written, if it is one and not a fault reply."""
    window = lane.window
    is_request = window.kind == "message" and window.belongs_to != FAULT_REPLY and window.not_before_name == "Created"
    return window.not_before if is_request else None


def _axis(sheet: Sheet, scale: Scale, offset: timedelta, name: str, gutter: float, names_until: float) -> None:
    metrics, y = sheet.metrics, sheet.y
    for stretch in scale.stretches:
        if not stretch.folded:
            sheet.back.append(Line(stretch.left, y, stretch.right, y, "axis"))
    if gutter:
        x = max(metrics.pad, names_until - sheet.measure(name, "axis-name")) if names_until else metrics.pad
        sheet.text(x, y + 4, name, "axis-name")
    for tick in ticks_of(scale, offset, lambda text: sheet.measure(text, "axis-label")):
        sheet.back.append(Line(tick.x, y, tick.x, y + 4, "tick"))
        sheet.text(tick.x - sheet.measure(tick.label, "axis-label") / 2, y + 4, tick.label, "axis-label")
    sheet.y = y + 4 + metrics.small_line


def _folds(sheet: Sheet, scale: Scale, bars: Sequence[float], bottom: float) -> None:
    """Time left out: a tear through every bar and the axis, with the length left out under it."""
    for stretch in scale.stretches:
        if not stretch.folded:
            continue
        middle = (stretch.left + stretch.right) / 2
        title = f"{in_words(stretch.end - stretch.start)} left out"
        for high, low in (*((top - 2, top + sheet.metrics.bar + 2) for top in bars), (bottom - 2, bottom + 6)):
            slant = _TEAR / 2 * (low - high) / (sheet.metrics.bar + 4)
            (left_below, left_above), (right_below, right_above) = (
                (middle + side - slant, middle + side + slant) for side in (-_TEAR / 2, _TEAR / 2)
            )
            sheet.back.append(Shape(((left_below, low), (left_above, high), (right_above, high), (right_below, low)), "fold", title))
            sheet.back.append(Line(left_below, low, left_above, high, "fold", title))
            sheet.back.append(Line(right_below, low, right_above, high, "fold", title))
        sheet.text(middle - sheet.measure(stretch.words, "axis-label") / 2, bottom + 6, stretch.words, "axis-label", title)
