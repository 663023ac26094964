"""Pictures of glyphs that are costly to draw: box lines and blocks drawn by us, characters fitted from other fonts."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from synk.ui.box_drawing import draw_symbol
from synk.ui.terminal_font import TerminalFont

MOST = 4096
"""Pictures kept: about 4 MB at 13 px. A screen of Chinese has some hundreds, a gradient of blocks may have thousands."""

_FIRST, _LAST, _BRAILLE, _POWERLINE = "\u2500", "\u259f", range(0x2800, 0x2900), range(0xE0B0, 0xE0B4)


def is_symbol(text: str) -> bool:
    """Whether it is one character of `box_drawing.DRAWN`."""
    return len(text) == 1 and (_FIRST <= text <= _LAST or ord(text) in _BRAILLE or ord(text) in _POWERLINE)


class GlyphCache:
    """Draws a character, or a cluster, into its cells: the first time in full, then as a picture (0.3 µs)."""

    def __init__(self, font: TerminalFont) -> None:
        self._font = font
        self._pictures: dict[tuple[str, int, int, int], QPixmap] = {}

    def picture(self, text: str, face: int, cells: int, rgba: int) -> QPixmap:
        """The glyph in this color on transparent ground, `cells` wide."""
        key = (text, face, cells, rgba)
        found = self._pictures.get(key)
        if found is None:
            if len(self._pictures) >= MOST:
                self._pictures.clear()
            found = self._pictures[key] = self._draw(text, face, cells, QColor.fromRgba(rgba))
        return found

    def _draw(self, text: str, face: int, cells: int, color: QColor) -> QPixmap:
        font = self._font
        area = QRectF(0, 0, font.cell_width * cells, font.cell_height)
        picture = QPixmap(round(area.width() * font.ratio), round(area.height() * font.ratio))
        picture.setDevicePixelRatio(font.ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setPen(color)
        if is_symbol(text):
            draw_symbol(painter, text, area, color, font.line_width)
        else:
            font.draw_fitted(painter, text, face, area)
        painter.end()
        return picture
