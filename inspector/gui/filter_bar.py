"""The filter bar: the box with completion and history, its chips, the count, back and forward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRect, QSize, QStringListModel, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCompleter,
    QHBoxLayout,
    QLayout,
    QLineEdit,
    QMenu,
    QStyle,
    QStyleOptionFrame,
    QVBoxLayout,
    QWidget,
)

from inspector.gui import filter_text
from inspector.gui.filter_terms import FilterTerms
from inspector.gui.parts import IconButton, label, repolish, restyle_buttons
from inspector.gui.theme import LIGHT, Theme

BESIDES: Final = ("data.", "OR", "NOT")
"""What can be written besides the fields."""
HISTORY: Final = 100


class FilterBox(QLineEdit):
    """The text of the filter; the characters at fault are underlined."""

    cleared = Signal()
    """Escape: the filter is not wanted any more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self._fault: tuple[int, int] | None = None
        self._words = QStringListModel(self)
        self._fields: tuple[str, ...] = BESIDES
        self._values: dict[str, tuple[str, ...]] = {}
        self._fixed: frozenset[str] = frozenset()
        """Fields whose values are words of the language: written bare."""
        self._completer = QCompleter(self._words, self)
        self._completer.setWidget(self)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self._completer.activated.connect(self._complete)
        self._popup().setObjectName("completions")
        self.textEdited.connect(self._offer)

    def set_fields(self, fields: Mapping[str, Sequence[str]]) -> None:
        """Fields to offer, with the values of those that have a fixed set."""
        self._fields = (*(f"{name}:" for name in fields), *BESIDES)
        fixed = {name: tuple(values) for name, values in fields.items() if values}
        self._fixed |= fixed.keys()
        self._values |= fixed

    def set_values(self, field: str, values: Sequence[str]) -> None:
        """Values to offer after ``field:``."""
        self._values[field] = tuple(values)

    def set_fault(self, fault: tuple[int, int] | None) -> None:
        """Underline characters, or none."""
        self._fault = fault
        self.setProperty("mistake", fault is not None)
        repolish(self)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._fault is None:
            return
        option = QStyleOptionFrame()
        self.initStyleOption(option)
        area = self.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, self)
        metrics = self.fontMetrics()
        # Where the text begins on screen follows from where the cursor is: a long text is scrolled.
        origin = self.cursorRect().center().x() - metrics.horizontalAdvance(self.text()[: self.cursorPosition()])
        start, end = self._fault
        left = origin + metrics.horizontalAdvance(self.text()[:start])
        right = max(left + 6, origin + metrics.horizontalAdvance(self.text()[:end]))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(area)
        painter.setPen(QPen(QColor(self.theme.error), 1.5))
        low = area.center().y() + metrics.height() / 2 + 1
        path = QPainterPath(QPointF(left, low))
        x, up = left, True
        while x < right:
            x += 3
            path.lineTo(x, low - (2 if up else 0))
            up = not up
        painter.drawPath(path)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        popup = self._popup()
        if popup.isVisible() and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab}:
            index = popup.currentIndex()
            if index.isValid():
                self._complete(str(index.data()))
                popup.hide()
                return
            popup.hide()
        if event.key() == Qt.Key.Key_Escape and not popup.isVisible():
            self.cleared.emit()
            return
        super().keyPressEvent(event)

    def _popup(self) -> QAbstractItemView:
        popup = self._completer.popup()
        if popup is None:
            raise RuntimeError("the completer has no list")
        return popup

    def offered(self) -> list[str]:
        """What could stand in place of the word before the cursor."""
        _start, word = filter_text.word_at(self.text(), self.cursorPosition())
        field, colon, value = word.partition(":")
        if colon:
            prefix = value.split(",")[-1]
            head = word[: len(word) - len(prefix)]
            offered = [
                head + (each if field in self._fixed else filter_text.exactly(each))
                for each in self._values.get(field, ())
                if each.lower().startswith(prefix.lower().lstrip('"'))
            ]
        else:
            offered = [each for each in self._fields if len(word) > 0 and each.lower().startswith(word.lower())]
        return [each for each in offered if each != word]

    def _offer(self) -> None:
        offered = self.offered()
        self._words.setStringList(offered)
        if offered and self.hasFocus():
            self._completer.setCompletionPrefix("")
            self._completer.complete(QRect(0, 2, 280, self.height()))
        else:
            self._popup().hide()

    def _complete(self, chosen: str) -> None:
        start, word = filter_text.word_at(self.text(), self.cursorPosition())
        text = self.text()
        tail = text[start + len(word) :]
        gap = "" if chosen.endswith((":", ".")) or tail.startswith(" ") else " "
        self.setText(text[:start] + chosen + gap + tail)
        self.setCursorPosition(start + len(chosen) + len(gap))
        self.textEdited.emit(self.text())


class FilterBar(QWidget):
    """Box, chips, count and history of the filter."""

    filter_changed = Signal(str)
    """The filter as it should be applied now; emitted at each keystroke."""
    save_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.box = FilterBox()
        self.box.setAccessibleName(self.tr("Filter"))
        self.box.setPlaceholderText(self.tr('Filter: words, "a phrase", level:error, id:4625, cause:expired, time:10:20..10:25'))
        self.box.setClearButtonEnabled(False)
        self.box.textEdited.connect(self._typed)
        self.box.editingFinished.connect(self._remember)
        self.box.cleared.connect(lambda: self.set_text(""))
        self.back_button = IconButton("arrow-left", self.tr("Previous filter"), self.go_back)
        self.forward_button = IconButton("arrow-right", self.tr("Next filter"), self.go_forward)
        self.clear_button = IconButton("x", self.tr("Clear the filter"), lambda: self.set_text(""))
        self.saved_button = IconButton("star", self.tr("Saved filters"))
        self.saved_button.setPopupMode(IconButton.ToolButtonPopupMode.InstantPopup)
        self.saved_menu = QMenu(self)
        self.saved_button.setMenu(self.saved_menu)
        self.count = label("", "muted")
        self.count.setAccessibleName(self.tr("Events shown"))
        self.terms = FilterTerms()
        self.terms.remove_asked.connect(lambda term: self.set_text(filter_text.without_term(self.text, term)))
        self.terms.begin_asked.connect(self.set_text)
        self.meaning, self.mistake = self.terms.meaning, self.terms.mistake
        top = QHBoxLayout()
        top.setSpacing(4)
        for each in (self.back_button, self.forward_button):
            top.addWidget(each)
        top.addWidget(self.box, 1)
        for each in (self.clear_button, self.saved_button):
            top.addWidget(each)
        top.addSpacing(8)
        top.addWidget(self.count)
        layout = self._column = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 12, 4)
        layout.setSpacing(4)
        layout.addLayout(top)
        # Under the box's own text, not under the buttons before it.
        below = QHBoxLayout()
        below.setContentsMargins(2 * (self.back_button.sizeHint().width() + 4), 0, 0, 0)
        below.addWidget(self.terms)
        layout.addLayout(below)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetDefaultConstraint)
        self._history: list[str] = [""]
        self._place = 0
        self._update_buttons()

    def sizeHint(self) -> QSize:
        return self._column.sizeHint()

    @property
    def text(self) -> str:
        """The filter as it stands in the box."""
        return self.box.text()

    @property
    def has_mistake(self) -> bool:
        """Whether the filter in the box could not be understood."""
        return self.mistake.isVisibleTo(self)

    @property
    def history(self) -> tuple[str, ...]:
        """Filters used, oldest first."""
        return tuple(self._history)

    def set_text(self, text: str) -> None:
        """Use another filter, as one step of the history."""
        self._remember()
        self.box.setText(text)
        self._remember()
        self._apply()

    def begin(self, text: str) -> None:
        """Begin a new history with a filter: the one before belonged to other logs."""
        self._history, self._place = [text.strip()], 0
        self.box.setText(text)
        self._apply()

    def add_term(self, term: str) -> None:
        """Narrow the filter by one more term."""
        self.set_text(filter_text.with_term(self.text, term))

    def go_back(self) -> None:
        """Return to the filter before."""
        self._remember()
        if self._place > 0:
            self._place -= 1
            self._show_history()

    def go_forward(self) -> None:
        """Undo ``go_back``."""
        if self._place < len(self._history) - 1:
            self._place += 1
            self._show_history()

    def show_mistake(self, message: str, start: int, end: int) -> None:
        """Underline what could not be understood and say why; the rows stay those of the last valid filter."""
        self.box.set_fault((start, end))
        self.terms.show_mistake(message)

    def clear_mistake(self) -> None:
        """The filter was understood."""
        if self.has_mistake:
            self.box.set_fault(None)
            self.terms.show_mistake("")

    def show_meaning(self, sentence: str) -> None:
        """Say in words what the filter asks for; empty for no filter."""
        self.meaning.show_text(sentence)

    def restyle(self, theme: Theme) -> None:
        """Use other colours."""
        self.theme = theme
        self.box.theme = theme
        restyle_buttons(self, theme)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def _typed(self) -> None:
        self._apply()

    def _apply(self) -> None:
        self._show_chips()
        self._update_buttons()
        self.filter_changed.emit(self.text)

    def _remember(self) -> None:
        text = self.text.strip()
        if self._history[self._place].strip() != text:
            del self._history[self._place + 1 :]
            self._history.append(text)
            del self._history[:-HISTORY]
            self._place = len(self._history) - 1
        self._update_buttons()

    def _show_history(self) -> None:
        self.box.setText(self._history[self._place])
        self._apply()

    def _update_buttons(self) -> None:
        self.back_button.setEnabled(self._place > 0)
        self.forward_button.setEnabled(self._place < len(self._history) - 1)
        self.clear_button.setEnabled(bool(self.text))

    def _show_chips(self) -> None:
        self.terms.show_terms(filter_text.terms(self.text))


def count_label(shown: int, total: int, damaged: int) -> str:
    """``1,204 of 1,000,000 · 3 damaged``."""
    tr = QCoreApplication.translate
    if shown != total:
        text = tr("FilterBar", "{shown} of {total}").format(shown=f"{shown:,}", total=f"{total:,}")
    else:
        text = tr("FilterBar", "1 event") if total == 1 else tr("FilterBar", "{total} events").format(total=f"{total:,}")
    return f"{text} · {tr('FilterBar', '{count} damaged').format(count=f'{damaged:,}')}" if damaged else text
