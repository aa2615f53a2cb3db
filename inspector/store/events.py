"""The event table that is open: segments adopted in order, rows picked and fetched, zones applied, sources removed."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from inspector.events import Source, TimeBasis, Zone
from inspector.job import Job
from inspector.query import Condition
from inspector.store import counting
from inspector.store.columns import CELLS, ColumnReader, held_columns
from inspector.store.counting import Binned, as_datetime
from inspector.store.mapped import MappedSegment
from inspector.store.search import ChosenRows, Search, as_condition, cost
from inspector.store.segments import (
    CODE_COLUMNS,
    FRAME_TYPES,
    HELD,
    Mask,
    Numbers,
    Rows,
    Segment,
    SegmentFile,
    shifted,
    write_segment,
)

MICROSECOND: Final = timedelta(microseconds=1)
THREADS: Final = min(os.cpu_count() or 1, 8)


class EventStore:
    """Rows of every open source. Reading is safe from any thread while one thread adopts segments."""

    def __init__(self) -> None:
        self._segments: tuple[Segment, ...] = ()
        self._sources: dict[int, Source] = {}
        self._columns = ColumnReader(self._sources)
        self._lock = threading.RLock()
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

    @property
    def files(self) -> tuple[SegmentFile, ...]:
        """The files of the segments, in the order of the rows."""
        return tuple(segment.file for segment in self._segments)

    def put_source(self, source: Source) -> None:
        """Add a source, or replace what is known about it (not its zone's effect: see ``set_zone``)."""
        with self._lock:
            self._sources[source.id] = source

    def arrange(self, order: Mapping[int, int]) -> None:
        """Put sources into the order of the given ranks; those without one stay in front."""
        with self._lock:
            ordered = sorted(self._sources.items(), key=lambda item: order.get(item[0], -1))
            self._sources.clear()
            self._sources.update(ordered)

    def source(self, source_id: int) -> Source:
        """The source of that number. Raises KeyError."""
        return self._sources[source_id]

    def adopt(self, file: SegmentFile) -> int:
        """Append a segment; rows of known sources without a stated zone are shifted by their source's. Returns the number of rows now."""
        with self._lock:
            segment = self._segment_of(file, len(self))
            self._segments = (*self._segments, segment)
            return segment.end

    def _segment_of(self, file: SegmentFile, start: int) -> Segment:
        codes = {name: self._columns.dictionaries[name].numbers(file.dictionaries.get(name, ())) for name in CODE_COLUMNS}
        held = held_columns(MappedSegment(file.path), codes)
        shift = {source.id: source.zone.offset // MICROSECOND for source in self._sources.values()}
        held["time"] = shifted(held, shift)
        return Segment(file, start, held)

    def last_row(self, source_id: int) -> int | None:
        """The row of a source's last event; None when it has none."""
        for segment in reversed(self._segments):
            own = np.flatnonzero(segment.held["source"] == source_id)
            if len(own):
                return segment.start + int(own[-1])
        return None

    def replace_row(self, row: int, file: SegmentFile) -> None:
        """Put the first row of a segment's file in the place of a row; every other row stays as it is. Raises IndexError."""
        with self._lock:
            segment, at = self._place(self._segments, row)
            whole, new = _texts_of(segment.file), _texts_of(file)
            frame = pl.concat((whole[:at], new[:1], whole[at + 1 :]))
            changed = self._segment_of(write_segment(frame, _beside(segment.file.path)), segment.start)
            self._discarded.extend((segment.file, file))
            self._segments = tuple(changed if one is segment else one for one in self._segments)
        self._sweep()

    def set_zone(self, source_id: int, zone: Zone) -> None:
        """Give a source's times without zone another offset; no file is read. Raises KeyError."""
        with self._lock:
            source = self._sources[source_id]
            change = {source_id: (zone.offset - source.zone.offset) // MICROSECOND}
            self.put_source(replace(source, zone=zone))
            if change[source_id]:
                self._segments = tuple(
                    replace(segment, held={**segment.held, "time": shifted(segment.held, change)})
                    if (segment.held["source"] == source_id).any()
                    else segment
                    for segment in self._segments
                )

    def with_local_times(self) -> frozenset[int]:
        """Numbers of the sources of which any row has a time without a stated zone."""
        found: set[int] = set()
        for segment in self._segments:
            local = segment.held["time_basis"] >= int(TimeBasis.LOCAL)
            if local.any():
                found.update(np.unique(segment.held["source"][local]).tolist())
        return frozenset(found)

    def remove(self, source_id: int) -> None:
        """Drop a source; the rows behind its own move up. Raises KeyError."""
        with self._lock:
            kept: list[Segment] = []
            if source_id not in self._sources:
                raise KeyError(source_id)
            for segment in self._segments:
                own = segment.held["source"] == source_id
                start = kept[-1].end if kept else 0
                if not own.any():
                    kept.append(replace(segment, start=start))
                    continue
                self._discarded.append(segment.file)
                if not own.all():
                    kept.append(self._rewritten(segment, ~own, start))
            del self._sources[source_id]
            self._segments = tuple(kept)
        self._sweep()

    @staticmethod
    def _rewritten(segment: Segment, keep: Mask, start: int) -> Segment:
        """The segment without some of its rows, in a file of its own."""
        file = write_segment(_texts_of(segment.file).filter(pl.Series(keep)), _beside(segment.file.path))
        held = {name: np.ascontiguousarray(values[keep]) for name, values in segment.held.items()}
        return Segment(file, start, held)

    def close(self) -> None:
        """Let go of every file; they are not deleted."""
        with self._lock:
            self._segments = ()
            self._sources.clear()
            self._columns.forget()
        self._threads.shutdown(wait=True, cancel_futures=True)

    @contextmanager
    def _snapshot(self) -> Iterator[tuple[Segment, ...]]:
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
        for file in discarded:
            self._columns.forget(file.path)
            with contextlib.suppress(OSError):  # still mapped somewhere, on Windows: the workspace goes at the end
                file.path.unlink(missing_ok=True)

    # ---- single rows

    def _place(self, segments: Sequence[Segment], row: int) -> tuple[Segment, int]:
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

    def message(self, row: int) -> str:
        """The whole message of a row. Raises IndexError."""
        with self._snapshot() as segments:
            segment, at = self._place(segments, row)
            return self._columns.mapped(segment).text("message", at) or ""

    def source_of(self, row: int) -> Source:
        """The source of a row. Raises IndexError."""
        segment, at = self._place(self._segments, row)
        return self._sources[int(segment.held["source"][at])]

    def event_time(self, row: int) -> datetime | None:
        """When the event was logged, its source's zone applied; None when it has no time or one beyond the calendar. Raises IndexError."""
        segment, at = self._place(self._segments, row)
        return as_datetime(int(segment.held["time"][at]))

    # ---- many rows

    def frame(self, rows: Sequence[int] | Numbers | None, columns: Sequence[str]) -> pl.DataFrame:
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
                return self._columns.cells(segments, wanted, types)
            ascending = bool((wanted[1:] >= wanted[:-1]).all())
            order = None if ascending else np.argsort(wanted, kind="stable")
            ordered = wanted if order is None else wanted[order]
            cuts = np.searchsorted(ordered, [segment.end for segment in segments])
            parts, first = [], 0
            for segment, last in zip(segments, cuts, strict=True):
                if last > first:
                    local = ordered[first:last] - segment.start
                    parts.append(self._columns.columns_of(segment, columns, local))
                first = int(last)
            frame = pl.concat(parts)
            frame.insert_column(0, pl.Series("row", ordered.astype(np.uint32)))
            if order is not None:
                back = np.empty(len(order), np.int64)
                back[order] = np.arange(len(order))
                frame = frame[back]
            return frame

    # ---- picking rows

    def matching(
        self,
        wanted: pl.Expr | Condition,
        job: Job,
        arrived: Callable[[Rows], None] | None = None,
        chosen: ChosenRows | None = None,
    ) -> Rows:
        """Rows that satisfy an expression or condition, in file order.

        ``arrived`` gets the rows of each segment as they are found. ``chosen`` supplies the row numbers behind a Chosen leaf.
        Raises Cancelled between segments.
        """
        condition = as_condition(wanted)
        search = Search(self._columns, chosen)
        found = [np.zeros(0, np.uint32)]

        def look(segment: Segment) -> Rows:
            job.check()
            return search.rows(segment, condition)

        with self._snapshot() as segments:
            # what is in memory is looked at before another thread would have started
            for rows in self._spread(look, segments) if cost(condition) else map(look, segments):
                job.check()
                if len(rows):
                    found.append(rows)
                    if arrived is not None:
                        arrived(rows)
        return np.concatenate(found)

    def _spread(self, look: Callable[[Segment], Rows], segments: Sequence[Segment]) -> Iterator[Rows]:
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

    def held(self, name: str, rows: Numbers | None) -> Numbers:
        """A column that is in memory, as numbers, of the given rows in their order (None: all)."""
        return counting.held_numbers(self._segments, name, rows)

    def in_order(self, rows: Rows, column: str, *, descending: bool, job: Job) -> Rows:
        """Rows sorted by a column, equal ones in their present order, rows without a value last. Texts count by their first characters, case apart."""
        with self._snapshot() as segments:
            return counting.in_order(self._columns, segments, rows, column, descending=descending, job=job)

    def counts(self, column: str, rows: Numbers | None, limit: int) -> list[tuple[object, int]]:
        """Most frequent values of a column among the rows (None: all), most frequent first, ties by value; rows without a value left out."""
        if column in HELD:
            numbers = self.held("source" if column == "source_name" else column, rows)
            return counting.most_frequent(self._columns, self._sources, column, numbers, limit)
        table = self.frame(rows, [column])[column].drop_nulls().value_counts()
        return counting.in_rank([(value, int(count)) for value, count in table.iter_rows()], limit)

    def binned(self, rows: Numbers | None, bins: int) -> Binned | None:
        """Events over time by level; None when no row has a time."""
        return counting.binned(self.held("time", rows), self.held("level", rows), bins)


def _texts_of(file: SegmentFile) -> pl.DataFrame:
    """A segment's rows with their texts in place of codes, as it was written from."""
    frame = pl.scan_ipc(file.path).collect()
    texts = {name: pl.Series(name, (None, *file.dictionaries.get(name, ())), dtype=pl.String) for name in CODE_COLUMNS}
    return frame.with_columns([texts[name].gather(frame[name]).alias(name) for name in CODE_COLUMNS])


def _beside(path: Path) -> Path:
    """A name that no file has yet, for a segment made out of another."""
    number = 1
    while (target := path.with_name(f"{path.stem}-{number}.arrow")).exists():
        number += 1
    return target
