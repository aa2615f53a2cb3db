"""What a session takes and gives: options, pages of the table, details of one event, counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inspector.diagnosis.base import Finding
from inspector.events import Level, MessageFrom, Source, Zone
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
class Completion:
    """One way to go on writing a filter: replace characters ``start`` to ``end`` by ``insert``."""

    insert: str
    description: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """Events over time, by level."""

    start: datetime
    step: timedelta
    counts: npt.NDArray[np.int64]
    """Shape (bins, number of levels), columns numbered as Level."""
