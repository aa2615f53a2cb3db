"""What a timeline is made of: windows judged at a moment, instants, and the sentences that say the same."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from inspector.tokens.base import ValidityWindow

FAULT_REPLY: Final = "fault reply"
"""What a window belongs to that proves nothing about the refused request."""


class Verdict(enum.StrEnum):
    """How a validity window stands to the moment at which it was judged."""

    IN_TIME = "in time"
    WITHIN_SKEW = "within skew"
    TOO_LATE = "too late"
    TOO_EARLY = "too early"
    OPEN = "no expiry"
    NOT_JUDGED = "not judged"
    """The window proves nothing about the refused message (a fault reply's own stamp), or no moment is known."""


RANKS: Final = (Verdict.TOO_LATE, Verdict.TOO_EARLY, Verdict.WITHIN_SKEW, Verdict.IN_TIME, Verdict.OPEN, Verdict.NOT_JUDGED)
"""Which verdict of several windows is the message's: the first one here."""


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
    by_default: bool = True
    """Whether the tolerance is the stack's default, which the receiver may have changed; False where it was printed or set."""
    violates: str = ""
    """``end`` or ``start``, whichever bound the judging moment lies beyond, tolerated or not; empty for none."""

    @property
    def end(self) -> datetime | None:
        """The end that counts: as stated, else by the stack's own limit."""
        return self.window.not_after or self.effective_end

    @property
    def allowed(self) -> timedelta:
        """The clock difference allowed at the bound that is violated; after the end where none is."""
        return self.skew_early if self.violates == "start" else self.skew

    @property
    def beyond(self) -> timedelta:
        """How far the judging moment lies beyond what is allowed; zero where it does not."""
        return self.delta - self.allowed if self.verdict in {Verdict.TOO_LATE, Verdict.TOO_EARLY} else timedelta(0)

    @property
    def is_malformed(self) -> bool:
        """Whether it ends before or when it starts."""
        return self.window.not_before is not None and self.end is not None and self.end <= self.window.not_before


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
class ClockSample:
    """What the messages of one stretch of time show: how long after their creation they were logged."""

    time: datetime
    """The stretch's middle."""
    low: timedelta
    middle: timedelta
    high: timedelta
    count: int


@dataclass(frozen=True, slots=True)
class UsualArrival:
    """How long after a message's creation a host's clock stands when it logs the message, over many of them: offset plus delay."""

    host: str
    count: int
    """Messages it rests on."""
    low: timedelta
    """Nine in ten came later than this after their creation; negative where the host's clock is behind."""
    middle: timedelta
    high: timedelta
    """Nine in ten came earlier than this."""
    words: str
    """What that means: ``constant: a clock difference``."""
    samples: tuple[ClockSample, ...] = ()
    """The same over time, in order; empty where the messages are too few."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything the timeline shows about one event."""

    lanes: tuple[Lane, ...]
    instants: tuple[Instant, ...]
    judged_at: datetime | None
    judged_by: str
    """By whose clock: ``WEB01's clock (the event's own time)``, ``the server's clock, as the message prints it``."""
    verdict: Verdict
    """Of the window that decides."""
    headline: str
    """Too early, in time or too late, and by how much: ``Too late by 2 min``."""
    explanation: str
    """What that rests on, with the tolerance and by whose clock."""
    facts: tuple[str, ...]
    """Every fact drawn, in words, for screen readers and the report."""
    usual: UsualArrival | None = None
    """What many messages of the same host show about its clock."""

    @property
    def summary(self) -> str:
        """The whole in one sentence."""
        return f"{self.headline}: {self.explanation}"
