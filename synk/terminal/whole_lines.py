"""Whole lines of text, plain or colored: most of them scroll away before anybody looks, and never become rows."""

from typing import Protocol

from synk.terminal.grid import Grid
from synk.terminal.late_rows import Batch
from synk.terminal.sent import ERASES, RESET_ENDS, SGR, may_fill
from synk.terminal.styles import DEFAULT_PEN, Pen
from synk.terminal.writer import Place


class Canvas(Protocol):
    """What is needed of the screen."""

    grid: Grid
    pen: Pen
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
        columns = self._canvas.grid.columns
        too_long: list[int] = []
        if max(map(len, lines)) > columns:
            too_long = [at for at, line in enumerate(lines) if len(line) > columns and len(SGR.sub("", line)) > columns]
        is_even = not is_styled or self._ends_without_background(block, lines)
        start = 0
        for end in (*too_long, len(lines)):
            self._draw_fitting(lines[start:end] if too_long else lines, is_styled, is_even)
            if end < len(lines):
                self._draw_line(lines[end])
            start = end + 1

    def _append_text(self, block: str) -> bool:
        """Write short lines of plain text, of which all but the last never become rows; False if this cannot be done."""
        grid = self._canvas.grid
        height = grid.bottom - grid.top + 1
        if "\x1b" in block or self._canvas.pen.char != DEFAULT_PEN or not self._is_at_fresh_line():
            return False
        count = block.count("\n")
        # A line that is too long has no end in one of the parts of half its length.
        part = (grid.columns + 1) // 2 + 1
        if count < height or not all([block.find("\n", at, at + part) >= 0 for at in range(0, len(block) - part + 1, part)]):
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

    def _draw_fitting(self, lines: list[str], is_styled: bool, is_even: bool) -> None:
        """Write lines none of which is wrapped."""
        for position, line in enumerate(lines):
            if is_even and self._is_at_fresh_line():
                self._append(lines[position:], is_styled)
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

    def _append(self, lines: list[str], is_styled: bool) -> None:
        """Write lines of which nobody looks at most: they scroll away as they were sent."""
        grid, pen = self._canvas.grid, self._canvas.pen
        batch = Batch(grid.reader, lines, pen) if is_styled else None
        grid.append_lines(lines, pen.char, batch)
        if batch is not None:
            self._canvas.pen = batch.pen_after()
            self._canvas.last_drawn = next(filter(None, map(_without_sequences, reversed(lines))), self._canvas.last_drawn)
        else:
            self._canvas.last_drawn = next(filter(None, reversed(lines)), self._canvas.last_drawn)

    def _can_append(self) -> bool:
        """True if a line written now just comes below all others: a fresh row at the bottom margin, no background, no marks."""
        last = self._canvas.grid.rows[self._canvas.grid.bottom]
        return not last.text and not last.pens and not last.marks and self._canvas.erase_pen() == DEFAULT_PEN


def _without_sequences(line: str) -> str:
    return SGR.sub("", line)
