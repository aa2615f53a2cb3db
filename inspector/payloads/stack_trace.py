"""Stack traces of every language, wherever they stand: in the text, inside a fault, escaped inside XML."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from inspector.payloads.artefacts import artefact_notes
from inspector.payloads.base import Payload
from inspector.payloads.secret_places import secret_places
from inspector.payloads.traces import at_frames, dumped_frames, php, python, ruby_go
from inspector.payloads.traces.model import Frame, Reading, Thrown
from inspector.tokens.base import Span
from inspector.xmltext import XmlText
from inspector.xmltext.escapes import Undone, undo_entities

__all__ = ["LANGUAGES", "Frame", "StackTrace", "StackTraces", "Thrown"]

LANGUAGES: Final[tuple[Callable[[str], list[Reading]], ...]] = (python.read, php.read, ruby_go.read, dumped_frames.read, at_frames.read)
"""The readers, most specific first: what one has read is not read again by the next."""

_TITLES: Final = {
    "dotnet": ".NET",
    "java": "Java",
    "python": "Python",
    "javascript": "JavaScript",
    "php": "PHP",
    "go": "Go",
    "ruby": "Ruby",
    "exception": "",
}


@dataclass(frozen=True, slots=True)
class StackTrace(Payload):
    """A stack trace, or an exception that was logged without one."""

    language: str = ""
    """dotnet, java, python, javascript, php, go, ruby; ``exception`` where there are no frames to tell by."""
    exceptions: tuple[Thrown, ...] = ()
    """Innermost cause first and marked; suppressed ones last."""
    top_frame: Frame | None = None
    """The frame that threw, as a reader of the language looks for it: .NET and Java the first ``at`` line, Python the last ``File`` line."""
    reversed: bool = False
    """True where the log prints the lines in reverse order."""
    cut: bool = False

    @property
    def innermost(self) -> Thrown | None:
        """The cause behind all others."""
        return self.exceptions[0] if self.exceptions else None

    @property
    def outermost(self) -> Thrown | None:
        """The exception that came out in the end."""
        return next((one for one in self.exceptions if one.depth == 0), None)


OMISSION: Final = "<…>"
"""Stands in a trace's message for a piece of XML that is a payload of its own."""
_SIGNS: Final = (
    "Exception", "Error", "Fault", "Failure", "Throwable", "Traceback (", "Caused by:", 'File "', 'File \\"', ".go:", ".rb:", "#0 ", "--- End",
    "methodName: '", "@http", "rejection",
)  # fmt: skip
_FRAME_SIGN: Final = re.compile(r"(?:\bat|bei|à|en|в|em|w|bij|vid|ved|konum:|在|場所|위치:) [\w$<][^\s(]*+ ?\(")


def _promising(text: str) -> bool:
    """A cheap look for what every stack trace and every named exception holds."""
    return any(sign in text for sign in _SIGNS) or ("(" in text and _FRAME_SIGN.search(text) is not None)


# a "<" directly behind "." or "+" belongs to a compiler-made name (Foo.<Bar>d__1), one inside a parameter list to a generic type: not to mark-up
_TEXT_NODE: Final = re.compile(
    # no possessive groups: Python before 3.11.5 loses a character where the last turn of one fails half-way (gh-106052)
    r"<!\[CDATA\[(?P<cdata>(?:[^\]]++|\](?!\]>))*)|>(?P<text>(?:[^<]++|(?<=[.+])<(?![/!?])|(?<=[\w`])<(?=[A-Z][\w.,` \[\]]{0,200}>(?: \w{1,80})?[),.\[]))+)",
    re.DOTALL,
)


def _read(text: str) -> list[Reading]:
    """Every trace in one plain text, each place once."""
    found: list[Reading] = []
    for reader in LANGUAGES:
        for reading in reader(text):
            if not any(other.start < reading.end and reading.start < other.end for other in found):
                found.append(reading)
    found.sort(key=lambda reading: reading.start)
    return _without_repetition(found)


def _said(one: Thrown) -> tuple[str, str]:
    return one.type, one.message.split("\n", 1)[0].strip()


def _without_repetition(readings: list[Reading]) -> list[Reading]:
    """Loggers print an exception in front of its trace and again behind it: the frameless copy says nothing that the trace does not.

    An error page names the type in full only in the copy; it is put into the trace before the copy goes.
    """
    full_types = {(one.simple_type, _said(one)[1]): one.type for reading in readings if not reading.top for one in reading.exceptions}
    named = [_fully_named(reading, full_types) if reading.top else reading for reading in readings]
    framed = {_said(one) for reading in named if reading.top for one in reading.exceptions}
    kept: list[Reading] = []
    for reading in named:
        said = {_said(one) for one in reading.exceptions}
        if reading.top is None and said <= framed:
            continue
        if reading.top is None:
            framed |= said
        kept.append(reading)
    return kept


def _fully_named(reading: Reading, full_types: dict[tuple[str, str], str]) -> Reading:
    exceptions = tuple(replace(one, type=full_types.get(_said(one), one.type)) for one in reading.exceptions)
    return reading if exceptions == reading.exceptions else replace(reading, exceptions=exceptions)


def _moved(span: Span, layers: tuple[Undone, ...], document: XmlText | None) -> Span:
    start, end = span.start, span.end
    for layer in reversed(layers):
        start, end = layer.source_span(start, end)
    return Span(*(document.source_span(start, end) if document is not None else (start, end)))


def _payload(text: str, reading: Reading, layers: tuple[Undone, ...], document: XmlText | None) -> StackTrace:
    def moved(frame: Frame) -> Frame:
        return Frame(frame.symbol, frame.file, frame.line, frame.own, _moved(frame.span, layers, document), frame.text)

    exceptions = tuple(
        Thrown(
            one.type,
            one.message,
            tuple(map(moved, one.frames)),
            one.link,
            one.depth,
            _moved(one.span, layers, document),
            one.innermost,
            one.omitted,
        )
        for one in reading.exceptions
    )
    pretty = "\n".join(reading.lines)
    problems = list(artefact_notes(text[reading.start : reading.end]))
    if reading.cut:
        problems.insert(0, "cut: the trace does not end")
    if reading.reversed:
        problems.insert(0, "the log prints the lines in reverse order")
    return StackTrace(
        kind="stack_trace",
        title=_title(reading),
        span=_moved(Span(reading.start, reading.end), layers, document),
        pretty=pretty,
        problems=tuple(problems),
        secrets=tuple(Span(*place) for place in secret_places(pretty)),
        language=reading.language,
        exceptions=exceptions,
        top_frame=moved(reading.top) if reading.top else None,
        reversed=reading.reversed,
        cut=reading.cut,
    )


def _title(reading: Reading) -> str:
    first = reading.exceptions[0] if reading.exceptions else None
    language = _TITLES.get(reading.language, reading.language)
    if first is None or not first.type:
        return f"{language} stack trace".strip()
    message = first.message.split("\n", 1)[0].strip()
    message = message if len(message) <= 160 else message[:159].rstrip() + "…"
    return f"{first.type}: {message}" if message else first.type


class StackTraces:
    """Finds stack traces and exceptions."""

    name = "stack_trace"

    def find(self, text: str, documents: Sequence[XmlText], claimed: Collection[Span]) -> tuple[Payload, ...]:
        """Every trace in the text outside XML and in the character data of each document, each place once."""
        del claimed
        if not _promising(text) and not any(document.escapes and _promising(document.text) for document in documents):
            return ()
        found: list[StackTrace] = []
        inside: list[StackTrace] = []
        for document in reversed(documents):  # what another document carries first, so that its carrier does not read it again
            if _promising(document.text):
                inside.extend(self._inside(document, inside))
        # a message may quote XML and go on behind it: what stands outside is read as one text
        outermost: list[tuple[int, int]] = []
        for document in documents:
            if not outermost or document.start >= outermost[-1][1]:
                outermost.append((document.start, document.end))
        layer = Undone.without(text, outermost, OMISSION)
        found = [_payload(layer.text, reading, (layer,), None) for reading in _read(layer.text)]
        return tuple(sorted((*found, *inside), key=lambda trace: trace.span.start))

    def _inside(self, document: XmlText, known: Sequence[StackTrace]) -> list[StackTrace]:
        found: list[StackTrace] = []
        for match in _TEXT_NODE.finditer(document.text):
            group = "cdata" if match["cdata"] is not None else "text"
            content = match[group]
            if not _promising(content):
                continue
            base = match.start(group)
            layer = undo_entities(content, base) if group == "text" else Undone(content, base)
            for reading in _read(layer.text):
                trace = _payload(layer.text, reading, (layer,), document)
                if not any(other.span.start < trace.span.end and trace.span.start < other.span.end for other in known):
                    found.append(trace)
        return found
