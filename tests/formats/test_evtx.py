"""Sound .evtx files: every column of every kind of event, in one piece or many, and the raw event again by its place."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.events import Flags, Level, MessageFrom, TimeBasis
from inspector.formats.base import SNIFF_BYTES, Batch, FileSpan, Opened, ProgressMark
from inspector.formats.evtx import EVTX, event_xml
from inspector.formats.evtx.columns import EventColumns
from tests.builders import evtx_damage as damage
from tests.builders.evtx import DEFAULT_TIME, EventSpec, Node, Rendering, evtx_bytes, write_evtx
from tests.builders.evtx_binxml import CHUNK_SIZE, EntityReference, Typed, Value, ValueType
from tests.formats.reading import Read, read

ENVELOPE = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><a b="1">x &amp; y</a></s:Body></s:Envelope>'
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(time: datetime) -> int:
    return (time - EPOCH) // timedelta(microseconds=1)


def written(tmp_path: Path, specs: Sequence[EventSpec]) -> Read:
    path = tmp_path / "log.evtx"
    write_evtx(path, specs)
    found = read(path, EVTX)
    assert found.problems == ()
    assert len(found.frame) == len(specs)
    return found


# ---- recognising


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data,
        damage.file_header_zeroed,
        damage.file_header_removed,
        lambda data: damage.with_garbage(data, 0, 1000),
        lambda data: damage.chunk_header_zeroed(data, 0),
    ],
    ids=["sound", "header wiped", "header gone", "garbage before", "first chunk's header wiped"],
)
@pytest.mark.parametrize("name", ["Security.evtx", "some.bin", "log.txt"])
def test_is_recognised_by_content(change: object, name: str) -> None:
    assert callable(change)
    assert EVTX.sniff(change(evtx_bytes([EventSpec()]))[:SNIFF_BYTES], name) >= 90


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"ElfFile",
        b"ElfFile is the magic of an event log, ElfChnk that of a chunk\r\n" * 90,
        b"\x30\0\0\0LfLe\x01\0\0\0\x01\0\0\0",
        bytes(SNIFF_BYTES),
        b"x" * 4096 + b"ElfChnk\0" + bytes(100),
        "ElfFile\0".encode("utf-16-le"),
    ],
    ids=["empty", "no NUL", "text about it", "legacy .evt", "zeros", "chunk without its size", "UTF-16"],
)
def test_near_misses_are_left_to_others(head: bytes) -> None:
    assert EVTX.sniff(head, "Security.evtx") == 0


# ---- columns


def test_every_column(tmp_path: Path) -> None:
    spec = EventSpec(
        provider="Contoso Identity",
        event_id=1234,
        time=datetime(2023, 2, 28, 23, 59, 59, 999999, tzinfo=UTC),
        level=2,
        qualifiers=49152,
        task=12544,
        keywords=0x8080000000000000,
        record_id=987654321,
        header_time=datetime(1999, 1, 1, tzinfo=UTC),
        header_number=5,
        activity_id=uuid.UUID("ABCDEF12-3456-7890-ABCD-EF1234567890"),
        channel="Contoso/Operational",
        computer="dc1.contoso.example",
        user_sid="S-1-5-18",
        data=(("First", "one"), ("Second", ENVELOPE)),
    )
    found = written(tmp_path, [EventSpec(), spec])
    place = damage.layout((tmp_path / "log.evtx").read_bytes())[0].records[1]
    assert found.frame.row(1, named=True) == {
        "position": 987654321,
        "offset": place.offset,
        "length": place.length,
        "time": microseconds(datetime(2023, 2, 28, 23, 59, 59, 999999, tzinfo=UTC)),
        "time_basis": TimeBasis.UTC,
        "level": Level.ERROR,
        "provider": "Contoso Identity",
        "event_id": 1234,
        "channel": "Contoso/Operational",
        "computer": "dc1.contoso.example",
        "user": "S-1-5-18",
        "task": "12544",
        "keywords": "Classic",
        "activity": "abcdef12-3456-7890-abcd-ef1234567890",
        "message": f"First: one\nSecond: {ENVELOPE}",
        "message_from": MessageFrom.EVENT_DATA,
        "flags": Flags.XML | Flags.ENVELOPE,
    }


def test_what_an_event_lacks_is_null(tmp_path: Path) -> None:
    bare = EventSpec(
        provider=None, level=None, version=None, task=None, opcode=None, keywords=None, process_id=None, channel=None, computer=None
    )
    row = written(tmp_path, [bare]).frame.row(0, named=True)
    assert [row[name] for name in ("provider", "channel", "computer", "user", "task", "keywords", "activity")] == [None] * 7
    assert (row["level"], row["message"], row["event_id"]) == (Level.UNKNOWN, "", 1)


@pytest.mark.parametrize(
    ("level", "keywords", "shown", "words"),
    [
        (1, 0x8000000000000000, Level.CRITICAL, None),
        (2, 0, Level.ERROR, None),
        (3, None, Level.WARNING, None),
        (4, 0x1, Level.INFORMATION, "0x1"),
        (5, 0x4000000000000080, Level.VERBOSE, "0x4000000000000080"),
        (0, 0x8010000000000000, Level.AUDIT_FAILURE, "Audit Failure"),
        (4, 0xA0000000000000, Level.AUDIT_SUCCESS, "Audit Success, Classic"),
        (0, 0, Level.INFORMATION, None),
        (16, 0, Level.UNKNOWN, None),
        ("Error", 0, Level.ERROR, None),
        ("Fehler", 0, Level.UNKNOWN, None),
        (None, 0x8010000000000000, Level.AUDIT_FAILURE, "Audit Failure"),
    ],
)
def test_level_and_keywords(tmp_path: Path, level: int | str | None, keywords: int | None, shown: Level, words: str | None) -> None:
    row = written(tmp_path, [EventSpec(level=level, keywords=keywords)]).frame.row(0, named=True)
    assert (row["level"], row["keywords"]) == (shown, words)


@pytest.mark.parametrize(
    ("spec", "shown"),
    [
        (EventSpec(), DEFAULT_TIME),
        (EventSpec(time=datetime(2000, 2, 29, tzinfo=UTC)), datetime(2000, 2, 29, tzinfo=UTC)),
        (EventSpec(time=datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC)), datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC)),
        (EventSpec(time_type=ValueType.SYSTEMTIME), DEFAULT_TIME.replace(microsecond=123000)),
        (EventSpec(time_text="2024-05-17T08:30:00.1234567Z"), DEFAULT_TIME),
        (EventSpec(time_text="2024-05-17T08:30:00.123456789Z"), DEFAULT_TIME),
        (EventSpec(time_text="2024-05-17T08:30:00.123Z"), DEFAULT_TIME.replace(microsecond=123000)),
        (EventSpec(time_text="2024-05-17T08:30:00Z"), DEFAULT_TIME.replace(microsecond=0)),
        (EventSpec(time_text="2024-05-17T10:30:00.123456+02:00"), DEFAULT_TIME),
        (EventSpec(time_text="2024-05-17 06:00:00.123456789 -0230"), DEFAULT_TIME),
        (EventSpec(time=0), None),
        (EventSpec(time_text="2024-02-31T08:30:00.123456Z"), None),
        (EventSpec(time_text="2024-13-01T08:30:00.123456Z"), None),
        (EventSpec(time_text="last Tuesday"), None),
    ],
)
def test_kinds_of_time(tmp_path: Path, spec: EventSpec, shown: datetime | None) -> None:
    rows = written(tmp_path, [EventSpec(), spec, EventSpec()]).frame
    assert rows["time"].to_list() == [
        microseconds(DEFAULT_TIME),
        None if shown is None else microseconds(shown),
        microseconds(DEFAULT_TIME),
    ]
    assert rows["time_basis"].to_list() == [TimeBasis.UTC, TimeBasis.NONE if shown is None else TimeBasis.UTC, TimeBasis.UTC]


@pytest.mark.parametrize("number", [0, 7, 2**32, 10**17, 10**18, 2**63 - 1])
def test_record_numbers(tmp_path: Path, number: int) -> None:
    assert written(tmp_path, [EventSpec(record_id=number)]).frame["position"].to_list() == [number]


DATA: tuple[tuple[EventSpec, str, MessageFrom], ...] = (
    (EventSpec(data=(("A", "1"), ("B", ""))), "A: 1\nB: ", MessageFrom.EVENT_DATA),
    (EventSpec(data=(("A&<\">'", 'x &amp; &lt; <b c="d">\''),)), 'A&<">\': x &amp; &lt; <b c="d">\'', MessageFrom.EVENT_DATA),
    (EventSpec(data=(("A", "&amp;lt;"),)), "A: &amp;lt;", MessageFrom.EVENT_DATA),
    (EventSpec(data=(("A", "one\r\ntwo"), ("B", "\ttab"))), "A: one\r\ntwo\nB: \ttab", MessageFrom.EVENT_DATA),
    (EventSpec(data=((None, "alone"),)), "alone", MessageFrom.EVENT_DATA),
    (EventSpec(data=((None, "one"), (None, "two"))), "one\ntwo", MessageFrom.EVENT_DATA),
    (EventSpec(data=((None, "one"), (None, "t<&w>o")), binary=b"\x01\xff"), "one\nt<&w>o\nBinary: 01FF", MessageFrom.EVENT_DATA),
    (EventSpec(data=((None, "one"),), binary=b""), "one", MessageFrom.EVENT_DATA),
    (EventSpec(binary=b"\xab"), "Binary: AB", MessageFrom.EVENT_DATA),
    (EventSpec(data=(("A", "1"), (None, "2"))), "A: 1\n2", MessageFrom.EVENT_DATA),
    (EventSpec(data=(("A", ("x", "y")),)), "A: x\nA: y", MessageFrom.EVENT_DATA),
    (EventSpec(), "", MessageFrom.EVENT_DATA),
    (EventSpec(has_event_data=False), "", MessageFrom.EVENT_DATA),
    (EventSpec(data=(("A", "1"),), data_name="Named"), "EventData Name: Named\nA: 1", MessageFrom.EVENT_DATA),
    (EventSpec(data=(("A", "1"),), extra_content=("x", EntityReference("lt"), "y")), "A: 1\nExtra: x<y", MessageFrom.EVENT_DATA),
    (EventSpec(data=(("A", "bell \x07 and \x0b \ufffe"),)), "A: bell \x07 and \x0b \ufffe", MessageFrom.EVENT_DATA),
    (EventSpec(data=(("A", Typed(ValueType.HEX32, 0xC000006D)),)), "A: 0xc000006d", MessageFrom.EVENT_DATA),
    (
        EventSpec(user_data=Node("X", (("xmlns", "u"), ("k", "v<")), (Node("a", (), ("<1>",)), Node("b", (("c", "d"),)), "text"))),
        "X k: v<\na: <1>\nb c: d\nX: text",
        MessageFrom.EVENT_DATA,
    ),
    (EventSpec(rendering=Rendering("Said\r\nso & so")), "Said\r\nso & so", MessageFrom.RENDERING_INFO),
    (EventSpec(rendering=Rendering("Said"), data=(("A", "1"),)), "Said\n\nA: 1", MessageFrom.RENDERING_INFO),
    (EventSpec(rendering=Rendering(""), data=(("A", "1"),)), "A: 1", MessageFrom.EVENT_DATA),
    (EventSpec(rendering=Rendering(None), data=(("A", "1"),)), "A: 1", MessageFrom.EVENT_DATA),
)


@pytest.mark.parametrize(("spec", "message", "source"), DATA)
def test_message(tmp_path: Path, spec: EventSpec, message: str, source: MessageFrom) -> None:
    rows = written(tmp_path, [EventSpec(data=(("Other", "event"),)), spec, spec]).frame
    assert rows["message"].to_list() == ["Other: event", message, message]
    assert rows["message_from"].to_list() == [MessageFrom.EVENT_DATA, source, source]


def test_messages_of_all_kinds_beside_each_other(tmp_path: Path) -> None:
    specs = [spec for spec, _, _ in DATA]
    messages = [message for _, message, _ in DATA]
    rows = written(tmp_path, [*specs, *reversed(specs), *specs]).frame
    assert rows["message"].to_list() == [*messages, *reversed(messages), *messages]


def test_our_own_text_stands_above_the_data(tmp_path: Path) -> None:
    security = "Microsoft-Windows-Security-Auditing"
    named = (("TargetUserName", "r&d"), ("TargetDomainName", "CONTOSO"))
    rendered = EventSpec(provider=security, event_id=4647, data=named, rendering=Rendering("As Windows says it"))
    rows = written(
        tmp_path,
        [
            EventSpec(provider=security, event_id=4647, data=named),
            EventSpec(provider=security, event_id=4647, data=named[::-1]),
            EventSpec(provider=security, event_id=4647),
            EventSpec(provider=security, event_id=4647, data=(("XTargetUserName", "no"), *named)),
            rendered,
            EventSpec(provider="AD FS", event_id=325, data=((None, "caller"), (None, "party"))),
            EventSpec(provider=security, event_id=9999, data=named),
        ],
    ).frame
    text = "CONTOSO\\r&d asked to be logged off."
    below = "TargetUserName: r&d\nTargetDomainName: CONTOSO"
    assert rows["message"].to_list() == [
        f"{text}\n\n{below}",
        f"{text}\n\nTargetDomainName: CONTOSO\nTargetUserName: r&d",
        "?\\? asked to be logged off.",
        f"{text}\n\nXTargetUserName: no\n{below}",
        f"As Windows says it\n\n{below}",
        "The Federation Service could not authorise token issuance for caller 'caller' to relying party 'party'.\n\ncaller\nparty",
        below,
    ]
    template, rendering, data = MessageFrom.TEMPLATE, MessageFrom.RENDERING_INFO, MessageFrom.EVENT_DATA
    assert rows["message_from"].to_list() == [template, template, template, template, rendering, template, data]


def test_activity_with_and_without_braces(tmp_path: Path) -> None:
    activity = uuid.UUID("0000000a-0000-0000-0000-00000000000b")
    specs = [
        EventSpec(activity_id=activity),
        EventSpec(related_activity_id=activity),
        EventSpec(activity_id=activity, related_activity_id=uuid.UUID(int=1)),
        EventSpec(),
    ]
    assert written(tmp_path, specs).frame["activity"].to_list() == [str(activity), None, str(activity), None]
    text = '<Event><System><TimeCreated SystemTime="2024-05-17T08:30:00.123456Z"></TimeCreated><EventRecordID>7</EventRecordID><Correlation ActivityID="{0000000A-0000-0000-0000-00000000000B}"></Correlation><Channel>c</Channel></System></Event>'
    frame = EventColumns().frame([text], np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(1, np.uint16))
    assert frame["activity"].to_list() == [str(activity)]


# ---- the fast way and the thorough one

values: st.SearchStrategy[Value] = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40),
    st.sampled_from(["</Data>", '"><x>', "<EventData>", "&lt;", "&amp;", "\n", "Name: value"]),
    st.integers(-(2**63), 2**64 - 1),
    st.binary(max_size=10),
    st.none(),
)
names = st.one_of(
    st.none(),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=10),
    st.sampled_from(["A", '">', "<", "TargetUserName", "TargetDomainName", "1", "2"]),
)
event_specs = st.builds(
    EventSpec,
    provider=st.sampled_from(["P", "Microsoft-Windows-Security-Auditing", "AD FS", "<p>&", None]),
    event_id=st.sampled_from([1, 4647, 4740, 325, 411, 65535, "0x10", "text"]),
    time=st.datetimes(datetime(1602, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    time_text=st.one_of(st.none(), st.sampled_from(["2024-05-17T08:30:00.1234567Z", "no time", "2024-05-17T08:30:00Z"])),
    level=st.sampled_from([0, 2, None, "Error"]),
    record_id=st.one_of(st.none(), st.integers(0, 2**64 - 1)),
    activity_id=st.one_of(st.none(), st.uuids()),
    channel=st.sampled_from(["C", "<Channel>", None]),
    computer=st.sampled_from(["host", None]),
    user_sid=st.sampled_from([None, "S-1-5-18"]),
    data=st.lists(st.tuples(names, values), max_size=4).map(tuple),
    binary=st.one_of(st.none(), st.binary(max_size=4)),
    rendering=st.one_of(
        st.none(), st.builds(Rendering, st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20))
    ),
)


@given(st.lists(event_specs, min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_the_fast_way_reads_what_the_thorough_way_reads(tmp_path_factory: pytest.TempPathFactory, specs: list[EventSpec]) -> None:
    fast = written(tmp_path_factory.mktemp("log"), specs).frame
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(event_xml, "system_head", lambda _: None)
        thorough = written(tmp_path_factory.mktemp("log"), specs).frame
    assert fast.to_dicts() == thorough.to_dicts()


# ---- pieces, progress, places


def mixed(count: int) -> list[EventSpec]:
    """Events of several sizes and kinds."""
    return [
        EventSpec(
            event_id=number % 7,
            time=DEFAULT_TIME + timedelta(seconds=number),
            data=((f"Name{number % 5}", f"value {number} <&>" + "x" * (number * 37 % 900)),),
            user_sid="S-1-5-18" if number % 3 else None,
        )
        for number in range(count)
    ]


@pytest.fixture(scope="module")
def several_chunks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log") / "log.evtx"
    assert write_evtx(path, mixed(700), spare_chunks=2).chunks > 8
    return path


@given(cuts=st.lists(st.integers(1, 12 * CHUNK_SIZE), max_size=6), shift=st.sampled_from([0, 0, 1, 4096, 5000]))
@settings(max_examples=30, deadline=None)
def test_any_spans_give_the_same_events(
    tmp_path_factory: pytest.TempPathFactory, several_chunks: Path, cuts: list[int], shift: int
) -> None:
    data = several_chunks.read_bytes()
    path = tmp_path_factory.mktemp("shifted") / "log.evtx"
    path.write_bytes(damage.with_garbage(data, 4096 + 3 * CHUNK_SIZE, shift))
    borders = sorted({0, path.stat().st_size, *(cut for cut in cuts if cut < path.stat().st_size)})
    frames = []
    for start, end in pairwise(borders):
        items = list(EVTX.read(Opened(path, "log.evtx"), FileSpan(start, end)))
        marks = [item.offset for item in items if isinstance(item, ProgressMark)]
        assert marks == sorted(marks)
        assert not marks or marks[-1] <= end - start
        frames += [item.frame for item in items if isinstance(item, Batch)]
    rows = pl.concat(frames)
    assert rows["position"].to_list() == list(range(1, 701))
    assert rows["offset"].is_sorted()
    assert rows["message"].to_list() == [f"Name{n % 5}: value {n} <&>" + "x" * (n * 37 % 900) for n in range(700)]


def test_a_large_file_is_cut_into_pieces_of_whole_chunks(tmp_path: Path) -> None:
    path = tmp_path / "large.evtx"
    with path.open("wb") as file:
        file.write(evtx_bytes([EventSpec()]))
        file.truncate(4096 + 3000 * CHUNK_SIZE + 17)
    prepared = EVTX.prepare(Opened(path, "large.evtx"))
    assert prepared.splittable
    assert len(prepared.pieces) >= 12
    assert prepared.pieces[0].start == 0
    assert prepared.pieces[-1].end == path.stat().st_size
    assert all((piece.end - 4096) % CHUNK_SIZE == 0 for piece in prepared.pieces[:-1])
    assert [piece.start for piece in prepared.pieces[1:]] == [piece.end for piece in prepared.pieces[:-1]]


def test_every_event_is_shown_again_by_its_place(several_chunks: Path) -> None:
    found = read(several_chunks, EVTX)
    for row in range(0, 700, 23):
        raw = found.raw(row)
        assert raw.startswith('<Event xmlns="')
        assert f"<EventRecordID>{row + 1}</EventRecordID>" in raw
        fields = dict(EVTX.fields(raw))
        assert fields[f"Name{row % 5}"] == f"value {row} <&>" + "x" * (row * 37 % 900)
        assert fields["EventRecordID"] == str(row + 1)


def test_fields_keep_their_order_and_names(tmp_path: Path) -> None:
    spec = EventSpec(
        provider_guid=uuid.UUID(int=1),
        qualifiers=3,
        activity_id=uuid.UUID(int=2),
        user_sid="S-1-5-19",
        data=(("A", "1"), (None, "2"), ("A", "3")),
        rendering=Rendering("text", "Error", keywords=("k1", "k2")),
    )
    found = written(tmp_path, [spec])
    assert list(EVTX.fields(found.raw(0))) == [
        ("Provider", "Builder"),
        ("Provider GUID", "{00000000-0000-0000-0000-000000000001}"),
        ("Qualifiers", "3"),
        ("EventID", "1"),
        ("Version", "0"),
        ("Level", "4"),
        ("Task", "0"),
        ("Opcode", "0"),
        ("Keywords", "0x8000000000000000"),
        ("TimeCreated", "2024-05-17T08:30:00.123456Z"),
        ("EventRecordID", "1"),
        ("ActivityID", "00000000-0000-0000-0000-000000000002"),
        ("ProcessID", "4"),
        ("ThreadID", "8"),
        ("Channel", "Application"),
        ("Computer", "host.example"),
        ("UserID", "S-1-5-19"),
        ("A", "1"),
        ("Data", "2"),
        ("A", "3"),
        ("RenderingInfo Culture", "en-US"),
        ("Message", "text"),
        ("Level", "Error"),
        ("Keyword", "k1"),
        ("Keyword", "k2"),
    ]


def test_an_event_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    found = written(tmp_path, [EventSpec(), EventSpec()])
    path = tmp_path / "log.evtx"
    offset, length = int(found.frame["offset"][1]), int(found.frame["length"][1])
    for wrong in ((offset + 8, length), (offset, length - 8), (0, length), (10**9, length)):
        with pytest.raises(ValueError, match="there is no event at byte"):
            EVTX.raw(found.prepared.opened, *wrong)
    path.write_bytes(path.read_bytes()[: offset + 30])
    with pytest.raises(ValueError, match="there is no event at byte"):
        EVTX.raw(found.prepared.opened, offset, length)
    path.unlink()
    with pytest.raises(OSError, match=r"log\.evtx"):
        EVTX.raw(found.prepared.opened, offset, length)
    with pytest.raises(OSError, match=r"log\.evtx"):
        list(EVTX.read(found.prepared.opened, found.prepared.pieces[0]))


# ---- real logs


def test_real_logs_read_as_another_reader_reads_them(shared: Path) -> None:
    checked = 0
    with (shared / "corpus" / "evtx_truth.csv").open(encoding="utf-8", newline="") as file:
        for truth in csv.DictReader(file):
            sound = truth["rust_errors"] == "0" and truth["libevtx_corrupt"] == "0" and truth["hdr_crc_ok"] == "1"
            if not sound:
                continue
            found = read(shared / "corpus" / truth["file"], EVTX)
            times = found.frame["time"].drop_nulls()
            assert (len(found.frame), found.problems) == (int(truth["rust_records"]), ()), truth["file"]
            if len(times):
                first, last = (microseconds(datetime.fromisoformat(truth[name])) for name in ("first_ts", "last_ts"))
                assert (times.min(), times.max()) == (first, last), truth["file"]
            checked += 1
    assert checked > 560
