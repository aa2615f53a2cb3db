"""Events as comma, semicolon or tab separated values: Event Viewer's exports with localised headers, Export-Csv, and other logs with a header."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal, Self

import numpy as np

from inspector import dates
from inspector.events import Problem
from inspector.formats.base import Batch, FileSpan, Opened, Prepared, ProgressMark
from inspector.formats.text import blocks, encodings, line_log
from inspector.formats.text.blocks import Block, Positions, TextFile
from inspector.formats.text.event_labels import FIELD_OF, LANGUAGE_OF, level_of, value_or_nothing
from inspector.formats.text.json_record import Records

csv.field_size_limit(1 << 28)

_DATE_AND_TIME: Final[Mapping[str, str]] = {
    "date and time": "en", "data e ora": "it", "datum und uhrzeit": "de", "date et heure": "fr", "fecha y hora": "es", "data e hora": "pt", "date/time": "en",
}  # fmt: skip
_CANONICAL: Final[Mapping[str, str]] = {
    "level": "LevelDisplayName", "type": "LevelDisplayName", "source": "ProviderName", "id": "EventID", "task": "TaskDisplayName", "log": "LogName",
    "computer": "MachineName", "user": "UserName", "keywords": "Keywords", "description": "Message", "date": "Date", "time": "Time",
}  # fmt: skip
_TIME_NAMES: Final = frozenset(
    [
        "timecreated",
        "timegenerated",
        "timewritten",
        "timestamp",
        "datetime",
        "time",
        "date",
        "@timestamp",
        "eventtime",
        "createddatetime",
        "creationdate",
        "creationtime",
        "timegenerated_utc",
        "when",
        "logtime",
        "ts",
        "utctime",
        "date (utc)",
    ]
)
_LOG_NAMES: Final = frozenset(
    [
        "message",
        "level",
        "providername",
        "eventid",
        "id",
        "source",
        "event_id",
        "event_identifier",
        "logname",
        "leveldisplayname",
        "entrytype",
        "content",
        "msg",
        "logger",
        "severity",
        "machinename",
        "computer",
        "status",
        "component",
    ]
)
_TYPE_LINE: Final = re.compile(rb"\A#TYPE [^\n]*\n")


_HEADLESS: Final = ("Date", "Time", "ProviderName", "LevelDisplayName", "TaskDisplayName", "EventID", "UserName", "MachineName", "Message")
"""Columns of what Event Viewer up to 2003 saves as text, which has no header."""


_LISTED: Final = ("LevelDisplayName", "Date", "Time", "ProviderName", "TaskDisplayName", "EventID", "UserName", "MachineName")
_LIST_LABELS: Final = (
    frozenset(("type", "tipo", "typ")),
    frozenset(("date", "data", "datum", "fecha")),
    frozenset(("time", "ora", "uhrzeit", "zeit", "heure", "hora")),
    frozenset(("source", "origine", "quelle", "origen", "fonte", "origem")),
    frozenset(("category", "categoria", "kategorie", "catégorie", "categoría")),
    frozenset(("event", "evento", "ereignis", "événement", "evénement", "suceso", "id evento")),
    frozenset(("user", "utente", "benutzer", "utilisateur", "usuario", "usuário")),
    frozenset(("computer", "ordinateur", "equipo", "computador")),
)
"""Columns of the list that Event Viewer up to 2003 exports, which has no descriptions: names and, in six languages, labels."""
_MAY_BE_NONE: Final = frozenset(("TaskDisplayName", "UserName", "Keywords"))


class _Header:
    """What the first line says about the columns."""

    def __init__(self, line: str) -> None:
        self.delimiter = max(",;\t|", key=line.count)
        try:
            written = next(csv.reader([line], delimiter=self.delimiter), [])
        except csv.Error:
            written = []
        self.language = ""
        self.names: list[str] = []
        self.localised = False
        for name in (part.strip().strip("\ufeff") for part in written):
            low = name.lower().replace("\xa0", " ")
            if low in _DATE_AND_TIME:
                self.language = self.language or _DATE_AND_TIME[low]
                self.names.append("TimeCreated")
                self.localised = True
            else:
                self.names.append(name)
        if len(self.names) >= len(_LISTED) and all(name.lower() in labels for name, labels in zip(self.names, _LIST_LABELS, strict=False)):
            self.names[: len(_LISTED)] = _LISTED
            self.localised = True
        elif self.localised:
            # the other labels are Event Viewer's only beside its own name for the date
            self.names = [_CANONICAL.get(FIELD_OF.get(name, ""), name) for name in self.names]
            self.language = next((LANGUAGE_OF[name] for name in written if name in LANGUAGE_OF), self.language)

    @classmethod
    def for_headless(cls, line: str) -> Self | None:
        """What stands for the header in text that Event Viewer up to 2003 saved; None when the line is no such event."""
        for delimiter in "\t,;":
            cells = _cells(line, delimiter)
            dated = len(cells) >= 8 and dates.parse_time(f"{cells[0]} {cells[1]}".strip())
            if dated and level_of(cells[3]) and cells[5].strip().isdigit():
                header = cls(delimiter.join(_HEADLESS))
                header.localised = True
                return header
        return None

    def score(self) -> int:
        """How sure it is that this heads a log."""
        low = {name.lower() for name in self.names}
        if self.localised and len(self.names) >= 3:
            return 94
        if {"timecreated", "id"} <= low or {"timegenerated", "entrytype"} <= low:
            return 93
        if (
            len(self.names) >= 3
            and low & _TIME_NAMES
            and low & _LOG_NAMES
            and all(re.fullmatch(r"[\w .@()/\[\]#-]{1,80}", name) for name in self.names[:12])
        ):
            return 72
        return 0


class EventCsv:
    """Separated values with a header line."""

    name = "csv"
    title = "CSV or tab-separated export"
    recognised_by = "a header line such as Level,Date and Time,Source,Event ID,Task Category"
    extensions: Sequence[str] = (".csv", ".tsv", ".txt")
    position_word: Literal["record", "line"] = "line"

    def sniff(self, head: bytes, name: str) -> int:
        """Score by the header line."""
        del name
        data = encodings.head_text(head)
        data = _TYPE_LINE.sub(b"", data)
        line = data.split(b"\n", 1)[0].decode("utf-8", "replace").rstrip("\r")
        if len(line) >= 8192 or not data.count(b"\n"):
            return 0
        return (_Header.for_headless(line) or _Header(line)).score()

    def prepare(self, opened: Opened) -> Prepared:
        """Settle encoding and date order. Raises OSError."""
        with TextFile(opened) as text:
            settled = blocks.settled(opened, text)
            order = dates.DateOrder(opened.day_first, "")
            if opened.day_first is None:
                block = text.block(text.encoding.mark, min(text.size, blocks.BLOCK), 1)
                start, header = _header(block)
                order = dates.decide_order(_dates(block, start, header), header.language)
                settled = replace(settled, day_first=order.day_first)
            # whether a line end lies within quotes is known only from the start, so the file stays in one piece
            return Prepared(settled, (FileSpan(text.encoding.mark, text.size),), order.words)

    def read(self, opened: Opened, piece: FileSpan) -> Iterator[Batch | Problem | ProgressMark]:
        """Yield the records. Raises OSError."""
        header: _Header | None = None
        told = False
        with TextFile(opened) as text:
            for block, last, again in blocks.walk(text, piece):
                if block.strays and not told:
                    told = True
                    yield blocks.stray_problem(opened.name, block)
                start = 0
                if header is None:
                    start, header = _header(block)
                ends = record_ends(block.data, start, final=last)
                if not len(ends) and block.full:
                    # a quotation mark that nothing closes: what it holds is one row, and reading goes on behind it
                    ends = np.array([len(block.data)], np.int64)
                elif not last:
                    again.append(int(ends[-1]) if len(ends) else 0)
                    if not len(ends):
                        header = None
                        yield ProgressMark(block.end)
                        continue
                batch, problem = _batch(block, start, ends, header, opened)
                if problem is not None:
                    yield problem
                if batch is not None:
                    yield batch
                yield ProgressMark(block.end)

    def raw(self, opened: Opened, offset: int, length: int) -> str:
        """The record as the log holds it. Raises OSError, or ValueError when the file no longer reaches that far."""
        return line_log.raw(opened, offset, length)

    def fields(self, raw: str) -> Sequence[tuple[str, str]]:
        """The columns by number; their names stand in the file's first line."""
        delimiter = max(",;\t|", key=raw.split("\n", 1)[0].count)
        return [(f"column {number + 1}", value) for number, value in enumerate(_cells(raw, delimiter))]


def _header(block: Block) -> tuple[int, _Header]:
    """Where the records start and what the header says."""
    found = _TYPE_LINE.match(block.data)
    start = found.end() if found else 0
    end = block.data.find(b"\n", start)
    end = len(block.data) if end < 0 else end
    line = block.data[start:end].decode("utf-8", "replace").rstrip("\r")
    headless = _Header.for_headless(line)
    return (start, headless) if headless is not None else (min(end + 1, len(block.data)), _Header(line))


def record_ends(data: bytes, start: int, *, final: bool) -> Positions:
    """Behind each record: line ends outside quotes (RFC 4180), and the text's end where it is the file's."""
    array = np.frombuffer(data, np.uint8)[start:]
    newlines = np.flatnonzero(array == 10)
    quotes = np.flatnonzero(array == 34)
    outside = newlines[np.searchsorted(quotes, newlines) % 2 == 0] + 1 + start
    if final and (not len(outside) or outside[-1] < len(data)) and len(data) > start:
        outside = np.append(outside, len(data))
    ends: Positions = outside.astype(np.int64)
    return ends


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text.rstrip("\r\n")], delimiter=delimiter, strict=False), [])
    except csv.Error:
        return [text]


def _dates(block: Block, start: int, header: _Header) -> Iterator[str]:
    wanted = [number for number, name in enumerate(header.names) if name.lower() in _TIME_NAMES]
    begin = start
    for end in record_ends(block.data, start, final=True)[:2000].tolist():
        cells = _cells(block.data[begin:end].decode("utf-8", "replace"), header.delimiter)
        yield from (cells[number] for number in wanted if number < len(cells))
        begin = end


def _batch(block: Block, start: int, ends: Positions, header: _Header, opened: Opened) -> tuple[Batch | None, Problem | None]:
    records = Records()
    spans: list[tuple[int, int]] = []
    begin = start
    odd = 0
    first_odd = 0
    for end in ends.tolist():
        text = block.data[begin:end].decode("utf-8", "replace")
        if text.strip():
            cells = _cells(text, header.delimiter)
            if len(cells) < len(header.names) - 1 or len(cells) > len(header.names) + 1:
                odd += 1
                first_odd = first_odd or begin + 1
            records.add(_record(header, cells))
            spans.append((begin, begin + len(block.data[begin:end].rstrip(b"\r\n"))))
        begin = end
    if not spans:
        return None, None
    places = np.array(spans, np.int64)
    columns = line_log.place_columns(block, places[:, 0].copy(), places[:, 1].copy())
    columns |= records.finish(opened.day_first, opened.now_year)
    problem = None
    if odd:
        line = int(block.line_numbers(np.array([first_odd - 1], np.int64))[0])
        problem = Problem(
            opened.name,
            f"line {line}",
            f"{odd} records have another number of columns than the header; their values may stand in the wrong columns",
        )
    return line_log.finished(columns), problem


def _record(header: _Header, cells: Sequence[str]) -> dict[str, str]:
    """Cells by name; Event Viewer gives the last column, the message, no name, and writes a word where there is no user or category."""
    names = header.names
    record: dict[str, str] = {}
    for number, cell in enumerate(cells):
        name = names[number] if number < len(names) else ""
        if header.localised and name in _MAY_BE_NONE and value_or_nothing(cell) is None:
            continue
        if not name:
            name = "Message" if "Message" not in record and number >= len(names) - 1 else f"column {number + 1}"
        while name in record:
            name += "'"
        record[name] = cell
    if "Date" in record and "Time" in record and "TimeCreated" not in record:
        record = {"TimeCreated": f"{record.pop('Date')} {record.pop('Time')}".strip(), **record}
    return record


EVENT_CSV: Final = EventCsv()
