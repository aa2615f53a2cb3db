"""The session itself: what is open, and the use cases over it."""

from __future__ import annotations

import bisect
import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import polars as pl

from inspector import query
from inspector.casefile import CaseSource, EventKey
from inspector.diagnosis.base import Diagnosis, EventText, Finding
from inspector.diagnosis.dictionary import Dictionary, RuleError, load
from inspector.diagnosis.engine import diagnose, infer_zone
from inspector.events import COLUMNS, Level, MessageFrom, Problem, Source, TimeBasis, Zone, ZoneBasis
from inspector.formats import FORMATS
from inspector.ingest.discovery import Candidate
from inspector.ingest.hashing import Hasher
from inspector.ingest.pool import Patience, Pool
from inspector.ingest.raw import NotShown, RawReader
from inspector.ingest.reading import Reading, Wishes
from inspector.ingest.tasks import Recognised, Show
from inspector.job import Job
from inspector.query import parse
from inspector.resources import resource_path
from inspector.session import detail
from inspector.session.causes import CauseColumn
from inspector.session.following import Following
from inspector.session.model import Completion, Detail, Facet, Histogram, Options, Page, Rows
from inspector.store import EventStore, as_datetime
from inspector.tokens.base import Trust
from inspector.workspace import Workspace

COMPLETED: Final = frozenset({"event_id", "source_name", *(column.name for column in COLUMNS if column.kind == "code")})
"""Columns whose values are offered while a filter is written."""

DETAIL: Final = (
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
    "activity",
    "message",
    "message_from",
)
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
        self._following = Following(self._store, self._pool, self._next_id)
        self._problems: list[Problem] = []
        self._chosen: dict[str, Rows] = {}
        self.filter_zone = timedelta(0)
        """How far ahead of UTC the zone is in which times in filters are meant, unless they state their own."""
        self._diagnosis: Diagnosis | None = None
        self._partial: Diagnosis | None = None
        """What is known while a diagnosis runs."""
        self._causes = CauseColumn(None)
        self._entries: Dictionary | None = None
        self._opening = threading.Lock()
        self._job: Job | None = None
        """Of the reading that runs."""
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

    def open(
        self,
        paths: Sequence[Path],
        job: Job,
        arrived: Callable[[int], None] | None = None,
        names: Mapping[Path, str] | None = None,
    ) -> tuple[Source, ...]:
        """Read files, folders and archives. Raises Cancelled; whatever cannot be read becomes a Problem.

        ``arrived`` is told the number of rows whenever more can be shown. ``names``: what files are called that are copies of something
        else, such as of standard input.
        """
        return self._read(lambda reading: reading.run(paths, names), job, arrived)

    def paste(self, text: str, job: Job) -> Source:
        """Read text from the clipboard as a source: a log, a lone envelope or a token. Raises Cancelled, and ValueError for text without content or without room to keep it."""
        if not text.strip():
            raise ValueError("there is no text to read")
        name = f"pasted text {next(self._pasted)}"
        try:
            path = self._workspace.write(f"{name}.txt".replace(" ", "-"), text.encode("utf-8", "replace"))
        except OSError as error:
            raise ValueError(f"the text could not be kept: {error.strerror}; make room, or name another folder in TMPDIR") from error
        candidate = Candidate(path, name, path.stat().st_size, in_folder=False)
        sources = self._read(lambda reading: reading.run_files([candidate]), job, None)
        if not sources:
            raise ValueError(self._problems[-1].reason if self._problems else "the text could not be read")
        return sources[0]

    def _read(
        self,
        read: Callable[[Reading], Sequence[int]],
        job: Job,
        arrived: Callable[[int], None] | None,
        wishes: Wishes | None = None,
    ) -> tuple[Source, ...]:
        with self._opening:
            job.check()
            self._job = job
            self._forget_diagnosis()
            wishes = wishes or Wishes(self.options.format, self.options.encoding, self.options.zone)
            reading = Reading(self._store, self._pool, wishes, self._next_id, job, arrived)
            try:
                numbers = read(reading)
            finally:
                self._forget_diagnosis()
                self._problems.extend(reading.problems)
                self._recognised.update(reading.recognised())
                self._settle_zones(reading.recognised())
                self._following.remember(reading.recognised())
                self._hasher.add(reading.recognised())
                self._job = None
                if not self._closed:
                    self._raw.start()
            return tuple(self._store.source(number) for number in numbers)

    def _next_id(self) -> int:
        return next(self._ids)

    def _settle_zones(self, numbers: Sequence[int] | Mapping[int, object]) -> None:
        """After reading: zones that the log states, and those that can be inferred from what it says."""
        local = self._store.with_local_times()
        for number in numbers:
            source = self._store.source(number)
            if source.zone.basis is ZoneBasis.USER:
                continue
            if number not in local:
                self._store.put_source(
                    replace(source, zone=Zone(timedelta(0), ZoneBasis.STATED, "the log states its times in UTC or with their offset"))
                )
            else:
                self._store.set_zone(number, infer_zone(self._store, source))

    def remove(self, source_id: int) -> None:
        """Close one source; its rows go, and the rows behind them move up."""
        with self._opening:
            self._forget_diagnosis()
            gone = self._store.held("source", None) == source_id
            moved = np.cumsum(~gone) - 1
            self._chosen = {kind: moved[rows[~gone[rows]]].astype(np.uint32) for kind, rows in self._chosen.items()}
            self._store.remove(source_id)
            self._recognised.pop(source_id, None)
            self._following.forget(source_id)

    def reload(self, source_id: int, job: Job, format_name: str = "", encoding: str = "") -> Source | None:
        """Read one source's file again, with another format or encoding if they are given; its rows move to the end of the table.

        The zone that the user set stays. Returns the source under its new number; None when the file can no longer be opened, which a
        problem explains; then what was read before stays. Raises KeyError and Cancelled.
        """
        old = self._store.source(source_id)
        zone = old.zone if old.zone.basis is ZoneBasis.USER else self.options.zone
        wishes = Wishes(format_name or self.options.format, encoding or self.options.encoding, zone)
        order = [source.id for source in self.sources]
        size = old.path.stat().st_size if old.path.exists() else 0
        if not size:
            self._problems.append(Problem(old.name, "file", "the file is gone or empty now; what was read before is still shown"))
            return None
        candidate = Candidate(old.path, old.name, size, in_folder=False)
        chosen = {kind: self.keys_of(rows) for kind, rows in self._chosen.items()}
        found = self._read(lambda reading: reading.run_files([candidate]), job, None, wishes)
        if not found:
            return None
        self.remove(source_id)
        self._store.arrange({found[0].id if number == source_id else number: rank for rank, number in enumerate(order)})
        for kind, keys in chosen.items():
            self.choose(kind, list(self.rows_of(keys, job).values()))
        return found[0]

    def follow(self, source_id: int, job: Job, arrived: Callable[[int], None] | None = None) -> Source | None:
        """Read on in a source whose file has grown: only what was appended, and its last event once more, which may have gone on.

        Every row keeps its number; new ones come at the end of the table. A line whose end is not written yet is read once the file
        has not grown between two calls. A file that was cut or begun anew, or whose format cannot be read on, is reloaded.
        Returns the source as it is then, None when the file can no longer be opened, which a problem explains. Raises KeyError and Cancelled.
        """
        source, known = self._store.source(source_id), self._recognised[source_id]
        try:
            growth = self._following.look(source, known)
        except OSError as error:
            reason = f"the file can no longer be followed: {error.strerror or error}; what was read before is still shown"
            self._add_problem(source_id, Problem(source.name, "file", reason))
            return None
        if growth.anew:
            found = self.reload(source_id, job)
            if found is None or not growth.reason:
                return found
            self._add_problem(found.id, Problem(found.name, "file", growth.reason, notice=True))
            return self._store.source(found.id)
        if growth.end > source.size:
            self._read_on(source, replace(known, size=growth.end), job, arrived)
        return self._store.source(source_id)

    def begun_anew(self, source_id: int) -> bool:
        """Whether ``follow`` would have to read a source again as a whole: its file was cut, replaced, or is of a kind that is only read as a whole."""
        try:
            return self._following.is_anew(self._store.source(source_id), self._recognised[source_id])
        except OSError:
            return False  # gone for now: what was read before stays

    def _read_on(self, source: Source, known: Recognised, job: Job, arrived: Callable[[int], None] | None) -> None:
        with self._opening:
            job.check()
            self._job = job
            self._forget_diagnosis()
            try:
                self._following.read_on(source, known, job, arrived)
                self._recognised[source.id] = known
            finally:
                self._forget_diagnosis()
                self._job = None
            if source.zone.basis is ZoneBasis.ASSUMED:
                self._settle_zones([source.id])
            self._hasher.add({source.id: known})

    def _add_problem(self, source_id: int, problem: Problem) -> None:
        source = self._store.source(source_id)
        if problem not in source.problems:
            self._store.put_source(replace(source, problems=(*source.problems, problem)))

    def set_zone(self, source_id: int, zone: Zone) -> None:
        """Give a source's times without zone another offset; nothing is read again."""
        self._store.set_zone(source_id, zone)
        self._forget_diagnosis()

    def case_sources(self) -> tuple[CaseSource, ...]:
        """The open sources as a case file keeps them."""
        return tuple(CaseSource(str(one.path), one.name, one.size, one.sha256, one.format, one.encoding, one.zone) for one in self.sources)

    def keys_of(self, rows: Sequence[int] | Rows) -> tuple[EventKey, ...]:
        """Where events stand in their sources, counted as in ``case_sources``: row numbers change with what is open, these do not."""
        places = {source.id: place for place, source in enumerate(self.sources)}
        frame = self._store.frame(rows, ["source", "offset", "position"])
        return tuple(EventKey(places[source], offset, position) for _, source, offset, position in frame.iter_rows())

    def rows_of(self, keys: Sequence[EventKey], job: Job) -> dict[EventKey, int]:
        """The rows of events by their keys, as far as they are there. Raises Cancelled."""
        sources = self.sources
        wanted: dict[int, dict[tuple[int, int], EventKey]] = {}
        for key in keys:
            if key.source < len(sources):
                wanted.setdefault(sources[key.source].id, {})[key.offset, key.position] = key
        offsets = sorted({offset for places in wanted.values() for offset, _ in places})
        if not offsets:
            return {}
        rows = self._store.matching(pl.col("source").is_in(sorted(wanted)) & pl.col("offset").is_in(offsets), job)
        found: dict[EventKey, int] = {}
        for row, source, offset, position in self._store.frame(rows, ["source", "offset", "position"]).iter_rows():
            if (event := wanted.get(source, {}).get((offset, position))) is not None:
                found.setdefault(event, row)
        return found

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
        wanted = parse(query, self.filter_zone)
        rows = self._store.matching(wanted.condition, job, None if sort or descending else arrived, self._rows_of)
        if sort == "cause":
            return self._causes.in_order(rows, descending=descending)
        if sort:
            rows = self._store.in_order(rows, sort, descending=descending, job=job)
        elif descending:
            rows = rows[::-1].copy()
        return rows

    def page(self, rows: Sequence[int] | Rows, columns: Sequence[str]) -> Page:
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
            cells["cause"] = tuple(self._causes.of(np.asarray(rows, np.uint32)))
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
            counts: Sequence[tuple[object, int]] = self._causes.counts(rows, limit)
        else:
            counts = self._store.counts("source_name" if column == "source" else column, rows, limit)
        if column == "level":
            return tuple(Facet(Level(int(str(value))).title, count) for value, count in counts)
        return tuple(Facet(str(value), count) for value, count in counts)

    def complete(self, text: str, cursor: int, limit: int = 20) -> tuple[Completion, ...]:
        """What could stand at the cursor of a filter being written: fields, or values that are in the log, frequent ones first."""
        place = query.place_at(text, cursor)
        wanted = place.prefix.lower().strip('"')
        if place.field is None:
            fields = [field for field in query.FIELDS if wanted and field.name.startswith(wanted)]
            return tuple(Completion(f"{field.name}:", field.example or field.title, place.start, place.end) for field in fields[:limit])
        if place.field.choices or not place.field.column:
            return tuple(
                Completion(choice, place.field.title, place.start, place.end) for choice in place.field.choices if choice.startswith(wanted)
            )
        counts = self._store.counts(place.field.column, None, 500) if place.field.column in COMPLETED else []
        values = [(str(value), count) for value, count in counts if wanted in str(value).lower()]
        return tuple(
            Completion(
                value if place.field.column == "event_id" else query.quoted_value(value), f"{count:,} events", place.start, place.end
            )
            for value, count in values[:limit]
        )

    # ---- looking into

    def inspect(self, row: int) -> Detail:
        """Look into one event. Never raises for what the log holds. Raises IndexError for a row that is not there."""
        cells = self._store.frame([row], DETAIL).row(0, named=True)
        source = self._store.source_of(row)
        raw, fields = self._raw_of(source, cells["offset"], cells["length"], cells["message"])
        time = None if cells["time"] is None else as_datetime(cells["time"])
        basis = TimeBasis(cells["time_basis"])
        position = f"{position_word(source.format)} {cells['position']}"
        note = detail.time_note(time, basis, source.zone)
        event = EventText(
            row=row,
            source=source.name,
            position=position,
            message=cells["message"],
            time=time,
            zone_known=basis is TimeBasis.UTC or source.zone.basis is not ZoneBasis.ASSUMED,
            provider=cells["provider"] or "",
            event_id=cells["event_id"],
            channel=cells["channel"] or "",
            computer=cells["computer"] or "",
            activity=cells["activity"] or "",
        )
        looked = detail.look_into(event, note, self._dictionary(), self.options.trust, self.options.at)
        finding = self._finding_of(row)
        return Detail(
            row=row,
            source=source,
            position=position,
            time=time,
            time_note=note,
            level=Level(cells["level"]) if cells["level"] in _LEVELS else Level.UNKNOWN,
            provider=event.provider,
            event_id=event.event_id,
            channel=event.channel,
            computer=event.computer,
            user=cells["user"] or "",
            message=event.message,
            message_from=MessageFrom(cells["message_from"]) if cells["message_from"] in _MESSAGE_FROM else MessageFrom.LOG,
            raw=raw,
            fields=fields,
            contents=looked.contents,
            timeline=looked.timeline,
            summary=detail.summary(finding, looked, first_line(event.message)),
            finding=finding,
        )

    def supply(self, trust: Trust, rules: Sequence[Path] = ()) -> None:
        """Judge with this from now on: keys and lists the user has, and rule files of their own; the verdict so far is forgotten.

        Raises RuleError for a rule file that cannot be used; then everything stays as it was.
        """
        self._entries = load(resource_path("dictionary"), tuple(rules))
        self.options = replace(self.options, trust=trust, rules=tuple(rules))
        self._forget_diagnosis()

    def _dictionary(self) -> Dictionary:
        """The error dictionary with the user's rules; rules that cannot be used are reported by ``diagnose``."""
        if self._entries is None:
            try:
                self._entries = load(resource_path("dictionary"), self.options.rules)
            except RuleError:
                self._entries = load(resource_path("dictionary"))
        return self._entries

    def _raw_of(self, source: Source, offset: int, length: int, message: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        known = self._recognised.get(source.id)
        if known is None:
            return message, ()
        if known.opened.path == source.path and self._following.is_replaced(source):
            return "The event could not be read again: the file has changed since it was read. Read it again to see what it holds now.", ()
        shown = self._raw.read(Show(known.format, known.opened, offset, length))
        if isinstance(shown, NotShown):
            return f"The event could not be read again: {shown.reason}.", ()
        return shown.raw, shown.fields

    def _finding_of(self, row: int) -> Finding | None:
        diagnosis = self._diagnosis
        if diagnosis is None:
            known = self._partial.findings if self._partial is not None else ()
            return next((found for found in known if _holds(found.rows, row)), None)
        wanted = diagnosis.by_row.get(row)
        return next((found for found in diagnosis.findings if found.id == wanted), None)

    # ---- the verdict

    def diagnose(self, job: Job, arrived: Callable[[Diagnosis], None] | None = None) -> Diagnosis:
        """The verdict on everything open; kept as ``diagnosis`` until something changes. Every source has its hash then.

        ``arrived`` is told what is known so far, some times a second on the calling thread: findings without an id, not ``complete``;
        ``inspect`` knows them too. Raises Cancelled, and RuleError for a rule file that cannot be used.
        """
        zones = {source.id: source.zone for source in self.sources}
        if self._entries is None or self.options.rules:
            self._entries = load(resource_path("dictionary"), self.options.rules, job.check)

        def partial(known: Diagnosis) -> None:
            self._partial = known
            if arrived is not None:
                arrived(known)

        try:
            found = diagnose(
                self._store,
                job,
                self.options.trust,
                self.options.at,
                zones=zones,
                dictionary=self._entries,
                arrived=None if arrived is None else partial,
            )
        finally:
            self._partial = None
        self.finish_hashing(job)
        self._causes = CauseColumn(found)
        self._diagnosis = found
        return found

    def _forget_diagnosis(self) -> None:
        self._diagnosis = self._partial = None
        self._causes = CauseColumn(None)

    @property
    def diagnosis(self) -> Diagnosis | None:
        """The last verdict; None before the first or after a change."""
        return self._diagnosis

    def close(self) -> None:
        """Stop whatever is being read, end the workers and remove every temporary file."""
        if self._closed:
            return
        self._closed = True
        if self._job is not None:
            self._job.cancel()
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


def _holds(rows: Sequence[int], row: int) -> bool:
    """Whether a row is among ascending ones."""
    at = bisect.bisect_left(rows, row)
    return at < len(rows) and rows[at] == row


def first_line(message: str) -> str:
    """A message's first line with content, as a table cell shows it."""
    return next((line.strip() for line in message[:4000].splitlines() if line.strip()), "")[:CELL]


def format_titles() -> dict[str, str]:
    """Every format that can be read, by name, with the title that a person reads."""
    return {one.name: one.title for one in FORMATS}


def position_word(format_name: str) -> str:
    """What positions of a format count: record or line."""
    return next((one.position_word for one in FORMATS if one.name == format_name), "record")
