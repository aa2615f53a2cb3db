"""The worker process: recognises files, reads pieces into segments, and tells what it did."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import stat
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import polars as pl

from inspector.archives import ArchiveError, is_archive, unpack
from inspector.events import Problem
from inspector.formats.base import SNIFF_BYTES, Batch, Format, Opened, ProgressMark
from inspector.ingest.limits import end_after
from inspector.ingest.tasks import (
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
        self.busy = False

    def send(self, message: Message) -> None:
        if self.busy:
            end_after(ABANDONED)
        self._pipe.send_bytes(encode(message))
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
        limit = FIRST_BYTES if self._hurry else SEGMENT_BYTES
        if self._segment.bytes >= limit or self._segment.rows >= SEGMENT_ROWS or time.monotonic() - self._since > PATIENCE:
            self.flush()

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
    likely = [any(lower.endswith(ending) for ending in one.extensions) for one in formats]
    best: tuple[int, bool] = (0, False)
    found: Format | None = None
    for one, ending_fits in sorted(zip(formats, likely, strict=True), key=lambda pair: not pair[1]):
        score = one.sniff(head, name)
        if score >= CERTAIN:
            return one
        if (score, ending_fits) > best and score > 0:
            best, found = (score, ending_fits), one
    return found


class _Bench:
    """Where the tasks are done."""

    def __init__(self, outbox: _Outbox, folder: Path, formats: Sequence[Format]) -> None:
        self._outbox = outbox
        self._folder = folder
        self._formats = formats

    def do(self, task: Task) -> None:
        """Do one task; whatever happens is told."""
        match task:
            case Look():
                collector = _Collector(self._outbox, self._folder, hurry=True)
                for file in task.files:
                    self._guarded(file.source, functools.partial(self._look, task, file, collector), collector)
                if self._guarded(task.files[-1].source, collector.flush):
                    for source in collector.complete:
                        self._outbox.send(FileDone(source))
            case Read():
                collector = _Collector(self._outbox, self._folder, hurry=task.first)
                if self._guarded(task.source, functools.partial(self._read, task, collector), collector):
                    self._outbox.send(FileDone(task.source))
            case Show():
                self._guarded(-1, functools.partial(self._show, task))

    def _guarded(self, source: int, work: Callable[[], None], collector: _Collector | None = None) -> bool:
        """Run a step; whatever it raises becomes a message, after the rows that were read before. A reader in native code may raise beside Exception."""
        try:
            work()
        except (EOFError, BrokenPipeError, KeyboardInterrupt, SystemExit):
            raise
        except OSError as error:
            failed = Failed(source, f"the file could not be read: {error.strerror or error}", again=False)
        except WorkspaceError as error:
            failed = Failed(source, str(error), again=False)
        except MemoryError:
            failed = Failed(source, "the reader ran out of the memory it may use", again=True)
        except BaseException as error:  # noqa: BLE001 - a panic of a native reader is no Exception
            failed = Failed(source, f"the reader gave up: {type(error).__name__}: {str(error)[:300]}", again=True)
        else:
            return True
        if collector is not None:
            with contextlib.suppress(WorkspaceError, MemoryError):
                collector.flush()
        self._outbox.send(failed)
        return False

    def _named(self, name: str) -> Format | None:
        return next((one for one in self._formats if one.name == name), None)

    def _look(self, task: Look, file: FileToRead, collector: _Collector) -> None:
        """Recognise one file; read it when it is small."""
        status = file.path.stat()
        if not stat.S_ISREG(status.st_mode):
            self._outbox.send(NotALog(file.source, "this is no regular file; only files, folders and archives can be opened"))
            return
        if status.st_size == 0:
            self._outbox.send(NotALog(file.source, "the file is empty"))
            return
        with file.path.open("rb") as stream:
            head = stream.read(SNIFF_BYTES)
        if not task.format and is_archive(head):
            self._unpack(file)
            return
        if head.startswith(DISPLAY_INFORMATION):
            self._outbox.send(NotALog(file.source, "this is the display information of an event log: open that log, it is read with it"))
            return
        found = self._named(task.format) if task.format else recognise(self._formats, head, file.name)
        if found is None:
            reason = f"there is no format named {task.format}" if task.format else "no log format recognises the content"
            self._outbox.send(NotALog(file.source, reason))
            return
        year = datetime.fromtimestamp(status.st_mtime, UTC).year
        prepared = found.prepare(Opened(file.path, file.name, encoding=task.encoding, now_year=year))
        small = status.st_size <= SMALL
        self._outbox.send(
            Recognised(
                file.source,
                found.name,
                status.st_size,
                prepared.opened.encoding,
                prepared.date_order,
                prepared.opened,
                prepared.pieces,
                prepared.splittable,
                prepared.careful,
                prepared.continues,
                small,
            )
        )
        for problem in prepared.problems:
            self._outbox.send(Told(file.source, problem))
        if small:
            after = dict(task.after).get(file.source, -1)
            for piece in prepared.pieces:
                self._deliver(found, Read(file.source, found.name, prepared.opened, piece, after), collector)
            self._outbox.send(Hashed(file.source, self._sha256(file)))
            collector.complete.append(file.source)

    def _unpack(self, file: FileToRead) -> None:
        into = self._folder.parent / "unpacked" / f"{os.getpid()}-{time.monotonic_ns()}"
        into.mkdir(parents=True, mode=0o700)
        try:
            unpacked = unpack(file.path, file.name, into, lambda done: self._outbox.beat(file.source, done))
        except ArchiveError as error:
            self._outbox.send(NotALog(file.source, str(error)))
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
