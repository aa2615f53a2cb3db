"""Starts the window: paints first, imports the engine after."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QStandardPaths, Qt, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent, QGuiApplication
from PySide6.QtWidgets import QApplication

from inspector.gui import icons, single_instance, theme
from inspector.gui import settings as remembered
from inspector.gui.crash import CrashWatch
from inspector.gui.engine import Engine
from inspector.gui.garbage import GarbageCollector
from inspector.gui.language import Speaker
from inspector.gui.window import MainWindow

if TYPE_CHECKING:
    from inspector.session import Session

NAME = "Token Log Inspector"
NO_SCREEN = """\
inspector: there is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open.
The same without one: inspector findings FILE, inspector report FILE -o report.html; see inspector --help.
"""


def can_show(environment: Mapping[str, str], platform: str) -> bool:
    """Whether a window can open: where Qt finds no screen to talk to, it aborts the process instead of saying so."""
    if platform in {"win32", "darwin"}:
        return True
    return any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def run(paths: Sequence[Path]) -> int:
    """Open the window with any paths given and run until it is closed; the exit code, 2 where there is no screen.

    A window of this user that runs already takes the paths instead.
    """
    if not can_show(os.environ, sys.platform):
        if sys.stderr is not None:
            sys.stderr.write(NO_SCREEN)
        return 2
    where = single_instance.address()
    if where is not None and single_instance.hand_over(paths, where):
        return 0
    # The engine's threads compute in Python: the window's own thread gets its turn sooner.
    sys.setswitchinterval(0.001)
    application = make_application()
    GarbageCollector(application)
    watch = CrashWatch(application)
    watch.install()
    house = House(settings_path())
    if isinstance(application, Application):
        application.file_asked.connect(house.open_file)
    keeper = house.open_door(where) if where is not None else None
    house.window.show()
    # The event loop paints the window before this fires.
    QTimer.singleShot(0, house.window.engine.start)
    house.window.open_paths(list(paths))
    code = application.exec()
    if keeper is not None:
        keeper.close()
    return code


class Application(QApplication):
    """Qt's application, which also hears of files opened by a double click on macOS: there they come as events, not as arguments."""

    file_asked = Signal(str)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent) and event.file():
            self.file_asked.emit(event.file())
            return True
        return super().event(event)


class House(QObject):
    """Holds the window: makes it anew in another language, and brings it the paths of later starts."""

    _received = Signal(object)

    def __init__(self, settings: Path) -> None:
        super().__init__()
        self._settings = settings
        self.speaker = Speaker()
        self.speaker.speak(remembered.load(settings).language)
        self.window = self._build()
        self._received.connect(self._take)

    def open_door(self, where: str) -> single_instance.Doorkeeper | None:
        """Listen for later starts; None where that is not possible."""
        try:
            return single_instance.Doorkeeper(where, self._received.emit)
        except OSError:
            return None

    def open_file(self, path: str) -> None:
        """Open a file that the desktop asks for, beside what is open."""
        self._take([Path(path)])

    def change_language(self, language: str) -> None:
        """Show the same logs in a window of another language."""
        old = self.window
        if not old.engine.is_ready or old.engine.is_reading:
            old.say(old.tr("The language can be changed when reading has ended."))
            return
        old.settings.language = language
        self.speaker.speak(language)
        old.arrangement.save()
        self.window = self._build()
        self.window.show()
        old.hand_over(self.window)
        old.deleteLater()

    def _build(self) -> MainWindow:
        window = MainWindow(Engine(make_session), self._settings)
        window.language_asked.connect(self.change_language)
        return window

    def _take(self, paths: list[Path]) -> None:
        window = self.window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.raise_()
        window.activateWindow()
        window.open_paths(paths)


def make_application() -> QApplication:
    """The Qt application with our fonts, icon and name."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else Application(sys.argv[:1])
    QCoreApplication.setApplicationName("token-log-inspector")
    QGuiApplication.setApplicationDisplayName(NAME)
    QGuiApplication.setDesktopFileName("token-log-inspector")
    theme.load_fonts()
    # Before any widget is made: widgets that are there already keep the desktop's font on some platforms.
    theme.apply(application, theme.chosen("system"), theme.DEFAULT_TEXT_SIZE)
    application.setWindowIcon(icons.app_icon())
    return application


def settings_path() -> Path:
    """Where the window remembers its layout."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppConfigLocation)) / "window.json"


def make_session() -> Session:
    """A session with the default options; imports the engine."""
    from inspector.session import Session

    return Session()
