"""The table at sizes where every row that is walked in Python would be felt. Calls are counted, nothing is timed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from inspector.gui import app, exporting
from inspector.gui.engine import Engine
from inspector.gui.event_table import PAGE, PAGES_KEPT
from inspector.gui.window import MainWindow
from tests.gui.big_session import BigSession

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

MILLIONS = 5_000_000
Settle = Callable[[MainWindow], None]


@pytest.fixture
def session() -> BigSession:
    return BigSession(MILLIONS)


@pytest.fixture
def big(qtbot: QtBot, qapp: QApplication, session: BigSession, settle: Settle) -> Iterator[MainWindow]:
    app.make_application()
    window = MainWindow(Engine(lambda: session))  # type: ignore[arg-type, return-value]
    window.resize(1280, 800)
    window.show()
    qtbot.waitExposed(window)
    window.engine.start()
    window.open_paths([Path("big.evtx")])
    settle(window)
    yield window
    window.close()
    window.deleteLater()


def visible_cells(window: MainWindow) -> int:
    table = window.table
    rows = table.viewport().height() // table.verticalHeader().defaultSectionSize() + 2
    columns = sum(not table.isColumnHidden(each) for each in range(window.model.columnCount()))
    return int(rows * columns)


def test_shows_them_all(big: MainWindow) -> None:
    assert big.model.rowCount() == MILLIONS
    assert big.filter_bar.count.text() == "5,000,000 events"


def test_a_paint_asks_for_no_more_cells_than_are_visible(big: MainWindow) -> None:
    big.model.data_calls = 0
    big.table.viewport().repaint()
    assert 0 < big.model.data_calls <= visible_cells(big)


def test_fetches_only_the_pages_that_are_looked_at(big: MainWindow, session: BigSession, settle: Settle) -> None:
    session.pages.clear()
    big.table.scrollToBottom()
    settle(big)
    assert big.model.text(MILLIONS - 1, "message") == f"message {MILLIONS - 1} of a made-up log"
    assert len(session.pages) <= 3
    assert max(session.pages) <= PAGE


def test_keeps_few_pages(big: MainWindow, settle: Settle) -> None:
    for number in range(PAGES_KEPT + 20):
        big.model.cell(number * PAGE, "message")
        settle(big)
    assert len(big.model._pages) <= PAGES_KEPT


def test_selecting_everything_walks_no_rows(big: MainWindow, session: BigSession) -> None:
    big.model.data_calls = 0
    session.pages.clear()
    big.table.selectAll()
    assert big.table.selected_count() == MILLIONS
    assert big.model.data_calls <= visible_cells(big)
    assert not session.pages
    assert "5,000,000 selected" in big.foot.status.text()


def test_sorting_and_resizing_walk_no_rows(big: MainWindow, session: BigSession, settle: Settle) -> None:
    session.pages.clear()
    big.model.data_calls = 0
    big.table.set_sort("time", True)
    settle(big)
    big.resize(1400, 900)
    settle(big)
    assert big.model.row_number(0) == MILLIONS - 1
    assert len(session.pages) <= 6
    assert big.model.data_calls <= visible_cells(big) * 40


def test_copies_no_more_than_it_says(big: MainWindow, settle: Settle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "COPY_LIMIT", 1000)
    from PySide6.QtGui import QGuiApplication

    big.table.selectAll()
    big.exporting.copy_rows()
    settle(big)
    assert "1,000 rows copied, the first of 5,000,000" in big.foot.notice.text()
    assert QGuiApplication.clipboard().text().count("\n") == 1001


def test_reading_can_be_cancelled(qtbot: QtBot, qapp: QApplication, settle: Settle) -> None:
    app.make_application()
    session = BigSession(1000)
    session.slow = True
    window = MainWindow(Engine(lambda: session))  # type: ignore[arg-type, return-value]
    qtbot.addWidget(window)
    window.show()
    window.engine.start()
    window.open_paths([Path("big.evtx")])
    qtbot.waitUntil(lambda: window.foot.cancel_button.isVisible() and session.reading.is_set())
    qtbot.waitUntil(lambda: window.model.rowCount() == 1000)
    window.foot.cancel_button.click()
    qtbot.waitUntil(session.cancelled.is_set)
    settle(window)
    assert not window.foot.cancel_button.isVisible()
    assert window.model.rowCount() == 1000
    window.close()


def test_rows_that_are_selected_survive_growth(big: MainWindow, session: BigSession, settle: Settle) -> None:
    big.table.go_to(7)
    settle(big)
    session.size += 1000
    big.filter_bar.filter_changed.emit("")
    settle(big)
    assert big.model.rowCount() == MILLIONS + 1000
    assert big.table.current_row() == 7
