"""How cells look: interned styles and pens, and what an SGR sequence makes of them (ECMA-48 8.3.117, XTerm Control Sequences)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, NamedTuple

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
Values = tuple[int | bool, ...]
"""The fields of a `Style` in their order: what pens are looked up by, as making a style takes longer than finding one."""
# `astuple` copies each field: fifty times as long (11 us).
_values_of = attrgetter(*[field.name for field in fields(Style)])
_DEFAULT_VALUES: Values = _values_of(DEFAULT_STYLE)
_FG, _BG, _UNDERLINE_COLOR, _UNDERLINE = 0, 1, 2, 11
DEFAULT_PEN = "\0"
"""The pen character of a cell nobody wrote to: default style, no link, not protected."""

# A pen is named by one character of the basic plane, so a row of pens takes at most two bytes a cell; all of
# them take about 15 MB, and hold a dozen true-color pictures.
MAX_PENS = 0x8000
# Looking for pens that nobody uses takes milliseconds: not again for each one that found no place.
REFUSALS_PER_SWEEP = 4096
# A pen remembers where so many SGR sequences lead; a program with more than these is painting a gradient.
MAX_REMEMBERED = 256
# More than the 256 characters of a sequence that a person or a program writes in one go.
MAX_LINK_CHARS = 2083
# As VTE.
MAX_LINK_ID_CHARS = 250


class Link(NamedTuple):
    """A hyperlink (OSC 8); false if there is none."""

    target: str = ""
    """Untrusted."""
    id: str = ""
    """Links with the same target and id belong together, wherever they stand on the screen; "" means neighbors only."""

    def __bool__(self) -> bool:
        return bool(self.target)


NO_LINK = Link()


class Pen:
    """What is written with a character: its style, its link and its protection. Compare with `is`."""

    __slots__ = ("_style", "after", "char", "erase", "is_protected", "kin", "link", "values")

    def __init__(self, char: str, values: Values, link: Link, is_protected: bool, kin: "Kin") -> None:
        self.char = char
        """Names this pen in `Row.pens`."""
        self.values = values
        self.link = link
        self.is_protected = is_protected
        """DECSCA: selective erase leaves these cells alone."""
        self.erase = DEFAULT_PEN if values[_BG] == -1 else ""
        """Character of the pen that erased cells get (only the background color stays, BCE); "" until it is asked for."""
        self.after = _NO_PENS
        """The pen that an SGR sequence (its parameters as written) leads to from here."""
        self.kin = kin
        """This pen and those that differ from it in their two colors only."""
        self._style: Style | None = None

    @property
    def is_background(self) -> bool:
        """True for what erased cells get: a background color and nothing else."""
        return self.values[_BG] != -1 and self.values == (-1, self.values[_BG], *_DEFAULT_VALUES[2:]) and not self.link

    @property
    def style(self) -> Style:
        """The look; made when somebody looks."""
        if self._style is None:
            values: Any = self.values
            self._style = Style(*values)
        return self._style


Kin = dict[Values, Pen]
"""Pens by foreground and background."""
# Shared by all pens that lead nowhere yet, and never written to.
_NO_PENS: dict[str, Pen] = {}


class PenTable:
    """All pens in use by one emulator, found by character or by what they are.

    The table is bounded: when it is full, pens that no cell uses may be forgotten (`in_use` of `keep_only` names
    those that must stay). If every pen is in use, true colors become palette colors, then default.

    A pen is forgotten when another one takes its character, and until then found again: to throw 30,000 away at one time
    took 20 to 50 ms.
    """

    def __init__(self) -> None:
        kin: Kin = {}
        self.default = kin[-1, -1] = Pen(DEFAULT_PEN, _DEFAULT_VALUES, NO_LINK, False, kin)
        self._by_char: dict[str, Pen] = {DEFAULT_PEN: self.default}
        # By what they have in common; none is empty.
        self._kin: dict[tuple[Values, Link, bool], Kin] = {(_DEFAULT_VALUES[2:], NO_LINK, False): kin}
        # After `keep_only`: characters that are in use, all that may not be, and the first of these that is to be given out.
        self._kept: set[str] = set()
        self._swept: Iterator[str] = iter(())
        self._spare = ""
        self._next = 1
        self._made = 0
        # Those that know where sequences or erasing lead from them.
        self._leading: dict[Pen, None] = {}
        self._refused = 0
        self.forgotten = 0
        """How often pens were forgotten: what is kept of them outside of rows no longer holds then."""
        self.protected: set[str] = set()
        """Characters of the protected pens."""

    def __getitem__(self, char: str) -> Pen:
        return self._by_char[char]

    def __len__(self) -> int:
        return len(self._kept) if self._spare else len(self._by_char)

    @property
    def needs_room(self) -> bool:
        """True when no pen can be added before `keep_only`; after that did not help, only now and then."""
        return not self._spare and self._next >= MAX_PENS and self._refused % REFUSALS_PER_SWEEP == 0

    def known(self, pen: Pen) -> Pen:
        """The pen itself, or the one that is like it now if it was forgotten meanwhile."""
        if self._by_char.get(pen.char) is pen:
            return self._used(pen)
        return self._pen(pen.values, pen.link, pen.is_protected)

    def pen(self, style: Style, link: Link = NO_LINK, is_protected: bool = False) -> Pen:
        """The pen of these values; a new one if there is none yet."""
        return self._pen(_values_of(style), link, is_protected)

    def guarded(self, pen: Pen, is_protected: bool) -> Pen:
        """The same look and link, protected or not."""
        return self._pen(pen.values, pen.link, is_protected)

    def _pen(self, values: Values, link: Link, is_protected: bool) -> Pen:
        kin = self._kin.get((values[2:], link, is_protected))
        if kin is None:
            return self._new(values, link, is_protected, {})
        found = kin.get(values[:2])
        return self._new(values, link, is_protected, kin) if found is None else self._used(found)

    def _used(self, pen: Pen) -> Pen:
        """The pen, which somebody is about to use."""
        if self._spare and pen.char not in self._kept:
            self._kept.add(pen.char)
            if pen.char == self._spare:
                self._find_spare()
        return pen

    def _find_spare(self) -> None:
        kept = self._kept
        for char in self._swept:
            if char not in kept:
                self._spare = char
                return
        self._spare = ""

    def _new(self, values: Values, link: Link, is_protected: bool, kin: Kin) -> Pen:
        """A pen that is not there yet."""
        if self._next < MAX_PENS:
            char = chr(self._next)
            self._next += 1
        elif self._spare:
            char = self._spare
            self._kept.add(char)
            self._find_spare()
            old = self._by_char[char]
            del old.kin[old.values[:2]]
            if not old.kin or old.is_protected:
                self._forget(old)
        else:
            self._refused += 1
            return self._nearest(values, link, is_protected)
        self._made += 1
        pen = kin[values[:2]] = self._by_char[char] = Pen(char, values, link, is_protected, kin)
        if len(kin) == 1:
            self._kin[values[2:], link, is_protected] = kin
        if is_protected:
            self.protected.add(char)
        return pen

    def _forget(self, pen: Pen) -> None:
        """Another pen takes its character; it was the last one of its kin, or is protected."""
        if not pen.kin:
            del self._kin[pen.values[2:], pen.link, pen.is_protected]
        self.protected.discard(pen.char)

    def _nearest(self, values: Values, link: Link, is_protected: bool) -> Pen:
        """A pen that is there, for one that finds no place."""
        fg, bg, *rest = _coarse(values)
        for other in (link, NO_LINK):
            kin = self._kin.get((tuple(rest), other, is_protected and other == link), {})
            if (pen := kin.get((fg, bg))) is not None:
                return pen
        return self.default

    def erase(self, pen: Pen) -> str:
        """`pen.erase`, found if it is not known yet."""
        if not pen.erase:
            self._leading[pen] = None
            pen.erase = self._pen((-1, pen.values[_BG], *_DEFAULT_VALUES[2:]), NO_LINK, False).char
        return pen.erase

    def after(self, pen: Pen, sgr: str) -> Pen:
        """The pen that `CSI sgr m` leads to from `pen`."""
        found = pen.after.get(sgr)
        if found is None:
            made = self._made
            colors = _colors_after(pen.values, sgr) if sgr[:3] in _COLOR_STARTS else None
            if colors is None:
                found = self._pen(apply_sgr(pen.values, sgr), pen.link, pen.is_protected)
            else:
                found = pen.kin.get(colors)
                if found is None:
                    found = self._new((*colors, *pen.values[2:]), pen.link, pen.is_protected, pen.kin)
                elif self._spare:
                    self._used(found)
            # The way to a new pen is remembered when it is gone again: most colors of a picture come once.
            if self._made == made:
                self.remember(pen, sgr, found)
        return found

    def remember(self, pen: Pen, sgr: str, found: Pen) -> None:
        """This leads from one pen to the other; it may be several sequences, as they were sent."""
        if not pen.after or len(pen.after) >= MAX_REMEMBERED:
            pen.after = {}
            self._leading[pen] = None
        pen.after[sgr] = found

    def keep_only(self, in_use: set[str]) -> None:
        """Every pen whose character is not in `in_use` may be forgotten from now on."""
        self._refused = 0
        self.forgotten += 1
        self._kept = in_use | {DEFAULT_PEN}
        self._swept = iter(list(self._by_char))
        self._find_spare()
        for pen in self._leading:
            # Where they lead may be gone when somebody follows.
            pen.after = _NO_PENS
            if pen.erase != DEFAULT_PEN:
                pen.erase = ""
        self._leading.clear()


def _colors_after(values: Values, sgr: str) -> tuple[int, int] | None:
    """Foreground and background as `apply_sgr` would have them, if `sgr` consists of these as numbers; else None.

    Pictures consist of such sequences, each with other numbers: the general way takes three times as long.
    """
    parts = sgr.split(";")
    fg, bg = values[:2]
    at, size = 0, len(parts)
    try:
        while at < size:
            if parts[at + 1] == "2":
                color = RGB | BYTES[parts[at + 2]] << 16 | BYTES[parts[at + 3]] << 8 | BYTES[parts[at + 4]]
                following = at + 5
            elif parts[at + 1] == "5":
                color = BYTES[parts[at + 2]]
                following = at + 3
            else:
                return None
            if parts[at] == "38":
                fg = color
            elif parts[at] == "48":
                bg = color
            else:
                return None
            at = following
    except (KeyError, IndexError):
        return None
    return fg, bg


def apply_sgr(values: Values, sgr: str) -> Values:
    """The fields of the style after `CSI sgr m`; unknown and malformed parts change nothing.

    `sgr` holds digits, `;` and `:` only.
    """
    fields = list(values)
    parameters = iter(sgr.split(";"))
    for parameter in parameters:
        simple = _SIMPLE.get(parameter)
        if simple is not None:
            field, value = simple
            fields[field] = value
        elif parameter in _COLOR_FIELDS:
            found = _color_from(parameters)
            if found is not None:
                fields[_COLOR_FIELDS[parameter]] = found
        elif parameter in _RESETS:
            fields[:] = _DEFAULT_VALUES
        elif ":" in parameter:
            _apply_colon(fields, parameter)
        elif parameter == "22":
            fields[_BOLD] = fields[_DIM] = False
        elif parameter[0] == "0":
            # Leading zeros: rare enough to start over.
            return apply_sgr(tuple(fields), ";".join([parameter.lstrip("0"), *parameters]))
    return tuple(fields)


def number(digits: str) -> int:
    """A decimal parameter, 0 if it is empty; limited to 16 bits."""
    # Long before the digits overflow anything the value is at its limit.
    return min(int(digits[:18]), 0xFFFF) if digits else 0


def _apply_colon(fields: list[int | bool], parameter: str) -> None:
    """One parameter with sub-parameters: `4:3`, `38:5:n`, `38:2:r:g:b`, `38:2:space:r:g:b`."""
    head, *rest = parameter.split(":")
    if head == "4":
        fields[_UNDERLINE] = min(number(rest[0]), 5)
    elif head in _COLOR_FIELDS:
        kind = number(rest[0])
        color = None
        if kind == 5 and len(rest) >= 2:
            color = _palette(rest[1])
        elif kind == 2 and len(rest) >= 4:
            # With a color space (usually empty) in front there are five or more.
            color = _rgb(*(rest[2:5] if len(rest) >= 5 else rest[1:4]))
        if color is not None:
            fields[_COLOR_FIELDS[head]] = color


def _color_from(parameters: Iterator[str]) -> int | None:
    """The color of `38;5;n` or `38;2;r;g;b`, consuming what belongs to it."""
    kind = next(parameters, "")
    try:
        if kind == "5":
            return _palette(next(parameters, ""))
        if kind == "2":
            return _rgb(next(parameters, ""), next(parameters, ""), next(parameters, ""))
    except ValueError:
        # One of them has sub-parameters: no color.
        return None
    return None


def _palette(digits: str) -> int | None:
    index = BYTES.get(digits)
    if index is None:
        index = int(digits)
    return index if index <= 255 else None


def _rgb(red: str, green: str, blue: str) -> int | None:
    r, g, b = int(red or 0), int(green or 0), int(blue or 0)
    if r > 255 or g > 255 or b > 255:
        return None
    return RGB | r << 16 | g << 8 | b


def _coarse(values: Values) -> Values:
    """The colors moved to the 6 x 6 x 6 cube of the palette, without anything else."""

    def cube(color: int) -> int:
        if color < RGB:
            return color
        red, green, blue = ((color >> shift & 0xFF) * 5 // 255 for shift in (16, 8, 0))
        return 16 + 36 * red + 6 * green + blue

    return (cube(values[_FG]), cube(values[_BG]), *_DEFAULT_VALUES[2:])


_BOLD, _DIM = 3, 4
BYTES: Mapping[str, int] = {"": 0, **{str(value): value for value in range(256)}}
"""Numbers of colors. Looking up the digits is twice as fast as reading them."""
# Parameter: index and value of the field it sets.
_SIMPLE: dict[str, tuple[int, int | bool]] = {
    "1": (_BOLD, True),
    "2": (_DIM, True),
    "3": (5, True),
    "4": (_UNDERLINE, 1),
    "5": (6, True),
    "6": (6, True),
    "7": (7, True),
    "8": (8, True),
    "9": (9, True),
    "21": (_UNDERLINE, 2),
    "23": (5, False),
    "24": (_UNDERLINE, 0),
    "25": (6, False),
    "27": (7, False),
    "28": (8, False),
    "29": (9, False),
    "39": (_FG, -1),
    "49": (_BG, -1),
    "53": (10, True),
    "55": (10, False),
    "59": (_UNDERLINE_COLOR, -1),
}
for _color in range(8):
    _SIMPLE[str(30 + _color)] = (_FG, _color)
    _SIMPLE[str(40 + _color)] = (_BG, _color)
    _SIMPLE[str(90 + _color)] = (_FG, 8 + _color)
    _SIMPLE[str(100 + _color)] = (_BG, 8 + _color)
_COLOR_FIELDS = {"38": _FG, "48": _BG, "58": _UNDERLINE_COLOR}
_COLOR_STARTS = ("38;", "48;")
_RESETS = ("", "0")
