"""The fast reader: the native ``evtx`` package, kept from what makes it loop, its refusals told apart from its events."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from inspector.formats.evtx.chunks import CHUNK_SIZE, FILE_HEADER_SIZE, Buffer, Records, drop_tables, file_header

try:
    from evtx import PyEvtxParser
except ImportError:  # no wheel for this platform
    PyEvtxParser = None  # type: ignore[assignment,misc]

AVAILABLE: Final = PyEvtxParser is not None
"""Whether there is a native reader on this platform. Without one every record goes to the second reader."""

DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
"""What the reader puts in front of every event; true of a file, not of a text."""

_text = itemgetter("data")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record, or a whole chunk, that the reader gave up."""

    reason: str


def outcomes(file: io.BytesIO) -> list[str | Refusal]:
    """What comes of each record of a file in memory, in order: its XML, or why there is none.

    ``file`` is a file header and whole chunks. A record header that is no such thing, or a chunk header,
    ends its chunk with one refusal.
    """
    found: list[str | Refusal] = []
    try:
        records: Iterator[Any] = PyEvtxParser(file, number_of_threads=1, indent=False).records()
    except Exception as error:  # noqa: BLE001 - the package raises what its native side gives it
        return [Refusal(_reason(error))]
    # a damaged chunk cannot have more records than it has room for
    most = (file.getbuffer().nbytes - FILE_HEADER_SIZE) // CHUNK_SIZE * 4096
    texts = map(_text, records)
    while len(found) < most:
        try:
            found.extend(texts)
        except (KeyboardInterrupt, SystemExit, MemoryError):
            raise
        except BaseException as error:  # noqa: BLE001 - a native panic is no Exception
            found.append(Refusal(_reason(error)))
        else:
            break
    return found


class SoundChunks:
    """Chunks whose records follow each other without fault, of which some records are to be read."""

    def __init__(self, data: Buffer, count: int, records: Records) -> None:
        """``data``: room for a file header, and ``count`` chunks."""
        self._data = data
        self._count = count
        self._records = records

    def written(self, wanted: npt.NDArray[np.bool_]) -> list[str] | None:
        """The XML of the records that are wanted, in order; None where the reader refuses one, or counts otherwise.

        The reader follows the chain of records, which is made to lead past those that are not wanted.
        """
        offsets = self._records.offsets
        homes = offsets // CHUNK_SIZE
        read = wanted | (np.diff(homes, prepend=-1) > 0)  # a chunk's first record starts the chain
        asked = np.zeros(self._count, bool)
        asked[homes[wanted]] = True
        kept = np.flatnonzero(read & asked[homes])
        if not len(kept):
            return []
        size = FILE_HEADER_SIZE + self._count * CHUNK_SIZE
        if asked.all():
            file = io.BytesIO(memoryview(self._data)[:size])
        else:
            whole = np.frombuffer(self._data, np.uint8, self._count * CHUNK_SIZE, FILE_HEADER_SIZE).reshape(self._count, CHUNK_SIZE)
            file = io.BytesIO(bytes(FILE_HEADER_SIZE) + whole[asked].tobytes())
        moved = np.cumsum(asked) - 1
        places = FILE_HEADER_SIZE + moved[homes[kept]] * CHUNK_SIZE + offsets[kept] % CHUNK_SIZE
        with file.getbuffer() as buffer:
            buffer[:FILE_HEADER_SIZE] = file_header(int(asked.sum()))
            for place in range(FILE_HEADER_SIZE, len(buffer), CHUNK_SIZE):
                drop_tables(buffer, place)
            if len(kept) < len(offsets):
                lasts = np.append(np.diff(homes[kept]) > 0, True)
                ends = np.where(lasts, self._ends()[homes[kept]], np.append(offsets[kept][1:], 0))
                for place, length in zip(places.tolist(), (ends - offsets[kept]).tolist(), strict=True):
                    struct.pack_into("<I", buffer, place + 4, length)
        found = outcomes(file)
        if len(found) != len(kept) or Refusal in set(map(type, found)):
            return None
        texts = cast("list[str]", found)
        return texts if len(kept) == wanted.sum() else [text for text, row in zip(texts, kept.tolist(), strict=True) if wanted[row]]

    def _ends(self) -> npt.NDArray[np.int64]:
        """Where each chunk's last record ends, from the first chunk on."""
        records = self._records
        found = np.zeros(self._count, np.int64)
        found[records.offsets // CHUNK_SIZE] = records.offsets + records.lengths  # of equal places the last one stays
        return found


def _reason(error: BaseException) -> str:
    """The innermost part of the reader's message."""
    text = str(error) or type(error).__name__
    return text.rpartition("evtx stream.: ")[2].strip()[:200]
