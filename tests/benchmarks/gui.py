"""Measures the window: how soon it is painted, how long its thread is held while a log loads and a filter is typed, and the very large table.

Each measure runs in a fresh process (``python tests/benchmarks/gui.py TASK ...`` prints its figures as JSON). The thread's own processor
time between two turns of the event loop is what the window itself does; the wall time beside it holds whatever else the machine runs.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

HERE: Final = Path(__file__).resolve()
ROOT: Final = HERE.parents[2]
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from inspector.gui.window import MainWindow

TYPED: Final = "level:error timed out"
"""What is typed while the log loads, a key every ``KEY`` milliseconds."""
KEY: Final = 120
BEAT: Final = 2
"""Milliseconds between two looks at the clock."""
PATIENCE: Final = 600.0
"""Seconds before a measure gives up."""
BLOCK: Final = 50.0
"""Milliseconds that the window's thread may be held."""
SOON: Final = 1000.0
"""Milliseconds from the start of the process to the painted window."""
AT_ONCE: Final = 100.0
"""Milliseconds within which an answer feels immediate (Nielsen, Usability Engineering, 1993, chapter 5.5)."""


@dataclass(slots=True)
class Beats:
    """Gaps between turns of the event loop, in milliseconds."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)


class Heart:
    """Beats on the window's thread as often as the event loop turns."""

    def __init__(self) -> None:
        from PySide6.QtCore import QTimer

        self.beats = Beats()
        self._cpu, self._wall = time.thread_time(), time.perf_counter()
        self._timer = QTimer(interval=BEAT)
        self._timer.timeout.connect(self.beat)
        self._timer.start()

    def beat(self) -> None:
        """Note how long the turn took."""
        cpu, wall = time.thread_time(), time.perf_counter()
        self.beats.cpu.append(1000 * (cpu - self._cpu))
        self.beats.wall.append(1000 * (wall - self._wall))
        self._cpu, self._wall = cpu, wall

    def stop(self) -> Beats:
        """Beat no more."""
        self.beat()
        self._timer.stop()
        return self.beats


def in_fresh_process(task: str, *arguments: object, started: bool = False) -> dict[str, float]:
    """The figures of one measure; ``started``: it is told when its process was started."""
    with tempfile.TemporaryDirectory() as home:
        surroundings = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": home}
        surroundings.setdefault("QT_QPA_PLATFORM", "offscreen")
        more = [str(time.time())] if started else []
        command = [sys.executable, str(HERE), task, *map(str, arguments), *more]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=surroundings)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def turn_until(ready: Callable[[], bool]) -> None:
    """Let the window work until something is so. Raises TimeoutError."""
    from PySide6.QtCore import QEventLoop, QTimer

    end = time.monotonic() + PATIENCE
    loop = QEventLoop()
    look = QTimer(interval=5)
    look.timeout.connect(lambda: loop.quit() if ready() or time.monotonic() > end else None)
    look.start()
    loop.exec()
    look.stop()
    if not ready():
        raise TimeoutError


def made_window() -> MainWindow:
    """A window as the program shows it, remembering nothing."""
    from inspector.gui import app
    from inspector.gui.engine import Engine
    from inspector.gui.garbage import GarbageCollector
    from inspector.gui.window import MainWindow

    sys.setswitchinterval(0.001)
    GarbageCollector(app.make_application())
    window = MainWindow(Engine(app.make_session))
    window.resize(1280, 800)
    return window


def at_rest(window: MainWindow) -> bool:
    """Whether nothing is to come any more."""
    return window.engine.is_ready and not window.engine.busy and not window.engine.is_reading and not window.model.fetching


def measure_start(arguments: Sequence[str]) -> dict[str, float]:
    """Milliseconds from the start of the process to the painted window, wall and processor."""
    from PySide6.QtCore import QEvent, QObject

    started = float(arguments[0])
    window = made_window()
    found: dict[str, float] = {}

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and not found:
                found.update(wall=1000 * (time.time() - started), cpu=1000 * time.process_time())
            return super().eventFilter(watched, event)

    watch = Watch()
    window.start_page.installEventFilter(watch)
    window.show()
    turn_until(lambda: bool(found))
    window.close()
    return found


def measure_loading(arguments: Sequence[str]) -> dict[str, float]:
    """Longest turns of the event loop while a line log of so many rows loads and a filter is typed."""
    from PySide6.QtCore import QTimer
    from PySide6.QtTest import QTest

    from tests.benchmarks import data

    with tempfile.TemporaryDirectory() as folder:
        path = data.write_rows(Path(folder) / "built.log", data.line_log_records, int(arguments[0]))
        window = made_window()
        window.show()
        window.engine.start()
        turn_until(lambda: at_rest(window))
        heart = Heart()
        window.open_paths([path])
        turn_until(lambda: window.pages.currentIndex() == 1)
        heart.beat()
        typed = iter(TYPED)
        keys = QTimer(interval=KEY)

        def press() -> None:
            key = next(typed, "")
            if key:
                QTest.keyClicks(window.filter_bar.box, key)
            else:
                keys.stop()

        keys.timeout.connect(press)
        keys.start()
        turn_until(lambda: not keys.isActive() and at_rest(window))
        beats = heart.stop()
        rows = len(window.engine.session)
        window.close()
    return {"rows": rows, "cpu": max(beats.cpu), "wall": max(beats.wall), "p99": statistics.quantiles(beats.cpu, n=100)[98]}


def measure_table(arguments: Sequence[str]) -> dict[str, float]:
    """Milliseconds of the window's thread for what is done with a table of so many rows, and the cells that a paint asks for beyond the visible ones."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from inspector.gui import app
    from inspector.gui.engine import Engine
    from inspector.gui.window import MainWindow
    from tests.gui.big_session import BigSession

    application = app.make_application()
    session = BigSession(int(arguments[0]))
    window = MainWindow(Engine(lambda: session))  # type: ignore[arg-type, return-value]
    window.resize(1280, 800)
    window.show()
    window.engine.start()
    window.open_paths([Path("big.evtx")])
    turn_until(lambda: at_rest(window) and window.model.rowCount() == session.size)
    table = window.table
    found: dict[str, float] = {}

    def timed(name: str, action: Callable[[], object]) -> None:
        cpu, wall = time.thread_time(), time.perf_counter()
        action()
        QApplication.processEvents()
        found[f"{name} cpu"] = 1000 * (time.thread_time() - cpu)
        found[f"{name} wall"] = 1000 * (time.perf_counter() - wall)
        turn_until(lambda: at_rest(window))

    control = Qt.KeyboardModifier.ControlModifier
    timed("select all", lambda: QTest.keyClick(table, Qt.Key.Key_A, control))
    timed("to the end", lambda: QTest.keyClick(table, Qt.Key.Key_End, control))
    timed("sort", lambda: table.set_sort("time", True))
    timed("resize", lambda: window.resize(1000, 700))
    timed("column", lambda: table.setColumnWidth(table.model().columnCount() - 1, 200))
    window.model.data_calls = 0
    table.viewport().repaint()
    height = table.verticalHeader().defaultSectionSize()
    rows = table.viewport().height() // height + 2
    shown = sum(not table.isColumnHidden(number) for number in range(window.model.columnCount()))
    found["cells asked for"], found["cells visible"] = window.model.data_calls, rows * shown
    window.close()
    application.processEvents()
    return found


MEASURES: Final[dict[str, Callable[[Sequence[str]], dict[str, float]]]] = {
    "start": measure_start,
    "loading": measure_loading,
    "table": measure_table,
}


if __name__ == "__main__":
    print(json.dumps(MEASURES[sys.argv[1]](sys.argv[2:])))
