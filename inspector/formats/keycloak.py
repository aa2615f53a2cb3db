"""JBoss, WildFly, Quarkus and Keycloak: date, level, [logger], (thread), message, Keycloak's events as key=value."""

from __future__ import annotations

from typing import Final

from inspector.formats.text.line_log import ISO, LEVEL, LineLayout, LineLog

_REST: Final = rf"{LEVEL} +\[(?P<provider>[^\]\n]{{1,160}})\] \((?P<task>[^)\n]{{1,160}})\) "

KEYCLOAK: Final = LineLog(
    "keycloak",
    "Keycloak, WildFly, Quarkus",
    "lines such as 2024-05-21 10:04:58,117 WARN  [org.keycloak.events] (executor-thread-1) type=LOGIN_ERROR",
    (
        LineLayout(rf"(?P<time>{ISO}) +{_REST}", iso=0, score=86),
        LineLayout(rf"(?:\x1b\[[0-9;]*m)*(?P<time>\d\d:\d\d:\d\d,\d{{3}}) +{_REST}", score=84),
    ),
)
