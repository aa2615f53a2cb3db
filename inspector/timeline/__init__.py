"""The timeline of one message: lanes of validity windows, instants, and the deltas in words; drawn by the window and by the report."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from inspector.clock import CUSTOMARY, Tolerance, in_words
from inspector.tokens.base import ValidityWindow


class Verdict(enum.StrEnum):
    """How a validity window stands to the moment at which it was judged."""

    IN_TIME = "in time"
    WITHIN_SKEW = "within skew"
    TOO_LATE = "too late"
    TOO_EARLY = "too early"
    OPEN = "no expiry"
    NOT_JUDGED = "not judged"
    """The window proves nothing about the refused message (a fault reply's own stamp), or no moment is known."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One validity window as it is drawn."""

    window: ValidityWindow
    skew: timedelta
    """Allowed clock skew after the end, of the stack that judges this window; drawn as a hatched margin."""
    verdict: Verdict
    delta: timedelta
    """How far the judging moment lies beyond the bound that it violates; zero when it violates none."""
    words: str
    """The same in words: ``41 s after expiry, within the 5 min allowed``."""
    skew_early: timedelta = timedelta(0)
    """Allowed clock skew before the start; some stacks allow less there than after the end."""
    stack: str = ""
    """Name of the stack whose tolerance it is, as in clock.TOLERANCES."""
    effective_end: datetime | None = None
    """Where the window states no end and the stack limits a message's age: start plus that limit."""
    violates: str = ""
    """``end`` or ``start``, whichever bound the judging moment lies beyond, tolerated or not; empty for none."""

    @property
    def end(self) -> datetime | None:
        """The end that counts: as stated, else by the stack's own limit."""
        return self.window.not_after or self.effective_end


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment on the time axis."""

    label: str
    time: datetime
    kind: str
    """logged, judged, created, fault_created, signed_in, request or reply."""
    note: str = ""
    """How the time is known, such as ``logged 10:21:49 local, UTC+01:00 inferred``."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything the timeline shows about one event."""

    lanes: tuple[Lane, ...]
    instants: tuple[Instant, ...]
    judged_at: datetime | None
    judged_by: str
    """By whose clock: ``the event's own time on WEB01``, ``the current time that the message prints``."""
    summary: str
    """One sentence that says the whole: too early, in time or too late, by how much, by whose clock, with which tolerance."""
    facts: tuple[str, ...]
    """Every fact drawn, in words, for screen readers and the report."""


_ZERO: Final = timedelta(0)
_FAULT_REPLY: Final = "fault reply"
_KINDS: Final = ("message", "token", "session", "authentication", "certificate")
_ORDER: Final = (Verdict.TOO_LATE, Verdict.TOO_EARLY, Verdict.WITHIN_SKEW, Verdict.IN_TIME, Verdict.OPEN, Verdict.NOT_JUDGED)


def build(
    windows: Sequence[ValidityWindow],
    event_time: datetime | None,
    *,
    time_note: str = "",
    host: str = "",
    printed_now: datetime | None = None,
    at: datetime | None = None,
    tolerance_for: Callable[[ValidityWindow], Tolerance] = lambda _window: CUSTOMARY,
    instants: Sequence[Instant] = (),
) -> Timeline:
    """The timeline of one event; all times aware.

    ``event_time``: when the event was logged, UTC; ``time_note``: how that is known; ``host``: whose clock that is;
    ``printed_now``: the "current time" that the message itself prints, which then judges; ``at``: moment set by the user, which beats both;
    ``tolerance_for``: the clock difference that the stack judging a window allows; ``instants``: further moments, such as the request of the same conversation.
    """
    judged_at, judged_by = _judge(event_time, printed_now, at, host)
    lanes = tuple(_lane(window, judged_at, tolerance_for(window)) for window in _in_order(windows))
    lanes, signed_in = _without_sign_ins(lanes)
    instants = (*signed_in, *instants)
    shown = _instants(lanes, instants, event_time=event_time, time_note=time_note, printed_now=printed_now, at=at)
    summary = _summary(lanes, judged_at, judged_by)
    return Timeline(lanes, shown, judged_at, judged_by, summary, _facts(lanes, shown, judged_at, judged_by))


def _judge(event_time: datetime | None, printed_now: datetime | None, at: datetime | None, host: str) -> tuple[datetime | None, str]:
    if at is not None:
        return at, "the moment you set"
    if printed_now is not None:
        return printed_now, "the current time that the message prints"
    if event_time is not None:
        return event_time, f"the event's own time on {host}" if host else "the event's own time"
    return None, ""


def _in_order(windows: Sequence[ValidityWindow]) -> list[ValidityWindow]:
    """Messages before tokens before certificates, each window once, what states nothing left out."""
    stated = [window for window in windows if window.not_before is not None or window.not_after is not None]
    unique: dict[tuple[object, ...], ValidityWindow] = {}
    for window in stated:
        unique.setdefault((window.label, window.not_before, window.not_after, window.kind, window.belongs_to), window)
    return sorted(unique.values(), key=lambda window: _KINDS.index(window.kind) if window.kind in _KINDS else len(_KINDS))


def _without_sign_ins(lanes: tuple[Lane, ...]) -> tuple[tuple[Lane, ...], tuple[Instant, ...]]:
    """A sign-in states when, not until when: beside real windows it is a moment, unless it lies in the future."""
    moments = [lane for lane in lanes if lane.window.kind == "authentication" and lane.end is None and lane.violates == ""]
    others = tuple(lane for lane in lanes if lane not in moments)
    if not others:
        return lanes, ()
    return others, tuple(
        Instant(lane.window.label, lane.window.not_before, "signed_in") for lane in moments if lane.window.not_before is not None
    )


def _lane(window: ValidityWindow, moment: datetime | None, tolerance: Tolerance) -> Lane:
    effective_end = None
    if window.kind == "message" and window.not_after is None and window.not_before is not None and tolerance.lifetime is not None:
        effective_end = _after(window.not_before, tolerance.lifetime)

    def lane(verdict: Verdict, delta: timedelta, words: str, violates: str = "") -> Lane:
        return Lane(window, tolerance.late, verdict, delta, words, tolerance.early, tolerance.stack, effective_end, violates)

    if window.belongs_to == _FAULT_REPLY:
        return lane(Verdict.NOT_JUDGED, _ZERO, "the fault reply's own: says nothing about the refused request")
    if moment is None:
        return lane(Verdict.NOT_JUDGED, _ZERO, "no moment is known at which it was judged")
    start, end = window.not_before, window.not_after or effective_end
    if start is not None and end is not None and end <= start:
        return lane(
            Verdict.NOT_JUDGED,
            _ZERO,
            f"ends {in_words(start - end)} before it starts: malformed" if end < start else "ends when it starts: malformed",
        )
    if end is not None and moment >= end:
        late = moment - end
        words = (
            f"{in_words(late)} after {_end_words(window, effective_end)}"
            if late
            else f"at the very moment of {_end_words(window, effective_end)}"
        )
        if late < tolerance.late:
            return lane(Verdict.WITHIN_SKEW, late, f"{words}, within the {_allowed(tolerance, tolerance.late)}", "end")
        return lane(Verdict.TOO_LATE, late, f"{words}, {_beyond(tolerance, tolerance.late)}", "end")
    if start is not None and moment < start:
        early = start - moment
        words = f"{in_words(early)} before {_start_words(window)}"
        if early <= tolerance.early:
            return lane(Verdict.WITHIN_SKEW, early, f"{words}, within the {_allowed(tolerance, tolerance.early)}", "start")
        return lane(Verdict.TOO_EARLY, early, f"{words}, {_beyond(tolerance, tolerance.early)}", "start")
    age = f"{in_words(moment - start)} after {_start_words(window)}" if start is not None else ""
    if end is None:
        return lane(Verdict.OPEN, _ZERO, ", ".join(part for part in (age, "no expiry stated") if part))
    left = f"{in_words(end - moment)} left"
    return lane(Verdict.IN_TIME, _ZERO, f"{age}, {left}" if age else left)


def _after(time: datetime, step: timedelta) -> datetime:
    """Later by a step, or the calendar's end."""
    return time + step if datetime.max.replace(tzinfo=UTC) - time > step else datetime.max.replace(tzinfo=UTC)


def _end_words(window: ValidityWindow, effective_end: datetime | None) -> str:
    return "the longest age that the receiver accepts" if effective_end is not None and window.not_after is None else "expiry"


def _start_words(window: ValidityWindow) -> str:
    if window.not_before_name in {"Created", "iat", "IssueInstant"}:
        return "its creation"
    return "its start"


def _allowed(tolerance: Tolerance, size: timedelta) -> str:
    return f"{in_words(size)} {'usually ' if tolerance.stack == CUSTOMARY.stack else ''}allowed"


def _beyond(tolerance: Tolerance, size: timedelta) -> str:
    if not size:
        return f"{tolerance.stack} allows no difference" if tolerance.stack != CUSTOMARY.stack else "no difference allowed"
    return f"beyond the {_allowed(tolerance, size)}"


def _instants(
    lanes: Sequence[Lane],
    further: Sequence[Instant],
    *,
    event_time: datetime | None,
    time_note: str,
    printed_now: datetime | None,
    at: datetime | None,
) -> tuple[Instant, ...]:
    found: list[Instant] = []
    if at is not None:
        found.append(Instant("moment set by you", at, "judged"))
    elif printed_now is not None:
        found.append(Instant("server's clock", printed_now, "judged", "the current time that the message prints"))
    if event_time is not None:
        found.append(Instant("logged", event_time, "logged" if found else "judged", time_note))
    for lane in lanes:
        created = lane.window.not_before
        if lane.window.kind == "message" and created is not None and lane.window.not_before_name == "Created":
            fault = lane.window.belongs_to == _FAULT_REPLY
            found.append(Instant("fault reply written" if fault else "message created", created, "fault_created" if fault else "created"))
    found.extend(further)
    unique = dict.fromkeys(found)
    return tuple(sorted(unique, key=lambda instant: instant.time))


def _summary(lanes: Sequence[Lane], judged_at: datetime | None, judged_by: str) -> str:
    judged = [lane for lane in lanes if lane.verdict is not Verdict.NOT_JUDGED]
    if not lanes:
        return "No validity window was found in this event."
    if not judged:
        if any(lane.window.belongs_to == _FAULT_REPLY for lane in lanes):
            return "Not decidable here: the only time stamp is the fault reply's own; when the refused request was created and expired is not in this event."
        if judged_at is None:
            return "Not decidable here: no moment is known at which the token was judged."
        return f"Not decidable here: {lanes[0].window.label} {lanes[0].words}."
    first = min(judged, key=lambda lane: _ORDER.index(lane.verdict))
    others = sum(1 for lane in judged if lane.verdict is first.verdict) - 1
    name = first.window.label
    match first.verdict:
        case Verdict.TOO_LATE | Verdict.TOO_EARLY:
            also = f"; {others} more {'window is' if others == 1 else 'windows are'} {first.verdict}" if others else ""
            return f"{first.verdict.capitalize()} by {in_words(first.delta)}: {_violation(first)}; {_tolerance_words(first)}{also}. Judged by {judged_by}."
        case Verdict.WITHIN_SKEW:
            side = "Late" if first.violates == "end" else "Early"
            return (
                f"{side} by {in_words(first.delta)} but tolerated: {_violation(first)}; {_tolerance_words(first)}. Judged by {judged_by}."
            )
        case Verdict.IN_TIME:
            tightest = min((lane for lane in judged if lane.end is not None), key=lambda lane: _left(lane, judged_at))
            what = (
                tightest.window.label
                if len(judged) == 1
                else f"all {len(judged)} windows hold, and the first to end, {tightest.window.label},"
            )
            return f"In time: {what} was valid for another {in_words(_left(tightest, judged_at))}. Judged by {judged_by}."
        case _:
            return f"No expiry: {name} states no end, so it cannot be too late ({first.words}). Judged by {judged_by}."


def _violation(lane: Lane) -> str:
    window = lane.window
    if lane.violates == "end" or window.not_before is None:
        if window.not_after is None and lane.effective_end is not None:
            return f"{window.label} reached the receiver's age limit at {moment_text(lane.effective_end)}"
        return f"{window.label} expired at {moment_text(lane.end)}" if lane.end is not None else window.label
    verb = "was created" if _start_words(window) == "its creation" else "starts to be valid"
    return f"{window.label} {verb} at {moment_text(window.not_before)}, in the future"


def _tolerance_words(lane: Lane) -> str:
    size = lane.skew_early if lane.violates == "start" else lane.skew
    who = "receivers usually allow" if lane.stack == CUSTOMARY.stack else f"{lane.stack} allows"
    if not size:
        return f"{who} no clock difference"
    return f"{who} {in_words(size)} of clock difference"


def _left(lane: Lane, moment: datetime | None) -> timedelta:
    return lane.end - moment if lane.end is not None and moment is not None else timedelta.max


def moment_text(time: datetime) -> str:
    """A moment for a person, UTC: ``2006-01-26 09:21:49 UTC``, with milliseconds where there are any."""
    time = time.astimezone(UTC)
    text = time.isoformat(" ", "milliseconds" if time.microsecond else "seconds").replace("+00:00", "")
    return f"{text} UTC"


def _facts(lanes: Sequence[Lane], instants: Sequence[Instant], judged_at: datetime | None, judged_by: str) -> tuple[str, ...]:
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
        owner = " of the fault reply" if window.belongs_to == _FAULT_REPLY else ""
        facts.append(f"{window.label}{owner}: {', '.join(bounds)}. {lane.verdict.capitalize()}: {lane.words}.")
        if lane.verdict is not Verdict.NOT_JUDGED:
            facts.append(_tolerance_fact(lane))
    facts.extend(
        f"{instant.label[:1].upper()}{instant.label[1:]} at {moment_text(instant.time)}{f' ({instant.note})' if instant.note else ''}."
        for instant in instants
    )
    return tuple(dict.fromkeys(facts))


def _tolerance_fact(lane: Lane) -> str:
    whose = "usual, the judging stack is not known" if lane.stack == CUSTOMARY.stack else lane.stack
    if lane.skew == lane.skew_early:
        return f"Allowed clock difference for {lane.window.label}: {in_words(lane.skew)} ({whose})."
    return f"Allowed clock difference for {lane.window.label}: {in_words(lane.skew)} after the end, {in_words(lane.skew_early)} before the start ({whose})."
