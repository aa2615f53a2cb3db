"""Writes .evtx files from scratch, of any size, with System fields and EventData of the caller's choosing."""

from __future__ import annotations

import struct
import uuid
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from tests.builders.evtx_binxml import (
    CHUNK_HEADER_SIZE,
    CHUNK_SIZE,
    ChunkFull,
    Content,
    Element,
    NameAndTemplateTables,
    NestedInstance,
    RecordEncoder,
    Substitution,
    Template,
    Typed,
    Value,
    ValueType,
    filetime,
    template_guid,
    typed,
)

FILE_HEADER_SIZE: Final = 4096
RECORD_MAGIC: Final = b"**\0\0"
NAMESPACE: Final = "http://schemas.microsoft.com/win/2004/08/events/event"
DEFAULT_TIME: Final = datetime(2024, 5, 17, 8, 30, 0, 123456, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Node:
    """An element of a UserData tree; its values become substitutions."""

    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple[Node | Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendering:
    """RenderingInfo, as the machine that forwarded an event added it. None leaves the element out."""

    message: str | None
    level: str | None = "Information"
    task: str | None = None
    opcode: str | None = None
    channel: str | None = None
    provider: str | None = None
    keywords: tuple[str, ...] = ()
    culture: str = "en-US"


@dataclass(frozen=True, slots=True)
class EventSpec:
    """One event. None leaves the element or attribute out of the System block."""

    provider: str | None = "Builder"
    event_id: int | str = 1
    time: datetime | int = DEFAULT_TIME
    """Aware datetime, or FILETIME ticks."""
    level: int | str | None = 4
    provider_guid: uuid.UUID | None = None
    event_source_name: str | None = None
    qualifiers: int | None = None
    version: int | None = 0
    task: int | None = 0
    opcode: int | None = 0
    keywords: int | None = 0x8000000000000000
    record_id: int | None = None
    """EventRecordID in the System block; None takes the record header's number."""
    activity_id: uuid.UUID | None = None
    related_activity_id: uuid.UUID | None = None
    process_id: int | None = 4
    thread_id: int | None = 8
    channel: str | None = "Application"
    computer: str | None = "host.example"
    user_sid: str | None = None
    data: tuple[tuple[str | None, Value], ...] = ()
    """EventData: name (None for an unnamed Data element) and value."""
    data_name: str | None = None
    """The Name attribute of EventData itself."""
    binary: bytes | None = None
    """The Binary element that classic events carry behind their strings."""
    user_data: Node | None = None
    """UserData instead of EventData."""
    rendering: Rendering | None = None
    has_event_data: bool = True
    """Whether there is an EventData element when ``data`` is empty and there is no ``user_data``."""
    time_type: ValueType = ValueType.FILETIME
    """FILETIME or SYSTEMTIME."""
    time_text: str | None = None
    """TimeCreated as a string instead of a time."""
    header_time: datetime | int | None = None
    """The record header's time where it shall differ from the System block's."""
    header_number: int | None = None
    """The record header's number where it shall differ from the running number."""
    extra_content: tuple[Content, ...] = ()
    """Tokens to put into an element ``Extra`` at the end of EventData: character and entity references."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a writer put into a file."""

    records: int
    chunks: int
    size: int


_RecordValues = list[Typed | NestedInstance]


@dataclass(frozen=True, slots=True)
class _Shape:
    """What two events must have in common to share a template."""

    system: tuple[object, ...]
    data_name: str | None
    data: tuple[tuple[str | None, ValueType], ...] | None
    binary: bool
    user_data: object
    rendering: tuple[bool, ...] | None
    keyword_count: int
    culture: str
    extra: tuple[Content, ...]


_RECORD_ID_INDEX: Final = 1
_TIME_INDEX: Final = 0
_EVENT_ID_INDEX: Final = 2


def _system_values(spec: EventSpec, number: int) -> tuple[list[tuple[str, Typed]], tuple[object, ...]]:
    """Field name and value of what the System block has, time, record number and event ID always first; and its shape."""
    if spec.time_text is not None:
        time = Typed(ValueType.STRING, spec.time_text)
    else:
        time = Typed(spec.time_type, filetime(spec.time) if spec.time_type is ValueType.FILETIME else spec.time)
    values: list[tuple[str, Typed]] = [
        ("TimeCreated", time),
        ("EventRecordID", Typed(ValueType.UINT64, number if spec.record_id is None else spec.record_id)),
        (
            "EventID",
            Typed(ValueType.STRING, spec.event_id) if isinstance(spec.event_id, str) else Typed(ValueType.UINT16, spec.event_id),
        ),
    ]
    if spec.level is not None:
        kind = ValueType.STRING if isinstance(spec.level, str) else ValueType.UINT8
        values.append(("Level", Typed(kind, spec.level)))
    optional: tuple[tuple[str, ValueType, str | int | uuid.UUID | None], ...] = (
        ("Qualifiers", ValueType.UINT16, spec.qualifiers),
        ("Version", ValueType.UINT8, spec.version),
        ("Task", ValueType.UINT16, spec.task),
        ("Opcode", ValueType.UINT8, spec.opcode),
        ("Keywords", ValueType.HEX64, spec.keywords),
        ("ActivityID", ValueType.GUID, spec.activity_id),
        ("RelatedActivityID", ValueType.GUID, spec.related_activity_id),
        ("ProcessID", ValueType.UINT32, spec.process_id),
        ("ThreadID", ValueType.UINT32, spec.thread_id),
        ("UserID", ValueType.SID, spec.user_sid),
    )
    values += [(name, Typed(kind, value)) for name, kind, value in optional if value is not None]
    constants = (spec.provider, spec.provider_guid, spec.event_source_name, spec.channel, spec.computer)
    return values, (*constants, *((name, value.type) for name, value in values))


def _user_shape(node: Node) -> object:
    children = tuple(_user_shape(child) if isinstance(child, Node) else typed(child).type for child in node.children)
    return node.name, node.attributes, children


def _user_values(node: Node) -> Iterator[Typed]:
    for child in node.children:
        if isinstance(child, Node):
            yield from _user_values(child)
        else:
            yield typed(child)


def _rendering_fields(rendering: Rendering) -> tuple[tuple[str, str | None], ...]:
    return (
        ("Message", rendering.message),
        ("Level", rendering.level),
        ("Task", rendering.task),
        ("Opcode", rendering.opcode),
        ("Channel", rendering.channel),
        ("Provider", rendering.provider),
    )


def _event_data_template(shape: _Shape) -> Template:
    children: list[Element | Content] = []
    for index, (name, kind) in enumerate(shape.data or ()):
        attributes = () if name is None else (("Name", name),)
        children.append(Element("Data", attributes, (Substitution(index, kind, optional=False),)))
    if shape.binary:
        children.append(Element("Binary", (), (Substitution(len(shape.data or ()), ValueType.BINARY),)))
    if shape.extra:
        children.append(Element("Extra", (), shape.extra))
    root = Element("EventData", () if shape.data_name is None else (("Name", shape.data_name),), tuple(children))
    return Template(template_guid(root), root)


def _user_data_template(node: Node) -> Template:
    counter = iter(range(0xFFFF))

    def build(node: Node) -> Element:
        children = tuple(
            build(child) if isinstance(child, Node) else Substitution(next(counter), typed(child).type) for child in node.children
        )
        return Element(node.name, node.attributes, children)

    root = Element("UserData", (), (build(node),))
    return Template(template_guid(root), root)


def _rendering_element(shape: _Shape, first: int) -> Element | None:
    if shape.rendering is None:
        return None
    names = ("Message", "Level", "Task", "Opcode", "Channel", "Provider")
    present = [name for name, there in zip(names, shape.rendering, strict=True) if there]
    children = [Element(name, (), (Substitution(first + number, ValueType.STRING),)) for number, name in enumerate(present)]
    keywords = tuple(
        Element("Keyword", (), (Substitution(first + len(present) + number, ValueType.STRING),)) for number in range(shape.keyword_count)
    )
    return Element("RenderingInfo", (("Culture", shape.culture),), (*children, Element("Keywords", (), keywords)))


def _event_template(shape: _Shape, names: tuple[tuple[str, ValueType], ...], *, body: bool) -> Template:
    """The template of the whole event: System as Windows orders it, then the body as a nested instance, then RenderingInfo."""
    index = {name: Substitution(number, kind) for number, (name, kind) in enumerate(names)}
    provider, guid, source, channel, computer = shape.system[:5]

    def attributes(*pairs: tuple[str, str | Substitution | None]) -> tuple[tuple[str, str | Substitution], ...]:
        return tuple((name, value) for name, value in pairs if value is not None)

    def simple(name: str) -> Iterator[Element]:
        if name in index:
            yield Element(name, (), (index[name],))

    def constant(name: str, value: object) -> Iterator[Element]:
        if value is not None:
            yield Element(name, (), (str(value),))

    provider_attributes = attributes(
        ("Name", None if provider is None else str(provider)),
        ("Guid", None if guid is None else f"{{{guid}}}"),
        ("EventSourceName", None if source is None else str(source)),
    )
    system = (
        Element("Provider", provider_attributes),
        Element("EventID", attributes(("Qualifiers", index.get("Qualifiers"))), (index["EventID"],)),
        *simple("Version"),
        *simple("Level"),
        *simple("Task"),
        *simple("Opcode"),
        *simple("Keywords"),
        Element("TimeCreated", (("SystemTime", index["TimeCreated"]),)),
        *simple("EventRecordID"),
        Element("Correlation", attributes(("ActivityID", index.get("ActivityID")), ("RelatedActivityID", index.get("RelatedActivityID")))),
        Element("Execution", attributes(("ProcessID", index.get("ProcessID")), ("ThreadID", index.get("ThreadID")))),
        *constant("Channel", channel),
        *constant("Computer", computer),
        Element("Security", attributes(("UserID", index.get("UserID")))),
    )
    children: list[Element | Content] = [Element("System", (), system)]
    if body:
        children.append(Substitution(len(names), ValueType.BINARY_XML))
    rendering = _rendering_element(shape, len(names) + body)
    if rendering is not None:
        children.append(rendering)
    root = Element("Event", (("xmlns", NAMESPACE),), tuple(children))
    return Template(template_guid(root), root)


@dataclass(frozen=True, slots=True)
class _Templates:
    event: Template
    body: Template | None


class _TemplateCache:
    """Templates by shape, so that a file of a million events builds each of its trees once."""

    def __init__(self) -> None:
        self._known: dict[_Shape, _Templates] = {}

    def values(self, spec: EventSpec, number: int) -> tuple[Template, _RecordValues]:
        """The template of an event and the values to fill it with."""
        system, system_shape = _system_values(spec, number)
        data = [(name, typed(value)) for name, value in spec.data]
        has_body = spec.user_data is not None or spec.has_event_data or bool(data) or spec.binary is not None
        rendering = spec.rendering
        fields = () if rendering is None else _rendering_fields(rendering)
        shape = _Shape(
            system=system_shape,
            data_name=spec.data_name,
            data=tuple((name, value.type) for name, value in data) if has_body else None,
            binary=spec.binary is not None,
            user_data=None if spec.user_data is None else _user_shape(spec.user_data),
            rendering=None if rendering is None else tuple(value is not None for _, value in fields),
            keyword_count=0 if rendering is None else len(rendering.keywords),
            culture="" if rendering is None else rendering.culture,
            extra=spec.extra_content,
        )
        templates = self._known.get(shape)
        if templates is None:
            names = tuple((name, value.type) for name, value in system)
            body: Template | None = None
            if spec.user_data is not None:
                body = _user_data_template(spec.user_data)
            elif has_body:
                body = _event_data_template(shape)
            templates = _Templates(_event_template(shape, names, body=has_body), body)
            self._known[shape] = templates
        values: _RecordValues = [value for _, value in system]
        if templates.body is not None:
            filling = list(_user_values(spec.user_data)) if spec.user_data is not None else [value for _, value in data]
            if spec.binary is not None:
                filling.append(Typed(ValueType.BINARY, spec.binary))
            values.append(NestedInstance(templates.body, tuple(filling)))
        if rendering is not None:
            values += [Typed(ValueType.STRING, value) for _, value in fields if value is not None]
            values += [Typed(ValueType.STRING, keyword) for keyword in rendering.keywords]
        return templates.event, values


@dataclass(slots=True)
class _Patch:
    """Where a record keeps its number and time, for rewriting it elsewhere; chunk offsets."""

    header: int
    record_id: int | None
    time: int | None


class _Chunk:
    """One 64 KiB chunk being filled."""

    def __init__(self, templates: _TemplateCache) -> None:
        self._templates = templates
        self._tables = NameAndTemplateTables()
        self._data = bytearray(CHUNK_SIZE)
        self._position = CHUNK_HEADER_SIZE
        self._last_record = 0
        self._first_number: int | None = None
        self._last_number = 0
        self.records = 0
        self.patches: list[_Patch] = []

    def add(self, spec: EventSpec, number: int) -> None:
        """Append the event as record ``number``; raises ChunkFull and leaves the chunk as it was where it does not fit."""
        template, values = self._templates.values(spec, number)
        start = self._position
        body = bytearray()
        offsets = RecordEncoder(self._tables, body, start + 24).template_instance(template, values)
        body += b"\0"
        size = (24 + len(body) + 4 + 7) // 8 * 8
        if start + size > CHUNK_SIZE:
            self._tables.roll_back()
            raise ChunkFull
        self._tables.commit()
        header_number = number if spec.header_number is None else spec.header_number
        header_time = filetime(spec.time if spec.header_time is None else spec.header_time)
        self._data[start : start + 24] = struct.pack("<4sIQQ", RECORD_MAGIC, size, header_number, header_time)
        self._data[start + 24 : start + 24 + len(body)] = body
        struct.pack_into("<I", self._data, start + size - 4, size)
        binary_time = spec.time_text is None and spec.time_type is ValueType.FILETIME
        patched_time = offsets[_TIME_INDEX] if binary_time else None
        self.patches.append(_Patch(start, offsets[_RECORD_ID_INDEX] if spec.record_id is None else None, patched_time))
        if self._first_number is None:
            self._first_number = header_number
        self._last_number = header_number
        self._last_record = start
        self._position = start + size
        self.records += 1

    def finished(self) -> bytes:
        """The chunk with header, tables and checksums."""
        first = self._first_number or 0
        header = struct.pack(
            "<8sQQQQIIII", b"ElfChnk\0", first, self._last_number, first, self._last_number, 128, self._last_record, self._position, 0
        )
        self._data[: len(header)] = header
        struct.pack_into("<I", self._data, 120, 1)
        struct.pack_into("<64I", self._data, 128, *self._tables.name_heads)
        struct.pack_into("<32I", self._data, 384, *self._tables.template_heads)
        set_chunk_checksums(self._data)
        return bytes(self._data)


def set_chunk_checksums(chunk: bytearray) -> None:
    """Compute both CRC32 of a chunk anew: records up to the free space offset, then header and tables (libevtx's layout)."""
    (free,) = struct.unpack_from("<I", chunk, 48)
    view = memoryview(chunk)
    struct.pack_into("<I", chunk, 52, zlib.crc32(view[CHUNK_HEADER_SIZE:free]))
    struct.pack_into("<I", chunk, 124, zlib.crc32(view[128:512], zlib.crc32(view[:120])))


def file_header(chunks: int, next_record: int, *, dirty: bool = False, full: bool = False) -> bytes:
    """The 4 KiB file header. The chunk count field has 16 bits; files of more chunks let it wrap, as Windows does."""
    header = bytearray(FILE_HEADER_SIZE)
    struct.pack_into(
        "<8sQQQIHHHH", header, 0, b"ElfFile\0", 0, max(chunks - 1, 0), next_record, 128, 1, 3, FILE_HEADER_SIZE, chunks & 0xFFFF
    )
    struct.pack_into("<I", header, 120, dirty | full << 1)
    struct.pack_into("<I", header, 124, zlib.crc32(header[:120]))
    return bytes(header)


def _chunks(events: Iterable[EventSpec], first_record: int) -> Iterator[tuple[bytes, list[_Patch]]]:
    templates = _TemplateCache()
    chunk = _Chunk(templates)
    for number, spec in enumerate(events, first_record):
        try:
            chunk.add(spec, number)
        except ChunkFull:
            if chunk.records == 0:
                raise ValueError(f"event {number} does not fit into a chunk") from None
            yield chunk.finished(), chunk.patches
            chunk = _Chunk(templates)
            try:
                chunk.add(spec, number)
            except ChunkFull:
                raise ValueError(f"event {number} does not fit into a chunk") from None
    if chunk.records:
        yield chunk.finished(), chunk.patches


def write_evtx(
    path: Path, events: Iterable[EventSpec], *, first_record: int = 1, dirty: bool = False, full: bool = False, spare_chunks: int = 0
) -> Written:
    """Write the events, numbered from ``first_record``, as they come; ``spare_chunks`` empty chunks follow, as Windows preallocates them.

    Raises ValueError for an event that is larger than a chunk holds.
    """
    records = chunks = 0
    with path.open("wb") as file:
        file.write(bytes(FILE_HEADER_SIZE))
        for data, patches in _chunks(events, first_record):
            file.write(data)
            chunks += 1
            records += len(patches)
        file.write(bytes(spare_chunks * CHUNK_SIZE))
        file.seek(0)
        file.write(file_header(chunks, first_record + records, dirty=dirty, full=full))
    return Written(records, chunks, FILE_HEADER_SIZE + (chunks + spare_chunks) * CHUNK_SIZE)


def evtx_bytes(events: Iterable[EventSpec], *, first_record: int = 1, dirty: bool = False) -> bytes:
    """As `write_evtx`, in memory."""
    chunks = list(_chunks(events, first_record))
    records = sum(len(patches) for _, patches in chunks)
    return file_header(len(chunks), first_record + records, dirty=dirty) + b"".join(data for data, _ in chunks)


class _RewritableChunk:
    """A finished chunk that can be written again with other record numbers and later times."""

    def __init__(self, data: bytes, patches: list[_Patch]) -> None:
        self._bytes = np.frombuffer(data, dtype=np.uint8).copy()
        self.records = len(patches)
        span = np.arange(8)
        headers = np.array([patch.header for patch in patches])
        # records whose System block has its own number or a text as time keep that
        self._own_ids = np.array([patch.record_id is not None for patch in patches])
        self._own_times = np.array([patch.time is not None for patch in patches])
        record_ids = np.array([patch.record_id or 0 for patch in patches])[self._own_ids]
        times = np.array([patch.time or 0 for patch in patches])[self._own_times]
        self._id_bytes = (headers[:, None] + 8 + span, record_ids[:, None] + span)
        self._time_bytes = (headers[:, None] + 16 + span, times[:, None] + span)
        self._times = tuple(self._bytes[where].copy().view("<u8").ravel() for where in self._time_bytes)

    def rewritten(self, first: int, shift: int) -> memoryview:
        """The chunk with records numbered from ``first`` and times later by ``shift`` ticks; valid until the next call."""
        numbers = np.arange(first, first + self.records, dtype="<u8")
        for where, values in zip(self._id_bytes, (numbers, numbers[self._own_ids]), strict=True):
            self._bytes[where] = values.view(np.uint8).reshape(-1, 8)
        for where, times in zip(self._time_bytes, self._times, strict=True):
            self._bytes[where] = (times + np.uint64(shift)).view(np.uint8).reshape(-1, 8)
        data = bytearray(self._bytes)
        last = first + self.records - 1
        struct.pack_into("<QQQQ", data, 8, first, last, first, last)
        set_chunk_checksums(data)
        return memoryview(data)


def write_large_evtx(path: Path, events: Iterable[EventSpec], size: int, *, shift: timedelta = timedelta(hours=1)) -> Written:
    """Write the events over and over until the file has about ``size`` bytes (rounded down to whole chunks, one at least).

    Records are numbered through; every round is later than the one before by ``shift``. Much faster than `write_evtx`.
    """
    originals = [_RewritableChunk(data, patches) for data, patches in _chunks(events, 1)]
    if not originals:
        raise ValueError("no events")
    chunks = max(1, (size - FILE_HEADER_SIZE) // CHUNK_SIZE)
    ticks = shift // timedelta(microseconds=1) * 10
    record = 1
    with path.open("wb") as file:
        file.write(bytes(FILE_HEADER_SIZE))
        for number in range(chunks):
            original = originals[number % len(originals)]
            file.write(original.rewritten(record, number // len(originals) * ticks))
            record += original.records
        file.seek(0)
        file.write(file_header(chunks, record))
    return Written(record - 1, chunks, FILE_HEADER_SIZE + chunks * CHUNK_SIZE)
