"""The worker process: recognises files, reads pieces into segments, and tells what it did."""

from __future__ import annotations

import functools
import hashlib
import os
import stat
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import polars as pl

from inspector.archives import ArchiveError, is_archive, unpack
from inspector.events import Problem
from inspector.formats import FORMATS
from inspector.formats.base import SNIFF_BYTES, Batch, FileSpan, Format, Opened, ProgressMark
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
from inspector.store import normalised, write_segment

SEGMENT_BYTES: Final = 24 * 1024 * 1024
SEGMENT_ROWS: Final = 131_072
FIRST_BYTES: Final = 768 * 1024
"""Size of the first segment while somebody waits for rows."""
PATIENCE: Final = 1.0
"""Seconds after which rows are delivered however few they are."""
BEAT: Final = 0.1
"""Seconds between two signs of life."""


class _Outbox:
    """Sends messages, and signs of life not too often."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._last = 0.0

    def send(self, message: Message) -> None:
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
        self._frames: list[pl.DataFrame] = []
        self._bytes = 0
        self._rows = 0
        self._since = time.monotonic()
        self._counts: dict[int, int] = {}
        self._upto: dict[int, int] = {}
        self._number = 0

    def add(self, source: int, frame: pl.DataFrame) -> None:
        if not len(frame):
            return
        frame = normalised(frame, source)
        self._frames.append(frame)
        self._rows += len(frame)
        self._bytes += int(frame.estimated_size())
        self._counts[source] = self._counts.get(source, 0) + len(frame)
        self._upto[source] = int(frame["offset"][-1])
        limit = FIRST_BYTES if self._hurry else SEGMENT_BYTES
        if self._bytes >= limit or self._rows >= SEGMENT_ROWS or time.monotonic() - self._since > PATIENCE:
            self.flush()

    def flush(self) -> None:
        """Deliver what is there."""
        self._since = time.monotonic()
        if not self._frames:
            return
        frame = pl.concat(self._frames) if len(self._frames) > 1 else self._frames[0]
        self._frames = []
        self._number += 1
        path = self._folder / f"{os.getpid()}-{time.monotonic_ns()}-{self._number}.arrow"
        file = write_segment(frame, path)
        self._outbox.send(Delivered(file, tuple(self._counts.items()), tuple(self._upto.items())))
        self._bytes = self._rows = 0
        self._counts, self._upto, self._hurry = {}, {}, False


def serve(tasks: Connection, messages: Connection, folder: str) -> None:
    """Do tasks until the other side closes the pipe."""
    outbox = _Outbox(messages)
    try:
        outbox.send(Ready())
        while True:
            task: Task = tasks.recv()
            _do(task, outbox, Path(folder))
            outbox.send(Finished())
    except (EOFError, BrokenPipeError, ConnectionError):
        return


def _do(task: Task, outbox: _Outbox, folder: Path) -> None:
    match task:
        case Look():
            collector = _Collector(outbox, folder, hurry=True)
            done: list[int] = []
            for file in task.files:
                _guarded(outbox, file.source, functools.partial(_look, task, file, outbox, collector, folder, done))
            if _guarded(outbox, task.files[-1].source, collector.flush):
                for source in done:
                    outbox.send(FileDone(source))
        case Read():
            collector = _Collector(outbox, folder, hurry=task.first)
            if _guarded(outbox, task.source, lambda: _read_piece(task, outbox, collector)):
                outbox.send(FileDone(task.source))
        case Show():
            _guarded(outbox, -1, lambda: outbox.send(_shown(task)))


def _shown(task: Show) -> Shown:
    found = _format_named(task.format)
    assert found is not None
    try:
        raw = found.raw(task.opened, task.offset, task.length)
    except ValueError as error:
        raise OSError(str(error) or "there is no event at that place any more") from None
    return Shown(raw, tuple((name, value) for name, value in found.fields(raw)))


def _guarded(outbox: _Outbox, source: int, work: Callable[[], None]) -> bool:
    """Run a step; whatever it raises becomes a message. A reader in native code may raise beside Exception."""
    try:
        work()
    except (EOFError, BrokenPipeError, KeyboardInterrupt, SystemExit):
        raise
    except OSError as error:
        outbox.send(Failed(source, f"the file could not be read: {error.strerror or error}", again=False))
        return False
    except MemoryError:
        outbox.send(Failed(source, "the reader ran out of the memory it may use", again=True))
        return False
    except BaseException as error:  # noqa: BLE001 - a panic of a native reader is no Exception
        outbox.send(Failed(source, f"the reader gave up: {type(error).__name__}: {str(error)[:300]}", again=True))
        return False
    return True


def _format_named(name: str) -> Format | None:
    return next((one for one in FORMATS if one.name == name), None)


def recognise(head: bytes, name: str) -> Format | None:
    """The format with the highest score for a file's start; endings break ties, then the order of FORMATS. None when nobody wants it."""
    best: tuple[int, bool] = (0, False)
    found: Format | None = None
    lower = name.lower()
    for one in FORMATS:
        score = one.sniff(head, name)
        key = (score, score > 0 and any(lower.endswith(ending) for ending in one.extensions))
        if key > best:
            best, found = key, one
    return found


def _look(task: Look, file: FileToRead, outbox: _Outbox, collector: _Collector, folder: Path, done: list[int]) -> None:
    """Recognise one file; read it when it is small, and then add its source to ``done``."""
    status = file.path.stat()
    if not stat.S_ISREG(status.st_mode):
        outbox.send(NotALog(file.source, "this is no regular file; only files, folders and archives can be opened"))
        return
    if status.st_size == 0:
        outbox.send(NotALog(file.source, "the file is empty"))
        return
    with file.path.open("rb") as stream:
        head = stream.read(SNIFF_BYTES)
    if not task.format and is_archive(head):
        _unpack(file, outbox, folder)
        return
    found = _format_named(task.format) if task.format else recognise(head, file.name)
    if found is None:
        outbox.send(
            NotALog(file.source, f"there is no format named {task.format}" if task.format else "no log format recognises the content")
        )
        return
    year = datetime.fromtimestamp(status.st_mtime, UTC).year
    prepared = found.prepare(Opened(file.path, file.name, encoding=task.encoding, now_year=year))
    small = status.st_size <= SMALL
    opened = prepared.opened
    outbox.send(
        Recognised(
            file.source,
            found.name,
            status.st_size,
            opened.encoding,
            prepared.date_order,
            opened,
            prepared.pieces,
            prepared.splittable,
            small,
        )
    )
    for problem in prepared.problems:
        outbox.send(Told(file.source, problem))
    if small:
        after = dict(task.after).get(file.source, -1)
        for piece in prepared.pieces:
            _deliver(found, opened, piece, file.source, after, outbox, collector)
        outbox.send(Hashed(file.source, _sha256(file.path, file.source, outbox)))
        done.append(file.source)


def _unpack(file: FileToRead, outbox: _Outbox, folder: Path) -> None:
    into = folder.parent / "unpacked" / f"{os.getpid()}-{time.monotonic_ns()}"
    into.mkdir(parents=True, mode=0o700)
    try:
        unpacked = unpack(file.path, file.name, into, lambda done: outbox.beat(file.source, done))
    except ArchiveError as error:
        outbox.send(NotALog(file.source, str(error)))
        return
    for problem in unpacked.problems:
        outbox.send(Told(file.source, problem))
    outbox.send(Members(file.source, tuple((str(member.path), member.name) for member in unpacked.members), file.nesting + 1))


def _read_piece(task: Read, outbox: _Outbox, collector: _Collector) -> None:
    found = _format_named(task.format)
    assert found is not None
    _deliver(found, task.opened, task.piece, task.source, task.after, outbox, collector)
    collector.flush()


def _deliver(found: Format, opened: Opened, piece: FileSpan, source: int, after: int, outbox: _Outbox, collector: _Collector) -> None:
    """Read a piece; rows known from an earlier attempt are left out."""
    for item in found.read(opened, piece):
        if isinstance(item, Batch):
            frame = item.frame
            if after >= 0:
                frame = frame.filter(pl.col("offset") > after)
            collector.add(source, frame)
        elif isinstance(item, Problem):
            outbox.send(Told(source, item))
        elif isinstance(item, ProgressMark):
            outbox.beat(source, item.offset)


def _sha256(path: Path, source: int, outbox: _Outbox) -> str:
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as stream:
        buffer = bytearray(1 << 20)
        view = memoryview(buffer)
        while count := stream.readinto(buffer):
            digest.update(view[:count])
            outbox.beat(source, 0)
    return digest.hexdigest()
