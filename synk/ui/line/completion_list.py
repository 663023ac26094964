"""The list under the command bar: what may be typed next, how the command is used, or what is wrong with the line."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from synk.commands.completion import Completion
from synk.ui.marks import draw_keycap, keycap_width
from synk.ui.theme import Theme

MOST_ROWS = 10
"""More scroll: a list over half of the grid is no help."""
LABEL_SHARE = 0.55
"""Of the width, for what is typed; the rest says what it does."""

TAKE_KEY = "Tab"
WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class CompletionList(QWidget):
    """Paints itself and never takes the keyboard. Hidden while there is nothing to show."""

    chosen = Signal(int)
    """A row was clicked: its index."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.items: Sequence[Completion] = ()
        """What is listed, the best first."""
        self.marked: int | None = None
        """The row that was chosen with the keys, None for none."""
        self.message = ""
        """What stands above the rows: how the command is used, or what is wrong."""
        self.is_error = False
        self._first = 0
        self._room = QRect()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Completions")
        self.hide()

    def show_items(self, items: Sequence[Completion], *, message: str = "", is_error: bool = False) -> None:
        """Replace everything; no row is chosen."""
        self.items, self.message, self.is_error = items, message, is_error
        self.marked, self._first = None, 0
        self.setAccessibleDescription(", ".join(filter(None, (message, *(item.label for item in items[:MOST_ROWS])))))
        self._fit()
        self.update()

    def mark(self, index: int | None) -> None:
        """Choose a row and show it."""
        self.marked = index
        if index is not None:
            self._first = min(max(self._first, index - self._rows() + 1), index)
        else:
            self._first = 0
        self.update()

    def place(self, room: QRect) -> None:
        """Where it may be, in the parent: it takes the width, and the height it needs."""
        self._room = room
        self._fit()

    def _rows(self) -> int:
        """Rows shown at a time."""
        size = self._theme.sizes
        height = self._room.height() - 2 * size.space_xs - self._message_height()
        return max(1, min(len(self.items), MOST_ROWS, height // size.table_row))

    def _message_height(self) -> int:
        if not self.message:
            return 0
        size = self._theme.sizes
        metrics = QFontMetrics(self._theme.fonts.label())
        width = max(1, self._room.width() - 2 * size.space_m)
        bounds = metrics.boundingRect(QRect(0, 0, width, self._room.height()), WRAPPED, self.message)
        return max(size.table_row, bounds.height() + size.space_s)

    def _fit(self) -> None:
        size = self._theme.sizes
        rows = self._rows() * size.table_row if self.items else 0
        height = min(self._room.height(), rows + self._message_height() + 2 * size.space_xs)
        self.setGeometry(self._room.x(), self._room.y(), self._room.width(), height)
        self.setVisible(bool(self.items or self.message) and not self._room.isEmpty())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A box, the message, the rows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors, size = self._theme.colors, self._theme.sizes
        painter.setPen(QPen(colors.red if self.is_error else colors.border, size.border))
        painter.setBrush(colors.bg_secondary)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), size.button_radius, size.button_radius)
        y = size.space_xs
        if self.message:
            self._paint_message(painter, y)
            y += self._message_height()
        rows = self._rows()
        column = self._detail_column(rows)
        for index in range(self._first, min(self._first + rows, len(self.items))):
            self._paint_row(painter, index, QRect(size.space_xs, y, self.width() - 2 * size.space_xs, size.table_row), column)
            y += size.table_row
        if len(self.items) > rows:
            self._paint_position(painter, rows)

    def _paint_message(self, painter: QPainter, top: int) -> None:
        colors, size = self._theme.colors, self._theme.sizes
        area = QRect(size.space_m, top + size.space_xs, self.width() - 2 * size.space_m, self._message_height() - size.space_s)
        painter.setFont(self._theme.fonts.label())
        painter.setPen(colors.red if self.is_error else colors.text_soft)
        painter.drawText(area, Qt.TextFlag.TextWordWrap | LEFT, self.message)

    def _detail_column(self, rows: int) -> int:
        """Where the second column begins: after the widest word shown, at most at a part of the width."""
        size = self._theme.sizes
        metrics = QFontMetrics(self._theme.fonts.mono())
        shown = self.items[self._first : self._first + rows]
        widest = max((metrics.horizontalAdvance(f"{item.label} {item.more}") for item in shown), default=0)
        return min(size.space_m + widest + size.space_l, int(self.width() * LABEL_SHARE))

    def _paint_row(self, painter: QPainter, index: int, area: QRect, column: int) -> None:
        theme, item = self._theme, self.items[index]
        colors, size = theme.colors, theme.sizes
        is_marked = index == self.marked
        if is_marked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.bg_hover)
            painter.drawRoundedRect(QRectF(area), size.keycap_radius, size.keycap_radius)
        right = area.right() - size.space_xs
        is_next = index == 0 and self.marked is None
        for key in filter(None, (item.keys, TAKE_KEY if is_next else "")):
            right -= round(keycap_width(theme, key))
            draw_keycap(painter, theme, key, right, area.center().y() + 0.5)
            right -= size.space_xs
        painter.setFont(theme.fonts.mono())
        metrics = painter.fontMetrics()
        left = size.space_m
        room = column - left - size.space_s
        label = metrics.elidedText(item.label, Qt.TextElideMode.ElideMiddle, room)
        painter.setPen(colors.text)
        painter.drawText(QRect(left, area.top(), room, area.height()), LEFT, label)
        used = metrics.horizontalAdvance(f"{label} ")
        if item.more and room > used:
            painter.setPen(colors.text_dim)
            more = metrics.elidedText(item.more, Qt.TextElideMode.ElideRight, room - used)
            painter.drawText(QRect(left + used, area.top(), room - used, area.height()), LEFT, more)
        painter.setFont(theme.fonts.label())
        painter.setPen(colors.text if is_marked else colors.text_soft)
        width = max(0, right - size.space_s - column)
        detail = painter.fontMetrics().elidedText(item.detail, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(column, area.top(), width, area.height()), LEFT, detail)

    def _paint_position(self, painter: QPainter, rows: int) -> None:
        """Where in the list the rows shown are: a thin bar at the right edge."""
        colors, size = self._theme.colors, self._theme.sizes
        top = size.space_xs + self._message_height()
        height = rows * size.table_row
        length = max(size.space_l, height * rows // len(self.items))
        y = top + (height - length) * self._first // max(1, len(self.items) - rows)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.border)
        width = size.grip_height
        painter.drawRoundedRect(QRectF(self.width() - width - 1, y, width, length), width / 2, width / 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click takes a row; beside the rows it does nothing, and does not reach the pane below."""
        top = self._theme.sizes.space_xs + self._message_height()
        row = (round(event.position().y()) - top) // self._theme.sizes.table_row
        if 0 <= row < self._rows() and self._first + row < len(self.items):
            self.chosen.emit(self._first + row)
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll by a row a notch; what is chosen stays so."""
        step = -1 if event.angleDelta().y() > 0 else 1
        self._first = min(max(0, self._first + step), max(0, len(self.items) - self._rows()))
        self.update()
        event.accept()
