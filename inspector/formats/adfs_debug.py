"""AD FS debug text: the files in the folder ADFS/logs of AD FS 1.x, its web agents and proxies (cc738766)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from inspector.events import Level
from inspector.formats.text.line_log import LineLayout, LineLog

_LEVELS: Final[Mapping[str, Level]] = {
    "error": Level.ERROR,
    "warning": Level.WARNING,
    "info": Level.INFORMATION,
    "eventlog": Level.INFORMATION,
    "verbose": Level.VERBOSE,
}
"""Tags of the lines; EVENTLOG marks what also went to the event log, of whatever level."""

ADFS_DEBUG: Final = LineLog(
    "adfs-debug",
    "AD FS debug log",
    "lines such as 2024-05-21T10:04:58 [VERBOSE] message, with the tags INFO, VERBOSE, WARNING, ERROR and EVENTLOG",
    (
        LineLayout(
            r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d) \[(?P<level>(?i:error|warning|info|eventlog|verbose))\] ",
            iso=0,
            levels=_LEVELS,
            score=88,
            provider="AD FS",
            clue=r"\] .*(?:ADFS|SAML|[Tt]oken|VerifyCert|KeyInfo|[Tt]rust|\bFS\b|GetTrustedRealm|ClaimMapping)|\[(?:VERBOSE|EVENTLOG)\]",
        ),
    ),
)
