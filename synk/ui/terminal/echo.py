"""What little changed in a row: most output that somebody waits for is a key's echo, or a spinner, and changes a cell or two."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect

from synk.terminal.rows import Run

MOST_CELLS = 16
"""More than these are painted with their row."""


@dataclass(frozen=True, slots=True)
class Echo:
    """Cells to be painted by themselves."""

    area: QRect
    """Where they are, in logical pixels."""
    row: int
    """Of the view."""
    cols: tuple[int, int]
    """First column, and the one after the last."""
    runs: tuple[Run, ...]
    """The row as it is now."""


def changed_cells(before: tuple[Run, ...], after: tuple[Run, ...]) -> tuple[int, int] | None:
    """First changed column of a row and the one after the last; None if nothing changed."""
    same = _length_of_same(before, after)
    old, new = before[same:], after[same:]
    if len(old) > 1 or len(new) > 1:
        same = _length_of_same(old[::-1], new[::-1])
        old, new = old[: len(old) - same], new[: len(new) - same]
    if not old or not new:
        rest = old or new
        return (rest[0].col, _end(rest[-1])) if rest else None
    first, end = min(old[0].col, new[0].col), max(_end(old[-1]), _end(new[-1]))
    if old[0].col == new[0].col and _are_alike(old[0], new[0]):
        first += _length_of_same(old[0].text, new[0].text)
    if _end(old[-1]) == _end(new[-1]) and _are_alike(old[-1], new[-1]):
        end -= _length_of_same(old[-1].text[::-1], new[-1].text[::-1])
    return first, end


def _length_of_same(old: Sequence[object], new: Sequence[object]) -> int:
    """How many of the first items are equal."""
    shorter = min(len(old), len(new))
    if old[:shorter] == new[:shorter]:
        return shorter  # mostly a text that goes on
    return next(index for index in range(shorter) if old[index] != new[index])


def _are_alike(old: Run, new: Run) -> bool:
    """Whether two runs have one style and a cell for each character, so that their texts tell which cells differ."""
    return old.style is new.style and old.cells == len(old.text) and new.cells == len(new.text)


def _end(run: Run) -> int:
    return run.col + run.cells
