"""The private folder of one session: segments, unpacked archives, pasted text; removed at the end."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path


class Workspace:
    """A folder that only the user can read (0700)."""

    def __init__(self, folder: Path | None = None) -> None:
        """``folder``: an empty or missing folder to use and to remove at the end; None makes a temporary one."""
        if folder is None:
            self.path = Path(tempfile.mkdtemp(prefix="token-log-inspector-"))
        else:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.path = Path(tempfile.mkdtemp(prefix="session-", dir=folder))
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
