"""The 256-color palette, what programs change in it (OSC 4, 10-12), and colors as text (XParseColor)."""

import re

from synk.terminal.color_spaces import SPACES, from_space

FOREGROUND, BACKGROUND, CURSOR = 256, 257, 258
"""Numbers of the special colors, after those of the palette; OSC 10 to 19 in their order."""
DYNAMIC_COUNT = 10
SELECTION_BACKGROUND, SELECTION_FOREGROUND = FOREGROUND + 7, FOREGROUND + 9
BOLD = FOREGROUND + DYNAMIC_COUNT
"""The first of the colors of OSC 5: bold, underlined, blinking, inverse and italic text."""
SPECIAL_COUNT = 5
LAST_COLOR = BOLD + SPECIAL_COUNT - 1
# Mouse pointer, Tektronix window and selection, as long as nobody sets them.
_SAME_AS = {FOREGROUND + 4: BACKGROUND, FOREGROUND + 6: BACKGROUND, FOREGROUND + 8: CURSOR, FOREGROUND + 9: BACKGROUND}

_CUBE_LEVELS = (0, 95, 135, 175, 215, 255)
_ANSI = (
    0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
    0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
)  # fmt: skip


def xterm_palette() -> dict[int, int]:
    """xterm's 256 colors as 0xrrggbb, and its special colors (white on black)."""
    palette = dict(enumerate(_ANSI))
    for index in range(216):
        red, green, blue = _CUBE_LEVELS[index // 36], _CUBE_LEVELS[index // 6 % 6], _CUBE_LEVELS[index % 6]
        palette[16 + index] = red << 16 | green << 8 | blue
    for index in range(24):
        palette[232 + index] = (8 + 10 * index) * 0x010101
    palette.update({FOREGROUND: 0xE5E5E5, BACKGROUND: 0x000000, CURSOR: 0xE5E5E5})
    return palette


_HEX = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{9}|[0-9a-fA-F]{12})")
_RGB = re.compile(r"rgb:([0-9a-f]{1,4})/([0-9a-f]{1,4})/([0-9a-f]{1,4})", re.IGNORECASE)
_NUMBER = r"([-+]?(?:[0-9]{1,9}\.?[0-9]{0,9}|\.[0-9]{1,9})(?:e[-+]?[0-9])?)"
_IN_SPACE = re.compile(f"({'|'.join(SPACES)}):{_NUMBER}/{_NUMBER}/{_NUMBER}", re.IGNORECASE)
# Of X11's names those that people know by heart.
_NAMES = {
    "black": 0x000000, "white": 0xFFFFFF, "red": 0xFF0000, "green": 0x00FF00, "blue": 0x0000FF, "yellow": 0xFFFF00,
    "cyan": 0x00FFFF, "magenta": 0xFF00FF, "gray": 0xBEBEBE, "grey": 0xBEBEBE, "orange": 0xFFA500, "brown": 0xA52A2A,
    "pink": 0xFFC0CB, "purple": 0xA020F0, "violet": 0xEE82EE, "navy": 0x000080, "maroon": 0xB03060, "gold": 0xFFD700,
}  # fmt: skip


def parse_color(text: str) -> int | None:
    """0xrrggbb of a color as X11 writes it, else None.

    `#rgb`, `#rrggbb`, `#rrrgggbbb`, `#rrrrggggbbbb` (the high bits: `#fff` is `#f0f0f0`, as in X11), `rgb:r/g/b` (1 to 4
    digits each, scaled), the color spaces of `color_spaces`, and the usual names.
    """
    if (named := _NAMES.get(text.lower())) is not None:
        return named
    if match := _IN_SPACE.fullmatch(text):
        space, *values = match.groups()
        first, second, third = map(float, values)
        return from_space(space.lower(), first, second, third)
    if match := _HEX.fullmatch(text):
        digits = match[1]
        size = len(digits) // 3
        parts = [digits[start : start + size] for start in range(0, len(digits), size)]
        red, green, blue = (int(part[:2].ljust(2, "0"), 16) for part in parts)
    elif match := _RGB.fullmatch(text):
        red, green, blue = (int(part, 16) * 0xFFFF // int("f" * len(part), 16) >> 8 for part in match.groups())
    else:
        return None
    return red << 16 | green << 8 | blue


def format_color(color: int) -> str:
    """`rgb:rrrr/gggg/bbbb`, as xterm answers."""
    return "rgb:" + "/".join(f"{(color >> shift & 0xFF) * 0x101:04x}" for shift in (16, 8, 0))


class Colors:
    """The colors of one terminal: those of the theme, and those the program put over them."""

    def __init__(self) -> None:
        self.base = xterm_palette()
        """Of the theme: 0-255 and the special colors, as 0xrrggbb. The window sets it."""
        self.overrides: dict[int, int] = {}
        """Set by the program, the same numbers; the painter looks here first."""

    def __getitem__(self, number: int) -> int:
        found = self.overrides.get(number)
        if found is None:
            found = self.base.get(number)
        return self[_SAME_AS.get(number, FOREGROUND)] if found is None else found
