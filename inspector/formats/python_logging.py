"""Python's logging in its usual formats, gunicorn's and Django's among them."""

from __future__ import annotations

from typing import Final

from inspector.formats.text.line_log import ISO, LEVEL, LineLayout, LineLog

_WORD: Final = r"(?P<level>DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|FATAL)"

PYTHON_LOGGING: Final = LineLog(
    "python-logging",
    "Python logging",
    "lines such as 2024-05-21 10:04:58,117 - some.logger - ERROR - message or ERROR:some.logger:message",
    (
        LineLayout(rf"(?P<time>{ISO}) - (?P<provider>[\w.<>-]{{1,160}}) - {LEVEL} - ", iso=0, score=84),
        LineLayout(rf"(?P<time>{ISO}) \| {LEVEL} *\| (?P<provider>[\w.:<>]+) - ", iso=0, score=86),
        LineLayout(rf"(?P<time>{ISO}) - {LEVEL} - ", iso=0, score=76),
        LineLayout(rf"(?P<time>{ISO}) {_WORD} +(?P<provider>[\w.]+)(?::(?P<line>\d+))?: ", iso=0, score=74),
        LineLayout(rf"(?P<time>{ISO}) {_WORD}:? +", iso=0, score=58),
        LineLayout(rf"(?P<time>{ISO}):{_WORD}:(?:(?P<provider>[\w.]+):)?", iso=0, score=72),
        LineLayout(rf"\[(?P<time>{ISO})\] \[(?P<pid>\d+)\] \[{LEVEL}\] ", iso=1, opening="[", score=82),
        LineLayout(
            rf"\[(?P<time>{ISO})(?: [A-Z]{{3,5}})?\]:? \[?{LEVEL}\]?:? *(?:\[(?P<provider>[^\]\n]{{1,160}})\])?:? *",
            iso=1,
            opening="[",
            score=66,
        ),
        LineLayout(rf"{_WORD} (?P<time>{ISO}) (?P<provider>[\w.]+) (?P<pid>\d+) (?P<task>\d+) ", score=82),
        LineLayout(rf"(?P<task>\w+)::{_WORD}::(?P<time>{ISO})::(?P<provider>[\w.]+)::", score=82),
        LineLayout(rf"{_WORD}:(?P<provider>[A-Za-z_][\w.]*):", score=70),
    ),
)
