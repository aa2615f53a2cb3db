"""Italian is complete, says the same things with the same places for values, and switches without a restart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QDialogButtonBox, QLabel, QMenu, QPushButton

from inspector.gui import app
from inspector.gui.language import LANGUAGES, Catalogue, Speaker
from inspector.gui.shortcut_sheet import ShortcutSheet
from inspector.gui.window import MainWindow
from inspector.job import Job
from inspector.session import Options, Session
from tests.gui.texts import translatable

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

OTHERS = [each for each in LANGUAGES if each != "en"]
VALUES = re.compile(r"%[sd]|\{\w+\}")


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated_and_none_is_left_over(language: str) -> None:
    texts = Catalogue(language).texts
    assert set(texts) == translatable()


@pytest.mark.parametrize("language", OTHERS)
def test_translations_keep_the_places_for_values(language: str) -> None:
    for (context, source), text in Catalogue(language).texts.items():
        assert sorted(VALUES.findall(source)) == sorted(VALUES.findall(text)), (context, source)


@pytest.mark.parametrize("language", OTHERS)
def test_menus_have_their_own_letters(language: str) -> None:
    texts = Catalogue(language).texts
    for menu in (("&File", "&Edit", "&Go", "&View", "&Help"),):
        letters = [texts["Menus", each].partition("&")[2][:1].lower() for each in menu]
        assert len(set(letters)) == len(letters), letters


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_entries_of_a_menu_share_a_letter(make_window: Callable[..., MainWindow], speaker: Speaker, language: str) -> None:
    speaker.speak(language)
    window = make_window()
    for menu in window.menuBar().findChildren(QMenu):
        letters = [each.text().replace("&&", "").partition("&")[2][:1].lower() for each in menu.actions() if "&" in each.text()]
        assert len(set(letters)) == len(letters), (menu.title(), letters)


@pytest.fixture
def speaker(qapp: QApplication) -> Iterator[Speaker]:
    speaker = Speaker()
    yield speaker
    speaker.speak("en")


def test_the_window_speaks_italian(make_window: Callable[..., MainWindow], speaker: Speaker) -> None:
    speaker.speak("it")
    window = make_window()
    assert window.start_page.open_button.text().strip() == "Apri file…"
    assert window.model.headerData(0, __import__("PySide6.QtCore").QtCore.Qt.Orientation.Horizontal) == "Livello"
    assert window.filter_bar.box.accessibleName() == "Filtro"
    # Words that are the same in both languages are no reason for an empty place.
    assert [each.text().replace("&", "") for each in window.menuBar().actions()] == ["File", "Modifica", "Vai", "Visualizza", "Aiuto"]
    assert window.detail.stack.code.heading.text() == "Stack trace"
    sheet = ShortcutSheet(window.menuBar(), window.theme, window)
    assert all(each.text() for each in sheet.findChildren(QPushButton) + sheet.findChildren(QLabel))
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, window)
    assert "Chiudi" in box.buttons()[0].text().replace("&", ""), "Qt's own texts speak Italian too"


def test_switches_without_a_restart(
    qtbot: QtBot, qapp: QApplication, settle: Callable[[MainWindow], None], sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "make_session", lambda: Session(Options(workers=1)))
    app.make_application()
    house = app.House(tmp_path / "window.json")
    try:
        house.window.show()
        house.window.engine.start()
        house.window.open_paths([sample])
        settle(house.window)
        house.window.filter_bar.set_text("level:error")
        settle(house.window)
        house.window.go_to_row(1)
        house.window.toggle_bookmark()
        settle(house.window)
        session = house.window.engine.session
        house.change_language("it")
        settle(house.window)
        window = house.window
        assert window.engine.session is session
        assert window.filter_bar.text == "level:error"
        assert window.filter_bar.count.text() == "2 eventi"
        assert window.table.current_row() == 1
        assert window.marks.bookmarks == {1}
        assert window.pages.currentIndex() == 1
        assert window.menus.open_action.text() == "&Apri file…"
        house.change_language("en")
        settle(house.window)
        assert house.window.menus.open_action.text() == "&Open files…"
        assert session.select("", Job()).tolist() == [0, 1]
    finally:
        house.window.close()
        house.window.deleteLater()
        qapp.processEvents()
        house.speaker.speak("en")
