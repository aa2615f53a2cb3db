"""Where things lie in an .evtx file: headers, 64 KiB chunks, records, checksums (MS-EVEN6 and libevtx's description of the format)."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

FILE_HEADER_SIZE: Final = 4096
CHUNK_SIZE: Final = 65536
CHUNK_HEADER_SIZE: Final = 512
RECORD_HEADER_SIZE: Final = 24
SMALLEST_RECORD: Final = 28
FILE_MAGIC: Final = b"ElfFile\0"
CHUNK_MAGIC: Final = b"ElfChnk\0"
RECORD_MAGIC: Final = b"**\0\0"

_RECORD_WORD: Final = 0x2A2A
_TABLES: Final = slice(128, CHUNK_HEADER_SIZE)
_NO_TABLES: Final = bytes(384)

Buffer = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a chunk."""

    offset: int
    """Byte of the chunk where it starts."""
    length: int
    number: int
    """The header's number; the System block may state another one, which counts."""
    time: int
    """The header's time in FILETIME ticks (100 ns since 1601 UTC)."""
    torn: bool = False
    """Its end is not where it should be, or not there at all."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes of a chunk where records should be and none can be made out; offsets within the chunk."""

    start: int
    end: int
    lost: int
    """Records missing by their numbers; 0 where that cannot be told."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a chunk's records reach."""

    end: int
    """Byte of the chunk behind the last record, or where the bytes at hand end."""
    known: bool
    """Whether ``end`` is what a sound header states. If not, records are those whose numbers rise: what lies behind
    them is left over from the chunk's earlier use."""
    before: int | None = None
    """Number before the first record's, where a sound header states it."""
    last: int | None = None
    """Number of the last record, where a sound header states it."""


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a run of chunks, as arrays; offsets count from the run's first byte."""

    offsets: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    times: npt.NDArray[np.int64]
    """FILETIME ticks of the record headers."""


def file_header(chunks: int) -> bytes:
    """A header that makes a run of chunks a readable file."""
    header = bytearray(FILE_HEADER_SIZE)
    struct.pack_into("<8sQQQIHHHH", header, 0, FILE_MAGIC, 0, max(chunks - 1, 0), 1, 128, 1, 3, FILE_HEADER_SIZE, chunks & 0xFFFF)
    struct.pack_into("<I", header, 124, zlib.crc32(header[:120]))
    return bytes(header)


def file_header_is_sound(header: Buffer) -> bool:
    """Whether a file starts with an intact header."""
    view = memoryview(header)
    if len(view) < FILE_HEADER_SIZE or bytes(view[:8]) != FILE_MAGIC:
        return False
    return bool(zlib.crc32(view[:120]) == struct.unpack_from("<I", view, 124)[0])


def is_chunk(data: Buffer, at: int) -> bool:
    """Whether a chunk header starts at ``at``: its magic and its own size."""
    return data[at : at + 8] == CHUNK_MAGIC and data[at + 40 : at + 44] == b"\x80\0\0\0"


def find_chunk(data: bytes | bytearray, start: int, end: int) -> int:
    """Where the first chunk header in ``data[start:end]`` starts; -1 for none."""
    at = data.find(CHUNK_MAGIC, start, end)
    while at >= 0 and not is_chunk(data, at):
        at = data.find(CHUNK_MAGIC, at + 1, end)
    return at


def header_is_sound(chunk: Buffer) -> bool:
    """Whether the checksum over a chunk's header and tables holds."""
    view = memoryview(chunk)
    if len(view) < CHUNK_HEADER_SIZE or bytes(view[:8]) != CHUNK_MAGIC:
        return False
    return bool(zlib.crc32(view[_TABLES], zlib.crc32(view[:120])) == struct.unpack_from("<I", view, 124)[0])


def data_is_sound(chunk: Buffer) -> bool:
    """Whether the checksum over a chunk's records holds, up to the end that the header states."""
    free, checksum = struct.unpack_from("<II", chunk, 48)
    if not CHUNK_HEADER_SIZE <= free <= len(chunk):
        return False
    return bool(zlib.crc32(memoryview(chunk)[CHUNK_HEADER_SIZE:free]) == checksum)


def extent(chunk: Buffer) -> Extent:
    """How far the records of a chunk reach, of which ``chunk`` may be the first part only."""
    if not header_is_sound(chunk):
        return Extent(min(len(chunk), CHUNK_SIZE), known=False)
    first, last = struct.unpack_from("<QQ", chunk, 8)
    (free,) = struct.unpack_from("<I", chunk, 48)
    whole = CHUNK_HEADER_SIZE <= free <= len(chunk)
    return Extent(free if whole else len(chunk), known=True, before=first - 1, last=last)


def drop_tables(chunk: bytearray | memoryview, at: int = 0) -> None:
    """Empty a chunk's name and template tables.

    Records refer to names and templates by offset, so that nobody needs the tables; a reader that follows
    their chains can be led in circles.
    """
    chunk[at + 128 : at + CHUNK_HEADER_SIZE] = _NO_TABLES


def repaired_header(end: int) -> bytes:
    """A chunk header for records that lie between byte 512 and ``end``, whatever their numbers."""
    header = bytearray(CHUNK_HEADER_SIZE)
    most = 2**64 - 1
    struct.pack_into("<8sQQQQIII", header, 0, CHUNK_MAGIC, 1, most, 1, most, 128, CHUNK_HEADER_SIZE, end)
    return bytes(header)


def record_header(length: int) -> bytes:
    """A record header over so many bytes, to lead a reader across them."""
    return struct.pack("<4sIQQ", RECORD_MAGIC, length, 0, 0)


def record_at(chunk: Buffer, at: int, end: int) -> Record | None:
    """The record at byte ``at``, if one starts there and ends by ``end``: magic, size, and the same size at its end."""
    if at + SMALLEST_RECORD > end:
        return None
    magic, length, number, time = struct.unpack_from("<4sIQQ", chunk, at)
    if magic != RECORD_MAGIC or not SMALLEST_RECORD <= length <= end - at:
        return None
    if struct.unpack_from("<I", chunk, at + length - 4)[0] != length:
        return None
    return Record(at, length, number, time)


def fast_records(data: Buffer, first: int, count: int) -> Records | None:
    """The records of ``count`` chunks that start at byte ``first`` (a multiple of 8), where each follows the one before without fault.

    None where one does not: then `walk` tells what is the matter. Offsets count from ``first``.
    """
    words = np.frombuffer(data, np.uint32, count * CHUNK_SIZE // 4, first)
    free = words.reshape(count, CHUNK_SIZE // 4)[:, 12].astype(np.int64)
    found = np.flatnonzero(words[::2] == _RECORD_WORD)
    chain = _chain(found * 8, words[found * 2 + 1].astype(np.int64), free)
    if chain is None:
        return None
    found = found[chain]
    offsets = found * 8
    times = words[found * 2 + 4].astype(np.int64) | words[found * 2 + 5].astype(np.int64) << 32
    return Records(offsets, words[found * 2 + 1].astype(np.int64), times)


def _chain(offsets: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], free: npt.NDArray[np.int64]) -> list[int] | slice | None:
    """Which of the places that look like a record's start are links of their chunk's chain; None where a chain is broken.

    What looks like a record inside of another is part of its text, behind the free space offset left over.
    """
    if _all_are_links(offsets, lengths, free):
        return slice(None)
    links: list[int] = []
    ends = (np.arange(len(free)) * CHUNK_SIZE + free).tolist()
    chunk, at, end = 0, CHUNK_HEADER_SIZE, ends[0]
    for number, (offset, length) in enumerate(zip(offsets.tolist(), lengths.tolist(), strict=True)):
        while at == end and chunk + 1 < len(ends):
            chunk += 1
            at, end = chunk * CHUNK_SIZE + CHUNK_HEADER_SIZE, ends[chunk]
        if offset < at or at == end:
            continue
        if offset != at or length < SMALLEST_RECORD or at + length > end:
            return None
        links.append(number)
        at += length
    while at == end and chunk + 1 < len(ends):
        chunk += 1
        at, end = chunk * CHUNK_SIZE + CHUNK_HEADER_SIZE, ends[chunk]
    return links if at == end and chunk + 1 == len(ends) else None


def _all_are_links(offsets: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], free: npt.NDArray[np.int64]) -> bool:
    """Whether every place is a link of an unbroken chain, as in most chunks."""
    chunks = offsets // CHUNK_SIZE
    if not len(offsets) or chunks[-1] >= len(free) or len(np.unique(chunks)) != len(free):
        return False
    first = np.append(np.ones(1, bool), chunks[1:] != chunks[:-1])
    last = np.append(first[1:], np.ones(1, bool))
    follows = np.where(last, chunks * CHUNK_SIZE + free[chunks], np.append(offsets[1:], 0))
    starts = offsets[first] % CHUNK_SIZE == CHUNK_HEADER_SIZE
    return bool((offsets + lengths == follows).all() and starts.all() and (lengths >= SMALLEST_RECORD).all())


def walk(chunk: Buffer, extent: Extent) -> list[Record | Gap]:
    """The records of one chunk, and the gaps where their chain breaks.

    A record whose sizes are wrong is taken to reach to the next sound one.
    """
    data = bytes(chunk)
    found: list[Record | Gap] = []
    at, last = CHUNK_HEADER_SIZE, extent.before
    while at < extent.end:
        record = record_at(data, at, extent.end)
        if record is not None and not extent.known and last is not None and record.number <= last:
            break  # left over from an earlier use of the chunk
        if record is not None:
            found.append(record)
            at, last = at + record.length, record.number
            continue
        following = _next_record(data, at, extent.end, last)
        torn = _torn_record(data, at, extent.end if following is None else following.offset, last)
        if following is None and torn is None and not extent.known:
            break  # nothing says that there was to be more
        if torn is not None:
            found.append(torn)
            last = torn.number
        end = extent.end if following is None else following.offset
        after = following.number if following is not None else None if extent.last is None else extent.last + 1
        lost = 0 if last is None or after is None else after - last - 1
        if not 0 <= lost <= _room(at, end):
            lost = 0
        if lost or torn is None:
            found.append(Gap(at, end, lost))
        at, last = end, None if after is None else after - 1
    return found


def _torn_record(data: bytes, at: int, end: int, last: int | None) -> Record | None:
    """The record that starts at ``at`` and must end by ``end``, though its sizes say otherwise; None where none starts there."""
    if at + SMALLEST_RECORD > end or data[at : at + 4] != RECORD_MAGIC:
        return None
    number, time = struct.unpack_from("<QQ", data, at + 8)
    if last is not None and not 0 < number - last <= 1 + _room(at, end):
        return None
    (copy,) = struct.unpack_from("<I", data, end - 4)
    return Record(at, end - at, number, time, torn=copy != end - at)


def _room(start: int, end: int) -> int:
    """How many records at most fit between two bytes."""
    return (end - start) // SMALLEST_RECORD


def _next_record(data: bytes, at: int, end: int, last: int | None) -> Record | None:
    """The next sound record behind ``at`` whose number can follow: those left over from an earlier use of the chunk have lower ones."""
    place = data.find(RECORD_MAGIC, at + 1, end)
    while place >= 0:
        record = record_at(data, place, end)
        if record is not None and (last is None or 0 < record.number - last <= 1 + _room(at, place)):
            return record
        place = data.find(RECORD_MAGIC, place + 1, end)
    return None
