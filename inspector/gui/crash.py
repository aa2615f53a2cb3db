"""What is shown when the program itself fails: a report to copy, without any log content. Nothing is sent."""

from __future__ import annotations

import platform
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType

import PySide6
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from inspector import __version__
from inspector.gui.parts import label


def report_text(kind: type[BaseException], trace: TracebackType | None) -> str:
    """Where the program failed. The error's own message is left out: it may quote the log."""
    lines = [
        f"Token Log Inspector {__version__}",
        f"Python {platform.python_version()}, Qt binding {PySide6.__version__}, {platform.system()} {platform.release()} {platform.machine()}",
        f"{kind.__module__}.{kind.__qualname__}" if kind.__module__ != "builtins" else kind.__qualname__,
    ]
    lines += [f"  {_place(frame.filename)}:{frame.lineno} in {frame.name}" for frame in traceback.extract_tb(trace)]
    return "\n".join(lines)


def _place(file: str) -> str:
    """A file's name from the package on: the folders before it name the person."""
    parts = Path(file).parts
    for package in ("inspector", "site-packages"):
        if package in parts:
            return "/".join(parts[len(parts) - 1 - parts[::-1].index(package) :])
    return Path(file).name


class CrashDialog(QDialog):
    """The report with a copy button."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Something went wrong in the program"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(640, 360)
        self.report = QPlainTextEdit(text)
        self.report.setReadOnly(True)
        self.report.setObjectName("note")
        self.report.setAccessibleName(self.tr("Report"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy_button = buttons.addButton(self.tr("Copy report"), QDialogButtonBox.ButtonRole.ActionRole)
        self.copy_button.clicked.connect(lambda _checked=False: QGuiApplication.clipboard().setText(text))
        buttons.rejected.connect(self.reject)
        said = self.tr(
            "The window goes on, but this one action did not finish. The report holds no log content and is sent nowhere; copy it to whoever looks after the program."
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(label(said, wrap=True))
        layout.addWidget(self.report, 1)
        layout.addWidget(buttons)


class CrashWatch(QObject):
    """Shows the dialog for every exception that nobody caught, on whichever thread."""

    _failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.dialog: CrashDialog | None = None
        self._failed.connect(self._show)

    def install(self) -> None:
        """Watch from now on."""
        sys.excepthook = self._caught
        threading.excepthook = self._caught_on_thread

    def _caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        traceback.print_exception(kind, error, trace)
        self._failed.emit(report_text(kind, trace))

    def _caught_on_thread(self, failed: threading.ExceptHookArgs) -> None:
        if failed.exc_value is not None:
            self._caught(failed.exc_type, failed.exc_value, failed.exc_traceback)

    def _show(self, text: str) -> None:
        if self.dialog is not None:
            return
        self.dialog = CrashDialog(text)
        self.dialog.destroyed.connect(self._forget)
        self.dialog.show()

    def _forget(self) -> None:
        self.dialog = None
