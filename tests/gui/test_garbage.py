"""Circular garbage is collected on the window's thread, and on no other."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from inspector.gui.garbage import GarbageCollector


class Ring:
    """Garbage that only a collection finds, and that says on which thread it died."""

    died: list[int]

    def __init__(self, died: list[int]) -> None:
        self.me = self
        self.died = died

    def __del__(self) -> None:
        self.died.append(threading.get_ident())


@pytest.fixture
def owner() -> Iterator[QObject]:
    was = gc.isenabled()
    made = QObject()
    yield made
    if was:
        gc.enable()


def test_garbage_of_a_thread_dies_on_the_windows_thread(qtbot: QtBot, owner: QObject) -> None:
    collector = GarbageCollector(owner)
    died: list[int] = []

    def litter() -> None:
        for _ in range(5000):
            Ring(died)

    thread = threading.Thread(target=litter)
    thread.start()
    thread.join()
    assert not gc.isenabled()
    assert died == []
    collector.collect()
    qtbot.waitUntil(lambda: len(died) == 5000)
    assert set(died) == {threading.get_ident()}
