"""What happens with the mouse over one view, told to the program that asked for it."""

from typing import Literal, Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent

from synk.sessions.session import Session
from synk.terminal.mouse import (
    NO_BUTTON,
    WHEEL_DOWN,
    WHEEL_LEFT,
    WHEEL_RIGHT,
    WHEEL_UP,
    MouseAction,
    encode_mouse,
    is_same_place,
)

NOTCH = 120
"""Qt counts a notch of the wheel as 120 eighths of a degree."""

BUTTONS = {
    Qt.MouseButton.LeftButton: 0,
    Qt.MouseButton.MiddleButton: 1,
    Qt.MouseButton.RightButton: 2,
    Qt.MouseButton.BackButton: 8,
    Qt.MouseButton.ForwardButton: 9,
    Qt.MouseButton.ExtraButton3: 10,
    Qt.MouseButton.ExtraButton4: 11,
}
"""As `MouseAction.button`; the wheel is none in Qt."""


class ReportTarget(Protocol):
    """What reporting needs of the view it belongs to."""

    session: Session

    def cell_at(self, place: QPointF) -> tuple[int, int]:
        """Line number and column of the cell under a point."""

    def pixel_at(self, place: QPointF) -> tuple[int, int]:
        """Pixels from the left and top edge of the program's screen, in the size of a cell that it was told."""

    def report(self, data: bytes) -> None:
        """Bytes for the program."""


class MouseReports:
    """Presses, each with its release, moves once per cell or pixel, and the notches of the wheel."""

    def __init__(self, view: ReportTarget) -> None:
        self._view = view
        self._held: list[int] = []
        self._last: MouseAction | None = None
        self._turned = [0, 0]

    def is_wanted(self, modifiers: Qt.KeyboardModifier) -> bool:
        """Whether the program has the mouse: it asked for it, and Shift does not take it back."""
        session = self._view.session
        is_forced = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        return session.is_live and not is_forced and session.emulator.modes.mouse != "off"

    def press(self, event: QMouseEvent) -> None:
        """A button went down, and is the program's."""
        button = BUTTONS[event.button()]
        if button not in self._held:
            self._held.append(button)
        self._report("press", button, event.position(), event.modifiers())

    def move(self, event: QMouseEvent) -> None:
        """The mouse moved; with several buttons held the program hears of the first one, as in xterm."""
        button = min(self._held, default=NO_BUTTON)
        action = self._action("move", button, event.position(), event.modifiers())
        if not is_same_place(action, self._last, self._view.session.emulator.modes):
            self._tell(action)

    def release(self, event: QMouseEvent) -> bool:
        """A button went up; False if its press was not the program's."""
        button = BUTTONS.get(event.button())
        if button is None or button not in self._held:
            return False
        self._held.remove(button)
        self._report("release", button, event.position(), event.modifiers())
        return True

    def wheel(self, event: QWheelEvent) -> None:
        """The wheel or a touchpad turned: one press per notch, what is less waits for the next event."""
        turned = event.angleDelta()
        across, along = turned.x(), turned.y()
        if event.modifiers() & Qt.KeyboardModifier.AltModifier and not along:
            across, along = 0, across  # Qt turns the wheel around for Alt
        for axis, delta, buttons in ((0, across, (WHEEL_LEFT, WHEEL_RIGHT)), (1, along, (WHEEL_UP, WHEEL_DOWN))):
            rest = self._turned[axis] + delta
            notches = int(rest / NOTCH)
            self._turned[axis] = rest - notches * NOTCH
            for _ in range(abs(notches)):
                self._report("press", buttons[0] if notches > 0 else buttons[1], event.position(), event.modifiers())

    def _report(
        self, kind: Literal["press", "release"], button: int, place: QPointF, modifiers: Qt.KeyboardModifier
    ) -> None:
        self._tell(self._action(kind, button, place, modifiers))

    def _tell(self, action: MouseAction) -> None:
        self._last = action
        if data := encode_mouse(action, self._view.session.emulator.modes):
            self._view.report(data)

    def _action(
        self, kind: Literal["press", "release", "move"], button: int, place: QPointF, modifiers: Qt.KeyboardModifier
    ) -> MouseAction:
        line, col = self._view.cell_at(place)
        x, y = self._view.pixel_at(place)
        return MouseAction(
            kind,
            button,
            col,
            line - self._view.session.emulator.scrolled_total,
            shift=bool(modifiers & Qt.KeyboardModifier.ShiftModifier),
            ctrl=bool(modifiers & Qt.KeyboardModifier.ControlModifier),
            alt=bool(modifiers & Qt.KeyboardModifier.AltModifier),
            x=x,
            y=y,
        )
