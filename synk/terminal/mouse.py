"""The mouse as the bytes that xterm sends for it (XTerm Control Sequences, "Mouse Tracking"; xterm's button.c)."""

from dataclasses import dataclass
from typing import Literal

from synk.terminal.modes import Modes

NO_BUTTON = 3
WHEEL_UP, WHEEL_DOWN, WHEEL_LEFT, WHEEL_RIGHT = 4, 5, 6, 7
WHEEL = range(WHEEL_UP, WHEEL_RIGHT + 1)
MAX_BUTTON = 11

# One byte above 32, or two bytes of UTF-8; xterm says "past the end" with a NUL for whatever is beyond.
_MAX_X10_COORDINATE = 223
_MAX_UTF8_COORDINATE = 2015

_MOTION = 32


@dataclass(frozen=True, slots=True)
class MouseAction:
    """Something done with the mouse over the screen."""

    kind: Literal["press", "release", "move"]
    button: int
    """0 left, 1 middle, 2 right, 3 none, 4 wheel up, 5 down, 6 left, 7 right, 8 back, 9 forward, 10 and 11 more.
    Of a move: the one held."""
    col: int
    """From 0."""
    row: int
    """From 0."""
    shift: bool = False
    ctrl: bool = False
    alt: bool = False
    x: int = 0
    """Pixels from the left edge of the screen, in the unit in which the program is told the size of the window."""
    y: int = 0
    """Pixels from the top edge."""


def encode_mouse(action: MouseAction, modes: Modes) -> bytes:
    """What the program gets; empty if it did not ask for this."""
    if not _is_wanted(action, modes):
        return b""
    encoding = modes.mouse_encoding
    is_release = action.kind == "release"
    # Only the SGR forms tell which button was released.
    code = _button_code(NO_BUTTON if is_release and encoding not in ("sgr", "sgr_pixels") else action.button)
    if action.kind == "move":
        code += _MOTION
    if modes.mouse != "x10":
        code += 4 * action.shift + 8 * action.alt + 16 * action.ctrl
    x, y = action.col + 1, action.row + 1
    match encoding:
        case "sgr":
            return f"\x1b[<{code};{x};{y}{'m' if is_release else 'M'}".encode()
        case "sgr_pixels":
            return f"\x1b[<{code};{action.x + 1};{action.y + 1}{'m' if is_release else 'M'}".encode()
        case "urxvt":
            return f"\x1b[{code + 32};{x};{y}M".encode()
        case "utf8":
            place = [value + 32 if value <= _MAX_UTF8_COORDINATE else 0 for value in (x, y)]
            return b"\x1b[M" + "".join(map(chr, (code + 32, *place))).encode()
    return b"\x1b[M" + bytes([code + 32, *(value + 32 if value <= _MAX_X10_COORDINATE else 0 for value in (x, y))])


def is_same_place(action: MouseAction, before: MouseAction | None, modes: Modes) -> bool:
    """Whether a move says nothing new: motion is told once per cell, or once per pixel where the program counts those."""
    if before is None:
        return False
    if modes.mouse_encoding == "sgr_pixels":
        return (action.x, action.y) == (before.x, before.y)
    return (action.col, action.row) == (before.col, before.row)


def _is_wanted(action: MouseAction, modes: Modes) -> bool:
    if action.col < 0 or action.row < 0 or modes.mouse == "off" or not 0 <= action.button <= MAX_BUTTON:
        return False
    if action.kind == "move":
        return modes.mouse == "any" or (modes.mouse == "button" and action.button != NO_BUTTON)
    if modes.mouse == "x10":
        return action.kind == "press" and action.button < NO_BUTTON
    # The wheel has no release.
    return action.button != NO_BUTTON and (action.kind == "press" or action.button not in WHEEL)


def _button_code(button: int) -> int:
    if button <= NO_BUTTON:
        return button
    return 60 + button if button in WHEEL else 120 + button
