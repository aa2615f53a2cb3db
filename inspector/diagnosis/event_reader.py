"""Fetches events of the store as the reasoning sees them, and looks into them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from inspector.diagnosis.base import Circumstances, EventRef, EventText
from inspector.diagnosis.contents import LONGEST, look_into
from inspector.diagnosis.limits import Limits
from inspector.events import Source, Zone, ZoneBasis
from inspector.job import Job
from inspector.store import EventStore

Rows = npt.NDArray[np.uint32]

_RECORDS: Final = frozenset({"evtx", "evt"})
_COLUMNS: Final = ("source", "position", "time", "time_basis", "provider", "event_id", "channel", "computer", "activity", "message")


def spread(rows: Rows, most: int) -> Rows:
    """At most so many of the rows, evenly over all of them."""
    return rows[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), most)).astype(np.intp))]


class EventReader:
    """The store's events, zones and circumstances applied."""

    def __init__(self, store: EventStore, zones: Mapping[int, Zone], circumstances: Circumstances, limits: Limits, job: Job) -> None:
        self.store = store
        self._zones = zones
        self._circumstances = circumstances
        self._limits = limits
        self.job = job

    def event(self, row: int) -> EventText:
        """One event, looked into. Raises Cancelled."""
        return self.looked_into(self.many([row])[0])

    def looked_into(self, event: EventText) -> EventText:
        """The event with what it holds. Raises Cancelled."""
        self._limits.met(
            "characters of long events searched for envelopes and tokens", min(len(event.message), LONGEST), len(event.message)
        )
        return replace(event, contents=look_into(event.message, self._circumstances, event.time, self.job))

    def many(self, rows: Sequence[int] | Rows) -> list[EventText]:
        """Events in the given order, not looked into."""
        sources = {source.id: source for source in self.store.sources}
        return [self._of(cells, sources) for cells in self.store.frame(rows, _COLUMNS).iter_rows(named=True)]

    def references(self, rows: Sequence[int] | Rows) -> list[EventRef]:
        """Where and when events are, in the given order."""
        sources = {source.id: source for source in self.store.sources}
        return [
            EventRef(row, sources[source].name, position_of(sources[source], position), None if micros is None else _moment(micros))
            for row, source, position, micros in self.store.frame(rows, ("source", "position", "time")).iter_rows()
        ]

    def _of(self, cells: Mapping[str, object], sources: Mapping[int, Source]) -> EventText:
        source = sources[_number(cells["source"])]
        zone = self._zones.get(source.id, source.zone)
        micros = cells["time"]
        return EventText(
            row=_number(cells["row"]),
            source=source.name,
            position=position_of(source, _number(cells["position"])),
            message=str(cells["message"] or ""),
            time=_moment(_number(micros)) if micros is not None else None,
            zone_known=_number(cells["time_basis"]) == 1 or zone.basis is not ZoneBasis.ASSUMED,
            provider=str(cells["provider"] or ""),
            event_id=_number(cells["event_id"]) if cells["event_id"] is not None else None,
            channel=str(cells["channel"] or ""),
            computer=str(cells["computer"] or ""),
            activity=str(cells["activity"] or ""),
        )


def _number(value: object) -> int:
    return int(value) if isinstance(value, (int, float)) else 0


def position_of(source: Source, position: int) -> str:
    """``record 17`` or ``line 203``."""
    return f"{'record' if source.format in _RECORDS else 'line'} {position}"


def _moment(micros: int) -> datetime | None:
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    except OverflowError:
        return None
