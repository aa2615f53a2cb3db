"""The worker process: recognises files, reads pieces into segments, and tells what it did."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import stat
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from inspector.archives import ArchiveError, is_archive, unpack
from inspector.events import Problem
from inspector.formats.base import SNIFF_BYTES, Batch, Format, Opened, Prepared, ProgressMark, ReadsTogether
from inspector.ingest.limits import end_after
from inspector.ingest.tasks import (
    SEPARATOR,
    SMALL,
    Beat,
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
    Ready,
    Recognised,
    Show,
    Shown,
    Task,
    Told,
    encode,
)
from inspector.store import SegmentBuilder, normalised

SEGMENT_BYTES: Final = 24 * 1024 * 1024
SEGMENT_ROWS: Final = 131_072
FIRST_BYTES: Final = 768 * 1024
"""Size of the first segment while somebody waits for rows."""
PATIENCE: Final = 1.0
"""Seconds after which rows are delivered however few they are."""
DISPLAY_INFORMATION: Final = b"MTAFile\0"
"""How the files begin that "save with display information" puts into LocaleMetaData."""
CERTAIN: Final = 100
"""Score that no other format can beat."""
ABANDONED: Final = 300.0
"""Seconds without a sign of life after which a worker ends by itself; its owner, if it lives, is far less patient."""
BEAT: Final = 0.1
"""Seconds between two signs of life."""


class WorkspaceError(Exception):
    """The private folder cannot take more rows; the message says why and what to do."""


class _Outbox:
    """Sends messages, and signs of life not too often."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._last = 0.0
        self._held: list[bytes] = []
        self.busy = False

    def hold(self, message: Message) -> None:
        """Keep a message for the next one that is sent: a writing for each of many small files takes longer than reading them."""
        self._held.append(encode(message))

    def send(self, message: Message) -> None:
        self.hold(message)
        self.send_held()

    def send_held(self) -> None:
        if not self._held:
            return
        if self.busy:
            end_after(ABANDONED)
        held, self._held = self._held, []
        self._pipe.send_bytes(SEPARATOR.join(held))
        self._last = time.monotonic()

    def beat(self, source: int, done: int) -> None:
        if time.monotonic() - self._last > BEAT:
            self.send(Beat(source, done))


class _Collector:
    """Gathers batches of one task into segments of a good size."""

    def __init__(self, outbox: _Outbox, folder: Path, *, hurry: bool) -> None:
        self._outbox = outbox
        self._folder = folder
        self._hurry = hurry
        self._segment = SegmentBuilder()
        self._since = time.monotonic()
        self._counts: dict[int, int] = {}
        self._upto: dict[int, int] = {}
        self._number = 0
        self.complete: list[int] = []
        """Sources that were read to their end."""

    def add(self, source: int, frame: pl.DataFrame) -> None:
        if not len(frame):
            return
        self._segment.add(normalised(frame, source))
        self._counts[source] = self._counts.get(source, 0) + len(frame)
        self._upto[source] = int(frame["offset"][-1])
        self._flush_if_large()

    def _flush_if_large(self) -> None:
        limit = FIRST_BYTES if self._hurry else SEGMENT_BYTES
        if self._segment.bytes >= limit or self._segment.rows >= SEGMENT_ROWS or time.monotonic() - self._since > PATIENCE:
            self.flush()

    def add_together(self, sources: npt.NDArray[np.uint32], frame: pl.DataFrame) -> None:
        """Rows of several sources, that of each row given."""
        self._segment.add(normalised(frame, sources))
        first = np.flatnonzero(np.append(True, sources[1:] != sources[:-1]))
        last = np.append(first[1:], len(sources)) - 1
        for source, count, offset in zip(
            sources[first].tolist(), (last - first + 1).tolist(), frame["offset"].to_numpy()[last].tolist(), strict=True
        ):
            self._counts[source] = self._counts.get(source, 0) + count
            self._upto[source] = offset
        self._flush_if_large()

    def flush(self) -> None:
        """Deliver what is there."""
        self._since = time.monotonic()
        segment, self._segment = self._segment, SegmentBuilder()
        if not segment.rows:
            return
        self._number += 1
        path = self._folder / f"{os.getpid()}-{time.monotonic_ns()}-{self._number}.arrow"
        try:
            file = segment.write(path)
        except (OSError, pl.exceptions.PolarsError) as error:
            path.unlink(missing_ok=True)
            reason = getattr(error, "strerror", None) or error
            raise WorkspaceError(
                f"the rows could not be kept in {self._folder}: {reason}; make room there, or name another folder in TMPDIR"
            ) from error
        self._outbox.send(Delivered(file, tuple(self._counts.items()), tuple(self._upto.items())))
        self._counts, self._upto, self._hurry = {}, {}, False


def serve(tasks: Connection, messages: Connection, folder: str, formats: Sequence[Format]) -> None:
    """Do tasks until the other side closes the pipe."""
    outbox = _Outbox(messages)
    bench = _Bench(outbox, Path(folder), formats)
    try:
        outbox.send(Ready())
        while True:
            task = tasks.recv()
            outbox.busy = True
            end_after(ABANDONED)
            bench.do(task)
            outbox.busy = False
            end_after(0)
            outbox.send(Finished())
    except (EOFError, BrokenPipeError, ConnectionError):
        return


def recognise(formats: Sequence[Format], head: bytes, name: str) -> Format | None:
    """The format with the highest score for a file's start; endings break ties, then the order. None when nobody wants it."""
    lower = name.lower()
    likely = [one for one in formats if lower.endswith(tuple(one.extensions))]
    best: tuple[int, bool] = (0, False)
    found: Format | None = None
    for ending_fits, some in ((True, likely), (False, formats)):
        for one in some:
            if not ending_fits and one in likely:
                continue
            score = one.sniff(head, name)
            if score >= CERTAIN:
                return one
            if (score, ending_fits) > best and score > 0:
                best, found = (score, ending_fits), one
    return found


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A small file that is read with others."""

    format: Format
    file: FileToRead
    opened: Opened
    content: bytes


class _Bench:
    """Where the tasks are done."""

    def __init__(self, outbox: _Outbox, folder: Path, formats: Sequence[Format]) -> None:
        self._outbox = outbox
        self._folder = folder
        self._formats = formats
        self._together = frozenset(one.name for one in formats if isinstance(one, ReadsTogether))
        """Formats that read small files together."""
        self._waiting: list[_Waiting] = []

    def do(self, task: Task) -> None:
        """Do one task; whatever happens is told."""
        match task:
            case Look():
                collector = _Collector(self._outbox, self._folder, hurry=True)
                for file in task.files:
                    self._guarded((file.source,), functools.partial(self._look, task, file, collector), collector)
                self._read_waiting(task, collector)
                if self._guarded(tuple(collector.complete) or (task.files[-1].source,), collector.flush):
                    for source in collector.complete:
                        self._outbox.hold(FileDone(source))
            case Read():
                collector = _Collector(self._outbox, self._folder, hurry=task.first)
                if self._guarded((task.source,), functools.partial(self._read, task, collector), collector):
                    self._outbox.send(FileDone(task.source))
            case Show():
                self._guarded((-1,), functools.partial(self._show, task))

    def _guarded(self, sources: Sequence[int], work: Callable[[], None], collector: _Collector | None = None) -> bool:
        """Run a step for these sources; whatever it raises becomes a message for each, after the rows that were read before. A reader in native code may raise beside Exception."""
        try:
            work()
        except (EOFError, BrokenPipeError, KeyboardInterrupt, SystemExit):
            raise
        except OSError as error:
            reason, again = f"the file could not be read: {error.strerror or error}", False
        except WorkspaceError as error:
            reason, again = str(error), False
        except MemoryError:
            reason, again = "the reader ran out of the memory it may use", True
        except BaseException as error:  # noqa: BLE001 - a panic of a native reader is no Exception
            reason, again = f"the reader gave up: {type(error).__name__}: {str(error)[:300]}", True
        else:
            return True
        if collector is not None:
            with contextlib.suppress(WorkspaceError, MemoryError):
                collector.flush()
        for source in sources:
            self._outbox.hold(Failed(source, reason, again=again))
        self._outbox.send_held()
        return False

    def _named(self, name: str) -> Format | None:
        return next((one for one in self._formats if one.name == name), None)

    def _look(self, task: Look, file: FileToRead, collector: _Collector, *, alone: bool = False) -> None:
        """Recognise one file; read it when it is small, now or, unless ``alone``, with those that come after it."""
        status = file.path.stat()
        if not stat.S_ISREG(status.st_mode):
            self._outbox.hold(NotALog(file.source, "this is no regular file; only files, folders and archives can be opened"))
            return
        if status.st_size == 0:
            self._outbox.hold(NotALog(file.source, "the file is empty"))
            return
        small = status.st_size <= SMALL
        alone = alone or not small or len(task.files) == 1
        with file.path.open("rb") as stream:
            content = stream.read(SNIFF_BYTES if alone else status.st_size)
        head = content[:SNIFF_BYTES]
        if not task.format and is_archive(head):
            self._unpack(file)
            return
        if head.startswith(DISPLAY_INFORMATION):
            self._outbox.hold(NotALog(file.source, "this is the display information of an event log: open that log, it is read with it"))
            return
        found = self._named(task.format) if task.format else recognise(self._formats, head, file.name)
        if found is None:
            reason = f"there is no format named {task.format}" if task.format else "no log format recognises the content"
            self._outbox.hold(NotALog(file.source, reason))
            return
        year = datetime.fromtimestamp(status.st_mtime, UTC).year
        opened = Opened(file.path, file.name, encoding=task.encoding, now_year=year)
        if self._waiting and (alone or self._waiting[0].format is not found):
            self._read_waiting(task, collector)
        if not alone and found.name in self._together:
            self._waiting.append(_Waiting(found, file, opened, content))
            return
        prepared = found.prepare(opened)
        self._recognised(file, found, status.st_size, prepared, reading=small)
        self._outbox.send_held()
        if small:
            after = dict(task.after).get(file.source, -1)
            for piece in prepared.pieces:
                self._deliver(found, Read(file.source, found.name, prepared.opened, piece, after), collector)
            self._outbox.hold(Hashed(file.source, self._sha256(file)))
            collector.complete.append(file.source)

    def _recognised(self, file: FileToRead, found: Format, size: int, prepared: Prepared, *, reading: bool) -> None:
        self._outbox.hold(
            Recognised(
                file.source,
                found.name,
                size,
                prepared.opened.encoding,
                prepared.date_order,
                prepared.opened,
                prepared.pieces,
                prepared.splittable,
                prepared.careful,
                prepared.continues,
                reading,
            )
        )
        for problem in prepared.problems:
            self._outbox.hold(Told(file.source, problem))

    def _read_waiting(self, task: Look, collector: _Collector) -> None:
        """Read the small files that wait for each other; should one of them make trouble, each on its own."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            read = self._read_together(waiting)
        except (EOFError, BrokenPipeError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # noqa: BLE001 - a panic of a native reader is no Exception
            for one in waiting:
                self._guarded((one.file.source,), functools.partial(self._look, task, one.file, collector, alone=True), collector)
            return
        sources = [one.file.source for one in waiting]
        numbers = np.array(sources, np.uint32)
        for of, batch in read:
            if not self._guarded(sources, functools.partial(collector.add_together, numbers[of], batch.frame)):
                return
        for one in waiting:
            self._outbox.hold(Hashed(one.file.source, hashlib.sha256(one.content).hexdigest()))
            collector.complete.append(one.file.source)

    def _read_together(self, waiting: Sequence[_Waiting]) -> list[tuple[Sequence[int], Batch]]:
        """The rows of small files of one format, each batch with the place among them of every row's file; all else is told."""
        found = waiting[0].format
        assert isinstance(found, ReadsTogether)
        files, contents = [one.opened for one in waiting], [one.content for one in waiting]
        for one, prepared in zip(waiting, found.prepare_together(files, contents), strict=True):
            self._recognised(one.file, found, len(one.content), prepared, reading=True)
        self._outbox.send_held()  # what kills us is known by then
        batches: list[tuple[Sequence[int], Batch]] = []
        for of, item in found.read_together(files, contents):
            if isinstance(item, Batch):
                assert not isinstance(of, int)
                batches.append((of, item))
            elif isinstance(of, int):
                source = waiting[of].file.source
                if isinstance(item, Problem):
                    self._outbox.hold(Told(source, item))
                else:
                    self._outbox.beat(source, 0)
        return batches

    def _unpack(self, file: FileToRead) -> None:
        into = self._folder.parent / "unpacked" / f"{os.getpid()}-{time.monotonic_ns()}"
        into.mkdir(parents=True, mode=0o700)
        try:
            unpacked = unpack(file.path, file.name, into, lambda done: self._outbox.beat(file.source, done))
        except ArchiveError as error:
            self._outbox.hold(NotALog(file.source, str(error)))
            return
        for problem in unpacked.problems:
            self._outbox.send(Told(file.source, problem))
        self._outbox.send(Members(file.source, tuple((str(member.path), member.name) for member in unpacked.members), file.nesting + 1))

    def _read(self, task: Read, collector: _Collector) -> None:
        found = self._named(task.format)
        assert found is not None
        self._deliver(found, task, collector)
        collector.flush()

    def _deliver(self, found: Format, task: Read, collector: _Collector) -> None:
        """Read a piece; rows known from an earlier attempt are left out."""
        for item in found.read(task.opened, task.piece):
            if isinstance(item, Batch):
                frame = item.frame.filter(pl.col("offset") > task.after) if task.after >= 0 else item.frame
                collector.add(task.source, frame)
            elif isinstance(item, Problem):
                self._outbox.send(Told(task.source, item))
            elif isinstance(item, ProgressMark):
                self._outbox.beat(task.source, item.offset)

    def _sha256(self, file: FileToRead) -> str:
        digest = hashlib.sha256()
        with file.path.open("rb", buffering=0) as stream:
            buffer = bytearray(1 << 20)
            view = memoryview(buffer)
            while count := stream.readinto(buffer):
                digest.update(view[:count])
                self._outbox.beat(file.source, 0)
        return digest.hexdigest()

    def _show(self, task: Show) -> None:
        found = self._named(task.format)
        assert found is not None
        if not stat.S_ISREG(task.opened.path.stat().st_mode):
            raise OSError("something that is no file took its place")  # a pipe would never answer
        try:
            raw = found.raw(task.opened, task.offset, task.length)
        except ValueError as error:
            raise OSError(str(error) or "there is no event at that place any more") from None
        self._outbox.send(Shown(raw, tuple((name, value) for name, value in found.fields(raw))))
