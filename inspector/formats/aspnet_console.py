"""The console of ASP.NET Core: level and category[event], the message indented below."""

from __future__ import annotations

from typing import Final

from inspector.formats.text.line_log import LineLayout, LineLog

_ENTRY: Final = r"(?:\x1b\[[0-9;]*m)*(?P<level>trce|dbug|info|warn|fail|crit)(?:\x1b\[[0-9;]*m)*: (?P<time>(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d[^ ]* )?(?P<provider>[A-Za-z_][\w.`+<>-]*)\[(?P<event_id>-?\d+)\]\s*"

ASPNET_CONSOLE: Final = LineLog(
    "aspnet-console",
    "ASP.NET Core console",
    "lines such as fail: Microsoft.AspNetCore.Server.Kestrel[13] with the message indented below",
    (
        LineLayout(_ENTRY, score=88),
        LineLayout(r"(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?):? +" + _ENTRY.replace("P<time>", "P<inner>"), iso=0, score=92),
    ),
)  # fmt: skip
