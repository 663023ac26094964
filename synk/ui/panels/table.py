"""What the tables of a panel have in common: a marked row that the arrows move, and verbs that act on it."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from synk.ui.keys import key_press
from synk.ui.theme import Theme, faded

VERB_KEYS = {"Open": "Enter", "Stop": "x", "Kill": "x"}
"""The key of each verb on the marked row."""


class PanelTable(QWidget):
    """Painted rows. With the keyboard in it one row is marked; Up and Down move the mark and leave at the ends."""

    acted = Signal(str, int)
    """A verb, and the row it is for."""
    left = Signal(int)
    """The mark was moved beyond the last row (1) or the first (-1)."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.marked = 0
        """The row with the keyboard, counted among those with a verb."""
        self._hot: tuple[int, str] | None = None
        self.setMouseTracking(True)

    def verbs(self, _row: int) -> Sequence[str]:
        """What can be done with a row, the outermost button first."""
        return ()

    def top(self, row: int) -> int:
        """Where a row begins, in logical pixels."""
        return self.theme.sizes.table_row * (1 + row)

    @property
    def row_count(self) -> int:
        """Rows that can be marked."""
        return 0

    def take_keyboard(self, *, at_end: bool = False) -> bool:
        """Give it the keyboard, at its first or last row; False if it has none."""
        if not self.row_count:
            return False
        self.marked = self.row_count - 1 if at_end else 0
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.update()
        return True

    def keep_mark(self) -> None:
        """The rows changed: the mark stays within them, and the keyboard goes on where there are none."""
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus if self.row_count else Qt.FocusPolicy.NoFocus)
        self.marked = min(self.marked, max(0, self.row_count - 1))
        if not self.row_count and self.hasFocus():
            self.left.emit(-1)

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        return QSize(0, self.minimumHeight())

    def button_area(self, row: int, verb: str) -> QRect:
        """Of one row's button; empty if the row has none."""
        return next((area for each, area in self._buttons(row) if each == verb), QRect())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, j and k move the mark; the keys of the verbs act; the rest is not the table's."""
        press = key_press(event)
        name = press.name.removeprefix("kp_") if press is not None and not (press.ctrl or press.alt) else ""
        step = {"down": 1, "j": 1, "up": -1, "k": -1}.get(name, 0)
        verb = next((verb for verb in self.verbs(self.marked) if VERB_KEYS[verb].lower() == name), None)
        if step:
            self._move(step)
        elif verb is not None and press is not None and not press.repeat:
            self.acted.emit(verb, self.marked)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The mark is seen only with the keyboard."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """As `focusInEvent`."""
        super().focusOutEvent(event)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a button."""
        found = self._button_at(event)
        if found is not None:
            row, verb = found
            self.acted.emit(verb, row)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the button under the mouse."""
        self._light(self._button_at(event))

    def leaveEvent(self, _event: QEvent) -> None:
        """No button is under the mouse any more."""
        self._light(None)

    def paint_row(self, painter: QPainter, row: int) -> None:
        """Mark and buttons of a row."""
        theme = self.theme
        if self.hasFocus() and row == self.marked:
            painter.setPen(QPen(theme.colors.blue, theme.sizes.border))
            painter.setBrush(faded(theme.colors.blue, theme.opacity.tint))
            area = QRect(0, self.top(row), self.width() - 1, theme.sizes.table_row - 1)
            painter.drawRoundedRect(area, theme.sizes.button_radius, theme.sizes.button_radius)
        for verb, area in self._buttons(row):
            painter.setPen(QPen(theme.colors.border, theme.sizes.border))
            painter.setBrush(theme.colors.bg_hover if self._hot == (row, verb) else theme.colors.bg_tertiary)
            painter.drawRoundedRect(area, theme.sizes.button_radius, theme.sizes.button_radius)
            painter.setFont(theme.fonts.label())
            painter.setPen(theme.colors.text)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._label(row, verb))

    def column_widths(self, header: Sequence[str], rows: Sequence[Sequence[str]], *, wide: int, room: int) -> list[int]:
        """As wide as each column's longest cell; the column `wide` takes what is left of `room`."""
        theme = self.theme
        heads = QFontMetrics(theme.fonts.label(QFont.Weight.Medium))
        cells = QFontMetrics(theme.fonts.mono())
        widths = [heads.horizontalAdvance(word) for word in header]
        for row in rows:
            for index, cell in enumerate(row):
                widths[index] = max(widths[index], cells.horizontalAdvance(cell))
        widths = [width + theme.sizes.space_l for width in widths]
        widths[wide] = max(theme.sizes.space_xxl, room - sum(widths) + widths[wide])
        return widths

    def _label(self, row: int, verb: str) -> str:
        return f"{VERB_KEYS[verb]}  {verb}" if self.hasFocus() and row == self.marked else verb

    def _buttons(self, row: int) -> list[tuple[str, QRect]]:
        size = self.theme.sizes
        metrics = QFontMetrics(self.theme.fonts.label())
        buttons, right = [], self.width() - size.space_s
        for verb in self.verbs(row):
            width = metrics.horizontalAdvance(self._label(row, verb)) + 2 * size.space_s
            area = QRect(right - width, self.top(row) + 2, width, size.table_row - 4)
            buttons.append((verb, area))
            right = area.left() - size.space_xs
        return buttons

    def _button_at(self, event: QMouseEvent) -> tuple[int, str] | None:
        place = event.position().toPoint()
        for row in range(self.row_count):
            for verb, area in self._buttons(row):
                if area.contains(place):
                    return row, verb
        return None

    def _light(self, found: tuple[int, str] | None) -> None:
        if found != self._hot:
            self._hot = found
            self.update()

    def _move(self, step: int) -> None:
        row = self.marked + step
        if 0 <= row < self.row_count:
            self.marked = row
            self.update()
        else:
            self.left.emit(step)
