"""The list of sources: what could not be read is named once for each reason, with its places."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel

from inspector.events import Problem, Source
from inspector.gui.sources_panel import REASONS, SourcesPanel

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def panel_of(qtbot: QtBot, *problems: Problem) -> list[QLabel]:
    panel = SourcesPanel()
    qtbot.addWidget(panel)
    panel.show_sources((Source(1, Path("a.evtx"), "a.evtx", "evtx", size=4096, problems=problems),), ())
    return [each for each in panel.findChildren(QLabel) if each.objectName() == "mistake"]


def test_one_reason_is_said_once_with_its_places(qtbot: QtBot) -> None:
    shown = panel_of(qtbot, *(Problem("a.evtx", f"record {number}", "its content is <b>damaged</b>") for number in (4, 7, 9)))
    assert [each.text() for each in shown] == ["record 4 and 2 more: its content is <b>damaged</b>"]
    assert shown[0].toolTip() == "<span>record 4<br>record 7<br>record 9</span>"


def test_different_reasons_stand_alone(qtbot: QtBot) -> None:
    shown = panel_of(qtbot, Problem("a.evtx", "record 4", "damaged"), Problem("a.evtx", "record 5", "cut off"))
    assert [each.text() for each in shown] == ["record 4: damaged", "record 5: cut off"]
    assert all(not each.toolTip() for each in shown)


def test_more_reasons_than_fit_are_counted(qtbot: QtBot) -> None:
    shown = panel_of(qtbot, *(Problem("a.evtx", f"record {number}", f"reason {number // 2}") for number in range(2 * REASONS + 3)))
    assert len(shown) == REASONS + 1
    assert shown[-1].text() == "and 3 more problems"
