"""The case file (``.inspection``): which sources were open, and what a person made of them; SQLite, read as data and nothing else."""

from __future__ import annotations

import contextlib
import enum
import json
import sqlite3
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from inspector.events import Zone, ZoneBasis
from inspector.saving import replacing

APPLICATION_ID: Final = 0x544C4943
"""``TLIC`` in the file's header (sqlite.org/fileformat.html section 1.3.16)."""
VERSION: Final = 2
"""1: without what was supplied and without pasted text."""
LARGEST: Final = 256 * 1024**2
MOST_ROWS: Final = 1_000_000
LONGEST_TEXT: Final = 1_000_000
PIECE: Final = 500_000
"""Characters of pasted text that one row holds."""


class CaseError(Exception):
    """A case file that cannot be read or written; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class CaseSource:
    """One source as it was when the case was saved."""

    path: str
    name: str
    size: int
    sha256: str
    format: str
    encoding: str
    zone: Zone


@dataclass(frozen=True, slots=True, order=True)
class EventKey:
    """One event, found again by its place in its source, whatever else is open."""

    source: int
    """Index into ``Case.sources``."""
    offset: int
    position: int


@dataclass(frozen=True, slots=True)
class HighlightRule:
    """Events that a filter finds get a colour."""

    filter: str
    colour: str
    """A name of the palette, such as ``amber``."""


@dataclass(frozen=True, slots=True)
class CaseFinding:
    """A finding as it was when the case was saved."""

    id: str
    severity: str
    cause: str
    confidence: str
    title: str
    count: int


class SuppliedKind(enum.StrEnum):
    """What the user supplies to judge tokens with; files by their path, never by their content."""

    TRUST = "trust"
    REVOKED = "revoked"
    SECRET = "secret"  # noqa: S105 - the kind, not one of them
    PASSWORDS = "passwords"
    RULES = "rules"
    AUDIENCE = "audience"
    ISSUER = "issuer"
    SKEW = "skew"
    """Allowed clock skew in seconds."""


FILES_SUPPLIED: Final = frozenset(
    {SuppliedKind.TRUST, SuppliedKind.REVOKED, SuppliedKind.SECRET, SuppliedKind.PASSWORDS, SuppliedKind.RULES}
)


@dataclass(frozen=True, slots=True)
class Supplied:
    """One thing supplied: a file's path, or a value."""

    kind: SuppliedKind
    value: str

    @property
    def lies_elsewhere(self) -> bool:
        """Whether it is a file on another machine."""
        return self.kind in FILES_SUPPLIED and names_another_machine(self.value)


def names_another_machine(path: str) -> bool:
    r"""Whether a path that a case holds leads to a share (``\\host\share``).

    Windows logs on to that machine when it is only asked whether the file is there, and whoever made the case chose the machine.
    """
    return path.startswith(("\\\\", "//", "\\/", "/\\"))


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that a case file holds."""

    sources: tuple[CaseSource, ...] = ()
    filter: str = ""
    saved_filters: Mapping[str, str] = field(default_factory=dict)
    """Name to filter."""
    bookmarks: tuple[EventKey, ...] = ()
    notes: Mapping[EventKey, str] = field(default_factory=dict)
    highlighted: Mapping[EventKey, str] = field(default_factory=dict)
    """Events that were given a colour by hand."""
    highlight_rules: tuple[HighlightRule, ...] = ()
    findings: tuple[CaseFinding, ...] = ()
    window: Mapping[str, str] = field(default_factory=dict)
    """Whatever the window wants back, by name; never trusted to be complete."""
    supplied: tuple[Supplied, ...] = ()
    pasted: Mapping[int, str] = field(default_factory=dict)
    """Index of a source that was pasted to its text: there is no file to read it from again."""


TABLES: Final[Mapping[str, tuple[tuple[str, type], ...]]] = {
    "source": (
        ("path", str),
        ("name", str),
        ("size", int),
        ("sha256", str),
        ("format", str),
        ("encoding", str),
        ("zone_seconds", int),
        ("zone_basis", str),
        ("zone_evidence", str),
    ),
    "setting": (("name", str), ("value", str)),
    "saved_filter": (("name", str), ("filter", str)),
    "bookmark": (("source", int), ("offset", int), ("position", int)),
    "note": (("source", int), ("offset", int), ("position", int), ("text", str)),
    "highlight": (("source", int), ("offset", int), ("position", int), ("colour", str)),
    "highlight_rule": (("filter", str), ("colour", str)),
    "finding": (("id", str), ("severity", str), ("cause", str), ("confidence", str), ("title", str), ("count", int)),
    "supplied": (("kind", str), ("value", str)),
    "pasted": (("source", int), ("text", str)),
}
"""Every table with its columns and their types; a file that has anything else is not opened."""
SINCE: Final = {"supplied": 2, "pasted": 2}
"""Version of the case file that brought a table; the others were there from the first."""

KINDS: Final = {str: "TEXT", int: "INTEGER"}


def _create(table: str) -> str:
    columns = ", ".join(f'"{name}" {KINDS[kind]} NOT NULL' for name, kind in TABLES[table])
    return f'CREATE TABLE "{table}" ({columns}) STRICT'


def save(case: Case, path: Path) -> None:
    """Write a case file in one step: the old one stays until the new one is whole. Raises CaseError."""
    try:
        with replacing(path) as part, contextlib.closing(sqlite3.connect(part, isolation_level=None)) as base:
            base.execute("PRAGMA journal_mode = OFF")
            base.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            base.execute(f"PRAGMA user_version = {VERSION}")
            base.execute("BEGIN")
            for table, rows in _rows(case).items():
                base.execute(_create(table))
                places = ", ".join("?" * len(TABLES[table]))
                base.executemany(f'INSERT INTO "{table}" VALUES ({places})', rows)  # noqa: S608 - names out of our own table
            base.execute("COMMIT")
    except (OSError, sqlite3.Error, OverflowError) as error:
        raise CaseError(f"the case could not be saved to {path}: {getattr(error, 'strerror', None) or error}") from error


def _rows(case: Case) -> dict[str, Sequence[tuple[object, ...]]]:
    return {
        "source": [
            (
                one.path,
                one.name,
                one.size,
                one.sha256,
                one.format,
                one.encoding,
                int(one.zone.offset.total_seconds()),
                one.zone.basis.value,
                one.zone.evidence,
            )
            for one in case.sources
        ],
        "setting": [("filter", case.filter), ("window", json.dumps(dict(case.window)))],
        "saved_filter": list(case.saved_filters.items()),
        "bookmark": [(key.source, key.offset, key.position) for key in case.bookmarks],
        "note": [(key.source, key.offset, key.position, text) for key, text in case.notes.items()],
        "highlight": [(key.source, key.offset, key.position, colour) for key, colour in case.highlighted.items()],
        "highlight_rule": [(rule.filter, rule.colour) for rule in case.highlight_rules],
        "finding": [(one.id, one.severity, one.cause, one.confidence, one.title, one.count) for one in case.findings],
        "supplied": [(one.kind.value, one.value) for one in case.supplied],
        "pasted": [(source, text[at : at + PIECE]) for source, text in case.pasted.items() for at in range(0, max(1, len(text)), PIECE)],
    }


def load(path: Path) -> Case:
    """Read a case file; whatever somebody crafted it to be, it is data. Raises CaseError."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # SQLite would wait for somebody to fill a pipe
            raise CaseError(f"{path} is no file, and therefore no case file")
        if status.st_size > LARGEST:
            raise CaseError(f"{path} is too large for a case file ({status.st_size:,} bytes)")
        # immutable: no journal beside it is read, and nothing is written
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as base:
            return _read(base, path)
    except OSError as error:
        raise CaseError(f"{path} could not be opened: {error.strerror or error}") from error
    except (sqlite3.Error, OverflowError, ValueError) as error:
        raise CaseError(f"{path} is damaged or no case file: {error}") from error


def _read(base: sqlite3.Connection, path: Path) -> Case:
    base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 16 * LONGEST_TEXT)
    for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON"):
        base.execute(f"PRAGMA {pragma}")
    if base.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise CaseError(f"{path} is no case file")
    version = base.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise CaseError(f"{path} was written by a newer version of the program (case version {version}); open it with that one")
    schema = {str(name): (kind, sql) for kind, name, sql in base.execute("SELECT type, name, sql FROM sqlite_schema")}
    tables = [table for table in TABLES if SINCE.get(table, 1) <= version]
    if schema != {table: ("table", _create(table)) for table in tables}:
        raise CaseError(f"{path} does not have the tables of a case file; it was changed by something else")
    with _checked(path):
        return _case({table: list(_table(base, table)) if table in tables else [] for table in TABLES})


@contextlib.contextmanager
def _checked(path: Path) -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise CaseError(f"{path} holds something that does not belong into a case file: {error}") from error


def _table(base: sqlite3.Connection, table: str) -> Iterator[tuple[Any, ...]]:
    kinds = [kind for _, kind in TABLES[table]]
    names = ", ".join(f'"{name}"' for name, _ in TABLES[table])
    for number, row in enumerate(base.execute(f'SELECT {names} FROM "{table}"')):  # noqa: S608 - names out of our own table
        if number >= MOST_ROWS:
            raise ValueError(f"more than {MOST_ROWS:,} rows of {table}")
        for value, kind in zip(row, kinds, strict=True):
            if type(value) is not kind or (isinstance(value, str) and len(value) > LONGEST_TEXT):
                raise ValueError(f"a value of {table} has the wrong type or size")
        yield row


def _case(rows: Mapping[str, Sequence[tuple[Any, ...]]]) -> Case:
    sources = tuple(
        CaseSource(path, name, size, sha256, form, encoding, Zone(timedelta(seconds=seconds), ZoneBasis(basis), evidence))
        for path, name, size, sha256, form, encoding, seconds, basis, evidence in rows["source"]
    )
    for source in sources:
        if abs(source.zone.offset) > timedelta(hours=26):
            raise ValueError("a zone further from UTC than any on Earth")
    settings: dict[str, str] = dict(rows["setting"])
    window = json.loads(settings.get("window", "{}"))
    if not isinstance(window, dict):
        raise TypeError("the window's settings are no table")

    def key(source: int, offset: int, position: int) -> EventKey:
        if not 0 <= source < len(sources):
            raise ValueError("an event of a source that is not in the case")
        return EventKey(source, offset, position)

    pasted: dict[int, list[str]] = {}
    for source, text in rows["pasted"]:
        pasted.setdefault(key(source, 0, 0).source, []).append(text)
    return Case(
        sources,
        settings.get("filter", ""),
        dict(rows["saved_filter"]),
        tuple(key(*row) for row in rows["bookmark"]),
        {key(*row[:3]): row[3] for row in rows["note"]},
        {key(*row[:3]): row[3] for row in rows["highlight"]},
        tuple(HighlightRule(*row) for row in rows["highlight_rule"]),
        tuple(CaseFinding(*row) for row in rows["finding"]),
        {str(name): str(value) for name, value in window.items()},
        tuple(Supplied(SuppliedKind(kind), value) for kind, value in rows["supplied"]),
        {source: "".join(pieces) for source, pieces in pasted.items()},
    )


def part_of(case: Case, wanted: Sequence[int]) -> Case:
    """The case as if it had only some of its sources: those with these indices, with what was marked in them."""
    place = {source: number for number, source in enumerate(wanted)}

    def kept(key: EventKey) -> EventKey:
        return replace(key, source=place[key.source])

    return replace(
        case,
        sources=tuple(case.sources[source] for source in wanted),
        bookmarks=tuple(kept(key) for key in case.bookmarks if key.source in place),
        notes={kept(key): text for key, text in case.notes.items() if key.source in place},
        highlighted={kept(key): colour for key, colour in case.highlighted.items() if key.source in place},
        pasted={place[source]: text for source, text in case.pasted.items() if source in place},
    )


def with_sources_of(case: Case, other: Case) -> Case:
    """The case with another one's sources behind its own, and what was marked in them; everything else stays."""
    before = len(case.sources)

    def moved(key: EventKey) -> EventKey:
        return replace(key, source=key.source + before)

    return replace(
        case,
        sources=(*case.sources, *other.sources),
        bookmarks=(*case.bookmarks, *(moved(key) for key in other.bookmarks)),
        notes={**case.notes, **{moved(key): text for key, text in other.notes.items()}},
        highlighted={**case.highlighted, **{moved(key): colour for key, colour in other.highlighted.items()}},
        pasted={**case.pasted, **{source + before: text for source, text in other.pasted.items()}},
    )
