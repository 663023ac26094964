"""Puts text into rows where it does not simply fit: wrapping, insert mode, wide characters, combining marks."""

from typing import Protocol

from synk.terminal import modes
from synk.terminal.graphemes import Graphemes, cluster_width
from synk.terminal.grid import Grid
from synk.terminal.late_rows import write_late
from synk.terminal.rectangles import insert_cells
from synk.terminal.rows import CLUSTER_FIRST, CLUSTER_LAST, STUB, Row, narrowed, split_cells
from synk.terminal.sent import Fill, Sent, may_fill
from synk.terminal.styles import DEFAULT_PEN, Pen
from synk.terminal.widths import MARK, NARROW, Widths

# Fewer are written one by one.
_MANY_ROWS = 3


class Place(Protocol):
    """Where the cursor is; `x >= columns` while a wrap is pending."""

    x: int
    y: int


class Paper(Protocol):
    """What a writer needs of the screen it writes on."""

    grid: Grid
    pen: Pen
    mode: set[int]
    last_drawn: str
    """Text whose last character was the last one shown, for REP."""

    @property
    def place(self) -> Place:
        """The cursor."""

    @property
    def column(self) -> int:
        """The column in which the cursor is shown."""

    def wait_to_wrap(self, column: int) -> None:
        """A wrap is pending after `column`."""

    def index(self) -> None:
        """Go to the next line; at the bottom margin the region scrolls."""

    def erase_pen(self) -> str:
        """Character of the pen that blanks get."""


class Writer:
    """Writes at the cursor and moves it. Text holds no control characters and is in its final character set."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._widths = Widths()
        self._graphemes = Graphemes()

    def write(self, text: str) -> None:
        """Write text."""
        paper = self._paper
        if text.isascii():
            paper.last_drawn = text
            self._write_cells(text)
            return
        if modes.GRAPHEMES in paper.mode:
            self._write_graphemes(text)
            return
        if NARROW.fullmatch(text) is not None:
            paper.last_drawn = text
            self._write_cells(text)
            return
        cells = self._widths.cells(text)
        if MARK in cells:
            self._write_marked(cells)
        elif cells:
            paper.last_drawn = cells.rstrip(STUB)
            self._write_cells(cells if paper.grid.columns > 1 else narrowed(cells))

    def _write_cells(self, cells: str) -> None:
        """Write cells, wrapped where the row ends; a wide character is not torn apart."""
        paper = self._paper
        columns = paper.grid.columns
        x = paper.place.x
        if paper.grid.has_sides or x > columns:
            self._write_between_sides(cells)
            return
        start, size = 0, len(cells)
        while x + size - start > columns:
            if modes.AUTOWRAP not in paper.mode:
                self._write_unwrapped(x, cells)
                return
            room = columns - x
            if room > 0 and cells[start + room] == STUB:
                room -= 1
            if room > 0:
                self._put(x, cells[start : start + room])
                start += room
            self._wrap()
            x = 0
            if size - start > _MANY_ROWS * columns and self._scrolls_plainly():
                start = self._append_rows(cells, start)
        self._put(x, cells[start:])

    def _scrolls_plainly(self) -> bool:
        """True if each wrap only scrolls one more blank row into the screen."""
        paper, grid = self._paper, self._paper.grid
        return (
            paper.place.y == grid.bottom
            and modes.INSERT not in paper.mode
            and paper.erase_pen() == DEFAULT_PEN
            and not grid.rows[grid.bottom].marks
            # It may be the bottom row that was there before: a wide character that does not fit leaves its last column.
            and not grid.rows[grid.bottom].text
        )

    def _append_rows(self, cells: str, start: int) -> int:
        """Write full rows into the fresh row at the bottom margin, one after the other; returns where the rest begins.

        All at once: text without line ends, a screen of it in a bite, is three times as fast.
        """
        grid, pen = self._paper.grid, self._paper.pen.char
        columns, size = grid.columns, len(cells)
        rows: list[Row] = []
        if STUB not in cells:
            pens, end = "" if pen == DEFAULT_PEN else pen * columns, start + (size - start - 1) // columns * columns
            rows = [Row(cells[at : at + columns], pens, True) for at in range(start, end, columns)]
            start = end
        while size - start > columns:
            end = start + columns
            if cells[end] == STUB:
                end -= 1
            rows.append(Row(cells[start:end], "" if pen == DEFAULT_PEN else pen * (end - start), True))
            start = end
        grid.append_rows(rows)
        return start

    def is_narrow(self, text: str) -> bool:
        """True if each character is a cell for sure, outside of ASCII too; False says nothing."""
        return NARROW.fullmatch(text) is not None and modes.GRAPHEMES not in self._paper.mode

    def cells_of(self, text: str) -> str | None:
        """The cells of text in which every character is one of its own; None if some are not, or may not be."""
        paper = self._paper
        if text.isascii() or self.is_narrow(text):
            return text
        if modes.GRAPHEMES in paper.mode or paper.grid.columns < 2:
            return None
        cells = self._widths.cells(text)
        return None if MARK in cells else cells

    def write_sent(self, source: str, cells: str) -> None:
        """Write cells with the pens that SGR sequences in `source` give them, from the pen in use on; it stays in use.

        In autowrap mode, without insert mode and side margins. The pens are worked out when somebody looks, so this
        costs nothing for each sequence: pictures in true color are ten times as fast.
        """
        paper = self._paper
        grid, place = paper.grid, paper.place
        columns = grid.columns
        sent = Sent(grid.reader, source, paper.pen)
        start, size = 0, len(cells)
        fills: bool | None = None
        while place.x + size - start > columns:
            x = place.x
            room = columns - x
            if room > 0 and cells[start + room] == STUB:
                room -= 1
            if room > 0:
                self._put_sent(x, cells[start : start + room], sent, start, size)
                start += room
            if fills is None:
                fills = paper.pen.erase != DEFAULT_PEN or may_fill(source)
            if fills and place.y == grid.bottom:
                # A row that scrolls in gets the background of the character that made it.
                is_late = grid.reader.always_fills(source)
                pen, paper.pen = paper.pen, grid.pens.default if is_late else grid.pens[sent.pens()[start]]
                self._wrap()
                paper.pen = pen
                if is_late:
                    write_late(grid.rows[place.y], 0, " " * columns, (0, columns, Fill(sent, start, columns), 0, None), 0)
            else:
                self._wrap()
        if start < size:
            self._put_sent(place.x, cells[start:], sent, start, size)

    def _put_sent(self, x: int, cells: str, sent: Sent, start: int, size: int) -> None:
        """Write cells of `sent`, whose cell `start` is the first of them; it has `size`."""
        grid, place = self._paper.grid, self._paper.place
        row = grid.rows[place.y]
        count = len(cells)
        # Those of the whole text are shared among the rows.
        write_late(row, x, cells, (x, count, sent, start, None), len(sent.source) * count // size)
        grid.dirty.add(place.y)
        place.x = x + count
        if place.x >= grid.columns:
            row.is_wrapped = False

    def wrap(self) -> None:
        """Carry out the wrap that is pending."""
        if self._paper.grid.has_sides or self._paper.place.x > self._paper.grid.columns:
            self._wrap_between_sides()
        else:
            self._wrap()

    def _write_unwrapped(self, x: int, cells: str) -> None:
        """Write cells of which the last ones all land at the end of the row, each over the one before."""
        columns = self._paper.grid.columns
        x = min(x, columns - 1)
        if STUB not in cells:
            self._put(x, cells[: columns - 1 - x])
            self._put(columns - 1, cells[-1])
            return
        for cell in split_cells(cells):
            # A wide character that does not fit is not shown, as in xterm; a narrow one takes the last column.
            if len(cell) == 1 or x + 2 <= columns:
                x = min(x, columns - 1)
                self._put(x, cell)
                x += len(cell)

    def _write_between_sides(self, cells: str) -> None:
        """Write cells, wrapped from the right margin to the left one; from the right of it at the end of the row."""
        paper = self._paper
        grid, place = paper.grid, paper.place
        if STUB not in cells and modes.AUTOWRAP in paper.mode:
            self._write_pieces_between_sides(cells)
            return
        for cell in split_cells(cells):
            if place.x >= grid.columns and modes.AUTOWRAP in paper.mode:
                self._wrap_between_sides()
            x = paper.column
            end = self._end_of_line(x)
            if x + len(cell) > end:
                if modes.AUTOWRAP in paper.mode:
                    self._wrap_between_sides()
                    x = place.x
                    end = self._end_of_line(x)
                elif len(cell) > 1:
                    continue
                else:
                    x = end - 1
            self._put(x, cell)
            if x + len(cell) >= end:
                paper.wait_to_wrap(end - 1)

    def _write_pieces_between_sides(self, cells: str) -> None:
        """As `_write_between_sides`, for cells of one column in autowrap mode: line by line, without those that scroll away."""
        paper = self._paper
        grid, place = paper.grid, paper.place
        start, size = 0, len(cells)
        while start < size:
            if place.x >= grid.columns:
                self._wrap_between_sides()
                width = grid.right + 1 - grid.left
                height = grid.bottom + 1 - grid.top
                # What comes in is written over, but for the last line.
                surplus = (size - start) // width - height - 1
                if surplus > 0 and place.y == grid.bottom:
                    start += surplus * width
            x = paper.column
            end = self._end_of_line(x)
            if x < grid.left and modes.INSERT in paper.mode:
                # Nothing is moved there.
                end = grid.left
            piece = cells[start : start + end - x]
            self._put(x, piece)
            start += len(piece)
            if x + len(piece) >= end != grid.left:
                paper.wait_to_wrap(end - 1)

    def _end_of_line(self, x: int) -> int:
        """The column where text written from column `x` on is wrapped."""
        grid = self._paper.grid
        return grid.right + 1 if x <= grid.right else grid.columns

    def _wrap_between_sides(self) -> None:
        grid, place = self._paper.grid, self._paper.place
        grid.rows[place.y].is_wrapped = not grid.has_sides
        grid.dirty.add(place.y)
        self._paper.index()
        place.x = grid.left

    def _put(self, x: int, cells: str) -> None:
        """Write cells that fit into the row, and move the cursor behind them."""
        paper = self._paper
        grid, place = paper.grid, paper.place
        row = grid.rows[place.y]
        if modes.INSERT in paper.mode:
            if not grid.has_sides:
                row.insert(x, len(cells), DEFAULT_PEN, grid.columns)
            elif grid.left <= x <= grid.right:
                insert_cells(grid, place.y, x, grid.right + 1, len(cells), DEFAULT_PEN)
        row.write(x, cells, paper.pen.char)
        grid.dirty.add(place.y)
        x += len(cells)
        if x >= grid.columns:
            row.is_wrapped = False
        place.x = x

    def _wrap(self) -> None:
        paper = self._paper
        grid, place = paper.grid, paper.place
        row = grid.rows[place.y]
        row.cut(grid.columns)
        row.is_wrapped = True
        grid.dirty.add(place.y)
        place.x = 0
        paper.index()

    def _write_marked(self, cells: str) -> None:
        """Write cells among which are combining marks: each with the cell before as one cell.

        What is between the marks goes through in one piece: six times as fast as character by character.
        """
        paper = self._paper
        grid = paper.grid
        plain, *marked = cells.split(MARK)
        written: list[str] = []
        wraps = modes.AUTOWRAP in paper.mode
        for piece in ("", *marked):
            if not wraps and written:
                # What does not fit is not shown, and a mark belongs to what is.
                self._write_cells("".join(written))
                written.clear()
            if piece:
                char, plain = piece[0], piece[1:]
                if CLUSTER_FIRST <= char <= CLUSTER_LAST:
                    written.append(grid.stand_in(char))
                    paper.last_drawn = char
                elif written:
                    # The cell is a piece of its own then: more marks do not copy what is before it.
                    written[-1:] = self._joined(written[-1], char)
                else:
                    self._join_to_screen(char)
            if plain:
                written.append(plain if grid.columns > 1 else narrowed(plain))
                paper.last_drawn = plain.rstrip(STUB)
        if written:
            self._write_cells("".join(written))

    def _joined(self, cells: str, mark: str) -> tuple[str, str]:
        """The cells before the last one, and the last one with a mark added."""
        at = len(cells) - 1 - cells.endswith(STUB)
        grid, cell = self._paper.grid, cells[at]
        return cells[:at], (grid.clusters.known_joined(cell + mark) or grid.joined(cell, mark)) + cells[at + 1 :]

    def _write_graphemes(self, text: str) -> None:
        """Write text in mode 2027: every cluster is one cell, or a wide one."""
        if modes.AUTOWRAP not in self._paper.mode and len(text) > 1 and not self._graphemes.are_plain(text):
            # What does not fit is not shown, and what belongs to it joins the character before.
            for char in text:
                self._write_graphemes(char)
            return
        columns = self._paper.grid.columns
        text = "".join([char if Widths.of(char) != 2 or columns > 1 else "\ufffd" for char in text if Widths.of(char) != -1])
        place, before = self._cell_before()
        while text and not before and Widths.of(text[0]) == 0:
            text = text[1:]
        if not text:
            return
        if before.isascii() and self._graphemes.are_plain(text):
            joined, clusters = "", list(text)
        else:
            joined, clusters = self._graphemes.split(before, text)
        if joined:
            self._extend(place, before + joined, joined)
        if len(text) > 1 and any([len(each) > 1 and cluster_width(each[0]) < cluster_width(each) for each in clusters]):
            # One that grows is shown narrow first, and may have to move then.
            for char in text[len(joined) :]:
                self._write_graphemes(char)
            return
        if clusters:
            self._paper.last_drawn = clusters[-1][0]
            self._write_cells("".join(map(self._cells_of_cluster, clusters)))

    def _cells_of_cluster(self, cluster: str) -> str:
        grid = self._paper.grid
        is_simple = len(cluster) == 1 and Widths.of(cluster) != Widths.CLUSTER
        width = min(cluster_width(cluster), grid.columns)
        return (cluster if is_simple else grid.stand_in(cluster)) + STUB * (width - 1)

    def _cell_before(self) -> tuple[int, str]:
        """Column and text of the character left of the cursor; "" if there is none."""
        grid, place = self._paper.grid, self._paper.place
        x = place.x - 1 if place.x <= grid.columns else self._paper.column
        text = grid.rows[place.y].text.ljust(x + 1)
        if x > 0 and text[x] == STUB:
            x -= 1
        return x, grid.clusters.expand(text[x]) if x >= 0 else ""

    def _extend(self, x: int, cluster: str, joined: str) -> None:
        """Add what belongs to the character in column `x`; it may need another cell then."""
        grid, place = self._paper.grid, self._paper.place
        row = grid.rows[place.y]
        text = row.text.ljust(x + 1)
        cell = text[x]
        for char in joined:
            cell = grid.joined(cell, char)
        row.text = text[:x] + cell + text[x + 1 :]
        grid.dirty.add(place.y)
        if cluster_width(cluster) == 2 and text[x + 1 : x + 2] != STUB and grid.columns > 1:
            self._widen(x, cell)

    def _widen(self, x: int, cell: str) -> None:
        """Give the character in column `x`, left of the cursor, a second cell; at the end of the line it moves to the next."""
        paper = self._paper
        grid, place = paper.grid, paper.place
        if modes.AUTOWRAP not in paper.mode and x + 2 > self._end_of_line(x):
            return
        row = grid.rows[place.y]
        pen, paper.pen = paper.pen, grid.pens[row.pens[x : x + 1] or DEFAULT_PEN]
        place.x = x
        if x + 2 > self._end_of_line(x) and modes.AUTOWRAP in paper.mode:
            # It goes to the next line, and is not shown twice.
            row.erase(x, x + 1, DEFAULT_PEN, min(grid.columns, len(row.text)))
        is_inserting = modes.INSERT in paper.mode and x + 2 <= self._end_of_line(x)
        if is_inserting:
            # The first of its cells was inserted already.
            paper.mode.discard(modes.INSERT)
            insert_cells(grid, place.y, x + 1, self._end_of_line(x), 1, DEFAULT_PEN)
        self._write_cells(cell + STUB)
        if is_inserting:
            paper.mode.add(modes.INSERT)
        paper.pen = pen

    def _join_to_screen(self, mark: str) -> None:
        """Add a mark to the character left of the cursor; without one the mark is dropped."""
        grid, place = self._paper.grid, self._paper.place
        row = grid.rows[place.y]
        x = place.x - 1 if place.x <= grid.columns else self._paper.column
        text = row.text.ljust(x + 1)
        if x > 0 and text[x] == STUB:
            x -= 1
        if x >= 0:
            row.text = text[:x] + grid.joined(text[x], mark) + text[x + 1 :]
            grid.dirty.add(place.y)
