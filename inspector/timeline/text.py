"""The timeline in characters, for terminals and plain-text reports."""

from __future__ import annotations

from typing import Final

from inspector.timeline.model import Lane, Timeline, Verdict
from inspector.timeline.scale import Scale, scale_of
from inspector.timeline.words import moment_text

_BLOCKS: Final = {"valid": "█", "skew": "░", "late": "▓", "track": "·", "reply": "▒", "judged": "│", "left": "◀", "right": "▶", "fold": "≈"}
_PLAIN: Final = {"valid": "=", "skew": "-", "late": "!", "track": ".", "reply": "~", "judged": "|", "left": "<", "right": ">", "fold": "%"}

_FOLD: Final = 4.0
"""Columns of a folded gap."""


def timeline_text(timeline: Timeline, width: int = 78, *, ascii_only: bool = False) -> str:
    """Summary, bars, and every moment with how it is known."""
    moments = [
        f"{instant.label}: {moment_text(instant.time)}{f' ({instant.note})' if instant.note else ''}" for instant in timeline.instants
    ]
    bars = timeline_bars(timeline, width, ascii_only=ascii_only)
    return "\n".join([timeline.summary, *(("", *bars, "") if bars else ()), *moments])


def timeline_bars(timeline: Timeline, width: int = 78, *, ascii_only: bool = False) -> tuple[str, ...]:
    """For each window its name and verdict, a bar with the judging moment marked, and its bounds; then what the signs mean."""
    width = max(width, 20)
    scale = scale_of(timeline, 0.0, float(width), fold_width=_FOLD)
    if scale is None or not timeline.lanes:
        return ()
    signs = _PLAIN if ascii_only else _BLOCKS
    lines: list[str] = []
    for lane in timeline.lanes:
        lines += [f"{lane.window.label}: {lane.verdict.value}: {lane.words}", _bar(timeline, lane, scale, width, signs), _bounds(lane)]
    legend = [
        f"{signs['valid']} valid",
        f"{signs['skew']} allowed clock difference",
        f"{signs['late']} beyond it",
        f"{signs['judged']} judged",
    ]
    if any(lane.verdict is Verdict.NOT_JUDGED for lane in timeline.lanes):
        legend.append(f"{signs['reply']} not judged")
    if any(stretch.folded for stretch in scale.stretches):
        legend.append(f"{signs['fold']} time left out")
    return (*lines, "  ".join(legend))


def _bar(timeline: Timeline, lane: Lane, scale: Scale, width: int, signs: dict[str, str]) -> str:
    cells = []
    for column in range(width):
        x = column + 0.5
        stretch = next((one for one in scale.stretches if x <= one.right), scale.stretches[-1])
        cells.append(signs["fold"] if stretch.folded else _sign(timeline, lane, scale, x, signs))
    start, end = lane.window.not_before, lane.end
    if (start is None or start < scale.start) and (end is None or end > scale.start):
        cells[0] = signs["left"]
    if (end is None or end > scale.end) and (start is None or start < scale.end):
        cells[-1] = signs["right"]
    if timeline.judged_at is not None and scale.shows(timeline.judged_at):
        cells[min(width - 1, int(scale.x(timeline.judged_at)))] = signs["judged"]
    return "".join(cells)


def _sign(timeline: Timeline, lane: Lane, scale: Scale, x: float, signs: dict[str, str]) -> str:
    time = scale.time(x)
    start, end = lane.window.not_before, lane.end
    if start is not None and end is not None and end <= start:
        return signs["track"]
    if (start is None or time >= start) and (end is None or time < end):
        return signs["reply" if lane.verdict is Verdict.NOT_JUDGED else "valid"]
    if lane.verdict is Verdict.NOT_JUDGED:
        return signs["track"]
    late = end is not None and time >= end
    distance, allowed = (time - end, lane.skew) if late and end is not None else ((start or time) - time, lane.skew_early)
    if distance < allowed:
        return signs["skew"]
    moment = timeline.judged_at
    inside = moment is not None and (time <= moment if late else time >= moment)
    return signs["late"] if inside and lane.verdict in {Verdict.TOO_LATE, Verdict.TOO_EARLY} else signs["track"]


def _bounds(lane: Lane) -> str:
    window = lane.window
    parts = [
        f"{name or fallback} {moment_text(time)}"
        for name, fallback, time in (
            (window.not_before_name, "from", window.not_before),
            (window.not_after_name, "until", window.not_after),
        )
        if time is not None
    ]
    return "  " + ", ".join(parts)
