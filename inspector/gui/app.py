"""Starts the window: paints first, imports the engine after."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QStandardPaths, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from inspector.gui import icons, theme
from inspector.gui.binding import keep_constants_alive
from inspector.gui.engine import Engine
from inspector.gui.window import MainWindow

if TYPE_CHECKING:
    from inspector.session import Session

NAME = "Token Log Inspector"


def run(paths: Sequence[Path]) -> int:
    """Open the window with any paths given and run until it is closed; the exit code."""
    application = make_application()
    window = MainWindow(Engine(make_session), settings_path())
    window.show()
    # The event loop paints the window before this fires.
    QTimer.singleShot(0, window.engine.start)
    window.open_paths(list(paths))
    return application.exec()


def make_application() -> QApplication:
    """The Qt application with our fonts, icon and name."""
    keep_constants_alive()
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    QCoreApplication.setApplicationName("token-log-inspector")
    QGuiApplication.setApplicationDisplayName(NAME)
    QGuiApplication.setDesktopFileName("token-log-inspector")
    theme.load_fonts()
    application.setWindowIcon(icons.app_icon())
    return application


def settings_path() -> Path:
    """Where the window remembers its layout."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppConfigLocation)) / "window.json"


def make_session() -> Session:
    """A session with the default options; imports the engine."""
    from inspector.session import Session

    return Session()
