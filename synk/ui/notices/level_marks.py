"""The marks of messages: each level differs in shape, not only in color."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from synk.base.events import Level
from synk.ui.theme import Theme

LEVEL_TOKENS: dict[Level, str] = {"info": "blue", "success": "green", "warning": "orange", "error": "red"}
"""The color of each level, as a token of the theme."""

UNITS = 12
"""The marks are drawn on a square of so many units."""


def draw_level(painter: QPainter, theme: Theme, level: Level, area: QRectF) -> None:
    """Draw the mark of a level into a square: a ring with an i, a ring with a tick, a triangle, an octagon."""
    color = theme.colors.token(LEVEL_TOKENS[level])
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(area.topLeft())
    painter.scale(area.width() / UNITS, area.height() / UNITS)
    painter.setPen(_pen(color))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    match level:
        case "info":
            painter.drawEllipse(QPointF(6, 6), 5.2, 5.2)
            _lines(painter, ((6, 5.6), (6, 8.6)), ((6, 3.4), (6, 3.5)))
        case "success":
            painter.drawEllipse(QPointF(6, 6), 5.2, 5.2)
            painter.drawPolyline(_points((3.7, 6.3), (5.3, 7.8), (8.4, 4.4)))
        case "warning":
            painter.drawPolygon(_points((6, 0.9), (11.6, 10.7), (0.4, 10.7)))
            _lines(painter, ((6, 4.6), (6, 7.2)), ((6, 8.9), (6, 9)))
        case "error":
            near, far = 3.4, 8.6
            corners = ((near, 0.7), (far, 0.7), (11.3, near), (11.3, far), (far, 11.3), (near, 11.3), (0.7, far), (0.7, near))
            painter.drawPolygon(_points(*corners))
            _lines(painter, ((6, 3.3), (6, 6.3)), ((6, 8.6), (6, 8.7)))
    painter.restore()


def _pen(color: QColor) -> QPen:
    return QPen(color, 1.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def _points(*places: tuple[float, float]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in places])


def _lines(painter: QPainter, *lines: tuple[tuple[float, float], tuple[float, float]]) -> None:
    for start, end in lines:
        painter.drawLine(QPointF(*start), QPointF(*end))
