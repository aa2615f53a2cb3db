"""What the session's process and its workers say to each other: tasks one way, plain facts as JSON the other."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from inspector.events import Problem
from inspector.formats.base import FileSpan, Opened
from inspector.store import SegmentFile

SMALL: Final = 4 * 1024 * 1024
"""Files up to this many bytes are looked at and read in one go; bigger ones in pieces."""


@dataclass(frozen=True, slots=True)
class FileToRead:
    """One file and the number that its source will have."""

    source: int
    path: Path
    name: str
    nesting: int = 0
    """In how many archives it lay."""
    in_folder: bool = False
    """It was met in a folder, not asked for by name."""


@dataclass(frozen=True, slots=True)
class Look:
    """Recognise files; read the small ones at once, unpack archives, cut big ones into pieces."""

    files: tuple[FileToRead, ...]
    format: str = ""
    encoding: str = ""
    after: tuple[tuple[int, int], ...] = ()
    """Source number and offset of its last event that is known already; those up to it are not delivered again."""


@dataclass(frozen=True, slots=True)
class Read:
    """Read one piece of a file."""

    source: int
    format: str
    opened: Opened
    piece: FileSpan
    after: int = -1
    """Offset of the last event that is known already."""
    first: bool = False
    """Somebody waits for the first rows."""
    reason: str = ""
    """Why it is read again in the other way (``Opened.careful``)."""


@dataclass(frozen=True, slots=True)
class Show:
    """Give one event as the log holds it."""

    format: str
    opened: Opened
    offset: int
    length: int


Task = Look | Read | Show


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker has started."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The task is done; the worker is idle."""


@dataclass(frozen=True, slots=True)
class Beat:
    """The worker lives; bytes done of the task's current piece."""

    source: int
    done: int


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file is, and whether the worker that looked also reads it, being small."""

    source: int
    format: str
    size: int
    encoding: str
    date_order: str
    opened: Opened
    pieces: tuple[FileSpan, ...]
    splittable: bool
    careful: bool
    continues: bool
    reading: bool


@dataclass(frozen=True, slots=True)
class Members:
    """The file is an archive; these files came out of it."""

    source: int
    files: tuple[tuple[str, str], ...]
    """Path of the private copy, and name to show."""
    nesting: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """Rows that are on disk; ``upto`` has the offset of each source's last event among them."""

    file: SegmentFile
    counts: tuple[tuple[int, int], ...]
    upto: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """Something that could not be read."""

    source: int
    problem: Problem


@dataclass(frozen=True, slots=True)
class NotALog:
    """No format recognises the file."""

    source: int
    reason: str


@dataclass(frozen=True, slots=True)
class FileDone:
    """Everything of the file is delivered."""

    source: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The reader raised; what was delivered stands."""

    source: int
    reason: str
    again: bool
    """Whether reading a smaller piece could go better."""


@dataclass(frozen=True, slots=True)
class Hashed:
    """A file's SHA-256."""

    source: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One event as the log holds it, and its fields."""

    raw: str
    fields: tuple[tuple[str, str], ...]


Message = Ready | Finished | Beat | Recognised | Members | Delivered | Told | NotALog | FileDone | Failed | Hashed | Shown

_KINDS: Final[dict[str, type[Any]]] = {
    kind.__name__: kind for kind in (Ready, Finished, Beat, Recognised, Members, Delivered, Told, NotALog, FileDone, Failed, Hashed, Shown)
}


def encode(message: Message) -> bytes:
    """A message as JSON: what a worker sends is data, never something to unpickle."""
    return _ENCODER.encode([type(message).__name__, _plain(message)]).encode("utf-8", "surrogatepass")


def _plain(value: object) -> object:
    """What JSON has no words for: dataclasses by their fields, paths as text."""
    if isinstance(value, Mapping):
        return dict(value)
    names = _FIELDS.get(type(value))
    return str(value) if names is None else {name: getattr(value, name) for name in names}


_FIELDS: Final[dict[type[Any], tuple[str, ...]]] = {
    kind: tuple(field.name for field in fields(kind)) for kind in (*_KINDS.values(), Opened, FileSpan, Problem, SegmentFile)
}

_ENCODER: Final = json.JSONEncoder(default=_plain, separators=(",", ":"))


SEPARATOR: Final = b"\n"
"""Between two messages of one writing; within JSON there is none."""


def decode(data: bytes) -> Message:
    """Read a message. Raises ValueError, KeyError or TypeError for anything that is none."""
    try:
        name, fields = json.loads(data.decode("utf-8", "surrogatepass"))
        return _message(_KINDS[name], fields)
    except (AttributeError, IndexError, RecursionError) as error:
        raise ValueError(f"no message of a worker: {error}") from error


def _message(kind: type[Any], fields: dict[str, Any]) -> Message:
    if kind is Recognised:
        fields["opened"] = Opened(**{**fields["opened"], "path": Path(fields["opened"]["path"])})
        fields["pieces"] = tuple(FileSpan(**piece) for piece in fields["pieces"])
    elif kind is Delivered:
        file = fields["file"]
        fields["file"] = SegmentFile(
            Path(file["path"]), file["rows"], {key: tuple(texts) for key, texts in file["dictionaries"].items()}, tuple(file["absent"])
        )
        fields["counts"], fields["upto"] = _pairs(fields["counts"]), _pairs(fields["upto"])
    elif kind is Told:
        fields["problem"] = Problem(**fields["problem"])
    elif kind is Shown:
        fields["fields"] = tuple((str(name), str(value)) for name, value in fields["fields"])
    elif kind is Members:
        fields["files"] = tuple((str(path), str(shown)) for path, shown in fields["files"])
    message: Message = kind(**fields)
    return message


def _pairs(values: Sequence[Sequence[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((int(first), int(second)) for first, second in values)
