"""How the window is arranged: panes, columns, and what of that is remembered."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, QPoint, Qt
from PySide6.QtWidgets import QMenu

from inspector.gui import settings as remembered
from inspector.gui.event_table import GIVEN_UP, HIDDEN_AT_FIRST, SHOWN, column_title
from inspector.gui.theme import DEFAULT_TEXT_SIZE

if TYPE_CHECKING:
    from collections.abc import Collection

    from inspector.events import Source
    from inspector.gui.window import MainWindow


class Arrangement(QObject):
    """Places the panes and columns, and keeps them for the next start."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._empty: frozenset[str] = frozenset()

    def fill_columns(self, menu: QMenu) -> None:
        menu.clear()
        for number, name in enumerate(self._window.model.columns):
            action = menu.addAction(column_title(name))
            action.setCheckable(True)
            action.setChecked(not self._window.table.isColumnHidden(number))
            action.toggled.connect(lambda shown, number=number: self.show_column(self._window.model.columns[number], shown))

    def show_column(self, name: str, shown: bool) -> None:
        """Show or hide a column, as the person wishes it from now on."""
        self._window.settings.columns_chosen = True
        self._window.table.setColumnHidden(self._window.model.columns.index(name), not shown)

    def fit_columns(self, width: int) -> None:
        if self._window.settings.columns_chosen:
            return
        narrower = width * DEFAULT_TEXT_SIZE / (self._window.settings.text_size or DEFAULT_TEXT_SIZE)
        for name, least in GIVEN_UP.items():
            self._window.table.setColumnHidden(self._window.model.columns.index(name), narrower < least or name in self._empty)

    def hide_empty(self, columns: Collection[str]) -> None:
        """Give the room of columns in which no event of the whole log has anything to the message; a column the person chose stays."""
        self._empty = frozenset(columns)
        self.fit_columns(self._window.table.width())

    def open_header_menu(self, place: QPoint) -> None:
        menu = QMenu(self._window)
        self.fill_columns(menu)
        menu.exec(self._window.table.horizontalHeader().mapToGlobal(place))

    def visible_columns(self) -> list[str]:
        header = self._window.table.horizontalHeader()
        ordered = sorted(range(len(self._window.model.columns)), key=header.visualIndex)
        return [self._window.model.columns[each] for each in ordered if not self._window.table.isColumnHidden(each)]

    def place_detail(self, right: bool) -> None:
        orientation = Qt.Orientation.Horizontal if right else Qt.Orientation.Vertical
        if self._window.split.orientation() != orientation:
            self._window.settings.splitters["right" if not right else "bottom"] = self._window.split.sizes()
            self._window.split.setOrientation(orientation)
            self._window.split.setSizes(
                self._window.settings.splitters.get("right" if right else "bottom", [580, 460] if right else [260, 420])
            )
        self._window.detail.lay_out_for(orientation)

    def fit_table(self, with_overview: bool) -> None:
        """Give a short log's table no more room than its rows need; a splitter that was moved stays."""
        if self._window.split.orientation() != Qt.Orientation.Vertical or "bottom" in self._window.settings.splitters:
            return
        row = self._window.table.verticalHeader().defaultSectionSize()
        needed = self._window.table.horizontalHeader().height() + (max(3, self._window.model.rowCount()) + 1) * row
        needed += self._window.overview.sizeHint().height() if with_overview else 0
        whole = sum(self._window.split.sizes())
        usual = max(220, whole * 2 // 5)
        needed = min(needed, usual)
        self._window.split.setSizes([needed, whole - needed])

    def keep_split(self) -> None:
        """The person has moved the splitter: it stays there from now on."""
        right = self._window.split.orientation() == Qt.Orientation.Horizontal
        self._window.settings.splitters["right" if right else "bottom"] = self._window.split.sizes()

    def restore(self) -> None:
        kept = self._window.settings
        if kept.geometry:
            self._window.restoreGeometry(QByteArray(base64.b64decode(kept.geometry)))
        self._window.split.setSizes(kept.splitters.get("bottom", [260, 420]))
        self._window.main_split.setSizes(kept.splitters.get("main", [248, 1032]))
        self._window.detail.lay_out_for(Qt.Orientation.Vertical)
        if kept.detail_right:
            self.place_detail(right=True)
        self._window.side_bar.setVisible(kept.side_bar)
        shown = kept.columns if kept.columns and kept.columns_chosen else [each for each in SHOWN if each not in HIDDEN_AT_FIRST]
        header = self._window.table.horizontalHeader()
        for number, name in enumerate(self._window.model.columns):
            self._window.table.setColumnHidden(number, name not in shown)
            if name in kept.widths:
                self._window.table.setColumnWidth(number, max(24, kept.widths[name]))
        for target, name in enumerate(each for each in shown if each in self._window.model.columns):
            header.moveSection(header.visualIndex(self._window.model.columns.index(name)), target)

    def save(self) -> None:
        """Remember the layout now."""
        if self._window.settings_path is None:
            return
        kept = self._window.settings
        kept.geometry = base64.b64encode(self._window.saveGeometry().data()).decode()
        right = self._window.split.orientation() == Qt.Orientation.Horizontal
        kept.splitters["main"] = self._window.main_split.sizes()
        kept.detail_right = right
        if self._window.engine.is_ready and (
            open_now := [str(each.path) for each in self._window.engine.session.sources if is_file_of_its_own(each)]
        ):
            kept.open_sources = open_now if self._window.case.path is None else [str(self._window.case.path.absolute())]
            kept.last_filter = self._window.filter_bar.text
        kept.side_bar = self._window.menus.side_action.isChecked()
        kept.overview = self._window.menus.overview_action.isChecked()
        kept.columns = self.visible_columns()
        kept.widths = {
            name: self._window.table.columnWidth(number)
            for number, name in enumerate(self._window.model.columns)
            if not self._window.table.isColumnHidden(number)
        }
        remembered.save(kept, self._window.settings_path)


def is_file_of_its_own(source: Source) -> bool:
    """Whether a source can be opened again by its path: neither pasted nor out of an archive."""
    return source.path.is_absolute() and not source.name.startswith("pasted text ") and "!" not in source.name
