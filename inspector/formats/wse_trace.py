"""WSE's own traces (InputTrace.webinfo, OutputTrace.webinfo): every message with the steps of its processing."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from inspector.events import Level
from inspector.formats.text.event_xml import local_name
from inspector.formats.text.rows import Row
from inspector.formats.text.xml_records import XmlRecords

_STEP: Final = re.compile(r"<processingStep\b[^>]{0,2000}?(?:/>|>(?P<body>.*?)</processingStep>)", re.DOTALL)
_DESCRIPTION: Final = re.compile(r"""description=(?:"([^"]*)"|'([^']*)')""")
_FAULT: Final = re.compile(r"<(?:[\w.-]{1,40}:)?Fault[\s>]|[Ee]xception")


def _row(root: etree._Element, text: str) -> Row:
    outgoing = local_name(root) == "outputMessage"
    row = Row(provider="Microsoft WSE", task="output message" if outgoing else "input message")
    when = str(root.get("utc") or "")
    row.when = f"{when}Z" if when[:4].isdigit() and not when.endswith("Z") else f"{when} UTC" if when else ""
    row.activity = str(root.get("messageId") or "").lower()
    row.level = Level.ERROR if _FAULT.search(text) else Level.INFORMATION
    parts = [f"{'Outgoing' if outgoing else 'Incoming'} message {root.get('messageId') or ''}".strip()]
    for step in _STEP.finditer(text):
        named = _DESCRIPTION.search(step[0][:2000])
        parts.append((named[1] or named[2] or "") if named else "step")
        body = (step["body"] or "").strip()
        if body:
            parts.append(body)
    if len(parts) == 1:
        parts.append(text)
    row.message = "\n".join(parts)
    return row


WSE_TRACE: Final = XmlRecords(
    "wse-trace",
    "WSE message trace (.webinfo)",
    "inputMessage and outputMessage elements with processingStep",
    (".webinfo", ".xml"),
    start=rb"<(inputMessage|outputMessage)(?=[\s>])",
    tags=(b"inputMessage", b"outputMessage"),
    read_row=_row,
    score=90,
)
