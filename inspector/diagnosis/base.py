"""What a diagnosis is made of: findings with ranked hypotheses, evidence for and against, clocks, coverage."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np

from inspector.clock import Tolerance
from inspector.diagnosis.limits import Limits
from inspector.diagnosis.linear_pattern import Pattern
from inspector.diagnosis.marks import Marks
from inspector.job import Job
from inspector.payloads.base import Contents
from inspector.store import EventStore
from inspector.timeline import UsualArrival
from inspector.tokens.base import Span, Trust


class Cause(enum.StrEnum):
    """Why a token was refused: the only values there are."""

    EXPIRED = "expired"
    CLOCK_SKEW = "clock_skew"
    MALFORMED = "malformed"
    SIGNATURE_MISMATCH = "signature_mismatch"
    AUDIENCE_MISMATCH = "audience_mismatch"
    REVOKED = "revoked"
    BAD_CREDENTIALS = "bad_credentials"
    UNSUPPORTED = "unsupported"
    UNTRUSTED_ISSUER = "untrusted_issuer"
    REPLAY = "replay"
    DELAYED_PROCESSING = "delayed_processing"
    ADDRESSING = "addressing"
    OTHER = "other"


class Confidence(enum.StrEnum):
    """How sure a hypothesis is: high only where the evidence proves it."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Severity(enum.StrEnum):
    """error: a token was refused; warning: something will or may refuse one; info: worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact that speaks for or against a hypothesis, with the exact place that shows it."""

    text: str
    """What it says, in our words, with figures."""
    row: int | None = None
    """Row number in the event table; None for what came from the user or from the whole log."""
    source: str = ""
    position: str = ""
    """``record 17`` or ``line 203``."""
    excerpt: str = ""
    """The exact characters, unredacted; faces mask secrets."""
    span: Span | None = None
    """Where the excerpt stands in the event's message."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One possible cause, ranked among the others of its finding."""

    cause: Cause
    confidence: Confidence
    explanation: str
    supports: tuple[Evidence, ...] = ()
    contradicts: tuple[Evidence, ...] = ()
    would_confirm: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EventRef:
    """One event that a finding rests on."""

    row: int
    source: str
    position: str
    time: datetime | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One incident: what was refused, why, and how that is known."""

    id: str
    """``F1``, ``F2`` in order of importance; empty in a partial result."""
    severity: Severity
    title: str
    hypotheses: tuple[Hypothesis, ...]
    """Ranked, at least one; the first one is the verdict."""
    facts: Mapping[str, str | float]
    """fault_code, error_code, exception, top_frame, action, message_id, relates_to, created, expires, event_time, observed_delta_seconds, audience, issuer, subject... Absent facts are left out."""
    next_steps: tuple[str, ...]
    events: tuple[EventRef, ...]
    """The first events of the incident, at most 1,000; ``rows`` has all."""
    rows: tuple[int, ...]
    count: int
    first_time: datetime | None
    last_time: datetime | None
    key: str = ""
    """What the finding is about, the same in partial results and in the final one."""

    @property
    def cause(self) -> Cause:
        """Cause of the first hypothesis."""
        return self.hypotheses[0].cause

    @property
    def confidence(self) -> Confidence:
        """Confidence of the first hypothesis."""
        return self.hypotheses[0].confidence


class RowFindings(Mapping[int, str]):
    """Row number to the id of the finding it belongs to, the graver one where there are two; a few bytes a row."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self._ids = tuple(finding.id for finding in findings)
        size = 1 + max((finding.rows[-1] for finding in findings), default=-1)
        self._numbers = np.zeros(size, np.uint16 if len(findings) < 0xFFFF else np.uint32)
        for number in range(len(findings), 0, -1):
            self._numbers[np.asarray(findings[number - 1].rows, np.int64)] = number

    def __getitem__(self, row: int) -> str:
        number = int(self._numbers[row]) if 0 <= row < len(self._numbers) else 0
        if not number:
            raise KeyError(row)
        return self._ids[number - 1]

    def __iter__(self) -> Iterator[int]:
        return iter(np.flatnonzero(self._numbers).tolist())

    def __len__(self) -> int:
        return int(np.count_nonzero(self._numbers))


@dataclass(frozen=True, slots=True)
class HostClock:
    """How far a host's clock is off, as the log shows it."""

    host: str
    offset: timedelta
    """Positive when the host is ahead of the others."""
    basis: str
    """In words, with the number of events behind it."""
    events: int = 0
    usual: UsualArrival | None = None
    """The differences behind it, over time."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """One question a person would ask, and whether this log can answer it."""

    question: str
    answer: str
    ask_for: str
    """What to ask the customer for, with the command or setting that produces it; empty when the question is answered."""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """How many of the refused messages another setting would have let pass."""

    setting: str
    value: str
    passed: int
    refused: int
    risk: str


@dataclass(frozen=True, slots=True)
class Advice:
    """A best practice that was missing in what was seen."""

    title: str
    text: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The whole verdict on what is open."""

    findings: tuple[Finding, ...] = ()
    """Ordered by severity, then confidence, then first time."""
    clocks: tuple[HostClock, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    what_if: tuple[WhatIf, ...] = ()
    advice: tuple[Advice, ...] = ()
    by_row: Mapping[int, str] = field(default_factory=dict)
    """Row number to the id of the finding it belongs to."""
    complete: bool = True
    """False for what is known while the diagnosis still runs: its findings have no id yet, their order, rows and causes may change, and nothing but findings is there."""


class Role(enum.StrEnum):
    """How much an entry of the dictionary says by itself."""

    CAUSE = "cause"
    """Names why the token was refused."""
    WRAPPER = "wrapper"
    """Says that something was refused; the reason, if the log has it, stands elsewhere (an inner exception, a second code)."""
    CONTEXT = "context"
    """No failure by itself; strengthens or weakens what other entries say."""
    SIGN = "sign"
    """Something failed, but nothing says that it was about a token; context that names a cause counts beside it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one code, text, fault, exception or event means. All matchers that are given must hold; a list holds when one of it does."""

    id: str
    title: str
    meaning: str
    causes: Mapping[Cause, int]
    """Cause to weight, 0 to 100: how sure the entry alone makes it. 90 and more is proof."""
    role: Role
    severity: Severity
    confirmed: bool
    """False where the fact was not seen in the named source or a real log: such an entry never decides alone."""
    source: str
    """Where the fact is from."""
    origin: str
    """File and line of the entry, for messages to the person who wrote it."""
    stack: str = ""
    """Name of the judging stack in ``clock.TOLERANCES``; empty where it is not known."""
    codes: tuple[str, ...] = ()
    text: Pattern | None = None
    beside: Pattern | None = None
    """Must be found somewhere in the event too: what ties a general wording to tokens."""
    anchors: tuple[str, ...] = ()
    """Literals, one of which is in every text that the entry can match; they make the prefilter."""
    faults: tuple[str, ...] = ()
    """Local names of fault codes."""
    structure: str = ""
    """A defect of what the event holds, recognised by its structure: one of ``structure.STRUCTURES``."""
    provider: Pattern | None = None
    events: tuple[int, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Field name of the event to the values, one of which it must have."""
    times: Pattern | None = None
    """Finds printed times after the match: groups not_before, not_after, now, skew, lifetime, age_limit, issued, valid_from."""
    first_use: bool = False
    """The stack judges each token once, when it arrives: a late one points at a clock, a zone or a delay rather than at reuse."""
    why: Mapping[Cause, str] = field(default_factory=dict)
    """What to say for a cause instead of the meaning."""
    confirm: Mapping[Cause, tuple[str, ...]] = field(default_factory=dict)
    """What would confirm a cause, beside what every finding of that cause asks for."""
    next_steps: tuple[str, ...] = ()
    example: str = ""
    near_miss: str = ""


@dataclass(frozen=True, slots=True)
class EventText:
    """One event as the reasoning sees it."""

    row: int
    source: str
    position: str
    message: str
    time: datetime | None = None
    """UTC and aware, after the source's zone; None where the log has none."""
    zone_known: bool = True
    """False where the log states no zone and none could be inferred: the time may be whole hours off."""
    provider: str = ""
    event_id: int | None = None
    channel: str = ""
    computer: str = ""
    activity: str = ""
    contents: Contents | None = None
    """What the text holds; None where nobody looked."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One entry that matched in one event."""

    entry: Entry
    event: EventText
    span: Span
    depth: int = 0
    """How many exceptions the place is nested inside; the innermost names the cause."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """What the entry's patterns captured, as written."""

    @property
    def excerpt(self) -> str:
        """The exact characters that matched."""
        return self.event.message[self.span.start : self.span.end]


@dataclass(frozen=True, slots=True)
class Incident:
    """The events that belong to one refusal, and what was recognised in them."""

    events: tuple[EventText, ...]
    signals: tuple[Signal, ...]
    neighbours: tuple[EventText, ...] = ()
    """Events of the same second and host that may corroborate."""
    alike: tuple[Signal, ...] = ()
    """Signals with figures of other events of the deciding one's shape, itself included."""
    alike_events: tuple[EventText, ...] = ()
    """Where such refusals print no figures: some events of that shape, looked into, for the windows of their own tokens."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What one line of reasoning says about one cause."""

    cause: Cause
    weight: float
    """0 to 100; 90 and more is proof."""
    explanation: str
    supports: tuple[Evidence, ...] = ()
    contradicts: tuple[Evidence, ...] = ()
    would_confirm: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    facts: Mapping[str, str | float] = field(default_factory=dict)
    overrules: tuple[Cause, ...] = ()
    """Causes whose weight, as the wording alone gave it, these figures replace: they rank below this one."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the user set and what is known beyond one incident."""

    trust: Trust
    at: datetime | None = None
    """Judge at this moment instead of each event's own."""
    tolerances: Mapping[str, Tolerance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that is known once the incidents are judged: what the reviews look at."""

    findings: tuple[Finding, ...]
    seen: tuple[EventText, ...]
    """Events that were looked into: those of findings, and others that hold envelopes or tokens."""
    timed: tuple[tuple[Signal, tuple[int, ...]], ...]
    """Signals whose entries print figures, with the rows that they stand for."""
    circumstances: Circumstances
    store: EventStore
    fetch: Callable[[Sequence[int]], list[EventText]]
    """Events by row, in the given order, not looked into."""
    job: Job
    limits: Limits
    """Where a review says that it looked at a part only."""
    marks: Marks = field(default_factory=Marks)
    """What was picked out of every message that holds an envelope or a token."""
    outside: Mapping[tuple[str, int], timedelta | None] = field(default_factory=dict)
    """By entry and row, how far the judging moment lies outside the printed window, where that was computed already."""


Reviewed = HostClock | Coverage | WhatIf | Advice


class Review(Protocol):
    """One look over everything, after the findings."""

    @property
    def name(self) -> str:
        """Stable short name."""
        ...

    def review(self, known: Known) -> Sequence[Reviewed]:
        """What this look adds. Raises Cancelled."""
        ...


class Reasoning(Protocol):
    """One line of reasoning over an incident."""

    @property
    def name(self) -> str:
        """Stable short name."""
        ...

    def suggest(self, incident: Incident, circumstances: Circumstances) -> Sequence[Suggestion]:
        """What this line of reasoning says; nothing where it has nothing to say. Never raises for what a log holds."""
        ...
