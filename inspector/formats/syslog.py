"""Syslog: RFC 5424, RFC 3164 as daemons write it to files, and rsyslog's lines with ISO dates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from inspector.events import Problem
from inspector.formats.base import Batch, FileSpan, Opened, ProgressMark
from inspector.formats.text.line_log import ISO, SEVERITIES, LineLayout, LineLog

_HOST: Final = r"(?P<computer>[\w.:%-]{1,255})"
_TAG: Final = r"(?P<provider>[\w./@() -]{1,80}?)(?:\[(?P<pid>[\w.-]{1,20})\])?:(?: |$)"


class Syslog(LineLog):
    """Syslog's levels hide in the priority in front, where there is one."""

    def read(self, opened: Opened, piece: FileSpan) -> Iterator[Batch | Problem | ProgressMark]:
        """Yield the messages of a piece. Raises OSError."""
        for part in super().read(opened, piece):
            yield Batch(_with_severity(part.frame)) if isinstance(part, Batch) else part


def _with_severity(frame: pl.DataFrame) -> pl.DataFrame:
    if "keywords" not in frame.columns:
        return frame
    severity = pl.col("keywords").cast(pl.Int64, strict=False) % 8
    table = {number: int(level) for number, level in enumerate(SEVERITIES)}
    return frame.with_columns(
        severity.replace_strict(table, default=0, return_dtype=pl.UInt8).fill_null(0).alias("level"),
        pl.when(pl.col("keywords").is_not_null()).then(pl.concat_str(pl.lit("priority "), pl.col("keywords"))).alias("keywords"),
    )


SYSLOG: Final = Syslog(
    "syslog",
    "Syslog",
    "lines such as <34>1 2024-05-21T10:04:58Z host app 4711 ID47 - message or May 21 10:04:58 host app[4711]: message",
    (
        LineLayout(rf"<(?P<keywords>\d{{1,3}})>1 (?P<time>-|{ISO}) (?:-|(?P<computer>\S{{1,255}})) (?:-|(?P<provider>\S{{1,48}})) (?:-|(?P<pid>\S{{1,128}})) (?:-|(?P<task>\S{{1,32}})) (?:-|(?P<data>(?:\[(?:[^\]\\\n]|\\[^\n])*\])+))(?: \x{{feff}}?|$)".replace(r"\x{feff}", "\ufeff"), score=94),
        LineLayout(rf"(?:<(?P<keywords>\d{{1,3}})>)?(?P<time>[A-Z][a-z]{{2}} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{{1,9}})?) {_HOST} {_TAG}", score=80, without_year=True),
        LineLayout(rf"(?:<(?P<keywords>\d{{1,3}})>)?(?P<time>[A-Z][a-z]{{2}} [ \d]\d (?:\d{{4}} )?\d\d:\d\d:\d\d(?:\.\d{{1,9}})?)(?: {_HOST})?:? ", score=66, without_year=True),
        LineLayout(rf"(?P<time>\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{{1,9}})?(?:Z|[+-]\d\d:\d\d)) {_HOST} (?P<provider>[\w./-]{{1,80}})\[(?P<pid>\d+)\]: ", iso=0, score=80),
    ),
    (".log", ".txt", ".syslog"),
)  # fmt: skip
