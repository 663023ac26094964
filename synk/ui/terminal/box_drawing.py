"""Box drawing: lines, corners, dashes and diagonals drawn to the edges of the cell, so that they join.

Unicode charts U+2500 (Box Drawing) and U+1FB00 (Symbols for Legacy Computing).
"""

import math
import re

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

# Arms of U+2500-254B and 2574-257F in the order left, up, right, down; "-" none, "l" light, "h" heavy.
_ARMS: dict[str, str] = dict(
    re.findall(
        r"(\S):(\S{4})",
        "─:l-l- ━:h-h- │:-l-l ┃:-h-h ┌:--ll ┍:--hl ┎:--lh ┏:--hh ┐:l--l ┑:h--l ┒:l--h ┓:h--h "
        "└:-ll- ┕:-lh- ┖:-hl- ┗:-hh- ┘:ll-- ┙:hl-- ┚:lh-- ┛:hh-- ├:-lll ┝:-lhl ┞:-hll ┟:-llh ┠:-hlh ┡:-hhl ┢:-lhh ┣:-hhh "
        "┤:ll-l ┥:hl-l ┦:lh-l ┧:ll-h ┨:lh-h ┩:hh-l ┪:hl-h ┫:hh-h ┬:l-ll ┭:h-ll ┮:l-hl ┯:h-hl ┰:l-lh ┱:h-lh ┲:l-hh ┳:h-hh "
        "┴:lll- ┵:hll- ┶:llh- ┷:hlh- ┸:lhl- ┹:hhl- ┺:lhh- ┻:hhh- ┼:llll ┽:hlll ┾:llhl ┿:hlhl ╀:lhll ╁:lllh ╂:lhlh ╃:hhll "
        "╄:lhhl ╅:hllh ╆:llhh ╇:hhhl ╈:hlhh ╉:hhlh ╊:lhhh ╋:hhhh "
        "╴:l--- ╵:-l-- ╶:--l- ╷:---l ╸:h--- ╹:-h-- ╺:--h- ╻:---h ╼:l-h- ╽:-l-h ╾:h-l- ╿:-h-l",
    )
)

# Dashes: number of strokes, "h" heavy or "l" light, horizontal or vertical.
_DASHES = {
    "┄": (3, "l", True), "┅": (3, "h", True), "┆": (3, "l", False), "┇": (3, "h", False),
    "┈": (4, "l", True), "┉": (4, "h", True), "┊": (4, "l", False), "┋": (4, "h", False),
    "╌": (2, "l", True), "╍": (2, "h", True), "╎": (2, "l", False), "╏": (2, "h", False),
}  # fmt: skip

# Double lines: arms left, up, right, down; "d" double, "l" single.
_DOUBLE: dict[str, str] = dict(
    re.findall(
        r"(\S):(\S{4})",
        "═:d-d- ║:-d-d ╒:--dl ╓:--ld ╔:--dd ╕:d--l ╖:l--d ╗:d--d ╘:-ld- ╙:-dl- ╚:-dd- ╛:dl-- ╜:ld-- ╝:dd-- ╞:-ldl ╟:-dld ╠:-ddd "
        "╡:dl-l ╢:ld-d ╣:dd-d ╤:d-dl ╥:l-ld ╦:d-dd ╧:dld- ╨:ldl- ╩:ddd- ╪:dldl ╫:ldld ╬:dddd",
    )
)


# Lines between the middles of the edges U+1FBA0-1FBAE: from left, up, right or down to the next of them.
_EDGES = ("ul", "ur", "ld", "rd", "uld", "urd", "ldr", "lur", "ul rd", "ur ld", "urdl", "uldr", "lurd", "ruld", "lurdl")


def draw_lines(painter: QPainter, symbol: str, area: QRectF, color: QColor, line: float) -> bool:
    """Draw a character made of lines into its cell; `line` is the width of a light line. False: it is none.

    All in device pixels, `area` on whole ones.
    """
    if arms := _ARMS.get(symbol):
        _draw_arms(painter, arms, area, color, line)
    elif arms := _DOUBLE.get(symbol):
        _draw_double(painter, arms, area, color, line)
    elif dash := _DASHES.get(symbol):
        _draw_dashes(painter, *dash, area, color, line)
    elif symbol in "╭╮╯╰":
        _draw_corner(painter, symbol, area, color, line)
    elif symbol in "╱╲╳":
        _draw_diagonals(painter, symbol, area, color, line)
    elif "\U0001fba0" <= symbol <= "\U0001fbae":
        _draw_edges(painter, _EDGES[ord(symbol) - 0x1FBA0], area, color, line)
    else:
        return False
    return True


def _weight(arm: str, line: float) -> float:
    return {"-": 0.0, "l": line, "h": 2 * line + _odd(line)}[arm]


def _odd(line: float) -> float:
    """Heavy lines are three device pixels where light ones are one: both then share their middle pixel."""
    return line if line <= 1 else 0.0


def _center(area: QRectF, line: float) -> tuple[float, float]:
    """Left and top of a light line through the middle, on whole multiples of the line so that neighbors agree."""
    x = area.left() + math.floor((area.width() - line) / 2 / line) * line
    y = area.top() + math.floor((area.height() - line) / 2 / line) * line
    return x, y


def _draw_arms(painter: QPainter, arms: str, area: QRectF, color: QColor, line: float) -> None:
    x, y = _center(area, line)
    left, up, right, down = (_weight(arm, line) for arm in arms)
    # The middle is as wide as the heaviest line that crosses, so that corners are closed.
    across, along = max(up, down), max(left, right)
    if left:
        top = y - (left - line) / 2
        painter.fillRect(QRectF(area.left(), top, x + line / 2 + max(across, line) / 2 - area.left(), left), color)
    if right:
        start = x + line / 2 - max(across, line) / 2
        painter.fillRect(QRectF(start, y - (right - line) / 2, area.right() - start, right), color)
    if up:
        bottom = y + line / 2 + max(along, line) / 2
        painter.fillRect(QRectF(x - (up - line) / 2, area.top(), up, bottom - area.top()), color)
    if down:
        start = y + line / 2 - max(along, line) / 2
        painter.fillRect(QRectF(x - (down - line) / 2, start, down, area.bottom() - start), color)


def _draw_double(painter: QPainter, arms: str, area: QRectF, color: QColor, line: float) -> None:
    """Double lines run one line width beside the middle; each stroke stops where it meets the strokes across it."""
    x, y = _center(area, line)
    left, up, right, down = tuple(arms)
    xs = (x - line, x + line) if "d" in (up, down) else (x, x)
    ys = (y - line, y + line) if "d" in (left, right) else (y, y)
    for arm, opposite, is_first in ((left, right, True), (right, left, False)):
        for at, stop in _strokes(arm, opposite, (up, down), lanes=ys, middle=(x, y), across=xs if is_first else xs[::-1]):
            start, end = (area.left(), stop + line) if is_first else (stop, area.right())
            painter.fillRect(QRectF(start, at, end - start, line), color)
    for arm, opposite, is_first in ((up, down, True), (down, up, False)):
        for at, stop in _strokes(arm, opposite, (left, right), lanes=xs, middle=(y, x), across=ys if is_first else ys[::-1]):
            start, end = (area.top(), stop + line) if is_first else (stop, area.bottom())
            painter.fillRect(QRectF(at, start, line, end - start), color)


def _strokes(
    arm: str,
    opposite: str,
    sides: tuple[str, str],
    *,
    lanes: tuple[float, float],
    middle: tuple[float, float],
    across: tuple[float, float],
) -> list[tuple[float, float]]:
    """Lane and end of each stroke of one arm. `across`: the strokes it may meet, its own side first; `middle`: along, lane."""
    near, far = across
    if arm == "d":
        ends = [near if side != "-" else middle[0] if opposite != "-" else far for side in sides]
        return list(zip(lanes, ends, strict=True))
    if arm == "l":
        return [(middle[1], middle[0] if opposite != "-" else near if "-" not in sides else far)]
    return []


def _draw_dashes(
    painter: QPainter, count: int, weight: str, is_horizontal: bool, area: QRectF, color: QColor, line: float
) -> None:
    x, y = _center(area, line)
    thick = _weight(weight, line)
    length = area.width() if is_horizontal else area.height()
    step = length / count
    for index in range(count):
        start, size = index * step + step * 0.2, step * 0.6
        if is_horizontal:
            painter.fillRect(QRectF(area.left() + start, y - (thick - line) / 2, size, thick), color)
        else:
            painter.fillRect(QRectF(x - (thick - line) / 2, area.top() + start, thick, size), color)


def _draw_corner(painter: QPainter, symbol: str, area: QRectF, color: QColor, line: float) -> None:
    x, y = _center(area, line)
    cx, cy = x + line / 2, y + line / 2
    to_right, to_bottom = symbol in "╭╰", symbol in "╭╮"
    end_x, end_y = (area.right() if to_right else area.left()), (area.bottom() if to_bottom else area.top())
    # The arc ends inside the cell, so that the straight part meets the neighbor's line squarely.
    radius = max(line, min(area.width(), area.height()) / 2 - line)
    from_x = cx + (radius if to_right else -radius)
    from_y = cy + (radius if to_bottom else -radius)
    path = QPainterPath(QPointF(end_x, cy))
    path.lineTo(QPointF(from_x, cy))
    path.quadTo(QPointF(cx, cy), QPointF(cx, from_y))
    path.lineTo(QPointF(cx, end_y))
    stroke(painter, path, color, line)


def _draw_diagonals(painter: QPainter, symbol: str, area: QRectF, color: QColor, line: float) -> None:
    path = QPainterPath()
    if symbol in "╱╳":
        path.moveTo(area.bottomLeft())
        path.lineTo(area.topRight())
    if symbol in "╲╳":
        path.moveTo(area.topLeft())
        path.lineTo(area.bottomRight())
    stroke(painter, path, color, line)


def _draw_edges(painter: QPainter, ways: str, area: QRectF, color: QColor, line: float) -> None:
    x, y = _center(area, line)
    middle = QPointF(x + line / 2, y + line / 2)
    places = {
        "l": QPointF(area.left(), middle.y()),
        "u": QPointF(middle.x(), area.top()),
        "r": QPointF(area.right(), middle.y()),
        "d": QPointF(middle.x(), area.bottom()),
    }
    path = QPainterPath()
    for way in ways.split(" "):
        path.moveTo(places[way[0]])
        for place in way[1:]:
            path.lineTo(places[place])
    stroke(painter, path, color, line)


def stroke(painter: QPainter, path: QPainterPath, color: QColor, line: float) -> None:
    """Draw a path as a line of that width."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(color, line)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    painter.restore()
