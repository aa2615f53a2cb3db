"""The text of a code view: line numbers, folding, and colours of the visible lines only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QTextBlock, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from inspector.gui import icons
from inspector.gui.colouring import COLOURINGS
from inspector.gui.theme import LIGHT, Theme

WRAPPED: Final = 20_000
"""Longest line of prose that is wrapped; laying out a longer one takes longer than a person waits."""


class CodeEdit(QPlainTextEdit):
    """The text itself with its gutter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.kind = "text"
        self.found: list[tuple[int, int]] = []
        self.current_find: tuple[int, int] | None = None
        self.evidence: tuple[int, int] | None = None
        self.dimmed: frozenset[int] = frozenset()
        self.marked: frozenset[int] = frozenset()
        self.setReadOnly(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setUndoRedoEnabled(False)
        self.document().setDocumentMargin(8)
        self.gutter = Gutter(self)
        self._coloured: tuple[object, ...] = ()
        self._colour_timer = QTimer(self, singleShot=True, interval=0)
        self._colour_timer.timeout.connect(self.colour)
        self.updateRequest.connect(self._update_gutter)
        self.blockCountChanged.connect(self._place_gutter)

    def load(self, text: str, kind: str) -> None:
        """Show a text."""
        self.kind = kind
        self.found = []
        self.current_find = self.evidence = None
        self._coloured = ()
        # Prose is read without scrolling sideways; markup and stack traces keep their indentation.
        wraps = kind == "text" and max((len(line) for line in text.split("\n")), default=0) <= WRAPPED
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth if wraps else QPlainTextEdit.LineWrapMode.NoWrap)
        self.setPlainText(text)
        self._place_gutter()
        self._colour_timer.start()

    def set_lines(self, dimmed: Iterable[int], marked: Iterable[int]) -> None:
        """Which lines of the next text are dimmed, and which are marked as the cause."""
        self.dimmed, self.marked = frozenset(dimmed), frozenset(marked)

    def gutter_width(self) -> int:
        """Room for line numbers and fold marks, in pixels."""
        digits = max(2, len(str(self.blockCount())))
        return self.fontMetrics().horizontalAdvance("9") * digits + 28

    def fold_end(self, block: QTextBlock) -> int:
        """Number of the last line that folds away under a line; -1 when nothing does."""
        indent = indent_of(block.text())
        following = block.next()
        if not following.isValid() or indent_of(following.text()) <= indent or not block.text().strip():
            return -1
        last = block.blockNumber()
        while following.isValid():
            text = following.text()
            if text.strip() and indent_of(text) <= indent:
                break
            last = following.blockNumber()
            following = following.next()
        return last

    def is_folded(self, block: QTextBlock) -> bool:
        """Whether the lines under a line are folded away."""
        following = block.next()
        return following.isValid() and not following.isVisible()

    def toggle_fold(self, block: QTextBlock) -> None:
        """Fold the lines under a line away, or show them again."""
        last = self.fold_end(block)
        if last < 0:
            return
        show = self.is_folded(block)
        each = block.next()
        while each.isValid() and each.blockNumber() <= last:
            each.setVisible(show)
            each = each.next()
        self.document().markContentsDirty(block.position(), max(1, self.document().findBlockByNumber(last).position() - block.position()))
        self.viewport().update()
        self.gutter.update()
        self._coloured = ()
        self._colour_timer.start()

    def unfold_to(self, position: int) -> None:
        """Make sure that a place is not folded away."""
        block = self.document().findBlock(position)
        if block.isValid() and not block.isVisible():
            each = self.document().begin()
            while each.isValid():
                each.setVisible(True)
                each = each.next()
            self.document().markContentsDirty(0, self.document().characterCount())
            self.gutter.update()

    def colour(self) -> None:
        """Colour what is visible: syntax, dimmed lines, finds, evidence."""
        first = self.firstVisibleBlock()
        state = (
            first.blockNumber(),
            self.viewport().height(),
            self.viewport().width(),
            len(self.found),
            self.current_find,
            self.evidence,
            self.theme.name,
            self.kind,
        )
        if state == self._coloured:
            return
        self._coloured = state
        selections: list[QTextEdit.ExtraSelection] = []
        runs_of = COLOURINGS.get(self.kind, COLOURINGS["text"])
        bottom = self.viewport().height()
        block = first
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top() if block.isValid() else 0.0
        while block.isValid() and top <= bottom:
            if block.isVisible():
                start = block.position()
                if block.blockNumber() in self.dimmed:
                    selections.append(self._selection(start, block.length() - 1, foreground=self.theme.muted))
                else:
                    selections += [
                        self._selection(start + at, length, foreground=getattr(self.theme, colour))
                        for at, length, colour in runs_of(block.text())
                    ]
                if block.blockNumber() in self.marked:
                    marked = self._selection(start, 0, background=self.theme.error_fill)
                    marked.format.setProperty(QTextCharFormat.Property.FullWidthSelection, True)
                    selections.insert(0, marked)
                top += self.blockBoundingRect(block).height()
            block = block.next()
        low, high = first.position(), block.position() if block.isValid() else self.document().characterCount()
        for start, end in self.found:
            if start < high and end > low:
                selections.append(self._selection(start, end - start, background=self.theme.code_highlight))
        for span, outline in ((self.evidence, self.theme.code_highlight), (self.current_find, self.theme.selection)):
            if span is not None:
                selections.append(self._selection(span[0], span[1] - span[0], background=outline))
        self.setExtraSelections(selections)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        if dy:
            self._colour_timer.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_gutter()
        self._colour_timer.start()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._place_gutter()

    def paint_gutter(self, event: QPaintEvent) -> None:
        """Line numbers and fold marks."""
        painter = QPainter(self.gutter)
        painter.fillRect(event.rect(), QColor(self.theme.base))
        painter.setPen(QColor(self.theme.hairline))
        painter.drawLine(self.gutter.width() - 1, event.rect().top(), self.gutter.width() - 1, event.rect().bottom())
        painter.setFont(self.font())
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        line = self.fontMetrics().height()
        while block.isValid() and top <= event.rect().bottom():
            if block.isVisible():
                height = self.blockBoundingRect(block).height()
                painter.setPen(QColor(self.theme.error if block.blockNumber() in self.marked else self.theme.code_comment))
                painter.drawText(
                    QRect(0, int(top), self.gutter.width() - 22, line),
                    Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                    str(block.blockNumber() + 1),
                )
                if self.fold_mark(block):
                    name = "chevron-right" if self.is_folded(block) else "chevron-down"
                    painter.drawPixmap(
                        self.gutter.width() - 18,
                        int(top) + (line - 14) // 2,
                        icons.pixmap(name, self.theme.muted, 14, self.devicePixelRatioF()),
                    )
                top += height
            block = block.next()
        painter.end()

    def fold_mark(self, block: QTextBlock) -> bool:
        """Whether a line gets a fold mark."""
        following = block.next()
        return (
            bool(block.text().strip())
            and following.isValid()
            and indent_of(following.text()) > indent_of(block.text())
            and self.kind != "text"
        )

    def _selection(self, start: int, length: int, foreground: str = "", background: str = "") -> QTextEdit.ExtraSelection:
        selection = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.document())
        cursor.setPosition(min(start, self.document().characterCount() - 1))
        cursor.setPosition(min(start + length, self.document().characterCount() - 1), QTextCursor.MoveMode.KeepAnchor)
        style = QTextCharFormat()
        if foreground:
            style.setForeground(QColor(foreground))
        if background:
            style.setBackground(QColor(background))
        selection.cursor = cursor
        selection.format = style
        return selection

    def _place_gutter(self) -> None:
        width = self.gutter_width()
        self.setViewportMargins(width, 0, 0, 0)
        area = self.contentsRect()
        self.gutter.setGeometry(QRect(area.left(), area.top(), width, area.height()))

    def _update_gutter(self, rect: QRect, dy: int) -> None:
        if dy:
            self.gutter.scroll(0, dy)
        else:
            self.gutter.update(0, rect.y(), self.gutter.width(), rect.height())


class Gutter(QWidget):
    """The strip left of the text; a click on a mark folds."""

    def __init__(self, edit: CodeEdit) -> None:
        super().__init__(edit)
        self._edit = edit

    def sizeHint(self) -> QSize:
        return QSize(self._edit.gutter_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._edit.paint_gutter(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cursor = self._edit.cursorForPosition(QPoint(2, int(event.position().y())))
        self._edit.toggle_fold(cursor.block())


def indent_of(text: str) -> int:
    """Characters of white space that a line begins with."""
    return len(text) - len(text.lstrip(" \t"))
