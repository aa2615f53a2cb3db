"""Small building blocks of the window: plain-text labels, pills, rules, icon buttons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialogButtonBox, QFrame, QLabel, QSizePolicy, QToolButton, QWidget

from inspector.gui import icons
from inspector.gui.theme import Theme

Pill = Literal["error", "warning", "info", "success", "neutral"]


def bound(action: Callable[..., object], *values: object) -> Callable[[], None]:
    """``action`` with its values, as a slot without arguments: a lambda in a loop would see the loop's last value."""

    def call() -> None:
        action(*values)

    return call


def label(text: str = "", name: str = "", wrap: bool = False, selectable: bool = False) -> QLabel:
    """A label that never interprets its text: log content may stand in it."""
    result = QLabel()
    result.setTextFormat(Qt.TextFormat.PlainText)
    result.setText(text)
    if name:
        result.setObjectName(name)
    result.setWordWrap(wrap)
    if selectable:
        result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
    return result


class ElidedLabel(QLabel):
    """One line of plain text that gives up its middle, or its end, where room is short; the whole text is in the tool tip."""

    def __init__(
        self, text: str, name: str = "", parent: QWidget | None = None, mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle
    ) -> None:
        super().__init__(parent)
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.show_text(text)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        if name:
            self.setObjectName(name)

    def show_text(self, text: str) -> None:
        """Show another text."""
        self.setText(text)
        self.setToolTip(escaped(text) if text else "")
        self.setAccessibleName(text)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        text = self.fontMetrics().elidedText(self.text(), self._mode, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


def pill(text: str, kind: Pill) -> QLabel:
    """A short word on a coloured ground."""
    result = label(text)
    result.setProperty("pill", kind)
    result.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return result


def rule(vertical: bool = False) -> QFrame:
    """A hairline between two areas."""
    result = QFrame()
    result.setObjectName("column" if vertical else "rule")
    return result


def escaped(text: str) -> str:
    """Text for a tool tip, which Qt would otherwise take for HTML."""
    return "<span>" + text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>") + "</span>"


class IconButton(QToolButton):
    """A flat button with an icon of the theme and a name for screen readers."""

    def __init__(
        self, icon: str, name: str, clicked: Callable[[], object] | None = None, text: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setAccessibleName(name)
        self.setToolTip(escaped(name))
        self.setIconSize(QSize(16, 16))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if text:
            self.setText(text)
            self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        if clicked is not None:
            self.clicked.connect(lambda _checked=False: clicked())

    def set_icon(self, icon: str, theme: Theme) -> None:
        """Show another icon."""
        self._icon = icon
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use other colours."""
        self.setIcon(icons.icon(self._icon, theme.text, theme.border))


def close_box(text: str, closed: Callable[[], object]) -> QDialogButtonBox:
    """The foot of a sheet that is only looked at; without the style's own icon, which is of another family."""
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    box.rejected.connect(closed)
    button = box.button(QDialogButtonBox.StandardButton.Close)
    button.setText(text)
    button.setIcon(QIcon())
    return box


def restyle_buttons(parent: QWidget, theme: Theme) -> None:
    """Give every icon button below a widget the theme's colours."""
    for button in parent.findChildren(IconButton):
        button.restyle(theme)


def repolish(widget: QWidget) -> None:
    """Make the style sheet look at a widget's properties again."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
