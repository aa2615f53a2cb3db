"""Tests of the case file: what is saved comes back, saving is one step, crafted files are refused as data."""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
import stat
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.casefile import (
    Case,
    CaseError,
    CaseFinding,
    CaseSource,
    EventKey,
    HighlightRule,
    Supplied,
    SuppliedKind,
    load,
    part_of,
    save,
    with_sources_of,
)
from inspector.events import Zone, ZoneBasis

CASE = Case(
    sources=(
        CaseSource("/logs/a.evtx", "a.evtx", 69_632, "ab" * 32, "evtx", "", Zone(timedelta(0), ZoneBasis.STATED, "UTC")),
        CaseSource("/logs/größe.txt", "größe.txt", 5, "", "lines", "cp1252", Zone(timedelta(hours=-3.5), ZoneBasis.USER, "set by you")),
    ),
    filter='level:error "x y"',
    saved_filters={"mine": "has:envelope", "": ""},
    bookmarks=(EventKey(0, 512, 1), EventKey(1, 0, 1)),
    notes={EventKey(0, 512, 1): "why?\nasked the customer", EventKey(1, 3, 2): "\U0001f600"},
    highlighted={EventKey(1, 0, 1): "amber"},
    highlight_rules=(HighlightRule("fault:FailedAuthentication", "red"),),
    findings=(CaseFinding("F1", "error", "expired", "high", "The token had expired", 12),),
    window={"layout": "right"},
    supplied=(Supplied(SuppliedKind.TRUST, "/keys/issuer.pem"), Supplied(SuppliedKind.SKEW, "300")),
    pasted={1: "first line\nsecond line"},
)


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "customer.inspection"
    save(CASE, path)
    assert load(path) == CASE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_an_empty_case(tmp_path: Path) -> None:
    save(Case(), tmp_path / "x")
    assert load(tmp_path / "x") == Case()


def test_saving_again_replaces(tmp_path: Path) -> None:
    path = tmp_path / "x.inspection"
    save(Case(filter="one"), path)
    save(CASE, path)
    assert load(path) == CASE


def test_a_failed_save_leaves_the_old_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.inspection"
    save(CASE, path)

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(CaseError, match=r"could not be saved to .*No space left on device"):
        save(Case(), path)
    assert load(path) == CASE
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="could not be saved"):
        save(CASE, tmp_path / "missing" / "x.inspection")
    with pytest.raises(CaseError, match="could not be opened: No such file"):
        load(tmp_path / "missing.inspection")


def edited(path: Path, *statements: str) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as base:
        for statement in statements:
            base.execute(statement)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("PRAGMA application_id = 7", "is no case file"),
        ("PRAGMA user_version = 99", "newer version of the program"),
        ("CREATE TABLE more (x)", "does not have the tables"),
        ("CREATE VIEW v AS SELECT 1", "does not have the tables"),
        ("CREATE TRIGGER t AFTER INSERT ON note BEGIN SELECT 1; END", "does not have the tables"),
        ("DROP TABLE note", "does not have the tables"),
        ("UPDATE source SET zone_basis = 'nonsense'", "does not belong"),
        ("UPDATE source SET zone_seconds = 9999999", "does not belong"),
        ("UPDATE source SET zone_seconds = 9223372036854775807", "does not belong"),
        ("UPDATE bookmark SET source = 2", "does not belong"),
        ("UPDATE note SET source = -1", "does not belong"),
        ("UPDATE setting SET value = '[1]' WHERE name = 'window'", "does not belong"),
        ("UPDATE setting SET value = '{' WHERE name = 'window'", "does not belong"),
        ("UPDATE supplied SET kind = 'password'", "does not belong"),
        ("UPDATE pasted SET source = 2", "does not belong"),
        ("PRAGMA user_version = 1", "does not have the tables"),
        ("UPDATE note SET text = printf('%.*c', 2000000, 'x')", "does not belong"),
    ],
)
def test_crafted_files_are_refused(tmp_path: Path, statement: str, reason: str) -> None:
    path = tmp_path / "x.inspection"
    save(CASE, path)
    edited(path, statement)
    with pytest.raises(CaseError, match=reason):
        load(path)


def test_long_pasted_text_comes_back_whole(tmp_path: Path) -> None:
    case = Case(CASE.sources, pasted={0: "", 1: "\U0001f600x" * 600_001})
    save(case, tmp_path / "x.inspection")
    assert load(tmp_path / "x.inspection") == case


def test_a_case_of_the_first_version_opens(tmp_path: Path) -> None:
    case = load(Path(__file__).parent / "data" / "version-1.inspection")
    assert [one.path for one in case.sources] == ["/logs/a.evtx", "/logs/b.log"]
    assert case.sources[1].zone == Zone(timedelta(hours=2), ZoneBasis.USER, "set by you")
    assert case.bookmarks == (EventKey(0, 512, 1),)
    assert case.notes == {EventKey(1, 3, 2): "asked the customer"}
    assert case.highlighted == {EventKey(1, 0, 1): "warning"}
    assert (case.filter, case.saved_filters, case.window) == ("level:error", {"mine": "has:envelope"}, {"layout": "right"})
    assert (case.supplied, case.pasted) == ((), {})
    save(case, tmp_path / "now.inspection")
    assert load(tmp_path / "now.inspection") == case


def test_a_case_is_parted_by_its_sources_and_put_together_again() -> None:
    first, second = part_of(CASE, [0]), part_of(CASE, [1])
    assert first.notes == {EventKey(0, 512, 1): "why?\nasked the customer"}
    assert (first.pasted, first.highlighted) == ({}, {})
    assert second.bookmarks == (EventKey(0, 0, 1),)
    assert second.filter == CASE.filter
    assert with_sources_of(first, second) == CASE
    turned = with_sources_of(second, first)
    assert turned.sources == CASE.sources[::-1]
    assert turned.notes == {EventKey(0, 3, 2): "\U0001f600", EventKey(1, 512, 1): "why?\nasked the customer"}


@pytest.mark.parametrize(
    "make",
    [lambda path: path.write_bytes(b"SQLite format 3\0" + bytes(500)), lambda path: path.write_bytes(b""), lambda path: path.mkdir()],
)
def test_what_is_no_case_file(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "x.inspection"
    make(path)
    with pytest.raises(CaseError):
        load(path)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices of POSIX")
def test_a_pipe_or_device_is_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "x.inspection"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(CaseError, match="is no file"):
            load(path)


@given(st.integers(0, 1 << 30))
def test_mutated_files_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    chance = random.Random(seed)
    path = tmp_path_factory.mktemp("mutated") / "x.inspection"
    save(CASE, path)
    content = bytearray(path.read_bytes())
    for _ in range(chance.randrange(1, 20)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    path.write_bytes(content[: chance.choice([len(content), chance.randrange(len(content))])])
    with contextlib.suppress(CaseError):
        assert isinstance(load(path), Case)


def test_loading_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.inspection"
    save(CASE, path)
    before = path.read_bytes()
    tmp_path.chmod(0o500)
    try:
        assert load(path) == CASE
    finally:
        tmp_path.chmod(0o700)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
