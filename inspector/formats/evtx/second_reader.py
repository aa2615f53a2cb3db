"""The second reader: python-evtx's view of one record's structure, written out as the first reader would.

It is slow and forgiving. It is asked about records that the first reader refuses, and about all where there is none.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape

from inspector.formats.evtx.chunks import RECORD_HEADER_SIZE
from inspector.formats.evtx.values import BINARY_XML, texts

try:
    from Evtx import Evtx as library
    from Evtx import Nodes as nodes
except ImportError:  # not part of the program on every platform
    library = None  # type: ignore[assignment]

AVAILABLE: Final = library is not None

MOST_CHARACTERS: Final = 4_000_000
"""Longest text of one event: a chunk of 64 KiB that gives more repeats itself through references to references."""
MOST_NESTING: Final = 8
"""Template instances within each other; Windows writes two."""

_QUOTES: Final = {'"': "&quot;", "'": "&apos;"}


class Unreadable(Exception):
    """The record cannot be read by this reader either; the text says why."""


def event_xml(chunk: bytes, offset: int) -> str:
    """The XML of the record at that byte of a chunk. Raises Unreadable."""
    if not AVAILABLE:
        raise Unreadable("no second reader is installed")
    try:
        (length,) = struct.unpack_from("<I", chunk, offset + 4)
        writer = _Writer(chunk, offset + length - 4)
        writer.instance(offset + RECORD_HEADER_SIZE, 0)
    except Unreadable:
        raise
    except Exception as error:  # noqa: BLE001 - what a damaged record makes the library raise is beyond listing
        raise Unreadable(str(error) or type(error).__name__) from error
    text = writer.text()
    if not text.startswith("<Event"):
        raise Unreadable("there is no event in it")
    return text


@dataclass(frozen=True, slots=True)
class _Value:
    """One value of a record's substitution array."""

    kind: int
    start: int
    end: int


@dataclass(slots=True)
class _Writer:
    """Writes one record's binary XML as text."""

    chunk: bytes
    end: int
    """Byte of the chunk behind the record's binary XML."""
    parts: list[str] = field(default_factory=list)
    characters: int = 0

    def text(self) -> str:
        return "".join(self.parts)

    def put(self, text: str) -> None:
        self.parts.append(text)
        self.characters += len(text)
        if self.characters > MOST_CHARACTERS:
            raise Unreadable("it would render as more text than a record can hold")

    def instance(self, offset: int, depth: int) -> None:
        """Write the template instance that starts at that byte."""
        if depth > MOST_NESTING:
            raise Unreadable("its templates are nested too deeply")
        root = nodes.RootNode(self.chunk, offset, _chunk_view(self.chunk), None)
        template = root.template()
        values = self._values(offset + root.tag_and_children_length())
        self._nodes(template.children(), values, depth)

    def _values(self, at: int) -> list[_Value]:
        """The substitution array at that byte."""
        (count,) = struct.unpack_from("<I", self.chunk, at)
        start = at + 4 + 4 * count
        if start > self.end:
            raise Unreadable("its values lie outside of it")
        values = []
        for size, kind in struct.iter_unpack("<HBx", self.chunk[at + 4 : start]):
            if start + size > self.end:
                raise Unreadable("its values lie outside of it")
            values.append(_Value(kind, start, start + size))
            start += size
        return values

    def _nodes(self, children: Iterable[nodes.BXmlNode], values: Sequence[_Value], depth: int) -> None:
        for node in children:
            if isinstance(node, nodes.OpenStartElementNode):
                self._element(node, values, depth)
            elif not isinstance(node, nodes.AttributeNode):
                self._content(node, values, depth, in_attribute=False)

    def _element(self, node: nodes.OpenStartElementNode, values: Sequence[_Value], depth: int) -> None:
        name = _name(node.tag_name())
        children = node.children()
        opening = f"<{name}{''.join(self._attributes(children, values, depth))}>"
        repeated = self._array(children, values)
        if repeated is not None:
            for item in repeated:
                self.put(f"{opening}{escape(item)}</{name}>")
            return
        self.put(opening)
        self._nodes(children, values, depth)
        self.put(f"</{name}>")

    def _attributes(self, children: Iterable[nodes.BXmlNode], values: Sequence[_Value], depth: int) -> Iterator[str]:
        """The attributes that have a value."""
        for node in children:
            if isinstance(node, nodes.AttributeNode):
                inner = _Writer(self.chunk, self.end)
                inner._content(node.attribute_value(), values, depth, in_attribute=True)  # noqa: SLF001
                text = inner.text()
                if text:
                    yield f' {_name(node.attribute_name().string())}="{text}"'

    def _array(self, children: Iterable[nodes.BXmlNode], values: Sequence[_Value]) -> list[str] | None:
        """Items of the array that is all an element holds, for which it is repeated; None for any other element."""
        held = [node for node in children if isinstance(node, _SUBSTITUTIONS)]
        if len(held) != 1:
            return None
        value = values[held[0].index()]
        return texts(value.kind, self.chunk[value.start : value.end]) if value.kind & 0x80 else None

    def _content(self, node: nodes.BXmlNode, values: Sequence[_Value], depth: int, *, in_attribute: bool) -> None:
        """Write a node that is neither element nor attribute."""
        if isinstance(node, _SUBSTITUTIONS):
            value = values[node.index()]
            if value.kind == BINARY_XML:
                if value.start < value.end:
                    self.instance(value.start, depth + 1)
                return
            text = ",".join(texts(value.kind, self.chunk[value.start : value.end]))
        elif isinstance(node, nodes.ValueNode):
            inline = node.value()
            text = "".join(texts(node.type(), self.chunk[inline.offset() + 2 : inline.offset() + inline.tag_length()]))
        elif isinstance(node, nodes.CharacterReferenceNode):
            text = chr(node.entity())
        elif isinstance(node, nodes.EntityReferenceNode):
            self.put(f"&{_name(node.entity_reference()[1:-1])};")
            return
        elif isinstance(node, nodes.CDataSectionNode):
            text = node.cdata()
        else:
            return
        self.put(escape(text, _QUOTES if in_attribute else {}))


def _name(name: str) -> str:
    """A name that cannot be taken for anything else. Raises Unreadable."""
    if not name or any(character in name for character in " <>&\"'=/\0\n\r\t"):
        raise Unreadable("a name in it is damaged")
    return name


class _Lookup(dict[int, "nodes.BXmlNode"]):
    """Names or templates of a chunk by offset, read when asked for."""

    def __init__(self, kind: type[nodes.NameStringNode | nodes.TemplateNode], chunk: library.ChunkHeader, data: bytes) -> None:
        super().__init__()
        self._kind, self._chunk, self._data = kind, chunk, data

    def __missing__(self, offset: int) -> nodes.BXmlNode:
        node = self._kind(self._data, offset, self._chunk, self._chunk)
        self[offset] = node
        return node


def _chunk_view(data: bytes) -> library.ChunkHeader:
    """The chunk as the library wants it, with names and templates looked up where records say they are: its tables can be damaged."""
    chunk = library.ChunkHeader(data, 0)
    names, templates = _Lookup(nodes.NameStringNode, chunk, data), _Lookup(nodes.TemplateNode, chunk, data)
    # an empty table would be filled from the chunk's own
    names[0], templates[0] = names[0], templates[0]
    chunk._strings, chunk._templates = names, templates  # noqa: SLF001 - the library has no other way in
    return chunk


_SUBSTITUTIONS: Final = (nodes.NormalSubstitutionNode, nodes.ConditionalSubstitutionNode) if AVAILABLE else ()
