"""The side bar: the findings, and the tabs of facets and sources."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from inspector.gui import icons
from inspector.gui.diagnosis_view import SEVERITY_ICONS
from inspector.gui.facets_panel import FacetsPanel
from inspector.gui.parts import escaped, label, rule
from inspector.gui.sources_panel import SourcesPanel
from inspector.gui.theme import LIGHT, Theme

if TYPE_CHECKING:
    from inspector.diagnosis.base import Diagnosis, Finding

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
        self.show_nothing()

    def show_nothing(self) -> None:
        """Nothing is open."""
        self.show_waiting(self.tr("Open a log to see why tokens were refused."))
        self.export_button.setEnabled(False)

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
