"""WebLogic's server log, its console, and Oracle's diagnostic log (ODL)."""

from __future__ import annotations

from typing import Final

from inspector.events import Level
from inspector.formats.text.line_log import LEVEL_WORDS, LineLayout, LineLog

_LEVELS: Final = {
    **LEVEL_WORDS,
    "notification": Level.INFORMATION,
    "incident_error": Level.CRITICAL,
    "internal": Level.ERROR,
    "unknown": Level.UNKNOWN,
}
_TIME: Final = r"(?P<time>[^<>\n]{10,60}?)"

WEBLOGIC: Final = LineLog(
    "weblogic",
    "WebLogic, Oracle ODL",
    "lines such as ####<May 21, 2024 10:04:58 AM CEST> <Error> <Security> ... or [2024-05-21T10:04:58.117+02:00] [server] [ERROR] ...",
    (
        LineLayout(rf"####<{_TIME}> <(?P<level>\w+)> <(?P<provider>[^<>\n]{{0,120}})> <(?P<computer>[^<>\n]{{0,120}})> <(?P<channel>[^<>\n]{{0,120}})> <(?P<task>(?:\[[^\]\n]*\][^<>\n]*|[^\n]{{0,200}}?))> <<?(?P<user>[^<>\n]{{0,120}})>?> <(?P<transaction>[^<>\n]{{0,120}})> <(?P<activity>[^<>\n]{{0,160}})> <\d*> (?:<(?:\[[^\]\n]*\] ?)*> )?<(?P<keywords>BEA-\d+|[^<>\n]{{0,40}})> ", levels=_LEVELS, score=96),
        LineLayout(r"\[(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))\] \[(?P<computer>[^\]\n]{0,120})\] \[(?P<level>[A-Z_]+)(?::\d+)?\] \[(?P<keywords>[^\]\n]{0,60})\] \[(?P<provider>[^\]\n]{0,160})\] (?:\[tid: (?P<task>(?:\[[^\]\n]*\])?[^\]\n]{0,160})\] )?(?:\[userId: (?P<user>[^\]\n]{0,120})\] )?(?:\[ecid: (?P<activity>[^\]\n]{0,160})\] )?(?:\[[A-Za-z_.]+: ?[^\]\n]{0,160}\] )*", iso=1, opening="[", levels=_LEVELS, score=93),
        LineLayout(rf"<{_TIME}> <(?P<level>Trace|Debug|Info|Notice|Warning|Error|Critical|Alert|Emergency)> <(?P<provider>[^<>\n]{{0,120}})> <(?P<keywords>[A-Z]{{2,6}}-\d+)> ", levels=_LEVELS, score=94),
    ),
)  # fmt: skip
