"""The kitty graphics protocol: what its commands do (https://sw.kovidgoyal.net/kitty/graphics-protocol/).

Where the text of the protocol contradicts itself (`a=c`: source and destination) kitty decides.
"""

import math
from collections.abc import Callable

from synk.terminal import kitty_animation
from synk.terminal.kitty_command import Command, Refused, respond
from synk.terminal.kitty_deletion import delete
from synk.terminal.kitty_loading import Loading, Read
from synk.terminal.picture_rows import numbers_known, numbers_on_screen, place
from synk.terminal.pictures import MAX_ROWS, Area, Drawing, Picture, Pictures, Placement, Shelf
from synk.terminal.state import TerminalState

_TRANSMISSIONS = ("t", "T", "q", "f")
_MAX_CHAIN = 16
_MAX_COLUMNS = 4096
_FIRST_GIVEN_ID = 1 << 31
DEFAULT_CELL = (10, 20)
"""Width and height of a cell in pixels, where nobody told it."""


class KittyGraphics:
    """Carries out commands on the pictures of a terminal."""

    def __init__(self, state: TerminalState, pictures: Pictures, reply: Callable[[bytes], None], read: Read) -> None:
        self._state = state
        self._screen = state.screen
        self._pictures = pictures
        self._reply = reply
        self._read = read
        self._loading: Loading | None = None
        self._given_id = _FIRST_GIVEN_ID

    def reset(self) -> None:
        """Forget a picture that is not there as a whole."""
        self._loading = None

    @property
    def _shelf(self) -> Shelf:
        return self._pictures.shelves[self._screen.grid.is_alternate]

    def run(self, text: str) -> None:
        """Carry out a command, without its G."""
        command = Command(text)
        action = command.letter("a", "t")
        loading, self._loading = self._loading, None
        if loading is not None and not (action in _TRANSMISSIONS and loading.goes_on_with(command)):
            loading = None
        if loading is not None:
            loading.add(command)
            loading.command.keep(command)
            command = loading.command
            action = command.letter("a", "t")
        picture: Picture | None = None
        is_quiet = action in "ad"
        try:
            if action in _TRANSMISSIONS:
                loading = loading or Loading(command)
                if command.number("m"):
                    self._loading = loading
                    return
                picture = self._take(action, loading)
            else:
                picture = self._act(action, command)
        except Refused as refused:
            respond(self._reply, command, refused)
            return
        respond(self._reply, command, None, id=picture.id if picture else 0, is_quiet=is_quiet)

    def _act(self, action: str, command: Command) -> Picture | None:
        """Commands without pixels."""
        shelf = self._shelf
        if action == "d":
            if delete(self._screen, shelf, command):
                self._screen.grid.is_all_dirty = True
            return None
        if action not in ("p", "a", "c"):
            raise Refused("EINVAL", "unknown action")
        picture = self._named(shelf, command)
        if action == "p":
            self._put(shelf, picture, command)
        elif action == "a":
            kitty_animation.control(picture, command)
        else:
            kitty_animation.compose(self._pictures, picture, command)
        if action != "p":
            self._screen.grid.is_all_dirty = True
        return picture

    def _take(self, action: str, loading: Loading) -> Picture | None:
        """Commands with pixels, once they are here."""
        command = loading.command
        shelf = self._shelf
        id, image_number = command.number("i"), command.number("I")
        if id and image_number:
            raise Refused("EINVAL", "only one of i and I is allowed")
        if action == "f":
            picture = self._named(shelf, command)
            kitty_animation.add_frame(self._pictures, picture, command, loading.raster(self._read))
            self._screen.grid.is_all_dirty = True
            return picture
        raster = loading.raster(self._read)
        if action == "q":
            return None
        if image_number:
            id = self._give_id()
        self._sweep()
        if id in shelf.by_id:
            self._screen.grid.is_all_dirty = True
        picture = self._pictures.add(shelf, Drawing.of(raster), id=id, image_number=image_number)
        if action == "T":
            self._put(shelf, picture, command)
        return picture

    def _give_id(self) -> int:
        """An id that no program chose."""
        taken = self._shelf.by_id
        self._given_id += 1
        while self._given_id in taken:
            self._given_id += 1
        return self._given_id

    def _sweep(self) -> None:
        if self._pictures.needs_sweep():
            self._pictures.sweep(numbers_known(self._screen.grid))

    def _named(self, shelf: Shelf, command: Command) -> Picture:
        id, image_number = command.number("i"), command.number("I")
        if id and image_number:
            raise Refused("EINVAL", "only one of i and I is allowed")
        if not id and not image_number:
            raise Refused("EINVAL", "no picture is named")
        picture = shelf.picture(id=id, image_number=image_number)
        if picture is None:
            raise Refused("ENOENT", "no such picture")
        return picture

    def _put(self, shelf: Shelf, picture: Picture, command: Command) -> None:
        """Show a picture."""
        placement = self._placement(shelf, picture, command)
        screen = self._screen
        self._sweep()
        self._pictures.place(shelf, placement)
        screen.grid.is_all_dirty = True
        if placement.is_virtual or placement.parent is not None:
            return
        moves = command.number("C") != 1
        col = screen.column
        if not moves:
            place(screen, shelf, placement, col=col, scrolls=False)
            return
        screen.cursor.x = col
        place(screen, shelf, placement, col=col, scrolls=True)
        screen.cursor.x = col + placement.cols
        if screen.cursor.x >= screen.columns:
            screen.cursor.x = 0
            screen.index()

    def _placement(self, shelf: Shelf, picture: Picture, command: Command) -> Placement:
        """What a command asks for.

        Raises:
            Refused: there is no such thing.
        """
        number = command.number
        left, top = number("x"), number("y")
        area = Area(
            left,
            top,
            min(number("w") or picture.width, picture.width - left),
            min(number("h") or picture.height, picture.height - top),
        )
        if area.width <= 0 or area.height <= 0:
            raise Refused("EINVAL", "no part of the picture")
        cell = self._state.cell_pixels or DEFAULT_CELL
        offset = (min(number("X"), cell[0] - 1), min(number("Y"), cell[1] - 1))
        cols, rows = number("c"), number("r")
        if cols > _MAX_COLUMNS or rows > MAX_ROWS:
            raise Refused("EINVAL", "more cells than any screen has")
        wide, high = _size_in_cells(area, cell, cols, rows, offset)
        is_virtual = number("U") == 1
        parent = self._parent(shelf, picture, command)
        if is_virtual and parent is not None:
            raise Refused("EINVAL", "a virtual placement is not relative")
        return Placement(
            number=self._pictures.next_number(),
            picture=picture,
            area=area,
            cell=cell,
            cols=min(cols or math.ceil(wide), _MAX_COLUMNS),
            rows=min(rows or math.ceil(high), MAX_ROWS),
            offset=offset,
            stretched=(wide, high) if cols or rows else None,
            z=number("z"),
            id=number("p") if picture.id else 0,
            is_virtual=is_virtual,
            parent=parent,
            shift=(number("H"), number("V")),
        )

    def _parent(self, shelf: Shelf, picture: Picture, command: Command) -> Placement | None:
        """The placement that a new one is relative to; None if it is not."""
        image_id, placement_id = command.number("P"), command.number("Q")
        if not image_id and not placement_id:
            return None
        owner = shelf.picture(id=image_id)
        parent = shelf.placement(owner, placement_id) if owner is not None else None
        if parent is None:
            raise Refused("ENOPARENT", "no such parent")
        id = command.number("p")
        replaced = shelf.placement(picture, id) if id else None
        above: Placement | None = parent
        for _ in range(_MAX_CHAIN):
            if above is None:
                return parent
            if above is replaced:
                raise Refused("ECYCLE", "a placement relative to itself")
            above = above.parent
        raise Refused("ETOODEEP", "too many placements relative to each other")

    def clear_screen(self) -> None:
        """ED 2: the pictures on the screen go, as the text does."""
        shelf = self._shelf
        for number in numbers_on_screen(self._screen.grid):
            placement = shelf.placements.get(number)
            if placement is not None and not placement.is_masked:
                shelf.remove(placement)
                self._screen.grid.is_all_dirty = True


def _size_in_cells(
    area: Area, cell: tuple[int, int], cols: int, rows: int, offset: tuple[int, int]
) -> tuple[float, float]:
    """How many columns and rows a part of a picture takes, not rounded: as many as asked for, the other by its shape."""
    width, height = cell
    if cols and rows:
        return cols, rows
    if cols:
        return cols, cols * width * area.height / area.width / height
    if rows:
        return rows * height * area.width / area.height / width, rows
    return (area.width + offset[0]) / width, (area.height + offset[1]) / height
