"""The application around the window."""

from __future__ import annotations

import subprocess
import sys

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
