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
_IS_DRAWN = b"\0" + b"\xff" * 255
# Tables that make each pixel that is drawn one of a slot.
_SLOTS = [bytes([0, slot]) + bytes(254) for slot in range(256)]
# A photo has 3 to 10 bytes for each that came.
_EARNED_BYTES = 64
# Less takes no time when somebody looks.
_LEAST_BYTES = 4096
# Runs that are remembered: together at most 300 kB.
_SHORT, _MAX_KNOWN = 12, 4096
# The pixels of a sixel from the top, 1 where it is drawn.
_COLUMNS = {chr(63 + bits): bytes([bits >> row & 1 for row in range(_ROWS)]) for bits in range(64)}


_SINGLE_COLUMNS = {char: int.from_bytes(column, "little") for char, column in _COLUMNS.items()}


class Pixels(NamedTuple):
    """A picture."""

    width: int
    height: int
    ground: int
    """RGBA where nothing is drawn."""
    drawn_width: int
    drawn_height: int
    """Of the part at the upper left that something is drawn in; both 0 if there is none."""
    late_rgba: "LateRgba"
    """Of that part, rows from the top."""

    @property
    def rgba(self) -> bytes:
        """Worked out at the first time."""
        return self.late_rgba()


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
        self._columns = _Columns(_SINGLE_COLUMNS)
        self._aspect = (1, 1)
        self._size = (0, 0)
        """Of the raster attributes."""
        self._bands: list[_Band] = []
        """Those that are done and that something is drawn in."""
        self._earned = 0
        """Bytes of pixels that are worked out at once: so many for each that came. A few bytes can ask for many more, and
        such a picture is worked out when somebody looks at it."""
        self._band = 0
        """Number of the band that is being drawn."""
        self._width = 0
        """Of the bands that are done."""
        self._tables = bytearray(), bytearray(), bytearray()
        """Red, green and blue of the slots."""
        self._layers: list[_Layer] = []
        """What was drawn in this band before its slots ran out."""
        self._layers_width = 0
        self._start_band()

    def _start_band(self) -> None:
        self._plane = bytearray()
        """Column by column, six bytes each: 0 where nothing is drawn, else the slot of a color."""
        self._slots: dict[int, int] = {}

    def feed(self, text: str) -> None:
        """Take the next part of the data."""
        self._earned += _EARNED_BYTES * len(text)
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
                    if repeated == "?":
                        x += size
                        continue
                    if x + size <= room and (repeated == "~" or x * _ROWS >= len(plane)):
                        # Nothing of what was there is left, as in most pictures that repeat: a tenth of the time.
                        if not slot:
                            slot = self._new_slot()
                            plane = self._plane
                        start, end = x * _ROWS, (x + size) * _ROWS
                        if len(plane) < start:
                            plane.extend(bytes(start - len(plane)))
                        plane[start:end] = _COLUMNS[repeated].translate(_SLOTS[slot]) * size
                        x += size
                        continue
                    marks = to_int(_COLUMNS[repeated] * size, "little")
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
        drawn = self._bands[-1].first_row + _ROWS if self._bands else 0
        width, height = max(self._size[0], self._width), max(self._size[1], drawn)
        if not width or not height:
            return None
        ground = 0 if self._is_transparent else self._registers[0] << 8 | 0xFF
        across, down = _stretch(width, height, *self._aspect)
        late = LateRgba(self._bands, self._width, drawn, across, down)
        if self._earned >= late.size >= _LEAST_BYTES:
            late()
        return Pixels(width * across, height * down, ground, self._width * across, drawn * down, late)

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
        if self._bands or self._plane or len(parameters) >= _MAX_REST - 10:
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
            self._add_layer()
            width = self._layers_width
            self._start_band()
            # It may not be written to again, but it is there.
            self._plane.extend(bytes(width * _ROWS))
        if not self._slots:
            self._tables = (bytearray(256), bytearray(256), bytearray(256))
        slot = len(self._slots) + 1
        self._slots[self._color] = slot
        for table, shift in zip(self._tables, (16, 8, 0), strict=True):
            table[slot] = self._color >> shift & 0xFF
        return slot

    def _add_layer(self) -> None:
        """Keep what is drawn in the band, and begin with new slots."""
        self._layers.append(_Layer(self._plane, self._tables))
        self._layers_width = max(len(self._plane) // _ROWS, self._layers_width)

    def _end_band(self) -> None:
        """DECGNL."""
        self._band += 1
        if self._plane:
            self._add_layer()
            band = _Band((self._band - 1) * _ROWS, self._layers_width, self._layers)
            self._width = max(band.width, self._width)
            self._bands.append(band)
            size = 4 * _ROWS * band.width
            if self._earned >= size >= _LEAST_BYTES:
                self._earned -= size
                band.paint()
            self._layers, self._layers_width = [], 0
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


class _Layer(NamedTuple):
    """A part of a band: each pixel is drawn in one of the colors of 255 slots, or not at all."""

    plane: bytearray
    tables: tuple[bytearray, bytearray, bytearray]


class _Band:
    """Six rows of a picture."""

    def __init__(self, first_row: int, width: int, layers: list[_Layer]) -> None:
        self.first_row = first_row
        self.width = width
        self._layers = layers
        """The lowest first; none as soon as they are painted."""
        self._rows: list[bytes] = []

    def paint(self) -> list[bytes]:
        """The six rows as RGBA."""
        if self._layers:
            painted = [0] * _ROWS
            for layer in self._layers:
                painted = self._painted_over(painted, layer)
            self._rows = [value.to_bytes(4 * self.width, "little") for value in painted]
            self._layers = []
        return self._rows

    @staticmethod
    def _painted_over(painted: list[int], layer: _Layer) -> list[int]:
        """Rows as integers, with a layer on them."""
        width = len(layer.plane) // _ROWS
        tables = [*map(bytes, layer.tables), _IS_DRAWN]
        rows: list[int] = []
        for row, below in enumerate(painted):
            slots = layer.plane[row::_ROWS]
            pixels = bytearray(4 * width)
            for channel, table in enumerate(tables):
                pixels[channel::4] = slots.translate(table)
            value = int.from_bytes(pixels, "little")
            if below and value:
                drawn = bytearray(4 * width)
                for channel in range(4):
                    drawn[channel::4] = slots.translate(_IS_DRAWN)
                value |= below & ~int.from_bytes(drawn, "little")
            rows.append(value or below)
        return rows


class LateRgba:
    """The pixels of a picture, worked out when somebody looks."""

    def __init__(self, bands: list[_Band], width: int, height: int, across: int, down: int) -> None:
        """Each pixel is shown `across` times in its row, in `down` rows."""
        self.size = 4 * width * across * height * down
        """Bytes."""
        self._bands = bands
        self._width = width
        self._height = height
        self._across = across
        self._down = down
        self._rgba: bytes | None = None

    def __call__(self) -> bytes:
        if self._rgba is None:
            rows = [b""] * self._height
            for band in self._bands:
                rows[band.first_row : band.first_row + _ROWS] = band.paint()
            blank = b"\0\0\0\0" * self._width
            self._rgba = b"".join([_wide(row + blank[len(row) :], self._across) * self._down for row in rows])
            self._bands = []
        return self._rgba

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LateRgba) and self() == other()

    __hash__ = None  # type: ignore[assignment]


def _wide(row: bytes, times: int) -> bytes:
    if times == 1:
        return row
    wide = bytearray(len(row) * times)
    for channel in range(4):
        for copy in range(times):
            wide[4 * copy + channel :: 4 * times] = row[channel::4]
    return bytes(wide)


def _stretch(width: int, height: int, vertical: int, horizontal: int) -> tuple[int, int]:
    """How often each pixel of another shape is shown across and down: the nearest whole ratio, as terminals did it."""
    most = MAX_PIXELS // (width * height)
    if vertical > horizontal:
        return 1, max(1, min((vertical + horizontal // 2) // horizontal, MAX_SIDE // height, most))
    return max(1, min((horizontal + vertical // 2) // vertical, MAX_SIDE // width, most)), 1


_DEFAULTS = {number: _from_percent(*parts) for number, parts in enumerate(_PALETTE)}
