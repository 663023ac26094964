"""Paints rows of a terminal: runs of equal style, cursor and overlays on an exact grid of cells."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from synk.terminal.rows import Run
from synk.terminal.styles import RGB, Style
from synk.ui.box_drawing import DRAWN, draw_symbol
from synk.ui.terminal_font import TerminalFont, face_index
from synk.ui.theme import Theme, faded, mixed

MAX_LOOKS = 4096
"""Resolved styles kept; a program painting gradients makes new ones without end."""

_PIECES = re.compile(f"(?P<symbols>[{DRAWN}]+)|(?P<text>[^{DRAWN}]+)")


@dataclass(frozen=True, slots=True)
class Look:
    """A style in colors and faces of this theme."""

    style: Style
    """Kept so that its identity stays its own while the look is cached."""
    fg: QColor
    bg: QColor | None
    """None: the background of the terminal, already there."""
    face: int
    is_hidden: bool
    line_color: QColor
    has_lines: bool
    """Underline, overline or strike."""


class RowPainter:
    """Paints rows for one font and theme; shared by all panes. Programs' own palettes come with each call."""

    def __init__(self, theme: Theme, font: TerminalFont) -> None:
        self.theme = theme
        self.font = font
        self._looks: dict[int, Look] = {}
        self._reversed_looks: dict[int, Look] = {}
        self._selection = faded(theme.terminal.selection, theme.opacity.selection)

    def paint_row(
        self,
        painter: QPainter,
        runs: Iterable[Run],
        *,
        left: float,
        top: float,
        cols: tuple[int, int],
        is_reversed: bool = False,
        colors: Callable[[int], QColor | None] | None = None,
    ) -> None:
        """Paint the runs that touch columns `cols` (end excluded); the background must be painted already.

        `left`, `top`: where column 0 of the row begins. `is_reversed`: DECSCNM. `colors`: the program's own palette,
        None for a color it did not change.
        """
        font = self.font
        width, height = font.cell_width, font.cell_height
        looks = self._reversed_looks if is_reversed else self._looks
        first, end = cols
        for run in runs:
            if run.col >= end or run.col + run.cells <= first:
                continue
            style = run.style
            look = None if colors else looks.get(id(style))
            if look is None:
                look = self._look(style, is_reversed, colors)
                if colors is None:
                    if len(looks) >= MAX_LOOKS:
                        looks.clear()
                    looks[id(style)] = look
            x = left + run.col * width
            if look.bg is not None:
                painter.fillRect(QRectF(x, top, run.cells * width, height), look.bg)
            if look.is_hidden:
                continue
            text = run.text
            if not text.isspace():
                painter.setPen(look.fg)
                if text.isascii():
                    painter.setFont(font.faces[look.face])
                    painter.drawText(QPointF(x, top + font.baseline), text)
                else:
                    self._draw_mixed(painter, run, look, x, top)
            if look.has_lines:
                self._draw_lines(painter, style, look, QRectF(x, top, run.cells * width, height))

    def paint_selection(self, painter: QPainter, *, left: float, top: float, cols: tuple[int, int]) -> None:
        """Mark columns `cols` (end excluded) of a row as selected."""
        width = self.font.cell_width
        area = QRectF(left + cols[0] * width, top, (cols[1] - cols[0]) * width, self.font.cell_height)
        painter.fillRect(area, self._selection)

    def paint_cursor(
        self, painter: QPainter, under: Run | None, *, area: QRectF, shape: str, is_focused: bool, color: QColor | None = None
    ) -> None:
        """Paint the cursor over its cells; `under` is what stands there, drawn inverted in a filled block.

        `shape` is "block", "underline" or "bar"; without focus it is a hollow block.
        """
        color = color or self.theme.terminal.cursor
        line = max(self.theme.sizes.cursor_line, self.font.line_width)
        if not is_focused:
            pen = QPen(color, self.font.line_width)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            half = self.font.line_width / 2
            painter.drawRect(area.adjusted(half, half, -half, -half))
        elif shape == "bar":
            painter.fillRect(QRectF(area.left(), area.top(), self.theme.sizes.cursor_bar, area.height()), color)
        elif shape == "underline":
            painter.fillRect(QRectF(area.left(), area.bottom() - line, area.width(), line), color)
        else:
            painter.fillRect(area, color)
            if under is not None and not under.style.hidden and not under.text.isspace():
                painter.setPen(self.theme.terminal.background)
                face = face_index(bold=under.style.bold, italic=under.style.italic)
                self._draw_text(painter, under.text, under.is_cluster, face, area, self.theme.terminal.background)

    def _draw_mixed(self, painter: QPainter, run: Run, look: Look, x: float, top: float) -> None:
        """A run that is not plain ASCII: symbols drawn by us, characters of the font, everything else fitted to its cells."""
        font = self.font
        width, height = font.cell_width, font.cell_height
        if run.is_cluster:
            self._draw_text(painter, run.text, True, look.face, QRectF(x, top, run.cells * width, height), look.fg)
            return
        each = run.cells // len(run.text) * width
        for match in _PIECES.finditer(run.text):
            start = x + match.start() * each
            piece = match[0]
            if match.lastgroup == "symbols":
                for index, symbol in enumerate(piece):
                    draw_symbol(painter, symbol, QRectF(start + index * each, top, each, height), look.fg, font.line_width)
            elif each == width and font.covers(piece, look.face):
                painter.setFont(font.faces[look.face])
                painter.drawText(QPointF(start, top + font.baseline), piece)
            else:
                for index, character in enumerate(piece):
                    if not character.isspace():
                        font.draw_fitted(painter, character, look.face, QRectF(start + index * each, top, each, height))

    def _draw_text(
        self, painter: QPainter, text: str, is_cluster: bool, face: int, area: QRectF, color: QColor
    ) -> None:
        if not is_cluster and _PIECES.match(text).lastgroup == "symbols":  # type: ignore[union-attr]
            draw_symbol(painter, text, area, color, self.font.line_width)
        elif text.isascii():
            painter.setFont(self.font.faces[face])
            painter.drawText(QPointF(area.left(), area.top() + self.font.baseline), text)
        else:
            self.font.draw_fitted(painter, text, face, area)

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

    def _look(self, style: Style, is_reversed: bool, colors: Callable[[int], QColor | None] | None) -> Look:
        terminal = self.theme.terminal
        base_fg, base_bg = terminal.foreground, terminal.background
        if is_reversed:
            base_fg, base_bg = base_bg, base_fg
        fg = self._color(style.fg, colors) or base_fg
        bg = self._color(style.bg, colors) or base_bg
        if style.inverse:
            fg, bg = bg, fg
        if style.dim:
            fg = mixed(fg, bg, self.theme.opacity.dim_text)
        return Look(
            style=style,
            fg=fg,
            bg=None if bg == terminal.background and not is_reversed else bg,
            face=face_index(bold=style.bold, italic=style.italic),
            is_hidden=style.hidden,
            line_color=self._color(style.underline_color, colors) or fg,
            has_lines=bool(style.underline or style.strike or style.overline),
        )

    def _color(self, number: int, colors: Callable[[int], QColor | None] | None) -> QColor | None:
        if number < 0:
            return None
        if number & RGB:
            return QColor.fromRgb(number & 0xFFFFFF)
        return (colors(number) if colors else None) or self.theme.terminal.palette[number]


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
