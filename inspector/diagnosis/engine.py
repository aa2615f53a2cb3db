"""Diagnoses everything that is open: events that matter, incidents, findings as they come, clocks, coverage, what-if, advice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from inspector.clock import TOLERANCES
from inspector.diagnosis import REASONING, REVIEWS
from inspector.diagnosis.base import (
    Advice,
    Circumstances,
    Coverage,
    Diagnosis,
    EventText,
    HostClock,
    Known,
    RowFindings,
    Signal,
    WhatIf,
)
from inspector.diagnosis.conversations import Requests, related_ids
from inspector.diagnosis.dictionary import Dictionary, load
from inspector.diagnosis.drafts import Draft, Judge, findings_of
from inspector.diagnosis.event_reader import EventReader
from inspector.diagnosis.incidents import MOST_ROWS, Group, Places, gather
from inspector.diagnosis.limits import Limits
from inspector.diagnosis.marks import Marks
from inspector.diagnosis.shapes import Shape, Shapes
from inspector.diagnosis.signals import has_failure
from inspector.diagnosis.untold import untold
from inspector.diagnosis.zones import infer_zone
from inspector.events import Zone
from inspector.job import Job
from inspector.resources import resource_path
from inspector.store import EventStore
from inspector.tokens.base import Trust

__all__ = ["diagnose", "infer_zone"]

_BATCH: Final = 64
_OTHERS: Final = 200
"""Shapes without any signal that are still looked into, for coverage and advice."""
_EARLY: Final = 300
"""Shapes that are judged by themselves while the table is still searched, to have findings soon."""
_PAUSE: Final = 0.3
"""Seconds between two partial results."""
_SHARE: Final = 10
"""A partial result may take this part of the time until the next one."""


class _Early:
    """Findings as they come: what each refusal says by itself until it is judged with all that belongs to it."""

    def __init__(self, arrived: Callable[[Diagnosis], None] | None, judge: Judge) -> None:
        self._arrived = arrived
        self._judge = judge
        self._alone: dict[int, Draft] = {}
        """By the first row of their shape."""
        self._due = 0.0

    @property
    def wanted(self) -> bool:
        """Whether somebody listens, and there is room for more."""
        return self._arrived is not None and len(self._alone) < _EARLY

    def add(self, group: Group) -> None:
        """Judge a group by itself, where it names a cause."""
        if self.wanted and group.failed and group.names_cause and (draft := self._judge.alone(group)) is not None:
            self._alone[group.event.row] = draft

    def judged(self, members: Sequence[Group]) -> None:
        """Forget what groups said by themselves: they are judged now."""
        for group in members:
            self._alone.pop(group.event.row, None)

    def send(self, rows_of: Callable[[Iterable[int]], Mapping[int, npt.NDArray[np.uint32]]] | None, drafts: Sequence[Draft]) -> None:
        """Hand on what is known, unless that was done just now. ``rows_of`` knows the rows of each shape so far."""
        start = time.monotonic()
        if self._arrived is None or start < self._due or not (drafts or self._alone):
            return
        rows = rows_of(self._alone) if rows_of is not None else {}
        known = [*drafts, *(replace(draft, rows=rows.get(row, draft.rows)) for row, draft in self._alone.items())]
        self._arrived(Diagnosis(findings_of(known, self._judge.reader, self._judge.job, complete=False), complete=False))
        end = time.monotonic()
        self._due = end + max(_PAUSE, _SHARE * (end - start))


def diagnose(
    store: EventStore,
    job: Job,
    trust: Trust | None = None,
    at: datetime | None = None,
    rules: Sequence[Path] = (),
    zones: Mapping[int, Zone] | None = None,
    *,
    dictionary: Dictionary | None = None,
    arrived: Callable[[Diagnosis], None] | None = None,
) -> Diagnosis:
    """The verdict on everything in the store.

    ``dictionary`` is used as it is; without it the built-in one is read, with ``rules`` over it. ``arrived`` is told the findings that
    are known so far, some times a second: results that say themselves that they are not complete. Raises Cancelled, and RuleError for
    a rule file of the user's that cannot be used.
    """
    job.check()
    dictionary = dictionary or load(resource_path("dictionary"), rules, job.check)
    job.check()
    limits = Limits()
    for source in store.sources:
        looked_at, there = (zones or {}).get(source.id, source.zone).compared
        limits.met("events whose printed moments were compared with their own time, to infer a log's zone", looked_at, there)
    circumstances = Circumstances(trust or Trust(), at, TOLERANCES)
    reader = EventReader(store, zones or {}, circumstances, limits, job)
    judge = Judge(dictionary, reader, circumstances, REASONING, limits, job)
    early = _Early(arrived, judge)
    marks = Marks()
    shapes = Shapes(store, dictionary.anchors, dictionary.event_ids, job, marks)
    looked: dict[int, Group] = {}

    def soon(rows: Iterable[int]) -> None:
        for row in rows:
            if not early.wanted:
                break
            job.check()
            group = _group(reader.many([row])[0], np.array([row], np.uint32), dictionary, reader)
            if group is not None:
                looked[row] = group
                early.add(group)
        early.send(shapes.so_far, ())

    shapes.search(soon)
    groups, others = _look_into(shapes.all(limits), looked, judge, early)
    job.report(0, 0, "Putting incidents together")
    incidents = _incidents(groups, store, limits, job)
    requests = Requests(store, reader.many, limits, job)
    requests.search(group.event for members in incidents for group in members)
    drafts: list[Draft] = []
    for number, members in enumerate(incidents):
        job.check()
        job.report(number, len(incidents), "Weighing what was refused")
        drafts += judge.incident(members, requests)
        early.judged(members)
        early.send(None, drafts)
    findings = findings_of(drafts, reader, job, complete=True)
    job.report(1, 1, "Weighing what is missing")
    seen = [group.event for group in groups] + [event for event in others if event.contents is not None]
    known = Known(findings, tuple(seen), tuple(_timed(drafts)), circumstances, store, reader.many, job, limits, marks, judge.outside)
    reviewed = [*(one for review in REVIEWS for one in review.review(known)), *judge.failures]
    if limits.words:
        reviewed.append(
            Coverage(
                "Was everything looked at?",
                f"every event was searched for refusals, but not all of it was looked into: {'; '.join(limits.words)}",
                "For a closer look open only the files or hours that matter",
            )
        )
    return Diagnosis(
        findings=findings,
        clocks=tuple(one for one in reviewed if isinstance(one, HostClock)),
        coverage=tuple(one for one in reviewed if isinstance(one, Coverage)),
        what_if=tuple(one for one in reviewed if isinstance(one, WhatIf)),
        advice=tuple(one for one in reviewed if isinstance(one, Advice)),
        by_row=RowFindings(findings),
    )


def _timed(drafts: Sequence[Draft]) -> list[tuple[Signal, tuple[int, ...]]]:
    return [
        (signal, tuple(draft.rows.tolist()))
        for draft in drafts
        for signal in draft.incident.signals
        if signal.entry.times is not None and signal.groups
    ]


def _group(plain: EventText, rows: npt.NDArray[np.uint32], dictionary: Dictionary, reader: EventReader) -> Group | None:
    """The event with what the dictionary finds in it, standing for the given rows; None where it finds nothing."""
    signals = dictionary.find(plain, reader.job.check)
    if not signals:
        return None
    event = reader.looked_into(plain)
    return Group(rows, event, tuple(replace(signal, event=event) for signal in signals), related_ids(event))


def _look_into(shapes: Sequence[Shape], looked: Mapping[int, Group], judge: Judge, early: _Early) -> tuple[list[Group], list[EventText]]:
    """Groups of events in which the dictionary finds something, and some of the others that hold an envelope or a token."""
    dictionary, reader, limits, job = judge.dictionary, judge.reader, judge.limits, judge.job
    groups: list[Group] = []
    others: list[EventText] = []
    silent = 0
    for start in range(0, len(shapes), _BATCH):
        job.report(start, len(shapes), "Looking into events")
        batch = shapes[start : start + _BATCH]
        waiting = [shape for shape in batch if int(shape.rows[0]) not in looked]
        events = dict(zip([int(shape.rows[0]) for shape in waiting], reader.many([int(shape.rows[0]) for shape in waiting]), strict=True))
        for shape in batch:
            job.check()
            row = int(shape.rows[0])
            group = replace(looked[row], rows=shape.rows) if row in looked else None
            if group is None and shape.anchored:
                group = _group(events[row], shape.rows, dictionary, reader)
            if group is not None:
                groups.append(group)
                early.add(group)
                continue
            silent += 1
            if len(others) < _OTHERS:
                others.append(reader.looked_into(events[row]))
                group = untold(shape, reader, judge.circumstances, limits)
                if group is not None:
                    groups.append(group)
                    early.add(group)
        early.send(None, ())
    limits.met("kinds of events without a refusal that were looked into, for coverage and advice", len(others), silent)
    return groups, others


def _incidents(groups: Sequence[Group], store: EventStore, limits: Limits, job: Job) -> list[list[Group]]:
    if not groups:
        return []
    for group in groups:
        limits.met(
            "repeated events whose neighbours were compared, to put incidents together", min(len(group.rows), MOST_ROWS), len(group.rows)
        )
    rows = np.unique(np.concatenate([group.rows for group in groups]))
    job.check()
    frame = store.frame(rows, ("source", "time", "computer", "activity"))
    job.check()
    none = int(np.iinfo(np.int64).min)
    places = Places(
        rows,
        frame["source"].to_numpy(),
        frame["time"].fill_null(none).to_numpy(),
        _numbered(frame["computer"].to_list()),
        _numbered(frame["activity"].to_list()),
        none,
    )
    job.check()
    together = gather(groups, places)
    job.check()
    return [members for members in together if has_failure([signal for group in members for signal in group.signals])]


def _numbered(texts: Sequence[str | None]) -> npt.NDArray[np.int64]:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(text, len(numbers) + 1) if text else 0 for text in texts], np.int64)
