"""PowerShell's Format-List of Get-WinEvent and Get-EventLog: names, colons in one column, values continued below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, Literal

import numpy as np

from inspector import dates
from inspector.events import Problem
from inspector.formats.base import Batch, FileSpan, Opened, Prepared, ProgressMark
from inspector.formats.text import blocks, encodings, line_log
from inspector.formats.text.blocks import Block, Positions, TextFile
from inspector.formats.text.event_labels import level_of, value_or_nothing
from inspector.formats.text.gaps import Gaps
from inspector.formats.text.rows import Row, batch_of, guid, name_values, number_or_none

_LINE: Final = re.compile(rb"^([A-Za-z]\w{0,40})[ \t]*: ?([^\n]*)\n?", re.MULTILINE)
_NAMES: Final = frozenset(
    b"TimeCreated ProviderName Id Message Index EntryType InstanceId EventID MachineName Source TimeGenerated TimeWritten LevelDisplayName Level LogName RecordId ProcessId Version Category CategoryNumber ReplacementStrings UserName UserId Task Opcode Keywords ActivityId RelatedActivityId ThreadId ProviderId Qualifiers Bookmark ContainerLog MatchedQueryIds OpcodeDisplayName TaskDisplayName KeywordsDisplayNames Properties Data Site Container".split()
)


def _starts_in(data: bytes, *, whole: bool = True) -> list[int]:
    """Where a list begins: its first known name at a line's start behind an empty line, with a second one below.

    ``whole``: nothing that belongs to a list stands in front of ``data``.
    """
    starts: list[int] = []
    behind_blank = whole
    at = 0
    while at < len(data):
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        line = data[at:end].rstrip()
        if not line:
            behind_blank = True
        else:
            if behind_blank and line[:1].isalpha():
                found = _LINE.match(data, at)
                if found and found[1] in _NAMES:
                    following = _LINE.match(data, end + 1)
                    if (following and following[1] in _NAMES) or found[1] in (b"TimeCreated", b"Index"):
                        starts.append(at)
            behind_blank = False
        at = end + 1
    return starts


def _starts(block: Block) -> Positions:
    return np.array(_starts_in(block.data, whole=False), np.int64)


def members(data: bytes, start: int, end: int) -> list[tuple[str, str]]:
    """Names and values of one list, continuation lines joined without their indentation."""
    found: list[tuple[str, list[str]]] = []
    column = 0
    for line in data[start:end].decode("utf-8", "replace").replace("\r\n", "\n").split("\n"):
        match = re.match(r"([A-Za-z]\w{0,40})( *):(?: (.*)|$)", line)
        if match and match[1].encode() in _NAMES and (not column or match.end(2) == column):
            column = match.end(2)
            found.append((match[1], [match[3] or ""]))
        elif found:
            found[-1][1].append(line[column + 2 :] if not line[: column + 2].strip() else line)
    return [(name, "\n".join(lines).rstrip()) for name, lines in found]


class PowershellList:
    """Get-WinEvent | Format-List."""

    name = "powershell-list"
    title = "PowerShell event list"
    recognised_by = "TimeCreated : ... ProviderName : ... Id : ... or Index : ... EntryType : ... InstanceId : ..."
    extensions: Sequence[str] = (".txt", ".log")
    position_word: Literal["record", "line"] = "line"

    def sniff(self, head: bytes, name: str) -> int:
        """High when a list has the names that an event's list has."""
        del name
        data = encodings.head_text(head)
        starts = _starts_in(data[:16384]) if b"TimeCreated" in data or b"InstanceId" in data else []
        if not starts:
            return 0
        names = {name for name, _ in members(data, starts[0], starts[1] if len(starts) > 1 else len(data))}
        return (
            93
            if {"Message", "TimeCreated"} <= names or {"Message", "TimeGenerated"} <= names
            else 75
            if {"TimeCreated", "ProviderName"} <= names
            else 0
        )

    def prepare(self, opened: Opened) -> Prepared:
        """Settle encoding and date order, and cut the file where lists begin. Raises OSError."""
        with TextFile(opened) as text:
            settled = blocks.settled(opened, text)
            order = dates.DateOrder(opened.day_first, "")
            if opened.day_first is None:
                block = text.block(text.encoding.mark, min(text.size, blocks.BLOCK), 1)
                order = dates.decide_order(
                    found[1].decode("utf-8", "replace")
                    for found in re.finditer(rb"^Time(?:Created|Generated)[ \t]*: ([^\r\n]{4,60})", block.data, re.MULTILINE)
                )
                settled = replace(settled, day_first=order.day_first)
            return Prepared(settled, blocks.pieces(text, _starts), order.words, continues=True)

    def read(self, opened: Opened, piece: FileSpan) -> Iterator[Batch | Problem | ProgressMark]:
        """Yield the events of a piece. Raises OSError."""
        gaps = Gaps(opened.name)
        with TextFile(opened) as text:
            for block, last, again in blocks.walk(text, piece):
                starts = _starts_in(block.data)
                if block.data[: starts[0] if starts else len(block.data)].strip() and (starts or last or block.full):
                    gaps.add(block, 0, starts[0] if starts else len(block.data))
                if not last and not block.full:
                    again.append(starts[-1] if starts else 0)
                stops = [*starts[1:], len(block.data)]
                rows = [_row(block.data, start, stop) for start, stop in zip(starts[: len(starts) - bool(again)], stops, strict=False)]
                batch = batch_of(block, rows, opened.day_first, opened.now_year)
                if batch is not None:
                    yield batch
                yield ProgressMark(block.end)
        yield from gaps.problems()

    def raw(self, opened: Opened, offset: int, length: int) -> str:
        """The list as the log holds it. Raises OSError, or ValueError when the file no longer reaches that far."""
        return line_log.raw(opened, offset, length)

    def fields(self, raw: str) -> Sequence[tuple[str, str]]:
        """Names and values."""
        data = raw.encode("utf-8", "replace")
        return members(data, 0, len(data))


def _row(data: bytes, start: int, stop: int) -> Row:
    pairs = members(data, start, stop)
    values = dict(reversed(pairs))
    identity = values.get("EventID") or values.get("Id") or values.get("InstanceId") or ""
    number = number_or_none(identity)
    shown = {
        "Message",
        "TimeCreated",
        "TimeGenerated",
        "TimeWritten",
        "ProviderName",
        "Source",
        "Id",
        "EventID",
        "LogName",
        "MachineName",
        "LevelDisplayName",
        "EntryType",
    }
    rest = name_values([(name, value) for name, value in pairs if name not in shown])
    return Row(
        start=start,
        end=stop,
        when=values.get("TimeCreated") or values.get("TimeGenerated") or values.get("TimeWritten") or "",
        level=level_of(values.get("LevelDisplayName") or values.get("EntryType") or "", values.get("KeywordsDisplayNames", "").strip("{}")),
        provider=values.get("ProviderName") or values.get("Source") or "",
        event_id=number & 0xFFFF if number is not None and "EventID" not in values and "InstanceId" in values else number,
        channel=values.get("LogName", ""),
        computer=values.get("MachineName", ""),
        user=values.get("UserName") or values.get("UserId") or "",
        task=value_or_nothing(values.get("TaskDisplayName") or values.get("Category") or "") or "",
        activity=guid(values.get("ActivityId", "")),
        message="\n\n".join(part for part in (values.get("Message", "").strip(), rest) if part),
    )


POWERSHELL_LIST: Final = PowershellList()
