"""``wevtutil qe /f:text``: Event[0] and two-space indented labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal

import numpy as np

from inspector.events import Problem
from inspector.formats.base import Batch, FileSpan, Opened, Prepared, ProgressMark
from inspector.formats.text import blocks, encodings, line_log
from inspector.formats.text.blocks import Block, Positions, TextFile
from inspector.formats.text.event_labels import FIELD_OF, NOTHING, any_of, level_of, value_or_nothing
from inspector.formats.text.gaps import Gaps
from inspector.formats.text.rows import Row, batch_of, number_or_none

START: Final = re.compile(rb"^Event ?\[\d+\]:?[ \t]*\r?$", re.MULTILINE)
_LABEL: Final = re.compile(rb"^[ \t]{1,8}([^\s:][^:\n]{0,40}?)[ \t]*:[ \t]?([^\n]*)\n?", re.MULTILINE)
_RUN_IN: Final = re.compile(r"\s+(?:\?\s*)?(" + any_of("level", "opcode", "keywords", "user") + r"): ?")
"""Labels that follow on the same line where line ends were lost on the way (``Task: Logon ?  Level: Information ? ...``)."""


def labels_of(data: bytes, start: int, limit: int) -> tuple[list[tuple[str, str]], tuple[int, int]]:
    """Labels with values of the event at ``start``, and where its description lies."""
    labels: list[tuple[str, str]] = []
    line_end = data.find(b"\n", start, limit)
    at = line_end + 1 if line_end >= 0 else limit
    while at < limit:
        found = _LABEL.match(data, at, limit)
        if found is None:
            break
        label = found[1].decode("utf-8", "replace")
        if FIELD_OF.get(label) == "description":
            return labels, (found.start(2), limit)
        value = found[2].decode("utf-8", "replace").strip()
        pieces = _RUN_IN.split(value)
        labels.append((label, pieces[0].rstrip(" ?")))
        labels.extend(
            (pieces[number], pieces[number + 1].rstrip(" ?") if number + 1 < len(pieces) else "") for number in range(1, len(pieces), 2)
        )
        at = found.end()
    return labels, (at, limit)


def _starts(block: Block) -> Positions:
    return np.array([found.start() for found in START.finditer(block.data)], np.int64)


class WevtutilText:
    """Text output of wevtutil."""

    name = "wevtutil-text"
    title = "wevtutil text"
    recognised_by = "Event[0] followed by indented labels such as Log Name:"
    extensions: Sequence[str] = (".txt", ".log")
    position_word: Literal["record", "line"] = "line"

    def sniff(self, head: bytes, name: str) -> int:
        """High when Event[n] is followed by labels."""
        del name
        data = encodings.head_text(head)
        found = START.search(data)
        if found is None:
            return 0
        labels, _ = labels_of(data, found.start(), len(data))
        return 97 if sum(label in FIELD_OF for label, _ in labels) >= 3 else 0

    def prepare(self, opened: Opened) -> Prepared:
        """Settle the encoding and cut the file where events begin. Raises OSError."""
        with TextFile(opened) as text:
            return Prepared(blocks.settled(opened, text), blocks.pieces(text, _starts), continues=True)

    def read(self, opened: Opened, piece: FileSpan) -> Iterator[Batch | Problem | ProgressMark]:
        """Yield the events of a piece. Raises OSError."""
        gaps = Gaps(opened.name)
        told = False
        with TextFile(opened) as text:
            for block, last, again in blocks.walk(text, piece):
                if block.strays and not told:
                    told = True
                    yield blocks.stray_problem(opened.name, block)
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
        """The event as the log holds it. Raises OSError, or ValueError when the file no longer reaches that far."""
        return line_log.raw(opened, offset, length)

    def fields(self, raw: str) -> Sequence[tuple[str, str]]:
        """Labels and values, then the description."""
        data = raw.encode("utf-8", "replace")
        labels, (start, end) = labels_of(data, 0, len(data))
        return [*labels, ("Description", data[start:end].decode("utf-8", "replace").strip())]


def _row(data: bytes, start: int, stop: int) -> Row:
    labels, (begin, end) = labels_of(data, start, stop)
    values: dict[str, str] = {}
    for label, value in labels:
        field = FIELD_OF.get(label)
        if field:
            values.setdefault(field, value)
    user_name, user = values.get("user name", ""), values.get("user", "")
    return Row(
        start=start,
        end=stop,
        # the date is this machine's local time, whatever letter stands behind it
        when=values.get("date", "").removesuffix("Z"),
        level=level_of(values.get("level", ""), values.get("keywords", "")),
        provider=values.get("source", ""),
        event_id=number_or_none(values.get("id", "")),
        channel=values.get("log", ""),
        computer=values.get("computer", ""),
        user=next((name for name in (user_name, user) if name and name.lower() not in NOTHING), ""),
        task=value_or_nothing(values.get("task", "")) or "",
        keywords=value_or_nothing(values.get("keywords", "")) or "",
        message=data[begin:end].decode("utf-8", "replace").replace("\r\n", "\n").strip(),
    )


WEVTUTIL_TEXT: Final = WevtutilText()
