"""Binary XML as .evtx files hold it: typed values, element trees with substitutions, and their encoding into a chunk (MS-EVEN6 2.2.12)."""

from __future__ import annotations

import enum
import struct
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

_T = TypeVar("_T")

CHUNK_SIZE: Final = 65536
CHUNK_HEADER_SIZE: Final = 512
EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
"""Where FILETIME starts counting its 100 ns ticks."""

FRAGMENT_HEADER: Final = b"\x0f\x01\x01\x00"
NO_DEPENDENCY: Final = 0xFFFF


class ValueType(enum.IntEnum):
    """Type byte of a binary XML value (MS-EVEN6 2.2.12, BinXmlValueType)."""

    NULL = 0x00
    STRING = 0x01
    ANSI_STRING = 0x02
    INT8 = 0x03
    UINT8 = 0x04
    INT16 = 0x05
    UINT16 = 0x06
    INT32 = 0x07
    UINT32 = 0x08
    INT64 = 0x09
    UINT64 = 0x0A
    REAL32 = 0x0B
    REAL64 = 0x0C
    BOOL = 0x0D
    BINARY = 0x0E
    GUID = 0x0F
    SIZE = 0x10
    FILETIME = 0x11
    SYSTEMTIME = 0x12
    SID = 0x13
    HEX32 = 0x14
    HEX64 = 0x15
    BINARY_XML = 0x21
    STRING_ARRAY = 0x81


PythonValue = str | int | float | bool | bytes | uuid.UUID | datetime | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Typed:
    """A value with the type it shall have in the file."""

    type: ValueType
    value: PythonValue


Value = PythonValue | Typed
"""What an event field may be given as; a bare Python value takes the type that `typed` picks."""


_NATURAL_TYPES: Final[dict[type, ValueType]] = {
    type(None): ValueType.NULL,
    bool: ValueType.BOOL,
    str: ValueType.STRING,
    float: ValueType.REAL64,
    bytes: ValueType.BINARY,
    uuid.UUID: ValueType.GUID,
    datetime: ValueType.FILETIME,
    tuple: ValueType.STRING_ARRAY,
}


def typed(value: Value) -> Typed:
    """The value with its type: str a string, bytes binary, int a signed or unsigned 64 bit number, datetime a FILETIME."""
    if isinstance(value, Typed):
        return value
    kind = _NATURAL_TYPES.get(type(value))
    if kind is not None:
        return Typed(kind, value)
    return Typed(ValueType.INT64 if isinstance(value, int) and value < 0 else ValueType.UINT64, value)


def filetime(time: datetime | int) -> int:
    """Ticks of 100 ns since 1601 UTC; an int is taken as such ticks already."""
    if isinstance(time, int):
        return time
    return (time - EPOCH) // timedelta(microseconds=1) * 10


def sid_bytes(sid: str) -> bytes:
    """The binary form of a SID such as ``S-1-5-18`` (MS-DTYP 2.4.2)."""
    prefix, revision, authority, *subs = sid.split("-")
    if prefix != "S":
        raise ValueError(f"not a SID: {sid}")
    head = struct.pack(">BB6s", int(revision), len(subs), int(authority).to_bytes(6, "big"))
    return head + struct.pack(f"<{len(subs)}I", *map(int, subs))


def _systemtime(time: datetime) -> bytes:
    weekday = (time.weekday() + 1) % 7
    return struct.pack("<8H", time.year, time.month, weekday, time.day, time.hour, time.minute, time.second, time.microsecond // 1000)


def utf16(text: str) -> bytes:
    """UTF-16 LE, lone surrogates as they are."""
    return text.encode("utf-16-le", "surrogatepass")


def _packer(layout: str) -> Callable[[PythonValue], bytes]:
    return struct.Struct(layout).pack


def _instance(value: PythonValue, kind: type[_T]) -> _T:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


_ENCODERS: Final[dict[ValueType, Callable[[PythonValue], bytes]]] = {
    ValueType.NULL: lambda _: b"",
    ValueType.STRING: lambda v: str.encode(v, "utf-16-le", "surrogatepass"),  # type: ignore[arg-type]  # raises TypeError itself
    ValueType.ANSI_STRING: lambda v: _instance(v, str).encode("cp1252"),
    ValueType.INT8: _packer("<b"),
    ValueType.UINT8: _packer("<B"),
    ValueType.INT16: _packer("<h"),
    ValueType.UINT16: _packer("<H"),
    ValueType.INT32: _packer("<i"),
    ValueType.UINT32: _packer("<I"),
    ValueType.INT64: _packer("<q"),
    ValueType.UINT64: _packer("<Q"),
    ValueType.REAL32: _packer("<f"),
    ValueType.REAL64: _packer("<d"),
    ValueType.BOOL: lambda v: struct.pack("<i", 1 if v else 0),
    ValueType.BINARY: lambda v: _instance(v, bytes),
    ValueType.GUID: lambda v: _instance(v, uuid.UUID).bytes_le,
    ValueType.SIZE: _packer("<Q"),
    ValueType.FILETIME: lambda v: struct.pack("<Q", v if isinstance(v, int) else filetime(_instance(v, datetime))),
    ValueType.SYSTEMTIME: lambda v: _systemtime(_instance(v, datetime)),
    ValueType.SID: lambda v: sid_bytes(_instance(v, str)),
    ValueType.HEX32: _packer("<I"),
    ValueType.HEX64: _packer("<Q"),
    ValueType.BINARY_XML: lambda v: _instance(v, bytes),
    ValueType.STRING_ARRAY: lambda v: b"".join(utf16(item) + b"\0\0" for item in _instance(v, tuple)),
}


def encode_value(value: Typed) -> bytes:
    """The bytes of a value as a template's substitution array holds it."""
    return _ENCODERS[value.type](value.value)


@dataclass(frozen=True, slots=True)
class Substitution:
    """A hole in a template, filled by the record's value of that index."""

    index: int
    type: ValueType
    optional: bool = True


@dataclass(frozen=True, slots=True)
class CharacterReference:
    """A character written as a number (token 0x08)."""

    code: int


@dataclass(frozen=True, slots=True)
class EntityReference:
    """A named entity such as ``amp`` (token 0x09)."""

    name: str


Content = str | Substitution | CharacterReference | EntityReference


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a template. Attributes and children keep their order."""

    name: str
    attributes: tuple[tuple[str, str | Substitution], ...] = ()
    children: tuple[Element | Content, ...] = ()


def _name_hash(name: str) -> int:
    value = 0
    for (unit,) in struct.iter_unpack("<H", utf16(name)):
        value = (value * 65599 + unit) & 0xFFFFFFFF
    return value & 0xFFFF


def _guid_bucket(guid: bytes) -> int:
    value = 0
    for (unit,) in struct.iter_unpack("<H", guid):
        value = (value * 65599 + unit) & 0xFFFFFFFF
    return value % 32


class ChunkFull(Exception):
    """The record does not fit into what is left of the chunk."""


class NameAndTemplateTables:
    """What a chunk has defined so far: names and templates by offset, chained by hash as the chunk header's tables want it.

    Definitions made since the last `commit` can be taken back, for a record that turns out not to fit.
    """

    def __init__(self) -> None:
        self.names: dict[str, int] = {}
        self.templates: dict[uuid.UUID, int] = {}
        self.name_heads = [0] * 64
        self.template_heads = [0] * 32
        self._pending: list[Callable[[], None]] = []

    def define_name(self, name: str, offset: int) -> int:
        """Note the name as defined at this chunk offset; return the offset of the bucket's previous head, for its chain."""
        bucket = _name_hash(name) % 64
        previous = self.name_heads[bucket]
        self.names[name] = offset
        self.name_heads[bucket] = offset

        def undo() -> None:
            del self.names[name]
            self.name_heads[bucket] = previous

        self._pending.append(undo)
        return previous

    def define_template(self, guid: uuid.UUID, offset: int) -> int:
        """As `define_name`, for a template definition."""
        bucket = _guid_bucket(guid.bytes_le)
        previous = self.template_heads[bucket]
        self.templates[guid] = offset
        self.template_heads[bucket] = offset

        def undo() -> None:
            del self.templates[guid]
            self.template_heads[bucket] = previous

        self._pending.append(undo)
        return previous

    def commit(self) -> None:
        self._pending.clear()

    def roll_back(self) -> None:
        for undo in reversed(self._pending):
            undo()
        self._pending.clear()


@dataclass(frozen=True, slots=True)
class Template:
    """A binary XML template: its GUID, which must be its own within a file, and its tree."""

    guid: uuid.UUID
    root: Element


class RecordEncoder:
    """Encodes one record's binary XML into ``out``, whose first byte lies at chunk offset ``base``."""

    def __init__(self, tables: NameAndTemplateTables, out: bytearray, base: int) -> None:
        self._tables = tables
        self._out = out
        self._base = base

    def template_instance(self, template: Template, values: list[Typed | NestedInstance]) -> list[int]:
        """Write fragment header, instance, definition where the chunk lacks it, and values.

        Returns the chunk offset of every value.
        """
        out = self._out
        guid = template.guid.bytes_le
        out += FRAGMENT_HEADER
        out += b"\x0c\x01" + guid[:4]
        known = self._tables.templates.get(template.guid)
        if known is not None:
            out += struct.pack("<I", known)
        else:
            self._definition(template)
        out += struct.pack("<I", len(values))
        descriptors_at = len(out)
        out += bytes(4 * len(values))
        offsets = []
        descriptors: list[int] = []
        start = len(out)
        for value in values:
            offsets.append(self._base + start)
            if isinstance(value, NestedInstance):
                self.template_instance(value.template, list(value.values))
                kind = ValueType.BINARY_XML
            else:
                kind = value.type
                out += _ENCODERS[kind](value.value)
            end = len(out)
            # a value that needs more than 16 bits does not fit into a chunk either, which the caller finds out
            descriptors += (end - start & 0xFFFF, kind)
            start = end
        struct.pack_into("<" + "HH" * len(values), out, descriptors_at, *descriptors)
        return offsets

    def _definition(self, template: Template) -> None:
        out = self._out
        offset = self._base + len(out) + 4
        out += struct.pack("<I", offset)
        previous = self._tables.define_template(template.guid, offset)
        out += struct.pack("<I", previous) + template.guid.bytes_le
        size_at = len(out)
        out += bytes(4) + FRAGMENT_HEADER
        self._element(template.root)
        out += b"\0"
        struct.pack_into("<I", out, size_at, len(out) - size_at - 4)

    def _name(self, name: str) -> None:
        """A reference to a name, followed by its definition where this is its first use in the chunk."""
        known = self._tables.names.get(name)
        if known is not None:
            self._out += struct.pack("<I", known)
            return
        offset = self._base + len(self._out) + 4
        previous = self._tables.define_name(name, offset)
        self._out += struct.pack("<IIHH", offset, previous, _name_hash(name), len(utf16(name)) // 2) + utf16(name) + b"\0\0"

    def _element(self, element: Element) -> None:
        out = self._out
        out += bytes([0x41 if element.attributes else 0x01]) + struct.pack("<H", _dependency(element))
        size_at = len(out)
        out += bytes(4)
        self._name(element.name)
        if element.attributes:
            list_at = len(out)
            out += bytes(4)
            last = len(element.attributes) - 1
            for number, (name, content) in enumerate(element.attributes):
                out += b"\x06" if number == last else b"\x46"
                self._name(name)
                self._content(content)
            struct.pack_into("<I", out, list_at, len(out) - list_at - 4)
        if element.children:
            out += b"\x02"
            for child in element.children:
                if isinstance(child, Element):
                    self._element(child)
                else:
                    self._content(child)
            out += b"\x04"
        else:
            out += b"\x03"
        struct.pack_into("<I", out, size_at, len(out) - size_at - 4)

    def _content(self, content: Content) -> None:
        match content:
            case str():
                text = utf16(content)
                self._out += struct.pack("<BBH", 0x05, ValueType.STRING, len(text) // 2) + text
            case Substitution():
                self._out += struct.pack("<BHB", 0x0E if content.optional else 0x0D, content.index, content.type)
            case CharacterReference():
                self._out += struct.pack("<BH", 0x08, content.code)
            case EntityReference():
                self._out += b"\x09"
                self._name(content.name)


@dataclass(frozen=True, slots=True)
class NestedInstance:
    """A template instance as the value of another's substitution, as EventData is in real logs."""

    template: Template
    values: tuple[Typed | NestedInstance, ...]


def _dependency(element: Element) -> int:
    """Index of the optional substitution without which the element is to be left out."""
    for content in element.children:
        if isinstance(content, Substitution) and content.optional and content.type is not ValueType.BINARY_XML:
            return content.index
    return NO_DEPENDENCY


def template_guid(root: Element) -> uuid.UUID:
    """A GUID that is a function of the tree: equal trees share their definition, others never do."""
    return uuid.uuid5(uuid.NAMESPACE_OID, "\n".join(_described(root)))


def _described(element: Element) -> Iterator[str]:
    yield f"<{element.name!r} {element.attributes!r}"
    for child in element.children:
        if isinstance(child, Element):
            yield from _described(child)
        else:
            yield repr(child)
    yield ">"
