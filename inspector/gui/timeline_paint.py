"""Paints a timeline's drawing in the window: the core's layout with Qt's pens, in the colours of the theme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from inspector.gui.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from inspector.timeline.drawing import Layout, Metrics, Primitive
    from inspector.timeline.palette import Palette

RADIUS: Final = 3.0


def palette_of(theme: Theme) -> Palette:
    """The drawing's colours; texts and lines are the window's own."""
    from inspector.timeline.palette import DARK, LIGHT

    own = {
        "background": theme.base,
        "text": theme.text,
        "muted": theme.muted,
        "good": theme.success,
        "warning": theme.warning,
        "bad": theme.error,
        "judged": theme.accent,
        "on_judged": theme.on_accent,
        "instant": theme.muted,
        "hairline": theme.hairline,
    }
    return {**(DARK if theme.dark else LIGHT), **own}


def font_of(font: QFont, role: str) -> QFont:
    """The font of a role, from the widget's."""
    from inspector.timeline.drawing import BOLD, HEADLINE_SIZE, HEADLINES, SMALL, SMALL_SIZE

    result = QFont(font)
    if role in SMALL:
        result.setPointSizeF(font.pointSizeF() * SMALL_SIZE)
    elif role in HEADLINES:
        result.setPointSizeF(font.pointSizeF() * HEADLINE_SIZE)
    if role in BOLD | HEADLINES:
        result.setWeight(QFont.Weight.DemiBold)
    return result


def metrics_of(font: QFont) -> Metrics:
    """Sizes of a drawing in a font."""
    from inspector.timeline.drawing import Metrics

    plain, small, head = (QFontMetricsF(font_of(font, role)) for role in ("sentence", "bound", "headline-good"))
    return Metrics(
        line=plain.height() + 2,
        ascent=plain.ascent() + 1,
        small_line=small.height() + 1,
        small_ascent=small.ascent() + 0.5,
        head_line=head.height() + 4,
        head_ascent=head.ascent() + 2,
        bar=max(18.0, small.height() + 4),
    )


def measure_with(font: QFont) -> Callable[[str, str], float]:
    """Measures texts in the font's roles; each role's font is made once."""
    known: dict[str, QFontMetricsF] = {}

    def measure(text: str, role: str) -> float:
        if role not in known:
            known[role] = QFontMetricsF(font_of(font, role))
        return known[role].horizontalAdvance(text)

    return measure


def paint(painter: QPainter, layout: Layout, palette: Palette, font: QFont) -> None:
    """Paint a drawing."""
    from inspector.timeline.drawing import Hatch, Line, Rect, Shape
    from inspector.timeline.palette import DASHED, FILLS, STROKES, TEXTS, WIDTHS

    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for each in layout.primitives:
        if isinstance(each, Rect):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette[FILLS[each.role]]))
            radius = RADIUS if each.width > 2 * RADIUS else 0.0
            painter.drawRoundedRect(QRectF(each.x, each.y, each.width, each.height), radius, radius)
        elif isinstance(each, Hatch):
            _hatch(painter, QRectF(each.x, each.y, each.width, each.height), palette)
        elif isinstance(each, Line):
            pen = QPen(QColor(palette[STROKES[each.role]]), WIDTHS.get(each.role, 1.0))
            pen.setCapStyle(Qt.PenCapStyle.RoundCap if each.role == "mark-stroke" else Qt.PenCapStyle.FlatCap)
            if each.role in DASHED:
                pen.setStyle(Qt.PenStyle.DotLine)
            painter.setPen(pen)
            painter.drawLine(QPointF(each.x1, each.y1), QPointF(each.x2, each.y2))
        elif isinstance(each, Shape):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette[FILLS[each.role]]))
            painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in each.points]))
        else:
            own = font_of(font, each.role)
            painter.setFont(own)
            painter.setPen(QColor(palette[TEXTS[each.role]]))
            width = QFontMetricsF(own).horizontalAdvance(each.text)
            left = each.x - {"start": 0.0, "middle": width / 2, "end": width}[each.anchor]
            painter.drawText(QPointF(left, each.y), each.text)


def _hatch(painter: QPainter, area: QRectF, palette: Palette) -> None:
    """Allowed difference: the ground shows through, stripes tell it from what is valid and from what is refused."""
    ground, stripes = QColor(palette["background"]), QColor(palette["skew"])
    painter.fillRect(area, ground)
    faint = QColor(stripes)
    faint.setAlpha(30)
    painter.fillRect(area, faint)
    stripes.setAlpha(140)
    painter.save()
    painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(stripes, 1.25))
    step, x = 6.0, area.left() - area.height()
    while x < area.right():
        painter.drawLine(QPointF(x, area.bottom()), QPointF(x + area.height(), area.top()))
        x += step
    painter.restore()


def bounds_of(each: Primitive, measure: Callable[[str, str], float]) -> QRectF:
    """Where something is on the drawing, for tool tips."""
    from inspector.timeline.drawing import Hatch, Line, Rect, Shape

    if isinstance(each, Rect | Hatch):
        return QRectF(each.x, each.y, each.width, each.height)
    if isinstance(each, Line):
        return QRectF(QPointF(min(each.x1, each.x2) - 3, min(each.y1, each.y2)), QPointF(max(each.x1, each.x2) + 3, max(each.y1, each.y2)))
    if isinstance(each, Shape):
        return QPolygonF([QPointF(x, y) for x, y in each.points]).boundingRect()
    width = measure(each.text, each.role)
    left = each.x - {"start": 0.0, "middle": width / 2, "end": width}[each.anchor]
    return QRectF(left, each.y - 12, width, 16)
