"""The application around the window."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from inspector.gui.app import can_show

PROGRAM = """
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFileOpenEvent
from inspector.gui.app import Application

application = Application([])
application.file_asked.connect(print)
QCoreApplication.postEvent(application, QFileOpenEvent("/logs/Security.evtx"))
QCoreApplication.processEvents()
"""


def test_a_file_that_the_desktop_asks_for_is_passed_on() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("/logs/Security.evtx\n", "")


@pytest.mark.parametrize(
    ("environment", "platform", "shows"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", True),
        ({}, "win32", True),
        ({}, "darwin", True),
    ],
)
def test_where_a_window_can_open(environment: dict[str, str], platform: str, shows: bool) -> None:
    assert can_show(environment, platform) is shows


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="there is always a screen")
def test_without_a_screen_it_names_the_commands_that_need_none() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}}
    command = [sys.executable, "-m", "inspector", "a.log"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no screen" in done.stderr
    assert "inspector findings FILE" in done.stderr
