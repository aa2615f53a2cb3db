"""Lines that a container runtime put a prefix on: Kubernetes (CRI), docker compose, docker's JSON files are JSON lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

import numpy as np
import polars as pl

from inspector import dates
from inspector.events import Problem
from inspector.formats.base import Batch, FileSpan, Opened, Prepared, ProgressMark
from inspector.formats.text import blocks, line_log
from inspector.formats.text.blocks import Block, Positions, TextFile
from inspector.formats.text.line_log import LEVEL_WORDS

_ISO: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
_ESCAPE: Final = r"(?:\x1b?\[[0-9;]*[A-Za-z])*"
PREFIXES: Final = (
    rf"^(?P<prefix>(?P<time>{_ISO}) (?P<channel>stdout|stderr) (?P<part>[FP]) )",
    rf"^(?P<prefix>{_ESCAPE}(?P<provider>[A-Za-z0-9][A-Za-z0-9_.-]*?) *{_ESCAPE} *\| {_ESCAPE}(?:(?P<time>{_ISO}) )?)",
    rf"^(?P<prefix>\[pod/(?P<computer>[^/\]\n]+)/(?P<provider>[^\]\n]+)\] (?:(?P<time>{_ISO}) )?)",
)
"""CRI, docker compose, kubectl logs --prefix."""
_CONTINUES: Final = r"^(?:[ \t]|$|at [A-Za-z_$<]|Caused by: |Suppressed: |\.\.\. [0-9]+ (?:more|common)|---> |--- End|</|Traceback \(most recent|[A-Za-z_.]+(?:Error|Exception): .*|[\]})]+[,;]?\s*$)"
_INNER_TIME: Final = (
    r"^[\[(]?([0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?(?: ?(?:Z|[+-][0-9]{2}:?[0-9]{2}))?)"
)
_JSON_TIME: Final = r'^\{.{0,2000}?"(?:@timestamp|@t|timestamp|time|ts)": ?"?([0-9][^",}]{8,40})'
_LEVEL: Final = (
    r"(?i)^.{0,80}?\b(trace|debug|dbug|info|information|notice|warn|warning|error|fail|severe|fatal|critical|crit)\b[\]:|> \t)=\"-]"
)


class Containers:
    """Container output."""

    name = "containers"
    title = "Kubernetes, docker output"
    recognised_by = "lines such as 2024-05-21T10:04:58.117264Z stdout F message, or web-1  | message"
    extensions: Sequence[str] = (".log", ".txt")
    position_word: Literal["record", "line"] = "line"

    def sniff(self, head: bytes, name: str) -> int:
        """High when most lines have the prefix."""
        del name
        return _choose(head)[1]

    def prepare(self, opened: Opened) -> Prepared:
        """Settle the encoding and cut the file where messages begin. Raises OSError."""
        with TextFile(opened) as text:
            number = _choose(text.bytes_at(0, 65536))[0]
            return Prepared(blocks.settled(opened, text), blocks.pieces(text, lambda block: _starts(block, number)), continues=True)

    def read(self, opened: Opened, piece: FileSpan) -> Iterator[Batch | Problem | ProgressMark]:
        """Yield the messages of a piece, prefixes removed. Raises OSError."""
        with TextFile(opened) as text:
            number = _choose(text.bytes_at(0, 65536))[0]
            told = False
            for block, last, again in blocks.walk(text, piece):
                if block.strays and not told:
                    told = True
                    yield blocks.stray_problem(opened.name, block)
                batch = _batch(block, number, opened, last=last, again=again)
                if batch is not None:
                    yield batch
                yield ProgressMark(block.end)

    def raw(self, opened: Opened, offset: int, length: int) -> str:
        """The lines as the log holds them. Raises OSError, or ValueError when the file no longer reaches that far."""
        return line_log.raw(opened, offset, length)

    def fields(self, raw: str) -> Sequence[tuple[str, str]]:
        """The parts of the prefix, then the message."""
        lines = pl.Series([raw])
        for prefix in PREFIXES:
            groups = lines.str.extract_groups(prefix).struct.unnest().row(0, named=True)
            if groups["prefix"]:
                message = lines.str.replace_all(f"(?m){prefix}", "")[0]
                return [
                    *((name, value) for name, value in groups.items() if name != "prefix" and value),
                    ("message", str(message).rstrip()),
                ]
        return [("message", raw.rstrip())]


def _choose(head: bytes) -> tuple[int, int]:
    lines = pl.Series(line_log.sample_lines(head, 100), dtype=pl.String)
    best = (0, 0)
    for number, prefix in enumerate(PREFIXES):
        groups = lines.str.extract_groups(prefix).struct.unnest().drop_nulls("prefix")
        hits = len(groups)
        if hits and hits >= 0.7 * len(lines) and not (number == 1 and (hits < 2 or _no_services(groups["provider"]))):
            score = 90 if number != 1 else 74
            best = (number, score) if score > best[1] else best
    return best


def _no_services(names: pl.Series) -> bool:
    """Whether what stands in front of the bars are levels, not services."""
    return bool(names.str.to_lowercase().is_in(list(LEVEL_WORDS)).all())


def _starts(block: Block, number: int) -> Positions:
    heads = block.heads(block.lines, 500)
    groups = heads.str.extract_groups(PREFIXES[number]).struct.unnest()
    inner = heads.str.replace(PREFIXES[number], "")
    begins = (groups["prefix"].is_not_null() & ~inner.str.contains(_CONTINUES)).fill_null(False).to_numpy().copy()
    if number == 0 and len(begins) > 1:
        # a line behind a partial one goes on with it
        partial = (groups["part"] == "P").fill_null(False).to_numpy()
        begins[1:] &= ~partial[:-1]
    starts: Positions = block.lines[begins]
    return starts


def _batch(block: Block, number: int, opened: Opened, *, last: bool, again: list[int]) -> Batch | None:
    begins = _starts(block, number)
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
    groups = block.heads(begins, 500).str.extract_groups(PREFIXES[number]).struct.unnest()
    for name in ("provider", "channel", "computer"):
        if name in groups.columns:
            columns[name] = groups[name]
    text = line_log.messages(block, begins, ends)
    if number == 0:
        text = text.str.replace_all(r"(?m)^[0-9TZ:.+-]+ (?:stdout|stderr) P (.*)\n[0-9TZ:.+-]+ (?:stdout|stderr) [FP] ", "${1}")
    message = text.str.replace_all(f"(?m){PREFIXES[number]}", "")
    inner = (
        message.alias("m").to_frame().select(pl.coalesce(pl.col("m").str.extract(_INNER_TIME, 1), pl.col("m").str.extract(_JSON_TIME, 1)))
    )
    inner_time = inner.to_series()
    when = pl.select(pl.coalesce(groups["time"], inner_time)).to_series() if "time" in groups.columns else inner_time
    columns["time"], columns["time_basis"] = dates.read_column(when, opened.day_first, opened.now_year).columns()
    columns["level"] = (
        message.str.extract(_LEVEL, 1).str.to_lowercase().replace_strict(dict(LEVEL_WORDS), default=0, return_dtype=pl.UInt8).fill_null(0)
    )
    columns["message"] = message
    return line_log.finished(columns)


CONTAINERS: Final = Containers()
