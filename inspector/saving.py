"""Writes a file whole or not at all: what stood there before stays until the new content is on the disk."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TextIO

ABANDONED: Final = 3600.0
"""Seconds after which a file that was never finished counts as left behind by a crash."""


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A private temporary path in the folder of ``path`` that takes its place when the block ends well and vanishes otherwise.

    Raises OSError when the folder cannot be written, or a device, a pipe or a folder stands there; what stood there stays then as it
    was. What an earlier attempt left behind when it was ended by force is removed.
    """
    _refuse_devices(path)
    prefix = f".{path.name[:40]}."
    _remove_abandoned(path.parent, prefix)
    handle, name = tempfile.mkstemp(prefix=prefix, suffix=".part", dir=path.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.replace(path)
        _settle(path.parent)
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def writing_text(path: Path) -> Iterator[TextIO]:
    """A UTF-8 text stream that becomes ``path`` when the block ends well. Line feeds stay as written."""
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="") as out:
        yield out


def _refuse_devices(path: Path) -> None:
    """Taking the place of ``/dev/null`` or of the terminal would break the system for everybody on it."""
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
    except OSError:
        regular = True  # nothing there, or not to be seen: writing says so
    if not regular or path.absolute().parent == Path("/dev"):
        raise OSError(0, "a device, a pipe or a folder stands there, not a file")


def _remove_abandoned(folder: Path, prefix: str) -> None:
    with contextlib.suppress(OSError):
        for part in folder.iterdir():
            if part.name.startswith(prefix) and part.name.endswith(".part") and time.time() - part.lstat().st_mtime > ABANDONED:
                part.unlink(missing_ok=True)


def _settle(folder: Path) -> None:
    """Have the folder's new entry on the disk too, where folders can be opened: a power cut must not bring the old file back."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
