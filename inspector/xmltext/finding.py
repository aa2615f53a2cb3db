"""Finding XML in any text, under any layers of escapes, in linear time."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from lxml import etree

from inspector.xmltext.document import ElementPlaces, ReadXml, XmlText, doctype_end, parse, read_xml
from inspector.xmltext.escapes import HTML_NAMES, Undone, line_prefix, undo_entities, undo_html_tags, undo_json_escapes, undo_line_prefixes
from inspector.xmltext.scan import Kind, scan

MAX_LAYERS: Final = 5
"""Layers of escapes that are undone."""
MAX_DOCUMENTS: Final = 5_000
"""Documents read of one text; the last one says that there are more."""

_HINT: Final = re.compile(r"<|&(?:amp;)*(?:lt|#0*60|#[xX]0*3[cC]);|u003[cC]")
_CANDIDATE: Final = re.compile(
    r"(?P<raw><(?:\?xml\s|!DOCTYPE\s|(?P<close>/?)(?P<name>[^\W\d][\w.\-]*(?::[^\W\d][\w.\-]*)?)(?=[\s/>])))"
    r"|(?P<entity>&(?:amp;)*(?:lt|#0*60|#[xX]0*3[cC]);)"
    r"|(?P<json>\\+u003[cC])"
)
_INSIDE: Final = re.compile(r"(?P<cdata><!\[CDATA\[)|(?P<entity>&(?:amp;)*(?:lt|#0*60|#[xX]0*3[cC]);)|(?P<json>\\+u003[cC])")
_HTML: Final = re.compile(rf"(?:{HTML_NAMES}|{HTML_NAMES.upper()})\Z")
_HTML_HINT: Final = re.compile(rf"</?(?:{HTML_NAMES})[\s>]", re.IGNORECASE)
_BOUNDARY: Final = re.compile(rf"</?(?!(?:{HTML_NAMES}|{HTML_NAMES.upper()})[\s/>])[^\W\d][\w.\-]*(?::[^\W\d][\w.\-]*)?[\s/>]|<[!?]")
_JSON_STRING_REST: Final = re.compile(r'(?:[^"\\]|\\.)*+', re.DOTALL)
_START_TAG: Final = re.compile(r"<[^<>\"']*+(?:\"[^\"<]*+\"[^<>\"']*+|'[^'<]*+'[^<>\"']*+)*>?")
_ESCAPED_QUOTE: Final = re.compile(r"<[^<>]{0,400}?=\\+[\"']")
_CLOSER: Final = re.compile(r"</([^\s<>/]+)\s*>")
_JSON_BREAK: Final = re.compile(r"\\[nrt\"/]|\\u00")


@dataclass(slots=True)
class _Region:
    start: int
    end: int
    root: etree._Element | None = None
    closed: bool = True
    nested: int | None = None
    """Where another document starts inside this one."""


class _Search:
    """One search through an event's text. Work that led nowhere is counted and bounded, so that the search stays linear."""

    def __init__(self, size: int) -> None:
        self.allowance = 8 * size + 4096
        self.found: list[XmlText] = []
        self.left_out = 0

    def look(self, text: str, layers: tuple[Undone, ...], escapes: int, *, inside: bool = False) -> None:
        """Find every document in ``text``, which lies under ``layers`` of escapes; ``inside`` another one, whose end tags are no finds."""
        if len(layers) > 2 * MAX_LAYERS or escapes > MAX_LAYERS:
            return
        level = _Level(self, text, inside=inside)
        position = 0
        lines = "\n" in text
        while (match := _CANDIDATE.search(text, position)) is not None:
            at = match.start()
            if match["entity"]:
                position = self.unescape(text, at, layers, escapes)
            elif match["json"] or _ESCAPED_QUOTE.match(text, at) or level.in_json_string(at):
                position = self.unescape_json(text, at, layers, escapes)
            else:
                prefix = line_prefix(text, at) if lines else None
                if prefix is not None and (end := level.prefixed_end(at, prefix)) is not None:
                    self.look_under(undo_line_prefixes(text[at:end], prefix, at), layers, escapes)
                    position = end
                    continue
                region = level.region(match)
                if region is None:
                    position = max(match.end(), level.passed)
                else:
                    level.regions.append(region)
                    position = region.end
        for region in level.regions:
            if len(self.found) >= MAX_DOCUMENTS:
                self.left_out += 1
            else:
                self.add(text, region, layers, escapes)

    def look_under(self, layer: Undone, layers: tuple[Undone, ...], escapes: int) -> None:
        self.look(layer.text, (*layers, layer), escapes)

    def unescape(self, text: str, at: int, layers: tuple[Undone, ...], escapes: int, limit: int | None = None) -> int:
        """Undo one layer of entities from ``at`` to where raw mark-up begins, and look there. Gives where to go on."""
        boundary = _BOUNDARY.search(text, at, len(text) if limit is None else limit)
        end = boundary.start() if boundary else (len(text) if limit is None else limit)
        source, base = text[at:end], at
        if "<" in source and _HTML_HINT.search(source):
            page = undo_html_tags(source, base)
            self.look_under(undo_entities(page.text), (*layers, page), escapes + 1)
        else:
            self.look_under(undo_entities(source, base), layers, escapes + 1)
        return max(end, at + 1)

    def unescape_json(self, text: str, at: int, layers: tuple[Undone, ...], escapes: int, limit: int | None = None) -> int:
        """Undo one layer of JSON escapes from ``at`` to the end of the string it stands in, and look there."""
        rest = _JSON_STRING_REST.match(text, at, len(text) if limit is None else limit)
        end = max(rest.end() if rest else at, at + 1)
        self.look_under(undo_json_escapes(text[at:end], at), layers, escapes + 1)
        return end

    def add(self, text: str, region: _Region, layers: tuple[Undone, ...], escapes: int) -> None:
        xml = text[region.start : region.end]
        document = read_xml(xml) if region.root is None else ReadXml(region.root, well_formed=True, break_at=None, problems=[], text=xml)
        start, end = region.start, region.end
        for layer in reversed(layers):
            start, end = layer.source_span(start, end)
        self.found.append(
            XmlText(
                start,
                end,
                xml,
                escapes,
                document.root,
                document.well_formed,
                document.break_at,
                tuple(document.problems),
                region.start,
                layers,
                ElementPlaces(document.text, document.root, document.starts),
            )
        )
        if region.nested is not None:
            self.look(
                text[region.nested : region.end], (*layers, Undone(text[region.nested : region.end], region.nested)), escapes, inside=True
            )
        if "&" in xml or "<![CDATA[" in xml or "u003" in xml:
            self.look_inside(xml, (*layers, Undone(xml, region.start)), escapes)

    def look_inside(self, xml: str, layers: tuple[Undone, ...], escapes: int) -> None:
        """Find documents that are carried as text inside another one."""
        position = 0
        no_more_cdata = False
        while (match := _INSIDE.search(xml, position)) is not None:
            at = match.start()
            if match["cdata"]:
                end = -1 if no_more_cdata else xml.find("]]>", match.end())
                no_more_cdata = end < 0
                position = match.end()
                if end >= 0:
                    content = xml[match.end() : end]
                    if _HINT.search(content):
                        self.look_under(Undone(content, match.end()), layers, escapes)
                    position = end
            else:
                following = xml.find("<", at)
                limit = len(xml) if following < 0 else following
                go_on = self.unescape if match["entity"] else self.unescape_json
                position = max(go_on(xml, at, layers, escapes, limit), match.end())


class _Level:
    """The documents that stand in one text under the same layers of escapes."""

    def __init__(self, search: _Search, text: str, *, inside: bool) -> None:
        self.search = search
        self.inside = inside
        self.text = text
        self.regions: list[_Region] = []
        self.closers: dict[str, int] | None = None
        self.passed = 0
        """Behind the last prolog that no root element followed."""
        self.endless: set[str] = set()
        """Openers of comments and the like that nothing ends from some place on."""

    def in_json_string(self, at: int) -> bool:
        """Whether ``at`` opens a JSON string in which line breaks or quotes are escaped."""
        text = self.text
        if at == 0 or text[at - 1] != '"' or text[at - 2 : at - 1] == "=":
            return False
        rest = _JSON_STRING_REST.match(text, at)
        if (
            rest is None
            or text[rest.end() : rest.end() + 1] != '"'
            or text[rest.end() + 1 : rest.end() + 2] not in {",", "}", "]", "", "\n", "\r", " "}
        ):
            return False
        return _JSON_BREAK.search(text, at, rest.end()) is not None

    def prefixed_end(self, at: int, prefix: re.Pattern[str]) -> int | None:
        """Behind the last line that carries the log driver's prefix, from the line of ``at`` on."""
        text = self.text
        position = text.find("\n", at)
        while position >= 0:
            carried = prefix.match(text, position + 1)
            if carried is None:
                return position
            position = text.find("\n", carried.end())
        return len(text)

    def closes_later(self, name: str, at: int) -> bool:
        """Whether an element of this name is closed anywhere behind ``at``."""
        if self.closers is None:
            self.closers = {match.group(1): match.start() for match in _CLOSER.finditer(self.text)}
        return self.closers.get(name, -1) > at

    def region(self, match: re.Match[str]) -> _Region | None:
        """The document that starts at a piece of raw mark-up; None where it is none."""
        text, start = self.text, match.start()
        name, at = match["name"], start
        declared = name is None
        if match["close"]:
            return None if self.inside or _HTML.match(name) else self.headless(start, name)
        if declared:
            at = self.root_after(start)
            root_match = _CANDIDATE.match(text, at)
            if root_match is None or not root_match["name"] or root_match["close"]:
                self.passed = at
                return None
            name = root_match["name"]
        tag_match = _START_TAG.match(text, at)
        tag = tag_match.group() if tag_match else ""
        has_attributes = "=" in tag and ('"' in tag or "'" in tag)
        html = _HTML.match(name) is not None
        if html and not (declared and name not in {"html", "HTML"}) and "xmlns" not in tag:
            return None
        if html and name == "html":
            return None
        if not (declared or ":" in name or has_attributes or self.closes_later(name, at)):
            return None
        if tag.endswith("/>"):
            region = self.strictly(start, at + len(tag))
            return region or _Region(start, at + len(tag))
        if tag.endswith(">"):
            closing = f"</{name}>"
            first = text.find(closing, at + len(tag)) if self.closes_later(name, at) else -1
            if first >= 0:
                region = self.strictly(start, first + len(closing))
                if region is None:
                    last = text.rfind(closing, first + 1)
                    region = self.strictly(start, last + len(closing)) if last > first else None
                if region is not None:
                    return region
        return self.loosely(start, at, name)

    def root_after(self, start: int) -> int:
        """Where mark-up other than declarations, comments and instructions begins behind ``start``, or where that is not to be told."""
        text = self.text
        at = start
        while text.startswith(("<?", "<!"), at):
            opener = "<!--" if text.startswith("<!--", at) else text[at : at + 2]
            if opener in self.endless:
                return at + 2
            if opener == "<!":
                stop = doctype_end(text, at)
            else:
                terminator = "-->" if opener == "<!--" else "?>"
                stop = text.find(terminator, at + len(opener))
                stop = stop + len(terminator) if stop >= 0 else -1
            if stop < 0:
                self.endless.add(opener)
                return at + 2
            at = stop
            while at < len(text) and (text[at].isspace() or text[at] == "\ufeff"):
                at += 1
        return at

    def strictly(self, start: int, end: int) -> _Region | None:
        """The region, if it is well-formed as it stands."""
        if self.search.allowance < end - start:
            return None
        root = parse(self.text[start:end])
        if root is None:
            self.search.allowance -= end - start
            return None
        return _Region(start, end, root)

    def loosely(self, start: int, at: int, name: str) -> _Region:
        """The region from ``start`` to where its root, which starts at ``at``, is closed or the document seems to end."""
        text = self.text
        stack: list[str] = []
        names: dict[str, int] = {}
        nested: int | None = None
        end = at
        eager = self.search.allowance <= 0
        for piece in scan(text, at):
            if nested is None and stack and self.starts_document(piece.start, piece.kind, piece.name, name):
                nested = piece.start
                if eager or not self.closes_later(name, piece.start):
                    break
            end = piece.end
            if piece.kind is Kind.START:
                stack.append(piece.name)
                names[piece.name] = names.get(piece.name, 0) + 1
            elif piece.kind is Kind.END and names.get(piece.name):
                while True:
                    last = stack.pop()
                    names[last] -= 1
                    if last == piece.name:
                        break
                if not stack:
                    return _Region(start, end, nested=nested)
            elif piece.kind is Kind.BROKEN and not stack:
                break
        if nested is not None:
            self.search.allowance -= max(0, end - nested)
            return _Region(start, nested, closed=False)
        line_end = text.find("\n", end)
        return _Region(start, len(text) if line_end < 0 else line_end, closed=False)

    def starts_document(self, at: int, kind: Kind, name: str, root: str) -> bool:
        """Whether a piece of mark-up inside an element starts a document of its own."""
        if kind is Kind.INSTRUCTION:
            return self.text.startswith("<?xml", at) and self.text[at + 5 : at + 6].isspace()
        return kind is Kind.START and name == root and name.endswith("Envelope")

    def headless(self, start: int, name: str) -> _Region | None:
        """A document whose head was cut: elements are closed that were never opened."""
        text = self.text
        begin = start
        while self.regions and not text[self.regions[-1].end : begin].strip():
            begin = self.regions.pop().start
        depth = 0
        end = start
        tags = 0
        names: dict[str, int] = {}
        stack: list[str] = []
        for piece in scan(text, start):
            if not stack and text[end : piece.start].strip():
                break
            if piece.kind is Kind.END:
                if names.get(piece.name):
                    while True:
                        last = stack.pop()
                        names[last] -= 1
                        if last == piece.name:
                            break
            elif piece.kind is Kind.START:
                stack.append(piece.name)
                names[piece.name] = names.get(piece.name, 0) + 1
            tags += 1
            depth = len(stack)
            end = piece.end
        if depth:
            line_end = text.find("\n", end)
            end = len(text) if line_end < 0 else line_end
        if tags < 2 and begin == start and ":" not in name:
            return None
        if begin == start:
            low = max(0, start - 4096)
            while begin > low and not text[begin - 1].isspace() and text[begin - 1] not in "<>":
                begin -= 1
        return _Region(begin, end, closed=False)


def find_xml(text: str) -> tuple[XmlText, ...]:
    """Every piece of XML in ``text``, in order of appearance; documents carried inside another one follow it.

    Finds it raw, with entities escaped once or more, inside JSON strings, inside CDATA, split by HTML tags, behind the prefixes of
    log drivers, and with its head or tail cut. Linear in the length of ``text``; never raises for what the text holds.
    """
    if _HINT.search(text) is None:
        return ()
    search = _Search(len(text))
    search.look(text, (), 0)
    found = search.found
    if search.left_out:
        found[-1] = replace(
            found[-1], problems=(*found[-1].problems, f"the text holds more than {MAX_DOCUMENTS:,} pieces of XML: the rest was not read")
        )
    return tuple(sorted(found, key=lambda one: (one.start, -one.end)))
