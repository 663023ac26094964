"""Short texts written all over the screen, each after a cursor position (CUP): what moves between two frames of a program."""

from collections.abc import Sequence
from operator import length_hint
from typing import Protocol

from synk.terminal import modes
from synk.terminal.grid import Grid
from synk.terminal.rows import Row
from synk.terminal.styles import DEFAULT_PEN, Pen, number
from synk.terminal.writer import Place

# Taking a screen apart and putting it together again takes as long as writing so many texts one by one.
_MANY = 64
_MAX_PLACES = 0x4000
# Stands for a cell beyond the end of a row.
_NOTHING = "\0"
_H = ord("H")


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

    def cursor_position(self, line: int | None = None, column: int | None = None) -> None:
        """CUP."""

    def draw(self, data: str) -> None:
        """Write text at the cursor."""


class _Places(dict[bytes, int]):
    """Cells by positions as they are written, worked out at the first time: the rest of the loop finds them in C."""

    def __init__(self, columns: int, lines: int) -> None:
        self._columns = columns
        self._lines = lines

    def __missing__(self, position: bytes) -> int:
        line, column = _numbers(position)
        at = self[position] = (min(line or 1, self._lines) - 1) * self._columns + min(column or 1, self._columns) - 1
        return at


class Scattered:
    """Writes such texts."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._size = (0, 0)
        self._places = _Places(1, 1)
        self._ends: list[int] = []
        """For each cell where the next row begins."""

    def draw(self, source: str) -> None:
        """Carry out `CSI line ; column H` and ASCII text in turn; neither is missing anywhere."""
        pieces = source.encode("ascii").split(b"\x1b[")
        del pieces[0]
        done = 0
        if len(pieces) >= _MANY and self._is_simple(self._canvas.grid.rows):
            done = self._draw_all(pieces)
        for piece in pieces[done:]:
            place, _, text = piece.partition(b"H")
            self._canvas.cursor_position(*_numbers(place))
            self._canvas.draw(text.decode("ascii"))

    def _is_simple(self, rows: Sequence[Row]) -> bool:
        canvas = self._canvas
        if not canvas.is_plain or modes.ORIGIN in canvas.mode:
            return False
        return all([row.__class__ is Row and not row.is_wrapped and row.kept is None and row.text.isascii() for row in rows])

    def _draw_all(self, pieces: list[bytes]) -> int:
        """Write into one array of all cells of the screen; returns how many texts are done: up to one that is wrapped.

        Three times as fast as one text after the other, each of which makes a new string of its row; bytes, because they
        are put in place without a list of characters.
        """
        canvas = self._canvas
        columns, rows = canvas.grid.columns, canvas.grid.rows
        pen = canvas.pen.char
        cells = bytearray("".join([row.text.ljust(columns, _NOTHING) for row in rows]), "ascii")
        pens: list[str] | None = None
        if pen != DEFAULT_PEN or any([row.pens for row in rows]):
            pens = list("".join([row.pens.ljust(columns, DEFAULT_PEN) for row in rows]))
        known = self._known_places()
        get, ends = known.get, self._ends
        at, rest = 0, iter(pieces)
        done = len(pieces)
        for piece in rest:
            # Many texts are one character, and most places were there before; what is looked up is a place only then.
            if piece[-2] == _H and (found := get(piece[:-2])) is not None:
                at = found
                cells[at] = piece[-1]
                if pens is not None:
                    pens[at] = pen
            else:
                place, _, text = piece.partition(b"H")
                start = known[place]
                end = start + len(text)
                if end > ends[start]:
                    done -= length_hint(rest) + 1
                    break
                at = start
                cells[at:end] = text
                if pens is not None:
                    pens[at:end] = pen * len(text)
        if done:
            self._put_back(cells.decode("ascii"), None if pens is None else "".join(pens))
            last = pieces[done - 1].partition(b"H")[2].decode("ascii")
            line, column = divmod(at, columns)
            canvas.place.y, canvas.place.x = line, column + len(last)
            canvas.last_drawn = last
        return done

    def _known_places(self) -> "_Places":
        """Where positions as they are written are on the screen."""
        columns, lines = size = self._canvas.grid.columns, self._canvas.grid.lines
        if self._size != size or len(self._places) > _MAX_PLACES:
            self._size = size
            self._places = _Places(columns, lines)
            self._ends = [end for end in range(columns, columns * lines + 1, columns) for _ in range(columns)]
        return self._places

    def _put_back(self, cells: str, pens: str | None) -> None:
        grid = self._canvas.grid
        columns = grid.columns
        for y, row in enumerate(grid.rows):
            start = y * columns
            text = cells[start : start + columns].rstrip(_NOTHING).replace(_NOTHING, " ")
            if text != row.text:
                row.text = text
                grid.dirty.add(y)
            if pens is not None:
                row_pens = pens[start : start + columns].rstrip(DEFAULT_PEN)
                if row_pens != row.pens:
                    row.pens = row_pens
                    grid.dirty.add(y)


def _numbers(position: bytes) -> tuple[int, int]:
    line, _, column = position.decode("ascii").partition(";")
    return number(line), number(column)
