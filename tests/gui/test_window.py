"""The window as a person uses it: open, filter, look into, follow evidence, copy, export."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QPushButton

from inspector.gui.clock_face import ClockFace
from inspector.gui.detail_pane import DIAGNOSIS, FIELDS, MESSAGE, RAW, TOKENS
from inspector.gui.event_table import WIDTHS
from inspector.gui.filter_terms import BEGINNINGS, MOST
from inspector.gui.navigation import parse_moment
from inspector.gui.sources_panel import parsed_offset
from inspector.gui.window import MainWindow

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

Settle = Callable[[MainWindow], None]


def shown_messages(window: MainWindow) -> list[str]:
    return [window.model.text(place, "message") for place in range(window.model.rowCount())]


def test_starts_with_ways_to_open_something(window: MainWindow) -> None:
    assert window.pages.currentWidget() is window.start_page
    for button in (
        window.start_page.open_button,
        window.start_page.folder_button,
        window.start_page.paste_button,
        window.start_page.sample_button,
    ):
        assert button.isVisible()
        assert button.isEnabled()
    assert not window.menus.export_action.isEnabled()


def test_shows_the_events_and_looks_into_one(own: MainWindow) -> None:
    assert own.pages.currentIndex() == 1
    assert own.filter_bar.count.text() == "2 events"
    assert own.model.text(0, "level") == "Error"
    assert own.model.text(0, "provider") == "Microsoft WSE 2.0"
    detail = own.detail
    assert detail.detail is not None
    assert detail.sentence.text()
    assert "<soap:Envelope" in detail.message.shown_text
    assert detail.message.shown_text.count("\n") > 10, "the envelope is laid out over lines"
    assert "OnLogonUserFailed" in detail.stack.code.shown_text
    assert detail.stack.isVisible()
    assert detail.timeline.isVisible()
    assert detail.timeline.canvas.layout_ is not None
    assert detail.timeline.canvas.layout_.primitives


def test_only_tabs_with_content_are_enabled(opened: MainWindow, settle: Settle) -> None:
    opened.go_to_row(1)
    settle(opened)
    tabs = opened.detail.tabs
    assert tabs.isTabEnabled(MESSAGE)
    assert tabs.isTabEnabled(RAW)
    assert not tabs.isTabEnabled(TOKENS)
    assert not opened.detail.timeline.isVisible()
    assert not opened.detail.stack.isVisible()
    opened.go_to_row(0)
    settle(opened)
    assert tabs.isTabEnabled(TOKENS)
    assert tabs.isTabEnabled(FIELDS)


def test_filters_while_typing(opened: MainWindow, qtbot: QtBot, settle: Settle) -> None:
    QTest.keyClicks(opened.filter_bar.box, "source:SessionManagement")
    settle(opened)
    assert opened.filter_bar.count.text() == "1 of 2"
    assert opened.model.rowCount() == 1
    assert opened.model.row_number(0) == 1


def test_keeps_the_last_valid_rows_when_the_filter_has_a_mistake(opened: MainWindow, qtbot: QtBot, settle: Settle) -> None:
    opened.filter_bar.set_text("source:SessionManagement")
    settle(opened)
    opened.filter_bar.set_text("level:nosuchlevel")
    settle(opened)
    assert opened.filter_bar.has_mistake
    assert "nosuchlevel" in opened.filter_bar.mistake.text()
    assert opened.model.rowCount() == 1
    opened.filter_bar.set_text("")
    settle(opened)
    assert not opened.filter_bar.mistake.isVisible()
    assert opened.model.rowCount() == 2


def test_goes_back_and_forward_through_filters(opened: MainWindow, settle: Settle) -> None:
    opened.filter_bar.set_text("level:error")
    opened.filter_bar.set_text("level:error SessionManagement")
    opened.filter_bar.go_back()
    assert opened.filter_bar.text == "level:error"
    opened.filter_bar.go_back()
    assert opened.filter_bar.text == ""
    assert not opened.filter_bar.back_button.isEnabled()
    opened.filter_bar.go_forward()
    assert opened.filter_bar.text == "level:error"
    settle(opened)


def test_shows_nothing_found_instead_of_an_empty_table(opened: MainWindow, settle: Settle) -> None:
    opened.filter_bar.set_text("this-is-nowhere")
    settle(opened)
    assert opened.rows_area.currentWidget() is opened.nothing
    assert opened.nothing.isVisible()
    clear = opened.nothing.findChild(QPushButton)
    assert clear is not None
    clear.click()
    settle(opened)
    assert opened.rows_area.currentWidget() is opened.table
    assert opened.model.rowCount() == 2


def test_sorts_by_a_column_and_back(opened: MainWindow, settle: Settle) -> None:
    before = [int(row) for row in opened.model.rows]
    opened.table.set_sort("provider", True)
    settle(opened)
    assert [opened.model.text(place, "provider") for place in range(2)] == ["SessionManagement", "Microsoft WSE 2.0"]
    opened.table.set_sort("", False)
    settle(opened)
    assert [int(row) for row in opened.model.rows] == before


def test_keeps_the_selected_event_when_the_filter_changes(opened: MainWindow, settle: Settle) -> None:
    opened.go_to_row(1)
    settle(opened)
    opened.filter_bar.set_text("level:error")
    settle(opened)
    assert opened.table.current_row() == 1
    opened.filter_bar.set_text("source:SessionManagement")
    settle(opened)
    assert opened.table.current_row() == 1


def test_findings_lead_to_their_event_and_evidence_to_its_characters(opened: MainWindow, settle: Settle) -> None:
    findings = opened.side_bar.findings.model.findings
    assert findings
    opened.show_finding(findings[0])
    settle(opened)
    detail = opened.detail.detail
    assert detail is not None
    assert detail.finding is not None
    assert detail.finding.id == findings[0].id
    assert opened.detail.tabs.isTabEnabled(DIAGNOSIS)
    evidence = next(each for each in findings[0].hypotheses[0].supports if each.row is not None and each.excerpt)
    opened.show_evidence(evidence)
    settle(opened)
    assert opened.detail.tabs.currentIndex() == MESSAGE
    marked = [view.edit for view in (opened.detail.message, opened.detail.stack.code) if view.edit.evidence is not None]
    assert len(marked) == 1
    start, end = marked[0].evidence or (0, 0)
    assert "".join(marked[0].toPlainText()[start:end].split()) == "".join(evidence.excerpt.split())


def test_shows_the_rows_of_a_finding(opened: MainWindow, settle: Settle) -> None:
    finding = opened.side_bar.findings.model.findings[0]
    opened.show_finding_rows(finding)
    settle(opened)
    assert not opened.filter_bar.has_mistake
    assert [int(row) for row in opened.model.rows] == sorted(finding.rows)


def test_drops_files_anywhere(window: MainWindow, sample: Path, settle: Settle) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(sample))])
    event = QDropEvent(QPointF(20, 20), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    window.dropEvent(event)
    settle(window)
    assert window.model.rowCount() == 2


def test_pastes_log_text(window: MainWindow, sample: Path, settle: Settle) -> None:
    QGuiApplication.clipboard().setText(sample.read_text(encoding="utf-8"))
    window.opening.paste()
    settle(window)
    assert window.model.rowCount() == 2
    assert window.engine.session.sources[0].name == "pasted text 1"


def test_opens_several_beside_each_other(own: MainWindow, sample: Path, settle: Settle) -> None:
    own.open_paths([sample.parent / "orders-service.log"])
    settle(own)
    assert own.model.rowCount() > 2
    assert len(own.engine.session.sources) == 2
    assert own.side_bar.tabText(2) == "Sources 2"


def test_says_why_a_file_could_not_be_opened(window: MainWindow, tmp_path: Path, settle: Settle) -> None:
    missing = tmp_path / "nowhere.evtx"
    window.open_paths([missing])
    settle(window)
    assert window.pages.currentWidget() is window.start_page
    assert "nowhere.evtx" in window.start_page.trouble.text()


def test_says_that_a_file_is_empty(window: MainWindow, tmp_path: Path, settle: Settle) -> None:
    empty = tmp_path / "empty.log"
    empty.touch()
    window.open_paths([empty])
    settle(window)
    assert window.start_page.trouble.isVisible()
    assert "empty.log" in window.start_page.trouble.text()


def test_a_bad_file_does_not_keep_the_others_from_opening(window: MainWindow, sample: Path, tmp_path: Path, settle: Settle) -> None:
    window.open_paths([tmp_path / "nowhere.evtx", sample])
    settle(window)
    assert window.model.rowCount() == 2
    assert "1 damaged" in window.filter_bar.count.text()


def test_closes_all_and_shows_the_start_page_again(own: MainWindow, settle: Settle) -> None:
    own.opening.close_all()
    settle(own)
    assert own.pages.currentWidget() is own.start_page
    assert own.model.rowCount() == 0


def test_reads_again(own: MainWindow, settle: Settle) -> None:
    own.opening.reload()
    settle(own)
    assert own.model.rowCount() == 2
    assert len(own.engine.session.sources) == 1


def test_context_menu_narrows_the_filter(opened: MainWindow, settle: Settle) -> None:
    menu = opened.row_menu.menu(1, "provider")
    next(each for each in menu.actions() if each.text().startswith("Show only")).trigger()
    settle(opened)
    assert opened.model.rowCount() == 1
    opened.filter_bar.set_text("")
    settle(opened)
    menu = opened.row_menu.menu(1, "provider")
    next(each for each in menu.actions() if each.text().startswith("Hide")).trigger()
    settle(opened)
    assert [opened.model.row_number(place) for place in range(opened.model.rowCount())] == [0]


@pytest.mark.parametrize("entry", ["Only before this", "Only after this", "5 minutes around this"])
def test_context_menu_narrows_to_a_time(opened: MainWindow, settle: Settle, entry: str) -> None:
    menu = opened.row_menu.menu(0, "time")
    next(each for each in menu.actions() if each.text() == entry).trigger()
    settle(opened)
    assert opened.filter_bar.text.startswith("time:")
    assert not opened.filter_bar.has_mistake
    assert opened.model.rowCount() == 2


def test_facets_count_and_narrow(opened: MainWindow, settle: Settle) -> None:
    opened.side_bar.facets.value_chosen.emit("provider", "SessionManagement", False)
    settle(opened)
    assert opened.model.rowCount() == 1
    opened.side_bar.facets.value_chosen.emit("level", "Error", True)
    settle(opened)
    assert opened.model.rowCount() == 0


def test_dragging_over_the_overview_zooms_and_double_click_shows_all(
    window: MainWindow, sample: Path, qtbot: QtBot, settle: Settle
) -> None:
    window.open_paths([sample.parent / "orders-service.log"])
    settle(window)
    overview = window.overview
    assert overview.histogram is not None
    QTest.mousePress(overview, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(5, 20))
    QTest.mouseMove(overview, QPoint(600, 20))
    QTest.mouseRelease(overview, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(600, 20))
    settle(window)
    assert window.filter_bar.text.startswith("time:")
    assert not window.filter_bar.has_mistake
    QTest.mouseDClick(overview, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(20, 20))
    settle(window)
    assert window.filter_bar.text == ""


def test_zone_switch_rewrites_the_times(opened: MainWindow, settle: Settle) -> None:
    utc = opened.model.text(0, "time")
    opened.foot.zone_box.setCurrentIndex(opened.foot.zone_box.findData("logged"))
    settle(opened)
    opened.model.text(0, "time")
    settle(opened)
    logged = opened.model.text(0, "time")
    offset = opened.engine.session.sources[0].zone.offset
    assert logged.endswith("15:07:32.000")
    assert (utc == logged) is (not offset)


def test_a_time_in_the_filter_means_what_the_times_shown_mean(own: MainWindow, settle: Settle) -> None:
    own.side_bar.sources.zone_asked.emit(own.engine.session.sources[0].id, timedelta(hours=2))
    settle(own)
    own.filter_bar.set_text("time:15:07:32")
    settle(own)
    assert list(own.model.rows) == []
    assert "UTC+" not in own.filter_bar.meaning.text()
    own.foot.zone_box.setCurrentIndex(own.foot.zone_box.findData("logged"))
    settle(own)
    assert 0 in own.model.rows
    assert "UTC+02:00" in own.filter_bar.meaning.text()
    own.table.go_to(len(own.model.rows) - 1)
    own.navigation.go_to_moment("15:07:32")
    settle(own)
    assert own.table.currentIndex().row() == 0
    own.foot.zone_box.setCurrentIndex(own.foot.zone_box.findData("utc"))
    settle(own)
    assert list(own.model.rows) == []


def test_this_machines_offset_is_the_one_of_the_day_of_the_log() -> None:
    moment = datetime(2026, 7, 1, tzinfo=UTC)
    face = ClockFace("machine", {"a": timedelta(hours=5)})
    assert face.ahead(moment) == moment.astimezone().utcoffset()
    assert ClockFace("utc", face.offsets).ahead(moment) == timedelta(0)
    assert ClockFace("logged", face.offsets).ahead(moment) == timedelta(hours=5)
    assert ClockFace("logged").ahead(None) == timedelta(0)


@pytest.mark.parametrize("form", ["table", "text", "xml", "json", "markdown"])
def test_copies_the_selected_rows(opened: MainWindow, settle: Settle, form: str) -> None:
    opened.table.selectAll()
    opened.exporting.copy_as(form)
    settle(opened)
    text = QGuiApplication.clipboard().text()
    assert "SessionManagement" in text
    assert "ORDSRV03" in text
    assert "2 rows copied" in opened.foot.notice.text()


def test_saves_exactly_the_rows_shown(opened: MainWindow, settle: Settle, tmp_path: Path) -> None:
    opened.filter_bar.set_text("source:SessionManagement")
    settle(opened)
    target = tmp_path / "rows.csv"
    opened.exporting.write_rows(target)
    settle(opened)
    assert "One row saved" in opened.foot.notice.text()
    text = target.read_text(encoding="utf-8")
    assert "SessionManagement" in text
    assert "Microsoft WSE" not in text


def test_writes_the_report(opened: MainWindow, settle: Settle, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    opened.exporting.write_report(target)
    settle(opened)
    assert "Report with" in opened.foot.notice.text()
    assert target.read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html")


def test_the_foot_says_nothing_of_work_that_is_done(opened: MainWindow, settle: Settle, tmp_path: Path) -> None:
    done: list[str] = []
    opened.engine.run("Working", lambda job: job.report(1, 2, "half of it"), lambda _result: done.append(opened.foot.notice.text()))
    settle(opened)
    assert done == [""]


def test_an_unwritable_report_is_said(opened: MainWindow, settle: Settle, tmp_path: Path) -> None:
    opened.exporting.write_report(tmp_path / "no-such-folder" / "report.html")
    settle(opened)
    assert "Writing the report" in opened.foot.notice.text()


def test_bookmarks_and_notes_are_found_again(opened: MainWindow, settle: Settle) -> None:
    opened.go_to_row(1)
    opened.toggle_bookmark()
    opened.go_to_row(0)
    opened.navigation.go_to_bookmark(backwards=False)
    assert opened.table.current_row() == 1
    opened.filter_bar.set_text("has:bookmark")
    settle(opened)
    assert [int(row) for row in opened.model.rows] == [1]
    opened.marks.write_note(0, "first")
    opened.filter_bar.set_text("has:note")
    settle(opened)
    assert [int(row) for row in opened.model.rows] == [0]


def test_next_error_and_go_to_time(window: MainWindow, sample: Path, settle: Settle) -> None:
    window.open_paths([sample.parent / "orders-service.log"])
    settle(window)
    window.table.go_to(0)
    window.navigation.go_to_error(backwards=False)
    settle(window)
    place = window.table.currentIndex().row()
    assert place > 0
    assert window.model.text(place, "level") == "Error"
    window.navigation.go_to_moment("23:59")
    settle(window)
    assert "No event at or after" in window.foot.notice.text()
    window.navigation.go_to_moment("00:00")
    settle(window)
    assert window.table.currentIndex().row() == 0


@pytest.mark.parametrize("text", ["10:21", "10:21:49", "2026-01-26", "2026-01-26 10:21:49.5", "2026-01-26T10:21Z"])
def test_understands_times_written_by_people(text: str) -> None:
    day = parse_moment("2026-01-26 12:00", None)
    assert day is not None
    moment = parse_moment(text, day)
    assert moment is not None
    assert moment.utcoffset() is not None
    assert moment.date() == day.date()


def test_does_not_guess_times(window: MainWindow) -> None:
    assert parse_moment("yesterday", None) is None
    assert parse_moment("10:21", None) is None


def test_highlight_rules_colour_what_they_match_and_come_back(opened: MainWindow, settle: Settle) -> None:
    opened.row_menu.add_highlight_rule("source:SessionManagement", "warning")
    settle(opened)
    assert opened.marks.fill(1, opened.theme) is not None
    assert opened.marks.fill(0, opened.theme) is None
    opened.engine.diagnose()
    settle(opened)
    assert opened.marks.fill(1, opened.theme) is not None
    opened.marks.highlight(1, "info")
    colour = opened.marks.fill(1, opened.theme)
    assert colour is not None
    assert colour.name() == opened.theme.info_fill
    opened.settings.highlight_rules["level:nosuchlevel"] = "error"
    opened.row_menu.forget_highlight_rules()
    opened.marks.highlight(1, None)
    settle(opened)
    assert opened.marks.fill(1, opened.theme) is None


def test_follows_a_growing_log(window: MainWindow, tmp_path: Path, settle: Settle) -> None:
    log = tmp_path / "grows.log"
    line = "2026-01-26 09:21:{:02d},000 [1] INFO  Shop.Orders - order {} taken\n"
    log.write_text("".join(line.format(number, number) for number in range(5)), encoding="utf-8")
    window.open_paths([log])
    settle(window)
    assert window.model.rowCount() == 5
    window.go_to_row(2)
    window.toggle_bookmark()
    window.opening.look_for_growth()
    assert not window.engine.is_reading, "nothing has grown"
    with log.open("a", encoding="utf-8") as file:
        file.write(line.format(5, 5))
    window.opening.look_for_growth()
    settle(window)
    assert window.model.rowCount() == 6
    assert window.marks.bookmarks == {2}
    assert window.table.current_row() == 2
    assert shown_messages(window)[5].endswith("order 5 taken")
    judged = window.engine.session.diagnosis
    with log.open("a", encoding="utf-8") as file:
        file.write("2026-01-26 09:21:06,0")
    window.opening.look_for_growth()
    settle(window)
    assert window.engine.session.diagnosis is judged, "half a line is no news"
    log.write_text(line.format(30, 30), encoding="utf-8")
    window.opening.look_for_growth()
    settle(window)
    assert [message.partition(" - ")[2] or message for message in shown_messages(window)] == ["order 30 taken"]


def test_goes_on_where_the_last_session_ended(make_window: Callable[..., MainWindow], sample: Path, settle: Settle) -> None:
    first = make_window()
    first.open_paths([sample])
    settle(first)
    first.filter_bar.set_text("source:SessionManagement")
    settle(first)
    first.close()
    second = make_window()
    assert second.start_page.last_button.isVisible()
    assert "session-manager.txt" in second.start_page.last_button.text()
    second.start_page.last_button.click()
    settle(second)
    assert second.filter_bar.text == "source:SessionManagement"
    assert second.model.rowCount() == 1


def test_nothing_of_the_log_is_taken_for_html(window: MainWindow, tmp_path: Path, settle: Settle) -> None:
    from PySide6.QtWidgets import QLabel, QTextBrowser, QTextEdit

    evil = '<img src="file:///etc/passwd"><b>bold</b><a href="http://example.com">x</a>'
    log = tmp_path / "evil<b>.log"
    log.write_text(f"2026-01-26 09:21:00,000 [1] ERROR Shop.{evil} - token refused {evil}\n", encoding="utf-8")
    window.open_paths([log])
    settle(window)
    window.go_to_row(0)
    settle(window)
    for tab in range(5):
        window.detail.tabs.setCurrentIndex(tab)
    window.side_bar.setCurrentIndex(2)
    assert not window.findChildren(QTextBrowser)
    assert not window.findChildren(QTextEdit)
    for each in window.findChildren(QLabel):
        if "<" in each.text():
            assert each.textFormat() == Qt.TextFormat.PlainText, each.text()
        assert "<img" not in each.toolTip()
        assert "<b>" not in each.toolTip()


def test_the_filter_is_said_in_words(opened: MainWindow, settle: Settle) -> None:
    opened.filter_bar.set_text("level:error source:WSE")
    settle(opened)
    assert opened.filter_bar.meaning.isVisible()
    assert opened.filter_bar.meaning.text() == "Events of level error and whose provider contains “WSE”."
    opened.filter_bar.set_text("level:nosuchlevel")
    settle(opened)
    assert not opened.filter_bar.meaning.isVisible(), "a mistake has the line to itself"
    opened.filter_bar.set_text("")
    settle(opened)
    assert opened.filter_bar.meaning.text() == ""


def test_nothing_jumps_when_a_filter_begins_or_goes(opened: MainWindow, settle: Settle) -> None:
    bar = opened.filter_bar
    beginnings = [each.text() for each in bar.terms.chips]
    place = opened.main_split.y()
    for text in ("level:error", "level:error " * 12, "level:nosuchlevel", ""):
        bar.set_text(text)
        settle(opened)
        assert opened.main_split.y() == place, text
        shown = [each for each in bar.terms.chips if each.isVisible()]
        assert all(each.geometry().right() < bar.terms.width() for each in shown), text
    assert [each.text() for each in bar.terms.chips] == beginnings


def test_terms_that_do_not_fit_are_counted(opened: MainWindow, settle: Settle) -> None:
    opened.filter_bar.set_text(" ".join(f"id:{number}" for number in range(1000, 1040)))
    settle(opened)
    shown = [each for each in opened.filter_bar.terms.chips if each.isVisible()]
    assert 0 < len(shown) < 40
    assert opened.filter_bar.terms.more.text() == f"and {40 - len(shown)} more"
    opened.filter_bar.set_text(" ".join(f"id:{number}" for number in range(1000, 2000)))
    settle(opened)
    assert len(opened.filter_bar.terms.chips) == MOST
    assert opened.filter_bar.terms.more.text() == f"and {1000 - len(shown)} more"


def test_a_filter_to_begin_with(opened: MainWindow, settle: Settle) -> None:
    first = opened.filter_bar.terms.chips[0]
    first.click()
    settle(opened)
    assert opened.filter_bar.text == "has:finding"
    assert len(opened.model.rows) == 2
    opened.filter_bar.terms.chips[0].click()
    settle(opened)
    assert opened.filter_bar.text == ""


def test_every_filter_to_begin_with_is_understood(opened: MainWindow, settle: Settle) -> None:
    for _title, query in BEGINNINGS:
        opened.filter_bar.set_text(query)
        settle(opened)
        assert not opened.filter_bar.has_mistake, query


def test_every_field_of_the_language_is_offered(opened: MainWindow) -> None:
    from inspector.query import FIELDS as LANGUAGE
    from inspector.query import parse

    box = opened.filter_bar.box
    for field in LANGUAGE:
        box.setText(field.name)
        assert f"{field.name}:" in box.offered()
    for field in LANGUAGE:
        if field.choices:
            box.setText(f"{field.name}:")
            assert box.offered()
            for offered in box.offered():
                assert "=" not in offered
                parse(offered)


def test_what_a_report_hides_is_seen_before_it_is_written(opened: MainWindow, settle: Settle, tmp_path: Path) -> None:
    opened.exporting.export_report()
    settle(opened)
    sheet = opened.exporting.sheet
    assert sheet is not None
    assert "events read: 2" in sheet.holds.text()
    assert sheet.save_button.isEnabled()
    hosts = "host  values:"
    assert hosts in sheet.list.toPlainText().partition("stay in clear")[2]
    sheet.choices.button(1).click()
    assert not sheet.save_button.isEnabled(), "not before the person can see what it does"
    settle(opened)
    assert hosts not in sheet.list.toPlainText()
    assert "[host-1]" in sheet.list.toPlainText()
    opened.exporting.write_report(tmp_path / "report.html", sheet.redaction)
    settle(opened)
    assert "[host-1]" in (tmp_path / "report.html").read_text(encoding="utf-8")
    sheet.close()


def test_related_events_are_shown_or_said_to_be_none(window: MainWindow, sample: Path, settle: Settle) -> None:
    window.open_paths([sample.parent / "orders-service.log"])
    settle(window)
    menu = window.row_menu.menu(0, "message")
    related = next(each for each in menu.findChildren(QMenu) if each.title() == "Events related to this")
    next(each for each in related.actions() if each.text() == "Same correlation ID").trigger()
    settle(window)
    assert window.filter_bar.text == '"6d1b8f04-2a3e-4c57-9d10-7be2f0a4c913"'
    assert window.model.rowCount() == 2
    window.row_menu.show_related(window.model.row_number(0), "conversation")
    settle(window)
    assert "no message ID" in window.foot.notice.text()
    assert window.model.rowCount() == 2


def test_escape_clears_the_filter_where_it_is_written(opened: MainWindow, qtbot: QtBot, settle: Settle) -> None:
    opened.filter_bar.set_text("level:error nowhere")
    settle(opened)
    QTest.keyClick(opened.filter_bar.box, Qt.Key.Key_Escape)
    settle(opened)
    assert opened.filter_bar.text == ""
    assert opened.model.rowCount() == 2
    assert opened.filter_bar.back_button.isEnabled(), "it can be undone"


def test_files_dropped_with_shift_replace_what_is_open(own: MainWindow, sample: Path, settle: Settle) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(sample.parent / "orders-service.log"))])
    own.dropEvent(QDropEvent(QPointF(20, 20), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier))
    settle(own)
    assert [each.path.name for each in own.engine.session.sources] == ["orders-service.log"]


def test_follows_the_colours_of_the_system(opened: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    from PySide6.QtGui import QGuiApplication

    from inspector.gui import theme

    opened.set_scheme("system")
    before = opened.theme.name
    monkeypatch.setattr(theme, "chosen", lambda _scheme: theme.DARK if before == "light" else theme.LIGHT)
    QGuiApplication.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert opened.theme.name != before
    monkeypatch.undo()
    opened.apply_scheme()


def test_a_column_without_content_gives_its_room_to_the_message_until_it_is_asked_for(opened: MainWindow) -> None:
    number = opened.model.columns.index("event_id")
    assert not opened.table.isColumnHidden(number)
    opened.arrangement.hide_empty(["event_id"])
    assert opened.table.isColumnHidden(number)
    opened.arrangement.show_column("event_id", shown=True)
    opened.arrangement.hide_empty(["event_id"])
    assert not opened.table.isColumnHidden(number)


def test_a_message_without_a_stack_trace_has_the_whole_pane(qtbot: QtBot, opened: MainWindow, settle: Settle) -> None:
    opened.go_to_row(0)
    settle(opened)
    assert opened.detail.stack.isVisible()
    opened.go_to_row(1)
    settle(opened)
    assert not opened.detail.stack.isVisible()
    qtbot.waitUntil(lambda: opened.detail.message.width() == opened.detail.sides.width())


def test_a_note_is_written_in_the_window_by_keyboard(opened: MainWindow, settle: Settle) -> None:
    opened.table.go_to(1)
    opened.edit_note()
    page = opened.ask_bar.page
    assert page.isVisible()
    assert not opened.ask_bar.line.isVisible()
    assert page.accessibleName() == "Note on this event"
    QTest.keyClicks(page, "two")
    QTest.keyClick(page, Qt.Key.Key_Return)
    QTest.keyClicks(page, "lines")
    QTest.keyClick(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert opened.marks.notes == {opened.table.current_row(): "two\nlines"}
    assert not opened.ask_bar.isVisible()
    opened.edit_note()
    assert page.toPlainText() == "two\nlines"
    QTest.keyClicks(page, "other")
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert not opened.ask_bar.isVisible()
    assert list(opened.marks.notes.values()) == ["two\nlines"]


def test_a_note_goes_to_the_event_it_was_asked_for(opened: MainWindow) -> None:
    opened.table.go_to(0)
    row = opened.table.current_row()
    opened.edit_note()
    opened.table.go_to(1)
    opened.ask_bar.page.setPlainText("here")
    opened.ask_bar.buttons[0].click()
    assert opened.marks.notes == {row: "here"}


def test_a_filter_is_kept_under_the_name_written(opened: MainWindow, settle: Settle) -> None:
    opened.filter_bar.set_text("level:error")
    settle(opened)
    opened.save_filter()
    line = opened.ask_bar.line
    assert line.accessibleName() == "Name of the filter"
    QTest.keyClicks(line, "bad ones")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert opened.case.saved_filters == {"bad ones": "level:error"}
    assert not opened.ask_bar.isVisible()


def test_another_zone_is_written_in_the_window(own: MainWindow, settle: Settle) -> None:
    source = own.engine.session.sources[0]
    own.side_bar.sources.other_zone_asked.emit(source)
    own.ask_bar.line.setText("half past")
    QTest.keyClick(own.ask_bar.line, Qt.Key.Key_Return)
    assert "half past" in own.foot.notice.text()
    own.side_bar.sources.other_zone_asked.emit(source)
    own.ask_bar.line.setText("+05:30")
    QTest.keyClick(own.ask_bar.line, Qt.Key.Key_Return)
    settle(own)
    assert own.engine.session.sources[0].zone.offset == timedelta(hours=5, minutes=30)


@pytest.mark.parametrize(("text", "minutes"), [("+05:30", 330), ("-3", -180), ("utc+0100", 60), ("0", 0), ("−02:00", -120), ("+14", 840)])
def test_understands_offsets_written_by_people(text: str, minutes: int) -> None:
    assert parsed_offset(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "CET", "+15", "14:01", "+5:75", "1.5"])
def test_takes_nothing_else_for_an_offset(text: str) -> None:
    assert parsed_offset(text) is None


def test_a_time_written_is_meant_in_the_zone_shown() -> None:
    assert parse_moment("2026-01-26 00:30", None, timedelta(hours=1)) == datetime(2026, 1, 25, 23, 30, tzinfo=UTC)
    assert parse_moment("2026-01-26 00:30Z", None, timedelta(hours=1)) == datetime(2026, 1, 26, 0, 30, tzinfo=UTC)
    day = datetime(2026, 1, 25, 23, 30, tzinfo=UTC)
    assert parse_moment("00:15", day, timedelta(hours=1)) == datetime(2026, 1, 25, 23, 15, tzinfo=UTC)


def test_columns_grow_with_the_text_and_come_back(opened: MainWindow) -> None:
    number = opened.model.columns.index("time")
    usual = opened.table.columnWidth(number)
    for _ in range(3):
        opened.change_text_size(1)
    stamp = opened.model.text(0, "time")
    assert opened.table.columnWidth(number) > opened.table.fontMetrics().horizontalAdvance(stamp)
    opened.change_text_size(0)
    assert abs(opened.table.columnWidth(number) - usual) <= 1


def test_a_column_hidden_while_the_text_grew_is_as_wide_as_the_others(opened: MainWindow) -> None:
    number = opened.model.columns.index("channel")
    assert opened.table.isColumnHidden(number)
    opened.change_text_size(1)
    assert opened.table.isColumnHidden(number)
    opened.arrangement.show_column("channel", True)
    assert opened.table.columnWidth(number) > WIDTHS["channel"]
    opened.change_text_size(0)


def test_the_timeline_leaves_room_in_a_low_pane(opened: MainWindow, settle: Settle) -> None:
    opened.go_to_row(0)
    settle(opened)
    opened.resize(900, 560)
    settle(opened)
    strip, tabs = opened.detail.timeline, opened.detail.tabs
    assert strip.isVisible()
    assert strip.geometry().bottom() < tabs.geometry().top()
    assert strip.scroller.geometry().bottom() <= strip.rect().bottom(), "nothing of it is under the tabs"
    assert tabs.height() >= tabs.minimumHeight()


def test_a_case_without_a_name_is_called_one_as_soon_as_there_is_something_to_save(opened: MainWindow, settle: Settle) -> None:
    assert opened.windowTitle() == "Token Log Inspector"
    opened.go_to_row(0)
    opened.toggle_bookmark()
    settle(opened)
    assert opened.windowTitle() == "New case[*]"
    assert opened.isWindowModified()
