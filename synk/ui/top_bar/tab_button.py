"""One tab of the strip: name, and what waits for the user there."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from synk.ui.theme import Theme, faded


@dataclass(frozen=True, slots=True)
class TabItem:
    """What one tab shows."""

    project: str
    """Its path: the tool tip, and what tells two tabs apart."""
    name: str
    attention: int = 0
    """Sessions that wait, failed, or are done unseen; 0 shows nothing."""
    is_active: bool = False
    token: str = "green"
    """Color of the count: that of the most urgent of them."""


EMPTY = TabItem("", "")


class TabButton(QAbstractButton):
    """A button like any other for the keyboard; with the mouse it can be dragged and closed too."""

    close_asked = Signal()
    """Middle click."""
    menu_asked = Signal(QPoint)
    """At a place of the desktop."""
    dragged = Signal(float, float)
    """The mouse's place in the strip, and how far from the tab's left edge it took it."""
    dropped = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.item = EMPTY
        """What it shows."""
        self._press_x = 0.0
        self._is_dragging = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def show_item(self, item: TabItem) -> None:
        """Show another state of the same project."""
        if item == self.item:
            return
        self.item = item
        count = f", {item.attention} need{'s' if item.attention == 1 else ''} you" if item.attention else ""
        self.setAccessibleName(f"Tab {item.name}{count}{', shown' if item.is_active else ''}")
        self.setToolTip(item.project)
        self.update()

    @property
    def natural_width(self) -> int:
        """With the whole name, up to the theme's limit."""
        size = self._theme.sizes
        name = QFontMetricsF(self._theme.fonts.body(QFont.Weight.Medium)).horizontalAdvance(self.item.name)
        # A pixel more: on a screen "api" is 20.6 pixels wide, and in 21 it was elided to "a".
        return min(size.tab_max, math.ceil(name) + 1 + self._extra_width())

    def sizeHint(self) -> QSize:
        """As `natural_width`."""
        return QSize(self.natural_width, self._theme.sizes.top_bar)

    def _extra_width(self) -> int:
        size = self._theme.sizes
        return 2 * size.space_m + (size.space_s + self._count_width() if self.item.attention else 0)

    def _count_width(self) -> int:
        size = self._theme.sizes
        text = QFontMetrics(self._theme.fonts.label(QFont.Weight.DemiBold)).horizontalAdvance(str(self.item.attention))
        return max(size.badge_height, text + size.space_s)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A tinted ground for the active one; a ring with the keyboard on it."""
        theme = self._theme
        colors, size = theme.colors, theme.sizes
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inset = size.space_xs + 1.5
        box = QRectF(self.rect()).adjusted(1.5, inset, -1.5, -inset)
        is_hot = self.underMouse() or self._is_dragging
        if self.item.is_active or is_hot:
            painter.setPen(Qt.PenStyle.NoPen)
            # Opaque while it is dragged: it lies over other names.
            is_full = self.item.is_active or self._is_dragging
            painter.setBrush(colors.bg_tertiary if is_full else faded(colors.bg_tertiary, 0.55))
            painter.drawRoundedRect(box, size.button_radius, size.button_radius)
        if self.hasFocus():
            painter.setPen(QPen(colors.blue, size.border_selected))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), size.button_radius, size.button_radius)
        right = box.right() - size.space_m + 1.5
        if self.item.attention:
            right = self._paint_count(painter, right) - size.space_s
        self._paint_name(painter, QRectF(size.space_m, 0, right - size.space_m, self.height()))

    def _paint_name(self, painter: QPainter, area: QRectF) -> None:
        theme = self._theme
        painter.setFont(theme.fonts.body(QFont.Weight.Medium))
        painter.setPen(theme.colors.text if self.item.is_active else theme.colors.text_soft)
        # In the middle: what tells `api-server` from `api-client` stands at the end.
        # Half a pixel of slack: a text that fits exactly would be elided after rounding.
        name = painter.fontMetrics().elidedText(self.item.name, Qt.TextElideMode.ElideMiddle, round(area.width() + 0.5))
        painter.drawText(area.adjusted(0, 0, 1, 0), Qt.AlignmentFlag.AlignVCenter, name)

    def _paint_count(self, painter: QPainter, right: float) -> float:
        """A small badge; returns its left edge."""
        theme = self._theme
        size = theme.sizes
        color = theme.colors.token(self.item.token)
        width = self._count_width()
        area = QRectF(right - width, (self.height() - size.badge_height) / 2, width, size.badge_height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(color, theme.opacity.tint))
        painter.drawRoundedRect(area, size.badge_height / 2, size.badge_height / 2)
        painter.setFont(theme.fonts.label(QFont.Weight.DemiBold))
        painter.setPen(color)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, str(self.item.attention))
        return area.left()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Left: begin a click, or a drag. Middle: closes when it goes up over the tab."""
        self._press_x = event.position().x()
        if event.button() != Qt.MouseButton.MiddleButton:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Further than a click may slip: drag."""
        if self._is_dragging or (event.buttons() & Qt.MouseButton.LeftButton and self.isDown()):
            x = event.position().x()
            if self._is_dragging or abs(x - self._press_x) >= QApplication.startDragDistance():
                self._is_dragging = True
                self.dragged.emit(self.mapToParent(QPointF(event.position())).x(), self._press_x)
            return
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The end of a click or a drag."""
        if self._is_dragging:
            self._is_dragging = False
            self.setDown(False)
            self.dropped.emit()
        elif event.button() == Qt.MouseButton.MiddleButton:
            if self.rect().contains(event.position().toPoint()):
                self.close_asked.emit()
        else:
            super().mouseReleaseEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The right button, or the menu key."""
        self.menu_asked.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """All keys are the top bar's: Qt's arrows would walk out of it."""
        event.ignore()
