"""Damaged .evtx files: exactly what is read, and exactly what is said about the rest."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from inspector.events import Flags
from inspector.formats.evtx import EVTX, first_reader
from tests.builders import evtx_damage as damage
from tests.builders.evtx import DEFAULT_TIME, FILE_HEADER_SIZE, EventSpec, Rendering, evtx_bytes
from tests.builders.evtx_binxml import CHUNK_SIZE, CharacterReference, Typed, ValueType
from tests.builders.evtx_damage import ChunkPlace, RecordPlace
from tests.formats.reading import Read, read

ROOT = Path(__file__).resolve().parents[2]
COUNT = 400

Damage = Callable[[bytes], bytes]
Said = tuple[str, str, int]
"""Position, how the reason begins, events lost."""


def events() -> list[EventSpec]:
    return [
        EventSpec(time=DEFAULT_TIME + timedelta(seconds=number), data=((f"Name{number % 3}", f"value {number} " + "x" * (number % 500)),))
        for number in range(COUNT)
    ]


SOUND = evtx_bytes(events())
PLACES = damage.layout(SOUND)
FIRST, SECOND, LAST = PLACES[0], PLACES[1], PLACES[-1]
NUMBERS = list(range(1, COUNT + 1))
assert len(PLACES) >= 4


def numbers(place: ChunkPlace) -> list[int]:
    return [record.number for record in place.records]


def without(*lost: int) -> list[int]:
    return [number for number in NUMBERS if number not in lost]


def chunk_words(place: ChunkPlace, shift: int = 0) -> str:
    number, rest = divmod(place.offset + shift - FILE_HEADER_SIZE, CHUNK_SIZE)
    return f"chunk at byte {place.offset + shift:,}" if rest else f"chunk {number} at byte {place.offset:,}"


def record_words(place: ChunkPlace, record: RecordPlace, words: str | None = None) -> str:
    return f"{words or f'record {record.number:,}'} at byte {record.offset:,}, {chunk_words(place)}"


def read_bytes(tmp_path: Path, data: bytes) -> Read:
    path = tmp_path / "log.evtx"
    path.write_bytes(data)
    return read(path, EVTX)


def said(found: Read) -> list[Said]:
    assert {problem.source for problem in found.problems} <= {"log.evtx"}
    return [(problem.position, problem.reason, problem.lost) for problem in found.problems]


@dataclass(frozen=True, slots=True)
class Case:
    """One damage and what comes of it."""

    harm: Damage
    read: list[int]
    """Record numbers."""
    says: tuple[Said, ...]
    recovered: tuple[ChunkPlace, ...] = ()
    """Chunks whose events are marked as out of a damaged place."""


HEADER = "the file header is missing or wiped; the file was read without it"
TENTH = SECOND.records[10]
NEXT = SECOND.records[11]
CUTS = damage.cut_places(SOUND)
MIDDLE = LAST.records[len(LAST.records) // 2]


def header_less(place: ChunkPlace) -> str:
    return f"the header of this chunk is damaged; {len(place.records)} events could be read without it"


def missing_header(place: ChunkPlace) -> str:
    return f"the header of this chunk is missing; {len(place.records)} events could be read without it"


def wrong_checksum(place: ChunkPlace) -> str:
    return f"its checksum does not hold: bytes were changed after they were written; its {len(place.records)} events may be wrong"


def strays(start: int, count: int) -> Said:
    return (f"byte {start:,}", f"{count:,} bytes there are no part of an event log; no event is in them", 0)


def cut(early: int, rest: str, lost: int) -> Said:
    return (chunk_words(LAST), f"the file ends inside of this chunk, {early:,} bytes early; {rest}", lost)


def cut_at(name: str) -> Damage:
    return lambda data: damage.truncated(data, CUTS[name])


def rest_of(place: ChunkPlace, first: RecordPlace) -> list[int]:
    return [number for number in numbers(place) if number >= first.number]


CASES: dict[str, Case] = {
    "dirty": Case(damage.dirty, NUMBERS, ()),
    "full disk of empty chunks": Case(lambda data: data + bytes(3 * CHUNK_SIZE), NUMBERS, ()),
    "wrong number of chunks": Case(lambda data: damage.with_chunk_count(data, 1), NUMBERS, ()),
    "file header zeroed": Case(damage.file_header_zeroed, NUMBERS, (("file header", HEADER, 0),)),
    "file header removed": Case(damage.file_header_removed, NUMBERS, (("file header", HEADER, 0),)),
    "file header damaged": Case(
        lambda data: damage.overwritten(data, 16, b"\xff"),
        NUMBERS,
        (("file header", "the file header is damaged; the file was read without it", 0),),
    ),
    "garbage in front": Case(lambda data: damage.with_garbage(data, 0, 5000), NUMBERS, (("file header", HEADER, 0),)),
    "garbage appended": Case(lambda data: damage.with_garbage(data, len(data), 1000), NUMBERS, (strays(len(SOUND), 1000),)),
    "much garbage appended": Case(
        lambda data: damage.with_garbage(data, len(data), 3 * CHUNK_SIZE + 7), NUMBERS, (strays(len(SOUND), 3 * CHUNK_SIZE + 7),)
    ),
    "garbage between chunks": Case(lambda data: damage.with_garbage(data, SECOND.offset, 777), NUMBERS, (strays(SECOND.offset, 777),)),
    "chunk header zeroed": Case(
        lambda data: damage.chunk_header_zeroed(data, 1), NUMBERS, ((chunk_words(SECOND), missing_header(SECOND), 0),), (SECOND,)
    ),
    "chunk magic broken": Case(
        lambda data: damage.chunk_magic_broken(data, 1), NUMBERS, ((chunk_words(SECOND), missing_header(SECOND), 0),), (SECOND,)
    ),
    "every header gone": Case(
        lambda data: damage.file_header_zeroed(damage.overwritten(damage.chunk_magic_broken(data, 1), FIRST.offset, bytes(512))),
        NUMBERS,
        (("file header", HEADER, 0), (chunk_words(FIRST), missing_header(FIRST), 0), (chunk_words(SECOND), missing_header(SECOND), 0)),
        (FIRST, SECOND),
    ),
    "chunk zeroed": Case(lambda data: damage.chunk_zeroed(data, 1), without(*numbers(SECOND)), ()),
    "header checksum broken": Case(
        lambda data: damage.chunk_header_checksum_broken(data, 1), NUMBERS, ((chunk_words(SECOND), header_less(SECOND), 0),), (SECOND,)
    ),
    "data checksum broken": Case(
        lambda data: damage.overwritten(data, TENTH.offset + TENTH.length - 5, b"\x01"),
        NUMBERS,
        ((chunk_words(SECOND), wrong_checksum(SECOND), 0),),
        (SECOND,),
    ),
    "free space offset too small": Case(
        lambda data: damage.with_free_space_offset(data, 1, NEXT.offset - SECOND.offset),
        NUMBERS,
        ((chunk_words(SECOND), header_less(SECOND), 0),),
        (SECOND,),
    ),
    "free space offset beyond the chunk": Case(
        lambda data: damage.with_free_space_offset(data, 1, 2**32 - 1), NUMBERS, ((chunk_words(SECOND), header_less(SECOND), 0),), (SECOND,)
    ),
    "names chained in a circle": Case(lambda data: damage.name_chain_looped(data, 1), NUMBERS, ()),
    "record magic broken": Case(
        lambda data: damage.record_magic_broken(data, 1, 10),
        without(TENTH.number),
        ((record_words(SECOND, TENTH, f"{TENTH.length:,} bytes"), "no record can be made out there; 1 are missing by their numbers", 1),),
        (SECOND,),
    ),
    "record magic zeroed": Case(
        lambda data: damage.record_magic_broken(data, 1, 10, bytes(4)),
        without(TENTH.number),
        ((record_words(SECOND, TENTH, f"{TENTH.length:,} bytes"), "no record can be made out there; 1 are missing by their numbers", 1),),
        (SECOND,),
    ),
    "record size too large": Case(
        lambda data: damage.record_size_broken(data, 1, 10, 2**31), NUMBERS, ((chunk_words(SECOND), wrong_checksum(SECOND), 0),), (SECOND,)
    ),
    "record size too small": Case(
        lambda data: damage.record_size_broken(data, 1, 10, 40), NUMBERS, ((chunk_words(SECOND), wrong_checksum(SECOND), 0),), (SECOND,)
    ),
    "record body broken": Case(
        lambda data: damage.record_body_broken(data, 1, 10),
        without(TENTH.number),
        ((record_words(SECOND, TENTH), "its content is damaged: there is no token 0x3f in binary XML", 1),),
        (SECOND,),
    ),
    "two records overwritten": Case(
        lambda data: damage.overwritten(data, TENTH.offset, bytes(TENTH.length + NEXT.length)),
        without(TENTH.number, NEXT.number),
        (
            (
                record_words(SECOND, TENTH, f"{TENTH.length + NEXT.length:,} bytes"),
                "no record can be made out there; 2 are missing by their numbers",
                2,
            ),
        ),
        (SECOND,),
    ),
    "last record overwritten": Case(
        lambda data: damage.overwritten(data, LAST.records[-1].offset, bytes(LAST.records[-1].length)),
        without(COUNT),
        (
            (
                record_words(LAST, LAST.records[-1], f"{LAST.records[-1].length:,} bytes"),
                "no record can be made out there; 1 are missing by their numbers",
                1,
            ),
        ),
        (LAST,),
    ),
    "first record overwritten": Case(
        # it holds the chunk's names and templates
        lambda data: damage.overwritten(data, SECOND.records[0].offset + 24, bytes(SECOND.records[0].length - 28)),
        without(*numbers(SECOND)),
        tuple((record_words(SECOND, record), "its content is damaged: ", 1) for record in SECOND.records),
    ),
    "cut in the file header": Case(
        cut_at("in the file header"), [], (("file header", "the file header is damaged; the file was read without it", 0),)
    ),
    "cut behind the file header": Case(cut_at("behind the file header"), [], ()),
    "cut in the first chunk header": Case(
        cut_at("in the first chunk header"),
        [],
        ((chunk_words(FIRST), f"the file ends inside of this chunk, {CHUNK_SIZE - 60:,} bytes early; what was to follow is missing", 0),),
    ),
    "cut between chunks": Case(cut_at("between chunks"), without(*numbers(LAST)), ()),
    "cut in the last chunk header": Case(
        cut_at("in the last chunk header"), without(*numbers(LAST)), (cut(CHUNK_SIZE - 300, "what was to follow is missing", 0),)
    ),
    "cut behind the last chunk header": Case(
        cut_at("behind the last chunk header"),
        without(*numbers(LAST)),
        (cut(CHUNK_SIZE - 512, f"{len(LAST.records)} events that belong here are missing", len(LAST.records)),),
    ),
    **{
        f"cut {name}": Case(
            cut_at(name),
            without(*rest_of(LAST, MIDDLE)),
            (
                cut(
                    LAST.offset + CHUNK_SIZE - CUTS[name],
                    f"{len(rest_of(LAST, MIDDLE))} events that belong here are missing",
                    len(rest_of(LAST, MIDDLE)),
                ),
            ),
            (LAST,),
        )
        for name in ("in a record header", "between records")
    },
    "cut in the slack": Case(
        cut_at("in the slack"),
        NUMBERS,
        (cut(CHUNK_SIZE - LAST.free, "none of its events is missing", 0),),
        (LAST,),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_read_and_what_is_said(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    found = read_bytes(tmp_path, case.harm(SOUND))
    assert found.frame["position"].to_list() == case.read
    told = said(found)
    assert len(told) == len(case.says)
    for (position, reason, lost), (expected_position, begins, expected_lost) in zip(told, case.says, strict=True):
        assert (position, lost) == (expected_position, expected_lost)
        assert reason.startswith(begins)
    recovered = {number for place in case.recovered for number in numbers(place)}
    flagged = found.frame.filter(found.frame["flags"] & int(Flags.RECOVERED) != 0)["position"].to_list()
    assert flagged == [number for number in case.read if number in recovered]
    assert found.frame["message"].to_list()[-1:] == [_message(number) for number in case.read[-1:]]


def _message(number: int) -> str:
    return f"Name{(number - 1) % 3}: value {number - 1} " + "x" * ((number - 1) % 500)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if len(case.read) > 100])
def test_every_event_of_a_damaged_file_is_shown_again(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    found = read_bytes(tmp_path, case.harm(SOUND))
    for row in [0, len(case.read) // 2, len(case.read) - 1, *range(len(FIRST.records) - 3, len(FIRST.records) + 20)]:
        if row < len(case.read):
            assert f"<EventRecordID>{case.read[row]}</EventRecordID>" in found.raw(row)


def test_a_cut_record_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    """A long event whose end is missing: its System block and the start of its data are there."""
    data = evtx_bytes([EventSpec(), EventSpec(data=(("Short", "kept"), ("Long", "x" * 20_000)))])
    place = damage.layout(data)[0]
    torn = place.records[1]
    early = len(data) - (torn.offset + torn.length - 10_000)
    found = read_bytes(tmp_path, damage.truncated(data, len(data) - early))
    assert found.frame["position"].to_list() == [1, 2]
    message = found.frame["message"][1]
    assert message.startswith("Short: kept\nLong: xxx")
    assert 14_000 < len(message) < 16_000
    assert [(reason, lost) for _, reason, lost in said(found)] == [
        (f"the file ends inside of this chunk, {early:,} bytes early; what was to follow is missing", 0),
        ("only a part of this event could be read: its end is missing", 0),
    ]


def test_a_broken_value_costs_itself_only(tmp_path: Path) -> None:
    """An event that the first reader refuses for one value; nothing of it is lost and nothing is wrong with the chunk."""
    never = Typed(ValueType.FILETIME, 2**63 - 1)
    found = read_bytes(
        tmp_path,
        evtx_bytes(
            [
                EventSpec(),
                EventSpec(data=(("Name", "a<b"), ("Expires", never))),
                EventSpec(extra_content=("x", CharacterReference(65), "y")),
            ]
        ),
    )
    assert said(found) == []
    assert found.frame["message"].to_list() == ["", "Name: a<b\nExpires: 30828-09-14T02:48:05.477580Z", "Extra: xAy"]
    assert found.frame["flags"].to_list() == [0, Flags.RECOVERED, Flags.RECOVERED]
    assert "<Extra>xAy</Extra>" in found.raw(2)


def test_left_over_records_of_an_earlier_use_are_not_read(tmp_path: Path) -> None:
    """Behind a chunk's last record Windows leaves what was there before; a wiped header must not bring it back."""
    old = evtx_bytes([EventSpec(data=(("Old", "x" * 300),)) for _ in range(40)], first_record=1)
    new = evtx_bytes([EventSpec(data=(("New", "y"),)) for _ in range(5)], first_record=101)
    place = damage.layout(new)[0]
    data = damage.overwritten(old, FILE_HEADER_SIZE, new[FILE_HEADER_SIZE : place.offset + place.free])
    assert read_bytes(tmp_path, data).frame["position"].to_list() == [101, 102, 103, 104, 105]
    wiped = damage.overwritten(data, FILE_HEADER_SIZE, bytes(512))
    assert read_bytes(tmp_path, wiped).frame["position"].to_list() == [101, 102, 103, 104, 105]


def test_without_the_first_reader_everything_is_read_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = evtx_bytes([*events()[:120], EventSpec(rendering=Rendering("text"), data=(("A", 1.5), ("B", b"\x01"), ("C", ("x", "y"))))])
    expected = read_bytes(tmp_path, data)
    monkeypatch.setattr(first_reader, "AVAILABLE", False)
    found = read_bytes(tmp_path, data)
    assert found.problems == expected.problems == ()
    assert found.frame.drop("flags").to_dicts() == expected.frame.drop("flags").to_dicts()
    assert found.raw(120) == expected.raw(120)


HOSTILE = """
import sys
from pathlib import Path
from inspector.formats.evtx import EVTX
from tests.formats.reading import read
for name in sys.argv[1:]:
    found = read(Path(name), EVTX)
    print(len(found.frame), sum(problem.lost for problem in found.problems), len(found.problems))
"""


def in_another_process(*paths: Path) -> list[tuple[int, int, int]]:
    """Events, lost events and problems of each file; a reader that never ends must not take the tests with it."""
    done = subprocess.run(
        [sys.executable, "-c", HOSTILE, *map(str, paths)], capture_output=True, text=True, timeout=240, check=True, cwd=ROOT
    )
    return [(int(a), int(b), int(c)) for a, b, c in map(str.split, done.stdout.splitlines())]


def test_real_files_that_make_the_first_reader_loop(shared: Path) -> None:
    found = in_another_process(*sorted((shared / "corpus" / "evtx-hostile").glob("*.evtx")))
    assert len(found) == 2
    for read_events, lost, problems in found:
        assert read_events + lost >= 1700
        assert read_events > 1500
        assert problems > 200


def test_random_damage_is_survived_and_accounted_for(tmp_path: Path) -> None:
    paths = []
    for seed in range(60):
        path = tmp_path / f"{seed}.evtx"
        path.write_bytes(damage.random_bytes(SOUND, seed, (1, 10, 100, 1000)[seed % 4], FILE_HEADER_SIZE))
        paths.append(path)
    looped = tmp_path / "looped.evtx"
    looped.write_bytes(damage.chunk_data_checksum_broken(damage.name_chain_looped(SOUND, 1), 1))
    outcomes = in_another_process(*paths, looped)
    assert outcomes[-1] == (COUNT, 0, 1)
    for seed, (read_events, lost, problems) in enumerate(outcomes[:-1]):
        if read_events < COUNT:
            assert problems, seed
        assert read_events + lost <= COUNT + 5, seed
        if seed % 4 < 2:
            # names and templates are in the first records: hit there, a chunk's events are lost, or known in part
            assert read_events > COUNT // 3, seed
