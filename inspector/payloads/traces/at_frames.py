"""Stack traces whose frames begin with ``at``: .NET (any language of Windows), Java and its relatives, JavaScript; and exceptions without frames."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from inspector.payloads.traces.model import MAX_FRAMES, Draft, Frame, Link, Reading, innermost_first
from inspector.payloads.traces.ownership import is_own
from inspector.tokens.base import Span

HINT: Final = re.compile(
    r"(?:Exception|Error|Fault|Failure|Throwable)(?=[:\s'\"`\];]|$)|(?:\bat|bei|à|en|в|em|w|bij|vid|ved|konum:|在|場所|위치:) [\w$<][^\s(]*\(|Caused by:"
)
"""What every text with such a trace holds."""

# a line, or a frame, an inner exception or a marker that a logger put on the same line; a literal \n where JSON was not undone
_BREAK: Final = re.compile(
    r"(?:\\+r)?\\+n(?=(?:\\+t|[ \t])*+(?:at |bei |--- |---> |Caused by: |Suppressed: |\.\.\. \d|\\*\"))"
    r"|(?<=[ \t])(?=at (?:[\w$<>`]++[.+/])++[^\s(]*+\()"
    r"|(?<=[\s.)])(?=---> ?[\w\[(])"
    r"|(?<=[ \t])(?=--- (?:End|Ende|Fin|Конец|Fim|Koniec))"
    r"|(?<=--- )(?=at (?:[\w$<>`]++[.+/])++)"
)
_LEAD: Final = re.compile(
    r"(?:[\w.\-]{1,80} {0,40}\|(?: |$))?(?:\d{4}-\d\d-\d\dT[\d:.]{8,18}Z?\s)?(?:##\[\w{1,12}\])?(?:\\+t|[\s\u00a0•|>])*+"
)
_WORDS: Final = r"at|bei|à|en|в|in|em|w|bij|vid|ved|v|konum:|在|場所|위치:"
_DOTNET: Final = re.compile(
    rf"(?:(?P<word>{_WORDS})\s+)?(?P<symbol>[^\s()\"'=,;{{]+)\((?P<parameters>[^()]*+(?:\([^()]*+\)[^()]*+)*)(?P<closed>\)?)"
    r"(?:\s*\[0x[0-9a-fA-F]+\])?"
    r"(?:\s(?:in|dans|en|в|na|w|i|位置|場所)\s(?P<file>[^\r\n]+?):(?:(?:line|Zeile|ligne|línea|riga|строка|linha|wiersz|regel|rad|linje|行号|行|줄)\s?)?(?P<line>\d+))?"
    r"(?P<offset>\s\+\d+)?(?P<jar>\s~?\[[^\]\s]*\])?\.?\s*$"
)
_JAVA_PLACE: Final = re.compile(
    r"(?P<file>[\w$\-]+\.(?:java|kt|kts|scala|groovy|clj|jsp|js))(?::(?P<line>-?\d+))?$|Native Method$|Unknown Source$|<generated>$|[\w$]+\.ja?v?a?$"
)
_JAVASCRIPT: Final = re.compile(
    r"at\s+(?:(?P<symbol>(?:async |new )?[^\s()]+(?: \[as [^\]]{1,200}\])?) \((?:address at )?(?P<file>[^()]*?):(?P<line>\d+)(?::\d+)?\)"
    r"|(?:async )?(?P<bare>[^\s()]+?):(?P<bare_line>\d+):\d+(?=\s|$)"
    r"|(?P<inside>(?:async |new )?[^\s()]+(?: \[as [^\]]{1,200}\])?) \((?P<where>native|<anonymous>|index \d+|node:[\w/:]+|internal[\w/.:]*)\))(?: \{)?\s*$"
)
_OUTER: Final = r"(?:[A-Za-z_][\w$]*+(?:`\d)?[.+\\/]|[A-Z]\w*+::)"
_NAME: Final = rf"{_OUTER}*(?!{_OUTER})[A-Za-z_][\w$]*+"
# a possessive group in other words: Python before 3.11.5 loses characters where the last turn of one fails half-way (gh-106052)
_LINKED: Final = re.compile(
    rf"(?P<link>--->|Caused by:?|\[cause\]:|Suppressed:|[Nn]ested exception is:?|[Ii]nner [Ee]xception:|\(Inner Exception #\d+\))\s*"
    rf"(?:\(Inner Exception #\d+\)\s*)?(?P<type>{_NAME})(?=:|\s|$|;)"
)
_THROWN: Final = re.compile(
    r"(?:Exception|Error|Fault|Failure|Throwable)(?:`\d(?:\[[^\]\r\n]{0,300}\])?)?(?=:(?:\s|$|[A-Z])|\s*$|\]\s*$|\s---|\s\((?:0x|code)|;\s|\.\s*$)"
)
_UNSUFFIXED: Final = re.compile(
    rf"(?:Unhandled (?:exception|rejection)\S*(?: \[\d+\])?|Uncaught(?: \(in promise\))?|rejection \[\d+\])[:.]?\s+(?P<type>{_NAME}): "
)
_NAME_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$.+\\`:/")
_MARKER: Final = re.compile(r"---\s\S.*?---\s*$|<---\s*$")
_PREVIOUS: Final = re.compile(r"previous|vorherig|précédent|anterior|precedente|предыдущ|poprzedni|vorige|以前|上一|이전")
_OMITTED: Final = re.compile(r"\.\.\. (?P<count>\d+) (?:more|common frames omitted|lines matching|frames (?:truncated|excluded))")
_NESTED_AT_END: Final = re.compile(r"nested exception is:?\s*$")
MAX_MESSAGE_LINES: Final = 60
"""Lines between an exception and its first frame that still belong to its message."""


@dataclass(slots=True)
class _Segment:
    start: int
    """First character behind the lead (indentation, log driver's prefix)."""
    end: int
    text: str
    indent: int


def _segments(text: str) -> Iterator[_Segment]:
    """Lines, and parts of lines where a logger put several on one."""
    position = 0
    for line in text.split("\n"):
        stop = position + len(line)
        bare = line.strip()
        rest = bare[4:]  # what a line begins with needs no splitting
        if "--->" in rest or " at " in rest or "--- " in rest or "\\n" in rest:
            begin = position
            for match in _BREAK.finditer(text, position, stop):
                if match.start() > begin:
                    yield _segment(text, begin, text[begin : match.start()].strip(), match.start())
                begin = match.end()
            yield _segment(text, begin, text[begin:stop].strip(), stop)
        elif bare:
            yield _segment(text, position, bare, stop)
        position = stop + 1


def _segment(text: str, start: int, bare: str, end: int) -> _Segment:
    begin = text.find(bare[:1], start) if bare else start
    if bare and (bare[0] in _LEADING or "|" in bare[:130]):
        lead = _LEAD.match(text, begin, begin + len(bare))
        if lead is not None:
            begin = lead.end()
            bare = text[begin:end].rstrip()
    return _Segment(begin, begin + len(bare), bare, begin - start)


_LEADING: Final = frozenset("0123456789#•|>\\")


@dataclass(slots=True)
class _Header:
    type: str
    start: int
    end: int
    link: str
    at_line_start: bool


def _type_before(text: str, low: int, end: int) -> int:
    """Where the type name that ends at ``end`` starts."""
    start = end
    while start > low and text[start - 1] in _NAME_CHARACTERS:
        start -= 1
    while start < end and not (text[start].isalpha() or text[start] == "_"):
        start += 1
    return start


_HEADER_SIGNS: Final = (
    "Exception", "Error", "Fault", "Failure", "Throwable", "--->", "Caused by", "Suppressed:", "[cause]", "xception", "rejection", "Uncaught",
)  # fmt: skip


def _headers(segment: _Segment) -> list[_Header]:
    """Every exception that a segment names as thrown, in order."""
    piece = segment.text
    found = [
        _Header(match["type"], match.start("type"), match.end("type"), match["link"], match.start() == 0)
        for match in _LINKED.finditer(piece)
    ]
    found += [_Header(match["type"], match.start("type"), match.end("type"), "", True) for match in _UNSUFFIXED.finditer(piece)]
    taken = {one.end for one in found}
    for match in _THROWN.finditer(piece):
        end = match.end()
        if end in taken:
            continue
        base = match.start()
        start = _type_before(piece, max(0, base - 400), base)
        name = piece[start:end]
        # "x:Exception" is a label in front of a type, "A::Exception" is Ruby
        single = name.rfind(":")
        if single >= 0 and name[single - 1 : single] != ":":
            start += single + 1
            name = piece[start:end]
        if name.startswith("//") or "://" in name or not name or name[0] in "/\\":
            continue
        before = piece[max(0, start - 40) : start].rstrip()
        begins = start == 0 or (start == 1 and piece[0] == "[")
        if base == start and not (begins or before.endswith(("details:", "Uncaught"))):
            continue  # "Exception" or "Error" alone is a word unless it opens the line
        if name[max(map(name.rfind, ".\\+/:")) + 1].islower():
            continue  # "Server.userException" is a fault code
        if "_" in name and "." not in name and "\\" not in name:
            continue
        plain = "." not in name and "\\" not in name and "::" not in name and "+" not in name
        followed = piece[end : end + 1]
        if followed == ";" and plain:
            continue
        silent = followed == "" or (followed == "." and end + 1 == len(piece))
        if silent and not begins and (plain or not before.endswith((":", "--->", "[", "-", "is"))):
            continue  # nothing is said about it, and the line is about something else
        if followed == "." and not silent:
            continue
        found.append(_Header(name, start, end, "", begins))
    found.sort(key=lambda one: one.start)
    result = []
    for one in found:
        one.start += segment.start
        one.end += segment.start
        result.append(one)
    return result


def _frame(segment: _Segment) -> tuple[Frame, str, bool] | None:
    """A frame, the language it is of, and whether it was cut."""
    piece = segment.text
    span = Span(segment.start, segment.end)
    if piece.startswith("at ") and (" (" in piece or piece.rstrip(" {")[-1:].isdigit()):
        script = _JAVASCRIPT.match(piece)
        if script is not None:
            symbol = script["symbol"] or script["inside"] or ""
            file = script["file"] or script["bare"] or script["where"] or ""
            line = script["line"] or script["bare_line"]
            return (
                Frame(symbol, file, int(line) if line else None, is_own(symbol, file), span, f"{file}:{line} {symbol}".rstrip()),
                "javascript",
                False,
            )
    match = _DOTNET.match(piece)
    if match is None:
        return None
    symbol, word, parameters = match["symbol"], match["word"], match["parameters"]
    if not word and not match["offset"] and not (match["closed"] and "." in symbol and match["file"]):
        return None
    if "." not in symbol and not symbol.startswith("lambda_method"):
        return None
    place = _JAVA_PLACE.match(parameters)
    cut_java = not match["closed"] and symbol[:1].islower() and " " not in parameters and parameters != ""
    if (place is not None or cut_java) and not match["file"] and word == "at":
        line = place["line"] if place else None
        file = (place["file"] if place else None) or parameters
        number = int(line) if line and line[0] != "-" else None
        return Frame(symbol, file, number, is_own(symbol), span, f"{symbol}({parameters}{match['closed']}"), "java", not match["closed"]
    if word not in {None, "at"} and not match["closed"]:
        return None
    shown = f"{symbol}({parameters}{match['closed']}".replace("&amp;", "&")  # by-reference parameters, escaped once too often
    line = match["line"]
    return (
        Frame(shown, match["file"] or "", int(line) if line else None, is_own(symbol), span, shown + (match["offset"] or "")),
        "dotnet",
        not match["closed"],
    )


def _bare_frame(segment: _Segment) -> Frame | None:
    """A .NET frame on an ASP.NET error page: neither ``at`` nor an offset."""
    match = _DOTNET.match(segment.text)
    if match is None or not match["closed"] or match["symbol"].count(".") < 2 or match["word"]:
        return None
    symbol = match["symbol"]
    shown = f"{symbol}({match['parameters']})"
    return Frame(shown, "", None, is_own(symbol), Span(segment.start, segment.end), shown)


@dataclass(slots=True)
class _Trace:
    """One trace while it is being read."""

    start: int
    end: int = 0
    drafts: list[Draft] = field(default_factory=list)
    stack: list[Draft] = field(default_factory=list)
    language: str = ""
    lines: list[str] = field(default_factory=list)
    top: Frame | None = None
    frames: int = 0
    pending: list[_Segment] = field(default_factory=list)
    cut: bool = False
    awaiting_nested: bool = False
    indent: int = 0
    opened_nested: bool = False
    """Begins with a cause whose wrapper is not named on its line."""
    arrow: bool = False
    """The last exception came behind ``--->``."""

    def line(self, text: str) -> None:
        if text:
            self.lines.append(text)


class _Reader:
    """Reads every trace of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.readings: list[Reading] = []
        self.trace: _Trace | None = None
        self.headless: _Trace | None = None

    def read(self) -> list[Reading]:
        for segment in _segments(self.text):
            if not segment.text:
                continue
            if self.frame(segment) or self.marker(segment):
                continue
            headers = _headers(segment)
            if headers:
                self.headers(segment, headers)
            elif self.trace is not None:
                self.other(self.trace, segment)
        self.finish()
        self.flush_headless()
        return self.readings

    # -- what a segment can be --

    def frame(self, segment: _Segment) -> bool:
        found = _frame(segment)
        trace = self.trace
        if found is None:
            bare = _bare_frame(segment) if trace is not None and trace.drafts and (not trace.frames or trace.language == "dotnet") else None
            if bare is None:
                return False
            found = (bare, "dotnet", False)
        frame, language, cut = found
        if trace is None:
            trace = self.trace = _Trace(segment.start)
            self.push(trace, Draft("", "", start=segment.start, end=segment.start))
        self.absorb(trace)
        if not trace.language:
            trace.language = language
        trace.top = trace.top or frame
        trace.frames += 1
        trace.cut = cut
        trace.end = segment.end
        if trace.frames <= MAX_FRAMES:
            trace.stack[-1].frames.append(frame)
            trace.line("   " + segment.text)
        return True

    def marker(self, segment: _Segment) -> bool:
        trace = self.trace
        if trace is None:
            return False
        omitted = _OMITTED.match(segment.text)
        if omitted is not None:
            trace.stack[-1].omitted += int(omitted["count"])
        elif _MARKER.match(segment.text):
            self.absorb(trace)
            if len(trace.stack) > 1 and not _PREVIOUS.search(segment.text):
                trace.stack.pop()
        else:
            return False
        trace.end = segment.end
        trace.line("   " + segment.text)
        return True

    def headers(self, segment: _Segment, headers: list[_Header]) -> None:
        if len(headers) > 1 and headers[0].type in {"Error", "Exception"} and headers[1].start - headers[0].end <= 3:
            headers = headers[1:]  # a label in front of what was thrown
        for number, header in enumerate(headers):
            stop = headers[number + 1].start if number + 1 < len(headers) else segment.end
            message = self.text[header.end : stop]
            if number + 1 < len(headers):
                message = message.rstrip("( ").removesuffix("--->").rstrip()
                message = message.removesuffix("Caused by:").removesuffix("[").rstrip()
            message = message.lstrip(":").strip().removesuffix("]")
            trace = self.trace
            linked = bool(header.link) or (number > 0 and trace is not None)
            if trace is not None and not linked and trace.awaiting_nested and header.at_line_start:
                linked = True
            if trace is not None and not linked and not trace.frames and self.follows(trace, header, segment):
                linked = True
            if trace is None or not linked:
                self.finish()
                trace = self.trace = _Trace(header.start if number or not header.at_line_start else segment.start)
                trace.opened_nested = bool(header.link)
                trace.indent = segment.indent
            else:
                self.absorb(trace)
            trace.awaiting_nested = _NESTED_AT_END.search(message) is not None
            trace.arrow = header.link == "--->"
            self.add(trace, header, message, segment)
        trace = self.trace
        if trace is not None:
            trace.end = segment.end
            trace.line(self.text[max(segment.start, trace.start) : segment.end])

    def follows(self, trace: _Trace, header: _Header, segment: _Segment) -> bool:
        """Whether an exception on a line of its own belongs to the one on the line just before (messages that hold another exception's text)."""
        if trace.opened_nested or segment.indent < trace.indent:
            return False
        return header.at_line_start and not trace.pending and segment.start - trace.end <= 4 and trace.drafts[-1].type != header.type

    def add(self, trace: _Trace, header: _Header, message: str, segment: _Segment) -> None:
        link = Link.THROWN
        depth = 0
        previous = trace.drafts[-1] if trace.drafts else None
        if previous is not None and previous.type == header.type and not previous.frames and not header.link:
            previous.message = message  # the type printed twice: "SoapException: SoapException: ..."
            previous.end = segment.end
            return
        if header.link == "Suppressed:":
            link = Link.SUPPRESSED
            depth = len(trace.drafts)
        elif previous is not None:
            link = Link.CAUSE
            if header.link.startswith("Caused") or trace.language == "java":
                if segment.indent and previous.link is Link.SUPPRESSED:
                    link = Link.SUPPRESSED
                known = self.nested_before(trace, header.type, message)
                if known is not None:
                    trace.stack = [known]
                    return
                depth = max(draft.depth for draft in trace.drafts if draft.link is not Link.SUPPRESSED or draft is trace.drafts[0]) + 1
            elif trace.awaiting_nested:
                depth = previous.depth + 1
            else:
                depth = (trace.stack[-1].depth if trace.stack else previous.depth) + 1
        draft = Draft(header.type, message, link=link, depth=depth, start=header.start, end=segment.end)
        nested_text = header.link.lower().startswith("nested") or (previous is not None and _NESTED_AT_END.search(previous.message))
        if nested_text and previous is not None:
            previous.message = _NESTED_AT_END.sub("", previous.message).rstrip("; ")
            trace.drafts.append(draft)  # the frames that follow are those of the outer one
            return
        self.push(trace, draft)

    def nested_before(self, trace: _Trace, name: str, message: str) -> Draft | None:
        """The same cause, named already in its wrapper's message: its frames come now."""
        for draft in trace.drafts[1:]:
            if draft.type == name and not draft.frames and draft.message.strip() == message.strip():
                return draft
        return None

    def push(self, trace: _Trace, draft: Draft) -> None:
        trace.drafts.append(draft)
        trace.stack.append(draft)

    def other(self, trace: _Trace, segment: _Segment) -> None:
        """A line that is no frame: more of the message before the first frame, the end of the trace behind one."""
        if trace.frames or len(trace.pending) >= MAX_MESSAGE_LINES:
            self.finish()
        else:
            trace.pending.append(segment)

    # -- beginnings and ends --

    def absorb(self, trace: _Trace) -> None:
        """Lines between an exception and what follows it belong to its message."""
        if trace.pending:
            words = [segment.text for segment in trace.pending]
            draft = trace.drafts[-1]
            if not words[-1].lower().startswith(("stack trace", "stacktrace", "stack")) or len(words) > 1:
                draft.message = "\n".join([draft.message, *(word for word in words if not word.lower().startswith("stack trace"))])
            for word in words:
                trace.line(word)
            trace.pending.clear()

    def finish(self) -> None:
        trace, self.trace = self.trace, None
        if trace is None or not trace.drafts:
            return
        headless = trace.drafts[0].type == ""
        before = self.headless
        if headless and len(trace.drafts) == 1:
            self.flush_headless()
            self.headless = trace
            return
        if before is not None and not trace.frames and trace.start - before.end < 200:
            self.headless = None
            draft = trace.drafts[-1]
            draft.frames = list(reversed(before.drafts[0].frames))
            trace.top = draft.frames[0]
            trace.language, trace.start, trace.frames = before.language, before.start, before.frames
            trace.lines = before.lines + trace.lines
            self.emit(trace, is_reversed=True)
            return
        self.flush_headless()
        self.emit(trace)

    def flush_headless(self) -> None:
        if self.headless is not None:
            trace, self.headless = self.headless, None
            # one "at X.Y()" in prose is no trace
            if trace.frames > 1 or (trace.top is not None and (trace.top.line is not None or self.text[: trace.start].strip() == "")):
                self.emit(trace)

    def emit(self, trace: _Trace, *, is_reversed: bool = False) -> None:
        ends_text = trace.end >= len(self.text.rstrip())
        unfinished = trace.cut or (ends_text and not trace.frames and trace.arrow)
        self.readings.append(
            Reading(
                trace.language or "exception",
                trace.start,
                trace.end,
                innermost_first(trace.drafts),
                trace.top,
                tuple(trace.lines),
                is_reversed,
                unfinished,
            )
        )


def read(text: str) -> list[Reading]:
    """Every trace of these languages in ``text``, and every exception named with its message, in order. Linear."""
    return _Reader(text).read() if HINT.search(text) else []
