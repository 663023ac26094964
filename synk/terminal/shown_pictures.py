"""Which pictures are to be seen in some rows, and where: for those who paint them, and for commands that delete by place."""

from collections.abc import Iterator
from typing import NamedTuple

from synk.terminal.grid import Grid
from synk.terminal.marks import Marks
from synk.terminal.picture_rows import slices, spans
from synk.terminal.pictures import Placement, Shelf
from synk.terminal.placeholders import PLACEHOLDER, Tile, tiles
from synk.terminal.rows import CLUSTER
from synk.terminal.styles import DEFAULT_PEN

_MAX_CHAIN = 64


class Piece(NamedTuple):
    """Cells of a row in which a part of a picture is seen."""

    y: int
    col: int
    end: int
    """Excluded."""


class Shown(NamedTuple):
    """A placement in sight. Rows count as asked for, columns from 0."""

    placement: Placement
    top: int
    """Row of its first cell, which may be out of sight, or scrolled away."""
    left: int
    pieces: tuple[Piece, ...] | None = None
    """It is seen in these cells only; None: in all of them."""
    first: int = -(1 << 60)
    """It is not seen above this row: what was there is gone."""


def shown(grid: Grid, shelf: Shelf, first: int, end: int) -> list[Shown]:
    """What is seen in rows `first` to `end` (excluded; negative ones are in the scrollback), the lowest first."""
    if not shelf.placements:
        return []
    found: dict[int, Shown] = {}
    tiled: list[Shown] = []
    has_virtual = any([placement.is_virtual for placement in shelf.placements.values()])
    for y in range(max(first, -len(grid.scrollback)), min(end, grid.lines)):
        text, pens, marks = _row(grid, y)
        for number, row, col in slices(marks):
            placement = shelf.placements.get(number)
            if placement is None:
                continue
            if not placement.is_masked:
                found.setdefault(number, Shown(placement, y - row, col, first=y))
                continue
            limit = min(col + placement.cols, grid.columns)
            for start, stop in spans(grid, pens, number, col, limit):
                tiled.append(Shown(placement, y - row, col, (Piece(y, start, stop),)))
        if has_virtual and not text.isascii():
            tiled += _placeholders(grid, shelf, y, text, pens)
    tops = {number: (each.top, each.left) for number, each in found.items()}
    for each in tiled:
        if each.placement.is_virtual:
            top, left = tops.get(each.placement.number, (each.top, each.left))
            tops[each.placement.number] = (min(top, each.top), min(left, each.left))
    children = [placement for placement in shelf.placements.values() if placement.parent is not None]
    for child in children:
        place = _place_of(child, tops)
        if place is not None and place[0] < end and place[0] + child.rows > first:
            found[child.number] = Shown(child, *place)
    seen = [*found.values(), *tiled]
    seen.sort(key=lambda each: (each.placement.z, each.placement.picture.id, each.placement.number))
    return _joined(seen)


def _joined(seen: list[Shown]) -> list[Shown]:
    """Pieces of one placement with the same place as one."""
    joined: list[Shown] = []
    for each in seen:
        last = joined[-1] if joined else None
        if last is not None and last.pieces and each.pieces and last[:3] == each[:3]:
            joined[-1] = last._replace(pieces=last.pieces + each.pieces)
        else:
            joined.append(each)
    return joined


def _row(grid: Grid, y: int) -> tuple[str, str, Marks]:
    if y >= 0:
        row = grid.rows[y]
        return row.text, row.pens, row.marks
    line = grid.scrollback.line(y)
    return line.text, line.pens, line.marks


def _place_of(child: Placement, tops: dict[int, tuple[int, int]]) -> tuple[int, int] | None:
    """Row and column of a placement that stands relative to others; None if these are out of sight."""
    top = left = 0
    placement: Placement | None = child
    for _ in range(_MAX_CHAIN):
        if placement is None:
            return None
        if placement.parent is None:
            known = tops.get(placement.number)
            return None if known is None else (known[0] + top, known[1] + left)
        left, top = left + placement.shift[0], top + placement.shift[1]
        placement = placement.parent
    return None


def _placeholders(grid: Grid, shelf: Shelf, y: int, text: str, pens: str) -> Iterator[Shown]:
    cells = []
    for match in CLUSTER.finditer(text[: grid.columns]):
        x = match.start()
        cluster = grid.clusters.expand(match[0])
        if cluster[0] == PLACEHOLDER:
            cells.append((x, cluster, grid.pens[pens[x : x + 1] or DEFAULT_PEN].style))
    for tile in tiles(cells):
        placement = _virtual(shelf, tile)
        if placement is not None:
            yield _tile(placement, tile, y)


def _tile(placement: Placement, tile: Tile, y: int) -> Shown:
    top, left = y - tile.picture_row, tile.col - tile.picture_col
    return Shown(placement, top, left, (Piece(y, tile.col, tile.col + tile.cells),))


def _virtual(shelf: Shelf, tile: Tile) -> Placement | None:
    picture = shelf.picture(id=tile.image_id)
    if picture is None:
        return None
    found = [each for each in shelf.of(picture) if each.is_virtual and tile.placement_id in (0, each.id)]
    return found[-1] if found else None
