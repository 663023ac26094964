"""The program's name at the left end of the top bar, which leads to the home screen."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from synk.ui.theme import Theme


class TitleButton(QAbstractButton):
    """The application's icon and name."""

    def __init__(self, theme: Theme, text: str, name: str, parent: QWidget) -> None:
        """`name`: where it leads, for screen readers and the tool tip."""
        super().__init__(parent)
        self._theme = theme
        self.setText(text)
        self.setToolTip(name)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """Icon, gap, name."""
        size = self._theme.sizes
        text = QFontMetrics(self._font()).horizontalAdvance(self.text())
        return QSize(size.space_s + size.icon + size.space_s + text + size.space_s, size.top_bar)

    def _font(self) -> QFont:
        return self._theme.fonts.body(QFont.Weight.DemiBold)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Icon and name; ground under the mouse, ring with the keyboard."""
        theme = self._theme
        colors, size = theme.colors, theme.sizes
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inset = size.space_xs + 1.5
        box = QRectF(self.rect()).adjusted(1.5, inset, -1.5, -inset)
        if self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.bg_tertiary)
            painter.drawRoundedRect(box, size.button_radius, size.button_radius)
        if self.hasFocus():
            painter.setPen(QPen(colors.blue, size.border_selected))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), size.button_radius, size.button_radius)
        corner = (self.height() - size.icon) // 2
        icon = QApplication.windowIcon().pixmap(QSize(size.icon, size.icon), self.devicePixelRatioF())
        painter.drawPixmap(size.space_s, corner, icon)
        painter.setFont(self._font())
        painter.setPen(colors.text)
        left = size.space_s + size.icon + size.space_s
        place = QRectF(left, 0, self.width() - left, self.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, self.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """All keys are the top bar's."""
        event.ignore()
