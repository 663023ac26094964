"""The tabs of the open projects: one button each, that can be dragged, closed, and walked through with the arrows."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QLinearGradient, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QMenu, QWidget

from synk.ui.theme import Theme, faded
from synk.ui.top_bar.tab_button import TabButton, TabItem


class TabStrip(QWidget):
    """Lays the tabs out side by side: narrower when there is little room, then scrolled with the active one in sight.

    It changes nothing itself: every gesture is a command line.
    """

    asked = Signal(str)
    """A command line to run: `tab.select 2`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._buttons: list[TabButton] = []
        self._order: list[str] = []
        """Projects as they were shown last: a drag moves the buttons before the tabs have moved."""
        self._offset = 0
        self._dragged: TabButton | None = None
        self.setFixedHeight(theme.sizes.top_bar)
        self.setAccessibleName("Tabs")
        self._fades = [Fade(theme, is_left=is_left, parent=self) for is_left in (True, False)]

    @property
    def buttons(self) -> Sequence[TabButton]:
        """Left to right."""
        return self._buttons

    def show_tabs(self, items: Sequence[TabItem]) -> None:
        """Replace what is shown; a tab that was there keeps its button, its focus and a drag that goes on."""
        known = {button.item.project: button for button in self._buttons}
        self._order = [item.project for item in items]
        buttons = []
        for item in items:
            button = known.pop(item.project, None) or self._make()
            button.show_item(item)
            buttons.append(button)
        for button in known.values():
            if button is self._dragged:
                self._dragged = None
            button.hide()
            button.deleteLater()
        self._buttons = buttons
        for button in buttons:
            button.show()
        self._arrange()
        self.reveal(next((button for button in buttons if button.item.is_active), None))
        self.updateGeometry()

    @property
    def natural_width(self) -> int:
        """As wide as all names in full want it, in logical pixels."""
        return sum(self._natural_widths())

    @property
    def least_width(self) -> int:
        """Below this the strip scrolls."""
        return min(self.natural_width, len(self._buttons) * self._theme.sizes.tab_min)

    def sizeHint(self) -> QSize:
        """All names in full."""
        return QSize(self.natural_width, self._theme.sizes.top_bar)

    def minimumSizeHint(self) -> QSize:
        """One tab and a bit: the rest is scrolled to."""
        return QSize(min(self.least_width, self._theme.sizes.tab_min), self._theme.sizes.top_bar)

    def focus_active(self) -> bool:
        """Give the active tab the keyboard, else the first one; False if there is no tab."""
        target = next((button for button in self._buttons if button.item.is_active), None)
        target = target or next(iter(self._buttons), None)
        if target is not None:
            target.setFocus(Qt.FocusReason.TabFocusReason)
        return target is not None

    def widths(self) -> list[int]:
        """Widths of the tabs in the room there is: the longest names give way first."""
        wanted = self._natural_widths()
        least = self._theme.sizes.tab_min
        limit = max(wanted, default=0)
        while limit > least and sum(min(width, limit) for width in wanted) > self.width():
            limit -= 1
        return [min(width, max(limit, least)) for width in wanted]

    def _make(self) -> TabButton:
        button = TabButton(self._theme, self)
        button.clicked.connect(lambda: self.ask("tab.select", button))
        button.close_asked.connect(lambda: self.ask("tab.close", button))
        button.menu_asked.connect(lambda place: self.menu_of(button).popup(place))
        button.dragged.connect(lambda x, grab_x: self.drag(button, x, grab_x))
        button.dropped.connect(lambda: self.drop(button))
        return button

    def _natural_widths(self) -> list[int]:
        return [button.natural_width for button in self._buttons]

    def resizeEvent(self, _event: object) -> None:
        """Other widths; from the first tab on, as far as the active one asks for it."""
        self._offset = 0
        self._arrange()
        self.reveal(next((button for button in self._buttons if button.item.is_active), None))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll through tabs that do not fit."""
        delta = event.angleDelta().y() or event.angleDelta().x()
        self._scroll_to(self._offset - delta // 2)
        event.accept()

    def _arrange(self) -> None:
        """Places from left to right; a tab that is being dragged stays under the mouse."""
        widths = self.widths()
        self._offset = max(0, min(self._offset, sum(widths) - self.width()))
        x = -self._offset
        for button, width in zip(self._buttons, widths, strict=True):
            if button is self._dragged:
                button.resize(width, self.height())
            else:
                button.setGeometry(x, 0, width, self.height())
            x += width
        left, right = self._fades
        left.show_over(self.rect(), is_needed=self._offset > 0)
        right.show_over(self.rect(), is_needed=x > self.width())

    def _scroll_to(self, offset: int) -> None:
        self._offset = offset
        self._arrange()

    def reveal(self, button: TabButton | None) -> None:
        """Scroll so that all of it is in sight."""
        if button is None or button is self._dragged:
            return
        margin = self._theme.sizes.space_xl  # of the fade: what lies below it is not in sight
        left, right = button.x() - margin, button.geometry().right() + 1 + margin
        if left < 0:
            self._scroll_to(self._offset + left)
        elif right > self.width():
            self._scroll_to(self._offset + right - self.width())

    def number_of(self, button: TabButton) -> int:
        """Its place from 1, as `tab.select` counts."""
        return self._buttons.index(button) + 1

    def drag(self, button: TabButton, x: float, grab_x: float) -> None:
        """The mouse is at `x` of the strip, and took the tab `grab_x` pixels from its left edge."""
        self._dragged = button
        button.raise_()
        button.move(round(min(max(x - grab_x, -button.width() // 2), self.width() - button.width() // 2)), 0)
        others = [other for other in self._buttons if other is not button]
        middle = button.geometry().center().x()
        place = sum(other.geometry().center().x() < middle for other in others)
        others.insert(place, button)
        if others != self._buttons:
            self._buttons = others
            self._arrange()

    def drop(self, button: TabButton) -> None:
        """The drag is over: the new order is asked for."""
        if self._dragged is button:
            self._dragged = None
            self._arrange()
            before, after = self._order.index(button.item.project) + 1, self.number_of(button)
            if before != after:
                self.asked.emit(f"tab.place {before} {after}")

    def ask(self, verb: str, button: TabButton) -> None:
        """Run a command for one tab."""
        self.asked.emit(f"{verb} {self.number_of(button)}")

    def menu_of(self, button: TabButton) -> QMenu:
        """Close, Close others, Close all; it deletes itself when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        number = self.number_of(button)
        for text, line in (
            ("Close", f"tab.close {number}"),
            ("Close others", f"tab.close-others {number}"),
            ("Close all", "tab.close-all"),
        ):
            action = menu.addAction(text)
            action.triggered.connect(lambda _checked=False, line=line: self.asked.emit(line))
            action.setEnabled(text != "Close others" or len(self._buttons) > 1)
        return menu


class Fade(QWidget):
    """Lies over an end of the strip where tabs go on beyond it."""

    def __init__(self, theme: Theme, *, is_left: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_left = is_left
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_over(self, strip: QRect, *, is_needed: bool) -> None:
        """Take its place, above the tabs."""
        size = self._theme.sizes
        width = size.space_xl
        left = strip.left() if self._is_left else strip.right() + 1 - width
        self.setGeometry(left, 0, width, strip.height() - size.border)  # the line below the bar goes on
        self.setVisible(is_needed)
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """From the color of the bar to nothing."""
        ground = self._theme.colors.bg_sidebar
        gradient = QLinearGradient(0, 0, self.width(), 0)
        gradient.setColorAt(0, ground if self._is_left else faded(ground, 0))
        gradient.setColorAt(1, faded(ground, 0) if self._is_left else ground)
        QPainter(self).fillRect(self.rect(), gradient)
