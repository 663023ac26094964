"""Some hundred neighbouring lines of the scrollback, laid out as rows when they are looked at."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any, Protocol

from synk.terminal.reflow import chains, count_rows, is_cut, join, lay_out, row_starts
from synk.terminal.rows import PackedRow, packed_pens

# Laying out so many lines takes well under a millisecond, and a screenful needs one or two blocks.
BLOCK_LINES = 256
# A tuple, two string headers and a place in the queue, as measured with sys.getsizeof.
OVERHEAD_BYTES = 180


class Bundled(Protocol):
    """Rows that are kept as one thing until somebody looks: see `bundles.Bundle`."""

    count: int
    size: int
    sent_bytes: int

    def lines(self) -> Sequence[Any]:
        """The lines, one by one."""

    def pens(self) -> set[Any]:
        """What their pens are kept in."""

    def drop(self, lines: int) -> tuple[int, int]:
        """Forget so many of the oldest lines; returns rows and lines that went."""


class Block:
    """Lines as programs ended them; before `close` rows as the screen left them, or even bundles of these."""

    def __init__(self, number: int, rows: list[PackedRow], columns: int, bundles: Sequence[Bundled] = ()) -> None:
        """Of rows, or of bundles."""
        self.number = number
        """Blocks count up."""
        self.lines = rows
        """Logical lines, oldest first; rows until the block is closed."""
        self.bundles = list(bundles)
        """What `lines` are made of when somebody looks; empty since then."""
        self.is_closed = False
        self.has_marks = True
        """False if no line has marks; True as long as nobody looked."""
        self.dropped = 0
        """Lines taken from the old end: line `n` of the block as it was made is `lines[n - dropped]`."""
        self._columns = columns
        self.sent_bytes = sum(map(late_size_of, rows)) + sum([bundle.sent_bytes for bundle in bundles])
        """Of pens that nobody looked at; 0 only if there are none."""
        self._before: list[int] | None = None
        self._before_columns = 0
        self._rows: list[PackedRow] | None = None
        self._rows_columns = 0

    @property
    def goes_on(self) -> bool:
        """True if the last line goes on after the block."""
        return bool(self.lines) and self.lines[-1][2]

    @property
    def count_lines(self) -> int:
        """How many lines there are; rows before `close`."""
        return len(self.lines) + sum([bundle.count for bundle in self.bundles])

    def unbundle(self, rows: list[PackedRow]) -> int:
        """Keep these rows, which the bundles were made of; returns by how many bytes the block grew."""
        size = sum([bundle.size for bundle in self.bundles])
        self.bundles.clear()
        self.lines = rows
        self.sent_bytes = sum(map(late_size_of, rows))
        return sum(map(size_of, rows)) - size

    def close(self, is_background: Callable[[str], bool]) -> int:
        """Join rows to lines; returns by how many bytes the block grew."""
        self.is_closed = True
        self._changed()
        if not any([goes_on or marks or text[-1:] == " " for text, _, goes_on, marks in self.lines]):
            # Nothing to join and nothing to cut: most output.
            self.has_marks = False
            return 0
        before = sum(map(size_of, self.lines))
        self.lines = [join(chain, self._columns, is_background) for chain in chains(self.lines)]
        self.has_marks = any([line[3] for line in self.lines])
        return sum(map(size_of, self.lines)) - before

    def extend(self, rows: list[PackedRow], columns: int, is_background: Callable[[str], bool]) -> int:
        """Add rows of another width to the closed block; returns by how many bytes they grew when they were joined."""
        lines = [join(chain, columns, is_background) for chain in chains(rows)]
        self.lines += lines
        self.sent_bytes += sum(map(late_size_of, lines))
        self.has_marks = self.has_marks or any([line[3] for line in lines])
        self._changed()
        return sum(map(size_of, lines)) - sum(map(size_of, rows))

    def settle(self) -> int:
        """Work out all pens; returns by how many bytes the block grew."""
        before = sum(map(size_of, self.lines))
        self.sent_bytes = 0
        self.lines = [(text, packed_pens(pens), goes_on, marks) for text, pens, goes_on, marks in self.lines]
        self._rows = None
        return sum(map(size_of, self.lines)) - before

    def pop(self) -> PackedRow:
        """Take the newest line."""
        text, pens, goes_on, marks = self.lines[-1]
        # Not after it is taken: pens that are nowhere may be forgotten.
        line = text, packed_pens(pens), goes_on, marks
        del self.lines[-1]
        self._changed()
        return line

    def pop_oldest(self) -> PackedRow:
        """Take the oldest line."""
        self.dropped += 1
        line = self.lines.pop(0)
        self._changed()
        return line

    def count(self, columns: int) -> int:
        """Rows of the block at this width."""
        return self._rows_before(columns)[-1]

    def rows_before(self, line: int, columns: int) -> int:
        """Rows above line `line`."""
        return self._rows_before(columns)[line]

    def rows(self, columns: int) -> list[PackedRow]:
        """All rows at this width."""
        if self._rows is None or self._rows_columns != columns:
            rows: list[PackedRow] = []
            for line in self.lines:
                rows += lay_out(line, columns)
            self._rows, self._rows_columns = rows, columns
        return self._rows

    def forget_rows(self) -> None:
        """Free what `rows` keeps."""
        self._rows = None

    def address(self, row: int, columns: int) -> tuple[int, int]:
        """Number of the line (see `dropped`) that row `row` belongs to, and the cell the row starts with."""
        before = self._rows_before(columns)
        line = bisect_right(before, row) - 1
        return line + self.dropped, row_starts(self.lines[line][0], columns)[row - before[line]]

    def _rows_before(self, columns: int) -> list[int]:
        """Rows above each line, and of all of them."""
        if self._before is None or self._before_columns != columns:
            counts = [
                1 if len(line[0]) <= columns or is_cut(line, columns) else count_rows(line[0], columns) for line in self.lines
            ]
            self._before = list(accumulate(counts, initial=0))
            self._before_columns = columns
        return self._before

    def _changed(self) -> None:
        self._before = self._rows = None


def size_of(line: PackedRow) -> int:
    """Bytes a row or line takes, estimated; with pens that nobody looked at so many as it takes at most after that."""
    text, pens, _, _ = line
    # A cell of its own pen takes four bytes more.
    styled = 2 * len(pens) if isinstance(pens, str) else 4 * len(text) + 8
    if text.isascii():
        return OVERHEAD_BYTES + len(text) + styled
    # Up to four bytes a character; most text outside ASCII takes two, a cluster makes the whole line take four.
    return OVERHEAD_BYTES + 4 * len(text) + styled


def late_size_of(line: PackedRow) -> int:
    """Bytes that are kept of a line because nobody looked at its pens yet."""
    pens = line[1]
    return 0 if isinstance(pens, str) else pens.size
