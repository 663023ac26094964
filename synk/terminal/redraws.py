"""A screen drawn again: cursor positions (CUP, or CR LF), each followed by text with SGR and EL in it, in one loop."""

import re
from typing import Protocol

from synk.terminal import modes
from synk.terminal.grid import Grid
from synk.terminal.late_rows import Batch, SentRow
from synk.terminal.sent import ERASES, SGR
from synk.terminal.styles import DEFAULT_PEN, Pen, number
from synk.terminal.widths import NARROW
from synk.terminal.writer import Place

# Where a part begins. CR LF is written as one more position before: a pattern that begins with text is found by searching
# for that, in a third of the time.
_POSITION = re.compile(r"\x1b\[([0-9;\r]*+)H")
_LINE_END = "\r"
_MAX_PLACES = 0x4000
# Labels, borders, names: programs draw the same again and again. Two megabytes at most; with half as
# many tmux takes half as long again.
_MAX_KNOWN = 2048
_MAX_KNOWN_CHARS = 256
_NO_ERASE = ""
# Lines that are kept as long as a row is left that shows one of them as it was sent.
_MAX_BATCH = 40
_MAX_LINE_CHARS = 1024
_LEAST_SGR_CHARS = 3
_UNKNOWN = -1


class Canvas(Protocol):
    """What is needed of the screen."""

    grid: Grid
    pen: Pen
    mode: set[int]
    takes_sent: bool
    last_drawn: str

    @property
    def protection(self) -> int:
        """Which erasing spares protected cells; 0 none."""

    @property
    def place(self) -> Place:
        """The cursor."""

    def cursor_position(self, line: int | None = None, column: int | None = None) -> None:
        """CUP."""

    def newline(self) -> None:
        """CR LF."""

    def draw_sent(self, source: str) -> None:
        """Write text with SGR sequences in it."""

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        """EL."""


class Body:
    """What a part draws, from the pen before it on."""

    __slots__ = ("cells", "erase", "following", "known", "pens", "row_pens", "size")

    def __init__(self, cells: str, pens: str, following: Pen, erase: str, known: "Known") -> None:
        self.cells = cells
        self.pens = pens
        self.row_pens = pens.rstrip(DEFAULT_PEN)
        self.following = following
        """The pen after it."""
        self.erase = erase
        """Pen of the blanks from its end to that of the line; "" if it erases nothing."""
        self.known = known
        """What may follow it."""
        self.size = len(cells)


Known = dict[str, Body]
"""By parts as they were sent."""


def _fits(source: str, columns: int) -> bool:
    """True if ASCII text, erased behind it and nowhere else, does not reach the end of the line."""
    size = len(source)
    if size > _MAX_LINE_CHARS or not source.isascii() or source.find(ERASES) != size - len(ERASES):
        return False
    # To count the cells takes a tenth of the time of taking the line apart.
    return size - _LEAST_SGR_CHARS * source.count("\x1b") < columns or len(SGR.sub("", source)) < columns


class Redraws:
    """Draws such parts.

    A dictionary tells what a part does where a token for each sequence and a step for each token did: two to three times
    as fast for what was drawn before, by a third for what was not.
    """

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._size = (0, 0)
        self._places: dict[str, tuple[int, int]] = {}
        self._known: dict[str, Known] = {}
        """By character of the pen before."""
        self._count = 0
        self._forgotten = 0

    def draw(self, source: str) -> str:
        """Carry out positions, each with what follows it; returns what follows the last one."""
        if "\r" in source:
            source = source.replace("\r\n", f"\x1b[{_LINE_END}H")
        parts = _POSITION.split(source)
        canvas = self._canvas
        mode = canvas.mode
        if not canvas.takes_sent or modes.ORIGIN in mode or modes.GRAPHEMES in mode or canvas.protection:
            for at in range(1, len(parts), 2):
                self._move(parts[at])
                self._draw_pieces(parts[at + 1])
        else:
            self._draw_parts(parts)
        return parts[-1]

    def _draw_parts(self, parts: list[str]) -> None:
        canvas = self._canvas
        grid, cursor = canvas.grid, canvas.place
        rows, columns, dirty = grid.rows, grid.columns, grid.dirty
        places = self._known_places()
        pen = canvas.pen
        known = self._known_after(pen)
        reader, fits = grid.reader, _fits
        batch: Batch | None = None
        drawn: list[str] = []
        y, x = cursor.y, cursor.x
        following = iter(parts)
        next(following)
        for position in following:
            source = next(following)
            place = places.get(position)
            if place is not None:
                y, x = place
            elif position == _LINE_END and y != grid.bottom:
                x = 0
                if y < grid.lines - 1:
                    y += 1
            else:
                cursor.y, canvas.pen = y, pen
                self._move(position)
                rows, y, x = grid.rows, cursor.y, cursor.x
                if position != _LINE_END:
                    places[position] = y, x
            if not source:
                continue
            row = rows[y]
            body = known.get(source)
            if body is None:
                canvas.pen = pen
                if x == 0 and source[-3:] == ERASES and (row.__class__ is SentRow or not row.marks) and fits(source, columns):
                    # All of the row is new: what that is will be worked out when somebody looks.
                    line = source[:-3]
                    after = reader.pen_after(line, pen)
                    if after.erase == DEFAULT_PEN:
                        if batch is None or len(batch.lines) >= _MAX_BATCH:
                            batch = Batch(reader, [], pen)
                        rows[y] = SentRow((batch, batch.append(line, pen)))
                        dirty.add(y)
                        drawn.append(line)
                        x = _UNKNOWN
                        pen, known = after, self._known_after(after)
                        continue
                # What is wrapped is drawn piece by piece: to learn it would take longer than that.
                room = columns - x
                if len(source) <= _MAX_KNOWN_CHARS and (len(source) <= room or len(SGR.sub("", source)) <= room):
                    body = self._learn(source, pen, known)
                    known = self._known_after(pen)
            if body is None or (end := x + body.size) > columns or (end == columns and body.erase):
                cursor.y, cursor.x, canvas.pen = y, x, pen
                self._note(drawn)
                self._draw_pieces(source)
                rows, pen, y, x = grid.rows, canvas.pen, cursor.y, cursor.x
                known = self._known_after(pen)
                continue
            cells, erase = body.cells, body.erase
            if erase:
                if row.kept is not None:
                    row.kept = None
                if erase != DEFAULT_PEN:
                    row.write_styled(x, cells + " " * (columns - end), body.pens + erase * (columns - end))
                elif x == 0:
                    row.text = cells
                    row.pens = body.row_pens
                else:
                    row.cut(x)
                    if cells:
                        row.write_styled(x, cells, body.pens)
                row.is_wrapped = False
                dirty.add(y)
                drawn.append(cells)
            elif cells:
                if row.kept is not None:
                    row.kept = None
                row.write_styled(x, cells, body.pens)
                if end == columns:
                    row.is_wrapped = False
                dirty.add(y)
                drawn.append(cells)
            x = end
            pen, known = body.following, body.known
        self._note(drawn)
        if x == _UNKNOWN:
            x = len(SGR.sub("", parts[-1]))
        cursor.y, cursor.x, canvas.pen = y, x, pen

    def _note(self, drawn: list[str]) -> None:
        """Remember the last text of these for REP."""
        while drawn:
            if text := SGR.sub("", drawn.pop()):
                self._canvas.last_drawn = text
                drawn.clear()

    def _learn(self, source: str, pen: Pen, known: Known) -> Body | None:
        """Find out what a part does, and remember it; None if it must be drawn piece by piece."""
        pens = self._canvas.grid.pens
        reader = self._canvas.grid.reader
        before_all = pens.forgotten
        before, erases, behind = source.partition(ERASES)
        cells, of_cells, following = reader.take_apart(before, pen)
        erase = _NO_ERASE
        forgotten = pens.forgotten
        if erases:
            erase = following.erase or pens.erase(following)
            more_cells, more, following = reader.take_apart(behind, following)
            if (more_cells and erase != DEFAULT_PEN) or ERASES in behind or pens.forgotten != forgotten:
                return None
            cells += more_cells
            of_cells += more
        if not (cells.isascii() or NARROW.fullmatch(cells)):
            return None
        body = Body(cells, of_cells, following, erase, self._known_after(following))
        if len(source) <= _MAX_KNOWN_CHARS and forgotten == before_all:
            if self._count >= _MAX_KNOWN:
                self._forget()
            else:
                known[source] = body
                self._count += 1
        return body

    def _known_after(self, pen: Pen) -> Known:
        """What is known to follow this pen."""
        forgotten = self._canvas.grid.pens.forgotten
        if self._forgotten != forgotten:
            self._forget()
            self._forgotten = forgotten
        known = self._known.get(pen.char)
        if known is None:
            if len(self._known) >= _MAX_KNOWN:
                self._forget()
            known = self._known[pen.char] = {}
        return known

    def _forget(self) -> None:
        for known in self._known.values():
            known.clear()
        self._known.clear()
        self._count = 0

    def _known_places(self) -> dict[str, tuple[int, int]]:
        size = self._canvas.grid.columns, self._canvas.grid.lines
        if self._size != size or len(self._places) > _MAX_PLACES:
            self._size = size
            self._places = {}
        return self._places

    def _move(self, position: str) -> None:
        if position == _LINE_END:
            self._canvas.newline()
        else:
            self._canvas.cursor_position(*map(number, position.split(";")[:2]))

    def _draw_pieces(self, source: str) -> None:
        """Draw one sequence after the other."""
        first, *parts = source.split(ERASES)
        self._canvas.draw_sent(first)
        for part in parts:
            self._canvas.erase_in_line()
            self._canvas.draw_sent(part)
