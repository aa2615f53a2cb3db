"""Windows event logs up to 2003 (.evt): records found by their signature, so that dirty, wrapped and cut files give all they hold (MS-EVEN)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import polars as pl
from lxml import etree

from inspector.events import Level, MessageFrom, Problem, TimeBasis
from inspector.formats.base import Batch, FileSpan, Opened, Prepared, ProgressMark
from inspector.formats.message_templates import meaning_of, message_for
from inspector.formats.text import line_log
from inspector.formats.text.event_xml import local_name
from inspector.formats.text.rows import name_values

SIGNATURE: Final = b"LfLe"
HEADER: Final = 48
"""Bytes of the file header; the ring of records begins behind it."""
_FIXED: Final = struct.Struct("<I4sIIIIHHHHIIIIII")
"""EVENTLOGRECORD up to the source name."""
_SMALLEST: Final = _FIXED.size + 8
_LARGEST: Final = 1 << 20
_LARGEST_FILE: Final = 1 << 30
_BATCH: Final = 8192
_MOST_PROBLEMS: Final = 20

LEVELS: Final = {
    0: Level.INFORMATION,
    1: Level.ERROR,
    2: Level.WARNING,
    4: Level.INFORMATION,
    8: Level.AUDIT_SUCCESS,
    16: Level.AUDIT_FAILURE,
}
"""EventType values (MS-EVEN 2.2.3)."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record."""

    offset: int
    length: int
    number: int
    generated: int
    """Seconds since 1970 UTC."""
    written: int
    event_id: int
    """All 32 bits; the low 16 are what Event Viewer shows."""
    kind: int
    category: int
    source: str
    computer: str
    user: str
    strings: tuple[str, ...]
    data: bytes


def _text(raw: bytes, start: int) -> tuple[str, int]:
    """A zero-terminated UTF-16 text and where it ends."""
    at = start
    while at + 1 < len(raw):
        if raw[at] == 0 and raw[at + 1] == 0:
            return raw[start:at].decode("utf-16-le", "replace"), at + 2
        at += 2
    return raw[start : len(raw) // 2 * 2 if start % 2 == 0 else len(raw)].decode("utf-16-le", "replace"), len(raw)


def sid_text(raw: bytes) -> str:
    """A security identifier in its text form (MS-DTYP 2.4.2.1); empty when it is none."""
    if len(raw) < 8 or len(raw) < 8 + 4 * raw[1]:
        return ""
    parts = struct.unpack_from(f"<{raw[1]}I", raw, 8)
    return "-".join(["S", str(raw[0]), str(int.from_bytes(raw[2:8], "big")), *map(str, parts)])


def parse(raw: bytes, offset: int) -> Record | None:
    """The record that the bytes hold; None when they hold none."""
    if len(raw) < _SMALLEST:
        return None
    (
        length,
        signature,
        number,
        generated,
        written,
        event_id,
        kind,
        count,
        category,
        _,
        _,
        string_at,
        sid_length,
        sid_at,
        data_length,
        data_at,
    ) = _FIXED.unpack_from(raw)
    if signature != SIGNATURE or length != len(raw):
        return None
    source, after = _text(raw, _FIXED.size)
    computer, _ = _text(raw, after)
    strings: list[str] = []
    at = string_at
    for _ in range(count):
        if not _FIXED.size <= at < len(raw) - 4:
            break
        text, at = _text(raw[: len(raw) - 4], at)
        strings.append(text)
    user = sid_text(raw[sid_at : sid_at + sid_length]) if sid_length else ""
    data = raw[data_at : data_at + data_length] if data_length and data_at + data_length <= len(raw) else b""
    return Record(offset, length, number, generated, written, event_id, kind, category, source, computer, user, tuple(strings), data)


def _at(content: bytes, offset: int) -> tuple[Record | None, str]:
    """The record at a place, read round the ring's end where it has to be, and what is wrong with it."""
    (length,) = struct.unpack_from("<I", content, offset)
    if length < _SMALLEST or length > _LARGEST or length % 4:
        return None, "its length makes no sense"
    raw = content[offset : offset + length]
    if len(raw) < length:
        missing = length - len(raw)
        raw += content[HEADER : HEADER + missing]
        if len(raw) < length:
            return None, "the file ends within it"
    if raw[-4:] != raw[:4]:
        return None, "its end was overwritten" if offset + length <= len(content) else "the file ends within it"
    record = parse(raw, offset)
    return record, "" if record is not None else "its content makes no sense"


def records(content: bytes) -> Iterator[Record | tuple[int, str]]:
    """Every record in file order; for a damaged one its place and what is wrong."""
    at = content.find(SIGNATURE, HEADER)
    end = 0
    while at >= 0:
        offset = at - 4
        if offset >= max(HEADER, end):
            record, reason = _at(content, offset)
            if record is not None:
                yield record
                end = offset + record.length
            else:
                yield offset, reason
        # the signature within a record's text or data is none
        at = content.find(SIGNATURE, max(at + 4, end))


def _named(record: Record) -> list[tuple[str, str]]:
    """Insertion strings by number, parameters that stand for system messages explained."""
    found: list[tuple[str, str]] = []
    for number, text in enumerate(record.strings, start=1):
        meaning = meaning_of("reason", text) if text.startswith("%%") else None
        found.append((f"Data {number}", f"{text} ({meaning})" if meaning else text))
    return found


class Evt:
    """Legacy event logs."""

    name = "evt"
    title = "Windows event log up to 2003 (.evt)"
    recognised_by = "the signature LfLe in the file header or in front of records"
    extensions: Sequence[str] = (".evt",)
    position_word: Literal["record", "line"] = "record"

    def sniff(self, head: bytes, name: str) -> int:
        """High for the header's signature; fairly high for records alone, as after a wiped header."""
        if head[4:8] == SIGNATURE and head[:4] == b"\x30\0\0\0":
            return 100
        at = head.find(SIGNATURE, 4)
        if at >= 4:
            length = int.from_bytes(head[at - 4 : at], "little")
            if _SMALLEST <= length <= _LARGEST and length % 4 == 0:
                return 90 if head[at - 4 + length - 4 : at - 4 + length] == head[at - 4 : at] else 40
        return 5 if name.lower().endswith(".evt") and not head.strip(b"\0") and head else 0

    def prepare(self, opened: Opened) -> Prepared:
        """One piece: the ring has no border that could be found without reading it. Raises OSError."""
        size = opened.path.stat().st_size
        return Prepared(opened, (FileSpan(0, size),))

    def read(self, opened: Opened, piece: FileSpan) -> Iterator[Batch | Problem | ProgressMark]:
        """Yield all records, those that the ring has dropped already among them. Raises OSError."""
        content = _content(opened, piece.end)
        if piece.end > _LARGEST_FILE:
            yield Problem(opened.name, f"byte {_LARGEST_FILE}", "the file is larger than an .evt can be; read only so far")
        if len(content) >= HEADER and content[4:8] != SIGNATURE:
            yield Problem(opened.name, "file header", "the header is damaged; the records were found by their signature")
        rows: list[Record] = []
        told = found = 0
        for item in records(content):
            if isinstance(item, Record):
                found += 1
                rows.append(item)
                if len(rows) >= _BATCH:
                    yield _batch(rows)
                    yield ProgressMark(item.offset)
                    rows = []
                continue
            told += 1
            if told <= _MOST_PROBLEMS:
                yield Problem(opened.name, f"byte {item[0]}", f"a record cannot be read: {item[1]}", 1)
        if rows:
            yield _batch(rows)
        if told > _MOST_PROBLEMS:
            yield Problem(opened.name, "file", f"{told - _MOST_PROBLEMS} more records cannot be read", told - _MOST_PROBLEMS)
        if not found and not told:
            blank = not content[HEADER:].strip(b"\0")
            yield Problem(
                opened.name, "file", "the log holds no record" if blank else "no record can be found in it; its content was overwritten"
            )
        yield ProgressMark(len(content))

    def raw(self, opened: Opened, offset: int, length: int) -> str:
        """The record as XML in the shape of today's events. Raises OSError, or ValueError when nothing is there any more."""
        record, reason = _at(_content(opened, _LARGEST_FILE), offset) if offset >= HEADER else (None, "no record starts there")
        if record is None:
            message = f"no record at byte {offset} of {opened.name} any more: {reason}"
            raise ValueError(message)
        del length
        return _xml(record)

    def fields(self, raw: str) -> Sequence[tuple[str, str]]:
        """Name and value of everything in the record's XML."""
        try:
            root = etree.fromstring(
                raw.encode("utf-8", "replace"), etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
            )
        except etree.XMLSyntaxError:
            return [("text", raw)]
        found: list[tuple[str, str]] = []
        for node in root.iter():
            name = local_name(node)
            found.extend(
                (name if str(key) == "Name" else f"{name} {key!s}", str(value)) for key, value in node.attrib.items() if name != "Data"
            )
            if node.text and node.text.strip():
                found.append((str(node.get("Name") or name), node.text))
        return found


def _content(opened: Opened, limit: int) -> bytes:
    with opened.path.open("rb") as file:
        return file.read(min(limit, _LARGEST_FILE))


def _batch(rows: Sequence[Record]) -> Batch:
    messages: list[str] = []
    origins: list[int] = []
    for record in rows:
        named = _named(record)
        template = message_for(record.source, record.event_id & 0xFFFF, named)
        data = name_values(named)
        messages.append(f"{template}\n\n{data}" if template and data else template or data)
        origins.append(int(MessageFrom.TEMPLATE if template else MessageFrom.EVENT_DATA))
    columns: dict[str, pl.Series] = {
        "position": pl.Series([record.number for record in rows], dtype=pl.Int64),
        "offset": pl.Series([record.offset for record in rows], dtype=pl.Int64),
        "length": pl.Series([record.length for record in rows], dtype=pl.Int64),
        "time": pl.Series(np.array([record.generated for record in rows], np.int64) * 1_000_000, dtype=pl.Int64),
        "time_basis": pl.Series([int(TimeBasis.UTC)], dtype=pl.UInt8).new_from_index(0, len(rows)),
        "level": pl.Series([int(LEVELS.get(record.kind, Level.UNKNOWN)) for record in rows], dtype=pl.UInt8),
        "provider": pl.Series([record.source for record in rows], dtype=pl.String),
        "event_id": pl.Series([record.event_id & 0xFFFF for record in rows], dtype=pl.Int64),
        "computer": pl.Series([record.computer for record in rows], dtype=pl.String),
        "user": pl.Series([record.user or None for record in rows], dtype=pl.String),
        "task": pl.Series([str(record.category) if record.category else None for record in rows], dtype=pl.String),
        "message": pl.Series(messages, dtype=pl.String),
        "message_from": pl.Series(origins, dtype=pl.UInt8),
    }
    return line_log.finished(columns)


def _clean(text: str) -> str:
    return "".join(
        char if char in "\t\n\r" or " " <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd" or char > "\uffff" else "\ufffd"
        for char in text
    )


def _xml(record: Record) -> str:
    event = etree.Element("Event")
    system = etree.SubElement(event, "System")
    etree.SubElement(system, "Provider", Name=_clean(record.source))
    identity = etree.SubElement(system, "EventID", Qualifiers=str(record.event_id >> 16))
    identity.text = str(record.event_id & 0xFFFF)
    for name, value in (("Level", str(record.kind)), ("Task", str(record.category)), ("EventRecordID", str(record.number))):
        etree.SubElement(system, name).text = value
    stamp = np.datetime64(record.generated, "s")
    written = np.datetime64(record.written, "s")
    etree.SubElement(system, "TimeCreated", SystemTime=f"{stamp}Z", Written=f"{written}Z")
    etree.SubElement(system, "Computer").text = _clean(record.computer)
    etree.SubElement(system, "Security", UserID=record.user)
    data = etree.SubElement(event, "EventData")
    for name, text in _named(record):
        etree.SubElement(data, "Data", Name=name).text = _clean(text)
    if record.data:
        etree.SubElement(data, "Binary").text = record.data.hex().upper()
    return str(etree.tostring(event, encoding="unicode", pretty_print=True))


EVT: Final = Evt()
