"""Python tracebacks: chained both ways, with notes, frozen modules, exception groups, and printed in reverse by log collectors."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from inspector.payloads.traces.model import MAX_FRAMES, Draft, Frame, Link, Reading, innermost_first
from inspector.payloads.traces.ownership import is_own
from inspector.tokens.base import Span

_HINT: Final = re.compile(r"Traceback \(|File \\?\"[^\"\r\n]+\", line \d")
_BREAK: Final = re.compile(
    r"\r?\n|(?:\\r)?\\n(?=(?: |\\t)*(?:File \\?\"|Traceback \(|During handling|The above exception|[\w.]+(?:Error|Exception|Warning)\b))"
)
_LEAD: Final = re.compile(r"(?:[\w.\-]{1,80} {0,40}\| )?(?:\d{4}-\d\d-\d\dT[\d:.]{8,18}Z? )?(?:##\[\w{1,12}\])?")
_TRACEBACK: Final = re.compile(r"Traceback \((?:most recent call last|innermost last)\):?")
_FILE: Final = re.compile(
    r"File \\?\"(?P<file>[^\"\\\r\n]+(?:\\+[^\"\\\r\n]+)*)\\?\", line (?P<line>\d+)(?:, in (?P<function>[^\r\n\"]+))?"
)
_THROWN: Final = re.compile(r"(?P<type>[A-Za-z_]\w*(?:\.\w+)*)(?::\s?(?P<message>.*))?\s*$", re.DOTALL)
_CONTEXT: Final = "During handling of the above exception, another exception occurred"
_CAUSE: Final = "The above exception was the direct cause of the following exception"
_OTHER_LINE: Final = re.compile(
    r"\S*\d\d:\d\d:\d\d|(?:INFO|DEBUG|WARN|WARNING|ERROR|CRITICAL|FATAL)\b|\[\d|[A-Z][a-z]{2} \d\d |\d+ -{5}|-{5}"
)
MAX_MESSAGE_LINES: Final = 30


@dataclass(slots=True)
class _Line:
    start: int
    end: int
    indent: int
    """Of the text, from the border of an exception group on where it has one."""
    text: str
    """Without lead and indentation."""


@dataclass(slots=True)
class _State:
    """One chain of tracebacks while it is being read."""

    start: int
    end: int
    drafts: list[Draft] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    """How each draft stands to the next one."""
    lines: list[str] = field(default_factory=list)
    is_reversed: bool = False


def _lines(text: str) -> list[_Line]:
    result = []
    position = 0
    ends = [(match.start(), match.end()) for match in _BREAK.finditer(text)]
    for stop, following in [*ends, (len(text), len(text))]:
        lead = _LEAD.match(text, position, stop)
        begin = lead.end() if lead else position
        content = text[begin:stop]
        bare = content.lstrip(" \t")
        border = 0
        if bare.startswith("|"):  # an exception group draws a border left of its members: they are indented from there
            border = len(content) - len(bare) + 1 + bare.startswith("| ")
            bare = bare[1:].lstrip(" \t")
        elif bare.startswith("+"):
            bare = bare.lstrip(" \t|+-")
            border = len(content) - len(bare)
        indent = len(content) - len(bare)
        bare = bare.rstrip()
        result.append(_Line(begin + indent, begin + indent + len(bare), indent - border, bare))
        position = following
    return result


def _frame(line: _Line, match: re.Match[str]) -> Frame:
    function = (match["function"] or "").strip()
    file = match["file"]
    number = int(match["line"])
    shown = f"{file}:{number}" + (f" in {function}" if function else "")
    return Frame(function, file, number, is_own("", file), Span(line.start, line.end), shown)


class _Reader:
    def __init__(self, text: str) -> None:
        self.lines = _lines(text)
        self.at = 0
        self.readings: list[Reading] = []

    def read(self) -> list[Reading]:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            header = _TRACEBACK.search(line.text)
            if header is not None:
                self.chain(_State(line.start + header.start(), line.end))
            elif _FILE.match(line.text):
                self.headless()
            else:
                self.at += 1
        return self.readings

    def chain(self, state: _State) -> None:
        """A traceback, and those that follow it in the same chain."""
        while self.at < len(self.lines):
            line = self.lines[self.at]
            state.lines.append(line.text)
            self.at += 1
            self.one(state, line.indent if line.text.startswith("Traceback") else 0)
            link = self.linked()
            if link is None:
                break
            state.links.append(link[0])
            state.lines.extend(("", link[1], ""))
        self.emit(state)

    def linked(self) -> tuple[Link, str] | None:
        """Whether another traceback of the same chain follows; stands on its header then."""
        ahead = self.at
        found: tuple[Link, str] | None = None
        while ahead < len(self.lines):
            text = self.lines[ahead].text
            if text and _TRACEBACK.search(text):
                if found is not None:
                    self.at = ahead
                return found
            if text.startswith(_CONTEXT):
                found = (Link.CONTEXT, text)
            elif text.startswith(_CAUSE):
                found = (Link.CAUSE, text)
            elif text:
                return None
            ahead += 1
        return None

    def one(self, state: _State, indent: int) -> None:
        """Frames and exception behind a traceback's header."""
        draft = Draft("", start=state.end, end=state.end)
        state.drafts.append(draft)
        frames: list[Frame] = []
        while self.at < len(self.lines):
            line = self.lines[self.at]
            match = _FILE.match(line.text)
            if match is not None:
                if len(frames) < MAX_FRAMES:
                    frames.append(_frame(line, match))
                    state.lines.append("  " + line.text)
            elif line.indent > indent and frames:
                state.lines.append("    " + line.text)
            elif not line.text or _TRACEBACK.search(line.text):
                break
            else:
                if not self.thrown(state, draft, line):
                    break
                break
            state.end = line.end
            self.at += 1
        draft.frames = frames[::-1]

    def thrown(self, state: _State, draft: Draft, line: _Line) -> bool:
        """The exception line, with what follows it of the message."""
        match = _THROWN.match(line.text)
        if match is None or _OTHER_LINE.match(line.text):
            return False
        draft.type = match["type"]
        words = [match["message"] or ""]
        draft.start, draft.end = line.start, line.end
        state.lines.append(line.text)
        state.end = line.end
        self.at += 1
        while self.at < len(self.lines) and len(words) < MAX_MESSAGE_LINES:
            more = self.lines[self.at]
            if not more.text or _OTHER_LINE.match(more.text) or _TRACEBACK.search(more.text) or _FILE.match(more.text):
                break
            if more.text.startswith((_CONTEXT, _CAUSE)) or (len(words) == 1 and not words[0]):
                break
            words.append(more.text)
            state.lines.append(more.text)
            state.end = more.end
            self.at += 1
        draft.message = "\n".join(words)
        return True

    def headless(self) -> None:
        """``File`` lines without a header before them: the head was cut, or the log is in reverse order."""
        first = self.at
        frames: list[Frame] = []
        shown: list[str] = []
        end = self.lines[first].end
        while self.at < len(self.lines):
            line = self.lines[self.at]
            match = _FILE.match(line.text)
            if match is not None:
                frames.append(_frame(line, match))
                shown.append("  " + line.text)
            elif line.indent > self.lines[first].indent and line.text:
                shown.append("    " + line.text)
            else:
                break
            end = line.end
            self.at += 1
        state = _State(self.lines[first].start, end)
        here = self.lines[self.at] if self.at < len(self.lines) else None
        draft = Draft("", start=state.start, end=state.start)
        state.drafts.append(draft)
        if here is not None and _TRACEBACK.match(here.text):
            state.is_reversed = True
            before = first - 1
            while before >= 0 and self.lines[before].indent >= self.lines[first].indent and self.lines[before].text:
                shown.insert(0, "    " + self.lines[before].text)
                before -= 1
            match = _THROWN.match(self.lines[before].text) if before >= 0 else None
            if match is not None:
                draft.type, draft.message = match["type"], match["message"] or ""
                draft.start, draft.end = self.lines[before].start, self.lines[before].end
                state.start = draft.start
                shown.insert(0, self.lines[before].text)
            draft.frames = frames
            state.lines = [*shown, here.text]
            state.end = here.end
            self.at += 1
        else:
            draft.frames = frames[::-1]
            state.lines = shown
            if here is not None and here.text:
                self.thrown(state, draft, here)
            if not draft.type and len(frames) < 2:
                return
        self.emit(state)

    def emit(self, state: _State) -> None:
        last = len(state.drafts) - 1
        for number, draft in enumerate(state.drafts):
            draft.depth = last - number
            if number < last:
                draft.link = state.links[number]
        exceptions = innermost_first(state.drafts)
        top = next((one.frames[0] for one in exceptions if one.frames), None)
        if top is None and not any(one.type for one in exceptions):
            return
        self.readings.append(
            Reading(
                "python",
                state.start,
                state.end,
                exceptions,
                top,
                tuple(state.lines),
                state.is_reversed,
                cut=not state.drafts[-1].type,
            )
        )


def read(text: str) -> list[Reading]:
    """Every Python traceback in ``text``, in order. Linear."""
    return _Reader(text).read() if _HINT.search(text) else []
