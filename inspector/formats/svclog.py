"""WCF service traces (.svclog, .e2e): E2ETraceEvent elements without a root, exceptions, activities and logged messages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from lxml import etree

from inspector.events import Level
from inspector.formats.text.event_xml import local_name, text_of
from inspector.formats.text.rows import Row, guid, name_values, number_or_none
from inspector.formats.text.xml_records import XmlRecords

_SUBTYPES: Final[Mapping[str, Level]] = {
    "critical": Level.CRITICAL, "error": Level.ERROR, "warning": Level.WARNING, "information": Level.INFORMATION, "verbose": Level.VERBOSE,
    "start": Level.INFORMATION, "stop": Level.INFORMATION, "suspend": Level.INFORMATION, "resume": Level.INFORMATION, "transfer": Level.INFORMATION,
}  # fmt: skip
_ENVELOPE: Final = re.compile(r"<((?:[\w.-]{1,40}:)?Envelope)[\s>]")


def _row(root: etree._Element, text: str) -> Row:
    row = Row()
    description = ""
    details: list[tuple[str, str]] = []
    traces: list[str] = []
    for section in root:
        if local_name(section) == "System":
            _read_system(section, row)
        elif local_name(section) == "ApplicationData":
            description = _read_data(section, row, details, traces)
    envelope = _envelope(text)
    if row.fields and not description:
        description = " ".join(value for _, value in row.fields if value)
    parts = [description, *traces, name_values(details), envelope]
    row.message = "\n".join(part for part in parts if part.strip()) or f"{row.task or 'trace'}"
    return row


def _read_system(system: etree._Element, row: Row) -> None:
    subtype = ""
    for node in system:
        kind = local_name(node)
        if kind == "EventID":
            row.event_id = number_or_none(node.text or "")
        elif kind == "SubType":
            subtype = str(node.get("Name") or "")
        elif kind == "TimeCreated":
            row.when = str(node.get("SystemTime") or "")
        elif kind == "Source":
            row.provider = str(node.get("Name") or "")
        elif kind == "Correlation":
            row.activity = guid(str(node.get("ActivityID") or ""))
            related = guid(str(node.get("RelatedActivityID") or ""))
            if related:
                row.keywords = f"related {related}"
        elif kind == "Execution":
            row.channel = str(node.get("ProcessName") or "")
        elif kind == "Computer":
            row.computer = (node.text or "").strip()
    row.level = _SUBTYPES.get(subtype.lower(), Level.UNKNOWN)
    row.task = subtype


def _read_data(data: etree._Element, row: Row, details: list[tuple[str, str]], traces: list[str]) -> str:
    description = ""
    plain = ((data.text or "") + "".join(child.tail or "" for child in data)).strip()
    for node in data.iter():
        kind = local_name(node)
        if kind == "MessageLogTraceRecord":
            description = f"Message logged: {node.get('Source', '')} {node.get('Type', '')}".strip()
            row.task = str(node.get("Source") or row.task)
            details.extend((local_name(leaf), (leaf.text or "").strip()) for leaf in _outside_envelope(node))
            return description
        if kind == "TraceRecord":
            for part in node:
                _read_part(part, row, details, traces)
                if local_name(part) == "Description":
                    description = text_of(part).strip()
            severity = _SUBTYPES.get(str(node.get("Severity") or "").lower())
            row.level = severity if severity is not None and row.level == Level.UNKNOWN else row.level
            return description
        if kind == "DataItem" and not len(node):
            description = "\n".join(line for line in (description, (node.text or "").strip()) if line)
    return "\n".join(line for line in (plain, description) if line)


def _outside_envelope(node: etree._Element) -> list[etree._Element]:
    """Leaves of a logged message's surroundings: HTTP method, headers, addressing properties."""
    found: list[etree._Element] = []
    for child in node:
        if local_name(child) != "Envelope":
            found.extend(leaf for leaf in child.iter() if not len(leaf) and (leaf.text or "").strip())
    return found


def _read_part(part: etree._Element, row: Row, details: list[tuple[str, str]], traces: list[str]) -> None:
    kind = local_name(part)
    if kind == "TraceIdentifier":
        identifier = (part.text or "").strip()
        row.task = identifier.rstrip("/").rsplit("/", 1)[-1].removesuffix(".aspx") or row.task
        details.append((kind, identifier))
    elif kind == "Exception":
        _read_exception(part, traces, 0)
    elif kind == "ExtendedData":
        details.extend((local_name(leaf), (leaf.text or "").strip()) for leaf in part.iter() if local_name(leaf) and not len(leaf))
    elif kind != "Description":
        details.append((kind, text_of(part).strip()))


def _read_exception(node: etree._Element, traces: list[str], depth: int) -> None:
    parts = {local_name(part): part for part in node}
    kind = text_of(parts["ExceptionType"]).split(",")[0].strip() if "ExceptionType" in parts else "Exception"
    message = text_of(parts["Message"]).strip() if "Message" in parts else ""
    stack = text_of(parts["StackTrace"]).rstrip() if "StackTrace" in parts else ""
    lead = " ---> " if depth else ""
    traces.append(f"{lead}{kind}: {message}" + (f"\n{stack}" if stack else ""))
    if "InnerException" in parts and depth < 20:
        _read_exception(parts["InnerException"], traces, depth + 1)


def _envelope(text: str) -> str:
    """The logged message as the trace holds it."""
    found = _ENVELOPE.search(text)
    if found is None:
        return ""
    end = text.rfind(f"</{found[1]}>")
    return text[found.start() : end + len(found[1]) + 3] if end >= 0 else text[found.start() :]


SVCLOG: Final = XmlRecords(
    "svclog",
    "WCF service trace (.svclog)",
    "E2ETraceEvent elements one after the other",
    (".svclog", ".e2e", ".xml"),
    start=rb"<(E2ETraceEvent)[\s>]",
    tags=(b"E2ETraceEvent",),
    read_row=_row,
    score=96,
)
