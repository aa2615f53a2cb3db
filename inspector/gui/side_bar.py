"""The side bar: findings, sources, and facets with counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QEnterEvent, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QInputDialog,
    QListView,
    QMenu,
    QPushButton,
    QScrollArea,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from inspector.events import Level, Source, ZoneBasis
from inspector.gui import icons
from inspector.gui.diagnosis_view import SEVERITY_ICONS
from inspector.gui.event_table import column_title, level_title
from inspector.gui.parts import ElidedLabel, IconButton, bound, escaped, label, restyle_buttons, rule
from inspector.gui.theme import LIGHT, Theme

if TYPE_CHECKING:
    from inspector.diagnosis.base import Diagnosis, Finding
    from inspector.session import Facet

Index = QModelIndex | QPersistentModelIndex
NOWHERE: Final = QModelIndex()
FINDING: Final = int(Qt.ItemDataRole.UserRole)


class FindingsModel(QAbstractListModel):
    """The findings in order of importance."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.findings: tuple[Finding, ...] = ()

    def show(self, findings: Sequence[Finding]) -> None:
        """Show other findings."""
        self.beginResetModel()
        self.findings = tuple(findings)
        self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.findings)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        finding = self.findings[index.row()]
        if role == int(Qt.ItemDataRole.DisplayRole):
            return finding.title
        if role == FINDING:
            return finding
        if role == int(Qt.ItemDataRole.AccessibleTextRole):
            return f"{finding.severity.value}: {finding.title}. {line_under(finding)}"
        if role == int(Qt.ItemDataRole.ToolTipRole):
            return escaped(
                f"{finding.title}\n{finding.cause.value.replace('_', ' ')}, {finding.confidence.value} confidence\n{times_of(finding)}"
            )
        return None


def line_under(finding: Finding) -> str:
    """The small print of a finding: cause, confidence, how often."""
    cause = finding.cause.value.replace("_", " ")
    tr = QCoreApplication.translate
    times = (
        tr("FindingsPanel", "1 event") if finding.count == 1 else tr("FindingsPanel", "{count} events").format(count=f"{finding.count:,}")
    )
    return f"{cause} · {finding.confidence.value} · {times}"


class FindingDelegate(QStyledItemDelegate):
    """A finding as two lines of title and one of small print."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line = option.fontMetrics.height()
        view = self.parent()
        width = view.viewport().width() if isinstance(view, QListView) else 240
        bold = QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        rows = 3 + two_lines(index.data(FINDING).title, QFontMetrics(bold), width - 48).count("\n")
        return QSize(width, rows * line + 22)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        finding: Finding = index.data(FINDING)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        font: QFont = option.font
        metrics: QFontMetrics = option.fontMetrics
        palette: QPalette = option.palette
        theme = self.theme
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            group = QPalette.ColorGroup.Active if state & QStyle.StateFlag.State_Active else QPalette.ColorGroup.Inactive
            painter.fillRect(rect, palette.color(group, QPalette.ColorRole.Highlight))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(theme.hover))
        painter.setPen(QColor(theme.hairline))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        colour = {"error": theme.error, "warning": theme.warning}.get(finding.severity.value, theme.info)
        painter.drawPixmap(
            rect.left() + 12,
            rect.top() + 10,
            icons.pixmap(SEVERITY_ICONS[finding.severity.value], colour, 16, painter.device().devicePixelRatioF()),
        )
        inner = rect.adjusted(36, 8, -12, -8)
        line = metrics.height()
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setFont(bold)
        painter.setPen(QColor(theme.text))
        shown = two_lines(finding.title, QFontMetrics(bold), inner.width())
        title = QRect(inner.left(), inner.top(), inner.width(), 2 * line)
        painter.drawText(title, int(Qt.TextFlag.TextWordWrap), shown)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        below = inner.top() + (1 + shown.count("\n")) * line + 4
        painter.drawText(
            inner.left(), below + metrics.ascent(), metrics.elidedText(line_under(finding), Qt.TextElideMode.ElideRight, inner.width())
        )
        painter.setPen(QColor(theme.muted))
        when = times_of(finding)
        painter.drawText(
            inner.left(), below + line + metrics.ascent(), metrics.elidedText(when, Qt.TextElideMode.ElideRight, inner.width())
        )
        painter.restore()


def two_lines(text: str, metrics: QFontMetrics, width: int) -> str:
    """A text cut so that it fills two lines at most."""
    words, line, lines = text.split(), "", []
    for number, word in enumerate(words):
        longer = f"{line} {word}".strip()
        if metrics.horizontalAdvance(longer) <= width or not line:
            line = longer
            continue
        lines.append(line)
        line = word
        if len(lines) == 1:
            rest = " ".join(words[number:])
            return f"{lines[0]}\n{metrics.elidedText(rest, Qt.TextElideMode.ElideRight, width)}"
    return line


def times_of(finding: Finding) -> str:
    """First and last time of a finding, in UTC."""
    if finding.first_time is None or finding.last_time is None:
        return QCoreApplication.translate("FindingsPanel", "no time known")
    first = f"{finding.first_time:%Y-%m-%d %H:%M:%S}"
    if finding.last_time - finding.first_time < timedelta(seconds=1):
        return f"{first} UTC"
    if finding.first_time.date() != finding.last_time.date():
        return f"{finding.first_time:%Y-%m-%d} – {finding.last_time:%Y-%m-%d}"
    if finding.last_time - finding.first_time > timedelta(minutes=10):
        return f"{finding.first_time:%Y-%m-%d %H:%M} – {finding.last_time:%H:%M} UTC"
    return f"{first} – {finding.last_time:%M:%S} UTC"


class FindingsPanel(QWidget):
    """The findings, and the button that writes the report."""

    finding_chosen = Signal(object)
    export_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plain")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.model = FindingsModel(self)
        self.list = QListView()
        self.list.setAccessibleName(self.tr("Findings"))
        self.delegate = FindingDelegate(self.list)
        self.list.setItemDelegate(self.delegate)
        self.list.setModel(self.model)
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.clicked.connect(self._chosen)
        self.list.activated.connect(self._chosen)
        self.empty = label("", "muted", wrap=True)
        self.empty.setContentsMargins(16, 16, 16, 16)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.running = label(self.tr("Still looking. More may come, and these may change."), "muted", wrap=True)
        self.running.setContentsMargins(16, 8, 16, 8)
        self.export_button = QPushButton(self.tr("Export report…"))
        self.export_button.setEnabled(False)
        self.export_button.clicked.connect(self.export_asked)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 8, 12, 8)
        foot.addWidget(self.export_button, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.running)
        layout.addWidget(self.empty, 1)
        layout.addWidget(self.list, 1)
        layout.addWidget(rule())
        layout.addLayout(foot)
        self.show_waiting(self.tr("Open a log to see why tokens were refused."))

    def show_waiting(self, text: str) -> None:
        """Say why there is nothing to show yet."""
        self.model.show(())
        self.empty.setText(text)
        self.empty.show()
        self.list.hide()
        self.running.hide()

    def show_diagnosis(self, diagnosis: Diagnosis) -> None:
        """Show the findings of a diagnosis, complete or not; the finding that was selected stays so, and the list where it was."""
        current = self.list.currentIndex()
        selected: Finding | None = current.data(FINDING) if current.isValid() and self.list.selectionModel().hasSelection() else None
        scrolled = self.list.verticalScrollBar().value()
        self.model.show(diagnosis.findings)
        self.list.setVisible(bool(diagnosis.findings))
        self.empty.setVisible(not diagnosis.findings)
        self.empty.setText(self.tr("No refused token found in what is open."))
        self.running.setVisible(not diagnosis.complete)
        self.export_button.setEnabled(diagnosis.complete)
        self.mark(selected)
        self.list.verticalScrollBar().setValue(scrolled)

    def mark(self, finding: Finding | None) -> None:
        """Select the finding of the current event, without asking for its rows."""
        for number, one in enumerate(self.model.findings if finding is not None else ()):
            if finding is not None and (one.key, one.id or finding.id) == (finding.key, finding.id or one.id):
                self.list.setCurrentIndex(self.model.index(number))
                return
        self.list.clearSelection()

    def restyle(self, theme: Theme) -> None:
        """Use other colours."""
        self.delegate.theme = theme
        self.list.viewport().update()

    def _chosen(self, index: QModelIndex) -> None:
        self.finding_chosen.emit(index.data(FINDING))


class SourcesPanel(QScrollArea):
    """What is open: format, rows, damage, zone and how it is known."""

    remove_asked = Signal(int)
    reload_asked = Signal(int)
    zone_asked = Signal(int, object)
    """Source and its new offset (timedelta)."""
    only_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.setWidgetResizable(True)
        self.setAccessibleName(self.tr("Sources"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._sources: tuple[Source, ...] = ()
        self._unopened: tuple[str, ...] = ()
        self.show_sources((), ())

    def show_sources(self, sources: Sequence[Source], unopened: Sequence[str]) -> None:
        """List the sources, and what could not be opened at all."""
        self._sources, self._unopened = tuple(sources), tuple(unopened)
        page = QWidget()
        page.setObjectName("page")
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for source in sources:
            layout.addWidget(self._entry(source))
            layout.addWidget(rule())
        for text in unopened:
            trouble = label(text, "mistake", wrap=True, selectable=True)
            trouble.setContentsMargins(12, 8, 12, 8)
            layout.addWidget(trouble)
            layout.addWidget(rule())
        layout.addStretch(1)
        self.setWidget(page)
        restyle_buttons(page, self.theme)

    def restyle(self, theme: Theme) -> None:
        """Use other colours."""
        self.theme = theme
        restyle_buttons(self, theme)

    def _entry(self, source: Source) -> QWidget:
        entry = QWidget()
        lines = QVBoxLayout(entry)
        lines.setContentsMargins(12, 8, 8, 8)
        lines.setSpacing(2)
        top = QHBoxLayout()
        name = ElidedLabel(PurePath(source.name).name or source.name, "title")
        name.setToolTip(escaped(source.name))
        name.setAccessibleName(source.name)
        menu_button = IconButton("ellipsis", self.tr("What to do with %s") % source.name)
        menu_button.clicked.connect(lambda: self._open_menu(source, menu_button))
        top.addWidget(name, 1)
        top.addWidget(menu_button)
        lines.addLayout(top)
        lines.addWidget(
            label(
                self.tr("{format} · {count} events · {size}").format(
                    format=source.format, count=f"{source.events:,}", size=size_text(source.size)
                ),
                "muted",
                wrap=True,
            )
        )
        lines.addWidget(label(f"{offset_text(source.zone.offset)}, {source.zone.basis.value}", "muted"))
        evidence = label(source.zone.evidence, "muted", wrap=True, selectable=True)
        lines.addWidget(evidence)
        if source.date_order:
            lines.addWidget(label(source.date_order, "muted", wrap=True, selectable=True))
        for problem in source.problems[:5]:
            lines.addWidget(
                label(f"{problem.position}: {problem.reason}", "muted" if problem.notice else "mistake", wrap=True, selectable=True)
            )
        if len(source.problems) > 5:
            lines.addWidget(label(self.tr("and %s more problems") % f"{len(source.problems) - 5:,}", "mistake"))
        return entry

    def _open_menu(self, source: Source, button: QWidget) -> None:
        menu = QMenu(self)
        menu.addAction(self.tr("Show only this source"), lambda: self.only_asked.emit(source.name))
        zone = menu.addMenu(self.tr("Time zone of this source"))
        for minutes in range(-12 * 60, 14 * 60 + 1, 60):
            action = zone.addAction(
                offset_text(timedelta(minutes=minutes)), bound(self.zone_asked.emit, source.id, timedelta(minutes=minutes))
            )
            action.setCheckable(True)
            action.setChecked(source.zone.offset == timedelta(minutes=minutes) and source.zone.basis == ZoneBasis.USER)
        zone.addAction(self.tr("Other…"), lambda: self._ask_zone(source))
        menu.addAction(self.tr("Read again"), lambda: self.reload_asked.emit(source.id))
        menu.addAction(self.tr("Close"), lambda: self.remove_asked.emit(source.id))
        menu.exec(button.mapToGlobal(QPoint(0, button.height())))

    def _ask_zone(self, source: Source) -> None:
        minutes, given = QInputDialog.getInt(
            self,
            self.tr("Time zone"),
            self.tr("Minutes ahead of UTC"),
            int(source.zone.offset.total_seconds() // 60),
            -14 * 60,
            14 * 60,
            15,
        )
        if given:
            self.zone_asked.emit(source.id, timedelta(minutes=minutes))


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


class SideBar(QTabWidget):
    """Findings, facets and sources as tabs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.findings = FindingsPanel()
        self.facets = FacetsPanel()
        self.sources = SourcesPanel()
        self.setDocumentMode(True)
        self.setAccessibleName(self.tr("Side bar"))
        self.addTab(self.findings, self.tr("Findings"))
        self.addTab(self.facets, self.tr("Facets"))
        self.addTab(self.sources, self.tr("Sources"))
        self.tabBar().setUsesScrollButtons(False)

    def show_counts(self, findings: int, sources: int) -> None:
        """Write how many findings and sources there are on the tabs."""
        self.setTabText(0, self.tr("Findings") + (f" {findings}" if findings else ""))
        self.setTabText(2, self.tr("Sources") + (f" {sources}" if sources else ""))

    def restyle(self, theme: Theme) -> None:
        """Use other colours."""
        self.findings.restyle(theme)
        self.facets.restyle(theme)
        self.sources.restyle(theme)


def facet_title(column: str, value: str) -> str:
    """A facet's value as it is written."""
    if column == "level":
        return level_title(next((each for each in Level if each.title == value), value))
    return value.replace("_", " ") if column == "cause" else value


def size_text(size: int) -> str:
    """``12 KB``, ``3.4 MB``."""
    if size < 1000:
        return f"{size} bytes"
    for unit, step in (("KB", 1e3), ("MB", 1e6), ("GB", 1e9)):
        if size < step * 1000 or unit == "GB":
            number = size / step
            return f"{number:.1f} {unit}" if number < 10 else f"{number:,.0f} {unit}"
    return f"{size} bytes"


def offset_text(offset: timedelta) -> str:
    """``UTC+01:00``."""
    minutes = round(offset.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}" if minutes else "UTC"
