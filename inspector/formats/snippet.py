"""A single message, envelope, assertion, token or stack trace, as copied out of somewhere: one event, whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal

import numpy as np
import polars as pl

from inspector.events import Level, Problem
from inspector.formats.base import Batch, FileSpan, Opened, Prepared, ProgressMark
from inspector.formats.text import blocks, encodings, line_log
from inspector.formats.text.blocks import TextFile

LARGEST: Final = 256 << 10
"""Text longer than this is a log, not a snippet, unless it is one XML document."""
LARGEST_XML: Final = 24 << 20

_XML: Final = re.compile(
    rb"\A\s*(?:<\?xml[^>]{0,400}\?>\s*)?(?:<!--(?:[^-]|-(?!->)){0,4000}-->\s*){0,20}<(?:[A-Za-z_][\w.-]{0,60}:)?[A-Za-z_][\w.-]{0,100}(?=[\s/>])",
    re.DOTALL,
)
_ROOT: Final = re.compile(
    rb"<(?:[\w.-]{1,60}:)?(?:Envelope|Assertion|Response|AuthnRequest|LogoutRequest|LogoutResponse|RequestSecurityToken\w*|EntityDescriptor|EntitiesDescriptor|Security|Fault|ArtifactResponse|UsernameToken|BinarySecurityToken|Timestamp)[\s/>]"
)
_TOKEN: Final = re.compile(
    rb"\A\s*(?:Bearer\s+|Authorization:\s*\w+\s+|\w{1,40}=)?(?:eyJ[\w-]{4,}\.[\w-]*(?:\.[\w-]*){0,3}|PHNhbWw[\w+/=%-]+|PD94bWw[\w+/=%-]+|-----BEGIN [A-Z ]+-----)",
    re.ASCII,
)
_MESSAGE: Final = re.compile(
    rb"\A\s*(?:--[^\r\n]{4,120}\r?\nContent-[A-Z]|(?:POST|PUT|GET) [^\r\n]{1,4000} HTTP/1\.[01]\r?\n[A-Z][\w-]{1,60}:|HTTP/[12](?:\.[01])? \d{3}[^\r\n]{0,200}\r?\n[A-Z][\w-]{1,60}:|(?:MIME-Version|Content-Type): )",
    re.IGNORECASE,
)
"""An HTTP message, or a SOAP message with attachments."""
_BASE64_LINE: Final = re.compile(rb"[A-Za-z0-9+/_%=-]{1,65536}")
_SIGNS: Final = re.compile(
    rb"(?:[Ee]xception|[A-Za-z]Error|[Ff]ault(?:string|code)?|Traceback \(most recent|\bID\d{4}\b|\bIDX\d{5}\b|\bWSE\d{3,4}\b|\bMSIS\d{4}\b|\bAADSTS\d{4,7}\b|\btoken\b|\bToken\b|eyJ[\w-]{8}|Assertion|[Cc]ertificate|[Ss]ignature|\bInvalid\w+|\bexpired\b)"
)
_STARTS_LIKE_LOG: Final = re.compile(
    rb"^[\[(<]?(?:\d{4}-\d\d-\d\d|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|[A-Z][a-z]{2} [ \d]\d \d\d:)", re.MULTILINE
)
_CLOCK: Final = re.compile(rb"\b\d\d:\d\d:\d\d\b|\b1[0-9]{9}\b")
_LEVEL: Final = re.compile(r"\b(?:FATAL|CRITICAL)\b")
_ERROR: Final = re.compile(r"[Ee]xception|\b[Ee]rror\b|ERROR|[Ff]ault|Traceback|SEVERE|[Ff]ailed|[Ii]nvalid|[Ee]xpired|[Rr]ejected")


class Snippet:
    """One event out of all the text."""

    name = "snippet"
    title = "Single message, envelope or token"
    recognised_by = "one XML document, a lone token, or a short text about an error whose lines bear no dates"
    extensions: Sequence[str] = (".txt", ".xml", ".jwt", ".saml", ".soap", ".pem", ".b64")
    position_word: Literal["record", "line"] = "line"

    def sniff(self, head: bytes, name: str) -> int:
        """High for a lone envelope, assertion or token; just above plain lines for a short text about an error."""
        del name
        data = encodings.head_text(head)
        if b"\x00" in data:
            return 0
        start = data[:64].lstrip()
        if _XML.match(data):
            return 78 if _ROOT.search(data[:4096]) else 46 if start[:5] == b"<?xml" else 20
        if start[:5] == b"<?xml" or (start[:9] == b"<!DOCTYPE" and b"html" not in start[9:].lower()):
            return 46
        if _base64(data):
            return 58
        if _MESSAGE.match(data) and len(head) < 65536:
            return 50
        if _TOKEN.match(data) and data.strip().count(b"\n") < 200:
            return 60
        lines = [line for line in data.split(b"\n") if line.strip()]
        timed = sum(_CLOCK.search(line) is not None for line in lines)
        if timed > 4 and timed > 0.4 * len(lines):
            return 0
        if len(head) < 65536 and data.strip() and not len(_STARTS_LIKE_LOG.findall(data)) > 1:
            return 12 if _SIGNS.search(data) and data.count(b"\n") < 600 else 0
        return 0

    def prepare(self, opened: Opened) -> Prepared:
        """Settle the encoding; one piece. Raises OSError."""
        with TextFile(opened) as text:
            return Prepared(blocks.settled(opened, text), (FileSpan(text.encoding.mark, text.size),))

    def read(self, opened: Opened, piece: FileSpan) -> Iterator[Batch | Problem | ProgressMark]:
        """Yield the one event. Raises OSError."""
        with TextFile(opened) as text:
            line = piece.line or 1 + text.count_lines(text.encoding.mark, piece.start)
            at = piece.start
            while at < piece.end:
                raw_end = min(at + LARGEST_XML, piece.end)
                block = text.block(at, raw_end, line)
                if not block.data:
                    break
                if block.strays:
                    yield blocks.stray_problem(opened.name, block)
                if at > piece.start:
                    yield Problem(opened.name, f"line {line}", f"a text of more than {LARGEST_XML >> 20} MB is cut into several rows")
                whole = np.array([0], np.int64), np.array([len(block.data)], np.int64)
                message = line_log.messages(block, *whole)
                if message[0].strip():
                    columns = line_log.place_columns(block, *whole)
                    columns["message"] = message
                    columns["level"] = pl.Series([int(_level(message[0][:20000]))], dtype=pl.UInt8)
                    yield line_log.finished(columns)
                line += len(block.lines)
                at = block.end
                yield ProgressMark(block.end)

    def raw(self, opened: Opened, offset: int, length: int) -> str:
        """The text. Raises OSError, or ValueError when the file no longer reaches that far."""
        return line_log.raw(opened, offset, length)

    def fields(self, raw: str) -> Sequence[tuple[str, str]]:
        """The text itself."""
        return [("message", raw.rstrip())]


def _base64(data: bytes) -> bool:
    """Whether the text is one run of Base64 (plain, URL-safe or URL-encoded), in one line or wrapped."""
    lines = data.split()
    longest = max(map(len, lines), default=0)
    if sum(map(len, lines)) < 160 or longest < 40 or data.count(b" ") > 2:
        return False
    return all(_BASE64_LINE.fullmatch(line) for line in lines[:2000]) and all(len(line) == longest for line in lines[:-2])


def _level(text: str) -> Level:
    if _LEVEL.search(text):
        return Level.CRITICAL
    return Level.ERROR if _ERROR.search(text) else Level.UNKNOWN


SNIPPET: Final = Snippet()
