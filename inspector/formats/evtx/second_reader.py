"""The second reader: one record's binary XML as text, in the notation of the first reader (MS-EVEN6 2.2.12).

It is slow, follows no table and no chain, and gives up nothing but what cannot be read: a value that is not
what its type says is shown by its bytes, and of a record that is damaged somewhere it keeps what comes before.
It is asked about records that the first reader refuses, and about all of them where there is no first reader.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape

from inspector.formats.evtx.chunks import CHUNK_SIZE, RECORD_HEADER_SIZE
from inspector.formats.evtx.values import ARRAY, BINARY_XML, texts

MOST_CHARACTERS: Final = 4_000_000
MOST_STEPS: Final = 400_000
"""Nodes written for one event. A chunk that needs more repeats itself through references to references."""
MOST_NESTING: Final = 8
"""Template instances within each other; Windows writes two."""
LONGEST_NAME: Final = 512

_TEMPLATE_HEADER: Final = 24
_MORE: Final = 0x40
"""Bit of a token's byte: attributes follow an element, or another one an attribute."""
_QUOTES: Final = {'"': "&quot;", "'": "&apos;"}
_EVENT_ID: Final = re.compile(r"<EventID[^<>]*>[^<>]+</EventID>")
_UNFIT: Final = frozenset(" <>&\"'=/\0\t\r\n")


def is_event(text: str) -> bool:
    """Whether the XML of a damaged record has as much as an event ID: less than that tells nobody anything."""
    return _EVENT_ID.search(text) is not None


class Unreadable(Exception):
    """Nothing of the record can be used; the text says why."""


class _Damage(Exception):
    """Reading can go no further; the text says why."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read of a record."""

    text: str
    damage: str
    """Why that is not all of it; empty when it is."""


@dataclass(frozen=True, slots=True)
class Substitution:
    index: int


@dataclass(frozen=True, slots=True)
class Entity:
    name: str


@dataclass(frozen=True, slots=True)
class Instance:
    """A template instance that stands where an element could."""

    offset: int


@dataclass(frozen=True, slots=True)
class Element:
    name: str
    attributes: tuple[tuple[str, tuple[Content, ...]], ...]
    children: tuple[Element | Content, ...]


Content = str | Substitution | Entity | Instance
Node = Element | Content


@dataclass(frozen=True, slots=True)
class _Value:
    """One value of a substitution array."""

    kind: int
    start: int
    end: int


class SecondReader:
    """Reads records of one chunk, of which the bytes at hand may be the first part only."""

    def __init__(self, chunk: bytes) -> None:
        self._chunk = chunk[:CHUNK_SIZE]
        self._templates: dict[int, tuple[tuple[Node, ...], str]] = {}

    def event_xml(self, offset: int) -> Reading:
        """The XML of the record at that byte of the chunk. Raises Unreadable where not even its System block can be made out."""
        (length,) = struct.unpack_from("<I", self._chunk, offset + 4)
        end = min(offset + length - 4, len(self._chunk))
        writer = _Writer(self, end)
        try:
            writer.fragment(offset + RECORD_HEADER_SIZE, end, 0)
        except _Damage as damage:
            writer.damaged(damage)
        except (struct.error, IndexError, RecursionError) as error:
            writer.damaged(error)
        text = "".join(writer.parts)
        if not is_event(text):
            raise Unreadable(writer.damage or "there is no event in it")
        return Reading(text, writer.damage)

    @property
    def chunk(self) -> bytes:
        return self._chunk

    def template(self, offset: int) -> tuple[tuple[Node, ...], str]:
        """The nodes of the template whose definition starts at that byte, and what is wrong with it."""
        known = self._templates.get(offset)
        if known is None:
            (size,) = struct.unpack_from("<I", self._chunk, offset + 20)
            start = offset + _TEMPLATE_HEADER
            tokens = Tokens(self._chunk, start, min(start + size, len(self._chunk)), dependencies=True)
            known = tokens.nodes(), tokens.damage
            self._templates[offset] = known
        return known

    def values(self, at: int, end: int) -> tuple[list[_Value], str]:
        """The substitution array at that byte, as far as it lies before ``end``, and what is wrong with it."""
        (count,) = struct.unpack_from("<I", self._chunk, at)
        start = at + 4 + 4 * count
        values: list[_Value] = []
        if start <= end:
            for size, kind in struct.iter_unpack("<HBx", self._chunk[at + 4 : start]):
                if start + size > end:
                    break
                values.append(_Value(kind, start, start + size))
                start += size
        return values, "" if len(values) == count else "values of it lie outside of it"

    def instance(self, at: int) -> tuple[int, int]:
        """Offset of the definition, and of the values, of the template instance whose token is at that byte."""
        (definition,) = struct.unpack_from("<I", self._chunk, at + 6)
        values = at + 10
        if definition == values:
            (size,) = struct.unpack_from("<I", self._chunk, definition + 20)
            values += _TEMPLATE_HEADER + size
        return definition, values


class Tokens:
    """Takes a run of binary XML tokens apart, as far as they make sense."""

    def __init__(self, chunk: bytes, start: int, end: int, *, dependencies: bool) -> None:
        self._chunk = chunk
        self._at = start
        self._end = end
        self._dependencies = dependencies
        """Elements name the value they depend on: in template definitions they do, elsewhere they do not."""
        self.damage = ""
        """Why not all of it could be taken apart."""

    def nodes(self) -> tuple[Node, ...]:
        """Everything up to the end of the stream, of the element that holds it, or to where it is damaged."""
        found: list[Node] = []
        try:
            while self._at < self._end and not self.damage:
                token = self._take("<B")
                if token & ~_MORE in {0x00, 0x04}:
                    break
                if token & ~_MORE == 0x0C:
                    found.append(Instance(self._at - 1))
                    break  # nothing follows an instance but its values
                self._node(token, found)
        except _Damage as damage:
            self.damage = str(damage)
        except (struct.error, RecursionError):
            self.damage = "its binary XML is cut off or runs in circles"
        return tuple(found)

    def _node(self, token: int, found: list[Node]) -> None:
        match token & ~_MORE:
            case 0x01:
                self._element(found, more=bool(token & _MORE))
            case 0x0F:
                self._bytes(3)
            case 0x0A:
                self._name()
            case 0x0B:
                self._bytes(2 * self._take("<H"))
            case other:
                found.append(self._content(other))

    def _element(self, found: list[Node], *, more: bool) -> None:
        if self._dependencies:
            self._take("<H")
        self._take("<I")
        name = self._name()
        attributes = []
        if more:
            stop = min(self._take("<I") + self._at, self._end)
            while self._at < stop:
                if self._take("<B") & ~_MORE != 0x06:
                    raise _Damage("an attribute in it is damaged")
                attributes.append((self._name(), tuple(self._values_of_attribute(stop))))
        token = self._take("<B") & ~_MORE
        if token not in {0x02, 0x03}:
            raise _Damage("an element in it is damaged")
        found.append(Element(name, tuple(attributes), self.nodes() if token == 0x02 else ()))

    def _values_of_attribute(self, stop: int) -> Iterator[Content]:
        while self._at < stop and self._chunk[self._at] & ~_MORE != 0x06:
            yield self._content(self._take("<B") & ~_MORE)

    def _content(self, token: int) -> Content:
        match token:
            case 0x05:
                kind = self._take("<B")
                size = self._take("<H") * (2 if kind == 0x01 else 1)
                return "".join(texts(kind, self._bytes(size)))
            case 0x07:
                return self._bytes(2 * self._take("<H")).decode("utf-16-le", "replace")
            case 0x08:
                return chr(self._take("<H"))
            case 0x09:
                return Entity(self._name())
            case 0x0D | 0x0E:
                index = self._take("<H")
                self._take("<B")
                return Substitution(index)
        raise _Damage(f"there is no token {token:#04x} in binary XML")

    def _take(self, layout: str) -> int:
        """The next number."""
        (value,) = struct.unpack(layout, self._bytes(struct.calcsize(layout)))
        return int(value)

    def _bytes(self, count: int) -> bytes:
        """The next so many bytes, which must lie inside."""
        if self._at + count > self._end:
            raise _Damage("its binary XML is cut off")
        self._at += count
        return self._chunk[self._at - count : self._at]

    def _name(self) -> str:
        """A name, by its place; its definition follows where this is its first use."""
        offset = self._take("<I")
        (length,) = struct.unpack_from("<H", self._chunk, offset + 6)
        if offset == self._at:
            self._bytes(10 + 2 * length)
        name = self._chunk[offset + 8 : offset + 8 + 2 * length].decode("utf-16-le", "replace")
        if not 0 < length <= LONGEST_NAME or not _UNFIT.isdisjoint(name):
            raise _Damage("a name in it is damaged")
        return name


@dataclass(slots=True)
class _Writer:
    """Writes nodes as text, values filled in."""

    reader: SecondReader
    end: int
    """Byte of the chunk behind the record's binary XML."""
    parts: list[str] = field(default_factory=list)
    characters: int = 0
    steps: int = 0
    damage: str = ""

    def damaged(self, why: Exception | str) -> None:
        """Note the first thing that is wrong."""
        words = "its binary XML is cut off or runs in circles"
        self.damage = self.damage or (str(why) if isinstance(why, _Damage | str) else words)

    def fragment(self, start: int, end: int, depth: int) -> None:
        """Write what lies between two bytes: a template instance, or elements of their own."""
        tokens = Tokens(self.reader.chunk, start, end, dependencies=False)
        nodes = tokens.nodes()
        self._nodes(nodes, (), depth)
        self.damaged(tokens.damage)

    def _instance(self, at: int, depth: int) -> None:
        if depth > MOST_NESTING:
            raise _Damage("its templates are nested too deeply")
        definition, start = self.reader.instance(at)
        nodes, damage = self.reader.template(definition)
        values, missing = self.reader.values(start, self.end)
        self.damaged(damage or missing)
        self._nodes(nodes, values, depth)

    def _put(self, text: str) -> None:
        self.parts.append(text)
        self.characters += len(text)
        if self.characters > MOST_CHARACTERS:
            raise _Damage("it would become more text than a record can hold")

    def _nodes(self, nodes: Sequence[Node], values: Sequence[_Value], depth: int) -> None:
        for node in nodes:
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise _Damage("it repeats itself without end")
            if isinstance(node, Element):
                self._element(node, values, depth)
            elif isinstance(node, Instance):
                self._instance(node.offset, depth)
            elif isinstance(node, Substitution) and self._value(node, values).kind == BINARY_XML:
                value = self._value(node, values)
                if value.start < value.end:
                    self.fragment(value.start, value.end, depth + 1)
            else:
                self._put(self._text(node, values, in_attribute=False))

    def _element(self, element: Element, values: Sequence[_Value], depth: int) -> None:
        opening = f"<{element.name}"
        for name, contents in element.attributes:
            text = "".join(self._text(content, values, in_attribute=True) for content in contents)
            if text:
                opening += f' {name}="{text}"'
        for item in self._repeated(element, values):
            self._put(opening + ">")
            try:
                if item is None:
                    self._nodes(element.children, values, depth)
                else:
                    self._put(escape(item))
            finally:
                self.parts.append(f"</{element.name}>")

    def _repeated(self, element: Element, values: Sequence[_Value]) -> Sequence[str | None]:
        """An element that holds nothing but an array is there once for each item; any other (None) once."""
        if len(element.children) == 1 and isinstance(element.children[0], Substitution):
            value = self._value(element.children[0], values)
            if value.kind & ARRAY:
                return self._texts(value)
        return (None,)

    def _value(self, substitution: Substitution, values: Sequence[_Value]) -> _Value:
        if substitution.index < len(values):
            return values[substitution.index]
        self.damaged("values of it are missing")
        return _NOTHING

    def _texts(self, value: _Value) -> list[str]:
        return texts(value.kind, self.reader.chunk[value.start : value.end])

    def _text(self, content: Content, values: Sequence[_Value], *, in_attribute: bool) -> str:
        match content:
            case Entity():
                return f"&{content.name};"
            case Instance():
                raise _Damage("an attribute in it is damaged")
            case Substitution():
                text = ",".join(self._texts(self._value(content, values)))
            case _:
                text = content
        return escape(text, _QUOTES if in_attribute else {})


_NOTHING: Final = _Value(0, 0, 0)
