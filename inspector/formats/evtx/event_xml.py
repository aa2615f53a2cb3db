"""The XML of one event as the readers render it: its System block, its data, the message that came with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from inspector.events import Level

Pair = tuple[str, str]

_ATTRIBUTE: Final = re.compile(r"""([^\s=<>"']+)=(?:"([^"]*)"|'([^']*)')""")
_ENTITY: Final = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9A-Fa-f]{1,6}));")
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}

_TIME: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)?")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

_AUDIT_FAILURE: Final = 0x0010000000000000
_AUDIT_SUCCESS: Final = 0x0020000000000000
_KEYWORDS: Final = (
    (0x0001000000000000, "Response Time"),
    (0x0002000000000000, "WDI Context"),
    (0x0004000000000000, "WDI Diag"),
    (0x0008000000000000, "SQM"),
    (_AUDIT_FAILURE, "Audit Failure"),
    (_AUDIT_SUCCESS, "Audit Success"),
    (0x0040000000000000, "Correlation Hint"),
    (0x0080000000000000, "Classic"),
)
"""The keyword bits that Windows itself defines (winmeta.xml)."""
_RESERVED: Final = 0x8000000000000000
"""Set on every event of a channel's own; says nothing."""

_LEVEL_WORDS: Final = {
    "critical": Level.CRITICAL,
    "error": Level.ERROR,
    "warning": Level.WARNING,
    "information": Level.INFORMATION,
    "verbose": Level.VERBOSE,
}


def unescaped(text: str) -> str:
    """Text with XML's own five entities and numeric references resolved; anything else stays as it is."""
    if "&" not in text:
        return text
    if "&#" in text:
        return _ENTITY.sub(_character, text)
    text = text.replace("&lt;", "<").replace("&gt;", ">")
    if "&quot;" in text or "&apos;" in text:
        text = text.replace("&quot;", '"').replace("&apos;", "'")
    return text.replace("&amp;", "&")  # last: what it gives is not looked at again


def _character(found: re.Match[str]) -> str:
    name, decimal, hexadecimal = found.groups()
    if name is not None:
        return _NAMED[name]
    code = int(decimal) if decimal is not None else int(hexadecimal, 16)
    return chr(code) if code < 0xD800 or 0xDFFF < code < 0x110000 else found.group()


@dataclass(frozen=True, slots=True)
class SystemHead:
    """What the System block says before its time: the same for all events of a kind."""

    provider: str | None
    event_id: int | None
    level: Level
    task: str | None
    keywords: str | None


@dataclass(frozen=True, slots=True)
class SystemTail:
    """What it says from the channel on."""

    channel: str | None
    computer: str | None
    user: str | None


@dataclass(frozen=True, slots=True)
class EventXml:
    """One event taken apart."""

    system: tuple[Pair, ...]
    """Names as Event Viewer shows them; attributes by their own names."""
    data: tuple[Pair, ...]
    """EventData, UserData and whatever else follows System; an unnamed value has the name ``""``."""
    rendering: tuple[Pair, ...]
    """RenderingInfo of a forwarded event."""
    inserts: tuple[Pair, ...] = ()
    """Of ``data`` what message texts count: the Data elements, or where there is none of them all of it."""

    def of_system(self, name: str) -> str | None:
        """The first System field of that name."""
        return next((value for key, value in self.system if key == name), None)

    def of_rendering(self, name: str) -> str | None:
        """The first field of RenderingInfo of that name that is not empty."""
        return next((value for key, value in self.rendering if key == name and value), None)


_SYSTEM_NAMES: Final = {
    ("Provider", "Name"): "Provider",
    ("Provider", "Guid"): "Provider GUID",
    ("TimeCreated", "SystemTime"): "TimeCreated",
    ("Security", "UserID"): "UserID",
}


def parse(text: str) -> EventXml:
    """Take an event's XML apart. Tolerates what no parser of XML would: forbidden characters, unknown entities, a missing end.

    Every attribute, and every element with text of its own, becomes a field. A Data element goes by its Name
    attribute, by nothing without one. Both readers write every < and > of a text or an attribute as an entity, so
    that these only stand for tags.
    """
    system: list[Pair] = []
    data: list[Pair] = []
    rendering: list[Pair] = []
    inserts: list[Pair] = []
    into = data
    # of the elements that are open: tag, name as a field, text so far, and whether attributes or elements inside said something
    tags: list[str] = []
    names: list[str] = []
    texts: list[str] = []
    told: list[bool] = []
    for piece in text.split("<")[1:]:
        tag, _, content = piece.partition(">")
        closes = tag[:1] == "/"
        if not closes:
            if tag[:1] == "?":
                continue
            closes = tag[-1:] == "/"
            tag, _, attributes = tag.rstrip("/").partition(" ")
            depth = len(tags)
            if depth:
                told[-1] = True
                if depth == 1:
                    into = system if tag == "System" else rendering if tag == "RenderingInfo" else data
            tags.append(tag)
            names.append("" if tag == "Data" else tag)
            texts.append("")
            told.append(False)
            if attributes and depth:
                for key, value in _attributes(attributes):
                    if key == "Name" and tag == "Data":
                        names[-1] = value
                    elif key[:5] != "xmlns":
                        told[-1] = True
                        into.append((_SYSTEM_NAMES.get((tag, key), key) if into is system else f"{tag} {key}", value))
        if closes and tags:
            tag, name, value = tags.pop(), names.pop(), texts.pop()
            # empty values of an event count; empty System fields, sections and the empty Binary of classic events do not;
            # text beside elements is layout, unless it is none
            counts = value.strip() if told.pop() else value or (len(tags) > 1 and into is not system and tag != "Binary")
            if counts and tags:
                pair = (name, unescaped(value))
                into.append(pair)
                if tag == "Data":
                    inserts.append(pair)
        if content and texts:
            texts[-1] += content
    return EventXml(tuple(system), tuple(data), tuple(rendering), tuple(inserts or data))


def _attributes(text: str) -> Iterator[Pair]:
    for key, double, single in _ATTRIBUTE.findall(text):
        yield key, unescaped(double or single)


def as_lines(data: tuple[Pair, ...]) -> str:
    """Event data as a message shows it: ``name: value`` lines."""
    return "\n".join(f"{name}: {value}" if name else value for name, value in data)


def microseconds(text: str) -> int | None:
    """Microseconds since 1970 UTC of a time as event XML states it; None for a text that is none, and for 1601, which means "never set"."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(group) for group in found.groups()[:6])
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    if year == 1601:
        return None
    fraction = int((found[7] or "").ljust(6, "0")[:6])
    zone = found[8] or "Z"
    shift = 0 if zone == "Z" else int(f"{zone[0]}1") * (int(zone[1:3]) * 60 + int(zone[-2:]))
    return (moment - _EPOCH) // _MICROSECOND + fraction - shift * 60_000_000


def number(text: str | None) -> int | None:
    """A whole number, decimal or hexadecimal, that fits into 64 bits with a sign; None for anything else."""
    if not text:
        return None
    try:
        value = int(text, 16 if text[:2].lower() == "0x" else 10)
    except ValueError:
        return None
    return value if -(2**63) <= value < 2**63 else None


def bits(text: str | None) -> int:
    """A keyword mask; 0 for a text that is none."""
    try:
        return int(text or "0", 0)
    except ValueError:
        return 0


def level(text: str | None, keywords: int) -> Level:
    """The severity. The keywords of an audit outrank the level, which is 0 there; 0 alone shows as information, as in Event Viewer."""
    if keywords & _AUDIT_FAILURE:
        return Level.AUDIT_FAILURE
    if keywords & _AUDIT_SUCCESS:
        return Level.AUDIT_SUCCESS
    if text is None:
        return Level.UNKNOWN
    if text.isdecimal() and len(text) < 4:
        value = int(text)
        if value == 0:
            return Level.INFORMATION
        return Level(value) if value <= Level.VERBOSE else Level.UNKNOWN
    return _LEVEL_WORDS.get(text.lower(), Level.UNKNOWN)


def keyword_words(text: str | None) -> str | None:
    """Keywords for a person: Windows' own by name, a provider's own as the mask it states, nothing where no bit says anything."""
    mask = bits(text)
    if not mask & ~_RESERVED:
        return None
    names = [name for bit, name in _KEYWORDS if mask & bit]
    return ", ".join(names) if names else text


def head_of(event: EventXml) -> SystemHead:
    """The first half of a System block."""
    keywords, task = event.of_system("Keywords"), event.of_system("Task")
    return SystemHead(
        provider=event.of_system("Provider") or event.of_system("EventSourceName"),
        event_id=number(event.of_system("EventID")),
        level=level(event.of_system("Level"), bits(keywords)),
        task=None if task in {None, "", "0"} else task,
        keywords=keyword_words(keywords),
    )


def tail_of(event: EventXml) -> SystemTail:
    """The second half of a System block."""
    return SystemTail(event.of_system("Channel") or None, event.of_system("Computer") or None, event.of_system("UserID") or None)


@lru_cache(maxsize=4096)
def system_head(text: str) -> SystemHead | None:
    """As `head_of`, from an event's text up to its time; None where that is not the start of a System block and nothing else."""
    if text.count("<System>") != 1 or "</System>" in text:
        return None
    event = parse(text)
    return None if event.data or event.rendering else head_of(event)


@lru_cache(maxsize=4096)
def system_tail(text: str) -> SystemTail | None:
    """As `tail_of`, from the channel to the end of the System block; None where there is more in the text than that."""
    event = parse("<Event><System>" + text)
    return None if event.data or event.rendering or event.of_system("TimeCreated") is not None else tail_of(event)
