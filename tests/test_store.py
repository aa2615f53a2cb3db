"""Tests of the event store against the same rows in plain Python."""

from __future__ import annotations

import functools
import gc
import random
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.events import Level, Source, TimeBasis, Zone, ZoneBasis
from inspector.job import Cancelled, Job
from inspector.query import Chosen, Every, Negation, Some, as_expression, parse
from inspector.store import EventStore, normalised, write_segment
from inspector.store.mapped import MappedSegment
from inspector.store.segments import BATCH_ROWS

WORDS = ["expired", "token", "Alice", "größer", "ABC", "refused", "e", "kept", "4625", "İ", "ſ", "K"]
COLUMNS = ["source", "position", "time", "time_basis", "level", "provider", "event_id", "computer", "user", "activity", "message", "flags"]


def make_rows(chance: random.Random, count: int, source: int = 0) -> list[dict[str, Any]]:
    return [
        {
            "source": source,
            "position": number + 1,
            "offset": number * 10,
            "time": None if chance.random() < 0.1 else chance.randrange(0, 4_000_000_000_000_000),
            "time_basis": chance.choice([1, 2, 3]),
            "level": chance.randrange(8),
            "provider": chance.choice([None, "WSE", "wse 3", "System.ServiceModel", "Ärger"]),
            "event_id": chance.choice([None, 3, 4625, 4624, -1, 70_000, 1 << 40]) if chance.random() < 0.5 else chance.choice([3, 4625]),
            "computer": chance.choice([None, "WEB01", "web02", "APP"]),
            "user": chance.choice([None, "alice", "bob"]),
            "activity": chance.choice([None, "d60016fb", "0001"]),
            "message": " ".join(chance.choices(WORDS, k=chance.randrange(4))),
            "flags": chance.randrange(16),
        }
        for number in range(count)
    ]


class Built:
    """A store and the same rows as plain Python values."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = EventStore()
        self.rows: list[dict[str, Any]] = []
        self.files = 0

    def source(self, number: int) -> None:
        self.store.put_source(Source(number, Path(f"/logs/{number}.log"), f"/logs/{number}.log", "lines", 1))

    def segment(self, *parts: list[dict[str, Any]]) -> None:
        frames = []
        for rows in parts:
            source = rows[0]["source"]
            if source not in [one.id for one in self.store.sources]:
                self.source(source)
            plain = [{name: value for name, value in row.items() if name != "source"} for row in rows]
            frames.append(
                normalised(pl.DataFrame(plain, schema_overrides={"event_id": pl.Int64, "time": pl.Int64}, infer_schema_length=None), source)
            )
            self.rows.extend(rows)
        self.files += 1
        self.store.adopt(write_segment(pl.concat(frames), self.folder / f"{self.files}.arrow"))


@pytest.fixture
def built(tmp_path: Path) -> Iterator[Built]:
    made = Built(tmp_path)
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """Three sources in five segments, one of them of several record batches."""
    chance = random.Random(5)
    made = Built(tmp_path_factory.mktemp("segments"))
    made.segment(make_rows(chance, 40, 0))
    made.segment(make_rows(chance, 1, 0))
    made.segment(make_rows(chance, 30, 1), make_rows(chance, 20, 2))
    made.segment(make_rows(chance, BATCH_ROWS + 10, 2))
    made.segment(make_rows(chance, 60, 2))
    yield made
    made.store.close()


def test_a_segment_is_private_and_an_arrow_file(built: Built) -> None:
    built.segment(make_rows(random.Random(1), 3))
    (path,) = built.folder.glob("*.arrow")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(pl.read_ipc(path)) == 3


def test_cells_are_read_where_they_lie(mixed: Built) -> None:
    path = mixed.folder / "4.arrow"
    mapped = MappedSegment(path)
    frame = pl.scan_ipc(path).collect()
    for row in (0, 1, BATCH_ROWS - 1, BATCH_ROWS, BATCH_ROWS + 9):
        for name in ("message", "activity"):
            assert mapped.text(name, row) == frame[name][row]
        for name in ("position", "time", "level", "event_id", "flags"):
            assert mapped.number(name, row) == frame[name][row]
    for name in ("message", "activity", "time", "event_id", "level"):
        assert mapped.column(name).to_list() == frame[name].to_list()
    assert mapped.text("message", 3, limit=2) == (frame["message"][3].encode()[:2].decode("utf-8", "ignore"))


@pytest.mark.parametrize("name", ["message", "activity"])
def test_picked_texts_outlive_the_file_they_were_copied_from(mixed: Built, tmp_path: Path, name: str) -> None:
    path = Path(shutil.copy(mixed.folder / "4.arrow", tmp_path))
    expected = pl.scan_ipc(path).select(name).collect()[name].to_list()
    chance = random.Random(4)
    dense = np.arange(len(expected))
    picks = [
        dense,
        dense[::7],
        dense[::-1],
        np.array([chance.randrange(len(expected)) for _ in range(500)]),
        dense[:0],
        np.array([5, 5, 5]),
    ]
    mapped = MappedSegment(path)
    found = [mapped.texts(name, rows) for rows in picks]
    del mapped
    path.unlink()
    gc.collect()
    for rows, texts in zip(picks, found, strict=True):
        assert texts.to_list() == [expected[row] for row in rows]


def test_a_frame_gives_rows_back_in_the_order_asked_for(mixed: Built) -> None:
    chance = random.Random(9)
    for count in (1, 20, 3000):
        wanted = [chance.randrange(len(mixed.rows)) for _ in range(count)]
        frame = mixed.store.frame(wanted, COLUMNS)
        assert frame["row"].to_list() == wanted
        assert frame.columns == ["row", *COLUMNS]
        for name in COLUMNS:
            assert frame[name].to_list() == [mixed.rows[row][name] for row in wanted], name


def test_a_frame_of_everything(mixed: Built) -> None:
    frame = mixed.store.frame(None, ["message", "source_name"])
    assert frame["message"].to_list() == [row["message"] for row in mixed.rows]
    assert frame["source_name"].to_list() == [f"/logs/{row['source']}.log" for row in mixed.rows]


def test_single_rows(mixed: Built) -> None:
    for row in (0, 39, 40, 41, 70, 71, 91, len(mixed.rows) - 1):
        assert mixed.store.message(row) == mixed.rows[row]["message"]
        assert mixed.store.source_of(row).id == mixed.rows[row]["source"]
        time = mixed.rows[row]["time"]
        assert mixed.store.event_time(row) == (None if time is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time))


@pytest.mark.parametrize("row", [-1, 10**6])
def test_rows_that_are_not_there(mixed: Built, row: int) -> None:
    for ask in (mixed.store.message, mixed.store.source_of, mixed.store.event_time):
        with pytest.raises(IndexError):
            ask(row)
    with pytest.raises(IndexError):
        mixed.store.frame([row], ["message"])


def test_an_empty_store_answers(built: Built) -> None:
    store = built.store
    assert len(store) == 0
    assert store.matching(parse("x").condition, Job()).tolist() == []
    assert store.frame(None, ["message"]).height == 0
    assert store.binned(None, 10) is None
    assert store.counts("provider", None, 5) == []
    assert store.in_order(np.zeros(0, np.uint32), "time", descending=False, job=Job()).tolist() == []


# ---- picking rows against plain Python


def fold(text: str) -> str:
    """Upper and lower case alike by ASCII, as the filter does for ASCII words."""
    return "".join(chr(ord(char) + 32) if "A" <= char <= "Z" else char for char in text)


def says(row: dict[str, Any], word: str) -> bool:
    texts = [row[name] or "" for name in ("provider", "computer", "user", "activity", "message")]
    return any(fold(word) in fold(text) for text in texts) or (word.isdigit() and row["event_id"] == int(word))


Naive = Callable[[int, dict[str, Any]], bool]
LEAVES: dict[str, Naive] = {
    **{
        word: functools.partial(lambda word, _, row: says(row, word), word)
        for word in ("expired", "TOKEN", "alice", "4625", "web", "zzz", "d60016fb", "abc")
    },
    "level:error": lambda _, row: row["level"] == Level.ERROR,
    "level:error,failure": lambda _, row: row["level"] in {Level.ERROR, Level.AUDIT_FAILURE},
    "id:4625": lambda _, row: row["event_id"] == 4625,
    "id:>100": lambda _, row: row["event_id"] is not None and row["event_id"] > 100,
    "source:wse": lambda _, row: "wse" in (row["provider"] or "").lower(),
    'source:="wse"': lambda _, row: (row["provider"] or "").lower() == "wse",
    "host:web*": lambda _, row: (row["computer"] or "").lower().startswith("web"),
    "file:*1.log": lambda _, row: row["source"] == 1,
    "has:time": lambda _, row: row["time"] is not None,
    "has:stack": lambda _, row: bool(row["flags"] & 8),
    'activity:=""': lambda _, row: not row["activity"],
    "record:<20": lambda _, row: row["position"] < 20,
    "/^(expired|token)/": lambda _, row: any(
        (row[name] or "").lower().startswith(("expired", "token")) for name in ("provider", "computer", "user", "activity", "message")
    ),
    "time:>1990-01-01": lambda _, row: row["time"] is not None and row["time"] >= 631_238_400_000_000,
    "has:bookmark": lambda number, _: number % 3 == 0,
}

TREES = st.recursive(
    st.sampled_from(sorted(LEAVES)),
    lambda inner: st.one_of(st.tuples(st.just("not"), inner), st.tuples(st.sampled_from(["and", "or"]), inner, inner)),
    max_leaves=4,
)


def written(tree: Any) -> str:
    """A tree of tests in the filter language."""
    match tree:
        case ("not", inner):
            return f"-({written(inner)})"
        case ("and", first, second):
            return f"({written(first)}) ({written(second)})"
        case ("or", first, second):
            return f"({written(first)} OR {written(second)})"
    return str(tree)


class Plain:
    """The same tests in plain Python, each asked of every row once."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.masks = {text: np.array([naive(number, row) for number, row in enumerate(rows)]) for text, naive in LEAVES.items()}

    def rows(self, tree: Any) -> list[int]:
        return [int(row) for row in np.flatnonzero(self._mask(tree))]

    def _mask(self, tree: Any) -> Any:
        match tree:
            case ("not", inner):
                return ~self._mask(inner)
            case ("and", first, second):
                return self._mask(first) & self._mask(second)
            case ("or", first, second):
                return self._mask(first) | self._mask(second)
        return self.masks[tree]


@pytest.fixture(scope="module")
def plain(mixed: Built) -> Plain:
    return Plain(mixed.rows)


def bookmarks(leaf: Chosen) -> np.ndarray[Any, np.dtype[np.int64]]:
    assert leaf.kind == "bookmark"
    return np.arange(0, 100_000, 3)


@given(TREES)
def test_a_filter_finds_what_plain_python_finds(mixed: Built, plain: Plain, tree: Any) -> None:
    arrived: list[int] = []
    rows = mixed.store.matching(parse(written(tree)).condition, Job(), lambda some: arrived.extend(some.tolist()), bookmarks)
    assert rows.dtype == np.uint32
    assert rows.tolist() == plain.rows(tree)
    assert arrived == rows.tolist()


@given(st.lists(st.sampled_from(sorted(set(LEAVES) - {"has:bookmark"})), min_size=1, max_size=3), st.sampled_from([Every, Some]))
def test_an_expression_finds_what_its_condition_finds(mixed: Built, leaves: list[str], join: type[Every | Some]) -> None:
    condition = Negation(join(tuple(parse(text).condition for text in leaves)))
    expression = as_expression(condition, lambda _: pl.lit(value=False))
    assert mixed.store.matching(expression, Job()).tolist() == mixed.store.matching(condition, Job()).tolist()


def test_an_expression_without_columns(mixed: Built) -> None:
    assert len(mixed.store.matching(pl.lit(value=True), Job())) == len(mixed.rows)
    assert len(mixed.store.matching(pl.lit(value=False), Job())) == 0


def test_a_cancelled_search_stops(mixed: Built) -> None:
    job = Job()
    seen: list[int] = []

    def arrived(rows: Any) -> None:
        seen.append(len(rows))
        job.cancel()

    with pytest.raises(Cancelled):
        mixed.store.matching(parse("").condition, job, arrived)
    assert len(seen) == 1


# ---- order and counts


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(
    "column", ["time", "level", "provider", "event_id", "computer", "user", "activity", "message", "position", "source"]
)
def test_sorting_is_stable_and_puts_missing_values_last(mixed: Built, column: str, descending: bool) -> None:
    rows = mixed.store.matching(parse("-level:verbose").condition, Job())

    def key(row: int) -> Any:
        value = mixed.rows[row][column]
        return value.lower()[:64] if isinstance(value, str) else value

    present = [row for row in rows.tolist() if key(row) is not None]
    missing = [row for row in rows.tolist() if key(row) is None]
    expected = sorted(present, key=key, reverse=descending) + missing  # sorted keeps equal ones in order, reversed too
    assert mixed.store.in_order(rows, column, descending=descending, job=Job()).tolist() == expected


@pytest.mark.parametrize("column", ["level", "provider", "event_id", "computer", "message", "source_name"])
def test_counts(mixed: Built, column: str) -> None:
    rows = mixed.store.matching(parse("-level:verbose").condition, Job())
    counted: dict[Any, int] = {}
    for row in rows.tolist():
        value = f"/logs/{mixed.rows[row]['source']}.log" if column == "source_name" else mixed.rows[row][column]
        if value is not None:
            counted[value] = counted.get(value, 0) + 1
    expected = sorted(counted.items(), key=lambda pair: (-pair[1], str(pair[0])))
    assert mixed.store.counts(column, rows, 3) == expected[:3]
    assert mixed.store.counts(column, rows, 10_000) == expected


def test_bins_count_every_event_with_a_time(mixed: Built) -> None:
    rows = mixed.store.matching(parse("level:error,warning").condition, Job())
    binned = mixed.store.binned(rows, 7)
    assert binned is not None
    known = [mixed.rows[row] for row in rows.tolist() if mixed.rows[row]["time"] is not None]
    expected = np.zeros((7, len(Level)), np.int64)
    start = min(row["time"] for row in known)
    for row in known:
        expected[(row["time"] - start) // (binned.step // timedelta(microseconds=1)), row["level"]] += 1
    assert binned.counts.tolist() == expected.tolist()
    assert binned.start == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=start)


def test_a_time_beyond_the_calendar_is_no_time_to_show(built: Built) -> None:
    built.segment([{**make_rows(random.Random(1), 1)[0], "time": 9 * 10**18, "time_basis": 1}])
    assert built.store.event_time(0) is None
    assert built.store.binned(None, 5) is None


# ---- zones and removal


def test_a_zone_moves_local_times_of_its_source_only(mixed: Built, built: Built) -> None:
    chance = random.Random(3)
    first, second = make_rows(chance, 50, 0), make_rows(chance, 50, 1)
    built.segment(first, second)
    zone = Zone(timedelta(hours=2), ZoneBasis.USER, "set by you")
    built.store.set_zone(1, zone)
    later = make_rows(chance, 20, 1)
    built.segment(later)
    times = built.store.frame(None, ["time"])["time"].to_list()

    def expected(row: dict[str, Any]) -> int | None:
        time: int | None = row["time"]
        moves = row["source"] == 1 and time is not None and row["time_basis"] >= TimeBasis.LOCAL
        return time - 7_200_000_000 if moves and time is not None else time

    assert times == [expected(row) for row in [*first, *second, *later]]
    assert built.store.source(1).zone == zone
    local = {row["source"] for row in [*first, *second, *later] if row["time_basis"] >= TimeBasis.LOCAL}
    assert built.store.with_local_times() == local
    built.store.set_zone(1, replace(zone, offset=timedelta(0)))
    assert built.store.frame(None, ["time"])["time"].to_list() == [row["time"] for row in [*first, *second, *later]]


def test_removing_a_source_moves_the_rows_behind_it_up(built: Built) -> None:
    chance = random.Random(4)
    a, b, c, d = make_rows(chance, 30, 0), make_rows(chance, 20, 1), make_rows(chance, 10, 2), make_rows(chance, 25, 1)
    built.segment(a)
    built.segment(b, c)
    built.segment(d)
    built.store.set_zone(2, Zone(timedelta(hours=1), ZoneBasis.USER, ""))
    zoned = built.store.frame(list(range(50, 60)), ["time"])["time"].to_list()
    built.store.remove(1)
    left = [*a, *c]
    assert len(built.store) == len(left)
    for name in ("message", "provider", "user", "level", "position", "activity"):
        assert built.store.frame(None, [name])[name].to_list() == [row[name] for row in left]
    assert built.store.frame(list(range(30, 40)), ["time"])["time"].to_list() == zoned
    assert [source.id for source in built.store.sources] == [0, 2]
    assert len(list(built.folder.glob("*.arrow"))) == 2
    rows = built.store.matching(parse("file:*2.log").condition, Job())
    assert rows.tolist() == list(range(30, 40))
    with pytest.raises(KeyError):
        built.store.remove(1)


def test_a_search_goes_on_while_its_source_is_removed(built: Built) -> None:
    chance = random.Random(6)
    for _ in range(6):
        built.segment(make_rows(chance, 200, 0))
    built.segment(make_rows(chance, 10, 1))
    removed = False

    def arrived(_: Any) -> None:
        nonlocal removed
        if not removed:
            removed = True
            built.store.remove(0)

    rows = built.store.matching(parse("").condition, Job(), arrived)
    assert len(rows) == 1210
    assert len(built.store) == 10


# ---- what formats hand over


def test_what_a_format_leaves_out_is_filled(built: Built) -> None:
    built.source(0)
    frame = normalised(pl.DataFrame({"message": ["a", None], "level": [2, None]}), 0)
    built.store.adopt(write_segment(frame, built.folder / "x.arrow"))
    row = built.store.frame([1], ["message", "level", "time", "event_id", "provider", "activity", "position", "flags"]).row(0, named=True)
    assert row == {
        "row": 1,
        "message": "",
        "level": 0,
        "time": None,
        "event_id": None,
        "provider": None,
        "activity": None,
        "position": 0,
        "flags": 0,
    }


def test_codes_may_come_as_categories_and_empty_texts_are_none(built: Built) -> None:
    built.source(0)
    frame = pl.DataFrame({"provider": ["b", "", None, "a", "b"], "message": list("12345")}).with_columns(
        pl.col("provider").cast(pl.Categorical)
    )
    built.store.adopt(write_segment(normalised(frame, 0), built.folder / "x.arrow"))
    assert built.store.frame(None, ["provider"])["provider"].to_list() == ["b", None, None, "a", "b"]


def test_many_distinct_codes(built: Built) -> None:
    built.source(0)
    names = [f"user{number}" for number in range(70_000)]
    for part in (names[:100], names[:300], names):
        file = write_segment(normalised(pl.DataFrame({"user": part, "message": part}), 0), built.folder / f"{len(part)}.arrow")
        built.store.adopt(file)
    assert built.store.frame(None, ["user"])["user"].to_list() == [*names[:100], *names[:300], *names]
    assert len(built.store.matching(parse("user:=user69999").condition, Job())) == 1
