"""A failure of the program is shown with a report to copy, and the report holds nothing of the log."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QGuiApplication

from inspector.gui.crash import CrashWatch, report_text

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

SECRET = "eyJhbGciOiJub25lIn0.alice"


def fail() -> None:
    secret = SECRET
    raise ValueError(f"cannot read {secret}")


def test_the_report_names_the_place_and_quotes_nothing() -> None:
    with pytest.raises(ValueError, match="cannot read") as caught:
        fail()
    text = report_text(caught.type, caught.tb)
    assert "ValueError" in text
    assert "in fail" in text
    assert "test_crash.py" in text
    assert SECRET not in text
    assert "cannot read" not in text


@pytest.fixture
def watch(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> CrashWatch:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    watch = CrashWatch()
    watch.install()
    return watch


@pytest.mark.parametrize("thread", [False, True])
def test_shows_one_dialog_with_a_copy_button(watch: CrashWatch, qtbot: QtBot, thread: bool, capsys: pytest.CaptureFixture[str]) -> None:
    if thread:
        worker = threading.Thread(target=fail)
        worker.start()
        worker.join()
    else:
        try:
            fail()
        except ValueError as error:
            sys.excepthook(type(error), error, error.__traceback__)
    qtbot.waitUntil(lambda: watch.dialog is not None)
    assert watch.dialog is not None
    qtbot.addWidget(watch.dialog)
    watch.dialog.copy_button.click()
    copied = QGuiApplication.clipboard().text()
    assert "ValueError" in copied
    assert SECRET not in copied
    assert watch.dialog.report.toPlainText() == copied
    assert SECRET in capsys.readouterr().err, "the console of whoever started it says more"
