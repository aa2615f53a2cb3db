"""Windows event XML (MS-EVEN6 2.2.14): its named data out of one event's text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lxml import etree

from inspector.events import Level, MessageFrom
from inspector.formats.message_templates import message_for
from inspector.formats.text.event_labels import level_of
from inspector.formats.text.rows import Row, guid, name_values, number_or_none

_LARGEST: Final = 16 << 20


def parser() -> etree.XMLParser:
    """A parser that loads nothing, expands nothing and reaches nowhere."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True)


def element(xml: str) -> etree._Element | None:
    """The root element; None when the text is no well-formed XML (or declares a document type)."""
    if len(xml) > _LARGEST or "<!DOCTYPE" in xml[:4096].upper():
        return None
    try:
        return etree.fromstring(xml.strip().encode("utf-8", "replace"), parser())
    except (etree.XMLSyntaxError, ValueError):
        return None


def local_name(node: etree._Element) -> str:
    """Tag without namespace; empty for what is no element."""
    tag: object = node.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def text_of(node: etree._Element) -> str:
    """All text below an element."""
    return "".join(str(part) for part in node.itertext())


def data_of(root: etree._Element) -> list[tuple[str, str]]:
    """Name and value of everything in EventData and UserData, in order; unnamed data are numbered."""
    found: list[tuple[str, str]] = []
    for section in root:
        kind = local_name(section)
        if kind == "EventData":
            for number, node in enumerate(section):
                name = str(node.get("Name") or (f"Data {number + 1}" if local_name(node) == "Data" else local_name(node)))
                found.append((name, text_of(node)))
        elif kind in ("UserData", "ProcessingErrorData", "DebugData"):
            leaves = (node for node in section.iter() if not len(node) and local_name(node) and node is not section)
            found.extend((local_name(node), str(node.text or "")) for node in leaves)
    return found


def data_lines(xml: str) -> list[tuple[str, str]] | None:
    """Name and value pairs of an event's data out of its XML; None when that is not well-formed."""
    root = element(xml)
    return None if root is None else data_of(root)


LEVELS: Final[Mapping[str, Level]] = {
    "1": Level.CRITICAL,
    "2": Level.ERROR,
    "3": Level.WARNING,
    "4": Level.INFORMATION,
    "0": Level.INFORMATION,
    "5": Level.VERBOSE,
}
"""Level numbers of the System block (MS-EVEN6 2.2.1); 0 is what audits and classic sources write."""

AUDIT_FAILURE: Final = 0x10000000000000
AUDIT_SUCCESS: Final = 0x20000000000000
"""Keyword bits of audits (winmeta.xml)."""


def keyword_level(keywords: str, level: Level) -> Level:
    """The audit that a keyword mask states, else the level."""
    mask = number_of_mask(keywords)
    if mask & AUDIT_FAILURE:
        return Level.AUDIT_FAILURE
    return Level.AUDIT_SUCCESS if mask & AUDIT_SUCCESS else level


def number_of_mask(text: str) -> int:
    """A keyword mask as a number; 0 for none."""
    try:
        return int(text.strip(), 16)
    except ValueError:
        return 0


def row_of(root: etree._Element) -> Row:
    """One event out of its XML element: columns from System, text from RenderingInfo, our template, or the data."""
    row = Row()
    rendered = ""
    for section in root:
        kind = local_name(section)
        if kind == "System":
            _read_system(section, row)
        elif kind == "RenderingInfo":
            rendered = _read_rendering(section, row)
    row.fields = data_of(root)
    data = name_values(row.fields)
    template = None if rendered else message_for(row.provider, row.event_id, row.fields)
    if rendered:
        row.message_from = MessageFrom.RENDERING_INFO
    else:
        row.message_from = MessageFrom.TEMPLATE if template else MessageFrom.EVENT_DATA
    text = rendered or template or ""
    row.message = f"{text}\n\n{data}" if text and data else text or data
    return row


def _read_system(system: etree._Element, row: Row) -> None:
    keywords = ""
    for node in system:
        kind = local_name(node)
        text = (node.text or "").strip()
        if kind == "Provider":
            row.provider = str(node.get("Name") or node.get("EventSourceName") or node.get("Guid") or "")
        elif kind == "EventID":
            row.event_id = number_or_none(text)
        elif kind == "Level":
            row.level = LEVELS.get(text, Level.UNKNOWN)
        elif kind == "Task":
            row.task = "" if text == "0" else text
        elif kind == "Keywords":
            keywords = text
        elif kind == "TimeCreated":
            when = str(node.get("SystemTime") or node.get("RawTime") or "")
            # SystemTime is UTC whether it says so or not
            row.when = when if not when or when[-1] in "Zz" or "+" in when[10:] else when + "Z"
        elif kind == "Channel":
            row.channel = text
        elif kind == "Computer":
            row.computer = text
        elif kind == "Security":
            row.user = str(node.get("UserID") or "")
        elif kind == "Correlation":
            row.activity = guid(str(node.get("ActivityID") or ""))
    row.level = keyword_level(keywords, row.level)
    row.keywords = "" if not number_of_mask(keywords) & ~(1 << 63) else keywords


def _read_rendering(section: etree._Element, row: Row) -> str:
    rendered = ""
    for node in section:
        kind = local_name(node)
        if kind == "Message":
            rendered = text_of(node).strip()
        elif kind == "Level" and row.level == Level.UNKNOWN:
            row.level = level_of(text_of(node))
        elif kind == "Task" and text_of(node).strip():
            row.task = text_of(node).strip()
        elif kind == "Keywords":
            names = [text_of(child).strip() for child in node]
            row.keywords = ", ".join(name for name in names if name) or row.keywords
    return rendered
