"""Writes display information (.MTA) as Event Viewer saves it beside an .evtx: sections of pages of a hundred places."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

PLACES: Final = 100
MARK: Final = 0xFFFF_FFFF


def section(contents: Sequence[bytes]) -> bytes:
    """Entries, numbered from 0 on, in as many pages as they take."""
    out = bytearray()
    starts = range(0, max(len(contents), 1), PLACES)
    for page, first in enumerate(starts):
        at = len(out)
        entries = bytearray()
        places = []
        for number, content in enumerate(contents[first : first + PLACES], first):
            places.append(at + 88 + 8 * PLACES + len(entries))
            entries += struct.pack("<II", number, len(content)) + content
        following = at if first == starts[-1] else at + 88 + 8 * PLACES + len(entries)
        out += struct.pack("<I14II", MARK, *[max(len(contents) - 1, 0)] * 14, MARK) + struct.pack("<QQQ", page, following, at)
        out += struct.pack(f"<{PLACES}Q", *places, *[0] * (PLACES - len(places))) + entries
    return bytes(out)


def text(value: str) -> bytes:
    """The content of an entry of section MSG."""
    encoded = (value + "\0").encode("utf-16-le")
    return struct.pack("<I", len(encoded)) + encoded


def display_information(texts: Mapping[int, str]) -> bytes:
    """A file with a text for each record number; equal texts are kept once."""
    kept = list(dict.fromkeys(texts.values()))
    at = {value: number for number, value in enumerate(kept)}
    events = [struct.pack("<QQ", record, at[value]) for record, value in texts.items()]
    return file((("PUB", section([])), ("MSG", section([text(value) for value in kept])), ("EVT", section(events))))


def file(sections: Iterable[tuple[str, bytes]]) -> bytes:
    """A file of the given sections."""
    listed = [(name.encode("utf-16-le"), content) for name, content in sections]
    size = sum(20 + len(name) for name, _ in listed)
    header = struct.pack("<8sIIII", b"MTAFile\0", 1, 1, size, len(listed))
    places, body = b"", b""
    for name, content in listed:
        places += struct.pack("<QQI", len(header) + size + len(body), len(content), len(name)) + name
        body += content
    return header + places + body
