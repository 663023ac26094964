"""Keys as xterm sends them (XTerm Control Sequences; xterm's input.c; recorded from xterm 379).

As with its resource `metaSendsEscape`, Alt sends ESC first; but as without it, Alt stays a modifier where
`modifyOtherKeys` makes a sequence.
"""

from synk.base.keypress import KeyPress
from synk.terminal.modes import Modes

_CURSOR_KEYS = {"up": "A", "down": "B", "right": "C", "left": "D", "begin": "E", "end": "F", "home": "H"}
_FUNCTION_KEYS_SS3 = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_TILDE_KEYS = {"insert": 2, "delete": 3, "pageup": 5, "pagedown": 6, "help": 28, "menu": 29}
# The gaps are those of the VT220 keyboard.
_F5_TO_F35 = (15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34, *range(42, 57))
_TILDE_KEYS |= {f"f{key}": code for key, code in enumerate(_F5_TO_F35, 5)}
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

# What Ctrl makes of a character: X11's rules, and ? as xterm has it.
_CONTROL_CODES = {char: ord(char) & 0x1F for char in "@[\\]^_`{|}~ "}
_CONTROL_CODES |= {"2": 0, "3": 27, "4": 28, "5": 29, "6": 30, "7": 31, "8": 127, "/": 31, "?": 127}
_CONTROL_CODES |= {chr(code): code & 0x1F for code in (*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1))}

_NAMED = {"enter": 13, "tab": 9, "backspace": 127, "escape": 27}


def encode_xterm_key(key: KeyPress, modes: Modes) -> bytes:
    """What the program gets for a key press; empty for a key that has no code. Super, Hyper and Meta change nothing."""
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
    if name in _NAMED:
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
    """Digits and operators mean themselves with Num Lock on (mode 1035), whatever the application keypad mode says.

    In numeric mode no modifier changes them: there is no Ctrl+5 and no Alt+5 on the keypad.
    """
    if modes.application_keypad and not (key.num_lock and modes.keypad_is_numeric):
        modifiers = _modifiers(key)
        return f"\x1bO{modifiers if modifiers > 1 else ''}{final}".encode()
    if text == "\r":
        return b"\r\n" if modes.newline else b"\r"
    # The layout knows better: the decimal key is a comma in many.
    return (key.text or text).encode("utf-8", "replace")


def _named(name: str, key: KeyPress, modes: Modes) -> bytes:
    """Enter, Tab, Backspace and Escape."""
    code = _NAMED[name]
    if name == "backspace" and modes.backarrow_is_backspace != key.ctrl:
        code = 8
    if _is_named_modified(name, key, modes.modify_other_keys):
        return _other_key(_modifiers(key), code)
    if name == "tab" and key.shift:
        return b"\x1b[Z"
    data = b"\r\n" if name == "enter" and modes.newline else bytes([code])
    return b"\x1b" + data if key.alt else data


def _is_named_modified(name: str, key: KeyPress, level: int) -> bool:
    """Whether `modifyOtherKeys` changes one of these four: at level 1 only what is not known as something else."""
    if level == 0:
        return False
    if name == "tab":
        return key.ctrl and not key.shift if level == 1 else key.ctrl or key.alt
    if name == "enter":
        return key.ctrl or key.shift or (key.alt and level == 2)
    if name == "backspace":
        return level == 2 and (key.shift or key.alt)
    return level == 2 and (key.ctrl or key.shift or key.alt)


def _text(key: KeyPress, modes: Modes) -> bytes:
    """A key with text, or with a name that is a character."""
    name = " " if key.name == "space" else key.name
    text = key.text or (name.upper() if key.shift and len(name) == 1 else name)
    if len(name) != 1 and not key.text:
        return b""
    # A layout without Latin letters has no control codes of its own: its keys are what they are on a US keyboard.
    control = _CONTROL_CODES.get(name if key.key else text) if key.ctrl else None
    if len(text) == 1 and _is_text_modified(text, control, key, modes.modify_other_keys):
        return _other_key(_modifiers(key), ord(text))
    data = text.encode("utf-8", "replace") if control is None else bytes([control])
    if modes.newline and data == b"\r":
        data = b"\r\n"
    return b"\x1b" + data if key.alt else data


def _is_text_modified(text: str, control: int | None, key: KeyPress, level: int) -> bool:
    """Whether `modifyOtherKeys` changes a character: at level 1 where Ctrl has no code for it, at 2 with any modifier.

    Shift alone counts only for characters that Ctrl could change: letters and @[\\]^_`{|}~.
    """
    if level == 1:
        return key.ctrl and (control is None or text == "?")
    if level == 2:
        return key.ctrl or key.alt or (key.shift and (text == " " or "@" <= text <= "~"))
    return False


def _other_key(modifiers: int, code: int) -> bytes:
    """A key as `modifyOtherKeys` sends it."""
    return f"\x1b[27;{modifiers};{code}~".encode()
