"""The delete command of the kitty graphics protocol: which placements go, and which pictures with them."""

from collections.abc import Callable

from synk.terminal.kitty_animation import delete_frames
from synk.terminal.kitty_command import Command
from synk.terminal.pictures import Picture, Placement, Shelf
from synk.terminal.screen import Screen
from synk.terminal.shown_pictures import Shown, shown

_BY_NAME = frozenset("inr")
_BY_PLACE = frozenset("acpqxyz")


def delete(screen: Screen, shelf: Shelf, command: Command) -> bool:
    """Carry out `a=d`; True if something may look different now.

    Raises:
        Refused: a value is no number.
    """
    letter = command.letter("d", "a")
    what = letter.lower()
    if what == "f":
        return delete_frames(shelf, command, frees=letter == "F")
    touched: set[int] = set()
    gone: list[Placement] = []
    if what in _BY_NAME:
        for picture in _named(shelf, what, command):
            touched.add(picture.number)
            id = command.number("p") if what != "r" else 0
            gone += [each for each in shelf.of(picture) if not id or each.id == id]
    elif what in _BY_PLACE:
        is_meant = _test(screen, what, command)
        on_screen = shown(screen.grid, shelf, 0, screen.lines)
        gone = [each.placement for each in on_screen if _is_real(each.placement) and is_meant(each)]
    for placement in gone:
        touched.add(placement.picture.number)
        shelf.remove(placement)
    if letter.isupper():
        shown_ones = {placement.picture.number for placement in shelf.placements.values()}
        for number in touched - shown_ones:
            if (found := shelf.pictures.get(number)) is not None:
                shelf.discard(found)
    return bool(gone)


def _is_real(placement: Placement) -> bool:
    return not placement.is_masked and not placement.is_virtual


def _named(shelf: Shelf, what: str, command: Command) -> list[Picture]:
    if what == "r":
        low, high = command.number("x"), command.number("y")
        return [picture for id, picture in shelf.by_id.items() if low <= id <= high]
    id = command.number("i") if what == "i" else 0
    image_number = command.number("I") if what == "n" else 0
    picture = shelf.picture(id=id, image_number=image_number)
    return [] if picture is None else [picture]


def _test(screen: Screen, what: str, command: Command) -> Callable[[Shown], bool]:
    """What tells whether a placement is meant, by where it is."""
    x, y, z = command.number("x") - 1, command.number("y") - 1, command.number("z")
    if what == "c":
        x, y = screen.column, screen.cursor.y

    def is_meant(each: Shown) -> bool:
        placement = each.placement
        in_column = each.left <= x < each.left + placement.cols
        in_row = each.top <= y < each.top + placement.rows
        in_layer = placement.z == z
        return {
            "a": True,
            "c": in_column and in_row,
            "p": in_column and in_row,
            "q": in_column and in_row and in_layer,
            "x": in_column,
            "y": in_row,
            "z": in_layer,
        }[what]

    return is_meant
