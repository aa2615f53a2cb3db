"""A linear scanner of XML mark-up that accepts any text, and the repair of XML that was cut or is not well-formed."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

MAX_DEPTH: Final = 200
"""Elements nested deeper than this are flattened in the repaired text (libxml2 itself refuses 256)."""
MAX_UNOPENED: Final = 40
"""Elements that are put back in front of a text whose head was cut; with more, the text is no document that lost its head."""


class Kind(enum.IntEnum):
    """Kind of one piece of mark-up."""

    START = 0
    EMPTY = 1
    """An element without content: ``<a/>``."""
    END = 2
    COMMENT = 3
    CDATA = 4
    INSTRUCTION = 5
    """A processing instruction or the XML declaration."""
    DECLARATION = 6
    """``<!DOCTYPE`` and what stands inside it."""
    BROKEN = 7
    """Begins like mark-up and never ends."""


class Markup(NamedTuple):
    """One piece of mark-up at ``start`` to ``end`` (exclusive)."""

    kind: Kind
    start: int
    end: int
    name: str


# no part of a tag may hold a second "<", so every character is looked at by one attempt only: linear whatever the input
_MARKUP: Final = re.compile(
    r"<(?:"
    r"(?P<close>/?)(?P<name>[^\W\d][\w.\-]*+(?::[\w.\-]++)?)(?=[\s/>\"'=]|$|<)(?P<rest>[^<>\"']*+(?:\"[^\"<]*+\"[^<>\"']*+|'[^'<]*+'[^<>\"']*+)*)(?P<stop>>?)"
    r"|(?P<other>!--|!\[CDATA\[|\?|!(?=[A-Z])))"
)
_TERMINATORS: Final = {
    "!--": ("-->", Kind.COMMENT),
    "![CDATA[": ("]]>", Kind.CDATA),
    "?": ("?>", Kind.INSTRUCTION),
    "!": (">", Kind.DECLARATION),
}


def scan(xml: str, start: int = 0) -> Iterator[Markup]:
    """Every piece of mark-up from ``start`` on, in order, in linear time. What lies between them is text."""
    position = start
    exhausted: set[str] = set()
    while (match := _MARKUP.search(xml, position)) is not None:
        other = match["other"]
        begin = match.start()
        if other is None:
            position = match.end()
            if not match["stop"]:
                following = xml.find("<", position)
                position = len(xml) if following < 0 else following
                yield Markup(Kind.BROKEN, begin, position, match["name"])
            elif match["close"]:
                yield Markup(Kind.END, begin, position, match["name"])
            elif match["rest"].endswith("/"):
                yield Markup(Kind.EMPTY, begin, position, match["name"])
            else:
                yield Markup(Kind.START, begin, position, match["name"])
            continue
        terminator, kind = _TERMINATORS[other]
        found = -1 if other in exhausted else xml.find(terminator, match.end())
        if found < 0:
            exhausted.add(other)
            following = xml.find("<", match.end())
            position = len(xml) if following < 0 else following
            yield Markup(Kind.BROKEN, begin, position, "")
        else:
            position = found + len(terminator)
            yield Markup(kind, begin, position, "")


class Place(NamedTuple):
    """Where one element stands: its start tag, its content, and the whole."""

    start: int
    content_start: int
    content_end: int
    end: int
    name: str


def places(xml: str) -> list[Place]:
    """The place of every element in document order; an element that is never closed reaches to the end."""
    size = len(xml)
    starts: list[Markup] = []
    ends: list[tuple[int, int]] = []
    open_elements: list[int] = []
    open_names: dict[str, int] = {}
    for piece in scan(xml):
        if piece.kind is Kind.START:
            open_elements.append(len(starts))
            open_names[piece.name] = open_names.get(piece.name, 0) + 1
            starts.append(piece)
            ends.append((size, size))
        elif piece.kind is Kind.EMPTY:
            starts.append(piece)
            ends.append((piece.end, piece.end))
        elif piece.kind is Kind.END and open_names.get(piece.name):
            while open_elements:
                last = open_elements.pop()
                name = starts[last].name
                open_names[name] -= 1
                ends[last] = (piece.start, piece.end if name == piece.name else piece.start)
                if name == piece.name:
                    break
    return [Place(piece.start, piece.end, stop, end, piece.name) for piece, (stop, end) in zip(starts, ends, strict=True)]


@dataclass(frozen=True, slots=True)
class Repaired:
    """XML made to balance: nothing that was there is dropped but broken tags and document type declarations."""

    text: str
    """Wrapped in one element that declares every prefix."""
    starts: list[int | None]
    """For each element in document order, the wrapper left out, where its start tag stands in the original; None for one that was added."""
    unclosed: tuple[str, ...]
    """Names of the elements that were never closed, outermost first."""
    unopened: tuple[str, ...]
    """Names of the elements that were closed without having been opened, outermost first."""
    prefixes: frozenset[str]
    flattened: bool
    """True where elements nested deeper than MAX_DEPTH lost their tags."""


_AMPERSAND: Final = re.compile(r"&(?!(?:lt|gt|amp|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)")
_ATTRIBUTE_PREFIX: Final = re.compile(r"[\s\"']([^\W\d][\w.\-]*):[\w.\-]+\s*=")
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
FORBIDDEN_REFERENCE: Final = re.compile(r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]));")


def legal(text: str) -> str:
    """``text`` with every character that XML 1.0 forbids replaced by U+FFFD, same length."""
    return _FORBIDDEN.sub("\ufffd", text)


def _clean_text(text: str) -> str:
    if "&" in text:
        text = _AMPERSAND.sub("&amp;", FORBIDDEN_REFERENCE.sub("\ufffd", text))
    return text.replace("<", "&lt;").replace("]]>", "]]&gt;")


def _clean_tag(tag: str) -> str:
    return _AMPERSAND.sub("&amp;", FORBIDDEN_REFERENCE.sub("\ufffd", tag)) if "&" in tag else tag


class _Repair:
    """The state of one repair."""

    def __init__(self, xml: str) -> None:
        self.xml = legal(xml)
        self.out: list[str] = []
        self.starts: list[int | None] = []
        self.unopened: list[str] = []
        self.strays: list[int] = []
        self.stack: list[str] = []
        self.open_names: dict[str, int] = {}
        self.prefixes: set[str] = set()
        self.flattened = False

    def start(self, piece: Markup) -> None:
        tag = self.xml[piece.start : piece.end]
        if ":" in tag:
            self.prefixes.update(_ATTRIBUTE_PREFIX.findall(tag))
            if ":" in piece.name:
                self.prefixes.add(piece.name.partition(":")[0])
        deep = len(self.stack) >= MAX_DEPTH
        if piece.kind is Kind.START:
            self.stack.append(piece.name)
            self.open_names[piece.name] = self.open_names.get(piece.name, 0) + 1
        if deep:
            self.flattened = True
        else:
            self.starts.append(piece.start)
            self.out.append(_clean_tag(tag))

    def end(self, piece: Markup) -> None:
        if self.open_names.get(piece.name):
            while True:
                name = self.pop()
                if name == piece.name:
                    return
        elif not self.stack:
            self.unopened.append(piece.name)
            self.prefixes.update({piece.name.partition(":")[0]} if ":" in piece.name else ())
            self.strays.append(len(self.out))
            self.out.append(f"</{piece.name}>")

    def pop(self) -> str:
        name = self.stack.pop()
        self.open_names[name] -= 1
        if len(self.stack) < MAX_DEPTH:
            self.out.append(f"</{name}>")
        return name

    def text(self, start: int, end: int) -> None:
        if end > start:
            self.out.append(_clean_text(self.xml[start:end]))


def repair(xml: str, customary: dict[str, str]) -> Repaired:
    """Balance any text into XML that parses, or nearly always does.

    ``customary`` names the namespace that a prefix usually stands for; it is used where the text does not declare the prefix.
    """
    state = _Repair(xml)
    last = 0
    for piece in scan(state.xml):
        state.text(last, piece.start)
        last = piece.end
        if piece.kind <= Kind.EMPTY:
            state.start(piece)
        elif piece.kind is Kind.END:
            state.end(piece)
        elif piece.kind is Kind.CDATA:
            state.out.append(state.xml[piece.start : piece.end])
    state.text(last, len(state.xml))
    unclosed = tuple(state.stack)
    while state.stack:
        state.pop()
    state.prefixes -= {"xml", "xmlns"}
    added = list(reversed(state.unopened))
    if len(added) > MAX_UNOPENED:
        added = []
        for index in state.strays:
            state.out[index] = ""
    declared = "".join(f' xmlns:{prefix}="{customary.get(prefix, "urn:undeclared:" + prefix)}"' for prefix in sorted(state.prefixes))
    openers = "".join(f"<{name}>" for name in added)
    text = f"<repaired{declared}>{openers}{''.join(state.out)}</repaired>"
    return Repaired(
        text, [*(None for _ in added), *state.starts], unclosed, tuple(reversed(state.unopened)), frozenset(state.prefixes), state.flattened
    )
