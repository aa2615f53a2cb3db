"""The real window on the real session, and ways to wait for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from inspector.gui import app
from inspector.gui.engine import Engine
from inspector.gui.window import MainWindow
from inspector.job import Job
from inspector.resources import resource_path
from inspector.session import Options, Session

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

SAMPLE = resource_path("samples") / "session-manager.txt"
PATIENCE = 120_000
"""Milliseconds before a test gives up on the engine; nothing is measured by it."""


HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen platform says what it cannot do to windows (limit their size, raise them); that is about the platform, not about the window."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore(r"This plugin does not support (propagateSizeHints|raise|grabbing the keyboard)"))


@pytest.fixture
def settings_path(tmp_path: Path) -> Path:
    """Where the window of this test remembers its layout."""
    return tmp_path / "settings" / "window.json"


class KeptSession(Session):
    """A session that outlives the windows it is shown in."""

    def close(self) -> None:
        """Stay open."""

    def end(self) -> None:
        """Close at last."""
        super().close()


@pytest.fixture(scope="session")
def kept_session() -> Iterator[KeptSession]:
    """The sample, read once for all tests that only look at it."""
    session = KeptSession(Options(workers=1))
    session.open([SAMPLE], Job())
    yield session
    session.end()


@pytest.fixture
def make_window(qtbot: QtBot, qapp: QApplication, settings_path: Path) -> Iterator[Callable[..., MainWindow]]:
    """Makes windows of 1280 by 800 as the program does; they are closed at the end."""
    app.make_application()
    made: list[MainWindow] = []

    def make(session: Session | None = None) -> MainWindow:
        window = MainWindow(Engine(lambda: session or Session(Options(workers=1))), settings_path)
        made.append(window)
        window.resize(1280, 800)
        window.show()
        qtbot.waitUntil(window.isActiveWindow, timeout=PATIENCE)  # else keys go nowhere
        window.engine.start()
        qtbot.waitUntil(lambda: window.engine.is_ready, timeout=PATIENCE)
        qtbot.wait(1)
        return window

    yield make
    for window in made:
        window.case.unsaved = False  # else it stays open and asks
        window.close()
        window.deleteLater()
    qapp.processEvents()


@pytest.fixture
def window(make_window: Callable[..., MainWindow]) -> MainWindow:
    """A window with nothing open."""
    return make_window()


@pytest.fixture
def settle(qtbot: QtBot) -> Callable[[MainWindow], None]:
    """Waits until the engine has nothing more to say."""

    def wait(window: MainWindow) -> None:
        def quiet() -> bool:
            return window.engine.is_ready and not window.engine.busy and not window.engine.is_reading and not window.model.fetching

        # Twice: what the last answer brought about may ask anew.
        for _ in range(2):
            qtbot.wait(1)
            qtbot.waitUntil(quiet, timeout=PATIENCE)

    return wait


@pytest.fixture
def sample() -> Path:
    """The bundled founding sample: a refused WS-Security message and the event after it."""
    return SAMPLE


@pytest.fixture
def opened(make_window: Callable[..., MainWindow], kept_session: KeptSession, settle: Callable[[MainWindow], None]) -> MainWindow:
    """A window with the sample open and everything shown; the sources must stay as they are."""
    for kind in ("bookmark", "note", "highlight"):
        kept_session.choose(kind, [])
    window = make_window(kept_session)
    settle(window)
    return window


@pytest.fixture
def own(window: MainWindow, sample: Path, settle: Callable[[MainWindow], None]) -> MainWindow:
    """A window that has opened the sample itself, for tests that change what is open."""
    window.open_paths([sample])
    settle(window)
    return window
