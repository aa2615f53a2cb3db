"""The timeline's drawing as a widget: wheel zooms, drag pans, hover tells, keys do the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from inspector.gui.parts import escaped
from inspector.gui.theme import LIGHT, Theme
from inspector.gui.timeline_paint import bounds_of, measure_with, metrics_of, paint, palette_of

if TYPE_CHECKING:
    from inspector.timeline import Timeline
    from inspector.timeline.drawing import Layout

STEP: Final = 1.25
"""How much one step of the wheel zooms."""


class TimelineCanvas(QWidget):
    """The drawing itself."""

    hovered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.timeline: Timeline | None = None
        self.layout_: Layout | None = None
        self.view: tuple[datetime, datetime] | None = None
        self.offset: timedelta | None = None
        self.offset_name = ""
        self._grip: float | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Timeline"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(400, round(self.layout_.height) if self.layout_ is not None else 40)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def show_timeline(self, timeline: Timeline | None, offset: timedelta | None, offset_name: str) -> None:
        """Draw another timeline, fitted."""
        self.timeline, self.offset, self.offset_name, self.view = timeline, offset, offset_name, None
        self.setAccessibleDescription("" if timeline is None else "\n".join((timeline.summary, *timeline.facts)))
        self.relayout()

    def retell(self, timeline: Timeline) -> None:
        """Draw another telling of the same timeline in the span shown."""
        self.timeline = timeline
        self.relayout()

    def relayout(self) -> None:
        """Lay out for the current width, font and zoom."""
        self.layout_ = None if self.timeline is None else self._lay_out(float(max(160, self.width())))
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def fit(self) -> None:
        """Show everything that matters again."""
        self.view = None
        self.relayout()

    def zoom(self, factor: float, at: datetime | None = None) -> None:
        """Show ``1 / factor`` of the span around a moment, by default its middle."""
        span = self._span()
        if span is None:
            return
        start, end = span
        centre = at or start + (end - start) / 2
        share = (centre - start) / (end - start)
        size = (end - start) / factor
        if timedelta(milliseconds=2) < size < timedelta(days=365 * 200):
            self._set_view(centre - size * share, centre + size * (1 - share))

    def pan(self, share: float) -> None:
        """Move the span by a share of its width, to later times for positive shares."""
        span = self._span()
        if span is not None:
            step = (span[1] - span[0]) * share
            self._set_view(span[0] + step, span[1] + step)

    def picture(self, ratio: float = 2.0) -> QImage:
        """The drawing as an image."""
        height = self.sizeHint().height()
        image = QImage(round(self.width() * ratio), round(height * ratio), QImage.Format.Format_ARGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(QColor(self.theme.base))
        painter = QPainter(image)
        self._paint(painter)
        painter.end()
        return image

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.theme.base))
        self._paint(painter)
        self._keep_axis(painter)
        if self.hasFocus():
            painter.setPen(QColor(self.theme.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _keep_axis(self, painter: QPainter) -> None:
        """Where the strip is too low for every lane, the axis stays at its foot: a bar without times says nothing."""
        around, layout = self.parentWidget(), self.layout_
        if around is None or layout is None or layout.scale is None:
            return
        hidden = self.height() - (around.height() - self.y())
        if hidden <= 0:
            return
        foot = QRectF(0, layout.plot_bottom - hidden, self.width(), self.height() - layout.plot_bottom)
        painter.save()
        painter.setClipRect(foot)
        painter.fillRect(foot, QColor(self.theme.base))
        painter.translate(0, -hidden)
        self._paint(painter)
        painter.restore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.relayout()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and self.layout_ is not None and self.layout_.scale is not None:
            self.zoom(STEP if event.angleDelta().y() > 0 else 1 / STEP, self.layout_.scale.time(event.position().x()))
            event.accept()
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = event.position().x()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None and self.layout_ is not None:
            x = event.position().x()
            if abs(x - self._grip) > 2:
                self.pan((self._grip - x) / max(1.0, self.layout_.width))
                self._grip = x
        elif self.layout_ is not None and self.layout_.scale is not None:
            moment = self.layout_.scale.time(event.position().x())
            self.hovered.emit(f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC")

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._grip = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered.emit("")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        actions: dict[int, Callable[[], None]] = {
            int(Qt.Key.Key_Plus): lambda: self.zoom(STEP), int(Qt.Key.Key_Minus): lambda: self.zoom(1 / STEP), int(Qt.Key.Key_0): self.fit,
            int(Qt.Key.Key_Left): lambda: self.pan(-0.1), int(Qt.Key.Key_Right): lambda: self.pan(0.1),
        }  # fmt: skip
        action = actions.get(event.key())
        if action is None:
            super().keyPressEvent(event)
        else:
            action()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            title = self.title_at(QPointF(event.pos()))
            if title:
                QToolTip.showText(event.globalPos(), escaped(title), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def title_at(self, place: QPointF) -> str:
        """What the thing under a place means; empty where nothing is."""
        if self.layout_ is None:
            return ""
        measure = measure_with(self.font())
        for each in reversed(self.layout_.primitives):
            if each.title and bounds_of(each, measure).contains(place):
                return each.title
        return ""

    def _lay_out(self, width: float) -> Layout | None:
        from inspector.timeline.layout import lay_out

        if self.timeline is None:
            return None
        return lay_out(
            self.timeline,
            width,
            view=self.view,
            offset=self.offset,
            offset_name=self.offset_name,
            metrics=metrics_of(self.font()),
            measure=measure_with(self.font()),
        )

    def _span(self) -> tuple[datetime, datetime] | None:
        from inspector.timeline.layout import fitted_view

        return self.view or (fitted_view(self.timeline) if self.timeline is not None else None)

    def _set_view(self, start: datetime, end: datetime) -> None:
        self.view = (start, end)
        self.relayout()

    def _paint(self, painter: QPainter) -> None:
        if self.layout_ is not None:
            paint(painter, self.layout_, palette_of(self.theme), self.font())
