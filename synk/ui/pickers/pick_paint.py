"""How one line of a pick list looks: tile or icon, name with the matched letters marked, detail, tag."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen

from synk.ui.icons import Icon, draw_icon
from synk.ui.theme import Theme, faded

TILE_TOKENS = ("blue", "green", "orange", "purple", "red")


class Line(Protocol):
    """What is painted; see `Pick`."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def tag(self) -> str: ...
    @property
    def icon(self) -> Icon | None: ...
    @property
    def initials(self) -> str: ...
    @property
    def problem(self) -> str: ...
    @property
    def matched(self) -> Collection[int]: ...


@dataclass(frozen=True, slots=True)
class LineState:
    """How a line stands in its list."""

    is_marked: bool
    is_hot: bool
    """The mouse is on it."""
    has_keyboard: bool
    """The list has the focus: the marked line shows it."""
    is_tall: bool


def paint_pick(painter: QPainter, theme: Theme, line: Line, area: QRect, state: LineState) -> None:
    """Paint one line into its place."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    size, colors = theme.sizes, theme.colors
    is_marked, is_tall = state.is_marked, state.is_tall
    if is_marked or state.is_hot:
        has_ring = is_marked and state.has_keyboard
        painter.setPen(QPen(colors.blue, size.border_selected) if has_ring else QPen(Qt.PenStyle.NoPen))
        painter.setBrush(colors.bg_hover if is_marked else faded(colors.bg_hover, 0.45))
        painter.drawRoundedRect(QRectF(area).adjusted(1, 1, -1, -1), size.button_radius, size.button_radius)
    text = QRectF(area).adjusted(_paint_mark(painter, theme, line, area, is_tall=is_tall), 0, -size.space_m, 0)
    end, token = (line.problem, "orange") if line.problem else (line.tag, "text-soft" if is_marked else "text-dim")
    if end:
        text.setRight(_paint_end(painter, theme, end, text, token) - size.space_m)
    if is_tall:
        _paint_two_lines(painter, theme, line, text, is_marked=is_marked)
    else:
        _paint_one_line(painter, theme, line, text, is_marked=is_marked)
    painter.restore()


def tile_color(theme: Theme, id: str) -> QColor:
    """Always the same for the same project: what the eye finds it by."""
    digest = hashlib.blake2s(id.encode(errors="surrogateescape"), digest_size=1).digest()
    return theme.colors.token(TILE_TOKENS[digest[0] % len(TILE_TOKENS)])


def initials_of(name: str) -> str:
    """Two letters of a project's name: of its first two words, else its first two characters."""
    words = [word for word in name.replace("-", " ").replace("_", " ").replace(".", " ").split() if word[0].isalnum()]
    letters = words[0][0] + words[1][0] if len(words) > 1 else (words[0][:2] if words else name[:2])
    return letters.upper()


def _paint_mark(painter: QPainter, theme: Theme, line: Line, area: QRect, *, is_tall: bool) -> int:
    """Tile or icon at the left; returns where the text begins."""
    size = theme.sizes
    if line.initials:
        side = size.tile if is_tall else size.keycap_height
        tile = QRectF(area.left() + size.space_s, area.top() + (area.height() - side) / 2, side, side)
        color = theme.colors.text_dim if line.problem else tile_color(theme, line.id)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(color, theme.opacity.tint))
        painter.drawRoundedRect(tile, size.button_radius, size.button_radius)
        painter.setFont(theme.fonts.label(QFont.Weight.DemiBold))
        painter.setPen(color)
        painter.drawText(tile, Qt.AlignmentFlag.AlignCenter, line.initials)
        return size.space_s + side + size.space_m
    if line.icon is not None:
        corner = QRectF(area.left() + size.space_m, area.top() + (area.height() - size.icon) / 2, size.icon, size.icon)
        draw_icon(painter, line.icon, corner, theme.colors.text_soft)
        return size.space_m + size.icon + size.space_m
    return size.space_m


def _paint_end(painter: QPainter, theme: Theme, text: str, area: QRectF, token: str) -> float:
    """The tag; returns its left edge."""
    painter.setFont(theme.fonts.label())
    painter.setPen(theme.colors.token(token))
    painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
    return area.right() - painter.fontMetrics().horizontalAdvance(text)


def _paint_two_lines(painter: QPainter, theme: Theme, line: Line, area: QRectF, *, is_marked: bool) -> None:
    """Name above, detail below it."""
    half = theme.sizes.recent_row / 2
    top = QRectF(area.left(), area.center().y() - half + theme.sizes.space_xs, area.width(), half - theme.sizes.space_xs / 2)
    _paint_name(painter, theme, line, top, theme.fonts.body(QFont.Weight.Medium))
    _paint_detail(painter, theme, line, top.translated(0, half - theme.sizes.space_xs - 1), is_marked=is_marked)


def _paint_one_line(painter: QPainter, theme: Theme, line: Line, area: QRectF, *, is_marked: bool) -> None:
    """Name, and the detail in what room it leaves."""
    used = _paint_name(painter, theme, line, area, theme.fonts.body())
    left = area.left() + used + theme.sizes.space_m
    if area.right() - left > theme.sizes.space_xxl:
        _paint_detail(painter, theme, line, QRectF(left, area.top(), area.right() - left, area.height()), is_marked=is_marked)


def _paint_name(painter: QPainter, theme: Theme, line: Line, area: QRectF, font: QFont) -> int:
    """Returns how wide it came out."""
    metrics = QFontMetrics(font)
    name = metrics.elidedText(line.name, Qt.TextElideMode.ElideRight, round(area.width()))
    color = theme.colors.text_dim if line.problem else theme.colors.text
    painter.setFont(font)
    if not line.matched or name != line.name:
        painter.setPen(color)
        painter.drawText(area.adjusted(0, 0, 1, 0), Qt.AlignmentFlag.AlignVCenter, name)
        return metrics.horizontalAdvance(name)
    for index, character in enumerate(name):
        painter.setPen(theme.colors.blue if index in line.matched else color)
        place = area.adjusted(metrics.horizontalAdvance(name[:index]), 0, 1, 0)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, character)
    return metrics.horizontalAdvance(name)


def _paint_detail(painter: QPainter, theme: Theme, line: Line, area: QRectF, *, is_marked: bool) -> None:
    painter.setFont(theme.fonts.label())
    painter.setPen(theme.colors.text_soft if is_marked else theme.colors.text_dim)
    text = painter.fontMetrics().elidedText(line.detail, Qt.TextElideMode.ElideMiddle, round(area.width()))
    painter.drawText(area.adjusted(0, 0, 1, 0), Qt.AlignmentFlag.AlignVCenter, text)
