"""The .evtx builder against both readers: what was asked for is what they read, field by field."""

from __future__ import annotations

import base64
import io
import struct
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import Evtx.Evtx
import pytest
from evtx import PyEvtxParser
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.builders import evtx_damage as damage
from tests.builders.evtx import (
    DEFAULT_TIME,
    FILE_HEADER_SIZE,
    NAMESPACE,
    EventSpec,
    Node,
    Rendering,
    evtx_bytes,
    file_header,
    write_evtx,
    write_large_evtx,
)
from tests.builders.evtx_binxml import (
    CHUNK_SIZE,
    CharacterReference,
    EntityReference,
    Typed,
    Value,
    ValueType,
    filetime,
    typed,
)

ENVELOPE = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">\r\n  <s:Body><t a="1" b=\'2\'>&amp; ]]&gt; ü€😀</t></s:Body>\r\n</s:Envelope>'
ACTIVITY = uuid.UUID("12345678-9abc-def0-1234-56789abcdef0")

Fields = list[tuple[str, dict[str, str], str]]


def rust_records(data: bytes) -> list[dict[str, Any]]:
    parser = PyEvtxParser(io.BytesIO(data), number_of_threads=1, indent=False, validate_checksums=True)
    return [record for record in parser.records() if record is not None]


def read_rust(data: bytes) -> list[tuple[int, etree._Element]]:
    return [(record["event_record_id"], _parsed(record["data"])) for record in rust_records(data)]


def read_python(path: Path) -> list[tuple[int, etree._Element]]:
    with Evtx.Evtx.Evtx(str(path)) as log:
        assert log.get_file_header().verify()
        assert all(chunk.verify() for chunk in log.chunks())
        # it leaves quotes in attributes as they are: only texts without them are compared through it
        return [(record.record_num(), _parsed(record.xml())) for record in log.records() if record.verify()]


def _parsed(text: str) -> etree._Element:
    # XML would turn CR LF into LF
    return etree.fromstring(text.replace("\r", "&#13;").encode(), etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


def _local(tag: object) -> str:
    return etree.QName(str(tag)).localname


def system_of(event: etree._Element) -> Fields:
    return [(_local(child.tag), {str(k): str(v) for k, v in child.attrib.items()}, child.text or "") for child in event[0]]


def data_of(event: etree._Element) -> list[tuple[str | None, str]]:
    return [(child.get("Name"), child.text or "") for child in event[1] if _local(child.tag) == "Data"]


def expected_system(spec: EventSpec, number: int, time: str, *, braces: bool) -> Fields:
    """The System block as a reader shows it: binary GUIDs in upper case by the one, in braces and lower case by the other."""

    def guid(value: uuid.UUID | None) -> str | None:
        if value is None:
            return None
        return f"{{{value}}}" if braces else str(value).upper()

    def some(**attributes: object) -> dict[str, str]:
        return {name: str(value) for name, value in attributes.items() if value is not None}

    keywords = None if spec.keywords is None else (f"0x{spec.keywords:016x}" if braces else f"0x{spec.keywords:x}")
    fields: list[tuple[str, dict[str, str], object]] = [
        (
            "Provider",
            some(
                Name=spec.provider,
                Guid=None if spec.provider_guid is None else f"{{{spec.provider_guid}}}",
                EventSourceName=spec.event_source_name,
            ),
            "",
        ),
        ("EventID", some(Qualifiers=spec.qualifiers), spec.event_id),
        ("Version", {}, spec.version),
        ("Level", {}, spec.level),
        ("Task", {}, spec.task),
        ("Opcode", {}, spec.opcode),
        ("Keywords", {}, keywords),
        ("TimeCreated", {"SystemTime": time}, ""),
        ("EventRecordID", {}, number if spec.record_id is None else spec.record_id),
        ("Correlation", some(ActivityID=guid(spec.activity_id), RelatedActivityID=guid(spec.related_activity_id)), ""),
        ("Execution", some(ProcessID=spec.process_id, ThreadID=spec.thread_id), ""),
        ("Channel", {}, spec.channel),
        ("Computer", {}, spec.computer),
        ("Security", some(UserID=spec.user_sid), ""),
    ]
    return [(name, attributes, str(text)) for name, attributes, text in fields if text is not None]


def python_time(time: datetime) -> str:
    """As python-evtx renders the ticks: through a float, which costs the last digit."""
    return datetime.fromtimestamp(float(filetime(time)) * 1e-7 - 11644473600, UTC).isoformat(" ")


def rust_time(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


FULL = EventSpec(
    provider="Contoso Identity",
    event_id=4625,
    time=datetime(2023, 2, 28, 23, 59, 59, 999999, tzinfo=UTC),
    level=2,
    provider_guid=uuid.UUID("54849625-5478-4994-a5ba-3e3b0328c30d"),
    event_source_name="contoso",
    qualifiers=49152,
    version=3,
    task=12544,
    opcode=7,
    keywords=0x8010000000000000,
    record_id=987654321,
    activity_id=ACTIVITY,
    related_activity_id=uuid.UUID(int=7),
    process_id=0xFFFFFFFF,
    thread_id=1,
    channel="Contoso-Identity/Operational",
    computer="dc1.contoso.example",
    user_sid="S-1-5-21-1004336348-1177238915-682003330-512",
    data=(("SubjectUserSid", Typed(ValueType.SID, "S-1-0-0")), ("Envelope", ENVELOPE)),
)
BARE = EventSpec(
    provider=None,
    level=None,
    version=None,
    task=None,
    opcode=None,
    keywords=None,
    process_id=None,
    thread_id=None,
    channel=None,
    computer=None,
    has_event_data=False,
)
TEXT_LEVEL = EventSpec(level="Fehler", event_id="0x1A", provider="Ünïcode Ω")
SPECS = (FULL, BARE, TEXT_LEVEL, EventSpec())


def test_system_fields_as_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "log.evtx"
    written = write_evtx(path, SPECS)
    assert (written.records, written.chunks, written.size) == (4, 1, path.stat().st_size)
    assert [number for number, _ in read_rust(path.read_bytes())] == [1, 2, 3, 4]
    assert [number for number, _ in read_python(path)] == [1, 2, 3, 4]
    for number, (spec, (_, rust), (_, python)) in enumerate(zip(SPECS, read_rust(path.read_bytes()), read_python(path), strict=True), 1):
        assert isinstance(spec.time, datetime)
        assert system_of(rust) == expected_system(spec, number, rust_time(spec.time), braces=False)
        assert system_of(python) == expected_system(spec, number, python_time(spec.time), braces=True)
        assert len(rust) == len(python) == (2 if spec.has_event_data else 1)
    assert data_of(read_rust(path.read_bytes())[0][1])[1] == ("Envelope", ENVELOPE)


VALUES: tuple[tuple[Value, str, str], ...] = (
    # value, as the Rust reader shows it, as python-evtx does
    ("", "", ""),
    ("x<y>&\"'", "x<y>&\"'", "x<y>&\"'"),
    (Typed(ValueType.ANSI_STRING, "plain"), "plain", "plain"),
    (Typed(ValueType.INT8, -3), "-3", "-3"),
    (Typed(ValueType.UINT8, 255), "255", "255"),
    (Typed(ValueType.INT16, -30000), "-30000", "-30000"),
    (Typed(ValueType.UINT16, 60000), "60000", "60000"),
    (Typed(ValueType.INT32, -(2**31)), "-2147483648", "-2147483648"),
    (Typed(ValueType.UINT32, 2**32 - 1), "4294967295", "4294967295"),
    (-5, "-5", "-5"),
    (2**64 - 1, "18446744073709551615", "18446744073709551615"),
    (Typed(ValueType.REAL32, 0.5), "0.5", "0.5"),
    (1.25, "1.25", "1.25"),
    (True, "true", "True"),
    (False, "false", "False"),
    (b"\x01\xfe\xff", "01FEFF", base64.b64encode(b"\x01\xfe\xff").decode()),
    (ACTIVITY, str(ACTIVITY).upper(), f"{{{ACTIVITY}}}"),
    (Typed(ValueType.SIZE, 77), "0x4d", "77"),
    (DEFAULT_TIME, rust_time(DEFAULT_TIME), python_time(DEFAULT_TIME)),
    (Typed(ValueType.SYSTEMTIME, datetime(2024, 2, 29, 1, 2, 3, tzinfo=UTC)), "2024-02-29T01:02:03.000000Z", "2024-02-29 01:02:03"),
    (Typed(ValueType.SID, "S-1-5-21-1-2-3-1106"), "S-1-5-21-1-2-3-1106", "S-1-5-21-1-2-3-1106"),
    (Typed(ValueType.HEX32, 0xC000006D), "0xc000006d", "0xc000006d"),
    (Typed(ValueType.HEX64, 0x3E7), "0x3e7", "0x00000000000003e7"),
    (None, "", ""),
)


def test_values_of_every_type(tmp_path: Path) -> None:
    path = tmp_path / "log.evtx"
    data: list[tuple[str | None, Value]] = [(f"Field{number}", value) for number, (value, _, _) in enumerate(VALUES)]
    data.append((None, "no name"))
    write_evtx(path, [EventSpec(data=tuple(data), binary=b"\xde\xad", data_name="Named")])
    for expected, event in ((1, read_rust(path.read_bytes())[0][1]), (2, read_python(path)[0][1])):
        assert event[1].get("Name") == "Named"
        assert data_of(event) == [(f"Field{number}", case[expected]) for number, case in enumerate(VALUES)] + [(None, "no name")]
        assert event[1][-1].text == ("DEAD" if expected == 1 else "3q0=")


def test_string_array_is_one_element_per_string() -> None:
    data = evtx_bytes([EventSpec(data=(("Names", ("one", "two")), ("Last", "x")))])
    assert data_of(read_rust(data)[0][1]) == [("Names", "one"), ("Names", "two"), ("Last", "x")]


def test_user_data(tmp_path: Path) -> None:
    tree = Node(
        "EventXML",
        (("xmlns", "Event_NS"), ("xmlns:auto-ns2", NAMESPACE)),
        (Node("param1", (), ("hello",)), Node("empty"), Node("list", (("kind", "a"),), (Node("n", (), (5,)), "tail"))),
    )
    path = tmp_path / "log.evtx"
    write_evtx(path, [EventSpec(user_data=tree), EventSpec(user_data=tree)])
    for event in (read_rust(path.read_bytes())[1][1], read_python(path)[1][1]):
        assert _local(event[1].tag) == "UserData"
        assert etree.QName(event[1][0]).namespace == "Event_NS"
        assert [
            (
                _local(child.tag),
                dict(child.attrib),
                etree.tostring(child, method="text", encoding="unicode", with_tail=False).replace("\n", ""),
            )
            for child in event[1][0]
        ] == [
            ("param1", {}, "hello"),
            ("empty", {}, ""),
            ("list", {"kind": "a"}, "5tail"),
        ]


def test_rendering_info(tmp_path: Path) -> None:
    rendering = Rendering(
        "An account failed.\r\n\tReason: x", "Fehler", task="Logon", keywords=("Audit Failure", "Classic"), culture="de-DE"
    )
    path = tmp_path / "log.evtx"
    write_evtx(path, [EventSpec(rendering=rendering, data=(("a", "b"),))])
    for event in (read_rust(path.read_bytes())[0][1], read_python(path)[0][1]):
        info = event[2]
        assert info.get("Culture") == "de-DE"
        assert [(_local(child.tag), child.text) for child in info][:3] == [
            ("Message", "An account failed.\r\n\tReason: x"),
            ("Level", "Fehler"),
            ("Task", "Logon"),
        ]
        assert [child.text for child in info[-1]] == ["Audit Failure", "Classic"]


def test_header_may_disagree_with_system() -> None:
    spec = EventSpec(record_id=500, header_number=7, header_time=datetime(1999, 1, 1, tzinfo=UTC))
    (record,) = rust_records(evtx_bytes([spec]))
    assert (record["event_record_id"], record["timestamp"]) == (7, "1999-01-01T00:00:00Z UTC")
    system = {name: text for name, _, text in system_of(_parsed(record["data"]))}
    assert system["EventRecordID"] == "500"


@pytest.mark.parametrize(
    ("spec", "shown"),
    [
        (EventSpec(time_text="not a time"), "not a time"),
        (EventSpec(time_type=ValueType.SYSTEMTIME), "2024-05-17T08:30:00.123000Z"),
        (EventSpec(time=0), "1601-01-01T00:00:00.000000Z"),
    ],
)
def test_kinds_of_time(spec: EventSpec, shown: str) -> None:
    attributes = {name: attributes for name, attributes, _ in system_of(read_rust(evtx_bytes([spec]))[0][1])}
    assert attributes["TimeCreated"] == {"SystemTime": shown}


def test_references() -> None:
    data = evtx_bytes([EventSpec(extra_content=("x", EntityReference("lt"), "y"))])
    assert "<Extra>x&lt;y</Extra>" in rust_records(data)[0]["data"]
    with pytest.raises(RuntimeError, match="CharReference"):
        read_rust(evtx_bytes([EventSpec(extra_content=(CharacterReference(65),))]))


# the Rust reader ends a string at its first NUL and drops lone surrogates; python-evtx drops what XML 1.1 restricts
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200)
xml_texts = st.text(
    st.characters(min_codepoint=32, exclude_characters="\x7f\ufeff\ufffe\uffff", exclude_categories=["Cs", "Cc"]), max_size=60
)


@given(st.lists(st.tuples(texts, texts), max_size=8))
@settings(max_examples=60, deadline=None)
def test_any_string_reaches_the_rust_reader(pairs: list[tuple[str, str]]) -> None:
    data = evtx_bytes([EventSpec(data=tuple(pairs))] * 2)
    expected = "".join(_data_xml(name, value) for name, value in pairs)
    for record in rust_records(data):
        assert record["data"].partition("<EventData>")[2].partition("</EventData>")[0] == expected


def _data_xml(name: str, value: str) -> str:
    text = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    attribute = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").replace("'", "&apos;")
    return f'<Data Name="{attribute}">{text}</Data>' if name else f"<Data>{text}</Data>"


@given(st.lists(xml_texts, max_size=8))
@settings(max_examples=25, deadline=None)
def test_any_xml_string_reaches_both_readers(tmp_path_factory: pytest.TempPathFactory, values: list[str]) -> None:
    path = tmp_path_factory.mktemp("log") / "log.evtx"
    expected: list[tuple[str | None, str]] = [(f"D{number}", value) for number, value in enumerate(values)]
    write_evtx(path, [EventSpec(data=tuple(expected))])
    assert data_of(read_rust(path.read_bytes())[0][1]) == expected
    assert data_of(read_python(path)[0][1]) == expected


def numbered(count: int) -> Iterator[EventSpec]:
    for number in range(count):
        yield EventSpec(
            event_id=number % 7,
            time=DEFAULT_TIME + timedelta(seconds=number),
            data=((f"Name{number % 5}", f"value {number} " + "x" * (number % 400)),),
        )


def test_many_chunks_and_templates(tmp_path: Path) -> None:
    path = tmp_path / "log.evtx"
    written = write_evtx(path, numbered(700), first_record=41)
    assert written.chunks == len(damage.layout(path.read_bytes())) > 3
    expected = [spec.data[0] for spec in numbered(700)]
    for records in (read_rust(path.read_bytes()), read_python(path)):
        assert [number for number, _ in records] == list(range(41, 741))
        assert [data_of(event)[0] for _, event in records] == expected


def test_longest_string_fits_and_a_longer_one_is_refused(tmp_path: Path) -> None:
    longest = EventSpec(data=(("Text", "ü" * 31_000),))
    data = evtx_bytes([EventSpec(), longest, longest])
    assert len(damage.layout(data)) == 2
    assert data_of(read_rust(data)[1][1]) == [("Text", "ü" * 31_000)]
    with pytest.raises(ValueError, match="event 2 does not fit"):
        evtx_bytes([EventSpec(), EventSpec(data=(("Text", "ü" * 33_000),))])
    with pytest.raises(ValueError, match="event 1 does not fit"):
        write_evtx(tmp_path / "log.evtx", [EventSpec(data=(("A", "x" * 20_000), ("B", "x" * 20_000)))])


def test_large_file_is_numbered_through_and_later_every_round(tmp_path: Path) -> None:
    path = tmp_path / "log.evtx"
    own_number = EventSpec(record_id=99, time_text="as it is")
    originals = len(damage.layout(evtx_bytes([*numbered(150), own_number])))
    written = write_large_evtx(path, [*numbered(150), own_number], 1_000_000, shift=timedelta(days=1))
    data = path.read_bytes()
    assert written.size == len(data) == FILE_HEADER_SIZE + 15 * CHUNK_SIZE
    chunks = damage.layout(data)
    assert [record.number for chunk in chunks for record in chunk.records] == list(range(1, written.records + 1))
    systems = [{name: attributes.get("SystemTime", text) for name, attributes, text in system_of(event)} for _, event in read_rust(data)]
    shown = [(system["EventRecordID"], system["TimeCreated"]) for system in systems]
    assert [number for number, time in shown if time != "as it is"] == [
        str(number) for number, (_, time) in enumerate(shown, 1) if time != "as it is"
    ]
    assert {number for number, time in shown if time == "as it is"} == {"99"}
    times = [time for _, time in shown if time != "as it is"]
    assert all(earlier < later for earlier, later in pairwise(times))
    assert shown[151] == ("152", rust_time(DEFAULT_TIME + timedelta(days=1)))
    (last_time,) = struct.unpack_from("<Q", data, chunks[-1].records[-1].offset + 16)
    assert (last_time - filetime(DEFAULT_TIME)) // 864_000_000_000 == (len(chunks) - 1) // originals


def test_file_header_flags() -> None:
    assert file_header(70_000, 9, dirty=True, full=True)[42:44] == struct.pack("<H", 70_000 - 65536)
    assert file_header(1, 9, dirty=True, full=True)[120] == 3


def test_spare_chunks_are_empty(tmp_path: Path) -> None:
    path = tmp_path / "log.evtx"
    written = write_evtx(path, SPECS, spare_chunks=3)
    assert path.stat().st_size == written.size == FILE_HEADER_SIZE + 4 * CHUNK_SIZE
    assert len(read_rust(path.read_bytes())) == 4


def test_bare_python_values_take_their_natural_types() -> None:
    kinds = [typed(value).type for value in (None, True, 5, -5, 1.5, b"", "", ACTIVITY, DEFAULT_TIME, ("a",))]
    assert kinds == [
        ValueType.NULL,
        ValueType.BOOL,
        ValueType.UINT64,
        ValueType.INT64,
        ValueType.REAL64,
        ValueType.BINARY,
        ValueType.STRING,
        ValueType.GUID,
        ValueType.FILETIME,
        ValueType.STRING_ARRAY,
    ]


def three_chunks() -> bytes:
    return evtx_bytes(numbered(350))


def rust_outcome(data: bytes) -> tuple[int, int]:
    """Records read and errors raised."""
    try:
        records = PyEvtxParser(io.BytesIO(data), number_of_threads=1, indent=False).records()
    except RuntimeError:
        return 0, 1
    read = errors = 0
    while True:
        try:
            if next(records, None) is None:
                return read, errors
            read += 1
        except RuntimeError:
            errors += 1


def without_chunk(data: bytes, chunk: int) -> int:
    return sum(len(place.records) for number, place in enumerate(damage.layout(data)) if number != chunk)


def test_damage_is_where_it_should_be() -> None:
    data = three_chunks()
    places = damage.layout(data)
    assert [len(place.records) > 50 for place in places] == [True] * 3
    whole = sum(len(place.records) for place in places)
    assert rust_outcome(data) == (whole, 0)
    assert rust_outcome(damage.file_header_zeroed(data)) == (0, 1)
    assert rust_outcome(damage.file_header_removed(data)) == (0, 1)
    assert rust_outcome(damage.dirty(data)) == (whole, 0)
    for broken in (damage.chunk_header_zeroed, damage.chunk_magic_broken):
        assert rust_outcome(broken(data, 1)) == (without_chunk(data, 1), 1)
    assert rust_outcome(damage.chunk_zeroed(data, 1)) == (without_chunk(data, 1), 0)
    assert rust_outcome(damage.record_body_broken(data, 2, 9)) == (whole - 1, 1)
    assert rust_outcome(damage.record_magic_broken(data, 2, 9)) == (whole - (len(places[2].records) - 9), 1)
    # a zeroed one reads as the end of the chunk: what follows is lost without a word
    assert rust_outcome(damage.record_magic_broken(data, 2, 9, bytes(4))) == (whole - (len(places[2].records) - 9), 0)
    assert rust_outcome(damage.with_free_space_offset(data, 0, places[0].records[4].offset - places[0].offset)) == (
        whole - (len(places[0].records) - 4),
        0,
    )
    for broken in (damage.chunk_header_checksum_broken, damage.chunk_data_checksum_broken):
        assert rust_outcome(broken(data, 1)) == (whole, 0)
        with pytest.raises(RuntimeError, match="CRC32"):
            read_rust(broken(data, 1))
    assert damage.layout(damage.with_chunk_count(data, 1)) == places


def test_cuts_fall_where_they_say() -> None:
    data = three_chunks()
    last = damage.layout(data)[-1]
    places = damage.cut_places(data)
    assert damage.truncated(data, places["between chunks"])[-CHUNK_SIZE : -CHUNK_SIZE + 7] == b"ElfChnk"
    assert data[places["between records"] :][:2] == b"**"
    assert not any(data[places["in the slack"] :])
    assert places["in a record"] in range(last.records[0].offset, last.offset + last.free)


@given(st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_random_damage_repeats_itself(seed: int) -> None:
    data = evtx_bytes(SPECS)
    once = damage.random_bytes(data, seed, 50, FILE_HEADER_SIZE)
    assert once == damage.random_bytes(data, seed, 50, FILE_HEADER_SIZE)
    assert len(once) == len(data)
    assert once[:FILE_HEADER_SIZE] == data[:FILE_HEADER_SIZE]
    assert 0 < sum(a != b for a, b in zip(once, data, strict=True)) <= 50


def test_garbage_moves_what_follows() -> None:
    data = evtx_bytes(SPECS)
    assert damage.with_garbage(data, FILE_HEADER_SIZE, 10)[FILE_HEADER_SIZE + 10 :] == data[FILE_HEADER_SIZE:]
    assert damage.with_garbage(data, len(data), 10)[: len(data)] == data


def test_looped_name_chain_loops() -> None:
    data = damage.name_chain_looped(three_chunks(), 1)
    offset = damage.layout(data)[1].offset
    heads: Sequence[int] = [value for (value,) in struct.iter_unpack("<I", data[offset + 128 : offset + 384]) if value]
    assert struct.unpack_from("<I", data, offset + heads[0])[0] == heads[0]
