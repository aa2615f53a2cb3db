"""Serilog's text layouts for files and the console."""

from __future__ import annotations

from typing import Final

from inspector.formats.text.line_log import ISO, LineLayout, LineLog

_LEVEL: Final = r"(?P<level>VRB|DBG|INF|WRN|ERR|FTL|Verbose|Debug|Information|Warning|Error|Fatal)"

SERILOG: Final = LineLog(
    "serilog",
    "Serilog text",
    "lines such as 2024-05-21 10:04:58.117 +02:00 [ERR] message",
    (
        LineLayout(
            rf"(?P<time>{ISO}) \[{_LEVEL}\] (?:\[(?P<provider>[\w.]{{3,200}})\] |(?P<provider2>[A-Z][\w]*(?:\.\w+)+): )?", iso=0, score=85
        ),
        LineLayout(rf"\[(?P<time>{ISO}) {_LEVEL}\] (?:(?P<provider>[A-Z]\w*(?:\.\w+)+)\n)?", iso=1, opening="[", score=85),
        LineLayout(rf"\[(?P<time>\d\d:\d\d:\d\d(?:\.\d+)?) {_LEVEL}\] (?:(?P<provider>[A-Z]\w*(?:\.\w+)+): )?", score=85),
    ),
)
