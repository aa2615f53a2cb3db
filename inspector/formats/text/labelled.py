"""Events written as labelled lines (`Event Type: Error`, `Log Name: Security`): where each one starts and ends, and what its labels say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from inspector.formats.text.event_labels import FIELD_OF, LANGUAGE_OF, any_of

_SPACE: Final = r"(?:[ \t]|\xa0)"
_INDENT: Final = rf"^(?:{_SPACE}|>){{0,12}}"


def _compiled(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode("utf-8"), re.MULTILINE)


START: Final = _compiled(rf"{_INDENT}{any_of('type', 'log')}{_SPACE}*:")
"""The line with which Event Viewer begins an event."""

START_CUT: Final = _compiled(
    rf"{_INDENT}{any_of('source')}{_SPACE}*:[^\n]*\r?\n(?:{_SPACE}*\r?\n)?{_INDENT}{any_of('task', 'date', 'id')}{_SPACE}*:"
)
"""An event whose first line was not copied: source, then date, category or ID."""

_LABEL: Final = _compiled(rf"{_INDENT}([^\s:<>\"=][^:\n<>\"=]{{1,40}}?){_SPACE}*:{_SPACE}*([^\n]*)\n?")
_BLANK: Final = re.compile(rb"(?:[ \t]|\xc2\xa0)*\r?\n")
DATE: Final = _compiled(rf"{_INDENT}{any_of('date')}{_SPACE}*:{_SPACE}*([^\r\n]{{4,60}})")
"""A date line; group 1 is the date."""
_SYSTEM_TIME: Final = re.compile(rb"SystemTime=['\"]([^'\"]{10,40})['\"]")

CLOSING: Final = re.compile(rb"^[^\n]*(?:go\.microsoft\.com/fwlink/events\.asp|see Help and Support Center at)[^\n]*\n?", re.MULTILINE)
"""The line with which the 2003 Event Viewer ends a description, known by the link that it has in every language."""
_DATA: Final = re.compile(
    rb"\s*(?:Data|Dati|Daten|Donn\xc3\xa9es|Datos|Dados)(?:[ \t]|\xc2\xa0)*:[^\n]*\n?(?:[ \t]*[0-9a-fA-F]{4}:[^\n]*\n?)*"
)
RULE: Final = re.compile(rb"^(?:[ \t]|\xc2\xa0)*(?:-{5,}|={5,}|_{5,}|\*{5,})(?:[ \t]|\xc2\xa0)*\r?$", re.MULTILINE)
_EVENT_XML: Final = re.compile(
    rb"^(?:[ \t]|\xc2\xa0)*(?:Event Xml|XML evento|Ereignis-XML|XML de l.{1,3}\xc3\xa9v\xc3\xa9nement|XML de evento|XML do Evento|Xml dell'evento)(?:[ \t]|\xc2\xa0)*:[ \t]*\r?\n?",
    re.MULTILINE,
)
_LONGEST_HEADER: Final = 24


@dataclass(slots=True)
class Labelled:
    """One event as its labels say it."""

    start: int
    end: int
    """Behind the event's last character; what follows up to the next event belongs to none."""
    values: dict[str, str] = field(default_factory=dict)
    """Field to value."""
    labels: list[tuple[str, str]] = field(default_factory=list)
    """Every label as written, with its value, in order."""
    message: tuple[int, int] = (0, 0)
    """Where the description lies."""
    xml: tuple[int, int] = (0, 0)
    """Where the event's own XML lies; empty where it was not copied."""
    system_time: str = ""
    """SystemTime out of that XML."""
    language: str = ""


def find_starts(data: bytes) -> list[int]:
    """Where events start, in order."""
    starts = [found.start() for found in START.finditer(data)]
    cut = [found.start() for found in START_CUT.finditer(data)]
    if not cut:
        return starts
    both = sorted({*starts, *cut})
    certain = set(starts)
    kept: list[int] = []
    for place in both:
        # the source line of an event whose first line is there is no start of its own
        if (
            place not in certain
            and kept
            and place - kept[-1] < 600
            and data.count(b":", kept[-1], place) <= 3
            and data.count(b"\n", kept[-1], place) <= 4
        ):
            continue
        kept.append(place)
    return kept


def read(data: bytes, start: int, limit: int) -> Labelled:
    """Read the event at ``start``; the next one starts at ``limit``."""
    event = Labelled(start, limit)
    at = start
    lines = 0
    after_known = start
    message = -1
    while lines < _LONGEST_HEADER and at < limit:
        blank = _BLANK.match(data, at, limit)
        if blank:
            at = blank.end()
            continue
        found = _LABEL.match(data, at, limit)
        if found is None:
            break
        lines += 1
        label = found[1].decode("utf-8", "replace").strip()
        name = FIELD_OF.get(label)
        if name is None and "description" not in event.values and lines > 12:
            break
        if name == "description":
            message = found.start(2)
            language = LANGUAGE_OF.get(label)
            event.language = event.language or (language or "")
            break
        value = found[2].decode("utf-8", "replace").strip()
        event.labels.append((label, value))
        if name is not None:
            event.values.setdefault(name, value)
            event.language = event.language or LANGUAGE_OF.get(label, "")
            after_known = found.end()
        at = found.end()
    else:
        after_known = max(after_known, start)
    if message < 0:
        # no description label: the description starts behind the last label that is known
        while event.labels and FIELD_OF.get(event.labels[-1][0]) is None:
            event.labels.pop()
        message = after_known
    _settle_end(data, event, message, limit)
    return event


def _settle_end(data: bytes, event: Labelled, message: int, limit: int) -> None:
    """Find where description, XML and event end."""
    end = limit
    xml = _EVENT_XML.search(data, message, limit)
    if xml:
        close = data.find(b"</Event>", xml.end(), limit)
        end = close + 8 if close >= 0 else limit
        event.xml = (xml.end(), end)
        found = _SYSTEM_TIME.search(data, xml.end(), end)
        event.system_time = found[1].decode("ascii", "replace") if found else ""
        description_end = xml.start()
    else:
        closing = CLOSING.search(data, message, limit)
        description_end = limit
        if closing:
            description_end = closing.start()
            tail = _DATA.match(data, closing.end(), limit)
            end = tail.end() if tail else closing.end()
            if tail:
                event.labels.append(("Data", data[tail.start() : tail.end()].decode("utf-8", "replace").strip()))
        else:
            # a rule ends the event when nothing but another event or the file's end follows it
            for rule in RULE.finditer(data, message, limit):
                if not data[rule.end() : limit].strip(b" \t\r\n-=_*\xc2\xa0"):
                    description_end = end = rule.start()
                    break
    event.message = (message, max(description_end, message))
    event.end = max(end, message)


def rest(data: bytes, start: int, end: int) -> bool:
    """Whether there is anything but blanks and rules between two places."""
    between = data[start:end]
    return bool(RULE.sub(b"", between).strip(b" \t\r\n\xc2\xa0\x00\xef\xbb\xbf"))


def dates_and_system_times(data: bytes, limit: int = 400) -> Sequence[tuple[str, str]]:
    """Dates as labelled, each with the SystemTime of its event's XML where it has one."""
    starts = find_starts(data)[:limit]
    pairs: list[tuple[str, str]] = []
    for start, stop in zip(starts, [*starts[1:], len(data)], strict=True):
        found = DATE.search(data, start, min(stop, start + 2000))
        if found:
            system = _SYSTEM_TIME.search(data, found.end(), stop)
            pairs.append((found[1].decode("utf-8", "replace").strip(), system[1].decode("ascii", "replace") if system else ""))
    return pairs


def language_of(data: bytes) -> str:
    """Language of the labels of the first event; empty when they could be several."""
    starts = find_starts(data)
    return read(data, starts[0], starts[1] if len(starts) > 1 else len(data)).language if starts else ""
