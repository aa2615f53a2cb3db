"""XML with the exact place of every element and value, read in linear time from any text, also when it is cut or unbalanced."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from inspector.tokens.base import Span

MAX_ELEMENTS: Final = 200_000
"""Elements read of one document; what follows is left out and said so in ``Markup.problems``."""

MAX_WALK: Final = 1_000
"""Elements visited inside one element, so that nested tokens cost no more than a constant each."""
MAX_DEPTH_SEEN: Final = 256
"""Ancestors looked at."""
MAX_NAMED: Final = 500
"""Elements of one set of names that are looked into; real messages hold a handful."""
SPARSE_FROM: Final = 20_000
"""Characters from which subtrees without a name of ``SOUGHT``, or an id that a signature may refer to, are passed over."""
SOUGHT: Final = frozenset({
    "Timestamp", "UsernameToken", "BinarySecurityToken", "SecurityContextToken", "DerivedKeyToken", "SecurityTokenReference", "Lifetime", "Signature",
    "EncryptedData", "EncryptedKey", "Assertion", "EncryptedAssertion", "Response", "AuthnRequest", "LogoutRequest", "LogoutResponse",
    "ArtifactResponse", "ArtifactResolve", "AttributeQuery", "Fault", "KeyDescriptor",
})  # fmt: skip
"""Local names of the elements that token kinds start from; what is inside them is always read."""
_IDS: Final = ('Id="', "Id='", 'ID="', "ID='", 'id="', "id='")
_REFERRED: Final = re.compile(r"URI=[\"']#(?:xpointer\(id\([\"'])?([^\"'()<>]{1,200})[\"')]")
_MAX_REFERRED: Final = 40
"""Ids referred to that are looked for one by one; with more of them every element with an id is kept."""
_SKIPPED_FROM: Final = 500
"""Characters of a subtree that are worth passing over."""
_ID_NAMES: Final = frozenset({"Id", "ID", "id", "AssertionID", "ResponseID", "RequestID"})

_NAME: Final = re.compile(r"</?([^\s<>/=\"'!?][^\s<>/=\"']*+)")
_ATTRIBUTE: Final = re.compile(r"\s*+([^\s<>/=\"']++)\s*+=\s*+(?:\"([^\"<]*+)\"|'([^'<]*+)')")
_TAG: Final = re.compile(r"<(/?)([^\s<>/=\"'!?][^\s<>/=\"']*+)([^<>]*+)>")
_TAG_BREAKS: Final = frozenset({">", " ", "\t", "\r", "\n"})
_TAG_END: Final = re.compile(r"[^<>]*+(>)?")
_REFERENCE: Final = re.compile(r"&(?:#(\d{1,7}+)|#x([0-9a-fA-F]{1,6}+)|(lt|gt|amp|quot|apos));")
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_XML_NAMESPACE: Final = "http://www.w3.org/XML/1998/namespace"


def _character(match: re.Match[str]) -> str:
    decimal, hexadecimal, named = match.groups()
    if named:
        return _NAMED[named]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return match.group()
    return chr(code)


def unescape(text: str) -> str:
    """Undo XML's own character references once; anything else stays as it is."""
    return _REFERENCE.sub(_character, text) if "&" in text else text


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of an element."""

    local: str
    prefix: str
    value: str
    start: int
    """First character of the value in the document."""
    end: int


@dataclass(slots=True, eq=False)
class Element:
    """One element; ``start`` to ``end`` in the document, tags included."""

    local: str
    prefix: str
    namespace: str | None
    """None where the prefix is bound to nothing, as in cut documents."""
    attributes: tuple[Attribute, ...]
    start: int
    inner_start: int
    inner_end: int = 0
    end: int = 0
    parent: Element | None = None
    children: list[Element] = field(default_factory=list)
    closed: bool = False
    """False where the document ends, or goes on with another end tag, before the element does."""
    pieces: list[tuple[int, int, bool]] = field(default_factory=list)
    """Character data directly inside: start, end, whether it stood in a CDATA section."""

    def get(self, local: str) -> str:
        """Value of the attribute with this local name; empty where there is none."""
        for attribute in self.attributes:
            if attribute.local == local:
                return attribute.value
        return ""

    def attribute(self, local: str) -> Attribute | None:
        """Attribute with this local name."""
        return next((attribute for attribute in self.attributes if attribute.local == local), None)

    def child(self, *path: str) -> Element | None:
        """First child with this local name, and so on down the path."""
        found: Element | None = self
        for local in path:
            if found is None:
                return None
            found = next((child for child in found.children if child.local == local), None)
        return found

    def ancestors(self) -> Iterator[Element]:
        """Parent, its parent and so on, ``MAX_DEPTH_SEEN`` of them."""
        found = self.parent
        for _ in range(MAX_DEPTH_SEEN):
            if found is None:
                return
            yield found
            found = found.parent

    def walk(self, limit: int = MAX_WALK) -> Iterator[Element]:
        """This element and what is inside it, in document order, ``limit`` elements at most."""
        waiting = [self]
        for _ in range(limit):
            if not waiting:
                return
            element = waiting.pop()
            yield element
            waiting.extend(reversed(element.children[:limit]))

    def descendants(self, local: str) -> Iterator[Element]:
        """Elements inside this one with this local name, in document order."""
        return (element for element in self.walk() if element is not self and element.local == local)


@dataclass(slots=True, eq=False)
class Markup:
    """One document and its elements in document order."""

    text: str
    elements: tuple[Element, ...]
    locate: Callable[[int, int], Span]
    """From characters of ``text`` to the event's text."""
    problems: tuple[str, ...] = ()
    carrier: str = ""
    """How the document travelled where it is not written as XML: ``base64 SAMLResponse``."""
    cut: bool = False
    """Whether elements stay open or closing tags have no opening one."""
    has_document_type: bool = False
    """Whether the document declares a DTD, which no token may (SAML 2.0 Core 5.4, SOAP 1.1 section 3)."""
    by_name: dict[str, list[Element]] = field(default_factory=dict)
    by_id: dict[str, list[Element]] = field(default_factory=dict)
    """Elements by the value of their id attribute, whatever that is called."""

    def value(self, element: Element | None) -> str:
        """Text directly inside an element, references undone, surrounding white space removed."""
        if element is None:
            return ""
        parts = (self.text[start:end] if cdata else unescape(self.text[start:end]) for start, end, cdata in element.pieces)
        return "".join(parts).strip()

    def value_span(self, element: Element | None) -> Span | None:
        """Place of the element's text in the event's text, without surrounding white space."""
        if element is None or not element.pieces:
            return None
        start, end = element.pieces[0][0], element.pieces[-1][1]
        inside = self.text[start:end]
        start += len(inside) - len(inside.lstrip())
        end -= len(inside) - len(inside.rstrip())
        return self.locate(start, end) if start < end else None

    def span(self, element: Element) -> Span:
        """Place of a whole element in the event's text."""
        return self.locate(element.start, element.end)

    def source(self, element: Element) -> str:
        """The element as the document writes it."""
        return self.text[element.start : element.end]

    def named(self, *locals_: str) -> Iterator[Element]:
        """Elements with one of these local names, in document order, ``MAX_NAMED`` at most."""
        found = [element for local in locals_ for element in self.by_name.get(local, ())[:MAX_NAMED]]
        if len(locals_) > 1:
            found.sort(key=lambda element: element.start)
        return iter(found[:MAX_NAMED])


class _Reader:
    """One pass over a document."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.elements: list[Element] = []
        self.by_name: dict[str, list[Element]] = {}
        self.by_id: dict[str, list[Element]] = {}
        self.problems: list[str] = []
        self.stack: list[Element] = []
        self.open_names: dict[tuple[str, str], int] = {}
        self.bound: dict[str, list[str]] = {"xml": [_XML_NAMESPACE]}
        self.declared: list[tuple[str, ...]] = []
        self.cut = False
        self.has_document_type = False
        self._never: set[str] = set()
        self._hits = _hits(text) if len(text) >= SPARSE_FROM else None
        """Places where something sought may stand, in order; None to read everything."""
        self._inside = 0
        """Open elements that are sought."""

    def read(self) -> None:
        text, position = self.text, 0
        while True:
            at = text.find("<", position)
            if at < 0:
                break
            if at > position:
                self._characters(position, at)
            if self._hits is not None and not self._inside and (ran := self._run_over(at)) > at:
                position = ran
                continue
            position = self._markup(at)
            if len(self.elements) >= MAX_ELEMENTS:
                self.problems.append(f"only the first {MAX_ELEMENTS:,} elements were read")
                break
            if self._hits is not None and not self._inside and (not self._hits or position > self._hits[-1]):
                self._close_the_rest(position)
                return
        if position < len(text):
            self._characters(position, len(text))
        if self.stack:
            self.cut = True
        while self.stack:
            self._pop(len(text), len(text), closed=False)

    def _markup(self, at: int) -> int:
        text = self.text
        following = text[at + 1 : at + 2]
        if following == "!":
            return self._declaration(at)
        if following == "?":
            return self._until(at, "?>")
        name = _NAME.match(text, at)
        if name is None:
            self._characters(at, at + 1)
            return at + 1
        prefix, colon, local = name.group(1).partition(":")
        if not colon:
            prefix, local = "", prefix
        if following == "/":
            return self._end_tag(at, prefix, local, name.end())
        return self._start_tag(at, prefix, local, name.end())

    def _until(self, at: int, mark: str) -> int:
        """End of a comment or instruction. A mark that never comes is looked for once only, to stay linear."""
        if mark in self._never:
            return at + 1
        found = self.text.find(mark, at)
        if found < 0:
            self._never.add(mark)
            return at + 1
        return found + len(mark)

    def _declaration(self, at: int) -> int:
        text = self.text
        if text.startswith("<!--", at):
            return self._until(at, "-->")
        if text.startswith("<![CDATA[", at):
            end = self._until(at, "]]>")
            if end > at + 1:
                self._characters(at + 9, end - 3, cdata=True)
            return end
        if text.startswith("<!DOCTYPE", at):
            self.has_document_type = True
        closing = _TAG_END.match(text, at + 1)
        return closing.end() if closing is not None else at + 1

    def _characters(self, start: int, end: int, *, cdata: bool = False) -> None:
        if self.stack:
            self.stack[-1].pieces.append((start, end, cdata))

    def _start_tag(self, at: int, prefix: str, local: str, position: int, *, pass_over: bool = True) -> int:
        text = self.text
        attributes: list[Attribute] = []
        declared: list[str] = []
        while (match := _ATTRIBUTE.match(text, position)) is not None:
            position = match.end()
            group = 2 if match.group(2) is not None else 3
            name, value = match.group(1), unescape(match.group(group))
            before, colon, after = name.partition(":")
            if name == "xmlns" or before == "xmlns":
                self.bound.setdefault(after, []).append(value)
                declared.append(after)
            else:
                attributes.append(
                    Attribute(after if colon else before, before if colon else "", value, match.start(group), match.end(group))
                )
        closing = _TAG_END.match(text, position)
        end = closing.end() if closing is not None else position
        complete = closing is not None and closing.group(1) is not None
        if not complete:
            self.cut = True
        uris = self.bound.get(prefix)
        namespace = uris[-1] if uris else ("" if not prefix else None)
        element = Element(local, prefix, namespace, tuple(attributes), at, end)
        element.parent = self.stack[-1] if self.stack else None
        if element.parent is not None:
            element.parent.children.append(element)
        self.elements.append(element)
        self.by_name.setdefault(local, []).append(element)
        for attribute in attributes:
            if attribute.local in _ID_NAMES:
                self.by_id.setdefault(attribute.value, []).append(element)
        self.stack.append(element)
        self.declared.append(tuple(declared))
        self.open_names[prefix, local] = self.open_names.get((prefix, local), 0) + 1
        if local in SOUGHT:
            self._inside += 1
        if complete and text[end - 2] == "/":
            self._pop(end, end, closed=True)
            return end
        return self._passed_over(element, end) if pass_over and self._hits is not None and not self._inside else end

    def _passed_over(self, element: Element, inner: int) -> int:
        """Where the element's end tag stands, when nothing sought is before it; else where its content starts."""
        assert self._hits is not None
        text = self.text
        name = _qualified(element)
        following = bisect_left(self._hits, inner)
        limit = self._hits[following] if following < len(self._hits) else len(text)
        if limit - inner < _SKIPPED_FROM:
            return inner
        close = text.find(f"</{name}", inner, limit)
        if close - inner < _SKIPPED_FROM or text[close + len(name) + 2 : close + len(name) + 3] not in _TAG_BREAKS:
            return inner
        if any(text.find(mark, inner, close) >= 0 for mark in (f"<{name}", "<![CDATA[", "<!--")):
            return inner
        return close

    def _run_over(self, position: int) -> int:
        """Towards the next place of something sought, keeping only what is still open there; the same place where that is near or unclear."""
        assert self._hits is not None
        text = self.text
        following = bisect_left(self._hits, position)
        if following == len(self._hits) or self._hits[following] - position < _SKIPPED_FROM:
            return position
        limit = text.rfind("<", position, self._hits[following])
        if text.find("<!", position, limit) >= 0:
            return position
        opened: list[tuple[str, int]] = []
        reached = position
        for tag in _TAG.finditer(text, position, limit):
            closing, name, rest = tag.groups()
            if not closing:
                if not rest.endswith("/"):
                    opened.append((name, tag.start()))
            elif opened:
                if opened[-1][0] != name:
                    break
                opened.pop()
            elif self.stack and name == _qualified(self.stack[-1]):
                self._pop(tag.start(), tag.end(), closed=True)
            else:
                break
            reached = tag.end()
        for name, start in opened:
            prefix, colon, local = name.partition(":")
            self._start_tag(start, prefix if colon else "", local if colon else prefix, start + 1 + len(name), pass_over=False)
        return reached

    def _close_the_rest(self, position: int) -> None:
        """Nothing sought follows: the open elements end where their last end tags stand."""
        limit = len(self.text)
        ends: list[tuple[int, int]] = []
        for element in self.stack:
            name = _qualified(element)
            at = self.text.rfind(f"</{name}", position, limit)
            if at < 0:
                self.cut = True
                break
            ends.append((at, self.text.find(">", at) + 1 or limit))
            limit = at
        while self.stack:
            depth = len(self.stack) - 1
            if depth < len(ends):
                self._pop(*ends[depth], closed=True)
            else:
                self._pop(limit, limit, closed=False)

    def _end_tag(self, at: int, prefix: str, local: str, position: int) -> int:
        closing = _TAG_END.match(self.text, position)
        end = closing.end() if closing is not None else position
        if not self.open_names.get((prefix, local)):
            self.cut = True
            return end
        while self.stack[-1].local != local or self.stack[-1].prefix != prefix:
            self.cut = True
            self._pop(at, at, closed=False)
        self._pop(at, end, closed=True)
        return end

    def _pop(self, inner_end: int, end: int, *, closed: bool) -> None:
        element = self.stack.pop()
        element.inner_end, element.end, element.closed = inner_end, end, closed
        self.open_names[element.prefix, element.local] -= 1
        if element.local in SOUGHT:
            self._inside -= 1
        for prefix in self.declared.pop():
            self.bound[prefix].pop()


def _qualified(element: Element) -> str:
    return f"{element.prefix}:{element.local}" if element.prefix else element.local


def _hits(text: str) -> list[int]:
    names: tuple[str, ...] = (*SOUGHT, "<!DOCTYPE")
    referred = {match.group(1) for match in _REFERRED.finditer(text)}
    names += _IDS if len(referred) > _MAX_REFERRED else tuple(f"{quote}{identifier}{quote}" for identifier in referred for quote in "\"'")
    places: set[int] = set()
    for name in names:
        at = text.find(name)
        while at >= 0:
            places.add(at)
            at = text.find(name, at + len(name))
    return sorted(places)


def read_markup(text: str, locate: Callable[[int, int], Span] = Span, carrier: str = "") -> Markup:
    """Read a document's elements. Never raises; linear in the length of the text."""
    reader = _Reader(text)
    reader.read()
    return Markup(
        text,
        tuple(reader.elements),
        locate,
        tuple(reader.problems),
        carrier,
        reader.cut,
        reader.has_document_type,
        reader.by_name,
        reader.by_id,
    )
