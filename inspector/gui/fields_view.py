"""The Fields tab: every field of the event as the log names it, to be filtered by and copied."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableWidget, QTableWidgetItem, QWidget

from inspector.gui.filter_text import exactly
from inspector.gui.masking import MASK, mask, secrets_of

VALUE_LIMIT = 2000


class FieldsView(QTableWidget):
    """Name and value of each field."""

    term_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 2, parent)
        self.setAccessibleName(self.tr("Fields"))
        self.setHorizontalHeaderLabels([self.tr("Field"), self.tr("Value")])
        self.verticalHeader().hide()
        self.horizontalHeader().setAccessibleName(self.tr("Columns"))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().setHighlightSections(False)
        self.setColumnWidth(0, 240)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self._copy)
        self._fields: tuple[tuple[str, str], ...] = ()

    def show_fields(self, fields: Sequence[tuple[str, str]]) -> None:
        """Show the fields of an event."""
        self._fields = tuple((name, hidden_value(name, value)) for name, value in fields)
        self.setRowCount(len(fields))
        for number, (name, value) in enumerate(self._fields):
            shown = value if len(value) <= VALUE_LIMIT else value[:VALUE_LIMIT] + "…"
            self.setItem(number, 0, QTableWidgetItem(name))
            self.setItem(number, 1, QTableWidgetItem(" ".join(shown.split("\n"))))

    def _copy(self) -> None:
        rows = sorted({each.row() for each in self.selectedIndexes()})
        QGuiApplication.clipboard().setText("\n".join(f"{self._fields[row][0]}: {self._fields[row][1]}" for row in rows))

    def _open_menu(self, place: QPoint) -> None:
        row = self.rowAt(place.y())
        if row < 0:
            return
        name, value = self._fields[row]
        menu = QMenu(self)
        if MASK in value:
            value = ""
        field = name if name.replace("_", "").isalnum() else '"' + name.replace('"', "") + '"'
        term = f"data.{field}:{exactly(value)}" if value and "\n" not in value and len(value) < 200 else ""
        if term:
            menu.addAction(self.tr("Show only events with this value"), lambda: self.term_asked.emit(term))
            menu.addAction(self.tr("Hide events with this value"), lambda: self.term_asked.emit(f"-{term}"))
        menu.addAction(self.tr("Copy value"), lambda: QGuiApplication.clipboard().setText(value))
        menu.addAction(self.tr("Copy name and value"), lambda: QGuiApplication.clipboard().setText(f"{name}: {value}"))
        menu.exec(self.viewport().mapToGlobal(place))


def hidden_value(name: str, value: str) -> str:
    """A field's value with the secrets masked that it holds, or that its name says it is."""
    ahead = f"{name}: "
    return mask(value, [(start - len(ahead), end - len(ahead)) for start, end in secrets_of(ahead + value)]).text
