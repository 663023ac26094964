"""Whole lines of text, plain or colored: most of them scroll away before anybody looks, and never become rows."""

from collections.abc import Mapping, Set
from itertools import repeat
from typing import Protocol

from synk.terminal import modes
from synk.terminal.grid import Grid
from synk.terminal.late_rows import Batch
from synk.terminal.sent import ERASES, RESET_ENDS, SGR, may_fill
from synk.terminal.styles import DEFAULT_PEN, Pen
from synk.terminal.writer import Place


class Canvas(Protocol):
    """What is needed of the screen."""

    grid: Grid
    pen: Pen
    mode: set[int]
    is_plain: bool
    last_drawn: str

    @property
    def place(self) -> Place:
        """The cursor."""

    def draw(self, data: str) -> None:
        """Write text at the cursor."""

    def draw_sent(self, source: str) -> None:
        """Write text with SGR sequences in it."""

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        """EL."""

    def newline(self) -> None:
        """CR LF."""

    def erase_pen(self) -> str:
        """Character of the pen that blanks get."""


class WholeLines:
    """Writes such lines."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas

    def draw(self, block: str) -> None:
        """Write whole lines of ASCII text with SGR sequences in it, each ended by CR LF: the same as drawing them one by one."""
        if self._canvas.place.x and "\x1b" not in block:
            # The rest of a line that was there before.
            line, _, block = block.partition("\r\n")
            self._draw_line(line)
            if not block:
                return
        if self._append_text(block):
            return
        lines = block.split("\r\n")
        lines.pop()
        is_styled = "\x1b" in block
        too_long = self._too_long(lines, is_styled)
        # The pen in the middle of a line counts too where it is wrapped.
        can_wrap = not is_styled or (bool(too_long) and not may_fill(block))
        is_even = can_wrap or self._ends_without_background(block, lines)
        start, pieces = 0, dict[int, list[str]]()
        for end in (*too_long, len(lines)):
            if end < len(lines) and can_wrap and (rows := self._wrapped(lines[end], is_styled)):
                pieces[end - start] = rows
                continue
            self._draw_segment(lines[start:end] if too_long else lines, pieces, is_styled, is_even)
            if end < len(lines):
                self._draw_line(lines[end])
            start = end + 1
            pieces.clear()

    def _append_text(self, block: str) -> bool:
        """Write short lines of plain text, of which all but the last never become rows; False if this cannot be done."""
        grid = self._canvas.grid
        height = grid.bottom - grid.top + 1
        if "\x1b" in block or self._canvas.pen.char != DEFAULT_PEN or not self._is_at_fresh_line():
            return False
        count = block.count("\n")
        # A line that is too long has no end in one of the parts of half its length.
        part = (grid.columns + 1) // 2 + 1
        if count < height:
            return False
        parts = range(0, len(block) - part + 1, part), range(part, len(block) + 1, part)
        if -1 in map(block.find, repeat("\n"), *parts):
            return False
        above, *lines, _ = block.rsplit("\r\n", height)
        grid.append_text(above + "\r\n", count - len(lines), lines)
        shown = [line for line in lines if line] or [line for line in above.split("\r\n") if line]
        self._canvas.last_drawn = shown[-1] if shown else self._canvas.last_drawn
        return True

    def _is_at_fresh_line(self) -> bool:
        """True if a line written now just comes below all others."""
        cursor = self._canvas.place
        return cursor.x == 0 and cursor.y == self._canvas.grid.bottom and self._canvas.is_plain and self._can_append()

    @staticmethod
    def _ends_without_background(block: str, lines: list[str]) -> bool:
        """True if no line turns a background on and leaves it on at its end: a row that scrolls in would get it."""
        if ERASES in block:
            return not may_fill(block)
        if block.count("\x1b[0m\r\n") + block.count("\x1b[m\r\n") == len(lines) or not may_fill(block):
            return True
        return all([line.endswith(RESET_ENDS) for line in lines if "\x1b" in line])

    def _too_long(self, lines: list[str], is_styled: bool) -> list[int]:
        """Places of lines that are wrapped, or whose last cell on a full row may be erased (EL while a wrap is pending)."""
        columns = self._canvas.grid.columns
        if max(map(len, lines)) <= columns:
            return []
        if not is_styled:
            return [at for at, line in enumerate(lines) if len(line) > columns]
        return [
            at
            for at, line in enumerate(lines)
            if len(line) > columns and (size := len(SGR.sub("", line))) >= columns and (size > columns or ERASES in line)
        ]

    def _wrapped(self, line: str, is_styled: bool) -> list[str]:
        """The rows that a line takes; none if one of them loses its last cell."""
        columns = self._canvas.grid.columns
        if not is_styled:
            return [line[at : at + columns] for at in range(0, len(line), columns)]
        rows: list[str] = []
        start = at = 0
        room = columns
        for sequence in SGR.finditer(line):
            start, room = _fill_rows(line, rows, (start, at, sequence.start()), room, columns)
            if not room and sequence[0] == ERASES:
                return []
            at = sequence.end()
        start, _ = _fill_rows(line, rows, (start, at, len(line)), room, columns)
        rows.append(line[start:])
        return rows

    def _draw_segment(self, lines: list[str], pieces: Mapping[int, list[str]], is_styled: bool, is_even: bool) -> None:
        """Write lines; of those that are wrapped `pieces` has the rows, by their places."""
        can_append = is_even and (not pieces or modes.AUTOWRAP in self._canvas.mode)
        for position, line in enumerate(lines):
            if can_append and self._is_at_fresh_line():
                rows, wrapped = _in_rows(lines, position, pieces)
                self._append(rows, is_styled, wrapped)
                return
            self._draw_line(line)

    def _draw_line(self, line: str) -> None:
        if ERASES in line:
            first, *parts = line.split(ERASES)
            self._canvas.draw_sent(first)
            for part in parts:
                self._canvas.erase_in_line()
                self._canvas.draw_sent(part)
        elif "\x1b" in line:
            self._canvas.draw_sent(line)
        else:
            self._canvas.draw(line)
        self._canvas.newline()

    def _append(self, lines: list[str], is_styled: bool, wrapped: Set[int]) -> None:
        """Write rows of which nobody looks at most: they scroll away as they were sent."""
        grid, pen = self._canvas.grid, self._canvas.pen
        batch = Batch(grid.reader, lines, pen, wrapped) if is_styled else None
        grid.append_lines(lines, pen.char, batch, wrapped)
        if batch is not None:
            self._canvas.pen = batch.pen_after()
            self._canvas.last_drawn = next(filter(None, map(_without_sequences, reversed(lines))), self._canvas.last_drawn)
        else:
            self._canvas.last_drawn = next(filter(None, reversed(lines)), self._canvas.last_drawn)

    def _can_append(self) -> bool:
        """True if a line written now just comes below all others: a fresh row at the bottom margin, no background, no marks."""
        last = self._canvas.grid.rows[self._canvas.grid.bottom]
        return not last.text and not last.pens and not last.marks and self._canvas.erase_pen() == DEFAULT_PEN


def _in_rows(lines: list[str], start: int, pieces: Mapping[int, list[str]]) -> tuple[list[str], Set[int]]:
    """The rows of lines from `start` on, and the places of those that go on in the next one."""
    if not pieces:
        return lines[start:], frozenset()
    rows: list[str] = []
    wrapped: set[int] = set()
    for at, parts in pieces.items():
        if at >= start:
            rows += lines[start:at]
            wrapped.update(range(len(rows), len(rows) + len(parts) - 1))
            rows += parts
            start = at + 1
    return rows + lines[start:], wrapped


def _fill_rows(line: str, rows: list[str], places: tuple[int, int, int], room: int, columns: int) -> tuple[int, int]:
    """Cut rows off as long as text does not fit; `places` are those where the row and the text begin, and its end.

    Returns where the last row begins, and how many more cells fit into it.
    """
    start, at, end = places
    while end - at > room:
        rows.append(line[start : at + room])
        start = at = at + room
        room = columns
    return start, room - (end - at)


def _without_sequences(line: str) -> str:
    return SGR.sub("", line)
