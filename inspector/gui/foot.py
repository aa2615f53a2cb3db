"""The foot of the window: progress with a cancel button, notices, what is selected, and the zone of the times shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QProgressBar, QWidget

from inspector.gui.clock_face import ZoneChoice
from inspector.gui.engine import percent
from inspector.gui.parts import IconButton, label

if TYPE_CHECKING:
    from inspector.job import Progress

NOTICE_TIME: Final = 8000
"""Milliseconds that a notice stays."""


class Foot(QWidget):
    """Fills the status bar."""

    cancel_asked = Signal()
    zone_chosen = Signal(str)

    def __init__(self, zone: ZoneChoice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.status = label("", "muted")
        self.status.setAccessibleName(self.tr("Status"))
        self.notice = label("", "muted")
        self.notice.setAccessibleName(self.tr("Notice"))
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(160)
        self.progress.setAccessibleName(self.tr("Progress"))
        self.cancel_button = IconButton("circle-stop", self.tr("Cancel reading"), self.cancel_asked.emit)
        self.zone_box = QComboBox()
        self.zone_box.setAccessibleName(self.tr("Time zone shown"))
        for text, value in (
            (self.tr("Times in UTC"), "utc"),
            (self.tr("Times of this machine"), "machine"),
            (self.tr("Times as logged"), "logged"),
        ):
            self.zone_box.addItem(text, value)
        self.show_zone(zone)
        self.zone_box.currentIndexChanged.connect(lambda _index: self.zone_chosen.emit(self.zone_box.currentData()))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 2, 8, 2)
        row.setSpacing(8)
        row.addWidget(self.progress)
        row.addWidget(self.cancel_button)
        row.addWidget(self.notice, 1)
        row.addWidget(self.status)
        row.addWidget(self.zone_box)
        self.progress.hide()
        self.cancel_button.hide()
        self._notice_timer = QTimer(self, singleShot=True, interval=NOTICE_TIME)
        self._notice_timer.timeout.connect(self._show_text)
        self._said = ""
        self._work = ""

    def show_zone(self, zone: ZoneChoice) -> None:
        """Show which zone times are written in."""
        self.zone_box.setCurrentIndex(self.zone_box.findData(zone))

    def show_reading(self, reading: bool) -> None:
        """Whether something is being read."""
        self.progress.setVisible(reading)
        self.cancel_button.setVisible(reading)
        if reading:
            self.progress.setRange(0, 0)
        else:
            self.stay("")

    def show_progress(self, progress: Progress) -> None:
        """How far it is."""
        share = percent(progress)
        self.progress.setRange(0, 0 if share < 0 else 100)
        self.progress.setValue(max(0, share))
        self.stay(progress.text)

    def say(self, text: str) -> None:
        """A short notice that goes by itself."""
        self._said = text
        self._notice_timer.start()
        self._show_text()

    def stay(self, text: str) -> None:
        """What is being done; it stays until it is done, and waits while a notice is shown."""
        self._work = text
        self._show_text()

    def _show_text(self) -> None:
        self.notice.setText(self._said if self._notice_timer.isActive() else self._work)
