"""The use cases: open logs, query, inspect, diagnose, export. Window, command line and report are thin faces of it."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from inspector import query, timeline
from inspector.clock import offset_text, tolerance_of
from inspector.diagnosis.base import Diagnosis, Finding
from inspector.events import Level, MessageFrom, Problem, Source, TimeBasis, Zone, ZoneBasis
from inspector.ingest.discovery import Candidate
from inspector.ingest.hashing import Hasher
from inspector.ingest.pool import Patience, Pool
from inspector.ingest.raw import NotShown, RawReader
from inspector.ingest.reading import Reading, Wishes
from inspector.ingest.tasks import Recognised, Show
from inspector.job import Job
from inspector.payloads.base import Contents
from inspector.query import parse
from inspector.store import EventStore, as_datetime
from inspector.timeline import Timeline
from inspector.tokens.base import Token, Trust, ValidityWindow
from inspector.workspace import Workspace

Rows = npt.NDArray[np.uint32]
"""Row numbers of the event table, in the order to be shown."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the user sets for the analysis; the defaults judge each event at its own time with each stack's own tolerance."""

    zone: Zone | None = None
    """Zone for sources that do not say (``--timezone``); None infers it."""
    trust: Trust = field(default_factory=Trust)
    at: datetime | None = None
    """Judge at this moment instead of each event's own."""
    workers: int = 0
    """Worker processes; 0 for as many as the machine has cores."""
    format: str = ""
    """Read everything with this format instead of recognising it."""
    encoding: str = ""
    rules: tuple[Path, ...] = ()
    """The user's own rule files (TOML, shape of resources/dictionary)."""


@dataclass(frozen=True, slots=True)
class Page:
    """A few rows as the table paints them: one plain value a cell, already formatted where it is a time."""

    rows: tuple[int, ...]
    cells: Mapping[str, tuple[object, ...]]
    """Column name (of events.COLUMNS, plus ``cause``) to one value a row; ``time`` as aware UTC datetime or None; ``level`` as Level; ``source`` as display name; ``message`` as its first line, at most 300 characters."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One event, looked into."""

    row: int
    source: Source
    position: str
    """``record 17`` or ``line 203``."""
    time: datetime | None
    time_note: str
    """How the time is known: ``stated as UTC``, ``10:21:49 local; UTC+01:00 inferred from ...``."""
    level: Level
    provider: str
    event_id: int | None
    channel: str
    computer: str
    user: str
    message: str
    """The whole text that was searched and in which every span counts."""
    message_from: MessageFrom
    raw: str
    """The event as the log holds it."""
    fields: tuple[tuple[str, str], ...]
    contents: Contents
    timeline: Timeline | None
    """None when nothing in the event has a validity window and no moment is printed."""
    summary: str
    """One sentence: what happened and how sure that is."""
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Facet:
    """One value of a column and how many of the chosen rows have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """Events over time, by level."""

    start: datetime
    step: timedelta
    counts: npt.NDArray[np.int64]
    """Shape (bins, number of levels), columns numbered as Level."""


CELL: Final = 300
"""Characters of a message that a table cell shows."""


class Session:
    """Everything that is open. Methods may be called from any thread; one long operation per Job."""

    def __init__(self, options: Options | None = None, workspace: Path | None = None, patience: Patience | None = None) -> None:
        """``workspace``: folder for segments; by default a private temporary one (0700), removed by ``close``. ``patience``: limits of the workers.

        Worker processes start loading at once, in the background.
        """
        self.options = options or Options()
        self._workspace = Workspace(workspace)
        self._store = EventStore()
        self._pool = Pool(self.options.workers, self._workspace.segments, patience or Patience())
        self._raw = RawReader(self._workspace.segments, patience or Patience())
        self._hasher = Hasher(self._store)
        self._ids = itertools.count()
        self._pasted = itertools.count(1)
        self._recognised: dict[int, Recognised] = {}
        self._problems: list[Problem] = []
        self._chosen: dict[str, Rows] = {}
        self._diagnosis: Diagnosis | None = None
        self._opening = threading.Lock()
        self._closed = False
        self._pool.start()

    @property
    def store(self) -> EventStore:
        """The event table itself, for the report and for tests."""
        return self._store

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every source opened, in order."""
        return self._store.sources

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that could not be read, of all sources, and paths that could not be opened at all."""
        return (*self._problems, *(problem for source in self.sources for problem in source.problems))

    def __len__(self) -> int:
        """Rows of the event table so far; grows while ``open`` runs."""
        return len(self._store)

    # ---- opening

    def open(self, paths: Sequence[Path], job: Job, arrived: Callable[[int], None] | None = None) -> tuple[Source, ...]:
        """Read files, folders and archives. ``arrived`` is told the number of rows whenever more can be shown. Raises Cancelled; whatever cannot be read becomes a Problem."""
        return self._read(lambda reading: reading.run(paths), job, arrived)

    def paste(self, text: str, job: Job) -> Source:
        """Read text from the clipboard as a source: a log, a lone envelope or a token. Raises Cancelled, and ValueError for text without content."""
        if not text.strip():
            raise ValueError("there is no text to read")
        name = f"pasted text {next(self._pasted)}"
        path = self._workspace.write(f"{name}.txt".replace(" ", "-"), text.encode("utf-8", "replace"))
        candidate = Candidate(path, name, path.stat().st_size, in_folder=False)
        sources = self._read(lambda reading: reading.run_files([candidate]), job, None)
        if not sources:
            raise ValueError(self._problems[-1].reason if self._problems else "the text could not be read")
        return sources[0]

    def _read(self, read: Callable[[Reading], Sequence[int]], job: Job, arrived: Callable[[int], None] | None) -> tuple[Source, ...]:
        with self._opening:
            job.check()
            self._diagnosis = None
            wishes = Wishes(self.options.format, self.options.encoding, self.options.zone)
            reading = Reading(self._store, self._pool, wishes, lambda: next(self._ids), job, arrived)
            try:
                numbers = read(reading)
            finally:
                self._diagnosis = None
                self._problems.extend(reading.problems)
                self._recognised.update(reading.recognised())
                self._settle_zones(reading.recognised())
                self._hasher.add(reading.recognised())
                self._raw.start()
            return tuple(self._store.source(number) for number in numbers)

    def _settle_zones(self, numbers: Sequence[int] | Mapping[int, object]) -> None:
        """After reading: zones that the log states, and those that can be inferred from what it says."""
        try:
            from inspector.diagnosis.engine import infer_zone
        except ImportError:
            return
        for number in numbers:
            source = self._store.source(number)
            if source.zone.basis is ZoneBasis.USER:
                continue
            if not self._store.has_local_times(number):
                self._store.put_source(
                    replace(source, zone=Zone(timedelta(0), ZoneBasis.STATED, "the log states its times in UTC or with their offset"))
                )
            else:
                self._store.set_zone(number, infer_zone(self._store, source))

    def remove(self, source_id: int) -> None:
        """Close one source; its rows go, and the rows behind them move up."""
        with self._opening:
            self._diagnosis = None
            gone = self._store.held("source", None) == source_id
            moved = np.cumsum(~gone) - 1
            self._chosen = {kind: moved[rows[~gone[rows]]].astype(np.uint32) for kind, rows in self._chosen.items()}
            self._store.remove(source_id)
            self._recognised.pop(source_id, None)

    def set_zone(self, source_id: int, zone: Zone) -> None:
        """Give a source's times without zone another offset; nothing is read again."""
        self._store.set_zone(source_id, zone)
        self._diagnosis = None

    def finish_hashing(self, job: Job) -> None:
        """Wait until every source has its SHA-256; large files get theirs after their rows. Raises Cancelled."""
        self._hasher.wait(job)

    # ---- picking and showing

    def choose(self, kind: str, rows: Sequence[int] | Rows) -> None:
        """Say which rows are bookmarked, have a note or a highlight (``bookmark``, ``note``, ``highlight``), for ``has:`` in filters."""
        self._chosen[kind] = np.unique(np.asarray(rows, np.uint32))

    def _rows_of(self, leaf: query.Chosen) -> Rows:
        diagnosis = self._diagnosis
        if leaf.kind in {"cause", "finding"}:
            findings = diagnosis.findings if diagnosis else ()
            wanted = (
                found
                for found in findings
                if not leaf.value or leaf.value == (str(found.cause.value) if leaf.kind == "cause" else found.id.lower())
            )
            return np.array([row for found in wanted for row in found.rows], np.uint32)
        return self._chosen.get(leaf.kind, np.zeros(0, np.uint32))

    def select(self, query: str, job: Job, sort: str = "", descending: bool = False, arrived: Callable[[Rows], None] | None = None) -> Rows:
        """Row numbers that match a query in the filter language, sorted by a column or in file order. ``arrived`` gets the first results as they come. Raises query.QueryError with the place of the mistake, and Cancelled."""
        wanted = parse(query)
        rows = self._store.matching(wanted.condition, job, None if sort or descending else arrived, self._rows_of)
        if sort == "cause":
            return self._by_cause(rows, descending=descending)
        if sort:
            rows = self._store.in_order(rows, sort, descending=descending, job=job)
        elif descending:
            rows = rows[::-1].copy()
        return rows

    def _by_cause(self, rows: Rows, *, descending: bool) -> Rows:
        causes = self._causes(rows)
        known = np.array([bool(cause) for cause in causes], np.bool_)
        order = np.argsort(np.array(causes, dtype=object), kind="stable") if len(rows) else np.zeros(0, np.int64)
        if descending:
            order = np.array(sorted(range(len(rows)), key=lambda at: causes[at], reverse=True), np.int64)
        return np.concatenate([rows[order[known[order]]], rows[order[~known[order]]]])

    def _causes(self, rows: Sequence[int] | Rows) -> list[str]:
        diagnosis = self._diagnosis
        if diagnosis is None:
            return [""] * len(rows)
        by_id = {found.id: found.cause.value for found in diagnosis.findings}
        return [by_id.get(diagnosis.by_row.get(int(row), ""), "") for row in rows]

    def page(self, rows: Sequence[int], columns: Sequence[str]) -> Page:
        """Cells of the given rows."""
        names = [name for name in columns if name != "cause"]
        frame = self._store.frame(rows, ["source_name" if name == "source" else name for name in names])
        cells: dict[str, tuple[object, ...]] = {}
        for name in names:
            values = frame["source_name" if name == "source" else name].to_list()
            if name == "time":
                cells[name] = tuple(None if value is None else as_datetime(value) for value in values)
            elif name == "level":
                cells[name] = tuple(Level(value) if value in _LEVELS else Level.UNKNOWN for value in values)
            elif name == "message":
                cells[name] = tuple(first_line(value) for value in values)
            else:
                cells[name] = tuple(values)
        if "cause" in columns:
            cells["cause"] = tuple(self._causes(rows))
        return Page(tuple(int(row) for row in rows), cells)

    def frame(self, rows: Rows, columns: Sequence[str]) -> pl.DataFrame:
        """Columns of the given rows in the given order as plain values, for exports: ``row`` first, ``time`` as microseconds UTC, whole messages."""
        return self._store.frame(rows, columns)

    def message(self, row: int) -> str:
        """The whole message of one row."""
        return self._store.message(row)

    def histogram(self, rows: Rows | None, bins: int) -> Histogram | None:
        """Events over time of the given rows (None: all); None when no row has a time."""
        binned = self._store.binned(rows, bins)
        return None if binned is None else Histogram(binned.start, binned.step, binned.counts)

    def facet(self, column: str, rows: Rows | None, limit: int = 50) -> tuple[Facet, ...]:
        """Most frequent values of a column (or ``cause``) among the given rows; levels by their title."""
        if column == "cause":
            chosen = range(len(self)) if rows is None else rows
            causes = [cause for cause in self._causes(chosen) if cause]
            counts: Sequence[tuple[object, int]] = Counter(causes).most_common(limit)
        else:
            counts = self._store.counts("source_name" if column == "source" else column, rows, limit)
        if column == "level":
            return tuple(Facet(Level(int(str(value))).title, count) for value, count in counts)
        return tuple(Facet(str(value), count) for value, count in counts)

    # ---- looking into

    def inspect(self, row: int) -> Detail:
        """Look into one event. Never raises for what the log holds."""
        columns = [
            "position",
            "offset",
            "length",
            "time",
            "time_basis",
            "level",
            "provider",
            "event_id",
            "channel",
            "computer",
            "user",
            "message",
            "message_from",
        ]
        cells = self._store.frame([row], columns).row(0, named=True)
        source = self._store.source_of(row)
        raw, fields = self._raw_of(source, cells["offset"], cells["length"], cells["message"])
        known = self._recognised.get(source.id)
        time = None if cells["time"] is None else as_datetime(cells["time"])
        time_note = _time_note(time, TimeBasis(cells["time_basis"]), source.zone)
        contents = look_into(cells["message"], self.options.trust, self.options.at or time)
        finding = self._finding_of(row)
        timeline = timeline_of(contents, time, time_note, cells["computer"] or "", self.options)
        return Detail(
            row=row,
            source=source,
            position=f"{position_word(known.format if known else source.format)} {cells['position']}",
            time=time,
            time_note=time_note,
            level=Level(cells["level"]) if cells["level"] in _LEVELS else Level.UNKNOWN,
            provider=cells["provider"] or "",
            event_id=cells["event_id"],
            channel=cells["channel"] or "",
            computer=cells["computer"] or "",
            user=cells["user"] or "",
            message=cells["message"],
            message_from=MessageFrom(cells["message_from"]) if cells["message_from"] in _MESSAGE_FROM else MessageFrom.LOG,
            raw=raw,
            fields=fields,
            contents=contents,
            timeline=timeline,
            summary=_summary(finding, timeline, contents, cells["message"]),
            finding=finding,
        )

    def _raw_of(self, source: Source, offset: int, length: int, message: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        known = self._recognised.get(source.id)
        if known is None:
            return message, ()
        shown = self._raw.read(Show(known.format, known.opened, offset, length))
        if isinstance(shown, NotShown):
            return f"The event could not be read again: {shown.reason}.", ()
        return shown.raw, shown.fields

    def _finding_of(self, row: int) -> Finding | None:
        diagnosis = self._diagnosis
        if diagnosis is None:
            return None
        wanted = diagnosis.by_row.get(row)
        return next((found for found in diagnosis.findings if found.id == wanted), None)

    # ---- the verdict

    def diagnose(self, job: Job) -> Diagnosis:
        """The verdict on everything open; kept as ``diagnosis`` until something changes."""
        try:
            from inspector.diagnosis.engine import diagnose
        except ImportError:
            self._diagnosis = Diagnosis()
            return self._diagnosis
        zones = {source.id: source.zone for source in self.sources}
        self._diagnosis = found = diagnose(self._store, job, self.options.trust, self.options.at, self.options.rules, zones)
        return found

    @property
    def diagnosis(self) -> Diagnosis | None:
        """The last verdict; None before the first or after a change."""
        return self._diagnosis

    def close(self) -> None:
        """Stop workers and remove every temporary file."""
        if self._closed:
            return
        self._closed = True
        self._hasher.close()
        self._raw.close()
        with self._opening:
            self._pool.close()
        self._store.close()
        self._workspace.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


_LEVELS: Final = frozenset(int(level) for level in Level)
_MESSAGE_FROM: Final = frozenset(int(one) for one in MessageFrom)


def first_line(message: str) -> str:
    """A message's first line with content, as a table cell shows it."""
    return next((line.strip() for line in message[:4000].splitlines() if line.strip()), "")[:CELL]


def position_word(format_name: str) -> str:
    """What positions of a format count: record or line."""
    from inspector.formats import FORMATS

    return next((one.position_word for one in FORMATS if one.name == format_name), "record")


def look_into(text: str, trust: Trust, at: datetime | None = None) -> Contents:
    """Payloads and tokens of one event's text; the tokens verified with what the user supplied, at the moment they were judged."""
    from inspector import payloads

    return payloads.inspect(text, trust, at)


def timeline_of(contents: Contents, time: datetime | None, time_note: str, host: str, options: Options) -> Timeline | None:
    """The timeline of one event; None when nothing in it has a validity window."""
    windows = [window for token in contents.tokens for window in _windows(token)]
    if not windows:
        return None
    chosen = options.trust.skew
    if chosen is None:
        return timeline.build(windows, time, time_note=time_note, host=host, at=options.at)
    return timeline.build(windows, time, time_note=time_note, host=host, at=options.at, tolerance_for=lambda _: tolerance_of("", chosen))


def _windows(token: Token) -> list[ValidityWindow]:
    return [*token.windows, *(window for inner in token.inner for window in _windows(inner))]


def _time_note(time: datetime | None, basis: TimeBasis, zone: Zone) -> str:
    """How an event's time is known, in words."""
    if time is None or basis is TimeBasis.NONE:
        return "the log states no time"
    if basis is TimeBasis.UTC:
        return "stated as UTC"
    wall = (time + zone.offset).strftime("%H:%M:%S")
    doubt = "; day and month could be the other way round" if basis is TimeBasis.LOCAL_AMBIGUOUS else ""
    words = {ZoneBasis.USER: "set by you", ZoneBasis.INFERRED: "inferred", ZoneBasis.STATED: "stated", ZoneBasis.ASSUMED: "assumed"}[
        zone.basis
    ]
    because = f" ({zone.evidence})" if zone.evidence else ""
    return f"{wall} local; {offset_text(zone.offset)} {words}{because}{doubt}"


def _summary(finding: Finding | None, shown: Timeline | None, contents: Contents, message: str) -> str:
    """One sentence: what happened and how sure that is."""
    if finding is not None:
        return f"{finding.title.rstrip('.')} ({finding.confidence.value} confidence)."
    if shown is not None:
        return shown.summary
    if contents.tokens:
        found = contents.tokens[0].title
        more = f" and {len(contents.tokens) - 1} more" if len(contents.tokens) > 1 else ""
        return f"No failure recognised; the event carries {found}{more}."
    return first_line(message)
