"""The last reader: python-evtx, asked about the single records that the two before it gave up."""

from __future__ import annotations

import logging
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


def event_xml(chunk: bytes, at: int) -> str | None:
    """The XML of the record at that byte of a chunk in python-evtx' notation; None where it cannot read it either."""
    if not AVAILABLE:
        return None
    try:
        whole = chunk[:CHUNK_SIZE].ljust(CHUNK_SIZE, b"\0")
        return Record(whole, at, ChunkHeader(whole, 0)).xml() or None
    except Exception:  # noqa: BLE001 - damaged bytes make it raise whatever they lead it to
        return None
