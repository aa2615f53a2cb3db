"""XML layouts of Java's loggers: log4j 1 (log4j:event), log4j 2 (XmlLayout) and java.util.logging (XMLFormatter)."""

from __future__ import annotations

from typing import Final

from lxml import etree

from inspector.events import Level
from inspector.formats.text.event_xml import local_name, text_of
from inspector.formats.text.line_log import LEVEL_WORDS
from inspector.formats.text.rows import Row, name_values
from inspector.formats.text.xml_records import XmlRecords

_LOGGER: Final = ("logger", "loggerName")
_TIME: Final = ("timestamp", "timeMillis")
_THROWN: Final = ("throwable", "Thrown", "exception")
_PLACED: Final = frozenset({"level", "thread", "date", "millis", "nanos", "message", "Message", "Instant", *_LOGGER, *_TIME, *_THROWN})


def _row(root: etree._Element, text: str) -> Row:
    del text
    values = {str(name): str(value) for name, value in root.attrib.items()}
    rest: list[tuple[str, str]] = []
    thrown = ""
    for part in root:
        kind = local_name(part)
        if kind in _THROWN:
            thrown = _thrown(part)
        elif kind == "Instant":
            values["timestamp"] = f"{part.get('epochSecond', '')}.{(part.get('nanoOfSecond') or '0').zfill(9)}"
        elif len(part) or part.attrib:
            rest.extend(_properties(part))
        else:
            values.setdefault(kind, text_of(part).strip())
    row = Row()
    # java.util.logging writes its date without zone up to Java 8; the milliseconds beside it are UTC
    row.when = next((values[name] for name in (*_TIME, "millis", "date") if values.get(name)), "")
    row.level = LEVEL_WORDS.get(values.get("level", "").lower(), Level.UNKNOWN)
    row.provider = next((values[name] for name in _LOGGER if values.get(name)), "")
    row.task = values.get("thread", "")
    message = values.get("message") or values.get("Message") or ""
    rest[:0] = [(name, value) for name, value in values.items() if name not in _PLACED and value]
    row.message = "\n".join(part for part in (message, thrown) if part)
    if rest:
        row.message = "\n\n".join(part for part in (row.message, name_values(rest)) if part)
    return row


def _properties(part: etree._Element) -> list[tuple[str, str]]:
    """Members of a map of properties (MDC), else the attributes of an element such as the place in the source."""
    found = [
        (str(item.get("name") or item.get("key")), str(item.get("value") or "")) for item in part if item.get("name") or item.get("key")
    ]
    return found or [(local_name(part) + " " + str(name), str(value)) for name, value in part.attrib.items()]


def _thrown(part: etree._Element) -> str:
    """An exception with its frames, as a trace writes them."""
    frames = [node for node in part.iter() if local_name(node) in ("frame", "ExtendedStackTraceItem")]
    if not frames:
        return text_of(part).strip() or str(part.get("name") or "")
    head = str(part.get("name") or "")
    told = part.get("message") or next((text_of(node).strip() for node in part if local_name(node) == "message"), "")
    lines = [": ".join(word for word in (head, str(told)) if word)]
    for frame in frames:
        get = {local_name(node): text_of(node).strip() for node in frame} | {str(name): str(value) for name, value in frame.attrib.items()}
        place = get.get("file") or get.get("class", "")
        lines.append(f"\tat {get.get('class', '')}.{get.get('method', '')}({place}{':' + get['line'] if get.get('line') else ''})")
    return "\n".join(lines)


LOG4J_XML: Final = XmlRecords(
    "log4j-xml",
    "XML of log4j and java.util.logging",
    "log4j:event elements, Event elements of log4j 2, or record elements with millis, logger and level",
    (".xml", ".log"),
    start=rb"<(log4j:event)\s|<(?=Event\s[^<>]{0,300}logging\.apache\.org/log4j)(Event)\s|<(record)>\s*<date>[^<]{1,60}</date>\s*<millis>",
    tags=(b"log4j:event", b"Event", b"record"),
    read_row=_row,
    score=94,
    namespaces={"log4j": "http://jakarta.apache.org/log4j/"},
)
