"""The painted words of the home screen: its head, titles of its parts, and what an empty list says."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from synk.ui.marks import draw_keycap, keycap_width
from synk.ui.theme import Theme

Keys = Sequence[tuple[str, str]]
"""Keycap and what it does."""


class HomeHeader(QWidget):
    """Logo, name, and one sentence."""

    def __init__(self, theme: Theme, title: str, line: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = title
        self._line = line
        self.setFixedHeight(theme.sizes.home_logo + theme.sizes.space_xs)
        self.setAccessibleName(f"{title}. {line}")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Logo at the left, the words beside it."""
        theme = self._theme
        size = theme.sizes
        painter = QPainter(self)
        side = size.home_logo
        painter.drawPixmap(0, 0, QApplication.windowIcon().pixmap(QSize(side, side), self.devicePixelRatioF()))
        left = side + size.space_l
        painter.setFont(theme.fonts.hero())
        painter.setPen(theme.colors.text)
        above = QRectF(left, 0, self.width() - left, side / 2 + size.space_xs)
        painter.drawText(above, Qt.AlignmentFlag.AlignVCenter, self._title)
        painter.setFont(theme.fonts.body())
        painter.setPen(theme.colors.text_dim)
        below = QRectF(left, above.bottom(), self.width() - left, side - above.height())
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, self._line)


class PartTitle(QWidget):
    """A small heading with the keys of its part at the right end."""

    def __init__(self, theme: Theme, title: str, keys: Keys = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = title
        self._keys = keys
        self.setFixedHeight(theme.sizes.button_height)
        self.setAccessibleName(title)

    @property
    def title(self) -> str:
        """The heading."""
        return self._title

    def show_words(self, title: str, keys: Keys) -> None:
        """Replace them."""
        if (title, keys) != (self._title, self._keys):
            self._title, self._keys = title, keys
            self.setAccessibleName(title)
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Keys from the right, as many as fit; then the heading."""
        theme = self._theme
        size = theme.sizes
        painter = QPainter(self)
        painter.setFont(theme.fonts.label(QFont.Weight.DemiBold))
        least = painter.fontMetrics().horizontalAdvance(self._title) if not self._keys else size.home_side // 3
        x = float(self.width())
        for key, word in reversed(self._keys):
            width = self._width_of(key, word)
            if x - width < least:
                break
            self._paint_key(painter, key, word, x - width)
            x -= width + size.space_m
        painter.setFont(theme.fonts.label(QFont.Weight.DemiBold))
        painter.setPen(theme.colors.text_soft)
        title = painter.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideMiddle, round(x))
        painter.drawText(QRectF(0, 0, x, self.height()), Qt.AlignmentFlag.AlignVCenter, title)

    def _width_of(self, key: str, word: str) -> float:
        text = QFontMetrics(self._theme.fonts.label()).horizontalAdvance(word)
        return keycap_width(self._theme, key) + self._theme.sizes.space_xs + text

    def _paint_key(self, painter: QPainter, key: str, word: str, x: float) -> None:
        x += draw_keycap(painter, self._theme, key, x, self.height() / 2) + self._theme.sizes.space_xs
        painter.setFont(self._theme.fonts.label())
        painter.setPen(self._theme.colors.text_dim)
        painter.drawText(QRectF(x, 0, self.width() - x + 1, self.height()), Qt.AlignmentFlag.AlignVCenter, word)


class EmptyList(QWidget):
    """What stands in place of a list without lines."""

    def __init__(self, theme: Theme, title: str, key: str, hint: str, parent: QWidget | None = None) -> None:
        """`hint`: what `key` does, after the keycap."""
        super().__init__(parent)
        self._theme = theme
        self._title = title
        self._key = key
        self._hint = hint
        self.setFixedHeight(theme.sizes.recent_row * 2)
        self.setAccessibleName(f"{title}. {key}: {hint}")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Two quiet lines."""
        theme = self._theme
        size = theme.sizes
        painter = QPainter(self)
        painter.setFont(theme.fonts.body(QFont.Weight.Medium))
        painter.setPen(theme.colors.text_soft)
        line = size.line_height
        painter.drawText(QRectF(0, 0, self.width(), line), Qt.AlignmentFlag.AlignVCenter, self._title)
        x = draw_keycap(painter, theme, self._key, 0, line * 1.5) + size.space_s
        painter.setFont(theme.fonts.body())
        painter.setPen(theme.colors.text_dim)
        painter.drawText(QRectF(x, line, self.width() - x, line), Qt.AlignmentFlag.AlignVCenter, self._hint)
