"""Web servers' access logs: common and combined log format, with Tomcat's and Atlassian's variants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from inspector.events import Level, Problem
from inspector.formats.base import Batch, FileSpan, Opened, ProgressMark
from inspector.formats.text.line_log import LineLayout, LineLog

_TIME: Final = r"\[(?P<time>\d{1,2}/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?: [+-]\d{4})?)\]"


class AccessLog(LineLog):
    """Access logs: the status of the reply gives the level."""

    def read(self, opened: Opened, piece: FileSpan) -> Iterator[Batch | Problem | ProgressMark]:
        """Yield the requests of a piece. Raises OSError."""
        for part in super().read(opened, piece):
            yield Batch(_with_level(part.frame)) if isinstance(part, Batch) else part


def _with_level(frame: pl.DataFrame) -> pl.DataFrame:
    status = pl.col("message").str.extract(r'(?:"|HTTP/[\d.]+) ([1-5]\d\d)(?: |$)', 1).cast(pl.Int64, strict=False)
    level = (
        pl.when(status >= 500)
        .then(int(Level.ERROR))
        .when(status >= 400)
        .then(int(Level.WARNING))
        .when(status.is_not_null())
        .then(int(Level.INFORMATION))
    )
    return frame.with_columns(level.otherwise(0).cast(pl.UInt8).alias("level"), status.alias("event_id"))


ACCESS_LOG: Final = AccessLog(
    "access-log",
    "Web server access log",
    'lines such as 10.0.0.7 - anna [21/May/2024:10:04:58 +0200] "GET / HTTP/1.1" 200 134',
    (
        LineLayout(rf"(?P<computer>[\w.:-]{{2,255}}) (?P<identity>\S+) (?P<user>\S+) {_TIME} ", score=86, provider="access"),
        LineLayout(rf"{_TIME} ", score=70, provider="access"),
    ),
    (".log", ".txt"),
)
