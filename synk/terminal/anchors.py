"""Places in the text that stay with it when lines are laid out anew."""

from typing import NamedTuple


class Spot(NamedTuple):
    """A gap between two cells while a screen takes a new size."""

    y: int
    """Row of the screen; negative in the scrollback, -1 is its newest row."""
    x: int


class Anchor:
    """A gap between two cells, by the number of its line; kept up to date as long as somebody holds it."""

    __slots__ = ("__weakref__", "col", "is_alternate", "line")

    def __init__(self, line: int, col: int, *, is_alternate: bool) -> None:
        self.line = line
        """Absolute, as `Emulator.scrolled_total` counts."""
        self.col = col
        """From 0; the number of columns is the end of the row."""
        self.is_alternate = is_alternate
        """It is on the alternate screen, whose lines are never laid out anew."""
