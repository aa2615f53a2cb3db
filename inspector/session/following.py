"""Following a log that grows: what is new in its file, read from where its last event starts."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from inspector.events import Source
from inspector.formats.base import FileSpan
from inspector.ingest.growth import FilePrint, goes_on, print_of, whole_lines
from inspector.ingest.pool import Pool
from inspector.ingest.reading import Reading, Wishes
from inspector.ingest.tasks import Recognised
from inspector.job import Job
from inspector.store import EventStore

Stamp = tuple[int, int, int]
"""Which file it is, its size and when it was written last."""


def stamp_of(path: Path) -> Stamp:
    """What tells without reading that a file was not touched. Raises OSError."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


@dataclass(frozen=True, slots=True)
class Growth:
    """What a look at a followed file found."""

    end: int
    """Byte up to which it can be read now; the source's size where there is nothing new."""
    anew: bool = False
    """It has to be read again as a whole."""
    reason: str = ""
    """Why, where the user must know."""


class Following:
    """Remembers what the files were that are open, and reads on in those that grew."""

    def __init__(self, store: EventStore, pool: Pool, next_id: Callable[[], int]) -> None:
        self._store = store
        self._pool = pool
        self._next_id = next_id
        self._prints: dict[int, FilePrint] = {}
        self._looked: dict[int, int] = {}
        """Size of each followed file at the last look."""
        self._stamps: dict[int, Stamp] = {}

    def remember(self, numbers: Mapping[int, Recognised]) -> None:
        """Remember what the files of these sources are, as far as they can be read on."""
        for number, known in numbers.items():
            self._stamp(number)
            if known.continues:
                with contextlib.suppress(OSError):  # gone already: then it is begun anew when it is looked at
                    self._prints[number] = print_of(self._store.source(number).path, known.size)

    def forget(self, source_id: int) -> None:
        """The source was closed."""
        self._prints.pop(source_id, None)
        self._looked.pop(source_id, None)
        self._stamps.pop(source_id, None)

    def is_replaced(self, source: Source) -> bool:
        """Whether a source's file holds something else now than what was read: byte positions mean nothing in it any more."""
        before = self._stamps.get(source.id)
        try:
            if before is None or stamp_of(source.path) == before:
                return False
            was = self._prints.get(source.id)
            return was is None or not goes_on(source.path, was)
        except OSError:
            return False  # gone: whoever opens it says so

    def _stamp(self, number: int) -> None:
        with contextlib.suppress(OSError):  # gone already: whoever opens it says so
            self._stamps[number] = stamp_of(self._store.source(number).path)

    def look(self, source: Source, known: Recognised) -> Growth:
        """What is new in a source's file. Raises OSError."""
        size = source.path.stat().st_size
        if self.is_anew(source, known):
            if not known.continues:
                return Growth(size, anew=True)
            lost = f"the {source.events:,} events read before are no longer in it"
            return Growth(size, anew=True, reason=f"the file was cut or begun anew while it was followed; it was read again, and {lost}")
        rested, self._looked[source.id] = self._looked.get(source.id) == size, size
        return Growth(size if rested else whole_lines(source.path, source.size, size, source.encoding))

    def is_anew(self, source: Source, known: Recognised) -> bool:
        """Whether a source cannot be read on: it was cut or replaced, or has changed and is of a kind that is only read as a whole. Raises OSError."""
        if not known.continues:
            return source.path.stat().st_size != source.size
        before = self._prints.get(source.id)
        return before is None or not goes_on(source.path, before)

    def read_on(self, source: Source, known: Recognised, job: Job, arrived: Callable[[int], None] | None) -> None:
        """Read what was appended up to ``known.size``, and the last event once more. Raises Cancelled; what arrived stays."""
        last, rows = self._store.last_row(source.id), len(self._store)
        start, length, line, after = known.pieces[0].start, 0, 1, -1
        if last is not None:
            _, start, length, line = self._store.frame([last], ["offset", "length", "position"]).row(0)
            after = start
        self._reading(self._store, job, arrived).run_on(source, known, FileSpan(start, known.size, line), after)
        first_new = int(self._store.frame([rows], ["offset"])["offset"][0]) if len(self._store) > rows else known.size
        if last is not None and first_new - start != length:
            self._read_again(last, source, known, FileSpan(start, first_new, line), job)
        with contextlib.suppress(OSError):
            self._prints[source.id] = print_of(source.path, known.size)
        self._stamp(source.id)

    def _read_again(self, row: int, source: Source, known: Recognised, piece: FileSpan, job: Job) -> None:
        """Put one event in the place of what was read of it when it was not complete yet."""
        alone = EventStore()
        alone.put_source(replace(source, events=0, problems=()))
        try:
            self._reading(alone, job, None).run_on(alone.source(source.id), known, piece, piece.start - 1)
            if alone.files:
                self._store.replace_row(row, alone.files[0])
        finally:
            alone.close()

    def _reading(self, store: EventStore, job: Job, arrived: Callable[[int], None] | None) -> Reading:
        return Reading(store, self._pool, Wishes(), self._next_id, job, arrived)
