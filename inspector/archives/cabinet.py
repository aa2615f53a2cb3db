"""Cabinets (.cab): surveyed by their own header before the library that decompresses them in memory is let at them."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import numpy as np
from cabarchive import CabArchive, CabFile, CorruptionError, NotSupportedError

from inspector.archives.base import ArchiveError, Limits

MAGIC: Final = b"MSCF\0\0\0\0"
MOST_PACKED: Final = 128 * 1024**2
MOST_UNPACKED: Final = 512 * 1024**2
"""Bytes of a cabinet as it lies and of its folders unpacked: the library holds both in memory."""

HEADER: Final = struct.Struct("<4s4xI4xI4xBBHHHHH")
"""CFHEADER (MS-CAB 2.1): signature, size, offset of the files, version, folders, files, flags, set, number in the set."""
FOLDER: Final = struct.Struct("<IHH")
"""CFFOLDER (2.2): offset of its blocks, their number, compression."""
FILE: Final = struct.Struct("<IIHHHH")
"""CFFILE (2.3): size, offset in its folder, folder, date, time, attributes; the name follows."""
DATE: Final = 10
"""Byte of a CFFILE at which date and time stand."""
NAME_IS_UTF: Final = 0x80
BLOCK: Final = struct.Struct("<IHH")
"""CFDATA (2.4): checksum, bytes packed, bytes unpacked; the bytes follow."""
COMPRESSIONS: Final = {0: "none", 1: "MSZIP", 2: "Quantum", 3: "LZX"}
DAMAGED: Final = (CorruptionError, NotSupportedError, struct.error, IndexError, UnicodeError, ValueError)
"""What the library raises for cabinets that are damaged or made by somebody with bad intent."""
ELSEWHERE: Final = "unpack it (Windows: expand -F:* file.cab folder) and open the logs in it"
TOO_LARGE: Final = f"this cabinet unpacks to more than {MOST_UNPACKED // 1024**2} MB, which is held in memory; {ELSEWHERE}"


@dataclass(frozen=True, slots=True)
class _Survey:
    """What a cabinet says it holds."""

    names: tuple[str, ...]
    places: tuple[tuple[int, int], ...]
    """Where each file's entry and the end of its name stand."""


class _InOrder(CabArchive):
    """Keeps every file in order, those of the same name too."""

    def __init__(self) -> None:
        super().__init__()
        self.files: list[CabFile] = []

    def __setitem__(self, key: str, val: CabFile) -> None:
        self.files.append(val)


def members(path: Path, limits: Limits) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of every file of a cabinet. Raises OSError, and ArchiveError for one that cannot be read, with the reason."""
    if path.stat().st_size > MOST_PACKED:
        raise ArchiveError(f"this cabinet is larger than {MOST_PACKED // 1024**2} MB, which is read in one go; {ELSEWHERE}")
    data = bytearray(path.read_bytes())
    try:
        survey = _survey(data, limits)
        _neutral(data, survey)
        archive = _InOrder()
        archive.parse(bytes(data))
    except DAMAGED as error:
        raise ArchiveError(f"the cab archive is damaged: {str(error)[:200] or type(error).__name__}; nothing was opened") from None
    for name, file in zip(survey.names, archive.files, strict=True):
        content, file.buf = file.buf or b"", None
        yield name, io.BytesIO(content)


def _survey(data: bytearray, limits: Limits) -> _Survey:
    """Walk the header's lists. Raises ArchiveError for what is not read here or goes beyond the limits, struct.error where the file is cut."""
    _, _, at, _, _, folders, files, flags, _, number = HEADER.unpack_from(data, 0)
    if flags & 3 or number:
        raise ArchiveError(f"this cabinet is one part of a set whose files go on from one to the next; {ELSEWHERE}")
    if files > limits.files:
        raise ArchiveError(f"it holds more than {limits.files:,} files; {ELSEWHERE}")
    _check_folders(data, folders, flags)
    names: list[str] = []
    places: list[tuple[int, int]] = []
    stated = 0
    for _ in range(files):
        bytes_of_file, _, folder, _, _, attributes = FILE.unpack_from(data, at)
        if folder >= folders:
            raise ArchiveError(f"a file of this cabinet goes on in another one; {ELSEWHERE}")
        end = data.index(0, at + FILE.size, at + FILE.size + 256)
        raw = bytes(data[at + FILE.size : end])
        names.append(raw.decode("utf-8" if attributes & NAME_IS_UTF else "cp1252", "replace"))
        places.append((at, end))
        stated += bytes_of_file
        at = end + 1
    if stated > MOST_UNPACKED:
        raise ArchiveError(TOO_LARGE)
    return _Survey(tuple(names), tuple(places))


def _check_folders(data: bytearray, folders: int, flags: int) -> None:
    """Walk the folders' blocks: their way of compression, their size unpacked, and their checksums, which are then cleared.

    The library computes a checksum word by word: slower than a watchdog is patient. Raises as ``_survey``, and ValueError for damage.
    """
    start, reserve, block_reserve = HEADER.size, 0, 0
    if flags & 4:
        header_reserve, reserve, block_reserve = struct.unpack_from("<HBB", data, start)
        start += 4 + header_reserve
    most = len(data) // BLOCK.size
    size = 0
    for place in range(start, start + folders * (FOLDER.size + reserve), FOLDER.size + reserve):
        at, blocks, compression = FOLDER.unpack_from(data, place)
        if compression & 15 > 1:
            kind = COMPRESSIONS.get(compression & 15, f"unknown, {compression & 15}")
            raise ArchiveError(f"this cabinet is compressed in a way that cannot be read here ({kind}); {ELSEWHERE}")
        most -= blocks
        if most < 0:
            raise ValueError("it has more blocks than fit into it")
        for _ in range(blocks):
            stated, packed, unpacked = BLOCK.unpack_from(data, at)
            content = at + BLOCK.size + block_reserve
            if stated and stated != _checksum(data[at + 4 : content + packed]):
                raise ValueError(f"the checksum of the block at byte {at:,} does not hold")
            struct.pack_into("<I", data, at, 0)
            at = content + packed
            size += unpacked
            if size > MOST_UNPACKED:
                raise ArchiveError(TOO_LARGE)


def _checksum(block: bytearray) -> int:
    """Checksum of a block from its sizes on (MS-CAB 3.1): words combined by exclusive or, the odd bytes at the end read backwards."""
    whole = len(block) & ~3
    words = np.frombuffer(block, "<u4", whole // 4)
    return int(np.bitwise_xor.reduce(words)) ^ int.from_bytes(block[whole:], "big")


def _neutral(data: bytearray, survey: _Survey) -> None:
    """Give every file a date and a name that the library can decode; both are known here already."""
    for start, end in survey.places:
        struct.pack_into("<HH", data, start + DATE, 0x21, 0)  # 1980-01-01 00:00
        data[start + FILE.size : end] = b"x" * (end - start - FILE.size)
