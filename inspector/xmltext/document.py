"""One XML document: parsed without trust, put together where it is cut, every element's place known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from lxml import etree

from inspector.xmltext.escapes import Undone
from inspector.xmltext.scan import FORBIDDEN_REFERENCE, Kind, Markup, Place, legal, places, repair, scan

MAX_LENGTH: Final = 10_000_000
"""Characters of one document that are parsed; the rest is shown, not read."""

CUSTOMARY: Final[dict[str, str]] = {
    "soap": "http://schemas.xmlsoap.org/soap/envelope/",
    "soapenv": "http://schemas.xmlsoap.org/soap/envelope/",
    "SOAP-ENV": "http://schemas.xmlsoap.org/soap/envelope/",
    "env": "http://www.w3.org/2003/05/soap-envelope",
    "soap12": "http://www.w3.org/2003/05/soap-envelope",
    "wsse": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
    "o": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
    "wsu": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
    "u": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
    "wsa": "http://www.w3.org/2005/08/addressing",
    "wst": "http://docs.oasis-open.org/ws-sx/ws-trust/200512",
    "trust": "http://docs.oasis-open.org/ws-sx/ws-trust/200512",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "saml2": "urn:oasis:names:tc:SAML:2.0:assertion",
    "saml1": "urn:oasis:names:tc:SAML:1.0:assertion",
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml2p": "urn:oasis:names:tc:SAML:2.0:protocol",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "dsig": "http://www.w3.org/2000/09/xmldsig#",
    "xenc": "http://www.w3.org/2001/04/xmlenc#",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsd": "http://www.w3.org/2001/XMLSchema",
}
"""What a prefix usually stands for; used, and said, where a text does not declare it."""


def _parser(recover: bool = False) -> etree.XMLParser:
    """A parser that expands nothing, loads nothing and keeps libxml2's own limits of depth and size."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=recover,
        strip_cdata=False,
        remove_blank_text=False,
        encoding="utf-8",
    )


_STRICT: Final = _parser()
_RECOVERING: Final = _parser(recover=True)
DOCTYPE: Final = re.compile(r"<!(?:DOCTYPE|ENTITY)\b")


def _bytes(xml: str) -> bytes:
    return xml.encode("utf-8", "replace")


def parse(xml: str) -> etree._Element | None:
    """The root of a well-formed document; None for anything else, for a document type declaration, and for what exceeds the limits of depth (256) or size."""
    if len(xml) > MAX_LENGTH or DOCTYPE.search(xml):
        return None
    try:
        return etree.fromstring(_bytes(xml.lstrip("\ufeff \t\r\n")), _STRICT)
    except etree.XMLSyntaxError:
        return None


def local_name(element: etree._Element) -> str:
    """Name without namespace or prefix; empty for comments and processing instructions."""
    tag: object = element.tag
    if not isinstance(tag, str):
        return ""
    return tag.rpartition("}")[2].rpartition(":")[2]


def namespace(element: etree._Element) -> str:
    """Namespace name; empty where there is none."""
    tag: object = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


class ElementPlaces:
    """Where each element of a parsed document stands in its text. Read only as far as asked: what stands early in a large document is found early."""

    __slots__ = ("_elements", "_known", "_open", "_pieces", "_root", "_starts", "_text")

    def __init__(self, text: str, root: etree._Element | None, starts: list[int | None] | None) -> None:
        self._text = text
        self._root = root
        self._starts = starts
        self._known: dict[etree._Element, Place] = {}
        self._pieces: Iterator[Markup] | None = None
        self._elements: Iterator[etree._Element] = iter(())
        self._open: list[tuple[etree._Element, Markup]] = []

    def of(self, element: etree._Element) -> Place | None:
        if self._pieces is None:
            self._pieces = scan(self._text)
            if self._starts is not None:
                self._known = self._matched()
            elif self._root is not None:
                self._elements = self._root.iter("*")
        while element not in self._known and self._starts is None:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._take(piece)
        return self._known.get(element)

    def _take(self, piece: Markup) -> None:
        """One more piece of a well-formed document: its tags and its elements come in the same order."""
        if piece.kind is Kind.START or piece.kind is Kind.EMPTY:
            element = next(self._elements, None)
            if element is None or not piece.name.endswith(local_name(element)):
                self._elements = iter(())
                return
            if piece.kind is Kind.START:
                # an element object that nobody holds is forgotten by lxml, and with it its identity: the lists here hold it
                self._open.append((element, piece))
            else:
                self._known[element] = Place(piece.start, piece.end, piece.end, piece.end, piece.name)
        elif piece.kind is Kind.END and self._open:
            element, start = self._open.pop()
            self._known[element] = Place(start.start, start.end, piece.start, piece.end, piece.name)

    def _matched(self) -> dict[etree._Element, Place]:
        """Of a document that was put together: by the start tags that were kept, else by name and order."""
        if self._root is None or self._starts is None:
            return {}
        found = places(self._text)
        elements = list(self._root.iter("*"))
        known: dict[etree._Element, Place] = {}
        if len(self._starts) == len(elements):
            by_start = {place.start: place for place in found}
            for element, start in zip(elements, self._starts, strict=True):
                if start is not None and start in by_start:
                    known[element] = by_start[start]
            return known
        at = 0
        for element in elements:
            name = local_name(element)
            for ahead in range(at, min(at + 16, len(found))):
                if found[ahead].name.rpartition(":")[2] == name:
                    known[element] = found[ahead]
                    at = ahead + 1
                    break
        return known


@dataclass(frozen=True, slots=True, eq=False)
class XmlText:
    """One piece of XML found in an event's text."""

    start: int
    """First character in the event's text."""
    end: int
    """Behind the last character in the event's text."""
    text: str
    """The XML itself, escapes undone."""
    escapes: int
    """Layers of escapes (entities, JSON) that were undone."""
    root: etree._Element | None
    """The root element: strictly parsed, or put together from what is there; None where nothing can be."""
    well_formed: bool
    break_at: int | None
    """Character of ``text`` where it stops being well-formed; None where it is, or where no single place is to blame."""
    problems: tuple[str, ...] = ()
    _offset: int = 0
    _layers: tuple[Undone, ...] = ()
    _places: ElementPlaces = field(default_factory=lambda: ElementPlaces("", None, None))

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """Place in the event's text of the characters ``start`` to ``end`` (exclusive) of ``text``."""
        start, end = start + self._offset, end + self._offset
        for layer in reversed(self._layers):
            start, end = layer.source_span(start, end)
        return start, end

    def element_span(self, element: etree._Element) -> tuple[int, int] | None:
        """Place in ``text`` of a whole element, its tags included; None for one that was only added to make the document balance."""
        place = self._places.of(element)
        return None if place is None else (place.start, place.end)

    def content_span(self, element: etree._Element) -> tuple[int, int] | None:
        """Place in ``text`` of what stands between an element's tags."""
        place = self._places.of(element)
        return None if place is None else (place.content_start, max(place.content_start, place.content_end))

    def value_source(self, element: etree._Element) -> tuple[int, int] | None:
        """Place in the event's text of an element's content, blanks around it left out."""
        span = self.content_span(element)
        if span is None:
            return None
        start, end = span
        content = self.text[start:end]
        return self.source_span(start + len(content) - len(content.lstrip()), end - len(content) + len(content.rstrip()))


# -- from a stretch of text to a document ------------------------------------------------------------------------------


@dataclass(slots=True)
class ReadXml:
    root: etree._Element | None
    well_formed: bool
    break_at: int | None
    problems: list[str]
    text: str
    """What was read: same length as the XML found, or its beginning."""
    starts: list[int | None] | None = None


_DECLARATION_INSIDE: Final = re.compile(r"<\?xml\s[^<>]*\?>|\ufeff")
_UNDECLARED: Final = re.compile(r"Namespace prefix (\S+) ")


_SUBSET_END: Final = re.compile(r"\]\s*+>")


def doctype_end(xml: str, start: int) -> int:
    """Behind the document type declaration that starts at ``start``, its internal subset included; -1 where it never ends."""
    bracket = xml.find("[", start)
    stop = xml.find(">", start)
    if 0 <= bracket < stop:
        end = _SUBSET_END.search(xml, bracket)
        return end.end() if end else -1
    return stop + 1 if stop >= 0 else -1


def _without_doctype(xml: str) -> str:
    match = DOCTYPE.search(xml)
    if match is None:
        return xml
    end = doctype_end(xml, match.start())
    end = len(xml) if end < 0 else end
    blanked = xml[: match.start()] + " " * (end - match.start()) + xml[end:]
    return DOCTYPE.sub(lambda m: " " * len(m.group()), blanked)


def _break_of(xml: str) -> tuple[int | None, str]:
    """Where and why ``xml`` stops being well-formed; (None, "") where it does not."""
    data = _bytes(xml)
    checker = expat.ParserCreate("utf-8")
    try:
        checker.Parse(data, True)
    except expat.ExpatError as error:
        at = len(data[: checker.ErrorByteIndex].decode("utf-8", "ignore"))
        if xml[max(0, at - 2) : at] == "</":  # expat points at the name of an end tag that does not match
            at -= 2
        return min(at, len(xml)), expat.ErrorString(error.code) or "not well-formed"
    return None, ""


def read_xml(xml: str) -> ReadXml:
    """Parse what can be parsed; where it is not well-formed, say where, and put together what is there."""
    problems: list[str] = []
    shortened = False
    if len(xml) > MAX_LENGTH:
        problems.append(f"longer than {MAX_LENGTH:,} characters: only the beginning was read")
        xml = xml[:MAX_LENGTH]
        shortened = True
    if DOCTYPE.search(xml):
        problems.append("holds a document type declaration, which can define entities and load files: refused, the rest was read")
        xml = _without_doctype(xml)
    try:
        root = etree.fromstring(_bytes(xml), _STRICT)
        return ReadXml(root, well_formed=not problems, break_at=None, problems=problems, text=xml)
    except etree.XMLSyntaxError as error:
        message = error.msg or ""
    break_at, reason = _break_of(xml)
    mended = _DECLARATION_INSIDE.sub(lambda m: " " * len(m.group()), xml)
    repaired = repair(mended, CUSTOMARY)
    if break_at is not None:
        if repaired.unopened:
            problems.append(f"cut at the start: {_listed(repaired.unopened)} closed but never opened")
        if repaired.unclosed and not shortened:
            problems.append(f"cut at the end: {_listed(repaired.unclosed)} never closed")
        if not (repaired.unopened or repaired.unclosed or shortened):
            problems.append(reason if reason.startswith("not well-formed") else f"not well-formed: {reason}")
        if any(match.start() for match in _DECLARATION_INSIDE.finditer(xml)):
            problems.append("an XML declaration or byte order mark stands in the middle")
        if legal(xml) != xml or FORBIDDEN_REFERENCE.search(xml):
            problems.append("holds characters that XML forbids")
    elif undeclared := _UNDECLARED.match(message):
        prefix = undeclared.group(1)
        problems.append(
            f"prefix {prefix} is not declared in this text" + ("; its customary meaning was assumed" if prefix in CUSTOMARY else "")
        )
    elif repaired.flattened:
        problems.append("nested deeper than 200 levels: the rest was flattened")
    else:
        problems.append(f"refused by the XML parser: {message}")
    root, starts = _rebuild(repaired.text, repaired.starts)
    return ReadXml(root, well_formed=False, break_at=break_at, problems=problems, text=xml, starts=starts)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _rebuild(text: str, starts: list[int | None]) -> tuple[etree._Element | None, list[int | None]]:
    """Root of a repaired document: the only element in the wrapper, or the wrapper itself."""
    try:
        wrapper = etree.fromstring(_bytes(text), _STRICT)
    except etree.XMLSyntaxError:
        try:
            wrapper = etree.fromstring(_bytes(text), _RECOVERING)
        except etree.XMLSyntaxError:
            return None, []
    if wrapper is None or len(wrapper) == 0:
        return None, []
    if len(wrapper) == 1 and isinstance(wrapper[0].tag, str):
        return wrapper[0], starts
    return wrapper, [None, *starts]
