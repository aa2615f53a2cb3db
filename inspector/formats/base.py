"""What a log format is: how it recognises a file, yields its events in batches, and shows one event again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol, runtime_checkable

import polars as pl

from inspector.events import Problem

SNIFF_BYTES = 65536
"""How much of a file's start ``Format.sniff`` is given."""


@dataclass(frozen=True, slots=True)
class FileSpan:
    """A run of a file's bytes that can be read on its own by some worker."""

    start: int
    end: int
    line: int = 0
    """Number of the line (1-based) that starts at ``start``, for text formats; 0 where nobody knows and the reader has to count."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file as a format is asked to read it."""

    path: Path
    name: str
    """Display name, used in problems."""
    encoding: str = ""
    """Set by the user, or found by ``Format.prepare``; empty for binary formats."""
    day_first: bool | None = None
    """Order of ambiguous dates as decided for the whole file; None when no date of it needs deciding."""
    now_year: int = 1970
    """Year to assume for dates that state none (RFC 3164); from the file's modification time."""
    careful: bool = False
    """A piece killed its worker: it is to be read another way, where the format has one (``Prepared.careful``)."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What one look over a file decided before its pieces are read."""

    opened: Opened
    pieces: tuple[FileSpan, ...]
    """Pieces in order; together they cover every event once."""
    date_order: str = ""
    """How day and month were told apart, in words; empty where nothing had to be decided."""
    problems: tuple[Problem, ...] = ()
    splittable: bool = False
    """Whether ``read`` takes any span inside a piece: a piece that kills its worker is then tried again in halves."""
    continues: bool = False
    """Whether ``read`` takes any span that starts where an event starts, to the end of the file: a log that grows is then read on from there."""
    careful: bool = False
    """Whether there is another, slower way to read (``Opened.careful``): what kills its worker to the last is tried so at the end."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some events in file order."""

    frame: pl.DataFrame
    """Any subset of the columns of ``events.COLUMNS`` (without ``source``), with the dtypes of ``FRAME_SCHEMA``; what is missing is filled by ingest."""


@dataclass(frozen=True, slots=True)
class ProgressMark:
    """Bytes of the current piece that are done, for progress and for the watchdog."""

    offset: int


FRAME_SCHEMA: Mapping[str, pl.DataType] = {
    "position": pl.Int64(),
    "offset": pl.Int64(),
    "length": pl.Int64(),
    "time": pl.Int64(),
    "time_basis": pl.UInt8(),
    "level": pl.UInt8(),
    "provider": pl.String(),
    "event_id": pl.Int64(),
    "channel": pl.String(),
    "computer": pl.String(),
    "user": pl.String(),
    "task": pl.String(),
    "keywords": pl.String(),
    "activity": pl.String(),
    "message": pl.String(),
    "message_from": pl.UInt8(),
    "flags": pl.UInt16(),
}
"""Types of a batch's columns."""

CODED: Final = ("provider", "channel", "computer", "user", "task", "keywords")
"""Columns that repeat a lot and may also come as pl.Enum or pl.Categorical."""


class Format(Protocol):
    """One log format. Stateless: everything a read needs is in its arguments, so that any worker process can do any piece."""

    @property
    def name(self) -> str:
        """Short stable name, such as ``evtx`` (shown in reports, used by --format)."""
        ...

    @property
    def title(self) -> str:
        """For a person, such as ``Windows event log (.evtx)``."""
        ...

    @property
    def recognised_by(self) -> str:
        """One sentence: what in the content gives it away."""
        ...

    @property
    def extensions(self) -> Sequence[str]:
        """Lower-case file name endings that break ties between equal scores, such as ``.evtx``."""
        ...

    @property
    def position_word(self) -> Literal["record", "line"]:
        """What ``position`` counts."""
        ...

    def sniff(self, head: bytes, name: str) -> int:
        """Score 0 to 100 how sure it is that a file starting with ``head`` is of this format. Never raises."""
        ...

    def prepare(self, opened: Opened) -> Prepared:
        """Look over the file once: encoding, date order, pieces. Runs in a worker. Raises OSError only."""
        ...

    def read(self, opened: Opened, piece: FileSpan) -> Iterator[Batch | Problem | ProgressMark]:
        """Yield the events that start within ``piece``, in file order, and what could not be read. Raises OSError only."""
        ...

    def raw(self, opened: Opened, offset: int, length: int) -> str:
        """The whole text of the event at that place as the log holds it (XML for binary formats). Raises OSError, or ValueError when nothing is there any more."""
        ...

    def fields(self, raw: str) -> Sequence[tuple[str, str]]:
        """Name and value of every field of an event, in the log's order, out of what ``raw`` gave."""
        ...


@runtime_checkable
class ReadsTogether(Protocol):
    """A format whose small files are faster read several at once."""

    def prepare_together(self, files: Sequence[Opened], contents: Sequence[bytes]) -> Sequence[Prepared]:
        """What ``prepare`` would decide of each file, whose whole content is given. Raises OSError only."""
        ...

    def read_together(
        self, files: Sequence[Opened], contents: Sequence[bytes]
    ) -> Iterator[tuple[Sequence[int], Batch] | tuple[int, Problem | ProgressMark]]:
        """Everything in the files: batches, each with the number of the file of every row, in the order of the files; and problems and marks with that of theirs. Raises OSError only."""
        ...


def text_flags(message: pl.Expr) -> pl.Expr:
    """Expression for the ``flags`` column out of a message column: XML, ENVELOPE, TOKEN and STACK hints (see ``events.Flags``).

    Alternations of plain literals only: these run at memory speed, and a hint may be wrong.
    """
    found = [
        (1, message.str.contains(r"</|/>|&lt;/")),
        (2, message.str.contains(r"nvelope|NVELOPE|:[Ff]ault|<[Ff]ault|aultcode")),
        (4, message.str.contains(r"eyJ|ssertion|SSERTION|ecurity[Tt]oken|sername[Tt]oken|-----BEGIN |AKIA|ASIA")),
        (8, message.str.contains(r"   at |\tat |\nat |   bei |   à |   en |   в |Traceback \(most|  File \"|\.go:\d|\n#0 ")),
    ]
    return pl.sum_horizontal([pl.when(test).then(pl.lit(bit, pl.UInt16)).otherwise(pl.lit(0, pl.UInt16)) for bit, test in found]).cast(
        pl.UInt16
    )
