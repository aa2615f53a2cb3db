"""XML that is not SOAP, JSON, and HTTP headers: laid out, named, with what was done to them."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

from inspector.artefacts import artefact_notes
from inspector.escapes import Undone, undo_json_escapes
from inspector.jsonlayout import lay_out_json, unfinished_json
from inspector.payloads.base import Payload
from inspector.secret_places import secret_places
from inspector.tokens.base import Span
from inspector.xmlpretty import pretty_offsets, pretty_print
from inspector.xmltext import XmlText, local_name, namespace


def gaps(text: str, documents: Sequence[XmlText]) -> Iterator[tuple[int, int]]:
    """The stretches of an event's text that lie outside every XML document."""
    position = 0
    for document in documents:
        if document.start > position:
            yield position, document.start
        position = max(position, document.end)
    if position < len(text):
        yield position, len(text)


def _spans(pretty: str) -> tuple[Span, ...]:
    return tuple(Span(start, end) for start, end in secret_places(pretty))


# -- XML ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class XmlDocument(Payload):
    """A piece of XML that is no SOAP message."""

    root: str = ""
    """Local name of the root element; empty where nothing could be read."""
    namespace: str = ""
    code: str = ""
    """Text of the ``Code`` element of an error document (AWS and its relatives); empty otherwise."""
    escapes: int = 0
    well_formed: bool = True


_VOCABULARIES: Final[dict[str, str]] = {
    "urn:oasis:names:tc:SAML:2.0:assertion": "SAML 2.0",
    "urn:oasis:names:tc:SAML:2.0:protocol": "SAML 2.0",
    "urn:oasis:names:tc:SAML:2.0:metadata": "SAML 2.0 metadata",
    "urn:oasis:names:tc:SAML:1.0:assertion": "SAML 1.1",
    "urn:oasis:names:tc:SAML:1.0:protocol": "SAML 1.1",
    "http://www.w3.org/2000/09/xmldsig#": "XML Signature",
    "http://www.w3.org/2001/04/xmlenc#": "XML Encryption",
    "http://schemas.microsoft.com/win/2004/08/events/event": "Windows",
    "http://schemas.microsoft.com/2004/06/E2ETraceEvent": "WCF trace",
    "http://schemas.microsoft.com/2004/10/E2ETraceEvent/TraceRecord": "WCF trace",
}


def _xml_title(root: etree._Element | None) -> str:
    if root is None:
        return "XML that cannot be read"
    return " ".join(filter(None, (_VOCABULARIES.get(namespace(root), "XML"), local_name(root), _xml_code(root))))


def _xml_code(root: etree._Element) -> str:
    """The code of ``<Error><Code>...`` and ``<ErrorResponse><Error><Code>...``."""
    if local_name(root).lower() not in {"error", "errorresponse", "response", "errors"}:
        return ""
    for child in itertools.islice(root.iter(), 20):
        if local_name(child).lower() == "code" and child.text:
            return child.text.strip()[:80]
    return ""


class Xml:
    """Finds XML that no other kind claims."""

    name = "xml"

    def find(self, text: str, documents: Sequence[XmlText], claimed: Collection[Span]) -> tuple[Payload, ...]:
        """One payload for each document that is not claimed as a whole."""
        del text
        found: list[Payload] = []
        for document in documents:
            span = Span(document.start, document.end)
            if span in claimed:
                continue
            pretty = pretty_print(document.text)
            found.append(
                XmlDocument(
                    kind="xml",
                    title=_xml_title(document.root),
                    span=span,
                    pretty=pretty,
                    problems=(*document.problems, *artefact_notes(document.text)),
                    secrets=_spans(pretty),
                    break_at=None if document.break_at is None else pretty_offsets(document.text, pretty, [document.break_at])[0],
                    root="" if document.root is None else local_name(document.root),
                    namespace="" if document.root is None else namespace(document.root),
                    code="" if document.root is None else _xml_code(document.root),
                    escapes=document.escapes,
                    well_formed=document.well_formed,
                )
            )
        return tuple(found)


# -- JSON --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class JsonText(Payload):
    """A JSON object or array."""

    value: object = None
    """Decoded, where it is complete."""
    code: str = ""
    """What an error object calls its kind: ``__type``, ``error``, ``code``; empty otherwise."""
    escapes: int = 0
    complete: bool = True


_JSON_START: Final = re.compile(r"\{\s{0,80}\\*\"|\[\s{0,80}\{\s{0,80}\\*\"")
_JSON_NESTED: Final = re.compile(r"\{\s{0,20}\\+\"")
_PAIR: Final = re.compile(r"\"(?:[^\"\\]|\\.)*+\"\s*:")
_TELLING: Final = ("error", "error_description", "code", "Code", "__type", "message", "Message", "title")
_DECODER: Final = json.JSONDecoder(strict=False)
MAX_LAYERS: Final = 4


def _json_code(value: object) -> str:
    """Code of an error object: AWS ``__type``, OAuth ``error`` (RFC 6749 section 5.2), Microsoft ``error.code``."""
    if isinstance(value, dict):
        for name in ("__type", "error", "code", "Code", "errorCode"):
            word = value.get(name)
            if isinstance(word, dict):
                word = word.get("code")
            if isinstance(word, str) and word:
                return word.rpartition("#")[2][:120]
    return ""


def _json_title(value: object) -> str:
    if isinstance(value, dict):
        for name in _TELLING:
            word = value.get(name)
            if isinstance(word, dict):
                word = word.get("code") or word.get("message")
            if isinstance(word, str) and word:
                line = word.split("\n", 1)[0].strip()
                return f"JSON {name}: {line if len(line) <= 120 else line[:119] + '…'}"
    return "JSON"


class Json:
    """Finds JSON objects and arrays outside XML, also cut ones and those escaped inside strings."""

    name = "json"

    def find(self, text: str, documents: Sequence[XmlText], claimed: Collection[Span]) -> tuple[Payload, ...]:
        """Every object, in order; one carried as text inside another follows it."""
        del claimed
        if _JSON_START.search(text) is None:
            return ()
        found: list[Payload] = []
        for start, end in gaps(text, documents):
            self._look(text[start:end], (Undone(text[start:end], start),), 0, found)
        return tuple(found)

    def _look(self, text: str, layers: tuple[Undone, ...], escapes: int, found: list[Payload]) -> None:
        position = 0
        allowance = 4 * len(text) + 1000
        while (match := _JSON_START.search(text, position)) is not None:
            at = match.start()
            if "\\" in match.group():
                rest = _PAIR_REST.match(text, at)
                end = rest.end() if rest else match.end()
                if escapes < MAX_LAYERS:
                    layer = undo_json_escapes(text[at:end], at)
                    self._look(layer.text, (*layers, layer), escapes + 1, found)
                position = max(end, match.end())
                continue
            value: object = None
            complete = False
            end = at
            if allowance > 0:
                try:
                    value, end = _DECODER.raw_decode(text, at)
                    complete = True
                except (json.JSONDecodeError, RecursionError):
                    pass
            if not complete:
                end, complete = unfinished_json(text, at)
                allowance -= end - at
                if _PAIR.search(text, at, end) is None:
                    position = match.end()
                    continue
            self._add(text, at, end, value, complete, layers, escapes, found)
            position = max(end, match.end())

    def _add(
        self, text: str, start: int, end: int, value: object, complete: bool, layers: tuple[Undone, ...], escapes: int, found: list[Payload]
    ) -> None:
        source = text[start:end]
        pretty = lay_out_json(source)
        span = (start, end)
        for layer in reversed(layers):
            span = layer.source_span(*span)
        found.append(
            JsonText(
                kind="json",
                title=_json_title(value),
                span=Span(*span),
                pretty=pretty,
                problems=(*(() if complete else ("cut: the JSON does not end",)), *artefact_notes(source)),
                secrets=_spans(pretty),
                value=value,
                code=_json_code(value),
                escapes=escapes,
                complete=complete,
            )
        )
        if escapes < MAX_LAYERS and _JSON_NESTED.search(source):
            inner = _JSON_NESTED.search(source)
            while inner is not None:
                rest = _PAIR_REST.match(source, inner.start())
                stop = max(rest.end() if rest else 0, inner.end())
                layer = undo_json_escapes(source[inner.start() : stop], inner.start())
                base = Undone(source, start)
                self._look(layer.text, (*layers, base, layer), escapes + 1, found)
                inner = _JSON_NESTED.search(source, stop)


_PAIR_REST: Final = re.compile(r'(?:[^"\\]|\\.)*+', re.DOTALL)


# -- HTTP --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Headers(Payload):
    """Headers of an HTTP message, or one that carries credentials."""

    start_line: str = ""
    """``HTTP/1.1 400 Bad Request`` or ``POST /path HTTP/1.1``; empty where there is none."""
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()


_STRONG: Final = frozenset(
    [
        "authorization",
        "proxy-authorization",
        "www-authenticate",
        "proxy-authenticate",
        "cookie",
        "set-cookie",
        "content-type",
        "content-length",
        "transfer-encoding",
        "user-agent",
        "soapaction",
        "accept",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "x-forwarded-for",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-request-id",
        "x-amz-id-2",
        "x-amzn-requestid",
        "x-amzn-errortype",
        "x-ms-request-id",
        "x-ms-client-request-id",
        "request-id",
        "strict-transport-security",
        "etag",
    ]
)
_CREDENTIALS: Final = frozenset({"authorization", "proxy-authorization", "www-authenticate", "proxy-authenticate"})
_START_LINE: Final = re.compile(
    r"(?P<start>HTTP/\d(?:\.\d)? (?P<status>\d{3})\b[^\r\n]{0,200}|(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) [^\s\"]{1,4000} HTTP/\d(?:\.\d)?)[ \t]*\r?$",
    re.MULTILINE,
)
_HEADER_LINE: Final = re.compile(r"^[ \t>*]{0,16}(?P<name>[A-Za-z][A-Za-z0-9\-]{1,60}):[ \t]*(?P<value>[^\r\n]*)$", re.MULTILINE)
_HEADER_SIGNS: Final = ("HTTP/", "uthorization:", "uthenticate:", "ookie:", "ontent-Type:", "ontent-type:", "UTHORIZATION:")


class HttpHeaders:
    """Finds HTTP start lines with their headers, and header lines that carry credentials."""

    name = "headers"

    def find(self, text: str, documents: Sequence[XmlText], claimed: Collection[Span]) -> tuple[Payload, ...]:
        """Every block of headers outside XML, in order."""
        del claimed
        if not any(sign in text for sign in _HEADER_SIGNS):
            return ()
        found: list[Payload] = []
        for start, end in gaps(text, documents):
            found.extend(self._blocks(text, start, end))
        return tuple(found)

    def _blocks(self, text: str, start: int, end: int) -> Iterator[Payload]:
        starts = {match.end(): match for match in _START_LINE.finditer(text, start, end)}
        block: list[re.Match[str]] = []
        opening: re.Match[str] | None = None
        last = -1
        for match in _HEADER_LINE.finditer(text, start, end):
            adjacent = last >= 0 and not text[last : match.start()].strip("\r\n") and text.count("\n", last, match.start()) <= 1
            begins = text.rfind("\n", start, match.start())
            before = starts.get(begins) or starts.get(begins - 1) or starts.get(begins + 1)
            if block and (not adjacent or before is not None):
                yield from self._block(text, opening, block)
                block = []
            if not block:
                opening = before
            block.append(match)
            last = match.end()
        if block:
            yield from self._block(text, opening, block)

    def _block(self, text: str, opening: re.Match[str] | None, lines: list[re.Match[str]]) -> Iterator[Payload]:
        names = {match["name"].lower() for match in lines}
        if opening is None and len(names & _STRONG) < 2 and not names & _CREDENTIALS:
            return
        start = opening.start("start") if opening else lines[0].start("name")
        end = lines[-1].end()
        headers = tuple((match["name"], match["value"].strip()) for match in lines)
        pretty = "\n".join([*([opening["start"].rstrip()] if opening else []), *(f"{name}: {value}" for name, value in headers)])
        status = opening["status"] if opening else None
        title = (
            opening["start"].strip() if opening else "HTTP header " + ", ".join(name for name, _ in headers if name.lower() in _CREDENTIALS)
        )
        yield Headers(
            kind="headers",
            title=title if opening or names & _CREDENTIALS else "HTTP headers",
            span=Span(start, end),
            pretty=pretty,
            problems=artefact_notes(text[start:end]),
            secrets=_spans(pretty),
            start_line=opening["start"].strip() if opening else "",
            status=int(status) if status else None,
            headers=headers,
        )
