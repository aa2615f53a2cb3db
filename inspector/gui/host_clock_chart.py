"""The chart of one host's clock: how long after their creation its messages were logged, over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from inspector.gui.parts import escaped
from inspector.gui.theme import Theme
from inspector.gui.timeline_paint import measure_with, metrics_of, paint, palette_of

if TYPE_CHECKING:
    from inspector.timeline import UsualArrival
    from inspector.timeline.drawing import Layout


class HostClockChart(QWidget):
    """Paints the core's layout; the same facts are its accessible description."""

    def __init__(self, usual: UsualArrival, theme: Theme, parent: QWidget | None = None) -> None:
        from inspector.timeline.host_clock import host_clock_title

        super().__init__(parent)
        self.usual = usual
        self.theme = theme
        self.layout_: Layout | None = None
        self.setAccessibleName(self.tr("Clock of %s") % usual.host)
        self.setAccessibleDescription(host_clock_title(usual))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._lay_out()

    def sizeHint(self) -> QSize:
        return QSize(400, round(self.layout_.height) if self.layout_ is not None else 40)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.layout_ is not None:
            painter = QPainter(self)
            painter.fillRect(self.rect(), QColor(self.theme.base))
            paint(painter, self.layout_, palette_of(self.theme), self.font())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), escaped(self.accessibleDescription()), self)
            return True
        return super().event(event)

    def _lay_out(self) -> None:
        from inspector.timeline.host_clock import lay_out_host_clock

        self.layout_ = lay_out_host_clock(
            self.usual, float(max(200, self.width())), metrics=metrics_of(self.font()), measure=measure_with(self.font())
        )
        self.setFixedHeight(self.sizeHint().height())
