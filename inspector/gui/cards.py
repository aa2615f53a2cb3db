"""Scrolling columns of cards: what the diagnosis and the tokens tabs are made of."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from inspector.gui.parts import label


class CardColumn(QScrollArea):
    """A scrolling column that is filled anew for each event."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body: QVBoxLayout
        self.empty()

    def empty(self) -> None:
        """Take everything out."""
        page = QWidget()
        page.setObjectName("page")
        self.body = QVBoxLayout(page)
        self.body.setContentsMargins(16, 12, 16, 16)
        self.body.setSpacing(12)
        self.setWidget(page)

    def finish(self) -> None:
        """Push the cards to the top."""
        self.body.addStretch(1)


class Card(QFrame):
    """One framed block with a heading row."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.heading = label(title, "title", wrap=True, selectable=True)
        self.top = QHBoxLayout()
        self.top.setSpacing(8)
        self.top.addWidget(self.heading, 1)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(16, 12, 16, 12)
        self.body.setSpacing(8)
        self.body.addLayout(self.top)

    def text(self, text: str, muted: bool = False) -> None:
        """Add a paragraph."""
        self.body.addWidget(label(text, "muted" if muted else "", wrap=True, selectable=True))

    def section(self, title: str) -> None:
        """Add a small heading."""
        self.body.addSpacing(4)
        self.body.addWidget(label(title, "title"))


def grid() -> QGridLayout:
    """Two columns: names and values."""
    result = QGridLayout()
    result.setHorizontalSpacing(16)
    result.setVerticalSpacing(4)
    result.setColumnStretch(1, 1)
    return result


def bullet(text: QWidget, mark: QWidget) -> QLayout:
    """A mark and what stands behind it."""
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(text, 1)
    return row
