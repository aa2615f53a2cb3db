"""Order and counts: row numbers sorted by a column, values counted, events binned over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from inspector.events import Level, Source
from inspector.job import Job
from inspector.store.columns import ColumnReader
from inspector.store.segments import CODE_COLUMNS, HELD, NO_TIME, TEXT_COLUMNS, Numbers, Rows, Segment, none_of

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

SORT_TEXT: Final = 64
"""Characters of a text that count when rows are sorted by it."""

COUNTED: Final = frozenset({"level", "time_basis", "source", "source_name", *CODE_COLUMNS})
"""Columns whose numbers are small enough to be counted in one table."""


@dataclass(frozen=True, slots=True)
class Binned:
    """Events over time: ``counts`` has one row per bin of ``step``, one column per Level."""

    start: datetime
    step: timedelta
    counts: npt.NDArray[np.int64]


def as_datetime(microseconds: int) -> datetime | None:
    """Microseconds since 1970 as an aware UTC time; None for "no time" and for what lies beyond the calendar."""
    if microseconds == NO_TIME:
        return None
    try:
        return EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return None


def held_numbers(segments: Sequence[Segment], name: str, rows: Numbers | None) -> Numbers:
    """A column that is in memory, as numbers, of the given rows in their order (None: all). Without any, "none" of event IDs may differ by segment."""
    if not segments:
        return np.zeros(0, np.int64)
    parts = [segment.held[name] for segment in segments]
    if name == "event_id" and len({part.dtype for part in parts}) > 1:
        parts = [np.where(part == none_of(part), NO_TIME, part.astype(np.int64)) for part in parts]
    whole = np.concatenate(parts)
    return whole if rows is None else whole[rows]


def in_order(columns: ColumnReader, segments: Sequence[Segment], rows: Rows, column: str, *, descending: bool, job: Job) -> Rows:
    """Rows sorted by a column, equal ones in their present order, rows without a value last. Texts count by their first characters, case apart."""
    job.check()
    keys = _sort_keys(columns, segments, rows, column, job)
    job.check()
    order = keys.alias("key").to_frame().select(pl.arg_sort_by("key", descending=descending, nulls_last=True, maintain_order=True))
    job.check()
    ordered: Rows = rows[order.to_series().to_numpy()]
    return ordered


def _sort_keys(columns: ColumnReader, segments: Sequence[Segment], rows: Rows, column: str, job: Job) -> pl.Series:
    if column in CODE_COLUMNS or column in {"source", "source_name"}:
        texts = columns.source_names() if column in {"source", "source_name"} else columns.dictionaries[column].series()
        ranks = texts.str.to_lowercase().rank("dense")
        numbers = held_numbers(segments, "source" if column == "source_name" else column, rows)
        return ranks.gather(pl.Series(numbers.astype(np.uint32)))
    if column in HELD:
        values = held_numbers(segments, column, rows)
        series = pl.Series(values)
        if column in {"time", "event_id"}:
            series = pl.select(pl.when(series != none_of(values)).then(series)).to_series()
        return series
    expression = pl.col(column).str.slice(0, SORT_TEXT).str.to_lowercase() if column in TEXT_COLUMNS else pl.col(column)
    parts = []
    for segment in segments:
        job.check()
        parts.append(pl.scan_ipc(segment.file.path).select(expression).collect().to_series())
    return (pl.concat(parts) if parts else pl.Series([], dtype=pl.Int64)).gather(pl.Series(rows.astype(np.uint32)))


def most_frequent(
    columns: ColumnReader, sources: Mapping[int, Source], column: str, numbers: Numbers, limit: int
) -> list[tuple[object, int]]:
    """Most frequent values of a held column, most frequent first, ties by value; rows without a value left out."""
    if column in COUNTED:
        counts = np.bincount(numbers)
        if column in CODE_COLUMNS:
            counts[:1] = 0  # "none"
        values = np.flatnonzero(counts)
        counts = counts[values]
    else:
        values, counts = np.unique(numbers, return_counts=True)
        known = values != none_of(numbers)
        values, counts = values[known], counts[known]
    if len(values) > limit:  # names are looked up for the frequent ones only
        least = np.partition(counts, -limit)[-limit]
        values, counts = values[counts >= least], counts[counts >= least]
    pairs: list[tuple[object, int]] = []
    for value, count in zip(values.tolist(), counts.tolist(), strict=True):
        if column in CODE_COLUMNS:
            pairs.append((columns.dictionaries[column].texts[value], count))
        elif column in {"source", "source_name"}:
            pairs.append((sources[value].name, count))
        else:
            pairs.append((value, count))
    return in_rank(pairs, limit)


def in_rank(pairs: Sequence[tuple[object, int]], limit: int) -> list[tuple[object, int]]:
    """Values with their counts, most frequent first, ties by value."""
    return sorted(pairs, key=lambda pair: (-pair[1], str(pair[0])))[:limit]


def binned(times: Numbers, levels: Numbers, bins: int) -> Binned | None:
    """Events over time by level; None when none has a time."""
    known = times != NO_TIME
    if not known.all():
        times, levels = times[known], levels[known]
    if not len(times):
        return None
    first, last = int(times.min()), int(times.max())
    step = (last - first) // bins + 1
    start = as_datetime(first)
    if start is None or as_datetime(last) is None:
        return None
    width = len(Level)
    cells = ((times - first) // step) * width + np.minimum(levels, width - 1)
    counts = np.bincount(cells, minlength=bins * width).reshape(-1, width)
    return Binned(start, timedelta(microseconds=step), counts.astype(np.int64))
