"""How rows know the pictures that lie on them: a mark for each row of a placement, which scrolls and is laid out with it.

The cells under a sixel picture are told apart by their pens, too: whatever is written there later has another pen, so the
picture is gone in that cell, as in xterm, and writing text costs nothing more.
"""

from collections.abc import Iterable, Iterator

from synk.terminal.grid import Grid
from synk.terminal.marks import Mark, MarkKind
from synk.terminal.pictures import Placement, Shelf, slice_number
from synk.terminal.rows import Row
from synk.terminal.screen import Screen
from synk.terminal.styles import DEFAULT_PEN, DEFAULT_STYLE, Link

_MAX_MARKS = 64
"""Of one row; the oldest go."""


def slices(row_marks: Iterable[Mark]) -> Iterator[tuple[int, int, int]]:
    """The placements that lie on a row: number, row of the placement, column of the screen where it begins."""
    for mark in row_marks:
        if mark.kind is MarkKind.PICTURE and mark.status is not None:
            yield mark.status >> 12, mark.status & 0xFFF, mark.col


def put_mark(row: Row, col: int, placement: Placement, row_of_placement: int, shelf: Shelf) -> None:
    """Let a row know a placement; it forgets those that are gone."""
    known = shelf.placements
    mark = Mark(MarkKind.PICTURE, col, slice_number(placement, row_of_placement))
    if not row.marks:
        row.marks = (mark,)
        return
    kept = []
    for each in row.marks:
        if each.kind is MarkKind.PICTURE:
            old = known.get((each.status or 0) >> 12)
            if old is None or (placement.is_masked and old.is_masked and _covers(placement, col, old, each.col)):
                continue
        kept.append(each)
    if len(kept) >= _MAX_MARKS:
        oldest = next((each for each in kept if each.kind is MarkKind.PICTURE), None)
        kept = [each for each in kept if each is not oldest]
    row.marks = (*kept, mark)


def _covers(placement: Placement, col: int, old: Placement, old_col: int) -> bool:
    """True if nothing is left to be seen of a sixel picture in this row when another one comes there."""
    return col <= old_col and old_col + old.cols <= col + placement.cols


def place(screen: Screen, shelf: Shelf, placement: Placement, *, col: int, scrolls: bool) -> None:
    """Let the rows from the cursor's on know a placement; the cursor goes to its last row if the screen may scroll.

    Between side margins cells scroll and rows do not: there it ends at the bottom.
    """
    grid = screen.grid
    if scrolls and not grid.has_sides and grid.top <= screen.cursor.y <= grid.bottom:
        _place_scrolling(screen, shelf, placement, col)
        return
    if scrolls and not grid.has_sides:
        for row in range(placement.rows):
            y = screen.cursor.y
            if row:
                if y == grid.lines - 1 and y != grid.bottom:
                    # Below the scroll region: there are no more rows.
                    return
                screen.index()
            _put(screen, shelf, placement, row, screen.cursor.y, col)
        return
    for row, y in enumerate(range(screen.cursor.y, min(screen.cursor.y + placement.rows, grid.lines))):
        _put(screen, shelf, placement, row, y, col)
    if scrolls:
        screen.cursor.y = min(screen.cursor.y + placement.rows, grid.lines) - 1


def _place_scrolling(screen: Screen, shelf: Shelf, placement: Placement, col: int) -> None:
    """As `place`, from a row of the scroll region: as many rows at a time as that has, which is three times as fast."""
    grid = screen.grid
    row, y = 0, screen.cursor.y
    while row < placement.rows:
        count = min(placement.rows - row, grid.bottom - grid.top + 1)
        surplus = y + count - 1 - grid.bottom
        if surplus > 0:
            grid.scroll_up(surplus, screen.erase_pen())
            y -= surplus
        for at in range(count):
            _put(screen, shelf, placement, row + at, y + at, col)
        row, y = row + count, y + count
    screen.cursor.y = y - 1


def _put(screen: Screen, shelf: Shelf, placement: Placement, row: int, y: int, col: int) -> None:
    put_mark(screen.grid.rows[y], col, placement, row, shelf)
    if placement.is_masked:
        _cover(screen, y, col, placement)
    screen.grid.dirty.add(y)


def _cover(screen: Screen, y: int, col: int, placement: Placement) -> None:
    """Give the cells under a picture its pens; their text and looks stay."""
    grid = screen.grid
    grid.make_room_for_pens(screen.pen)
    end = min(col + placement.cols, grid.columns)
    row = grid.rows[y]
    if not row.text and not row.pens:
        cover = grid.pens.pen(DEFAULT_STYLE, _link(placement.number)).char
        row.text, row.pens = " " * end, (DEFAULT_PEN * col).ljust(end, cover)
        return
    pens = row.pens.ljust(end, DEFAULT_PEN)
    link = _link(placement.number)
    covered = {}
    for char in set(pens[col:end]):
        pen = grid.pens[char]
        covered[ord(char)] = grid.pens.pen(pen.style, link, pen.is_protected).char
    row.text = row.text.ljust(end)
    row.pens = pens[:col] + pens[col:end].translate(covered) + pens[end:]


def _link(number: int) -> Link:
    """What tells the pens of a picture from others: a link to nowhere."""
    return Link("", f"picture {number}")


def spans(grid: Grid, pens: str, number: int, col: int, end: int) -> list[tuple[int, int]]:
    """The columns (first, end) of a row where a sixel picture is still to be seen."""
    link = _link(number)
    covered = {char for char in set(pens[col:end]) if grid.pens[char].link == link}
    found: list[tuple[int, int]] = []
    start: int | None = None
    for x, char in enumerate(pens[col:end], col):
        if char in covered:
            start = x if start is None else start
        elif start is not None:
            found.append((start, x))
            start = None
    if start is not None:
        found.append((start, min(end, len(pens))))
    return found


def numbers_known(grid: Grid) -> set[int]:
    """Numbers of all placements that some row knows, on both screens and in the scrollback."""
    marks = [row.marks for row in (*grid.rows, *grid.other_rows) if row.marks]
    marks += [found for _, found in grid.scrollback.marked(0, len(grid.scrollback))]
    return {number for found in marks for number, _, _ in slices(found)}


def numbers_on_screen(grid: Grid) -> set[int]:
    """Numbers of the placements that lie on rows of the screen."""
    return {number for row in grid.rows if row.marks for number, _, _ in slices(row.marks)}
