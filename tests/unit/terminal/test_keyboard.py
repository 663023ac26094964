"""The tables of xterm's keyboard and mouse."""

import pytest

from synk.base.keypress import KeyPress
from synk.terminal.keyboard import (
    MouseAction,
    encode_alternate_scroll,
    encode_focus,
    encode_key,
    encode_mouse,
    encode_paste,
)
from synk.terminal.modes import Modes

PLAIN = Modes()


def key(keys: str, text: str = "") -> KeyPress:
    """`ctrl+alt+x` as a key press."""
    *modifiers, name = keys.split("+") if not keys.endswith("+") else [*keys[:-2].split("+"), "+"]
    return KeyPress(name, text, shift="shift" in modifiers, ctrl="ctrl" in modifiers, alt="alt" in modifiers)


@pytest.mark.parametrize(
    ("keys", "text", "sent"),
    [
        ("a", "a", b"a"),
        ("shift+a", "A", b"A"),
        ("e", "é", "é".encode()),
        ("7", "{", b"{"),
        ("space", " ", b" "),
        ("alt+a", "a", b"\x1ba"),
        ("alt+shift+a", "A", b"\x1bA"),
        ("alt+e", "é", b"\x1b" + "é".encode()),
        ("ctrl+a", "a", b"\x01"),
        ("ctrl+shift+a", "A", b"\x01"),
        ("ctrl+z", "", b"\x1a"),
        ("ctrl+alt+c", "c", b"\x1b\x03"),
        ("ctrl+space", " ", b"\0"),
        ("ctrl+shift+2", "@", b"\0"),
        ("ctrl+2", "2", b"\0"),
        ("ctrl+3", "3", b"\x1b"),
        ("ctrl+4", "4", b"\x1c"),
        ("ctrl+5", "5", b"\x1d"),
        ("ctrl+6", "6", b"\x1e"),
        ("ctrl+7", "7", b"\x1f"),
        ("ctrl+8", "8", b"\x7f"),
        ("ctrl+1", "1", b"1"),
        ("ctrl+[", "[", b"\x1b"),
        ("ctrl+\\", "\\", b"\x1c"),
        ("ctrl+]", "]", b"\x1d"),
        ("ctrl+/", "/", b"\x1f"),
        ("ctrl+shift+-", "_", b"\x1f"),
        ("ctrl+shift+/", "?", b"\x7f"),
        ("ctrl+c", "с", b"\x03"),
        ("enter", "", b"\r"),
        ("alt+enter", "", b"\x1b\r"),
        ("tab", "", b"\t"),
        ("shift+tab", "", b"\x1b[Z"),
        ("backspace", "", b"\x7f"),
        ("ctrl+backspace", "", b"\b"),
        ("alt+backspace", "", b"\x1b\x7f"),
        ("escape", "", b"\x1b"),
        ("alt+escape", "", b"\x1b\x1b"),
        ("up", "", b"\x1b[A"),
        ("down", "", b"\x1b[B"),
        ("right", "", b"\x1b[C"),
        ("left", "", b"\x1b[D"),
        ("home", "", b"\x1b[H"),
        ("end", "", b"\x1b[F"),
        ("shift+up", "", b"\x1b[1;2A"),
        ("alt+up", "", b"\x1b[1;3A"),
        ("shift+alt+up", "", b"\x1b[1;4A"),
        ("ctrl+right", "", b"\x1b[1;5C"),
        ("ctrl+shift+left", "", b"\x1b[1;6D"),
        ("ctrl+alt+home", "", b"\x1b[1;7H"),
        ("ctrl+shift+alt+end", "", b"\x1b[1;8F"),
        ("insert", "", b"\x1b[2~"),
        ("delete", "", b"\x1b[3~"),
        ("pageup", "", b"\x1b[5~"),
        ("pagedown", "", b"\x1b[6~"),
        ("shift+delete", "", b"\x1b[3;2~"),
        ("ctrl+pageup", "", b"\x1b[5;5~"),
        ("f1", "", b"\x1bOP"),
        ("f4", "", b"\x1bOS"),
        ("shift+f1", "", b"\x1b[1;2P"),
        ("ctrl+f4", "", b"\x1b[1;5S"),
        ("f5", "", b"\x1b[15~"),
        ("f6", "", b"\x1b[17~"),
        ("f10", "", b"\x1b[21~"),
        ("f11", "", b"\x1b[23~"),
        ("f12", "", b"\x1b[24~"),
        ("ctrl+f12", "", b"\x1b[24;5~"),
        ("f13", "", b"\x1b[25~"),
        ("f20", "", b"\x1b[34~"),
        ("menu", "", b"\x1b[29~"),
        ("kp_0", "0", b"0"),
        ("kp_enter", "", b"\r"),
        ("kp_plus", "+", b"+"),
        ("kp_decimal", ",", b","),
        ("kp_up", "", b"\x1b[A"),
        ("kp_home", "", b"\x1b[H"),
        ("kp_begin", "", b"\x1b[E"),
        ("kp_insert", "", b"\x1b[2~"),
        ("volumeup", "", b""),
        ("shift", "", b""),
    ],
)
def test_key_sends(keys: str, text: str, sent: bytes) -> None:
    assert encode_key(key(keys, text), PLAIN) == sent


@pytest.mark.parametrize(
    ("keys", "modes", "sent"),
    [
        ("up", Modes(application_cursor=True), b"\x1bOA"),
        ("home", Modes(application_cursor=True), b"\x1bOH"),
        ("shift+up", Modes(application_cursor=True), b"\x1b[1;2A"),
        ("pageup", Modes(application_cursor=True), b"\x1b[5~"),
        ("kp_5", Modes(application_keypad=True), b"5"),
        ("kp_5", Modes(application_keypad=True, keypad_is_numeric=False), b"\x1bOu"),
        ("kp_enter", Modes(application_keypad=True, keypad_is_numeric=False), b"\x1bOM"),
        ("kp_minus", Modes(application_keypad=True, keypad_is_numeric=False), b"\x1bOm"),
        ("ctrl+kp_plus", Modes(application_keypad=True, keypad_is_numeric=False), b"\x1bO5k"),
        ("enter", Modes(newline=True), b"\r\n"),
        ("backspace", Modes(backarrow_is_backspace=True), b"\b"),
        ("ctrl+backspace", Modes(backarrow_is_backspace=True), b"\x7f"),
        ("ctrl+a", Modes(modify_other_keys=1), b"\x01"),
        ("ctrl+shift+a", Modes(modify_other_keys=1), b"\x1b[27;6;65~"),
        ("ctrl+1", Modes(modify_other_keys=1), b"\x1b[27;5;49~"),
        ("alt+a", Modes(modify_other_keys=1), b"\x1ba"),
        ("ctrl+enter", Modes(modify_other_keys=1), b"\x1b[27;5;13~"),
        ("shift+enter", Modes(modify_other_keys=1), b"\x1b[27;2;13~"),
        ("ctrl+tab", Modes(modify_other_keys=1), b"\x1b[27;5;9~"),
        ("shift+tab", Modes(modify_other_keys=1), b"\x1b[Z"),
        ("ctrl+i", Modes(modify_other_keys=2), b"\x1b[27;5;105~"),
        ("alt+a", Modes(modify_other_keys=2), b"\x1b[27;3;97~"),
        ("shift+a", Modes(modify_other_keys=2), b"A"),
        ("a", Modes(modify_other_keys=2), b"a"),
        ("ctrl+escape", Modes(modify_other_keys=2), b"\x1b[27;5;27~"),
        ("ctrl+up", Modes(modify_other_keys=2), b"\x1b[1;5A"),
    ],
)
def test_modes_change_what_a_key_sends(keys: str, modes: Modes, sent: bytes) -> None:
    assert encode_key(key(keys), modes) == sent


def press(button: int = 0, col: int = 4, row: int = 9, **modifiers: bool) -> MouseAction:
    return MouseAction("press", button, col, row, **modifiers)


def test_mouse_is_silent_unless_asked_for() -> None:
    assert encode_mouse(press(), PLAIN) == b""


@pytest.mark.parametrize(
    ("action", "modes", "sent"),
    [
        (press(), Modes(mouse="x10"), b"\x1b[M %*"),
        (press(ctrl=True), Modes(mouse="x10"), b"\x1b[M %*"),
        (press(4), Modes(mouse="x10"), b""),
        (MouseAction("release", 0, 4, 9), Modes(mouse="x10"), b""),
        (press(), Modes(mouse="normal"), b"\x1b[M %*"),
        (MouseAction("release", 0, 4, 9), Modes(mouse="normal"), b"\x1b[M#%*"),
        (MouseAction("move", 0, 4, 9), Modes(mouse="normal"), b""),
        (press(2, shift=True, ctrl=True, alt=True), Modes(mouse="normal"), b"\x1b[M>%*"),
        (press(col=223), Modes(mouse="normal"), b""),
        (press(), Modes(mouse="normal", mouse_encoding="sgr"), b"\x1b[<0;5;10M"),
        (MouseAction("release", 2, 4, 9), Modes(mouse="normal", mouse_encoding="sgr"), b"\x1b[<2;5;10m"),
        (press(4), Modes(mouse="normal", mouse_encoding="sgr"), b"\x1b[<64;5;10M"),
        (press(5, shift=True), Modes(mouse="normal", mouse_encoding="sgr"), b"\x1b[<69;5;10M"),
        (press(8), Modes(mouse="normal", mouse_encoding="sgr"), b"\x1b[<128;5;10M"),
        (MouseAction("release", 4, 4, 9), Modes(mouse="normal", mouse_encoding="sgr"), b""),
        (MouseAction("move", 0, 4, 9), Modes(mouse="button", mouse_encoding="sgr"), b"\x1b[<32;5;10M"),
        (MouseAction("move", 3, 4, 9), Modes(mouse="button", mouse_encoding="sgr"), b""),
        (MouseAction("move", 3, 4, 9), Modes(mouse="any", mouse_encoding="sgr"), b"\x1b[<35;5;10M"),
        (press(col=999), Modes(mouse="any", mouse_encoding="sgr"), b"\x1b[<0;1000;10M"),
        (press(), Modes(mouse="normal", mouse_encoding="urxvt"), b"\x1b[32;5;10M"),
        (press(col=299), Modes(mouse="normal", mouse_encoding="utf8"), b"\x1b[M " + chr(332).encode() + b"*"),
        (press(col=-1), Modes(mouse="normal"), b""),
    ],
)
def test_mouse_sends(action: MouseAction, modes: Modes, sent: bytes) -> None:
    assert encode_mouse(action, modes) == sent


def test_the_wheel_sends_arrows_on_the_alternate_screen_only() -> None:
    assert encode_alternate_scroll(-2, Modes(alternate_screen=True)) == b"\x1b[A\x1b[A"
    assert encode_alternate_scroll(1, Modes(alternate_screen=True, application_cursor=True)) == b"\x1bOB"
    assert encode_alternate_scroll(1, Modes()) == b""
    assert encode_alternate_scroll(1, Modes(alternate_screen=True, alternate_scroll=False)) == b""


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("a\nb\r\nc\rd", b"a\rb\rc\rd"),
        ("tab\tbell\a\x00\x7f\x1b[31m", b"tab\tbell[31m"),
        ("é\x85", "é".encode()),
        ("\ud800", b"?"),
    ],
)
def test_paste_is_text_without_control_characters(text: str, sent: bytes) -> None:
    assert encode_paste(text, PLAIN) == sent


@pytest.mark.parametrize("text", ["\x1b[201~ rm -rf", "\x9b201~ rm -rf", "\x1b[20\x1b[201~1~ rm -rf"])
def test_paste_cannot_end_its_brackets(text: str) -> None:
    sent = encode_paste(text, Modes(bracketed_paste=True))
    assert sent.startswith(b"\x1b[200~")
    assert sent.endswith(b" rm -rf\x1b[201~")
    assert sent.count(b"\x1b") == 2


def test_focus_is_told_when_asked_for() -> None:
    assert encode_focus(True, PLAIN) == b""
    assert encode_focus(True, Modes(focus_events=True)) == b"\x1b[I"
    assert encode_focus(False, Modes(focus_events=True)) == b"\x1b[O"
