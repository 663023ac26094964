"""Many lines that left the screen at once, kept as one thing until somebody looks: what a flood leaves behind.

A tuple for each line, and its size, take most of the time of `yes`, `seq` and long listings; nearly all of them are
dropped again before anybody sees them.
"""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from synk.terminal.blocks import OVERHEAD_BYTES, late_size_of, size_of
from synk.terminal.late_rows import Batch, BatchPens, SentRow
from synk.terminal.rows import PackedRow, Row
from synk.terminal.sent import SGR

SentLine = tuple[str, Batch, bool, int]
"""A line as it was sent, its batch, False, its place in the batch."""
SENT_OVERHEAD_BYTES = 8
"""What a line as it was sent counts more than its text, twice."""

_TEXT, _PENS, _IS_WRAPPED = itemgetter(0), itemgetter(1), itemgetter(2)


class Bundle:
    """Rows that ended: lines of ASCII text in the default pen, or those of a batch from one on, or any rows at rest."""

    __slots__ = ("_batch", "_first", "_rows", "_text", "count", "sent_bytes", "size", "skipped")

    def __init__(self, text: str, count: int, columns: int, batch: Batch | None = None, first: int = 0) -> None:
        """`text` is so many lines, each ended by CR LF, or those lines of the batch."""
        self._text = text
        self._batch = batch
        self._first = first
        self._rows: list[PackedRow | SentLine] | None = None
        self.count = count
        """Lines that are left."""
        self.skipped = 0
        """Lines that were dropped; they count in the sizes until all are."""
        self.sent_bytes = 0
        """Bytes of what is kept as it was sent."""
        if batch is None:
            self.size = OVERHEAD_BYTES * count + len(text) - 2 * count
            """Bytes that the lines take at most when they are worked out."""
        else:
            sizes = list(map(len, batch.lines[first : first + count]))
            self.sent_bytes = sum(sizes)
            self.size = size_of_sent(sizes, columns)

    @classmethod
    def of_rows(cls, rows: list[PackedRow | SentLine], size: int, sent_bytes: int) -> "Bundle":
        """These rows, of these sizes."""
        bundle = cls("", len(rows), 0)
        bundle._rows, bundle.size, bundle.sent_bytes = rows, size, sent_bytes
        return bundle

    def drop(self, count: int) -> None:
        """Forget the oldest lines."""
        self.count -= count
        self.skipped += count

    def pens(self) -> set[Any]:
        """What the pens of the lines are kept in: packed, or not looked at yet."""
        if self._rows is not None:
            return {row[1] for row in self._rows}
        return set() if self._batch is None else {self._batch}

    def lines(self) -> Sequence[PackedRow | SentLine]:
        """What is left, line by line."""
        if self._rows is not None:
            return self._rows[self.skipped :]
        start = self._first + self.skipped
        if self._batch is not None:
            lines = self._batch.lines[start : start + self.count]
            return [(line, self._batch, False, at) for at, line in enumerate(lines, start)]
        lines = self._text.split("\r\n")
        lines.pop()
        return [(line, "", False, ()) for line in lines[self.skipped :]]


def size_of_sent(sizes: list[int], columns: int) -> int:
    """Bytes that lines as they were sent take at most when they are worked out: a cell of its own pen takes five."""
    most = 5 * columns
    if sizes and 2 * max(sizes) > most:
        sizes = [min(size, most // 2) for size in sizes]
    return (OVERHEAD_BYTES + SENT_OVERHEAD_BYTES) * len(sizes) + 2 * sum(sizes)


def place_of_batch(row: Row) -> object:
    """The same for lines of one batch, and for rows that are of none."""
    return row.ops[0] if row.__class__ is SentRow else None


def bundle_of(rows: list[Row], columns: int) -> Bundle | None:
    """Rows of which all are plain lines, or lines of one batch, one after the other; None if they are not."""
    kinds = {row.__class__ for row in rows}
    if kinds == {SentRow}:
        batch, first = rows[0].ops
        if all([row.ops == (batch, at) for at, row in enumerate(rows, first)]):
            return Bundle("", len(rows), columns, batch, first)
    elif kinds == {Row} and not any([row.pens or row.is_wrapped or row.marks or row.kept is not None for row in rows]):
        text = "\r\n".join([*[row.text for row in rows], ""])
        if text.isascii():
            return Bundle(text, len(rows), columns)
    return None


def at_rest(row: Row, columns: int) -> PackedRow | SentLine:
    """The row as the scrollback keeps it; what nobody looked at stays as it was sent."""
    if row.__class__ is SentRow:
        batch, index = row.ops
        return batch.lines[index], batch, False, index
    return row.packed(columns)


def with_text(line: PackedRow | SentLine) -> PackedRow:
    """The line with its text, if that was not known."""
    text, pens, _, index = line
    if type(pens) is not Batch:
        return line  # type: ignore[return-value]
    return SGR.sub("", text), BatchPens(pens, index), False, ()  # type: ignore[arg-type]


def sizes_of(line: PackedRow | SentLine, columns: int) -> tuple[int, int]:
    """Bytes that a line takes at most when it is worked out, and those that are kept as they were sent."""
    if type(line[1]) is Batch:
        size = len(line[0])
        return size_of_sent([size], columns), size
    return size_of(line), late_size_of(line)  # type: ignore[arg-type]


def measure(lines: Sequence[PackedRow | SentLine], columns: int) -> tuple[int, int, int]:
    """The sums of `sizes_of`, and how many lines end in these rows."""
    ended = len(lines) - sum(map(_IS_WRAPPED, lines))
    kinds = set(map(type, map(_PENS, lines)))
    if kinds == {str}:
        text = "".join(map(_TEXT, lines))
        if text.isascii():
            return len(lines) * OVERHEAD_BYTES + len(text) + 2 * len("".join(map(_PENS, lines))), 0, ended
    elif kinds == {Batch}:
        sizes = list(map(len, map(_TEXT, lines)))
        return size_of_sent(sizes, columns), sum(sizes), ended
    both = [sizes_of(line, columns) for line in lines]
    return sum([size for size, _ in both]), sum([sent for _, sent in both]), ended
