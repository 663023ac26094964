"""The tables of xterm's mouse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.terminal.modes import Modes
from synk.terminal.mouse import MouseAction, encode_mouse, is_same_place

PLAIN = Modes()


def press(button: int = 0, col: int = 4, row: int = 9, x: int = 0, y: int = 0, **modifiers: bool) -> MouseAction:
    return MouseAction("press", button, col, row, x=x, y=y, **modifiers)


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
        (press(col=222), Modes(mouse="normal"), b"\x1b[M \xff*"),
        (press(col=223), Modes(mouse="normal"), b"\x1b[M \0*"),
        (press(8), Modes(mouse="normal"), b"\x1b[M\xa0%*"),
        (MouseAction("release", 8, 4, 9), Modes(mouse="normal"), b"\x1b[M#%*"),
        (MouseAction("move", 8, 4, 9), Modes(mouse="button"), b"\x1b[M\xc0%*"),
        (press(3), Modes(mouse="any"), b""),
        (press(12), Modes(mouse="any"), b""),
        (press(), Modes(mouse="normal", mouse_encoding="sgr"), b"\x1b[<0;5;10M"),
        (MouseAction("release", 2, 4, 9), Modes(mouse="normal", mouse_encoding="sgr"), b"\x1b[<2;5;10m"),
        (press(4), Modes(mouse="normal", mouse_encoding="sgr"), b"\x1b[<64;5;10M"),
        (press(5, shift=True), Modes(mouse="normal", mouse_encoding="sgr"), b"\x1b[<69;5;10M"),
        (press(6), Modes(mouse="normal", mouse_encoding="sgr"), b"\x1b[<66;5;10M"),
        (press(7), Modes(mouse="normal", mouse_encoding="sgr"), b"\x1b[<67;5;10M"),
        (press(8), Modes(mouse="normal", mouse_encoding="sgr"), b"\x1b[<128;5;10M"),
        (press(11, alt=True), Modes(mouse="normal", mouse_encoding="sgr"), b"\x1b[<139;5;10M"),
        (MouseAction("release", 9, 4, 9), Modes(mouse="normal", mouse_encoding="sgr"), b"\x1b[<129;5;10m"),
        (MouseAction("move", 8, 4, 9), Modes(mouse="button", mouse_encoding="sgr"), b"\x1b[<160;5;10M"),
        (MouseAction("release", 4, 4, 9), Modes(mouse="normal", mouse_encoding="sgr"), b""),
        (MouseAction("move", 0, 4, 9), Modes(mouse="button", mouse_encoding="sgr"), b"\x1b[<32;5;10M"),
        (MouseAction("move", 3, 4, 9), Modes(mouse="button", mouse_encoding="sgr"), b""),
        (MouseAction("move", 3, 4, 9), Modes(mouse="any", mouse_encoding="sgr"), b"\x1b[<35;5;10M"),
        (press(col=999), Modes(mouse="any", mouse_encoding="sgr"), b"\x1b[<0;1000;10M"),
        (press(), Modes(mouse="normal", mouse_encoding="urxvt"), b"\x1b[32;5;10M"),
        (press(4), Modes(mouse="normal", mouse_encoding="urxvt"), b"\x1b[96;5;10M"),
        (MouseAction("release", 1, 4, 9), Modes(mouse="normal", mouse_encoding="urxvt"), b"\x1b[35;5;10M"),
        (press(col=2015), Modes(mouse="normal", mouse_encoding="utf8"), b"\x1b[M \0*"),
        (press(x=40, y=183), Modes(mouse="normal", mouse_encoding="sgr_pixels"), b"\x1b[<0;41;184M"),
        (MouseAction("release", 2, 4, 9, x=0, y=0), Modes(mouse="normal", mouse_encoding="sgr_pixels"), b"\x1b[<2;1;1m"),
        (press(col=299), Modes(mouse="normal", mouse_encoding="utf8"), b"\x1b[M " + chr(332).encode() + b"*"),
        (press(col=-1), Modes(mouse="normal"), b""),
    ],
)
def test_mouse_sends(action: MouseAction, modes: Modes, sent: bytes) -> None:
    assert encode_mouse(action, modes) == sent


def test_motion_is_told_once_per_cell_or_once_per_pixel() -> None:
    cells, pixels = Modes(mouse="any", mouse_encoding="sgr"), Modes(mouse="any", mouse_encoding="sgr_pixels")
    here, near = MouseAction("move", 3, 4, 9, x=33, y=150), MouseAction("move", 3, 4, 9, x=34, y=150)
    assert not is_same_place(here, None, cells)
    assert is_same_place(near, here, cells)
    assert not is_same_place(near, here, pixels)
    assert is_same_place(here, here, pixels)


ACTIONS = st.builds(
    MouseAction,
    st.sampled_from(["press", "release", "move"]),
    st.integers(0, 11),
    st.integers(0, 400),
    st.integers(0, 200),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@given(ACTIONS, st.sampled_from(["normal", "button", "any"]))
def test_what_sgr_tells_can_be_read_back(action: MouseAction, mouse: str) -> None:
    sent = encode_mouse(action, Modes(mouse=mouse, mouse_encoding="sgr"))  # type: ignore[arg-type]
    if not sent:
        return
    code, x, y = (int(field) for field in sent[3:-1].split(b";"))
    low, group = code & 3, code >> 6 & 3
    assert (x - 1, y - 1) == (action.col, action.row)
    assert (low if group == 0 else low + 4 * group) == action.button
    assert (bool(code & 4), bool(code & 8), bool(code & 16)) == (action.shift, action.alt, action.ctrl)
    assert (bool(code & 32), sent[-1:] == b"m") == (action.kind == "move", action.kind == "release")


@given(ACTIONS, st.sampled_from(["x10", "utf8", "sgr", "urxvt", "sgr_pixels"]))
def test_every_encoding_tells_the_same_actions(action: MouseAction, encoding: str) -> None:
    said = bool(encode_mouse(action, Modes(mouse="button")))
    assert bool(encode_mouse(action, Modes(mouse="button", mouse_encoding=encoding))) == said  # type: ignore[arg-type]
