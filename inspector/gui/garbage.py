"""Collects Python's circular garbage on the window's own thread only."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY = 1000
"""Milliseconds between two looks."""


class GarbageCollector(QObject):
    """Takes garbage collection away from the threads that compute.

    A collection there may destroy a Qt object: its destructor takes Qt's signal lock and then asks for the interpreter, while the
    window's thread holds the interpreter and waits for that lock. Both would wait for ever.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.collect()
        # What the start made stays for good: looking at it again and again would only hold the window up.
        gc.freeze()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """One look: the generations that Python itself would have collected by now."""
        due = [count > limit for count, limit in zip(gc.get_count(), gc.get_threshold(), strict=True)]
        if due[0]:
            gc.collect(2 if all(due) else 1 if due[1] else 0)
