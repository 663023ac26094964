"""Many lines that left the screen at once, kept as one thing until somebody looks: what a flood leaves behind.

A tuple for each line, and its size, take most of the time of `yes`, `seq` and long listings; nearly all of them are
dropped again before anybody sees them.
"""

from collections.abc import Sequence
from itertools import islice
from operator import itemgetter
from typing import Any

from synk.terminal.blocks import OVERHEAD_BYTES, late_size_of, size_of
from synk.terminal.late_rows import Batch, BatchPens, SentRow
from synk.terminal.rows import PackedRow, Row, packed_pens
from synk.terminal.sent import SGR

SentLine = tuple[str, Batch, bool, int]
"""A row as it was sent, its batch, whether the line goes on, its place in the batch."""
SENT_OVERHEAD_BYTES = 8
"""What a line as it was sent counts more than its text, twice."""

_TEXT, _PENS, _IS_WRAPPED = itemgetter(0), itemgetter(1), itemgetter(2)


class Bundle:
    """Lines of ASCII text in the default pen, or the rows of a batch from one on, or any rows at rest."""

    __slots__ = ("_batch", "_first", "_rows", "_text", "count", "ended", "sent_bytes", "size", "skipped")

    def __init__(self, text: str, count: int, columns: int, batch: Batch | None = None, first: int = 0) -> None:
        """`text` is so many lines, each ended by CR LF; or so many rows of the batch."""
        self._text = text
        self._batch = batch
        self._first = first
        self._rows: list[PackedRow | SentLine] | None = None
        self.count = count
        """Rows that are left."""
        self.ended = count
        """Those of them with which a line ends."""
        self.skipped = 0
        """Rows that were dropped; they count in the sizes until all are."""
        self.sent_bytes = 0
        """Bytes of what is kept as it was sent."""
        if batch is None:
            self.size = OVERHEAD_BYTES * count + len(text) - 2 * count
            """Bytes that the lines take at most when they are worked out."""
        else:
            if batch.wrapped:
                self.ended -= len([at for at in batch.wrapped if first <= at < first + count])
            sizes = list(map(len, batch.lines[first : first + count]))
            self.sent_bytes = sum(sizes)
            self.size = size_of_sent(sizes, columns)

    @classmethod
    def of_rows(cls, rows: list[PackedRow | SentLine], size: int, sent_bytes: int, ended: int) -> "Bundle":
        """These rows, of these sizes, with which so many lines end."""
        bundle = cls("", len(rows), 0)
        bundle._rows, bundle.size, bundle.sent_bytes, bundle.ended = rows, size, sent_bytes, ended
        return bundle

    @property
    def goes_on(self) -> bool:
        """True if the last line goes on after the last row."""
        if self._rows is not None:
            return self._rows[-1][2]
        return self._batch is not None and self._first + self.skipped + self.count - 1 in self._batch.wrapped

    def drop(self, lines: int) -> tuple[int, int]:
        """Forget so many of the oldest lines, or all rows if there are no more lines; returns rows and lines that went."""
        count, ended = self.count, self.ended
        if lines < ended or (lines == ended and self.goes_on):
            count = lines
            if self.ended < self.count:
                ends = (at for at, row in enumerate(self.lines(), 1) if not row[2])
                count = next(islice(ends, lines - 1, None))
            ended = lines
        self.count -= count
        self.ended -= ended
        self.skipped += count
        return count, ended

    def cut(self, count: int, columns: int) -> Sequence[PackedRow | SentLine]:
        """Take out the newest rows, fewer than there are."""
        self.count -= count
        lines: Sequence[PackedRow | SentLine]
        if self._rows is not None:
            lines = self._rows[-count:]
            del self._rows[-count:]
        elif self._batch is not None:
            end = self._first + self.skipped + self.count
            lines = self._sent_lines(self._batch, end, count)
        else:
            above, *texts, _ = self._text.rsplit("\r\n", count + 1)
            self._text = above + "\r\n"
            lines = [(text, "", False, ()) for text in texts]
        size, sent, ended = measure(lines, columns)
        self.size -= size
        self.sent_bytes -= sent
        self.ended -= ended
        return lines

    def settle(self, index: int, columns: int) -> tuple[int, int]:
        """Work out the pens of one of these rows; returns how the two sizes changed. Only for rows, none of them skipped."""
        assert self._rows is not None
        line = self._rows[index]
        if isinstance(line[1], str):
            return 0, 0
        text, pens, goes_on, marks = with_text(line)
        settled = text, packed_pens(pens), goes_on, marks
        line = self._rows[index]
        before, sent = sizes_of(line, columns)
        self._rows[index] = settled
        size = size_of(settled) - before
        self.size += size
        self.sent_bytes -= sent
        return size, -sent

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
            return self._sent_lines(self._batch, start, self.count)
        lines = self._text.split("\r\n")
        lines.pop()
        return [(line, "", False, ()) for line in lines[self.skipped :]]

    @staticmethod
    def _sent_lines(batch: Batch, start: int, count: int) -> list[SentLine]:
        lines, wrapped = batch.lines[start : start + count], batch.wrapped
        if wrapped:
            return [(line, batch, at in wrapped, at) for at, line in enumerate(lines, start)]
        return [(line, batch, False, at) for at, line in enumerate(lines, start)]


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
        return batch.lines[index], batch, index in batch.wrapped, index
    return row.packed(columns)


def with_text(line: PackedRow | SentLine) -> PackedRow:
    """The line with its text, if that was not known."""
    text, pens, goes_on, index = line
    if type(pens) is not Batch:
        return line  # type: ignore[return-value]
    return SGR.sub("", text), BatchPens(pens, index), goes_on, ()  # type: ignore[arg-type]


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
        texts = list(map(_TEXT, lines))
        size = len("".join(texts))
        if not all(map(str.isascii, texts)):
            # As `size_of` counts them.
            size += 3 * sum([len(text) for text in texts if not text.isascii()])
        return len(lines) * OVERHEAD_BYTES + size + 2 * len("".join(map(_PENS, lines))), 0, ended
    elif kinds == {Batch}:
        sizes = list(map(len, map(_TEXT, lines)))
        return size_of_sent(sizes, columns), sum(sizes), ended
    both = [sizes_of(line, columns) for line in lines]
    return sum([size for size, _ in both]), sum([sent for _, sent in both]), ended
