"""The event table that is open: segments adopted in order, rows picked, fetched, sorted and counted."""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from inspector.events import Level, Source, TimeBasis, Zone
from inspector.job import Job
from inspector.query import Chosen, Condition, Every, Negation, Some, Test
from inspector.store.mapped import MappedSegment
from inspector.store.segments import (
    CODE_COLUMNS,
    NO_TIME,
    SEGMENT_SCHEMA,
    TEXT_COLUMNS,
    SegmentFile,
    held_columns,
    write_segment,
)

Rows = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)

FRAME_TYPES: Final[Mapping[str, pl.DataType]] = {
    **SEGMENT_SCHEMA,
    **{name: pl.String() for name in CODE_COLUMNS},
    "source": pl.Int64(),
    "source_name": pl.String(),
}
"""Types of the columns of ``EventStore.frame`` and of those that an expression given to ``matching`` reads."""

HELD: Final = frozenset({"source", "source_name", "time", "time_basis", "level", "event_id", *CODE_COLUMNS})
"""Columns that need no look into the segment's file."""

ASKED_ONCE: Final = frozenset({"source_name", "level", "time_basis", *CODE_COLUMNS})
"""Columns with so few distinct values that an expression is asked once for each of them."""

FEW: Final = 6
"""A text is fetched for the rows in question alone when they are fewer than one in so many; else reading the whole column is faster."""

CELLS: Final = 2048
"""Up to so many cells are read one by one out of the mapped file."""

OPEN_FILES: Final = 64

THREADS: Final = min(os.cpu_count() or 1, 8)
SORT_TEXT: Final = 64
"""Characters of a text that count when rows are sorted by it."""


@dataclass(frozen=True, slots=True)
class _Segment:
    file: SegmentFile
    start: int
    held: Mapping[str, npt.NDArray[np.generic]]

    @property
    def rows(self) -> int:
        return self.file.rows

    @property
    def end(self) -> int:
        return self.start + self.file.rows


class _Dictionary:
    """Distinct texts of one code column, numbered in the order in which they came; number 0 is "none"."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
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
        return pl.Series(self.texts, dtype=pl.String)


@dataclass(frozen=True, slots=True)
class Binned:
    """Events over time: ``counts`` has one row per bin of ``step``, one column per Level."""

    start: datetime
    step: timedelta
    counts: npt.NDArray[np.int64]


class EventStore:
    """Rows of every open source. Reading is safe from any thread while one thread adopts segments."""

    def __init__(self) -> None:
        self._segments: tuple[_Segment, ...] = ()
        self._starts = np.zeros(0, np.int64)
        self._sources: dict[int, Source] = {}
        self._dictionaries = {name: _Dictionary() for name in CODE_COLUMNS}
        self._lock = threading.RLock()
        self._readers: OrderedDict[str, MappedSegment] = OrderedDict()
        self._reader_lock = threading.RLock()
        self._reading = 0
        self._threads = ThreadPoolExecutor(THREADS, "search")
        self._discarded: list[SegmentFile] = []

    def __len__(self) -> int:
        segments = self._segments
        return segments[-1].end if segments else 0

    # ---- what is open

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every source, in the order opened."""
        with self._lock:
            return tuple(self._sources.values())

    def put_source(self, source: Source) -> None:
        """Add a source, or replace what is known about it (not its zone's effect: see ``set_zone``)."""
        with self._lock:
            self._sources[source.id] = source

    def arrange(self, order: Mapping[int, int]) -> None:
        """Put sources into the order of the given ranks; those without one stay in front."""
        with self._lock:
            self._sources = dict(sorted(self._sources.items(), key=lambda item: order.get(item[0], -1)))

    def source(self, source_id: int) -> Source:
        """The source of that number. Raises KeyError."""
        return self._sources[source_id]

    def adopt(self, file: SegmentFile) -> int:
        """Append a segment; rows of known sources without a stated zone are shifted by their source's. Returns the number of rows now."""
        with self._lock:
            codes = {name: self._dictionaries[name].numbers(file.dictionaries.get(name, ())) for name in CODE_COLUMNS}
            held = held_columns(file, codes)
            shift = {source.id: source.zone.offset // MICROSECOND for source in self._sources.values()}
            held["time"] = _shifted(held, shift)
            segment = _Segment(file, len(self), held)
            self._put((*self._segments, segment))
            return segment.end

    def _put(self, segments: tuple[_Segment, ...]) -> None:
        self._starts = np.array([segment.start for segment in segments], np.int64)
        self._segments = segments

    def set_zone(self, source_id: int, zone: Zone) -> None:
        """Give a source's times without zone another offset; no file is read. Raises KeyError."""
        with self._lock:
            source = self._sources[source_id]
            change = {source_id: (zone.offset - source.zone.offset) // MICROSECOND}
            self.put_source(replace(source, zone=zone))
            if change[source_id]:
                self._put(
                    tuple(
                        replace(segment, held={**segment.held, "time": _shifted(segment.held, change)})
                        if (segment.held["source"] == source_id).any()
                        else segment
                        for segment in self._segments
                    )
                )

    def has_local_times(self, source_id: int) -> bool:
        """Whether any row of a source has a time without a stated zone."""
        return any(
            bool(((segment.held["source"] == source_id) & (segment.held["time_basis"] >= TimeBasis.LOCAL)).any())
            for segment in self._segments
        )

    def remove(self, source_id: int) -> None:
        """Drop a source; the rows behind its own move up. Raises KeyError."""
        with self._lock:
            kept: list[_Segment] = []
            del_source = self._sources[source_id]
            for segment in self._segments:
                own = segment.held["source"] == source_id
                start = kept[-1].end if kept else 0
                if not own.any():
                    kept.append(replace(segment, start=start))
                    continue
                self._discarded.append(segment.file)
                if not own.all():
                    kept.append(self._rewritten(segment, ~own, start))
            self._sources = {number: source for number, source in self._sources.items() if number != del_source.id}
            self._put(tuple(kept))
        self._sweep()

    @staticmethod
    def _rewritten(segment: _Segment, keep: Mask, start: int) -> _Segment:
        """The segment without some of its rows, in a file of its own."""
        frame = pl.scan_ipc(segment.file.path).collect().filter(pl.Series(keep))
        texts = {name: pl.Series(name, (None, *segment.file.dictionaries.get(name, ())), dtype=pl.String) for name in CODE_COLUMNS}
        frame = frame.with_columns([texts[name].gather(frame[name]).alias(name) for name in CODE_COLUMNS])
        path = segment.file.path
        number = 1
        while (target := path.with_name(f"{path.stem}-{number}.arrow")).exists():
            number += 1
        file = write_segment(frame, target)
        held = {name: np.ascontiguousarray(values[keep]) for name, values in segment.held.items()}
        return _Segment(file, start, held)

    def close(self) -> None:
        """Let go of every file; they are not deleted."""
        with self._lock, self._reader_lock:
            self._put(())
            self._sources = {}
            self._readers.clear()
        self._threads.shutdown(wait=True, cancel_futures=True)

    @contextmanager
    def _snapshot(self) -> Iterator[tuple[_Segment, ...]]:
        """The segments as they are now; their files stay while the block runs."""
        with self._lock:
            self._reading += 1
            segments = self._segments
        try:
            yield segments
        finally:
            with self._lock:
                self._reading -= 1
            self._sweep()

    def _sweep(self) -> None:
        """Delete the files of removed segments once nobody reads them."""
        with self._lock:
            if self._reading or not self._discarded:
                return
            discarded, self._discarded = self._discarded, []
        with self._reader_lock:
            for file in discarded:
                self._readers.pop(str(file.path), None)
                with contextlib.suppress(OSError):  # still mapped somewhere, on Windows: the workspace goes at the end
                    file.path.unlink(missing_ok=True)

    # ---- single rows

    def _place(self, segments: Sequence[_Segment], row: int) -> tuple[_Segment, int]:
        if not segments or not 0 <= row < segments[-1].end:
            raise IndexError(f"no row {row}")
        low, high = 0, len(segments)
        while high - low > 1:
            middle = (low + high) // 2
            if segments[middle].start <= row:
                low = middle
            else:
                high = middle
        return segments[low], row - segments[low].start

    def mapped(self, segment: _Segment) -> MappedSegment:
        """The segment's file, mapped; a few stay so."""
        key = str(segment.file.path)
        with self._reader_lock:
            reader = self._readers.pop(key, None) or MappedSegment(segment.file.path)
            self._readers[key] = reader
            while len(self._readers) > OPEN_FILES:
                self._readers.popitem(last=False)
            return reader

    def message(self, row: int) -> str:
        """The whole message of a row. Raises IndexError."""
        with self._snapshot() as segments:
            segment, at = self._place(segments, row)
            return self.mapped(segment).text("message", at) or ""

    def source_of(self, row: int) -> Source:
        """The source of a row. Raises IndexError."""
        segment, at = self._place(self._segments, row)
        return self._sources[int(segment.held["source"][at])]

    def event_time(self, row: int) -> datetime | None:
        """When the event was logged, its source's zone applied; None when it has no time or one beyond the calendar. Raises IndexError."""
        segment, at = self._place(self._segments, row)
        return as_datetime(int(segment.held["time"][at]))

    # ---- many rows

    def frame(self, rows: Sequence[int] | npt.NDArray[np.integer] | None, columns: Sequence[str]) -> pl.DataFrame:
        """Columns of the given rows in the given order (None: all), ``row`` first. ``time`` is UTC with the source's zone applied.

        Raises IndexError for a row that is not there, and KeyError for a column that is not.
        """
        with self._snapshot() as segments:
            size = segments[-1].end if segments else 0
            wanted = np.arange(size, dtype=np.int64) if rows is None else np.asarray(rows, np.int64)
            if len(wanted) and not (wanted.min() >= 0 and wanted.max() < size):
                raise IndexError("no such row")
            types = {name: FRAME_TYPES[name] for name in columns}
            if not len(wanted):
                return pl.DataFrame(schema={"row": pl.UInt32(), **types})
            if len(wanted) * len(columns) <= CELLS:
                return self._few(segments, wanted, types)
            ascending = bool((wanted[1:] >= wanted[:-1]).all())
            order = None if ascending else np.argsort(wanted, kind="stable")
            ordered = wanted if order is None else wanted[order]
            cuts = np.searchsorted(ordered, [segment.end for segment in segments])
            parts, first = [], 0
            for segment, last in zip(segments, cuts, strict=True):
                if last > first:
                    local = ordered[first:last] - segment.start
                    parts.append(self.columns_of(segment, columns, local))
                first = int(last)
            frame = pl.concat(parts)
            frame.insert_column(0, pl.Series("row", ordered.astype(np.uint32)))
            if order is not None:
                back = np.empty(len(order), np.int64)
                back[order] = np.arange(len(order))
                frame = frame[back]
            return frame

    def _few(self, segments: Sequence[_Segment], rows: npt.NDArray[np.int64], types: Mapping[str, pl.DataType]) -> pl.DataFrame:
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

    def _getter(self, segment: _Segment, reader: MappedSegment, name: str) -> Callable[[int], object]:
        if name not in HELD:
            return functools.partial(reader.text if name in TEXT_COLUMNS else reader.number, name)
        values = segment.held["source" if name == "source_name" else name]
        if name in CODE_COLUMNS:
            texts = self._dictionaries[name].texts
            return lambda at: texts[values[at]]
        if name == "source_name":
            return lambda at: self._sources[int(values[at])].name
        if name in {"time", "event_id"}:
            none = np.iinfo(values.dtype).min
            return lambda at: None if values[at] == none else int(values[at])
        return lambda at: int(values[at])

    def columns_of(self, segment: _Segment, columns: Sequence[str], local: npt.NDArray[np.int64] | None) -> pl.DataFrame:
        """Columns of one segment as an expression reads them; ``local`` picks rows of it."""
        read = [name for name in columns if name not in HELD]
        count = segment.rows if local is None else len(local)
        found: dict[str, pl.Series] = {}
        if read and local is not None and count * len(read) <= CELLS:
            cells = self.mapped(segment)
            for name in read:
                get = cells.text if name in TEXT_COLUMNS else cells.number
                found[name] = pl.Series(name, [get(name, int(at)) for at in local], dtype=FRAME_TYPES[name])
        elif read:
            frame = pl.scan_ipc(segment.file.path).select(read).collect()
            found = {name: frame[name] if local is None else frame[name].gather(local) for name in read}
        for name in columns:
            if name in HELD:
                found[name] = self.held_series(segment, name, local)
        return pl.DataFrame([found[name].alias(name) for name in columns])

    def held_series(self, segment: _Segment, name: str, local: npt.NDArray[np.int64] | None) -> pl.Series:
        values = segment.held["source" if name == "source_name" else name]
        if local is not None:
            values = values[local]
        if name in CODE_COLUMNS:
            return self._dictionaries[name].series().gather(pl.Series(values.astype(np.uint32)))
        if name == "source_name":
            return self._source_names().gather(pl.Series(values.astype(np.uint32)))
        series = pl.Series(np.ascontiguousarray(values)).cast(FRAME_TYPES[name])
        if name in {"time", "event_id"}:
            none = int(np.iinfo(values.dtype).min)
            series = pl.select(pl.when(series != none).then(series)).to_series()
        return series

    def values_of(self, column: str) -> pl.Series:
        """The distinct values that the numbers of an ``ASKED_ONCE`` column stand for."""
        if column in CODE_COLUMNS:
            return self._dictionaries[column].series()
        return self._source_names() if column == "source_name" else pl.Series(list(range(256)), dtype=FRAME_TYPES[column])

    def _source_names(self) -> pl.Series:
        names: list[str | None] = [None] * (max((source.id for source in self.sources), default=0) + 1)
        for source in self.sources:
            names[source.id] = source.name
        return pl.Series(names, dtype=pl.String)

    # ---- picking rows

    def matching(
        self,
        wanted: pl.Expr | Condition,
        job: Job,
        arrived: Callable[[Rows], None] | None = None,
        chosen: Callable[[Chosen], npt.NDArray[np.integer]] | None = None,
    ) -> Rows:
        """Rows that satisfy an expression or condition, in file order.

        ``arrived`` gets the rows of each segment as they are found. ``chosen`` supplies the row numbers behind a Chosen leaf.
        Raises Cancelled between segments.
        """
        condition = _as_condition(wanted)
        search = _Search(self, chosen)
        found = [np.zeros(0, np.uint32)]

        def look(segment: _Segment) -> Rows:
            job.check()
            return search.rows(segment, condition)

        with self._snapshot() as segments:
            for rows in self._spread(look, segments):
                job.check()
                if len(rows):
                    found.append(rows)
                    if arrived is not None:
                        arrived(rows)
        return np.concatenate(found)

    def _spread(self, look: Callable[[_Segment], Rows], segments: Sequence[_Segment]) -> Iterator[Rows]:
        """Results of all segments in order, a few segments at a time on the store's threads."""
        if len(segments) < 2:
            yield from map(look, segments)
            return
        running: deque[Future[Rows]] = deque()
        waiting = iter(segments)
        try:
            while True:
                while len(running) < 2 * THREADS and (segment := next(waiting, None)) is not None:
                    running.append(self._threads.submit(look, segment))
                if not running:
                    return
                yield running.popleft().result()
        finally:
            for future in running:
                future.cancel()
            wait(running)  # the files may go once the snapshot ends

    # ---- order and counts

    def held(self, name: str, rows: npt.NDArray[np.integer] | None) -> npt.NDArray[np.generic]:
        """A column that is in memory, as numbers, of the given rows in their order (None: all)."""
        segments = self._segments
        whole = np.concatenate([segment.held[name] for segment in segments]) if segments else np.zeros(0, np.int64)
        return whole if rows is None else whole[rows]

    def in_order(self, rows: Rows, column: str, *, descending: bool, job: Job) -> Rows:
        """Rows sorted by a column, equal ones in file order, rows without a value last. Texts count by their first 64 characters, case apart."""
        job.check()
        keys = self._sort_keys(rows, column, job)
        order = (
            keys.alias("key")
            .to_frame()
            .select(pl.arg_sort_by("key", descending=descending, nulls_last=True, maintain_order=True))
            .to_series()
        )
        job.check()
        return rows[order.to_numpy()]

    def _sort_keys(self, rows: Rows, column: str, job: Job) -> pl.Series:
        if column in CODE_COLUMNS or column in {"source", "source_name"}:
            texts = self._source_names() if column in {"source", "source_name"} else self._dictionaries[column].series()
            ranks = texts.str.to_lowercase().rank("dense")
            numbers = self.held("source" if column == "source_name" else column, rows)
            return ranks.gather(pl.Series(numbers.astype(np.uint32)))
        if column in HELD:
            values = self.held(column, rows)
            series = pl.Series(values)
            if column in {"time", "event_id"}:
                none = int(np.iinfo(values.dtype).min) if column == "time" else None
                series = self.frame(rows, [column])[column] if none is None else pl.select(pl.when(series != none).then(series)).to_series()
            return series
        parts = []
        with self._snapshot() as segments:
            expression = pl.col(column).str.slice(0, SORT_TEXT).str.to_lowercase() if column in TEXT_COLUMNS else pl.col(column)
            for segment in segments:
                job.check()
                parts.append(pl.scan_ipc(segment.file.path).select(expression).collect().to_series())
        return (pl.concat(parts) if parts else pl.Series([], dtype=pl.Int64)).gather(pl.Series(rows.astype(np.uint32)))

    def counts(self, column: str, rows: npt.NDArray[np.integer] | None, limit: int) -> list[tuple[object, int]]:
        """Most frequent values of a column among the rows (None: all), most frequent first, ties by value; rows without a value left out."""
        if column in HELD:
            numbers = self.held("source" if column == "source_name" else column, rows)
            values, counts = np.unique(numbers, return_counts=True) if not _is_code(column) else _bincount(numbers)
            texts: Sequence[object]
            if column in CODE_COLUMNS:
                texts = self._dictionaries[column].texts
                pairs = [(texts[int(value)], int(count)) for value, count in zip(values, counts, strict=True) if value]
            elif column in {"source", "source_name"}:
                pairs = [(self._sources[int(value)].name, int(count)) for value, count in zip(values, counts, strict=True)]
            else:
                none = int(np.iinfo(numbers.dtype).min) if column in {"time", "event_id"} else -1
                pairs = [(int(value), int(count)) for value, count in zip(values, counts, strict=True) if value != none]
        else:
            table = self.frame(rows, [column])[column].drop_nulls().value_counts()
            pairs = [(value, int(count)) for value, count in table.iter_rows()]
        return sorted(pairs, key=lambda pair: (-pair[1], str(pair[0])))[:limit]

    def binned(self, rows: npt.NDArray[np.integer] | None, bins: int) -> Binned | None:
        """Events over time by level; None when no row has a time."""
        times, levels = self.held("time", rows).astype(np.int64, copy=False), self.held("level", rows)
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


def as_datetime(microseconds: int) -> datetime | None:
    """Microseconds since 1970 as an aware UTC time; None for "no time" and for what lies beyond the calendar."""
    if microseconds == NO_TIME:
        return None
    try:
        return EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return None


def _is_code(column: str) -> bool:
    return column in CODE_COLUMNS or column in {"level", "time_basis", "source", "source_name"}


def _bincount(numbers: npt.NDArray[np.generic]) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.int64]]:
    counts = np.bincount(numbers)  # type: ignore[arg-type]
    values = np.flatnonzero(counts)
    return values, counts[values]


def _shifted(held: Mapping[str, npt.NDArray[np.generic]], shift: Mapping[int, int]) -> npt.NDArray[np.generic]:
    """Times of rows without a stated zone, moved by their source's shift."""
    times = held["time"]
    if not any(shift.values()):
        return times
    table = np.zeros(max(max(shift, default=0), int(held["source"].max(initial=0))) + 1, np.int64)
    for source, amount in shift.items():
        table[source] = amount
    local = (held["time_basis"] >= TimeBasis.LOCAL) & (times != NO_TIME)
    return np.where(local, times - table[held["source"]], times)  # type: ignore[operator]


def _as_condition(wanted: pl.Expr | Condition) -> Condition:
    if isinstance(wanted, pl.Expr):
        return Test(tuple(dict.fromkeys(wanted.meta.root_names())), wanted, "", "")
    return wanted


class _Search:
    """One evaluation of a condition, segment by segment: what is cheap first, texts only of the rows still in question."""

    def __init__(self, store: EventStore, chosen: Callable[[Chosen], npt.NDArray[np.integer]] | None) -> None:
        self._store = store
        self._chosen = chosen
        self._tables: dict[int, Mask] = {}
        self._sets: dict[int, Rows] = {}

    def rows(self, segment: _Segment, condition: Condition) -> Rows:
        mask = self._mask(segment, condition, None)
        return (np.flatnonzero(mask) + segment.start).astype(np.uint32)

    def _mask(self, segment: _Segment, condition: Condition, within: Mask | None) -> Mask:
        """Which rows hold; outside ``within`` the answer does not matter."""
        match condition:
            case Test():
                return self._test(segment, condition, within)
            case Chosen():
                return self._row_set(segment, condition)
            case Negation():
                return ~self._mask(segment, condition.part, within)
            case Every():
                open_ = within
                for part in sorted(condition.parts, key=_cost):
                    if open_ is not None and not open_.any():
                        break
                    mask = self._mask(segment, part, open_)
                    open_ = mask if open_ is None else open_ & mask
                return np.ones(segment.rows, np.bool_) if open_ is None else open_
            case Some():
                found = np.zeros(segment.rows, np.bool_)
                open_ = None
                for part in sorted(condition.parts, key=_cost):
                    if open_ is None:
                        open_ = ~found if within is None else within & ~found
                    if not open_.any():
                        break
                    mask = self._mask(segment, part, open_)
                    if mask.strides == (0,) and len(mask) and not mask[0]:
                        continue
                    found |= mask & open_
                    open_ = None
                return found

    def _row_set(self, segment: _Segment, condition: Chosen) -> Mask:
        rows = self._sets.get(id(condition))
        if rows is None:
            given = self._chosen(condition) if self._chosen else np.zeros(0, np.uint32)
            rows = self._sets[id(condition)] = np.unique(np.asarray(given, np.uint32))
        mask = np.zeros(segment.rows, np.bool_)
        first, last = np.searchsorted(rows, [segment.start, segment.end])
        mask[rows[first:last] - segment.start] = True
        return mask

    def _test(self, segment: _Segment, test: Test, within: Mask | None) -> Mask:
        columns = test.columns
        if len(columns) == 1 and columns[0] in ASKED_ONCE:
            return self._by_value(segment, test)
        if all(column in HELD for column in columns):
            return _truth(self._store.columns_of(segment, columns, None), test, segment.rows)
        if len(columns) == 1 and columns[0] in segment.file.absent:
            nothing = pl.DataFrame({columns[0]: [None]}, schema={columns[0]: pl.String()})
            return np.full(segment.rows, _truth(nothing, test, 1)[0])
        count = segment.rows if within is None else int(np.count_nonzero(within))
        if within is None or count * FEW > segment.rows:
            file = self._store.mapped(segment)
            whole = [self._store.held_series(segment, name, None).alias(name) if name in HELD else file.column(name) for name in columns]
            return _truth(pl.DataFrame(whole), test, segment.rows)
        local = np.flatnonzero(within)
        mask = np.zeros(segment.rows, np.bool_)
        mask[local] = _truth(self._store.columns_of(segment, columns, local), test, len(local))
        return mask

    def _by_value(self, segment: _Segment, test: Test) -> Mask:
        """Ask each distinct value once, then look the rows up."""
        column = test.columns[0]
        numbers = segment.held["source" if column == "source_name" else column]
        table = self._tables.get(id(test))
        values = self._store.values_of(column)
        if table is None or len(table) < len(values):
            table = self._tables[id(test)] = _truth(pl.DataFrame([values.alias(column)]), test, len(values))
        if numbers.strides == (0,) and len(numbers):  # one value for the whole segment
            return np.broadcast_to(table[int(numbers[0])], len(numbers))
        if not table.any():
            return np.broadcast_to(np.False_, len(numbers))
        return np.take(table, numbers)


def _truth(frame: pl.DataFrame, test: Test, rows: int) -> Mask:
    return _as_mask(frame.select(test.expression.fill_null(value=False)).to_series(), rows)


def _as_mask(answer: pl.Series, rows: int) -> Mask:
    if len(answer) != rows:  # an expression without columns
        return np.full(rows, bool(answer[0]) if len(answer) else False)
    mask: Mask = answer.to_numpy()
    return mask


def _cost(condition: Condition) -> int:
    """0: in memory; 1: numbers from the file; 2: short texts; 3: messages."""
    match condition:
        case Test():
            return max(
                (0 if column in HELD else 3 if column == "message" else 2 if column in TEXT_COLUMNS else 1 for column in condition.columns),
                default=0,
            )
        case Chosen():
            return 0
        case Negation():
            return _cost(condition.part)
        case Every() | Some():
            return max((_cost(part) for part in condition.parts), default=0)
