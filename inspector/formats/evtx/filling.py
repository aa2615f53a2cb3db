"""The values of events of one layout as texts, many at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from inspector.arrow_text import texts_of
from inspector.formats.evtx.bulk import Group
from inspector.formats.evtx.headings import Heading
from inspector.formats.evtx.layouts import STRING, Slot, Text
from inspector.formats.evtx.middles import Bytes, Integers, Mask, chance, rows_at
from inspector.formats.evtx.shapes import Codes
from inspector.formats.evtx.values import texts
from inspector.formats.message_templates import BLANKS, MISSING

WIDEST: Final = 512
"""Bytes of the longest value of System blocks, and of the longest that is neither a string nor a whole number. So many follow the data, of any value."""
BEHIND: Final = bytes(WIDEST)
_FILETIME_1970: Final = 116_444_736_000_000_000
_1602: Final = 315_360_000_000_000
_10000: Final = 2_650_467_744_000_000_000
"""FILETIME ticks of the years between which a time is one that was meant."""
_NUMBERS_UP_TO: Final = 10**18
_WHOLE: Final = {0x03: "<i1", 0x04: "<u1", 0x05: "<i2", 0x06: "<u2", 0x07: "<i4", 0x08: "<u4", 0x09: "<i8", 0x0A: "<u8"}
"""Types that are written as decimal numbers."""


def _ordinary() -> Mask:
    fine = np.ones(65_536, bool)
    fine[:0x20] = False
    fine[0x7F:0xA0] = False
    fine[0xD800:0xE000] = False
    fine[0xFDD0:0xFDF0] = False
    fine[0xFFF0:] = False
    return fine


_ORDINARY: Final = _ordinary()
"""UTF-16 units that are characters of their own, written as they are by every reader."""
_FACTORS: Final = chance(16_384)


@dataclass(frozen=True, slots=True)
class Combinations:
    """Distinct values at some places, as text."""

    of: Integers
    """Which of them each event has."""
    texts: Sequence[str | None]
    """XML with the values filled in; None where they are not as plain as that."""


class Filler:
    """Fills the open places of one group's layout. What is not plain is struck out of ``group.fit``."""

    def __init__(self, data: Bytes, group: Group) -> None:
        """``BEHIND`` must follow the last chunk in ``data``."""
        self._data = data
        self._group = group
        self._columns: dict[Slot, pl.Series] = {}

    def combinations(self, text: Text) -> Combinations:
        """A text of which there are few."""
        slots = [piece for piece in text if isinstance(piece, Slot)]
        rows, of = self._distinct(slots)
        found = []
        for row in rows.tolist():
            values = iter([self._single(slot, row) for slot in slots])
            pieces = [piece if isinstance(piece, str) else next(values) for piece in text]
            found.append(None if None in pieces else "".join(filter(None, pieces)))
        return Combinations(of, found)

    def times(self, slot: Slot) -> Integers:
        """Microseconds since 1970."""
        ticks = self._numbers(slot, "<u8")
        self._group.fit &= (ticks >= _1602) & (ticks < _10000)
        return (ticks.astype(np.int64) - _FILETIME_1970) // 10

    def numbers(self, slot: Slot) -> Integers:
        """Record numbers."""
        found = self._numbers(slot, "<u8")
        self._group.fit &= found < _NUMBERS_UP_TO
        return found.astype(np.int64)

    def activities(self, slot: Slot | None) -> pl.Series:
        """Activity IDs in lower case."""
        if slot is None:
            return pl.Series([], dtype=pl.String).clear(len(self._group.rows))
        return self._others(slot, str.lower)

    def messages(
        self, heads: npt.NDArray[np.uint32], headings: Sequence[Heading | None], codes: dict[str, Codes]
    ) -> tuple[pl.Series, Mask]:
        """Message texts, and which of them have our own text above the data: ``headings`` by the numbers in ``heads``; ``codes``: what is known of codes."""
        layout = self._group.layout
        count = len(heads)
        headed = np.zeros(count, bool)
        slots = {piece for piece in layout.lines if isinstance(piece, Slot)}
        made: list[tuple[Integers, Heading | None, tuple[Text | None, ...]]] = []
        for given, own in _by_heading(heads, headings):
            heading = given
            holes = () if heading is None else layout.holes(heading)
            if holes is None:
                self._group.fit[own] = False
                holes, heading = (), None
            headed[own] = heading is not None
            slots |= {piece for hole in holes for piece in hole or () if isinstance(piece, Slot)}
            made.append((own, heading, holes))
        self._fill(slots)
        names = {slot: f"{slot.level}.{slot.index}" for slot in slots}
        columns = [self._columns[slot].alias(name) for slot, name in names.items()]
        every = pl.DataFrame([*columns, pl.Series("row", np.arange(count))])
        parts = []
        for own, heading, holes in made:
            frame = every if len(made) == 1 else every[own]
            parts.append(_texts(frame, layout.lines, names, heading, holes, codes))
        if len(parts) == 1:
            return parts[0], headed
        texts = pl.concat(parts)
        back = np.empty(count, np.int64)
        back[np.concatenate([own for own, _, _ in made])] = np.arange(count)
        return texts.gather(pl.Series(back)), headed

    # ---- values

    def _at(self, slot: Slot) -> tuple[Integers, Integers]:
        starts, sizes = self._group.starts[slot.level], self._group.sizes[slot.level]
        return starts[:, slot.index].astype(np.int64), sizes[:, slot.index].astype(np.int64)

    def _numbers(self, slot: Slot, layout: str) -> npt.NDArray[np.integer]:
        starts, sizes = self._at(slot)
        dtype = np.dtype(layout)
        self._group.fit &= sizes == dtype.itemsize
        every: npt.NDArray[np.integer] = np.ndarray((len(self._data) - dtype.itemsize + 1,), dtype, self._data, strides=(1,))
        return every[starts]

    def _single(self, slot: Slot, row: int) -> str | None:
        """One value as XML; None for one that is not plain."""
        starts, sizes = self._at(slot)
        start = int(starts[row])
        return _text(self._group.layout.kind_of(slot), self._data[start : start + int(sizes[row])].tobytes())

    def _distinct(self, slots: Sequence[Slot]) -> tuple[Integers, Integers]:
        """Events that have distinct values at these places, and which of them each event is like."""
        count = len(self._group.rows)
        parts: list[Bytes] = []
        for slot in slots:
            starts, sizes = self._at(slot)
            width = min(int(sizes.max(initial=0)), WIDEST)
            self._group.fit &= sizes <= width
            taken = rows_at(self._data, starts, width) if width else np.zeros((count, 0), np.uint8)
            if (sizes != width).any():
                taken = np.where(np.arange(width) < sizes[:, None], taken, 0)
                parts.append(sizes.astype("<u2").view(np.uint8).reshape(count, 2))
            parts.append(taken)
        width = sum(part.shape[1] for part in parts)
        if not width:
            return np.zeros(1, np.int64), np.zeros(count, np.int64)
        parts.append(np.zeros((count, -width % 4), np.uint8))
        rows = np.concatenate(parts, axis=1).view("<u4")
        same = rows == rows[0]
        if same.all():
            return np.zeros(1, np.int64), np.zeros(count, np.int64)
        varying = np.flatnonzero(~same.all(axis=0))
        rows = rows[:, varying]
        codes = rows.astype(np.uint64) @ _FACTORS[: rows.shape[1]]
        _, first, of = np.unique(codes, return_index=True, return_inverse=True)
        self._group.fit &= (rows == rows[first[of]]).all(axis=1)
        return first, of

    def _fill(self, slots: Iterable[Slot]) -> None:
        """Have the columns of these places."""
        strings = [slot for slot in slots if self._group.layout.kind_of(slot) == STRING]
        if strings:
            column = self._strings(strings)
            count = len(self._group.rows)
            self._columns.update((slot, column[number * count : (number + 1) * count]) for number, slot in enumerate(strings))
        for slot in slots:
            if slot not in self._columns:
                layout = _WHOLE.get(self._group.layout.kind_of(slot))
                if layout is None:
                    self._columns[slot] = self._others(slot)
                else:
                    numbers = self._numbers(slot, layout)
                    self._columns[slot] = pl.Series(numbers.astype(numbers.dtype.newbyteorder("="))).cast(pl.String)

    def _strings(self, slots: Sequence[Slot]) -> pl.Series:
        """Strings of several places, one place's after the other's."""
        parts, counts = [], []
        fit = self._group.fit
        for slot in slots:
            starts, sizes = self._at(slot)
            fit &= sizes & 1 == 0
            ends = starts + sizes
            ended = (sizes >= 2) & (self._data[ends - 2] == 0) & (self._data[ends - 1] == 0)
            counts.append((sizes >> 1) - ended)
            parts.append(self._units(starts, counts[-1]))
        codes = np.concatenate(parts)
        offsets = np.zeros(len(slots) * len(fit) + 1, np.int64)
        np.cumsum(np.concatenate(counts), out=offsets[1:])
        if not len(codes) or (codes.max() <= 0x7E and codes.min() >= 0x20):
            return texts_of(codes.astype(np.uint8), offsets)
        strange = np.flatnonzero(~_ORDINARY[codes])
        if len(strange):
            fit[(np.searchsorted(offsets, strange, "right") - 1) % len(fit)] = False
            codes[strange] = ord("?")
        widths = np.ones(len(codes) + 1, np.int64)
        widths[0] = 0
        widths[1:] += codes >= 0x80
        widths[1:] += codes >= 0x800
        return texts_of(np.frombuffer(codes.tobytes().decode("utf-16-le").encode(), np.uint8), np.cumsum(widths)[offsets])

    def _units(self, starts: Integers, counts: Integers) -> npt.NDArray[np.uint16]:
        """So many UTF-16 units from each place, one behind the other."""
        most, total = int(counts.max(initial=0)), int(counts.sum())
        if 2 * most <= WIDEST and most * len(counts) <= 4 * total:  # as rows of one width they are taken much faster, were there no waste
            rows = rows_at(self._data, starts, 2 * most).view("<u2")
            units: npt.NDArray[np.uint16] = rows.ravel() if total == rows.size else rows[np.arange(most) < counts[:, None]]
            return units
        offsets = np.cumsum(counts) - counts
        places = np.repeat(starts - 2 * offsets, counts)
        places += np.arange(0, 2 * total, 2)
        every: npt.NDArray[np.uint16] = np.ndarray((len(self._data) - 1,), "<u2", self._data, strides=(1,))
        taken: npt.NDArray[np.uint16] = every[places]
        return taken

    def _others(self, slot: Slot, change: Callable[[str], str] = str) -> pl.Series:
        """Values that repeat, or are short."""
        rows, of = self._distinct([slot])
        found = [self._single(slot, row) for row in rows.tolist()]
        odd = np.array([text is None for text in found])
        if odd.any():
            self._group.fit &= ~odd[of]
        return pl.Series([change(text or "") for text in found], dtype=pl.String).gather(pl.Series(of))


@lru_cache(maxsize=16_384)
def _text(kind: int, data: bytes) -> str | None:
    """A value as XML; None for one that is not plain."""
    found = texts(kind, data)
    plain = len(found) == 1 and found[0] and found[0].isprintable() and not any(mark in found[0] for mark in "<>&\"'")
    return found[0] if plain else None


def _by_heading(heads: npt.NDArray[np.uint32], headings: Sequence[Heading | None]) -> Iterator[tuple[Heading | None, Integers]]:
    """Each heading, and none, with the events that it is for."""
    numbers, of = np.unique(heads, return_inverse=True)
    own = [headings[number] for number in numbers.tolist()]
    if len({id(heading) for heading in own}) == 1:
        yield own[0], np.arange(len(heads))
        return
    none = np.array([heading is None for heading in own])[of]
    if none.any():
        yield None, np.flatnonzero(none)
    for number, heading in enumerate(own):
        if heading is not None:
            yield heading, np.flatnonzero(of == number)


def _texts(
    frame: pl.DataFrame,
    lines: Text,
    names: dict[Slot, str],
    heading: Heading | None,
    holes: tuple[Text | None, ...],
    codes: dict[str, Codes],
) -> pl.Series:
    """Messages: our own text with its holes filled, above the data."""

    def filled(text: Text) -> list[pl.Expr]:
        return [pl.lit(piece) if isinstance(piece, str) else pl.col(names[piece]) for piece in text]

    below = filled(lines)
    if heading is None:
        return _joined(frame, below)
    template = heading.template
    above: list[pl.Expr] = []
    words: list[pl.Series] = []
    literal = template.parts[0]
    for number, ((_, kind), hole, part) in enumerate(zip(template.holes, holes, template.parts[1:], strict=True)):
        if hole is None:
            literal += MISSING + part
            continue
        only = hole[0] if len(hole) == 1 else None
        word = frame[names[only]] if isinstance(only, Slot) else _joined(frame, filled(hole))
        name = f"word {number}"
        stripped = pl.col(name).str.strip_chars(BLANKS)
        if kind:
            known = codes.setdefault(kind, Codes(kind, as_xml=False))
            words.append(known.numbered(word.str.strip_chars(BLANKS)).alias(name))
            expression = known.words(name)
        else:
            words.append(word.alias(name))
            expression = pl.when(stripped == "").then(pl.lit(MISSING)).otherwise(stripped)
        above += [pl.lit(literal), expression]
        literal = part
    frame = frame.hstack(words)
    above.append(pl.lit(literal))
    if any(isinstance(piece, str) for piece in lines):
        return _joined(frame, [*above, pl.lit("\n\n"), *below])
    if not below:
        return _joined(frame, above)
    made = pl.DataFrame([_joined(frame, above).alias("above"), _joined(frame, below).alias("below")])
    either = pl.when(pl.col("below") == "").then(pl.col("above")).otherwise(pl.concat_str("above", pl.lit("\n\n"), "below"))
    return made.select(either.alias("text")).to_series()


def _joined(frame: pl.DataFrame, pieces: Sequence[pl.Expr]) -> pl.Series:
    if not pieces:
        return pl.repeat("", len(frame), dtype=pl.String, eager=True)
    found = frame.select(text=pl.concat_str(*pieces)).to_series()
    return found if len(found) == len(frame) else found.new_from_index(0, len(frame))
