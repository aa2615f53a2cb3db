"""Events of sound chunks made rows at once: the same, column by column, as out of the native reader's XML."""

from __future__ import annotations

import random
import struct
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.events import Flags, Problem
from inspector.formats.base import Batch, FileSpan, Opened
from inspector.formats.evtx import EVTX, first_reader
from inspector.formats.evtx.bulk import FEW
from inspector.formats.evtx.columns import EventColumns
from inspector.formats.evtx.reading import Events, PieceReader, Rows, together
from tests.builders.evtx import DEFAULT_TIME, EventSpec, Node, Rendering, evtx_bytes, set_chunk_checksums
from tests.builders.evtx_binxml import CHUNK_SIZE, Typed, ValueType

pytestmark = pytest.mark.skipif(not first_reader.AVAILABLE, reason="no native reader here")

HEADER = 4096


def texts_of(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(name).cast(pl.String) for name, dtype in frame.schema.items() if isinstance(dtype, pl.Enum))


def at_once(data: bytes, columns: EventColumns | None = None) -> tuple[pl.DataFrame, list[object]]:
    """Rows, and whatever else comes of it."""
    known = columns or EventColumns()
    parts: list[pl.DataFrame] = []
    rest: list[object] = []
    for item in PieceReader(BytesIO(data), "log", FileSpan(0, len(data)), known).items():
        match item:
            case Rows():
                parts.append(texts_of(item.frame))
            case Events():
                parts.append(texts_of(known.frame(item.texts, item.offsets, item.lengths, item.written, item.flags)))
            case _:
                rest.append(item)
    return (pl.concat(parts) if parts else pl.DataFrame()), rest


def one_by_one(data: bytes) -> tuple[pl.DataFrame, list[object]]:
    items: list[object] = list(PieceReader(BytesIO(data), "log", FileSpan(0, len(data))).items())
    found = [item for item in items if isinstance(item, Events)]
    rest = [item for item in items if not isinstance(item, Events)]
    if not found:
        return pl.DataFrame(), rest
    events = together(found)
    return texts_of(EventColumns().frame(events.texts, events.offsets, events.lengths, events.written, events.flags)), rest


def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Fills with how many events the native reader wrote at each time."""
    counts: list[int] = []
    outcomes = first_reader.outcomes

    def counted(file: BytesIO) -> list[str | first_reader.Refusal]:
        found = outcomes(file)
        counts.append(len(found))
        return found

    monkeypatch.setattr(first_reader, "outcomes", counted)
    return counts


def many(make: Callable[[int], EventSpec], count: int = 3 * FEW) -> list[EventSpec]:
    return [replace(make(number), time=DEFAULT_TIME + timedelta(seconds=number)) for number in range(count)]


def logon(number: int) -> EventSpec:
    return EventSpec(
        provider="Microsoft-Windows-Security-Auditing",
        event_id=4625,
        level=0,
        keywords=0x8010000000000000,
        channel="Security",
        user_sid=f"S-1-5-21-{number % 3}",
        activity_id=uuid.UUID(int=number // 5 + 1),
        data=(
            ("TargetUserName", f"user{number % 7}"),
            ("Status", Typed(ValueType.HEX32, 0xC000006D)),
            ("SubStatus", Typed(ValueType.HEX32, (0xC000006A, 0xC0000234, 5)[number % 3])),
            ("LogonType", Typed(ValueType.UINT32, number % 12)),
            ("IpAddress", ("", " ", "192.0.2.1")[number % 3]),
        ),
    )


SIGNED = (ValueType.INT8, ValueType.INT16, ValueType.INT32, ValueType.INT64)
UNSIGNED = (ValueType.UINT8, ValueType.UINT16, ValueType.UINT32, ValueType.UINT64, ValueType.SIZE, ValueType.HEX32, ValueType.HEX64)

ALIKE = {
    "our own text above": logon,
    "classic": lambda number: EventSpec(event_id=number % 5, qualifiers=16384, data=((None, f"Text {number}"),), binary=b"\x01\x02"),
    "one value, sometimes empty": lambda number: EventSpec(data=((None, "" if number % 3 else "x"),)),
    "no data": lambda number: EventSpec(event_id=4608, provider="Microsoft-Windows-Security-Auditing", computer=f"host{number % 2}"),
    "numbers": lambda number: EventSpec(
        data=tuple(
            (
                kind.name,
                Typed(kind, number % 128 - (60 if kind in SIGNED else 0)),
            )
            for kind in (*SIGNED, *UNSIGNED)
        )
    ),
    "other types": lambda number: EventSpec(
        data=(
            ("a", uuid.UUID(int=number << 60)),
            ("b", Typed(ValueType.SID, f"S-1-5-21-{number}-{number}" if number % 2 else "S-1-5-18")),
            ("c", DEFAULT_TIME + timedelta(seconds=number)),
            ("d", Typed(ValueType.SYSTEMTIME, DEFAULT_TIME + timedelta(seconds=number))),
            ("e", Typed(ValueType.BOOL, number % 2 == 0)),
            ("f", Typed(ValueType.BINARY, bytes([number]) * (number % 4))),
            ("g", None),
        )
    ),
    "letters of the world": lambda number: EventSpec(data=(("Grüße", "añ語é€"[number % 6 :]), ("b", "a < b && \"c\" > 'd' &amp; ]]>"))),
    "two heads that read the same": lambda number: EventSpec(level=number % 2, data=(("a", "b"),)),
}
"""Kinds of events of which all but the samples are made at once."""


@pytest.mark.parametrize("make", ALIKE.values(), ids=ALIKE)
def test_events_of_one_kind_are_the_same_and_need_no_xml(make: Callable[[int], EventSpec], monkeypatch: pytest.MonkeyPatch) -> None:
    data = evtx_bytes(many(make))
    want, _ = one_by_one(data)
    columns = EventColumns()
    found, _ = at_once(data, columns)
    assert found.equals(want)
    counts = asked(monkeypatch)
    again, _ = at_once(data, columns)
    assert again.equals(want)
    assert sum(counts) <= FEW  # those that are rare for an empty value


LEFT = {
    "an array": lambda number: EventSpec(data=((None, ("a", f"b{number}")),)),
    "fractions": lambda number: EventSpec(data=(("a", 0.1 * number),)),
    "user data": lambda number: EventSpec(user_data=Node("Logged", children=(Node("Name", children=(f"user{number}",)),))),
    "came with its message": lambda number: EventSpec(data=(("a", "b"),), rendering=Rendering(message=f"Message {number}")),
    "a time as text": lambda _: EventSpec(time_text="2024-05-06T07:08:09Z", data=(("a", "b"),)),
    "a tab": lambda number: EventSpec(data=(("a", f"b\t{number}\r\n"),)),
    "half a pair": lambda number: EventSpec(data=(("a", f"\ud800{number}"),)),
    "beyond 16 bits": lambda number: EventSpec(data=(("a", f"\U0001f511{number}"),)),
    "ends within": lambda number: EventSpec(data=(("a", f"b\0c{number}"),)),
    "a provider of markup": lambda _: EventSpec(provider="<&>", data=(("a", "b"),)),
}
"""Kinds of events that are left to the native reader."""


@pytest.mark.parametrize("make", LEFT.values(), ids=LEFT)
def test_what_is_made_otherwise_is_left_to_the_native_reader(make: Callable[[int], EventSpec]) -> None:
    mixed = [spec for pair in zip(many(logon), many(make), strict=True) for spec in pair]
    data = evtx_bytes(mixed)
    want, rest = one_by_one(data)
    found, beside = at_once(data)
    assert found.equals(want)
    assert beside == rest


def test_the_native_reader_is_asked_for_the_rare_ones_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    specs = many(logon, 40 * FEW)
    specs[1000:1003] = [EventSpec(data=(("rare", f"{number}"),)) for number in range(3)]
    data = evtx_bytes(specs)
    want, _ = one_by_one(data)
    columns = EventColumns()
    at_once(data, columns)
    counts = asked(monkeypatch)
    found, _ = at_once(data, columns)
    assert found.equals(want)
    assert 0 < sum(counts) < FEW


def test_a_layout_that_reads_otherwise_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    data = evtx_bytes(many(logon))
    want, _ = one_by_one(data)
    monkeypatch.setattr("inspector.formats.evtx.filling._text", lambda *_: "wrong")
    found, _ = at_once(data)
    assert found.equals(want)


VALUES = (
    st.text(max_size=12)
    | st.text(st.characters(codec="ascii"), max_size=12)
    | st.integers(-(2**63), 2**64 - 1)
    | st.sampled_from([None, True, 1.5, b"\0\1", ("a", "b"), uuid.UUID(int=1), DEFAULT_TIME])
)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["a", "TargetUserName", None, "ä&<"]), VALUES), max_size=4), st.lists(VALUES, min_size=1, max_size=4)
)
def test_whatever_the_values_are(names: list[tuple[str | None, object]], others: Sequence[object]) -> None:
    def make(number: int) -> EventSpec:
        data = list(names)
        if data:
            data[number % len(data)] = (data[number % len(data)][0], others[number % len(others)])
        return replace(logon(number), event_id=4624 + number % 3, data=tuple(data))  # type: ignore[arg-type]

    data = evtx_bytes(many(make, 8 * FEW))
    want, rest = one_by_one(data)
    found, beside = at_once(data)
    assert found.equals(want)
    assert beside == rest


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32))
def test_bytes_that_were_changed_and_signed_again_break_nothing(seed: int) -> None:
    chance = random.Random(seed)
    make = chance.choice([*ALIKE.values(), *LEFT.values()])
    data = bytearray(evtx_bytes(many(make, 5 * FEW)))
    for _ in range(chance.choice([1, 1, 3, 20])):
        at = chance.randrange(HEADER + 512, min(len(data), HEADER + CHUNK_SIZE))
        value = chance.choice([0, 0xFF, chance.randrange(256)])
        if chance.random() < 0.5:
            data[at] = value
        else:
            struct.pack_into("<I", data, min(at, len(data) - 4), chance.choice([0, 0xFFFFFFFF, 0xFFFF, 65530, chance.getrandbits(16)]))
    for at in range(HEADER, len(data), CHUNK_SIZE):
        chunk = bytearray(data[at : at + CHUNK_SIZE])
        set_chunk_checksums(chunk)
        data[at : at + CHUNK_SIZE] = chunk
    want, rest = one_by_one(bytes(data))
    found, beside = at_once(bytes(data))
    assert len(found) >= len(want)
    if not any("damaged" in str(item) or "part" in str(item) for item in rest):
        # what the native reader refuses another one reads, which is noted; where nothing of it is needed, nothing is amiss
        assert found.drop("flags").equals(want.drop("flags"))
        assert (found["flags"] | int(Flags.RECOVERED)).equals(want["flags"] | int(Flags.RECOVERED))
        assert beside == rest


def test_small_files_together_read_as_each_alone(tmp_path: Path) -> None:
    sound = [evtx_bytes(many(make, 20 + 7 * number)) for number, make in enumerate(ALIKE.values())]
    contents = [*sound[:3], sound[3] + b"\0" * CHUNK_SIZE, *sound[4:], sound[0][:-1000], bytes(HEADER) + sound[1][HEADER:], sound[2]]
    files = []
    for number, content in enumerate(contents):
        path = tmp_path / f"{number}.evtx"
        path.write_bytes(content)
        files.append(Opened(path, path.name))
    rows: list[pl.DataFrame] = []
    problems: list[tuple[int, Problem]] = []
    for of, item in EVTX.read_together(files, contents):
        if isinstance(item, Batch):
            assert not isinstance(of, int)
            rows.append(texts_of(item.frame).with_columns(file=pl.Series(of, dtype=pl.Int64)))
        elif isinstance(item, Problem):
            assert isinstance(of, int)
            problems.append((of, item))
    alone: list[pl.DataFrame] = []
    told: list[tuple[int, Problem]] = []
    for number, file in enumerate(files):
        for item in EVTX.read(file, FileSpan(0, len(contents[number]))):
            if isinstance(item, Batch):
                alone.append(texts_of(item.frame).with_columns(file=pl.lit(number, pl.Int64)))
            elif isinstance(item, Problem):
                told.append((number, item))
    assert pl.concat(rows).equals(pl.concat(alone))
    assert problems == told
    assert {number for number, _ in told} == {len(sound)}
