"""Cards: dialogs in the middle of the window, over a scrim, that take all keys while they are open."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from synk.base.keypress import KeyPress
from synk.ui.keys import key_press
from synk.ui.theme import Theme, faded


class Card(QWidget):
    """A rounded box with a title. Subclasses add their content to `column` and answer keys in `take_key`."""

    fills_window = False
    """True for a page that covers everything below it."""
    finished = Signal()
    """It is done or was cancelled: the window removes it."""
    pressed = Signal(object)
    """A `KeyPress` the card itself has no use for."""

    def __init__(self, theme: Theme, title: str, *, width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.title = title
        """What stands at its top."""
        self.column = QVBoxLayout(self)
        """Top to bottom: the title, then what the subclass adds."""
        size = theme.sizes
        self.column.setContentsMargins(size.space_xl, size.space_xl, size.space_xl, size.space_l)
        self.column.setSpacing(size.space_m)
        self._width = width
        self.setFixedWidth(width)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(title)
        self.heading = label(theme, title, theme.fonts.title())
        """The title, the first in `column`."""
        self.column.addWidget(self.heading)

    def fit(self, width: int, height: int) -> None:
        """Take the size it should have in so much room, in logical pixels."""
        width = min(self._width, width)
        # Wrapped labels know their height only once the width is known; sizeHint() guesses too much.
        self.setFixedSize(width, min(self.column.totalHeightForWidth(width), height))

    def take_key(self, _press: KeyPress) -> bool:
        """Act on a key; False if it means nothing here."""
        return False

    def cancel(self) -> None:
        """Close without doing anything."""
        self.finished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Every key stays here while the card is open."""
        press = key_press(event)
        if press is not None and not self.take_key(press):
            self.pressed.emit(press)
        event.accept()

    def focusNextPrevChild(self, _next: bool) -> bool:
        """Tab does not leave the card."""
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the buttons does nothing, and does not reach the scrim."""
        event.accept()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The box."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size = self.theme.sizes
        painter.setPen(QPen(self.theme.colors.border, size.border))
        painter.setBrush(self.theme.colors.bg_secondary)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), size.card_radius, size.card_radius)


class Scrim(QWidget):
    """Darkens the window below a card and keeps the card in the middle; a click beside the card cancels it."""

    def __init__(self, card: Card, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self.card = card
        card.setParent(self)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.arrange()

    def arrange(self) -> None:
        """Cover the parent; the card a little above the middle, where the eye is."""
        self.setGeometry(self._window.rect())
        if self.card.fills_window:
            self.card.fit(self.width(), self.height())
            return
        margin = self.card.theme.sizes.space_xl
        self.card.fit(self.width() - 2 * margin, self.height() - 2 * margin)
        x = (self.width() - self.card.width()) // 2
        y = max(margin, (self.height() - self.card.height()) * 2 // 5)
        self.card.move(x, y)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The veil."""
        theme = self.card.theme
        QPainter(self).fillRect(event.rect(), faded(theme.colors.scrim, theme.opacity.scrim))

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        """Beside the card: cancel."""
        self.card.cancel()


def label(theme: Theme, text: str, font: QFont, token: str = "text") -> QLabel:
    """Plain text (never markup: it may hold a program's title), wrapped, in the color of a token whatever the theme."""
    widget = QLabel(text)
    widget.setTextFormat(Qt.TextFormat.PlainText)
    widget.setFont(font)
    widget.setWordWrap(True)
    widget.setProperty("token", token if token in theme.colors.by_token() else "text")
    return widget


def recolor(widget: QLabel, token: str) -> None:
    """Give a `label` the color of another token."""
    if widget.property("token") != token:
        widget.setProperty("token", token)
        # The style sheet is looked at again for a changed property only when it is asked to.
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def button(text: str, *, is_primary: bool = False) -> QPushButton:
    """A push button for the mouse; keys stay with the card. `is_primary`: what Enter does."""
    widget = QPushButton(text)
    widget.setProperty("primary", is_primary)
    widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    widget.setCursor(Qt.CursorShape.PointingHandCursor)
    return widget
