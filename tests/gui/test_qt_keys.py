"""Qt's key events as key presses: layouts, keypad, modifiers, keys that mean nothing."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from synk.base.keypress import KeyPress
from synk.ui.keys import key_press

Key, Modifier = Qt.Key, Qt.KeyboardModifier
NONE, SHIFT, CTRL, ALT = Modifier.NoModifier, Modifier.ShiftModifier, Modifier.ControlModifier, Modifier.AltModifier
KEYPAD, ALTGR = Modifier.KeypadModifier, Modifier.GroupSwitchModifier


def event(key: int, modifiers: Qt.KeyboardModifier, text: str = "", code: int = 0, *, repeat: bool = False) -> QKeyEvent:
    return QKeyEvent(QEvent.Type.KeyPress, int(key), modifiers, code, 0, 0, text, repeat)


@pytest.mark.parametrize(
    ("made", "press"),
    [
        (event(Key.Key_A, NONE, "a", 38), KeyPress("a", text="a")),
        (event(Key.Key_A, SHIFT, "A", 38), KeyPress("a", text="A", shift=True)),
        (event(Key.Key_C, CTRL, "\x03", 54), KeyPress("c", text="c", ctrl=True)),
        (event(Key.Key_C, CTRL | SHIFT, "\x03", 54), KeyPress("c", text="C", ctrl=True, shift=True)),
        (event(Key.Key_X, ALT, "x", 53), KeyPress("x", text="x", alt=True)),
        (event(Key.Key_Exclam, SHIFT, "!", 10), KeyPress("1", text="!", shift=True)),
        (event(Key.Key_Question, SHIFT, "?", 61), KeyPress("/", text="?", shift=True)),
        (event(Key.Key_Plus, CTRL | SHIFT, "+", 21), KeyPress("=", text="+", ctrl=True, shift=True)),
        (event(Key.Key_Return, NONE, "\r", 36), KeyPress("enter")),
        (event(Key.Key_Tab, NONE, "\t", 23), KeyPress("tab")),
        (event(Key.Key_Backtab, SHIFT, "\t", 23), KeyPress("tab", shift=True)),
        (event(Key.Key_Escape, NONE, "\x1b", 9), KeyPress("escape")),
        (event(Key.Key_Space, CTRL, "", 65), KeyPress("space", text=" ", ctrl=True)),
        (event(Key.Key_F11, NONE, "", 95), KeyPress("f11")),
        (event(Key.Key_PageUp, SHIFT, "", 112), KeyPress("pageup", shift=True)),
        (event(Key.Key_A, Modifier.MetaModifier, "a", 38), KeyPress("a", text="a", super_=True)),
        (event(Key.Key_Backslash, CTRL, "\x1c", 51), KeyPress("\\", text="\\", ctrl=True)),
    ],
)
def test_keys_of_a_us_keyboard(made: QKeyEvent, press: KeyPress) -> None:
    assert key_press(made) == press


@pytest.mark.parametrize(
    ("made", "press"),
    [
        (event(Key.Key_Udiaeresis, NONE, "ü", 34), KeyPress("ü", text="ü", base="[")),
        (event(Key.Key_Question, SHIFT, "?", 20), KeyPress("ß", text="?", shift=True, base="-")),
        (event(Key.Key_At, ALTGR, "@", 24), KeyPress("q", text="@")),
        (event(Key.Key_BraceLeft, ALTGR, "{", 16), KeyPress("7", text="{")),
        (event(Key.Key_QuoteDbl, SHIFT, '"', 11), KeyPress("2", text='"', shift=True)),
        (event(Key.Key_1, SHIFT, "1", 10), KeyPress("&", text="1", shift=True, base="1")),
        (event(0x0422, NONE, "т", 57), KeyPress("n", text="т", key="т")),
    ],
)
def test_keys_of_german_french_and_russian_keyboards(made: QKeyEvent, press: KeyPress) -> None:
    assert key_press(made) == press


@pytest.mark.parametrize(
    ("made", "press"),
    [
        (event(Key.Key_5, KEYPAD, "5", 84), KeyPress("kp_5", text="5")),
        (event(Key.Key_Enter, KEYPAD, "\r", 104), KeyPress("kp_enter")),
        (event(Key.Key_Plus, KEYPAD, "+", 86), KeyPress("kp_plus", text="+")),
        (event(Key.Key_Up, KEYPAD, "", 80), KeyPress("kp_up")),
    ],
)
def test_keypad_keys_carry_their_prefix(made: QKeyEvent, press: KeyPress) -> None:
    assert key_press(made) == press


@pytest.mark.parametrize(
    "key", [Key.Key_Shift, Key.Key_Control, Key.Key_Alt, Key.Key_AltGr, Key.Key_Super_L, Key.Key_CapsLock, Key.Key_Dead_Acute]
)
def test_a_modifier_or_dead_key_alone_is_no_key_press(key: Qt.Key) -> None:
    assert key_press(event(key, NONE)) is None


def test_an_automatic_repeat_is_marked() -> None:
    press = key_press(event(Key.Key_A, NONE, "a", 38, repeat=True))
    assert press is not None
    assert press.repeat
