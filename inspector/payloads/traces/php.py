"""PHP exceptions: the printing of PHP 5 (``exception 'X' with message``) and of PHP 7 and later, chained by ``Next``."""

from __future__ import annotations

import re
from typing import Final

from inspector.payloads.traces.model import MAX_FRAMES, Draft, Frame, Link, Reading, innermost_first
from inspector.payloads.traces.ownership import is_own
from inspector.tokens.base import Span

_HINT: Final = re.compile(r"with message '|Stack trace:\s|#0 [^\s(]+\(\d|PHP (?:Fatal|Warning|Parse|Notice)|thrown in \S+\.php")
_HEADER: Final = re.compile(
    r"(?:(?P<next>Next )|Uncaught |PHP Fatal error:\s+(?:Uncaught )?)?(?:"
    r"exception '(?P<old>[A-Za-z_][\w\\]*)' with message '"
    r"|(?:(?<=Uncaught )|(?<=Next )|(?<=^)|(?<=\n))(?P<new>\\?[A-Z][\w\\]*+)(?=: | in ))"
)
_PLACE: Final = re.compile(r"['.\s]?\sin (?P<file>(?:[A-Za-z]:)?[^\s:'\"]+(?: [^\s:'\"]+){0,6}):(?P<line>\d+)(?=\s|$)")
_PLACE_ON_LINE: Final = re.compile(r" in (?P<file>(?:[A-Za-z]:)?[^\s:'\"]+\.(?:php|phtml|inc|phar)\S*) on line (?P<line>\d+)")
_FRAME: Final = re.compile(
    r"#(?P<number>\d{1,4}) (?:(?P<file>(?:[A-Za-z]:)?[^\s:({]+(?:\(\d+\) : [^\s:]+)?|\[internal function\])(?:\((?P<line>\d+)\))?(?:: (?P<symbol>[^\r\n]+?))?|\{main\})"
    r"(?=\s*(?:\r?\n|$|#\d|\\n|thrown in|\s\sthrown|Next ))"
)


def _frames(text: str, start: int, end: int) -> list[Frame]:
    found: list[Frame] = []
    for match in _FRAME.finditer(text, start, end):
        if len(found) >= MAX_FRAMES:
            break
        file = match["file"] or ""
        symbol = (match["symbol"] or "").strip()
        if not file:
            continue
        line = int(match["line"]) if match["line"] else None
        span = Span(*match.span())
        shown = (f"{file}:{line}" if line is not None else file) + (f" {symbol}" if symbol else "")
        found.append(Frame(symbol, file, line, is_own(symbol, file), span, shown))
    return found


def _draft(text: str, header: re.Match[str], stop: int) -> tuple[Draft, int, list[str]]:
    """One exception whose part of the text ends at ``stop``, where its own text ends, and its lines."""
    name = header["old"] or header["new"]
    draft = Draft(name, start=header.start("old") if header["old"] else header.start("new"), end=header.end())
    trace = text.find("Stack trace:", header.end(), stop)
    first_frame = _FRAME.search(text, header.end(), stop)
    limit = min(place for place in (trace if trace >= 0 else stop, first_frame.start() if first_frame else stop, stop))
    place = None
    for place in _PLACE.finditer(text, header.end(), min(limit + 1, stop)):  # noqa: B007 - the last one counts: a message may hold "in x:1" too
        pass
    if place is None:
        place = _PLACE_ON_LINE.search(text, header.end(), limit)
    end = place.start() if place else limit
    draft.message = text[header.end() : end].lstrip(": ").strip().removesuffix("'")
    draft.end = end
    shown = [f"{name}: {draft.message}"]
    finish = end
    if place is not None:
        file, line = place["file"], int(place["line"])
        draft.frames.append(Frame("", file, line, is_own("", file), Span(place.start("file"), place.end("line")), f"{file}:{line}"))
        shown.append(f"   in {file}:{line}")
        finish = place.end()
    rest = _frames(text, finish, stop)
    draft.frames += rest
    shown += [f"   {text[frame.span.start : frame.span.end]}" for frame in rest]
    if rest:
        finish = rest[-1].span.end
    return draft, finish, shown


def read(text: str) -> list[Reading]:
    """Every PHP exception in ``text``, in order; several in one text are one chain. Linear."""
    if _HINT.search(text) is None:
        return []
    headers = [header for header in _HEADER.finditer(text) if header["old"] or header["new"]]
    headers = [header for header in headers if header["old"] or _is_php(text, header)]
    if not headers:
        return []
    drafts: list[Draft] = []
    lines: list[str] = []
    end = 0
    for number, header in enumerate(headers):
        stop = headers[number + 1].start() if number + 1 < len(headers) else len(text)
        draft, finish, shown = _draft(text, header, stop)
        lines += shown
        end = max(end, finish)
        if header["next"]:  # printed behind its cause
            for earlier in drafts:
                earlier.depth += 1
                earlier.link = Link.CAUSE
        elif drafts:
            draft.depth = max(one.depth for one in drafts) + 1
            draft.link = Link.CAUSE
        drafts.append(draft)
    exceptions = innermost_first(drafts)
    top = next((one.frames[0] for one in exceptions if one.frames), None)
    return [Reading("php", headers[0].start(), end, exceptions, top, tuple(lines), cut=top is None)]


def _is_php(text: str, header: re.Match[str]) -> bool:
    """Whether ``Uncaught X:`` is PHP's and not a browser's: a place ``in file:line`` or a numbered trace follows."""
    window = text[header.end() : header.end() + 4000]
    return "Stack trace:" in window or "\n#0 " in window or (_PLACE.search(window) is not None and ".php" in window)
