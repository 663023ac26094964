"""All rows of the sidebar in one painted, scrolling list: 64 sessions cost what is in sight."""

import html
from bisect import bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from synk.base.keypress import KeyPress
from synk.sessions.session import Status
from synk.ui.keys import key_press
from synk.ui.sidebar.row_paint import RowPaint, RowState, split_line
from synk.ui.sidebar.rows import HeadRow, PlaceRow, Row, SessionRow, TextRow
from synk.ui.terminal.accessible import say
from synk.ui.theme import Theme
from synk.ui.turning import Turning


class RowList(QAbstractScrollArea):
    """One row has the keyboard while the list has it. It says what the user does and changes nothing itself."""

    chosen = Signal(object)
    """A `Row` was clicked, or Enter was pressed on it."""
    folded = Signal(str, bool)
    """A section (by id) is to be folded (True) or unfolded, with Left and Right."""
    removed = Signal(object)
    """Delete was pressed on a `Row`."""
    menu_asked = Signal(object, QPoint)
    """The menu of a `Row`, at a place of the desktop."""
    pressed = Signal(object)
    """A `KeyPress` the list has no use for."""
    focus_left = Signal(bool)
    """Tab (True) or Shift+Tab (False) was pressed."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._paint = RowPaint(theme)
        self.rows: list[Row] = []
        """Top to bottom."""
        self._tops: list[int] = [0]
        """Where each row begins, and where the last one ends, in pixels from the top of all."""
        self._index = 0
        self._hot: int | None = None
        self._moves = True
        self._turning = Turning(self)
        self._turning.stepped.connect(self._turn_marks)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.setAccessibleName("Sidebar")
        self.verticalScrollBar().setSingleStep(theme.sizes.sidebar_row)

    @property
    def current(self) -> Row | None:
        """The row Enter acts on."""
        return self.rows[self._index] if self._index < len(self.rows) else None

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Replace the content; the keyboard stays on its row, and if that is gone on the one in its place."""
        rows = list(rows)
        if rows == self.rows:
            return
        before, key = self.rows, self.current.key if self.current is not None else None
        self.rows = rows
        keys = [row.key for row in rows]
        if keys == [row.key for row in before] and self._measured() == self._tops:
            self._show_changed(before)
            return
        self._index = keys.index(key) if key in keys else min(self._index, max(0, len(rows) - 1))
        if not self._can_stop(self._index):
            self._index = next((index for index in range(self._index, len(rows)) if self._can_stop(index)), self._index)
        self._fit()

    def show_moves(self, moves: bool) -> None:
        """Whether marks of working sessions may turn (`ui.reduce_motion`)."""
        self._moves = moves
        self._run_turning()

    def choose(self, key: str) -> None:
        """Put the keyboard on the row of that key."""
        index = next((index for index, row in enumerate(self.rows) if row.key == key), None)
        if index is not None:
            self._index = index
            self._tell()
            self._reveal()

    def row_area(self, index: int) -> QRect:
        """Where a row is in the viewport."""
        top = self._tops[index]
        return QRect(0, top - self.verticalScrollBar().value(), self.viewport().width(), self._tops[index + 1] - top)

    def sizeHint(self) -> QSize:
        """The sidebar decides."""
        return QSize(0, 0)

    def resizeEvent(self, _event: object) -> None:
        """Sentences wrap elsewhere."""
        self._fit()

    def showEvent(self, _event: object) -> None:
        """A mark turns only while it is seen."""
        self._run_turning()

    def hideEvent(self, _event: object) -> None:
        """As `showEvent`."""
        self._run_turning()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The row with the keyboard is marked, and in sight."""
        super().focusInEvent(event)
        self._reveal()
        self.viewport().update()
        say(self, self.accessibleDescription())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """And is not marked any more."""
        super().focusOutEvent(event)
        self.viewport().update()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab leaves the list; arrows move in it."""
        self.focus_left.emit(forward)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, letters of vi, Enter, Delete and the menu key; the rest is not the list's."""
        press = key_press(event)
        if press is not None and not self._take_key(press):
            self.pressed.emit(press)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses; it does not take the keyboard."""
        index = self._index_at(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and index is not None:
            self._index = index
            self._tell()
            self.chosen.emit(self.rows[index])

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The right button: the menu of the row under it."""
        index = self._index_at(self.viewport().mapFromGlobal(event.globalPos()))
        if index is not None and event.reason() is not QContextMenuEvent.Reason.Keyboard:
            self.menu_asked.emit(self.rows[index], event.globalPos())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the row under the mouse; tell what is cut off."""
        index = self._index_at(event.position().toPoint())
        self._heat(index if index is not None and not isinstance(self.rows[index], PlaceRow) else None)
        text = self.rows[index].spoken if index is not None and not isinstance(self.rows[index], HeadRow | TextRow) else ""
        # Escaped inside markup: Qt would take a program's title that looks like HTML for HTML.
        self.viewport().setToolTip(f"<qt>{html.escape(text)}</qt>" if text else "")

    def leaveEvent(self, _event: object) -> None:
        """Nothing is under the mouse."""
        self._heat(None)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows in sight, and a line above each section but the first."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), self._theme.colors.bg_sidebar)
        offset = self.verticalScrollBar().value()
        first = max(0, bisect_right(self._tops, event.rect().top() + offset) - 1)
        for index in range(first, len(self.rows)):
            area = self.row_area(index)
            if area.top() > event.rect().bottom():
                break
            changed = event.region().intersected(area).boundingRect()
            if changed.isEmpty():
                # Marks of working sessions turn in some rows, and all that is between those would be painted with them.
                continue
            row = self.rows[index]
            if index and isinstance(row, HeadRow):
                split_line(self._theme, painter, area.top() + 0.5, 0, area.width())
            state = RowState(
                is_hot=index == self._hot,
                has_keyboard=self.hasFocus() and index == self._index,
                turn=self._turning.turn,
                is_mark_only=self._paint.mark_area(area).toAlignedRect().contains(changed),
            )
            self._paint.paint(painter, row, area, state)

    def _take_key(self, press: KeyPress) -> bool:
        name = press.name.removeprefix("kp_")
        row = self.current
        if press.ctrl or press.alt or press.super_ or row is None:
            return False
        if name == "menu" or (press.shift and name == "f10"):
            self.menu_asked.emit(row, self.viewport().mapToGlobal(self.row_area(self._index).bottomLeft()))
        elif press.shift:
            return False
        elif name in ("down", "j", "up", "k"):
            step = 1 if name in ("down", "j") else -1
            self._move_to(self._index + step, step)
        elif name in ("home", "end", "pagedown", "pageup"):
            self._jump(name)
        elif name in ("left", "right") and isinstance(row, HeadRow):
            self.folded.emit(row.section, name == "left")
        elif name == "enter" and not press.repeat:
            self.chosen.emit(row)
        elif name == "delete" and not press.repeat:
            self.removed.emit(row)
        else:
            return False
        return True

    def _jump(self, name: str) -> None:
        height = self.viewport().height()
        targets = {
            "home": 0,
            "end": self._tops[-1],
            "pagedown": self._tops[self._index] + height,
            "pageup": self._tops[self._index] - height,
        }
        index = bisect_right(self._tops, max(0, targets[name])) - 1
        self._move_to(min(index, len(self.rows) - 1), -1 if name in ("end", "pagedown") else 1)

    def _move_to(self, index: int, step: int) -> None:
        """To the first row from there on, in this direction, that the keyboard can be on; else it stays."""
        while 0 <= index < len(self.rows):
            if self._can_stop(index):
                self._index = index
                self._tell()
                self._reveal()
                say(self, self.rows[index].spoken)
                return
            index += step

    def _can_stop(self, index: int) -> bool:
        row = self.rows[index] if index < len(self.rows) else None
        return row is not None and not isinstance(row, PlaceRow) and not (isinstance(row, TextRow) and not row.command)

    def _index_at(self, place: QPoint) -> int | None:
        y = place.y() + self.verticalScrollBar().value()
        index = bisect_right(self._tops, y) - 1
        return index if 0 <= index < len(self.rows) else None

    def _heat(self, index: int | None) -> None:
        if index != self._hot:
            self._hot = index
            self.viewport().update()

    def _fit(self) -> None:
        self._tops = tops = self._measured()
        bar = self.verticalScrollBar()
        bar.setPageStep(self.viewport().height())
        bar.setRange(0, max(0, tops[-1] - self.viewport().height()))
        self._run_turning()
        self._tell()

    def _measured(self) -> list[int]:
        width, tops = self.viewport().width(), [0]
        for row in self.rows:
            tops.append(tops[-1] + self._paint.height(row, width))
        return tops

    def _show_changed(self, before: Sequence[Row]) -> None:
        """The same rows in the same places: with 64 sessions one changed card costs 0.2 ms, all in sight 4 ms."""
        for index, (old, new) in enumerate(zip(before, self.rows, strict=True)):
            if old != new:
                self.viewport().update(self.row_area(index))
        self._run_turning()
        self.setAccessibleDescription(self.current.spoken if self.current is not None else "")

    def _tell(self) -> None:
        self.setAccessibleDescription(self.current.spoken if self.current is not None else "")
        self.viewport().update()

    def _reveal(self) -> None:
        if self._index < len(self.rows):
            area, bar = self.row_area(self._index), self.verticalScrollBar()
            if area.top() < 0:
                bar.setValue(bar.value() + area.top())
            elif area.bottom() >= self.viewport().height():
                bar.setValue(bar.value() + area.bottom() + 1 - self.viewport().height())

    def _run_turning(self) -> None:
        works = self._moves and self.isVisible() and any(_is_working(row) for row in self.rows)
        if works:
            self._turning.join(0)
        else:
            self._turning.leave(0)

    def _turn_marks(self) -> None:
        for index, row in enumerate(self.rows):
            if _is_working(row):
                self.viewport().update(self._paint.mark_area(self.row_area(index)).toAlignedRect())


def _is_working(row: Row) -> bool:
    return isinstance(row, SessionRow) and row.status is Status.WORKING
