"""Characters drawn by Synk: each has ink, and mosaics fill exactly their part of the cell."""

import re

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from synk.ui.terminal.symbols import DRAWN, draw_symbol, is_symbol

WIDTH, HEIGHT, MARGIN = 16, 34, 4
INK = QColor("white")
EVERY = [chr(code) for code in range(0x110000) if re.match(f"[{DRAWN}]", chr(code))]


def draw(symbol: str, width: int = WIDTH, height: int = HEIGHT) -> QImage:
    """The symbol in the middle of a black picture with a margin."""
    image = QImage(width + 2 * MARGIN, height + 2 * MARGIN, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    painter = QPainter(image)
    draw_symbol(painter, symbol, QRectF(MARGIN, MARGIN, width, height), INK, 2)
    painter.end()
    return image


def light(image: QImage) -> float:
    """Part of the cell that is ink, 0 to 1."""
    width, height = image.width() - 2 * MARGIN, image.height() - 2 * MARGIN
    cells = (image.pixelColor(MARGIN + x, MARGIN + y).lightnessF() for x in range(width) for y in range(height))
    return sum(cells) / (width * height)


def test_every_symbol_has_ink() -> None:
    for symbol in EVERY:
        assert light(draw(symbol, 8, 17)) > 0 or symbol == "\u2800", hex(ord(symbol))


def test_only_the_characters_named_are_symbols() -> None:
    assert is_symbol("─")
    assert is_symbol("\U0001cde5")
    assert not any(is_symbol(text) for text in ("a", "──", "\U0001fb93", "\ue0c0", "你"))


@pytest.mark.parametrize(
    ("symbol", "part"),
    [
        ("█", 1), ("▄", 1 / 2), ("▌", 1 / 2), ("▂", 1 / 4), ("▎", 1 / 4), ("▚", 1 / 2), ("▙", 3 / 4), ("▒", 1 / 2),
        ("\U0001fb00", 1 / 6), ("\U0001fb3b", 5 / 6), ("\U0001cd00", 1 / 8), ("\U0001cde5", 7 / 8),
        ("\U0001fb68", 3 / 4), ("\U0001fb6c", 1 / 4), ("\U0001fb9a", 1 / 2), ("\U0001fb40", 1 / 4), ("\U0001fb45", 3 / 4),
        ("\ue0b8", 1 / 2), ("\ue0b0", 1 / 2), ("\U0001fb90", 1 / 2), ("\U0001fb95", 1 / 2), ("\U0001fbce", 2 / 3),
    ],
)  # fmt: skip
def test_blocks_fill_their_part_of_the_cell(symbol: str, part: float) -> None:
    assert light(draw(symbol, 24, 48)) == pytest.approx(part, abs=0.02)


def test_octants_are_the_patterns_that_have_no_character_elsewhere() -> None:
    pictures = {bytes(draw(chr(code), 8, 16).constBits()) for code in range(0x1CD00, 0x1CDE6)}
    others = "▘▝▀▖▌▞▛▗▚▐▜▄▙▟█▂▆\U0001fb82\U0001fb85\U0001fbe6\U0001fbe7\U0001cea0\U0001cea3\U0001cea8\U0001ceab"
    pictures |= {bytes(draw(symbol, 8, 16).constBits()) for symbol in others}
    assert len(pictures) == 255  # all but the blank


def test_first_and_last_sextants_and_octants_are_where_unicode_has_them() -> None:
    octant = draw("\U0001cd00", 8, 16)  # BLOCK OCTANT-3: second row, left
    assert octant.pixelColor(MARGIN + 1, MARGIN + 5) == INK
    assert octant.pixelColor(MARGIN + 5, MARGIN + 5) != INK
    assert octant.pixelColor(MARGIN + 1, MARGIN + 1) != INK
    sextant = draw("\U0001fb01", 8, 15)  # BLOCK SEXTANT-2: first row, right
    assert sextant.pixelColor(MARGIN + 5, MARGIN + 1) == INK
    assert sextant.pixelColor(MARGIN + 1, MARGIN + 1) != INK


@pytest.mark.parametrize(("width", "height"), [(8, 17), (9, 20), (16, 34)])
def test_the_small_square_stands_in_the_middle_of_its_cell(width: int, height: int) -> None:
    image = draw("\u2b1d", width, height)
    inked = [(x, y) for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y).lightness()]
    for places, size in (({x for x, _ in inked}, image.width()), ({y for _, y in inked}, image.height())):
        assert len(places) == round(width / 3)
        assert abs(min(places) - (size - 1 - max(places))) <= 1
