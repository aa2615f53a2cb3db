"""Every format recognises its sample and no near miss, reads exactly what is in it, in one piece or many, in any encoding, and survives anything."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.formats import FORMATS
from inspector.formats.base import Batch, Format, Opened
from inspector.formats.text import blocks
from tests.formats import reading
from tests.formats.samples import SAMPLES, Row, Sample

TEXT_SAMPLES = [name for name in SAMPLES if name != "evt"]
MODULES = [pytest.param(name, sample, id=name) for name, sample in SAMPLES.items()]


def rows(frame: pl.DataFrame) -> list[Row]:
    """The frame's events in the shape of the samples."""
    times = frame["time"].cast(pl.Datetime("us")).to_list()
    return [
        Row(
            row["position"],
            time.isoformat() if time else None,
            row["time_basis"] or 0,
            row["level"] or 0,
            row["provider"],
            row["event_id"],
            row["message"],
        )
        for row, time in zip(frame.to_dicts(), times, strict=True)
    ]


def expect(found: list[Row], sample: Sample) -> None:
    """Compare; a sample says only how its messages begin."""
    cut = [Row(*row[:-1], row[-1][: len(expected.begins)]) for row, expected in zip(map(_tuple, found), sample.rows, strict=False)]
    assert cut == list(sample.rows)[: len(cut)]
    assert len(found) == len(sample.rows)


def _tuple(row: Row) -> tuple[int, str | None, int, int, str | None, int | None, str]:
    return (row.position, row.time, row.basis, row.level, row.provider, row.event_id, row.begins)


@pytest.mark.parametrize(("module", "sample"), MODULES)
def test_sample_is_recognised_and_read(module: str, sample: Sample, tmp_path: Path) -> None:
    path = tmp_path / "some.log"
    path.write_bytes(sample.data)
    read = reading.read(path)
    assert read.format is reading.by_module(module)
    expect(rows(read.frame), sample)
    assert len(read.problems) == sample.problems


@pytest.mark.parametrize(("module", "sample"), MODULES)
def test_near_misses_are_left_to_others(module: str, sample: Sample) -> None:
    format_ = reading.by_module(module)
    for miss in sample.misses:
        assert reading.best(miss) is not format_ or format_.sniff(miss, "x") == 0


@pytest.mark.parametrize(("module", "sample"), MODULES)
def test_every_event_shows_its_source_again(module: str, sample: Sample, tmp_path: Path) -> None:
    path = tmp_path / "some.log"
    path.write_bytes(sample.data)
    read = reading.read(path)
    for row in range(len(read.frame)):
        raw = read.raw(row)
        assert raw.strip()
        fields = read.format.fields(raw)
        assert fields
        assert all(name.strip() for name, _ in fields if name)
        if module not in {"evt", "containers", "har"}:
            offset, length = read.frame["offset"][row], read.frame["length"][row]
            assert raw == sample.data[offset : offset + length].decode("utf-8")


@pytest.mark.parametrize("module", TEXT_SAMPLES)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-8-sig"])
def test_encodings_give_the_same_events(module: str, encoding: str, tmp_path: Path) -> None:
    sample = SAMPLES[module]
    mark = "" if encoding == "utf-8-sig" else "\ufeff"
    path = tmp_path / "some.log"
    path.write_bytes((mark + sample.data.decode("utf-8").removeprefix("\ufeff")).encode(encoding))
    read = reading.read(path)
    assert read.format is reading.by_module(module)
    assert read.prepared.opened.encoding == encoding.removesuffix("-sig")
    expect(rows(read.frame), sample)
    assert all(read.raw(row).strip() for row in range(len(read.frame)))


@pytest.mark.parametrize("module", TEXT_SAMPLES)
def test_pieces_and_blocks_change_nothing(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    format_ = reading.by_module(module)
    one = SAMPLES[module].data.decode("utf-8").removeprefix("\ufeff")
    if module in {"json_array", "cloudtrail", "entra_signin", "har", "snippet", "event_csv"}:
        text = one
    else:
        text = (one if one.endswith("\n") else one + "\n") * 6
    path = tmp_path / "some.log"
    path.write_bytes(text.encode())
    whole = reading.read(path, format_)
    monkeypatch.setattr(blocks, "BLOCK", 700)
    monkeypatch.setattr(blocks, "PIECE", 900)
    cut = reading.read(path, format_)
    assert whole.frame.equals(cut.frame)
    assert [problem.reason for problem in whole.problems] == [problem.reason for problem in cut.problems]
    if text is not one and len(text) > 4000:
        assert len(cut.prepared.pieces) > 1


@pytest.mark.parametrize("module", TEXT_SAMPLES)
def test_events_longer_than_any_may_be_are_cut_and_not_lost(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = SAMPLES[module].data.removeprefix(b"\xef\xbb\xbf")
    path = tmp_path / "some.log"
    path.write_bytes(data)
    monkeypatch.setattr(blocks, "BLOCK", 40)
    monkeypatch.setattr(blocks, "LONGEST_EVENT", 90)
    read = reading.read(path, reading.by_module(module))
    outside = bytearray(data)
    for offset, length in zip(read.frame["offset"].to_list(), read.frame["length"].to_list(), strict=True):
        outside[offset : offset + length] = b" " * length
    left = bytes(outside).translate(None, b" \t\r\n,[]{}-")
    header = module in {"event_csv", "iis_w3c", "sharepoint_uls", "cloudtrail", "har", "windows_event_xml", "wse_trace"}
    assert header or not left or read.problems, left[:200]


def test_a_file_that_shrinks_is_told(tmp_path: Path) -> None:
    path = tmp_path / "some.log"
    path.write_bytes(b"one\ntwo\n" * 100)
    format_ = reading.by_module("lines")
    prepared = format_.prepare(Opened(path, "some.log"))
    path.write_bytes(b"one\n")
    with pytest.raises(OSError, match="became shorter"):
        list(format_.read(prepared.opened, prepared.pieces[0]))


def test_every_format_has_a_sample_and_says_what_it_is() -> None:
    covered = {id(reading.by_module(module)) for module in SAMPLES}
    assert [format_.name for format_ in FORMATS if id(format_) not in covered and format_.name != "evtx"] == []
    assert len({format_.name for format_ in FORMATS}) == len(FORMATS)
    for format_ in FORMATS:
        assert format_.title
        assert format_.recognised_by
        assert all(ending.startswith(".") and ending == ending.lower() for ending in format_.extensions)
        assert format_.position_word in {"record", "line"}


OWN = [format_ for format_ in FORMATS if format_.name != "evtx"]
SEEDS = [sample.data for sample in SAMPLES.values()]


@st.composite
def hostile(draw: st.DrawFn) -> bytes:
    """Bytes that are often nearly a log: samples cut, joined, with bytes changed."""
    parts: list[bytes] = []
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            seed = draw(st.sampled_from(SEEDS))
            start, end = sorted((draw(st.integers(0, len(seed))), draw(st.integers(0, len(seed)))))
            part = bytearray(seed[start:end])
            for place in draw(st.lists(st.integers(0, max(len(part) - 1, 0)), max_size=4)):
                if part:
                    part[place] = draw(st.integers(0, 255))
            parts.append(bytes(part))
        else:
            parts.append(draw(st.binary(max_size=60)))
    return b"".join(parts)


def covered_bytes(format_: Format, path: Path) -> tuple[int, int, int]:
    """Bytes in events, and how many problems and events there are; fails where events overlap or lie outside the file."""
    prepared = format_.prepare(Opened(path, "hostile", now_year=2024))
    spans: list[tuple[int, int]] = []
    problems = len(prepared.problems)
    for piece in prepared.pieces:
        for item in format_.read(prepared.opened, piece):
            if isinstance(item, Batch):
                assert item.frame["message"].null_count() == 0
                spans.extend(zip(item.frame["offset"].to_list(), item.frame["length"].to_list(), strict=True))
            elif hasattr(item, "reason"):
                problems += 1
    size = path.stat().st_size
    for offset, length in spans:
        assert 0 <= offset <= size
        assert length >= 0
    return sum(length for _, length in spans), problems, len(spans)


@pytest.mark.parametrize("format_", OWN, ids=lambda format_: format_.name)
@settings(max_examples=25)
@given(data=hostile())
def test_no_format_raises_on_anything(format_: Format, data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "hostile.log"
    path.write_bytes(data)
    assert 0 <= format_.sniff(data, "hostile.log") <= 100
    _, _, count = covered_bytes(format_, path)
    assert count >= 0


LINE_FORMATS = ["lines", "timestamped", "log4net", "logback", "syslog", "json_lines", "containers", "serilog"]


@pytest.mark.parametrize("module", LINE_FORMATS)
@settings(max_examples=40)
@given(text=st.text(alphabet='ab1:- []{}"\n\t\r2024é', max_size=200), parts=st.lists(st.sampled_from(SEEDS[-20:]), max_size=2))
def test_nothing_of_a_line_log_is_lost(module: str, text: str, parts: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    data = text.encode() + b"\n" + b"\n".join(parts)
    path = tmp_path_factory.getbasetemp() / "lines.log"
    path.write_bytes(data)
    read = reading.read(path, reading.by_module(module), encoding="utf-8")
    outside = bytearray(data)
    for offset, length in zip(read.frame["offset"].to_list(), read.frame["length"].to_list(), strict=True):
        outside[offset : offset + length] = b" " * length
    assert outside.removeprefix(b"\xef\xbb\xbf").strip(b" \t\r\n\0\x1e\xef\xbb\xbf,") == b""
