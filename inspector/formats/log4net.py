"""log4net's usual layout: date, [thread], level, logger, optional [NDC], dash, message."""

from __future__ import annotations

from typing import Final

from inspector.formats.text.line_log import ISO, LEVEL, LineLayout, LineLog

LOG4NET: Final = LineLog(
    "log4net",
    "log4net",
    "lines such as 2024-05-21 10:04:58,117 [12] INFO  Some.Logger - message",
    (
        LineLayout(
            rf"(?P<time>{ISO}) \[(?P<task>[^\]\n]{{1,80}})\] {LEVEL} +(?P<provider>[^\s\[\]]+) (?:\[(?P<activity>[^\]\n]{{0,120}})\] )?- ",
            iso=0,
            score=80,
        ),
        LineLayout(rf"(?P<time>{ISO}) +{LEVEL} +\[(?P<task>[^\]\n]{{1,80}})\] +(?P<provider>[\w.$+`<>]+) +[-–:] ", iso=0, score=76),
        LineLayout(
            rf"(?P<time>{ISO}) \[(?P<computer>[^\]\n]{{1,64}})\]\[D:\d+\]\[T:(?P<task>\d+)\]\[{LEVEL}\] (?P<provider>[\w.$+`<>]+) - ",
            iso=0,
            score=82,
        ),
    ),
)
