"""JSON objects in an array or one after the other over several lines, such as ConvertTo-Json makes of Get-WinEvent."""

from __future__ import annotations

import re
from typing import Final

from inspector.formats.text.json_log import JsonLog, first_object

_WRAPPED: Final = re.compile(r'\A\{\s*"(?:value|Value|events|Events|records|hits|logs|items|data)"\s*:\s*\[')
_OPENING: Final = re.compile(r'\A(?:\[\s*(?:\{\s*"|\]|\Z)|\{\s*"[^"\n]{1,200}"\s*:)')


def _recognise(text: str) -> int:
    if not _OPENING.match(text):
        return 0
    if text.startswith("["):
        return 82
    if _WRAPPED.match(text):
        return 80
    return 60 if first_object(text) is not None or "\n" in text else 45


JSON_ARRAY: Final = JsonLog(
    "json",
    "JSON array or document",
    "JSON objects in an array, or over several lines each",
    (".json",),
    lines=False,
    member=r'\A\s*(?:\[|\{\s*"(?:value|Value|events|Events|records|hits|logs|items|data)"\s*:\s*\[)|\A',
    recognise=_recognise,
)
