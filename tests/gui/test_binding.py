"""A fault that a version of the Qt binding had: many signals must not end the program."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
from PySide6.QtCore import QCoreApplication, QObject, Signal

class Sender(QObject):
    sent = Signal(object)

application = QCoreApplication([])
sender = Sender()
for number in range(20_000):
    sender.sent.emit(number)
print("alive")
"""


def test_twenty_thousand_signals() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.stdout == "alive\n", done.stderr
