"""WebSphere Application Server and Liberty: SystemOut.log, messages.log and the bracketed console."""

from __future__ import annotations

from typing import Final

from inspector.events import Level
from inspector.formats.text.line_log import LineLayout, LineLog

_LEVELS: Final = {
    "f": Level.CRITICAL, "e": Level.ERROR, "w": Level.WARNING, "a": Level.INFORMATION, "i": Level.INFORMATION, "o": Level.INFORMATION, "c": Level.INFORMATION,
    "r": Level.ERROR, "d": Level.VERBOSE, "1": Level.VERBOSE, "2": Level.VERBOSE, "3": Level.VERBOSE, ">": Level.VERBOSE, "<": Level.VERBOSE,
    "audit": Level.INFORMATION, "info": Level.INFORMATION, "warning": Level.WARNING, "error": Level.ERROR, "fatal": Level.CRITICAL, "err": Level.ERROR,
}  # fmt: skip

WEBSPHERE: Final = LineLog(
    "websphere",
    "WebSphere, Liberty",
    "lines such as [5/21/24 10:04:58:117 CEST] 0000004a Component  E   CWWSS5514E: message",
    (
        LineLayout(
            r"\[(?P<time>\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4},? \d{1,2}:\d\d:\d\d:\d{3}(?: [AaPp][Mm])? [A-Z]{2,5}(?:[+-]\d\d:?\d\d)?)\] (?P<task>[0-9a-fA-F]{8}) (?:id=(?P<activity>\w*) )?(?P<provider>\S{1,120}) +(?P<level>[FEWAIOCRD123><]) +",
            levels=_LEVELS, score=95, dates_open=True,
        ),
        LineLayout(r"\[(?P<level>AUDIT|INFO|WARNING|ERROR|FATAL|err) *\] ", levels=_LEVELS, score=84),
    ),
)  # fmt: skip
