"""Keys, mouse, paste and focus as the bytes that xterm sends for them (XTerm Control Sequences, xterm's input.c)."""

import re
from dataclasses import dataclass
from typing import Literal

from synk.base.keypress import KeyPress
from synk.terminal.modes import Modes

_CURSOR_KEYS = {"up": "A", "down": "B", "right": "C", "left": "D", "begin": "E", "end": "F", "home": "H"}
_FUNCTION_KEYS_SS3 = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_TILDE_KEYS = {"insert": 2, "delete": 3, "pageup": 5, "pagedown": 6, "help": 28, "menu": 29}
# The gaps are those of the VT220 keyboard.
_F5_TO_F24 = (15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34, 42, 43, 44, 45)
_TILDE_KEYS |= {f"f{key}": code for key, code in enumerate(_F5_TO_F24, 5)}
_KEYPAD = {
    "kp_enter": ("\r", "M"),
    "kp_equal": ("=", "X"),
    "kp_multiply": ("*", "j"),
    "kp_plus": ("+", "k"),
    "kp_comma": (",", "l"),
    "kp_separator": (",", "l"),
    "kp_minus": ("-", "m"),
    "kp_decimal": (".", "n"),
    "kp_period": (".", "n"),
    "kp_divide": ("/", "o"),
    "kp_tab": ("\t", "I"),
    "kp_space": (" ", " "),
} | {f"kp_{digit}": (str(digit), chr(ord("p") + digit)) for digit in range(10)}
"""Text, and the final character after SS3 in application keypad mode."""

# What Ctrl makes of a character that is not a letter: X11's rules, and ? as everybody but X11 has it.
_CONTROL_CODES = {char: ord(char) & 0x1F for char in "@[\\]^_`{|}~ "}
_CONTROL_CODES |= {"2": 0, "3": 27, "4": 28, "5": 29, "6": 30, "7": 31, "8": 127, "/": 31, "?": 127}
_CONTROL_CODES |= {chr(code): code & 0x1F for code in (*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1))}

# In the X10 encoding a coordinate is one byte above 32.
_MAX_X10_COORDINATE = 223
_MAX_UTF8_COORDINATE = 2015

_PASTE_END = re.compile("\x1b\\[201~|\x9b201~")
_NOT_PASTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def encode_key(key: KeyPress, modes: Modes) -> bytes:
    """What the program gets for a key press; empty for a key that has no code.

    Alt sends ESC first (xterm's metaSendsEscape). Digits and operators of the keypad mean themselves: they only
    exist with Num Lock on, and then xterm ignores the application keypad mode unless mode 1035 is reset.
    """
    name = key.name
    if name.startswith("kp_"):
        known = _KEYPAD.get(name)
        if known is not None:
            return _keypad(key, known[0], known[1], modes)
        name = name[3:]
    if name in _CURSOR_KEYS:
        return _cursor_key(_CURSOR_KEYS[name], key, modes)
    if name in _FUNCTION_KEYS_SS3:
        modifiers = _modifiers(key)
        final = _FUNCTION_KEYS_SS3[name]
        return f"\x1b[1;{modifiers}{final}".encode() if modifiers > 1 else f"\x1bO{final}".encode()
    if name in _TILDE_KEYS:
        modifiers = _modifiers(key)
        code = _TILDE_KEYS[name]
        return f"\x1b[{code};{modifiers}~".encode() if modifiers > 1 else f"\x1b[{code}~".encode()
    if name in ("enter", "tab", "backspace", "escape"):
        return _named(name, key, modes)
    return _text(key, modes)


def _modifiers(key: KeyPress) -> int:
    return 1 + key.shift + 2 * key.alt + 4 * key.ctrl


def _cursor_key(final: str, key: KeyPress, modes: Modes) -> bytes:
    modifiers = _modifiers(key)
    if modifiers > 1:
        return f"\x1b[1;{modifiers}{final}".encode()
    return f"\x1b{'O' if modes.application_cursor else '['}{final}".encode()


def _keypad(key: KeyPress, text: str, final: str, modes: Modes) -> bytes:
    if modes.application_keypad and not modes.keypad_is_numeric:
        modifiers = _modifiers(key)
        return f"\x1bO{modifiers if modifiers > 1 else ''}{final}".encode()
    if text == "\r":
        return _named("enter", key, modes)
    if text == "\t":
        return _named("tab", key, modes)
    # The layout knows better: the decimal key is a comma in many.
    return _text(KeyPress(text, key.text or text, shift=key.shift, ctrl=key.ctrl, alt=key.alt), modes)


def _named(name: str, key: KeyPress, modes: Modes) -> bytes:
    """Enter, Tab, Backspace and Escape."""
    modifiers = _modifiers(key)
    if name == "tab" and key.shift and not (key.ctrl and modes.modify_other_keys):
        return b"\x1b\x1b[Z" if key.alt else b"\x1b[Z"
    code = {"enter": 13, "tab": 9, "backspace": 127, "escape": 27}[name]
    level = modes.modify_other_keys
    if modifiers > 1 and (level == 2 or (level == 1 and name in ("enter", "tab") and (key.ctrl or key.shift))):
        return _other_key(modifiers, code)
    if name == "backspace":
        # Ctrl sends the other one of BS and DEL.
        data = b"\b" if modes.backarrow_is_backspace != key.ctrl else b"\x7f"
    elif name == "enter" and modes.newline:
        data = b"\r\n"
    else:
        data = bytes([code])
    return b"\x1b" + data if key.alt else data


def _text(key: KeyPress, modes: Modes) -> bytes:
    """A key with text, or with a name that is a character."""
    name = " " if key.name == "space" else key.name
    text = key.text or (name.upper() if key.shift and len(name) == 1 else name)
    if len(name) != 1 and not key.text:
        return b""
    modifiers = _modifiers(key)
    control = _control_code(text, name) if key.ctrl else None
    level = modes.modify_other_keys
    if len(text) == 1 and (
        (level == 2 and (key.ctrl or key.alt or (key.shift and text == " ")))
        or (level == 1 and key.ctrl and (control is None or (key.shift and text.isalpha())))
    ):
        return _other_key(modifiers, ord(text))
    data = text.encode("utf-8", "replace") if control is None else bytes([control])
    return b"\x1b" + data if key.alt else data


def _control_code(text: str, name: str) -> int | None:
    code = _CONTROL_CODES.get(text)
    return _CONTROL_CODES.get(name) if code is None and not text.isascii() else code


def _other_key(modifiers: int, code: int) -> bytes:
    """A key as `modifyOtherKeys` sends it."""
    return f"\x1b[27;{modifiers};{code}~".encode()


@dataclass(frozen=True, slots=True)
class MouseAction:
    """Something done with the mouse over the screen."""

    kind: Literal["press", "release", "move"]
    button: int
    """0 left, 1 middle, 2 right, 3 none, 4 wheel up, 5 down, 6 left, 7 right, 8 back, 9 forward. Of a move: the one held."""
    col: int
    """From 0."""
    row: int
    """From 0."""
    shift: bool = False
    ctrl: bool = False
    alt: bool = False


def encode_mouse(action: MouseAction, modes: Modes) -> bytes:
    """What the program gets; empty if it did not ask for this, or cannot be told because it is too far out."""
    if not _is_wanted(action, modes):
        return b""
    is_release = action.kind == "release"
    code = _button_code(action.button)
    if is_release and modes.mouse_encoding != "sgr":
        code = 3
    if action.kind == "move":
        code += 32
    if modes.mouse != "x10":
        code += 4 * action.shift + 8 * action.alt + 16 * action.ctrl
    x, y = action.col + 1, action.row + 1
    if modes.mouse_encoding == "sgr":
        return f"\x1b[<{code};{x};{y}{'m' if is_release else 'M'}".encode()
    if modes.mouse_encoding == "urxvt":
        return f"\x1b[{code + 32};{x};{y}M".encode()
    if modes.mouse_encoding == "utf8":
        if max(x, y) > _MAX_UTF8_COORDINATE:
            return b""
        return b"\x1b[M" + (chr(code + 32) + chr(x + 32) + chr(y + 32)).encode()
    if max(x, y) > _MAX_X10_COORDINATE:
        return b""
    return b"\x1b[M" + bytes([code + 32, x + 32, y + 32])


def _is_wanted(action: MouseAction, modes: Modes) -> bool:
    if action.col < 0 or action.row < 0 or modes.mouse == "off":
        return False
    if action.kind == "move":
        return modes.mouse == "any" or (modes.mouse == "button" and action.button != 3)
    if modes.mouse == "x10":
        return action.kind == "press" and action.button <= 2
    # The wheel has no release.
    return action.kind == "press" or not 4 <= action.button <= 7


def _button_code(button: int) -> int:
    if button < 4:
        return button
    return 60 + button if button < 8 else 120 + button


def encode_alternate_scroll(lines: int, modes: Modes) -> bytes:
    """The arrow keys that turning the wheel by `lines` (negative: up) sends on the alternate screen (1007)."""
    if not (modes.alternate_screen and modes.alternate_scroll):
        return b""
    key = KeyPress("up" if lines < 0 else "down")
    return encode_key(key, modes) * abs(lines)


def encode_paste(text: str, modes: Modes) -> bytes:
    """Pasted text: without control characters and end markers, lines ended by CR, in brackets if the program wants them."""
    text = _PASTE_END.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    data = _NOT_PASTED.sub("", text).replace("\n", "\r").encode("utf-8", "replace")
    return b"\x1b[200~" + data + b"\x1b[201~" if modes.bracketed_paste else data


def encode_focus(has_focus: bool, modes: Modes) -> bytes:
    """Focus came or went; empty if the program did not ask to be told (1004)."""
    if not modes.focus_events:
        return b""
    return b"\x1b[I" if has_focus else b"\x1b[O"
