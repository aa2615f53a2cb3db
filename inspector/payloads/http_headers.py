"""HTTP start lines with their headers, and header lines that carry credentials."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from inspector.payloads.artefacts import artefact_notes
from inspector.payloads.base import Payload, gaps
from inspector.payloads.secret_places import secret_places
from inspector.tokens.base import Span
from inspector.xmltext import XmlText


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
_HEADER_LINE: Final = re.compile(r"^[ \t>*]{0,16}(?P<name>[A-Za-z][A-Za-z0-9\-]{1,60}):[ \t]*(?P<value>[^\r\n]*)\r?$", re.MULTILINE)
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
            last = match.end("value")
        if block:
            yield from self._block(text, opening, block)

    def _block(self, text: str, opening: re.Match[str] | None, lines: list[re.Match[str]]) -> Iterator[Payload]:
        names = {match["name"].lower() for match in lines}
        if opening is None and len(names & _STRONG) < 2 and not names & _CREDENTIALS:
            return
        start = opening.start("start") if opening else lines[0].start("name")
        end = lines[-1].end("value")
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
            secrets=tuple(Span(*place) for place in secret_places(pretty)),
            start_line=opening["start"].strip() if opening else "",
            status=int(status) if status else None,
            headers=headers,
        )
