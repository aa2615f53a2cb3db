"""The private folder of one session: segments, unpacked archives, pasted text; removed at the end."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

PREFIX: Final = "token-log-inspector-"


class Workspace:
    """A folder that only the user can read (0700)."""

    def __init__(self, folder: Path | None = None) -> None:
        """``folder``: where to make it; None takes the system's folder for large temporary files. What crashed sessions left there is removed."""
        base = folder or _folder_for_large_files()
        base.mkdir(parents=True, exist_ok=True, mode=0o700)
        _remove_orphans(base)
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
        self.write("owner", str(os.getpid()).encode())
        self.segments = self.path / "segments"
        self.segments.mkdir(mode=0o700)

    def write(self, name: str, content: bytes) -> Path:
        """Keep a text as a file of its own. Raises OSError."""
        path = self.path / name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        return path

    def close(self) -> None:
        """Remove the folder and all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)


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
        with contextlib.suppress(OSError, ValueError):
            if path.is_symlink() or not _is_mine(path):
                continue
            if not _lives(int((path / "owner").read_text(encoding="ascii"))):
                shutil.rmtree(path, ignore_errors=True)


def _is_mine(path: Path) -> bool:
    """Whether the folder belongs to this user; others' are none of our business."""
    return sys.platform == "win32" or path.stat().st_uid == os.getuid()


def _lives(process: int) -> bool:
    """Whether a process of that number runs; True where that cannot be told."""
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.OpenProcess.restype = ctypes.c_void_p
        handle = kernel.OpenProcess(0x1000, False, process)  # PROCESS_QUERY_LIMITED_INFORMATION
        if not handle:
            return ctypes.get_last_error() == 5  # ERROR_ACCESS_DENIED: it runs for somebody else
        kernel.CloseHandle(ctypes.c_void_p(handle))
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
