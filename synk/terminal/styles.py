"""How cells look: interned styles and pens, and what an SGR sequence makes of them (ECMA-48 8.3.117, XTerm Control Sequences)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

RGB = 0x1000000
"""Marks a color number as true color: `RGB | red << 16 | green << 8 | blue`."""


@dataclass(frozen=True, slots=True)
class Style:
    """The look of a cell. Equal styles of one emulator are the same object."""

    fg: int = -1
    """-1 default, 0-255 palette, `RGB | rrggbb` true color; so are the other two."""
    bg: int = -1
    underline_color: int = -1
    bold: bool = False
    dim: bool = False
    italic: bool = False
    blink: bool = False
    inverse: bool = False
    hidden: bool = False
    strike: bool = False
    overline: bool = False
    underline: int = 0
    """0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed."""


DEFAULT_STYLE = Style()
DEFAULT_PEN = "\0"
"""The pen character of a cell nobody wrote to: default style, no link, not protected."""

# A pen is named by one character of the basic plane, so a row of pens takes at most two bytes a cell.
MAX_PENS = 0x10000
# A pen remembers where so many SGR sequences lead; a program with more than these is painting a gradient.
MAX_REMEMBERED = 256
# More than the 256 characters of a sequence that a person or a program writes in one go.
MAX_LINK_CHARS = 2083


class Pen:
    """What is written with a character: its style, its link and its protection. Compare with `is`."""

    __slots__ = ("after", "char", "erase", "is_protected", "link", "style")

    def __init__(self, char: str, style: Style, link: str, is_protected: bool) -> None:
        self.char = char
        """Names this pen in `Row.pens`."""
        self.style = style
        self.link = link
        """Target of an OSC 8 hyperlink, "" without one."""
        self.is_protected = is_protected
        """DECSCA: selective erase leaves these cells alone."""
        self.erase = DEFAULT_PEN
        """Character of the pen that erased cells get: only the background color stays (BCE)."""
        self.after: dict[str, Pen] = {}
        """The pen that an SGR sequence (its parameters as written) leads to from here."""


class PenTable:
    """All pens in use by one emulator, found by character or by what they are.

    The table is bounded: when it is full, pens that no cell uses are dropped (`in_use` of `pen` names
    those that must stay). If every pen is in use, true colors become palette colors, then default.
    """

    def __init__(self) -> None:
        self.default = Pen(DEFAULT_PEN, DEFAULT_STYLE, "", False)
        self._by_char: dict[str, Pen] = {DEFAULT_PEN: self.default}
        self._by_value: dict[tuple[Style, str, bool], Pen] = {(DEFAULT_STYLE, "", False): self.default}
        self._free: list[str] = []
        self._next = 1
        self.protected: set[str] = set()
        """Characters of the protected pens."""

    def __getitem__(self, char: str) -> Pen:
        return self._by_char[char]

    def __len__(self) -> int:
        return len(self._by_char)

    @property
    def is_full(self) -> bool:
        """True when no pen can be added before `keep_only`."""
        return not self._free and self._next >= MAX_PENS

    def pen(self, style: Style, link: str = "", is_protected: bool = False) -> Pen:
        """The pen of these values; a new one if there is none yet."""
        key = (style, link, is_protected)
        pen = self._by_value.get(key)
        if pen is not None:
            return pen
        if self.is_full:
            coarse = _coarse(style)
            return self._by_value.get((coarse, link, is_protected)) or self._by_value.get((coarse, "", False)) or self.default
        if self._free:
            char = self._free.pop()
        else:
            char = chr(self._next)
            self._next += 1
        pen = Pen(char, style, link, is_protected)
        self._by_char[char] = self._by_value[key] = pen
        if is_protected:
            self.protected.add(char)
        if style.bg == -1:
            pen.erase = DEFAULT_PEN
        elif style == Style(bg=style.bg) and not link and not is_protected:
            pen.erase = char
        else:
            pen.erase = self.pen(Style(bg=style.bg)).char
        return pen

    def after(self, pen: Pen, sgr: str) -> Pen:
        """The pen that `CSI sgr m` leads to from `pen`."""
        found = pen.after.get(sgr)
        if found is None:
            found = self.pen(apply_sgr(pen.style, sgr), pen.link, pen.is_protected)
            if len(pen.after) >= MAX_REMEMBERED:
                pen.after.clear()
            pen.after[sgr] = found
        return found

    def keep_only(self, in_use: set[str]) -> None:
        """Forget every pen whose character is not in `in_use`; their characters are given out again."""
        in_use = in_use | {DEFAULT_PEN}
        in_use |= {self._by_char[char].erase for char in in_use}
        for key, pen in list(self._by_value.items()):
            pen.after.clear()
            if pen.char not in in_use:
                del self._by_value[key], self._by_char[pen.char]
                self.protected.discard(pen.char)
                self._free.append(pen.char)


def apply_sgr(style: Style, sgr: str) -> Style:
    """The style after `CSI sgr m`; unknown and malformed parts change nothing."""
    values: dict[str, Any] = {}
    parameters = iter(sgr.split(";"))
    for parameter in parameters:
        if ":" in parameter:
            _apply_colon(values, parameter)
            continue
        code = number(parameter)
        if code == 0:
            style, values = DEFAULT_STYLE, {}
        elif code in _SIMPLE:
            values.update(_SIMPLE[code])
        elif code in _COLOR_FIELDS:
            color = _color_from(parameters)
            if color is not None:
                values[_COLOR_FIELDS[code]] = color
    return replace(style, **values) if values else style


def number(digits: str) -> int:
    """A decimal parameter, 0 if it is empty; limited to 16 bits."""
    if not digits:
        return 0
    # Long before the digits overflow anything the value is at its limit.
    return min(int(digits[:18]), 0xFFFF) if digits.isdecimal() and digits.isascii() else 0


def _apply_colon(values: dict[str, Any], parameter: str) -> None:
    """One parameter with sub-parameters: `4:3`, `38:5:n`, `38:2:r:g:b`, `38:2:space:r:g:b`."""
    head, *rest = parameter.split(":")
    code = number(head)
    if code == 4 and rest:
        values["underline"] = min(number(rest[0]), 5)
    elif code in _COLOR_FIELDS and rest:
        kind = number(rest[0])
        if kind == 5 and len(rest) >= 2:
            color = _palette(number(rest[1]))
        elif kind == 2 and len(rest) >= 4:
            # With a color space (usually empty) in front there are five or more.
            color = _rgb(rest[2:5] if len(rest) >= 5 else rest[1:4])
        else:
            color = None
        if color is not None:
            values[_COLOR_FIELDS[code]] = color


def _color_from(parameters: Iterable[str]) -> int | None:
    """The color of `38;5;n` or `38;2;r;g;b`, consuming what belongs to it."""
    rest = iter(parameters)
    kind = number(next(rest, ""))
    if kind == 5:
        return _palette(number(next(rest, "")))
    if kind == 2:
        return _rgb([next(rest, ""), next(rest, ""), next(rest, "")])
    return None


def _palette(index: int) -> int | None:
    return index if index <= 255 else None


def _rgb(parts: list[str]) -> int | None:
    red, green, blue = map(number, parts)
    if max(red, green, blue) > 255:
        return None
    return RGB | red << 16 | green << 8 | blue


def _coarse(style: Style) -> Style:
    """The style with its true colors moved to the 6 x 6 x 6 cube of the palette."""

    def cube(color: int) -> int:
        if color < RGB:
            return color
        red, green, blue = ((color >> shift & 0xFF) * 5 // 255 for shift in (16, 8, 0))
        return 16 + 36 * red + 6 * green + blue

    return Style(fg=cube(style.fg), bg=cube(style.bg))


def _simple_codes() -> dict[int, dict[str, Any]]:
    codes: dict[int, dict[str, Any]] = {
        1: {"bold": True},
        2: {"dim": True},
        3: {"italic": True},
        4: {"underline": 1},
        5: {"blink": True},
        6: {"blink": True},
        7: {"inverse": True},
        8: {"hidden": True},
        9: {"strike": True},
        21: {"underline": 2},
        22: {"bold": False, "dim": False},
        23: {"italic": False},
        24: {"underline": 0},
        25: {"blink": False},
        27: {"inverse": False},
        28: {"hidden": False},
        29: {"strike": False},
        39: {"fg": -1},
        49: {"bg": -1},
        53: {"overline": True},
        55: {"overline": False},
        59: {"underline_color": -1},
    }
    for color in range(8):
        codes[30 + color] = {"fg": color}
        codes[40 + color] = {"bg": color}
        codes[90 + color] = {"fg": 8 + color}
        codes[100 + color] = {"bg": 8 + color}
    return codes


_SIMPLE = _simple_codes()
_COLOR_FIELDS = {38: "fg", 48: "bg", 58: "underline_color"}
