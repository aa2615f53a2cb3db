"""The overview: events over time stacked by level; drag to zoom in, double-click to see everything again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from inspector.events import Level
from inspector.gui.parts import escaped
from inspector.gui.theme import LIGHT, Theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inspector.diagnosis.base import Finding
    from inspector.session import Histogram

BINS: Final = 160
HEIGHT: Final = 72
TICK_GAP: Final = 40.0
"""Room between two times on the axis, in pixels."""
_RED: Final = (Level.CRITICAL, Level.ERROR, Level.AUDIT_FAILURE)


class Overview(QWidget):
    """Bars of the rows that the filter shows."""

    range_chosen = Signal(object, object)
    """Start and end (aware UTC) of the dragged range."""
    reset_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self._histogram: Histogram | None = None
        self._findings: tuple[Finding, ...] = ()
        self._drag: tuple[float, float] | None = None
        self.current: datetime | None = None
        """Time of the selected event, drawn as a line."""
        self.setAccessibleName(self.tr("Events over time"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def sizeHint(self) -> QSize:
        return QSize(400, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(100, HEIGHT)

    @property
    def histogram(self) -> Histogram | None:
        """What is drawn."""
        return self._histogram

    def show_histogram(self, histogram: Histogram | None) -> None:
        """Draw other counts; None hides the overview."""
        self._histogram = histogram
        self.setVisible(histogram is not None)
        self.setAccessibleDescription(self._words())
        self.update()

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Mark findings on the axis."""
        self._findings = tuple(findings)
        self.update()

    def restyle(self, theme: Theme) -> None:
        """Use other colours."""
        self.theme = theme
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.theme.base))
        histogram = self._histogram
        if histogram is None:
            return
        area = self._area()
        counts = histogram.counts
        totals = counts.sum(axis=1)
        highest = max(1, int(totals.max()))
        bins = len(totals)
        width = area.width() / bins
        gap = 1.0 if width >= 4 else 0.0
        warning = counts[:, int(Level.WARNING)]
        red = counts[:, [int(level) for level in _RED]].sum(axis=1)
        for number in range(bins):
            total = int(totals[number])
            if not total:
                continue
            left = area.left() + number * width
            bottom = area.bottom()
            scale = area.height() / highest
            for count, colour in (
                (int(red[number]), self.theme.bar_error),
                (int(warning[number]), self.theme.bar_warning),
                (total, self.theme.bar),
            ):
                done = 0 if colour == self.theme.bar_error else int(red[number]) + (int(warning[number]) if colour == self.theme.bar else 0)
                size = (count - done if colour == self.theme.bar else count) * scale
                if size > 0:
                    size = max(size, 2.0)
                    painter.fillRect(QRectF(left, bottom - size, max(1.0, width - gap), size), QColor(colour))
                    bottom -= size
        painter.setPen(QColor(self.theme.hairline))
        painter.drawLine(QPointF(area.left(), area.bottom() + 0.5), QPointF(area.right(), area.bottom() + 0.5))
        self._paint_axis(painter, area, histogram)
        self._paint_marks(painter, area, histogram)
        if self._drag is not None:
            low, high = sorted(self._drag)
            shade = QColor(self.theme.accent)
            shade.setAlpha(60)
            painter.fillRect(QRectF(low, 0, high - low, self.height()), shade)
        if self.hasFocus():
            painter.setPen(QColor(self.theme.accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._histogram is not None:
            self._drag = (event.position().x(), event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            self._drag = (self._drag[0], event.position().x())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drag, self._drag = self._drag, None
        self.update()
        if drag is None or self._histogram is None or event.button() != Qt.MouseButton.LeftButton:
            return
        low, high = sorted(drag)
        if high - low >= 4:
            self.range_chosen.emit(self._moment(low), self._moment(high))

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self._drag = None
        self.reset_asked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Backspace, Qt.Key.Key_0}:
            self.reset_asked.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self._histogram is not None:
            number = int((event.pos().x() - self._area().left()) / self._area().width() * len(self._histogram.counts))
            if 0 <= number < len(self._histogram.counts):
                start = self._histogram.start + number * self._histogram.step
                QToolTip.showText(
                    event.globalPos(), escaped(f"{start.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC\n{self._bin_words(number)}"), self
                )
            return True
        return super().event(event)

    def _area(self) -> QRectF:
        return QRectF(12, 8, max(1, self.width() - 24), max(1, self.height() - 8 - self.fontMetrics().height() - 6))

    def _moment(self, x: float) -> datetime:
        histogram = self._histogram
        if histogram is None:
            raise RuntimeError("nothing is drawn")
        area = self._area()
        share = min(1.0, max(0.0, (x - area.left()) / area.width()))
        return histogram.start + histogram.step * len(histogram.counts) * share

    def _paint_axis(self, painter: QPainter, area: QRectF, histogram: Histogram) -> None:
        """Round times, the first of each day with its date."""
        from inspector.timeline.scale import Scale, Stretch, ticks_of

        metrics = self.fontMetrics()
        end = histogram.start + histogram.step * len(histogram.counts)
        scale = Scale((Stretch(histogram.start, end, area.left(), area.right()),))
        for tick in ticks_of(scale, timedelta(0), lambda text: float(metrics.horizontalAdvance(text)), TICK_GAP):
            painter.setPen(QColor(self.theme.border))
            painter.drawLine(QPointF(tick.x, area.bottom() + 1), QPointF(tick.x, area.bottom() + 3))
            painter.setPen(QColor(self.theme.muted))
            painter.drawText(QPointF(tick.x - metrics.horizontalAdvance(tick.label) / 2, self.height() - 4), tick.label)

    def _paint_marks(self, painter: QPainter, area: QRectF, histogram: Histogram) -> None:
        whole = histogram.step * len(histogram.counts)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for finding in self._findings:
            if finding.first_time is None:
                continue
            share = (finding.first_time - histogram.start) / whole
            if 0 <= share <= 1:
                x = area.left() + share * area.width()
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(self.theme.error if finding.severity.value == "error" else self.theme.warning))
                painter.drawPolygon([QPointF(x - 4, 1), QPointF(x + 4, 1), QPointF(x, 8)])
        if self.current is not None:
            share = (self.current - histogram.start) / whole
            if 0 <= share <= 1:
                x = area.left() + share * area.width()
                painter.setPen(QColor(self.theme.accent))
                painter.drawLine(QPointF(x, area.top() - 4), QPointF(x, area.bottom()))

    def _bin_words(self, number: int) -> str:
        if self._histogram is None:
            return ""
        counts = self._histogram.counts[number]
        words = [f"{int(counts[int(level)]):,} {level.title.lower()}" for level in Level if int(level) < len(counts) and counts[int(level)]]
        return ", ".join(words) or self.tr("no events")

    def _words(self) -> str:
        if self._histogram is None:
            return ""
        total = int(self._histogram.counts.sum())
        end = self._histogram.start + self._histogram.step * len(self._histogram.counts)
        return self.tr("{count} events from {start} to {end} UTC").format(
            count=f"{total:,}", start=f"{self._histogram.start:%Y-%m-%d %H:%M:%S}", end=f"{end:%Y-%m-%d %H:%M:%S}"
        )
