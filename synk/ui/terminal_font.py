"""The terminal font: four faces, an exact cell in device pixels, and glyphs fitted to cells."""

import math

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QRawFont

from synk.ui.theme import Fonts

REGULAR, BOLD, ITALIC, BOLD_ITALIC = range(4)

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
        self._covered: tuple[dict[str, bool], ...] = tuple({} for _ in self.faces)

    def covers(self, text: str, face: int) -> bool:
        """Whether the face itself has every character, so that a whole run can be drawn at once."""
        known = self._covered[face]
        for character in text:
            is_there = known.get(character)
            if is_there is None:
                is_there = known[character] = self._raw[face].supportsCharacter(ord(character))
            if not is_there:
                return False
        return True

    def draw_fitted(self, painter: QPainter, text: str, face: int, area: QRectF) -> None:
        """Draw one character (or cluster) that may come from another font into the middle of its cells, never beyond.

        The painter's font is changed.
        """
        font = self._shaped[face]
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        width = metrics.horizontalAdvance(text)
        baseline = area.top() + self.baseline
        if width <= area.width() + 0.5:
            painter.drawText(QPointF(area.left() + (area.width() - width) / 2, baseline), text)
            return
        painter.save()
        painter.translate(area.left(), baseline)
        scale = area.width() / width
        painter.scale(scale, scale)
        painter.drawText(QPointF(0, 0), text)
        painter.restore()


def face_index(*, bold: bool, italic: bool) -> int:
    """Which of `TerminalFont.faces` to use."""
    return bold + 2 * italic


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


def _shaped(face: QFont) -> QFont:
    font = QFont(face)
    font.setStyleStrategy(QFont.StyleStrategy.PreferDefault)
    return font
