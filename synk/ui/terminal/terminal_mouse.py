"""The mouse over a terminal: selecting, scrolling, or reporting to a program that asked for it."""

from typing import Protocol

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QMouseEvent, QWheelEvent

from synk.terminal.keyboard import encode_alternate_scroll
from synk.terminal.selection import PinnedSelection, Point, Selection, Unit
from synk.ui.terminal.mouse_reports import BUTTONS, NOTCH, MouseReports, ReportTarget

WHEEL_LINES = 3
"""Per notch, as in every other terminal."""
AUTOSCROLL_MS = 40
"""While the mouse is held beyond the edge the view moves one line, or more the farther it is, this often."""
UNITS = (Unit.CHARACTER, Unit.WORD, Unit.LINE)
"""One, two and three clicks."""


class MouseTarget(ReportTarget, Protocol):
    """What the mouse needs of the view it belongs to."""

    @property
    def is_keyboard_here(self) -> bool:
        """Whether the program under the mouse has the keyboard."""

    def gap_at(self, place: QPointF) -> tuple[int, int]:
        """Line number and the nearest boundary between two cells."""

    def rows_beyond(self, place: QPointF) -> int:
        """How many rows above (negative) or below the view a point is; 0 inside."""

    def scroll_by(self, lines: int) -> None: ...
    def mark_selection(self) -> None:
        """The selection changed: paint it."""

    def take_click(self) -> None:
        """A button went down in the body."""

    def take_middle_click(self) -> None:
        """The primary selection is to be pasted."""

    def look_for_link(self, place: QPointF, *, is_asked: bool) -> bool:
        """The mouse is at a point, with the keys that open links or not; True if it is on a link."""

    def take_link_click(self) -> None:
        """The link under the mouse is to be opened."""


class TerminalMouse(QObject):
    """Gestures of one view: drag, double and triple click, Shift to extend, Alt for a block; the wheel."""

    def __init__(self, view: MouseTarget, parent: QObject) -> None:
        super().__init__(parent)
        self._view = view
        self._pinned: PinnedSelection | None = None
        self._is_selecting = False
        self._is_on_link = False
        self._hover_place = QPointF(-1, -1)
        self._reports = MouseReports(view)
        self._clicks = 0
        self._last_click_ms = 0
        self._last_place = QPointF()
        self._wheel_rest = 0
        self._autoscroll = QTimer(self)
        self._autoscroll.setInterval(AUTOSCROLL_MS)
        self._autoscroll.timeout.connect(self._scroll_on)

    @property
    def selection(self) -> Selection | None:
        """What is selected on the screen shown now."""
        emulator = self._view.session.emulator
        selection = self._pinned.current if self._pinned else None
        if selection is None or selection.is_alternate != emulator.modes.alternate_screen:
            return None
        if selection.is_evicted(emulator):
            self._pinned = selection = None
        return selection

    def select(self, selection: Selection) -> None:
        """Select something else."""
        self._pinned = PinnedSelection(selection, self._view.session.emulator.anchor)
        self._view.mark_selection()

    def text(self) -> str:
        """The selected text, "" without a selection."""
        selection = self.selection
        return selection.text(self._view.session.emulator) if selection else ""

    def clear(self) -> None:
        """Select nothing."""
        if self._pinned is not None:
            self._pinned = None
            self._view.mark_selection()

    def press(self, event: QMouseEvent) -> None:
        """A button went down: a program with the mouse gets it, unless Shift is held or the click only focuses."""
        had_keyboard = self._view.is_keyboard_here
        modifiers = event.modifiers()
        wants = self._reports.is_wanted(modifiers) and had_keyboard
        self._count_click(event)
        self._hover(event)
        if self._is_on_link and event.button() is Qt.MouseButton.LeftButton:
            self._view.take_link_click()
            return
        self._view.take_click()
        if wants and event.button() in BUTTONS:
            self._reports.press(event)
        elif event.button() is Qt.MouseButton.LeftButton:
            self._begin(event)
        elif event.button() is Qt.MouseButton.MiddleButton:
            self._view.take_middle_click()

    def move(self, event: QMouseEvent) -> None:
        """Extend the selection, or report the motion."""
        self._last_place = event.position()
        self._hover(event)
        if self._is_selecting:
            self._extend(event.position())
            if self._view.rows_beyond(event.position()):
                if not self._autoscroll.isActive():
                    self._autoscroll.start()
            else:
                self._autoscroll.stop()
        elif self._reports.is_wanted(event.modifiers()) and self._view.is_keyboard_here:
            self._reports.move(event)

    def release(self, event: QMouseEvent) -> None:
        """The end of a drag copies to the primary selection."""
        self._autoscroll.stop()
        if not self._reports.release(event) and self._is_selecting:
            self._is_selecting = False
            text = self.text()  # "" after a plain click, which stays as the anchor of a later Shift+click
            clipboard = QGuiApplication.clipboard()
            if text and clipboard.supportsSelection():
                clipboard.setText(text, clipboard.Mode.Selection)

    def wheel(self, event: QWheelEvent) -> None:
        """Scroll the view; a program on the alternate screen gets arrow keys, one with the mouse gets the wheel."""
        if self._reports.is_wanted(event.modifiers()):
            self._reports.wheel(event)
            return
        lines = self._wheel_lines(event)
        if not lines:
            return
        session = self._view.session
        is_forced = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if not is_forced and session.is_live and (keys := encode_alternate_scroll(lines, session.emulator.modes)):
            self._view.report(keys)
        else:
            self._view.scroll_by(lines)

    def hold_link_key(self, modifiers: Qt.KeyboardModifier) -> None:
        """Ctrl went down or up while the mouse rests."""
        self._is_on_link = self._view.look_for_link(self._hover_place, is_asked=self._asks_for_links(modifiers))

    def _hover(self, event: QMouseEvent) -> None:
        self._hover_place = event.position()
        is_asked = self._asks_for_links(event.modifiers()) and not self._is_selecting
        self._is_on_link = self._view.look_for_link(event.position(), is_asked=is_asked)

    def _asks_for_links(self, modifiers: Qt.KeyboardModifier) -> bool:
        """Ctrl; with Shift where a plain Ctrl+click is the program's."""
        return bool(modifiers & Qt.KeyboardModifier.ControlModifier) and not self._reports.is_wanted(modifiers)

    def _wheel_lines(self, event: QWheelEvent) -> int:
        """Whole lines turned, negative is back; what is less than a line waits for the next event."""
        delta = event.angleDelta().y() or event.angleDelta().x()
        self._wheel_rest += -delta * WHEEL_LINES
        lines = int(self._wheel_rest / NOTCH)
        self._wheel_rest -= lines * NOTCH
        return lines

    def _begin(self, event: QMouseEvent) -> None:
        modifiers = event.modifiers()
        self._is_selecting = True
        self._last_place = event.position()
        if modifiers & Qt.KeyboardModifier.ShiftModifier and self.selection is not None:
            self._extend(event.position())
            return
        unit = UNITS[self._clicks - 1]
        if modifiers & Qt.KeyboardModifier.AltModifier and unit is Unit.CHARACTER:
            unit = Unit.BLOCK
        place = self._point(event.position(), unit)
        is_alternate = self._view.session.emulator.modes.alternate_screen
        self.select(Selection(place, place, unit, is_alternate))

    def _extend(self, place: QPointF) -> None:
        if self._pinned is not None:
            selection = self._pinned.current
            head = self._point(place, selection.unit)
            if head != selection.head:
                self.select(selection.extended(head))

    def _point(self, place: QPointF, unit: Unit) -> Point:
        """Words and lines are taken by the cell under the mouse, characters by the nearest gap."""
        by_cell = unit in (Unit.WORD, Unit.LINE)
        return Point(*(self._view.cell_at(place) if by_cell else self._view.gap_at(place)))

    def _scroll_on(self) -> None:
        rows = self._view.rows_beyond(self._last_place)
        if not rows or not self._is_selecting:
            self._autoscroll.stop()
            return
        self._view.scroll_by(rows)
        self._extend(self._last_place)

    def _count_click(self, event: QMouseEvent) -> None:
        """Qt knows double clicks only; another one within the same time and place is a triple click."""
        hints = QGuiApplication.styleHints()
        is_near = (event.position() - self._last_place).manhattanLength() <= hints.startDragDistance()
        is_soon = event.timestamp() - self._last_click_ms <= hints.mouseDoubleClickInterval()
        if event.type() is QEvent.Type.MouseButtonDblClick:
            self._clicks = 2
        else:
            self._clicks = 3 if self._clicks == 2 and is_near and is_soon else 1
        self._last_click_ms = event.timestamp()
        self._last_place = event.position()
