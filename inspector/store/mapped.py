"""Segments mapped into memory: cells and columns straight out of the file, without a copy."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from inspector.arrow_text import LentTexts
from inspector.store.segments import BATCH_ROWS, SEGMENT_SCHEMA, TEXT_COLUMNS, Numbers


@dataclass(frozen=True, slots=True)
class _RecordBatch:
    first: int
    """Row of the segment that the batch starts with."""
    rows: int
    buffers: tuple[tuple[int, int], ...]
    """Position in the file and length of every buffer."""


class MappedSegment:
    """One segment's file, mapped: single cells, and whole text columns that are searched where they lie.

    Arrow Columnar Format 1.5, IPC file format. The map is released with the last reference to this object.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._start = np.frombuffer(self._map, np.uint8).ctypes.data
        self._batches = tuple(_record_batches(self._map))
        self._buffer_of: dict[str, int] = {}
        at = 0
        for name in SEGMENT_SCHEMA:
            self._buffer_of[name] = at
            at += 3 if name in TEXT_COLUMNS else 2

    def _batch(self, row: int) -> tuple[_RecordBatch, int]:
        batch = self._batches[min(row // BATCH_ROWS, len(self._batches) - 1)]
        if not batch.first <= row < batch.first + batch.rows:
            batch = next(one for one in self._batches if one.first <= row < one.first + one.rows)
        return batch, row - batch.first

    def _is_null(self, validity: tuple[int, int], at: int) -> bool:
        return validity[1] > 0 and not self._map[validity[0] + at // 8] >> (at % 8) & 1

    def text(self, column: str, row: int, limit: int = -1) -> str | None:
        """A text cell; ``limit`` reads no more than so many bytes of it."""
        batch, at = self._batch(row)
        first = self._buffer_of[column]
        if self._is_null(batch.buffers[first], at):
            return None
        start, end = struct.unpack_from("<qq", self._map, batch.buffers[first + 1][0] + 8 * at)
        if 0 <= limit < end - start:
            end = start + limit
        data = batch.buffers[first + 2][0]
        return self._map[data + start : data + end].decode("utf-8", "ignore")

    def number(self, column: str, row: int) -> int | None:
        """A number cell."""
        batch, at = self._batch(row)
        first = self._buffer_of[column]
        if self._is_null(batch.buffers[first], at):
            return None
        code, size = NUMBER_CODES[SEGMENT_SCHEMA[column]]
        value: int = struct.unpack_from(code, self._map, batch.buffers[first + 1][0] + size * at)[0]
        return value

    def numbers(self, name: str, none: int = 0) -> Numbers:
        """A whole column of numbers, copied out; ``none`` stands where there is no value."""
        first = self._buffer_of[name]
        code = NUMBER_CODES[SEGMENT_SCHEMA[name]][0]
        parts: list[Numbers] = [np.zeros(0, np.dtype(code))]
        for batch in self._batches:
            validity, values = batch.buffers[first], batch.buffers[first + 1]
            part: Numbers = np.frombuffer(self._map, np.dtype(code), batch.rows, values[0])
            if validity[1]:
                packed = np.frombuffer(self._map, np.uint8, (batch.rows + 7) // 8, validity[0])
                part = np.where(np.unpackbits(packed, count=batch.rows, bitorder="little").astype(bool), part, part.dtype.type(none))
            parts.append(part)
        return np.concatenate(parts)

    def texts(self, name: str, rows: npt.NDArray[np.int64]) -> pl.Series:
        """Cells of a text column, copied out: they may outlive this object. Quickest for rows in ascending order."""
        if not len(rows):
            return pl.Series(name, [], dtype=pl.String)
        homes = np.searchsorted([batch.first for batch in self._batches], rows, "right") - 1
        runs = np.flatnonzero(np.diff(homes, prepend=-1))
        first = self._buffer_of[name]
        whole = memoryview(self._map)
        cells: list[memoryview] = []
        lengths = np.zeros(len(rows) + 1, np.int64)
        valid = np.ones(len(rows), np.bool_)
        for begin, end in zip(runs.tolist(), [*runs[1:].tolist(), len(rows)], strict=True):
            batch = self._batches[homes[begin]]
            validity, offsets, data = batch.buffers[first : first + 3]
            at = rows[begin:end] - batch.first
            table = np.frombuffer(self._map, np.dtype("<q"), batch.rows + 1, offsets[0])
            starts, ends = table[at], table[at + 1]
            lengths[begin + 1 : end + 1] = ends - starts
            if validity[1]:
                bits = np.frombuffer(self._map, np.uint8, (batch.rows + 7) // 8, validity[0])
                valid[begin:end] = bits[at // 8] >> (at % 8).astype(np.uint8) & 1
            apart = starts[1:] != ends[:-1]  # neighbours lie behind each other: one copy for all of them
            pairs = zip(starts[np.append(True, apart)].tolist(), ends[np.append(apart, True)].tolist(), strict=True)
            cells += [whole[data[0] + start : data[0] + stop] for start, stop in pairs]
        copied = np.frombuffer(b"".join([*cells, b"\0"]), np.uint8)  # never empty: an empty buffer may have no address
        present, offsets = np.packbits(valid, bitorder="little"), np.cumsum(lengths)
        addresses = (None if valid.all() else present.ctypes.data, offsets.ctypes.data, copied.ctypes.data)
        return pl.Series(name, LentTexts((present, offsets, copied), len(rows), addresses))

    def column(self, name: str) -> pl.Series:
        """A whole column. A text column shares the mapped memory: neither it nor anything cut out of it may outlive this object."""
        first = self._buffer_of[name]
        if name in TEXT_COLUMNS:
            parts = [
                pl.Series(name, LentTexts(self, batch.rows, self._addresses(batch.buffers[first : first + 3]))) for batch in self._batches
            ]
        else:
            dtype = SEGMENT_SCHEMA[name]
            code = NUMBER_CODES[dtype][0]
            parts = []
            for batch in self._batches:
                validity, values = batch.buffers[first], batch.buffers[first + 1]
                numbers = pl.Series(name, np.frombuffer(self._map, np.dtype(code), batch.rows, values[0]), dtype=dtype)
                if validity[1]:
                    bits = np.unpackbits(
                        np.frombuffer(self._map, np.uint8, (batch.rows + 7) // 8, validity[0]), count=batch.rows, bitorder="little"
                    )
                    numbers = pl.select(pl.when(pl.Series(bits).cast(pl.Boolean)).then(numbers)).to_series().alias(name)
                parts.append(numbers)
        return pl.concat(parts, rechunk=False).alias(name) if parts else pl.Series(name, [], dtype=SEGMENT_SCHEMA[name])

    def _addresses(self, buffers: Sequence[tuple[int, int]]) -> tuple[int | None, int, int]:
        validity, offsets, data = buffers
        return self._start + validity[0] if validity[1] else None, self._start + offsets[0], self._start + data[0]


NUMBER_CODES: Final[Mapping[pl.DataType, tuple[str, int]]] = {
    pl.UInt8(): ("<B", 1),
    pl.UInt16(): ("<H", 2),
    pl.UInt32(): ("<I", 4),
    pl.Int64(): ("<q", 8),
}


def _record_batches(data: mmap.mmap) -> Sequence[_RecordBatch]:
    """The record batches of an Arrow IPC file, out of its footer's flatbuffer."""
    size = len(data)
    if data[:6] != b"ARROW1" or data[size - 6 :] != b"ARROW1":
        raise ValueError("not an Arrow file")
    footer = size - 10 - struct.unpack_from("<i", data, size - 10)[0]
    blocks = _field(data, _table(data, footer), 3)
    found: list[_RecordBatch] = []
    first = 0
    if not blocks:
        return found
    blocks += struct.unpack_from("<I", data, blocks)[0]
    for number in range(struct.unpack_from("<I", data, blocks)[0]):
        offset, meta = struct.unpack_from("<qi", data, blocks + 4 + 24 * number)
        message = _table(data, offset + 8)
        header = _field(data, message, 2)
        header += struct.unpack_from("<I", data, header)[0]
        rows = struct.unpack_from("<q", data, _field(data, header, 0))[0]
        vector = _field(data, header, 2)
        vector += struct.unpack_from("<I", data, vector)[0]
        count = struct.unpack_from("<I", data, vector)[0]
        pairs = struct.unpack_from(f"<{2 * count}q", data, vector + 4)
        body = offset + meta
        found.append(_RecordBatch(first, rows, tuple((body + pairs[at], pairs[at + 1]) for at in range(0, 2 * count, 2))))
        first += rows
    return found


def _table(data: mmap.mmap, at: int) -> int:
    """Where the root table of a flatbuffer starts."""
    return at + int(struct.unpack_from("<I", data, at)[0])


def _field(data: mmap.mmap, table: int, number: int) -> int:
    """Where a field of a flatbuffer's table lies; 0 when it is absent."""
    vtable = table - struct.unpack_from("<i", data, table)[0]
    slot = 4 + 2 * number
    if slot >= struct.unpack_from("<H", data, vtable)[0]:
        return 0
    offset = struct.unpack_from("<H", data, vtable + slot)[0]
    return table + int(offset) if offset else 0
