"""Text of .NET's trace listeners: source, event type, event ID; what traceOutputOptions adds follows, indented."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from inspector import dates
from inspector.events import Level, Problem
from inspector.formats.base import Batch, FileSpan, Opened, ProgressMark
from inspector.formats.text.line_log import LineLayout, LineLog

_TYPES: Final[Mapping[str, Level]] = {
    "critical": Level.CRITICAL,
    "error": Level.ERROR,
    "warning": Level.WARNING,
    "information": Level.INFORMATION,
    "verbose": Level.VERBOSE,
    "start": Level.INFORMATION,
    "stop": Level.INFORMATION,
    "suspend": Level.INFORMATION,
    "resume": Level.INFORMATION,
    "transfer": Level.INFORMATION,
}
"""TraceEventType in lower case."""
_TIME: Final = r"\n[ \t]*DateTime=(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z?)"
"""When the event was traced: UTC by TraceEventCache's definition."""


class DotnetTrace(LineLog):
    """The time, where it was asked for, stands behind the message."""

    def read(self, opened: Opened, piece: FileSpan) -> Iterator[Batch | Problem | ProgressMark]:
        """Yield the events of a piece. Raises OSError."""
        for part in super().read(opened, piece):
            yield Batch(_with_time(part.frame)) if isinstance(part, Batch) else part


def _with_time(frame: pl.DataFrame) -> pl.DataFrame:
    found = dates.read_column(frame["message"].str.extract(_TIME, 1))
    time, basis = dates.Times(found.micros, found.valid, found.valid.copy(), found.ambiguous).columns()
    return frame.with_columns(time.alias("time"), basis.alias("time_basis"))


DOTNET_TRACE: Final = DotnetTrace(
    "dotnet-trace",
    ".NET trace listener text",
    "lines such as Microsoft.IdentityModel Error: 0 : message, with indented ProcessId=, ThreadId=, DateTime= below",
    (
        LineLayout(
            r"(?P<provider>[A-Za-z_][\w.+-]{1,120}) (?P<level>Critical|Error|Warning|Information|Verbose|Start|Stop|Suspend|Resume|Transfer): (?P<event_id>-?\d{1,10}) : ?",
            levels=_TYPES,
            score=84,
        ),
    ),
)
