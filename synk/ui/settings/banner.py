"""The line above the settings when the file needs attention: what is wrong, and the one thing to do about it."""

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from synk.ui.card import label
from synk.ui.theme import Theme, faded


class Banner(QWidget):
    """Hidden while there is nothing to say."""

    asked = Signal()
    """The button."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._token = "orange"
        size = theme.sizes
        self.text = label(theme, "", theme.fonts.body())
        self.button = QPushButton()
        self.button.clicked.connect(self.asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(size.space_m, size.space_s, size.space_m, size.space_s)
        row.setSpacing(size.space_m)
        row.addWidget(self.text, 1)
        row.addWidget(self.button)
        self.hide()

    def say(self, text: str, action: str = "", *, token: str = "orange") -> None:
        """Show a text and what the button does; "" hides either."""
        self._token = token
        self.text.setText(text)
        self.button.setText(action)
        self.button.setVisible(bool(action))
        self.setVisible(bool(text))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A tinted box with a bar at its left."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        color = theme.colors.token(self._token)
        painter.setPen(faded(color, theme.opacity.primary_border))
        painter.setBrush(faded(color, theme.opacity.tint))
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(area, theme.sizes.button_radius, theme.sizes.button_radius)
