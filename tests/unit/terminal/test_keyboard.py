"""The tables of xterm's keyboard."""

import pytest

from synk.base.keypress import KeyPress
from synk.terminal.keyboard import encode_alternate_scroll, encode_focus, encode_key
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
        ("ctrl+shift+3", "§", "§".encode()),
        ("ctrl+2", "²", "²".encode()),
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


def test_ctrl_with_a_letter_that_is_not_latin_is_the_key_of_a_us_keyboard() -> None:
    assert encode_key(KeyPress("c", text="с", ctrl=True, key="с"), PLAIN) == b"\x03"
    assert encode_key(KeyPress("c", text="с", key="с"), PLAIN) == "с".encode()


@pytest.mark.parametrize(
    ("keys", "modes", "sent"),
    [
        ("up", Modes(application_cursor=True), b"\x1bOA"),
        ("home", Modes(application_cursor=True), b"\x1bOH"),
        ("shift+up", Modes(application_cursor=True), b"\x1b[1;2A"),
        ("pageup", Modes(application_cursor=True), b"\x1b[5~"),
        ("kp_5", Modes(application_keypad=True, keypad_is_numeric=False), b"\x1bOu"),
        ("kp_enter", Modes(application_keypad=True), b"\x1bOM"),
        ("kp_minus", Modes(application_keypad=True, keypad_is_numeric=False), b"\x1bOm"),
        ("ctrl+kp_plus", Modes(application_keypad=True, keypad_is_numeric=False), b"\x1bO5k"),
        ("enter", Modes(newline=True), b"\r\n"),
        ("backspace", Modes(backarrow_is_backspace=True), b"\b"),
        ("ctrl+backspace", Modes(backarrow_is_backspace=True), b"\x7f"),
        ("ctrl+a", Modes(modify_other_keys=1), b"\x01"),
        ("ctrl+shift+a", Modes(modify_other_keys=1), b"\x01"),
        ("ctrl+1", Modes(modify_other_keys=1), b"\x1b[27;5;49~"),
        ("alt+a", Modes(modify_other_keys=1), b"\x1ba"),
        ("ctrl+enter", Modes(modify_other_keys=1), b"\x1b[27;5;13~"),
        ("shift+enter", Modes(modify_other_keys=1), b"\x1b[27;2;13~"),
        ("ctrl+tab", Modes(modify_other_keys=1), b"\x1b[27;5;9~"),
        ("shift+tab", Modes(modify_other_keys=1), b"\x1b[Z"),
        ("ctrl+i", Modes(modify_other_keys=2), b"\x1b[27;5;105~"),
        ("alt+a", Modes(modify_other_keys=2), b"\x1b[27;3;97~"),
        ("shift+a", Modes(modify_other_keys=2), b"\x1b[27;2;65~"),
        ("a", Modes(modify_other_keys=2), b"a"),
        ("ctrl+escape", Modes(modify_other_keys=2), b"\x1b[27;5;27~"),
        ("ctrl+up", Modes(modify_other_keys=2), b"\x1b[1;5A"),
    ],
)
def test_modes_change_what_a_key_sends(keys: str, modes: Modes, sent: bytes) -> None:
    assert encode_key(key(keys), modes) == sent


def test_the_wheel_sends_arrows_on_the_alternate_screen_only() -> None:
    assert encode_alternate_scroll(-2, Modes(alternate_screen=True)) == b"\x1b[A\x1b[A"
    assert encode_alternate_scroll(1, Modes(alternate_screen=True, application_cursor=True)) == b"\x1bOB"
    assert encode_alternate_scroll(1, Modes()) == b""
    assert encode_alternate_scroll(1, Modes(alternate_screen=True, alternate_scroll=False)) == b""


def test_focus_is_told_when_asked_for() -> None:
    assert encode_focus(True, PLAIN) == b""
    assert encode_focus(True, Modes(focus_events=True)) == b"\x1b[I"
    assert encode_focus(False, Modes(focus_events=True)) == b"\x1b[O"
