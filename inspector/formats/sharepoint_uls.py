"""SharePoint's unified logging service (ULS): tab-separated rows, long messages continued over several rows joined again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, Literal

import numpy as np
import polars as pl

from inspector import dates
from inspector.events import Level, Problem
from inspector.formats.base import Batch, FileSpan, Opened, Prepared, ProgressMark
from inspector.formats.text import blocks, line_log
from inspector.formats.text.blocks import Block, Positions, TextFile

LEVELS: Final = {
    "unexpected": Level.ERROR, "exception": Level.ERROR, "assert": Level.ERROR, "critical": Level.CRITICAL, "error": Level.ERROR, "criticalevent": Level.CRITICAL,
    "monitorable": Level.WARNING, "warning": Level.WARNING, "warningqos": Level.WARNING, "high": Level.INFORMATION, "medium": Level.INFORMATION,
    "information": Level.INFORMATION, "information qos": Level.INFORMATION, "verbose": Level.VERBOSE, "verboseex": Level.VERBOSE, "none": Level.INFORMATION,
}  # fmt: skip
"""ULS severities, lower case."""

_ROW: Final = (
    r"^(?P<time>\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4} \d{1,2}[:.]\d\d[:.]\d\d(?:[.,]\d{1,7})?\*? ?)\t(?P<process>[^\t]*)\t(?P<thread>[^\t]*)\t(?P<area>[^\t]*)\t(?P<category>[^\t]*)\t(?P<tag>[^\t]*)\t(?P<level>[^\t]*)\t"
).replace(r"\d", "[0-9]")
_GUID: Final = r"\t ?([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})?\s*$"
_HEADER: Final = r"^Timestamp(?:Utc)?\s*\tProcess"


class SharepointUls:
    """ULS logs."""

    name = "sharepoint-uls"
    title = "SharePoint ULS"
    recognised_by = "tab-separated rows of time, process, thread, area, category, event, level, message, correlation"
    extensions: Sequence[str] = (".log", ".txt")
    position_word: Literal["record", "line"] = "line"

    def sniff(self, head: bytes, name: str) -> int:
        """High when lines have the columns of ULS."""
        del name
        lines = line_log.sample_lines(head, 60)
        if not lines:
            return 0
        rows = pl.Series(lines, dtype=pl.String)
        hits = int(rows.str.contains(_ROW).sum())
        header = bool(rows.head(3).str.contains(_HEADER).any())
        return 95 if hits and (header or hits >= 0.3 * len(lines)) else 80 if header else 0

    def prepare(self, opened: Opened) -> Prepared:
        """Settle encoding and date order, and cut the file where records begin. Raises OSError."""
        with TextFile(opened) as text:
            settled = blocks.settled(opened, text)
            order = dates.DateOrder(opened.day_first, "")
            if opened.day_first is None:
                block = text.block(text.encoding.mark, min(text.size, 1 << 20), 1)
                times = block.heads(block.lines, 60).str.extract(r"^([0-9/.-]{6,10} [0-9:.]+)", 1).drop_nulls().unique()
                order = dates.decide_order(times.to_list())
                settled = replace(settled, day_first=order.day_first)
            return Prepared(settled, blocks.pieces(text, _starts), order.words, continues=True)

    def read(self, opened: Opened, piece: FileSpan) -> Iterator[Batch | Problem | ProgressMark]:
        """Yield the records of a piece, continued ones joined. Raises OSError."""
        with TextFile(opened) as text:
            utc = b"TimestampUtc" in text.bytes_at(0, 400)
            told = False
            for block, last, again in blocks.walk(text, piece):
                if block.strays and not told:
                    told = True
                    yield blocks.stray_problem(opened.name, block)
                batch = _batch(block, opened, last=last, again=again, utc=utc)
                if batch is not None:
                    yield batch
                yield ProgressMark(block.end)

    def raw(self, opened: Opened, offset: int, length: int) -> str:
        """The rows as the log holds them. Raises OSError, or ValueError when the file no longer reaches that far."""
        return line_log.raw(opened, offset, length)

    def fields(self, raw: str) -> Sequence[tuple[str, str]]:
        """The columns of the first row."""
        names = ("Timestamp", "Process", "Thread", "Area", "Category", "EventID", "Level", "Message", "Correlation")
        values = [value.strip() for value in raw.split("\n", 1)[0].split("\t")]
        found = list(zip(names, values, strict=False))
        return [*found, ("Continued", raw.split("\n", 1)[1].strip())] if "\n" in raw.strip() else found


def _rows(block: Block) -> tuple[Positions, pl.Series]:
    """Where rows start, and which of them go on with the row before (their time is marked with an asterisk)."""
    heads = block.heads(block.lines, 400)
    fits = heads.str.contains(_ROW).fill_null(False)
    return block.lines[fits.to_numpy()], heads.filter(fits)


def _starts(block: Block) -> Positions:
    starts, heads = _rows(block)
    return starts[~heads.str.contains(r"^[^\t]*\*").fill_null(False).to_numpy()] if len(starts) else starts


def _batch(block: Block, opened: Opened, *, last: bool, again: list[int], utc: bool) -> Batch | None:
    begins = _starts(block)
    if not len(begins) or begins[0] > 0:
        begins = np.concatenate((np.zeros(1, np.int64), begins))
    ends = np.append(begins[1:], len(block.data))
    if not last and not block.full:
        again.append(int(begins[-1]))
        begins, ends = begins[:-1], ends[:-1]
    if len(begins) and begins[0] == 0 and block.data[:9] == b"Timestamp":
        # what follows the heading and begins no row is text all the same
        begins[0] = min(block.data.find(b"\n") + 1 or len(block.data), int(ends[0]))
    if len(begins) and not block.data[int(begins[0]) : int(ends[0])].strip():
        begins, ends = begins[1:], ends[1:]
    if not len(begins):
        return None
    groups = block.heads(begins, 600).str.extract_groups(_ROW).struct.unnest()
    prefix = block.heads(begins, 600).str.extract(f"({_ROW})", 1).str.len_bytes().fill_null(0).to_numpy().astype(np.int64)
    columns = line_log.place_columns(block, begins, ends)
    times = dates.read_column(groups["time"].str.strip_chars(" *"), opened.day_first, opened.now_year)
    if utc:
        times = replace(times, stated=times.valid)
    columns["time"], columns["time_basis"] = times.columns()
    table = {name: int(level) for name, level in LEVELS.items()}
    columns["level"] = (
        groups["level"].str.strip_chars().str.to_lowercase().replace_strict(table, default=0, return_dtype=pl.UInt8).fill_null(0)
    )
    columns["provider"] = groups["area"].str.strip_chars()
    columns["task"] = groups["category"].str.strip_chars()
    columns["keywords"] = groups["tag"].str.strip_chars()
    columns["channel"] = groups["process"].str.strip_chars()
    columns["event_id"] = groups["tag"].str.strip_chars().cast(pl.Int64, strict=False)
    text = line_log.messages(block, np.minimum(begins + prefix, ends), ends)
    columns["activity"] = text.str.extract(
        r"\t ?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})[ \t]*(?:\n|$)", 1
    ).str.to_lowercase()
    # a continued message ends its row with "..." and begins the next one with "..."
    joined = text.str.replace_all(
        r"(?:\.\.\.)?\t? ?[0-9a-fA-F-]{0,36}[ \t]*\n[0-9/.-]{6,10} [0-9:.,]+\*[^\n\t]*\t[^\t\n]*\t[^\t\n]*\t[^\t\n]*\t[^\t\n]*\t[^\t\n]*\t[^\t\n]*\t(?:\.\.\.)?",
        "",
    )
    columns["message"] = joined.str.replace(_GUID, "").str.strip_chars_end("\t ")
    return line_log.finished(columns)


SHAREPOINT_ULS: Final = SharepointUls()
