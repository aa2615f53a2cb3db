"""The use cases: open logs, query, inspect, diagnose, export. Window, command line and report are thin faces of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inspector.diagnosis.base import Diagnosis, Finding
from inspector.events import Level, MessageFrom, Problem, Source, Zone
from inspector.job import Job
from inspector.payloads.base import Contents
from inspector.timeline import Timeline
from inspector.tokens.base import Trust

Rows = npt.NDArray[np.uint32]
"""Row numbers of the event table, in the order to be shown."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the user sets for the analysis; the defaults judge each event at its own time with each stack's own tolerance."""

    zone: Zone | None = None
    """Zone for sources that do not say (``--timezone``); None infers it."""
    trust: Trust = field(default_factory=Trust)
    at: datetime | None = None
    """Judge at this moment instead of each event's own."""
    workers: int = 0
    """Worker processes; 0 for as many as the machine has cores."""
    format: str = ""
    """Read everything with this format instead of recognising it."""
    encoding: str = ""
    rules: tuple[Path, ...] = ()
    """The user's own rule files (TOML, shape of resources/dictionary)."""


@dataclass(frozen=True, slots=True)
class Page:
    """A few rows as the table paints them: one plain value a cell, already formatted where it is a time."""

    rows: tuple[int, ...]
    cells: Mapping[str, tuple[object, ...]]
    """Column name (of events.COLUMNS, plus ``cause``) to one value a row; ``time`` as aware UTC datetime or None; ``level`` as Level; ``source`` as display name; ``message`` as its first line, at most 300 characters."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One event, looked into."""

    row: int
    source: Source
    position: str
    """``record 17`` or ``line 203``."""
    time: datetime | None
    time_note: str
    """How the time is known: ``stated as UTC``, ``10:21:49 local; UTC+01:00 inferred from ...``."""
    level: Level
    provider: str
    event_id: int | None
    channel: str
    computer: str
    user: str
    message: str
    """The whole text that was searched and in which every span counts."""
    message_from: MessageFrom
    raw: str
    """The event as the log holds it."""
    fields: tuple[tuple[str, str], ...]
    contents: Contents
    timeline: Timeline | None
    """None when nothing in the event has a validity window and no moment is printed."""
    summary: str
    """One sentence: what happened and how sure that is."""
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Facet:
    """One value of a column and how many of the chosen rows have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """Events over time, by level."""

    start: datetime
    step: timedelta
    counts: npt.NDArray[np.int64]
    """Shape (bins, number of levels), columns numbered as Level."""


class Session:
    """Everything that is open. Methods may be called from any thread; one long operation per Job."""

    def __init__(self, options: Options | None = None, workspace: Path | None = None) -> None:
        """``workspace``: folder for segments; by default a private temporary one (0700), removed by ``close``."""
        raise NotImplementedError

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every source opened, in order."""
        raise NotImplementedError

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that could not be read, of all sources, and paths that could not be opened at all."""
        raise NotImplementedError

    def __len__(self) -> int:
        """Rows of the event table so far; grows while ``open`` runs."""
        raise NotImplementedError

    def open(self, paths: Sequence[Path], job: Job, arrived: Callable[[int], None] | None = None) -> tuple[Source, ...]:
        """Read files, folders and archives. ``arrived`` is told the number of rows whenever more can be shown. Raises Cancelled; whatever cannot be read becomes a Problem."""
        raise NotImplementedError

    def paste(self, text: str, job: Job) -> Source:
        """Read text from the clipboard as a source: a log, a lone envelope or a token."""
        raise NotImplementedError

    def remove(self, source_id: int) -> None:
        """Close one source; its rows go."""
        raise NotImplementedError

    def set_zone(self, source_id: int, zone: Zone) -> None:
        """Give a source's times without zone another offset; nothing is read again."""
        raise NotImplementedError

    def select(self, query: str, job: Job, sort: str = "", descending: bool = False, arrived: Callable[[Rows], None] | None = None) -> Rows:
        """Row numbers that match a query in the filter language, sorted by a column or in file order. ``arrived`` gets the first results as they come. Raises query.QueryError with the place of the mistake, and Cancelled."""
        raise NotImplementedError

    def page(self, rows: Sequence[int], columns: Sequence[str]) -> Page:
        """Cells of the given rows."""
        raise NotImplementedError

    def message(self, row: int) -> str:
        """The whole message of one row."""
        raise NotImplementedError

    def inspect(self, row: int) -> Detail:
        """Look into one event. Never raises for what the log holds."""
        raise NotImplementedError

    def histogram(self, rows: Rows | None, bins: int) -> Histogram | None:
        """Events over time of the given rows (None: all); None when no row has a time."""
        raise NotImplementedError

    def facet(self, column: str, rows: Rows | None, limit: int = 50) -> tuple[Facet, ...]:
        """Most frequent values of a column among the given rows."""
        raise NotImplementedError

    def diagnose(self, job: Job) -> Diagnosis:
        """The verdict on everything open; kept as ``diagnosis`` until something changes."""
        raise NotImplementedError

    @property
    def diagnosis(self) -> Diagnosis | None:
        """The last verdict; None before the first or after a change."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop workers and remove every temporary file."""
        raise NotImplementedError
