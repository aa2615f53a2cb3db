"""python-evtx is asked last, about single records, and what it reads is an event like any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.formats.evtx import chunks, last_reader, recovery
from inspector.formats.evtx.chunks import Extent, Record
from inspector.formats.evtx.first_reader import Refusal
from inspector.formats.evtx.second_reader import SecondReader, Unreadable
from tests.builders.evtx import EventSpec, write_evtx


def chunk_of(folder: Path) -> bytes:
    path = folder / "log.evtx"
    write_evtx(path, [EventSpec(provider="Orders", event_id=number, data=(("Detail", f"text {number}"),)) for number in (41, 42, 43)])
    return path.read_bytes()[chunks.FILE_HEADER_SIZE : chunks.FILE_HEADER_SIZE + chunks.CHUNK_SIZE]


def records_of(chunk: bytes) -> list[Record]:
    return [item for item in chunks.walk(chunk, Extent(len(chunk), known=False)) if isinstance(item, Record)]


def test_it_reads_a_record(tmp_path: Path) -> None:
    chunk = chunk_of(tmp_path)
    texts = [last_reader.event_xml(chunk, record.offset) for record in records_of(chunk)]
    assert [f">{number}</EventID>" in (text or "") for number, text in zip((41, 42, 43), texts, strict=True)] == [True] * 3


def test_it_gives_up_what_is_no_record(tmp_path: Path) -> None:
    chunk = bytearray(chunk_of(tmp_path))
    at = records_of(bytes(chunk))[1].offset
    chunk[at + 24 : at + 60] = b"\xff" * 36
    assert last_reader.event_xml(bytes(chunk), at) is None
    assert last_reader.event_xml(b"", 512) is None


@pytest.mark.parametrize("table", [0x80, 0x180], ids=["names", "templates"])
def test_it_is_not_asked_where_a_chain_leads_back_into_itself(table: int, tmp_path: Path) -> None:
    """python-evtx would never come back: found by fuzzing."""
    chunk = bytearray(chunk_of(tmp_path))
    at = records_of(bytes(chunk))[0].offset
    first, second = len(chunk) - 64, len(chunk) - 32
    for place, to in ((table, first), (first, second), (second, first)):
        chunk[place : place + 4] = to.to_bytes(4, "little")
    assert last_reader.event_xml(bytes(chunk), at) is None


def test_it_is_asked_when_the_others_gave_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(reader: SecondReader, at: int) -> None:
        raise Unreadable("made to")

    monkeypatch.setattr(SecondReader, "event_xml", refused)
    monkeypatch.setattr(recovery, "_first_outcomes", lambda _chunk, records, **_: [Refusal("made to")] * len(records))
    chunk = chunk_of(tmp_path)
    found = [item for item in recovery.read_chunk(chunk, Extent(len(chunk), known=False)) if isinstance(item, recovery.Recovered)]
    assert [f">{number}</EventID>" in item.text for number, item in zip((41, 42, 43), found, strict=True)] == [True] * 3
    assert all(item.second and "last reader" in item.damage for item in found)
