"""The fast reader: the native ``evtx`` package, kept from what makes it loop, its refusals told apart from its events."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from inspector.formats.evtx.chunks import CHUNK_SIZE, FILE_HEADER_SIZE

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


def _reason(error: BaseException) -> str:
    """The innermost part of the reader's message."""
    text = str(error) or type(error).__name__
    return text.rpartition("evtx stream.: ")[2].strip()[:200]
