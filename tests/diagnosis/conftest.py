"""Event stores made of a few events, for the diagnosis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from inspector.dates import micros_of
from inspector.diagnosis.dictionary import Dictionary, load
from inspector.events import Level, Source, TimeBasis, Zone, ZoneBasis
from inspector.formats.base import text_flags
from inspector.resources import resource_path
from inspector.store import EventStore, normalised, write_segment


@dataclass(frozen=True)
class Logged:
    """One event as a test writes it; ``time`` is wall clock where ``local``."""

    message: str
    time: str = ""
    provider: str = ""
    event_id: int | None = None
    computer: str = ""
    activity: str = ""
    local: bool = False
    level: Level = Level.UNKNOWN


StoreOf = Callable[..., EventStore]


@pytest.fixture(scope="session")
def dictionary() -> Dictionary:
    """The built-in dictionary."""
    return load(resource_path("dictionary"))


@pytest.fixture
def store_of(tmp_path: Path) -> Iterator[StoreOf]:
    """Makes a store of logs: each argument is one source's events."""
    stores = []

    def make(*logs: Sequence[Logged], zone: timedelta | None = None) -> EventStore:
        store = EventStore()
        stores.append(store)
        for number, events in enumerate(logs, 1):
            basis = [TimeBasis.NONE if not e.time else TimeBasis.LOCAL if e.local else TimeBasis.UTC for e in events]
            frame = pl.DataFrame(
                {
                    "position": list(range(1, len(events) + 1)),
                    "time": [micros_of(datetime.fromisoformat(e.time).replace(tzinfo=UTC)) if e.time else None for e in events],
                    "time_basis": [int(one) for one in basis],
                    "provider": [e.provider or None for e in events],
                    "event_id": [e.event_id for e in events],
                    "computer": [e.computer or None for e in events],
                    "activity": [e.activity or None for e in events],
                    "level": [int(e.level) for e in events],
                    "message": [e.message for e in events],
                },
                schema={
                    "position": pl.Int64,
                    "time": pl.Int64,
                    "time_basis": pl.UInt8,
                    "provider": pl.String,
                    "event_id": pl.Int64,
                    "computer": pl.String,
                    "activity": pl.String,
                    "level": pl.UInt8,
                    "message": pl.String,
                },
            ).with_columns(text_flags(pl.col("message")).alias("flags"))
            known = Zone(zone, ZoneBasis.USER, "set by a test") if zone is not None else Zone()
            store.put_source(Source(number, tmp_path / f"{number}.log", f"{number}.log", "lines", 1, zone=known))
            store.adopt(write_segment(normalised(frame, number), tmp_path / f"{len(stores)}-{number}.arrow"))
        return store

    yield make
    for store in stores:
        store.close()
