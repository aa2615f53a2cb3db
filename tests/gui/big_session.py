"""A session of very many made-up rows: nothing is read, so that only the window's own work is seen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from inspector.diagnosis.base import Diagnosis
from inspector.events import COLUMNS, Level, MessageFrom, Problem, Source
from inspector.payloads.base import Contents
from inspector.session import Detail, Facet, Histogram, Page, Rows

if TYPE_CHECKING:
    from inspector.job import Job

START = datetime(2026, 1, 26, 9, 0, tzinfo=UTC)


class BigSession:
    """Answers like ``inspector.session.Session`` for ``size`` rows of one source."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.pages: list[int] = []
        """How many rows each call of ``page`` asked for."""
        self.reading = threading.Event()
        self.cancelled = threading.Event()
        self.slow = False
        """Reading goes on until it is cancelled."""

    @property
    def sources(self) -> tuple[Source, ...]:
        return (Source(0, Path("big.evtx"), "big.evtx", "evtx", 1, events=self.size),)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return ()

    @property
    def diagnosis(self) -> Diagnosis | None:
        return Diagnosis()

    def __len__(self) -> int:
        return self.size

    def open(self, _paths: Sequence[Path], job: Job, arrived: Callable[[int], None] | None = None) -> tuple[Source, ...]:
        self.reading.set()
        if arrived is not None:
            arrived(self.size)
        while self.slow:
            job.report(1, 2, "reading big.evtx")
            if job.cancelled:
                self.cancelled.set()
                job.check()
        return self.sources

    def choose(self, kind: str, rows: Sequence[int]) -> None:
        del kind, rows

    def select(self, query: str, job: Job, sort: str = "", descending: bool = False, arrived: Callable[[Rows], None] | None = None) -> Rows:
        del query, job, sort, arrived
        rows = np.arange(self.size, dtype=np.uint32)
        return rows[::-1] if descending else rows

    def page(self, rows: Sequence[int], columns: Sequence[str]) -> Page:
        self.pages.append(len(rows))
        return Page(tuple(rows), {name: tuple(self._cell(row, name) for row in rows) for name in columns})

    def _cell(self, row: int, name: str) -> object:
        if name == "time":
            return START + timedelta(milliseconds=row)
        if name == "level":
            return Level(1 + row % 5)
        if name == "message":
            return f"message {row} of a made-up log"
        return row if next((each.kind for each in COLUMNS if each.name == name), "text") == "integer" else name

    def message(self, row: int) -> str:
        return f"message {row} of a made-up log"

    def inspect(self, row: int) -> Detail:
        return Detail(
            row=row, source=self.sources[0], position=f"record {row}", time=START, time_note="stated as UTC", level=Level.INFORMATION, provider="provider",
            event_id=1, channel="", computer="", user="", message=self.message(row), message_from=MessageFrom.LOG, raw="<Event/>", fields=(("a", "b"),),
            contents=Contents((), ()), timeline=None, summary=self.message(row),
        )  # fmt: skip

    def histogram(self, _rows: Rows | None, bins: int) -> Histogram | None:
        counts = np.zeros((bins, len(Level)), np.int64)
        counts[:, Level.INFORMATION] = 5
        counts[3, Level.ERROR] = 2
        return Histogram(START, timedelta(seconds=1), counts)

    def facet(self, _column: str, _rows: Rows | None, _limit: int = 50) -> tuple[Facet, ...]:
        return (Facet("value", self.size),)

    def diagnose(self, job: Job) -> Diagnosis:
        del job
        return Diagnosis()

    def close(self) -> None:
        self.slow = False
