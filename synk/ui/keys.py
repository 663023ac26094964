"""Turns Qt's key events into key presses and carries out what the mode machine decides."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent

from synk.base.keypress import LOCK_KEYS, KeyPress
from synk.keys.modes import ModeMachine, Order, Send, Situation
from synk.ui.terminal.layouts import US, LayoutGuess

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
    Key.Key_Help: "help",
    Key.Key_Space: "space",
    Key.Key_Pause: "pause",
    Key.Key_Print: "print_screen",
    Key.Key_SysReq: "print_screen",
    Key.Key_MediaPlay: "media_play",
    Key.Key_MediaPause: "media_pause",
    Key.Key_MediaTogglePlayPause: "media_play_pause",
    Key.Key_MediaStop: "media_stop",
    Key.Key_AudioForward: "media_fast_forward",
    Key.Key_AudioRewind: "media_rewind",
    Key.Key_MediaNext: "media_track_next",
    Key.Key_MediaPrevious: "media_track_previous",
    Key.Key_MediaRecord: "media_record",
    Key.Key_VolumeDown: "lower_volume",
    Key.Key_VolumeUp: "raise_volume",
    Key.Key_VolumeMute: "mute_volume",
    **{Key.Key_F1.value + number: f"f{number + 1}" for number in range(35)},
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

_MODIFIER_KEYS: dict[int, str] = {
    Key.Key_Shift: "left_shift",
    Key.Key_Control: "left_control",
    Key.Key_Alt: "left_alt",
    Key.Key_Super_L: "left_super",
    Key.Key_Super_R: "right_super",
    Key.Key_Hyper_L: "left_hyper",
    Key.Key_Hyper_R: "right_hyper",
    Key.Key_Meta: "left_super",
    Key.Key_AltGr: "iso_level3_shift",
    Key.Key_CapsLock: "caps_lock",
    Key.Key_NumLock: "num_lock",
    Key.Key_ScrollLock: "scroll_lock",
}
_RIGHT_KEY_CODES = frozenset({62, 105, 108, 134})
"""X11 numbers of the right Shift, Control, Alt and Super: Qt has one key for both sides."""
# Bits of the X11 state, which Wayland's keymaps keep, for what Qt does not tell. Hyper is Mod3 where a layout option
# makes one (caps:hyper).
_CAPS_LOCK_BIT, _NUM_LOCK_BIT, _HYPER_BIT = 0x02, 0x10, 0x20
_PLATFORMS_WITH_STATE = ("xcb", "wayland")

_US_UNSHIFTED = dict(zip('!@#$%^&*()_+{}|:"<>?~', "1234567890-=[]\\;',./`", strict=True))

_RELEASE = QEvent.Type.KeyRelease
_MOST_KNOWN = 1024
"""Events whose meaning is remembered: every key of a keyboard with some modifiers."""

FIRST_NOT_LATIN = 0x370
"""Greek and everything after it: layouts whose letters no binding can name."""


def key_press(event: QKeyEvent) -> KeyPress | None:
    """What the event means without Qt; None for a modifier alone, a dead key or a key without a name."""
    press = KeyReader().read(event)
    return None if press is None or press.is_modifier else press


class KeyReader:
    """Reads key events one after the other: presses, repeats, releases, and modifiers by themselves. GUI thread.

    It learns the layout from what is typed, and knows which modifier keys are down.
    """

    def __init__(self, platform: str = "") -> None:
        """`platform` is Qt's name for the window system, by default the one in use."""
        self._has_state = (platform or QGuiApplication.platformName()).startswith(_PLATFORMS_WITH_STATE)
        self._layout = LayoutGuess()
        self._held: dict[int, str] = {}
        self._lifted, self._lifted_at = 0, 0
        """Hardware number and time of the last key that went up."""
        # By all that the meaning of an event depends on: looked up, a key is on its way 0.1 ms earlier.
        self._known: dict[tuple[object, ...], KeyPress] = {}
        self._known_at = 0

    def forget(self) -> None:
        """The keyboard went elsewhere: nothing is known to be held."""
        self._held.clear()

    def read(self, event: QKeyEvent, *, is_release: bool | None = None) -> KeyPress | None:
        """What the event means without Qt; None for a dead key, a key without a name, and for the release that the
        automatic repeat invents.
        """
        is_repeat, code = event.isAutoRepeat(), event.nativeScanCode()
        if is_release is None:
            is_release = event.type() is _RELEASE
        if is_release:
            if is_repeat:
                return None
            self._lifted, self._lifted_at = code, event.timestamp()
        elif not is_repeat and code and self._lifted == code and self._lifted_at == event.timestamp():
            is_repeat = True  # see `AutoRepeat`, which stays out of the way of keys to a terminal
        state = event.nativeModifiers() if self._has_state else None
        # Qt's modifiers are a Python enumeration, and follow from the state of a key that the window system sent.
        modifiers = -1 if code and state is not None else event.modifiers().value
        place = (event.key(), event.text(), modifiers, code, state, is_release, is_repeat)
        if self._known_at == self._layout.changes and (known := self._known.get(place)) is not None:
            return known
        if name := self._modifier_name(event):
            return self._modifier(event, name, is_release=is_release, is_repeat=is_repeat)
        name, key = self._name(event)
        if not name:
            return None
        base = US.get(code, "") if len(name) == 1 and not key else ""
        press = KeyPress(
            name,
            text=_text(event, name),
            repeat=is_repeat,
            released=is_release,
            key=key,
            base="" if base == name else base,
            code=code,
        )
        press = self._with_modifiers(press, event)
        if self._known_at != self._layout.changes or len(self._known) >= _MOST_KNOWN:
            self._known_at = self._layout.changes
            self._known.clear()
        self._known[place] = press
        return press

    @staticmethod
    def _modifier_name(event: QKeyEvent) -> str:
        # With Shift held X11 calls the Alt key Meta.
        name = "left_alt" if event.key() == Key.Key_Meta and event.nativeScanCode() in (64, 108) else ""
        name = name or _MODIFIER_KEYS.get(event.key(), "")
        if event.nativeScanCode() in _RIGHT_KEY_CODES:
            return name.replace("left_", "right_")
        return name

    def _modifier(self, event: QKeyEvent, name: str, *, is_release: bool, is_repeat: bool) -> KeyPress:
        """The key's own bit counts the event itself: set while at least one such key is down."""
        code, kind = event.nativeScanCode(), name.partition("_")[2]
        if is_release:
            self._held.pop(code, None)
        else:
            self._held[code] = kind
        press = KeyPress(name, repeat=is_repeat, released=is_release, code=code)
        press = self._with_modifiers(press, event)
        if event.key() == Key.Key_Meta and kind == "alt":
            press = replace(press, super_=not press.super_)  # Qt turned the bit of Meta around, not that of Alt
        if name in LOCK_KEYS:
            return press if is_release else _with_own(press, name)
        return _with_own(press, kind, is_on=kind in self._held.values())

    def _with_modifiers(self, press: KeyPress, event: QKeyEvent) -> KeyPress:
        modifiers = event.modifiers()
        state = event.nativeModifiers() if self._has_state else 0
        return replace(
            press,
            shift=bool(modifiers & Modifier.ShiftModifier),
            ctrl=bool(modifiers & Modifier.ControlModifier),
            alt=bool(modifiers & Modifier.AltModifier),
            super_=bool(modifiers & Modifier.MetaModifier),
            hyper=bool(state & _HYPER_BIT),
            caps_lock=bool(state & _CAPS_LOCK_BIT),
            num_lock=bool(state & _NUM_LOCK_BIT),
        )

    def _name(self, event: QKeyEvent) -> tuple[str, str]:
        """`KeyPress.name` and `KeyPress.key`; the first is "" for a key that has none."""
        key, modifiers = event.key(), event.modifiers()
        if modifiers & Modifier.KeypadModifier:
            name = _KEYPAD.get(key) or _NAMES.get(key)
            return (f"kp_{name}" if name else ""), ""
        if name := _NAMES.get(key):
            return name, ""
        if key <= 0 or key >= Key.Key_Escape.value:  # Qt's own numbers begin here; below are Unicode characters
            character = event.text()
            if len(character) != 1 or not character.isprintable():
                return "", ""
        else:
            character = chr(key)
        return self._character_name(event, character.lower())

    def _character_name(self, event: QKeyEvent, character: str) -> tuple[str, str]:
        code = event.nativeScanCode()
        made = event.text() if event.text().isprintable() and event.text() else character
        is_shifted = bool(event.modifiers() & Modifier.ShiftModifier)
        plain = self._layout.unshifted(code, made, is_shifted=is_shifted) if code else ""
        if not code and is_shifted:
            plain = _US_UNSHIFTED.get(character, "")  # where the platform does not say which key it was
        name = plain.lower() or character
        if ord(name) >= FIRST_NOT_LATIN:
            return US.get(code, name), name if code in US else ""
        return name, ""


def _with_own(press: KeyPress, kind: str, *, is_on: bool = True) -> KeyPress:
    """The press of a modifier key of this kind, with its own bit."""
    match kind:
        case "shift":
            return replace(press, shift=is_on)
        case "control":
            return replace(press, ctrl=is_on)
        case "alt":
            return replace(press, alt=is_on)
        case "super":
            return replace(press, super_=is_on)
        case "hyper":
            return replace(press, hyper=is_on)
        case "caps_lock":
            return replace(press, caps_lock=is_on)
        case "num_lock":
            return replace(press, num_lock=is_on)
    return press


def _text(event: QKeyEvent, name: str) -> str:
    """What the layout makes of the key without Ctrl and Alt."""
    text = event.text()
    if text and text.isprintable():
        return text
    if name == "space":
        return " "
    key = event.key()
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
        situation: Callable[[KeyPress], Situation],
        run: Callable[[str], None],
        send: Callable[[int, KeyPress], None],
        now: Callable[[], float],
        parent: QObject | None = None,
    ) -> None:
        """`situation(key)`: what it meets; `run(command line)`; `send(pane number, key)` to its program; `now()` in seconds."""
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
        self._is_timing = False

    def press(self, press: KeyPress) -> None:
        """Act on one key press."""
        self._carry_out(self.machine.press(press, self._situation(press), self._now()))

    def edit(self, press: KeyPress) -> bool:
        """Act on a key pressed in the command bar; False if it is the line's own."""
        orders = self.machine.edit(press, self._now())
        if orders is not None:
            self._carry_out(orders)
        return orders is not None

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
        if deadline is not None:
            self._is_timing = True
            # Rounded up: a timer that fires early would find nothing to do and the Escape would stay.
            self._timer.start(max(0, int((deadline - self._now()) * 1000) + 1))
        elif self._is_timing:
            self._is_timing = False
            self._timer.stop()
