"""The lane of one validity window: name and verdict, zones that say what they are, bounds, and the distance that decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from inspector.clock import in_words
from inspector.timeline.drawing import Hatch, Line, Rect, Shape, Sheet
from inspector.timeline.headline import TONES, draw_mark
from inspector.timeline.judging import is_creation
from inspector.timeline.model import FAULT_REPLY, RANKS, Lane, Timeline, UsualArrival, Verdict
from inspector.timeline.scale import Scale
from inspector.timeline.words import arrival_words

MAX_LANES: Final = 10
"""Windows drawn of one event; the others are counted."""
_WORDS: Final = {"good": "words-good", "warning": "words-warning", "bad": "words-bad", "none": "words"}
_ROOM: Final = 12.0
"""Around a text inside a zone."""
_TORN: Final = 8.0
"""Half of what a tear takes of a zone."""


def most_telling_lanes(lanes: Sequence[Lane]) -> tuple[list[Lane], str]:
    """The lanes drawn, in their order, and the others counted by verdict."""
    if len(lanes) <= MAX_LANES:
        return list(lanes), ""
    ranked = sorted(range(len(lanes)), key=lambda number: RANKS.index(lanes[number].verdict))
    drawn = sorted(ranked[:MAX_LANES])
    counts = Counter(lanes[number].verdict.value for number in ranked[MAX_LANES:])
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return [lanes[number] for number in drawn], f"and {len(lanes) - MAX_LANES} more windows: {told}"


def title_of(lane: Lane) -> str:
    """What the window is called."""
    return lane.window.label + (" of the fault reply" if lane.window.belongs_to == FAULT_REPLY else "")


def verdict_words(lane: Lane, moment: datetime | None) -> str:
    """The verdict on one window in a few words."""
    match lane.verdict:
        case Verdict.TOO_LATE | Verdict.TOO_EARLY:
            return f"{lane.verdict} by {in_words(lane.beyond)}" if lane.beyond else f"just {lane.verdict}"
        case Verdict.WITHIN_SKEW:
            return f"{in_words(lane.delta)} {'late' if lane.violates == 'end' else 'early'}, {in_words(lane.allowed)} allowed"
        case Verdict.IN_TIME if lane.end is not None and moment is not None:
            return f"in time, {in_words(lane.end - moment)} left"
        case Verdict.NOT_JUDGED if lane.window.belongs_to == FAULT_REPLY:
            return "proves nothing about the request"
        case Verdict.NOT_JUDGED if lane.is_malformed:
            return "malformed: ends before it starts"
        case _:
            return lane.verdict.value


@dataclass(slots=True)
class LaneRow:
    """Draws lanes below each other on one scale."""

    sheet: Sheet
    timeline: Timeline
    scale: Scale
    column: float
    """Width of the column of names at the left; 0 where the names stand above their bars."""
    left: float
    """Where names above bars begin."""
    busy: tuple[float, ...]
    """Places of lines through the lanes, that texts inside zones keep clear of."""
    bars: list[float] = field(default_factory=list)
    """Where bars begin, from the top down."""

    def draw(self, lane: Lane) -> None:
        """One window: its name, its bar, its bounds."""
        sheet = self.sheet
        self._name(title_of(lane), verdict_words(lane, self.timeline.judged_at), TONES[lane.verdict])
        top = sheet.y
        self.bars.append(top)
        if lane.verdict is Verdict.NOT_JUDGED:
            self._rect(self.scale.left, self.scale.right, top, "track")
        else:
            self._grounds(lane, top)
        if not lane.is_malformed:
            self._valid(lane, top)
            if lane.verdict is not Verdict.NOT_JUDGED:
                self._margins(lane, top)
        self._violation(lane, top)
        self._arrows(lane, top)
        sheet.y = top + sheet.metrics.bar + 2
        self._bounds(lane)

    def draw_usual(self, usual: UsualArrival, created: datetime) -> None:
        """Where many messages of the host stand: a band that shows its clock, not this message."""
        sheet, scale = self.sheet, self.scale
        self._name(f"{usual.host}'s clock", f"{usual.count:,} messages", "")
        top = sheet.y
        self.bars.append(top)
        self._rect(scale.left, scale.right, top, "track")
        first, last = _added(created, usual.low), _added(created, usual.high)
        x1, x2 = scale.x(first), scale.x(last)
        said = f"usually logged {arrival_words(usual)}"
        if last >= scale.start and first <= scale.end:
            self._rect(x1, max(x2, x1 + 3), top, "lane-usual", f"{said}; {usual.words}")
        self._reach(scale.x(created), x1, top, arrival_words(usual))
        sheet.y = top + sheet.metrics.bar + 2
        room = sheet.width - 2 * sheet.metrics.pad
        told = sheet.shortened(usual.words, "bound", room)
        width = sheet.measure(told, "bound")
        sheet.text(max(scale.left, min(x1, scale.right) - width - 6), sheet.y, told, "bound", said)
        sheet.y += sheet.metrics.small_line

    def _reach(self, x1: float, x2: float, top: float, words: str) -> None:
        """From the creation to where the band begins, in words where they fit."""
        sheet = self.sheet
        first, last = sorted((x1, x2))
        y, half = top + sheet.metrics.bar / 2, sheet.measure(words, "zone-skew") / 2 + 6
        if last - first < 2 * half + 40:
            return
        middle = (first + last) / 2
        sheet.front.extend((Line(first + 2, y, middle - half, y, "dimension"), Line(middle + half, y, last - 2, y, "dimension")))
        tip, way = (x2 - 2, -1) if x2 > x1 else (x2 + 2, 1)
        sheet.front.extend(Line(tip, y, tip + 4 * way, y + turn, "dimension") for turn in (-3, 3))
        sheet.text(middle - half + 6, top + (sheet.metrics.bar - sheet.metrics.small_line) / 2, words, "zone-skew")

    def _name(self, title: str, words: str, tone: str) -> None:
        """In the column beside the bar; where there is none, above it."""
        sheet, metrics = self.sheet, self.sheet.metrics
        mark = metrics.small_line - 3
        role = _WORDS.get(tone, "words")
        if self.column:
            shown = sheet.shortened(title, "lane-title", self.column)
            sheet.text(metrics.pad, sheet.y + (metrics.bar - metrics.line) / 2, shown, "lane-title", title if shown != title else "")
            below, x = sheet.y + metrics.bar + 2, metrics.pad
            if tone:
                draw_mark(sheet, x, below + 1.5, mark, tone)
                x += mark + 5
            said = sheet.shortened(words, role, self.column - (x - metrics.pad))
            sheet.text(x, below, said, role, words if said != words else "")
            return
        room = sheet.width - metrics.pad - self.left
        beside = sheet.measure(title, "lane-title") + 12 + mark + 5 + sheet.measure(words, role) <= room
        shown = title if beside else sheet.shortened(title, "lane-title", room)
        x = self.left + sheet.text(self.left, sheet.y, shown, "lane-title", title if shown != title else "") + 12
        if not beside:
            x = self.left
            sheet.y += metrics.line
        drop = metrics.ascent - metrics.small_ascent
        if tone:
            draw_mark(sheet, x, sheet.y + drop + 1.5, mark, tone)
            x += mark + 5
        sheet.text(x, sheet.y + drop, sheet.shortened(words, role, sheet.width - metrics.pad - x), role)
        sheet.y += metrics.line + 2

    def _rect(self, x1: float, x2: float, top: float, role: str, title: str = "") -> None:
        self.sheet.back.append(Rect(x1, top, max(0.0, x2 - x1), self.sheet.metrics.bar, role, title))

    def _grounds(self, lane: Lane, top: float) -> None:
        """What lies outside: too early before, too late after, and plain where no bound is stated."""
        scale, start, end = self.scale, lane.window.not_before, lane.end
        self._rect(scale.left, scale.right, top, "track")
        if lane.is_malformed:
            return
        if start is not None and start > scale.start:
            x = scale.x(_added(start, -lane.skew_early))
            self._rect(scale.left, x, top, "zone-early", "too early")
            if lane.verdict is not Verdict.TOO_EARLY:
                self._label("too early", scale.left, x, "zone-out")
        if end is not None and end < scale.end:
            x = scale.x(_added(end, lane.skew))
            self._rect(x, scale.right, top, "zone-late", "too late")
            if lane.verdict is not Verdict.TOO_LATE:
                self._label("too late", x, scale.right, "zone-out")

    def _valid(self, lane: Lane, top: float) -> None:
        scale, start, end = self.scale, lane.window.not_before, lane.end
        if (start is not None and start > scale.end) or (end is not None and end < scale.start):
            return
        judged = lane.verdict is not Verdict.NOT_JUDGED
        x1 = scale.x(start) if start is not None else scale.left
        x2 = max(scale.x(end) if end is not None else scale.right, x1 + 1.5)
        self._rect(x1, x2, top, "lane-valid" if judged else "lane-reply", _window_title(lane))
        moment = self.timeline.judged_at
        inside = moment is not None and judged and lane.violates == "" and scale.shows(moment)
        role = "zone" if judged else "zone-reply"
        if inside and moment is not None:
            x = scale.x(moment)
            if end is not None and self._label(f"{in_words(end - moment)} left", x, x2, role, whole=True):
                if start is not None and is_creation(lane.window):
                    self._label(f"{in_words(moment - start)} old", x1, x, role, whole=True)
                return
        length = in_words(end - start, 2) if start is not None and end is not None else ""
        for words in (f"valid for {length}", f"valid {length}", "valid") if length else ("valid",):
            if self._label(words, x1, x2, role):
                return

    def _margins(self, lane: Lane, top: float) -> None:
        scale, start, end = self.scale, lane.window.not_before, lane.end
        whose = f" ({lane.stack})" if lane.stack else ""
        spans = []
        if end is not None and lane.skew:
            spans.append((end, _added(end, lane.skew), lane.skew, "end"))
        if start is not None and lane.skew_early:
            spans.append((_added(start, -lane.skew_early), start, lane.skew_early, "start"))
        for first, last, size, side in spans:
            x1, x2 = scale.x(first), scale.x(last)
            if x2 - x1 < 0.5 or first > scale.end or last < scale.start:
                continue
            self.sheet.back.append(
                Hatch(x1, top, x2 - x1, self.sheet.metrics.bar, "skew", f"allowed clock difference {in_words(size)}{whose}")
            )
            if lane.verdict is Verdict.WITHIN_SKEW and side == lane.violates:
                continue
            for words in (f"{in_words(size)} allowed", in_words(size)):
                if self._label(words, x1, x2, "zone-skew", plate=True):
                    break

    def _violation(self, lane: Lane, top: float) -> None:
        """From the tolerance's end to the judging moment; inside the tolerance from the bound itself."""
        scale, moment = self.scale, self.timeline.judged_at
        bound = lane.end if lane.violates == "end" else lane.window.not_before
        if moment is None or bound is None or not lane.violates or lane.verdict is Verdict.NOT_JUDGED:
            return
        late = lane.violates == "end"
        tolerated = lane.verdict is Verdict.WITHIN_SKEW
        edge = bound if tolerated else _added(bound, lane.skew if late else -lane.skew_early)
        x1, x2 = sorted((scale.x(edge), scale.x(moment)))
        role = "lane-tolerated" if tolerated else "lane-late" if late else "lane-early"
        self._rect(x1, max(x2, x1 + 1.5), top, role, lane.words)
        side = "late" if late else "early"
        amount = in_words(lane.delta if tolerated else lane.beyond)
        for words in (f"{amount} {side}" if tolerated else f"{amount} too {side}", amount):
            if self._label(words, x1, x2, "zone-tolerated" if tolerated else "zone"):
                break
        if tolerated and lane.allowed:
            end = scale.x(_added(bound, lane.allowed if late else -lane.allowed))
            first, last = (x2, end) if late else (end, x1)
            for words in (f"{in_words(lane.allowed)} allowed", in_words(lane.allowed)):
                if self._label(words, first, last, "zone-skew", plate=True):
                    break

    def _label(self, words: str, x1: float, x2: float, role: str, *, plate: bool = False, whole: bool = False) -> bool:
        """A text in the widest part of a zone that no line runs through; False where it does not fit. ``whole``: in the zone's own middle or not at all."""
        sheet, metrics = self.sheet, self.sheet.metrics
        x1, x2 = max(x1, self.scale.left), min(x2, self.scale.right)
        cuts = [x1, *sorted(x for x in self.busy if x1 < x < x2), x2]
        parts = list(pairwise(cuts))
        tears = [(each.left + each.right) / 2 for each in self.scale.stretches if each.folded]
        for tear in tears:
            parts = [piece for a, b in parts for piece in ((a, min(b, tear - _TORN)), (max(a, tear + _TORN), b)) if piece[1] > piece[0]]
        if not parts:
            return False
        first, last = max(parts, key=lambda part: part[1] - part[0])
        width = sheet.measure(words, role)
        if last - first < width + _ROOM or (whole and last - first < (x2 - x1) * 0.5):
            return False
        top = sheet.y + (metrics.bar - metrics.small_line) / 2
        middle = (first + last) / 2
        if plate:
            sheet.back.append(Rect(middle - width / 2 - 4, sheet.y + 2, width + 8, metrics.bar - 4, "plate"))
        sheet.text(middle - width / 2, top, words, role)
        return True

    def _arrows(self, lane: Lane, top: float) -> None:
        """What goes on beyond the edges."""
        scale, bar = self.scale, self.sheet.metrics.bar
        middle = top + bar / 2
        start, end = lane.window.not_before, lane.end
        if (start is None or start < scale.start) and (end is None or end > scale.start):
            self.sheet.front.append(Shape(((scale.left - 7, middle), (scale.left + 1, top + 1), (scale.left + 1, top + bar - 1)), "arrow"))
        if (end is None or end > scale.end) and (start is None or start < scale.end):
            self.sheet.front.append(
                Shape(((scale.right + 7, middle), (scale.right - 1, top + 1), (scale.right - 1, top + bar - 1)), "arrow")
            )

    def _bounds(self, lane: Lane) -> None:
        """Dates of the bounds under the bar, inside it where they fit, else beside, else the second one row down; then the distance."""
        sheet, metrics = self.sheet, self.sheet.metrics
        window = lane.window
        bounds = [(window.not_before, window.not_before_name or "from"), (window.not_after, window.not_after_name or "until")]
        if window.not_after is None and lane.effective_end is not None:
            bounds[1] = (lane.effective_end, f"age limit of {lane.stack}")
        texts = [(time, name, f"{name} {self._bound_time(time)}") for time, name in bounds if time is not None]
        widths = [sheet.measure(text, "bound") for _, _, text in texts]
        places = [
            self._bound_places(time, width, first=time is window.not_before) for (time, _, _), width in zip(texts, widths, strict=True)
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
            sheet.text(x, sheet.y + row * metrics.small_line, text, "bound", f"{name} {full(time)}")
        taken = [(x, x + width) for x, width, row in zip(chosen, widths, rows, strict=True) if row == 0]
        self._distance(lane, taken)
        sheet.y += (max(rows, default=0) + 1) * metrics.small_line

    def _distance(self, lane: Lane, taken: Sequence[tuple[float, float]]) -> None:
        """An arrow from the violated bound to the judging moment, with its length, where the bounds' dates leave room."""
        sheet, scale, moment = self.sheet, self.scale, self.timeline.judged_at
        bound = lane.end if lane.violates == "end" else lane.window.not_before
        if moment is None or bound is None or not lane.violates or not (scale.shows(bound) and scale.shows(moment)):
            return
        x1, x2 = sorted((scale.x(bound), scale.x(moment)))
        for left, right in taken:
            if left < x2 and right > x1:
                if (left + right) / 2 < (x1 + x2) / 2:
                    x1 = max(x1, right + 6)
                else:
                    x2 = min(x2, left - 6)
        late = lane.violates == "end"
        what = "expiry" if late else "creation" if is_creation(lane.window) else "start"
        sizes = (f"{in_words(lane.delta)} {'after' if late else 'before'} {what}", f"{in_words(lane.delta)} {'late' if late else 'early'}")
        words = next((each for each in sizes if sheet.measure(each, "dimension-label") + 40 <= x2 - x1), "")
        if not words:
            return
        y, half = sheet.y + sheet.metrics.small_line / 2, sheet.measure(words, "dimension-label") / 2 + 5
        middle = (x1 + x2) / 2
        front = sheet.front
        front.append(Line(x1 + 1, y, middle - half, y, "dimension"))
        front.append(Line(middle + half, y, x2 - 1, y, "dimension"))
        for x, way in ((x1 + 1, 1), (x2 - 1, -1)):
            front.extend(Line(x, y, x + 4 * way, y + turn, "dimension") for turn in (-3, 3))
        sheet.text(middle - half + 5, sheet.y, words, "dimension-label")

    def _bound_places(self, time: datetime, width: float, *, first: bool) -> tuple[float, ...]:
        """Where a bound's date may start, the best place first."""
        scale, pad = self.scale, self.sheet.metrics.pad
        low = scale.left if self.column else pad
        high = max(low, self.sheet.width - pad - width)
        if time < scale.start:
            return (min(scale.left, high),)
        if time > scale.end:
            return (max(low, scale.right - width),)
        x = scale.x(time)
        after, before = max(low, min(high, x - 3)), max(low, min(high, x - width + 3))
        return (after, before) if first else (before, after)

    def _bound_time(self, time: datetime) -> str:
        instants = self.timeline.instants
        reference = self.timeline.judged_at or (instants[0].time if instants else None)
        utc = time.astimezone(UTC)
        clock = utc.isoformat(" ", "milliseconds" if utc.microsecond else "seconds")[:-6]
        if reference is not None and reference.astimezone(UTC).date() == utc.date():
            return clock[11:]
        return clock[:10] if clock.endswith(" 00:00:00") else clock


def full(time: datetime) -> str:
    """A moment with its date, for tool tips."""
    return f"{time.astimezone(UTC).isoformat(' ', 'milliseconds' if time.microsecond else 'seconds')[:-6]} UTC"


def _window_title(lane: Lane) -> str:
    bounds = [full(time) for time in (lane.window.not_before, lane.window.not_after) if time is not None]
    return f"{lane.window.label}: {' to '.join(bounds)}"


def _added(time: datetime, step: timedelta) -> datetime:
    try:
        return time + step
    except OverflowError:
        return time
