"""Cells in a rectangle of the screen: scrolled between margins, moved, filled, erased, restyled and summed up.

Rows and columns count from 0. Sources: VT420 and VT510 manuals, XTerm Control Sequences, xterm where they differ.
"""

from collections.abc import Callable, Hashable, Iterable
from functools import partial
from typing import NamedTuple

from synk.terminal.grid import Grid
from synk.terminal.rows import STUB, Row
from synk.terminal.styles import DEFAULT_PEN, Pen, Style


class Rectangle(NamedTuple):
    """A part of the screen; ends are excluded."""

    top: int
    left: int
    bottom: int
    right: int


def region(grid: Grid) -> Rectangle:
    """What scrolls: the rows and columns between the margins."""
    return Rectangle(grid.top, grid.left, grid.bottom + 1, grid.right + 1)


def insert_cells(grid: Grid, y: int, x: int, end: int, count: int, erase: str) -> None:
    """Blanks at column `x`; cells up to `end` (excluded) move right, those that pass it are lost."""
    _shift(grid, y, x, end, min(count, end - x), erase, is_insert=True)


def delete_cells(grid: Grid, y: int, x: int, end: int, count: int, erase: str) -> None:
    """Remove cells at column `x`; those up to `end` (excluded) move left, blanks follow."""
    _shift(grid, y, x, end, min(count, end - x), erase, is_insert=False)


def _shift(grid: Grid, y: int, x: int, end: int, count: int, erase: str, *, is_insert: bool) -> None:
    row = grid.rows[y]
    row.cut(grid.columns)
    if is_insert:
        text, pens = row.cells(x, end - count)
        blank = (" " * count, erase * count) if erase != DEFAULT_PEN or text or pens else ("", "")
        row.paste(x, end, (blank[0] + text, blank[1] + pens))
    else:
        text, pens = row.cells(x + count, end)
        row.paste(x, end, (text, pens))
        if erase != DEFAULT_PEN:
            row.write(end - count, " " * count, erase)
    grid.dirty.add(y)


def copy(grid: Grid, area: Rectangle, target: Rectangle) -> None:
    """DECCRA: put a copy of the cells to the top left corner of `target`; what does not fit there is left out."""
    if area[:2] == target[:2] and all([row.text.isascii() for row in grid.rows[area.top : area.bottom]]):
        # Onto itself, and no wide character is cut by that.
        return
    left, width = target.left, min(area.right - area.left, target.right - target.left)

    def copy_row(source: Row, row: Row) -> None:
        text, pens = source.cells(area.left, area.right)
        if text[width : width + 1] == STUB:
            text = text[: width - 1] + " "
        row.paste(left, left + width, (text[:width], pens[:width]))

    end = min(target.bottom, target.top + area.bottom - area.top)
    if area.top == target.top:
        _change(grid, Rectangle(area.top, area.left, end, area.right), ("copy", left, width), lambda row: copy_row(row, row))
        return
    rows = grid.rows
    for y in range(target.top, end) if area.top > target.top else range(end - 1, target.top - 1, -1):
        copy_row(rows[y + area.top - target.top], rows[y])
        grid.dirty.add(y)


def fill(grid: Grid, area: Rectangle, char: str, pen: str) -> None:
    """DECFRA: every cell becomes `char` in this pen."""
    text, left = char * (area.right - area.left), area.left
    _change(grid, area, ("fill", char, pen), lambda row: row.write(left, text, pen))


def erase_all(grid: Grid, area: Rectangle, erase: str) -> None:
    """DECERA: blanks."""
    left, right, columns = area.left, area.right, grid.columns
    if left == 0 and right >= columns:
        grid.clear_rows(area.top, area.bottom, erase)
        return
    _change(grid, area, ("erase", erase), lambda row: row.erase(left, right, erase, columns))
    if right >= columns:
        for row in grid.rows[area.top : area.bottom]:
            row.is_wrapped = False


def blank_unprotected(grid: Grid, area: Rectangle, *, spares_protected: bool) -> None:
    """DECSERA: characters become blanks and keep their looks; those of protected pens stay if they are spared."""
    protected = grid.pens.protected if spares_protected else set()

    def blank(row: Row) -> None:
        text, pens = row.cells(area.left, area.right)
        kept = ""
        if not protected.isdisjoint(pens):
            kept = "".join([char if pen in protected else " " for char, pen in zip(text, pens, strict=False)])
        row.paste(area.left, area.right, (kept.ljust(len(pens)), pens))

    _change(grid, area, ("blank", spares_protected), blank)


def _change(grid: Grid, area: Rectangle, name: tuple[object, ...], change: Callable[[Row], object]) -> None:
    """Change all rows of an area; `name` tells all that it depends on beside its columns and a row."""
    known = grid.memory.of((area.left, area.right, grid.columns, grid.pens.forgotten, *name))
    known.carry_out(grid.rows[area.top : area.bottom], change)
    grid.dirty.update(range(area.top, area.bottom))


def restyle(grid: Grid, areas: Iterable[Rectangle], change: Callable[[Style], Style], current: Pen, name: Hashable) -> None:
    """DECCARA, DECRARA: give every cell the style that `change` makes of its own; `current` is the pen in use, `name` tells
    which change that is.

    A wide character changes as a whole, with its first cell.
    """
    grid.make_room_for_pens(current)
    # By code point: whole rows change in one step in C, and each style once.
    changed = grid.memory.of(("pens", name, grid.pens.forgotten)).pens

    def change_row(area: Rectangle, row: Row) -> None:
        left, right = area.left + row.text.startswith(STUB, area.left), area.right + row.text.startswith(STUB, area.right)
        text, pens = row.cells(left, right)
        pens = pens.ljust(right - left, DEFAULT_PEN)
        for char in set(pens):
            if ord(char) not in changed:
                pen = grid.pens[char]
                changed[ord(char)] = grid.pens.pen(change(pen.style), pen.link, pen.is_protected).char
        pens = pens.translate(changed).rstrip(DEFAULT_PEN)
        row.paste(left, right, (text.ljust(len(pens)), pens))

    for area in areas:
        _change(grid, area, ("restyle", name), partial(change_row, area))


def checksum(grid: Grid, area: Rectangle) -> int:
    """DECRQCRA: the negative sum of characters and attributes in 16 bits, as xterm counts.

    Only the low byte of a character counts; cells that nobody wrote to do not, except for the first one.
    """
    known = grid.checksums
    forgotten = grid.clusters.forgotten
    total = 0
    for y in range(area.top, area.bottom):
        row = grid.rows[y]
        key = row.text, row.pens, area.left, area.right, y == area.top, grid.pens.forgotten, forgotten
        found = known.get(key)
        if found is None:
            found = _checksum_of_row(grid, row, area, y == area.top)
            if len(known) >= _MAX_CHECKSUMS:
                known.clear()
            known[key] = found
        total += found
    return -total & 0xFFFF


def _checksum_of_row(grid: Grid, row: Row, area: Rectangle, is_first: bool) -> int:
    text, pens = row.cells(area.left, area.right)
    if is_first:
        text = text.ljust(1)
    if text.isascii():
        total = sum(text.encode())
    else:
        total = sum([ord((grid.clusters.expand(cell) or _HIDDEN)[0]) & 0xFF for cell in text])
    for char in set(pens):
        total += _looks(grid.pens[char].style) * pens.count(char)
    return total


# All rows of some screens.
_MAX_CHECKSUMS = 256
# What xterm keeps in the second cell of a wide character.
_HIDDEN = "\uffff"


def _looks(style: Style) -> int:
    return 0x10 * (style.underline > 0) + 0x20 * style.inverse + 0x40 * style.blink + 0x80 * style.bold
