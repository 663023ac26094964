"""Qt's key events as key presses: layouts, keypad, modifiers, keys that mean nothing."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from synk.base.keypress import KeyPress
from synk.ui.keys import KeyReader, key_press

Key, Modifier = Qt.Key, Qt.KeyboardModifier
NONE, SHIFT, CTRL, ALT = Modifier.NoModifier, Modifier.ShiftModifier, Modifier.ControlModifier, Modifier.AltModifier
KEYPAD, ALTGR = Modifier.KeypadModifier, Modifier.GroupSwitchModifier


def event(
    key: int,
    modifiers: Qt.KeyboardModifier,
    text: str = "",
    code: int = 0,
    *,
    repeat: bool = False,
    released: bool = False,
    state: int = 0,
) -> QKeyEvent:
    kind = QEvent.Type.KeyRelease if released else QEvent.Type.KeyPress
    return QKeyEvent(kind, int(key), modifiers, code, 0, state, text, repeat)


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


def test_a_release_is_the_same_key_going_up() -> None:
    reader = KeyReader()
    press = reader.read(event(Key.Key_Exclam, SHIFT, "!", 10))
    release = reader.read(event(Key.Key_1, NONE, "1", 10, released=True))
    assert press is not None
    assert release is not None
    assert (press.name, press.code, press.released) == ("1", 10, False)
    assert (release.name, release.code, release.released) == ("1", 10, True)


def test_the_releases_that_auto_repeat_invents_are_none() -> None:
    assert KeyReader().read(event(Key.Key_A, NONE, "a", 38, repeat=True, released=True)) is None


@pytest.mark.parametrize(
    ("key", "code", "name"),
    [
        (Key.Key_Shift, 50, "left_shift"),
        (Key.Key_Shift, 62, "right_shift"),
        (Key.Key_Control, 105, "right_control"),
        (Key.Key_Alt, 64, "left_alt"),
        (Key.Key_Meta, 64, "left_alt"),
        (Key.Key_Meta, 108, "right_alt"),
        (Key.Key_AltGr, 108, "iso_level3_shift"),
        (Key.Key_Super_L, 133, "left_super"),
        (Key.Key_Super_R, 134, "right_super"),
        (Key.Key_Hyper_L, 207, "left_hyper"),
        (Key.Key_CapsLock, 66, "caps_lock"),
        (Key.Key_NumLock, 77, "num_lock"),
        (Key.Key_ScrollLock, 78, "scroll_lock"),
    ],
)
def test_modifiers_by_themselves_are_read_with_their_side(key: Qt.Key, code: int, name: str) -> None:
    press = KeyReader().read(event(key, NONE, "", code))
    assert press is not None
    assert press.name == name
    assert press.is_modifier


def test_a_modifier_key_counts_itself_and_its_twin() -> None:
    reader = KeyReader()
    shifts = []
    # Qt turns the bit of the key itself around, whatever else is held.
    for code, is_release, bit in ((50, False, NONE), (62, False, SHIFT), (50, True, SHIFT), (62, True, SHIFT)):
        press = reader.read(event(Key.Key_Shift, bit, "", code, released=is_release))
        assert press is not None
        shifts.append(press.shift)
    assert shifts == [True, True, True, False]


def test_alt_with_shift_which_x11_calls_meta_is_not_super() -> None:
    press = KeyReader().read(event(Key.Key_Meta, SHIFT, "", 64))
    assert press == KeyPress("left_alt", shift=True, alt=True)


def test_after_the_keyboard_was_elsewhere_no_modifier_is_thought_to_be_held() -> None:
    reader = KeyReader()
    reader.read(event(Key.Key_Control, NONE, "", 37))
    reader.forget()
    release = reader.read(event(Key.Key_Control, CTRL, "", 105, released=True))
    assert release is not None
    assert not release.ctrl


def test_locks_and_hyper_are_read_from_the_x11_state() -> None:
    made = event(Key.Key_A, NONE, "A", 38, state=0x02 | 0x10 | 0x20)
    assert KeyReader("cocoa").read(made) == KeyPress("a", text="A")
    assert KeyReader("xcb").read(made) == KeyPress("a", text="A", caps_lock=True, num_lock=True, hyper=True)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (Key.Key_Pause, "pause"),
        (Key.Key_Print, "print_screen"),
        (Key.Key_F35, "f35"),
        (Key.Key_VolumeUp, "raise_volume"),
        (Key.Key_MediaTogglePlayPause, "media_play_pause"),
    ],
)
def test_keys_without_a_legacy_code_have_names(key: Qt.Key, name: str) -> None:
    assert key_press(event(key, NONE)) == KeyPress(name)
