"""Labels on the links of a terminal: a letter opens one, Shift and the letter copies its target."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from synk.base.keypress import KeyPress
from synk.terminal.links import FoundLink
from synk.ui.keys import key_press
from synk.ui.terminal.link_hover import LinkLabel, describe
from synk.ui.theme import Theme, faded

LETTERS = "asdfghjklqwertyuiopzxcvbnm"
"""Those under the fingers first."""


def labels(count: int) -> list[str]:
    """So many different labels, none the beginning of another: one letter each, or two each if there are more."""
    if count <= len(LETTERS):
        return list(LETTERS[:count])
    return [first + second for first in LETTERS for second in LETTERS][:count]


class LinkHints(QWidget):
    """Covers a terminal while it is there, and has the keyboard."""

    chosen = Signal(object)
    """The `FoundLink` to open."""
    copied = Signal(object)
    """The `FoundLink` to copy."""
    left = Signal()
    """The keyboard went elsewhere, or nothing was chosen."""

    def __init__(
        self,
        links: Sequence[FoundLink],
        theme: Theme,
        *,
        place_of: Callable[[int, int], QPointF],
        take: Callable[[KeyPress], bool],
        parent: QWidget,
    ) -> None:
        """`place_of(line, col)`: upper left corner of a cell; `take(press)`: act on a key of the table."""
        super().__init__(parent)
        self._theme = theme
        self._place_of = place_of
        self._take = take
        self.links = dict(zip(labels(len(links)), links, strict=False))
        """By their labels."""
        self.typed = ""
        """Letters so far."""
        self._label = LinkLabel(theme, self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(f"{len(self.links)} links; type a letter")
        self.setGeometry(parent.rect())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A letter of a label, or a key of the table; others do nothing."""
        press = key_press(event)
        event.accept()
        if press is None or self._take(press):
            return
        letter = press.name
        if press.name == "backspace":
            self._narrow(self.typed[:-1])
        elif letter in LETTERS and not (press.ctrl or press.alt or press.super_):
            self._type(letter, is_copy=press.shift)

    def focusNextPrevChild(self, _next: bool) -> bool:
        """Tab is no letter."""
        return False

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Labels without the keyboard would only be in the way."""
        super().focusOutEvent(event)
        self.left.emit()

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        """A click leaves."""
        self.left.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A veil, and on it the labels that the letters typed so far may become."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        painter.fillRect(self.rect(), faded(theme.colors.scrim, theme.opacity.scrim / 2))
        font = theme.fonts.mono()
        font.setWeight(QFont.Weight.Bold)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        for text, link in self.links.items():
            if text.startswith(self.typed):
                line, col, _ = link.spans[0]
                place = self._place_of(line, col)
                width = metrics.horizontalAdvance(text) + theme.sizes.space_xs
                area = QRectF(place.x(), place.y(), width, metrics.height())
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.terminal.search)
                painter.drawRoundedRect(area, theme.sizes.hint_radius, theme.sizes.hint_radius)
                painter.setPen(theme.colors.scrim)
                painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)

    def _type(self, letter: str, *, is_copy: bool) -> None:
        typed = self.typed + letter
        if typed in self.links:
            (self.copied if is_copy else self.chosen).emit(self.links[typed])
        elif any(text.startswith(typed) for text in self.links):
            self._narrow(typed)

    def _narrow(self, typed: str) -> None:
        """Show what is left, and where it leads if that is one link."""
        self.typed = typed
        left = [link for text, link in self.links.items() if text.startswith(typed)]
        self._label.show_text(describe(left[0]) if typed and len(left) == 1 else "")
        self.update()
