"""Events written as labelled lines (`Event Type: Error`, `Log Name: Security`): where each one starts and ends, and what its labels say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from inspector.formats.text.event_labels import FIELD_OF, LANGUAGE_OF, any_of, labels_of
from inspector.formats.text.xml_ends import closing_of

_SPACE: Final = "(?:[ \\t]|\xa0)"
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
_TIME: Final = _compiled(rf"{_INDENT}{any_of('time')}{_SPACE}*:{_SPACE}*([^\r\n]{{4,40}})")
_DESCRIPTION: Final = _compiled(rf"{_INDENT}{any_of('description')}{_SPACE}*:")
_SYSTEM_TIME: Final = re.compile(rb"SystemTime=['\"]([^'\"]{10,40})['\"]")

CLOSING: Final = re.compile(rb"[^\n]*(?:go\.microsoft\.com/fwlink/events\.asp|see Help and Support Center at)[^\n]*\n?", re.MULTILINE)
"""The line with which the 2003 Event Viewer ends a description, known by the link that it has in every language."""
_DATA: Final = re.compile(
    rb"\s*(?:Data|Dati|Daten|Donn\xc3\xa9es|Datos|Dados)(?:[ \t]|\xc2\xa0)*:[^\n]*\n?(?:[ \t]*[0-9a-fA-F]{4}:[^\n]*\n?)*"
)
RULE: Final = re.compile(rb"^(?:[ \t]|\xc2\xa0)*(?:-{3,}|={3,}|_{3,}|\*{3,})(?:[ \t]|\xc2\xa0)*\r?$", re.MULTILINE)
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
    values: Mapping[str, str] = field(default_factory=dict)
    """Field to value; without date and time where ``header`` was known already."""
    labels: Sequence[tuple[str, str]] = ()
    """Every label as written, with its value, in order; empty where ``header`` was known already."""
    header: Header | None = None
    """What the labels say, shared by all events of which they say the same."""
    header_end: int = -1
    """Where the description's label starts; -1 where there is none."""
    date: str = ""
    time: str = ""
    message: tuple[int, int] = (0, 0)
    """Where the description lies."""
    xml: tuple[int, int] = (0, 0)
    """Where the event's own XML lies; empty where it was not copied."""
    system_time: str = ""
    """SystemTime out of that XML."""
    language: str = ""


def _heads(labels: Sequence[str]) -> npt.NDArray[np.uint32]:
    """The first four bytes of labels, as numbers; a shorter label with whatever may follow it."""
    heads: list[bytes] = []
    for label in labels:
        encoded = label.encode("utf-8")
        heads.extend([encoded[:4]] if len(encoded) >= 4 else [encoded + mark for mark in (b":", b" ", b"\t", b"\xc2")])
    return np.unique(np.frombuffer(b"".join(heads), "<u4"))


_START_HEADS: Final = _heads(labels_of("type", "log"))
_SOURCE_HEADS: Final = _heads(labels_of("source"))
_DATE_HEADS: Final = _heads(labels_of("date"))
_TIME_HEADS: Final = _heads(labels_of("time"))
_DESCRIPTION_HEADS: Final = _heads(labels_of("description"))


class Scan:
    """Where the lines of a text are that begin like a label: found by four bytes, at memory speed."""

    def __init__(self, data: bytes) -> None:
        array = np.frombuffer(data, np.uint8)
        lines = np.concatenate((np.zeros(1, np.int64), np.flatnonzero(array == 10) + 1))
        self._lines = lines = lines[lines < len(array) - 4]
        self._data = data
        places = lines.copy()
        indented = np.arange(len(places))
        for _ in range(12):
            first = array[places[indented]]
            wide = first == 0xC2
            blank = (first == 32) | (first == 9) | (first == 62) | (wide & (array[places[indented] + 1] == 0xA0))
            indented, wide = indented[blank], wide[blank]
            if not len(indented):
                break
            places[indented] = np.minimum(places[indented] + 1 + wide, len(array) - 4)
        four = np.zeros(len(places), np.uint32)
        for number in range(4):
            four |= array[places + number].astype(np.uint32) << np.uint32(8 * number)
        self._four = four
        self.starts = self._find_starts()

    def _of(self, heads: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
        return self._lines[np.isin(self._four, heads)]

    def _find_starts(self) -> list[int]:
        data = self._data
        starts = [place for place in self._of(_START_HEADS).tolist() if START.match(data, place)]
        certain = set(starts)
        sources = self._of(_SOURCE_HEADS)
        # the source line of an event whose first line is there is no start of its own: it stands a line or two below
        known = np.array(starts or [-10_000], np.int64)
        before = known[np.maximum(np.searchsorted(known, sources, side="right") - 1, 0)]
        lone = sources[(sources - before >= 200) | (sources < before)]
        cut = [place for place in lone.tolist() if START_CUT.match(data, place)]
        if not cut:
            return starts
        kept: list[int] = []
        for place in sorted({*starts, *cut}):
            near = kept and place - kept[-1] < 600
            if place not in certain and near and data.count(b":", kept[-1], place) <= 3 and data.count(b"\n", kept[-1], place) <= 4:
                continue
            kept.append(place)
        return kept

    def header_lines(self) -> list[tuple[int, int, int]]:
        """For every start the next lines that begin like the labels of date, time and description; past the text's end for none."""
        starts = np.array(self.starts, np.int64)
        columns: list[list[int]] = []
        for heads in (_DATE_HEADS, _TIME_HEADS, _DESCRIPTION_HEADS):
            lines = np.append(self._of(heads), len(self._data))
            columns.append(lines[np.searchsorted(lines, starts)].tolist())
        return list(zip(*columns, strict=True))


def find_starts(data: bytes) -> list[int]:
    """Where events start, in order."""
    return Scan(data).starts


@dataclass(frozen=True, slots=True)
class Header:
    """What the labels of an event say, its date and time aside: the same for very many events."""

    values: Mapping[str, str]
    labels: tuple[tuple[str, str], ...]
    language: str


class Reader:
    """Reads events; headers that were seen before are not read again."""

    _MOST_KEPT: Final = 4096

    def __init__(self) -> None:
        self._known: dict[bytes, Header] = {}

    def read(self, data: bytes, start: int, limit: int, lines: tuple[int, int, int]) -> Labelled:
        """Read the event at ``start``; the next one starts at ``limit``. ``lines``: see ``Scan.header_lines``."""
        quick = _DESCRIPTION.match(data, lines[2], limit) if lines[2] < limit else None
        if quick is None:
            return read(data, start, limit)
        date = DATE.match(data, lines[0], limit) if lines[0] < lines[2] else None
        time = _TIME.match(data, lines[1], limit) if lines[1] < lines[2] else None
        marks = sorted(found.span(1) for found in (date, time) if found is not None)
        rest = start
        parts: list[bytes] = []
        for begin, end in marks:
            parts.append(data[rest:begin])
            rest = end
        parts.append(data[rest : quick.start()])
        key = b"\0".join(parts)
        header = self._known.get(key)
        if header is None:
            whole = read(data, start, limit)
            if whole.header_end != quick.start():
                return whole
            header = Header(whole.values, tuple(whole.labels), whole.language)
            if len(self._known) < self._MOST_KEPT:
                self._known[key] = header
            return whole
        event = Labelled(start, limit, header_end=quick.start(), language=header.language, header=header)
        event.date = date[1].decode("utf-8", "replace").strip() if date else ""
        event.time = time[1].decode("utf-8", "replace").strip() if time else ""
        _settle_end(data, event, quick.end(), limit)
        return event


def read(data: bytes, start: int, limit: int) -> Labelled:
    """Read the event at ``start``; the next one starts at ``limit``."""
    event = Labelled(start, limit)
    labels: list[tuple[str, str]] = []
    values: dict[str, str] = {}
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
        if name is None and lines > 12:
            break
        if name == "description":
            message = found.start(2)
            event.header_end = found.start()
            event.language = event.language or LANGUAGE_OF.get(label, "")
            break
        value = found[2].decode("utf-8", "replace").strip()
        labels.append((label, value))
        if name is not None:
            values.setdefault(name, value)
            event.language = event.language or LANGUAGE_OF.get(label, "")
            after_known = found.end()
        at = found.end()
    if message < 0:
        # no description label: the description starts behind the last label that is known
        while labels and FIELD_OF.get(labels[-1][0]) is None:
            labels.pop()
        message = after_known
    event.date, event.time = values.get("date", ""), values.get("time", "")
    event.values, event.labels = values, labels
    event.header = Header(values, tuple(labels), event.language)
    _settle_end(data, event, message, limit)
    return event


def _settle_end(data: bytes, event: Labelled, message: int, limit: int) -> None:
    """Find where description, XML and event end."""
    end = limit
    xml = None
    if any(data.find(mark, message, limit) >= 0 for mark in (b"Xml:", b"XML")):
        xml = _EVENT_XML.search(data, message, limit)
    if xml:
        opening = data.find(b"<Event", xml.end(), limit)
        close = closing_of(data, opening, limit, b"Event") if opening >= 0 else -1
        if close < 0:
            close = data.find(b"</Event>", xml.end(), limit)
        end = close + 8 if close >= 0 else limit
        event.xml = (xml.end(), end)
        found = _SYSTEM_TIME.search(data, xml.end(), end)
        event.system_time = found[1].decode("ascii", "replace") if found else ""
        description_end = xml.start()
    else:
        mark = data.find(b"go.microsoft.com/fwlink/events.asp", message, limit)
        if mark < 0:
            mark = data.find(b"see Help and Support Center at", message, limit)
        closing = CLOSING.match(data, max(data.rfind(b"\n", message, mark) + 1, message), limit) if mark >= 0 else None
        description_end = limit
        if closing:
            description_end = closing.start()
            tail = _DATA.match(data, closing.end(), limit)
            end = tail.end() if tail else closing.end()
            if tail:
                event.labels = [*event.labels, ("Data", data[tail.start() : tail.end()].decode("utf-8", "replace").strip())]
        else:
            # a rule ends the event when nothing but another event or the file's end follows it
            ruled = any(data.find(rule, message, limit) >= 0 for rule in (b"---", b"===", b"___", b"***"))
            for rule in RULE.finditer(data, message, limit) if ruled else ():
                if not data[rule.end() : limit].strip(b" \t\r\n-=_*\xc2\xa0"):
                    description_end = end = rule.start()
                    break
    event.message = (message, max(description_end, message))
    event.end = max(end, message)


def rest(data: bytes, start: int, end: int) -> bool:
    """Whether there is anything but blanks and rules between two places."""
    between = data[start:end].strip()
    if not between:
        return False
    return bool(RULE.sub(b"", between).strip(b" \t\r\n\xc2\xa0\x00\xef\xbb\xbf"))


def dates_and_system_times(data: bytes, limit: int = 400) -> Sequence[tuple[str, str]]:
    """Dates as labelled, each with the SystemTime of its event's XML where it has one."""
    found_starts = find_starts(data)
    starts = found_starts[:limit]
    pairs: list[tuple[str, str]] = []
    for start, stop in zip(starts, [*found_starts[1:], len(data)], strict=False):
        found = DATE.search(data, start, min(stop, start + 2000))
        if found:
            system = _SYSTEM_TIME.search(data, found.end(), stop)
            pairs.append((found[1].decode("utf-8", "replace").strip(), system[1].decode("ascii", "replace") if system else ""))
    return pairs


def language_of(data: bytes) -> str:
    """Language of the labels of the first event; empty when they could be several."""
    starts = find_starts(data)
    return read(data, starts[0], starts[1] if len(starts) > 1 else len(data)).language if starts else ""
