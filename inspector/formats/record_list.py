"""Events as blocks of ``Name: value`` lines, such as tools print that list a legacy event log record by record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal

import numpy as np

from inspector.events import Problem
from inspector.formats.base import Batch, FileSpan, Opened, Prepared, ProgressMark
from inspector.formats.message_templates import meaning_of
from inspector.formats.text import blocks, encodings, line_log
from inspector.formats.text.blocks import Block, Positions, TextFile
from inspector.formats.text.event_labels import level_of
from inspector.formats.text.gaps import Gaps
from inspector.formats.text.rows import Row, batch_of, name_values

START: Final = re.compile(rb"^[ \t]*(?:RecordNumber|Record [Nn]umber|Event number|Record #)[ \t]*:[ \t]*\d+", re.MULTILINE)
_LINE: Final = re.compile(r"^[ \t]*([A-Za-z][\w \[\]#-]{0,40}?)[ \t]*:[ \t]?(.*)$")
_COLUMNS: Final = {
    "timegenerated": "when", "time generated": "when", "creation time": "when", "timewritten": "written", "written time": "written", "eventid": "id", "event id": "id", "event identifier": "id",
    "eventtype": "level", "event type": "level", "event level": "level", "type": "level", "sourcename": "provider", "source name": "provider", "source": "provider",
    "computername": "computer", "computer name": "computer", "computer": "computer", "user": "user", "user security identifier": "user", "eventlog": "channel", "logfile": "channel",
}  # fmt: skip


def members(text: str) -> list[tuple[str, str]]:
    """Names and values of one block; lines without a name go on with the value before."""
    found: list[tuple[str, str]] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        match = _LINE.match(line)
        if match and (
            not found
            or match[1].strip().lower() in _COLUMNS
            or re.match(r"(?:String|Strings|Data|Message|Event|Record|Time|Number|User)", match[1])
        ):
            found.append((match[1].strip(), match[2].strip()))
        elif found and line.strip():
            found[-1] = (found[-1][0], f"{found[-1][1]}\n{line.rstrip()}")
    return found


class RecordList:
    """Listings of event records."""

    name = "record-list"
    title = "Event records, listed"
    recognised_by = "blocks of lines that begin with RecordNumber:"
    extensions: Sequence[str] = (".txt", ".log")
    position_word: Literal["record", "line"] = "line"

    def sniff(self, head: bytes, name: str) -> int:
        """High when such a block names the event's ID or source."""
        del name
        data = encodings.head_text(head)
        found = START.search(data)
        if found is None:
            return 0
        following = START.search(data, found.end())
        names = {
            _COLUMNS.get(name.lower())
            for name, _ in members(data[found.start() : following.start() if following else len(data)].decode("utf-8", "replace"))
        }
        return 88 if {"id", "when"} <= names or {"id", "provider"} <= names else 0

    def prepare(self, opened: Opened) -> Prepared:
        """Settle the encoding and cut the file where records begin. Raises OSError."""
        with TextFile(opened) as text:
            return Prepared(blocks.settled(opened, text), blocks.pieces(text, _starts), continues=True)

    def read(self, opened: Opened, piece: FileSpan) -> Iterator[Batch | Problem | ProgressMark]:
        """Yield the records of a piece. Raises OSError."""
        gaps = Gaps(opened.name)
        with TextFile(opened) as text:
            for block, last, again in blocks.walk(text, piece):
                starts = _starts(block).tolist()
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
        """The block as the log holds it. Raises OSError, or ValueError when the file no longer reaches that far."""
        return line_log.raw(opened, offset, length)

    def fields(self, raw: str) -> Sequence[tuple[str, str]]:
        """Names and values."""
        return members(raw)


def _starts(block: Block) -> Positions:
    return np.array([found.start() for found in START.finditer(block.data)], np.int64)


def _row(data: bytes, start: int, stop: int) -> Row:
    pairs = members(data[start:stop].decode("utf-8", "replace"))
    values: dict[str, str] = {}
    rest: list[tuple[str, str]] = []
    for name, value in pairs:
        column = _COLUMNS.get(name.lower())
        if column is None:
            meaning = meaning_of("reason", value) if value.startswith("%%") else None
            rest.append((name, f"{value} ({meaning})" if meaning else value))
        else:
            values.setdefault(column, value)
    inner = re.search(r"\(([^()]+)\)", values.get("level", ""))
    number = re.match(r"(0x[0-9a-fA-F]+|\d+)", values.get("id", ""))
    return Row(
        start=start,
        end=stop,
        when=values.get("when") or values.get("written") or "",
        level=level_of(inner[1] if inner else values.get("level", "")),
        provider=values.get("provider", ""),
        event_id=int(number[1], 0) & 0xFFFF if number else None,
        channel=values.get("channel", ""),
        computer=values.get("computer", ""),
        user=values.get("user", ""),
        message=name_values(rest[1:] if rest and START.match(f"{rest[0][0]}: {rest[0][1]}".encode()) else rest),
    )


RECORD_LIST: Final = RecordList()
