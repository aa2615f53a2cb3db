"""Judges incidents: their lines of reasoning weighed, refusals with figures told apart, what is about the same made one finding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from inspector.diagnosis.arithmetic import figures_of, judge, outside
from inspector.diagnosis.base import (
    Cause,
    Circumstances,
    Confidence,
    Coverage,
    EventText,
    Finding,
    Incident,
    Reasoning,
    Severity,
    Signal,
    Suggestion,
)
from inspector.diagnosis.conversations import Requests
from inspector.diagnosis.dictionary import Dictionary
from inspector.diagnosis.event_reader import EventReader, Rows, spread
from inspector.diagnosis.facts import facts_of
from inspector.diagnosis.incidents import Group
from inspector.diagnosis.limits import Limits
from inspector.diagnosis.signals import is_about_time, is_failure, ranked
from inspector.diagnosis.verdict import Verdict, weigh
from inspector.job import Job

_MOST_EVENTS: Final = 1_000
_BESIDE: Final = 3
_OVERSIZED: Final = 20_000
_MOST_PARTS: Final = 50
"""Kinds of events of one incident that are reasoned over; the others only count."""
_MOST_SPLIT: Final = 10_000
"""Events of one group, spread over all of it, whose own figures are computed; the rest follow the majority."""
_ALIKE: Final = 200
"""Events of one shape that are compared with each other."""
_LOOKED_INTO: Final = 24
"""Events of one shape whose own tokens are compared with each other."""
_CHUNK: Final = 200
"""Events between two looks whether to stop."""
_SEVERITY: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_CONFIDENCE: Final = {Confidence.HIGH: 0, Confidence.MEDIUM: 1, Confidence.LOW: 2}


@dataclass(slots=True)
class Draft:
    """A finding before it has its number."""

    key: tuple[str, Cause]
    event: EventText
    """The one that stands for all."""
    incident: Incident
    verdict: Verdict
    severity: Severity
    title: str
    rows: Rows


@dataclass(slots=True)
class Judge:
    """Judges incidents one by one."""

    dictionary: Dictionary
    reader: EventReader
    circumstances: Circumstances
    reasoning: Sequence[Reasoning]
    limits: Limits
    job: Job
    failures: list[Coverage] = field(default_factory=list)
    """Lines of reasoning that failed, named for the coverage."""
    outside: dict[tuple[str, int], timedelta | None] = field(default_factory=dict)
    """By entry and row, how far the judging moment lies outside the printed window."""

    def alone(self, group: Group) -> Draft | None:
        """What one group says by itself, before it is known what belongs to it."""
        return self._draft(group.event, Incident((group.event,), group.signals), group.rows)

    def incident(self, members: list[Group], requests: Requests) -> Iterator[Draft]:
        """The drafts of one incident: one for each cause that its events' own figures show. Raises Cancelled."""
        members.sort(key=lambda group: (not group.failed, not group.names_cause, int(group.rows[0])))
        main, beside, rest = members[0], members[1:_MOST_PARTS], members[_MOST_PARTS:]
        self.limits.met("kinds of events that were weighed together for one incident", 1 + len(beside), len(members))
        for rows in self._split_by_figures(main):
            self.job.check()
            event = main.event if int(rows[0]) == main.event.row else self.reader.event(int(rows[0]))
            signals = main.signals if event is main.event else self.dictionary.find(event, self.job.check)
            whole = len(main.rows) == len(rows)
            parts = [(event, signals, rows), *(self._beside(group, int(rows[0]), whole=whole) for group in beside)]
            request = requests.of(event)
            events = tuple(part[0] for part in parts) + ((request,) if request is not None else ())
            incident = Incident(
                tuple(sorted(events, key=lambda one: one.row)),
                tuple(signal for part in parts for signal in part[1]),
                alike=self._alike(rows, signals),
                alike_events=self._alike_events(rows, signals),
            )
            counted = [part[2] for part in parts] + [group.rows for group in rest if whole]
            draft = self._draft(event, incident, np.unique(np.concatenate(counted)))
            if draft is not None:
                yield draft

    def _beside(self, group: Group, row: int, *, whole: bool) -> tuple[EventText, tuple[Signal, ...], Rows]:
        """The event of another group that stands nearest to a row, with what was found in it; all of the group's rows where the main one is whole."""
        nearest = group.rows[np.argmin(np.abs(group.rows.astype(np.int64) - row))]
        rows = group.rows if whole else np.array([nearest], np.uint32)
        if int(nearest) == group.event.row:
            return group.event, group.signals, rows
        event = self.reader.event(int(nearest))
        return event, self.dictionary.find(event, self.job.check), rows

    def _alike(self, rows: Rows, signals: Sequence[Signal]) -> tuple[Signal, ...]:
        """What the entries with figures say in the first events of one shape."""
        entries = [signal.entry for signal in signals if signal.entry.times is not None]
        if len(rows) == 1 or not entries:
            return ()
        small = Dictionary(entries)
        return tuple(signal for event in self.reader.many(rows[:_ALIKE]) for signal in small.find(event) if signal.groups)

    def _alike_events(self, rows: Rows, signals: Sequence[Signal]) -> tuple[EventText, ...]:
        """Some events of one shape, spread over all of them, where time may be the cause and no figures are printed."""
        if len(rows) == 1 or not is_about_time(signals):
            return ()
        if any(signal.entry.times is not None and signal.groups for signal in signals):
            return ()
        return tuple(self.reader.looked_into(event) for event in self.reader.many(spread(rows, _LOOKED_INTO)))

    def _split_by_figures(self, group: Group) -> list[Rows]:
        """The group's rows by the cause that each event's own figures show; one part where there are no figures."""
        entries = [signal.entry for signal in group.signals if signal.entry.times is not None]
        if len(group.rows) == 1 or not entries:
            return [group.rows]
        small = Dictionary(entries)
        causes: dict[Cause | None, list[int]] = defaultdict(list)
        spread = np.zeros(len(group.rows), np.bool_)
        spread[np.linspace(0, len(spread) - 1, min(len(spread), _MOST_SPLIT)).astype(np.intp)] = True
        looked = group.rows[spread]
        self.limits.met("repeated refusals whose own printed times were computed", len(looked), len(group.rows))
        for start in range(0, len(looked), _CHUNK):
            self.job.check()
            for event in self.reader.many(looked[start : start + _CHUNK]):
                suggestions: list[Suggestion] = []
                for signal in small.find(event):
                    figures = figures_of(signal)
                    self.outside[signal.entry.id, event.row] = outside(signal, figures)
                    suggestions += judge(signal, self.circumstances, figures)
                best = max(suggestions, key=lambda s: s.weight, default=None)
                causes[best.cause if best is not None and best.weight > 0 else None].append(event.row)
        parts = [np.array(rows, np.uint32) for rows in causes.values()]
        if not spread.all():
            largest = max(range(len(parts)), key=lambda at: len(parts[at]))
            parts[largest] = np.sort(np.concatenate([parts[largest], group.rows[~spread]]))
        return sorted(parts, key=lambda part: int(part[0]))

    def _draft(self, event: EventText, incident: Incident, rows: Rows) -> Draft | None:
        suggestions: list[Suggestion] = []
        for reasoning in self.reasoning:
            try:
                suggestions += reasoning.suggest(incident, self.circumstances)
            except Exception as error:  # noqa: BLE001 - one line of reasoning must not take the others' verdict with it; it is named in the coverage
                self.failures.append(_failure(reasoning.name, incident.events[0], error))
        verdict = weigh(suggestions)
        order = ranked(incident.signals)
        if verdict is None or not order:
            return None
        first = verdict.hypotheses[0]
        fitting = [signal for _, signal in order if first.cause in signal.entry.causes]
        main = fitting[0] if fitting else order[0][1]
        return Draft((main.entry.id, first.cause), event, incident, verdict, _severity(order), main.entry.title, rows)


def _failure(name: str, event: EventText, error: Exception) -> Coverage:
    what = f"{type(error).__name__}: {error}"[:300]
    return Coverage(
        f"What do the {name} say on {event.source}, {event.position}?",
        f"this line of reasoning failed ({what})",
        "Report it with that event, secrets masked",
    )


def _severity(order: Sequence[tuple[float, Signal]]) -> Severity:
    """The gravest severity of what says by itself that something was refused; a warning at most where none of it is confirmed."""
    failures = [signal.entry for _, signal in order if is_failure(signal)] or [signal.entry for _, signal in order]
    confirmed = [entry.severity for entry in failures if entry.confirmed]
    if confirmed:
        return min(confirmed, key=lambda one: _SEVERITY[one])
    gravest = min((entry.severity for entry in failures), key=lambda one: _SEVERITY[one])
    return max(gravest, Severity.WARNING, key=lambda one: _SEVERITY[one])


def findings_of(drafts: Sequence[Draft], reader: EventReader, job: Job, *, complete: bool) -> tuple[Finding, ...]:
    """Findings in order of importance; what names the same thing for the same cause is one, however often it happened.

    Findings that are not ``complete`` have no id and only their first events. Raises Cancelled.
    """
    merged: dict[tuple[str, Cause, Severity], list[Draft]] = defaultdict(list)
    for draft in drafts:
        merged[*draft.key, draft.severity].append(draft)
    findings = []
    for key, parts in merged.items():
        job.check()
        best = min(parts, key=lambda draft: (_CONFIDENCE[draft.verdict.hypotheses[0].confidence], int(draft.rows[0])))
        rows = np.unique(np.concatenate([draft.rows for draft in parts]))
        events = reader.references(rows[: _MOST_EVENTS if complete else 1])
        times = [event.time for event in (*events, *reader.references(rows[-1:])) if event.time is not None]
        facts: Mapping[str, str | float] = {}
        if complete:
            facts = {**facts_of(_with_neighbours(best, reader)), **best.verdict.facts}
        findings.append(
            Finding(
                id="",
                severity=best.severity,
                title=best.title,
                hypotheses=best.verdict.hypotheses,
                facts=facts,
                next_steps=best.verdict.next_steps,
                events=tuple(events),
                rows=tuple(rows.tolist()),
                count=len(rows),
                first_time=min(times, default=None),
                last_time=max(times, default=None),
                key="/".join(key),
            )
        )
    never = datetime.max.replace(tzinfo=UTC)
    findings.sort(key=lambda f: (_SEVERITY[f.severity], _CONFIDENCE[f.confidence], f.first_time or never, f.rows[0]))
    return tuple(replace(finding, id=f"F{number}") for number, finding in enumerate(findings, 1)) if complete else tuple(findings)


def _with_neighbours(draft: Draft, reader: EventReader) -> Incident:
    """The draft's incident with the stack traces that stand right beside it: events of the same source and second that are no part of it."""
    incident, event = draft.incident, draft.event
    known = {one.row for one in incident.events}
    rows = [row for row in range(max(0, event.row - _BESIDE), min(len(reader.store), event.row + _BESIDE + 1)) if row not in known]
    found = []
    for other in reader.many(rows) if rows else ():
        apart = abs(other.time - event.time) if other.time is not None and event.time is not None else timedelta(0)
        if other.source == event.source and apart <= timedelta(seconds=1) and len(other.message) < _OVERSIZED:
            found.append(reader.looked_into(other))
    return replace(incident, neighbours=tuple(sorted(found, key=lambda one: abs(one.row - event.row))))
