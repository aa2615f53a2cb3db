"""Labels of instants above the lanes, and their lines down through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from inspector.timeline.drawing import Line, Rect, Sheet, Text
from inspector.timeline.labels import Label, staggered
from inspector.timeline.lanes import full
from inspector.timeline.model import Instant, Timeline, Verdict
from inspector.timeline.scale import Scale

_MAX_INSTANTS: Final = 24
_FLAG_PAD: Final = 5.0
_CHECKED: Final = {"logged": "checked when logged", "server's clock": "checked by the server's clock"}
_CREATIONS: Final = frozenset({"created", "fault_created"})
"""Drawn as the start of a lane already."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An instant's line: where it stands and from where down it runs."""

    instant: Instant
    x: float
    top: float


def draw_labels(sheet: Sheet, timeline: Timeline, scale: Scale) -> list[Placed]:
    """Labels so staggered that neither labels nor lines touch another label; the judging moment's is a flag on its line."""
    metrics = sheet.metrics
    shown = [instant for instant in timeline.instants if scale.shows(instant.time) and instant.kind not in _CREATIONS]
    merged = _merged(_most_telling(shown), scale, timeline)
    labels = [
        Label(scale.x(instant.time), sheet.measure(text, _role(instant)) + (2 * _FLAG_PAD - 4 if instant.kind == "judged" else 0))
        for instant, text in merged
    ]
    placed = staggered(labels, metrics.pad, sheet.width - metrics.pad)
    row = metrics.small_line + 2
    rows = max((label.row for label in placed), default=-1) + 1
    base = sheet.y + rows * row
    lines = []
    for (instant, text), label in zip(merged, placed, strict=True):
        top = base - (label.row + 1) * row
        title = _title(instant)
        if instant.kind == "judged":
            # Flush with its line, on whichever side of it there is room.
            left = label.left - 4 if label.left > label.x else label.left
            right = label.right + 4 if label.right < label.x else label.right
            sheet.front.append(Rect(left, top, right - left, row - 1, "flag", title))
            sheet.text((left + right - sheet.measure(text, "flag-label")) / 2, top + 0.5, text, "flag-label", title)
        else:
            sheet.text(label.left, top, text, "instant-label", title)
        covered = label.left < label.x < label.right
        lines.append(Placed(instant, label.x, top + row - 1 if covered else top + 2))
    sheet.y = base + (4 if rows else 0)
    return lines


def draw_line(sheet: Sheet, placed: Placed, bottom: float) -> None:
    """A line down through the lanes that leaves every text free."""
    role = "instant-judged" if placed.instant.kind == "judged" else "instant"
    title, top, x = _title(placed.instant), placed.top, placed.x
    for above, below in sorted(_texts_at(sheet, x, top, bottom)):
        if above - top >= 2:
            sheet.front.append(Line(x, top, x, above, role, title))
        top = max(top, below)
    if bottom - top >= 2:
        sheet.front.append(Line(x, top, x, bottom, role, title))


def _texts_at(sheet: Sheet, x: float, top: float, bottom: float) -> list[tuple[float, float]]:
    found = []
    for text in sheet.front:
        if not isinstance(text, Text) or text.role in {"flag-label", "instant-label"}:
            continue
        left, above, right, below = sheet.box(text)
        if left - 2 <= x <= right + 2 and below > top and above < bottom:
            found.append((above + 1, below))
    return found


def _role(instant: Instant) -> str:
    return "flag-label" if instant.kind == "judged" else "instant-label"


def _most_telling(instants: Sequence[Instant]) -> list[Instant]:
    if len(instants) <= _MAX_INSTANTS:
        return list(instants)
    judged = [instant for instant in instants if instant.kind == "judged"]
    others = [instant for instant in instants if instant.kind != "judged"]
    return sorted([*judged, *others][:_MAX_INSTANTS], key=lambda instant: instant.time)


def _merged(instants: Sequence[Instant], scale: Scale, timeline: Timeline) -> list[tuple[Instant, str]]:
    """Each place with its label; moments of the same second share one."""
    days = {
        scale.start.astimezone(UTC).date(),
        scale.end.astimezone(UTC).date(),
        *(instant.time.astimezone(UTC).date() for instant in instants),
    }
    shown_from = 11 if len(days) == 1 else 0
    merged: list[tuple[Instant, list[str]]] = []
    for instant in instants:
        label = _name(instant, timeline)
        if merged and _second(merged[-1][0].time) == _second(instant.time) and abs(scale.x(merged[-1][0].time) - scale.x(instant.time)) < 2:
            first, labels = merged[-1]
            if label not in labels:
                labels.append(label)
            merged[-1] = (instant if instant.kind == "judged" else first, labels)
        else:
            merged.append((instant, [label]))
    return [(instant, f"{', '.join(labels)} {_second(instant.time)[shown_from:]}") for instant, labels in merged]


def _name(instant: Instant, timeline: Timeline) -> str:
    if instant.kind == "judged" and timeline.verdict is not Verdict.NOT_JUDGED:
        return _CHECKED.get(instant.label, instant.label)
    return instant.label


def _second(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(" ", "seconds")[:19]


def _title(instant: Instant) -> str:
    return f"{instant.label} {full(instant.time)}" + (f" ({instant.note})" if instant.note else "")
