"""The bar of an ended pane: how its program ended and what can be done."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from synk.ui.theme import Theme, faded


class EndedBar(QWidget):
    """One line of text; clicks fall through to the pane."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._dim_by = 0.0
        self.text = ""
        """What it reads, in full."""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_text(self, text: str) -> None:
        """Set the text; the pane shows or hides the bar."""
        if text != self.text:
            self.text = text
            self.setAccessibleName(text)
            self.update()

    def show_dimmed(self, by: float) -> None:
        """How much of the picture is taken away, 0 to 1."""
        self._dim_by = by
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """How it ended in the text color, what can be done in the dim one."""
        painter = QPainter(self)
        theme = self._theme
        colors, size = theme.colors, theme.sizes
        painter.setPen(QPen(faded(colors.border, 0.5), size.border))
        painter.drawLine(QPointF(0, 0.5), QPointF(self.width(), 0.5))
        how, _, keys = self.text.partition(" - ")
        painter.setFont(theme.fonts.label())
        metrics = painter.fontMetrics()
        left, room = size.space_s, self.width() - 2 * size.space_s
        for text, color in ((how, colors.text), (f" - {keys}" if keys else "", colors.text_dim)):
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            painter.setPen(color)
            painter.drawText(QRectF(left, 0, room, self.height()), Qt.AlignmentFlag.AlignVCenter, shown)
            left += metrics.horizontalAdvance(shown)
            room -= metrics.horizontalAdvance(shown)
        if self._dim_by:
            painter.fillRect(event.rect(), faded(colors.bg_primary, self._dim_by))
