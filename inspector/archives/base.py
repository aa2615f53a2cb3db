"""What unpacking takes and gives: limits, members, and the refusal of a whole archive."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from inspector.events import Problem


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may hold, so that a crafted one cannot fill the disk."""

    files: int = 20_000
    size: int = 20 * 1024**3
    """Bytes of all members together."""
    ratio: int = 400
    """Unpacked bytes for each packed byte of the outermost archive, once more than ``free`` bytes came out."""
    free: int = 256 * 1024**2
    nesting: int = 3
    """Archives inside archives."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file that came out of an archive."""

    path: Path
    name: str
    """``archive.zip!folder/member.evtx``."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came out, and what did not."""

    members: tuple[Member, ...]
    problems: tuple[Problem, ...]


class ArchiveError(Exception):
    """The archive cannot be read at all; the message says why and what to do."""
