"""The timeline strip: paints the layout of a timeline; wheel zooms, drag pans, hover tells, copy as SVG, PNG or text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QBuffer, QByteArray, QEvent, QIODevice, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QScrollArea, QSizePolicy, QSlider, QToolTip, QVBoxLayout, QWidget

from inspector.gui.parts import IconButton, escaped, label, restyle_buttons
from inspector.gui.theme import LIGHT, Theme

if TYPE_CHECKING:
    from inspector.diagnosis.base import WhatIf
    from inspector.timeline import Timeline
    from inspector.timeline.layout import Layout, Metrics, Primitive

BOLD: Final = frozenset({"lane-title", "instant-label-judged"})
SMALL: Final = frozenset({"bound", "delta", "axis-label", "axis-name", "instant-label", "instant-label-judged"})
MAX_HEIGHT: Final = 232
WIDE: Final = 860
NARROW: Final = 660
NARROWEST: Final = 540
"""Widths of the pane, in pixels, below which the buttons beside the tabs are fewer."""
STEP: Final = 1.25
SKEWS: Final = (5, 30, 60, 300, 600, 900, 3600)
"""Clock differences to try, in seconds."""


def with_skew(timeline: Timeline, allowed: timedelta) -> Timeline:
    """The same timeline as if every stack allowed another clock difference."""
    from inspector.clock import tolerance_of
    from inspector.timeline import build

    told = build(
        [lane.window for lane in timeline.lanes],
        timeline.judged_at,
        at=timeline.judged_at,
        tolerance_for=lambda _window: tolerance_of("", allowed),
    )
    return replace(told, instants=timeline.instants, judged_by=timeline.judged_by)


def passing(what_if: Sequence[WhatIf], allowed: timedelta) -> tuple[int, int]:
    """How many refused messages a tolerance would have let pass, and of how many that is known; over all stacks."""
    from inspector.clock import in_words

    fitting = {in_words(timedelta(seconds=each)) for each in SKEWS if timedelta(seconds=each) <= allowed}
    passed: dict[str, int] = {}
    known: dict[str, int] = {}
    for each in what_if:
        known[each.setting] = each.passed + each.refused
        if each.value in fitting:
            passed[each.setting] = max(passed.get(each.setting, 0), each.passed)
    return sum(passed.values()), sum(known.values())


def fills(theme: Theme) -> dict[str, str]:
    """Ground colours of the layout's roles; the same hues as the report's."""
    if theme.dark:
        bars = {
            "lane-valid": "#2f7d5f",
            "lane-late": "#d1373f",
            "lane-early": "#8751d6",
            "lane-tolerated": "#d29922",
            "lane-reply": "#57606a",
        }
    else:
        bars = {
            "lane-valid": "#57ab8a",
            "lane-late": "#cf222e",
            "lane-early": "#8f45c9",
            "lane-tolerated": "#bf8700",
            "lane-reply": "#b6bec7",
        }
    return bars | {"track": theme.neutral_fill, "fold": theme.base, "skew": theme.muted, "arrow": theme.muted}


def strokes(theme: Theme) -> dict[str, str]:
    """Line colours of the layout's roles."""
    return {
        "grid": theme.hairline,
        "fold": theme.muted,
        "axis": theme.border,
        "tick": theme.border,
        "instant": theme.muted,
        "instant-judged": theme.accent,
    }


def inks(theme: Theme) -> dict[str, str]:
    """Text colours of the layout's roles."""
    return {
        "lane-title": theme.text,
        "words": theme.muted,
        "words-good": theme.success,
        "words-warning": theme.warning,
        "words-bad": theme.error,
        "bound": theme.muted,
        "delta": "#ffffff",
        "instant-label": theme.muted,
        "instant-label-judged": theme.accent,
        "axis-label": theme.muted,
        "axis-name": theme.muted,
    }


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
        if self.hasFocus():
            painter.setPen(QColor(self.theme.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

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
        for each in reversed(self.layout_.primitives):
            if each.title and _bounds(each).contains(place):
                return each.title
        return ""

    def _lay_out(self, width: float) -> Layout | None:
        from inspector.timeline.layout import lay_out

        if self.timeline is None:
            return None
        return lay_out(
            self.timeline, width, view=self.view, offset=self.offset, offset_name=self.offset_name, metrics=self._metrics(),
            measure=lambda text, role: QFontMetricsF(self._font(role)).horizontalAdvance(text),
        )  # fmt: skip

    def _metrics(self) -> Metrics:
        from inspector.timeline.layout import Metrics

        plain, small = QFontMetricsF(self.font()), QFontMetricsF(self._font("bound"))
        size = plain.height()
        return Metrics(
            line=size + 2,
            ascent=plain.ascent() + 1,
            small_line=small.height() + 1,
            small_ascent=small.ascent(),
            bar=max(14.0, size),
            gap=8.0,
            pad=8.0,
        )

    def _font(self, role: str) -> QFont:
        font = QFont(self.font())
        if role in SMALL:
            font.setPointSizeF(font.pointSizeF() * 0.9)
        if role in BOLD:
            font.setWeight(QFont.Weight.DemiBold)
        return font

    def _span(self) -> tuple[datetime, datetime] | None:
        from inspector.timeline.layout import fitted_view

        return self.view or (fitted_view(self.timeline) if self.timeline is not None else None)

    def _set_view(self, start: datetime, end: datetime) -> None:
        self.view = (start, end)
        self.relayout()

    def _paint(self, painter: QPainter) -> None:
        if self.layout_ is None:
            return
        from inspector.timeline.layout import Hatch, Line, Rect, Shape, Text

        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground, lines, letters = fills(self.theme), strokes(self.theme), inks(self.theme)
        for each in self.layout_.primitives:
            table = letters if isinstance(each, Text) else lines if isinstance(each, Line) else ground
            colour = QColor(table[each.role])
            if isinstance(each, Rect):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour)
                radius = 3.0 if each.width > 6 and each.role != "fold" else 0.0
                painter.drawRoundedRect(QRectF(each.x, each.y, each.width, each.height), radius, radius)
            elif isinstance(each, Hatch):
                faint = QColor(colour)
                faint.setAlpha(36)
                area = QRectF(each.x, each.y, each.width, each.height)
                painter.fillRect(area, faint)
                stripes = QColor(colour)
                stripes.setAlpha(150)
                painter.fillRect(area, QBrush(stripes, Qt.BrushStyle.BDiagPattern))
            elif isinstance(each, Line):
                width = 2.0 if each.role == "instant-judged" else 1.0
                pen = QPen(colour, width)
                if each.role == "instant":
                    pen.setStyle(Qt.PenStyle.DotLine)
                painter.setPen(pen)
                painter.drawLine(QPointF(each.x1, each.y1), QPointF(each.x2, each.y2))
            elif isinstance(each, Shape):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour)
                painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in each.points]))
            elif isinstance(each, Text):
                font = self._font(each.role)
                painter.setFont(font)
                painter.setPen(colour)
                width = QFontMetricsF(font).horizontalAdvance(each.text)
                left = each.x - {"start": 0.0, "middle": width / 2, "end": width}[each.anchor]
                painter.drawText(QPointF(left, each.y), each.text)


def _bounds(each: Primitive) -> QRectF:
    from inspector.timeline.layout import Hatch, Line, Rect, Shape

    if isinstance(each, Rect | Hatch):
        return QRectF(each.x, each.y, each.width, each.height)
    if isinstance(each, Line):
        return QRectF(QPointF(min(each.x1, each.x2) - 3, min(each.y1, each.y2)), QPointF(max(each.x1, each.x2) + 3, max(each.y1, each.y2)))
    if isinstance(each, Shape):
        return QPolygonF([QPointF(x, y) for x, y in each.points]).boundingRect()
    width = 7.0 * len(each.text)
    left = each.x - {"start": 0.0, "middle": width / 2, "end": width}[each.anchor]
    return QRectF(left, each.y - 12, width, 16)


class TimelineView(QFrame):
    """The strip above the tabs: one sentence, the drawing, and its buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plain")
        self.theme: Theme = LIGHT
        self._true: Timeline | None = None
        self._what_if: tuple[WhatIf, ...] = ()
        self.canvas = TimelineCanvas()
        self.scroller = QScrollArea()
        self.scroller.setWidgetResizable(True)
        self.scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroller.setWidget(self.canvas)
        self.scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.heading = label("", "title", wrap=True, selectable=True)
        self.heading.setContentsMargins(12, 8, 12, 0)
        self.heading.setAccessibleName(self.tr("What the timeline says"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.heading)
        layout.addWidget(self.scroller)
        self.tools = self._build_tools()
        self.hide()

    def show_timeline(
        self, timeline: Timeline | None, offset: timedelta | None = None, offset_name: str = "", said_above: str = ""
    ) -> None:
        """Show a timeline; None hides the strip. ``said_above``: a sentence that stands above already and is not repeated."""
        self.setVisible(timeline is not None)
        self.tools.setVisible(timeline is not None)
        self._true = timeline
        self.skew.blockSignals(True)
        self.skew.setValue(0)
        self.skew.blockSignals(False)
        self.skew_words.setText(self.tr("Allowed difference"))
        self.canvas.show_timeline(timeline, offset, offset_name)
        self.heading.setText("" if timeline is None or timeline.summary == said_above else timeline.summary)
        self.heading.setVisible(bool(self.heading.text()))
        self._fit_height()

    def restyle(self, theme: Theme) -> None:
        """Use other colours."""
        self.theme = theme
        self.canvas.theme = theme
        restyle_buttons(self.tools, theme)
        self.canvas.relayout()
        self._fit_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_height()

    def _build_tools(self) -> QWidget:
        """The buttons, to be placed where there is room: the strip itself has none to spare."""
        tools = QWidget()
        self.hover = label("", "muted")
        self.canvas.hovered.connect(self.hover.setText)
        self.skew_words = label("", "muted")
        self.skew = QSlider(Qt.Orientation.Horizontal)
        self.skew.setRange(0, len(SKEWS))
        self.skew.setFixedWidth(96)
        self.skew.setPageStep(1)
        self.skew.setAccessibleName(self.tr("Try another clock difference allowed"))
        self.skew.setToolTip(escaped(self.tr("Try another clock difference allowed; at the left, as each stack allows")))
        self.skew.valueChanged.connect(self._try_skew)
        self.copy_button = IconButton("copy", self.tr("Copy the timeline"))
        self.copy_button.setPopupMode(IconButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.copy_button)
        menu.addAction(self.tr("Copy as text"), self.copy_text)
        menu.addAction(self.tr("Copy as picture (PNG)"), self.copy_png)
        menu.addAction(self.tr("Copy as drawing (SVG)"), self.copy_svg)
        self.copy_button.setMenu(menu)
        row = QHBoxLayout(tools)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(2)
        row.addWidget(self.hover)
        row.addSpacing(8)
        row.addWidget(self.skew_words)
        row.addSpacing(8)
        row.addWidget(self.skew)
        row.addSpacing(4)
        self.zoom_buttons = (
            IconButton("zoom-in", self.tr("Zoom into the timeline (Ctrl+wheel)"), lambda: self.canvas.zoom(STEP)),
            IconButton("zoom-out", self.tr("Zoom out of the timeline"), lambda: self.canvas.zoom(1 / STEP)),
            IconButton("maximize", self.tr("Fit the timeline (double-click)"), self.canvas.fit),
        )
        for button in (*self.zoom_buttons, self.copy_button):
            row.addWidget(button)
        return tools

    def copy_text(self) -> None:
        """Copy every fact drawn, in words."""
        timeline = self.canvas.timeline
        if timeline is not None:
            QGuiApplication.clipboard().setText("\n".join((timeline.summary, *timeline.facts)))

    def copy_png(self) -> None:
        """Copy the drawing as a picture."""
        QGuiApplication.clipboard().setImage(self.canvas.picture())

    def copy_svg(self) -> None:
        """Copy the drawing as SVG text."""
        QGuiApplication.clipboard().setText(self.svg())

    def svg(self) -> str:
        """The drawing as SVG, as the report draws it."""
        from inspector.report.redaction import Redactor
        from inspector.report.timeline_svg import DARK, LIGHT, svg
        from inspector.timeline.layout import lay_out

        timeline = self.canvas.timeline
        if timeline is None:
            return ""
        layout = lay_out(
            timeline, float(self.canvas.width()), view=self.canvas.view, offset=self.canvas.offset, offset_name=self.canvas.offset_name
        )
        colours = DARK if self.theme.dark else LIGHT
        return str(
            svg(layout, colours, title=timeline.summary, description=" ".join(timeline.facts), clean=Redactor().redact, background=True)
        )

    def png(self) -> bytes:
        """The drawing as PNG."""
        data = QByteArray()
        buffer = QBuffer(data)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self.canvas.picture().save(buffer, b"PNG")
        return bytes(data.data())

    def make_room(self, width: int) -> None:
        """Leave out what does not fit beside the tabs of a pane of this width."""
        self.hover.setVisible(width >= WIDE)
        self.skew_words.setVisible(width >= WIDE)
        self.skew.setVisible(width >= NARROW)
        for button in self.zoom_buttons:
            button.setVisible(width >= NARROWEST)

    def show_what_if(self, what_if: Sequence[WhatIf]) -> None:
        """Remember what other tolerances would have let pass in the whole log; said beside the slider."""
        self._what_if = tuple(what_if)

    def _try_skew(self, stop: int) -> None:
        from inspector.clock import in_words

        if self._true is None:
            return
        if stop == 0:
            self.canvas.retell(self._true)
            self.skew_words.setText(self.tr("Allowed difference"))
            return
        allowed = timedelta(seconds=SKEWS[stop - 1])
        self.canvas.retell(with_skew(self._true, allowed))
        words = self.tr("if %s were allowed") % in_words(allowed)
        passed, refused = passing(self._what_if, allowed)
        if refused:
            words += " · " + self.tr("{passed} of {all} refused would pass").format(passed=f"{passed:,}", all=f"{refused:,}")
        self.skew_words.setText(words)

    def _fit_height(self) -> None:
        self.scroller.setFixedHeight(min(MAX_HEIGHT, self.canvas.height()))
