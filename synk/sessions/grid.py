"""Where panes stand: layout shapes, cells in pixels, neighbors and pages. Pure geometry."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

PANES_PER_PAGE = 12

MIN_COLS, MIN_ROWS = 20, 4
"""Below this many character cells a pane shows "too small" and its program keeps its last size."""

Direction = Literal["left", "right", "up", "down"]

_SHAPES = ((1, 1, 1), (2, 2, 1), (4, 2, 2), (6, 3, 2), (9, 3, 3), (PANES_PER_PAGE, 4, 3))
"""Up to this many panes: columns, rows (03-workspace.md, section 1)."""


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in logical pixels."""

    x: int
    y: int
    width: int
    height: int


def shape(count: int) -> tuple[int, int]:
    """Columns and rows of a page with `count` panes, 1 to 12."""
    for most, cols, rows in _SHAPES:
        if count <= most:
            return cols, rows
    raise ValueError(f"a page holds at most {PANES_PER_PAGE} panes, not {count}")


def cells(count: int, *, width: int, height: int, gap: int) -> list[Rect]:
    """The rectangles of `count` panes, row by row, with `gap` pixels between them and around all of them.

    Cells are equal but for the one pixel by which a width or height may not divide evenly.
    """
    if count == 0:
        return []
    cols, rows = shape(count)
    xs = _edges(cols, width, gap)
    ys = _edges(rows, height, gap)
    return [
        Rect(xs[index % cols][0], ys[index // cols][0], xs[index % cols][1], ys[index // cols][1]) for index in range(count)
    ]


def neighbor(index: int, count: int, direction: Direction) -> int | None:
    """Index of the pane in that direction, None at the edge or where no pane is."""
    cols, _ = shape(count)
    col, row = index % cols, index // cols
    col += {"left": -1, "right": 1}.get(direction, 0)
    row += {"up": -1, "down": 1}.get(direction, 0)
    target = row * cols + col
    return target if 0 <= col < cols and row >= 0 and target < count else None


def page_of(pane: int) -> int:
    """The page (from 0) a pane number belongs to: 1 to 12 on page 0, 13 to 24 on page 1."""
    return (pane - 1) // PANES_PER_PAGE


def pages(panes: Sequence[int]) -> list[int]:
    """Pages that hold at least one of the panes, in order."""
    return sorted({page_of(pane) for pane in panes})


def is_too_small(*, cols: int, rows: int) -> bool:
    """Whether a pane of so many character cells is too small to show its program."""
    return cols < MIN_COLS or rows < MIN_ROWS


def _edges(count: int, length: int, gap: int) -> list[tuple[int, int]]:
    """Start and length of `count` stretches that share `length`; the rounding never adds up."""
    inner = max(0, length - gap)
    marks = [gap + inner * index // count for index in range(count + 1)]
    return [(start, max(0, end - start - gap)) for start, end in pairwise(marks)]
