"""Reading what was opened: hands pieces to workers, adopts their rows in order, and retries what kills a worker in halves."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from inspector.events import Problem, Source, Zone
from inspector.formats.base import FileSpan
from inspector.ingest.discovery import Candidate, candidates
from inspector.ingest.pool import Died, Pool, task_words
from inspector.ingest.tasks import (
    SMALL,
    Delivered,
    Failed,
    FileDone,
    FileToRead,
    Finished,
    Hashed,
    Look,
    Members,
    Message,
    NotALog,
    Read,
    Recognised,
    Task,
    Told,
)
from inspector.job import Cancelled, Job
from inspector.store import EventStore

GROUP_FILES: Final = 128
"""Small files of one task."""
GROUP_BYTES: Final = 2 * SMALL
"""Size of the small files of one task."""
FIRST_FILES: Final = 16
"""The same of the first task, whose rows somebody waits for; twice as many each time after it."""
SMALLEST_PIECE: Final = 65_536
"""Bytes below which a piece that kills its worker is given up; an .evtx chunk has so many."""
WAIT: Final = 0.05
MOST_PROBLEMS: Final = 2_000
"""Problems of one source that are listed; the rest is counted."""


@dataclass(slots=True)
class _File:
    """One file on its way in."""

    file: FileToRead
    size: int
    recognised: Recognised | None = None
    problems: dict[Problem, None] = field(default_factory=dict)
    more: int = 0
    """Problems beyond those that are listed."""
    more_lost: int = 0
    sha256: str = ""
    events: int = 0
    settled: bool = False
    """It is no longer asked whether the file is a log."""

    def told(self) -> tuple[Problem, ...]:
        """The problems as they are shown."""
        if not self.more:
            return tuple(self.problems)
        rest = Problem(self.file.name, "file", f"{self.more:,} more problems like these are not listed", self.more_lost)
        return (*self.problems, rest)


@dataclass(slots=True)
class _Lane:
    """A run of rows in the order of the table: what one task delivers."""

    task: Look | Read
    size: int
    attempt: int = 0
    given: bool = False
    closed: bool = False
    delivered: deque[Delivered] = field(default_factory=deque)
    upto: dict[int, int] = field(default_factory=dict)
    finished: set[int] = field(default_factory=set)
    """Sources that are done with."""
    done: int = 0


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the user wants the files read."""

    format: str = ""
    encoding: str = ""
    zone: Zone | None = None


class Reading:
    """One call of "open": from paths to rows in the store."""

    def __init__(
        self, store: EventStore, pool: Pool, wishes: Wishes, next_id: Callable[[], int], job: Job, arrived: Callable[[int], None] | None
    ) -> None:
        self._store = store
        self._pool = pool
        self._wishes = wishes
        self._next_id = next_id
        self._job = job
        self._arrived = arrived
        self._files: dict[int, _File] = {}
        self._lanes: list[_Lane] = []
        self._front = 0
        self._unknown: list[str] = []
        self._reported = 0.0
        self.problems: list[Problem] = []
        """Of what could not be opened at all."""

    def run(self, paths: Sequence[Path], names: Mapping[Path, str] | None = None) -> tuple[int, ...]:
        """Read everything behind the paths; returns the numbers of the new sources, in order. Raises Cancelled; what arrived stays.

        ``names``: what files are called that are copies of something else.
        """
        found, problems = candidates(paths)
        called = names or {}
        shown = {str(path): name for path, name in called.items()}
        self.problems.extend(replace(problem, source=shown.get(problem.source, problem.source)) for problem in problems)
        return self.run_files([replace(one, name=called.get(one.path, one.name)) for one in found])

    def run_files(self, found: Sequence[Candidate]) -> tuple[int, ...]:
        """Read these files. Raises Cancelled; what arrived stays."""
        self._add(found, None)
        try:
            self._work()
        except Cancelled:
            self._pool.stop_busy()
            self._abandon()
            raise
        finally:
            self._close_sources()
        return self._opened()

    def run_on(self, source: Source, known: Recognised, piece: FileSpan, after: int) -> None:
        """Read a span of a source that is there already, of which events up to the offset ``after`` are known. Raises Cancelled; what arrived stays."""
        file = FileToRead(source.id, source.path, source.name)
        one = _File(file, source.size, known, dict.fromkeys(source.problems), events=source.events, settled=True)
        self._files[source.id] = one
        self._insert([_Lane(Read(source.id, known.format, known.opened, piece, after, first=True), piece.end - piece.start)], None)
        try:
            self._work()
        except Cancelled:
            self._pool.stop_busy()
            self._abandon()
            one.recognised = replace(known, size=source.size)
            raise
        finally:
            self._put(one)

    def _opened(self) -> tuple[int, ...]:
        return tuple(number for number, one in self._files.items() if one.recognised is not None)

    # ---- what is to be done

    def recognised(self) -> dict[int, Recognised]:
        """How each new source was recognised, by its number."""
        return {number: one.recognised for number, one in self._files.items() if one.recognised is not None}

    def _add(self, found: Sequence[Candidate], after: _Lane | None) -> None:
        """Make lanes for new files: small ones share a task."""
        most = max(1, min(GROUP_FILES, math.ceil(len(found) / (3 * self._pool.count))))
        lanes: list[_Lane] = []
        group: list[FileToRead] = []
        size = 0

        def close() -> None:
            nonlocal group, size
            if group:
                lanes.append(_Lane(Look(tuple(group), self._wishes.format, self._wishes.encoding), size))
            group, size = [], 0

        for one in found:
            file = FileToRead(self._next_id(), one.path, one.name, in_folder=one.in_folder)
            self._files[file.source] = _File(file, one.size)
            large = one.size > SMALL  # it comes in pieces, which follow its task
            if large or len(group) >= min(most, FIRST_FILES * 2 ** min(len(lanes), 10)) or size + one.size > GROUP_BYTES:
                close()
            group.append(file)
            size += one.size
            if large:
                close()
        close()
        self._insert(lanes, after)

    def _insert(self, lanes: Sequence[_Lane], after: _Lane | None) -> None:
        at = len(self._lanes) if after is None else self._lanes.index(after) + 1
        self._lanes[at:at] = lanes

    def _work(self) -> None:
        self._pool.start()
        while self._front < len(self._lanes):
            self._job.check()
            self._assign()
            for worker, task, said in self._pool.wait(WAIT):
                lane = self._lane_of(task)
                if lane is not None:
                    self._heard(lane, worker.done, said)
            self._adopt()
            self._progress()
            if self._pool.broken:
                self._give_up()

    def _lane_of(self, task: Task | None) -> _Lane | None:
        return next((lane for lane in self._lanes[self._front :] if lane.task is task), None) if task is not None else None

    def _assign(self) -> None:
        idle = self._pool.idle()
        if not idle:
            return
        waiting = (lane for lane in self._lanes[self._front :] if not lane.given and not lane.closed)
        for worker, lane in zip(idle, waiting, strict=False):
            lane.given = True
            patience = self._pool.patience
            worker.give(lane.task, patience.again if lane.attempt else patience.stall)

    # ---- what workers say

    def _heard(self, lane: _Lane, done: int, said: Message | Died) -> None:
        lane.done = max(lane.done, done)
        match said:
            case Delivered():
                lane.delivered.append(said)
                lane.upto.update(said.upto)
            case Told():
                self._tell(said.source, said.problem)
            case Recognised():
                self._recognised(lane, said)
            case Members():
                self._members(lane, said)
            case NotALog():
                self._not_a_log(lane, said)
            case Hashed():
                self._files[said.source].sha256 = said.sha256
            case FileDone():
                lane.finished.add(said.source)
                self._tell_careful(lane.task)
            case Failed():
                self._failed(lane, said)
            case Died():
                self._died(lane, said.reason)
            case Finished():
                lane.closed = True
                for source in _sources(lane.task):
                    if source not in lane.finished:
                        self._lost(source, "file", "the reader stopped before the end of the file; what it read before is open")

    def _tell(self, source: int, problem: Problem) -> None:
        one = self._files[source]
        if problem in one.problems:
            return
        if len(one.problems) < MOST_PROBLEMS:
            one.problems[problem] = None
        else:
            one.more += 1
            one.more_lost += problem.lost

    def _recognised(self, lane: _Lane, said: Recognised) -> None:
        one = self._files[said.source]
        one.recognised, one.settled = said, True
        self._put(one)
        if said.reading:
            return
        lane.finished.add(said.source)
        first = self._lanes.index(lane) == self._front
        self._insert(
            [
                _Lane(Read(said.source, said.format, said.opened, piece, first=first and number == 0), piece.end - piece.start)
                for number, piece in enumerate(said.pieces)
            ],
            lane,
        )
        lane.size -= min(lane.size, one.size)

    def _members(self, lane: _Lane, said: Members) -> None:
        one = self._files[said.source]
        one.settled = True
        lane.finished.add(said.source)
        self.problems.extend(one.problems)
        found = []
        for text, name in said.files:
            path = Path(text)
            size = path.stat().st_size
            if size:
                found.append(Candidate(path, name, size, in_folder=True))
            else:
                self.problems.append(Problem(name, "file", "the file in the archive is empty"))
        if not said.files and not one.problems:
            self.problems.append(Problem(one.file.name, "archive", "there is no file in this archive"))
        self._add(found, lane)

    def _not_a_log(self, lane: _Lane, said: NotALog) -> None:
        one = self._files[said.source]
        one.settled = True
        lane.finished.add(said.source)
        if one.file.in_folder and said.reason.startswith("no log format"):
            self._unknown.append(one.file.name)
        else:
            self.problems.append(Problem(one.file.name, "file", f"{said.reason}; nothing was opened"))

    def _failed(self, lane: _Lane, said: Failed) -> None:
        lane.finished.add(said.source)
        if said.again:
            self._again(lane, said.source, said.reason)
        else:
            self._lost(said.source, "file", said.reason)

    def _died(self, lane: _Lane, reason: str) -> None:
        """A worker is gone. What it delivered stays; what is missing is tried again in smaller parts."""
        lane.closed = True
        if isinstance(lane.task, Read):
            self._again(lane, lane.task.source, reason)
            return
        assert isinstance(lane.task, Look)
        open_files = [file for file in lane.task.files if file.source not in lane.finished]
        if len(open_files) == 1:
            self._again(lane, open_files[0].source, reason)
            return
        self._insert(
            [
                _Lane(replace(lane.task, files=(file,), after=tuple(lane.upto.items())), self._files[file.source].size, lane.attempt + 1)
                for file in open_files
            ],
            lane,
        )

    def _again(self, lane: _Lane, source: int, reason: str) -> None:
        """Read what is missing of one file in halves; give a piece up that is too small or cannot be cut.

        Neither a file nor a piece is given up at the first try: somebody else may have ended the worker.
        """
        one = self._files[source]
        after = lane.upto.get(source, lane.task.after if isinstance(lane.task, Read) else -1)
        known = one.recognised
        if known is None:
            if not lane.attempt and isinstance(lane.task, Look):
                self._insert([_Lane(replace(lane.task, files=(one.file,)), one.size, 1)], lane)
                return
            self._lost(source, "file", f"{reason}; nothing of it was opened")
            return
        pieces = (lane.task.piece,) if isinstance(lane.task, Read) else known.pieces
        lanes: list[_Lane] = []
        for piece in pieces:
            if piece.end <= after:
                continue
            if not known.splittable or piece.end - piece.start <= SMALLEST_PIECE:
                if not lane.attempt:
                    lanes.append(_Lane(Read(source, known.format, known.opened, piece, after), piece.end - piece.start, 1))
                    continue
                if known.careful and not (isinstance(lane.task, Read) and lane.task.opened.careful):
                    opened = replace(known.opened, careful=True)
                    task = Read(source, known.format, opened, piece, after, reason=reason)
                    lanes.append(_Lane(task, piece.end - piece.start, lane.attempt + 1))
                    continue
                self._lost(source, _bytes_words(piece), f"{reason}; what could not be read of this piece is missing")
                continue
            lanes.extend(
                _Lane(Read(source, known.format, known.opened, half, after), half.end - half.start, lane.attempt + 1)
                for half in _halves(piece)
                if half.end > after
            )
        self._insert(lanes, lane)

    def _tell_careful(self, task: Task) -> None:
        """A piece that killed its worker was read another way: its events are there, and may be less exact."""
        if isinstance(task, Read) and task.opened.careful:
            reason = f"{task.reason}; this piece was read again in another, slower way"
            self._tell(task.source, Problem(task.opened.name, _bytes_words(task.piece), reason, notice=True))

    def _lost(self, source: int, position: str, reason: str) -> None:
        one = self._files[source]
        problem = Problem(one.file.name, position, reason)
        if one.recognised is None:
            one.settled = True
            self.problems.append(problem)
        else:
            self._tell(source, problem)

    # ---- rows

    def _adopt(self) -> None:
        """Take over what is complete, in order: a row never changes its number."""
        grown = False
        while self._front < len(self._lanes):
            lane = self._lanes[self._front]
            while lane.delivered:
                said = lane.delivered.popleft()
                self._store.adopt(said.file)
                grown = True
                for source, count in said.counts:
                    one = self._files[source]
                    one.events += count
                    self._put(one)
            if not lane.closed:
                break
            self._front += 1
        if grown and self._arrived is not None:
            self._arrived(len(self._store))

    def _put(self, one: _File) -> None:
        """Tell the store what is known about a source."""
        known = one.recognised
        assert known is not None
        try:
            zone = self._store.source(one.file.source).zone
        except KeyError:
            zone = self._wishes.zone or Zone()
        self._store.put_source(
            Source(
                one.file.source,
                one.file.path,
                one.file.name,
                known.format,
                known.size,
                one.sha256,
                known.encoding,
                known.date_order,
                one.events,
                one.told(),
                zone,
            )
        )

    def _close_sources(self) -> None:
        for one in self._files.values():
            if one.recognised is not None:
                if not one.events and not one.problems:
                    self._tell(
                        one.file.source,
                        Problem(
                            one.file.name, "file", "no event was found in it; nothing was logged, or only its heading is left", notice=True
                        ),
                    )
                self._put(one)
        order = {lane_source: number for number, lane_source in enumerate(self._sources_in_order())}
        self._store.arrange(order)
        if self._unknown:
            shown = ", ".join(self._unknown[:5]) + (", ..." if len(self._unknown) > 5 else "")
            count = len(self._unknown)
            words = "1 file is" if count == 1 else f"{count:,} files are"
            self.problems.append(Problem(self._unknown[0], "file", f"{words} no log in any known format and left out: {shown}"))

    def _sources_in_order(self) -> list[int]:
        order: dict[int, None] = {}
        for lane in self._lanes:
            task = lane.task
            for source in _sources(task):
                order.setdefault(source)
        return list(order)

    def _abandon(self) -> None:
        """After cancelling: what arrived stays, and the sources say that they are not complete."""
        for lane in self._lanes[self._front :]:
            for said in lane.delivered:
                said.file.path.unlink(missing_ok=True)
            task = lane.task
            for source in _sources(task):
                one = self._files[source]
                if source in lane.finished and not isinstance(task, Read):
                    continue
                if one.recognised is not None:
                    self._tell(source, Problem(one.file.name, "file", "reading was cancelled; the rest of the file is not open"))
                elif not one.settled:
                    one.settled = True
                    self.problems.append(Problem(one.file.name, "file", "reading was cancelled; the file is not open"))

    def _give_up(self) -> None:
        for lane in self._lanes[self._front :]:
            if lane.closed:
                continue
            lane.closed = True
            task = lane.task
            for source in _sources(task):
                self._lost(source, "file", "no reader process can be started on this machine; see whether a security program stops it")

    def _progress(self) -> None:
        now = time.monotonic()
        if now - self._reported < WAIT:
            return
        self._reported = now
        total = sum(lane.size for lane in self._lanes)
        done = sum(lane.size if lane.closed else min(lane.size, _within(lane)) for lane in self._lanes)
        front = self._lanes[self._front].task if self._front < len(self._lanes) else None
        self._job.report(done, total, task_words(front) if front is not None else "")


def _sources(task: Look | Read) -> list[int]:
    return [task.source] if isinstance(task, Read) else [file.source for file in task.files]


def _within(lane: _Lane) -> int:
    """Bytes of the lane's piece that are done; marks count from the file's or from the piece's start."""
    if isinstance(lane.task, Read) and lane.done >= lane.task.piece.start:
        return lane.done - lane.task.piece.start
    return lane.done


def _bytes_words(piece: FileSpan) -> str:
    return f"bytes {piece.start:,} to {piece.end:,}"


def _halves(piece: FileSpan) -> tuple[FileSpan, FileSpan]:
    """The piece in two, cut where an .evtx chunk starts (4096 + n * 65,536 bytes) if there is such a place inside."""
    middle = (piece.start + piece.end) // 2
    aligned = (middle - 4096) // 65_536 * 65_536 + 4096
    cut = aligned if piece.start < aligned < piece.end else middle
    return replace(piece, end=cut), FileSpan(cut, piece.end)
