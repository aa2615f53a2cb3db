"""Any log whose records begin with a date, when no better known layout fits: level found by its word, all other lines folded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from inspector.events import Problem
from inspector.formats.base import Batch, FileSpan, Opened, ProgressMark
from inspector.formats.text.line_log import ISO, LEVEL_WORDS, LineLayout, LineLog

_NUMERIC: Final = r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4},?[ T]+\d{1,2}[:.]\d\d[:.]\d\d(?:[.,:]\d{1,9})?(?: ?[AaPp]\.? ?[Mm]\b\.?)?"
_NAMED: Final = r"(?:[A-Z][a-z]{2},? )?(?:\d{1,2}[ -][A-Z][a-z]{2}[ -]\d{4},? \d{1,2}:\d\d:\d\d(?:[.,]\d+)?|[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d(?:\.\d+)?(?: [A-Z]{3,4})? \d{4}|[A-Z][a-z]{2} \d{1,2}, \d{4},? \d{1,2}:\d\d:\d\d(?: [AP]M)?)(?: (?:GMT|UTC|[+-]\d{4}))?"
_ZONE: Final = r"(?:UTC|GMT|CEST|CET|MESZ|MEZ|WEST|WET|EEST|EET|MSK|JST|[ECMP][SD]T|BST|IST|AKST|HST)\b"
_LEVEL: Final = r"(?i)^\W{0,20}(?:[\w.\[\]#:-]{1,40}\s+){0,2}?\W{0,8}(?:[\w.-]{1,40}:)?\b(trace|verbose|debug|info|information|informational|notice|warn|warning|error|err|severe|fatal|critical)\b[\]:|> \t)-]"
_UPPER: Final = r"^.{0,160}?\b(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|FATAL|CRITICAL|CRIT)\b"


class Timestamped(LineLog):
    """Records that begin with a date and say the rest in a way of their own."""

    def read(self, opened: Opened, piece: FileSpan) -> Iterator[Batch | Problem | ProgressMark]:
        """Yield the records of a piece. Raises OSError."""
        for part in super().read(opened, piece):
            yield Batch(part.frame.with_columns(_level())) if isinstance(part, Batch) else part


def _level() -> pl.Expr:
    head = pl.col("message").str.slice(0, 240)
    word = pl.coalesce(head.str.extract(_LEVEL, 1), head.str.extract(_UPPER, 1)).str.to_lowercase()
    return word.replace_strict(dict(LEVEL_WORDS), default=0, return_dtype=pl.UInt8).fill_null(0).alias("level")


TIMESTAMPED: Final = Timestamped(
    "timestamped",
    "Log with a date at the start of each record",
    "lines that begin with a date and time",
    (
        LineLayout(rf"(?P<time>{ISO})(?: (?P<zone>{_ZONE}))?[\]:|,;]?[ \t]*", iso=0, score=42),
        LineLayout(rf"\[(?P<time>{ISO})[\])>]?:?[ \t]*", iso=1, opening="[", score=42),
        LineLayout(rf"[ \t]{{1,12}}(?P<time>{ISO})(?: (?P<zone>{_ZONE}))?[\]:|,;]?[ \t]*", score=41),
        LineLayout(rf"[(<](?P<time>{ISO})[\])>]?:?[ \t]*", score=42),
        LineLayout(rf"[\[(<]?(?P<time>{_NUMERIC})[\])>]?[:|,;]?[ \t]*", score=40, dates_open=True),
        LineLayout(rf"[\[(<]?(?P<time>{_NAMED})[\])>]?[:|,;]?[ \t]*", score=40),
        LineLayout(r"(?P<time>\d{8}T\d{6}(?:\.\d+)?Z|\d{8}[ -]\d\d:?\d\d:?\d\d(?:[.,]\d+)?)[ \t|,;:]+", score=34),
        LineLayout(r"(?P<time>1[0-9]{9}(?:\.\d{1,9})?|1[0-9]{12})[ \t|,;:]+", score=30),
    ),
)
