"""The private folder for what is temporary: segments, unpacked archives, pasted text, parts of exports; removed at the end."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Final, Self

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

PREFIX: Final = "token-log-inspector-session-"
OWNER: Final = "owner"
"""File in the folder that its owner holds locked."""
UNCLAIMED: Final = 600.0
"""Seconds after which a folder that nobody ever claimed is removed."""


class Workspace:
    """A folder that only the user can read (0700)."""

    def __init__(self, folder: Path | None = None) -> None:
        """``folder``: where to make it; None takes the system's folder for large temporary files. What crashed sessions left there is removed.

        Raises OSError where no folder can be made.
        """
        base = folder or _folder_for_large_files()
        base.mkdir(parents=True, exist_ok=True, mode=0o700)
        _remove_orphans(base)
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
        self.segments = self.path / "segments"
        self._owner: int | None = None
        try:
            self._owner = _claim(self.path / OWNER)
            self.segments.mkdir(mode=0o700)
        except OSError:
            self.close()
            raise

    def write(self, name: str, content: bytes) -> Path:
        """Keep a text as a file of its own. Raises OSError."""
        path = self.path / name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        return path

    def close(self) -> None:
        """Remove the folder and all that is in it."""
        if self._owner is not None:
            os.close(self._owner)
            self._owner = None
        shutil.rmtree(self.path, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _folder_for_large_files() -> Path:
    """The system's folder for temporary files; on Linux, unless the user says otherwise, the one that is not kept in memory."""
    chosen = any(os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    on_disk = Path("/var/tmp")  # noqa: S108 - the folder made in it is private
    if sys.platform == "linux" and not chosen and on_disk.is_dir() and os.access(on_disk, os.W_OK | os.X_OK):
        return on_disk
    return Path(tempfile.gettempdir())


def _remove_orphans(base: Path) -> None:
    """Remove workspaces of ours whose process is gone."""
    for path in base.glob(PREFIX + "*"):
        with contextlib.suppress(OSError):
            if not path.is_symlink() and _is_mine(path) and _is_abandoned(path):
                shutil.rmtree(path, ignore_errors=True)


def _is_mine(path: Path) -> bool:
    """Whether the folder belongs to this user; others' are none of our business."""
    return sys.platform == "win32" or path.stat().st_uid == os.getuid()


def _is_abandoned(path: Path) -> bool:
    """Whether nobody holds the folder any more. Raises OSError where that cannot be told."""
    owner = path / OWNER
    if not owner.exists():  # its owner was ended before it could claim the folder, or is about to
        return time.time() - path.stat().st_mtime > UNCLAIMED
    descriptor = os.open(owner, os.O_RDWR)
    try:
        return _lock(descriptor)
    finally:
        os.close(descriptor)


def _claim(owner: Path) -> int:
    """Hold a file as long as this process lives, whatever ends it; the open file, which child processes do not inherit."""
    descriptor = os.open(owner, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with contextlib.suppress(OSError):  # a file system without locks: the folder is then never taken for abandoned
        _lock(descriptor)
    os.write(descriptor, str(os.getpid()).encode())
    return descriptor


def _lock(descriptor: int) -> bool:
    """Lock a file for this process alone; False where another one has it. Numbers of processes come again, also in other containers: locks tell better."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
