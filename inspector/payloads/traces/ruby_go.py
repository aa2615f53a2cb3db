"""Ruby back traces and Go panics: languages that print the place of a call on a line of its own."""

from __future__ import annotations

import re
from typing import Final

from inspector.payloads.traces.model import MAX_FRAMES, Draft, Frame, Link, Reading, innermost_first
from inspector.payloads.traces.ownership import is_own
from inspector.tokens.base import Span

_RUBY_FRAME: Final = re.compile(
    r"^[ \t]*(?:\d{1,4}: )?(?:from )?(?P<file>[^\s:\"'`]+\.(?:rb|erb|haml|rake|ru)|<internal:[\w/\-]+>|\(eval\)|\(irb\)|bin/\w+):(?P<line>\d+)"
    r":in [`'\"](?P<symbol>[^'\"`\r\n]+)['\"](?::[ \t](?P<message>[^\r\n]*))?",
    re.MULTILINE,
)
_RUBY_TYPE: Final = re.compile(r"\((?P<type>[A-Z]\w*(?:::\w+)*)\)\s*$")
_RUBY_HEADER: Final = re.compile(r"(?P<type>[A-Z]\w*(?:::[A-Z]\w*)*)(?:: (?P<message>[^\r\n]*)| \((?P<rails>[^\r\n]*)\):?)$")

_GO_FRAME: Final = re.compile(
    r"^(?P<symbol>(?:created by )?[\w./\-%@~]++(?:\(\*?\w[\w\[\].]*\)\.[\w.\-\[\]]+)?)(?:\((?P<arguments>[^\r\n]*)\))?(?: in goroutine \d+)?\r?\n"
    r"[ \t]+(?P<file>[^\s:]+\.(?:go|s)):(?P<line>\d+)(?: \+0x[0-9a-f]+)?",
    re.MULTILINE,
)
_GO_PANIC: Final = re.compile(r"(?:^(?:panic|fatal error)|\bpanic serving [\w.:\[\]]+): (?P<message>[^\r\n]*)", re.MULTILINE)
_GOROUTINE: Final = re.compile(r"goroutine \d+ \[[^\]\r\n]*\]:")


def _groups(matches: list[re.Match[str]], text: str, reach: int) -> list[list[re.Match[str]]]:
    """Matches that follow each other with at most ``reach`` characters of blanks, or a short remark, between them."""
    groups: list[list[re.Match[str]]] = []
    for match in matches:
        if groups and match.start() - groups[-1][-1].end() <= reach and not text[groups[-1][-1].end() : match.start()].strip():
            groups[-1].append(match)
        else:
            groups.append([match])
    return groups


def _line_before(text: str, at: int) -> tuple[int, str]:
    """The line that ends before ``at``, blank ones passed over, and where it starts."""
    stop = len(text[max(0, at - 4000) : at].rstrip()) + max(0, at - 4000)
    start = text.rfind("\n", max(0, at - 4000), stop) + 1
    return start, text[start:stop]


def _read_ruby(text: str) -> list[Reading]:
    readings: list[Reading] = []
    for group in _groups(list(_RUBY_FRAME.finditer(text)), text, 4):
        drafts: list[Draft] = []
        start = group[0].start("file")
        lines: list[str] = []
        for match in group:
            file, line, symbol = match["file"], int(match["line"]), match["symbol"]
            message = match["message"]
            if message is not None or not drafts:
                draft = _ruby_draft(text, match, depth=len(drafts))
                if not drafts and message is None and draft.type:
                    start = draft.start
                    lines.append(text[draft.start : draft.end])
                drafts.append(draft)
            frame = Frame(
                symbol, file, line, is_own(symbol, file), Span(match.start("file"), match.end("symbol") + 1), f"{file}:{line} {symbol}"
            )
            if len(drafts[-1].frames) < MAX_FRAMES:
                drafts[-1].frames.append(frame)
            lines.append("   " + match.group().strip())
        if not any(draft.type for draft in drafts) and len(group) < 2:
            continue
        exceptions = innermost_first(drafts)
        readings.append(Reading("ruby", start, group[-1].end(), exceptions, exceptions[0].frames[0], tuple(lines)))
    return readings


def _ruby_draft(text: str, match: re.Match[str], depth: int) -> Draft:
    link = Link.CAUSE if depth else Link.THROWN
    message = match["message"]
    if message is not None:
        named = _RUBY_TYPE.search(message)
        words = message[: named.start()].rstrip() if named else message
        return Draft(named["type"] if named else "", words, link=link, depth=depth, start=match.start("message"), end=match.end("message"))
    begin, line = _line_before(text, match.start())
    header = _RUBY_HEADER.search(line)
    if header is None:
        return Draft("", start=match.start(), end=match.start(), depth=depth, link=link)
    return Draft(
        header["type"],
        header["message"] or header["rails"] or "",
        start=begin + header.start(),
        end=begin + header.end(),
        depth=depth,
        link=link,
    )


def _read_go(text: str) -> list[Reading]:
    frames = list(_GO_FRAME.finditer(text))
    readings: list[Reading] = []
    panics = list(_GO_PANIC.finditer(text))
    for group in _groups(frames, text, 4):
        drafts = [Draft("panic", start=group[0].start(), end=group[0].start())]
        start = group[0].start()
        lines: list[str] = []
        before = [panic for panic in panics if 0 <= group[0].start() - panic.end() < 2000] if panics else []
        if before and not any(one.start <= before[-1].start() < one.end for one in readings):
            panic = before[-1]
            drafts[0] = Draft("panic", panic["message"], start=panic.start(), end=panic.end())
            start = panic.start()
            lines.append(panic.group())
        elif _GOROUTINE.search(text, max(0, group[0].start() - 100), group[0].start()) is None and len(group) < 2:
            continue
        for match in group:
            symbol, file, line = match["symbol"], match["file"], int(match["line"])
            frame = Frame(symbol, file, line, is_own(symbol, file), Span(match.start(), match.end()), f"{file}:{line} {symbol}")
            if len(drafts[0].frames) < MAX_FRAMES:
                drafts[0].frames.append(frame)
            lines.append(f"   {symbol} {file}:{line}")
        # the runtime's own panic machinery stands on top; what called it is where it happened
        calls = drafts[0].frames
        thrower = max((number for number, frame in enumerate(calls) if frame.symbol == "panic"), default=-1)
        top = next((frame for frame in calls[thrower + 1 :] if not frame.symbol.startswith(("runtime.", "panic"))), calls[0])
        readings.append(Reading("go", start, group[-1].end(), innermost_first(drafts), top, tuple(lines)))
    return readings


def read(text: str) -> list[Reading]:
    """Every Ruby back trace and Go stack in ``text``. Linear."""
    readings: list[Reading] = []
    if ":in " in text:
        readings += _read_ruby(text)
    if ".go:" in text:
        readings += _read_go(text)
    return readings
