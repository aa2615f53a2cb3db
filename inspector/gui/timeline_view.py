"""The timeline strip: the drawing, and the buttons that zoom it, copy it and try another tolerance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QScrollArea, QSizePolicy, QSlider, QVBoxLayout, QWidget

from inspector.gui.parts import IconButton, escaped, label, restyle_buttons
from inspector.gui.theme import LIGHT, Theme
from inspector.gui.timeline_canvas import STEP, TimelineCanvas

if TYPE_CHECKING:
    from inspector.diagnosis.base import HostClock, WhatIf
    from inspector.timeline import Timeline, UsualArrival

MAX_LINES: Final = 15
"""Height of the strip, in lines of text, beyond which its lanes scroll."""
LEAST_LINES: Final = 6
"""Height of the strip, in lines of text, that it keeps in the lowest pane."""
LINES_LEFT: Final = 14
"""Height of the pane that the strip leaves to the head and the tabs, in lines of text…"""
SHARE: Final = 0.45
"""…unless that would leave it less than this share of the pane."""
WIDE: Final = 860
NARROW: Final = 660
NARROWEST: Final = 540
"""Widths of the pane, in pixels, below which the buttons beside the tabs are fewer."""
ENOUGH: Final = 20
"""Messages of a host from which its clock is drawn beside one of them."""
SKEWS: Final = (5, 30, 60, 300, 600, 900, 3600)
"""Clock differences to try, in seconds."""


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


class _Scroller(QScrollArea):
    """Wants a height, and gives way where there is less."""

    wanted = 0

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.wanted)

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), min(self.wanted, LEAST_LINES * self.fontMetrics().lineSpacing()))


class TimelineView(QFrame):
    """The strip above the tabs: one sentence, the drawing, and its buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plain")
        self.theme: Theme = LIGHT
        self._true: Timeline | None = None
        self._what_if: tuple[WhatIf, ...] = ()
        self._usual: dict[str, UsualArrival] = {}
        self._most = 1 << 20
        """Height that the pane leaves to the strip, in pixels."""
        self.canvas = TimelineCanvas()
        self.scroller = _Scroller()
        self.scroller.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.scroller.setWidgetResizable(True)
        self.scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroller.setWidget(self.canvas)
        self.scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scroller.verticalScrollBar().valueChanged.connect(lambda _place: self.canvas.update())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.scroller)
        self.tools = self._build_tools()
        self.hide()

    def show_timeline(self, timeline: Timeline | None, offset: timedelta | None = None, offset_name: str = "", host: str = "") -> None:
        """Show a timeline, with what many messages of its host show; None hides the strip."""
        if timeline is not None and host in self._usual:
            from inspector.timeline import with_usual

            timeline = with_usual(timeline, self._usual[host])
        self.setVisible(timeline is not None)
        self.tools.setVisible(timeline is not None)
        self._true = timeline
        self.skew.blockSignals(True)
        self.skew.setValue(0)
        self.skew.blockSignals(False)
        self.skew_words.setText(self.tr("Allowed difference"))
        self.canvas.show_timeline(timeline, offset, offset_name)
        self._fit_height()

    def restyle(self, theme: Theme) -> None:
        """Use other colours."""
        self.theme = theme
        self.canvas.theme = theme
        restyle_buttons(self.tools, theme)
        self.relayout()

    def relayout(self) -> None:
        """Draw for the font of now."""
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
        from inspector.report.timeline_svg import svg
        from inspector.timeline.layout import lay_out
        from inspector.timeline.palette import DARK
        from inspector.timeline.palette import LIGHT as BRIGHT

        timeline = self.canvas.timeline
        if timeline is None:
            return ""
        layout = lay_out(
            timeline, float(self.canvas.width()), view=self.canvas.view, offset=self.canvas.offset, offset_name=self.canvas.offset_name
        )
        colours = DARK if self.theme.dark else BRIGHT
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

    def make_room(self, width: int, height: int) -> None:
        """Leave out what does not fit beside the tabs of a pane of this size, and leave the tabs their share of it."""
        self._most = max(round(height * SHARE), height - LINES_LEFT * self.fontMetrics().lineSpacing())
        self._fit_height()
        self.hover.setVisible(width >= WIDE)
        self.skew_words.setVisible(width >= WIDE)
        self.skew.setVisible(width >= NARROW)
        for button in self.zoom_buttons:
            button.setVisible(width >= NARROWEST)

    def show_whole(self, what_if: Sequence[WhatIf], clocks: Sequence[HostClock]) -> None:
        """Remember what the whole log shows: what other tolerances would have let pass, and each host's clock."""
        self._what_if = tuple(what_if)
        self._usual = {clock.host: clock.usual for clock in clocks if clock.usual is not None and clock.usual.count >= ENOUGH}

    def _try_skew(self, stop: int) -> None:
        from inspector.clock import in_words
        from inspector.timeline import with_tolerance

        if self._true is None:
            return
        if stop == 0:
            self.canvas.retell(self._true)
            self.skew_words.setText(self.tr("Allowed difference"))
            return
        allowed = timedelta(seconds=SKEWS[stop - 1])
        self.canvas.retell(with_tolerance(self._true, allowed))
        words = self.tr("if %s were allowed") % in_words(allowed)
        passed, refused = passing(self._what_if, allowed)
        if refused:
            words += " · " + self.tr("{passed} of {all} refused would pass").format(passed=f"{passed:,}", all=f"{refused:,}")
        self.skew_words.setText(words)

    def _fit_height(self) -> None:
        self.scroller.wanted = min(MAX_LINES * self.fontMetrics().lineSpacing(), self._most, self.canvas.height())
        self.scroller.updateGeometry()
