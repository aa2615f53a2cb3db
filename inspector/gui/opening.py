"""What is open: files, folders, the clipboard, drops, reading again, growing logs, closing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMimeData, QObject, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from inspector.gui.arrangement import is_file_of_its_own
from inspector.gui.case_work import is_case
from inspector.resources import resource_path

if TYPE_CHECKING:
    from inspector.gui.window import MainWindow


FOLLOW_PAUSE: Final = 2000
"""Milliseconds between two looks at a log that is followed."""


class Opening(QObject):
    """Hands paths and texts to the engine, and keeps what belongs to the rows in step with it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._growth_watch = QTimer(self, interval=FOLLOW_PAUSE)
        self._growth_watch.timeout.connect(self.look_for_growth)

    def open_paths(self, paths: Sequence[Path], replace: bool = False) -> None:
        """Open files, folders and archives beside what is open; a case file instead of it."""
        cases = [path for path in paths if is_case(path)]
        logs = [path for path in paths if not is_case(path)]
        if cases:
            self._window.case.open(cases[0].absolute(), logs)
            if len(cases) > 1:
                self._window.say(self.tr("One case is open at a time; %s was not opened.") % cases[1].name)
        elif replace:
            self._window.case.when_settled(lambda: self.open_logs(logs, replace=True))
        else:
            self.open_logs(logs)

    def open_logs(self, paths: Sequence[Path], replace: bool = False) -> None:
        """Open files, folders and archives beside what is open, or instead of it."""
        if not paths:
            return
        if replace:
            self.close_all()
        self._window.start_page.show_trouble("")
        for path in paths:
            self._window.settings.add_recent(str(path.absolute()))
        self._window.settings.last_folder = str(paths[0].absolute().parent)
        self.prepare_reading()
        self._window.engine.open([path.absolute() for path in paths])
        self._window.case.touch_if_open()

    def open_files(self) -> None:
        """Ask for files and open them."""
        paths, _filter = QFileDialog.getOpenFileNames(self._window, self.tr("Open files"), self._window.settings.last_folder)
        self.open_paths([Path(each) for each in paths])

    def open_instead(self) -> None:
        """Ask for files and open them instead of what is open."""
        paths, _filter = QFileDialog.getOpenFileNames(self._window, self.tr("Open instead"), self._window.settings.last_folder)
        if paths:
            self.open_paths([Path(each) for each in paths], replace=True)

    def open_folder(self) -> None:
        """Ask for a folder and open every log in it."""
        path = QFileDialog.getExistingDirectory(self._window, self.tr("Open folder"), self._window.settings.last_folder)
        if path:
            self.open_paths([Path(path)])

    def open_last(self) -> None:
        """Open what was open at the last end, with the filter of then."""
        paths = [Path(each) for each in self._window.settings.open_sources if Path(each).exists()]
        self._window.filter_bar.set_text(self._window.settings.last_filter)
        self.open_paths(paths)

    def open_sample(self) -> None:
        """Open the bundled sample log."""
        self.prepare_reading()
        self._window.engine.open([resource_path("samples/session-manager.txt")])

    def paste(self) -> None:
        """Open the text on the clipboard as a source; files copied in a file manager are opened as files."""
        self.drop(QGuiApplication.clipboard().mimeData())

    def drop(self, data: QMimeData, replace: bool = False) -> None:
        """Open what was dropped or copied: files, else text; instead of what is open where the person holds Shift."""
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        if paths:
            self.open_paths(paths, replace)
        elif data.text().strip():
            self.prepare_reading()
            self._window.case.touch_if_open()
            self._window.engine.paste(data.text())
        else:
            self._window.say(self.tr("There is no text on the clipboard."))

    def reload(self, numbers: Sequence[int] | None = None) -> None:
        """Read sources again from their files."""
        if not self._window.engine.is_ready:
            return
        chosen = [each for each in self._window.engine.session.sources if numbers is None or each.id in numbers]
        numbers = [each.id for each in chosen if each.path.exists() and is_file_of_its_own(each)]
        if not numbers:
            self._window.say(self.tr("Nothing here can be read again from a file."))
            return
        self.prepare_reading()
        self._window.engine.reload(numbers, self.kept_rows())

    def read_as(self, number: int, format_name: str) -> None:
        """Read a source again as another format."""
        self.prepare_reading()
        self._window.engine.reload([number], self.kept_rows(), format_name)
        self._window.case.touch_if_open()

    def close(self, number: int) -> None:
        """Close one source."""
        self._window.engine.remove([number], self.kept_rows())
        self._window.case.touch_if_open()

    def kept_rows(self) -> list[int]:
        """Rows to be found again when row numbers have changed: the marked ones and the current one."""
        current = self._window.table.current_row()
        return sorted({*self._window.marks.rows, *([current] if current >= 0 else [])})

    def renumbered(self, moved: Mapping[int, int]) -> None:
        """Row numbers have changed: marks and selection go with their events."""
        self._window.shown.renumber(moved, self._window.table.current_row())
        lost = self._window.marks.renumber(moved)
        if lost:
            self._window.say(self.tr("Marks of %s events went with the log.") % f"{lost:,}")

    def look_for_growth(self) -> None:
        """Read on in the logs that have grown since they were read; one that was cut or replaced is read again as a whole."""
        if not self._window.engine.is_ready or self._window.engine.is_reading:
            return
        session = self._window.engine.session
        grown = [each.id for each in session.sources if is_file_of_its_own(each) and _size_of(each.path) not in {0, each.size}]
        anew = [each for each in grown if session.begun_anew(each)]
        if anew:
            name = session.store.source(anew[0]).path.name
            self._window.say(self.tr("%s was cut or begun anew; it is read again.") % name)
            self.reload(anew)
        elif grown:
            bar = self._window.table.verticalScrollBar()
            # The rows before keep their numbers, so marks and selection stay.
            self._window.shown.expect_growth(at_end=bar.value() == bar.maximum())
            self._window.engine.follow(grown)

    def toggle_follow(self) -> None:
        """Begin or end to follow, as the menu says."""
        if self._window.menus.follow_action.isChecked():
            self._growth_watch.start()
        else:
            self._growth_watch.stop()

    def close_all(self) -> None:
        """Close every source and show the start page."""
        if self._window.engine.is_ready and self._window.engine.session.sources:
            self._window.marks.clear()
            self._window.shown.forget()
            self._window.engine.remove([each.id for each in self._window.engine.session.sources])

    def prepare_reading(self) -> None:
        """Say that something is about to be read."""
        self._window.shown.expect()
        self._window.foot.progress.setRange(0, 0)
        self._window.foot.progress.show()
        self._window.foot.stay(self.tr("Reading…") if self._window.engine.is_ready else self.tr("Starting…"))


def _size_of(path: Path) -> int:
    """Bytes of a file; 0 when it is gone."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
