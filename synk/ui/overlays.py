"""Marks laid over the text of a terminal: selection, hits of a search, the link under the mouse."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from synk.terminal.selection import Screenful, Selection


@dataclass(frozen=True, slots=True)
class Mark:
    """Columns of one row in a color."""

    start: int
    end: int
    """Column after the last."""
    color: QColor
    is_line: bool = False
    """A line under the text instead of a veil over it."""


class Overlay(Protocol):
    """Something that marks text."""

    def marks(self, first: int, last: int) -> Mapping[int, Iterable[Mark]]:
        """Marks by absolute line, for lines `first` to `last` (included)."""


class SelectionOverlay:
    """The selected columns of each row."""

    def __init__(self, selection: Selection | None, screen: Screenful, color: QColor) -> None:
        self._selection = selection
        self._screen = screen
        self._color = color

    def marks(self, first: int, last: int) -> Mapping[int, Iterable[Mark]]:
        """See `Overlay`."""
        found: dict[int, list[Mark]] = {}
        if self._selection is not None:
            for line in range(first, last + 1):
                cols = self._selection.columns_in_row(self._screen, line - self._screen.scrolled_total)
                if cols is not None:
                    found[line] = [Mark(*cols, self._color)]
        return found


def paint_mark(painter: QPainter, mark: Mark, *, top: float, cell_width: float, cell_height: float, line: float) -> None:
    """Paint one mark of the row that begins at `top`; all in logical pixels."""
    left, width = mark.start * cell_width, (mark.end - mark.start) * cell_width
    if mark.is_line:
        painter.fillRect(QRectF(left, top + cell_height - line, width, line), mark.color)
    else:
        painter.fillRect(QRectF(left, top, width, cell_height), mark.color)
