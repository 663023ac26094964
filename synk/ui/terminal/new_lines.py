"""The chip in a scrolled view: "12 new lines", a click jumps to the newest."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from synk.ui.theme import Theme


class NewLinesChip(QWidget):
    """Hidden while the view follows the output. Takes clicks, never the focus."""

    clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.text = ""
        """What it reads now."""
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()

    def show_count(self, count: int | None) -> None:
        """Lines that arrived below what is shown; None: the view follows, nothing to say."""
        if count is None:
            self.hide()
            return
        text = "scrolled back" if not count else f"{count} new line{'s' if count != 1 else ''}"
        if text != self.text or not self.isVisible():
            self.text = text
            right, bottom = self.geometry().right() + 1, self.geometry().bottom() + 1
            self.place(right, bottom)
            self.show()
            self.update()

    def place(self, right: int, bottom: int) -> None:
        """Put the lower right corner there."""
        size = self._theme.sizes
        width = round(QFontMetricsF(self._theme.fonts.label()).horizontalAdvance(f"{self.text}  ↓")) + 2 * size.space_m
        self.setGeometry(right - width, bottom - size.chip_height, width, size.chip_height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A pill with the text and an arrow."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors, size = self._theme.colors, self._theme.sizes
        painter.setPen(colors.border)
        painter.setBrush(colors.bg_tertiary)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(area, size.chip_height / 2, size.chip_height / 2)
        painter.setPen(colors.text)
        painter.setFont(self._theme.fonts.label())
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, f"{self.text}  ↓")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Jump to the newest line."""
        event.accept()
        self.clicked.emit()
