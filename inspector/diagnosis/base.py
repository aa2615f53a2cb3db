"""What a diagnosis is made of: findings with ranked hypotheses, evidence for and against, clocks, coverage."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from inspector.tokens.base import Span


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
    """``F1``, ``F2`` in order of importance."""
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

    @property
    def cause(self) -> Cause:
        """Cause of the first hypothesis."""
        return self.hypotheses[0].cause

    @property
    def confidence(self) -> Confidence:
        """Confidence of the first hypothesis."""
        return self.hypotheses[0].confidence


@dataclass(frozen=True, slots=True)
class HostClock:
    """How far a host's clock is off, as the log shows it."""

    host: str
    offset: timedelta
    """Positive when the host is ahead of the others."""
    basis: str
    """In words, with the number of events behind it."""
    events: int = 0


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
