"""Columns of segments as values: texts behind codes, names of sources, cells and whole columns out of the mapped files."""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from inspector.events import Source
from inspector.store.mapped import MappedSegment
from inspector.store.segments import (
    CODE_COLUMNS,
    FRAME_TYPES,
    HELD,
    NO_TIME,
    TEXT_COLUMNS,
    Numbers,
    Segment,
    narrow,
    narrow_signed,
    none_of,
)

CELLS: Final = 2048
"""Up to so many cells of numbers are read one by one out of the mapped file."""

OPEN_FILES: Final = 160

_BYTES: Final = pl.Series(np.arange(256, dtype=np.uint8))


class Dictionary:
    """Distinct texts of one code column, numbered in the order in which they came; number 0 is "none"."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._series = pl.Series([None], dtype=pl.String)
        self.texts: list[str | None] = [None]

    def numbers(self, texts: Sequence[str]) -> npt.NDArray[np.uint32]:
        """The table that turns a segment's codes into the store's."""
        table = np.zeros(len(texts) + 1, np.uint32)
        for at, text in enumerate(texts, 1):
            number = self._numbers.get(text)
            if number is None:
                number = self._numbers[text] = len(self.texts)
                self.texts.append(text)
            table[at] = number
        return table

    def series(self) -> pl.Series:
        """The texts by number."""
        found = self._series
        if len(found) != len(self.texts):
            found = self._series = pl.Series(list(self.texts), dtype=pl.String)
        return found


def held_columns(file: MappedSegment, codes: Mapping[str, npt.NDArray[np.uint32]]) -> dict[str, Numbers]:
    """The columns of a segment that stay in memory, each in its smallest type; ``codes`` maps the file's codes to the store's."""
    held: dict[str, Numbers] = {}
    held["source"] = narrow(file.numbers("source"))
    held["time"] = file.numbers("time", NO_TIME)
    held["time_basis"] = narrow(file.numbers("time_basis"))
    held["level"] = file.numbers("level")
    held["event_id"] = narrow_signed(file.numbers("event_id", NO_TIME).astype(np.int64, copy=False))
    for name in CODE_COLUMNS:
        held[name] = narrow(codes[name][file.numbers(name)])
    return held


class ColumnReader:
    """Reads columns of segments; safe from any thread."""

    def __init__(self, sources: Mapping[int, Source]) -> None:
        """``sources``: the store's own, which changes."""
        self._sources = sources
        self.dictionaries = {name: Dictionary() for name in CODE_COLUMNS}
        self._mapped: OrderedDict[Path, MappedSegment] = OrderedDict()
        self._lock = threading.Lock()

    def mapped(self, segment: Segment) -> MappedSegment:
        """The segment's file, mapped; a few stay so."""
        with self._lock:
            found = self._mapped.pop(segment.file.path, None) or MappedSegment(segment.file.path)
            self._mapped[segment.file.path] = found
            while len(self._mapped) > OPEN_FILES:
                self._mapped.popitem(last=False)
            return found

    def forget(self, path: Path | None = None) -> None:
        """Let go of a file, or of all."""
        with self._lock:
            if path is None:
                self._mapped.clear()
            else:
                self._mapped.pop(path, None)

    def source_names(self) -> pl.Series:
        """Display names of the sources by number."""
        sources = list(self._sources.values())
        names: list[str | None] = [None] * (max((source.id for source in sources), default=0) + 1)
        for source in sources:
            names[source.id] = source.name
        return pl.Series(names, dtype=pl.String)

    def values_of(self, column: str) -> pl.Series:
        """The distinct values that the numbers of a column with few of them stand for."""
        if column in CODE_COLUMNS:
            return self.dictionaries[column].series()
        return self.source_names() if column == "source_name" else _BYTES.cast(FRAME_TYPES[column])

    def cells(self, segments: Sequence[Segment], rows: npt.NDArray[np.int64], types: Mapping[str, pl.DataType]) -> pl.DataFrame:
        """A page: few rows from anywhere, cell by cell."""
        starts = np.array([segment.start for segment in segments], np.int64)
        homes = np.searchsorted(starts, rows, "right") - 1
        cells: dict[str, list[object]] = {name: [None] * len(rows) for name in types}
        for home in np.unique(homes):
            segment = segments[home]
            slots = np.flatnonzero(homes == home).tolist()
            local = (rows[slots] - segment.start).tolist()
            reader = self.mapped(segment)
            for name, column in cells.items():
                get = self._getter(segment, reader, name)
                for slot, at in zip(slots, local, strict=True):
                    column[slot] = get(at)
        series = [pl.Series(name, column, dtype=types[name]) for name, column in cells.items()]
        return pl.DataFrame([pl.Series("row", rows, dtype=pl.UInt32), *series])

    def _getter(self, segment: Segment, reader: MappedSegment, name: str) -> Callable[[int], object]:
        if name not in HELD:
            return functools.partial(reader.text if name in TEXT_COLUMNS else reader.number, name)
        values = segment.held["source" if name == "source_name" else name]
        if name in CODE_COLUMNS:
            texts = self.dictionaries[name].texts
            return lambda at: texts[values[at]]
        if name == "source_name":
            return lambda at: self._sources[int(values[at])].name
        if name in {"time", "event_id"}:
            none = none_of(values)
            return lambda at: None if values[at] == none else int(values[at])
        return lambda at: int(values[at])

    def columns_of(self, segment: Segment, columns: Sequence[str], local: npt.NDArray[np.int64] | None) -> pl.DataFrame:
        """Columns of one segment as an expression reads them; ``local`` picks rows of it."""
        return pl.DataFrame([self._series(segment, name, local).alias(name) for name in columns])

    def _series(self, segment: Segment, name: str, local: npt.NDArray[np.int64] | None) -> pl.Series:
        if name in HELD:
            return self.held_series(segment, name, local)
        if local is None:
            return pl.scan_ipc(segment.file.path).select(name).collect().to_series()
        file = self.mapped(segment)
        if name in TEXT_COLUMNS:
            if name in segment.file.absent:
                return pl.repeat(None, len(local), dtype=pl.String(), eager=True)
            return file.texts(name, local)
        if len(local) <= CELLS:
            return pl.Series(name, [file.number(name, at) for at in local.tolist()], dtype=FRAME_TYPES[name])
        return file.column(name).gather(local)

    def held_series(self, segment: Segment, name: str, local: npt.NDArray[np.int64] | None) -> pl.Series:
        """A column that is in memory, as values."""
        values = segment.held["source" if name == "source_name" else name]
        if local is not None:
            values = values[local]
        if name in CODE_COLUMNS:
            return self.dictionaries[name].series().gather(pl.Series(values.astype(np.uint32)))
        if name == "source_name":
            return self.source_names().gather(pl.Series(values.astype(np.uint32)))
        series = pl.Series(np.ascontiguousarray(values)).cast(FRAME_TYPES[name])
        if name in {"time", "event_id"}:
            none = none_of(values)
            series = pl.select(pl.when(series != none).then(series)).to_series()
        return series
