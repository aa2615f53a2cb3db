"""Archives of logs: zip, gzip, tar, bzip2, xz and cab, unpacked into a private folder within limits."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Final, cast

from inspector.archives import cabinet
from inspector.archives.base import ArchiveError, Limits, Member, Unpacked
from inspector.events import Problem
from inspector.printable import display_name


class _LimitReachedError(Exception):
    """A limit was reached; nothing more is unpacked."""


COMPANION: Final = re.compile(r"(.*?[/!]|)LocaleMetaData/([^/]+)_(\d{1,6})\.mta", re.IGNORECASE)
"""Name of display information that was saved with an event log: the folder of both, the log's name, the language."""
COPY_BYTES: Final = 1 << 20
UNREADABLE: Final = (
    OSError,
    EOFError,
    zipfile.BadZipFile,
    tarfile.TarError,
    lzma.LZMAError,
    zlib.error,
    RuntimeError,
    NotImplementedError,
    ValueError,
    KeyError,
    IndexError,
    OverflowError,
)
"""What the standard library raises for archives that are damaged, locked or made by somebody with bad intent."""

FOREIGN: Final = {
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "rar",
    b"\x28\xb5\x2f\xfd": "zstandard",
}
"""Archives that are recognised and not read."""


def _kind(head: bytes) -> str:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return "zip"
    if head[257:262] == b"ustar":
        return "tar"
    for magic, kind in ((b"\x1f\x8b\x08", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ\0", "xz"), (cabinet.MAGIC, "cab")):
        if head.startswith(magic):
            return kind
    return next((kind for magic, kind in FOREIGN.items() if head.startswith(magic)), "")


def is_archive(head: bytes) -> bool:
    """Whether a file's start (512 bytes or more) is that of an archive, one that can be unpacked or not."""
    return bool(_kind(head))


@dataclass(slots=True)
class _Account:
    """What one outermost archive has used of its limits."""

    limits: Limits
    packed: int
    beat: Callable[[int], None]
    files: int = 0
    size: int = 0
    members: list[Member] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def one_more(self) -> None:
        self.files += 1
        if self.files > self.limits.files:
            raise _LimitReachedError(f"it holds more than {self.limits.files:,} files")

    def grown(self, count: int) -> None:
        self.size += count
        self.beat(self.size)
        if self.size > self.limits.size:
            raise _LimitReachedError(f"it unpacks to more than {self.limits.size:,} bytes")
        if self.size > self.limits.free and self.size > self.packed * self.limits.ratio:
            raise _LimitReachedError(f"it unpacks to more than {self.limits.ratio} times its size")


def unpack(path: Path, name: str, into: Path, beat: Callable[[int], None] = lambda _: None, limits: Limits | None = None) -> Unpacked:
    """Unpack an archive, and archives inside it, into the folder ``into`` under names of our own.

    Links, devices and names that climb out are left out and said. ``beat`` is told the bytes written so far.
    Raises ArchiveError when nothing of it can be read, OSError when the copies cannot be written.
    """
    account = _Account(limits or Limits(), max(path.stat().st_size, 1), beat)
    try:
        _open(path, name, into, account, 0)
    except _LimitReachedError as reached:
        account.problems.append(
            Problem(
                name, "archive", f"{reached}; what was unpacked before is open, the rest was left out: unpack it yourself and open the logs"
            )
        )
    return Unpacked(tuple(_with_companions(account.members)), tuple(account.problems))


def _with_companions(members: Sequence[Member]) -> list[Member]:
    """The members without display information of event logs (``LocaleMetaData/<log>_<LCID>.MTA``), which is put beside the copy of its log."""
    logs = {member.name.lower(): member for member in members}
    kept: list[Member] = []
    for member in members:
        found = COMPANION.fullmatch(member.name)
        log = found and (logs.get(f"{found[1]}{found[2]}.evtx".lower()) or logs.get(f"{found[1]}{found[2]}".lower()))
        if not found or not log:
            kept.append(member)
            continue
        folder = log.path.parent / "LocaleMetaData"
        folder.mkdir(mode=0o700, exist_ok=True)
        member.path.replace(folder / f"{log.path.stem}_{found[3]}.MTA")
    return kept


def _open(path: Path, name: str, into: Path, account: _Account, depth: int) -> None:
    with path.open("rb") as file:
        kind = _kind(file.read(512))
    if kind in FOREIGN.values():
        raise ArchiveError(f"{kind} archives cannot be read; unpack it and open the logs in it")
    try:
        for inner, stream in _members(path, name, kind, account):
            try:
                _take(_Place(name, into, depth), inner, stream, account)
            except UNREADABLE as error:
                if kind != "zip":  # the members of the others lie one behind the other: what follows a damaged one is lost
                    raise
                account.problems.append(
                    Problem(
                        name, display_name(inner[:300]), f"the member is damaged: {_words(error)}; what could be unpacked of it is left out"
                    )
                )
    except _WriteError as error:
        raise OSError(f"the copy could not be written: {error}") from None
    except UNREADABLE as error:
        reason = f"the {kind} archive is damaged or locked: {_words(error)}"
        if depth == 0 and not account.members:
            raise ArchiveError(reason) from None
        account.problems.append(Problem(name, "archive", f"{reason}; what could be unpacked is open"))


def _words(error: BaseException) -> str:
    return str(error)[:200] or type(error).__name__


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an archive stands: its name, where its members go, how deep it lies."""

    name: str
    into: Path
    depth: int


class _WriteError(Exception):
    """Our own disk, not the archive, is at fault."""


def _members(path: Path, name: str, kind: str, account: _Account) -> Iterator[tuple[str, IO[bytes]]]:
    if kind == "zip":
        yield from _zip_members(path, name, account)
        return
    if kind == "tar":
        yield from _tar_members(path, name, account)
        return
    if kind == "cab":
        yield from cabinet.members(path, account.limits)
        return
    with _expanded(path, kind) as stream:
        head = _Rescued(stream).read(512)
    if _kind(head) == "tar":
        yield from _tar_members(path, name, account)
        return
    base = PurePosixPath(name.rpartition("!")[2].replace("\\", "/")).name
    inner = base.rsplit(".", 1)[0] if base.lower().endswith((".gz", ".bz2", ".xz")) else base
    with _expanded(path, kind) as stream:
        rescued = _Rescued(stream)
        yield inner, cast("IO[bytes]", rescued)
    if rescued.damage:
        reason = f"the {kind} file is cut off or damaged ({rescued.damage}); what came before that place is open"
        account.problems.append(Problem(name, "archive", reason))


class _Rescued:
    """A compressed stream read up to its damage: a copy that broke off still holds what was copied."""

    def __init__(self, stream: gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile) -> None:
        self._stream = stream
        self._came = False
        self.damage = ""
        """Why it ended before its end, once it has."""

    def read(self, size: int) -> bytes:
        """So many bytes, fewer only at the end. Raises one of UNREADABLE where not a single byte can be had."""
        parts: list[bytes] = []
        while size > 0 and not self.damage:
            try:
                part = self._stream.read1(size)
            except UNREADABLE as error:
                if not self._came:
                    raise
                self.damage = _words(error)
                break
            if not part:
                break
            self._came = True
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def _expanded(path: Path, kind: str) -> gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile:
    """The single stream inside a compressed file."""
    if kind == "gzip":
        return gzip.GzipFile(path, "rb")
    return bz2.BZ2File(path, "rb") if kind == "bzip2" else lzma.LZMAFile(path, "rb")


def _zip_members(path: Path, name: str, account: _Account) -> Iterator[tuple[str, IO[bytes]]]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            if member.flag_bits & 1:
                account.problems.append(
                    Problem(name, display_name(member.filename[:300]), "the member is locked with a password; unpack it and open the log")
                )
                continue
            try:
                stream = archive.open(member)
            except UNREADABLE as error:
                account.problems.append(Problem(name, display_name(member.filename[:300]), f"the member is damaged: {_words(error)}"))
                continue
            with stream:
                yield member.filename, stream


def _tar_members(path: Path, name: str, account: _Account) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(path, "r|*") as archive:
        for member in archive:
            if member.isdir():
                continue
            stream = archive.extractfile(member) if member.isreg() else None
            if stream is None:
                account.problems.append(
                    Problem(name, display_name(member.name[:300]), "the member is a link or a device, not a file; it was left out")
                )
                continue
            yield member.name, stream


def _take(place: _Place, inner: str, stream: IO[bytes], account: _Account) -> None:
    """Copy one member; unpack it in turn when it is an archive."""
    name, into = place.name, place.into
    account.one_more()
    parts = PurePosixPath(inner.replace("\\", "/"))
    climbs = parts.is_absolute() or ".." in parts.parts or (len(inner) > 1 and inner[1] == ":")
    if climbs:
        account.problems.append(
            Problem(name, display_name(inner[:300]), "the member's name points outside the archive; it is read under a name of our own")
        )
    shown = f"{name}!{display_name('/'.join(part for part in parts.parts if part not in {'..', '/'})[:500])}"
    target = into / f"{account.files:06d}{_ending(parts.name)}"
    head = _copy(stream, target, account)
    if not is_archive(head):
        account.members.append(Member(target, shown))
        return
    if place.depth + 1 >= account.limits.nesting:
        account.problems.append(
            Problem(name, display_name(inner[:300]), "archives lie too deep inside each other; unpack this one yourself")
        )
        target.unlink(missing_ok=True)
        return
    try:
        _open(target, shown, into, account, place.depth + 1)
    except ArchiveError as error:
        account.problems.append(Problem(name, display_name(inner[:300]), str(error)))
    finally:
        target.unlink(missing_ok=True)


def _ending(name: str) -> str:
    """The file's ending, kept because it breaks ties between formats; nothing but letters and digits."""
    ending = PurePosixPath(name).suffix[:12]
    return ending if ending[1:].isalnum() and ending.isascii() else ""


def _copy(stream: IO[bytes], target: Path, account: _Account) -> bytes:
    """Write a member's bytes; returns its first 512. A copy that is not complete is removed."""
    head = b""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    complete = False
    try:
        with os.fdopen(descriptor, "wb") as out:
            while part := stream.read(COPY_BYTES):
                head = head or part[:512]
                account.grown(len(part))
                _put(out, part)
            _put(out, b"")
        complete = True
    finally:
        if not complete:
            target.unlink(missing_ok=True)
    return head


def _put(out: IO[bytes], part: bytes) -> None:
    """Write a part; an empty one writes what is still held back, so that a full disk shows here and not when the file is closed."""
    try:
        out.write(part) if part else out.flush()
    except OSError as error:
        raise _WriteError(error.strerror or str(error)) from error
