"""NLog's default layout: long date, level, logger and message between bars."""

from __future__ import annotations

from typing import Final

from inspector.formats.text.line_log import ISO, LEVEL, LineLayout, LineLog

NLOG: Final = LineLog(
    "nlog",
    "NLog",
    "lines such as 2024-05-21 10:04:58.1170|INFO|Some.Logger|message",
    (
        LineLayout(rf"(?P<time>{ISO})\|{LEVEL}\|(?P<provider>[^|\n]{{0,200}})\|", iso=0, score=82),
        LineLayout(
            rf"(?P<time>{ISO}) ?\| ?{LEVEL} *\| ?(?P<task>[^|\n]{{0,60}}) ?\| ?(?P<provider>[^|\n]{{0,200}}) ?\| ?", iso=0, score=80
        ),
    ),
)
