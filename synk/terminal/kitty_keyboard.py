"""Keys in the kitty keyboard protocol (https://sw.kovidgoyal.net/kitty/keyboard-protocol/), all five flags."""

from synk.base.keypress import KeyPress
from synk.terminal.key_flags import ALL_KEYS, ALTERNATE_KEYS, ASSOCIATED_TEXT, DISAMBIGUATE, EVENT_TYPES
from synk.terminal.modes import Modes
from synk.terminal.xterm_keyboard import encode_xterm_key

_LIKE_TEXT = ("enter", "tab", "backspace")
"""Keys that stay what they always were until the program wants all keys, so that a shell left in this mode is usable."""

_REPEATED, _RELEASED = 2, 3

_KEYS: dict[str, tuple[int, str]] = {
    "escape": (27, "u"),
    "enter": (13, "u"),
    "tab": (9, "u"),
    "backspace": (127, "u"),
    "insert": (2, "~"),
    "delete": (3, "~"),
    "left": (1, "D"),
    "right": (1, "C"),
    "up": (1, "A"),
    "down": (1, "B"),
    "pageup": (5, "~"),
    "pagedown": (6, "~"),
    "home": (1, "H"),
    "end": (1, "F"),
    "caps_lock": (57358, "u"),
    "scroll_lock": (57359, "u"),
    "num_lock": (57360, "u"),
    "print_screen": (57361, "u"),
    "pause": (57362, "u"),
    "menu": (57363, "u"),
    "f1": (1, "P"),
    "f2": (1, "Q"),
    "f3": (13, "~"),  # not R, which is a cursor position report
    "f4": (1, "S"),
    "kp_begin": (1, "E"),
}
"""Number and final character of the keys that have no character of their own."""
_KEYS |= {f"f{5 + index}": (code, "~") for index, code in enumerate((15, 17, 18, 19, 20, 21, 23, 24))}
_KEYS |= {f"f{number}": (57376 + number - 13, "u") for number in range(13, 36)}
_KEYS |= {f"kp_{digit}": (57399 + digit, "u") for digit in range(10)}


def _count_up(first: int, names: str) -> dict[str, tuple[int, str]]:
    return {name: (first + index, "u") for index, name in enumerate(names.split())}


_KEYS |= _count_up(
    57409,
    "kp_decimal kp_divide kp_multiply kp_minus kp_plus kp_enter kp_equal kp_separator"
    " kp_left kp_right kp_up kp_down kp_pageup kp_pagedown kp_home kp_end kp_insert kp_delete",
)
_KEYS |= _count_up(
    57428,
    "media_play media_pause media_play_pause media_reverse media_stop media_fast_forward media_rewind"
    " media_track_next media_track_previous media_record lower_volume raise_volume mute_volume"
    " left_shift left_control left_alt left_super left_hyper left_meta"
    " right_shift right_control right_alt right_super right_hyper right_meta iso_level3_shift iso_level5_shift",
)

_KEYPAD_CHARACTERS = {
    "kp_decimal": ".",
    "kp_divide": "/",
    "kp_multiply": "*",
    "kp_minus": "-",
    "kp_plus": "+",
    "kp_equal": "=",
    "kp_separator": ",",
}


def encode_kitty_key(key: KeyPress, modes: Modes) -> bytes:
    """What the program gets for a key under the flags it set (at least one); empty if it did not ask for this."""
    flags = modes.kitty_keyboard
    wants_all = bool(flags & ALL_KEYS)
    if key.released and not flags & EVENT_TYPES:
        return b""
    if key.is_modifier and not wants_all:
        return b""
    event = (_RELEASED if key.released else _REPEATED if key.repeat else 1) if flags & EVENT_TYPES else 1
    text = "" if key.released else text_of(key)
    if not wants_all:
        if text:
            return text.encode("utf-8", "replace")
        if key.name in _LIKE_TEXT and not _modifiers(key, with_locks=False):
            return b"" if key.released else encode_xterm_key(key, modes)
        if key.name in _LIKE_TEXT and key.released:
            return b""
        if not flags & DISAMBIGUATE and event == 1:
            return encode_xterm_key(key, modes)
    name = key.name
    if not flags & (DISAMBIGUATE | ALL_KEYS) and name.startswith("kp_") and name != "kp_begin":
        name = _KEYPAD_CHARACTERS.get(name, name[3:])
    return _sequence(key, name, event, text if flags & ASSOCIATED_TEXT else "", flags)


def encode_kitty_text(text: str) -> bytes:
    """Text that no key made (an input method) for a program that wants all keys and their text as escape codes."""
    points = ":".join(str(ord(character)) for character in text if _is_reported(character))
    return f"\x1b[0;;{points}u".encode() if points else b""


def text_of(key: KeyPress) -> str:
    """What the key types: "" if it types nothing, or if a modifier other than Shift and AltGr makes it a shortcut."""
    if key.ctrl or key.alt or key.super_ or key.hyper or key.meta:
        return ""
    return "".join(character for character in key.text or _plain_text(key) if _is_reported(character))


def _plain_text(key: KeyPress) -> str:
    """For a press that somebody else made up, not a keyboard: its name is its text."""
    name = " " if key.name == "space" else key.name
    if len(name) != 1:
        return ""
    return name.upper() if key.shift else name


def _is_reported(character: str) -> bool:
    """Neither a control character nor half of a surrogate pair."""
    point = ord(character)
    return point >= 0x20 and not 0x7F <= point < 0xA0 and not 0xD800 <= point < 0xE000


def _modifiers(key: KeyPress, *, with_locks: bool = True) -> int:
    held = key.shift | key.alt << 1 | key.ctrl << 2 | key.super_ << 3 | key.hyper << 4 | key.meta << 5
    return held | key.caps_lock << 6 | key.num_lock << 7 if with_locks else held


def _sequence(key: KeyPress, name: str, event: int, text: str, flags: int) -> bytes:
    character = key.key or (" " if name == "space" else name)
    number, final = _KEYS.get(name) or (ord(character) if len(character) == 1 else 0, "u")
    if not number and not text:
        return b""
    keys = str(number)
    if flags & ALTERNATE_KEYS and name not in _KEYS and number:
        keys += _alternates(key, character)
    modifiers = _modifiers(key)
    second = f"{modifiers + 1}" if modifiers or event != 1 else ""
    if event != 1:
        second += f":{event}"
    third = ":".join(str(ord(each)) for each in text)
    fields = [keys, second, third]
    while fields and not fields[-1]:
        fields.pop()
    if fields == ["1"]:
        fields = []
    return f"\x1b[{';'.join(fields)}{final}".encode()


def _alternates(key: KeyPress, character: str) -> str:
    """`:shifted:base`, as much of it as is known and says something."""
    shifted = _shifted(key, character) if key.shift else ""
    base = key.base or (key.name if key.key else "")
    if len(base) != 1 or base == character:
        return f":{ord(shifted)}" if shifted else ""
    return f":{ord(shifted) if shifted else ''}:{ord(base)}"


def _shifted(key: KeyPress, character: str) -> str:
    upper = character.upper()
    if upper != character and len(upper) == 1:
        return upper
    return key.text if len(key.text) == 1 and key.text != character else ""
