"""Paints the program's icon, drawn by us as an SVG, in the sizes and containers that the systems want."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from product import ROOT

DRAWING: Final = ROOT / "resources/icons/app.svg"
WINDOWS_SIZES: Final = (16, 20, 24, 32, 40, 48, 64, 256)
LINUX_SIZES: Final = (16, 22, 24, 32, 48, 64, 128, 256)
APPLE_KINDS: Final = {
    "icp4": 16,
    "icp5": 32,
    "ic07": 128,
    "ic08": 256,
    "ic09": 512,
    "ic10": 1024,
    "ic11": 32,
    "ic12": 64,
    "ic13": 256,
    "ic14": 512,
}
"""Type code of an icon family's entry to its pixels; ic11 to ic14 are those for screens of double density."""


def painted(size: int, drawing: Path = DRAWING) -> bytes:
    """The icon as a PNG of so many pixels each way."""
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(drawing)).render(painter)
    painter.end()
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(content.data())


def windows_icon(pictures: Mapping[int, bytes]) -> bytes:
    """PNG pictures by size as one .ico file (since Windows Vista its entries may be PNG)."""
    head = struct.pack("<HHH", 0, 1, len(pictures))
    entries, at = b"", len(head) + 16 * len(pictures)
    for size, picture in pictures.items():
        entries += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(picture), at)
        at += len(picture)
    return head + entries + b"".join(pictures.values())


def apple_icon(pictures: Mapping[str, bytes]) -> bytes:
    """PNG pictures by type code as one .icns file."""
    entries = b"".join(kind.encode("ascii") + struct.pack(">I", len(picture) + 8) + picture for kind, picture in pictures.items())
    return b"icns" + struct.pack(">I", len(entries) + 8) + entries


def write_windows_icon(target: Path) -> None:
    """Paint the icon of the Windows programs."""
    target.write_bytes(windows_icon({size: painted(size) for size in WINDOWS_SIZES}))


def write_apple_icon(target: Path) -> None:
    """Paint the icon of the application bundle."""
    target.write_bytes(apple_icon({kind: painted(size) for kind, size in APPLE_KINDS.items()}))
