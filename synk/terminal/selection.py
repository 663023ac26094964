"""Selected text: a pure model over absolute line numbers, so that it stays with its text while output scrolls."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol

from synk.terminal.anchors import Anchor

# What a double click takes: xterm's word characters, and those of paths, addresses and options.
_WORD = re.compile(r"[\w\-./~%+=@#?&:$]+")


class Unit(Enum):
    """What the selection grows by."""

    CHARACTER = "character"
    WORD = "word"
    LINE = "line"
    BLOCK = "block"


class Screenful(Protocol):
    """What a selection reads of an emulator; rows count as in `Emulator.row`."""

    @property
    def cols(self) -> int:
        """Columns of the screen."""

    @property
    def rows(self) -> int:
        """Lines of the screen."""

    @property
    def scrolled_total(self) -> int:
        """Absolute number of row 0."""

    def first_row(self) -> int:
        """The oldest row there is: 0, or negative with a scrollback."""

    def cells(self, y: int) -> tuple[str, ...]:
        """Text of a row by column."""

    def is_wrapped(self, y: int) -> bool:
        """True if the line goes on in the next row."""


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """A gap between two cells: before column `col` of line `line`."""

    line: int
    """Absolute: `scrolled_total` plus the row on the screen."""
    col: int
    """From 0; the number of columns is the end of the row."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user marked, from where the mouse went down to where it is.

    It holds line numbers, not text: when its lines leave the scrollback, `is_evicted` says so.
    """

    anchor: Point
    head: Point
    unit: Unit = Unit.CHARACTER
    is_alternate: bool = False
    """Made on the alternate screen; it means nothing on the main one."""

    def extended(self, head: Point) -> "Selection":
        """The same selection up to another point (the mouse moved, or Shift+click)."""
        return replace(self, head=head)

    def is_evicted(self, screen: Screenful) -> bool:
        """True if its first line is gone from the scrollback."""
        return min(self.anchor, self.head).line < screen.scrolled_total + screen.first_row()

    def span(self, screen: Screenful) -> tuple[Point, Point]:
        """First and last point of what is selected, grown to whole units and wide characters."""
        start, end = sorted((self.anchor, self.head))
        if self.unit is Unit.BLOCK:
            left, right = sorted((self.anchor.col, self.head.col))
            return Point(start.line, left), Point(end.line, right)
        if self.unit is Unit.WORD:
            return _word_start(screen, start), max(_word_end(screen, start), _word_end(screen, end))
        if self.unit is Unit.LINE:
            return Point(_first_of_line(screen, start.line), 0), Point(_last_of_line(screen, end.line), screen.cols)
        return start, end

    def columns_in_row(self, screen: Screenful, y: int) -> tuple[int, int] | None:
        """Selected columns of row `y`, end excluded; None if there are none. For the painter."""
        start, end = self.span(screen)
        return _columns(screen, self.unit, start, end, screen.scrolled_total + y)

    def text(self, screen: Screenful) -> str:
        """The selected text: wrapped lines as one, blanks at line ends removed, "" if nothing is left of it."""
        start, end = self.span(screen)
        top = screen.scrolled_total
        first = max(start.line, top + screen.first_row())
        last = min(end.line, top + screen.rows - 1)
        parts: list[str] = []
        for line in range(first, last + 1):
            columns = _columns(screen, self.unit, start, end, line)
            cells = screen.cells(line - top)
            left, right = columns or (0, 0)
            text = "".join(cells[left:right])
            goes_on = self.unit is not Unit.BLOCK and line < last and screen.is_wrapped(line - top)
            parts.append(text if goes_on else text.rstrip(" "))
            if line < last and not goes_on:
                parts.append("\n")
        return "".join(parts)


class PinnedSelection:
    """A selection that stays with its text when lines are laid out anew."""

    def __init__(self, selection: Selection, pin: Callable[[int, int], Anchor]) -> None:
        """`pin` is `Emulator.anchor`."""
        self._selection = selection
        self._anchor = pin(selection.anchor.line, selection.anchor.col)
        self._head = pin(selection.head.line, selection.head.col)

    @property
    def current(self) -> Selection:
        """The selection with the line numbers of now."""
        anchor, head = Point(self._anchor.line, self._anchor.col), Point(self._head.line, self._head.col)
        if (anchor, head) != (self._selection.anchor, self._selection.head):
            self._selection = replace(self._selection, anchor=anchor, head=head)
        return self._selection


def _columns(screen: Screenful, unit: Unit, start: Point, end: Point, line: int) -> tuple[int, int] | None:
    if not start.line <= line <= end.line:
        return None
    cells = screen.cells(line - screen.scrolled_total)
    # A line of the scrollback can be longer than the screen is wide now.
    left, right = 0, max(screen.cols, len(cells))
    if unit is Unit.BLOCK or line == start.line:
        left = start.col
    if unit is Unit.BLOCK or (line == end.line and unit is not Unit.LINE):
        right = end.col
    left, right = _whole_characters(cells, left, right)
    return (left, right) if left < right else None


def _whole_characters(cells: tuple[str, ...], left: int, right: int) -> tuple[int, int]:
    """Columns grown so that no wide character is cut."""
    if left >= right:
        return left, right
    if 0 < left < len(cells) and cells[left] == "":
        left -= 1
    if 0 < right < len(cells) and cells[right] == "":
        right += 1
    return left, right


def _first_of_line(screen: Screenful, line: int) -> int:
    """The first row of the logical line that `line` belongs to."""
    top = screen.scrolled_total
    oldest = top + screen.first_row()
    while line > oldest and screen.is_wrapped(line - 1 - top):
        line -= 1
    return line


def _last_of_line(screen: Screenful, line: int) -> int:
    top = screen.scrolled_total
    newest = top + screen.rows - 1
    while line < newest and screen.is_wrapped(line - top):
        line += 1
    return line


def _logical(screen: Screenful, line: int) -> tuple[int, list[tuple[str, Point]]]:
    """The cells of a logical line with their places, and its first row."""
    first, last = _first_of_line(screen, line), _last_of_line(screen, line)
    cells: list[tuple[str, Point]] = []
    for row in range(first, last + 1):
        texts = screen.cells(row - screen.scrolled_total)
        padded = texts + (" ",) * (screen.cols - len(texts))
        cells.extend((text, Point(row, col)) for col, text in enumerate(padded[: screen.cols]))
    return first, cells


def _word_at(screen: Screenful, point: Point) -> tuple[Point, Point]:
    """The word around the cell after `point`: from its first cell to behind its last one."""
    first, cells = _logical(screen, point.line)
    index = (point.line - first) * screen.cols + min(point.col, screen.cols - 1)
    if index >= len(cells):
        return point, point
    chars: list[str] = []
    for cell, _ in cells:
        # The second cell of a wide character belongs to the same word as the first.
        chars.append(cell[0] if cell else chars[-1] if chars else " ")
    while index > 0 and not cells[index][0]:
        index -= 1
    start, end = index, index + 1
    for match in _WORD.finditer("".join(chars)):
        if match.start() <= index < match.end():
            start, end = match.span()
            break
    while end < len(cells) and not cells[end][0]:
        end += 1
    last = cells[end - 1][1]
    return cells[start][1], Point(last.line, last.col + 1)


def _word_start(screen: Screenful, point: Point) -> Point:
    return _word_at(screen, point)[0]


def _word_end(screen: Screenful, point: Point) -> Point:
    return _word_at(screen, point)[1]
