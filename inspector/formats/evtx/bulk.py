"""Sound chunks read all at once: the values of many events of one layout, taken straight from their binary XML.

The native reader writes every event as XML, of which most is the same for all events of a kind. Here records are
sorted by layout, and their values cut out by arrays. What does not fit is left to the native reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from inspector.formats.evtx.chunks import CHUNK_SIZE, RECORD_HEADER_SIZE, Records
from inspector.formats.evtx.definitions import HEADER, UNKNOWN, Definitions
from inspector.formats.evtx.layouts import Layout, Part, layout
from inspector.formats.evtx.middles import Bytes, Integers, Mask, chance, words_at
from inspector.formats.evtx.values import BINARY_XML

FEW: Final = 48
"""Events of one layout up to which the native reader is quicker."""
MOST_VALUES: Final = 256
MOST_LAYOUTS: Final = 4096

_FRAGMENT: Final = 0x0001010F
_INSTANCE: Final = 0x0C
_INSTANCE_SIZE: Final = 14
"""From a fragment's header to the values behind the instance token, where no definition stands between."""
_TRAILER: Final = 4
"""Bytes of a record behind its binary XML."""

Words = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int32]


@dataclass(slots=True)
class Group:
    """Events of one layout."""

    layout: Layout
    rows: Integers
    """Which of the records they are."""
    starts: tuple[Places, ...]
    """Where in the data the values of each level start, a row for each event."""
    sizes: tuple[Places, ...]
    fit: Mask = field(init=False)
    """Events of which nothing was met yet that is left to the native reader."""

    def __post_init__(self) -> None:
        self.fit = np.ones(len(self.rows), bool)


class Layouts:
    """Layouts that were seen, each made once."""

    def __init__(self) -> None:
        self.definitions = Definitions()
        self._known: dict[tuple[bytes, ...], Layout | None] = {}
        self._factors = chance(MOST_VALUES)

    def groups(self, data: Bytes, records: Records, first: int) -> Iterator[Group]:
        """Events of the chunks that start at byte ``first`` of ``data``, layout by layout; those of rare layouts are left out."""
        starts = records.offsets + first
        chunks = records.offsets // CHUNK_SIZE * CHUNK_SIZE + first
        rows = np.arange(len(starts))
        for outer in self._values(data, rows, chunks, starts + RECORD_HEADER_SIZE, starts + records.lengths - _TRAILER):
            inner = np.flatnonzero(outer.kinds == BINARY_XML)
            if not len(inner):
                found = self._group((outer,))
                if found is not None:
                    yield found
            elif len(inner) == 1:
                at = outer.starts[:, inner[0]].astype(np.int64)
                ends = at + outer.sizes[:, inner[0]]
                for values in self._values(data, np.arange(len(at)), chunks[outer.rows], at, ends):
                    found = self._group((outer.only(values.rows), values))
                    if found is not None:
                        yield found

    def _values(self, data: Bytes, rows: Integers, chunks: Integers, places: Integers, ends: Integers) -> Iterator[_Values]:
        """Values of the template instances that start at these places and end by ``ends``, instances of one make together."""
        last = len(data) - _INSTANCE_SIZE - HEADER
        fine = (places + _INSTANCE_SIZE + 4 <= ends) & (places <= last)
        rows, chunks, places, ends = (part[fine] for part in (rows, chunks, places, ends))
        fine = (words_at(data, places) == _FRAGMENT) & (data[places + 4] == _INSTANCE)
        offsets = words_at(data, places + 10).astype(np.int64)
        fine &= offsets <= CHUNK_SIZE - HEADER
        rows, chunks, places, ends, offsets = (part[fine] for part in (rows, chunks, places, ends, offsets))
        if len(rows) < FEW:
            return
        numbers, sizes = self._definitions_of(data, chunks, offsets)
        values = places + _INSTANCE_SIZE
        values += np.where(chunks + offsets == values, HEADER + sizes, 0)
        counts = np.where(
            (numbers != UNKNOWN) & (values + 4 <= ends), words_at(data, np.minimum(values, last)).astype(np.int64), MOST_VALUES
        )
        kinds = np.where(counts < MOST_VALUES, numbers * MOST_VALUES + counts, -1)
        for some in _alike(kinds):
            number, count = divmod(int(kinds[some[0]]), MOST_VALUES)
            if kinds[some[0]] >= 0:
                own = some[values[some] + 4 + 4 * count <= ends[some]]
                if len(own) >= FEW:
                    yield from self._of_one_definition(data, number, count, rows[own], values[own], ends[own])

    def _of_one_definition(
        self, data: Bytes, number: int, count: int, rows: Integers, values: Integers, ends: Integers
    ) -> Iterator[_Values]:
        if not count:
            none = np.zeros((len(rows), 0), np.int32)
            yield _Values(number, np.zeros(0, np.uint32), rows, none, none)
            return
        every: npt.NDArray[np.void] = np.ndarray((len(data) - 4 * count + 1,), f"V{4 * count}", data, strides=(1,))
        words = every[values + 4].view("<u4").reshape(len(rows), count)
        sizes = (words & 0xFFFF).view(np.int32)
        starts = np.empty_like(sizes)
        starts[:, 0] = values + 4 + 4 * count
        np.cumsum(sizes[:, :-1], axis=1, out=starts[:, 1:])
        starts[:, 1:] += starts[:, :1]
        makes = words >> 15 & 0x1FE | (sizes > 0)  # the type, and whether there are any bytes
        fine = starts[:, -1] + sizes[:, -1] <= ends
        if fine.all() and (makes == makes[0]).all():
            yield _Values(number, makes[0], rows, starts, sizes)
            return
        codes = makes.astype(np.uint64) @ self._factors[:count]
        for some in _alike(codes):
            own = some[fine[some] & (makes[some] == makes[some[0]]).all(axis=1)]
            if len(own) >= FEW:
                yield _Values(number, makes[own[0]], rows[own], starts[own], sizes[own])

    def _definitions_of(self, data: Bytes, chunks: Integers, offsets: Integers) -> tuple[Integers, Integers]:
        """Numbers of the definitions at these offsets of these chunks, and the sizes of their binary XML."""
        places, of = np.unique(chunks + offsets, return_inverse=True)
        first = np.zeros(len(places), np.int64)
        first[of] = chunks
        numbers = self.definitions.numbers(data, first, places)
        return numbers[of], words_at(data, places + 20).astype(np.int64)[of]

    def _group(self, values: Sequence[_Values]) -> Group | None:
        if len(values[0].rows) < FEW:
            return None
        key = tuple(part for one in values for part in (one.number.to_bytes(4, "little"), one.makes.tobytes()))
        if key not in self._known:
            if len(self._known) >= MOST_LAYOUTS:
                self._known.clear()
            parts = [
                Part(self.definitions.nodes[one.number], tuple(one.kinds.tolist()), tuple((one.makes & 1).astype(bool).tolist()))
                for one in values
            ]
            self._known[key] = layout(parts)
        found = self._known[key]
        if found is None:
            return None
        return Group(found, values[0].rows, tuple(one.starts for one in values), tuple(one.sizes for one in values))


@dataclass(frozen=True, slots=True)
class _Values:
    """The values of instances of one definition that are of the same types."""

    number: int
    makes: Words
    rows: Integers
    starts: Places
    sizes: Places

    @property
    def kinds(self) -> Words:
        """Types; BINARY_XML only where there is any."""
        kinds = self.makes >> 1
        return np.where((kinds == BINARY_XML) & (self.makes & 1 == 0), 0, kinds)

    def only(self, some: Integers) -> _Values:
        """Those of some instances."""
        if len(some) == len(self.rows):
            return self
        return _Values(self.number, self.makes, self.rows[some], self.starts[some], self.sizes[some])


def _alike(codes: npt.NDArray[np.integer]) -> Iterator[Integers]:
    """Places of equal codes, in ascending order, without those of which there are few."""
    if len(codes) and (codes == codes[0]).all():
        yield np.arange(len(codes))
        return
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    for some in np.split(order, np.flatnonzero(ordered[1:] != ordered[:-1]) + 1):
        if len(some) >= FEW:
            yield some
