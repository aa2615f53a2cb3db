"""The texts that "save with display information" puts beside an .evtx: LocaleMetaData/<log>_<LCID>.MTA, one rendered text a record.

The layout is documented by nobody who wrote it. What stands here is what others found and checked, record by record,
against the texts that Event Viewer exports of the same log: a header with named sections; in each section a chain of
pages of a hundred places; section EVT leads from the record's number to a text's number, section MSG holds the texts
as UTF-16. Section PUB (names of tasks, keywords and levels) is not needed. Little-endian throughout.
"""

from __future__ import annotations

import os
import re
import stat
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

MAGIC: Final = b"MTAFile\0"
FOLDER: Final = ("LocaleMetaData", "localemetadata", "LOCALEMETADATA")
"""The folder's name as Windows writes it, and as tools that copy it do."""
ENDING: Final = re.compile(r"_(\d{1,6})\.mta$", re.IGNORECASE)
MOST_BYTES: Final = 256 * 1024**2
HEADER: Final = struct.Struct("<8sIIII")
"""Signature, version (1.1), bytes of the section list, sections."""
SECTION: Final = struct.Struct("<QQI")
"""Where a section starts, its bytes, bytes of its name, which follows."""
MOST_SECTIONS: Final = 64
PAGE: Final = struct.Struct("<I56xI8xQQ")
"""A page's start: a mark, buckets, the mark again, its number, where the next page is and where this one is."""
MARK: Final = 0xFFFF_FFFF
PLACES: Final = 100
PLACES_AT: Final = 88
PAGE_BYTES: Final = PLACES_AT + 8 * PLACES
RECORD: Final = 8
"""Bytes in front of an entry's content: its number and its length."""
ENGLISH: Final = 0x09
"""Primary language of an LCID (MS-LCID), its lower ten bits."""

Integers = npt.NDArray[np.int64]


class UnreadableError(Exception):
    """The file is damaged or of a layout that is not known; the message says where."""


@dataclass(frozen=True, slots=True)
class DisplayInformation:
    """Texts of a log's records, still as bytes."""

    data: bytes
    numbers: Integers
    """Record numbers, ascending."""
    starts: Integers
    lengths: Integers
    """Where each record's text lies."""

    def texts(self, numbers: Integers) -> list[str | None]:
        """The text of each record; None where there is none for it."""
        if not len(self.numbers):
            return [None] * len(numbers)
        at = np.minimum(np.searchsorted(self.numbers, numbers), len(self.numbers) - 1)
        known = self.numbers[at] == numbers
        starts, lengths = self.starts[at].tolist(), self.lengths[at].tolist()
        return [self._text(start, length) if there else None for there, start, length in zip(known.tolist(), starts, lengths, strict=True)]

    def _text(self, start: int, length: int) -> str | None:
        text = self.data[start : start + length].decode("utf-16-le", "replace")
        return text.partition("\0")[0].replace("\r\n", "\n").strip() or None


def is_in(folder: Path) -> bool:
    """Whether display information of any log may lie in a folder of logs."""
    return any((folder / name).is_dir() for name in FOLDER)


def files_beside(log: Path) -> Mapping[int, Path]:
    """Display information of a log by its language (LCID)."""
    stems = {log.name.lower(), log.stem.lower()}
    found: dict[int, Path] = {}
    for name in FOLDER:
        folder = log.parent / name
        if not folder.is_dir():
            continue
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    ending = ENDING.search(entry.name)
                    if ending and entry.name[: ending.start()].lower() in stems and stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
                        found.setdefault(int(ending[1]), Path(entry.path))
        except OSError:
            continue  # it cannot be listed: then there is nothing that could be used
    return dict(sorted(found.items()))


def chosen(files: Mapping[int, Path]) -> Path | None:
    """The file to be used: English where there is one, for our own texts and the dictionary are English; else the lowest LCID."""
    english = [path for language, path in files.items() if language & 0x3FF == ENGLISH]
    return next(iter(english or files.values()), None)


def load(path: Path) -> DisplayInformation:
    """Read a file, or take it as it was read last when it has not changed since. Raises OSError and UnreadableError."""
    status = path.stat()
    if status.st_size > MOST_BYTES:
        raise UnreadableError(f"it is larger than {MOST_BYTES // 1024**2} MB")
    return _loaded(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=1)
def _loaded(path: Path, size: int, changed: int) -> DisplayInformation:
    del size, changed  # part of the key
    return read(path.read_bytes())


def read(data: bytes) -> DisplayInformation:
    """Take a file apart. Raises UnreadableError."""
    sections = _sections(data)
    missing = {"EVT", "MSG"} - set(sections)
    if missing:
        raise UnreadableError(f"it has no section {' and '.join(sorted(missing))}")
    places, entries, sizes = _entries(data, *sections["MSG"], 4)
    lengths = _u32(data, places)
    if (lengths + 4 > sizes).any():
        raise UnreadableError("a text is longer than its place")
    order = np.argsort(entries, kind="stable")
    entries, places, lengths = entries[order], places[order] + 4, lengths[order]
    events, _, _ = _entries(data, *sections["EVT"], 16)
    records, wanted = _u64(data, events), _u64(data, events + 8)
    at = np.minimum(np.searchsorted(entries, wanted), max(len(entries) - 1, 0))
    known = entries[at] == wanted if len(entries) else np.zeros(len(wanted), bool)
    if not known.all():
        raise UnreadableError("a record's text is missing")
    records, first = np.unique(records, return_index=True)
    return DisplayInformation(data, records, places[at[first]], lengths[at[first]])


def _sections(data: bytes) -> dict[str, tuple[int, int]]:
    if len(data) < HEADER.size or not data.startswith(MAGIC):
        raise UnreadableError("it does not begin as display information does")
    _, major, minor, _, count = HEADER.unpack_from(data, 0)
    if (major, minor) != (1, 1):
        raise UnreadableError(f"its version is {major}.{minor}, and only 1.1 is known")
    at = HEADER.size
    found: dict[str, tuple[int, int]] = {}
    for _ in range(min(count, MOST_SECTIONS)):
        if at + SECTION.size > len(data):
            raise UnreadableError("it ends inside of its list of sections")
        start, size, length = SECTION.unpack_from(data, at)
        at += SECTION.size + length
        if at > len(data) or start + size > len(data):
            raise UnreadableError("a section lies beyond its end: the file is cut or damaged")
        found.setdefault(data[at - length : at].decode("utf-16-le", "replace").rstrip("\0"), (start, size))
    return found


def _entries(data: bytes, start: int, size: int, least: int) -> tuple[Integers, Integers, Integers]:
    """Where the contents of a section's entries lie in the file, their numbers, and their lengths, each of ``least`` bytes or more."""
    end = start + size
    pages: list[Integers] = []
    at = start
    while size and any(data[start : start + 4]):  # an empty section may be zeros
        if at + PAGE_BYTES > end:
            raise UnreadableError(f"a page at byte {at:,} lies beyond its section")
        mark, again, following, own = PAGE.unpack_from(data, at)
        if mark != MARK or again != MARK:
            raise UnreadableError(f"there is no page at byte {at:,}")
        pages.append(np.frombuffer(data, "<u8", PLACES, at + PLACES_AT).astype(np.int64))
        if following == own:
            break
        if start + following < at + PAGE_BYTES:
            raise UnreadableError(f"the pages do not follow each other at byte {at:,}")
        at = start + int(following)
    places = np.concatenate(pages) if pages else np.zeros(0, np.int64)
    places = places[places != 0]
    if ((places < 0) | (places > size - RECORD)).any():
        raise UnreadableError("an entry lies beyond its section")
    places += start
    numbers, lengths = _u32(data, places), _u32(data, places + 4)
    places += RECORD
    if ((lengths < least) | (places + lengths > end)).any():
        raise UnreadableError("an entry is shorter than it must be, or reaches beyond its section")
    return places, numbers, lengths


def _u32(data: bytes, places: Integers) -> Integers:
    return _unsigned(data, places, 4)


def _u64(data: bytes, places: Integers) -> Integers:
    """64-bit numbers; one that is no record number, being beyond 63 bits, comes out negative and matches nothing."""
    return _unsigned(data, places, 8)


def _unsigned(data: bytes, places: Integers, width: int) -> Integers:
    array = np.frombuffer(data, np.uint8)
    value = np.zeros(len(places), np.int64)
    for byte in range(width):
        value |= array[places + byte].astype(np.int64) << (8 * byte)
    return value
