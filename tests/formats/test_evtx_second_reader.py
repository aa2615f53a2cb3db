"""The second reader of .evtx records: the same text as the first where that reads, more where it does not, and an end to everything."""

from __future__ import annotations

import io
import itertools
import struct
import uuid
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from inspector.events import Flags
from inspector.formats.base import Opened
from inspector.formats.evtx import chunks, first_reader
from inspector.formats.evtx.chunks import CHUNK_HEADER_SIZE, CHUNK_SIZE, FILE_HEADER_SIZE, RECORD_HEADER_SIZE, Record
from inspector.formats.evtx.first_reader import DECLARATION
from inspector.formats.evtx.second_reader import MOST_CHARACTERS, SecondReader, Unreadable
from inspector.formats.evtx.values import texts
from inspector.ingest.pool import Patience, Pool
from inspector.ingest.raw import RawReader
from inspector.ingest.reading import Reading, Wishes
from inspector.ingest.tasks import Show, Shown
from inspector.job import Job
from inspector.store import EventStore
from tests import aborting_evtx
from tests.builders import evtx_damage as damage
from tests.builders.evtx import DEFAULT_TIME, EventSpec, Node, Rendering, evtx_bytes
from tests.builders.evtx_binxml import (
    Element,
    EntityReference,
    NameAndTemplateTables,
    NestedInstance,
    RecordEncoder,
    Substitution,
    Template,
    Typed,
    ValueType,
    encode_value,
)

GUID = uuid.UUID("12345678-9abc-def0-1234-56789abcdef0")


def both(data: bytes) -> list[tuple[str, str]]:
    """What the readers make of every record."""
    pairs = []
    for at in range(FILE_HEADER_SIZE, len(data) - CHUNK_SIZE + 1, CHUNK_SIZE):
        chunk = data[at : at + CHUNK_SIZE]
        if not chunks.header_is_sound(chunk):
            continue
        records = [record for record in chunks.walk(chunk, chunks.extent(chunk)) if isinstance(record, Record)]
        first = first_reader.outcomes(io.BytesIO(chunks.file_header(1) + chunk))
        second = SecondReader(chunk)
        for record, outcome in zip(records, first, strict=True):
            if isinstance(outcome, str):
                reading = second.event_xml(record.offset)
                assert reading.damage == ""
                pairs.append((outcome, DECLARATION + reading.text))
    return pairs


def test_the_readers_agree_on_every_kind_of_value_and_event() -> None:
    values = [
        *("", "x<y>&\"'", True, False, -5, 2**64 - 1, 1.25, 1e300, b"\x01\xff", GUID, DEFAULT_TIME, None, ("one", "", "three")),
        *(Typed(ValueType.INT8, -3), Typed(ValueType.UINT8, 200), Typed(ValueType.INT16, -3), Typed(ValueType.UINT16, 65535)),
        *(Typed(ValueType.INT32, -3), Typed(ValueType.UINT32, 2**32 - 1), Typed(ValueType.REAL32, 0.1), Typed(ValueType.SIZE, 77)),
        *(Typed(ValueType.ANSI_STRING, "äé"), Typed(ValueType.SYSTEMTIME, datetime(2024, 2, 29, 1, 2, 3, tzinfo=UTC))),
        *(Typed(ValueType.SID, "S-1-5-21-1-2-3-1106"), Typed(ValueType.HEX32, 0xC000006D), Typed(ValueType.HEX64, 0x3E7)),
        *("a\0b", "bell \x07", Typed(ValueType.FILETIME, 0)),
    ]
    specs = [
        EventSpec(data=tuple((f"N{number}<", value) for number, value in enumerate(values)), binary=b"\xde\xad", data_name="n"),
        EventSpec(provider='P&<"q>', level="Fehler", channel=None, provider_guid=GUID, activity_id=GUID, user_sid="S-1-5-18", qualifiers=3),
        EventSpec(user_data=Node("X", (("xmlns", "u"), ("k", 'v<"')), (Node("a", (), ("<1>",)), Node("empty"), "text", 5))),
        EventSpec(has_event_data=False, rendering=Rendering("text\r\n<more>", keywords=("k1", "k2"))),
        EventSpec(extra_content=("x", EntityReference("lt"), "y")),
    ]
    pairs = both(evtx_bytes([*specs, *specs]))
    assert len(pairs) == 10
    for first, second in pairs:
        assert second == first


def test_the_readers_agree_on_real_logs(shared: Path) -> None:
    """Elements without a template too, which events of collectors and of CAPI2 have."""
    compared = 0
    for path in sorted((shared / "corpus" / "evtx").rglob("*.evtx"))[::12]:
        data = path.read_bytes()
        for first, second in both(data[: FILE_HEADER_SIZE + 3 * CHUNK_SIZE]):
            # the second reader marks halves of characters, the first leaves them out
            assert second.replace("\ufffd", "") == first.replace("\ufffd", "")
            compared += 1
    assert compared > 1000


@pytest.mark.parametrize(
    ("kind", "data", "shown"),
    [
        (ValueType.BOOL, struct.pack("<i", 16), ["16"]),
        (ValueType.FILETIME, struct.pack("<Q", 2**63 - 1), ["30828-09-14T02:48:05.477580Z"]),
        (ValueType.SYSTEMTIME, struct.pack("<8H", 2024, 13, 0, 40, 0, 0, 0, 0), ["E8070D0000002800" + "00" * 8]),
        (ValueType.UINT32, b"\x01\x02", ["0102"]),
        (ValueType.SID, b"\x01\x05\0\0", ["01050000"]),
        (ValueType.SID, b"\x01\x0f" + bytes(8), ["010F" + "00" * 8]),
        (ValueType.STRING, "odd".encode("utf-16-le") + b"\x41", ["odd"]),
        (ValueType.STRING, b"\x00\xd8\x41\x00", ["\ufffdA"]),
        (ValueType.GUID, b"\x01" * 15, ["01" * 15]),
        (0x7E, b"\xab\xcd", ["ABCD"]),
        (0x80 | ValueType.UINT16, struct.pack("<3H", 1, 2, 65535), ["1", "2", "65535"]),
        (0x80 | ValueType.UINT16, b"\x01\x02\x03", ["010203"]),
        (0x80 | ValueType.ANSI_STRING, b"one\0two\0", ["one", "two"]),
        (0x80 | ValueType.STRING, b"", [""]),
        (0x80 | ValueType.SID, b"\x01\x02", ["0102"]),
    ],
)
def test_values_that_are_not_what_they_should_be(kind: int, data: bytes, shown: list[str]) -> None:
    assert texts(kind, data) == shown


@pytest.mark.parametrize("kind", [kind for kind in ValueType if kind is not ValueType.BINARY_XML])
def test_no_bytes_make_a_value_raise(kind: ValueType) -> None:
    for size in range(40):
        for byte in (b"\0", b"\xff", b"\x80", b"A"):
            assert all(isinstance(text, str) for text in texts(kind, byte * size))
            assert all(isinstance(text, str) for text in texts(kind | 0x80, byte * size))


def chunk_of(values: list[Typed | NestedInstance], root: Element) -> bytes:
    """A chunk of one record, an instance of this template."""
    body = bytearray()
    template = Template(uuid.uuid4(), root)
    RecordEncoder(NameAndTemplateTables(), body, CHUNK_HEADER_SIZE + RECORD_HEADER_SIZE).template_instance(template, values)
    size = RECORD_HEADER_SIZE + len(body) + 4
    record = chunks.record_header(size) + body + struct.pack("<I", size)
    return (chunks.repaired_header(CHUNK_HEADER_SIZE + size) + record).ljust(CHUNK_SIZE, b"\0")


def nested(depth: int, width: int) -> NestedInstance:
    """An instance that holds itself so many times over, so many levels deep."""
    root = Element(f"E{depth}", (), tuple(Substitution(0, ValueType.BINARY_XML) for _ in range(width)))
    inner = nested(depth - 1, width) if depth else Typed(ValueType.STRING, "x")
    return NestedInstance(Template(uuid.uuid4(), root), (inner,))


def event(content: NestedInstance) -> bytes:
    system = Element("System", (), (Element("EventID", (), ("7",)),))
    return chunk_of([content], Element("Event", (), (system, Substitution(0, ValueType.BINARY_XML))))


def test_nesting_is_followed_as_deep_as_it_is_sane() -> None:
    text = SecondReader(event(nested(3, 1))).event_xml(CHUNK_HEADER_SIZE).text
    assert text == "<Event><System><EventID>7</EventID></System><E3><E2><E1><E0>x</E0></E1></E2></E3></Event>"
    deep = SecondReader(event(nested(20, 1))).event_xml(CHUNK_HEADER_SIZE)
    assert deep.damage == "its templates are nested too deeply"
    assert deep.text.startswith("<Event><System><EventID>7</EventID></System><E20><E19>")
    assert deep.text.endswith("</E19></E20></Event>")


def test_references_to_references_come_to_an_end() -> None:
    bomb = SecondReader(event(nested(6, 60))).event_xml(CHUNK_HEADER_SIZE)
    assert bomb.damage in {"it would become more text than a record can hold", "it repeats itself without end"}
    assert len(bomb.text) < MOST_CHARACTERS + 10_000


def test_elements_nested_without_end_are_given_up() -> None:
    # an element that is never closed, over and over: each names the same name
    chunk = bytearray(event(nested(0, 1)))
    start = CHUNK_HEADER_SIZE + RECORD_HEADER_SIZE
    name = chunk.index("EventID".encode("utf-16-le")) - 8
    opening = b"\x01" + struct.pack("<II", 0, name) + b"\x02"
    body = chunks.record_header(40_000 + 28) + b"\x0f\x01\x01\x00" + opening * 3999
    chunk[start - RECORD_HEADER_SIZE + 2048 : start - RECORD_HEADER_SIZE + 2048 + len(body)] = body
    with pytest.raises(Unreadable):
        SecondReader(bytes(chunk)).event_xml(CHUNK_HEADER_SIZE + 2048)


def test_what_comes_before_the_damage_is_kept() -> None:
    data = evtx_bytes([EventSpec(data=(("A", "one"), ("B", "two"), ("C", "three")))])
    place = damage.layout(data)[0].records[0]
    marker = data.index("C".encode("utf-16-le") + b"\x02\x0d")
    broken = damage.overwritten(data, marker + 3, b"\x7e")
    reading = SecondReader(broken[FILE_HEADER_SIZE:]).event_xml(place.offset - FILE_HEADER_SIZE)
    assert reading.damage == "there is no token 0x3e in binary XML"
    assert reading.text.endswith('<Data Name="A">one</Data><Data Name="B">two</Data><Data Name="C"></Data></EventData></Event>')


@pytest.mark.parametrize("at", range(0, 1000, 7))
def test_any_byte_may_be_wrong(at: int) -> None:
    """Whatever is wrong, there is an answer: text that holds an event ID, or a reason."""
    data = bytearray(evtx_bytes([EventSpec(data=(("A", "one"), ("B", 5)), user_sid="S-1-5-18")])[FILE_HEADER_SIZE:])
    length = damage.layout(bytes(FILE_HEADER_SIZE) + bytes(data))[0].records[0].length
    if RECORD_HEADER_SIZE + at >= length:
        return
    for value in (0x00, 0x01, 0x0C, 0x41, 0x7F, 0xFF):
        changed = bytearray(data)
        changed[CHUNK_HEADER_SIZE + RECORD_HEADER_SIZE + at] = value
        try:
            reading = SecondReader(bytes(changed)).event_xml(CHUNK_HEADER_SIZE)
        except Unreadable as error:
            assert str(error)  # noqa: PT017
        else:
            assert "</EventID>" in reading.text


def test_encoded_values_come_back() -> None:
    assert texts(ValueType.SID, encode_value(Typed(ValueType.SID, "S-1-5-32-544"))) == ["S-1-5-32-544"]
    assert texts(ValueType.GUID, encode_value(Typed(ValueType.GUID, GUID))) == [str(GUID).upper()]


def test_a_chunk_that_kills_the_native_reader_is_read_by_the_second_alone(tmp_path: Path) -> None:
    """One chunk of several; nothing of it is lost, and its events can be shown again."""
    word = ("Word", aborting_evtx.WORD)  # one value more than the others have: what is rare is left to the native reader
    specs = [EventSpec(data=(("Number", str(number)), ("Text", "x" * 200), *([word] if number == 700 else []))) for number in range(1000)]
    path = tmp_path / "a.evtx"
    path.write_bytes(evtx_bytes(specs))
    segments = tmp_path / "segments"
    segments.mkdir()
    store, pool = EventStore(), Pool(1, segments, Patience(), "tests.aborting_evtx")
    raw = RawReader(segments, Patience(), "tests.aborting_evtx")
    try:
        pool.start()
        reading = Reading(store, pool, Wishes(), itertools.count().__next__, Job(), None)
        reading.run([path])
        frame = store.frame(None, ["position", "offset", "length", "flags", "message"])
        assert [text.partition("\n")[0] for text in frame["message"]] == [f"Number: {number}" for number in range(1000)]
        recovered = frame.filter(pl.col("flags") & int(Flags.RECOVERED) != 0)
        assert 701 in recovered["position"].to_list()
        assert 0 < len(recovered) < 300  # one chunk's
        (problem,) = store.sources[0].problems
        assert problem.notice
        assert problem.reason == "the reader process crashed (abort); this piece was read again in another, slower way"
        place = frame.row(700, named=True)
        shown = raw.read(Show("evtx", Opened(path, "a.evtx"), place["offset"], place["length"]))
        assert isinstance(shown, Shown)
        assert aborting_evtx.WORD in shown.raw
    finally:
        raw.close()
        pool.close()
        store.close()
