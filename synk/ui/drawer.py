"""The bottom drawer: a handle, a strip of panel tabs, and the panel in front."""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from synk.base.keypress import KeyPress
from synk.ui.card import label
from synk.ui.keys import key_press
from synk.ui.theme import Theme, faded
from synk.ui.top_bar.icon_button import IconButton

log = logging.getLogger(__name__)

DRAG_PX = 6
"""So far the mouse goes before a click on a tab becomes a drag."""


class Panel(Protocol):
    """A page of the drawer."""

    id: str
    """As in `panel.toggle ID`."""
    title: str

    @property
    def widget(self) -> QWidget:
        """What stands in the drawer; its first focusable child takes the focus."""

    @property
    def summary(self) -> str:
        """A few words beside the title, "" for none: seen also when folded."""

    def show_active(self, is_active: bool) -> None:
        """Whether it is in front of an open drawer; a panel that is not uses no CPU."""

    def update(self) -> None:
        """What it shows may have changed."""


class PanelButton(QPushButton):
    """A button of a panel: Space presses it; Enter and the arrows are the drawer's."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt would take an arrow for Tab, which leaves the drawer."""
        if event.key() == Qt.Key.Key_Space:
            super().keyPressEvent(event)
        else:
            event.ignore()


class Drawer(QWidget):
    """Folded it is a strip with the tabs; open it shows one panel. The strip is its handle."""

    focus_left = Signal(bool)
    """Tab (True) or Shift+Tab (False) was pressed in a panel."""
    pressed = Signal(object)
    """A `KeyPress` the panel has no use for."""
    resized = Signal()
    """Its height or fold changed."""
    toggled = Signal()
    """The user opened or folded it, or put another panel in front."""
    dragged = Signal(int)
    """The user gave it another height."""
    reordered = Signal(list)
    """The user put the tabs into this order (ids)."""

    def __init__(self, theme: Theme, panels: Sequence[Panel], *, height: int, parent: QWidget | None = None) -> None:
        """`height`: when open, in logical pixels; `panels`: at least one, in the order of the tabs."""
        super().__init__(parent)
        self._theme = theme
        self._panels = list(panels)
        self._front = self._panels[0]
        self._open_height = height
        self._is_open = False
        self._drag: tuple[float, int] | None = None
        self._held: Panel | None = None
        self._held_x = 0.0
        self._is_tab_dragged = False
        self._broken: dict[str, QLabel] = {}
        """What stands in the place of panels that failed, by their id."""
        size = theme.sizes
        self.sidebar_button = IconButton(theme, "sidebar", "Show the sidebar (Ctrl+e)", self)
        """At the left end of the strip while the sidebar is folded."""
        self.sidebar_button.move(size.space_s, (size.drawer_folded - self.sidebar_button.height()) // 2)
        self.sidebar_button.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, size.drawer_folded, 0, 0)
        for panel in self._panels:
            self._column.addWidget(panel.widget)
        self.setMouseTracking(True)
        self.setAccessibleName("Drawer")
        self._show()

    @property
    def is_open(self) -> bool:
        """False while folded."""
        return self._is_open

    @property
    def front(self) -> str:
        """Id of the panel in front."""
        return self._front.id

    @property
    def open_height(self) -> int:
        """Its height when open, in logical pixels."""
        return self._open_height

    def set_open_height(self, height: int) -> None:
        """Within the bounds of the setting."""
        size = self._theme.sizes
        self._open_height = min(max(height, size.drawer_min), size.drawer_max)
        self._show()

    @property
    def order(self) -> list[str]:
        """Ids of the panels, left to right."""
        return [panel.id for panel in self._panels]

    def set_order(self, order: Sequence[str]) -> None:
        """Put the tabs into this order: unknown ids are left out, panels it does not name come last."""
        places = {panel_id: place for place, panel_id in enumerate(order)}
        self._panels.sort(key=lambda panel: places.get(panel.id, len(places)))
        self.refresh()

    def show_state(self, *, is_open: bool, front: str | None) -> None:
        """As it was before; a panel that is not there leaves another one in front."""
        self._front = next((panel for panel in self._panels if panel.id == front), self._front)
        self._is_open = is_open
        self._show()

    def show_sidebar_button(self, is_shown: bool) -> None:
        """Whether the sidebar is folded and can be brought back from here."""
        self.sidebar_button.setVisible(is_shown)
        self.refresh()

    def toggle(self) -> None:
        """Open or fold."""
        self._is_open = not self._is_open
        self._show()
        self.toggled.emit()

    def toggle_panel(self, panel_id: str) -> bool:
        """Open on this panel, or fold if it is in front; True if it is open now."""
        panel = next(panel for panel in self._panels if panel.id == panel_id)
        self._is_open = not (self._is_open and self._front is panel)
        self._front = panel
        self._show()
        self.toggled.emit()
        return self._is_open

    def update_panels(self) -> None:
        """What the panels show may have changed."""
        for panel in self._panels:
            self._guard(panel, panel.update)
        self.refresh()

    def focus_panel(self) -> None:
        """Give the panel the keyboard."""
        first = next(iter(self._buttons()), self._front.widget)
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        """A summary changed."""
        self.update(0, 0, self.width(), self._theme.sizes.drawer_folded)

    def _show(self) -> None:
        for panel in self._panels:
            is_front = self._is_open and panel is self._front
            self._guard(panel, partial(panel.show_active, is_front and self.isVisible()))
            self._place_of(panel).setVisible(is_front)
        height = self._open_height if self._is_open else self._theme.sizes.drawer_folded
        if height != self.height():
            self.setFixedHeight(height)
            self.resized.emit()
        self.update()

    def _guard(self, panel: Panel, act: Callable[[], object]) -> None:
        """A panel is a part of its own: whatever it runs into, the others go on (03-workspace.md, section 8)."""
        if panel.id in self._broken:
            return
        try:
            act()
        except Exception:
            log.exception("the panel %s failed", panel.id)
            words = f"Something went wrong in {panel.title}. Nothing was changed. Details: log"
            sign = label(self._theme, words, self._theme.fonts.body(), "red")
            sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
            panel.widget.hide()
            self._column.addWidget(sign)
            self._broken[panel.id] = sign
            sign.setVisible(self._is_open and panel is self._front)

    def _place_of(self, panel: Panel) -> QWidget:
        return self._broken.get(panel.id, panel.widget)

    def _summary(self, panel: Panel) -> str:
        words: list[str] = []
        self._guard(panel, lambda: words.append(panel.summary))
        return words[0] if words else ""

    def _tab_areas(self) -> list[tuple[Panel, QRect]]:
        size = self._theme.sizes
        x = size.space_l
        if not self.sidebar_button.isHidden():
            x = self.sidebar_button.geometry().right() + size.space_m
        areas = []
        for panel in self._panels:
            width = self._text_width(panel.title, QFont.Weight.Medium)
            summary = self._summary(panel)
            if summary:
                width += size.space_s + self._text_width(summary)
            areas.append((panel, QRect(x, 0, width, size.drawer_folded)))
            x += width + size.space_xl
        return areas

    def _text_width(self, text: str, weight: QFont.Weight = QFont.Weight.Normal) -> int:
        return QFontMetrics(self._theme.fonts.label(weight)).horizontalAdvance(text)

    def showEvent(self, _event: object) -> None:
        """The panel in front is seen again."""
        self._show()

    def hideEvent(self, _event: object) -> None:
        """Behind the home screen no panel is seen: none uses any CPU."""
        self._show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The strip: grip in the middle of the upper edge, tabs on the left."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        colors, size = theme.colors, theme.sizes
        painter.fillRect(self.rect(), colors.bg_sidebar)
        painter.setPen(QPen(faded(colors.border, 0.5), size.border))
        painter.drawLine(QPointF(0, 0.5), QPointF(self.width(), 0.5))
        grip = QRectF((self.width() - size.grip_width) / 2, size.space_xs + 1, size.grip_width, size.grip_height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.border)
        painter.drawRoundedRect(grip, size.grip_height / 2, size.grip_height / 2)
        for panel, area in self._tab_areas():
            self._paint_tab(painter, panel, area)

    def _paint_tab(self, painter: QPainter, panel: Panel, area: QRect) -> None:
        theme = self._theme
        is_front = self._is_open and panel is self._front
        painter.setFont(theme.fonts.label(QFont.Weight.Medium))
        painter.setPen(theme.colors.text if is_front else theme.colors.text_soft)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, panel.title)
        indent = painter.fontMetrics().horizontalAdvance(panel.title) + theme.sizes.space_s
        painter.setFont(theme.fonts.label())
        painter.setPen(theme.colors.text_dim)
        painter.drawText(area.adjusted(indent, 0, 1, 0), Qt.AlignmentFlag.AlignVCenter, self._summary(panel))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus, Left and Right go to the next one; the rest is not the panel's."""
        press = key_press(event)
        if press is not None and not self._take_key(press):
            self.pressed.emit(press)
        event.accept()

    def _take_key(self, press: KeyPress) -> bool:
        buttons = self._buttons()
        index = next((index for index, button in enumerate(buttons) if button.hasFocus()), None)
        name = press.name.removeprefix("kp_")
        if index is None or name not in ("enter", "left", "right"):
            return False
        if name == "enter":
            buttons[index].click()
        else:
            buttons[(index + (1 if name == "right" else -1)) % len(buttons)].setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def _buttons(self) -> list[PanelButton]:
        """Buttons of the panel in front that can be pressed, in the order they were made."""
        return [button for button in self._front.widget.findChildren(PanelButton) if button.isEnabled()]

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab leaves the drawer; arrows move between its buttons."""
        self.focus_left.emit(forward)
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """On a tab: its panel. On the strip: begin to drag."""
        if event.position().y() > self._theme.sizes.drawer_folded:
            return
        place = event.position().toPoint()
        self._held = next((panel for panel, area in self._tab_areas() if area.contains(place)), None)
        self._held_x = event.position().x()
        if self._held is None:
            self._drag = (event.globalPosition().y(), self.height())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag: below the smallest height it folds, above it opens."""
        size = self._theme.sizes
        on_strip = event.position().y() <= size.drawer_folded
        self.setCursor(Qt.CursorShape.SizeVerCursor if on_strip or self._drag else Qt.CursorShape.ArrowCursor)
        if self._held is not None:
            self._drag_tab(self._held, event.position().x())
        if self._drag is None:
            return
        from_y, from_height = self._drag
        height = round(from_height + from_y - event.globalPosition().y())
        self._is_open = height >= (size.drawer_min + size.drawer_folded) // 2
        if self._is_open:
            self._open_height = min(max(height, size.drawer_min), size.drawer_max)
        self._show()

    def _drag_tab(self, held: Panel, x: float) -> None:
        """The tab goes where the mouse is, once the mouse has passed the middle of a neighbor."""
        if not self._is_tab_dragged and abs(x - self._held_x) < DRAG_PX:
            return
        self._is_tab_dragged = True
        others = [area.center().x() for panel, area in self._tab_areas() if panel is not held]
        place = sum(middle < x for middle in others)
        if self._panels.index(held) != place:
            self._panels.remove(held)
            self._panels.insert(place, held)
            self.refresh()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """The drag is over; a tab that was not dragged was clicked."""
        held, self._held = self._held, None
        was_dragged, self._is_tab_dragged = self._is_tab_dragged, False
        if held is not None and was_dragged:
            self.reordered.emit(self.order)
        elif held is not None:
            self.toggle_panel(held.id)
        drag, self._drag = self._drag, None
        if drag is not None and drag[1] != self.height():
            self.dragged.emit(self._open_height)
            self.toggled.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On the strip beside the tabs: open or fold."""
        place = event.position().toPoint()
        if place.y() <= self._theme.sizes.drawer_folded and not any(area.contains(place) for _, area in self._tab_areas()):
            self.toggle()
