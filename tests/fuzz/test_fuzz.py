"""The harnesses of ``dev.py fuzz`` on their seeds, on what once broke something, and on a few damaged inputs each; a few faults of each kind."""

from __future__ import annotations

import random
import sys
import zlib
from pathlib import Path

import pytest

from tests.fuzz import faults, fuzz, seeds
from tests.fuzz.harnesses import HARNESSES, Harness
from tests.fuzz.mutation import mutated

ROUNDS = 15
FOUND = Path(__file__).parent / "found"
OUTCOMES = [pytest.param(harness, id=harness.name) for harness in HARNESSES]


@pytest.mark.parametrize("harness", OUTCOMES)
def test_damaged_inputs_break_nothing(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeds, "REAL", Path("/nowhere"))  # our own samples alone: the same everywhere
    start = [seed[: harness.longest] for seed in harness.seeds()]
    chance = random.Random(zlib.crc32(harness.name.encode()))
    for data in [*chance.sample(start, min(len(start), 10)), *(mutated(start, chance, harness.longest) for _ in range(ROUNDS))]:
        harness.run(data)


@pytest.mark.parametrize("harness", [one for one in OUTCOMES if (FOUND / str(one.id)).is_dir()])
def test_what_was_found_stays_mended(harness: Harness) -> None:
    for data in seeds.found(harness.name):
        harness.run(data)


def test_found_inputs_belong_to_a_harness() -> None:
    assert {path.name for path in FOUND.iterdir()} <= {harness.name for harness in HARNESSES}


def test_what_breaks_is_kept_once_with_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(data: bytes) -> None:
        if data:
            raise ValueError("made up")

    judge = fuzz.Judge(Harness("made_up", fail, lambda: [b""]), tmp_path, tmp_path / "account")
    for data in (b"", b"a", b"b"):
        judge(data)
    kept = sorted((tmp_path / "made_up").iterdir())
    assert kept[0].read_bytes() == b"a"
    assert "ValueError: made up" in kept[1].read_text(encoding="utf-8")
    assert len(kept) == 2
    assert (judge.account.executions, judge.account.findings) == (3, 1)
    assert "made_up: ValueError: made up" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
@pytest.mark.parametrize("name", faults.FAULTS)
def test_faults_lose_nothing(name: str) -> None:
    outcome = faults.FAULTS[name](3, 1, float("inf"))
    assert outcome.times == 3
    assert not outcome.broken
