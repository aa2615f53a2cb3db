"""Pictures of the real window: ``python3 dev.py screenshots`` writes every scene in light and dark, at 100 and 200 %, into docs/scenes.

Each scene is driven as a person would, on the bundled samples and on logs of the tests' builders.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.builders.evtx import evtx_bytes  # noqa: E402
from tests.builders.evtx_damage import chunk_zeroed, record_body_broken  # noqa: E402
from tests.builders.farm_log import farm_events  # noqa: E402

if TYPE_CHECKING:
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QWidget

    from inspector.gui.theme import SchemeChoice
    from inspector.gui.window import MainWindow

SERVICE = ROOT / "resources" / "samples" / "orders-service.log"
SESSION = ROOT / "resources" / "samples" / "session-manager.txt"
FARM = Path("farm.evtx")
DAMAGED = Path("farm-damaged.evtx")
"""Made by the builders, in the folder of the run."""
FOLDER = ROOT / "docs" / "scenes"


@dataclass(frozen=True)
class Scene:
    """One picture: what is opened, and what is done then."""

    name: str
    paths: tuple[Path, ...]
    act: Callable[[MainWindow], None]
    again: Callable[[MainWindow], None] | None = None
    """What a change of colours undoes."""


def wait(window: MainWindow, milliseconds: int = 60) -> None:
    """Let the window work until it has nothing more to do."""
    from PySide6.QtCore import QEventLoop, QTimer

    for _ in range(4000):
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()
        if window.engine.is_ready and not window.engine.busy and not window.engine.is_reading and not window.model.fetching:
            return
    raise RuntimeError("the window did not come to rest")


def await_findings(window: MainWindow, count: int) -> None:
    """Findings come while the diagnosis runs: wait until there are so many."""
    for _ in range(1000):
        if len(window.side_bar.findings.model.findings) >= count:
            return
        wait(window)
    raise RuntimeError("the findings did not come")


def nothing(_window: MainWindow) -> None:
    """As it opens."""


def finding(number: int, tab: int) -> Callable[[MainWindow], None]:
    """Select a finding and a tab of the detail."""

    def act(window: MainWindow) -> None:
        await_findings(window, number + 1)
        window.show_finding(window.side_bar.findings.model.findings[number])
        wait(window)
        window.detail.tabs.setCurrentIndex(tab)

    return act


def clocks(window: MainWindow) -> None:
    """The diagnosis with room for the bands of the hosts' clocks."""
    finding(0, 1)(window)
    wait(window)
    window.split.setSizes([120, 600])


def show_bands(window: MainWindow) -> None:
    """Scroll to the last band."""
    from inspector.gui.host_clock_chart import HostClockChart

    window.detail.diagnosis.ensureWidgetVisible(window.detail.diagnosis.findChildren(HostClockChart)[-1], 0, 40)


def completing(window: MainWindow) -> None:
    """A filter being typed, with what it may go on with."""
    from PySide6.QtTest import QTest

    window.filter_bar.set_text("level:error ")
    window.activateWindow()
    wait(window)
    window.filter_bar.box.setFocus()
    QTest.keyClicks(window.filter_bar.box, "c")


def zoomed(window: MainWindow) -> None:
    """Facets beside the table, and a time range dragged on the overview."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    window.side_bar.setCurrentIndex(1)
    wait(window)
    left, right = (QPoint(round(window.overview.width() * share), 24) for share in (0.25, 0.42))
    QTest.mousePress(window.overview, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, left)
    QTest.mouseMove(window.overview, right)


def evidence(window: MainWindow) -> None:
    """Evidence marked in the envelope or the stack trace."""
    await_findings(window, 1)
    first = window.side_bar.findings.model.findings[0]
    window.show_evidence(next(each for each in first.hypotheses[0].supports if each.row is not None and each.excerpt))


def marked(window: MainWindow) -> None:
    """Bookmark, note and highlight on rows, several selected."""
    window.table.go_to(1)
    window.toggle_bookmark()
    window.marks.write_note(2, "the customer's first call")
    window.marks.highlight(3, "warning")
    window.table.select_places([4, 5, 6])


def sources(window: MainWindow) -> None:
    """What is open, and what of it could not be read."""
    window.side_bar.setCurrentIndex(2)


def shortcuts(window: MainWindow) -> None:
    """The sheet of shortcuts."""
    window.show_shortcuts()


SCENES = (
    Scene("start", (), nothing),
    Scene("window", (SERVICE,), finding(0, 0)),
    Scene("founding", (SESSION,), nothing),
    Scene("expired", (FARM,), finding(0, 0)),
    Scene("clocks", (FARM,), clocks, show_bands),
    Scene("tokens", (SERVICE,), finding(2, 2)),
    Scene("diagnosis", (SESSION,), finding(0, 1)),
    Scene("evidence", (SERVICE,), evidence),
    Scene("filter", (FARM,), completing),
    Scene("zoom", (FARM,), zoomed),
    Scene("marks", (SERVICE,), marked),
    Scene("damaged", (DAMAGED, SERVICE), sources),
    Scene("shortcuts", (SERVICE,), shortcuts),
)
SCHEMES: tuple[SchemeChoice, ...] = ("light", "dark")


def logs(folder: Path) -> None:
    """Write the logs that are made for the pictures."""
    whole = evtx_bytes(farm_events())
    (folder / FARM).write_bytes(whole)
    (folder / DAMAGED).write_bytes(record_body_broken(chunk_zeroed(whole, 3), 5, 2))


def take(scenes: Iterable[Scene], folder: Path, suffix: str) -> Iterator[Path]:
    """Take pictures in this process, each scene in a window of its own, first in light colours, then in dark ones."""
    from inspector.gui import app
    from inspector.gui.engine import Engine
    from inspector.gui.window import MainWindow

    application = app.make_application()
    made = Path.cwd()
    for scene in scenes:
        window = MainWindow(Engine(app.make_session), made / f"{scene.name}.json")
        window.set_scheme("light")
        window.resize(1280, 800)
        window.show()
        window.activateWindow()
        window.engine.start()
        wait(window)
        if scene.paths:
            window.open_paths([made / path for path in scene.paths])
            wait(window, 200)
            window.table.setFocus()
        scene.act(window)
        wait(window, 150)
        for scheme in SCHEMES:
            window.set_scheme(scheme)
            wait(window, 400)
            if scene.again is not None:
                scene.again(window)
                wait(window, 200)
            target = folder / f"{scene.name}-{scheme}{suffix}.png"
            few_colours(whole(window)).save(str(target))
            yield target
        window.case.unsaved = False  # else it stays open and asks
        for each in application.topLevelWidgets():
            each.close()
        application.processEvents()


def whole(window: MainWindow) -> QImage:
    """The window with what is open above it: dialogs and lists."""
    from PySide6.QtGui import QColor, QPainter
    from PySide6.QtWidgets import QApplication

    picture = window.grab().toImage()
    above: list[QWidget] = [each for each in QApplication.topLevelWidgets() if each is not window and each.isVisible()]
    painter = QPainter(picture)
    for each in above:
        place = each.mapToGlobal(each.rect().topLeft()) - window.mapToGlobal(window.rect().topLeft())
        if each.isModal() or each.windowTitle():
            place = window.rect().center() - each.rect().center()
            painter.fillRect(each.rect().translated(place).adjusted(-1, -1, 1, 1), QColor(128, 128, 128))
        painter.drawPixmap(place, each.grab())
    painter.end()
    return picture


def few_colours(picture: QImage) -> QImage:
    """The same in 256 colours, the others by the nearest of them: a third of the size, no difference to be seen."""
    import numpy as np
    from PySide6.QtGui import QImage

    flat = picture.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(flat.constBits(), np.uint32).reshape(flat.height(), flat.bytesPerLine() // 4)[:, : flat.width()]
    colours, places, counts = np.unique(pixels, return_inverse=True, return_counts=True)
    channels = np.stack([(colours >> shift & 0xFF).astype(np.int64) for shift in (16, 8, 0)], axis=1)
    # The commonest first, then whichever is worst served by those taken: rare but telling colours must not turn into others.
    taken = list(np.argsort(counts)[::-1][:128])
    distance, nearest = np.full(len(colours), 1 << 40), np.zeros(len(colours), np.int64)
    for number in range(256):
        if number >= len(taken):
            taken.append((distance * np.sqrt(counts)).argmax())
        apart = ((channels - channels[taken[number]]) ** 2).sum(axis=1)
        nearest = np.where(apart < distance, number, nearest)
        distance = np.minimum(apart, distance)
    table = colours[taken]
    numbers = np.zeros((flat.height(), (flat.width() + 3) // 4 * 4), np.uint8)
    numbers[:, : flat.width()] = nearest[places].reshape(pixels.shape)
    result = QImage(numbers.tobytes(), flat.width(), flat.height(), numbers.shape[1], QImage.Format.Format_Indexed8).copy()
    result.setColorTable([int(each) | 0xFF000000 for each in table])
    return result


def start(names: Iterable[str], folder: Path, scale: int) -> None:
    """Take pictures in a process of its own, so that scale and settings are its own too."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        logs(Path(home))
        surroundings = os.environ | {"QT_SCALE_FACTOR": str(scale), "XDG_CONFIG_HOME": home, "TZ": "UTC"}
        surroundings.setdefault("QT_QPA_PLATFORM", "offscreen")
        command = [sys.executable, __file__, "--take", str(folder.resolve()), "" if scale == 1 else f"-{scale}00", *names]
        subprocess.run(command, env=surroundings, check=True, cwd=home)


def main() -> None:
    """Take what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", metavar="FOLDER", type=Path, default=FOLDER, help="where the pictures go (default: docs/scenes)")
    parser.add_argument("--only", metavar="NAME", nargs="*", default=[], help="these scenes only")
    parser.add_argument("--take", nargs="+", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.take:
        folder, suffix, *names = chosen.take
        for target in take((each for each in SCENES if each.name in names), Path(folder), suffix):
            print(target)
        return
    names = [scene.name for scene in SCENES if not chosen.only or scene.name in chosen.only]
    for scale in (1, 2):
        start(names, chosen.into, scale)


if __name__ == "__main__":
    main()
