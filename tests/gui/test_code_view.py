"""The code pane: folding, find, breadcrumb, masking, and no more work than what is visible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from inspector.gui import colouring
from inspector.gui.code_view import SHOWN_LIMIT, CodeView, path_at
from inspector.gui.masking import MASK
from inspector.gui.theme import DARK

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

XML = """<s:Envelope xmlns:s="urn:soap" xmlns:w="urn:wsse">
  <s:Header>
    <w:Security>
      <w:Password>hunter2</w:Password>
    </w:Security>
  </s:Header>
  <s:Body/>
</s:Envelope>"""


@pytest.fixture
def view(qtbot: QtBot) -> CodeView:
    view = CodeView("Envelope")
    qtbot.addWidget(view)
    view.resize(600, 300)
    view.restyle(DARK, 9)
    view.show()
    qtbot.waitExposed(view)
    start = XML.index("hunter2")
    view.load(XML, "soap", [(start, start + 7)], raw="raw text")
    return view


def test_secrets_are_masked_until_shown(view: CodeView) -> None:
    assert "hunter2" not in view.shown_text
    assert MASK in view.shown_text
    view.copy_pretty()
    assert "hunter2" not in QGuiApplication.clipboard().text()
    view.secrets_button.click()
    assert "hunter2" in view.shown_text
    view.copy_pretty()
    assert QGuiApplication.clipboard().text() == XML
    view.secrets_button.click()
    assert "hunter2" not in view.shown_text


def test_another_event_masks_again(view: CodeView) -> None:
    view.secrets_button.click()
    view.load(XML, "soap", [(XML.index("hunter2"), XML.index("hunter2") + 7)])
    assert "hunter2" not in view.shown_text


def test_copies_raw(view: CodeView) -> None:
    view.copy_raw()
    assert QGuiApplication.clipboard().text() == "raw text"


def test_folds_and_unfolds(view: CodeView) -> None:
    document = view.edit.document()
    header = document.findBlockByNumber(1)
    view.edit.toggle_fold(header)
    assert [document.findBlockByNumber(each).isVisible() for each in range(8)] == [True, True, False, False, False, True, True, True]
    assert view.edit.is_folded(header)
    view.edit.toggle_fold(header)
    assert all(document.findBlockByNumber(each).isVisible() for each in range(8))
    view.toggle_all_folds()
    assert not document.findBlockByNumber(3).isVisible()
    view.toggle_all_folds()
    assert document.findBlockByNumber(3).isVisible()
    QTest.mouseClick(
        view.edit.gutter, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(4, view.edit.cursorRect().center().y())
    )
    assert not document.findBlockByNumber(1).isVisible()


def test_evidence_is_marked_and_unfolded(view: CodeView) -> None:
    view.toggle_all_folds()
    start = XML.index("</w:Security>")
    view.highlight(start, start + 13)
    assert view.edit.evidence is not None
    first, last = view.edit.evidence
    assert view.shown_text[first:last] == "</w:Security>"
    assert view.edit.document().findBlock(first).isVisible()


def test_finds_round_the_end(view: CodeView) -> None:
    view.open_find()
    view.find_box.setText("security")
    assert len(view.edit.found) == 2
    first = view.edit.current_find
    view.find_next()
    second = view.edit.current_find
    view.find_next()
    assert view.edit.current_find == first != second
    view.find_next(backwards=True)
    assert view.edit.current_find == second
    view.find_box.setText("nowhere")
    assert not view.edit.found


def test_says_where_the_cursor_is(view: CodeView) -> None:
    document = view.edit.document()
    assert path_at(document.findBlockByNumber(3)) == "Envelope › Header › Security › Password  ·  urn:wsse"
    assert path_at(document.findBlockByNumber(6)) == "Envelope › Body  ·  urn:soap"
    assert path_at(document.findBlockByNumber(0)) == "Envelope  ·  urn:soap"


def test_colours_only_what_is_visible(view: CodeView, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []

    def runs(line: str) -> list[tuple[int, int, str]]:
        lines.append(line)
        return []

    monkeypatch.setitem(colouring.COLOURINGS, "xml", runs)
    view.load("\n".join(f"<a{number}/>" for number in range(20_000)), "xml")
    view.edit.colour()
    assert 0 < len(lines) < 200


def test_a_giant_text_is_cut_on_screen_only(view: CodeView) -> None:
    text = "<a>" + "x" * (SHOWN_LIMIT + 10) + "</a>"
    view.load(text, "xml")
    assert len(view.shown_text) < SHOWN_LIMIT + 200
    assert view.text == text
