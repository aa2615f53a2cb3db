"""A second start hands its files to the running window, through this machine alone."""

from __future__ import annotations

import sys
import threading
from multiprocessing.connection import Client
from pathlib import Path

import pytest

from inspector.gui.single_instance import MOST_BYTES, Doorkeeper, address, hand_over


@pytest.fixture
def where(tmp_path: Path) -> str:
    return rf"\\.\pipe\inspector-test-{tmp_path.name}" if sys.platform == "win32" else str(tmp_path / "door")


def test_nobody_listens(where: str) -> None:
    assert not hand_over([Path("a.evtx")], where)


def test_hands_over_absolute_paths(where: str) -> None:
    received: list[list[Path]] = []
    came = threading.Event()

    def take(paths: list[Path]) -> None:
        received.append(paths)
        came.set()

    keeper = Doorkeeper(where, take)
    try:
        assert hand_over([Path("a.evtx")], where)
        assert came.wait(10)
        assert received == [[Path("a.evtx").absolute()]]
    finally:
        keeper.close()
    assert not hand_over([Path("b.evtx")], where)


@pytest.mark.parametrize("message", [b"", b"{", b'{"a": 1}', b"[1, 2]", b"\xff\xfe", b'"text"', b"[" * 2000])
def test_nonsense_is_ignored_and_the_next_one_heard(where: str, message: bytes) -> None:
    received: list[list[Path]] = []
    came = threading.Event()

    def take(paths: list[Path]) -> None:
        received.append(paths)
        came.set()

    keeper = Doorkeeper(where, take)
    try:
        with Client(where) as connection:
            connection.send_bytes(message)
            connection.poll(5)
        assert hand_over([Path("c.log")], where)
        assert came.wait(10)
        assert received == [[Path("c.log").absolute()]]
    finally:
        keeper.close()


def test_a_message_that_is_too_long_is_not_read(where: str) -> None:
    keeper = Doorkeeper(where, lambda _paths: None)
    try:
        assert not hand_over([Path("x" * (MOST_BYTES + 10))], where)
        assert hand_over([], where)
    finally:
        keeper.close()


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes leave nothing behind")
def test_takes_over_from_a_start_that_was_killed(where: str) -> None:
    Path(where).touch()
    keeper = Doorkeeper(where, lambda _paths: None)
    keeper.close()


@pytest.mark.skipif(sys.platform == "win32", reason="folders of Unix")
def test_the_address_is_private(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    found = address()
    assert found is not None
    folder = Path(found).parent
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)
    assert address() is None
