"""The timeline of one message: lanes of validity windows, instants, and the deltas in words; drawn by the window and by the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from inspector.clock import CUSTOMARY, Tolerance
from inspector.timeline.judging import lanes_of
from inspector.timeline.model import FAULT_REPLY, Instant, Lane, Timeline, UsualArrival, Verdict
from inspector.timeline.words import facts_of, moment_text, telling
from inspector.tokens.base import ValidityWindow

__all__ = ["Instant", "Lane", "Timeline", "UsualArrival", "Verdict", "build", "moment_text", "with_tolerance", "with_usual"]


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
    refused: bool = False,
) -> Timeline:
    """The timeline of one event; all times aware.

    ``event_time``: when the event was logged, UTC; ``time_note``: how that is known; ``host``: whose clock that is;
    ``printed_now``: the "current time" that the message itself prints, which then judges; ``at``: moment set by the user, which beats both;
    ``tolerance_for``: the clock difference that the stack judging a window allows; ``instants``: further moments, such as the request of the same conversation;
    ``refused``: the log says that a token was refused for its time, so a receiver that seems to tolerate it allows less.
    """
    judged_at, judged_by = _judge(event_time, printed_now, at, host)
    lanes, signed_in = lanes_of(windows, judged_at, tolerance_for)
    shown = _instants(lanes, (*signed_in, *instants), event_time=event_time, time_note=time_note, printed_now=printed_now, at=at)
    return _told(lanes, shown, judged_at, judged_by, refused=refused)


def with_tolerance(timeline: Timeline, allowed: timedelta) -> Timeline:
    """The same timeline as if every stack allowed another clock difference."""
    ages = {
        lane.window: lane.effective_end - lane.window.not_before for lane in timeline.lanes if lane.effective_end and lane.window.not_before
    }

    def tried(window: ValidityWindow) -> Tolerance:
        return Tolerance("this setting", allowed, allowed, "set by the user", lifetime=ages.get(window))

    lanes, _ = lanes_of([lane.window for lane in timeline.lanes], timeline.judged_at, tried)
    return _told(lanes, timeline.instants, timeline.judged_at, timeline.judged_by, timeline.usual)


def with_usual(timeline: Timeline, usual: UsualArrival | None) -> Timeline:
    """The same timeline with what many messages of the same host show about its clock."""
    facts = facts_of(timeline.lanes, timeline.instants, timeline.judged_at, timeline.judged_by, usual)
    return replace(timeline, usual=usual, facts=facts)


def _told(
    lanes: tuple[Lane, ...],
    instants: tuple[Instant, ...],
    judged_at: datetime | None,
    judged_by: str,
    usual: UsualArrival | None = None,
    *,
    refused: bool = False,
) -> Timeline:
    verdict, headline, explanation = telling(lanes, judged_at, judged_by, refused=refused)
    facts = facts_of(lanes, instants, judged_at, judged_by, usual)
    return Timeline(lanes, instants, judged_at, judged_by, verdict, headline, explanation, facts, usual)


def _judge(event_time: datetime | None, printed_now: datetime | None, at: datetime | None, host: str) -> tuple[datetime | None, str]:
    if at is not None:
        return at, "the moment you set"
    if printed_now is not None:
        return printed_now, "the server's clock, as the message prints it"
    if event_time is not None:
        return event_time, f"{host}'s clock (the event's own time)" if host else "the clock of the log (the event's own time)"
    return None, ""


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
            fault = lane.window.belongs_to == FAULT_REPLY
            found.append(Instant("fault reply written" if fault else "message created", created, "fault_created" if fault else "created"))
    found.extend(further)
    unique = dict.fromkeys(found)
    return tuple(sorted(unique, key=lambda instant: instant.time))
