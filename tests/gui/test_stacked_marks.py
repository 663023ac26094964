"""A letter keeps its size however many marks stand on it."""

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from synk.ui.terminal.terminal_font import REGULAR, TerminalFont
from synk.ui.theme import Theme

ABOVE, BELOW, THROUGH = "\u0301\u0302\u0351\u0363", "\u0323\u0330\u0353", "\u0336\u0338"


@pytest.fixture
def font(theme: Theme) -> TerminalFont:
    return TerminalFont(theme.fonts, family="JetBrains Mono", px=20, ratio=1.0)


def inked(font: TerminalFont, text: str) -> set[tuple[int, int]]:
    """Pixels of a cluster in one cell that are clearly not background."""
    image = QImage(round(font.cell_width), round(font.cell_height), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setPen(QColor("white"))
    font.draw_fitted(painter, text, REGULAR, QRectF(0, 0, image.width(), image.height()))
    painter.end()
    return {(x, y) for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y).lightness() > 120}


@pytest.mark.parametrize("letter", ["a", "Z", "o", "m"])
@pytest.mark.parametrize("marks", [ABOVE, BELOW, THROUGH, ABOVE + BELOW + THROUGH, "\u0315\u031b" * 7])
def test_the_letter_is_there_in_full_under_its_marks(font: TerminalFont, letter: str, marks: str) -> None:
    assert len(inked(font, letter) - inked(font, letter + marks)) <= 2


def test_marks_are_seen(font: TerminalFont) -> None:
    assert len(inked(font, "a" + ABOVE)) > len(inked(font, "a"))
