"""Legacy event logs: whole, wrapped, cut, with a wiped header or an overwritten record; exact counts of events and problems."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from inspector.formats.evt import EVT, sid_text
from tests.builders import evt
from tests.formats import reading

EVENTS = [
    evt.Event(number, 1_142_345_252 + number, 0x80000000 + number, 2, "LSASRV", "WKS1", ("one", "zwei ü"), data=b"\1\2\3\4")
    for number in range(1, 9)
]


def read(tmp_path: Path, data: bytes) -> reading.Read:
    path = tmp_path / "a.evt"
    path.write_bytes(data)
    return reading.read(path, EVT)


def damage(data: bytes, start: int, new: bytes) -> bytes:
    return data[:start] + new + data[start + len(new) :]


WHOLE = evt.log(EVENTS)
LENGTH = len(evt.record(EVENTS[0]))


@pytest.mark.parametrize(
    ("data", "numbers", "problems"),
    [
        pytest.param(WHOLE, [1, 2, 3, 4, 5, 6, 7, 8], [], id="whole"),
        pytest.param(evt.log(EVENTS, wrapped=True), [1, 2, 3, 4, 5, 6, 7, 8], [], id="wrapped"),
        pytest.param(damage(WHOLE, 0, b"\0" * 48), [1, 2, 3, 4, 5, 6, 7, 8], ["file header"], id="header wiped"),
        pytest.param(WHOLE[: 48 + 3 * LENGTH + 20], [1, 2, 3], [f"byte {48 + 3 * LENGTH}"], id="cut within a fixed part"),
        pytest.param(WHOLE[: 48 + 4 * LENGTH - 8], [1, 2, 3], [f"byte {48 + 3 * LENGTH}"], id="cut within a record"),
        pytest.param(
            damage(WHOLE, 48 + 2 * LENGTH - 4, b"\xff\xff\xff\xff"), [1, 3, 4, 5, 6, 7, 8], [f"byte {48 + LENGTH}"], id="end overwritten"
        ),
        pytest.param(damage(WHOLE, 48 + LENGTH, b"\1\0\0\0"), [1, 3, 4, 5, 6, 7, 8], [f"byte {48 + LENGTH}"], id="length overwritten"),
        pytest.param(evt.log([]), [], ["file"], id="empty"),
        pytest.param(WHOLE[:48] + b"\0" * 64, [], ["file"], id="zeroed"),
    ],
)
def test_damage_costs_no_more_than_it_hit(data: bytes, numbers: list[int], problems: list[str], tmp_path: Path) -> None:
    found = read(tmp_path, data)
    assert found.frame["position"].sort().to_list() == numbers
    assert [problem.position for problem in found.problems] == problems


def test_record_is_shown_as_xml(tmp_path: Path) -> None:
    found = read(tmp_path, WHOLE)
    raw = found.raw(1)
    assert '<EventID Qualifiers="32768">2</EventID>' in raw
    assert "<Binary>01020304</Binary>" in raw
    assert ("Data 2", "zwei ü") in EVT.fields(raw)
    with pytest.raises(ValueError, match="no record at byte"):
        EVT.raw(found.prepared.opened, 52, 10)


def test_security_identifier_as_text() -> None:
    assert sid_text(bytes.fromhex("0102000000000005200000002002000000"[:32])) == "S-1-5-32-544"
    assert sid_text(b"\1\5\0") == ""


def test_real_logs_count_as_two_other_parsers_do(shared: Path) -> None:
    with (shared / "corpus" / "evt_truth.csv").open(encoding="utf-8", newline="") as file:
        truths = list(csv.DictReader(file))
    assert truths
    for truth in truths:
        found = reading.read(shared / "corpus" / truth["file"])
        assert found.format is EVT
        lost = sum(problem.lost for problem in found.problems)
        assert len(found.frame) + lost == int(truth["raw_valid_records"]) + int(truth["raw_partial_or_wrapped"])
        assert len(found.frame) >= int(truth["raw_valid_records"])
        times = found.frame["time"].cast(pl.Datetime("us", "UTC"))
        assert str(times.min()) == truth["first_generated"].replace("T", " ")
        assert str(times.max()) == truth["last_generated"].replace("T", " ")
