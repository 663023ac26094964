"""Paints rows of a terminal: runs of equal style, cursor and overlays on an exact grid of cells."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from synk.terminal.placeholders import PLACEHOLDER
from synk.terminal.rows import Run
from synk.terminal.styles import Style
from synk.ui.terminal.glyph_cache import GlyphCache
from synk.ui.terminal.mosaic import WORTH_RUNS, Item, Mosaic
from synk.ui.terminal.symbols import DRAWN
from synk.ui.terminal.terminal_colors import MINIMUM_CONTRAST, Look, Palette
from synk.ui.terminal.terminal_font import TerminalFont, face_index
from synk.ui.terminal.terminal_images import PictureCache, PicturePainter
from synk.ui.theme import Theme, faded

_Line = list[Any]
"""First column, column after the last, text."""

_PIECES = re.compile(f"(?P<symbols>[{DRAWN}]+)|(?P<text>[^{DRAWN}]+)")


class RowPainter:
    """Paints rows in one font and theme; shared by all panes. The colors come with each call."""

    def __init__(
        self,
        theme: Theme,
        font: TerminalFont,
        pictures: PictureCache | None = None,
        *,
        minimum_contrast: float = MINIMUM_CONTRAST,
    ) -> None:
        """`pictures`: the cache of a painter that this one takes over from."""
        self.theme = theme
        self.font = font
        self.minimum_contrast = minimum_contrast
        """For the palettes of the terminals."""
        self.pictures = PicturePainter(font, pictures)
        self._glyphs = GlyphCache(font)
        self._mosaic = Mosaic(font)
        self.selection_color = faded(theme.terminal.selection, theme.opacity.selection)
        """Laid over selected text."""

    def paint_row(
        self,
        painter: QPainter,
        palette: Palette,
        runs: Sequence[Run],
        *,
        left: float,
        top: float,
        cols: tuple[int, int],
        is_blink_on: bool = True,
        under_text: Callable[[], None] | None = None,
    ) -> bool:
        """Paint the runs that touch columns `cols` (end excluded); the background must be painted already.

        `left`, `top`: where column 0 of the row begins, in logical pixels. `is_blink_on`: whether blinking text is shown.
        `under_text` paints what comes between the backgrounds and the text.
        Returns True if there is blinking text.
        """
        first, end = cols
        look_of = palette.look
        items = [(run, look_of(run.style)) for run in runs if run.col < end and run.col + run.cells > first]
        has_blinking = any([look.blinks for _, look in items])
        if has_blinking and not is_blink_on:
            items = [(run, look.without_text() if look.blinks else look) for run, look in items]
        if under_text is not None:
            self._paint_grounds(painter, items, left, top)
            under_text()
            items = [(run, look.without_ground()) for run, look in items]
            self._paint_runs(painter, items, left, top, is_backed=False)
            return has_blinking
        # By the whole row, also where a part of it is painted: both ways differ where a glyph leaves its cell.
        is_backed = len(runs) >= WORTH_RUNS and bool(items)
        if is_backed:
            ground = palette.background.rgba()
            items = self._mosaic.paint(painter, items, left=left, top=top, ground=ground)
        self._paint_runs(painter, items, left, top, is_backed=is_backed)
        return has_blinking

    def paint_cells(
        self, painter: QPainter, palette: Palette, runs: Iterable[Run], *, left: float, top: float, cols: tuple[int, int]
    ) -> None:
        """Paint the characters in columns `cols` (end excluded) of a row for which `has_boxed_cells` is True.

        The background must be painted already. A few characters as pictures: an echo is on the screen 0.1 ms earlier than with
        text, whose way through Qt is long where nothing of it is in the processor's caches.
        """
        first, end = cols
        width, ground = self.font.cell_width, palette.background.rgba()
        place = QPointF(left, top)
        for run in runs:
            start, stop = max(run.col, first), min(run.col + run.cells, end)
            if start >= stop:
                continue
            look = palette.look(run.style)
            back = ground if look.back_rgba is None else look.back_rgba
            for col in range(start, stop):
                character = run.text[col - run.col]
                if character != " " or back != ground:
                    rgba = look.rgba if character.isascii() else look.shape_rgba
                    place.setX(left + col * width)
                    painter.drawImage(place, self._glyphs.cell(character, look.face, rgba, back))

    def has_boxed_cells(self, palette: Palette, runs: Iterable[Run], cols: tuple[int, int]) -> bool:
        """Whether what stands in columns `cols` (end excluded) of a row, and beside them, can be painted cell by cell."""
        first, end = cols[0] - 1, cols[1] + 1
        for run in runs:
            start, stop = max(run.col, first), min(run.col + run.cells, end)
            if start >= stop:
                continue
            look = palette.look(run.style)
            if run.is_cluster or run.cells != len(run.text) or look.has_lines or look.is_hidden or look.blinks:
                return False
            if not self.font.is_boxed(run.text[start - run.col : stop - run.col], look.face):
                return False
        return True

    def _paint_runs(self, painter: QPainter, items: Iterable[Item], left: float, top: float, *, is_backed: bool) -> None:
        """Paint run by run, text of one look at once; `is_backed`: backgrounds and plain text are there already."""
        width, height = self.font.cell_width, self.font.cell_height
        area = QRectF(left, top, width, height)
        lines: dict[Look, _Line] = {}
        others: list[Item] = []
        for item in items:
            run, look = item
            if look.bg is not None and not is_backed:
                # Moved from run to run: making one takes nearly as long as painting it.
                area.setRect(left + run.col * width, top, run.cells * width, height)
                painter.fillRect(area, look.bg)
            if look.is_hidden:
                continue
            text = run.text
            if look.has_lines or not text.isascii():
                others.append(item)
            if text.isascii() and not is_backed and (text := text.rstrip(" ")):
                line = lines.get(look)
                if line is None:
                    lines[look] = line = [run.col, run.col, ""]
                line[2] += " " * (run.col - line[1]) + text
                line[1] = run.col + len(text)
        self._draw_texts(painter, lines, left, top)
        for run, look in others:
            x = left + run.col * width
            if not run.text.isascii() and not run.text.isspace():
                self._draw_mixed(painter, run, look, x, top)
            if look.has_lines:
                self._draw_lines(painter, run.style, look, QRectF(x, top, run.cells * width, height))

    def _paint_grounds(self, painter: QPainter, items: Iterable[Item], left: float, top: float) -> None:
        """The backgrounds of runs."""
        width, height = self.font.cell_width, self.font.cell_height
        for run, look in items:
            if look.bg is not None:
                painter.fillRect(QRectF(left + run.col * width, top, run.cells * width, height), look.bg)

    def _draw_texts(self, painter: QPainter, lines: "dict[Look, _Line]", left: float, top: float) -> None:
        width, faces = self.font.cell_width, self.font.faces
        place = QPointF(left, top + self.font.baseline)
        face = None
        for look, (col, _, text) in lines.items():
            if look.face != face:
                painter.setFont(faces[face := look.face])
            painter.setPen(look.fg)
            place.setX(left + col * width)
            painter.drawText(place, text)

    def paint_cursor(
        self, painter: QPainter, palette: Palette, under: Run | None, *, area: QRectF, shape: str, is_focused: bool
    ) -> None:
        """Paint the cursor over its cells; `under` is what stands there, drawn inverted in a filled block.

        `shape` is "block", "underline" or "bar"; without focus it is a hollow block.
        """
        color, line = palette.cursor, self.font.line_width
        if not is_focused:
            pen = QPen(color, line)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area.adjusted(line / 2, line / 2, -line / 2, -line / 2))
        elif shape == "bar":
            painter.fillRect(QRectF(area.left(), area.top(), self.theme.sizes.cursor_bar, area.height()), color)
        elif shape == "underline":
            height = self.theme.sizes.cursor_line
            painter.fillRect(QRectF(area.left(), area.bottom() - height, area.width(), height), color)
        else:
            painter.fillRect(area, color)
            if under is not None and not under.style.hidden and not under.text.isspace():
                face = face_index(bold=under.style.bold, italic=under.style.italic)
                self._draw_inverted(painter, under, face, area, palette.background)

    def _draw_mixed(self, painter: QPainter, run: Run, look: Look, x: float, top: float) -> None:
        """A run that is not plain ASCII: characters of the font at once, symbols and everything else as pictures."""
        font, glyphs = self.font, self._glyphs
        width = font.cell_width
        if run.is_cluster:
            if run.text[0] == PLACEHOLDER:
                # A part of a picture is there, or nothing.
                return
            painter.drawPixmap(QPointF(x, top), glyphs.picture(run.text, look.face, run.cells, look.rgba))
            return
        cells = run.cells // len(run.text)
        for match in _PIECES.finditer(run.text):
            start, piece = x + match.start() * cells * width, match[0]
            if match.lastgroup == "text" and cells == 1:
                self._draw_font_text(painter, piece, look, start, top)
                continue
            rgba = look.rgba if match.lastgroup == "text" else look.shape_rgba
            for index, character in enumerate(piece):
                if not character.isspace():
                    picture = glyphs.picture(character, look.face, cells, rgba)
                    painter.drawPixmap(QPointF(start + index * cells * width, top), picture)

    def _draw_font_text(self, painter: QPainter, text: str, look: Look, x: float, top: float) -> None:
        """Characters of one cell each: those of the font at once, others one by one and no higher than their row."""
        font, face, width = self.font, look.face, self.font.cell_width
        covers = font.covers
        drawn = text if covers(text, face) else "".join([character if covers(character, face) else " " for character in text])
        painter.setPen(look.fg)
        painter.setFont(font.faces[face])
        painter.drawText(QPointF(x, top + font.baseline), drawn)
        if drawn is not text:
            for index, character in enumerate(text):
                if drawn[index] != character and not character.isspace():
                    painter.drawPixmap(QPointF(x + index * width, top), self._glyphs.picture(character, face, 1, look.rgba))

    def _draw_inverted(self, painter: QPainter, run: Run, face: int, area: QRectF, color: QColor) -> None:
        """The one character under a filled cursor."""
        if run.text.isascii() and self.font.is_boxed(run.text, face):
            painter.setPen(color)
            painter.setFont(self.font.faces[face])
            painter.drawText(QPointF(area.left(), area.top() + self.font.baseline), run.text)
        else:
            painter.drawPixmap(area.topLeft(), self._glyphs.picture(run.text, face, run.cells, color.rgba()))

    def _draw_lines(self, painter: QPainter, style: Style, look: Look, area: QRectF) -> None:
        line = self.font.line_width
        under = min(area.top() + self.font.baseline + 2 * line, area.bottom() - line)
        if style.underline:
            _draw_underline(painter, style.underline, look.line_color, area, under, line)
        if style.strike:
            middle = area.top() + self.font.baseline - self.font.px * 0.3
            painter.fillRect(QRectF(area.left(), round(middle), area.width(), line), look.fg)
        if style.overline:
            painter.fillRect(QRectF(area.left(), area.top(), area.width(), line), look.fg)


def character_at(runs: Iterable[Run], x: int) -> Run | None:
    """The one character in a cell, as a run of its own; None where nothing is written."""
    for run in runs:
        if run.col <= x < run.col + run.cells:
            if run.is_cluster:
                return run
            each = run.cells // len(run.text)
            index = (x - run.col) // each
            return Run(run.col + index * each, each, run.text[index], run.style)
    return None


def _draw_underline(painter: QPainter, kind: int, color: QColor, area: QRectF, y: float, line: float) -> None:
    """1 single, 2 double, 3 curly, 4 dotted, 5 dashed; `y` is the top of a single line."""
    left, width = area.left(), area.width()
    if kind == 1:
        painter.fillRect(QRectF(left, y, width, line), color)
    elif kind == 2:
        lower = min(y + line, area.bottom() - line)
        painter.fillRect(QRectF(left, lower - 2 * line, width, line), color)
        painter.fillRect(QRectF(left, lower, width, line), color)
    elif kind == 3:
        painter.save()
        # Its ends would be smoothed into the cells beside, which are painted without it when they change.
        painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color, line))
        painter.drawPath(_wave(left, width, min(y + line / 2, area.bottom() - 1.5 * line), line))
        painter.restore()
    else:
        on, off = (line, line) if kind == 4 else (4 * line, 2 * line)
        x = left
        while x < left + width:
            painter.fillRect(QRectF(x, y, min(on, left + width - x), line), color)
            x += on + off


def _wave(left: float, width: float, middle: float, line: float) -> QPainterPath:
    """A wave that begins and ends on its middle line after each four line widths, so that neighbors join."""
    path = QPainterPath(QPointF(left, middle))
    step, height = 2 * line, 1.5 * line
    x, up = left, True
    while x < left + width:
        end = min(x + step, left + width)
        path.quadTo(QPointF((x + end) / 2, middle + (-height if up else height)), QPointF(end, middle))
        x, up = end, not up
    return path
