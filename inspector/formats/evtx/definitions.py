"""Template definitions, known again in every chunk that holds them (MS-EVEN6 2.2.12).

A chunk brings its own copy of every template that its records use. The copies differ in nothing but where they and
the names lie that they refer to: a copy is taken apart once, the others are compared with it, those places aside.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np

from inspector.formats.evtx.chunks import CHUNK_SIZE
from inspector.formats.evtx.middles import Bytes, Integers, Mask, rows_at, words_at
from inspector.formats.evtx.second_reader import Node, Tokens

HEADER: Final = 24
"""Bytes of a definition before its binary XML: the next one's offset, a GUID, the size."""
UNKNOWN: Final = -1
MOST_DEFINITIONS: Final = 4096
"""Distinct definitions that are remembered; events of others are left to the readers of single records."""
MOST_COPIES: Final = 16
"""Copies of one definition that differ in which names they define themselves."""

NAME_HEADER: Final = 6
"""Bytes of a name's definition before its length."""
_NEXT: Final = 4
"""Bytes of a name's definition that point to the next name of its hash, which differs between chunks."""


@dataclass(frozen=True, slots=True)
class _Copy:
    """One copy of a definition, without what is different in each chunk."""

    number: int
    mask: Bytes
    """Ones where the bytes must be alike."""
    bytes: Bytes
    own: Integers
    """Where in it references to names stand that are defined right behind them."""
    others: Integers
    """Where references to other names stand."""
    names: Bytes
    """These names, a row for each: length and UTF-16, filled up with zeros."""
    letters: Bytes
    """Ones where the names are."""

    def are_at(self, data: Bytes, chunks: Integers, starts: Integers) -> Mask:
        """At which of these places, in chunks that start there, the binary XML is another copy of the same definition."""
        fine: Mask = ((rows_at(data, starts, len(self.mask)) & self.mask) == self.bytes).all(axis=1)
        if len(self.own):
            places = starts[:, None] + self.own
            fine &= (words_at(data, places) == places + 4 - chunks[:, None]).all(axis=1)
        if len(self.others):
            count, width = self.names.shape
            offsets = words_at(data, starts[:, None] + self.others).astype(np.int64)
            inside = offsets <= CHUNK_SIZE - NAME_HEADER - width
            places = np.where(inside, offsets, 0) + NAME_HEADER + chunks[:, None]
            names = rows_at(data, places.ravel(), width).reshape(len(starts), count, width)
            fine &= inside.all(axis=1) & ((names & self.letters) == self.names).all(axis=(1, 2))
        return fine


class Definitions:
    """The definitions that were seen, by number."""

    def __init__(self) -> None:
        self._copies: dict[bytes, list[_Copy]] = {}
        self._numbers: dict[tuple[Node, ...], int] = {}
        self.nodes: list[tuple[Node, ...]] = []
        """What each is made of."""

    def numbers(self, data: Bytes, chunks: Integers, places: Integers) -> Integers:
        """Numbers of the definitions at these places, in whole chunks that start there; UNKNOWN for those that cannot be used."""
        found = np.full(len(places), UNKNOWN)
        sizes = words_at(data, places + 20).astype(np.int64)
        fine = (sizes > 0) & (places + HEADER + sizes <= chunks + CHUNK_SIZE)
        alike: dict[bytes, list[int]] = {}
        keys = rows_at(data, places + 4, HEADER - 4)  # GUID and size
        for row in np.flatnonzero(fine).tolist():
            alike.setdefault(keys[row].tobytes(), []).append(row)
        for key, rows in alike.items():
            left = np.array(rows)
            copies = self._copies.get(key, [])
            tried = 0
            while len(left):
                if tried == len(copies) and not self._learn(copies, data, int(chunks[left[0]]), int(places[left[0]])):
                    left = left[1:]
                    continue
                copy = copies[tried]
                same = copy.are_at(data, chunks[left], places[left] + HEADER)
                found[left[same]] = copy.number
                left = left[~same]
                tried += 1
            if copies:  # of those that cannot be used not even the keys are kept: a crafted log has no end of them
                self._copies[key] = copies
        return found

    def _learn(self, copies: list[_Copy], data: Bytes, first: int, place: int) -> bool:
        """Take one more copy of a definition apart; False for one that cannot be used."""
        if len(copies) >= MOST_COPIES or len(self.nodes) >= MOST_DEFINITIONS:
            return False
        chunk = data[first : first + CHUNK_SIZE].tobytes()
        start = place - first + HEADER
        (size,) = struct.unpack_from("<I", chunk, start - 4)
        tokens = _WithNames(chunk, start, start + size, dependencies=True)
        nodes = tokens.nodes()
        if tokens.damage:
            return False
        number = self._numbers.setdefault(nodes, len(self.nodes))
        if number == len(self.nodes):
            self.nodes.append(nodes)
        copies.append(tokens.copy(number, start, size))
        return True


class _WithNames(Tokens):
    """Notes where in the tokens names stand."""

    def __init__(self, chunk: bytes, start: int, end: int, *, dependencies: bool) -> None:
        super().__init__(chunk, start, end, dependencies=dependencies)
        self._names: list[int] = []

    def _name(self) -> str:
        self._names.append(self._at)
        return super()._name()

    def copy(self, number: int, start: int, size: int) -> _Copy:
        mask = np.full(size, 0xFF, np.uint8)
        own: list[int] = []
        others: list[int] = []
        names: list[bytes] = []
        for at in self._names:
            (offset,) = struct.unpack_from("<I", self._chunk, at)
            first = at - start
            mask[first : first + 4] = 0
            if offset == at + 4:
                mask[first + 4 : first + 4 + _NEXT] = 0
                own.append(first)
            else:
                (length,) = struct.unpack_from("<H", self._chunk, offset + NAME_HEADER)
                others.append(first)
                names.append(self._chunk[offset + NAME_HEADER : offset + NAME_HEADER + 2 + 2 * length])
        kept = np.frombuffer(self._chunk, np.uint8, size, start) & mask
        width = max(map(len, names), default=0)
        rows = [np.frombuffer(part.ljust(width, b"\0"), np.uint8) for name in names for part in (name, b"\xff" * len(name))]
        table = np.array(rows, np.uint8).reshape(len(names), 2, width)
        return _Copy(number, mask, kept, np.array(own, np.int64), np.array(others, np.int64), table[:, 0], table[:, 1])
