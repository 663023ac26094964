"""Chords: what stands in a key table (`ctrl+shift+n`, `?`, `pageup`) and which of them a key press can mean."""

from dataclasses import dataclass

from synk.base.errors import UsageError
from synk.base.keypress import KeyPress

MODIFIERS = ("ctrl", "alt", "shift", "super")
"""In the order in which a chord is written."""

NAMED_KEYS = frozenset(
    ["enter", "tab", "backspace", "escape", "delete", "insert", "home", "end", "pageup", "pagedown"]
    + ["up", "down", "left", "right", "space", "menu", "pause", "print_screen", "help"]
    + [f"f{number}" for number in range(1, 36)]
)
"""Every key that is written as a word instead of as its character."""

LABELS = {
    "escape": "Esc",
    "pageup": "PageUp",
    "pagedown": "PageDown",
    "print_screen": "PrintScreen",
}
"""How a key is shown where capitalizing its name is not enough."""

ALIASES = {"comma": ",", "plus": "+", "minus": "-", "slash": "/", "esc": "escape", "return": "enter"}
"""Other words for keys, as people write them."""

KEYPAD_CHARACTERS = {
    "plus": "+",
    "minus": "-",
    "multiply": "*",
    "divide": "/",
    "decimal": ".",
    "separator": ",",
    "equal": "=",
}
"""Keypad keys whose name is a word but which stand for a character."""


@dataclass(frozen=True, slots=True)
class Chord:
    """One key with the modifiers held; `name` as in `KeyPress.name`, without the keypad prefix."""

    name: str
    ctrl: bool = False
    alt: bool = False
    shift: bool = False
    super_: bool = False

    def __str__(self) -> str:
        """The form `parse_chord` reads: `ctrl+shift+n`."""
        return "+".join([*self._held(), self.name])

    @property
    def label(self) -> str:
        """The form a person reads: `Ctrl+Shift+n`, `Esc`, `PageUp`."""
        return "+".join([*(word.capitalize() for word in self._held()), label_of(self.name)])

    def _held(self) -> list[str]:
        flags = (self.ctrl, self.alt, self.shift, self.super_)
        return [word for word, is_held in zip(MODIFIERS, flags, strict=True) if is_held]


def label_of(name: str) -> str:
    """`escape` -> `Esc`, `f11` -> `F11`, `n` -> `n`."""
    if name in LABELS:
        return LABELS[name]
    return name.capitalize() if name in NAMED_KEYS else name


def parse_chord(text: str) -> Chord:
    """Read `ctrl+shift+n`; modifiers in any order and case, the plus key is written `ctrl++`.

    Raises:
        UsageError: an unknown key or modifier, or no key at all.
    """
    words = text.strip().lower().split("+")
    if words[-2:] == ["", ""]:  # the key itself is a plus
        words[-2:] = ["+"]
    *held, name = words
    name = ALIASES.get(name, name)
    if name not in NAMED_KEYS and len(name) != 1:
        raise UsageError(f'Unknown key "{text}". Write keys like ctrl+shift+n, pageup or f11')
    for word in held:
        if word not in MODIFIERS:
            raise UsageError(f'Unknown modifier "{word}" in "{text}". There are {", ".join(MODIFIERS)}')
    return Chord(name, ctrl="ctrl" in held, alt="alt" in held, shift="shift" in held, super_="super" in held)


def meanings(press: KeyPress) -> tuple[Chord, ...]:
    """The chords this press may stand for, the most literal first.

    A symbol is looked up as the character the layout makes of it (`?` is Shift+/ on a US keyboard and Shift+ß on a
    German one), a letter by its key, so that Caps Lock changes nothing. A digit or symbol reached through AltGr is
    only what it shows: AltGr+7 is `{` and never `7`.
    """
    name = press.name.removeprefix("kp_")
    name = KEYPAD_CHARACTERS.get(name, name)
    by_key = Chord(name, ctrl=press.ctrl, alt=press.alt, shift=press.shift, super_=press.super_)
    text = press.text
    if len(text) != 1 or not text.isprintable() or text == " " or name in NAMED_KEYS:
        return (by_key,)
    if text.isalpha():
        letter = text.lower()
        by_text = Chord(letter, ctrl=press.ctrl, alt=press.alt, shift=press.shift, super_=press.super_)
        return (by_text,) if by_text == by_key else (by_text, by_key)
    by_text = Chord(text, ctrl=press.ctrl, alt=press.alt, super_=press.super_)
    return (by_text, by_key) if press.shift else (by_text,)


def press_of(text: str) -> KeyPress:
    """The key press a chord written as text stands for, as if a US keyboard had sent it.

    Raises:
        UsageError: an unknown key or modifier.
    """
    chord = parse_chord(text)
    character = " " if chord.name == "space" else "" if chord.name in NAMED_KEYS else chord.name
    return KeyPress(
        chord.name,
        text=character.upper() if chord.shift else character,
        shift=chord.shift,
        ctrl=chord.ctrl,
        alt=chord.alt,
        super_=chord.super_,
    )
