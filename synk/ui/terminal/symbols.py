"""The characters that are drawn instead of taken from a font, because they have to meet their neighbors exactly."""

import re

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath

from synk.ui.terminal.block_drawing import draw_block, fill_polygon
from synk.ui.terminal.box_drawing import draw_lines, stroke

DRAWN = (
    "\u2500-\u259f\u2800-\u28ff\u2b1d\ue0b0-\ue0bf"
    "\U0001cc21-\U0001cc2f\U0001cd00-\U0001cde5\U0001ce51-\U0001ce8f\U0001cea0\U0001cea3\U0001cea8\U0001ceab"
    "\U0001fb00-\U0001fb92\U0001fb94-\U0001fbae\U0001fbce\U0001fbcf\U0001fbe4-\U0001fbe7"
)
"""The characters `draw_symbol` draws, as the inside of a regular expression's brackets."""

SMALL_SQUARE = "\u2b1d"
"""Few fonts have it, and OpenCode's bar of work is made of it."""

_IS_DRAWN = re.compile(f"[{DRAWN}]")

# Powerline U+E0B0-E0BF: which shape, whether it is mirrored, and whether it is filled.
_POWERLINE = {
    "\ue0b0": ("arrow", False, True), "\ue0b1": ("arrow", False, False),
    "\ue0b2": ("arrow", True, True), "\ue0b3": ("arrow", True, False),
    "\ue0b4": ("round", False, True), "\ue0b5": ("round", False, False),
    "\ue0b6": ("round", True, True), "\ue0b7": ("round", True, False),
    "\ue0b8": ("lower", False, True), "\ue0b9": ("lower", False, False),
    "\ue0ba": ("lower", True, True), "\ue0bb": ("lower", True, False),
    "\ue0bc": ("upper", False, True), "\ue0bd": ("upper", False, False),
    "\ue0be": ("upper", True, True), "\ue0bf": ("upper", True, False),
}  # fmt: skip


def is_symbol(text: str) -> bool:
    """Whether it is one character of `DRAWN`."""
    return len(text) == 1 and _IS_DRAWN.match(text) is not None


def draw_symbol(painter: QPainter, symbol: str, area: QRectF, color: QColor, line: float) -> None:
    """Draw one character of `DRAWN` into its cell; `line` is the width of a light line.

    All in device pixels, `area` on whole ones.
    """
    if symbol == SMALL_SQUARE:
        _draw_small_square(painter, area, color)
    elif not draw_lines(painter, symbol, area, color, line) and not draw_block(painter, symbol, area, color, line):
        _draw_powerline(painter, symbol, area, color, line)


def _draw_small_square(painter: QPainter, area: QRectF, color: QColor) -> None:
    """In the middle of the cell, a third as wide as it."""
    side = max(1, round(area.width() / 3))
    left, top = area.left() + (area.width() - side) // 2, area.top() + (area.height() - side) // 2
    painter.fillRect(QRectF(left, top, side, side), color)


def _draw_powerline(painter: QPainter, symbol: str, area: QRectF, color: QColor, line: float) -> None:
    """As in the Powerline fonts: arrows, half circles, and triangles in a corner of the cell."""
    shape, is_mirrored, is_filled = _POWERLINE[symbol]
    near, far = (area.right(), area.left()) if is_mirrored else (area.left(), area.right())
    middle = area.center().y()
    path = QPainterPath(QPointF(near, area.top()))
    if shape == "arrow":
        path.lineTo(QPointF(far, middle))
        path.lineTo(QPointF(near, area.bottom()))
    elif shape == "round":
        _add_half_circle(path, near, far, area)
    elif shape == "lower":
        path.lineTo(QPointF(far, area.bottom()))
        if is_filled:
            path.lineTo(QPointF(near, area.bottom()))
    elif is_filled:
        path.lineTo(QPointF(far, area.top()))
        path.lineTo(QPointF(near, area.bottom()))
    else:
        path = QPainterPath(QPointF(far, area.top()))
        path.lineTo(QPointF(near, area.bottom()))
    if is_filled:
        fill_polygon(painter, path.toFillPolygon(), color)
    else:
        painter.save()
        painter.setClipRect(area)
        stroke(painter, path, color, line)
        painter.restore()


def _add_half_circle(path: QPainterPath, near: float, far: float, area: QRectF) -> None:
    """Half an ellipse as wide as the cell: two quarters with the usual cubic approximation."""
    reach, rise = (far - near) * 0.5523, area.height() / 2 * 0.5523
    middle = area.center().y()
    path.cubicTo(QPointF(near + reach, area.top()), QPointF(far, middle - rise), QPointF(far, middle))
    path.cubicTo(QPointF(far, middle + rise), QPointF(near + reach, area.bottom()), QPointF(near, area.bottom()))
