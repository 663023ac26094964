"""A square button with an icon, as the top bar has them; a count may stand at its corner."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from synk.ui.icons import Icon, draw_icon
from synk.ui.theme import Theme

MOST_COUNTED = 99
"""More is shown as `99+`: three characters are what the corner has room for."""


class IconButton(QAbstractButton):
    """Reached with Tab; its keys are those of the part it stands in."""

    def __init__(self, theme: Theme, icon: Icon, name: str, parent: QWidget) -> None:
        """`name`: for screen readers and the tool tip."""
        super().__init__(parent)
        self._theme = theme
        self._icon = icon
        self._words = self._name = name
        self._count = 0
        self.setFixedSize(theme.sizes.icon_button, theme.sizes.icon_button)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(name)
        self.setAccessibleName(name)

    @property
    def count(self) -> int:
        """What stands at its corner."""
        return self._count

    def show_key(self, key: str) -> None:
        """The key that does the same, in brackets after the name; "" for none."""
        self._name = f"{self._words} ({key})" if key else self._words
        self.setToolTip(self._name)
        self._tell()

    def show_count(self, count: int) -> None:
        """0 shows nothing."""
        if count != self._count:
            self._count = count
            self._tell()
            self.update()

    def _tell(self) -> None:
        self.setAccessibleName(f"{self._name}, {self._count} unread" if self._count else self._name)

    def sizeHint(self) -> QSize:
        """As the theme says."""
        return QSize(self._theme.sizes.icon_button, self._theme.sizes.icon_button)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground under the mouse, ring with the keyboard, icon, count."""
        theme = self._theme
        colors, size = theme.colors, theme.sizes
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.bg_tertiary)
            painter.drawRoundedRect(box, size.button_radius, size.button_radius)
        if self.hasFocus():
            painter.setPen(QPen(colors.blue, size.border_selected))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), size.button_radius, size.button_radius)
        corner = QPointF((self.width() - size.icon) / 2, (self.height() - size.icon) / 2)
        token = colors.text if self.underMouse() or self.hasFocus() else colors.text_soft
        draw_icon(painter, self._icon, QRectF(corner.x(), corner.y(), size.icon, size.icon), token)
        if self._count:
            self._paint_count(painter)

    def _paint_count(self, painter: QPainter) -> None:
        """Over the icon's upper right, cut out of it by a rim in the color of the bar."""
        theme = self._theme
        colors, size = theme.colors, theme.sizes
        text = f"{MOST_COUNTED}+" if self._count > MOST_COUNTED else str(self._count)
        font = theme.fonts.label(QFont.Weight.DemiBold)
        font.setPixelSize(size.mark - 2)
        painter.setFont(font)
        height = size.mark + 1
        width = max(height, painter.fontMetrics().horizontalAdvance(text) + size.space_xs + 2)
        area = QRectF(self.width() - width - 0.5, 0.5, width, height)
        painter.setPen(QPen(colors.bg_sidebar, size.border_selected))
        painter.setBrush(colors.blue)
        painter.drawRoundedRect(area, height / 2, height / 2)
        painter.setPen(colors.bg_sidebar)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """All keys belong to the part it stands in."""
        event.ignore()
