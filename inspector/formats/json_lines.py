"""One JSON object a line: Winlogbeat and ECS, NXLog, Mordor, Serilog CLEF, bunyan, pino, docker, or any other."""

from __future__ import annotations

from typing import Final

from inspector.formats.text import json_text
from inspector.formats.text.json_log import JsonLog


def _recognise(text: str) -> int:
    if not text.startswith("{"):
        return 0
    lines = [line.strip().rstrip(",") for line in text.split("\n")[:40]]
    lines = [line for line in lines if line]
    whole = 0
    for line in lines[:-1] or lines:
        try:
            value, end = json_text.decode(line)
        except ValueError:
            continue
        whole += isinstance(value, dict) and not line[end:].strip()
    tried = max(len(lines) - 1, 1)
    if whole == 0:
        # a single line longer than what is looked at
        return 55 if len(lines) == 1 and len(text) > 60000 and lines[0].startswith('{"') else 0
    return 88 if whole >= 0.8 * tried else 62 if whole >= 0.3 * tried else 0


JSON_LINES: Final = JsonLog(
    "json-lines",
    "JSON lines",
    "a JSON object on every line",
    (".jsonl", ".ndjson", ".json", ".clef", ".log"),
    lines=True,
    recognise=_recognise,
)
