"""What the events of one layout read as: their templates with the values' places left open, cut into what the columns need.

A layout is two templates, one within the other, together with the types of their values and which of those are
empty. All events of a layout differ in their values alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

import polars as pl

from inspector.formats.evtx.event_xml import unescaped
from inspector.formats.evtx.first_reader import DECLARATION
from inspector.formats.evtx.headings import NAMED, UNNAMED, Heading
from inspector.formats.evtx.messages import BARE, DATA_END, EMPTY, NAMED_START, NAMES, PLACES, UNNAMED_START, data_lines
from inspector.formats.evtx.middles import TIME
from inspector.formats.evtx.second_reader import Element, Entity, Instance, Node, Substitution
from inspector.formats.evtx.shapes import Hole
from inspector.formats.evtx.values import ARRAY, BINARY_XML

CHANNEL: Final = "<Channel>"
SYSTEM_END: Final = "</System>"
MOST_NODES: Final = 2_000
DEEPEST: Final = 16
"""Elements within each other."""

STRING: Final = 0x01
_UINT64: Final = 0x0A
_GUID: Final = 0x0F
_FILETIME: Final = 0x11
_UNSURE: Final = frozenset({0x02, 0x0B, 0x0C})
"""Types whose texts may not be the same from every reader: strings in an unknown code page, fractions."""
_QUOTES: Final = {'"': "&quot;", "'": "&apos;"}

_SLOT: Final = re.compile("\0(\\d)\\.(\\d+)\0")
_MIDDLE: Final = re.compile(
    '(\0[^\0]+\0)"></TimeCreated><EventRecordID>(\0[^\0]+\0)</EventRecordID>'
    '<Correlation(?: ActivityID="\\{?(\0[^\0]+\0)\\}?")?(?: RelatedActivityID="[^"<>]*")?></Correlation>(?:<Execution[^<>]*></Execution>)?'
)
"""What stands between the start of the time and the channel."""
_OPENINGS: Final = ((NAMES, NAMED_START.decode()), (PLACES, UNNAMED_START.decode()))


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value is to be put."""

    level: int
    """0 for a value of the outer template, 1 for one of the inner."""
    index: int


Text = tuple[str | Slot, ...]
"""Literal text and open places, in turn."""


@dataclass(frozen=True, slots=True)
class Part:
    """What the values at one level are."""

    nodes: tuple[Node, ...]
    kinds: tuple[int, ...]
    filled: tuple[bool, ...]
    """Which of them have any bytes."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The columns of one layout, its values left open. Each is made once and only equal to itself."""

    head: Text
    """As XML: the System block up to the time, and from the channel on."""
    tail: Text
    time: Slot
    number: Slot
    activity: Slot | None
    lines: Text
    """The event's data as the message shows them; not XML."""
    kind: int
    """What the data are, in the words of ``messages``."""
    data: tuple[str, ...]
    """As XML, places open: the Data elements, each without what separates it from the others."""
    kinds: tuple[tuple[int, ...], ...]
    """Types of the values at both levels."""

    def kind_of(self, slot: Slot) -> int:
        """The type of the value that belongs there."""
        return self.kinds[slot.level][slot.index]

    def holes(self, heading: Heading) -> tuple[Text | None, ...] | None:
        """What fills the holes of our own text above the data, None for what these events do not have; None where they are too odd for that."""
        if self.kind == BARE:
            return (None,) * len(heading.template.holes)
        separator = NAMED if self.kind == NAMES else UNNAMED
        if separator.join(self.data).count("<") != separator.count("<") * (len(self.data) - 1):
            return None
        openings = [part.partition('">') for part in self.data] if self.kind == NAMES else []
        if any("\0" in name or not mark for name, mark, _ in openings):
            return None
        found = heading.holes(self.data, separator)
        return tuple(None if hole.place < 0 else _plain(self._value(hole)) for hole in found)

    def _value(self, hole: Hole) -> str:
        return self.data[hole.place][len(hole.opening) :]


class _OddError(Exception):
    """Events of these templates are left to the other way."""


def layout(parts: Sequence[Part]) -> Layout | None:
    """The layout of events with these templates and types of values; None for those that are made otherwise than most."""
    try:
        return _layout(parts)
    except _OddError:
        return None


def _layout(parts: Sequence[Part]) -> Layout:
    text = DECLARATION + "".join(_Writer(parts).nodes(parts[0].nodes, 0, 0))
    head, found, rest = text.partition(TIME)
    middle, _, rest = rest.partition(CHANNEL)
    tail, end, body = rest.partition(SYSTEM_END)
    between = _MIDDLE.fullmatch(middle)
    if not found or not end or between is None or CHANNEL in head or SYSTEM_END in head:
        raise _OddError
    time, number = (_slot(between[group]) for group in (1, 2))
    activity = _slot(between[3]) if between[3] else None
    kinds = tuple(part.kinds for part in parts)
    if not _UNSURE.isdisjoint(kind for level in kinds for kind in level):
        raise _OddError
    for slot, type_ in ((time, _FILETIME), (number, _UINT64), (activity, _GUID)):
        if slot is not None and kinds[slot.level][slot.index] != type_:
            raise _OddError
    opened = [(kind, opening) for kind, opening in _OPENINGS if body.startswith(opening)]
    if not opened and body != EMPTY.decode():
        raise _OddError
    kind, opening = opened[0] if opened else (BARE, body)
    body = body.removeprefix(opening)
    if kind != BARE:
        body = body.removesuffix(DATA_END.decode())
    lines = data_lines(pl.Series([body]))[0]
    if lines is None or "&#" in lines:
        raise _OddError
    separator = NAMED if kind == NAMES else UNNAMED
    return Layout(
        head=_pieces(head + TIME),
        tail=_pieces(CHANNEL + tail),
        time=time,
        number=number,
        activity=activity,
        lines=_plain(lines),
        kind=kind,
        data=tuple(body.split(separator)),
        kinds=kinds,
    )


def _slot(text: str) -> Slot:
    found = _SLOT.fullmatch(text)
    assert found is not None
    return Slot(int(found[1]), int(found[2]))


def _pieces(text: str) -> Text:
    parts = _SLOT.split(text)
    found: list[str | Slot] = []
    for at in range(0, len(parts), 3):
        if parts[at]:
            found.append(parts[at])
        if at + 2 < len(parts):
            found.append(Slot(int(parts[at + 1]), int(parts[at + 2])))
    return tuple(found)


def _plain(text: str) -> Text:
    """The same of XML without tags, entities resolved."""
    return tuple(piece if isinstance(piece, Slot) else unescaped(piece) for piece in _pieces(text))


class _Writer:
    """Writes templates as the second reader does, values left open."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self._steps = 0

    def nodes(self, nodes: Sequence[Node], level: int, depth: int) -> Iterator[str]:
        """Raises _OddError."""
        for node in nodes:
            self._steps += 1
            if self._steps > MOST_NODES or depth > DEEPEST:
                raise _OddError
            if isinstance(node, Element):
                yield from self._element(node, level, depth)
            elif isinstance(node, Substitution) and self._kind(node, level) == BINARY_XML:
                if self._parts[level].filled[node.index]:
                    if level + 1 >= len(self._parts):
                        raise _OddError
                    yield from self.nodes(self._parts[level + 1].nodes, level + 1, depth + 1)
            else:
                yield self._content(node, level, in_attribute=False)

    def _element(self, element: Element, level: int, depth: int) -> Iterator[str]:
        yield f"<{element.name}"
        for name, contents in element.attributes:
            text = "".join(self._content(content, level, in_attribute=True) for content in contents)
            if text:
                yield f' {name}="{text}"'
        yield ">"
        yield from self.nodes(element.children, level, depth + 1)
        yield f"</{element.name}>"

    def _kind(self, node: Substitution, level: int) -> int:
        kinds = self._parts[level].kinds
        if node.index >= len(kinds) or kinds[node.index] & ARRAY:
            raise _OddError
        return kinds[node.index]

    def _content(self, node: Node, level: int, *, in_attribute: bool) -> str:
        match node:
            case Entity():
                return f"&{node.name};"
            case Substitution():
                kind = self._kind(node, level)
                if kind == BINARY_XML:
                    raise _OddError
                return f"\0{level}.{node.index}\0" if self._parts[level].filled[node.index] and kind else ""
            case str():
                if "\0" in node:
                    raise _OddError
                return escape(node, _QUOTES if in_attribute else {})
            case Instance() | Element():
                raise _OddError
