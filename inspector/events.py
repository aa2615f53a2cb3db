"""The event table's vocabulary: its columns, levels, sources, problems, and where a time's zone comes from."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal


class Level(enum.IntEnum):
    """Severity of an event, numbered as Windows numbers it (MS-EVEN6 2.2.1); audits follow behind."""

    UNKNOWN = 0
    CRITICAL = 1
    ERROR = 2
    WARNING = 3
    INFORMATION = 4
    VERBOSE = 5
    AUDIT_FAILURE = 6
    AUDIT_SUCCESS = 7

    @property
    def title(self) -> str:
        """The word shown to a person, such as ``Audit failure``."""
        return self.name.replace("_", " ").capitalize()


class TimeBasis(enum.IntEnum):
    """What the ``time`` column of one row holds."""

    NONE = 0
    """The event has no time; the column is null."""
    UTC = 1
    """The log states the zone; the column is UTC."""
    LOCAL = 2
    """The log states no zone; the column is wall-clock time written as if it were UTC, to be shifted by its source's zone."""
    LOCAL_AMBIGUOUS = 3
    """As LOCAL, and day and month could be the other way round."""


class MessageFrom(enum.IntEnum):
    """Where the message text of a row was taken from."""

    LOG = 0
    """The log holds the text as it is."""
    RENDERING_INFO = 1
    """The log holds the text that the machine rendered that wrote or forwarded it (RenderingInfo)."""
    TEMPLATE = 2
    """Our own template for this provider and event ID, filled from EventData."""
    EVENT_DATA = 3
    """No template: EventData as ``name: value`` lines."""
    DISPLAY_INFORMATION = 4
    """The text that was saved with the log as display information (LocaleMetaData)."""

    @property
    def words(self) -> str:
        """For a person, to be put behind the word message."""
        return _MESSAGE_WORDS[self]


_MESSAGE_WORDS: Final = {
    MessageFrom.LOG: "as the log holds it",
    MessageFrom.RENDERING_INFO: "rendered by the machine that wrote or forwarded it",
    MessageFrom.TEMPLATE: "built from the event's data by our template",
    MessageFrom.EVENT_DATA: "the log holds no text: the event's data",
    MessageFrom.DISPLAY_INFORMATION: "from the display information saved with the log",
}


class Flags(enum.IntFlag):
    """What reading noticed in an event's text, at no extra cost. Hints for a prefilter, not promises."""

    XML = 1
    ENVELOPE = 2
    TOKEN = 4
    STACK = 8
    RECOVERED = 16
    """Read by the second reader, or out of a damaged place."""


class ZoneBasis(enum.StrEnum):
    """How a source's zone is known."""

    STATED = "stated"
    INFERRED = "inferred"
    ASSUMED = "assumed"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Zone:
    """The offset from UTC that applies to a source's LOCAL rows: UTC = wall clock - offset."""

    offset: timedelta = timedelta(0)
    basis: ZoneBasis = ZoneBasis.ASSUMED
    evidence: str = "the log states no zone; taken as UTC"
    compared: tuple[int, int] = (0, 0)
    """Events whose printed moments were compared with their own time to infer the offset, and how many there were."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read: data, never an exception."""

    source: str
    """Display name of the source, as in ``Source.name``."""
    position: str
    """Where, in words a person can follow: ``chunk 3 at byte 200704``, ``line 17``, ``file``."""
    reason: str
    """What happened and, where something can be done, what."""
    lost: int = 0
    """Events known to be lost; 0 when nobody can know or none was."""
    notice: bool = False
    """True where no event is lost: text around the events, such as the prose of the page that quotes them. Shown, but no failure."""


@dataclass(frozen=True, slots=True)
class Source:
    """One log that was opened: a file, a member of an archive, or pasted text."""

    id: int
    """Number of the source in its session, the value of the ``source`` column."""
    path: Path
    """The file on this machine; for a member the private copy that was extracted."""
    name: str
    """What a person sees: the path as given, ``archive.zip!member.evtx``, or ``pasted text 1``."""
    format: str
    """Name of the format that read it."""
    size: int
    """Bytes of the file when it was opened."""
    sha256: str = ""
    """Hex digest of the file's bytes; empty until computed."""
    encoding: str = ""
    """Text encoding as detected (``utf-8``, ``utf-16-le``, ``cp1252``); empty for binary formats."""
    date_order: str = ""
    """How day and month were told apart, in words; empty where nothing had to be decided."""
    events: int = 0
    problems: tuple[Problem, ...] = ()
    zone: Zone = field(default_factory=Zone)


ColumnKind = Literal["integer", "time", "code", "text"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the event table."""

    name: str
    kind: ColumnKind
    """integer: signed 64 bit; time: microseconds since 1970 UTC; code: text with few distinct values; text: anything."""
    title: str
    """Heading shown to a person."""


COLUMNS: Final[tuple[Column, ...]] = (
    Column("source", "integer", "Source"),
    Column("position", "integer", "Record"),  # record number or line, 1-based, as the log counts
    Column("offset", "integer", "Offset"),  # byte of the file where the event starts
    Column("length", "integer", "Length"),  # bytes of the file that the event spans
    Column("time", "time", "Time"),
    Column("time_basis", "integer", "Time basis"),  # TimeBasis
    Column("level", "integer", "Level"),  # Level
    Column("provider", "code", "Provider"),
    Column("event_id", "integer", "Event ID"),  # null where the format has none
    Column("channel", "code", "Channel"),
    Column("computer", "code", "Computer"),
    Column("user", "code", "User"),
    Column("task", "code", "Task"),
    Column("keywords", "code", "Keywords"),
    Column("activity", "text", "Activity ID"),  # correlation or activity id, lower case, without braces
    Column("message", "text", "Message"),  # searchable text; ends with EventData as `name: value` lines where there is any
    Column("message_from", "integer", "Message from"),  # MessageFrom
    Column("flags", "integer", "Flags"),  # Flags
)
"""The event table in order. ``source`` is filled by the store, the rest by the format; what a format leaves out is null or 0."""
