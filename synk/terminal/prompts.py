"""Where prompts and the output of commands are, from the marks of OSC 133. Lines are absolute."""

from synk.terminal.grid import Grid
from synk.terminal.marks import Mark, MarkKind

Place = tuple[int, int]
"""Absolute line and column."""


def previous_prompt(grid: Grid, line: int) -> int | None:
    """The nearest line above `line` where a prompt begins; None without one."""
    rows = grid.marked(-len(grid.scrollback), line - grid.scrolled_total, is_backwards=True)
    return next((grid.scrolled_total + y for y, marks in rows if _has_prompt(marks)), None)


def next_prompt(grid: Grid, line: int) -> int | None:
    """The nearest line below `line` where a prompt begins; None without one."""
    rows = grid.marked(line + 1 - grid.scrolled_total, grid.lines)
    return next((grid.scrolled_total + y for y, marks in rows if _has_prompt(marks)), None)


def last_output(grid: Grid) -> tuple[Place, Place | None] | None:
    """Begin and end of what the last command printed; no end while it runs, None if no command was started."""
    end: Place | None = None
    for y, marks in grid.marked(-len(grid.scrollback), grid.lines, is_backwards=True):
        for mark in reversed(marks):
            if mark.kind is MarkKind.OUTPUT:
                return (grid.scrolled_total + y, mark.col), end
            if mark.kind is not MarkKind.COMMAND:
                end = (grid.scrolled_total + y, mark.col)
    return None


def _has_prompt(marks: tuple[Mark, ...]) -> bool:
    return any([mark.kind is MarkKind.PROMPT for mark in marks])
