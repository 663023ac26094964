"""The command bar: the line over the top bar and the list below it. It runs nothing: it says what was typed."""

from collections.abc import Callable

from PySide6.QtCore import QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from synk.base.keypress import KeyPress
from synk.ui.line.completion_list import CompletionList
from synk.ui.line.line_edit import LineEdit
from synk.ui.theme import Theme

RESULT_MS = 2000
"""How long the result of a line stands in the bar (03-workspace.md, section 5)."""


class CommandBar(QWidget):
    """Closed it is hidden, or shows the result of the last line for a while without the keyboard."""

    opened = Signal(bool)
    """It took the keyboard (True), or was closed."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_open = False
        self._result = ""
        self.take_key: Callable[[KeyPress], bool] = lambda _press: False
        """Acts on a key of the table; whoever gives the bar its commands sets it."""
        self.field = LineEdit(lambda press: self.take_key(press), self)
        """The line."""
        self.field.setFont(theme.fonts.mono())
        self.field.setAccessibleName("Command line")
        self.list = CompletionList(theme, parent)
        """What may be typed next."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(RESULT_MS)
        self._timer.timeout.connect(self.clear_result)
        self.setFocusProxy(self.field)
        self.setAccessibleName("Command bar")
        self.hide()

    @property
    def is_open(self) -> bool:
        """Whether a line is being typed."""
        return self._is_open

    @property
    def result(self) -> str:
        """What the last line had to say, while it is shown."""
        return self._result

    def open(self, text: str) -> None:
        """Take the keyboard, with the cursor at the end of `text`."""
        self.clear_result()
        was_open, self._is_open = self._is_open, True
        self.field.setText(text)
        self.field.show()
        self.show()
        self.raise_()
        self.list.raise_()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)  # for other reasons Qt selects all, and the slash would go
        if not was_open:
            self.opened.emit(True)

    def close_line(self) -> None:
        """Stop; what was typed is forgotten."""
        if self._is_open:
            self._is_open = False
            self.list.show_items(())
            self.field.hide()
            self.hide()
            self.opened.emit(False)

    def show_result(self, text: str) -> None:
        """Say what a line did, in place of the line, for two seconds."""
        if text and not self._is_open:
            self._result = text
            self.setAccessibleDescription(text)
            self.field.hide()
            self.show()
            self.raise_()
            self.update()
            self._timer.start()

    def clear_result(self) -> None:
        """Nothing is said any more."""
        self._timer.stop()
        if self._result:
            self._result = ""
            self.setAccessibleDescription("")
            self.setVisible(self._is_open)

    def place(self, area: QRect, room: QRect) -> None:
        """`area`: where the line is, `room`: where its list may be; both in the parent."""
        self.setGeometry(area)
        self.field.setGeometry(0, 0, area.width(), area.height())
        self.list.place(room)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The result; while a line is typed the field covers everything."""
        if not self._result:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors, size = self._theme.colors, self._theme.sizes
        painter.setPen(QPen(colors.border, size.border))
        painter.setBrush(colors.bg_primary)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), size.button_radius, size.button_radius)
        painter.setFont(self._theme.fonts.label())
        painter.setPen(colors.text)
        area = self.rect().adjusted(size.space_m, 0, -size.space_m, 0)
        text = painter.fontMetrics().elidedText(self._result, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a result takes it away."""
        self.clear_result()
        event.accept()


def bar_places(theme: Theme, window: QRect, right: int) -> tuple[QRect, QRect]:
    """Where the open bar and its list are, in a window of this size.

    `right`: where the words of the top bar begin that have to stay readable (the mode). The bar stands in the middle where
    it can, else as far to the right as it may, over the tabs.
    """
    size = theme.sizes
    limit = right - size.space_s
    width = max(0, min(size.line_open, limit - size.space_l))
    x = min((window.width() - width) // 2, limit - width)
    height = size.button_height + 2 * size.border
    bar = QRect(x, (size.top_bar - height) // 2, width, height)
    below = bar.bottom() + 1 + size.space_xs
    room = min(size.line_open, window.width() - bar.x() - size.space_l)  # what a list says needs it where the bar has none
    return bar, QRect(bar.x(), below, max(width, room), max(0, window.height() - below - size.space_xl))
