"""Conversations: which message answers which, by MessageID and RelatesTo, and the ids that services print."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from inspector.diagnosis.base import EventText
from inspector.diagnosis.contents import LONGEST, answered, envelopes, look_into
from inspector.diagnosis.limits import Limits
from inspector.job import Job
from inspector.store import EventStore

_ID: Final = re.compile(
    r"(?:Trace ID|Correlation ID|trace_id|correlation_id|CorrelationId|ActivityId|x-ms-request-id|RequestId)[\"']?\s*[:=]\s*\\*[\"']?([0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12})",
    re.IGNORECASE,
)
_NOTHING: Final = "00000000-0000-0000-0000-000000000000"
_LEAST: Final = 12
"""Characters that tell one message id from another."""
_MOST_ROWS: Final = 20
_MOST_SEARCHES: Final = 20
"""Searches of the whole table."""
_CHUNK: Final = 5_000


def related_ids(event: EventText) -> frozenset[str]:
    """Ids that tie an event to others of the same request: message ids and what it answers, trace and correlation ids."""
    text = event.message[:LONGEST]
    ids = {found.group(1).casefold() for found in _ID.finditer(text)}
    for envelope in envelopes(event):
        if envelope.addressing is not None:
            ids.update(one.casefold() for one in (envelope.addressing.message_id, *envelope.addressing.relates_to) if one)
    return frozenset(ids - {_NOTHING})


class Requests:
    """Finds the events that hold the requests which faults answer: one search of the table for many of them."""

    def __init__(self, store: EventStore, fetch: Callable[[Sequence[int]], list[EventText]], limits: Limits, job: Job) -> None:
        self._store = store
        self._fetch = fetch
        self._limits = limits
        self._job = job
        self._found: dict[str, list[int]] = {}
        """By message id, the rows whose text has it."""
        self._searches = 0

    def search(self, replies: Iterable[EventText]) -> None:
        """Look for everything that these faults answer. Raises Cancelled."""
        wanted = sorted({one for reply in replies if len(one := answered(reply)) >= _LEAST} - self._found.keys())
        if not wanted:
            return
        self._searches += 1
        message = pl.col("message")
        has = message.str.contains(wanted[0], literal=True) if len(wanted) == 1 else message.str.contains_any(wanted)
        self._found.update((one, []) for one in wanted)
        rows: npt.NDArray[np.uint32] = self._store.matching(has.fill_null(value=False), self._job)
        for start in range(0, len(rows), _CHUNK):
            self._job.check()
            frame = self._store.frame(rows[start : start + _CHUNK], ("message",))
            for row, ids in frame.select("row", message.str.extract_many(wanted).list.unique()).iter_rows():
                for one in ids:
                    self._found[one].append(row)

    def of(self, reply: EventText) -> EventText | None:
        """The event that holds the request which a fault answers; None where the log does not have it. Raises Cancelled."""
        wanted = answered(reply)
        if len(wanted) < _LEAST:
            return None
        if wanted not in self._found:
            self._limits.met("refused requests that were looked for", int(self._searches < _MOST_SEARCHES), 1)
            if self._searches >= _MOST_SEARCHES:
                return None
            self.search([reply])
        rows = [row for row in self._found[wanted] if row != reply.row]
        self._limits.met("events with the id of a refused request", min(len(rows), _MOST_ROWS), len(rows))
        for found in self._fetch(rows[:_MOST_ROWS]) if rows else ():
            self._job.check()
            looked = replace(found, contents=look_into(found.message, job=self._job))
            if any(envelope.addressing is not None and envelope.addressing.message_id == wanted for envelope in envelopes(looked)):
                return looked
        return None
