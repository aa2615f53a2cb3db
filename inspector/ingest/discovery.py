"""Paths as a person gives them: files as they are, folders walked, everything that is no file refused with a reason."""

from __future__ import annotations

import functools
import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from inspector.events import Problem
from inspector.printable import display_name

COMPANION: Final = re.compile(r"(.+)_\d{1,6}\.mta", re.IGNORECASE)
"""Name of the display information that was saved with an event log."""
MOST_FILES: Final = 200_000
"""Files, links and folders of one folder tree; a whole disk given by mistake must not run for hours."""
DOORS: Final = ("/proc", "/sys")
"""Where Linux shows its own state as files: some never end, some are as large as all memory can be."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may be a log."""

    path: Path
    name: str
    size: int
    in_folder: bool


def candidates(paths: Sequence[Path]) -> tuple[list[Candidate], list[Problem]]:
    """Every regular file behind the paths, each once, folders in name order; and what could not be taken."""
    found: list[Candidate] = []
    problems: list[Problem] = []
    seen: set[tuple[int, int]] = set()
    for path in paths:
        before = len(found), len(problems)
        for item in _behind(path):
            if isinstance(item, Problem):
                problems.append(item)
            elif item[1] not in seen or item[1] == (0, 0):
                seen.add(item[1])
                found.append(item[0])
        if (len(found), len(problems)) == before and path.is_dir():
            problems.append(Problem(display_name(str(path)), "folder", "there is no file in this folder"))
    return found, problems


Identity = tuple[int, int]


def _behind(path: Path) -> Iterator[tuple[Candidate, Identity] | Problem]:
    name = display_name(str(path))
    try:
        status = path.stat()
    except FileNotFoundError:
        yield Problem(name, "path", "there is no such file or folder")
        return
    except (OSError, ValueError) as error:
        yield Problem(name, "path", f"it could not be opened: {getattr(error, 'strerror', None) or error}")
        return
    if stat.S_ISDIR(status.st_mode):
        yield from _in_folder(path)
    else:
        yield _file(path, name, status, in_folder=False)


def _file(path: Path, name: str, status: os.stat_result, *, in_folder: bool) -> tuple[Candidate, Identity] | Problem:
    if not stat.S_ISREG(status.st_mode):
        return Problem(name, "path", f"this is {_kind(status.st_mode)}, not a file; only files, folders and archives are opened")
    if status.st_dev in _doors():
        return Problem(name, "path", "this is the running system's own state, not a log; copy what you need of it and open the copy")
    if status.st_size == 0:
        return Problem(name, "file", "the file is empty; nothing was logged, or the copy failed")
    return Candidate(path, name, status.st_size, in_folder), (status.st_dev, status.st_ino)


@functools.cache
def _doors() -> frozenset[int]:
    """The file systems of DOORS, where this system has them."""
    return frozenset(Path(door).stat().st_dev for door in DOORS if sys.platform == "linux" and os.path.ismount(door))


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISBLK, "a block device"), (stat.S_ISCHR, "a device"))
    return next((words for test, words in kinds if test(mode)), "something else")


def _is_companion(path: Path) -> bool:
    """Whether a file is the display information of a log that lies beside its folder."""
    found = COMPANION.fullmatch(path.name)
    beside = path.parent.parent
    return found is not None and any((beside / name).is_file() for name in (f"{found[1]}.evtx", found[1]))


def _in_folder(folder: Path) -> Iterator[tuple[Candidate, Identity] | Problem]:
    """Files of a folder and the folders below. Links are not followed: they could lead outside, or round in a circle."""
    waiting = [folder]
    count = 0
    while waiting:
        current = waiting.pop()
        try:
            with os.scandir(current) as entries:
                ordered = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield Problem(display_name(str(current)), "folder", f"the folder could not be listed: {error.strerror or error}")
            continue
        below = []
        for entry in ordered:
            path = Path(entry.path)
            count += 1
            if count > MOST_FILES:
                yield Problem(
                    display_name(str(folder)),
                    "folder",
                    f"the folder holds more than {MOST_FILES:,} files; the rest was left out: open a folder further down",
                )
                return
            try:
                if entry.is_symlink():
                    yield Problem(display_name(str(path)), "path", "a link in a folder is not followed; open its target by name")
                elif entry.is_dir():
                    below.append(path)
                elif current.name.lower() == "localemetadata" and _is_companion(path):
                    continue  # read with the log that it belongs to
                else:
                    # DirEntry.stat has no identity on Windows
                    yield _file(path, display_name(str(path)), path.stat(follow_symlinks=False), in_folder=True)
            except OSError as error:
                yield Problem(display_name(str(path)), "path", f"it could not be opened: {error.strerror or error}")
        waiting.extend(reversed(below))
