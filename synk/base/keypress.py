"""A key press as the rest of Synk sees it: no Qt, no escape sequences."""

from dataclasses import dataclass, field

LOCK_KEYS = frozenset({"caps_lock", "num_lock", "scroll_lock"})
HELD_KEYS = frozenset(
    {f"{side}_{kind}" for side in ("left", "right") for kind in ("shift", "control", "alt", "super", "hyper", "meta")}
    | {"iso_level3_shift", "iso_level5_shift"}
)
MODIFIER_KEYS = LOCK_KEYS | HELD_KEYS
"""Names of the keys that only change what other keys mean."""


@dataclass(frozen=True, slots=True)
class KeyPress:
    """One press (or auto-repeat, or release) of a key with the modifiers held."""

    name: str
    """Lower case. A printable key: the character without Shift where known (`a`, `1`, `[`, `space`), on a layout
    without Latin letters the one of the same key in the US layout;
    else a name: enter tab backspace escape delete insert home end pageup pagedown up down left right
    f1..f35 menu pause print_screen; keypad keys carry the prefix kp_ (kp_0, kp_enter, kp_plus, kp_up)."""
    text: str = ""
    """What the layout makes of it with Shift and AltGr, without Ctrl and Alt: "A", "{", "é"; "" for keys without text."""
    shift: bool = False
    ctrl: bool = False
    alt: bool = False
    super_: bool = False
    repeat: bool = False
    released: bool = False
    """The key went up again: never part of a binding, and told only to programs that asked for it."""
    hyper: bool = False
    meta: bool = False
    """X11's Meta where it is not the same as Alt."""
    caps_lock: bool = False
    """The lock is on."""
    num_lock: bool = False
    """The lock is on."""
    key: str = ""
    """The character of the key without Shift where `name` is that of the US layout: `с` for the Russian key named `c`."""
    base: str = ""
    """The character a US keyboard has in this place, if it is another one: `y` for a German `z`; "" also if unknown."""
    code: int = field(default=0, compare=False)
    """The hardware's number of the key, 0 if unknown: tells which press a release belongs to."""

    @property
    def is_modifier(self) -> bool:
        """Whether this is Shift, Control, a lock or the like by itself."""
        return self.name in MODIFIER_KEYS
