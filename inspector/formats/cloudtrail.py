"""AWS CloudTrail: a document with the member Records."""

from __future__ import annotations

import re
from typing import Final

from inspector.formats.text.json_log import JsonLog

_RECORDS: Final = r'"Records"\s*:\s*\['
_TRAIL: Final = re.compile(r'"(?:eventSource|eventVersion|userIdentity|awsRegion)"\s*:')


def _recognise(text: str) -> int:
    if text.startswith("{") and re.match(r"\{\s*" + _RECORDS, text):
        return 95 if len(_TRAIL.findall(text[:20000])) >= 2 else 70
    return 0


CLOUDTRAIL: Final = JsonLog(
    "cloudtrail",
    "AWS CloudTrail",
    "a JSON document with Records that name eventSource and eventName",
    (".json",),
    lines=False,
    member=_RECORDS,
    recognise=_recognise,
)
