"""Frames that a program printed as data: React Native's native stack, Firefox lines, WebSphere's first failure data capture."""

from __future__ import annotations

import re
from typing import Final

from inspector.payloads.traces.model import Draft, Frame, Reading, innermost_first
from inspector.payloads.traces.ownership import is_own
from inspector.tokens.base import Span

_NATIVE: Final = re.compile(r"\{\s*methodName: '(?P<symbol>[^'\r\n]*)',\s*lineNumber: (?P<line>-?\d+),\s*file: '(?P<file>[^'\r\n]*)'\s*\}")
_NATIVE_ERROR: Final = re.compile(r"\[(?P<type>\w*Error): (?P<message>[^\]\r\n]*)\]")
_FIREFOX: Final = re.compile(
    r"^[ \t]*(?P<symbol>[\w$.<>/*]{0,200})@(?P<file>(?:https?|file|resource|webpack|app|moz-extension)://[^\s]{1,2000}?):(?P<line>\d+)(?::\d+)?$",
    re.MULTILINE,
)
_CAPTURE: Final = re.compile(
    r"Incident has been created: \"(?P<type>[A-Za-z_][\w$.]*): (?P<message>[^\r\n]*?) (?P<source>[\w$.]+\.[\w$]+) (?P<probe>\d+)\" at "
)


def _read_native(text: str) -> list[Reading]:
    matches = list(_NATIVE.finditer(text))
    if not matches:
        return []
    error = _NATIVE_ERROR.search(text, 0, matches[0].start())
    start = error.start() if error else matches[0].start()
    draft = Draft(error["type"], error["message"], start=error.start("type"), end=error.end("message")) if error else Draft("")
    for match in matches:
        file, symbol, number = match["file"], match["symbol"], int(match["line"])
        line = number if number >= 0 else None
        shown = f"{file.removesuffix('.java')}.{symbol}" + (f":{line}" if line is not None else "")
        draft.frames.append(Frame(symbol, file, line, is_own(symbol, file), Span(*match.span()), shown))
    lines = [f"{draft.type}: {draft.message}" if error else "", *("   " + frame.text for frame in draft.frames)]
    end = matches[-1].end()
    return [
        Reading(
            "javascript",
            start,
            end,
            innermost_first([draft]),
            draft.frames[0],
            tuple(filter(None, lines)),
            cut=not text[end:].lstrip().startswith("]"),
        )
    ]


def _read_firefox(text: str) -> list[Reading]:
    matches = list(_FIREFOX.finditer(text))
    if not matches:
        return []
    frames = [
        Frame(
            match["symbol"],
            match["file"],
            int(match["line"]),
            is_own(match["symbol"], match["file"]),
            Span(*match.span()),
            match.group().strip(),
        )
        for match in matches
    ]
    before = text[: matches[0].start()].rstrip()
    header = re.search(r"(?P<type>[A-Z]\w*(?:Error|Exception)): (?P<message>[^\r\n]*)$", before[-2000:])
    draft = Draft(header["type"] if header else "", header["message"] if header else "")
    start = matches[0].start()
    if header is not None:
        start = len(before) - len(header.group())
        draft.start, draft.end = start, len(before)
    draft.frames = frames
    lines = [f"{draft.type}: {draft.message}"] if header else []
    return [
        Reading(
            "javascript", start, matches[-1].end(), innermost_first([draft]), frames[0], (*lines, *("   " + frame.text for frame in frames))
        )
    ]


def _read_captures(text: str) -> list[Reading]:
    readings = []
    for match in _CAPTURE.finditer(text):
        source, probe = match["source"], int(match["probe"])
        frame = Frame(source, "", probe, is_own(source), Span(match.start("source"), match.end("probe")), f"{source}:{probe}")
        draft = Draft(match["type"], match["message"], [frame], start=match.start("type"), end=match.end("message"))
        lines = (f"{draft.type}: {draft.message}", f"   {source}:{probe}")
        readings.append(Reading("java", match.start("type"), match.end("probe"), innermost_first([draft]), frame, lines))
    return readings


def read(text: str) -> list[Reading]:
    """Every such dump in ``text``. Linear."""
    readings: list[Reading] = []
    if "methodName: '" in text:
        readings += _read_native(text)
    if "://" in text and "@" in text:
        readings += _read_firefox(text)
    if "Incident has been created" in text:
        readings += _read_captures(text)
    return readings
