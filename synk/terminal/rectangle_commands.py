"""The control sequences that name a rectangle: DECCRA, DECFRA, DECERA, DECSERA, DECCARA, DECRARA, DECSACE, DECRQCRA."""

from collections.abc import Callable
from dataclasses import replace

from synk.terminal import modes, rectangles
from synk.terminal.mode_switches import Protection
from synk.terminal.rectangles import Rectangle
from synk.terminal.screen import Screen
from synk.terminal.styles import DEFAULT_STYLE, Style
from synk.terminal.widths import Widths

Parameters = tuple[int, ...]

_FLAGS = {1: "bold", 5: "blink", 7: "inverse", 8: "hidden"}


class RectangleCommands:
    """Reads rectangles off parameters (1-based, from the margins in origin mode) and does what is asked with the cells."""

    def __init__(self, screen: Screen, reply: Callable[[bytes], None]) -> None:
        self._screen = screen
        self._reply = reply

    def copy(self, parameters: Parameters) -> None:
        """DECCRA: source rectangle, its page, target line and column, target page; there is one page."""
        area = self._area(parameters)
        target = self._area(parameters[5:7])
        if area is not None and target is not None:
            rectangles.copy(self._screen.grid, area, target)

    def fill(self, parameters: Parameters) -> None:
        """DECFRA: a character and a rectangle."""
        char = chr(parameters[0])
        area = self._area(parameters[1:5])
        is_surrogate = "\ud800" <= char <= "\udfff"
        if area is not None and char >= " " and not "\x7f" <= char <= "\x9f" and not is_surrogate and Widths.of(char) == 1:
            rectangles.fill(self._screen.grid, area, char, self._screen.pen.char)

    def erase(self, parameters: Parameters) -> None:
        """DECERA."""
        area = self._area(parameters)
        if area is not None:
            rectangles.erase_all(self._screen.grid, area, self._screen.erase_pen())

    def erase_unprotected(self, parameters: Parameters) -> None:
        """DECSERA; what SPA protected is not spared, as in xterm."""
        area = self._area(parameters)
        if area is not None:
            spares = self._screen.protection is Protection.DEC
            rectangles.blank_unprotected(self._screen.grid, area, spares_protected=spares)

    def set_attributes(self, parameters: Parameters) -> None:
        """DECCARA: 0 none, 1 bold, 4 underlined, 5 blinking, 7 inverse, 8 hidden; 20 more switches it off."""
        self._restyle(parameters, _with_attributes)

    def reverse_attributes(self, parameters: Parameters) -> None:
        """DECRARA: switch attributes on where they are off, and the other way round."""
        self._restyle(parameters, _with_reversed)

    def select_extent(self, extent: int) -> None:
        """DECSACE: 2 means rectangles for the two above, else all characters between two places."""
        if extent <= 2:
            self._screen.attribute_extent = extent

    def checksum(self, parameters: Parameters) -> None:
        """DECRQCRA: a number to return, the page, the rectangle."""
        area = self._area(parameters[2:6])
        total = 0 if area is None else rectangles.checksum(self._screen.grid, area)
        self._reply(f"\x1bP{parameters[0]}!~{total:04X}\x1b\\".encode())

    def _restyle(self, parameters: Parameters, change: Callable[[Style, Parameters], Style]) -> None:
        area = self._area(parameters[:4])
        attributes = parameters[4:]
        if area is None or not attributes:
            return
        screen = self._screen
        areas = [area] if screen.attribute_extent == 2 else self._stream(area)
        rectangles.restyle(screen.grid, areas, lambda style: change(style, attributes), screen.pen, (change, attributes))

    def _stream(self, area: Rectangle) -> list[Rectangle]:
        """The lines of the text from the first corner to the last one."""
        left, right = self._columns()
        if area.bottom - area.top == 1:
            return [area] if area.left < area.right else []
        first = Rectangle(area.top, area.left, area.top + 1, right)
        between = Rectangle(area.top + 1, left, area.bottom - 1, right)
        last = Rectangle(area.bottom - 1, left, area.bottom, area.right)
        return [part for part in (first, between, last) if part.left < part.right and part.top < part.bottom]

    def _columns(self) -> tuple[int, int]:
        grid = self._screen.grid
        return (grid.left, grid.right + 1) if modes.ORIGIN in self._screen.mode else (0, grid.columns)

    def _area(self, parameters: Parameters) -> Rectangle | None:
        """The rectangle of up to four parameters, cut to the screen; None if nothing is left."""
        top, left, bottom, right = (*parameters, 0, 0, 0, 0)[:4]
        grid = self._screen.grid
        first, last = (grid.top, grid.bottom + 1) if modes.ORIGIN in self._screen.mode else (0, grid.lines)
        first_column, last_column = self._columns()
        area = Rectangle(
            first + (top or 1) - 1,
            first_column + (left or 1) - 1,
            min(first + bottom, last) if bottom else last,
            min(first_column + right, last_column) if right else last_column,
        )
        return area if area.top < area.bottom and area.left < area.right else None


def _with_attributes(style: Style, attributes: Parameters) -> Style:
    for attribute in attributes:
        if attribute == 0:
            style = replace(DEFAULT_STYLE, fg=style.fg, bg=style.bg, underline_color=style.underline_color)
        elif attribute in (4, 24):
            style = replace(style, underline=int(attribute == 4))
        elif attribute in _FLAGS or attribute - 20 in _FLAGS or attribute == 22:
            name = "bold" if attribute == 22 else _FLAGS[attribute % 20]
            style = _with_flag(style, name, attribute < 20)
    return style


def _with_reversed(style: Style, attributes: Parameters) -> Style:
    for attribute in attributes:
        if attribute == 4:
            style = replace(style, underline=int(not style.underline))
        elif attribute in _FLAGS:
            style = _with_flag(style, _FLAGS[attribute], not getattr(style, _FLAGS[attribute]))
    return style


def _with_flag(style: Style, name: str, is_on: bool) -> Style:
    return replace(style, **{name: is_on})
