"""One thing to do on the home screen: icon, words, and the key that does the same."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from synk.ui.icons import Icon, draw_icon
from synk.ui.marks import draw_keycap, keycap_width
from synk.ui.theme import Theme, faded


class Starter(QAbstractButton):
    """A line to click; with the keyboard on it Enter presses it."""

    def __init__(self, theme: Theme, icon: Icon, text: str, key: str, parent: QWidget | None = None) -> None:
        """`key`: as on the keycap: `Ctrl+t`; "" for none."""
        super().__init__(parent)
        self._theme = theme
        self._icon = icon
        self._key = key
        self.setText(text)
        self.setAccessibleName(f"{text} ({key})" if key else text)
        self.setFixedHeight(theme.sizes.line_height)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """As wide as the column it stands in."""
        return QSize(self._theme.sizes.home_side, self._theme.sizes.line_height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground under the mouse, ring with the keyboard."""
        theme = self._theme
        colors, size = theme.colors, theme.sizes
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(faded(colors.bg_hover, 0.6))
            painter.drawRoundedRect(box, size.button_radius, size.button_radius)
        if self.hasFocus():
            painter.setPen(QPen(colors.blue, size.border_selected))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, size.button_radius, size.button_radius)
        middle = self.height() / 2
        draw_icon(painter, self._icon, QRectF(size.space_s, middle - size.icon / 2, size.icon, size.icon), colors.text_soft)
        key_left = float(self.width() - size.space_s)
        if self._key:
            key_left -= keycap_width(theme, self._key)
            draw_keycap(painter, theme, self._key, key_left, middle)
        painter.setFont(theme.fonts.body(QFont.Weight.Medium))
        painter.setPen(colors.text)
        left = size.space_s + size.icon + size.space_m
        area = QRectF(left, 0, key_left - size.space_s - left, self.height())
        text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, round(area.width()))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """All keys are the home screen's."""
        event.ignore()
