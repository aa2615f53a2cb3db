"""Events copied out of Event Viewer as text: the layout up to 2003 and the one since Vista, in six languages, also inside a web page or mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, Literal

import numpy as np
import polars as pl

from inspector import dates
from inspector.events import MessageFrom, Problem
from inspector.formats.base import Batch, FileSpan, Opened, Prepared, ProgressMark
from inspector.formats.text import blocks, encodings, html, labelled, line_log
from inspector.formats.text.blocks import Block, Positions, TextFile
from inspector.formats.text.event_labels import NOTHING, level_of, value_or_nothing
from inspector.formats.text.event_xml import data_lines
from inspector.formats.text.gaps import Gaps
from inspector.formats.text.labelled import Labelled, Reader

_FARTHEST_ZONE: Final = timedelta(hours=14, minutes=5)

Place = Callable[[Positions], Positions]


def _wrapped(data: bytes) -> bool:
    """Whether the labels are to be found only, or more often, once HTML around them is undone."""
    if len(html.MARKUP.findall(data[:65536])) < 3:
        return False
    return len(labelled.find_starts(html.unwrap(data[:65536]).data)) > len(labelled.find_starts(data[:65536])) or b"&nbsp;" in data[:65536]


class EventViewerText:
    """Labelled event text."""

    name = "event-viewer-text"
    title = "Event Viewer, copied text"
    recognised_by = (
        "the labels Event Type: ... Event ID: or Log Name: ... Source: in English, Italian, German, French, Spanish or Portuguese"
    )
    extensions: Sequence[str] = (".txt", ".log", ".htm", ".html", ".md", ".eml")
    position_word: Literal["record", "line"] = "line"

    def sniff(self, head: bytes, name: str) -> int:
        """High when an event's labels stand together."""
        del name
        data = encodings.head_text(head)
        if data.lstrip()[:1] in (b"{", b"["):
            return 0
        if len(html.MARKUP.findall(data)) >= 3:
            data = html.unwrap(data).data
        starts = labelled.find_starts(data)
        best = 0
        for start, stop in zip(starts[:5], [*starts[1:6], len(data)][:5], strict=False):
            event = labelled.read(data, start, stop)
            known = len(event.values) + (event.message[1] > event.message[0])
            if ("source" in event.values or "id" in event.values) and known >= 4:
                best = max(best, min(96, 70 + 4 * known))
        return best

    def prepare(self, opened: Opened) -> Prepared:
        """Settle encoding and date order, and cut the file where events begin. Raises OSError."""
        with TextFile(opened) as text:
            settled = blocks.settled(opened, text)
            block = text.block(text.encoding.mark, min(text.size, 4 << 20), 1)
            wrapped = _wrapped(block.data)
            data = html.unwrap(block.data).data if wrapped else block.data
            order = dates.DateOrder(opened.day_first, "")
            if opened.day_first is None:
                order = _order(data)
                settled = replace(settled, day_first=order.day_first)
            if wrapped:
                return Prepared(settled, (FileSpan(text.encoding.mark, text.size),), order.words)
            return Prepared(
                settled, blocks.pieces(text, lambda part: np.array(labelled.find_starts(part.data), np.int64)), order.words, continues=True
            )

    def read(self, opened: Opened, piece: FileSpan) -> Iterator[Batch | Problem | ProgressMark]:
        """Yield the events of a piece; text that belongs to none is named. Raises OSError."""
        gaps = Gaps(opened.name)
        with TextFile(opened) as text:
            first = text.block(text.encoding.mark, min(text.size, 1 << 16), 1)
            if _wrapped(first.data):
                yield from _read_wrapped(text, opened, piece, gaps)
            else:
                told = False
                reader = labelled.Reader()
                for block, last, again in blocks.walk(text, piece):
                    if block.strays and not told:
                        told = True
                        yield blocks.stray_problem(opened.name, block)
                    batch = _batch(block, block.data, None, opened, reader, gaps, last=last, again=again)
                    if batch is not None:
                        yield batch
                    yield ProgressMark(block.end)
        yield from gaps.problems()

    def raw(self, opened: Opened, offset: int, length: int) -> str:
        """The event as the log holds it, markup included. Raises OSError, or ValueError when the file no longer reaches that far."""
        return line_log.raw(opened, offset, length)

    def fields(self, raw: str) -> Sequence[tuple[str, str]]:
        """Labels and their values as written, then the description, then what the event's XML adds."""
        data = raw.encode("utf-8", "replace")
        if len(html.MARKUP.findall(data[:65536])) >= 3:
            data = html.unwrap(data).data
        starts = labelled.find_starts(data)
        if not starts:
            return [("Description", raw.strip())]
        event = labelled.read(data, starts[0], len(data))
        found = list(event.labels)
        found.append(("Description", data[event.message[0] : event.message[1]].decode("utf-8", "replace").strip()))
        if event.xml[1] > event.xml[0]:
            xml = data[event.xml[0] : event.xml[1]].decode("utf-8", "replace")
            found.extend(data_lines(xml) or ())
            found.append(("Event Xml", xml.strip()))
        return found


def _read_wrapped(text: TextFile, opened: Opened, piece: FileSpan, gaps: Gaps) -> Iterator[Batch | Problem | ProgressMark]:
    end = min(piece.end, piece.start + html.LARGEST)
    block = text.block(piece.start, end, piece.line or 1)
    if block.end < piece.end:
        yield Problem(
            opened.name,
            f"byte {block.end}",
            f"a web page of more than {html.LARGEST >> 20} MB is read only so far; save the log as plain text to read the rest",
        )
    unwrapped = html.unwrap(block.data)
    batch = _batch(block, unwrapped.data, unwrapped.place, opened, labelled.Reader(), gaps, last=True, again=[])
    if batch is not None:
        yield batch
    yield ProgressMark(block.end)


def _order(data: bytes) -> dates.DateOrder:
    """Decide the order of day and month: by the dates, by the XML that says when it was, by the labels' language."""
    pairs = labelled.dates_and_system_times(data)
    plain = dates.decide_order(date for date, _ in pairs)
    if plain.day_first is not None or not plain.words:
        return plain
    for text, system_time in pairs:
        system = dates.parse_time(system_time) if system_time else None
        month_first, day_first = dates.parse_time(text, day_first=False), dates.parse_time(text, day_first=True)
        if system is None or month_first is None or day_first is None or month_first.wall == day_first.wall:
            continue
        near = [abs(read.wall - system.wall) <= _FARTHEST_ZONE for read in (month_first, day_first)]
        if near[0] != near[1]:
            return dates.DateOrder(near[1], f"{'day' if near[1] else 'month'} first, as SystemTime {system_time} beside {text} shows")
    return dates.decide_order((date for date, _ in pairs), labelled.language_of(data))


def _batch(
    block: Block, data: bytes, place: Place | None, opened: Opened, reader: Reader, gaps: Gaps, *, last: bool, again: list[int]
) -> Batch | None:
    """The events of a block. ``place`` maps positions of ``data`` to the block's where ``data`` are not the block's own."""
    put = place if place is not None else _same
    scan = labelled.Scan(data)
    starts = scan.starts
    first = starts[0] if starts else len(data)
    if labelled.rest(data, 0, first):
        gaps.add(block, 0, int(put(np.array([first], np.int64))[0]), data[:first])
    if not last and starts and not block.full:
        again.append(starts[-1])
    stops = [*starts[1:], len(data)]
    events: list[Labelled] = []
    for start, stop, lines in zip(starts[: len(starts) - bool(again)], stops, scan.header_lines(), strict=False):
        event = reader.read(data, start, stop, lines)
        if labelled.rest(data, event.end, stop):
            began, ended = put(np.array([event.end, stop], np.int64)).tolist()
            gaps.add(block, int(began), int(ended), data[event.end : stop])
        events.append(event)
    if not events:
        return None
    begins = put(np.array([event.start for event in events], np.int64))
    ends = put(np.array([event.end for event in events], np.int64))
    columns = line_log.place_columns(block, begins, ends)
    columns["message"] = _messages(block, data, events, own=place is None)
    columns |= value_columns(events, opened)
    columns["message_from"] = pl.Series([int(MessageFrom.LOG)], dtype=pl.UInt8).new_from_index(0, len(events))
    return line_log.finished(columns)


def _same(positions: Positions) -> Positions:
    return positions


def _messages(block: Block, data: bytes, events: Sequence[Labelled], *, own: bool) -> pl.Series:
    """Descriptions, with what the event's XML adds."""
    if own and not any(event.xml[1] > event.xml[0] for event in events):
        starts = np.array([event.message[0] for event in events], np.int64)
        ends = np.array([event.message[1] for event in events], np.int64)
        return line_log.messages(block, starts, ends).str.strip_chars_start()
    return pl.Series([_message(data, event) for event in events], dtype=pl.String)


def _message(data: bytes, event: Labelled) -> str:
    text = data[event.message[0] : event.message[1]].decode("utf-8", "replace").replace("\r\n", "\n").strip()
    if event.xml[1] > event.xml[0]:
        xml = data[event.xml[0] : event.xml[1]].decode("utf-8", "replace")
        fields = data_lines(xml)
        if fields is None:
            # the XML was cut: what is there of it stays searchable
            return f"{text}\n\nEvent Xml:\n{xml.strip()}"
        missing = [f"{name}: {value}" for name, value in fields if value.strip() and value.strip() not in text]
        return text + "\n\n" + "\n".join(missing) if missing else text
    return text


def value_columns(events: Sequence[Labelled], opened: Opened) -> dict[str, pl.Series]:
    """Columns of the event table out of labels' values; events that share a header share the work."""
    numbers: dict[int, int] = {}
    headers: list[Mapping[str, str]] = []
    codes: list[int] = []
    moments: list[str] = []
    for event in events:
        values = event.header.values if event.header is not None else event.values
        code = numbers.get(id(values))
        if code is None:
            code = numbers[id(values)] = len(headers)
            headers.append(values)
        codes.append(code)
        moments.append(event.system_time or (f"{event.date} {event.time}" if event.time else event.date))
    index = pl.Series(codes, dtype=pl.UInt32)
    users = [_named(values.get("user name", "")) or _named(values.get("user", "")) for values in headers]
    named: dict[str, list[str | None]] = {
        "provider": [values.get("source") or None for values in headers],
        "channel": [values.get("log") or None for values in headers],
        "computer": [values.get("computer") or None for values in headers],
        "user": users,
        "task": [value_or_nothing(values.get("task", "")) for values in headers],
        "keywords": [value_or_nothing(values.get("keywords", "")) for values in headers],
    }
    columns = {name: pl.Series(column, dtype=pl.String).gather(index) for name, column in named.items()}
    levels = [int(level_of(values.get("level") or values.get("type") or "", values.get("keywords", ""))) for values in headers]
    columns["level"] = pl.Series(levels, dtype=pl.UInt8).gather(index)
    columns["event_id"] = pl.Series([_event_id(values.get("id", "")) for values in headers], dtype=pl.Int64).gather(index)
    times = dates.read_column(pl.Series(moments, dtype=pl.String), opened.day_first, opened.now_year)
    columns["time"], columns["time_basis"] = times.columns()
    return columns


def _event_id(text: str) -> int | None:
    digits = text.replace(".", "").replace(",", "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 12 else None


def _named(user: str) -> str | None:
    stripped = user.replace("\xa0", " ").strip()
    return None if not stripped or stripped.lower() in NOTHING else stripped


EVENT_VIEWER_TEXT: Final = EventViewerText()
