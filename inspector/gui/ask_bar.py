"""A question inside the window, to be answered by a button or in writing: it waits above the rows and blocks nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPlainTextEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from inspector.gui import icons
from inspector.gui.parts import label
from inspector.gui.theme import LIGHT, Theme

Answer = tuple[str, Callable[[], object]]
"""What stands on a button, and what it does; the bar goes in any case."""
LINES: Final = 4
"""Height of the field for a text of several lines."""


class AskBar(QFrame):
    """One question with its answers; the first one is the usual one, the last one leaves everything as it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ask")
        self.theme: Theme = LIGHT
        self._before: QWidget | None = None
        self._icon = label()
        self._icon.setFixedSize(20, 20)
        self.text = label("", wrap=True, selectable=True)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.text.setAccessibleName(self.tr("Question"))
        self.line = QLineEdit()
        self.page = QPlainTextEdit()
        self.page.setObjectName("note")
        self.page.setTabChangesFocus(True)
        self.page.setFixedHeight(LINES * self.page.fontMetrics().lineSpacing() + 16)
        for field in (self.line, self.page):
            field.installEventFilter(self)
            field.hide()
        self._answers = QHBoxLayout()
        self._answers.setSpacing(8)
        asked = QVBoxLayout()
        asked.setSpacing(4)
        for each in (self.text, self.line, self.page):
            asked.addWidget(each)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(8)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(asked, 1)
        row.addLayout(self._answers)
        row.setAlignment(self._answers, Qt.AlignmentFlag.AlignBottom)
        self.hide()

    @property
    def buttons(self) -> list[QPushButton]:
        """The answers, in order."""
        found = [self._answers.itemAt(number) for number in range(self._answers.count())]
        return [widget for item in found if item is not None and isinstance(widget := item.widget(), QPushButton)]

    def ask(self, text: str, answers: Sequence[Answer]) -> None:
        """Put a question; one that was not answered yet is taken back."""
        self._put(text, answers)
        self.buttons[0].setFocus()

    def ask_text(self, text: str, title: str, done: Callable[[str], object], given: str = "", several_lines: bool = False) -> None:
        """Ask for a text; ``done`` gets it. Enter gives it (Ctrl+Enter where it may have several lines), Escape leaves everything as it is."""
        field = self.page if several_lines else self.line
        self._put(text, ((title, lambda: done(self._written(field))), (self.tr("Cancel"), lambda: None)))
        field.setAccessibleName(text)
        if isinstance(field, QPlainTextEdit):
            field.setPlainText(given)
            field.setToolTip(self.tr("Ctrl+Enter keeps it"))
        else:
            field.setText(given)
        field.selectAll()
        field.show()
        field.setFocus()

    def _written(self, field: QLineEdit | QPlainTextEdit) -> str:
        return field.toPlainText() if isinstance(field, QPlainTextEdit) else field.text()

    def _put(self, text: str, answers: Sequence[Answer]) -> None:
        self._empty()
        self.text.setText(text)
        for number, (title, action) in enumerate(answers):
            button = QPushButton(title.replace("&", "&&"))
            button.setProperty("primary", number == 0)
            button.setAutoDefault(True)
            button.clicked.connect(lambda _checked=False, action=action: self._answer(action))
            self._answers.addWidget(button)
        window = self.window()
        self._before = window.focusWidget() if not self.isVisible() else self._before
        self.show()

    def take_back(self) -> None:
        """The question needs no answer any more."""
        self._empty()
        self.hide()

    def restyle(self, theme: Theme) -> None:
        """Use other colours."""
        self.theme = theme
        self._icon.setPixmap(icons.pixmap("circle-question-mark", theme.accent, 20, self.devicePixelRatioF()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        buttons = self.buttons
        if event.key() == Qt.Key.Key_Escape and buttons:
            buttons[-1].click()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            gives = watched is self.line or bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and gives:
                self.buttons[0].click()
                return True
        return super().eventFilter(watched, event)

    def _answer(self, action: Callable[[], object]) -> None:
        self.take_back()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus()
        action()

    def _empty(self) -> None:
        self.line.hide()
        self.page.hide()
        while (item := self._answers.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
