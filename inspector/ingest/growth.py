"""A log that grows while it is open: whether its file still begins as it did, and up to which byte it holds whole lines."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SAMPLE: Final = 4096
"""Bytes at the start and at the end of what was read by which a file is known again."""
TAIL: Final = 1 << 20
"""Bytes from the end in which the last line end is looked for."""


@dataclass(frozen=True, slots=True)
class FilePrint:
    """What a file was when it was read up to a byte."""

    size: int
    digest: bytes


def print_of(path: Path, size: int) -> FilePrint:
    """The print of a file's first ``size`` bytes. Raises OSError."""
    with path.open("rb") as file:
        digest = hashlib.blake2b(file.read(min(SAMPLE, size)))
        file.seek(max(0, size - SAMPLE))
        digest.update(file.read(min(SAMPLE, size)))
    return FilePrint(size, digest.digest())


def goes_on(path: Path, known: FilePrint) -> bool:
    """Whether a file holds what it held, and perhaps more behind: it was neither cut nor begun anew. Raises OSError."""
    return path.stat().st_size >= known.size and print_of(path, known.size) == known


def whole_lines(path: Path, start: int, size: int, encoding: str) -> int:
    """The byte behind the last line end between two bytes of a file; ``start`` where there is none near the end. Raises OSError."""
    newline = "\n".encode(encoding or "utf-8")
    first = max(start, size - TAIL)
    first += first % len(newline)
    with path.open("rb") as file:
        file.seek(first)
        data = file.read(size - first)
    at = data.rfind(newline)
    while at > 0 and at % len(newline):
        at = data.rfind(newline, 0, at + len(newline) - 1)
    return start if at < 0 else first + at + len(newline)
