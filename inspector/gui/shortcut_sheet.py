"""The sheet of keyboard shortcuts (F1), made from the menus themselves so that it is always true."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QMenu, QMenuBar, QVBoxLayout, QWidget

from inspector.gui.parts import close_box, label, pill
from inspector.gui.theme import Theme

FEW: Final = 3
"""Commands of a menu that need no column of their own."""


class ShortcutSheet(QDialog):
    """Every command with its keys, by menu."""

    def __init__(self, menus: QMenuBar, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        columns = QHBoxLayout()
        shared: QVBoxLayout | None = None
        columns.setSpacing(32)
        for menu_action in menus.actions():
            menu = menu_action.menu()
            if not isinstance(menu, QMenu):
                continue
            actions = [each for each in menu.actions() if not each.shortcut().isEmpty()]
            if not actions:
                continue
            group = self._group(menu_action.text().replace("&", ""), actions)
            if len(actions) > FEW or shared is None:
                shared = QVBoxLayout()
                shared.setSpacing(24)
                columns.addLayout(shared)
            shared.addLayout(group)
        for column in columns.children():
            if isinstance(column, QVBoxLayout):
                column.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addLayout(columns)
        layout.addWidget(close_box(self.tr("Close"), self.reject))

    def _group(self, title: str, actions: list[QAction]) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(label(title, "title"))
        table = QGridLayout()
        table.setHorizontalSpacing(16)
        table.setVerticalSpacing(6)
        for number, action in enumerate(actions):
            table.addWidget(label(action.text().replace("&", "").rstrip("…")), number, 0)
            table.addWidget(
                pill(action.shortcut().toString(QKeySequence.SequenceFormat.NativeText), "neutral"), number, 1, Qt.AlignmentFlag.AlignRight
            )
        column.addLayout(table)
        return column
