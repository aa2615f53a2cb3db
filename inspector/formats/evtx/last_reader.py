"""The last reader: python-evtx, asked about the single records that the two before it gave up."""

from __future__ import annotations

import logging
import struct
from typing import Final

from inspector.formats.evtx.chunks import CHUNK_SIZE

try:
    from Evtx.Evtx import ChunkHeader, Record
except ImportError:  # file systems that ignore case keep only one of the packages "evtx" and "Evtx"
    ChunkHeader = None  # type: ignore[assignment,misc]

# It logs every odd byte of a damaged record; what is lost is said by a problem instead.
logging.getLogger("Evtx").addHandler(logging.NullHandler())
logging.getLogger("Evtx").propagate = False

AVAILABLE: Final = ChunkHeader is not None
"""Whether python-evtx can be asked on this platform."""

MOST_RECORDS: Final = 64
"""Records of one chunk that it is asked about: it takes ten milliseconds for one and reads about one in two thousand of these."""

_TABLES: Final = ((0x80, 64), (0x180, 32))
"""Where a chunk's tables of names and of templates stand, and how many chains each has."""


def event_xml(chunk: bytes, at: int) -> str | None:
    """The XML of the record at that byte of a chunk in python-evtx' notation; None where it cannot read it either."""
    if not AVAILABLE or _runs_in_circles(chunk):
        return None
    try:
        whole = chunk[:CHUNK_SIZE].ljust(CHUNK_SIZE, b"\0")
        return Record(whole, at, ChunkHeader(whole, 0)).xml() or None
    except Exception:  # noqa: BLE001 - damaged bytes make it raise whatever they lead it to
        return None


def _runs_in_circles(chunk: bytes) -> bool:
    """Whether a chain of the chunk's names or templates leads back into itself: python-evtx would follow it for ever."""
    for table, count in _TABLES:
        for (first,) in struct.iter_unpack("<I", chunk[table : table + 4 * count].ljust(4 * count, b"\0")):
            place, met = first, set[int]()
            while 0 < place <= len(chunk) - 4:
                if place in met:
                    return True
                met.add(place)
                (place,) = struct.unpack_from("<I", chunk, place)
    return False
