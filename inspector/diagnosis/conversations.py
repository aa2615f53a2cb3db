"""Conversations: which message answers which, by MessageID and RelatesTo, and the ids that services print."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from inspector.diagnosis.base import EventText
from inspector.diagnosis.contents import answered, envelopes, look_into
from inspector.job import Job
from inspector.store import EventStore

_ID: Final = re.compile(
    r"(?:Trace ID|Correlation ID|trace_id|correlation_id|CorrelationId|ActivityId|x-ms-request-id|RequestId)[\"']?\s*[:=]\s*\\*[\"']?([0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12})",
    re.IGNORECASE,
)
_NOTHING: Final = "00000000-0000-0000-0000-000000000000"


def related_ids(event: EventText) -> frozenset[str]:
    """Ids that tie an event to others of the same request: message ids and what it answers, trace and correlation ids."""
    ids = {found.group(1).casefold() for found in _ID.finditer(event.message)}
    for envelope in envelopes(event):
        if envelope.addressing is not None:
            ids.update(one.casefold() for one in (envelope.addressing.message_id, *envelope.addressing.relates_to) if one)
    return frozenset(ids - {_NOTHING})


def find_request(store: EventStore, event: EventText, fetch: Callable[[Sequence[int]], list[EventText]], job: Job) -> EventText | None:
    """The event that holds the request which a fault answers; None where the log does not have it."""
    wanted = answered(event)
    if len(wanted) < 12:
        return None
    rows: npt.NDArray[np.uint32] = store.matching(pl.col("message").str.contains(wanted, literal=True).fill_null(value=False), job)
    for found in fetch([int(row) for row in rows[:20] if int(row) != event.row]):
        looked = replace(found, contents=look_into(found.message))
        if any(envelope.addressing is not None and envelope.addressing.message_id == wanted for envelope in envelopes(looked)):
            return looked
    return None
