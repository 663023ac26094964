"""What a program gets for keys, for text of an input method, for focus, and for the wheel that acts as arrow keys."""

from synk.base.keypress import KeyPress
from synk.terminal.key_flags import ALL_KEYS, ASSOCIATED_TEXT
from synk.terminal.kitty_keyboard import encode_kitty_key, encode_kitty_text
from synk.terminal.modes import Modes
from synk.terminal.xterm_keyboard import encode_xterm_key


def encode_key(key: KeyPress, modes: Modes) -> bytes:
    """What the program gets for a key; empty if the key has no code, or if it went up and the program does not care."""
    if modes.kitty_keyboard:
        return encode_kitty_key(key, modes)
    return b"" if key.released or key.is_modifier else encode_xterm_key(key, modes)


def encode_text(text: str, modes: Modes) -> bytes:
    """Text that comes from an input method instead of a key."""
    wanted = ALL_KEYS | ASSOCIATED_TEXT
    if modes.kitty_keyboard & wanted == wanted:
        return encode_kitty_text(text)
    return text.encode("utf-8", "replace")


def encode_alternate_scroll(lines: int, modes: Modes) -> bytes:
    """The arrow keys that turning the wheel by `lines` (negative: up) sends on the alternate screen (1007)."""
    if not (modes.alternate_screen and modes.alternate_scroll):
        return b""
    key = KeyPress("up" if lines < 0 else "down")
    return encode_key(key, modes) * abs(lines)


def encode_focus(has_focus: bool, modes: Modes) -> bytes:
    """Focus came or went; empty if the program did not ask to be told (1004)."""
    if not modes.focus_events:
        return b""
    return b"\x1b[I" if has_focus else b"\x1b[O"
