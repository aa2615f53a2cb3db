"""Damages .evtx files in known ways: each function takes a file's bytes and returns changed ones."""

from __future__ import annotations

import random
import struct
import zlib
from dataclasses import dataclass

from tests.builders.evtx import FILE_HEADER_SIZE, RECORD_MAGIC, set_chunk_checksums
from tests.builders.evtx_binxml import CHUNK_HEADER_SIZE, CHUNK_SIZE


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """Where a record lies; ``offset`` counts from the start of the file."""

    offset: int
    length: int
    number: int


@dataclass(frozen=True, slots=True)
class ChunkPlace:
    """Where a chunk and its records lie."""

    offset: int
    free: int
    """Offset within the chunk of its first unused byte."""
    records: tuple[RecordPlace, ...]


def layout(data: bytes) -> tuple[ChunkPlace, ...]:
    """The chunks and records of an undamaged file."""
    chunks = []
    for offset in range(FILE_HEADER_SIZE, len(data) - CHUNK_SIZE + 1, CHUNK_SIZE):
        if data[offset : offset + 8] != b"ElfChnk\0":
            continue
        (free,) = struct.unpack_from("<I", data, offset + 48)
        records = []
        at = offset + CHUNK_HEADER_SIZE
        while at < offset + free:
            magic, size, number = struct.unpack_from("<4sIQ", data, at)
            if magic != RECORD_MAGIC:
                raise ValueError(f"no record at byte {at}")
            records.append(RecordPlace(at, size, number))
            at += size
        chunks.append(ChunkPlace(offset, free, tuple(records)))
    return tuple(chunks)


def overwritten(data: bytes, offset: int, new: bytes) -> bytes:
    """``new`` at ``offset``, the rest unchanged; the length stays."""
    return data[:offset] + new + data[offset + len(new) :]


def file_header_zeroed(data: bytes) -> bytes:
    return overwritten(data, 0, bytes(FILE_HEADER_SIZE))


def file_header_removed(data: bytes) -> bytes:
    """The chunks alone, the first at byte 0."""
    return data[FILE_HEADER_SIZE:]


def with_chunk_count(data: bytes, count: int) -> bytes:
    """A file header that states another number of chunks, its checksum right."""
    return _header_field(data, 42, struct.pack("<H", count & 0xFFFF))


def dirty(data: bytes) -> bytes:
    """The dirty flag set, as in a file copied from a running machine."""
    return _header_field(data, 120, struct.pack("<I", 1))


def _header_field(data: bytes, offset: int, value: bytes) -> bytes:
    header = bytearray(overwritten(data[:FILE_HEADER_SIZE], offset, value))
    struct.pack_into("<I", header, 124, zlib.crc32(header[:120]))
    return bytes(header) + data[FILE_HEADER_SIZE:]


def chunk_header_zeroed(data: bytes, chunk: int) -> bytes:
    return overwritten(data, layout(data)[chunk].offset, bytes(CHUNK_HEADER_SIZE))


def chunk_zeroed(data: bytes, chunk: int) -> bytes:
    return overwritten(data, layout(data)[chunk].offset, bytes(CHUNK_SIZE))


def chunk_magic_broken(data: bytes, chunk: int) -> bytes:
    return overwritten(data, layout(data)[chunk].offset, b"ElfChnX\0")


def chunk_header_checksum_broken(data: bytes, chunk: int) -> bytes:
    return _flipped(data, layout(data)[chunk].offset + 124)


def chunk_data_checksum_broken(data: bytes, chunk: int) -> bytes:
    return _flipped(data, layout(data)[chunk].offset + 52)


def _flipped(data: bytes, offset: int) -> bytes:
    return overwritten(data, offset, bytes([data[offset] ^ 0xFF]))


def with_free_space_offset(data: bytes, chunk: int, offset: int) -> bytes:
    """A chunk header that states another end of its records."""
    return overwritten(data, layout(data)[chunk].offset + 48, struct.pack("<I", offset))


def name_chain_looped(data: bytes, chunk: int) -> bytes:
    """The chunk's name table chained to itself, checksums right: a reader that follows the chain never ends."""
    place = layout(data)[chunk]
    piece = bytearray(data[place.offset : place.offset + CHUNK_SIZE])
    head = next(value for (value,) in struct.iter_unpack("<I", piece[128:384]) if value)
    struct.pack_into("<I", piece, head, head)
    set_chunk_checksums(piece)
    return overwritten(data, place.offset, bytes(piece))


def record_magic_broken(data: bytes, chunk: int, record: int, magic: bytes = b"XX\0\0") -> bytes:
    return overwritten(data, layout(data)[chunk].records[record].offset, magic)


def record_size_broken(data: bytes, chunk: int, record: int, size: int) -> bytes:
    """The record's first size field changed; the copy at its end still tells the truth."""
    return overwritten(data, layout(data)[chunk].records[record].offset + 4, struct.pack("<I", size))


def record_body_broken(data: bytes, chunk: int, record: int) -> bytes:
    """The record's binary XML overwritten with a token that does not exist; its header stays."""
    place = layout(data)[chunk].records[record]
    return overwritten(data, place.offset + 24, b"\x7f" * (place.length - 28))


def truncated(data: bytes, size: int) -> bytes:
    """The first ``size`` bytes. `cut_places` names sizes worth trying."""
    return data[:size]


def cut_places(data: bytes) -> dict[str, int]:
    """Sizes to cut a file at, one for every kind of place, by name; they lie in the last chunk where that matters."""
    last = layout(data)[-1]
    middle = last.records[len(last.records) // 2]
    return {
        "in the file header": 100,
        "behind the file header": FILE_HEADER_SIZE,
        "in the first chunk header": FILE_HEADER_SIZE + 60,
        "between chunks": last.offset,
        "in the last chunk header": last.offset + 300,
        "behind the last chunk header": last.offset + CHUNK_HEADER_SIZE,
        "in a record header": middle.offset + 10,
        "in a record": middle.offset + middle.length // 2,
        "between records": middle.offset,
        "in the slack": last.offset + last.free,
    }


def random_bytes(data: bytes, seed: int, count: int, start: int = 0) -> bytes:
    """``count`` random bytes at random places from ``start`` on; equal seeds make equal damage."""
    random_places = random.Random(seed)
    changed = bytearray(data)
    for _ in range(count):
        changed[random_places.randrange(start, len(data))] = random_places.randrange(256)
    return bytes(changed)


def with_garbage(data: bytes, offset: int, count: int, seed: int = 1) -> bytes:
    """``count`` random bytes put in at ``offset``, what follows moved back; at the end they are appended."""
    return data[:offset] + random.Random(seed).randbytes(count) + data[offset:]
