"""Many lines that left the screen at once, kept as one thing until somebody looks: what a flood leaves behind.

A tuple for each line, and its size, take most of the time of `yes`, `seq` and long listings; nearly all of them are
dropped again before anybody sees them.
"""

from collections.abc import Sequence
from typing import Any

from synk.terminal.blocks import OVERHEAD_BYTES
from synk.terminal.late_rows import Batch
from synk.terminal.rows import PackedRow

SentLine = tuple[str, Batch, bool, int]
"""A line as it was sent, its batch, False, its place in the batch."""
SENT_OVERHEAD_BYTES = 8
"""What a line as it was sent counts more than its text, twice."""


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
