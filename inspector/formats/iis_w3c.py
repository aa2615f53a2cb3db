"""W3C extended logs of IIS and others: #Fields names the columns; dates are UTC by the format's definition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

import numpy as np
import polars as pl

from inspector import dates
from inspector.events import Level, Problem
from inspector.formats.base import Batch, FileSpan, Opened, Prepared, ProgressMark
from inspector.formats.text import blocks, encodings, line_log
from inspector.formats.text.blocks import Block, Positions, TextFile


def _field_names(line: str) -> list[str]:
    return line.split(":", 1)[1].replace("\t", " ").split()


class IisW3c:
    """W3C extended log format (W3C working draft WD-logfile)."""

    name = "iis-w3c"
    title = "IIS, W3C extended log"
    recognised_by = "directives such as #Software: and #Fields: date time ..."
    extensions: Sequence[str] = (".log", ".txt")
    position_word: Literal["record", "line"] = "line"

    def sniff(self, head: bytes, name: str) -> int:
        """High for #Fields among the first lines."""
        del name
        data = encodings.head_text(head)
        start = data[:8192]
        if not start.lstrip().startswith(b"#"):
            return 0
        return 97 if b"#Fields:" in start else 60 if b"#Software:" in start and b"#Version:" in start else 0

    def prepare(self, opened: Opened) -> Prepared:
        """Settle the encoding and cut the file at lines. Raises OSError."""
        with TextFile(opened) as text:
            return Prepared(blocks.settled(opened, text), blocks.pieces(text, _requests), continues=True)

    def read(self, opened: Opened, piece: FileSpan) -> Iterator[Batch | Problem | ProgressMark]:
        """Yield the requests of a piece. Raises OSError."""
        with TextFile(opened) as text:
            names, local = _names_before(text, piece.start)
            told = False
            for block, last, again in blocks.walk(text, piece):
                del last, again
                if block.strays and not told:
                    told = True
                    yield blocks.stray_problem(opened.name, block)
                for starts, ends, now in _runs(block, names):
                    names = now
                    batch = _batch(block, starts, ends, names, opened, local=local)
                    if batch is not None:
                        yield batch
                names = _last_names(block) or names
                yield ProgressMark(block.end)

    def raw(self, opened: Opened, offset: int, length: int) -> str:
        """The line as the log holds it. Raises OSError, or ValueError when the file no longer reaches that far."""
        return line_log.raw(opened, offset, length)

    def fields(self, raw: str) -> Sequence[tuple[str, str]]:
        """The columns by number; their names stand elsewhere in the file."""
        return [(f"field {number + 1}", value) for number, value in enumerate(raw.split())]


def _requests(block: Block) -> Positions:
    data = np.frombuffer(block.data, np.uint8)
    first = data[np.minimum(block.lines, max(len(data) - 1, 0))]
    requests: Positions = block.lines[(first != 35) & (first != 10) & (first != 13)]
    return requests


def _names_before(text: TextFile, start: int) -> tuple[list[str], bool]:
    """The #Fields in force at a place, and whether the log says that its times are local."""
    head = text.block(text.encoding.mark, min(text.size, 1 << 16), 1).data
    local = b"#Time Format: Local" in head
    at = min(start, text.size)
    while at > text.encoding.mark:
        begin = max(text.encoding.mark, at - (1 << 20))
        part = encodings.to_utf8(text.bytes_at(begin, at - begin), text.encoding)[0]
        place = part.rfind(b"#Fields:")
        if place >= 0:
            return _field_names(part[place:].split(b"\n", 1)[0].decode("utf-8", "replace")), local
        at = begin
    return [], local


def _last_names(block: Block) -> list[str]:
    place = block.data.rfind(b"#Fields:")
    return _field_names(block.data[place:].split(b"\n", 1)[0].decode("utf-8", "replace")) if place >= 0 else []


def _runs(block: Block, names: list[str]) -> Iterator[tuple[Positions, Positions, list[str]]]:
    """Runs of request lines with the column names that hold for them."""
    requests = _requests(block)
    ends = np.append(block.lines[1:], len(block.data))[np.searchsorted(block.lines, requests)]
    border = 0
    place = block.data.find(b"#Fields:")
    while place >= 0:
        chosen = (requests >= border) & (requests < place)
        if chosen.any():
            yield requests[chosen], ends[chosen], names
        names = _field_names(block.data[place:].split(b"\n", 1)[0].decode("utf-8", "replace"))
        border = place
        place = block.data.find(b"#Fields:", place + 8)
    chosen = requests >= border
    if chosen.any():
        yield requests[chosen], ends[chosen], names


def _batch(block: Block, starts: Positions, ends: Positions, names: list[str], opened: Opened, *, local: bool) -> Batch | None:
    text = line_log.messages(block, starts, ends)
    keep = (text.str.strip_chars() != "").to_numpy()
    if not keep.any():
        return None
    starts, ends, text = starts[keep], ends[keep], text.filter(pl.Series(keep))
    columns = line_log.place_columns(block, starts, ends)
    parts = text.str.replace_all("\t", " ", literal=True).str.split(" ")
    column = {name.lower(): parts.list.get(number, null_on_oob=True) for number, name in enumerate(names)}
    frame = pl.DataFrame([series.alias(name) for name, series in column.items()]) if column else pl.DataFrame({"line": text})

    def taken(*wanted: str) -> pl.Series:
        for name in wanted:
            if name in frame.columns:
                series = frame[name]
                return series.to_frame().select(pl.when(~pl.col(name).is_in(["-", ""])).then(pl.col(name))).to_series()
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(frame))

    when = pl.select(pl.concat_str([taken("date").alias("d"), taken("time").alias("t")], separator=" ")).to_series()
    times = dates.read_column(when, opened.day_first, opened.now_year)
    if not local:
        times = dates.Times(times.micros, times.valid, times.valid.copy(), times.ambiguous)
    columns["time"], columns["time_basis"] = times.columns()
    status = taken("sc-status").cast(pl.Int64, strict=False)
    columns["event_id"] = status
    columns["level"] = _levels(status)
    columns["computer"] = taken("s-computername", "s-ip", "cs-host")
    columns["user"] = taken("cs-username")
    columns["channel"] = taken("s-sitename", "action")
    columns["provider"] = pl.Series(["IIS" if "sc-status" in frame.columns else "W3C log"], dtype=pl.String).new_from_index(0, len(text))
    # named like an event's data, so that a search can say status and column
    columns["message"] = _named(frame, text, names)
    return line_log.finished(columns)


def _levels(status: pl.Series) -> pl.Series:
    expression = (
        pl.when(pl.col("s") >= 500)
        .then(int(Level.ERROR))
        .when(pl.col("s") >= 400)
        .then(int(Level.WARNING))
        .when(pl.col("s").is_not_null())
        .then(int(Level.INFORMATION))
        .otherwise(0)
    )
    return status.alias("s").to_frame().select(expression.cast(pl.UInt8)).to_series()


def _named(frame: pl.DataFrame, text: pl.Series, names: Sequence[str]) -> pl.Series:
    lines = [
        pl.when(pl.col(name.lower()).is_not_null() & ~pl.col(name.lower()).is_in(["-", ""]))
        .then(pl.concat_str(pl.lit(f"\n{name}: "), pl.col(name.lower())))
        .otherwise(pl.lit(""))
        for name in dict.fromkeys(names)
        if name.lower() in frame.columns
    ]
    request = [pl.col(name).fill_null("") for name in ("cs-method", "cs-uri-stem", "cs-uri-query", "sc-status") if name in frame.columns]
    head = pl.concat_str(request, separator=" ") if len(request) >= 2 else pl.col("__text")
    return frame.with_columns(text.alias("__text")).select(pl.concat_str([head, *lines])).to_series() if lines else text


IIS_W3C: Final = IisW3c()
