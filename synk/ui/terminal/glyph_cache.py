"""Pictures of glyphs that are costly to draw: box lines and blocks drawn by us, characters fitted from other fonts."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from synk.ui.terminal.symbols import draw_symbol, is_symbol
from synk.ui.terminal.terminal_font import TerminalFont

MOST = 4096
"""Pictures kept: about 4 MB at 13 px. A screen of Chinese has some hundreds, a gradient of blocks may have thousands."""


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
        width, height = round(font.cell_width * cells * font.ratio), round(font.cell_height * font.ratio)
        picture = QPixmap(width, height)
        picture.fill(Qt.GlobalColor.transparent)
        if not is_symbol(text):
            picture.setDevicePixelRatio(font.ratio)
        painter = QPainter(picture)
        painter.setPen(color)
        if is_symbol(text):
            # In device pixels: only there "half" and "one pixel" mean what has to join.
            draw_symbol(painter, text, QRectF(0, 0, width, height), color, max(1, round(font.line_width * font.ratio)))
        else:
            font.draw_fitted(painter, text, face, QRectF(0, 0, font.cell_width * cells, font.cell_height))
        painter.end()
        picture.setDevicePixelRatio(font.ratio)
        return picture
