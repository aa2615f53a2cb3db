"""Reading an .evtx file in runs of chunks: the sound ones fast, the damaged ones record by record."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from inspector.events import Flags, Problem
from inspector.formats.base import FileSpan, ProgressMark
from inspector.formats.evtx import chunks, first_reader, recovery
from inspector.formats.evtx.chunks import CHUNK_HEADER_SIZE, CHUNK_SIZE, FILE_HEADER_SIZE, RECORD_MAGIC, Extent, Records
from inspector.formats.evtx.columns import EventColumns
from inspector.formats.evtx.filling import BEHIND
from inspector.formats.evtx.first_reader import SoundChunks
from inspector.formats.evtx.recovery import Lost, Recovered

RUN_CHUNKS: Final = 128
"""Chunks that are read at once: 8 MiB, some twenty thousand events."""
FIRST_CHUNKS: Final = 16
"""The same at the start of a file, where somebody waits for the first rows."""


@dataclass(frozen=True, slots=True)
class Events:
    """Some events in file order, before they are made rows: what ``EventColumns.frame`` takes."""

    texts: Sequence[str]
    offsets: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    written: npt.NDArray[np.int64]
    flags: npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Rows:
    """The same as rows already."""

    frame: pl.DataFrame


Item = Events | Rows | Problem | ProgressMark


def together(parts: Sequence[Events]) -> Events:
    """Events of several parts as one."""
    return Events(
        [text for part in parts for text in part.texts],
        np.concatenate([part.offsets for part in parts]),
        np.concatenate([part.lengths for part in parts]),
        np.concatenate([part.written for part in parts]),
        np.concatenate([part.flags for part in parts]),
    )


def is_plain(data: bytes) -> bool:
    """Whether a whole file is a sound header and sound chunks and nothing else."""
    whole = len(data) > FILE_HEADER_SIZE and (len(data) - FILE_HEADER_SIZE) % CHUNK_SIZE == 0 and chunks.file_header_is_sound(data)
    return whole and all(chunks.is_chunk(data, at) and _is_sound(data, at) for at in range(FILE_HEADER_SIZE, len(data), CHUNK_SIZE))


def rows_of_plain(columns: EventColumns, files: Sequence[bytes]) -> tuple[npt.NDArray[np.int64], Rows] | None:
    """Rows of whole files that are plain, and for each of them which file it is of; None where that is not as simple as it should be."""
    counts = [(len(data) - FILE_HEADER_SIZE) // CHUNK_SIZE for data in files]
    data = b"".join([bytes(FILE_HEADER_SIZE), *(memoryview(data)[FILE_HEADER_SIZE:] for data in files), BEHIND])
    records = chunks.fast_records(data, FILE_HEADER_SIZE, sum(counts))
    if records is None:
        return None
    frame = columns.frame_of_chunks(data, FILE_HEADER_SIZE, records, SoundChunks(data, sum(counts), records).written)
    if frame is None:
        return None
    of = np.repeat(np.arange(len(files)), counts)[records.offsets // CHUNK_SIZE]
    starts = (np.cumsum(counts) - counts) * CHUNK_SIZE - FILE_HEADER_SIZE
    return of, Rows(frame.with_columns(offset=records.offsets - starts[of]))


def _is_sound(data: bytes | bytearray, place: int) -> bool:
    chunk = memoryview(data)[place : place + CHUNK_SIZE]
    return chunks.header_is_sound(chunk) and chunks.data_is_sound(chunk)


@dataclass(slots=True)
class PieceReader:
    """Reads the chunks that start within one span of a file."""

    file: BufferedReader | io.BytesIO
    name: str
    piece: FileSpan
    columns: EventColumns | None = None
    """What makes rows; without it sound chunks come as events, too."""
    second_alone: bool = False
    """Neither the native reader nor the last one is asked: one of them killed its process."""
    strays: tuple[int, int] | None = None
    """Bytes passed over in which no event is, still to be told about."""

    def items(self) -> Iterator[Item]:
        """Everything in the span, in file order. Raises OSError."""
        at = self._start()
        while at < self.piece.end:
            most = (RUN_CHUNKS if at > FILE_HEADER_SIZE else FIRST_CHUNKS) * CHUNK_SIZE
            # enough for a chunk that starts before the end, and for the header behind it
            data = self._read(at, min(most, self.piece.end - at + CHUNK_SIZE + CHUNK_HEADER_SIZE))
            if not data:
                break
            count = self._chunks_at(data, at)
            if count:
                yield from self._stray_bytes()
                yield from self._run(data, at, count)
                at += count * CHUNK_SIZE
            elif chunks.is_chunk(data, FILE_HEADER_SIZE):
                yield from self._stray_bytes()
                yield from self._cut_chunk(data, at)
                at += CHUNK_SIZE
            else:
                end = self._next_chunk(data, at)
                yield from self._no_chunk(bytes(data[FILE_HEADER_SIZE : FILE_HEADER_SIZE + end - at]), at)
                at = end
            yield ProgressMark(min(at, self.piece.end) - self.piece.start)
        yield from self._stray_bytes()

    @property
    def _native(self) -> bool:
        return first_reader.AVAILABLE and not self.second_alone

    # ---- finding chunks

    def _read(self, at: int, size: int) -> bytearray:
        """Bytes of the file behind a header that makes them a file of their own; empty at the end of the file."""
        data = bytearray(FILE_HEADER_SIZE + size)
        self.file.seek(at)
        got = self.file.readinto(memoryview(data)[FILE_HEADER_SIZE:])
        if not got:
            return bytearray()
        del data[FILE_HEADER_SIZE + got :]
        return data

    def _start(self) -> int:
        """Where to start: behind the file header, or behind a chunk that starts before the span and reaches into it."""
        start = self.piece.start
        if start == 0:
            data = self._read(0, FILE_HEADER_SIZE + CHUNK_SIZE)
            if data[FILE_HEADER_SIZE : FILE_HEADER_SIZE + 8] == chunks.FILE_MAGIC:
                return FILE_HEADER_SIZE
            # something is in front, or nothing is: the first chunk that shows tells where the others are
            at = chunks.find_chunk(data, FILE_HEADER_SIZE, len(data))
            return FILE_HEADER_SIZE if at < 0 else (at - FILE_HEADER_SIZE) % CHUNK_SIZE
        before = max(0, start - CHUNK_SIZE + 1)
        data = self._read(before, CHUNK_SIZE - 1 + CHUNK_HEADER_SIZE)
        border = FILE_HEADER_SIZE + start - before
        if not data or chunks.is_chunk(data, border):
            return start
        at = chunks.find_chunk(data, FILE_HEADER_SIZE, border)
        return start if at < 0 else before + at - FILE_HEADER_SIZE + CHUNK_SIZE

    def _chunks_at(self, data: bytearray, at: int) -> int:
        """How many whole chunks start one after the other at the front of ``data``, which lies at byte ``at`` of the file."""
        count = 0
        place = FILE_HEADER_SIZE
        while place + CHUNK_SIZE <= len(data) and at + count * CHUNK_SIZE < self.piece.end and chunks.is_chunk(data, place):
            count += 1
            place += CHUNK_SIZE
        return count

    def _next_chunk(self, data: bytearray, at: int) -> int:
        """Byte of the file where the next chunk starts, or a chunk's length on, or where the file ends."""
        last = min(len(data), FILE_HEADER_SIZE + CHUNK_SIZE)
        found = chunks.find_chunk(data, FILE_HEADER_SIZE + 1, min(last + CHUNK_HEADER_SIZE, len(data)))
        return at + (last if found < 0 or found > last else found) - FILE_HEADER_SIZE

    # ---- reading chunks

    def _run(self, data: bytearray, at: int, count: int) -> Iterator[Item]:
        """Whole chunks. Where one of them is not sound, each is read on its own."""
        size = FILE_HEADER_SIZE + count * CHUNK_SIZE
        sound = all(_is_sound(data, place) for place in range(FILE_HEADER_SIZE, size, CHUNK_SIZE))
        batch = self._sound_run(memoryview(data)[:size], at, count) if sound and self._native else None
        if batch is not None:
            yield from batch
            return
        for number in range(count):
            place = FILE_HEADER_SIZE + number * CHUNK_SIZE
            where = at + number * CHUNK_SIZE
            chunk = bytes(data[place : place + CHUNK_SIZE])
            batch = None
            if self._native and count > 1 and _is_sound(data, place):
                batch = self._sound_run(memoryview(bytes(FILE_HEADER_SIZE) + chunk), where, 1)
            yield from self._damaged_chunk(chunk, where) if batch is None else batch

    def _sound_run(self, data: memoryview, at: int, count: int) -> list[Item] | None:
        """All events of ``count`` chunks whose checksums hold, behind room for a file header; None where that is not as simple as it should be."""
        records = chunks.fast_records(data, FILE_HEADER_SIZE, count)
        if records is None:
            return None
        if not len(records.offsets):
            return []
        written = SoundChunks(data, count, records).written
        placed = Records(records.offsets + at, records.lengths, records.times)
        if self.columns is not None and self.columns.reads_chunks:
            frame = self.columns.frame_of_chunks(b"".join((data, BEHIND)), FILE_HEADER_SIZE, records, written)
            return None if frame is None else [Rows(frame.with_columns(offset=placed.offsets))]
        texts = written(np.ones(len(records.offsets), bool))
        return None if texts is None else [Events(texts, placed.offsets, records.lengths, records.times, np.zeros(len(texts), np.uint16))]

    def _damaged_chunk(self, chunk: bytes, at: int) -> Iterator[Item]:
        """A whole chunk, record by record."""
        header, data = chunks.header_is_sound(chunk), False
        if header:
            data = chunks.data_is_sound(chunk)
        found = list(recovery.read_chunk(chunk, chunks.extent(chunk), second_alone=self.second_alone))
        read = sum(isinstance(item, Recovered) for item in found)
        if not header:
            yield self._problem(_chunk_words(at), f"the header of this chunk is damaged; {_events(read)} could be read without it")
        elif not data and read == len(found):
            yield self._problem(
                _chunk_words(at),
                f"its checksum does not hold: bytes were changed after they were written; its {_events(read)} may be wrong",
            )
        yield from self._items(found, at, sound=header and data)

    def _cut_chunk(self, data: bytearray, at: int) -> Iterator[Item]:
        """A chunk that the file ends in."""
        chunk = bytes(data[FILE_HEADER_SIZE:])
        extent = chunks.extent(chunk)
        found = list(recovery.read_chunk(chunk, extent, second_alone=self.second_alone))
        read = [item for item in found if isinstance(item, Recovered)]
        if found and isinstance(found[-1], Lost) and found[-1].is_gap:
            found.pop()  # the record that is cut
        missing = 0
        if extent.last is not None and extent.before is not None:
            missing = max(0, extent.last - (read[-1].record.number if read else extent.before))
        complete = extent.last is not None and bool(read) and read[-1].record.number == extent.last and not read[-1].record.torn
        if missing:
            what = f"{_events(missing)} that belong{'s' if missing == 1 else ''} here {'is' if missing == 1 else 'are'} missing"
        else:
            what = "none of its events is missing" if complete else "what was to follow is missing"
        reason = f"the file ends inside of this chunk, {CHUNK_SIZE - len(chunk):,} bytes early; {what}"
        yield Problem(self.name, _chunk_words(at), reason, missing, notice=complete)
        yield from self._items(found, at, sound=False)

    def _no_chunk(self, data: bytes, at: int) -> Iterator[Item]:
        """Bytes where no chunk header is: nothing, a chunk that lost its header, or something that does not belong there."""
        if not any(data):
            return
        base = _lost_chunk(data)
        if base is None:
            if self.strays is not None and self.strays[1] == at:
                self.strays = (self.strays[0], at + len(data))
                return
            yield from self._stray_bytes()
            self.strays = (at, at + len(data))
            return
        yield from self._stray_bytes()
        chunk = data[base:]
        found = list(recovery.read_chunk(chunk, Extent(len(chunk), known=False), second_alone=self.second_alone))
        read = sum(isinstance(item, Recovered) for item in found)
        yield self._problem(_chunk_words(at + base), f"the header of this chunk is missing; {_events(read)} could be read without it")
        yield from self._items(found, at + base, sound=False)

    def _stray_bytes(self) -> Iterator[Item]:
        """Tell about the bytes without events that were passed over."""
        if self.strays is not None:
            start, end = self.strays
            self.strays = None
            yield self._problem(f"byte {start:,}", f"{end - start:,} bytes there are no part of an event log; no event is in them")

    def _items(self, found: list[Recovered | Lost], at: int, *, sound: bool) -> Iterator[Item]:
        """What was found of the chunk at byte ``at``: what is lost first, then what was read."""
        for item in found:
            if isinstance(item, Lost):
                yield self._problem(f"{item.words} at byte {at + item.at:,}, {_chunk_words(at)}", item.reason, item.events)
            elif item.damage:
                place = f"record {item.record.number:,} at byte {at + item.record.offset:,}, {_chunk_words(at)}"
                yield self._problem(place, f"only a part of this event could be read: {item.damage}")
        read = [item for item in found if isinstance(item, Recovered)]
        if not read:
            return
        flags = np.array([0 if sound and not item.second else int(Flags.RECOVERED) for item in read], np.uint16)
        yield Events(
            [item.text for item in read],
            np.array([at + item.record.offset for item in read]),
            np.array([item.record.length for item in read]),
            np.array([item.record.time & 2**63 - 1 for item in read]),
            flags,
        )

    def _problem(self, position: str, reason: str, lost: int = 0) -> Problem:
        return Problem(self.name, position, reason, lost)


def _events(count: int) -> str:
    return "1 event" if count == 1 else f"{count:,} events"


def _chunk_words(at: int) -> str:
    number, rest = divmod(at - FILE_HEADER_SIZE, CHUNK_SIZE)
    return f"chunk at byte {at:,}" if rest or number < 0 else f"chunk {number:,} at byte {at:,}"


def _lost_chunk(data: bytes) -> int | None:
    """Where in these bytes a chunk without header starts: 512 bytes before its first record; None where there is no record."""
    place = data.find(RECORD_MAGIC)
    while place >= 0:
        if chunks.record_at(data, place, len(data)) is not None:
            # the first record itself may be gone: then a whole chunk's length starts where a chunk should
            return 0 if place < CHUNK_HEADER_SIZE or len(data) == CHUNK_SIZE else place - CHUNK_HEADER_SIZE
        place = data.find(RECORD_MAGIC, place + 1)
    return None
