"""Where each part of the timeline is drawn: rectangles, hatches, lines and texts that the window and the report paint alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from inspector.clock import in_words, offset_text
from inspector.timeline import Instant, Lane, Timeline, Verdict
from inspector.timeline.labels import Label, staggered
from inspector.timeline.scale import Scale, scale_of, ticks_of

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

ROLES: Final = (
    "track", "grid", "lane-valid", "lane-late", "lane-early", "lane-tolerated", "lane-reply", "skew", "arrow", "fold", "axis", "tick",
    "instant", "instant-judged", "lane-title", "words", "words-good", "words-warning", "words-bad", "bound", "delta",
    "instant-label", "instant-label-judged", "axis-label", "axis-name",
)  # fmt: skip
"""Every role a primitive can have. Bold: lane-title, instant-label-judged. Small: bound, delta, axis-label, axis-name, instant-label."""


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
    bar: float = 16.0
    gap: float = 9.0
    """Between lanes."""
    pad: float = 10.0
    """Around everything."""


_BOLD: Final = frozenset({"lane-title", "instant-label-judged"})
_SMALL: Final = frozenset({"bound", "delta", "axis-label", "axis-name", "instant-label", "instant-label-judged"})
_WORDS: Final = {
    Verdict.IN_TIME: "words-good",
    Verdict.WITHIN_SKEW: "words-warning",
    Verdict.TOO_LATE: "words-bad",
    Verdict.TOO_EARLY: "words-bad",
    Verdict.OPEN: "words-warning",
    Verdict.NOT_JUDGED: "words",
}
_MAX_INSTANTS: Final = 24
MAX_LANES: Final = 10
"""Windows drawn of one event; the others are counted."""
_RANKS: Final = (Verdict.TOO_LATE, Verdict.TOO_EARLY, Verdict.WITHIN_SKEW, Verdict.IN_TIME, Verdict.OPEN, Verdict.NOT_JUDGED)
_NARROW: Final = "fijlrt.,:;'|!I()[]-1 "
_WIDE: Final = "mwMW@%—…"


def estimate_width(text: str, role: str) -> float:
    """Width of a text in a usual sans serif face where nothing can be measured: 13 units high, 11.5 for small roles. Errs on the wide side."""
    size = 11.5 if role in _SMALL else 13.0
    units = sum(
        0.32 if character in _NARROW else 0.92 if character in _WIDE else 0.66 if character.isupper() else 0.575 for character in text
    )
    return units * size * (1.07 if role in _BOLD else 1.0)


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
    drawing = _Drawing(timeline, max(width, 160.0), metrics or Metrics(), measure)
    return drawing.draw(view, offset, offset_name)


def fitted_view(timeline: Timeline) -> tuple[datetime, datetime] | None:
    """The range that is shown without zoom: where zooming starts from."""
    scale = scale_of(timeline, 0.0, 1000.0)
    return None if scale is None else (scale.start, scale.end)


class _Drawing:
    """One layout in the making."""

    def __init__(self, timeline: Timeline, width: float, metrics: Metrics, measure: MeasureText) -> None:
        self.timeline = timeline
        self.width = width
        self.metrics = metrics
        self.measure = measure
        self.back: list[Primitive] = []
        self.front: list[Primitive] = []
        self.y = metrics.pad

    def draw(self, view: tuple[datetime, datetime] | None, offset: timedelta | None, offset_name: str) -> Layout:
        metrics = self.metrics
        name = offset_name or (f"UTC{offset_text(offset)}" if offset else "")
        gutter = max((self.measure(text, "axis-name") for text in ("UTC", name)), default=0.0) + 8 if self.width >= 360 else 0.0
        left, right = metrics.pad + gutter, self.width - metrics.pad
        scale = scale_of(self.timeline, left, right, view, lambda text: self.measure(text, "axis-label"))
        if scale is None:
            return Layout(self.width, 2 * metrics.pad, (), None)
        lines_from = self._instants(scale)
        top = self.y
        start = left if gutter else metrics.pad
        lanes, rest = _most_telling_lanes(self.timeline.lanes)
        for number, lane in enumerate(lanes):
            if number:
                self.y += metrics.gap
            self._lane(lane, scale, start)
        if rest:
            self.y += metrics.gap
            self.front.append(Text(start, self.y + metrics.ascent, rest, "start", "words"))
            self.y += metrics.line
        bottom = self.y
        self.y += 4
        self._axis(scale, timedelta(0), "UTC", gutter)
        if offset:
            self._axis(scale, offset, name, gutter)
        self._folds(scale, top, bottom)
        for instant, x, from_y in lines_from:
            self._instant_line(instant, x, from_y, bottom + 4)
        height = self.y + metrics.pad - 4
        return Layout(self.width, height, (*self.back, *self.front), scale, top, bottom)

    def _instants(self, scale: Scale) -> list[tuple[Instant, float, float]]:
        """Labels above the lanes, so staggered that neither labels nor lines touch another label."""
        metrics = self.metrics
        shown = [instant for instant in self.timeline.instants if scale.shows(instant.time)]
        merged = _merged(_most_telling(shown), scale)
        labels = []
        for instant, text in merged:
            role = "instant-label-judged" if instant.kind == "judged" else "instant-label"
            labels.append(Label(scale.x(instant.time), self.measure(text, role)))
        placed = staggered(labels, self.metrics.pad, self.width - self.metrics.pad)
        rows = max((label.row for label in placed), default=-1) + 1
        lines = []
        base = self.y + rows * metrics.small_line
        for (instant, text), label in zip(merged, placed, strict=True):
            role = "instant-label-judged" if instant.kind == "judged" else "instant-label"
            row_top = base - (label.row + 1) * metrics.small_line
            self.front.append(Text(label.left, row_top + metrics.small_ascent, text, "start", role, _instant_title(instant)))
            lines.append((instant, label.x, row_top + 2))
        self.y = base + (6 if rows else 0)
        return lines

    def _instant_line(self, instant: Instant, x: float, top: float, bottom: float) -> None:
        """A line down through the lanes that leaves every text free."""
        role = "instant-judged" if instant.kind == "judged" else "instant"
        title = _instant_title(instant)
        for above, below in sorted(self._texts_at(x, top, bottom)):
            if above - top >= 2:
                self.front.append(Line(x, top, x, above, role, title))
            top = max(top, below)
        if bottom - top >= 2:
            self.front.append(Line(x, top, x, bottom, role, title))

    def _texts_at(self, x: float, top: float, bottom: float) -> list[tuple[float, float]]:
        metrics = self.metrics
        found = []
        for text in self.front:
            if (
                not isinstance(text, Text)
                or text.role in {"delta", "instant-label", "instant-label-judged"}
                or not top < text.y <= bottom + metrics.line
            ):
                continue
            width = self.measure(text.text, text.role)
            start = text.x - (width if text.anchor == "end" else width / 2 if text.anchor == "middle" else 0)
            if start - 2 <= x <= start + width + 2:
                small = text.role in _SMALL
                above = text.y - (metrics.small_ascent if small else metrics.ascent)
                found.append((above + 1, above + (metrics.small_line if small else metrics.line)))
        return found

    def _lane(self, lane: Lane, scale: Scale, left: float) -> None:
        metrics = self.metrics
        self._lane_heading(lane, left)
        top = self.y
        title = lane.words
        self.back.append(Rect(scale.left, top, scale.right - scale.left, metrics.bar, "track"))
        start, end = lane.window.not_before, lane.end
        moment = self.timeline.judged_at
        judged = lane.verdict is not Verdict.NOT_JUDGED
        malformed = start is not None and end is not None and end <= start
        if not malformed:
            role = "lane-reply" if not judged else "lane-valid"
            x1 = scale.x(start) if start is not None else scale.left
            x2 = scale.x(end) if end is not None else scale.right
            if not ((start is not None and start > scale.end) or (end is not None and end < scale.start)):
                self.back.append(Rect(x1, top, max(x2 - x1, 1.5), metrics.bar, role, self._window_title(lane)))
            if judged:
                self._margins(lane, scale, top)
        if judged and moment is not None and lane.violates:
            self._violation(lane, scale, top, moment, title)
        self._arrows(lane, scale, top)
        self.y = top + metrics.bar + 1
        self._bounds(lane, scale)

    def _lane_heading(self, lane: Lane, left: float) -> None:
        metrics = self.metrics
        label = lane.window.label + (" of the fault reply" if lane.window.belongs_to == "fault reply" else "")
        room = self.width - metrics.pad - left
        role = _WORDS[lane.verdict]
        words = f"{lane.verdict.value}: {lane.words}"
        beside = self.measure(label, "lane-title") + 12 + self.measure(words, role) <= room
        shown = label if beside else _shortened(label, room, lambda text: self.measure(text, "lane-title"))
        width = self.measure(shown, "lane-title")
        self.front.append(Text(left, self.y + metrics.ascent, shown, "start", "lane-title", label if shown != label else ""))
        x = left + width + 12
        for line in self._wrapped(words, role, room - width - 12, room):
            if self.measure(line, role) > self.width - metrics.pad - x + 0.5:
                x, self.y = left, self.y + metrics.line
            self.front.append(Text(x, self.y + metrics.ascent, line, "start", role))
            x = self.width
        self.y += metrics.line + 1

    def _wrapped(self, text: str, role: str, first: float, rest: float) -> list[str]:
        """Lines of a text: whole in the first room, else broken between words for the full width."""
        if self.measure(text, role) <= first:
            return [text]
        lines: list[str] = []
        for word in text.split(" "):
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.measure(longer, role) <= rest:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines

    def _window_title(self, lane: Lane) -> str:
        start, end = lane.window.not_before, lane.window.not_after
        bounds = [_full(time) for time in (start, end) if time is not None]
        return f"{lane.window.label}: {' to '.join(bounds)}"

    def _margins(self, lane: Lane, scale: Scale, top: float) -> None:
        start, end = lane.window.not_before, lane.end
        whose = f" ({lane.stack})" if lane.stack else ""
        spans = []
        if end is not None and lane.skew:
            spans.append((end, _added(end, lane.skew), lane.skew))
        if start is not None and lane.skew_early:
            spans.append((_added(start, -lane.skew_early), start, lane.skew_early))
        for first, last, size in spans:
            x1, x2 = scale.x(first), scale.x(last)
            if x2 - x1 >= 0.5 and first <= scale.end and last >= scale.start:
                self.back.append(Hatch(x1, top, x2 - x1, self.metrics.bar, "skew", f"allowed clock difference {in_words(size)}{whose}"))

    def _violation(self, lane: Lane, scale: Scale, top: float, moment: datetime, title: str) -> None:
        metrics = self.metrics
        bound = lane.end if lane.violates == "end" else lane.window.not_before
        if bound is None:
            return
        tolerated = lane.verdict is Verdict.WITHIN_SKEW
        late = lane.violates == "end"
        edge = bound if tolerated else _added(bound, lane.skew if late else -lane.skew_early)
        x1, x2 = sorted((scale.x(edge), scale.x(moment)))
        role = "lane-tolerated" if tolerated else "lane-late" if late else "lane-early"
        band = metrics.bar * 0.5 if tolerated else metrics.bar
        self.back.append(Rect(x1, top + (metrics.bar - band) / 2, max(x2 - x1, 1.5), band, role, title))
        text = f"{in_words(lane.delta)} {'late' if late else 'early'}"
        room = x2 - x1
        if not tolerated and self.measure(text, "delta") + 10 <= room:
            folded = any(stretch.folded and stretch.left < x2 and stretch.right > x1 for stretch in scale.stretches)
            if not folded:
                y = top + (metrics.bar - metrics.small_line) / 2 + metrics.small_ascent
                self.front.append(Text((x1 + x2) / 2, y, text, "middle", "delta"))

    def _arrows(self, lane: Lane, scale: Scale, top: float) -> None:
        bar = self.metrics.bar
        middle = top + bar / 2
        start, end = lane.window.not_before, lane.end
        role = "arrow"
        if (start is None or start < scale.start) and (end is None or end > scale.start):
            self.front.append(Shape(((scale.left - 7, middle), (scale.left + 1, top + 1), (scale.left + 1, top + bar - 1)), role))
        if (end is None or end > scale.end) and (start is None or start < scale.end):
            self.front.append(Shape(((scale.right + 7, middle), (scale.right - 1, top + 1), (scale.right - 1, top + bar - 1)), role))

    def _bounds(self, lane: Lane, scale: Scale) -> None:
        """Dates of the bounds under the bar, inside it where they fit, else beside, else the second one row down."""
        metrics = self.metrics
        window = lane.window
        bounds = [(window.not_before, window.not_before_name or "from"), (window.not_after, window.not_after_name or "until")]
        if window.not_after is None and lane.effective_end is not None:
            bounds[1] = (lane.effective_end, f"age limit of {lane.stack}")
        texts = [(time, name, f"{name} {self._bound_time(time)}") for time, name in bounds if time is not None]
        widths = [self.measure(text, "bound") for _, _, text in texts]
        places = [
            self._bound_places(scale, time, width, first=time is window.not_before)
            for (time, _, _), width in zip(texts, widths, strict=True)
        ]
        chosen = [options[0] for options in places]
        rows = [0] * len(texts)
        if len(texts) == 2:
            pairs = ((one, two) for two in places[1] for one in places[0])
            apart = next(((one, two) for one, two in pairs if one + widths[0] + 8 <= two or two + widths[1] + 8 <= one), None)
            if apart is not None:
                chosen = list(apart)
            else:
                rows[1] = 1
        for (time, name, text), x, row in zip(texts, chosen, rows, strict=True):
            y = self.y + row * metrics.small_line + metrics.small_ascent
            self.front.append(Text(x, y, text, "start", "bound", f"{name} {_full(time)}"))
        self.y += (max(rows, default=0) + 1) * metrics.small_line

    def _bound_places(self, scale: Scale, time: datetime, width: float, *, first: bool) -> tuple[float, ...]:
        """Where a bound's date may start, the best place first."""
        low, high = self.metrics.pad, self.width - self.metrics.pad - width
        if time < scale.start:
            return (min(scale.left, max(high, low)),)
        if time > scale.end:
            return (max(low, scale.right - width),)
        x = scale.x(time)
        after, before = max(low, min(high, x - 3)), max(low, min(high, x - width + 3))
        return (after, before) if first else (before, after)

    def _bound_time(self, time: datetime) -> str:
        reference = self.timeline.judged_at or (self.timeline.instants[0].time if self.timeline.instants else None)
        utc = time.astimezone(UTC)
        clock = utc.isoformat(" ", "milliseconds" if utc.microsecond else "seconds")[:-6]
        if reference is not None and reference.astimezone(UTC).date() == utc.date():
            return clock[11:]
        return clock[:10] if clock.endswith(" 00:00:00") else clock

    def _axis(self, scale: Scale, offset: timedelta, name: str, gutter: float) -> None:
        metrics = self.metrics
        y = self.y
        for stretch in scale.stretches:
            if not stretch.folded:
                self.back.append(Line(stretch.left, y, stretch.right, y, "axis"))
        if gutter:
            self.front.append(Text(metrics.pad, y + 4 + metrics.small_ascent, name, "start", "axis-name"))
        for tick in ticks_of(scale, offset, lambda text: self.measure(text, "axis-label")):
            self.back.append(Line(tick.x, y, tick.x, y + 4, "tick"))
            self.front.append(Text(tick.x, y + 4 + metrics.small_ascent, tick.label, "middle", "axis-label"))
        self.y = y + 6 + metrics.small_line

    def _folds(self, scale: Scale, top: float, bottom: float) -> None:
        for stretch in scale.stretches:
            if not stretch.folded:
                continue
            middle = (stretch.left + stretch.right) / 2
            title = f"{in_words(stretch.end - stretch.start)} left out"
            for shift in (-3.0, 3.0):
                self.front.append(Line(middle + shift - 3, bottom + 9, middle + shift + 3, bottom - 1, "fold", title))
            self.back.append(Rect(stretch.left, top, stretch.right - stretch.left, bottom - top, "fold", title))
            self.front.append(Text(middle, bottom + 8 + self.metrics.small_ascent, stretch.words, "middle", "axis-label", title))


def _most_telling_lanes(lanes: Sequence[Lane]) -> tuple[list[Lane], str]:
    """The lanes drawn, in their order, and the others counted by verdict."""
    if len(lanes) <= MAX_LANES:
        return list(lanes), ""
    ranked = sorted(range(len(lanes)), key=lambda number: _RANKS.index(lanes[number].verdict))
    drawn = sorted(ranked[:MAX_LANES])
    counts = Counter(lanes[number].verdict.value for number in ranked[MAX_LANES:])
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return [lanes[number] for number in drawn], f"and {len(lanes) - MAX_LANES} more windows: {told}"


def _most_telling(instants: Sequence[Instant]) -> list[Instant]:
    if len(instants) <= _MAX_INSTANTS:
        return list(instants)
    judged = [instant for instant in instants if instant.kind == "judged"]
    others = [instant for instant in instants if instant.kind != "judged"]
    return sorted([*judged, *others][:_MAX_INSTANTS], key=lambda instant: instant.time)


def _merged(instants: Sequence[Instant], scale: Scale) -> list[tuple[Instant, str]]:
    """Each place with its label; moments of the same second share one."""
    days = {
        scale.start.astimezone(UTC).date(),
        scale.end.astimezone(UTC).date(),
        *(instant.time.astimezone(UTC).date() for instant in instants),
    }
    shown_from = 11 if len(days) == 1 else 0
    merged: list[tuple[Instant, list[str]]] = []
    for instant in instants:
        if merged and _second(merged[-1][0].time) == _second(instant.time) and abs(scale.x(merged[-1][0].time) - scale.x(instant.time)) < 2:
            first, labels = merged[-1]
            if instant.label not in labels:
                labels.append(instant.label)
            merged[-1] = (instant if instant.kind == "judged" else first, labels)
        else:
            merged.append((instant, [instant.label]))
    return [(instant, f"{', '.join(labels)} {_second(instant.time)[shown_from:]}") for instant, labels in merged]


def _second(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(" ", "seconds")[:19]


def _full(time: datetime) -> str:
    return f"{time.astimezone(UTC).isoformat(' ', 'milliseconds' if time.microsecond else 'seconds')[:-6]} UTC"


def _instant_title(instant: Instant) -> str:
    return f"{instant.label} {_full(instant.time)}" + (f" ({instant.note})" if instant.note else "")


def _added(time: datetime, step: timedelta) -> datetime:
    try:
        return time + step
    except OverflowError:
        return time


def _shortened(text: str, room: float, measure: Callable[[str], float]) -> str:
    if measure(text) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle] + "…") <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…"
