"""Pictures of glyphs that are costly to draw: box lines and blocks drawn by us, characters fitted from other fonts, echoes."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from synk.ui.terminal.symbols import draw_symbol, is_symbol
from synk.ui.terminal.terminal_font import TerminalFont

MOST = 4096
"""Pictures kept: about 4 MB at 13 px. A screen of Chinese has some hundreds, a gradient of blocks may have thousands."""


class GlyphCache:
    """Draws a character, or a cluster, into its cells: the first time in full, then as a picture (0.3 µs)."""

    def __init__(self, font: TerminalFont) -> None:
        self._font = font
        self._pictures: dict[tuple[str, int, int, int], QPixmap] = {}
        self._cells: dict[tuple[str, int, int, int], QImage] = {}

    def picture(self, text: str, face: int, cells: int, rgba: int) -> QPixmap:
        """The glyph in this color on transparent ground, `cells` wide."""
        key = (text, face, cells, rgba)
        found = self._pictures.get(key)
        if found is None:
            if len(self._pictures) >= MOST:
                self._pictures.clear()
            found = self._pictures[key] = self._draw(text, face, cells, QColor.fromRgba(rgba))
        return found

    def cell(self, character: str, face: int, rgba: int, ground: int) -> QImage:
        """A character that keeps to its cell (`TerminalFont.is_boxed`), in this color on this background."""
        key = (character, face, rgba, ground)
        found = self._cells.get(key)
        if found is None:
            if len(self._cells) >= MOST:
                self._cells.clear()
            found = self._cells[key] = self._draw_cell(character, face, QColor.fromRgba(rgba), ground)
        return found

    def _draw_cell(self, character: str, face: int, color: QColor, ground: int) -> QImage:
        font = self._font
        picture = QImage(round(font.cell_width * font.ratio), round(font.cell_height * font.ratio), QImage.Format.Format_RGB32)
        picture.setDevicePixelRatio(font.ratio)
        picture.fill(ground)
        painter = QPainter(picture)
        if is_symbol(character):
            painter.drawPixmap(0, 0, self.picture(character, face, 1, color.rgba()))
        else:
            painter.setPen(color)
            painter.setFont(font.faces[face])
            painter.drawText(QPointF(0, font.baseline), character)
        painter.end()
        return picture

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
