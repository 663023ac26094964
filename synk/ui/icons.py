"""Line icons, drawn: one weight, one grid of 16 units, in whatever color and size they are needed."""

import math
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

Icon = Literal["plus", "bell", "gear", "folder", "terminal", "restore", "keyboard", "branch", "grid", "sidebar"]

GRID = 16
"""Units of the square all icons are drawn in."""
LINE = 1.35
"""Width of every line in those units: light enough beside 13 px text."""
TEETH = 8


def draw_icon(painter: QPainter, icon: Icon, area: QRectF, color: QColor) -> None:
    """Draw into a square, lines only."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(area.topLeft())
    painter.scale(area.width() / GRID, area.height() / GRID)
    pen = QPen(color, LINE, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(_PATHS[icon]())
    painter.restore()


def _plus() -> QPainterPath:
    path = QPainterPath(QPointF(8, 3.5))
    path.lineTo(8, 12.5)
    path.moveTo(3.5, 8)
    path.lineTo(12.5, 8)
    return path


def _bell() -> QPainterPath:
    path = QPainterPath(QPointF(2.6, 11.6))
    path.cubicTo(4.2, 10.2, 3.9, 8.4, 4, 6.6)
    path.cubicTo(4.2, 4.2, 5.8, 2.6, 8, 2.6)
    path.cubicTo(10.2, 2.6, 11.8, 4.2, 12, 6.6)
    path.cubicTo(12.1, 8.4, 11.8, 10.2, 13.4, 11.6)
    path.closeSubpath()
    path.moveTo(6.6, 13.7)
    path.cubicTo(7.2, 14.4, 8.8, 14.4, 9.4, 13.7)
    return path


def _gear() -> QPainterPath:
    path = QPainterPath()
    inner, outer = 4.5, 6.1
    half = math.pi / TEETH
    for tooth in range(TEETH):
        middle = 2 * math.pi * tooth / TEETH
        for radius, offset in ((inner, -0.62), (outer, -0.4), (outer, 0.4), (inner, 0.62)):
            point = _on_circle(radius, middle + offset * half)
            if path.elementCount():
                path.lineTo(point)
            else:
                path.moveTo(point)
    path.closeSubpath()
    path.addEllipse(QPointF(8, 8), 2, 2)
    return path


def _on_circle(radius: float, angle: float) -> QPointF:
    return QPointF(8 + radius * math.cos(angle), 8 + radius * math.sin(angle))


def _folder() -> QPainterPath:
    path = QPainterPath(QPointF(1.9, 11.9))
    path.lineTo(1.9, 4.1)
    path.quadTo(1.9, 3.1, 2.9, 3.1)
    path.lineTo(5.8, 3.1)
    path.lineTo(7.4, 4.9)
    path.lineTo(13.1, 4.9)
    path.quadTo(14.1, 4.9, 14.1, 5.9)
    path.lineTo(14.1, 11.9)
    path.quadTo(14.1, 12.9, 13.1, 12.9)
    path.lineTo(2.9, 12.9)
    path.quadTo(1.9, 12.9, 1.9, 11.9)
    return path


def _terminal() -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(QRectF(1.8, 2.8, 12.4, 10.4), 1.6, 1.6)
    path.moveTo(4.6, 6)
    path.lineTo(6.8, 8)
    path.lineTo(4.6, 10)
    path.moveTo(8.4, 10.2)
    path.lineTo(11.2, 10.2)
    return path


def _restore() -> QPainterPath:
    path = QPainterPath()
    circle = QRectF(2.6, 2.6, 10.8, 10.8)
    path.arcMoveTo(circle, 165)
    path.arcTo(circle, 165, -325)
    path.moveTo(2.6, 3.2)
    path.lineTo(2.9, 6.6)
    path.lineTo(6.2, 6.2)
    path.moveTo(8, 5.3)
    path.lineTo(8, 8.2)
    path.lineTo(10, 9.4)
    return path


def _keyboard() -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(QRectF(1.5, 4, 13, 8.2), 1.6, 1.6)
    for x in (4.2, 6.7, 9.3, 11.8):
        path.moveTo(x, 6.7)
        path.lineTo(x + 0.01, 6.7)
    path.moveTo(5.2, 9.6)
    path.lineTo(10.8, 9.6)
    return path


def _branch() -> QPainterPath:
    path = QPainterPath()
    for x, y in ((4.6, 3.9), (4.6, 12.1), (11.4, 4.6)):
        path.addEllipse(QPointF(x, y), 1.7, 1.7)
    path.moveTo(4.6, 5.6)
    path.lineTo(4.6, 10.4)
    path.moveTo(11.4, 6.3)
    path.cubicTo(11.4, 9, 6.6, 7.6, 4.9, 10.4)
    return path


def _grid() -> QPainterPath:
    path = QPainterPath()
    for x in (2.4, 8.9):
        for y in (2.4, 8.9):
            path.addRoundedRect(QRectF(x, y, 4.7, 4.7), 1.1, 1.1)
    return path


def _sidebar() -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(QRectF(2.5, 3.2, 11, 9.6), 1.6, 1.6)
    path.moveTo(6.4, 3.2)
    path.lineTo(6.4, 12.8)
    return path


_PATHS = {
    "plus": _plus,
    "bell": _bell,
    "gear": _gear,
    "folder": _folder,
    "terminal": _terminal,
    "restore": _restore,
    "keyboard": _keyboard,
    "branch": _branch,
    "grid": _grid,
    "sidebar": _sidebar,
}
