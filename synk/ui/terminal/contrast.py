"""How well a text can be told from its background (WCAG 2.2), and the nearest color that can be told well enough."""

from PySide6.QtGui import QColor

from synk.ui.theme import mixed

WHITE, BLACK = QColor.fromRgbF(1, 1, 1), QColor.fromRgbF(0, 0, 0)
"""The ends of brightness; no colors of the theme."""
ACROSS = 4.5
"""Least contrast of a text that has to change from lighter to darker than its background or back: WCAG's for small text.
Just enough of the other side would look washed out."""
STEPS = 8
"""Halvings of the way to black or white: the result is within half a percent of it, less than 8 bits show."""


def contrast(one: QColor, other: QColor) -> float:
    """1 (the same brightness) to 21 (black on white)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(color: QColor) -> float:
    """Relative luminance of an sRGB color, 0 to 1."""
    red, green, blue = (_linear(part) for part in (color.redF(), color.greenF(), color.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def readable(text: QColor, ground: QColor, least: float) -> QColor:
    """`text`, made lighter or darker until its contrast is `least`, or as far as black or white allow.

    Away from the background first: what is lighter gets lighter still.
    """
    if contrast(text, ground) >= least:
        return text
    end, other = (BLACK, WHITE) if luminance(text) < luminance(ground) else (WHITE, BLACK)
    if contrast(end, ground) < min(least, contrast(other, ground)):
        end, least = other, max(least, ACROSS)
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        if contrast(mixed(end, text, middle), ground) < least:
            low = middle
        else:
            high = middle
    return mixed(end, text, high)


def _linear(part: float) -> float:
    return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
