"""The terminal font: four faces, an exact cell in device pixels, and glyphs fitted to cells."""

import math
import re

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen, QRawFont

from synk.ui.terminal.symbols import is_symbol
from synk.ui.theme import Fonts

REGULAR, BOLD, ITALIC, BOLD_ITALIC = range(4)

FIRST_PICTOGRAPH, LAST_PICTOGRAPH = 0x1F000, 0x1FAFF
EMOJI_SELECTOR = "\ufe0f"

_STACKED = re.compile("[^\u0300-\u036f][\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
"""A letter with marks that any letter may have: none of them needs another shape beside another."""

PROBE = "M" * 64
"""Long enough that a rounding of single advances shows."""


class TerminalFont:
    """Faces and cell size for one family, size and device pixel ratio; shared by all panes.

    A cell is a whole number of device pixels wide and high, so that columns line up and neighboring cells neither
    overlap nor leave a gap.
    """

    def __init__(self, fonts: Fonts, *, family: str, px: int, ratio: float) -> None:
        """`px`: size in logical pixels; `ratio`: device pixels per logical pixel."""
        self.px = px
        self.ratio = ratio
        families = [family, fonts.terminal, fonts.terminal_fallback]
        self.faces = tuple(
            _face(families, px, is_bold=bold, is_italic=italic) for italic in (False, True) for bold in (False, True)
        )
        """Indexed by `face_index`."""
        metrics = QFontMetricsF(self.faces[REGULAR])
        natural = metrics.horizontalAdvance(PROBE) / len(PROBE)
        self.cell_width = max(1, round(natural * ratio)) / ratio
        """Logical pixels."""
        self.cell_height = max(1, math.ceil(metrics.height() * ratio - 0.01)) / ratio
        self.baseline = round(metrics.ascent() * ratio) / ratio
        """From the top of the cell."""
        self.line_width = max(1, round(px / 14 * ratio)) / ratio
        """Thickness of underlines and box lines: one device pixel for common sizes."""
        # Other fonts' glyphs and clusters need what plain text does without: shaping, and their own advance.
        self._shaped = tuple(_shaped(face) for face in self.faces)
        for face in self.faces:
            own = QFontMetricsF(face).horizontalAdvance(PROBE) / len(PROBE)
            if abs(self.cell_width - own) > 1e-6:
                face.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, self.cell_width - own)
        self._raw = tuple(QRawFont.fromFont(face) for face in self.faces)
        self._device_raw = tuple(_scaled(raw, ratio) for raw in self._raw)
        self._covered: tuple[dict[str, bool], ...] = tuple({} for _ in self.faces)
        self._boxed: tuple[dict[str, bool], ...] = tuple({} for _ in self.faces)

    def is_boxed(self, text: str, face: int) -> bool:
        """Whether each character keeps to its own cell in this face, and is ASCII or drawn by us: it can be painted alone."""
        known = self._boxed[face]
        for character in text:
            if character not in known:
                known[character] = is_symbol(character) or (character.isascii() and self._fits(character, face))
            if not known[character]:
                return False
        return True

    def _fits(self, character: str, face: int) -> bool:
        box = self._box(character, face)
        return box is not None and box.left() >= 0 and box.right() <= self.cell_width

    def _box(self, character: str, face: int) -> QRectF | None:
        """What the glyph covers, antialiasing included, from its origin in logical pixels; None if there is not just one."""
        raw, device = self._raw[face], self._device_raw[face]
        glyphs = raw.glyphIndexesForString(character) if raw.supportsCharacter(ord(character)) else []
        if len(glyphs) != 1:
            return None
        large = device.boundingRect(glyphs[0])
        box = QRectF(large.topLeft() / self.ratio, large.size() / self.ratio)
        # Hinting, with which Qt may paint or not, moves edges by a pixel of either size.
        return box.united(raw.boundingRect(glyphs[0]))

    def covers(self, text: str, face: int) -> bool:
        """Whether the face itself has every character, none of them higher than a row: a whole run can be drawn at once.

        At 13 px the dots of a capital umlaut are in the row above, which is painted without them when it changes.
        """
        known = self._covered[face]
        for character in text:
            is_there = known.get(character)
            if is_there is None:
                is_there = known[character] = self._keeps_to_row(character, face)
            if not is_there:
                return False
        return True

    def _keeps_to_row(self, character: str, face: int) -> bool:
        box = self._box(character, face)
        return box is not None and self.baseline + box.top() >= 0 and self.baseline + box.bottom() <= self.cell_height

    def draw_fitted(self, painter: QPainter, text: str, face: int, area: QRectF) -> None:
        """Draw one character (or cluster) that may come from another font into the middle of its cells, never beyond.

        Pictographs are as large as fits; a character that no font has is a box with its code point. The painter's
        font is changed.
        """
        font = self._shaped[face]
        metrics = QFontMetricsF(font)
        shown = "".join(character for character in text if _is_invisible(character) or metrics.inFontUcs4(ord(character)))
        if not shown or (shown[0] != text[0] and not _is_invisible(text[0])):
            self._draw_code_point(painter, ord(text[0]), area)
            return
        painter.setFont(font)
        width = metrics.horizontalAdvance(shown)
        if is_pictograph(shown) and area.width() > 1.5 * self.cell_width:
            shown = shown.rstrip("\u200d")
            self._draw_pictograph(painter, shown, metrics.boundingRect(shown), area)
        elif width <= area.width() + 0.5:
            painter.drawText(QPointF(area.left() + (area.width() - width) / 2, area.top() + self.baseline), shown)
        elif _STACKED.fullmatch(shown):
            self._draw_stacked(painter, shown, metrics, area)
        else:
            scale = area.width() / width
            _draw_scaled(painter, shown, QPointF(area.left(), area.top() + self.baseline), scale)

    def _draw_stacked(self, painter: QPainter, text: str, metrics: QFontMetricsF, area: QRectF) -> None:
        """A letter in its size, each mark in the middle over it: shaped, marks of other fonts come to stand beside it."""
        baseline = area.top() + self.baseline
        width = min(metrics.horizontalAdvance(text[0]), area.width())
        painter.drawText(QPointF(area.left() + (area.width() - width) / 2, baseline), text[0])
        for mark in text[1:]:
            ink = metrics.boundingRect(mark)
            painter.drawText(QPointF(area.center().x() - ink.center().x(), baseline), mark)

    def _draw_pictograph(self, painter: QPainter, text: str, bounds: QRectF, area: QRectF) -> None:
        """In the middle of its cells, whatever baseline its font has."""
        if bounds.isEmpty():
            painter.drawText(QPointF(area.left(), area.top() + self.baseline), text)
            return
        scale = min(area.width() / bounds.width(), area.height() / bounds.height())
        origin = area.center() - bounds.center() * scale
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        _draw_scaled(painter, text, origin, scale)

    def _draw_code_point(self, painter: QPainter, code: int, area: QRectF) -> None:
        """A box with the digits in two columns (three in two cells), as in GNU Unifont."""
        line = 1 / self.ratio
        box = area.adjusted(line, 2 * line, -line, -2 * line)
        painter.setPen(QPen(painter.pen().color(), line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(line / 2, line / 2, -line / 2, -line / 2))
        digits = f"{code:04X}"
        columns = 2 if area.width() < 1.5 * self.cell_width else 3
        rows = math.ceil(len(digits) / columns)
        width, height = (box.width() - 2 * line) / columns, (box.height() - 2 * line) / rows
        font = QFont(self.faces[REGULAR])
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0)
        # A digit of the font is 0.6 em wide and 0.73 em high.
        font.setPixelSize(max(1, min(int(width / 0.6), int(height / 0.73))))
        painter.setFont(font)
        for index, digit in enumerate(digits):
            row, column = divmod(index, columns)
            place = QRectF(box.left() + line + column * width, box.top() + line + row * height, width, height)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, digit)


def face_index(*, bold: bool, italic: bool) -> int:
    """Which of `TerminalFont.faces` to use."""
    return bold + 2 * italic


def is_pictograph(text: str) -> bool:
    """Whether it is an emoji that asks for colors: a pictograph, or a symbol with variation selector 16."""
    return FIRST_PICTOGRAPH <= ord(text[0]) <= LAST_PICTOGRAPH or EMOJI_SELECTOR in text


def _is_invisible(character: str) -> bool:
    """Joiners and selectors: they shape what stands beside them, and fonts need not have a glyph for them."""
    return character in "\u200c\u200d" or "\ufe00" <= character <= EMOJI_SELECTOR


def _draw_scaled(painter: QPainter, text: str, origin: QPointF, scale: float) -> None:
    painter.save()
    painter.translate(origin)
    painter.scale(scale, scale)
    painter.drawText(QPointF(0, 0), text)
    painter.restore()


def _face(families: list[str], px: int, *, is_bold: bool, is_italic: bool) -> QFont:
    font = QFont(families)
    font.setPixelSize(px)
    font.setBold(is_bold)
    font.setItalic(is_italic)
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setFixedPitch(True)
    font.setKerning(False)
    # Hinted advances are whole pixels, which at a ratio of 1 is the cell itself.
    font.setHintingPreference(QFont.HintingPreference.PreferFullHinting)
    # "->" stays two characters, each in its own cell; and short runs are drawn in half the time.
    font.setStyleStrategy(QFont.StyleStrategy.PreferNoShaping)
    return font


def _scaled(raw: QRawFont, ratio: float) -> QRawFont:
    scaled = QRawFont(raw)
    scaled.setPixelSize(raw.pixelSize() * ratio)
    return scaled


def _shaped(face: QFont) -> QFont:
    font = QFont(face)
    font.setStyleStrategy(QFont.StyleStrategy.PreferDefault)
    return font
