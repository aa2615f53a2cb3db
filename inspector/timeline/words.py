"""The timeline in sentences: a headline, what it rests on, and every fact drawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from inspector.clock import CUSTOMARY, in_words
from inspector.timeline.judging import is_creation
from inspector.timeline.model import FAULT_REPLY, RANKS, Instant, Lane, UsualArrival, Verdict

_UNDECIDED: Final = "No verdict on time"


def telling(lanes: Sequence[Lane], judged_at: datetime | None, judged_by: str, *, refused: bool = False) -> tuple[Verdict, str, str]:
    """The verdict on the whole message, its headline, and the explanation that goes with it. ``refused``: the log says it was, for its time."""
    judged = [lane for lane in lanes if lane.verdict is not Verdict.NOT_JUDGED]
    if not lanes:
        return Verdict.NOT_JUDGED, "No validity window", "no token or time stamp with a start or an end was found in this event."
    if not judged or judged_at is None:
        return Verdict.NOT_JUDGED, _UNDECIDED, _undecided(lanes, judged_at)
    first = min(judged, key=lambda lane: RANKS.index(lane.verdict))
    headline, because = _SAY[first.verdict](first, judged, judged_at)
    if refused and first.verdict is Verdict.WITHIN_SKEW:
        headline = f"{in_words(first.delta)} {_side(first)}, and refused"
        because += ": this receiver must allow less"
    others = sum(1 for lane in judged if lane.verdict is first.verdict) - 1
    also = ""
    if others and first.verdict in {Verdict.TOO_LATE, Verdict.TOO_EARLY}:
        also = f"; {others} more {'window is' if others == 1 else 'windows are'} {first.verdict}"
    return first.verdict, headline, f"{because}{also}. By {judged_by}."


def _undecided(lanes: Sequence[Lane], judged_at: datetime | None) -> str:
    if any(lane.window.belongs_to == FAULT_REPLY for lane in lanes):
        return "the only time stamp is the fault reply's own; when the refused request was created and expired is not in this event."
    if judged_at is None:
        return "no moment is known at which the token was judged."
    return f"{lanes[0].window.label} {lanes[0].words}."


def _violated(lane: Lane, _judged: Sequence[Lane], _moment: datetime) -> tuple[str, str]:
    by = f" by {in_words(lane.beyond)}" if lane.beyond else ", if only just"
    return f"Too {_side(lane)}{by}", f"{_violation(lane)}; {_tolerance_words(lane)}"


def _tolerated(lane: Lane, _judged: Sequence[Lane], _moment: datetime) -> tuple[str, str]:
    return f"{in_words(lane.delta)} {_side(lane)}, but tolerated", f"{_violation(lane)}; {_tolerance_words(lane)}"


def _in_time(_lane: Lane, judged: Sequence[Lane], moment: datetime) -> tuple[str, str]:
    tightest = min((lane for lane in judged if lane.end is not None), key=lambda lane: _left(lane, moment))
    headline = f"In time, {in_words(_left(tightest, moment))} left"
    if len(judged) > 1:
        return (
            headline,
            f"all {len(judged)} windows hold, and the first to end is {tightest.window.label}; {_tolerance_words(tightest, would=True)}",
        )
    start, name = tightest.window.not_before, tightest.window.label
    if start is None:
        return headline, f"{name} had not ended when it was checked; {_tolerance_words(tightest, would=True)}"
    after = "its creation" if is_creation(tightest.window) else "its start"
    return headline, f"{name} was checked {in_words(moment - start)} after {after}; {_tolerance_words(tightest, would=True)}"


def _open(lane: Lane, _judged: Sequence[Lane], moment: datetime) -> tuple[str, str]:
    start = lane.window.not_before
    checked = f"; it was checked {in_words(moment - start)} after its {_beginning(lane)}" if start is not None else ""
    return "No expiry", f"{lane.window.label} states no end, so it cannot be too late{checked}"


_SAY: Final = {
    Verdict.TOO_LATE: _violated,
    Verdict.TOO_EARLY: _violated,
    Verdict.WITHIN_SKEW: _tolerated,
    Verdict.IN_TIME: _in_time,
    Verdict.OPEN: _open,
}


def _side(lane: Lane) -> str:
    return "late" if lane.violates == "end" else "early"


def _beginning(lane: Lane) -> str:
    return "creation" if is_creation(lane.window) else "start"


def _violation(lane: Lane) -> str:
    window, size = lane.window, in_words(lane.delta)
    if lane.violates == "start":
        return f"{window.label} was checked {size} before its {_beginning(lane)}"
    if window.not_after is None:
        return f"{window.label} had passed the receiver's age limit {size} before it was checked"
    return f"{window.label} expired {size} before it was checked" if lane.delta else f"{window.label} expired as it was checked"


def _tolerance_words(lane: Lane, *, would: bool = False) -> str:
    """What the stack allows; ``would``: of a window that did not need it."""
    size = in_words(lane.allowed) if lane.allowed else "no difference"
    more = " more" if would and lane.allowed else ""
    if lane.stack == CUSTOMARY.stack:
        return f"receivers usually allow {size}{more}"
    return f"{lane.stack} {'would allow' if more else 'allows'} {size}{more}{' by default' if lane.by_default and lane.allowed else ''}"


def _left(lane: Lane, moment: datetime) -> timedelta:
    return lane.end - moment if lane.end is not None else timedelta.max


def moment_text(time: datetime) -> str:
    """A moment for a person, UTC: ``2006-01-26 09:21:49 UTC``, with milliseconds where there are any."""
    time = time.astimezone(UTC)
    text = time.isoformat(" ", "milliseconds" if time.microsecond else "seconds").replace("+00:00", "")
    return f"{text} UTC"


def facts_of(
    lanes: Sequence[Lane], instants: Sequence[Instant], judged_at: datetime | None, judged_by: str, usual: UsualArrival | None
) -> tuple[str, ...]:
    """Every fact drawn, one a sentence, none twice."""
    facts = []
    if judged_at is not None:
        facts.append(f"Judged at {moment_text(judged_at)}, by {judged_by}.")
    for lane in lanes:
        window = lane.window
        bounds = [
            f"{name or fallback} {moment_text(time)}"
            for name, fallback, time in (
                (window.not_before_name, "start", window.not_before),
                (window.not_after_name, "end", window.not_after),
            )
            if time is not None
        ]
        if window.not_before is not None and window.not_after is not None and window.not_after > window.not_before:
            bounds.append(f"valid for {in_words(window.not_after - window.not_before)}")
        owner = " of the fault reply" if window.belongs_to == FAULT_REPLY else ""
        facts.append(f"{window.label}{owner}: {', '.join(bounds)}. {lane.verdict.capitalize()}: {lane.words}.")
        if lane.verdict is not Verdict.NOT_JUDGED:
            facts.append(_tolerance_fact(lane))
    facts.extend(
        f"{instant.label[:1].upper()}{instant.label[1:]} at {moment_text(instant.time)}{f' ({instant.note})' if instant.note else ''}."
        for instant in instants
    )
    if usual is not None:
        facts.append(f"{usual_words(usual)}.")
    return tuple(dict.fromkeys(facts))


def usual_words(usual: UsualArrival) -> str:
    """What many messages of a host show, in one sentence without its full stop."""
    return f"{usual.count:,} messages on {usual.host}: logged {arrival_words(usual)}; {usual.words}"


def arrival_words(usual: UsualArrival) -> str:
    """When a host usually logs a message, told from its creation."""
    low, high = _whole(usual.low), _whole(usual.high)
    zero = timedelta(0)
    if low == high:
        return f"{in_words(abs(low))} {'before' if low < zero else 'after'} their creation"
    if high <= zero:
        return f"{in_words(-high)} to {in_words(-low)} before their creation"
    if low < zero:
        return f"from {in_words(-low)} before to {in_words(high)} after their creation"
    return f"{in_words(low)} to {in_words(high)} after their creation"


def _whole(delta: timedelta) -> timedelta:
    """Rounded to what matters beside its size: tenths of a second below a minute, else seconds."""
    step = timedelta(milliseconds=100) if abs(delta) < timedelta(minutes=1) else timedelta(seconds=1)
    return step * round(delta / step)


def _tolerance_fact(lane: Lane) -> str:
    whose = "usual, the judging stack is not known" if lane.stack == CUSTOMARY.stack else lane.stack
    if lane.skew == lane.skew_early:
        return f"Allowed clock difference for {lane.window.label}: {in_words(lane.skew)} ({whose})."
    return f"Allowed clock difference for {lane.window.label}: {in_words(lane.skew)} after the end, {in_words(lane.skew_early)} before the start ({whose})."
