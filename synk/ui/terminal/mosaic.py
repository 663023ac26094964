"""Paints a row of very many styles at once: all text in one call, colored afterwards cell by cell.

Each run drawn by itself costs about 2 µs in calls whatever its length, so a row of 200 colored cells takes half a
millisecond. Here the glyphs of a row are drawn in one color on a transparent strip, the strip takes the colors from
an image with one pixel per cell, and the backgrounds are another such image: a tenth of a millisecond for any number.
"""

from array import array
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from synk.terminal.rows import Run
from synk.ui.terminal.terminal_colors import Look
from synk.ui.terminal.terminal_font import TerminalFont

WORTH_RUNS = 40
"""Measured break-even at 200 columns: below it the runs one by one are as quick."""

OPAQUE = 0xFFFFFFFF
"""What the text is drawn in first; only that it is opaque counts."""

Item = tuple[Run, Look]


class Mosaic:
    """Two strips, reused for row after row; shared by all panes of a font."""

    def __init__(self, font: TerminalFont) -> None:
        self._font = font
        self._ink = QImage()
        self._colors = QImage()

    def paint(
        self, painter: QPainter, items: Sequence[Item], *, left: float, top: float, ground: int
    ) -> list[Item]:
        """Paint backgrounds and plain ASCII text of neighboring runs, left to right; returns those whose text is left to draw.

        `left`, `top`: the upper left corner of the row, in logical pixels; `ground`: the background where a look has none.
        """
        font = self._font
        first, last = items[0][0], items[-1][0]
        start = first.col
        cols = last.col + last.cells - start
        area = QRectF(left + start * font.cell_width, top, cols * font.cell_width, font.cell_height)
        backs, fronts = array("I", [ground]) * cols, array("I", [0]) * cols
        texts: dict[int, list[str]] = {}
        ends: dict[int, int] = {}
        rest: list[Item] = []
        for item in items:
            run, look = item
            at, cells = run.col - start, run.cells
            if look.back_rgba is not None:
                if cells == 1:
                    backs[at] = look.back_rgba
                else:
                    backs[at : at + cells] = array("I", [look.back_rgba]) * cells
            text = run.text
            if look.is_hidden:
                continue
            if not text.isascii():
                rest.append(item)
                continue
            if look.has_lines:
                rest.append(item)
            if cells == 1:
                fronts[at] = look.rgba
            else:
                fronts[at : at + cells] = array("I", [look.rgba]) * cells
            pieces = texts.setdefault(look.face, [])
            pieces.append(" " * (at - ends.get(look.face, 0)))
            pieces.append(text)
            ends[look.face] = at + cells
        painter.drawImage(area, _cells(backs, cols))
        painter.drawImage(area.topLeft(), self._colored(cols, texts, fronts))
        return rest

    def _colored(self, cols: int, texts: dict[int, list[str]], fronts: "array[int]") -> QImage:
        """The text in the color of each cell."""
        font = self._font
        width, height = round(cols * font.cell_width * font.ratio), round(font.cell_height * font.ratio)
        if self._ink.width() != width:
            self._ink = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
            self._ink.setDevicePixelRatio(font.ratio)
            self._colors = QImage(width, height, QImage.Format.Format_RGB32)
        self._ink.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._ink)
        painter.setPen(QColor.fromRgba(OPAQUE))
        for face, pieces in texts.items():
            painter.setFont(font.faces[face])
            painter.drawText(QPointF(0, font.baseline), "".join(pieces))
        painter.end()
        painter = QPainter(self._colors)
        painter.drawImage(self._colors.rect(), _cells(fronts, cols))
        painter.end()
        # In device pixels, and not SourceIn, which gives the same here: both together are twice as quick.
        self._ink.setDevicePixelRatio(1)
        painter = QPainter(self._ink)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceAtop)
        painter.drawImage(0, 0, self._colors)
        painter.end()
        self._ink.setDevicePixelRatio(font.ratio)
        return self._ink


def _cells(colors: "array[int]", cols: int) -> QImage:
    """An image of one pixel per cell; it shares the memory of `colors` and is to be used at once."""
    return QImage(memoryview(colors).cast("B"), cols, 1, 4 * cols, QImage.Format.Format_RGB32)
