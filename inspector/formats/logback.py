"""Java loggers in their usual layouts: Spring Boot, log4j, logback, WSO2 Carbon."""

from __future__ import annotations

from typing import Final

from inspector.formats.text.line_log import ISO, LEVEL, LineLayout, LineLog

_LOGGER: Final = r"(?P<provider>[\w.$\[\]/<>-]+)"

LOGBACK: Final = LineLog(
    "logback",
    "log4j, logback, Spring Boot",
    "lines such as 2024-05-21 10:04:58.117  INFO 4711 --- [main] com.example.Logger : message",
    (
        LineLayout(rf"(?P<time>{ISO}) +{LEVEL} (?:\[(?P<activity>[^\]\n]{{0,120}})\] )?(?P<pid>\d+) --- (?:\[(?P<application>[^\]\n]{{0,80}})\] )?\[(?P<task>[^\]\n]{{0,120}})\] (?:\[[^\]\n]{{0,80}}\] )?{_LOGGER} +: ", iso=0, score=88),
        LineLayout(rf"TID: ?\[(?P<tenant>[^\]\n]{{0,20}})\] (?:\[[^\]\n]{{0,60}}\] ){{0,2}}\[(?P<time>{ISO})\] (?:\[(?P<activity>[^\]\n]{{0,80}})\] )?(?:\[[^\]\n]{{0,60}}\] )?{LEVEL} +\{{(?P<provider>[^}}\n]{{1,200}})\}} ?-? *", score=92),
        LineLayout(rf"\[(?P<time>{ISO})\] +{LEVEL} +\{{(?P<provider>[^}}\n]{{1,200}})\}} ?-? *", iso=1, opening="[", score=86),
        LineLayout(rf"\[(?P<time>{ISO})\] +\[(?P<task>[^\]\n]{{0,120}})\] +{LEVEL} +{_LOGGER} +[-:] ", iso=1, opening="[", score=78),
        LineLayout(rf"\[(?P<time>{ISO})\]\[{LEVEL} *\]\[(?P<provider>[^\]\n]{{1,120}})\] *(?:\[(?P<computer>[^\]\n]{{1,80}})\])? *", iso=1, opening="[", score=80),
        LineLayout(rf"(?P<time>{ISO}) \[(?P<task>[^\]\n]{{0,120}})\] \[(?P<activity>[^\]\n]{{0,120}})\] {LEVEL} +{_LOGGER} +[-:] ", iso=0, score=79),
        LineLayout(rf"(?P<time>{ISO}) +{LEVEL} +\[(?P<task>[^\]\n]{{0,120}})\] +(?:\[(?P<activity>[^\]\n]{{0,120}})\] +)?{_LOGGER}(?: *[-:])? ", iso=0, score=75),
        LineLayout(rf"(?P<time>{ISO}) \[(?P<task>[^\]\n]{{0,120}})\] {LEVEL} +{_LOGGER} +[-:] ", iso=0, score=77),
        LineLayout(rf"(?P<time>{ISO}) +{LEVEL} +{_LOGGER}(?::\d+)? +- ", iso=0, score=72),
        LineLayout(rf"(?P<time>\d\d:\d\d:\d\d[.,]\d{{3}}) \[(?P<task>[^\]\n]{{0,120}})\] {LEVEL} +{_LOGGER} +- ", score=76),
    ),
)  # fmt: skip
