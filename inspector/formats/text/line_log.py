"""Line-oriented logs: a layout says how a record's first line looks; this reads them by the column, continuation lines folded in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from inspector import dates
from inspector.dates import IsoTimes, Times
from inspector.events import Level, Problem
from inspector.formats.base import Batch, FileSpan, Opened, Prepared, ProgressMark, text_flags
from inspector.formats.text import blocks, encodings
from inspector.formats.text.blocks import Block, Positions, TextFile

LEVEL_WORDS: Final[Mapping[str, Level]] = {
    word: level
    for level, words in (
        (Level.VERBOSE, "trace trce trc verbose debug dbug dbg fine finer finest config t d v all entry exit entering exiting"),
        (Level.INFORMATION, "info information informational notice inf i n o audit success start stop note r msg"),
        (Level.WARNING, "warn warning wrn w aviso warnung"),
        (Level.ERROR, "error err fail failure severe e incident_error erro fehler"),
        (Level.CRITICAL, "fatal critical crit crt c f ftl alert emerg emergency panic incident"),
    )
    for word in words.split()
}
"""Level words of loggers, lower case."""

SEVERITIES: Final = (
    Level.CRITICAL,
    Level.CRITICAL,
    Level.CRITICAL,
    Level.ERROR,
    Level.WARNING,
    Level.INFORMATION,
    Level.INFORMATION,
    Level.VERBOSE,
)
"""Severity of a priority value modulo 8 (RFC 5424 section 6.2.1)."""

HEAD: Final = 600
"""Bytes of a record's first line in which its prefix must lie."""

_SLACK: Final = 2 * 86400
"""Seconds by which a date may lie behind the file's last change before its year is taken for the one before."""

COLUMNS: Final = ("provider", "computer", "user", "channel", "activity", "task", "keywords")
"""Groups of a layout's pattern that go into the event table as they are."""


@dataclass(frozen=True, slots=True)
class LineLayout:
    """How a record of one kind of log begins."""

    pattern: str
    """Everything in front of the message, in the dialect that Python's and Rust's engines share. Groups: ``time``, ``level``,
    ``event_id`` and those of ``COLUMNS``; others show among the fields."""
    iso: int | None = None
    """Byte of the line at which a date in ISO order stands; then every line with one there begins a record, also where the
    pattern does not fit. None: a line begins a record when the pattern fits."""
    opening: str = ""
    """The character in front of that date, where there is one."""
    levels: Mapping[str, Level] = field(default_factory=lambda: LEVEL_WORDS)
    score: int = 70
    """How specific the pattern is, 0 to 100."""
    dates_open: bool = False
    """Dates are numeric with day or month first."""
    provider: str = ""
    """Provider of every record where the layout itself names none."""
    clue: str = ""
    """Something the first lines must hold besides (pattern), for layouts that others resemble."""
    without_year: bool = False
    """Dates state no year; it is the file's, or the one before where the date would lie behind the file's last change."""
    zone: Literal["", "utc"] = ""
    """``utc``: dates without zone are UTC by the format's definition."""


def trimmed(data: npt.NDArray[np.uint8], starts: Positions, ends: Positions) -> Positions:
    """Ends moved in front of trailing line ends and blanks."""
    ends = ends.copy()
    if not len(data):
        return ends
    for _ in range(256):
        last = data[np.maximum(ends - 1, 0)]
        move = (ends > starts) & ((last == 10) | (last == 13) | (last == 32) | (last == 9))
        if not move.any():
            break
        ends -= move
    return ends


def messages(block: Block, starts: Positions, ends: Positions) -> pl.Series:
    """Texts between the positions without trailing line ends; line ends within become single line feeds."""
    data = np.frombuffer(block.data, np.uint8)
    text = block.strings(starts, trimmed(data, starts, ends) - starts)
    return text.str.replace_all("\r\n", "\n", literal=True) if b"\r\n" in block.data else text


def place_columns(block: Block, starts: Positions, ends: Positions) -> dict[str, pl.Series]:
    """The ``position``, ``offset`` and ``length`` columns of events between the positions."""
    offsets = block.origin(starts)
    return {
        "position": pl.Series(block.line_numbers(starts), dtype=pl.Int64),
        "offset": pl.Series(offsets, dtype=pl.Int64),
        "length": pl.Series(block.origin(ends) - offsets, dtype=pl.Int64),
    }


def finished(columns: Mapping[str, pl.Series | pl.Expr]) -> Batch:
    """A batch out of columns, flags added."""
    frame = pl.DataFrame({name: column for name, column in columns.items() if isinstance(column, pl.Series)})
    return Batch(frame.with_columns(text_flags(pl.col("message")).alias("flags")))


_MOST_LINES: Final = 400


def sample_lines(head: bytes, limit: int = _MOST_LINES) -> list[str]:
    """The first lines of a file's start that hold something, the last one dropped when it is cut."""
    return list(_lines(head)[:limit])


@lru_cache(maxsize=2)
def _lines(head: bytes) -> tuple[str, ...]:
    lines = encodings.head_text(head).decode("utf-8", "replace").splitlines()
    if len(lines) > 1 and len(head) >= 65536:
        lines.pop()
    return tuple(line for line in lines if line.strip())[:_MOST_LINES]


def ascii_classes(pattern: str) -> str:
    """A pattern whose classes of digits, word characters and visible characters mean ASCII alone, spelled so that both engines agree."""
    out: list[str] = []
    inside = False
    at = 0
    while at < len(pattern):
        pair = pattern[at : at + 2]
        if pair[:1] == "\\":
            plain = {"\\d": "0-9", "\\w": "0-9A-Za-z_"}.get(pair)
            if plain is not None:
                out.append(plain if inside else f"[{plain}]")
            elif pair == "\\S" and not inside:
                out.append(r"[^ \t\r\n]")
            else:
                out.append(pair)
            at += 2
            continue
        if pair[:1] == "[" and not inside:
            inside = True
        elif pair[:1] == "]" and inside and out[-1] not in ("[", "[^"):
            inside = False
        out.append(pair[:1])
        at += 1
    return "".join(out)


def unbounded(pattern: str) -> str:
    """A pattern with wide counted repetitions made open ones: Rust's engine is linear in any case and would unroll them."""
    return re.sub(r"\{([01]),\d{2,3}\}", lambda found: "*" if found[1] == "0" else "+", pattern)


def behind_time(layout: LineLayout, pattern: str) -> str:
    """The pattern of what follows a date that is read without it; empty where the date does not stand first in the pattern."""
    lead = (re.escape(layout.opening) if layout.opening else "") + f"(?P<time>{ascii_classes(ISO)})"
    if layout.iso is None or layout.iso != len(layout.opening) or not pattern.startswith(lead):
        return ""
    # the level is checked when the log is recognised; here any word is quicker
    return f"^(?P<prefix>{unbounded(pattern[len(lead) :].replace(LEVEL, '(?P<level>[A-Za-z]+)'))})"


ISO: Final = r"\d{4}[-/.]\d\d[-/.]\d\d[T _,]\d\d:\d\d:\d\d(?:[.,:]\d{1,9})?(?: ?(?:Z|[+-]\d\d:?\d\d)\b)?"
"""Date in ISO order, for patterns."""

LEVEL: Final = r"(?P<level>(?i:trace|verbose|debug|info|information|notice|warn|warning|error|severe|fatal|critical|alert|emergency|emerg|fine|finer|finest|config|all))"
"""Level word, for patterns."""


class LineLog:
    """A format whose records begin with a recognisable line."""

    position_word: Literal["record", "line"] = "line"

    def __init__(
        self, name: str, title: str, recognised_by: str, layouts: Sequence[LineLayout], extensions: Sequence[str] = (".log", ".txt")
    ) -> None:
        self.name = name
        self.title = title
        self.recognised_by = recognised_by
        self.extensions: Sequence[str] = tuple(extensions)
        self._layouts = tuple(layouts)
        patterns = [ascii_classes(layout.pattern) for layout in self._layouts]
        self._python = tuple(re.compile(pattern) for pattern in patterns)
        self._rust = tuple(f"^(?P<prefix>{unbounded(pattern)})" for pattern in patterns)
        self._behind = tuple(behind_time(layout, pattern) for layout, pattern in zip(self._layouts, patterns, strict=True))

    def sniff(self, head: bytes, name: str) -> int:
        """Score 0 to 100 by how many of the first lines begin a record of the layout that fits best."""
        del name
        return self._choose(sample_lines(head))[1]

    def _choose(self, lines: Sequence[str]) -> tuple[int, int]:
        """Number of the layout that fits best, and its score."""
        best, best_score = 0, 0
        if not lines:
            return best, best_score
        for number, (layout, pattern) in enumerate(zip(self._layouts, self._python, strict=True)):
            if layout.clue and not any(re.search(layout.clue, line[:HEAD]) for line in lines):
                continue
            hits = sum(pattern.match(line[:HEAD]) is not None for line in lines)
            if not hits:
                continue
            share = hits / len(lines)
            first = any(pattern.match(line[:HEAD]) for line in lines[:3])
            if share < 0.02 and not first:
                continue
            score = min(99, layout.score + int(10 * share) - (0 if first else 15))
            if score > best_score:
                best, best_score = number, score
        return best, best_score

    def _layout_of(self, text: TextFile) -> int:
        raw = text.bytes_at(0, 65536)
        return self._choose(sample_lines(raw))[0]

    def prepare(self, opened: Opened) -> Prepared:
        """Settle encoding and date order, and cut the file where records begin. Raises OSError."""
        with TextFile(opened) as text:
            number = self._layout_of(text)
            order = dates.DateOrder(opened.day_first, "")
            settled = blocks.settled(opened, text)
            if self._layouts[number].dates_open and opened.day_first is None:
                order = dates.decide_order(self._sample_dates(text, number))
                settled = replace(settled, day_first=order.day_first)
            return Prepared(settled, blocks.pieces(text, lambda block: self._starts(block, number)[0]), order.words, continues=True)

    def _sample_dates(self, text: TextFile, number: int) -> Iterator[str]:
        step = max(text.size // 4, blocks.BLOCK)
        for place in range(text.encoding.mark, text.size, step):
            at = place - (place - text.encoding.mark) % text.encoding.unit
            block = text.block(at, min(at + (1 << 20), text.size), 1)
            starts, _ = self._starts(block, number)
            times = block.heads(starts, HEAD).str.extract_groups(self._rust[number]).struct.field("time")
            yield from times.drop_nulls().unique().to_list()

    def _starts(self, block: Block, number: int) -> tuple[Positions, IsoTimes | None]:
        """Where records start in a block, and their times where these are found on the way; widths count from the record's start."""
        layout = self._layouts[number]
        if layout.iso is None:
            fits = block.heads(block.lines, HEAD).str.contains(self._rust[number]).fill_null(False).to_numpy()
            return block.lines[fits], None
        data = np.frombuffer(block.data, np.uint8)
        found = dates.iso_at(data, block.lines + layout.iso)
        hit = found.times.valid.copy()
        if layout.opening:
            hit &= data[np.minimum(block.lines, max(len(data) - 1, 0))] == ord(layout.opening)
        times = found.times
        chosen = Times(times.micros[hit], times.valid[hit], times.stated[hit], times.ambiguous[hit])
        return block.lines[hit], IsoTimes(chosen, found.widths[hit] + layout.iso)

    def read(self, opened: Opened, piece: FileSpan) -> Iterator[Batch | Problem | ProgressMark]:
        """Yield the records of a piece. Raises OSError."""
        with TextFile(opened) as text:
            number = self._layout_of(text)
            strays_told = False
            for block, last, again in blocks.walk(text, piece):
                if block.strays and not strays_told:
                    strays_told = True
                    yield blocks.stray_problem(opened.name, block)
                batch = self._batch(block, number, opened, last=last, again=again)
                if batch is not None:
                    yield batch
                yield ProgressMark(block.end)

    def _batch(self, block: Block, number: int, opened: Opened, *, last: bool, again: list[int]) -> Batch | None:
        starts, times = self._starts(block, number)
        leading = not len(starts) or bool(starts[0] > 0)
        if leading:
            # text in front of the first record (a banner, the rest of an event that was too long) is a row of its own
            starts = np.concatenate((np.zeros(1, np.int64), starts))
        ends = np.append(starts[1:], len(block.data))
        if not last and not block.full:
            again.append(int(starts[-1]))
            starts, ends = starts[:-1], ends[:-1]
            if times is not None:
                times = _part(times, len(starts) - leading)
        if leading and len(starts) and not block.data[: int(ends[0])].strip():
            starts, ends, leading = starts[1:], ends[1:], False
        if not len(starts):
            return None
        if times is not None and leading:
            times = _behind_one_without(times)
        return finished(self._columns(block, number, opened, starts, ends, times))

    def _columns(
        self, block: Block, number: int, opened: Opened, starts: Positions, ends: Positions, found: IsoTimes | None
    ) -> dict[str, pl.Series]:
        layout = self._layouts[number]
        if found is not None and self._behind[number]:
            begins = starts + found.widths
            groups = block.strings(begins, ends - begins).str.extract_groups(self._behind[number]).struct.unnest()
            prefix = groups["prefix"].str.len_bytes().fill_null(0).to_numpy().astype(np.int64) + found.widths
        else:
            groups = block.strings(starts, ends - starts).str.extract_groups(self._rust[number]).struct.unnest()
            prefix = groups["prefix"].str.len_bytes().fill_null(0).to_numpy().astype(np.int64)
        times = found.times if found is not None else None
        columns: dict[str, pl.Series] = place_columns(block, starts, ends)
        if times is None:
            times = _read_times(groups["time"], opened, without_year=layout.without_year) if "time" in groups.columns else None
        if times is not None and "zone" in groups.columns:
            times = _in_zones(times, groups["zone"])
        if times is not None:
            if layout.zone == "utc":
                times = replace(times, stated=times.valid)
            columns["time"], columns["time_basis"] = times.columns()
        if "level" in groups.columns:
            words = groups["level"].str.to_lowercase()
            columns["level"] = words.replace_strict(dict(layout.levels), default=0, return_dtype=pl.UInt8).fill_null(0)
        for name in COLUMNS:
            if name in groups.columns:
                columns[name] = groups[name].str.strip_chars()
        if "event_id" in groups.columns:
            columns["event_id"] = groups["event_id"].cast(pl.Int64, strict=False)
        if layout.provider and "provider" not in columns:
            columns["provider"] = pl.Series([layout.provider], dtype=pl.String).new_from_index(0, len(starts))
        columns["message"] = messages(block, np.minimum(starts + prefix, ends), ends)
        return columns

    def raw(self, opened: Opened, offset: int, length: int) -> str:
        """The record as the log holds it. Raises OSError, or ValueError when the file no longer reaches that far."""
        return raw(opened, offset, length)

    def fields(self, raw: str) -> Sequence[tuple[str, str]]:
        """The parts of a record's first line, then its message."""
        for pattern in self._python:
            found = pattern.match(raw[: HEAD * 2])
            if found:
                parts = [(name, value.strip()) for name, value in found.groupdict().items() if value]
                return [*parts, ("message", raw[found.end() :].rstrip())]
        return [("message", raw.rstrip())]


def _in_zones(times: Times, words: pl.Series) -> Times:
    """Times whose zone stands behind them as a word; a word of several meanings leaves them as they are."""
    meanings = {word: dates.zone_minutes(word) for word in words.drop_nulls().unique().to_list()}
    if not any(minutes is not None for minutes in meanings.values()):
        return times
    east = words.replace_strict(meanings, default=None, return_dtype=pl.Int64)
    known = east.is_not_null().to_numpy() & times.valid & ~times.stated
    micros = np.where(known, times.micros - east.fill_null(0).to_numpy() * 60_000_000, times.micros)
    return replace(times, micros=micros, stated=times.stated | known)


def _read_times(texts: pl.Series, opened: Opened, *, without_year: bool) -> Times:
    times = dates.read_column(texts, opened.day_first, opened.now_year)
    if not without_year:
        return times
    latest = (opened.path.stat().st_mtime + _SLACK) * 1e6
    late = times.valid & (times.micros > latest)
    if not late.any():
        return times
    before = dates.read_column(texts, opened.day_first, opened.now_year - 1)
    return replace(times, micros=np.where(late & before.valid, before.micros, times.micros))


def _part(found: IsoTimes, count: int) -> IsoTimes:
    times = found.times
    part = Times(times.micros[:count], times.valid[:count], times.stated[:count], times.ambiguous[:count])
    return IsoTimes(part, found.widths[:count])


def _behind_one_without(found: IsoTimes) -> IsoTimes:
    """The times with a row in front that has none."""
    times = found.times
    none, zero = np.zeros(1, bool), np.zeros(1, np.int64)
    longer = Times(
        np.concatenate((zero, times.micros)),
        np.concatenate((none, times.valid)),
        np.concatenate((none, times.stated)),
        np.concatenate((none, times.ambiguous)),
    )
    return IsoTimes(longer, np.concatenate((zero, found.widths)))


def raw(opened: Opened, offset: int, length: int) -> str:
    """Text of a run of the file's bytes. Raises OSError, or ValueError when the file no longer reaches that far."""
    encoding = opened.encoding
    if not encoding:
        with TextFile(opened) as text:
            encoding = text.encoding.name
    return blocks.raw_text(opened.path, offset, length, encoding)
