"""Any other text: one event a line, with indented lines, stack frames, causes and markup folded into the line before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

import numpy as np
import polars as pl

from inspector import dates
from inspector.events import Problem
from inspector.formats.base import Batch, FileSpan, Opened, Prepared, ProgressMark
from inspector.formats.text import blocks, encodings, line_log
from inspector.formats.text.blocks import Block, Positions, TextFile

CONTINUES: Final = (
    r"^(?:\s|$|at [\w.$<>]+|Caused by: |Suppressed: |\.\.\. \d+ (?:more|common)|---(?:>|$| )|</|/>|<[A-Za-z][\w.-]*:[A-Za-z]|[\]})]+[,;]?\s*$"
    r"|Traceback \(most recent call|During handling of the above exception|The above exception was the direct cause|Server stack trace:|Exception rethrown at \[)"
)
"""A line that goes on with the event before it."""

RAISED: Final = r"^[A-Za-z_][\w.]*(?:Error|Exception|Warning|Exit|Interrupt|Fault|Invalid\w*|Expired\w*)(?::|$)"
"""The last line of a Python trace back: not indented, yet part of the frames before it."""

LEVEL: Final = r"\b(TRACE|DEBUG|INFO|INFORMATION|NOTICE|WARN|WARNING|ERROR|SEVERE|FATAL|CRITICAL)\b"
LEVEL_MARK: Final = r"(?i)^\W{0,3}(trace|debug|info|information|notice|warn|warning|error|severe|fatal|critical)\b\W"
MOMENT: Final = r"^.{0,48}?\b(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)"


def starts(block: Block) -> Positions:
    """Where an event starts in a block: every line that does not go on with the one before."""
    heads = block.heads(block.lines, 200)
    folded = heads.str.contains(CONTINUES).fill_null(False).to_numpy().copy()
    data = np.frombuffer(block.data, np.uint8)
    raised = heads.str.contains(RAISED).fill_null(False).to_numpy()
    if raised.any():
        first = data[np.minimum(block.lines, max(len(data) - 1, 0))]
        indented = (first == 32) | (first == 9)
        folded |= raised & np.concatenate((np.zeros(1, bool), indented[:-1]))
    begins: Positions = block.lines[~folded]
    return begins


class Lines:
    """Plain text, the format of last resort: it accepts everything that is text."""

    name = "lines"
    title = "Plain text, line by line"
    recognised_by = "text that no other format claims"
    extensions: Sequence[str] = (".txt", ".log", ".out", ".err")
    position_word: Literal["record", "line"] = "line"

    def sniff(self, head: bytes, name: str) -> int:
        """1 for text, 0 for what is hardly text."""
        del name
        return 1 if encodings.is_text(head) else 0

    def prepare(self, opened: Opened) -> Prepared:
        """Settle the encoding and cut the file where lines begin that start an event. Raises OSError."""
        with TextFile(opened) as text:
            return Prepared(blocks.settled(opened, text), blocks.pieces(text, starts), continues=True)

    def read(self, opened: Opened, piece: FileSpan) -> Iterator[Batch | Problem | ProgressMark]:
        """Yield the lines of a piece, folded. Raises OSError."""
        with TextFile(opened) as text:
            told = False
            for block, last, again in blocks.walk(text, piece):
                if block.strays and not told:
                    told = True
                    yield blocks.stray_problem(opened.name, block)
                batch = _batch(block, last=last, again=again)
                if batch is not None:
                    yield batch
                yield ProgressMark(block.end)

    def raw(self, opened: Opened, offset: int, length: int) -> str:
        """The lines of an event. Raises OSError, or ValueError when the file no longer reaches that far."""
        return line_log.raw(opened, offset, length)

    def fields(self, raw: str) -> Sequence[tuple[str, str]]:
        """Plain text has no fields but itself."""
        return [("message", raw.rstrip())]


def _batch(block: Block, *, last: bool, again: list[int]) -> Batch | None:
    begins = starts(block)
    if not len(begins) or begins[0] > 0:
        begins = np.concatenate((np.zeros(1, np.int64), begins))
    ends = np.append(begins[1:], len(block.data))
    if not last and not block.full:
        again.append(int(begins[-1]))
        begins, ends = begins[:-1], ends[:-1]
    if len(begins) and not block.data[: int(ends[0])].strip():
        begins, ends = begins[1:], ends[1:]
    if not len(begins):
        return None
    columns = line_log.place_columns(block, begins, ends)
    heads = block.heads(begins, 200)
    words = pl.coalesce(pl.col("h").str.extract(LEVEL, 1), pl.col("h").str.extract(LEVEL_MARK, 1)).str.to_lowercase()
    levels = words.replace_strict(dict(line_log.LEVEL_WORDS), default=0, return_dtype=pl.UInt8).fill_null(0).alias("level")
    found = heads.alias("h").to_frame().select(levels, pl.col("h").str.extract(MOMENT, 1).alias("when"))
    columns["level"] = found["level"]
    columns["time"], columns["time_basis"] = dates.read_column(found["when"]).columns()
    columns["message"] = line_log.messages(block, begins, ends)
    return line_log.finished(columns)


LINES: Final = Lines()
