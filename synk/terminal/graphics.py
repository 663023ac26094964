"""What control sequences do to pictures: sixel (DCS q), the kitty graphics protocol (APC G), and what erases them."""

import math
import re
from collections.abc import Callable

from synk.terminal import modes
from synk.terminal.kitty_command import Command, Refused, respond
from synk.terminal.kitty_graphics import DEFAULT_CELL, KittyGraphics
from synk.terminal.kitty_media import read_medium
from synk.terminal.picture_rows import numbers_known, place
from synk.terminal.pictures import MAX_ROWS, Area, Drawing, Patch, Pictures, Placement, Raster
from synk.terminal.sixel import MAX_REGISTERS, MAX_SIDE, Pixels, Registers, SixelDecoder
from synk.terminal.state import TerminalState

_SIXEL = re.compile("([0-9;]{0,64})q")
_MAY_BE_SIXEL = re.compile("[0-9;]{0,64}")
_SUCCESS, _BAD_ITEM, _BAD_ACTION, _FAILURE = range(4)
# Items and actions of XTSMGRAPHICS.
_COLORS, _SIXEL_SIZE = 1, 2
_READ, _RESET, _SET, _READ_LIMIT = 1, 2, 3, 4


class Graphics:
    """The interpreter's way to the pictures of one terminal."""

    def __init__(self, state: TerminalState, reply: Callable[[bytes], None]) -> None:
        self._state = state
        self._screen = state.screen
        self._reply = reply
        self.pictures = Pictures()
        self._kitty = KittyGraphics(state, self.pictures, reply, _read)
        self._registers = Registers()
        """Shared by all pictures while mode 1070 is off."""
        self._head: str | None = None
        """A control string so far, while it is not known whether it is a picture."""
        self._decoder: SixelDecoder | None = None

    def reset(self) -> None:
        """RIS: no pictures are left."""
        self.pictures.clear()
        self._kitty.reset()
        self._registers = Registers()

    def renew(self) -> None:
        """Another program takes the terminal: what the one before did not finish is forgotten."""
        self._kitty.reset()

    def forget(self) -> None:
        """No pictures any more, as the user wants it."""
        self.reset()
        self._head = self._decoder = None
        self._screen.grid.is_all_dirty = True

    def erase_in_display(self, how: int = 0) -> None:
        """ED; 2 takes the pictures along."""
        self._screen.erase_in_display(how)
        if how == 2 and not self.pictures.is_empty:
            self._kitty.clear_screen()

    def dcs_part(self, text: str, *, is_first: bool) -> None:
        """A part of a device control string, as it comes: sixels are drawn at once, so that no picture stops the window."""
        if is_first:
            self._head, self._decoder = "", None
        if self._decoder is not None:
            self._decoder.feed(text)
            return
        if self._head is None or not self._state.has_images:
            return
        head = self._head + text
        if (match := _SIXEL.match(head)) is not None:
            is_private = modes.PRIVATE_COLORS in self._screen.mode
            self._decoder = SixelDecoder(match[1], Registers() if is_private else self._registers)
            self._decoder.feed(head[match.end() :])
            self._head = None
        else:
            self._head = head if _MAY_BE_SIXEL.fullmatch(head) else None

    def take_dcs(self, payload: str) -> bool:
        """A device control string is here as a whole: show it, if it is a picture."""
        decoder, self._decoder, self._head = self._decoder, None, None
        if decoder is None:
            return _SIXEL.match(payload) is not None
        pixels = decoder.finish()
        if pixels is not None:
            self._show_sixel(pixels)
        return True

    def _show_sixel(self, pixels: Pixels) -> None:
        """At the cursor, which goes to the last row of the picture; in sixel display mode (80) in the corner, without it."""
        screen, shelf = self._screen, self.pictures.shelves[self._screen.grid.is_alternate]
        if self.pictures.needs_sweep():
            self.pictures.sweep(numbers_known(screen.grid))
        cell = self._state.cell_pixels or DEFAULT_CELL
        picture = self.pictures.add(shelf, _drawing(pixels))
        placement = Placement(
            number=self.pictures.next_number(),
            picture=picture,
            area=Area(0, 0, pixels.width, pixels.height),
            cell=cell,
            cols=math.ceil(pixels.width / cell[0]),
            rows=min(math.ceil(pixels.height / cell[1]), MAX_ROWS),
            is_masked=True,
        )
        self.pictures.place(shelf, placement)
        if modes.SIXEL_DISPLAY in screen.mode:
            x, y = screen.cursor.x, screen.cursor.y
            screen.cursor.x = screen.cursor.y = 0
            place(screen, shelf, placement, col=0, scrolls=False)
            screen.cursor.x, screen.cursor.y = x, y
            return
        col = screen.cursor.x = screen.column
        place(screen, shelf, placement, col=col, scrolls=True)
        if modes.CURSOR_RIGHT_OF_SIXEL in screen.mode:
            screen.cursor.x = col + placement.cols
            if screen.cursor.x > screen.grid.right:
                screen.cursor.x = screen.grid.left
                screen.index()

    def kitty(self, command: str) -> None:
        """Carry out a command of the kitty graphics protocol, without its G."""
        if self._state.has_images:
            self._kitty.run(command)
            return
        asked = Command(command)
        if asked.letter("a", "t") == "q":
            respond(self._reply, asked, Refused("ENOTSUP", "no graphics"))

    def attributes(self, parameters: tuple[int, ...]) -> None:
        """XTSMGRAPHICS: color registers, and the size of the screen in pixels, which is not to be changed."""
        item, action, *values = (*parameters, 0, 0)[: max(len(parameters), 3)]
        if not self._state.has_images:
            self._reply(f"\x1b[?{item};{_FAILURE};0S".encode())
            return
        status, told = _SUCCESS, ""
        if item == _COLORS:
            if action in (_READ, _RESET, _READ_LIMIT):
                told = f";{MAX_REGISTERS}"
            elif action == _SET and 0 < values[0] <= MAX_REGISTERS:
                told = f";{values[0]}"
            else:
                status = _FAILURE if action == _SET else _BAD_ACTION
        elif item == _SIXEL_SIZE:
            if action == _READ:
                width, height = self._state.cell_pixels or DEFAULT_CELL
                told = f";{min(width * self._screen.columns, MAX_SIDE)};{min(height * self._screen.lines, MAX_SIDE)}"
            elif action == _READ_LIMIT:
                told = f";{MAX_SIDE};{MAX_SIDE}"
            else:
                status = _FAILURE if action in (_RESET, _SET) else _BAD_ACTION
        else:
            status = _BAD_ITEM
        self._reply(f"\x1b[?{item};{status}{told}S".encode())


def _drawing(pixels: Pixels) -> Drawing:
    """The whole picture: a few bytes can ask for a large one in which next to nothing is drawn."""
    width, height, ground, drawn_width, drawn_height, late_rgba = pixels
    if not drawn_width:
        return Drawing(width, height, (), ground)
    raster = Raster(drawn_width, drawn_height, "rgba", late_rgba)
    patch = Patch(raster, Area(0, 0, drawn_width, drawn_height), 0, 0, replaces=not ground)
    return Drawing(width, height, (patch,), ground)


def _read(medium: str, name: bytes, offset: int, size: int, limit: int) -> bytes:
    return read_medium(medium, name, offset=offset, size=size, limit=limit)
