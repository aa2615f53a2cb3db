"""Diagnoses everything that is open: events that matter, incidents, findings, clocks, coverage, what-if, advice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from inspector.clock import TOLERANCES
from inspector.diagnosis import REASONING, REVIEWS
from inspector.diagnosis.arithmetic import judge
from inspector.diagnosis.base import (
    Advice,
    Cause,
    Circumstances,
    Confidence,
    Coverage,
    Diagnosis,
    EventRef,
    EventText,
    Finding,
    HostClock,
    Incident,
    Known,
    Severity,
    Signal,
    Suggestion,
    WhatIf,
)
from inspector.diagnosis.contents import look_into
from inspector.diagnosis.conversations import find_request, related_ids
from inspector.diagnosis.dictionary import Dictionary, load
from inspector.diagnosis.facts import facts_of
from inspector.diagnosis.incidents import Group, Places, Rows, gather
from inspector.diagnosis.shapes import CHUNK, Shape, find_shapes
from inspector.diagnosis.signals import has_failure, is_failure, ranked
from inspector.diagnosis.verdict import Verdict, weigh
from inspector.diagnosis.zones import infer_zone
from inspector.events import Source, Zone, ZoneBasis
from inspector.job import Job
from inspector.resources import resource_path
from inspector.store import EventStore
from inspector.tokens.base import Trust

__all__ = ["diagnose", "infer_zone"]

_MOST_EVENTS: Final = 1_000
_BATCH: Final = 256
_BESIDE: Final = 3
_OVERSIZED: Final = 20_000
_OTHERS: Final = 200
"""Shapes without any signal that are still looked into, for coverage and advice."""
_MOST_SPLIT: Final = 20_000
"""Events of one group whose own figures are computed; the rest follow the majority."""
_SEVERITY: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_CONFIDENCE: Final = {Confidence.HIGH: 0, Confidence.MEDIUM: 1, Confidence.LOW: 2}
_RECORDS: Final = frozenset({"evtx", "evt"})


@dataclass(slots=True)
class _Draft:
    """A finding before it has its number."""

    key: tuple[str, Cause]
    incident: Incident
    verdict: Verdict
    severity: Severity
    title: str
    rows: Rows


class _Reader:
    """Fetches events of the store as the reasoning sees them."""

    def __init__(self, store: EventStore, zones: Mapping[int, Zone], circumstances: Circumstances) -> None:
        self._store = store
        self._zones = zones
        self._circumstances = circumstances

    def event(self, row: int) -> EventText:
        """One event, looked into."""
        return self.looked_into(self.plain(row))

    def looked_into(self, event: EventText) -> EventText:
        """The event with what it holds."""
        return replace(event, contents=look_into(event.message, self._circumstances, event.time))

    def plain(self, row: int) -> EventText:
        """One event, not looked into."""
        return self.many([row])[0]

    def many(self, rows: Sequence[int] | Rows) -> list[EventText]:
        """Events in the given order, not looked into."""
        frame = self._store.frame(
            rows, ("source", "position", "time", "time_basis", "provider", "event_id", "channel", "computer", "activity", "message")
        )
        sources = {source.id: source for source in self._store.sources}
        return [self._of(cells, sources) for cells in frame.iter_rows(named=True)]

    def _of(self, cells: Mapping[str, object], sources: Mapping[int, Source]) -> EventText:
        source = sources[_number(cells["source"])]
        zone = self._zones.get(source.id, source.zone)
        micros = cells["time"]
        return EventText(
            row=_number(cells["row"]),
            source=source.name,
            position=_position(source, _number(cells["position"])),
            message=str(cells["message"] or ""),
            time=_moment(_number(micros)) if micros is not None else None,
            zone_known=_number(cells["time_basis"]) == 1 or zone.basis is not ZoneBasis.ASSUMED,
            provider=str(cells["provider"] or ""),
            event_id=_number(cells["event_id"]) if cells["event_id"] is not None else None,
            channel=str(cells["channel"] or ""),
            computer=str(cells["computer"] or ""),
            activity=str(cells["activity"] or ""),
        )


@dataclass(slots=True)
class _Work:
    """What judging needs, and what failed in it."""

    dictionary: Dictionary
    reader: _Reader
    circumstances: Circumstances
    store: EventStore
    job: Job
    failures: list[Coverage] = field(default_factory=list)


def _number(value: object) -> int:
    return int(value) if isinstance(value, (int, float)) else 0


def _position(source: Source, position: int) -> str:
    return f"{'record' if source.format in _RECORDS else 'line'} {position}"


def _moment(micros: int) -> datetime | None:
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    except OverflowError:
        return None


def diagnose(
    store: EventStore,
    job: Job,
    trust: Trust | None = None,
    at: datetime | None = None,
    rules: Sequence[Path] = (),
    zones: Mapping[int, Zone] | None = None,
) -> Diagnosis:
    """The verdict on everything in the store. Raises Cancelled, and RuleError for a rule file of the user's that cannot be used."""
    dictionary = load(resource_path("dictionary"), rules)
    circumstances = Circumstances(trust or Trust(), at, TOLERANCES)
    reader = _Reader(store, zones or {}, circumstances)
    shapes, _ = find_shapes(store, dictionary.anchors, dictionary.event_ids, job)
    groups, others = _look_into(shapes, dictionary, reader, job)
    job.report(0, 0, "Putting incidents together")
    work = _Work(dictionary, reader, circumstances, store, job)
    drafts = _judged(_incidents(groups, store), work)
    findings = _findings(drafts, reader)
    by_row = {row: finding.id for finding in reversed(findings) for row in finding.rows}
    job.report(1, 1, "Weighing what is missing")
    seen = [group.event for group in groups] + [event for event in others if event.contents is not None]
    known = Known(tuple(findings), tuple(seen), tuple(_timed(drafts)), circumstances, store, reader.many, job)
    reviewed = [*(one for review in REVIEWS for one in review.review(known)), *work.failures]
    return Diagnosis(
        findings=tuple(findings),
        clocks=tuple(one for one in reviewed if isinstance(one, HostClock)),
        coverage=tuple(one for one in reviewed if isinstance(one, Coverage)),
        what_if=tuple(one for one in reviewed if isinstance(one, WhatIf)),
        advice=tuple(one for one in reviewed if isinstance(one, Advice)),
        by_row=by_row,
    )


def _timed(drafts: Sequence[_Draft]) -> list[tuple[Signal, tuple[int, ...]]]:
    return [
        (signal, tuple(int(row) for row in draft.rows))
        for draft in drafts
        for signal in draft.incident.signals
        if signal.entry.times is not None and signal.groups
    ]


def _look_into(shapes: Sequence[Shape], dictionary: Dictionary, reader: _Reader, job: Job) -> tuple[list[Group], list[EventText]]:
    """Groups of events in which the dictionary finds something, and some of the others that hold an envelope or a token."""
    groups: list[Group] = []
    others: list[EventText] = []
    for start in range(0, len(shapes), _BATCH):
        job.check()
        job.report(start, len(shapes), "Looking into events")
        batch = shapes[start : start + _BATCH]
        for shape, plain in zip(batch, reader.many([int(shape.rows[0]) for shape in batch]), strict=True):
            signals = dictionary.find(plain) if shape.anchored else ()
            if signals:
                event = reader.looked_into(plain)
                groups.append(Group(shape.rows, event, tuple(replace(signal, event=event) for signal in signals), related_ids(event)))
            elif len(others) < _OTHERS:
                others.append(reader.looked_into(plain))
    return groups, others


def _incidents(groups: Sequence[Group], store: EventStore) -> list[list[Group]]:
    if not groups:
        return []
    rows = np.unique(np.concatenate([group.rows for group in groups]))
    frame = store.frame(rows, ("source", "time", "computer", "activity"))
    none = int(np.iinfo(np.int64).min)
    places = Places(
        rows,
        frame["source"].to_numpy(),
        frame["time"].fill_null(none).to_numpy(),
        _numbered(frame["computer"].to_list()),
        _numbered(frame["activity"].to_list()),
        none,
    )
    together = gather(groups, places)
    return [members for members in together if has_failure([signal for group in members for signal in group.signals])]


def _numbered(texts: Sequence[str | None]) -> npt.NDArray[np.int64]:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(text, len(numbers) + 1) if text else 0 for text in texts], np.int64)


def _judged(incidents: Sequence[list[Group]], work: _Work) -> list[_Draft]:
    dictionary, reader, store, job = work.dictionary, work.reader, work.store, work.job
    drafts: list[_Draft] = []
    for members in incidents:
        job.check()
        members.sort(key=lambda group: (not group.failed, not group.names_cause, int(group.rows[0])))
        main = members[0]
        for rows in _split_by_figures(main, work):
            event = main.event if int(rows[0]) == main.event.row else reader.event(int(rows[0]))
            signals = main.signals if event is main.event else dictionary.find(event)
            parts = [
                (event, signals, rows),
                *(_beside(group, int(rows[0]), dictionary, reader, whole=len(main.rows) == len(rows)) for group in members[1:]),
            ]
            request = find_request(store, event, reader.many, job)
            events = tuple(part[0] for part in parts) + ((request,) if request is not None else ())
            signals = tuple(signal for part in parts for signal in part[1])
            incident = Incident(tuple(sorted(events, key=lambda one: one.row)), signals, _neighbours(event, events, reader, len(store)))
            draft = _draft(incident, np.unique(np.concatenate([part[2] for part in parts])), work)
            if draft is not None:
                drafts.append(draft)
    return drafts


def _neighbours(event: EventText, events: Sequence[EventText], reader: _Reader, total: int) -> tuple[EventText, ...]:
    """Events right beside one, of the same source and second, that are not part of the incident: their stack traces belong to it all the same."""
    known = {one.row for one in events}
    rows = [row for row in range(max(0, event.row - _BESIDE), min(total, event.row + _BESIDE + 1)) if row not in known]
    found = []
    for other in reader.many(rows) if rows else ():
        apart = abs(other.time - event.time) if other.time is not None and event.time is not None else timedelta(0)
        if other.source == event.source and apart <= timedelta(seconds=1) and len(other.message) < _OVERSIZED:
            found.append(reader.looked_into(other))
    return tuple(sorted(found, key=lambda one: abs(one.row - event.row)))


def _beside(group: Group, row: int, dictionary: Dictionary, reader: _Reader, *, whole: bool) -> tuple[EventText, tuple[Signal, ...], Rows]:
    """The event of another group that stands nearest to a row, with what was found in it; all of the group's rows where the main one is whole."""
    nearest = group.rows[np.argmin(np.abs(group.rows.astype(np.int64) - row))]
    rows = group.rows if whole else np.array([nearest], np.uint32)
    if int(nearest) == group.event.row:
        return group.event, group.signals, rows
    event = reader.event(int(nearest))
    return event, dictionary.find(event), rows


def _split_by_figures(group: Group, work: _Work) -> list[Rows]:
    """The group's rows by the cause that each event's own figures show; one part where there are no figures."""
    if len(group.rows) == 1 or not any(signal.entry.times is not None for signal in group.signals):
        return [group.rows]
    entries = [signal.entry for signal in group.signals if signal.entry.times is not None]
    small = Dictionary(entries)
    causes: dict[Cause | None, list[int]] = defaultdict(list)
    looked = group.rows[:_MOST_SPLIT]
    for start in range(0, len(looked), CHUNK):
        work.job.check()
        for event in work.reader.many(looked[start : start + CHUNK]):
            found = [s for signal in small.find(event) for s in judge(signal, work.circumstances)]
            best = max(found, key=lambda s: s.weight, default=None)
            causes[best.cause if best is not None and best.weight > 0 else None].append(event.row)
    parts = [np.array(rows, np.uint32) for rows in causes.values()]
    if len(group.rows) > _MOST_SPLIT:
        largest = max(range(len(parts)), key=lambda at: len(parts[at]))
        parts[largest] = np.concatenate([parts[largest], group.rows[_MOST_SPLIT:]])
    return sorted(parts, key=lambda part: int(part[0]))


def _draft(incident: Incident, rows: Rows, work: _Work) -> _Draft | None:
    suggestions: list[Suggestion] = []
    for reasoning in REASONING:
        try:
            suggestions += reasoning.suggest(incident, work.circumstances)
        except Exception as error:  # noqa: BLE001 - one line of reasoning must not take the others' verdict with it; it is named in the coverage
            work.failures.append(_failure(reasoning.name, incident.events[0], error))
    verdict = weigh(suggestions)
    order = ranked(incident.signals)
    if verdict is None or not order:
        return None
    first = verdict.hypotheses[0]
    fitting = [signal for _, signal in order if first.cause in signal.entry.causes]
    main = fitting[0] if fitting else order[0][1]
    return _Draft((main.entry.id, first.cause), incident, verdict, _severity(order), main.entry.title, rows)


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


def _findings(drafts: Sequence[_Draft], reader: _Reader) -> list[Finding]:
    """Findings in order of importance; what names the same thing for the same cause is one, however often it happened."""
    merged: dict[tuple[str, Cause, Severity], list[_Draft]] = defaultdict(list)
    for draft in drafts:
        merged[*draft.key, draft.severity].append(draft)
    findings = []
    for parts in merged.values():
        best = min(parts, key=lambda draft: (_CONFIDENCE[draft.verdict.hypotheses[0].confidence], int(draft.rows[0])))
        rows = np.unique(np.concatenate([draft.rows for draft in parts]))
        events = reader.many(rows[:_MOST_EVENTS])
        times = [event.time for event in events if event.time is not None]
        last = reader.many(rows[-1:])[0].time if len(rows) > _MOST_EVENTS else None
        facts = {**facts_of(best.incident), **best.verdict.facts}
        findings.append(
            Finding(
                id="",
                severity=best.severity,
                title=best.title,
                hypotheses=best.verdict.hypotheses,
                facts=facts,
                next_steps=best.verdict.next_steps,
                events=tuple(EventRef(event.row, event.source, event.position, event.time) for event in events),
                rows=tuple(int(row) for row in rows),
                count=len(rows),
                first_time=min(times, default=None),
                last_time=max([*times, *([last] if last is not None else [])], default=None),
            )
        )
    never = datetime.max.replace(tzinfo=UTC)
    findings.sort(key=lambda f: (_SEVERITY[f.severity], _CONFIDENCE[f.confidence], f.first_time or never, f.rows[0]))
    return [replace(finding, id=f"F{number}") for number, finding in enumerate(findings, 1)]
