"""Writes legacy event logs (.evt) for tests: header, records, end-of-file record, also wrapped round the ring's end (MS-EVEN)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

_EOF = struct.pack("<IIIII", 0x28, 0x11111111, 0x22222222, 0x33333333, 0x44444444)


@dataclass(frozen=True, slots=True)
class Event:
    """One record to write."""

    number: int
    generated: int
    event_id: int
    kind: int
    source: str
    computer: str
    strings: tuple[str, ...] = ()
    sid: bytes = b""
    data: bytes = b""


def record(event: Event) -> bytes:
    """The bytes of one record."""
    names = event.source.encode("utf-16-le") + b"\0\0" + event.computer.encode("utf-16-le") + b"\0\0"
    names += b"\0" * (-len(names) % 4)
    sid_at = 56 + len(names)
    strings_at = sid_at + len(event.sid)
    strings = b"".join(text.encode("utf-16-le") + b"\0\0" for text in event.strings)
    data_at = strings_at + len(strings)
    body = names + event.sid + strings + event.data
    body += b"\0" * (-len(body) % 4)
    length = 56 + len(body) + 4
    fixed = struct.pack(
        "<I4sIIIIHHHHIIIIII",
        length,
        b"LfLe",
        event.number,
        event.generated,
        event.generated,
        event.event_id,
        event.kind,
        len(event.strings),
        0,
        0,
        0,
        strings_at,
        len(event.sid),
        sid_at if event.sid else 0,
        len(event.data),
        data_at,
    )
    return fixed + body + struct.pack("<I", length)


def log(events: Sequence[Event], *, wrapped: bool = False, flags: int = 0) -> bytes:
    """A whole file. ``wrapped``: the last record begins at the file's end and goes on behind the header."""
    records = [record(event) for event in events]
    end = 48 + sum(map(len, records))
    numbers = [event.number for event in events] or [0]
    header = struct.pack(
        "<I4sIIIIIIIIII", 48, b"LfLe", 1, 1, 48, end, max(numbers) + 1, min(numbers), 65536, flags | (2 if wrapped else 0), 0, 48
    )
    tail = _EOF + struct.pack("<IIIII", 48, end, max(numbers) + 1, min(numbers), 0x28)
    if not wrapped:
        return header + b"".join(records) + tail
    last = records[-1]
    cut = len(last) // 8 * 4
    return header + last[cut:] + tail + b"".join(records[:-1]) + last[:cut]
