"""How the words of the top bar look and how wide they come out: badges, counts, hints, the closed command bar."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen

from synk.ui.marks import draw_keycap, keycap_width
from synk.ui.theme import Theme, faded

Hints = Sequence[tuple[str, str]]
"""Key (several keycaps separated by spaces) and what it does."""

LINE_HINT = "Command"
"""What the place of the command bar says while it is closed."""


@dataclass(frozen=True, slots=True)
class BarWord:
    """Mode, counts, broadcast or page."""

    text: str
    token: str = "text-dim"
    is_badge: bool = False
    """On a tinted ground."""
    widest: tuple[str, ...] = ()
    """Others that may stand in its place: it is as wide as the widest, so that nothing moves when it changes."""


def word_width(theme: Theme, word: BarWord) -> int:
    """In logical pixels."""
    if not word.is_badge:
        return QFontMetrics(theme.fonts.label()).horizontalAdvance(word.text)
    metrics = QFontMetrics(theme.fonts.label(QFont.Weight.DemiBold))
    return max(metrics.horizontalAdvance(text) for text in (word.text, *word.widest)) + 2 * theme.sizes.space_s


def paint_word(painter: QPainter, theme: Theme, word: BarWord, x: float, height: int) -> None:
    """From its left edge on, in the middle of so much height."""
    size = theme.sizes
    color = theme.colors.token(word.token)
    width = word_width(theme, word)
    area = QRectF(x, 0, width + 1, height)
    if word.is_badge:
        area = QRectF(x, (height - size.keycap_height) / 2, width, size.keycap_height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(color, theme.opacity.tint))
        painter.drawRoundedRect(area, size.keycap_radius, size.keycap_radius)
    painter.setFont(theme.fonts.label(QFont.Weight.DemiBold if word.is_badge else QFont.Weight.Normal))
    painter.setPen(color)
    align = Qt.AlignmentFlag.AlignCenter if word.is_badge else Qt.AlignmentFlag.AlignVCenter
    painter.drawText(area, align, word.text)


def hints_width(theme: Theme, hints: Hints) -> int:
    """Of all of them with the gaps between, in logical pixels."""
    metrics = QFontMetrics(theme.fonts.label())
    size = theme.sizes
    return sum(
        sum(round(keycap_width(theme, cap)) + size.space_xs for cap in key.split(" "))
        + metrics.horizontalAdvance(word)
        + size.space_m
        for key, word in hints
    )


def paint_hints(painter: QPainter, theme: Theme, hints: Hints, x: float, height: int) -> None:
    """Keycaps and words, from left to right."""
    size = theme.sizes
    for key, word in hints:
        for cap in key.split(" "):
            x += draw_keycap(painter, theme, cap, x, height / 2) + size.space_xs
        painter.setFont(theme.fonts.label())
        painter.setPen(theme.colors.text_dim)
        width = painter.fontMetrics().horizontalAdvance(word)
        painter.drawText(QRectF(x, 0, width + 1, height), Qt.AlignmentFlag.AlignVCenter, word)
        x += width + size.space_m


def paint_field(painter: QPainter, theme: Theme, place: QRect, key: str) -> None:
    """The closed command bar: a quiet field that says which key opens it, if one does."""
    colors, size = theme.colors, theme.sizes
    area = QRectF(place)
    painter.setPen(QPen(faded(colors.border, 0.7), size.border))
    painter.setBrush(faded(colors.bg_primary, 0.6))
    painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), size.button_radius, size.button_radius)
    x = area.left() + size.space_xs - 1
    if key:
        x += draw_keycap(painter, theme, key, x, area.center().y()) + size.space_xs
    painter.setFont(theme.fonts.label())
    painter.setPen(colors.text_dim)
    words = QRectF(x + size.space_xs, area.top(), area.right() - x, area.height())
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, LINE_HINT)
