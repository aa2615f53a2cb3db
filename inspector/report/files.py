"""Writes an export whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A private temporary path in the folder of ``path`` that takes its place when the block ends well and vanishes otherwise.

    Raises OSError when the folder cannot be written; an older file of that name stays then as it was.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def writing_text(path: Path) -> Iterator[TextIO]:
    """A UTF-8 text stream that becomes ``path`` when the block ends well. Line feeds stay as written."""
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="") as out:
        yield out
