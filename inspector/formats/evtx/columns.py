"""Events' XML to columns of the event table, many at a time.

The System block repeats: its text before the time and its text from the channel on are looked up, and taken
apart only when new. Time and record number stand at fixed places between the two. The rest is the message,
its tags replaced by literal text. An event that is made otherwise is taken apart on its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from inspector.events import MessageFrom, TimeBasis
from inspector.formats.base import text_flags
from inspector.formats.evtx import event_xml
from inspector.formats.evtx.bulk import MOST_LAYOUTS, Layouts
from inspector.formats.evtx.chunks import Records
from inspector.formats.evtx.event_xml import EventXml, SystemHead, SystemTail
from inspector.formats.evtx.filling import Filler
from inspector.formats.evtx.headings import Heading, heading
from inspector.formats.evtx.layouts import CHANNEL, SYSTEM_END, Layout
from inspector.formats.evtx.messages import BARE, DATA_END, EMPTY, NAMED_START, NAMES, OTHER, PLACES, UNNAMED_START, messages
from inspector.formats.evtx.middles import PADDING, SHORTEST_TIME, TIME, Bytes, Integers, Mask, are, middles
from inspector.formats.evtx.shapes import Codes as Words
from inspector.formats.message_templates import message_for

_MOST_KNOWN: Final = 65_536
"""Distinct parts of System blocks that are remembered."""
_FILETIME_1970: Final = 116_444_736_000_000_000

_CUTS: Final = (
    pl.col("text").str.len_bytes().cast(pl.Int64).alias("size"),
    pl.col("text").str.find(TIME, literal=True).cast(pl.Int64).fill_null(-1).alias("time"),
    pl.col("text").str.find(CHANNEL, literal=True).cast(pl.Int64).fill_null(-1).alias("channel"),
    pl.col("text").str.find(SYSTEM_END, literal=True).cast(pl.Int64).fill_null(-1).alias("end"),
)
"""Where the parts of an event's text are, in bytes; -1 where there is no such part."""
_HEAD: Final = pl.col("text").bin.slice(0, pl.col("time")).cast(pl.String)
_TAIL: Final = pl.col("text").bin.slice(pl.col("channel"), pl.col("tail")).cast(pl.String)
_BODY: Final = pl.col("text").bin.slice(pl.col("first"), pl.col("body")).cast(pl.String)
_DERIVED: Final = (
    (pl.col("time").is_not_null().cast(pl.UInt8) * int(TimeBasis.UTC)).alias("time_basis"),
    (pl.col("flags") | text_flags(pl.col("message"))).alias("flags"),
)

Codes = npt.NDArray[np.uint32]
Native = Callable[[Mask], Sequence[str] | None]
"""Gives the XML of the records that are asked for, in order; None where there is a fault."""
Part = TypeVar("Part")


class _Repeated(Generic[Part]):
    """Distinct texts of one part of the System block, numbered as they come, each taken apart once."""

    def __init__(
        self, text: pl.Expr, read: Callable[[str], Part | None], columns: Callable[[Sequence[Part]], pl.DataFrame], nothing: Part
    ) -> None:
        """``text`` cuts the part out of an event; ``read`` gives None for one that is not made as it should be, which counts as ``nothing``."""
        self._text = text
        self._read = read
        self._columns = columns
        self._nothing = nothing
        self._known = pl.Enum([])
        self.parts: list[Part] = []
        """What each says."""
        self._odd: list[bool] = []
        self._table = columns([])
        self.forgotten = 0
        """How often it forgot what it knew, and with it its numbers."""
        self.codes = text.cast(self._known, strict=False).to_physical()
        """Number of an event's part; null for one that was not seen before."""

    def learn(self, events: pl.DataFrame) -> None:
        """Know these events' parts from now on."""
        self._learn(events.select(self._text).to_series().unique(maintain_order=True))

    def numbers(self, texts: Sequence[str]) -> Codes:
        """Numbers of these parts."""
        series = pl.Series(texts, dtype=pl.String)
        if series.cast(self._known, strict=False).null_count():
            self._learn(series.unique(maintain_order=True))
        found = series.cast(self._known, strict=False)
        if found.null_count():  # it forgot what it knew before
            self._learn(series.unique(maintain_order=True))
            found = series.cast(self._known)
        return found.to_physical().to_numpy().astype(np.uint32)

    def _learn(self, texts: pl.Series) -> None:
        known = self._known.categories[: len(self.parts)]
        if len(known) + len(texts) > _MOST_KNOWN:
            self.parts, self._odd, known = [], [], known[:0]
            self.forgotten += 1
        new = texts.filter(~texts.is_in(known.implode()))
        self._known = pl.Enum(pl.concat([known, new]))
        self.codes = self._text.cast(self._known, strict=False).to_physical()
        for text in new.to_list():
            part = self._read(text)
            self.parts.append(self._nothing if part is None else part)
            self._odd.append(part is None)
        self._table = self._columns(self.parts)

    def odd(self, codes: Codes) -> Mask:
        """Which of these parts are not made as they should be."""
        return np.array(self._odd, bool)[codes]

    def columns(self, codes: Codes, singles: Sequence[Part]) -> pl.DataFrame:
        """Columns of the parts with these numbers; those behind the last one stand for ``singles``."""
        table = self._columns([*self.parts, *singles]) if singles else self._table
        return table[codes]


@dataclass(frozen=True, slots=True)
class _Head:
    """What a System block says before its time, and our own text for the events whose block begins so."""

    system: SystemHead
    heading: Heading | None = None


def _head(text: str) -> _Head | None:
    found = event_xml.system_head(text)
    return None if found is None else _Head(found, heading(text, found.provider, found.event_id))


def _head_columns(heads: Sequence[_Head]) -> pl.DataFrame:
    systems = [head.system for head in heads]
    return pl.DataFrame(
        [
            pl.Series("level", [int(system.level) for system in systems], pl.UInt8),
            _coded("provider", [system.provider for system in systems]),
            pl.Series("event_id", [system.event_id for system in systems], pl.Int64),
            _coded("task", [system.task for system in systems]),
            _coded("keywords", [system.keywords for system in systems]),
        ]
    )


def _tail_columns(tails: Sequence[SystemTail]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            _coded("channel", [tail.channel for tail in tails]),
            _coded("computer", [tail.computer for tail in tails]),
            _coded("user", [tail.user for tail in tails]),
        ]
    )


def _coded(name: str, values: Sequence[str | None]) -> pl.Series:
    return pl.Series(name, values, pl.Enum(list(dict.fromkeys(value for value in values if value is not None))))


_NOTHING: Final = EventXml((), (), ())


@dataclass(slots=True)
class _Cut:
    """A batch's events, and where their parts meet; one entry each for every event."""

    texts: Sequence[str]
    data: Bytes
    """All texts one behind the other, as UTF-8."""
    times: Integers
    """Where in ``data`` the time starts."""
    channels: Integers
    kinds: npt.NDArray[np.uint8]
    """What follows the System block, in the words of ``messages``."""
    frame: pl.DataFrame
    """Texts, and where in each its parts are."""


@dataclass(frozen=True, slots=True, eq=False)
class _Made:
    """Events of one layout whose fields were made at once."""

    layout: Layout
    rows: Integers
    """Which of the records they are."""
    fields: pl.DataFrame

    @property
    def samples(self) -> Integers:
        """Some of them, in ascending order, by which the layout is tried."""
        return np.unique(self.rows[[0, len(self.rows) // 2, -1]])


class EventColumns:
    """Makes frames of events; remembers the System blocks it has seen."""

    reads_chunks = True
    """Rows can be made of chunks without the XML of each event."""

    def __init__(self) -> None:
        self._heads = _Repeated(_HEAD, _head, _head_columns, _Head(event_xml.head_of(_NOTHING)))
        self._tails = _Repeated(_TAIL, event_xml.system_tail, _tail_columns, event_xml.tail_of(_NOTHING))
        self._layouts = Layouts()
        self._words: dict[str, Words] = {}
        self._trusted: set[Layout] = set()
        """Layouts whose events were found to read the same both ways."""
        self._distrusted: set[Layout] = set()

    def frame(
        self, texts: Sequence[str], offsets: Integers, lengths: Integers, written: Integers, flags: npt.NDArray[np.uint16]
    ) -> pl.DataFrame:
        """Rows for the events: ``texts`` their XML as the first reader gives it, ``written`` the times of their record headers (FILETIME)."""
        fields, single = self._fields(texts, written)
        return self._frame(fields, single, offsets, lengths, flags)

    def _fields(self, texts: Sequence[str], written: Integers) -> tuple[pl.DataFrame, Mapping[int, EventXml]]:
        """What the events' texts say; and those, by row, whose System blocks are made as no other."""
        cut = _cut(texts)
        heads, tails, bodies = self._parts(cut.frame)
        rows = np.flatnonzero(self._heads.odd(heads) | self._tails.odd(tails))
        single = {row: event_xml.parse(texts[row]) for row in rows.tolist()}
        message, source = self._messages(cut, heads, bodies, single)
        times, numbers, activities = _middles(cut, single, written)
        return _as_fields(heads, tails, numbers, times, activities, message, source), single

    def _frame(
        self, fields: pl.DataFrame, single: Mapping[int, EventXml], offsets: Integers, lengths: Integers, flags: npt.NDArray[np.uint16]
    ) -> pl.DataFrame:
        heads, tails = (fields[name].to_numpy().astype(np.uint32) for name in ("head", "tail"))
        if single:
            rows = list(single)
            heads[rows] = len(self._heads.parts) + np.arange(len(rows))
            tails[rows] = len(self._tails.parts) + np.arange(len(rows))
        return pl.DataFrame(
            [
                fields["position"],
                pl.Series("offset", offsets),
                pl.Series("length", lengths),
                fields["time"],
                *self._heads.columns(heads, [_Head(event_xml.head_of(event)) for event in single.values()]),
                *self._tails.columns(tails, [event_xml.tail_of(event) for event in single.values()]),
                fields["activity"],
                fields["message"],
                fields["message_from"],
                pl.Series("flags", flags),
            ]
        ).with_columns(_DERIVED)

    def frame_of_chunks(self, data: bytes, first: int, records: Records, written: Native) -> pl.DataFrame | None:
        """Rows for the events of sound chunks, which start at byte ``first`` of ``data`` and are followed by ``BEHIND``; ``written`` gives the XML of those that are asked for.

        None where it does not.
        """
        if len(self._trusted) + len(self._distrusted) > MOST_LAYOUTS:
            self._trusted.clear()
            self._distrusted.clear()
        made = self._made(np.frombuffer(data, np.uint8), first, records)
        forgotten = self._forgotten
        left = np.ones(len(records.offsets), bool)
        for one in made:
            left[one.rows] = False
        for one in made:
            if one.layout not in self._trusted:
                left[one.samples] = True
        frame = self._with_others(made, left, records, written)
        return frame if forgotten == self._forgotten else None  # else the numbers of what was made at once mean nothing any more

    @property
    def _forgotten(self) -> tuple[int, int]:
        return self._heads.forgotten, self._tails.forgotten

    def _with_others(self, made: list[_Made], left: Mask, records: Records, written: Native) -> pl.DataFrame | None:
        """Rows that were made at once, among those of all other events."""
        others = np.flatnonzero(left)
        texts = written(left)
        if texts is None:
            return None
        read, single = self._fields(texts, records.times[others])
        wrong = [one for one in made if one.layout not in self._trusted and not self._is_as(one, read, others)]
        if wrong:
            self._distrusted.update(one.layout for one in wrong)
            for one in wrong:
                left[one.rows] = True
            return self._with_others([one for one in made if one not in wrong], left, records, written)
        self._trusted.update(one.layout for one in made)
        kept = np.ones(len(others), bool)
        for one in made:
            kept[np.searchsorted(others, one.rows[np.isin(one.rows, others)])] = False
        rows = np.concatenate([*(one.rows for one in made), others[kept]])
        order = np.empty(len(rows), np.int64)
        order[rows] = np.arange(len(rows))
        places = np.flatnonzero(kept)
        fields = pl.concat([*(one.fields for one in made), read[places]])[order]
        odd = {int(others[row]): event for row, event in single.items() if kept[row]}
        return self._frame(fields, odd, records.offsets, records.lengths, _sound(len(rows)))

    def _made(self, data: Bytes, first: int, records: Records) -> list[_Made]:
        """Fields of the events that are made as most are."""
        fillers = [
            (Filler(data, group), group) for group in self._layouts.groups(data, records, first) if group.layout not in self._distrusted
        ]
        parts = []
        for known, name in ((self._heads, "head"), (self._tails, "tail")):
            found = [filler.combinations(getattr(group.layout, name)) for filler, group in fillers]
            codes = known.numbers([text or "" for one in found for text in one.texts])
            starts = np.cumsum([0, *(len(one.texts) for one in found)])
            for (_, group), one in zip(fillers, found, strict=True):
                group.fit &= np.array([text is not None for text in one.texts])[one.of]
            parts.append([codes[start + one.of] for start, one in zip(starts[:-1].tolist(), found, strict=True)])
        made = []
        headings = [part.heading for part in self._heads.parts]
        for (filler, group), heads, tails in zip(fillers, *parts, strict=True):
            group.fit &= ~(self._heads.odd(heads) | self._tails.odd(tails))
            messages, headed = filler.messages(heads, headings, self._words)
            source = np.where(headed, np.uint8(MessageFrom.TEMPLATE), np.uint8(MessageFrom.EVENT_DATA))
            layout = group.layout
            times, numbers = filler.times(layout.time), filler.numbers(layout.number)
            fields = _as_fields(heads, tails, numbers, pl.Series(times), filler.activities(layout.activity), messages, pl.Series(source))
            rows = group.rows
            if not group.fit.all():
                fit = np.flatnonzero(group.fit)
                fields, rows = fields[fit], rows[fit]
            if len(rows):
                made.append(_Made(layout, rows, fields))
        return made

    @staticmethod
    def _is_as(one: _Made, read: pl.DataFrame, rows: Integers) -> bool:
        """Whether the samples' fields are what the first reader's XML says."""
        samples = one.samples
        mine = one.fields[np.flatnonzero(np.isin(one.rows, samples))]
        return mine.equals(read[np.searchsorted(rows, samples)])

    def _parts(self, events: pl.DataFrame) -> tuple[Codes, Codes, pl.Series]:
        """Numbers of the events' heads and tails, and their bodies."""
        parts = events.select(head=self._heads.codes, tail=self._tails.codes, body=_BODY)
        for name, known in (("head", self._heads), ("tail", self._tails)):
            if parts[name].null_count():
                known.learn(events.filter(parts[name].is_null()))
                fresh = events.select(known.codes.alias(name)).to_series()
                if fresh.null_count():  # it forgot what it knew before
                    known.learn(events)
                    fresh = events.select(known.codes.alias(name)).to_series()
                parts = parts.with_columns(fresh)
        heads, tails = (parts[name].to_numpy().astype(np.uint32) for name in ("head", "tail"))
        return heads, tails, parts["body"]

    def _messages(self, cut: _Cut, heads: Codes, bodies: pl.Series, single: Mapping[int, EventXml]) -> tuple[pl.Series, pl.Series]:
        """Message texts, and where each is from."""
        made = messages(bodies, cut.kinds, heads, [part.heading for part in self._heads.parts])
        texts = made.texts
        source = np.full(len(cut.texts), int(MessageFrom.EVENT_DATA), np.uint8)
        source[made.headed] = int(MessageFrom.TEMPLATE)
        made.apart[list(single)] = True
        again = np.flatnonzero(made.apart)
        if len(again):
            told = []
            for row in again.tolist():
                event = single.get(row)
                if event is None:
                    told.append(_message(_body(cut.texts[row]), self._heads.parts[heads[row]].system))
                else:
                    told.append(_message(event, event_xml.head_of(event)))
            texts = texts.scatter(again, pl.Series([text for text, _ in told], dtype=pl.String))
            source[again] = [int(origin) for _, origin in told]
        return texts, pl.Series(source)


def _as_fields(
    heads: Codes, tails: Codes, numbers: Integers, times: pl.Series, activities: pl.Series, messages: pl.Series, sources: pl.Series
) -> pl.DataFrame:
    """What is known of events, System blocks by number."""
    return pl.DataFrame(
        [
            pl.Series("head", heads),
            pl.Series("tail", tails),
            pl.Series("position", numbers),
            times.alias("time"),
            activities.alias("activity"),
            messages.alias("message"),
            sources.alias("message_from"),
        ]
    )


def _sound(count: int) -> npt.NDArray[np.uint16]:
    return np.zeros(count, np.uint16)


def _cut(texts: Sequence[str]) -> _Cut:
    """Find the parts of the events. Those without a System block of the usual parts get empty ones."""
    text = pl.Series("text", texts, dtype=pl.String)
    cuts = text.to_frame().select(_CUTS)
    data = np.frombuffer("".join([*texts, PADDING]).encode(), np.uint8)
    sizes, times, channels, ends = (cuts[name].to_numpy() for name in ("size", "time", "channel", "end"))
    stops = np.cumsum(sizes)
    starts = stops - sizes
    times = times + len(TIME)
    usual = (times >= len(TIME)) & (channels >= times + SHORTEST_TIME) & (ends > channels)
    if not usual.all():
        times, channels, ends = (np.where(usual, places, 0) for places in (times, channels, ends))
    firsts = np.where(usual, ends + len(SYSTEM_END), 0)
    kinds, lasts = _kinds(data, starts, firsts, stops)
    frame = pl.DataFrame(
        [
            text.cast(pl.Binary),
            pl.Series("time", times),
            pl.Series("channel", channels),
            pl.Series("tail", ends - channels),
            pl.Series("first", firsts),
            pl.Series("body", lasts - firsts),
        ]
    )
    return _Cut(texts, data, starts + times, starts + channels, kinds, frame)


def _kinds(data: Bytes, starts: Integers, firsts: Integers, stops: Integers) -> tuple[npt.NDArray[np.uint8], Integers]:
    """What follows each System block; moves ``firsts`` behind the opening of the data, and returns where the data end."""
    places = starts + firsts
    lasts = stops - starts
    kinds = np.full(len(places), OTHER, np.uint8)
    for kind, opening in ((NAMES, NAMED_START), (PLACES, UNNAMED_START)):
        found = are(data, places, opening)
        kinds[found] = kind
        firsts[found] += len(opening)
    bare = (stops - places == len(EMPTY)) & are(data, places, EMPTY)
    kinds[bare] = BARE
    firsts[bare] = lasts[bare]
    ended = (kinds != OTHER) & (lasts - firsts >= len(DATA_END)) & are(data, stops - len(DATA_END), DATA_END)
    lasts[ended] -= len(DATA_END)
    return kinds, lasts


def _middles(cut: _Cut, single: Mapping[int, EventXml], written: Integers) -> tuple[pl.Series, Integers, pl.Series]:
    """Times, record numbers and activities."""
    found = middles(cut.data, cut.times, cut.channels)
    times, numbers, activities, plain = found.times, found.numbers, found.activities, found.plain
    plain[list(single)] = False
    odd = np.flatnonzero(~plain)
    if not len(odd):
        return pl.Series(times), numbers, activities
    missing = np.zeros(len(times), bool)
    groups = []
    for row in odd.tolist():
        event = single.get(row) or event_xml.parse(cut.texts[row])
        time = event_xml.microseconds(event.of_system("TimeCreated") or "")
        if time is None and event.of_system("TimeCreated") is None:
            time = int(written[row] - _FILETIME_1970) // 10
        missing[row] = time is None
        times[row] = time or 0
        numbers[row] = event_xml.number(event.of_system("EventRecordID")) or 0
        groups.append((event.of_system("ActivityID") or "").strip("{}").lower() or None)
    known = pl.DataFrame({"time": times, "known": ~missing})
    column = known.select(pl.when("known").then("time")).to_series()
    return column, numbers, activities.scatter(odd, pl.Series(groups, dtype=pl.String))


def _message(event: EventXml, head: SystemHead) -> tuple[str, MessageFrom]:
    """One event's message text: what the writing machine rendered, or our own text, above the data; else the data alone."""
    data = event_xml.as_lines(event.data)
    text, source = event.of_rendering("Message"), MessageFrom.RENDERING_INFO
    if text is None:
        text, source = message_for(head.provider, head.event_id, event.inserts), MessageFrom.TEMPLATE
    if text is None:
        return data, MessageFrom.EVENT_DATA
    return (f"{text}\n\n{data}" if data else text), source


def _body(text: str) -> EventXml:
    """What follows an event's System block, taken apart."""
    return event_xml.parse("<Event>" + text.partition(SYSTEM_END)[2])
