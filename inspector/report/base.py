"""What a report is made of, gathered once and then written in any form."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from inspector.clock import in_words
from inspector.diagnosis.base import Cause, Diagnosis, Finding
from inspector.events import Level, MessageFrom, Problem, Source
from inspector.job import Job
from inspector.payloads.base import Contents
from inspector.report.redaction import Redactor, SecretKind, secrets_in
from inspector.timeline import Timeline
from inspector.tokens.base import Field, Token


class InspectedEvent(Protocol):
    """One event, looked into: what ``session.Detail`` holds, as far as a report needs it."""

    @property
    def row(self) -> int: ...
    @property
    def source(self) -> Source: ...
    @property
    def position(self) -> str: ...
    @property
    def time(self) -> datetime | None: ...
    @property
    def time_note(self) -> str: ...
    @property
    def level(self) -> Level: ...
    @property
    def provider(self) -> str: ...
    @property
    def event_id(self) -> int | None: ...
    @property
    def channel(self) -> str: ...
    @property
    def computer(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def message_from(self) -> MessageFrom: ...
    @property
    def raw(self) -> str: ...
    @property
    def fields(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def contents(self) -> Contents: ...
    @property
    def timeline(self) -> Timeline | None: ...
    @property
    def summary(self) -> str: ...


class Opened(Protocol):
    """The open logs, as far as a report needs them; ``session.Session`` is one."""

    @property
    def sources(self) -> tuple[Source, ...]: ...
    @property
    def problems(self) -> tuple[Problem, ...]: ...
    def __len__(self) -> int: ...
    @property
    def diagnosis(self) -> Diagnosis | None: ...
    def inspect(self, row: int) -> InspectedEvent: ...
    def diagnose(self, job: Job) -> Diagnosis: ...
    def finish_hashing(self, job: Job) -> None: ...


CAUSE_TITLES: Final[Mapping[Cause, str]] = {
    Cause.EXPIRED: "Expired",
    Cause.CLOCK_SKEW: "Clock or time zone",
    Cause.MALFORMED: "Malformed",
    Cause.SIGNATURE_MISMATCH: "Signature mismatch",
    Cause.AUDIENCE_MISMATCH: "Wrong audience",
    Cause.REVOKED: "Revoked",
    Cause.BAD_CREDENTIALS: "Bad credentials",
    Cause.UNSUPPORTED: "Unsupported",
    Cause.UNTRUSTED_ISSUER: "Untrusted issuer",
    Cause.REPLAY: "Replay",
    Cause.DELAYED_PROCESSING: "Delayed processing",
    Cause.ADDRESSING: "Addressing",
    Cause.OTHER: "Other",
}
"""Each cause as a person reads it."""


@dataclass(frozen=True, slots=True)
class Program:
    """Which program wrote the report."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Note:
    """What the user wrote beside an event."""

    row: int
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a report says, before redaction."""

    program: Program
    created: datetime
    diagnosis: Diagnosis
    findings: tuple[Finding, ...]
    """The chosen ones, in the diagnosis' order."""
    sources: tuple[Source, ...]
    problems: tuple[Problem, ...]
    events: int
    """Rows of the event table."""
    inspected: Mapping[int, InspectedEvent]
    """The first event of each finding and every event that its evidence quotes (up to a bound), by row number."""
    filter_english: str = ""
    """The filter that was active, as a sentence; empty for none."""
    notes: tuple[Note, ...] = ()
    title: str = "Why the token was refused"
    known_secrets: tuple[tuple[str, SecretKind], ...] = dataclasses.field(default=(), repr=False)


INSPECTED_PER_FINDING: Final = 6
"""Events of one finding that a report shows whole; the rest are listed."""


def gather(
    opened: Opened,
    job: Job,
    *,
    program: Program,
    now: datetime,
    chosen: Sequence[str] | None = None,
    filter_english: str = "",
    notes: Sequence[Note] = (),
) -> Report:
    """Take the verdict on what is open, diagnose where there is none yet, and look into the events that the findings rest on.

    ``chosen``: ids of the findings to report, None for all. ``now``: when the report is made (UTC, aware); nothing is judged by it.
    Raises Cancelled.
    """
    diagnosis = opened.diagnosis or opened.diagnose(job)
    opened.finish_hashing(job)
    findings = tuple(one for one in diagnosis.findings if chosen is None or one.id in chosen)
    inspected: dict[int, InspectedEvent] = {}
    for number, finding in enumerate(findings):
        job.check()
        job.report(number, len(findings), "Looking into the evidence")
        for row in _rows_to_show(finding):
            if row not in inspected:
                inspected[row] = opened.inspect(row)
    return Report(
        program=program,
        created=now,
        diagnosis=diagnosis,
        findings=findings,
        sources=opened.sources,
        problems=opened.problems,
        events=len(opened),
        inspected=inspected,
        filter_english=filter_english,
        notes=tuple(notes),
        known_secrets=known_secrets(inspected.values()),
    )


def _rows_to_show(finding: Finding) -> tuple[int, ...]:
    quoted = [
        evidence.row
        for hypothesis in finding.hypotheses
        for evidence in (*hypothesis.supports, *hypothesis.contradicts)
        if evidence.row is not None
    ]
    ordered = dict.fromkeys([*finding.rows[:1], *quoted, *finding.rows])
    return tuple(ordered)[:INSPECTED_PER_FINDING]


_TELLING: Final = 8
"""Characters from which a value found once is looked for everywhere; a shorter one could be a word of the language."""

_FIELD_KINDS: Final = (
    ("password", SecretKind.PASSWORD),
    ("digest", SecretKind.PASSWORD),
    ("nonce", SecretKind.NONCE),
    ("signature", SecretKind.SIGNATURE),
    ("cookie", SecretKind.COOKIE),
    ("key", SecretKind.KEY),
)


def kind_of(field: Field) -> SecretKind:
    """Which kind of secret a token's field holds, by its name."""
    lowered = field.name.lower()
    return next((kind for word, kind in _FIELD_KINDS if word in lowered), SecretKind.TOKEN)


def shown_value(field: Field, redactor: Redactor) -> str:
    """A field's value as it leaves the program: a secret one always as a pseudonym while its kind is replaced."""
    if field.secret and field.value and kind_of(field) in redactor.kinds:
        return redactor.pseudonym(field.value, kind_of(field))
    return redactor.redact(field.value)


def known_secrets(events: Iterable[InspectedEvent]) -> tuple[tuple[str, SecretKind], ...]:
    """Values that the decoders of payloads and tokens marked as secret, and the names of users and computers, with their kinds."""
    known: dict[str, SecretKind] = {}
    for event in events:
        _note_secrets(event, known)
    return tuple(known.items())


def _note_secrets(event: InspectedEvent, known: dict[str, SecretKind]) -> None:
    waiting: list[Token] = list(event.contents.tokens)
    while waiting:
        token = waiting.pop()
        waiting.extend(token.inner)
        for one in token.fields:
            if one.secret:
                known[one.value] = kind_of(one)
    for payload in event.contents.payloads:
        for span in payload.secrets:
            known.setdefault(payload.pretty[span.start : span.end], SecretKind.TOKEN)
    # What was told a secret by the words around it is one without them too, as where a field shows its value alone.
    for secret in secrets_in(event.message):
        if secret.end - secret.start >= _TELLING:
            known.setdefault(event.message[secret.start : secret.end], secret.kind)
    if event.computer:
        known[event.computer] = SecretKind.HOST
    if event.user:
        known[event.user] = SecretKind.USER


def redactor_for(report: Report, kinds: frozenset[SecretKind]) -> Redactor:
    """A redactor that knows every secret which the report's events were found to hold."""
    return Redactor(kinds, report.known_secrets)


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with ``Z``, to the microsecond where there is any (RFC 3339)."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def verdict_paragraph(report: Report) -> str:
    """One paragraph for a manager: what happened, how often, how sure, what to do first."""
    errors = [one for one in report.findings if one.severity == "error"]
    shown = errors or list(report.findings)
    if not shown:
        return (
            f"No refused token was found in {report.events:,} events of {plural(len(report.sources), 'source')}. "
            "That is an answer for these logs only: what they do not record is listed under Coverage."
        )
    first = shown[0]
    span = ""
    if first.first_time and first.last_time and first.count > 1:
        lasted = first.last_time - first.first_time
        span = f", over {in_words(lasted)}" if lasted > timedelta(seconds=1) else ", within one second"
    sure = {
        "high": "The evidence proves it.",
        "medium": "The evidence speaks for it but does not prove it.",
        "low": "It is a lead, not a proof.",
    }
    sentences = [
        f"{first.title.rstrip('.')}.",
        f"Most likely cause: {CAUSE_TITLES[first.cause].lower()} ({first.confidence.value} confidence), seen in {plural(first.count, 'event')}{span}.",
        sure[first.confidence.value],
    ]
    if len(shown) > 1:
        sentences.append(f"{plural(len(shown) - 1, 'further finding')} below.")
    if first.next_steps:
        sentences.append(f"First step: {first.next_steps[0].rstrip('.')}.")
    return " ".join(sentences)


def plural(number: int, noun: str) -> str:
    """``1 event``, ``1,204 events``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
