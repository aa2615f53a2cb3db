"""The whole window by keyboard alone, and a name on every control for those who hear it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QDialog,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QSlider,
    QTabBar,
    QWidget,
)

from inspector.gui.detail_pane import DIAGNOSIS, MESSAGE, RAW

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from inspector.gui.window import MainWindow

Settle = Callable[["MainWindow"], None]


def focus_chain(window: QWidget) -> Iterator[QWidget]:
    each = window.nextInFocusChain()
    while each is not None and each is not window:
        yield each
        each = each.nextInFocusChain()


def reachable(window: MainWindow) -> list[QWidget]:
    return [each for each in focus_chain(window) if each.isVisible() and each.isEnabled() and each.focusPolicy() & Qt.FocusPolicy.TabFocus]


def spoken(widget: QWidget) -> str:
    if widget.accessibleName():
        return widget.accessibleName()
    return widget.text() if isinstance(widget, QAbstractButton) else ""


@pytest.mark.parametrize("tab", range(5))
def test_every_control_has_a_name(opened: MainWindow, settle: Settle, tab: int) -> None:
    opened.go_to_row(0)
    settle(opened)
    opened.detail.tabs.setCurrentIndex(tab)
    opened.side_bar.setCurrentIndex(tab % 3)
    kinds = (QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QPlainTextEdit, QSlider)
    nameless = [
        each
        for each in opened.findChildren(QWidget)
        if isinstance(each, kinds) and each.isVisible() and not spoken(each) and not isinstance(each.parent(), QTabBar | QComboBox)
    ]
    assert not nameless, [f"{type(each).__name__} in {type(each.parent()).__name__}" for each in nameless]


def test_tab_reaches_every_part(opened: MainWindow) -> None:
    places = reachable(opened)
    for part in (opened.filter_bar, opened.side_bar, opened.table, opened.detail):
        assert any(each is part or part.isAncestorOf(each) for each in places), part
    assert opened.filter_bar.box in places
    assert opened.table in places
    order = [places.index(each) for each in (opened.filter_bar.box, opened.table)]
    assert order == sorted(order), "the filter comes before the rows"


def test_tab_leaves_the_table(opened: MainWindow, qtbot: QtBot) -> None:
    opened.table.setFocus()
    QTest.keyClick(opened.table, Qt.Key.Key_Tab)
    assert not opened.table.hasFocus()


def test_works_through_a_log_by_keys(opened: MainWindow, qtbot: QtBot, settle: Settle) -> None:
    QTest.keyClick(opened, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert opened.filter_bar.box.hasFocus()
    QTest.keyClicks(opened.filter_bar.box, "level:error")
    settle(opened)
    opened.activateWindow()  # the list of completions was a window; without a screen nobody gives the activity back
    qtbot.waitUntil(opened.isActiveWindow)
    QTest.keyClick(opened.filter_bar.box, Qt.Key.Key_Return)
    assert opened.table.hasFocus()
    QTest.keyClick(opened.table, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    settle(opened)
    assert opened.table.current_row() == 0
    QTest.keyClick(opened.table, Qt.Key.Key_Down)
    settle(opened)
    assert opened.table.current_row() == 1
    QTest.keyClick(opened.table, Qt.Key.Key_E, Qt.KeyboardModifier.ShiftModifier)
    settle(opened)
    assert opened.table.current_row() == 0
    QTest.keyClick(opened, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert opened.detail.tabs.currentIndex() == DIAGNOSIS
    QTest.keyClick(opened, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    assert opened.detail.tabs.currentIndex() == RAW
    QTest.keyClick(opened, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert opened.detail.tabs.currentIndex() == MESSAGE
    QTest.keyClick(opened, Qt.Key.Key_6, Qt.KeyboardModifier.ControlModifier)
    assert opened.table.hasFocus()
    QTest.keyClick(opened.table, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert opened.marks.bookmarks == {0}
    QTest.keyClick(opened.table, Qt.Key.Key_Escape)
    settle(opened)
    assert opened.filter_bar.text == ""


def test_the_findings_open_by_return(opened: MainWindow, qtbot: QtBot, settle: Settle) -> None:
    opened.go_to_row(1)
    settle(opened)
    findings = opened.side_bar.findings.list
    findings.setFocus()
    findings.setCurrentIndex(opened.side_bar.findings.model.index(0))
    QTest.keyClick(findings, Qt.Key.Key_Return)
    settle(opened)
    assert opened.table.current_row() == opened.side_bar.findings.model.findings[0].rows[0]


def test_no_two_commands_share_a_key(opened: MainWindow) -> None:
    keys: dict[str, str] = {}
    for menu in opened.menuBar().findChildren(QMenu):
        for action in menu.actions():
            key = action.shortcut().toString()
            if key:
                assert keys.setdefault(key, action.text()) == action.text()
    assert len(keys) > 20


def test_f1_shows_every_key(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_F1)
    sheet = next(each for each in opened.findChildren(QDialog) if each.isVisible())
    from PySide6.QtWidgets import QLabel

    texts = {each.text() for each in sheet.findChildren(QLabel)}
    assert "Ctrl+L" in texts
    assert "F5" in texts
    sheet.close()


def test_the_timeline_is_worked_by_keys_and_told_in_words(opened: MainWindow, qtbot: QtBot, settle: Settle) -> None:
    opened.go_to_row(0)
    settle(opened)
    canvas = opened.detail.timeline.canvas
    assert canvas.timeline is not None
    assert canvas.timeline.summary in canvas.accessibleDescription()
    for fact in canvas.timeline.facts:
        assert fact in canvas.accessibleDescription()
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.view is not None
    start, end = canvas.view
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.view[0] > start
    assert canvas.view[1] - canvas.view[0] == end - start
    QTest.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.view is None
