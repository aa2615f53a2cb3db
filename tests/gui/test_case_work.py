"""The case file in the window: saved, opened again, asked about, and nothing of it lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest

from inspector import casefile
from inspector.casefile import Supplied, SuppliedKind
from inspector.gui.case_work import event_of, written

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from inspector.gui.window import MainWindow

Settle = Callable[["MainWindow"], None]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    path = folder / "orders.log"
    path.write_text(
        "".join(
            f"2026-03-14 08:00:{second:02d},000 [1] {'ERROR' if second % 4 == 0 else 'INFO '} Shop.Orders - order {second}\n"
            for second in range(12)
        ),
        encoding="utf-8",
    )
    return path


@pytest.fixture
def marked(window: MainWindow, log: Path, settle: Settle) -> MainWindow:
    """A window with a log, a filter and one mark of each kind."""
    window.open_paths([log])
    settle(window)
    window.go_to_row(5)
    window.toggle_bookmark()
    window.marks.write_note(7, "asked the customer")
    window.marks.highlight(2, "warning")
    window.filter_bar.set_text("Shop.Orders")
    settle(window)
    return window


def test_a_case_comes_back_as_it_was(
    marked: MainWindow, make_window: Callable[..., MainWindow], log: Path, tmp_path: Path, settle: Settle
) -> None:
    marked.row_menu.add_highlight_rule("level:error", "error")
    number = marked.engine.session.sources[0].id
    marked.side_bar.sources.zone_asked.emit(number, timedelta(hours=2))
    marked.table.set_sort("provider", True)
    marked.case.saved_filters["errors"] = "level:error"
    marked.side_bar.setCurrentIndex(2)
    settle(marked)
    path = tmp_path / "customer.inspection"
    assert marked.isWindowModified()
    marked.case.write(path)
    settle(marked)
    assert not marked.case.unsaved
    assert marked.windowTitle() == "customer[*]"
    assert not marked.isWindowModified()
    assert "sources in it: 1" in marked.foot.notice.text()

    second = make_window()
    second.open_paths([path])
    settle(second)
    assert second.windowTitle() == "customer[*]"
    assert not second.isWindowModified()
    assert second.filter_bar.text == "Shop.Orders"
    assert second.filter_bar.history == ("Shop.Orders",)
    assert second.marks.frozen() == marked.marks.frozen()
    assert [(rule.query, rule.colour) for rule in second.marks.rules] == [("level:error", "error")]
    assert second.case.saved_filters["errors"] == "level:error"
    assert second.table.sort == ("provider", True)
    assert second.table.current_row() == 5
    assert second.side_bar.currentIndex() == 2
    assert second.engine.session.sources[0].zone.offset == timedelta(hours=2)
    assert str(path) in second.settings.recent
    second.toggle_bookmark()
    assert second.isWindowModified()


def test_a_dropped_case_replaces_what_is_open(
    marked: MainWindow, make_window: Callable[..., MainWindow], sample: Path, tmp_path: Path, settle: Settle
) -> None:
    path = tmp_path / "customer.inspection"
    marked.case.write(path)
    settle(marked)
    other = make_window()
    other.open_paths([sample])
    settle(other)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    other.dropEvent(QDropEvent(QPointF(20, 20), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier))
    settle(other)
    assert [each.path.name for each in other.engine.session.sources] == ["orders.log"]
    assert other.marks.notes == {7: "asked the customer"}


def test_a_moved_log_is_asked_for_and_its_marks_wait(
    marked: MainWindow, make_window: Callable[..., MainWindow], log: Path, tmp_path: Path, settle: Settle
) -> None:
    path = tmp_path / "cases" / "customer.inspection"
    path.parent.mkdir()
    marked.case.write(path)
    settle(marked)
    elsewhere = tmp_path / "elsewhere" / "renamed.txt"
    elsewhere.parent.mkdir()
    shutil.move(log, elsewhere)

    second = make_window()
    second.open_paths([path])
    settle(second)
    assert second.ask_bar.isVisible()
    assert "orders.log" in second.ask_bar.text.text()
    names = [Path(each.path).name for each in second.case.missing]
    assert names == ["orders.log"]
    second.ask_bar.buttons[-1].click()
    assert not second.ask_bar.isVisible()
    again = tmp_path / "cases" / "again.inspection"
    second.case.write(again)
    settle(second)
    assert casefile.load(again).notes == casefile.load(path).notes, "what waits is saved too"
    second.case.look_in(elsewhere.parent)
    settle(second)
    assert not second.case.missing
    assert second.marks.notes == {7: "asked the customer"}
    assert second.marks.bookmarks == {5}
    assert second.isWindowModified(), "the case names the old place until it is saved"


def test_a_missing_log_can_be_left_out(
    marked: MainWindow, make_window: Callable[..., MainWindow], log: Path, sample: Path, tmp_path: Path, settle: Settle
) -> None:
    marked.open_paths([sample])
    settle(marked)
    path = tmp_path / "cases" / "customer.inspection"
    path.parent.mkdir()
    marked.case.write(path)
    settle(marked)
    log.unlink()
    second = make_window()
    second.open_paths([path])
    settle(second)
    second.side_bar.sources.leave_out_asked.emit(0)
    assert not second.case.missing
    assert second.case.unsaved


def test_closing_asks_about_what_is_not_saved(marked: MainWindow, qtbot: QtBot) -> None:
    assert marked.case.unsaved
    marked.close()
    assert marked.isVisible()
    assert marked.ask_bar.isVisible()
    assert [each.text() for each in marked.ask_bar.buttons] == ["Save", "Go on without saving", "Stay"]
    QTest.keyClick(marked.ask_bar.buttons[0], Qt.Key.Key_Escape)
    assert not marked.ask_bar.isVisible()
    assert marked.isVisible()
    marked.close()
    marked.ask_bar.buttons[1].click()
    assert not marked.isVisible()


def test_saving_on_the_question_goes_on_with_what_was_asked(marked: MainWindow, tmp_path: Path, settle: Settle) -> None:
    path = tmp_path / "customer.inspection"
    marked.case.write(path)
    settle(marked)
    marked.marks.write_note(1, "later")
    marked.case.new()
    assert marked.ask_bar.isVisible()
    marked.ask_bar.buttons[0].click()
    settle(marked)
    assert marked.pages.currentWidget() is marked.start_page
    assert not marked.marks.rows
    assert marked.case.path is None
    assert marked.filter_bar.text == ""
    assert len(casefile.load(path).notes) == 2


def test_nothing_is_asked_where_nothing_is_lost(own: MainWindow) -> None:
    assert not own.case.unsaved
    own.close()
    assert not own.isVisible()


def test_a_case_that_cannot_be_read_leaves_everything(marked: MainWindow, tmp_path: Path, settle: Settle) -> None:
    bad = tmp_path / "bad.inspection"
    bad.write_bytes(b"no case")
    marked.case.unsaved = False
    marked.open_paths([bad])
    settle(marked)
    assert "bad.inspection" in marked.foot.notice.text()
    assert marked.model.rowCount() == 12
    assert marked.marks.bookmarks == {5}


def test_marks_stay_on_their_events_when_another_log_is_closed_or_read_again(marked: MainWindow, sample: Path, settle: Settle) -> None:
    marked.open_paths([sample])
    settle(marked)
    marked.marks.toggle_bookmark(12)
    marked.opening.reload()
    settle(marked)
    assert marked.marks.bookmarks == {5, 12}
    marked.opening.close(marked.engine.session.sources[0].id)
    settle(marked)
    assert marked.marks.bookmarks == {0}
    assert marked.marks.notes == {}
    assert "Marks of 3 events" in marked.foot.notice.text()


def test_what_was_supplied_is_kept_with_the_case(
    marked: MainWindow, make_window: Callable[..., MainWindow], tmp_path: Path, settle: Settle
) -> None:
    supplied = (Supplied(SuppliedKind.AUDIENCE, "api://orders"), Supplied(SuppliedKind.TRUST, str(tmp_path / "gone.pem")))
    marked.case.supply(supplied)
    settle(marked)
    assert "gone.pem" in marked.foot.notice.text()
    path = tmp_path / "customer.inspection"
    marked.case.write(path)
    settle(marked)
    second = make_window()
    second.open_paths([path])
    settle(second)
    assert second.case.supplied == supplied
    assert second.engine.session.options.trust.audiences == ("api://orders",)


@pytest.mark.parametrize("text", ["", "1,2", "1,2,3,4", "a,b,c", "1,2,-3", "9999999999999999999999,1,1"])
def test_a_crafted_place_is_none(text: str) -> None:
    assert event_of(text) is None


def test_a_place_comes_back() -> None:
    key = casefile.EventKey(2, 512, 7)
    assert event_of(written(key)) == key
