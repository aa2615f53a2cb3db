"""The start page: what to do while nothing is open."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from inspector.gui import icons
from inspector.gui.parts import label
from inspector.gui.theme import LIGHT, Theme


class DropArea(QWidget):
    """The dashed frame that says where to drop; the whole window takes drops."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.theme.border), 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(QColor(self.theme.base))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 12, 12)


class StartPage(QWidget):
    """Drop area, the four ways to open something, and the recent files."""

    open_files_asked = Signal()
    open_folder_asked = Signal()
    paste_asked = Signal()
    sample_asked = Signal()
    recent_asked = Signal(str)
    last_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self._picture = label()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        title = label(self.tr("Why was the token refused?"), "title")
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 1.6)
        title.setFont(font)
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = title
        hint = label(self.tr("Drop .evtx files, text logs, folders or archives here. Nothing leaves this computer."), "muted")
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row = self._build_buttons()
        self.area = DropArea()
        inside = QVBoxLayout(self.area)
        inside.setContentsMargins(32, 40, 32, 40)
        inside.setSpacing(12)
        inside.addWidget(self._picture)
        inside.addWidget(title)
        inside.addWidget(hint)
        inside.addSpacing(12)
        inside.addLayout(row)
        self.trouble = label("", "mistake", wrap=True, selectable=True)
        self.trouble.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.trouble.setAccessibleName(self.tr("What could not be opened"))
        self.trouble.hide()
        self.last_button = self._button("history", "", self.last_asked)
        self.last_button.hide()
        self._recent_title = label(self.tr("Recent"), "title")
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        column = QWidget()
        column.setMaximumWidth(760)
        layout = QVBoxLayout(column)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(12)
        layout.addStretch(2)
        layout.addWidget(self.area)
        layout.addWidget(self.trouble)
        layout.addWidget(self.last_button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._recent_title)
        layout.addLayout(self._recent)
        layout.addStretch(3)
        outer = QHBoxLayout(self)
        outer.addStretch(1)
        outer.addWidget(column, 8)
        outer.addStretch(1)
        self.show_recent(())

    def _build_buttons(self) -> QHBoxLayout:
        self.open_button = self._button("folder-open", self.tr("Open files…"), self.open_files_asked)
        self.open_button.setProperty("primary", True)
        self.open_button.setDefault(True)
        self.folder_button = self._button("files", self.tr("Open folder…"), self.open_folder_asked)
        self.paste_button = self._button("clipboard-paste", self.tr("Paste log text"), self.paste_asked)
        self.sample_button = self._button("flask-conical", self.tr("Open the sample"), self.sample_asked)
        self._buttons = (
            (self.open_button, "folder-open"), (self.folder_button, "files"), (self.paste_button, "clipboard-paste"), (self.sample_button, "flask-conical"),
        )  # fmt: skip
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for button, _icon in self._buttons:
            row.addWidget(button)
        row.addStretch(1)
        return row

    def show_last(self, paths: Sequence[str]) -> None:
        """Offer what was open at the last end."""
        self.last_button.setVisible(bool(paths))
        if paths:
            name = Path(paths[0]).name
            text = (
                self.tr("Go on with %s") % name
                if len(paths) == 1
                else self.tr("Go on with {name} and {count} more").format(name=name, count=len(paths) - 1)
            )
            self.last_button.setText(text.replace("&", "&&"))

    def show_recent(self, paths: Sequence[str]) -> None:
        """List files opened before."""
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._recent_title.setVisible(bool(paths))
        for path in paths[:8]:
            name = Path(path).name or path
            button = QPushButton(f"{name}    {Path(path).parent}".replace("&", "&&"))
            button.setObjectName("recent")
            button.setFlat(True)
            button.setStyleSheet("text-align: left; border: none; padding: 4px 8px;")
            button.setIcon(icons.icon("file-text", self.theme.muted))
            button.setAccessibleName(self.tr("Open %s") % path)
            button.clicked.connect(lambda _checked=False, path=path: self.recent_asked.emit(path))
            self._recent.addWidget(button)

    def show_trouble(self, text: str) -> None:
        """Say what could not be opened; empty hides it."""
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))

    def restyle(self, theme: Theme) -> None:
        """Use other colours."""
        self.theme = theme
        self.area.theme = theme
        self._picture.setPixmap(icons.pixmap("app", "", 72, self.devicePixelRatioF()))
        self.last_button.setIcon(icons.icon("history", theme.text))
        for button, name in self._buttons:
            button.setIcon(icons.icon(name, theme.on_accent if button is self.open_button else theme.text))
        for button in self.findChildren(QPushButton, "recent"):
            button.setIcon(icons.icon("file-text", theme.muted))
        self.update()

    def _button(self, icon: str, text: str, signal: SignalInstance) -> QPushButton:
        button = QPushButton(f" {text}")  # the style leaves no room between icon and words
        button.setIcon(icons.icon(icon, self.theme.text))
        button.setIconSize(QSize(16, 16))
        button.clicked.connect(lambda _checked=False: signal.emit())
        return button
