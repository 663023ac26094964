"""Short texts written all over the screen, each after a cursor position (CUP): what moves between two frames of a program."""

from collections.abc import Sequence
from typing import Protocol

from synk.terminal import modes
from synk.terminal.grid import Grid
from synk.terminal.rows import Row
from synk.terminal.styles import DEFAULT_PEN, Pen, number
from synk.terminal.writer import Place

# Taking a screen apart and putting it together again takes as long as writing so many texts one by one: 15 on 80 x 24 and 26
# on 200 x 60 without a look, several times as many where there are pens. A busy machine hands out bites of a few hundred bytes.
_MANY_PLAIN = 24
_MANY = 64
_MAX_PLACES = 0x4000
# Cells behind each row: longer texts are written one by one.
_ROOM = 64
# Stands for a cell beyond the end of a row.
_NOTHING = "\0"
_START, _END = b"\x1b[", b"H"


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
        # Five digits at most, so there is nothing to be limited: a screen has some thousand places, each of which is new once.
        line, _, column = position.partition(b";")
        y, x = min(int(line) or 1, self._lines) - 1, min(int(column) or 1, self._columns) - 1
        at = self[position] = y * (self._columns + _ROOM) + x
        return at


class Scattered:
    """Writes such texts."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._size = (0, 0)
        self._places = _Places(1, 1)

    def draw(self, source: str) -> None:
        """Carry out `CSI line ; column H` and ASCII text in turn; neither is missing anywhere."""
        sent = source.encode("ascii")
        positions = sent.count(_START)
        # Two calls take apart what has no other H in it, as most texts.
        parts = sent.replace(_START, _END).split(_END)
        if len(parts) != 2 * positions + 1:
            parts = [part for piece in sent.split(_START) for part in piece.partition(_END)[::2]][1:]
        # Before the first position there is nothing.
        places, texts = parts[1::2], parts[2::2]
        done = 0
        if positions >= _MANY_PLAIN and self._is_simple(self._canvas.grid.rows) and positions >= (many := self._many()):
            if self._draw_all(places, texts):
                return
            if (fitting := self._count_fitting(places, texts)) >= many and self._draw_all(places[:fitting], texts[:fitting]):
                done = fitting
        for place, text in zip(places[done:], texts[done:], strict=True):
            self._canvas.cursor_position(*_numbers(place))
            self._canvas.draw(text.decode("ascii"))

    def _is_simple(self, rows: Sequence[Row]) -> bool:
        canvas = self._canvas
        if not canvas.is_plain or modes.ORIGIN in canvas.mode:
            return False
        return all([row.__class__ is Row and not row.is_wrapped and _hides_nothing(row) and row.text.isascii() for row in rows])

    def _many(self) -> int:
        """From how many texts on they are written all at once."""
        return _MANY_PLAIN if self._is_without_pens() else _MANY

    def _is_without_pens(self) -> bool:
        return self._canvas.pen.char == DEFAULT_PEN and not any([row.pens for row in self._canvas.grid.rows])

    def _draw_all(self, places: list[bytes], texts: list[bytes]) -> bool:
        """Write into one array of all cells of the screen; False, and nothing is done, if one is wrapped.

        Four times as fast as one text after the other, each of which makes a new string of its row; bytes, because they
        are put in place without a list of characters. Behind each row there is room for what does not fit into it: to look
        there afterwards takes less time than to compare the end of each text with that of its row.
        """
        canvas = self._canvas
        columns, rows = canvas.grid.columns, canvas.grid.rows
        starts = list(map(self._known_places().__getitem__, places))
        width = columns + _ROOM
        cells = bytearray("".join([row.text.ljust(columns, _NOTHING).ljust(width, _NOTHING) for row in rows]), "ascii")
        sent = b"".join(texts)
        if len(sent) == len(texts):
            for start, char in zip(starts, sent, strict=True):
                cells[start] = char
        elif max(map(len, texts)) > _ROOM:
            return False
        else:
            # Into a view: an array of bytes makes another array of what is put into it, which takes twice as long.
            with memoryview(cells) as view:
                for start, text in zip(starts, texts, strict=True):
                    view[start : start + len(text)] = text
        if any(cells[columns::width]):
            return False
        self._put_back(self._texts_of_rows(cells.decode("ascii")), self._pens_of_rows(starts, texts))
        last = texts[-1].decode("ascii")
        line, column = divmod(starts[-1], width)
        canvas.place.y, canvas.place.x = line, column + len(last)
        canvas.last_drawn = last
        return True

    def _count_fitting(self, places: list[bytes], texts: list[bytes]) -> int:
        """How many texts come before the first that is wrapped."""
        columns = self._canvas.grid.columns
        known = self._known_places()
        for at, (place, text) in enumerate(zip(places, texts, strict=True)):
            if known[place] % (columns + _ROOM) + len(text) > columns:
                return at
        return len(texts)

    def _known_places(self) -> "_Places":
        """Where positions as they are written are in the array."""
        columns, lines = size = self._canvas.grid.columns, self._canvas.grid.lines
        if self._size != size or len(self._places) > _MAX_PLACES:
            self._size = size
            self._places = _Places(columns, lines)
        return self._places

    def _texts_of_rows(self, cells: str) -> list[str]:
        columns, lines = self._size
        width = columns + _ROOM
        texts = [cells[start : start + columns].rstrip(_NOTHING) for start in range(0, width * lines, width)]
        return [text.replace(_NOTHING, " ") if _NOTHING in text else text for text in texts]

    def _pens_of_rows(self, starts: list[int], texts: list[bytes]) -> list[str] | None:
        """The pens of all rows; None if they stay as they are."""
        grid = self._canvas.grid
        pen = self._canvas.pen.char
        if self._is_without_pens():
            return None
        width = grid.columns + _ROOM
        pens = list("".join([row.pens.ljust(width, DEFAULT_PEN) for row in grid.rows]))
        for start, text in zip(starts, texts, strict=True):
            size = len(text)
            pens[start : start + size] = pen * size
        joined = "".join(pens)
        return [joined[start : start + grid.columns].rstrip(DEFAULT_PEN) for start in range(0, len(joined), width)]

    def _put_back(self, texts: list[str], pens: list[str] | None) -> None:
        grid = self._canvas.grid
        for y, (row, text) in enumerate(zip(grid.rows, texts, strict=True)):
            if text != row.text:
                row.text = text
                grid.dirty.add(y)
            if pens is not None and pens[y] != row.pens:
                row.pens = pens[y]
                grid.dirty.add(y)


def _hides_nothing(row: Row) -> bool:
    # Each row that was there at the last resize remembers it; few of them hide something.
    return row.kept is None or row.hidden == ("", "")


def _numbers(position: bytes) -> tuple[int, int]:
    line, _, column = position.decode("ascii").partition(";")
    return number(line), number(column)
