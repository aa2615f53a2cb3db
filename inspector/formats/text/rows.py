"""Rows gathered one by one where a log cannot be read by the column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from inspector import dates
from inspector.events import Level, MessageFrom
from inspector.formats.base import Batch
from inspector.formats.text import line_log
from inspector.formats.text.blocks import Block


@dataclass(slots=True)
class Row:
    """One event before it becomes part of a batch."""

    start: int = 0
    end: int = 0
    """Positions in the block's data."""
    when: str = ""
    """Date and time as written; empty where there is none."""
    level: Level = Level.UNKNOWN
    provider: str = ""
    event_id: int | None = None
    channel: str = ""
    computer: str = ""
    user: str = ""
    task: str = ""
    keywords: str = ""
    activity: str = ""
    message: str = ""
    message_from: MessageFrom = MessageFrom.LOG
    recovered: bool = False
    fields: list[tuple[str, str]] = field(default_factory=list)


def batch_of(block: Block, rows: Sequence[Row], day_first: bool | None, year: int, *, utc: bool = False) -> Batch | None:
    """The batch for rows in file order; None for none. ``utc``: dates without zone are UTC by the format's definition."""
    if not rows:
        return None
    starts = np.array([row.start for row in rows], np.int64)
    ends = np.array([row.end for row in rows], np.int64)
    columns = line_log.place_columns(block, starts, ends)
    times = dates.read_column(pl.Series([row.when or None for row in rows], dtype=pl.String), day_first, year)
    if utc:
        times = dates.Times(times.micros, times.valid, times.valid.copy(), times.ambiguous)
    columns["time"], columns["time_basis"] = times.columns()
    columns["level"] = pl.Series([int(row.level) for row in rows], dtype=pl.UInt8)
    columns["event_id"] = pl.Series([row.event_id for row in rows], dtype=pl.Int64)
    for name in ("provider", "channel", "computer", "user", "task", "keywords", "activity"):
        columns[name] = pl.Series([getattr(row, name) or None for row in rows], dtype=pl.String)
    columns["message"] = pl.Series([row.message for row in rows], dtype=pl.String)
    columns["message_from"] = pl.Series([int(row.message_from) for row in rows], dtype=pl.UInt8)
    batch = line_log.finished(columns)
    if any(row.recovered for row in rows):
        marks = pl.Series([16 if row.recovered else 0 for row in rows], dtype=pl.UInt16)
        return Batch(batch.frame.with_columns((pl.col("flags") | marks).cast(pl.UInt16).alias("flags")))
    return batch


def number_or_none(text: str) -> int | None:
    """A decimal or hexadecimal whole number that fits an event ID."""
    stripped = text.strip()
    try:
        number = int(stripped, 16) if stripped.lower().startswith("0x") else int(stripped)
    except ValueError:
        return None
    return number if abs(number) < 1 << 40 else None


def guid(text: str) -> str:
    """An activity ID as the event table writes it; empty for none."""
    plain = text.strip().strip("{}").lower()
    return "" if not plain.strip("0-") else plain


def name_values(pairs: Sequence[tuple[str, str]]) -> str:
    """Data as ``name: value`` lines."""
    return "\n".join(f"{name}: {value}" for name, value in pairs if value.strip())
