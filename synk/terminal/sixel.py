"""Decodes sixel pictures (DCS q) as they come, to RGBA bytes: VT340 manual, DEC STD 070 part 9, xterm where they differ.

As xterm does, the pixels are square unless the raster attributes say otherwise: the aspect ratio in the parameters of the
control string is ignored, since programs leave it out and mean 1:1. Colors beyond the palette of a VT340 are black.

A column of a band is six bytes here, one for each pixel, so a run of sixels is a piece of a byte string that is merged
into the band with a few operations on integers. An 800 x 600 photo of 256 colors (735 kB) takes about 0.1 s, a step
for each byte took 2 s.
"""

import re
from typing import NamedTuple

MAX_SIDE = 10_000
"""Pixels; what is beyond is not drawn."""
MAX_PIXELS = 16 << 20
"""64 MiB as RGBA."""
MAX_REGISTERS = 1024
"""As xterm."""
_ROWS = 6
_COLUMN_BITS = 8 * _ROWS
# No parameter list is longer; a longer one means nothing.
_MAX_REST = 128

_PALETTE = (
    (0, 0, 0), (20, 20, 80), (80, 13, 13), (20, 80, 20), (80, 20, 80), (20, 80, 80), (80, 80, 20), (53, 53, 53),
    (26, 26, 26), (33, 33, 60), (60, 26, 26), (33, 60, 33), (60, 33, 60), (33, 60, 60), (60, 60, 33), (80, 80, 80),
)  # fmt: skip
"""Of a VT340, red, green and blue in percent."""

_TOKEN = re.compile(r'#([0-9]*)((?:;[0-9]*)*)|!([0-9]*)([?-~])|([?-~]+)|([$-])|"([0-9;]*)')
_UNFINISHED = re.compile(r'[#!"][0-9;]*\Z')
# Runs that are remembered: together at most 300 kB.
_SHORT, _MAX_KNOWN = 12, 4096
# The pixels of a sixel from the top, 1 where it is drawn.
_COLUMNS = {chr(63 + bits): bytes([bits >> row & 1 for row in range(_ROWS)]) for bits in range(64)}


class Pixels(NamedTuple):
    """A picture."""

    width: int
    height: int
    ground: int
    """RGBA where nothing is drawn."""
    drawn_width: int
    drawn_height: int
    """Of the part at the upper left that something is drawn in; both 0 if there is none."""
    rgba: bytes
    """Of that part, rows from the top."""


class Registers:
    """Color registers: number to red, green and blue in one integer."""

    def __init__(self) -> None:
        self._colors = dict(_DEFAULTS)

    def __getitem__(self, number: int) -> int:
        return self._colors.get(number, 0)

    def define(self, number: int, space: int, first: int, second: int, third: int) -> None:
        """Give a register a color: `space` 1 is hue, lightness and saturation, 2 red, green and blue; others are ignored."""
        if number >= MAX_REGISTERS:
            return
        if space == 2:
            self._colors[number] = _from_percent(first, second, third)
        elif space == 1:
            self._colors[number] = _from_hls(first, second, third)


class _Columns(dict[str, int]):
    """The pixels of runs of sixels; short ones come again and again."""

    def __missing__(self, run: str) -> int:
        marks = int.from_bytes(b"".join(map(_COLUMNS.__getitem__, run[:MAX_SIDE])), "little")
        if len(run) < _SHORT and len(self) < _MAX_KNOWN:
            self[run] = marks
        return marks


class SixelDecoder:
    """Draws one picture. Takes any text, in any pieces; never raises."""

    def __init__(self, parameters: str, registers: Registers) -> None:
        """`parameters`: those of the control string, before its q."""
        values = _numbers(parameters)
        self._is_transparent = len(values) > 1 and values[1] == 1
        self._registers = registers
        self._rest = ""
        self._color = registers[0]
        self._x = 0
        self._known: dict[str, int] = {}
        """Colors of registers, by their numbers as they are written."""
        self._slot = 0
        """Of the color in use; 0: it has none in this band yet."""
        self._room = MAX_SIDE
        """Columns that may be drawn in this band."""
        self._columns = _Columns()
        self._aspect = (1, 1)
        self._size = (0, 0)
        """Of the raster attributes."""
        self._rows: list[bytes] = []
        """Of the bands that are done, each as wide as what was drawn."""
        self._band = 0
        """Number of the band that is being drawn."""
        self._width = 0
        """Of the bands that are done."""
        self._painted: list[int] = []
        """Rows of this band that were painted before its slots ran out, as integers."""
        self._painted_width = 0
        self._start_band()

    def _start_band(self) -> None:
        self._plane = bytearray()
        """Column by column, six bytes each: 0 where nothing is drawn, else the slot of a color."""
        self._slots: dict[int, int] = {}
        self._tables = (bytearray(256), bytearray(256), bytearray(256))

    def feed(self, text: str) -> None:
        """Take the next part of the data."""
        if self._rest:
            text = self._rest + text
            self._rest = ""
        if (unfinished := _UNFINISHED.search(text)) is not None:
            self._rest = text[unfinished.start() :][:_MAX_REST]
            text = text[: unfinished.start()]
        columns, known, to_int = self._columns, self._known, int.from_bytes
        x, slot, room, plane = self._x, self._slot, self._room, self._plane
        # Nearly all tokens are runs and colors. They are done here, in locals: with a call for each of them a photo took
        # half as long again.
        for number, definition, count, repeated, run, motion, raster in _TOKEN.findall(text):
            if run or repeated:
                if run:
                    size = len(run)
                    marks = columns[run]
                else:
                    size = min(_number(count) or 1, MAX_SIDE)
                    marks = 0 if repeated == "?" else to_int(_COLUMNS[repeated] * size, "little")
                start = x * _ROWS
                x += size
                if not marks:
                    continue
                if x > room:
                    size -= x - room
                    if size <= 0:
                        continue
                    marks &= (1 << _COLUMN_BITS * size) - 1
                    if not marks:
                        continue
                # Columns at its end in which nothing is drawn make the picture no wider, as in xterm.
                end = start + (marks.bit_length() + _COLUMN_BITS - 1) // _COLUMN_BITS * _ROWS
                if not slot:
                    slot = self._new_slot()
                    plane = self._plane
                if len(plane) < end:
                    plane.extend(bytes(end - len(plane)))
                old = to_int(plane[start:end], "little")
                drawn = old & ~(marks * 255) | marks * slot if old else marks * slot
                plane[start:end] = drawn.to_bytes(end - start, "little")
            elif number and not definition and number in known:
                self._color = color = known[number]
                slot = self._slots.get(color, 0)
            elif number or definition:
                self._select(number, definition)
                slot = self._slot
            elif motion == "$":
                x = 0
            elif motion:
                self._end_band()
                x, slot, room, plane = 0, 0, self._room, self._plane
            elif raster:
                self._set_raster(raster)
                room = self._room
        self._x, self._slot = x, slot

    def finish(self) -> Pixels | None:
        """The picture; None if there is nothing in it."""
        if self._rest:
            # A register may be defined last; it may be that of the background.
            self.feed("$")
        # Line feeds at the end make no picture higher, as in xterm.
        self._end_band()
        while self._rows and not self._rows[-1]:
            self._rows.pop()
        drawn, width, height = len(self._rows), max(self._size[0], self._width), max(self._size[1], len(self._rows))
        if not width or not height:
            return None
        blank = b"\0\0\0\0" * self._width
        rgba = b"".join([row + blank[len(row) :] for row in self._rows])
        ground = 0 if self._is_transparent else self._registers[0] << 8 | 0xFF
        return _stretched(Pixels(width, height, ground, self._width, drawn, rgba), *self._aspect)

    def _select(self, number: str, definition: str) -> None:
        """DECGCI."""
        register = _number(number)
        if definition and len(definition) < _MAX_REST - 10:
            values = _numbers(definition[1:])
            if len(values) >= 4:
                self._registers.define(register, *values[:4])
                self._known.clear()
        self._color = self._registers[register]
        if len(self._known) < MAX_REGISTERS:
            self._known[number] = self._color
        self._slot = self._slots.get(self._color, 0)

    def _set_raster(self, parameters: str) -> None:
        """DECGRA: counts before the first sixel only."""
        if self._rows or self._plane or len(parameters) >= _MAX_REST - 10:
            return
        vertical, horizontal, width, height = (*_numbers(parameters), 0, 0, 0, 0)[:4]
        if 0 < vertical <= MAX_SIDE and 0 < horizontal <= MAX_SIDE:
            self._aspect = (vertical, horizontal)
        if width <= MAX_SIDE and height <= MAX_SIDE and width * height <= MAX_PIXELS:
            self._size = (width, height)
            self._limit_band()

    def _new_slot(self) -> int:
        """A slot for the color in use; the plane may be another one then."""
        if len(self._slots) == 255:
            self._paint()
        slot = len(self._slots) + 1
        self._slots[self._color] = slot
        for table, shift in zip(self._tables, (16, 8, 0), strict=True):
            table[slot] = self._color >> shift & 0xFF
        return slot

    def _paint(self) -> None:
        """Lay what is drawn in the band over what was painted before, and begin with new slots."""
        width = len(self._plane) // _ROWS
        is_drawn = b"\0" + b"\xff" * 255
        tables = [*map(bytes, self._tables), is_drawn]
        painted: list[int] = []
        for row in range(_ROWS):
            slots = self._plane[row::_ROWS]
            pixels = bytearray(4 * width)
            for channel, table in enumerate(tables):
                pixels[channel::4] = slots.translate(table)
            value = int.from_bytes(pixels, "little")
            if self._painted and value:
                drawn = bytearray(4 * width)
                for channel in range(4):
                    drawn[channel::4] = slots.translate(is_drawn)
                value |= self._painted[row] & ~int.from_bytes(drawn, "little")
            elif self._painted:
                value = self._painted[row]
            painted.append(value)
        self._painted = painted
        self._painted_width = max(width, self._painted_width)
        self._start_band()
        # It may not be written to again, but it is there.
        self._plane.extend(bytes(width * _ROWS))

    def _end_band(self) -> None:
        """DECGNL."""
        self._band += 1
        if self._plane:
            self._paint()
            width = self._painted_width
            rows = [value.to_bytes(4 * width, "little") for value in self._painted]
            self._width = max(width, self._width)
            missing = (self._band - 1) * _ROWS - len(self._rows)
            self._rows += [b""] * missing + rows
            self._painted, self._painted_width = [], 0
            self._start_band()
        self._limit_band()

    def _limit_band(self) -> None:
        """Find how many columns may be drawn in this band: none where the picture would be too large with it."""
        height = max(self._size[1], (self._band + 1) * _ROWS)
        room = min(MAX_SIDE, MAX_PIXELS // height)
        self._room = room if height <= MAX_SIDE and max(self._size[0], self._width) <= room else 0


def _number(digits: str) -> int:
    return int(digits[:9]) if digits else 0


def _numbers(parameters: str) -> list[int]:
    return [_number(part) for part in parameters.split(";")[:8]]


def _from_percent(red: int, green: int, blue: int) -> int:
    parts = [(min(part, 100) * 255 + 50) // 100 for part in (red, green, blue)]
    return parts[0] << 16 | parts[1] << 8 | parts[2]


def _from_hls(hue: int, lightness: int, saturation: int) -> int:
    """Hue in degrees, of which blue is 0, red 120 and green 240; the others in percent."""
    light, strong = min(lightness, 100) / 100, min(saturation, 100) / 100
    chroma = (1 - abs(2 * light - 1)) * strong
    sector = (hue + 240) % 360 / 60
    middle = chroma * (1 - abs(sector % 2 - 1))
    low = light - chroma / 2
    warm = ((chroma, middle, 0.0), (middle, chroma, 0.0), (0.0, chroma, middle))
    cold = ((0.0, middle, chroma), (middle, 0.0, chroma), (chroma, 0.0, middle))
    red, green, blue = (round((part + low) * 255) for part in (warm + cold)[int(sector)])
    return red << 16 | green << 8 | blue


def _stretched(pixels: Pixels, vertical: int, horizontal: int) -> Pixels:
    """The picture with pixels of another shape made of square ones: the nearest whole ratio, as terminals did it."""
    width, height, ground, drawn_width, drawn_height, rgba = pixels
    most = MAX_PIXELS // (width * height)
    if vertical > horizontal:
        times = min((vertical + horizontal // 2) // horizontal, MAX_SIDE // height, most)
        if times < 2:
            return pixels
        size = 4 * drawn_width
        rows = [rgba[at : at + size] * times for at in range(0, len(rgba), size or 1)]
        return Pixels(width, height * times, ground, drawn_width, drawn_height * times, b"".join(rows))
    times = min((horizontal + vertical // 2) // vertical, MAX_SIDE // width, most)
    if times < 2:
        return pixels
    wide = bytearray(len(rgba) * times)
    for channel in range(4):
        for copy in range(times):
            wide[4 * copy + channel :: 4 * times] = rgba[channel::4]
    return Pixels(width * times, height, ground, drawn_width * times, drawn_height, bytes(wide))


_DEFAULTS = {number: _from_percent(*parts) for number, parts in enumerate(_PALETTE)}
