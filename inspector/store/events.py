"""The event table that is open: segments adopted in order, rows picked, fetched, sorted and counted."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from inspector.store.segments import (
    CODE_COLUMNS,
    NO_TIME,
    SEGMENT_SCHEMA,
    TEXT_COLUMNS,
    CellReader,
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

OPEN_FILES: Final = 64
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
        self._readers: OrderedDict[str, CellReader] = OrderedDict()
        self._reader_lock = threading.RLock()
        self._reading = 0
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
            for reader in self._readers.values():
                reader.close()
            self._readers.clear()

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
                reader = self._readers.pop(str(file.path), None)
                if reader:
                    reader.close()
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

    @contextmanager
    def _cells(self, segment: _Segment) -> Iterator[CellReader]:
        """The segment's cell reader, from the few that are kept open."""
        key = str(segment.file.path)
        with self._reader_lock:
            reader = self._readers.pop(key, None) or CellReader(segment.file.path)
            self._readers[key] = reader
            while len(self._readers) > OPEN_FILES:
                self._readers.popitem(last=False)[1].close()
            yield reader

    def message(self, row: int) -> str:
        """The whole message of a row. Raises IndexError."""
        with self._snapshot() as segments:
            segment, at = self._place(segments, row)
            with self._cells(segment) as cells:
                return cells.text("message", at) or ""

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
            ascending = bool((wanted[1:] >= wanted[:-1]).all())
            order = None if ascending else np.argsort(wanted, kind="stable")
            ordered = wanted if order is None else wanted[order]
            cuts = np.searchsorted(ordered, [segment.end for segment in segments])
            parts, first = [], 0
            for segment, last in zip(segments, cuts, strict=True):
                if last > first:
                    local = ordered[first:last] - segment.start
                    parts.append(self._columns(segment, columns, local))
                first = int(last)
            frame = pl.concat(parts)
            frame.insert_column(0, pl.Series("row", ordered.astype(np.uint32)))
            if order is not None:
                back = np.empty(len(order), np.int64)
                back[order] = np.arange(len(order))
                frame = frame[back]
            return frame

    def _columns(self, segment: _Segment, columns: Sequence[str], local: npt.NDArray[np.int64] | None) -> pl.DataFrame:
        """Columns of one segment as an expression reads them; ``local`` picks rows of it."""
        read = [name for name in columns if name not in HELD]
        count = segment.rows if local is None else len(local)
        found: dict[str, pl.Series] = {}
        if read and local is not None and count * len(read) <= 256:
            with self._cells(segment) as cells:
                for name in read:
                    get = cells.text if name in TEXT_COLUMNS else cells.number
                    found[name] = pl.Series(name, [get(name, int(at)) for at in local], dtype=FRAME_TYPES[name])
        elif read:
            frame = pl.scan_ipc(segment.file.path).select(read).collect()
            found = {name: frame[name] if local is None else frame[name].gather(local) for name in read}
        for name in columns:
            if name in HELD:
                found[name] = self._held_series(segment, name, local)
        return pl.DataFrame([found[name].alias(name) for name in columns])

    def _held_series(self, segment: _Segment, name: str, local: npt.NDArray[np.int64] | None) -> pl.Series:
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
        with self._snapshot() as segments:
            for segment in segments:
                job.check()
                rows = search.rows(segment, condition)
                if len(rows):
                    found.append(rows)
                    if arrived is not None:
                        arrived(rows)
        return np.concatenate(found)

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
        self._texts: dict[str, pl.Series] = {}

    def rows(self, segment: _Segment, condition: Condition) -> Rows:
        self._texts = {}
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
                for part in sorted(condition.parts, key=_cost):
                    open_ = ~found if within is None else within & ~found
                    if not open_.any():
                        break
                    found |= self._mask(segment, part, open_) & open_
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
        if len(columns) == 1 and (columns[0] in CODE_COLUMNS or columns[0] == "source_name"):
            return self._by_dictionary(segment, test)
        if all(column in HELD for column in columns):
            return _truth(self._store._columns(segment, columns, None), test, segment.rows)  # noqa: SLF001 - one module
        count = segment.rows if within is None else int(np.count_nonzero(within))
        if within is None or count * 4 > segment.rows:
            return _truth(self._frame(segment, columns), test, segment.rows)
        local = np.flatnonzero(within)
        mask = np.zeros(segment.rows, np.bool_)
        known = all(column in self._texts or column in HELD for column in columns)
        frame = self._frame(segment, columns)[local] if known else self._store._columns(segment, columns, local)  # noqa: SLF001 - one module
        mask[local] = _truth(frame, test, len(local))
        return mask

    def _frame(self, segment: _Segment, columns: Sequence[str]) -> pl.DataFrame:
        """Columns of the whole segment; what was read once stays for the segment's other tests."""
        missing = [column for column in columns if column not in self._texts]
        if missing:
            read = self._store._columns(segment, missing, None)  # noqa: SLF001 - one module
            self._texts.update({column: read[column] for column in missing})
        return pl.DataFrame([self._texts[column].alias(column) for column in columns])

    def _by_dictionary(self, segment: _Segment, test: Test) -> Mask:
        """Ask each distinct value once, then look the rows up."""
        column = test.columns[0]
        codes = segment.held["source" if column == "source_name" else column]
        table = self._tables.get(id(test))
        texts = self._store._source_names() if column == "source_name" else self._store._dictionaries[column].series()  # noqa: SLF001 - one module
        if table is None or len(table) < len(texts):
            table = self._tables[id(test)] = _truth(pl.DataFrame([texts.alias(column)]), test, len(texts))
        return table[codes]


def _truth(frame: pl.DataFrame, test: Test, rows: int) -> Mask:
    answer = frame.select(test.expression.fill_null(value=False)).to_series()
    if len(answer) != rows:  # an expression without columns
        return np.full(rows, bool(answer[0]) if len(answer) else False)
    return answer.to_numpy()


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
