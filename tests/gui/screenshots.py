"""Pictures of the real window: ``python3 dev.py screenshots`` writes those of the README into docs/, ``--all FOLDER`` every scene.

Each scene is driven as a person would, on the bundled samples, in light and dark and at 100 and 200 %.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from inspector.gui.window import MainWindow

SERVICE = ROOT / "resources" / "samples" / "orders-service.log"
SESSION = ROOT / "resources" / "samples" / "session-manager.txt"


@dataclass(frozen=True)
class Scene:
    """One picture: what is opened, and what is done then."""

    name: str
    paths: tuple[Path, ...]
    act: Callable[[MainWindow], None]


def wait(window: MainWindow, milliseconds: int = 60) -> None:
    """Let the window work until it has nothing more to do."""
    from PySide6.QtCore import QEventLoop, QTimer

    for _ in range(400):
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()
        if window.engine.is_ready and not window.engine.busy and not window.engine.is_reading and not window.model.fetching:
            return
    raise RuntimeError("the window did not come to rest")


def nothing(_window: MainWindow) -> None:
    """As it opens."""


def choose_finding(number: int, tab: int) -> Callable[[MainWindow], None]:
    """Select a finding and a tab of the detail."""

    def act(window: MainWindow) -> None:
        window.show_finding(window.side_bar.findings.model.findings[number])
        wait(window)
        window.detail.tabs.setCurrentIndex(tab)

    return act


def filtered(window: MainWindow) -> None:
    """A filter of two terms, with the facets beside it."""
    window.side_bar.setCurrentIndex(1)
    window.filter_bar.set_text("level:error source:StsClient")


def mistaken(window: MainWindow) -> None:
    """A filter with a mistake."""
    window.filter_bar.set_text("level:error level:wrong")


def detail_right(window: MainWindow) -> None:
    """The detail at the right."""
    window.toggle_detail_place()


def evidence(window: MainWindow) -> None:
    """Evidence marked in the envelope or the stack trace."""
    finding = window.side_bar.findings.model.findings[0]
    window.show_evidence(next(each for each in finding.hypotheses[0].supports if each.row is not None and each.excerpt))


def sources(window: MainWindow) -> None:
    """What is open."""
    window.side_bar.setCurrentIndex(2)


def marked(window: MainWindow) -> None:
    """Bookmark, note and highlight on rows, several selected."""
    window.table.go_to(1)
    window.toggle_bookmark()
    window.marks.write_note(2, "the customer's first call")
    window.marks.highlight(3, "warning")
    window.table.select_places([4, 5, 6])


def shortcuts(window: MainWindow) -> None:
    """The sheet of shortcuts."""
    window.show_shortcuts()


SCENES = (
    Scene("start", (), nothing),
    Scene("window", (SERVICE,), choose_finding(0, 0)),
    Scene("founding", (SESSION,), nothing),
    Scene("diagnosis", (SESSION,), choose_finding(0, 1)),
    Scene("tokens", (SERVICE,), choose_finding(0, 2)),
    Scene("expired", (SERVICE,), choose_finding(1, 0)),
    Scene("filter", (SERVICE, SESSION), filtered),
    Scene("mistake", (SERVICE,), mistaken),
    Scene("right", (SERVICE,), detail_right),
    Scene("evidence", (SERVICE,), evidence),
    Scene("sources", (SERVICE, SESSION), sources),
    Scene("marks", (SERVICE,), marked),
    Scene("shortcuts", (SERVICE,), shortcuts),
)
README = {"window-light.png": ("window", "light"), "window-dark.png": ("diagnosis", "dark")}


def take(scene: Scene, scheme: str, target: Path) -> None:
    """Take one picture in this process."""
    from PySide6.QtWidgets import QDialog

    from inspector.gui import app
    from inspector.gui.engine import Engine
    from inspector.gui.window import MainWindow

    application = app.make_application()
    window = MainWindow(Engine(app.make_session))
    window.set_scheme("dark" if scheme == "dark" else "light")
    window.resize(1280, 800)
    window.show()
    window.engine.start()
    wait(window)
    if scene.paths:
        window.open_paths(list(scene.paths))
        wait(window, 200)
    scene.act(window)
    wait(window, 150)
    shown: QObject = next((each for each in window.findChildren(QDialog) if each.isVisible()), window)
    shown.grab().save(str(target))  # type: ignore[attr-defined]
    window.close()
    application.processEvents()


def start(scene: str, scheme: str, target: Path, scale: int) -> None:
    """Take one picture in a process of its own, so that scale and settings are its own too."""
    with tempfile.TemporaryDirectory() as home:
        surroundings = os.environ | {"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": str(scale), "XDG_CONFIG_HOME": home, "TZ": "UTC"}
        subprocess.run([sys.executable, __file__, "--scene", scene, scheme, str(target)], env=surroundings, check=True, cwd=ROOT)


def main() -> None:
    """Take what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", metavar="FOLDER", type=Path, help="every scene in light and dark at 100 and 200 %% into this folder")
    parser.add_argument("--only", metavar="NAME", nargs="*", help="with --all: these scenes only")
    parser.add_argument("--scene", nargs=3, metavar=("NAME", "SCHEME", "FILE"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.scene:
        name, scheme, file = chosen.scene
        take(next(each for each in SCENES if each.name == name), scheme, Path(file))
    elif chosen.all:
        chosen.all.mkdir(parents=True, exist_ok=True)
        for scene in SCENES:
            if chosen.only and scene.name not in chosen.only:
                continue
            for scheme in ("light", "dark"):
                for scale in (1, 2):
                    target = chosen.all / f"{scene.name}-{scheme}{'' if scale == 1 else '-200'}.png"
                    start(scene.name, scheme, target, scale)
                    print(target)
    else:
        for file, (scene_name, scheme) in README.items():
            start(scene_name, scheme, ROOT / "docs" / file, 1)
            print(f"docs/{file}")


if __name__ == "__main__":
    main()
