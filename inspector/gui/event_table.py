"""The event table: a model of row numbers whose cells arrive page by page, and the view that paints them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from inspector.events import COLUMNS, Level
from inspector.gui import icons
from inspector.gui.clock_face import ClockFace
from inspector.gui.theme import DEFAULT_TEXT_SIZE, LIGHT, Theme

if TYPE_CHECKING:
    from inspector.gui.engine import Engine
    from inspector.gui.marks import Marks
    from inspector.session import Page, Rows

PAGE: Final = 128
PAGES_KEPT: Final = 64
TITLES: Final = {each.name: each.title for each in COLUMNS} | {"cause": "Cause"}
SHOWN: Final = (
    "level",
    "time",
    "provider",
    "event_id",
    "computer",
    "message",
    "cause",
    "source",
    "position",
    "channel",
    "user",
    "task",
    "keywords",
    "activity",
)
"""Columns of the table in their first order; those from ``source`` on are hidden at first."""
HIDDEN_AT_FIRST: Final = frozenset(SHOWN[SHOWN.index("source") :])
WIDTHS: Final = {
    "level": 124, "time": 172, "provider": 152, "event_id": 72, "computer": 96, "message": 320, "cause": 128, "source": 160, "position": 72,
    "channel": 128, "user": 128, "task": 104, "keywords": 128, "activity": 240,
}  # fmt: skip
GIVEN_UP: Final = {"computer": 860, "event_id": 760, "provider": 720}
"""Columns that give way to the message in a table narrower than this, in pixels, unless the person has chosen the columns."""
MAX_ROWS: Final = 2**31 - 1
Index = QModelIndex | QPersistentModelIndex
NOWHERE: Final = QModelIndex()
_DISPLAY = Qt.ItemDataRole.DisplayRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
_TOOL_TIP = Qt.ItemDataRole.ToolTipRole
_NAMES: Final = frozenset({"provider", "source", "activity", "channel"})
"""Columns whose values differ at their end."""
_ANSWERED = frozenset({int(_DISPLAY), int(_ACCESSIBLE)})


class EventTableModel(QAbstractTableModel):
    """Row numbers of the current filter; cells are fetched by page in the background when something asks for them."""

    page_arrived = Signal()

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._rows: Rows | tuple[()] = ()
        self._pages: OrderedDict[int, Page] = OrderedDict()
        self._asked: set[int] = set()
        self._generation = 0
        self.columns: tuple[str, ...] = SHOWN
        self.clock = ClockFace()
        self._ask_timer = QTimer(self, singleShot=True, interval=0)
        self._ask_timer.timeout.connect(self._ask)
        self._wanted: list[int] = []
        self.data_calls = 0
        """How often a cell was asked for; the tests count it."""

    @property
    def rows(self) -> Rows | tuple[()]:
        """Row numbers shown, in order; an empty tuple before the first ones."""
        return self._rows

    @property
    def fetching(self) -> bool:
        """Whether cells that were asked for are still on their way."""
        return bool(self._asked)

    def set_rows(self, rows: Rows, keep_pages: bool) -> None:
        """Show other rows. ``keep_pages``: the first rows are the same as before (a log that grows), so their cells stay."""
        old = len(self._rows)
        if keep_pages and old <= len(rows):
            if len(rows) > old:
                self.beginInsertRows(QModelIndex(), old, min(len(rows), MAX_ROWS) - 1)
                self._forget(old // PAGE)
                self._rows = rows
                self.endInsertRows()
            return
        self.beginResetModel()
        self._rows = rows
        self._drop_pages()
        self.endResetModel()

    def refresh(self) -> None:
        """Fetch every cell again: zones, causes or the theme changed."""
        self._drop_pages()
        if len(self._rows):
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.columnCount() - 1)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else min(len(self._rows), MAX_ROWS)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = int(_DISPLAY)) -> object:
        if role not in _ANSWERED:
            return None
        self.data_calls += 1
        return self.text(index.row(), self.columns[index.column()])

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = int(_DISPLAY)) -> object:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == _DISPLAY:
            name = self.columns[section]
            return f"{column_title(name)} ({self.clock.heading})" if name == "time" else column_title(name)
        if role == int(Qt.ItemDataRole.TextAlignmentRole):
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def row_number(self, place: int) -> int:
        """The event's row number at a place of the table."""
        return int(self._rows[place])

    def cell(self, place: int, column: str) -> object:
        """The value of one cell, or None while it is on its way (it is then asked for)."""
        number = place // PAGE
        page = self._pages.get(number)
        if page is None:
            self._want(number)
            return None
        self._pages.move_to_end(number)
        return page.cells[column][place % PAGE]

    def text(self, place: int, column: str) -> str:
        """One cell as it is written."""
        value = self.cell(place, column)
        if value is None:
            return ""
        if column == "time":
            source = self.cell(place, "source")
            return self.clock.write(value if isinstance(value, datetime) else None, str(source or ""))
        if column == "level":
            return level_title(value)
        if column == "cause":
            return str(value).replace("_", " ")
        return str(value)

    def place_of(self, row: int) -> int:
        """Where an event's row number stands in the table; -1 when the filter hides it."""
        if isinstance(self._rows, tuple):
            return -1
        found = (self._rows == row).nonzero()[0]
        return int(found[0]) if len(found) else -1

    def _want(self, number: int) -> None:
        if number not in self._asked:
            self._asked.add(number)
            self._wanted.append(number)
            self._ask_timer.start()

    def _ask(self) -> None:
        wanted, self._wanted = self._wanted, []
        generation = self._generation
        for number in reversed(wanted):
            rows = [int(each) for each in self._rows[number * PAGE : (number + 1) * PAGE]]
            self._engine.fetch(rows, self.columns, lambda page, number=number: self._arrived(generation, number, page))  # type: ignore[misc]

    def _arrived(self, generation: int, number: int, page: Page) -> None:
        if generation != self._generation:
            return
        self._asked.discard(number)
        self._pages[number] = page
        while len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)
        last = min((number + 1) * PAGE, self.rowCount()) - 1
        if last >= number * PAGE:
            self.dataChanged.emit(self.index(number * PAGE, 0), self.index(last, self.columnCount() - 1))
        self.page_arrived.emit()

    def _drop_pages(self) -> None:
        self._generation += 1
        self._pages.clear()
        self._asked.clear()
        self._wanted.clear()

    def _forget(self, number: int) -> None:
        self._pages.pop(number, None)
        self._asked.discard(number)


def level_title(value: object) -> str:
    """The word for a level as a page holds it, in the language of the window."""
    return QCoreApplication.translate("Level", Level(value).title) if isinstance(value, int) else str(value)


def column_title(name: str) -> str:
    """The heading of a column, in the language of the window."""
    return QCoreApplication.translate("Column", TITLES[name])


class EventDelegate(QStyledItemDelegate):
    """Paints one cell from the model's page directly: icon and word for the level, quiet date, pill for the cause."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.marks: Marks | None = None

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(40, option.fontMetrics.height() + 8)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        if not isinstance(model, EventTableModel):
            return
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        palette: QPalette = option.palette
        metrics: QFontMetrics = option.fontMetrics
        place = index.row()
        name = model.columns[index.column()]
        text = model.text(place, name)
        model.data_calls += 1
        theme = self.theme
        painter.save()
        row = model.row_number(place)
        fill = self.marks.fill(row, theme) if self.marks is not None else None
        if state & QStyle.StateFlag.State_Selected:
            group = QPalette.ColorGroup.Active if state & QStyle.StateFlag.State_Active else QPalette.ColorGroup.Inactive
            painter.fillRect(rect, palette.color(group, QPalette.ColorRole.Highlight))
        elif fill is not None:
            painter.fillRect(rect, fill)
        painter.setPen(QColor(theme.hairline))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        inner = rect.adjusted(8, 0, -8, -1)
        if name == "level":
            self._paint_level(painter, inner, model, place, text, row)
        elif name == "time" and len(text) > 11:
            painter.setPen(QColor(theme.muted))
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text[:10])
            ahead = metrics.horizontalAdvance(text[:10] + " ")
            painter.setPen(QColor(theme.text))
            painter.drawText(inner.adjusted(ahead, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text[11:])
        elif name == "cause" and text:
            self._paint_pill(painter, inner, text, metrics)
        else:
            painter.setPen(QColor(theme.text if name == "message" else theme.muted if name in {"position", "source"} else theme.text))
            painter.drawText(
                inner,
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
                metrics.elidedText(text, Qt.TextElideMode.ElideLeft if name in _NAMES else Qt.TextElideMode.ElideRight, inner.width()),
            )
        painter.restore()

    def _paint_level(self, painter: QPainter, inner: QRect, model: EventTableModel, place: int, text: str, row: int) -> None:
        value = model.cell(place, "level")
        if not isinstance(value, int):
            return
        level = Level(value)
        colour = self.theme.level_colour(level)
        ratio = painter.device().devicePixelRatioF()
        top = inner.top() + (inner.height() - 16) // 2
        painter.drawPixmap(inner.left(), top, icons.pixmap(icons.LEVEL_ICONS[level], colour, 16, ratio))
        painter.setPen(QColor(colour))
        painter.drawText(inner.adjusted(24, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if self.marks is not None and (badge := self.marks.badge(row)):
            painter.drawPixmap(inner.right() - 12, top + 2, icons.pixmap(badge, self.theme.accent, 12, ratio))

    def _paint_pill(self, painter: QPainter, inner: QRect, text: str, metrics: QFontMetrics) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, inner.width() - 12)
        width = metrics.horizontalAdvance(shown) + 12
        height = metrics.height() + 2
        pill = QRect(inner.left(), inner.top() + (inner.height() - height) // 2, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.error_fill))
        painter.drawRoundedRect(pill, 4, 4)
        painter.setPen(QColor(self.theme.error))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, shown)


class EventTable(QTableView):
    """The table. Selecting everything costs nothing, however many rows there are."""

    current_row_changed = Signal(int)
    """Row number of the event under the cursor; -1 for none."""
    width_changed = Signal(int)
    selection_size_changed = Signal(int)
    sort_changed = Signal(str, bool)

    def __init__(self, model: EventTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.delegate = EventDelegate(self)
        self.setItemDelegate(self.delegate)
        self.setModel(model)
        self.setAccessibleName(self.tr("Events"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        # Without one of its own the header asks after every row's selection, column by column, at each change.
        header.setSelectionModel(QItemSelectionModel(model, header))
        self.verticalHeader().setSelectionModel(QItemSelectionModel(model, self.verticalHeader()))
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setSortIndicatorShown(False)
        header.setSectionsClickable(True)
        header.setMinimumSectionSize(40)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setAccessibleName(self.tr("Columns"))
        header.sectionClicked.connect(self._sort_by)
        self._sort = ""
        self._descending = False
        self._points = DEFAULT_TEXT_SIZE
        """Text size that the columns are fitted to."""
        for number, name in enumerate(model.columns):
            self.setColumnWidth(number, WIDTHS[name])
            self.setColumnHidden(number, name in HIDDEN_AT_FIRST)
        header.setSectionResizeMode(model.columns.index("message"), QHeaderView.ResizeMode.Stretch)
        self.selectionModel().currentRowChanged.connect(self._current_changed)
        self.selectionModel().selectionChanged.connect(self._selection_changed)
        self.fit_rows()

    def fit_rows(self) -> None:
        """Row height for the current font, on the 4 pixel grid."""
        height = QFontMetrics(self.font()).height() + 8
        self.verticalHeader().setDefaultSectionSize((height + 3) // 4 * 4)

    def fit_columns_to(self, points: int) -> None:
        """Columns as wide for another text size as they are for the one before."""
        before, self._points = self._points, points
        if before != points:
            for number in range(len(self._model.columns)):
                # A hidden column has a width only while it is shown.
                hidden = self.isColumnHidden(number)
                self.setColumnHidden(number, False)
                self.setColumnWidth(number, round(self.columnWidth(number) * points / before))
                self.setColumnHidden(number, hidden)
            self.scrollTo(self.currentIndex())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.width_changed.emit(event.size().width())

    def restyle(self, theme: Theme) -> None:
        """Use other colours."""
        self.delegate.theme = theme
        self.viewport().update()

    @property
    def sort(self) -> tuple[str, bool]:
        """Column that the rows are sorted by (empty: file order), and whether descending."""
        return self._sort, self._descending

    def current_row(self) -> int:
        """Row number of the current event, -1 when there is none."""
        index = self.currentIndex()
        return self._model.row_number(index.row()) if index.isValid() else -1

    def selected_places(self) -> list[range]:
        """Places of the selected rows as ranges, in order. Never walks the rows."""
        ranges = [range(each.top(), each.bottom() + 1) for each in self.selectionModel().selection().toList()]
        return sorted({(each.start, each.stop): each for each in ranges}.values(), key=lambda each: each.start)

    def selected_count(self) -> int:
        """How many rows are selected."""
        return sum(len(each) for each in self.selected_places())

    def go_to(self, place: int) -> None:
        """Make one place the current row and show it."""
        if 0 <= place < self._model.rowCount():
            index = self._model.index(place, max(0, self.columnAt(0)))
            self.selectionModel().setCurrentIndex(
                index, QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            )
            self.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)

    def select_places(self, places: Sequence[int]) -> None:
        """Select exactly these places and show the first."""
        from PySide6.QtCore import QItemSelection

        selection = QItemSelection()
        last = self._model.columnCount() - 1
        for place in places:
            selection.select(self._model.index(place, 0), self._model.index(place, last))
        if places:
            self.go_to(places[0])
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def set_sort(self, column: str, descending: bool) -> None:
        """Show by which column the rows are sorted, and tell who asks for rows."""
        self._sort, self._descending = column, descending
        header = self.horizontalHeader()
        header.setSortIndicatorShown(bool(column))
        if column:
            order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
            header.setSortIndicator(self._model.columns.index(column), order)
        self.sort_changed.emit(column, descending)

    def _sort_by(self, section: int) -> None:
        column = self._model.columns[section]
        if column == "cause":
            return
        if column != self._sort:
            self.set_sort(column, False)
        elif not self._descending:
            self.set_sort(column, True)
        else:
            self.set_sort("", False)

    def _current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        self.current_row_changed.emit(self._model.row_number(current.row()) if current.isValid() else -1)

    def _selection_changed(self) -> None:
        self.selection_size_changed.emit(self.selected_count())

    def bold(self) -> QFont:
        """The table's font, emphasised."""
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        return font
