"""Blocks, mosaics and braille drawn on whole pixels, so that neighbors join and halves are halves.

Unicode charts U+2580 (Block Elements), U+2800 (Braille Patterns), U+1FB00 (Symbols for Legacy Computing) and U+1CC00
(its supplement, Unicode 16). All in device pixels.
"""

import unicodedata
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from synk.ui.theme import faded

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in eighths of the cell."""

_LEFT, _RIGHT, _UPPER, _LOWER = (0, 0, 4, 8), (4, 0, 8, 8), (0, 0, 8, 4), (0, 4, 8, 8)
_WHOLE = (0, 0, 8, 8)

_BOXES: dict[str, tuple[Box, ...]] = {
    "▀": (_UPPER,),
    **{chr(0x2580 + n): ((0, 8 - n, 8, 8),) for n in range(1, 9)},
    **{chr(0x2590 - n): ((0, 0, n, 8),) for n in range(1, 8)},
    "▐": (_RIGHT,),
    "▔": ((0, 0, 8, 1),),
    "▕": ((7, 0, 8, 8),),
    **{chr(0x1FB6E + n): ((n - 1, 0, n, 8),) for n in range(2, 8)},
    **{chr(0x1FB74 + n): ((0, n - 1, 8, n),) for n in range(2, 8)},
    "\U0001fb7c": ((0, 0, 1, 8), (0, 7, 8, 8)),
    "\U0001fb7d": ((0, 0, 1, 8), (0, 0, 8, 1)),
    "\U0001fb7e": ((7, 0, 8, 8), (0, 0, 8, 1)),
    "\U0001fb7f": ((7, 0, 8, 8), (0, 7, 8, 8)),
    "\U0001fb80": ((0, 0, 8, 1), (0, 7, 8, 8)),
    "\U0001fb81": ((0, 0, 8, 1), (0, 2, 8, 3), (0, 4, 8, 5), (0, 7, 8, 8)),
    **{chr(0x1FB82 + index): ((0, 0, 8, n),) for index, n in enumerate((2, 3, 5, 6, 7))},
    **{chr(0x1FB87 + index): ((8 - n, 0, 8, 8),) for index, n in enumerate((2, 3, 5, 6, 7))},
    "\U0001fb97": ((0, 2, 8, 4), (0, 6, 8, 8)),
    "\U0001fbe4": ((2, 0, 6, 4),),
    "\U0001fbe5": ((2, 4, 6, 8),),
    "\U0001fbe6": ((0, 2, 4, 6),),
    "\U0001fbe7": ((4, 2, 8, 6),),
    "\U0001cea0": ((4, 6, 8, 8),),
    "\U0001cea3": ((0, 6, 4, 8),),
    "\U0001cea8": ((0, 0, 4, 2),),
    "\U0001ceab": ((4, 0, 8, 2),),
}  # fmt: skip

# What is shaded, how much of the color there is, and what is filled besides.
_SHADES: dict[str, tuple[Box, float, tuple[Box, ...]]] = {
    "░": (_WHOLE, 0.25, ()),
    "▒": (_WHOLE, 0.5, ()),
    "▓": (_WHOLE, 0.75, ()),
    "\U0001fb8c": (_LEFT, 0.5, ()),
    "\U0001fb8d": (_RIGHT, 0.5, ()),
    "\U0001fb8e": (_UPPER, 0.5, ()),
    "\U0001fb8f": (_LOWER, 0.5, ()),
    "\U0001fb90": (_WHOLE, 0.5, ()),
    "\U0001fb91": (_LOWER, 0.5, (_UPPER,)),
    "\U0001fb92": (_UPPER, 0.5, (_LOWER,)),
    "\U0001fb94": (_LEFT, 0.5, (_RIGHT,)),
}

# Quadrants U+2596-259F: upper left 1, upper right 2, lower left 4, lower right 8.
_QUADRANTS = dict(zip("▖▗▘▙▚▛▜▝▞▟", (4, 8, 1, 13, 9, 7, 11, 2, 6, 14), strict=True))

# Patterns of sextants that have a character elsewhere: none, left half, right half, all.
_SEXTANTS = [bits for bits in range(64) if bits not in (0, 0b010101, 0b101010, 63)]

# Patterns of octants that have a character elsewhere: quadrants and their sums, quarters of the cell.
_NO_OCTANTS = {
    *(
        sum(part for bit, part in ((1, 0x05), (2, 0x0A), (4, 0x50), (8, 0xA0)) if quadrants & bit)
        for quadrants in range(16)
    ),
    0x03, 0xC0, 0x3F, 0xFC, 0x01, 0x02, 0x40, 0x80, 0x14, 0x28,
}  # fmt: skip
_OCTANTS = [bits for bits in range(256) if bits not in _NO_OCTANTS]

# Cells of two columns, filled bit by bit in reading order: first character, patterns, rows, and whether there are gaps.
_GRIDS: dict[str, tuple[int, int, bool]] = {
    **{symbol: (bits, 2, False) for symbol, bits in _QUADRANTS.items()},
    **{chr(0x1FB00 + index): (bits, 3, False) for index, bits in enumerate(_SEXTANTS)},
    **{chr(0x1CD00 + index): (bits, 4, False) for index, bits in enumerate(_OCTANTS)},
    **{chr(0x1CC20 + bits): (bits, 2, True) for bits in range(1, 16)},
    **{chr(0x1CE50 + bits): (bits, 3, True) for bits in range(1, 64)},
}

_ACROSS = {"LEFT": 0.0, "CENTRE": 0.5, "RIGHT": 1.0}
_DOWN = {"UPPER": 0.0, "UPPER MIDDLE": 1 / 3, "LOWER MIDDLE": 2 / 3, "LOWER": 1.0}

# Triangles between the middle and the edges, as polygons of corners and the middle (m); see `_corner`.
_TRIANGLES = {
    "\U0001fb68": ("abdcm",), "\U0001fb69": ("ambdc",), "\U0001fb6a": ("abmdc",), "\U0001fb6b": ("abdmc",),
    "\U0001fb6c": ("amc",), "\U0001fb6d": ("abm",), "\U0001fb6e": ("bdm",), "\U0001fb6f": ("cmd",),
    "\U0001fb9a": ("abm", "cmd"), "\U0001fb9b": ("amc", "bdm"),
}  # fmt: skip

# Half triangles in medium shade, by the corners they have.
_SHADED_CORNERS = {"\U0001fb9c": "bac", "\U0001fb9d": "abd", "\U0001fb9e": "bdc", "\U0001fb9f": "acd"}


def draw_block(painter: QPainter, symbol: str, area: QRectF, color: QColor, line: float) -> bool:
    """Draw a block, mosaic or braille character into its cell; False: it is none. `line`: width of a light line."""
    if boxes := _BOXES.get(symbol):
        for box in boxes:
            painter.fillRect(_pixels(box, area), color)
    elif shade := _SHADES.get(symbol):
        box, amount, filled = shade
        painter.fillRect(_pixels(box, area), faded(color, color.alphaF() * amount))
        for box in filled:
            painter.fillRect(_pixels(box, area), color)
    elif grid := _GRIDS.get(symbol):
        _draw_grid(painter, *grid, area, color)
    elif "\u2800" <= symbol <= "\u28ff":
        _draw_braille(painter, ord(symbol) - 0x2800, area, color)
    elif "\U0001fb3c" <= symbol <= "\U0001fb67":
        fill_polygon(painter, _cut(*_diagonal(symbol), area), color)
    elif triangles := _TRIANGLES.get(symbol):
        for corners in triangles:
            fill_polygon(painter, [_corner(name, area) for name in corners], color)
    elif half := _SHADED_CORNERS.get(symbol):
        fill_polygon(painter, [_corner(name, area) for name in half], faded(color, color.alphaF() / 2))
    elif symbol in "\U0001fb95\U0001fb96":
        _draw_checkers(painter, symbol == "\U0001fb96", area, color)
    elif symbol in "\U0001fb98\U0001fb99":
        _draw_hatching(painter, symbol == "\U0001fb98", area, color, line)
    elif symbol in "\U0001fbce\U0001fbcf":
        width = round(area.width() * (2 if symbol == "\U0001fbce" else 1) / 3)
        painter.fillRect(QRectF(area.left(), area.top(), width, area.height()), color)
    else:
        return False
    return True


def fill_polygon(painter: QPainter, points: Sequence[QPointF] | QPolygonF, color: QColor) -> None:
    """Fill a polygon with smooth edges."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawPolygon(QPolygonF(points))
    painter.restore()


def _pixels(box: Box, area: QRectF) -> QRectF:
    """The box on whole pixels, at least one wide and high: neighbors in eighths share their edge."""
    left, top, right, bottom = box
    x, end_x = (round(area.width() * part / 8) for part in (left, right))
    y, end_y = (round(area.height() * part / 8) for part in (top, bottom))
    x, y = min(x, end_x - 1), min(y, end_y - 1)
    return QRectF(area.left() + x, area.top() + y, end_x - x, end_y - y)


def _draw_grid(painter: QPainter, bits: int, rows: int, has_gaps: bool, area: QRectF, color: QColor) -> None:
    xs = [round(area.width() * n / 2) for n in range(3)]
    ys = [round(area.height() * n / rows) for n in range(rows + 1)]
    gap = max(1, round(area.width() / 8)) if has_gaps else 0
    for index in range(2 * rows):
        if bits >> index & 1:
            row, col = divmod(index, 2)
            place = QPointF(area.left() + xs[col] + gap / 2, area.top() + ys[row] + gap / 2)
            width, height = xs[col + 1] - xs[col] - gap, ys[row + 1] - ys[row] - gap
            painter.fillRect(QRectF(int(place.x()), int(place.y()), max(1, width), max(1, height)), color)


def _draw_braille(painter: QPainter, dots: int, area: QRectF, color: QColor) -> None:
    size = max(1.0, round(area.width() / 4))
    for bit in range(8):
        if dots >> bit & 1:
            col, row = (bit // 3, bit % 3) if bit < 6 else (bit - 6, 3)
            x = area.left() + round(area.width() * (2 * col + 1) / 4 - size / 2)
            y = area.top() + round(area.height() * (2 * row + 1) / 8 - size / 2)
            painter.fillRect(QRectF(x, y, size, size), color)


def _diagonal(symbol: str) -> tuple[str, QPointF, QPointF]:
    """Corner that is filled, and the ends of the edge in parts of the cell: the character's name says it.

    For example LOWER LEFT BLOCK DIAGONAL UPPER MIDDLE LEFT TO LOWER CENTRE.
    """
    corner, _, ends = unicodedata.name(symbol).partition(" BLOCK DIAGONAL ")
    start, _, end = ends.partition(" TO ")
    return corner, _place(start), _place(end)


def _place(words: str) -> QPointF:
    down, _, across = words.rpartition(" ")
    return QPointF(_ACROSS[across], _DOWN[down])


def _cut(corner: str, start: QPointF, end: QPointF, area: QRectF) -> list[QPointF]:
    """The part of the cell on that corner's side of the line through two points."""
    kept = _place(corner)
    rim = [QPointF(0, 0), QPointF(1, 0), QPointF(1, 1), QPointF(0, 1)]
    sign = 1 if _side(kept, start, end) > 0 else -1
    points = list(_clipped(rim, start, end, sign))
    return [QPointF(area.left() + p.x() * area.width(), area.top() + p.y() * area.height()) for p in points]


def _clipped(rim: list[QPointF], start: QPointF, end: QPointF, sign: int) -> Iterator[QPointF]:
    """Sutherland and Hodgman's algorithm for one edge."""
    for here, after in zip(rim, rim[1:] + rim[:1], strict=True):
        a, b = sign * _side(here, start, end), sign * _side(after, start, end)
        if a >= 0:
            yield here
        if a * b < 0:
            yield here + (after - here) * (a / (a - b))


def _side(point: QPointF, start: QPointF, end: QPointF) -> float:
    return (end.x() - start.x()) * (point.y() - start.y()) - (end.y() - start.y()) * (point.x() - start.x())


def _corner(name: str, area: QRectF) -> QPointF:
    """a, b: upper left and right; c, d: lower left and right; m: the middle."""
    places = {"a": area.topLeft(), "b": area.topRight(), "c": area.bottomLeft(), "d": area.bottomRight(), "m": area.center()}
    return places[name]


def _draw_checkers(painter: QPainter, is_inverse: bool, area: QRectF, color: QColor) -> None:
    xs = [round(area.width() * n / 4) for n in range(5)]
    ys = [round(area.height() * n / 8) for n in range(9)]
    for row in range(8):
        for col in range(4):
            if (row + col) % 2 == is_inverse:
                place = QRectF(area.left() + xs[col], area.top() + ys[row], xs[col + 1] - xs[col], ys[row + 1] - ys[row])
                painter.fillRect(place, color)


def _draw_hatching(painter: QPainter, falls: bool, area: QRectF, color: QColor, line: float) -> None:
    """Stripes from edge to edge that go on in the cell beside."""
    painter.save()
    painter.setClipRect(area)
    step, height = area.width() / 2, area.height()
    for number in range(-int(height // step) - 2, 4):
        left = area.left() + number * step
        top, bottom = (left, left + height) if falls else (left + height, left)
        points = [
            QPointF(top, area.top()),
            QPointF(top + line, area.top()),
            QPointF(bottom + line, area.bottom()),
            QPointF(bottom, area.bottom()),
        ]
        fill_polygon(painter, points, color)
    painter.restore()
