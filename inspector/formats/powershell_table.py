"""PowerShell's tables of Get-WinEvent and Get-EventLog: a line of names, a line of dashes, a row for each event; the provider may stand above."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from inspector import dates
from inspector.events import Problem
from inspector.formats.base import Batch, FileSpan, Opened, Prepared, ProgressMark
from inspector.formats.text import blocks, encodings, line_log
from inspector.formats.text.blocks import Block, Positions, TextFile
from inspector.formats.text.event_labels import level_of
from inspector.formats.text.gaps import Gaps
from inspector.formats.text.rows import Row, batch_of, name_values, number_or_none

_TIMES: Final = ("TimeCreated", "TimeGenerated", "TimeWritten", "Time")
_NUMBERS: Final = frozenset(("Id", "Index", "InstanceId", "InstanceID", "EventID", "RecordId", "ProcessId", "ThreadId"))
"""Columns whose values stand at the right."""
_SHOWN: Final = frozenset(
    (*_TIMES, "Id", "EventID", "ProviderName", "Source", "LevelDisplayName", "EntryType", "LogName", "MachineName", "UserName", "Message")
)
"""Columns that have a place of their own; the others follow the message."""
_NAMES: Final = _NUMBERS | _SHOWN | {"Category", "Level"}
_HEAD: Final = re.compile(
    rb"^(?:[ \t]*(?:ProviderName|Source|LogName): (?P<group>[^\n]{1,200}?)[ \t]*\r?\n(?:[ \t]*\r?\n){0,3})?"
    rb"(?P<names>[ \t]*[A-Z][A-Za-z]{1,30}(?:[ \t]+[A-Z][A-Za-z]{1,30}){1,20})[ \t]*\r?\n(?P<rules>[ \t]*-+(?:[ \t]+-+){1,20})[ \t]*(?:\r?\n|\Z)",
    re.MULTILINE,
)
_LEVELS: Final = ("FailureAudit", "SuccessAudit", "Information", "Warning", "Error", "Critical", "Verbose")
_SHORT: Final = re.compile(r"[A-Za-z]{3} {1,2}\d{1,2} \d\d:\d\d")
_GROUP: Final = re.compile(r"\s*(ProviderName|Source|LogName): ")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of one table stand, in characters, and what its heading says of all its rows."""

    names: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    """The dashes under each name."""
    above: tuple[str, str] | None = None

    def cells(self, line: str) -> dict[str, str]:
        """The values of one row by name."""
        begins = []
        for name, (start, end) in zip(self.names, self.spans, strict=True):
            begins.append(min(line.rfind(" ", 0, end) + 1, end) if name in _NUMBERS else start)
        found = {} if self.above is None else {self.above[0]: self.above[1]}
        for place, name in enumerate(self.names):
            end = begins[place + 1] if place + 1 < len(self.names) else len(line)
            found[name] = line[begins[place] : end].strip()
        return found

    @property
    def last(self) -> int:
        """Where the last column begins: what is wrapped goes on there."""
        return self.spans[-1][0]


def heads(data: bytes) -> Iterator[tuple[int, int, Columns]]:
    """Where tables of events begin, where their first row stands, and their columns."""
    for found in _HEAD.finditer(data):
        names = tuple(name.decode() for name in found["names"].split())
        rules = found["rules"].decode().expandtabs()
        spans = tuple(rule.span() for rule in re.finditer("-+", rules))
        known = _NAMES.intersection(names)
        if len(names) != len(spans) or len(known) < 3 or not known.intersection(_TIMES):
            continue
        above = None
        if found["group"] is not None:
            label = _GROUP.match(found[0].decode("utf-8", "replace"))
            above = (label[1] if label else "ProviderName", found["group"].decode("utf-8", "replace").strip())
        yield found.start(), found.end(), Columns(names, spans, above)


def _starts(block: Block) -> Positions:
    return np.array([start for start, _, _ in heads(block.data)], np.int64)


class PowershellTable:
    """Get-WinEvent as it prints without Format-List."""

    name = "powershell-table"
    title = "PowerShell event table"
    recognised_by = "TimeCreated Id LevelDisplayName Message or Index Time EntryType Source above a line of dashes"
    extensions: Sequence[str] = (".txt", ".log")
    position_word: Literal["record", "line"] = "line"

    def sniff(self, head: bytes, name: str) -> int:
        """High when there is the head of such a table."""
        del name
        data = encodings.head_text(head)[:16384]
        return 94 if b"\n-" in data.replace(b" ", b"") and next(heads(data), None) is not None else 0

    def prepare(self, opened: Opened) -> Prepared:
        """Settle encoding and date order, and cut the file where tables begin. Raises OSError."""
        with TextFile(opened) as text:
            settled = blocks.settled(opened, text)
            order = dates.DateOrder(opened.day_first, "")
            if opened.day_first is None:
                block = text.block(text.encoding.mark, min(text.size, blocks.BLOCK), 1)
                order = dates.decide_order(row.when for row in _Reader().rows(block))
                settled = replace(settled, day_first=order.day_first)
            return Prepared(settled, blocks.pieces(text, _starts), order.words)

    def read(self, opened: Opened, piece: FileSpan) -> Iterator[Batch | Problem | ProgressMark]:
        """Yield the events of a piece. Raises OSError."""
        gaps = Gaps(opened.name)
        reader = _Reader()
        with TextFile(opened) as text:
            for block, last, again in blocks.walk(text, piece):
                rows, until = reader.rows(block), len(block.data)
                if not last and not block.full:
                    # The last row may go on, and a heading behind it may be cut.
                    until = reader.step_back(rows)
                    again.append(until)
                    rows = rows[:-1]
                for start, end in reader.strays:
                    if start < until:
                        gaps.add(block, start, end)
                batch = batch_of(block, rows, opened.day_first, opened.now_year)
                if batch is not None:
                    yield batch
                yield ProgressMark(block.end)
        yield from gaps.problems()

    def raw(self, opened: Opened, offset: int, length: int) -> str:
        """The row as the log holds it. Raises OSError, or ValueError when the file no longer reaches that far."""
        return line_log.raw(opened, offset, length)

    def fields(self, raw: str) -> Sequence[tuple[str, str]]:
        """The columns by number; what they are called stands above the table's first row."""
        first, *rest = raw.splitlines() or [""]
        cells = [*re.split(r"[ \t]{2,}", first.strip()), *(line.strip() for line in rest)]
        return [(f"column {number}", cell) for number, cell in enumerate(cells, 1)]


class _Reader:
    """Goes through a file's tables; the columns of the last head hold until there is another one."""

    def __init__(self) -> None:
        self._columns: Columns | None = None
        self._last: Columns | None = None
        """Columns of the last row."""
        self.strays: list[tuple[int, int]] = []
        """Lines of the block that belong to no event."""

    def rows(self, block: Block) -> list[Row]:
        """The events of a block."""
        self.strays = []
        tables = [*heads(block.data)]
        stops = [start for start, _, _ in tables] + [len(block.data)]
        rows = self._of_table(block, 0, stops[0])
        for (_, first, columns), stop in zip(tables, stops[1:], strict=True):
            self._columns = columns
            rows += self._of_table(block, first, stop)
        return rows

    def step_back(self, rows: Sequence[Row]) -> int:
        """Before the last row, where the next block begins."""
        self._columns = self._last if rows else self._columns
        return rows[-1].start if rows else 0

    def _of_table(self, block: Block, start: int, stop: int) -> list[Row]:
        found: list[tuple[int, int, list[str]]] = []
        columns, at, ended = self._columns, start, False
        while at < stop:
            end = block.data.find(b"\n", at, stop)
            end = stop if end < 0 else end + 1
            line = block.data[at:end].decode("utf-8", "replace").rstrip("\r\n").expandtabs()
            if not line.strip():
                ended = True
            elif columns is not None and found and not ended and not line[: columns.last].strip():
                found[-1] = (found[-1][0], end, [*found[-1][2], line[columns.last :].strip()])
            elif columns is not None and _begins(columns, line):
                found.append((at, end, [line]))
                ended = False
            else:
                self.strays.append((at, end))
            at = end
        if columns is None:
            return []
        self._last = columns if found else self._last
        return [_row(columns, *one) for one in found]


def _begins(columns: Columns, line: str) -> bool:
    """Whether a line is a row: there is a time in it where the table has one."""
    cells = columns.cells(line)
    return dates.parse_time(_when(cells), None, 1970) is not None


def _when(cells: Mapping[str, str]) -> str:
    """The time as written; Get-EventLog's short one (``Jan 26 09:12``) with the seconds that it leaves out."""
    found = next((cells[name] for name in _TIMES if cells.get(name)), "")
    return f"{found}:00" if _SHORT.fullmatch(found) else found


def _whole(level: str) -> str:
    """The word that a narrow column cuts to ``FailureA...``."""
    begun = level.rstrip(".…")
    return next((each for each in _LEVELS if begun and each.startswith(begun)), level) if begun != level else level


def _row(columns: Columns, start: int, end: int, lines: Sequence[str]) -> Row:
    values = columns.cells(lines[0])
    identity = values.get("Id") or values.get("EventID") or values.get("InstanceId") or values.get("InstanceID") or ""
    number = number_or_none(identity)
    instance = not (values.get("Id") or values.get("EventID"))
    rest = name_values([(name, value) for name, value in values.items() if name not in _SHOWN])
    message = "\n".join((values.get("Message", ""), *lines[1:])).strip()
    return Row(
        start=start,
        end=end,
        when=_when(values),
        level=level_of(_whole(values.get("LevelDisplayName") or values.get("EntryType") or "")),
        provider=values.get("ProviderName") or values.get("Source") or "",
        event_id=number & 0xFFFF if number is not None and instance else number,
        channel=values.get("LogName", ""),
        computer=values.get("MachineName", ""),
        user=values.get("UserName", ""),
        message="\n\n".join(part for part in (message, rest) if part),
    )


POWERSHELL_TABLE: Final = PowershellTable()
