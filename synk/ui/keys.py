"""Turns Qt's key events into key presses and carries out what the mode machine decides."""

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent

from synk.base.keypress import KeyPress
from synk.keys.modes import ModeMachine, Order, Send, Situation

log = logging.getLogger(__name__)

Key = Qt.Key
Modifier = Qt.KeyboardModifier

_NAMES: dict[int, str] = {
    Key.Key_Return: "enter",
    Key.Key_Enter: "enter",
    Key.Key_Tab: "tab",
    Key.Key_Backtab: "tab",
    Key.Key_Backspace: "backspace",
    Key.Key_Escape: "escape",
    Key.Key_Delete: "delete",
    Key.Key_Insert: "insert",
    Key.Key_Home: "home",
    Key.Key_End: "end",
    Key.Key_PageUp: "pageup",
    Key.Key_PageDown: "pagedown",
    Key.Key_Up: "up",
    Key.Key_Down: "down",
    Key.Key_Left: "left",
    Key.Key_Right: "right",
    Key.Key_Menu: "menu",
    Key.Key_Space: "space",
    **{Key.Key_F1.value + number: f"f{number + 1}" for number in range(24)},
}

_KEYPAD: dict[int, str] = {
    Key.Key_Enter: "enter",
    Key.Key_Return: "enter",
    Key.Key_Plus: "plus",
    Key.Key_Minus: "minus",
    Key.Key_Asterisk: "multiply",
    Key.Key_Slash: "divide",
    Key.Key_Period: "decimal",
    Key.Key_Comma: "separator",
    Key.Key_Equal: "equal",
    Key.Key_Clear: "begin",
    **{Key.Key_0.value + digit: str(digit) for digit in range(10)},
}

_US_UNSHIFTED = dict(zip('!@#$%^&*()_+{}|:"<>?~', "1234567890-=[]\\;',./`", strict=True))

# X11 key codes of a PC keyboard, row by row: the key under the finger where the layout has no Latin letter for it.
_US_KEYS: dict[int, str] = {
    first + index: character
    for first, row in ((10, "1234567890-="), (24, "qwertyuiop[]"), (38, "asdfghjkl;'`"), (51, "\\zxcvbnm,./"))
    for index, character in enumerate(row)
}

FIRST_NOT_LATIN = 0x370
"""Greek and everything after it: layouts whose letters no binding can name."""


def key_press(event: QKeyEvent) -> KeyPress | None:
    """What the event means without Qt; None for a modifier alone, a dead key or a key without a name."""
    modifiers = event.modifiers()
    key = event.key()
    is_keypad = bool(modifiers & Modifier.KeypadModifier)
    shift = bool(modifiers & Modifier.ShiftModifier)
    name = _name(event, key, is_keypad, shift)
    if name is None:
        return None
    return KeyPress(
        name,
        text=_text(event, key, name),
        shift=shift,
        ctrl=bool(modifiers & Modifier.ControlModifier),
        alt=bool(modifiers & Modifier.AltModifier),
        super_=bool(modifiers & Modifier.MetaModifier),
        repeat=event.isAutoRepeat(),
    )


def _name(event: QKeyEvent, key: int, is_keypad: bool, shift: bool) -> str | None:
    if is_keypad:
        name = _KEYPAD.get(key) or _NAMES.get(key)
        return f"kp_{name}" if name else None
    if name := _NAMES.get(key):
        return name
    if key <= 0 or key >= Key.Key_Escape.value:  # Qt's own numbers begin here; below are Unicode characters
        text = event.text()
        return text.lower() if len(text) == 1 and text.isprintable() else None
    character = chr(key).lower()
    if shift and character in _US_UNSHIFTED and _is_us_key(event, _US_UNSHIFTED[character]):
        return _US_UNSHIFTED[character]
    if ord(character) >= FIRST_NOT_LATIN:
        return _US_KEYS.get(event.nativeScanCode(), character)
    return character


def _is_us_key(event: QKeyEvent, character: str) -> bool:
    """Whether the pressed key is where a US keyboard has `character`; also true where the platform does not say."""
    return _US_KEYS.get(event.nativeScanCode(), character) == character


def _text(event: QKeyEvent, key: int, name: str) -> str:
    """What the layout makes of the key without Ctrl and Alt."""
    text = event.text()
    if text and text.isprintable():
        return text
    if name == "space":
        return " "
    if 0x20 < key < Key.Key_Escape.value and chr(key).isprintable():  # Ctrl turned the text into a control character
        character = chr(key)
        return character if event.modifiers() & Modifier.ShiftModifier else character.lower()
    return ""


class KeyRouter(QObject):
    """Feeds key presses to the mode machine and carries out its orders. GUI thread."""

    def __init__(
        self,
        machine: ModeMachine,
        *,
        situation: Callable[[], Situation],
        run: Callable[[str], None],
        send: Callable[[int, KeyPress], None],
        now: Callable[[], float],
        parent: QObject | None = None,
    ) -> None:
        """`run(command line)`; `send(pane number, key)` to the program there; `now()` in seconds."""
        super().__init__(parent)
        self.machine = machine
        """Replaced when the keyboard settings change."""
        self._situation = situation
        self._run = run
        self._send = send
        self._now = now
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.expire)

    def press(self, press: KeyPress) -> None:
        """Act on one key press."""
        self._carry_out(self.machine.press(press, self._situation(), self._now()))

    def release(self) -> None:
        """Send a held Escape before something else (a click, a paste) takes effect."""
        self._carry_out(self.machine.release())

    def expire(self) -> None:
        """The timer of a held Escape is over."""
        self._carry_out(self.machine.expire(self._now()))

    def _carry_out(self, orders: tuple[Order, ...]) -> None:
        for order in orders:
            if isinstance(order, Send):
                self._send(order.pane, order.press)
            else:
                self._run(order.command)
        deadline = self.machine.deadline_s
        if deadline is None:
            self._timer.stop()
        else:
            # Rounded up: a timer that fires early would find nothing to do and the Escape would stay.
            self._timer.start(max(0, int((deadline - self._now()) * 1000) + 1))
