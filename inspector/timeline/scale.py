"""The timeline's time axis: one scale for everything in view, long gaps folded, far ends left off; ticks in any zone."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from inspector.clock import in_words
from inspector.timeline.model import Timeline, Verdict

_FAR: Final = 30
"""A bound that decides nothing is left off the scale when it lies farther away than this many of the shortest window."""
_WIDE: Final = 3
"""Where what must be seen is longer than the shortest window: this many times that."""
_SHORTEST: Final = timedelta(minutes=1)
"""A window of which only the end is known counts as long as is left of it, but not shorter than this."""
_FOLD: Final = 8
"""A gap is folded when it is this many times longer than everything else together."""
_MAX_FOLDS: Final = 4
_FOLD_WIDTH: Final = 34.0
_FOLD_SPACE: Final = 14.0
_MARGIN: Final = 0.06
"""Room at both ends, as a part of what is shown."""
_STEPS: Final = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 2 * 86400, 7 * 86400, 14 * 86400,
)  # fmt: skip
_DAYS_FROM: Final = 2 * 86400
"""Seconds in view from which the axis counts days."""
_MONTH: Final = 30.4375 * 86400


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the axis from ``start`` to ``end`` drawn from ``left`` to ``right``."""

    start: datetime
    end: datetime
    left: float
    right: float
    folded: bool = False
    """A gap that is drawn much shorter than its time; nothing happens inside it."""

    @property
    def words(self) -> str:
        """How long it is."""
        return in_words(self.end - self.start, 2)


@dataclass(frozen=True, slots=True)
class Scale:
    """Where each moment stands on the axis."""

    stretches: tuple[Stretch, ...]

    @property
    def start(self) -> datetime:
        """First moment in view."""
        return self.stretches[0].start

    @property
    def end(self) -> datetime:
        """Last moment in view."""
        return self.stretches[-1].end

    @property
    def left(self) -> float:
        """Where the axis begins."""
        return self.stretches[0].left

    @property
    def right(self) -> float:
        """Where the axis ends."""
        return self.stretches[-1].right

    def shows(self, time: datetime) -> bool:
        """Whether a moment is in view."""
        return self.start <= time <= self.end

    def x(self, time: datetime) -> float:
        """Place of a moment; moments out of view stand at the nearer end."""
        for stretch in self.stretches:
            if time <= stretch.end:
                if time <= stretch.start:
                    return stretch.left
                return stretch.left + (time - stretch.start) / (stretch.end - stretch.start) * (stretch.right - stretch.left)
        return self.right

    def time(self, x: float) -> datetime:
        """Moment at a place, for hovering and zooming."""
        for stretch in self.stretches:
            if x <= stretch.right and stretch.right > stretch.left:
                part = max(0.0, (x - stretch.left) / (stretch.right - stretch.left))
                return stretch.start + (stretch.end - stretch.start) * part
        return self.end


def scale_of(
    timeline: Timeline,
    left: float,
    right: float,
    view: tuple[datetime, datetime] | None = None,
    measure: Callable[[str], float] | None = None,
    *,
    fold_width: float = _FOLD_WIDTH,
) -> Scale | None:
    """The scale between two places; None where there is no moment at all.

    ``view``: exactly this range, as the user zoomed; ``measure``: width of a text, to leave room for the length of a folded
    gap, which takes ``fold_width`` at least.
    """
    if view is not None and view[0] < view[1]:
        return Scale((Stretch(view[0], view[1], left, right),))
    points = _points_in_view(timeline)
    if not points:
        return None
    if len(points) == 1:
        points = [points[0] - _step(points[0], 60), points[0], points[0] + _step(points[0], 60)]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(points)]
    folded = _folded(gaps, _least(timeline))
    linear = sum(gap for number, gap in enumerate(gaps) if number not in folded)
    margin = linear * _MARGIN / (1 - 2 * _MARGIN)
    first, last = _shift(points[0], -margin), _shift(points[-1], margin)
    widths = dict.fromkeys(folded, fold_width)
    if measure is not None:
        for number in folded:
            widths[number] = max(fold_width, measure(in_words(points[number + 1] - points[number], 2)) + _FOLD_SPACE)
    room = right - left - sum(widths.values())
    per_second = max(room, 1.0) / ((last - first).total_seconds() - sum(gaps[number] for number in folded) or 1.0)
    stretches: list[Stretch] = []
    x, begin = left, first
    for number in sorted(folded):
        end = x + (points[number] - begin).total_seconds() * per_second
        stretches.append(Stretch(begin, points[number], x, end))
        stretches.append(Stretch(points[number], points[number + 1], end, end + widths[number], folded=True))
        x, begin = end + widths[number], points[number + 1]
    stretches.append(Stretch(begin, last, x, right))
    return Scale(tuple(stretches))


def _step(time: datetime, seconds: float) -> timedelta:
    """A step that stays inside the calendar."""
    room = min(time - datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC) - time)
    return min(timedelta(seconds=seconds), room)


def _shift(time: datetime, seconds: float) -> datetime:
    step = _step(time, abs(seconds))
    return time - step if seconds < 0 else time + step


def _points_in_view(timeline: Timeline) -> list[datetime]:
    """Moments that must be seen, and of the others those that are not too far from them."""
    wanted = {instant.time for instant in timeline.instants if instant.kind != "signed_in"}
    if timeline.judged_at is not None:
        wanted.add(timeline.judged_at)
    optional = {instant.time for instant in timeline.instants if instant.kind == "signed_in"}
    lengths: list[timedelta] = []
    for lane in timeline.lanes:
        start, end = lane.window.not_before, lane.end
        if lane.violates == "end" and end is not None:
            wanted |= {end, _shift(end, lane.skew.total_seconds())} if lane.verdict is not Verdict.NOT_JUDGED else {end}
        if lane.violates == "start" and start is not None:
            wanted |= {start, _shift(start, -lane.skew_early.total_seconds())}
        if lane.violates == "" and end is not None and lane.skew and lane.verdict is not Verdict.NOT_JUDGED:
            optional.add(_shift(end, lane.skew.total_seconds()))
        optional |= {bound for bound in (start, end) if bound is not None}
        if start is None and end is not None:
            # What is valid before an end alone is shown for as long as its tolerance, or it could not be seen.
            optional.add(_shift(end, -max(lane.skew, _SHORTEST).total_seconds()))
        if start is not None and end is not None and end > start:
            lengths.append(end - start)
        elif end is not None and timeline.judged_at is not None:
            lengths.append(max(abs(end - timeline.judged_at), _SHORTEST))
    if not wanted:
        return sorted(optional)
    centre = timeline.judged_at or min(wanted)
    extent = (max(wanted) - min(wanted)).total_seconds()
    shortest = min(lengths, default=_SHORTEST).total_seconds()
    reach = max(extent * _WIDE, shortest * _FAR if extent <= shortest else 0.0, 1.0)
    lone = len(timeline.lanes) == 1
    return sorted(wanted | {bound for bound in optional if lone or abs(bound - centre).total_seconds() <= reach})


def _least(timeline: Timeline) -> float:
    """Seconds below which nothing is worth folding time away for: the shortest tolerance, for what lies inside it must be seen in proportion."""
    return min((lane.allowed.total_seconds() for lane in timeline.lanes if lane.allowed), default=1.0)


def _folded(gaps: Sequence[float], least: float) -> set[int]:
    folded: set[int] = set()
    while len(folded) < min(_MAX_FOLDS, len(gaps) - 1):
        open_gaps = [(gap, number) for number, gap in enumerate(gaps) if number not in folded]
        longest, number = max(open_gaps)
        rest = sum(gap for gap, _ in open_gaps) - longest
        if rest <= 0 or longest <= _FOLD * max(rest, least):
            break
        folded.add(number)
    return folded


@dataclass(frozen=True, slots=True)
class Tick:
    """One labelled place on an axis."""

    time: datetime
    x: float
    label: str


def ticks_of(scale: Scale, offset: timedelta, measure: Callable[[str], float], gap: float = 14.0) -> tuple[Tick, ...]:
    """Round moments of a zone, as many as their labels leave room for; the first of each day carries its date."""
    ticks: list[Tick] = []
    free_from = -math.inf
    day = ""
    for stretch in scale.stretches:
        if stretch.folded or stretch.right - stretch.left < 24:
            continue
        first = stretch is scale.stretches[0]
        last = stretch is scale.stretches[-1]
        low, high = stretch.left - (2 if first else 0), stretch.right + (2 if last else 0)
        span = (stretch.end - stretch.start).total_seconds()
        width = stretch.right - stretch.left
        wanted = span * (measure("00:00:00") + gap) / width
        if span > _DAYS_FROM:
            wanted = max(86400.0, span * (measure("0000-00-00") + gap) / width)
        for time, label, date in _round_moments(stretch, offset, wanted):
            text = f"{date} {label}".strip() if date != day or not label else label
            x = scale.x(time)
            half = measure(text) / 2
            if x - half < max(free_from, low) or x + half > high:
                continue
            ticks.append(Tick(time, x, text))
            free_from, day = x + half + gap, date
    return tuple(ticks)


def _round_moments(stretch: Stretch, offset: timedelta, wanted: float) -> list[tuple[datetime, str, str]]:
    """Moments with time of day (empty for steps of days) and date, at least ``wanted`` seconds apart."""
    local_start, local_end = _local(stretch.start, offset), _local(stretch.end, offset)
    step = next((step for step in _STEPS if step >= wanted), 0)
    if not step:
        return _round_months(local_start, local_end, offset, wanted)
    form = "%H:%M:%S" if step < 60 else "%H:%M" if step < 86400 else ""
    if step < 1 or (local_end - local_start).total_seconds() / step > 400:
        return []
    midnight = local_start.replace(hour=0, minute=0, second=0, microsecond=0)
    count = math.ceil((local_start - midnight).total_seconds() / step)
    found: list[tuple[datetime, str, str]] = []
    while True:
        try:
            local = midnight + timedelta(seconds=count * step)
        except OverflowError:
            return found
        if local > local_end:
            return found
        found.append((_utc(local, offset), local.strftime(form) if form else "", _date(local)))
        count += 1


def _round_months(start: datetime, end: datetime, offset: timedelta, wanted: float) -> list[tuple[datetime, str, str]]:
    months = next((count for count in (1, 3, 6, 12, 24, 60, 120, 600, 1200, 12000) if count * _MONTH >= wanted), 120000)
    number = start.year * 12 + start.month - 1
    number += -number % months
    found: list[tuple[datetime, str, str]] = []
    while number // 12 <= end.year and number // 12 <= 9999 and len(found) < 400:
        local = start.replace(year=max(number // 12, 1), month=number % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0)
        if start <= local <= end:
            found.append((_utc(local, offset), "", str(local.year) if months >= 12 else f"{local.year}-{local.month:02}"))
        number += months
    return found


def _local(time: datetime, offset: timedelta) -> datetime:
    """Wall clock of a zone, written as if it were UTC; stays at the calendar's ends."""
    try:
        return time.astimezone(UTC) + offset
    except OverflowError:
        return time.astimezone(UTC)


def _utc(local: datetime, offset: timedelta) -> datetime:
    try:
        return local - offset
    except OverflowError:
        return local


def _date(local: datetime) -> str:
    return f"{local.year:04}-{local.month:02}-{local.day:02}"
