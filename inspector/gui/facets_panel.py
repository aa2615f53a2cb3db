"""The facets: values of the columns among the rows shown, with their counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QScrollArea, QVBoxLayout, QWidget

from inspector.events import Level
from inspector.gui.event_table import column_title, level_title
from inspector.gui.parts import IconButton, label, restyle_buttons
from inspector.gui.theme import LIGHT, Theme

if TYPE_CHECKING:
    from inspector.session import Facet


class FacetRow(QPushButton):
    """One value with its count; a click includes it, Alt-click or the menu excludes it."""

    chosen = Signal(bool)

    def __init__(self, value: str, count: int, share: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.value, self.count, self.share = value, count, share
        self.setFlat(True)
        self.setAccessibleName(f"{value}: {count:,}")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)

    def sizeHint(self) -> QSize:
        return QSize(120, (self.fontMetrics().height() + 8 + 3) // 4 * 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())

    def paintEvent(self, _event: object) -> None:
        painter = QPainter(self)
        theme = self.theme
        rect = self.rect()
        if self.underMouse():
            painter.fillRect(rect, QColor(theme.hover))
        count = f"{self.count:,}"
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(count)
        inner = rect.adjusted(16, 0, -12, 0)
        bar = QRect(inner.left(), rect.bottom() - 2, max(2, int(inner.width() * self.share)), 2)
        painter.fillRect(bar, QColor(theme.bar))
        painter.setPen(QColor(theme.muted))
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, count)
        painter.setPen(QColor(theme.text))
        text = metrics.elidedText(self.value or self.tr("(none)"), Qt.TextElideMode.ElideMiddle, inner.width() - width - 12)
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        if self.hasFocus():
            painter.setPen(QColor(theme.accent))
            painter.drawRect(rect.adjusted(4, 0, -5, -1))

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit(bool(event.modifiers() & Qt.KeyboardModifier.AltModifier))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.chosen.emit(bool(event.modifiers() & Qt.KeyboardModifier.AltModifier))
        else:
            super().keyPressEvent(event)

    def _open_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.addAction(self.tr("Show only these"), lambda: self.chosen.emit(False))
        menu.addAction(self.tr("Hide these"), lambda: self.chosen.emit(True))
        menu.exec(self.mapToGlobal(place))


class FacetsPanel(QScrollArea):
    """Values of the columns among the rows shown."""

    value_chosen = Signal(str, str, bool)
    """Column, value, and whether to exclude it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.setWidgetResizable(True)
        self.setAccessibleName(self.tr("Facets"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._shown: Mapping[str, Sequence[Facet]] = {}
        self._open_groups: set[str] = {"level", "provider", "event_id", "cause"}
        self._full: set[str] = set()
        self.show_facets({})

    def show_facets(self, facets: Mapping[str, Sequence[Facet]]) -> None:
        """Show the counts of the rows that the filter shows."""
        self._shown = facets
        top = self.verticalScrollBar().value()
        page = QWidget()
        page.setObjectName("page")
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 4, 0, 8)
        layout.setSpacing(0)
        for column, all_values in facets.items():
            values = [each for each in all_values if each.value]
            if not values:
                continue
            opened = column in self._open_groups
            heading = IconButton(
                "chevron-down" if opened else "chevron-right",
                self.tr("%s: show or hide values") % column_title(column),
                text=column_title(column),
            )
            heading.clicked.connect(lambda _checked=False, column=column: self._toggle(column))
            layout.addSpacing(4)
            row = QHBoxLayout()
            row.setContentsMargins(8, 0, 12, 0)
            row.addWidget(heading)
            row.addStretch(1)
            row.addWidget(label(f"{len(values)}" if len(values) < 30 else "30+", "muted"))
            layout.addLayout(row)
            if not opened:
                continue
            highest = max(each.count for each in values)
            few = values if column in self._full else values[:8]
            for each in few:
                entry = FacetRow(facet_title(column, each.value), each.count, each.count / highest)
                entry.theme = self.theme
                entry.chosen.connect(lambda exclude, column=column, value=each.value: self.value_chosen.emit(column, value, exclude))
                layout.addWidget(entry)
            if len(values) > len(few):
                more = QPushButton(self.tr("%d more") % (len(values) - len(few)))
                more.setFlat(True)
                more.setStyleSheet("text-align: left; border: none; padding: 4px 16px;")
                more.clicked.connect(lambda _checked=False, column=column: self._show_all(column))
                layout.addWidget(more)
        layout.addStretch(1)
        self.setWidget(page)
        restyle_buttons(page, self.theme)
        self.verticalScrollBar().setValue(top)

    def restyle(self, theme: Theme) -> None:
        """Use other colours."""
        self.theme = theme
        self.show_facets(self._shown)

    def _toggle(self, column: str) -> None:
        self._open_groups.symmetric_difference_update({column})
        self.show_facets(self._shown)

    def _show_all(self, column: str) -> None:
        self._full.add(column)
        self.show_facets(self._shown)


def facet_title(column: str, value: str) -> str:
    """A facet's value as it is written."""
    if column == "level":
        return level_title(next((each for each in Level if each.title == value), value))
    return value.replace("_", " ") if column == "cause" else value
