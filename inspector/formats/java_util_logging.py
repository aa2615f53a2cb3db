"""java.util.logging as Tomcat and plain Java write it."""

from __future__ import annotations

from typing import Final

from inspector.formats.text.line_log import LineLayout, LineLog

_LEVEL: Final = r"(?P<level>SEVERE|WARNING|INFO|CONFIG|FINE|FINER|FINEST)"

JAVA_UTIL_LOGGING: Final = LineLog(
    "java-util-logging",
    "java.util.logging, Tomcat",
    "lines such as 21-May-2024 10:04:58.117 SEVERE [main] org.apache.Logger.method message",
    (
        LineLayout(rf"(?P<time>\d{{1,2}}-[A-Z][a-z]{{2}}-\d{{4}} \d\d:\d\d:\d\d(?:\.\d+)?) {_LEVEL} \[(?P<task>[^\]\n]{{0,160}})\] (?P<provider>[\w.$<>]+) ", score=92),
        LineLayout(r"(?P<time>[A-Z][a-z]{2} \d{1,2}, \d{4},? \d{1,2}:\d\d:\d\d[ \x{202f}][AP]M) (?P<provider>[\w.$]+)(?: (?P<task>[\w<>$]+))?[ \t]*(?:\r?\n|$)(?:(?P<level>SEVERE|WARNING|INFO|CONFIG|FINE|FINER|FINEST): )?".replace(r"\x{202f}", "\u202f"), score=86),
    ),
    (".log", ".txt", ".out"),
)  # fmt: skip
