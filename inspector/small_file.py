"""Reads a file whole that a person, or a case file, named: never a device, never a pipe that nobody fills, never more than a limit."""

from __future__ import annotations

import os
import stat
from pathlib import Path


class TooLargeError(OSError):
    """The file is larger than any of its kind has to be."""


def read_small(path: Path, limit: int) -> bytes:
    """All bytes of a file. Raises OSError, TooLargeError among it, with a reason for a person."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        mode = os.fstat(descriptor).st_mode
        # a shell hands over what a command prints as a pipe of this name: bash, process substitution
        handed_over = stat.S_ISFIFO(mode) and path.parent.as_posix() in {"/dev/fd", "/proc/self/fd"}
        if not stat.S_ISREG(mode) and not handed_over:
            raise OSError(0, "it is no regular file")
        if handed_over:
            os.set_blocking(descriptor, True)
        content = file.read(limit + 1)
    if len(content) > limit:
        raise TooLargeError(0, f"it is larger than {limit // 1024:,} kB")
    return content
