"""Events' XML to columns of the event table, many at a time.

The System block repeats: its text before the time and its text from the channel on are looked up, and taken
apart only when new. Time and record number stand at fixed places between the two. The rest is the message,
its tags replaced by literal text. An event that is made otherwise is taken apart on its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from inspector.events import MessageFrom, TimeBasis
from inspector.formats.base import text_flags
from inspector.formats.evtx import event_xml
from inspector.formats.evtx.event_xml import EventXml, SystemHead, SystemTail
from inspector.formats.evtx.headings import NAMED, UNNAMED, Heading, heading
from inspector.formats.message_templates import message_for

_TIME: Final = '<TimeCreated SystemTime="'
_NUMBER: Final = '"></TimeCreated><EventRecordID>'
_CHANNEL: Final = "<Channel>"
_SYSTEM_END: Final = "</System>"
_NAMED: Final = '<EventData><Data Name="'
_UNNAMED: Final = "<EventData><Data>"
_EMPTY: Final = "<EventData></EventData></Event>"
_DATA_END: Final = "</Data></EventData></Event>"
_SEPARATORS: Final = {_NAMED: NAMED, _UNNAMED: UNNAMED}
_NOTHING: Final = frozenset({"", _DATA_END, "</Data><Binary></Binary></EventData></Event>"})
"""What is left of event data that are empty, or one unnamed value that is."""
_ACTIVITY: Final = '</EventRecordID><Correlation ActivityID="'
_NEVER: Final = "\0"

_SHORTEST_TIME: Final = 27
_LONGEST_TIME: Final = 30
_DIGITS: Final = 18
_GUID: Final = 36
_PADDING: Final = bytes(256)

_FILETIME_1970: Final = 116_444_736_000_000_000

Codes = list[int]
Bytes = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]


# ``">`` can only end a tag, since the readers write every > of a text as an entity
_LINES: Final = (
    pl.col("body")
    .str.strip_suffix(_DATA_END)
    .str.replace_all('</Data><Data Name="', "\n", literal=True)
    .str.replace_all('">', ": ", literal=True)
)
"""Event data as ``name: value`` lines, entities not yet resolved."""
_APART: Final = pl.col("line").str.contains("<", literal=True)
"""A tag is left over: there is more to the event than Data elements."""
_ENTITY: Final = pl.col("line").str.contains("&", literal=True)
_CLASSIC: Final = (
    pl.col("line")
    .str.strip_suffix("</EventData></Event>")
    .str.strip_suffix("</Data>")
    .str.replace_all("</Data><Data>", "\n", literal=True)
    .str.replace_all("</Data><Binary></Binary>", "", literal=True)
    .str.replace_all("</Data><Binary>", "\nBinary: ", literal=True)
    .str.strip_suffix("</Binary>")
)
"""The same for the unnamed values of classic events."""
_UNESCAPED: Final = (
    pl.col("line")
    .str.replace_all("&lt;", "<", literal=True)
    .str.replace_all("&gt;", ">", literal=True)
    .str.replace_all("&quot;", '"', literal=True)
    .str.replace_all("&apos;", "'", literal=True)
    .str.replace_all("&amp;", "&", literal=True)  # last: what it gives is not looked at again
)


@dataclass(slots=True)
class _Rows:
    """Parts of a batch's events before they become columns; one entry each for every event."""

    heads: Codes = field(default_factory=list)
    tails: Codes = field(default_factory=list)
    middles: list[str] = field(default_factory=list)
    """From the time to the channel."""
    bodies: list[str] = field(default_factory=list)
    """What follows the System block, for the most part without its first tags."""
    single: dict[int, EventXml] = field(default_factory=dict)
    """Events by row that are taken apart on their own."""


class EventColumns:
    """Makes frames of events; remembers the System blocks it has seen."""

    def __init__(self) -> None:
        self._head_codes: dict[str, int] = {}
        self._tail_codes: dict[str, int] = {}
        self._heads: list[SystemHead] = []
        self._headings: list[Heading | None] = []
        """Our own text for events of each head."""
        self._tails: list[SystemTail] = []
        self._openings: list[str] = []
        """The tags that open the event data behind each tail, as far as they are cut off."""

    def frame(
        self, texts: Sequence[str], offsets: Integers, lengths: Integers, written: Integers, flags: npt.NDArray[np.uint16]
    ) -> pl.DataFrame:
        """Rows for the events: ``texts`` their XML as the first reader gives it, ``written`` the times of their record headers (FILETIME)."""
        rows = self._rows(texts)
        heads, tails = np.array(rows.heads, np.uint32), np.array(rows.tails, np.uint32)
        times, numbers, activities = self._middles(texts, rows, written)
        message, source = self._messages_of(texts, rows, heads)
        columns = {
            "position": pl.Series(numbers),
            "offset": pl.Series(offsets),
            "length": pl.Series(lengths),
            "time": times,
            "time_basis": times.is_not_null().cast(pl.UInt8) * int(TimeBasis.UTC),
            **self._system(heads, tails),
            "activity": activities,
            "message": message,
            "message_from": source,
        }
        return pl.DataFrame(columns).with_columns(flags=text_flags(pl.col("message")) | pl.lit(pl.Series(flags)))

    # ---- taking events into parts

    def _rows(self, texts: Sequence[str]) -> _Rows:
        rows = _Rows()
        heads, tails, middles, bodies = rows.heads, rows.tails, rows.middles, rows.bodies
        head_codes, tail_codes = self._head_codes, self._tail_codes
        head = tail = _NEVER
        head_code = tail_code = time = 0
        for text in texts:
            if not text.startswith(head):
                time = text.find(_TIME) + len(_TIME)
                head = text[:time]
                head_code = head_codes.get(head, -1)
                if head_code < 0:
                    head_code = self._new_head(head)
            channel = text.find(_CHANNEL, time + _SHORTEST_TIME)
            if channel >= 0 and text.startswith(tail, channel):
                body = channel + len(tail)
            else:
                tail = _tail(text, channel)
                body = channel + len(tail)
                tail_code = tail_codes.get(tail, -1)
                if tail_code < 0:
                    tail_code = self._new_tail(tail)
                if tail.endswith(_SYSTEM_END):
                    tail = _NEVER  # the next event may go on with event data
            if head_code < 0 or tail_code < 0:
                self._single(rows, text)
                head = tail = _NEVER
                continue
            heads.append(head_code)
            tails.append(tail_code)
            middles.append(text[time:channel])
            bodies.append(text[body:])
        return rows

    def _new_head(self, text: str) -> int:
        found = event_xml.system_head(text)
        if found is None:
            return -1
        self._head_codes[text] = len(self._heads)
        self._heads.append(found)
        self._headings.append(heading(text, found.provider, found.event_id))
        return len(self._heads) - 1

    def _new_tail(self, text: str) -> int:
        found = event_xml.system_tail(text.partition(_SYSTEM_END)[0]) if text else None
        if found is None:
            return -1
        self._tail_codes[text] = len(self._tails)
        self._tails.append(found)
        self._openings.append(next((opening for opening in (_NAMED, _UNNAMED, _EMPTY) if text.endswith(opening)), ""))
        return len(self._tails) - 1

    def _single(self, rows: _Rows, text: str) -> None:
        event = event_xml.parse(text)
        rows.single[len(rows.heads)] = event
        rows.heads.append(len(self._heads))
        rows.tails.append(len(self._tails))
        self._heads.append(event_xml.head_of(event))
        self._headings.append(None)
        self._tails.append(event_xml.tail_of(event))
        self._openings.append("")
        rows.middles.append("")
        rows.bodies.append("")

    # ---- System

    def _system(self, heads: npt.NDArray[np.uint32], tails: npt.NDArray[np.uint32]) -> dict[str, pl.Series]:
        """The columns that System blocks repeat."""
        used, at = np.unique(heads, return_inverse=True)
        known = [self._heads[code] for code in used]
        first = pl.DataFrame(
            [
                pl.Series("level", [int(head.level) for head in known], pl.UInt8),
                pl.Series("provider", [head.provider for head in known], pl.String),
                pl.Series("event_id", [head.event_id for head in known], pl.Int64),
                pl.Series("task", [head.task for head in known], pl.String),
                pl.Series("keywords", [head.keywords for head in known], pl.String),
            ]
        )[at]
        used, at = np.unique(tails, return_inverse=True)
        ends = [self._tails[code] for code in used]
        second = pl.DataFrame(
            [
                pl.Series("channel", [tail.channel for tail in ends], pl.String),
                pl.Series("computer", [tail.computer for tail in ends], pl.String),
                pl.Series("user", [tail.user for tail in ends], pl.String),
            ]
        )[at]
        return {column.name: column for column in (*first, *second)}

    # ---- time, number and activity

    def _middles(self, texts: Sequence[str], rows: _Rows, written: Integers) -> tuple[pl.Series, Integers, pl.Series]:
        joined = "".join(rows.middles).encode()
        lengths = np.fromiter(map(len, rows.middles), np.int64, len(rows.middles))
        if len(joined) != lengths.sum():  # not all of it ASCII
            lengths = np.fromiter((len(middle.encode()) for middle in rows.middles), np.int64, len(rows.middles))
        data = np.frombuffer(joined + _PADDING, np.uint8)
        starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)[:-1])) if len(lengths) else lengths
        times, after, plain = _times(data, starts)
        numbers, ends, counted = _numbers(data, after)
        activities = _activities(data, starts, ends, lengths)
        fine = plain & counted & (ends < starts + lengths)
        missing = np.zeros(len(times), bool)
        for row in np.flatnonzero(~fine).tolist():
            event = rows.single.get(row) or event_xml.parse(texts[row])
            time = event_xml.microseconds(event.of_system("TimeCreated") or "")
            if time is None and event.of_system("TimeCreated") is None:
                time = int(written[row] - _FILETIME_1970) // 10
            missing[row] = time is None
            times[row] = time or 0
            numbers[row] = event_xml.number(event.of_system("EventRecordID")) or 0
            activities[row] = (event.of_system("ActivityID") or "").strip("{}").lower() or None
        column = pl.Series(times)
        if missing.any():
            column = column.to_frame("time").select(pl.when(pl.Series(~missing)).then(pl.col("time")))["time"]
        return column, numbers, pl.Series(activities, dtype=pl.String)

    # ---- message

    def _messages_of(self, texts: Sequence[str], rows: _Rows, heads: npt.NDArray[np.uint32]) -> tuple[pl.Series, pl.Series]:
        """Message texts, and where each is from."""
        source = np.full(len(texts), int(MessageFrom.EVENT_DATA), np.uint8)
        headed, left = self._put_headings(rows)
        source[headed] = int(MessageFrom.TEMPLATE)
        bodies = pl.DataFrame({"body": pl.Series(rows.bodies, dtype=pl.String)})
        frame = bodies.select(line=_LINES).with_columns(apart=_APART, entity=_ENTITY)
        lines = frame["line"]
        apart = frame["apart"].to_numpy().copy()
        rest = np.flatnonzero(apart)
        if len(rest):
            classic = lines.gather(rest).to_frame("line").select(line=_CLASSIC).with_columns(apart=_APART)
            lines = lines.scatter(rest, classic["line"])
            apart[rest] = classic["apart"].to_numpy()
        entities = np.flatnonzero(frame["entity"].to_numpy() & ~apart)
        if len(entities):
            lines = lines.scatter(entities, lines.gather(entities).to_frame("line").select(_UNESCAPED)["line"])
        apart[[*rows.single, *left]] = True
        again = np.flatnonzero(apart)
        if len(again):
            made = [self._message(rows.single.get(row) or _body(texts[row]), self._heads[heads[row]]) for row in again.tolist()]
            lines = lines.scatter(again, pl.Series([text for text, _ in made], dtype=pl.String))
            source[again] = [int(origin) for _, origin in made]
        return lines, pl.Series(source)

    def _put_headings(self, rows: _Rows) -> tuple[list[int], list[int]]:
        """Put our own text above the data of events that have one; returns their rows, and those that must be taken apart for it."""
        done, apart = [], []
        bodies, headings, openings = rows.bodies, self._headings, self._openings
        for row, code in enumerate(rows.heads):
            above = headings[code]
            if above is None:
                continue
            opening, body = openings[rows.tails[row]], bodies[row]
            text = above.bare() if opening == _EMPTY else None
            if opening in _SEPARATORS:
                text = above.text(body, _SEPARATORS[opening])
            if text is None:
                apart.append(row)
                continue
            bodies[row] = text if body in _NOTHING else f"{text}\n\n{body}"
            done.append(row)
        return done, apart

    def _message(self, event: EventXml, head: SystemHead) -> tuple[str, MessageFrom]:
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
    return event_xml.parse("<Event>" + text.partition(_SYSTEM_END)[2])


def _tail(text: str, channel: int) -> str:
    """From the channel to the end of the System block, with the tags that open the event data; "" where there is no such thing."""
    end = text.find(_SYSTEM_END, channel) if channel >= 0 else -1
    if end < 0:
        return ""
    end += len(_SYSTEM_END)
    for opening in (_NAMED, _UNNAMED, _EMPTY):
        if text.startswith(opening, end):
            end += len(opening)
            break
    return text[channel:end]


def _digits(data: Bytes, starts: Integers, at: int, count: int) -> tuple[Integers, npt.NDArray[np.bool_]]:
    """The number of ``count`` digits at a distance from every start, and whether there are digits."""
    value = np.zeros(len(starts), np.int64)
    fine = np.ones(len(starts), bool)
    for place in range(at, at + count):
        digit = data[starts + place] - np.uint8(48)
        fine &= digit < 10
        value = value * 10 + digit
    return value, fine


def _is(data: Bytes, places: Integers, character: str) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = data[places] == ord(character)
    return found


def _times(data: Bytes, starts: Integers) -> tuple[Integers, Integers, npt.NDArray[np.bool_]]:
    """Times such as ``2024-05-17T08:30:00.123456Z``, with six to nine digits behind the point.

    Returns microseconds since 1970, where the record number behind each starts, and which of them are of this shape.
    """
    fine = np.ones(len(starts), bool)
    for place, character in ((4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, ".")):
        fine &= _is(data, starts + place, character)
    parts = []
    for at, count in ((0, 4), (5, 2), (8, 2), (11, 2), (14, 2), (17, 2), (20, 6)):
        value, digits = _digits(data, starts, at, count)
        fine &= digits
        parts.append(value)
    ends = starts + _SHORTEST_TIME
    for _ in range(_LONGEST_TIME - _SHORTEST_TIME):
        more = ~_is(data, ends - 1, "Z")
        if not more.any():
            break
        ends += more
    after = ends + len(_NUMBER)
    # enough of the text between to know that nothing else stands there
    for places, character in ((ends - 1, "Z"), (ends, '"'), (ends + 1, ">"), (after - 14, "E"), (after - 1, ">")):
        fine &= _is(data, places, character)
    year, month, day, hour, minute, second, fraction = parts
    fine &= (year > 1601) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (hour < 24) & (minute < 60) & (second < 60)
    months = np.where(fine, (year - 1970) * 12 + month - 1, 0).astype("M8[M]")
    date = months.astype("M8[D]") + (day - 1)
    fine &= date.astype("M8[M]") == months
    days = date.astype(np.int64)
    return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000 + fraction, after, fine


def _numbers(data: Bytes, starts: Integers) -> tuple[Integers, Integers, npt.NDArray[np.bool_]]:
    """Record numbers, where each ends, and which of them are numbers of at most 18 digits."""
    value = np.zeros(len(starts), np.int64)
    going = np.ones(len(starts), bool)
    ends = starts.copy()
    for place in range(_DIGITS):
        digit = data[starts + place] - np.uint8(48)
        going &= digit < 10
        if not going.any():
            break
        value = np.where(going, value * 10 + digit, value)
        ends += going
    return value, ends, _is(data, ends, "<") & (ends > starts)


def _activities(data: Bytes, starts: Integers, ends: Integers, lengths: Integers) -> list[str | None]:
    """Activity IDs, lower case, without braces; None for events that belong to none."""
    found: list[str | None] = [None] * len(starts)
    at = ends + len(_ACTIVITY)
    inside = at + _GUID < starts + lengths
    given = np.flatnonzero(inside & (data[np.where(inside, at - 2, 0)] == ord("=")) & (data[np.where(inside, at - 12, 0)] == ord("A")))
    if len(given):
        first = at[given] + (data[at[given]] == ord("{"))
        # sets the bit that makes letters lower case; digits and hyphens have it
        text = (data[first[:, None] + np.arange(_GUID)] | 0x20).tobytes().decode("ascii", "replace")
        for number, row in enumerate(given.tolist()):
            found[row] = text[number * _GUID : (number + 1) * _GUID]
    return found
