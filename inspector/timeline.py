"""The timeline of one message: lanes of validity windows, instants, and the deltas in words; drawn by the window and by the report."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

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
    """Allowed clock skew of the stack that judges this window; drawn as hatched margins."""
    verdict: Verdict
    delta: timedelta
    """How far the judging moment lies beyond the bound that it violates; zero when it violates none."""
    words: str
    """The same in words: ``41 s after expiry, within the 5 min allowed``."""


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment on the time axis."""

    label: str
    time: datetime
    kind: str
    """logged, judged, created, fault_created, request or reply."""
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
