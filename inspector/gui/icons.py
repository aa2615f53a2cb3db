"""Icons: the bundled SVG outlines, drawn in a colour of the theme at the screen's own resolution."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from inspector.events import Level
from inspector.resources import resource_path

LEVEL_ICONS = {
    Level.CRITICAL: "octagon-x",
    Level.ERROR: "circle-x",
    Level.WARNING: "triangle-alert",
    Level.INFORMATION: "info",
    Level.VERBOSE: "message-square-text",
    Level.AUDIT_FAILURE: "shield-x",
    Level.AUDIT_SUCCESS: "shield-check",
    Level.UNKNOWN: "circle-minus",
}
"""Every level has a shape of its own, so that colour is never the only mark."""


@lru_cache(maxsize=128)
def _outline(name: str) -> str:
    return (resource_path("icons") / f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=1024)
def pixmap(name: str, colour: str, side: int, ratio: float = 1.0) -> QPixmap:
    """One icon as a picture ``side`` logical pixels square, stroked in ``colour``."""
    renderer = QSvgRenderer(QByteArray(_outline(name).replace("currentColor", colour).encode()))
    picture = QPixmap(QSize(round(side * ratio), round(side * ratio)))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter, QRectF(0, 0, side * ratio, side * ratio))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def icon(name: str, colour: str, disabled: str = "") -> QIcon:
    """One icon for a button or a menu, sharp at 100, 200 and 300 %."""
    result = QIcon()
    for ratio in (1.0, 2.0, 3.0):
        result.addPixmap(pixmap(name, colour, 16, ratio))
        if disabled:
            result.addPixmap(pixmap(name, disabled, 16, ratio), QIcon.Mode.Disabled)
    return result


def app_icon() -> QIcon:
    """The program's own icon."""
    result = QIcon()
    for side in (16, 24, 32, 48, 64, 128, 256):
        result.addPixmap(pixmap("app", "", side))
    return result
