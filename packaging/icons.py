#!/usr/bin/env python3
"""Paints the app icon in several sizes: `icons.py DRAWING.svg FOLDER SIZE ...` writes `FOLDER/SIZExSIZE/apps/synk.png`."""

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer


def main(arguments: Sequence[str]) -> int:
    """Paint each size; 1 if one cannot be written."""
    drawing, folder, *sizes = arguments
    application = QGuiApplication(["icons", "-platform", "offscreen"])
    renderer = QSvgRenderer(drawing)
    results = [paint(renderer, int(size), Path(folder) / f"{size}x{size}" / "apps" / "synk.png") for size in sizes]
    application.shutdown()
    return 0 if all(results) else 1


def paint(renderer: QSvgRenderer, size: int, target: Path) -> bool:
    """One square picture of `size` pixels; False if it cannot be written."""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    target.parent.mkdir(parents=True, exist_ok=True)
    return bool(image.save(str(target)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
