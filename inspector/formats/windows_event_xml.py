"""Windows events as XML: Event Viewer's export, wevtutil's rootless output, RenderedXml with the text of the machine that wrote it."""

from __future__ import annotations

from typing import Final

from lxml import etree

from inspector.formats.text import event_xml
from inspector.formats.text.rows import Row
from inspector.formats.text.xml_records import XmlRecords


def _row(root: etree._Element, text: str) -> Row:
    del text
    return event_xml.row_of(root)


WINDOWS_EVENT_XML: Final = XmlRecords(
    "windows-event-xml",
    "Windows events as XML",
    "Event elements with a System block, with or without a root around them",
    (".xml", ".txt", ".log"),
    start=rb"<(Event)(?:\s[^<>]{0,400})?>\s*<System[\s>]",
    tags=(b"Event",),
    read_row=_row,
)
