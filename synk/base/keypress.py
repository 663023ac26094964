"""A key press as the rest of Synk sees it: no Qt, no escape sequences."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeyPress:
    """One press (or auto-repeat) of a key with the modifiers held."""

    name: str
    """Lower case. A printable key: the character without Shift where known (`a`, `1`, `[`, `space`);
    else a name: enter tab backspace escape delete insert home end pageup pagedown up down left right
    f1..f24 menu; keypad keys carry the prefix kp_ (kp_0, kp_enter, kp_plus, kp_up)."""
    text: str = ""
    """What the layout makes of it with Shift and AltGr, without Ctrl and Alt: "A", "{", "é"; "" for keys without text."""
    shift: bool = False
    ctrl: bool = False
    alt: bool = False
    super_: bool = False
    repeat: bool = False
