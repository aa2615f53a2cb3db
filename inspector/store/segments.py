"""Segments: immutable runs of the event table on disk, uncompressed Arrow IPC, written once and read where they lie."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from inspector.events import COLUMNS, TimeBasis

CODE_COLUMNS: Final = tuple(column.name for column in COLUMNS if column.kind == "code")
TEXT_COLUMNS: Final = ("message", "activity")

SEGMENT_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    "message": pl.String(),
    "activity": pl.String(),
    "source": pl.UInt32(),
    "position": pl.Int64(),
    "offset": pl.Int64(),
    "length": pl.Int64(),
    "time": pl.Int64(),
    "time_basis": pl.UInt8(),
    "level": pl.UInt8(),
    "event_id": pl.Int64(),
    "message_from": pl.UInt8(),
    "flags": pl.UInt16(),
    **{name: pl.UInt32() for name in CODE_COLUMNS},
}
"""Columns of a segment's file in order. Code columns hold numbers into the segment's own dictionary, counted from 1; 0 is "none"."""

BATCH_ROWS: Final = 16_384
"""Rows of one record batch: small enough for polars to share a segment among threads."""

ROW_BYTES: Final = 90
"""What a row takes in a segment's file beside its message."""

FILLED: Final[Mapping[str, int | str]] = {
    "message": "",
    "position": 0,
    "offset": 0,
    "length": 0,
    "time_basis": 0,
    "level": 0,
    "message_from": 0,
    "flags": 0,
}
"""What a column holds where a format leaves it out; the other columns are null there."""


@dataclass(frozen=True, slots=True)
class SegmentFile:
    """A segment as its writer hands it over."""

    path: Path
    rows: int
    dictionaries: Mapping[str, tuple[str, ...]]
    """Code column to its distinct values; the file's codes count from 1."""
    absent: tuple[str, ...] = ()
    """Text columns without any value."""


def normalised(frame: pl.DataFrame, source: int | npt.NDArray[np.uint32]) -> pl.DataFrame:
    """A format's batch with every column of the event table, in the types that segments are written from; code columns still text, or pl.Enum. ``source``: number of the rows' source, or of each row's."""
    given = tuple((name, dtype) for name, dtype in frame.schema.items() if name in SEGMENT_SCHEMA)
    return frame.select(*_normalising(given), pl.lit(source if isinstance(source, int) else pl.Series(source), pl.UInt32).alias("source"))


@lru_cache(maxsize=64)
def _normalising(given: tuple[tuple[str, pl.DataType], ...]) -> tuple[pl.Expr, ...]:
    present = dict(given)
    columns: list[pl.Expr] = []
    for name, dtype in SEGMENT_SCHEMA.items():
        column = pl.col(name)
        if name == "source":
            continue
        if name not in present:
            columns.append(pl.lit(FILLED.get(name), pl.String() if name in CODE_COLUMNS else dtype).alias(name))
        elif name in CODE_COLUMNS:
            columns.append(column if isinstance(present[name], pl.Enum) else column.cast(pl.String))
        else:
            value = column if present[name] == dtype else column.cast(dtype, strict=False)
            columns.append(value.fill_null(FILLED[name]) if name in FILLED else value)
    return tuple(columns)


class SegmentBuilder:
    """Gathers rows, and writes them as one segment."""

    def __init__(self) -> None:
        self._frames: list[pl.DataFrame] = []
        self._numbers: dict[str, dict[str, int]] = {name: {} for name in CODE_COLUMNS}
        """Of each code column the distinct values, numbered from 1 on."""
        self.rows = 0
        self.bytes = 0
        """About the size of the segment's file."""

    def add(self, frame: pl.DataFrame) -> None:
        """Take rows as ``normalised`` gives them."""
        schema = frame.schema  # made anew at each look, with every category of it
        texts = [name for name in CODE_COLUMNS if not isinstance(schema[name], pl.Enum)]
        coded = frame.with_columns([_enumerated(frame[name]) for name in texts]) if texts else frame
        if texts:
            schema = coded.schema
        codes = coded.select(_PHYSICAL)
        columns = [
            pl.Series(name, self._table(name, schema[name], numbers)[numbers])
            for name, numbers in ((name, codes[name].to_numpy()) for name in CODE_COLUMNS)
        ]
        self._frames.append(frame.with_columns(columns))
        self.rows += len(frame)
        self.bytes += int(frame["message"].str.len_bytes().sum()) + ROW_BYTES * len(frame)

    def _table(self, name: str, known: pl.DataType, codes: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
        """The segment's numbers for a batch's; that of no value, which is -1, stands at the end."""
        assert isinstance(known, pl.Enum)
        used = np.flatnonzero(np.bincount(codes + 1)[1:])
        table = np.zeros(int(used.max(initial=-1)) + 2, np.uint32)
        numbers = self._numbers[name]
        for code, text in zip(used.tolist(), known.categories[used].to_list() if len(used) else [], strict=True):
            table[code] = numbers.setdefault(text, len(numbers) + 1) if text else 0
        return table

    def write(self, path: Path) -> SegmentFile:
        """Write the segment, private to the user. Raises OSError and polars' errors."""
        ready = pl.concat(self._frames).select(SEGMENT_SCHEMA.keys()).rechunk()
        with open(path, "xb", opener=_private) as file:
            # the older layout has one offsets and one data buffer per text column: a cell can be read where it lies
            ready.write_ipc(file, compression="uncompressed", compat_level=pl.CompatLevel.oldest(), record_batch_size=BATCH_ROWS)
        absent = tuple(name for name in TEXT_COLUMNS if ready[name].null_count() == len(ready))
        return SegmentFile(path, len(ready), {name: tuple(numbers) for name, numbers in self._numbers.items()}, absent)


_PHYSICAL: Final = tuple(pl.col(name).to_physical().cast(pl.Int64).fill_null(-1) for name in CODE_COLUMNS)


def _enumerated(texts: pl.Series) -> pl.Series:
    """Texts by number."""
    if texts.null_count() == len(texts):
        return texts.cast(pl.Enum([]))
    return texts.cast(pl.Enum(texts.unique(maintain_order=True).drop_nulls()))


def write_segment(frame: pl.DataFrame, path: Path) -> SegmentFile:
    """Write rows, as ``normalised`` gives them, as one segment, private to the user."""
    builder = SegmentBuilder()
    builder.add(frame)
    return builder.write(path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


NO_TIME: Final = np.iinfo(np.int64).min
"""Stands for "no time" and "no event ID" in the columns held in memory."""

Numbers = npt.NDArray[np.integer[Any]]
Rows = npt.NDArray[np.uint32]
"""Row numbers of the event table."""
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment that was adopted: its file, its place in the table, and the columns that are held in memory."""

    file: SegmentFile
    start: int
    held: Mapping[str, Numbers]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.file.rows

    @property
    def end(self) -> int:
        """Row behind the last one."""
        return self.start + self.file.rows


def narrow(values: Numbers) -> Numbers:
    """The same numbers in the smallest unsigned type; a single repeated value takes no room at all."""
    if not len(values):
        return values.astype(np.uint8)
    low, high = int(values.min()), int(values.max())
    dtype = np.uint8 if high < 1 << 8 else np.uint16 if high < 1 << 16 else np.uint32
    if low == high:
        return np.broadcast_to(dtype(high), len(values))
    return values.astype(dtype)


def narrow_signed(wide: npt.NDArray[np.int64]) -> Numbers:
    """Event IDs, NO_TIME for none, in the smallest type that leaves its lowest number free, which stands for none."""
    known = wide[wide != NO_TIME]
    low, high = (int(known.min()), int(known.max())) if len(known) else (0, 0)
    dtype = np.int16 if low > -(1 << 15) and high < 1 << 15 else np.int32 if low > -(1 << 31) and high < 1 << 31 else np.int64
    narrow: Numbers = np.where(wide == NO_TIME, np.iinfo(dtype).min, wide).astype(dtype)
    if len(narrow) and (narrow == narrow[0]).all():
        return np.broadcast_to(narrow[0], len(narrow))
    return narrow


FRAME_TYPES: Final[Mapping[str, pl.DataType]] = {
    **SEGMENT_SCHEMA,
    **{name: pl.String() for name in CODE_COLUMNS},
    "source": pl.Int64(),
    "source_name": pl.String(),
}
"""Types of the columns of ``EventStore.frame`` and of those that an expression given to ``matching`` reads."""

HELD: Final = frozenset({"source", "source_name", "time", "time_basis", "level", "event_id", *CODE_COLUMNS})
"""Columns that need no look into the segment's file."""


def none_of(values: Numbers) -> int:
    """The number that stands for "none" in a column of times or event IDs that is held in memory."""
    return int(np.iinfo(values.dtype).min)


def shifted(held: Mapping[str, Numbers], shift: Mapping[int, int]) -> Numbers:
    """Times of a segment, those without a stated zone moved back by their source's shift (microseconds)."""
    times = held["time"]
    if not any(shift.values()):
        return times
    table = np.zeros(max(*shift, int(held["source"].max(initial=0))) + 1, np.int64)
    for source, amount in shift.items():
        table[source] = amount
    local = np.greater_equal(held["time_basis"], TimeBasis.LOCAL) & (times != NO_TIME)
    return np.where(local, times - table[held["source"]], times)
