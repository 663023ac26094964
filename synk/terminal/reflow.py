"""Lays logical lines out in rows of any width and joins rows to logical lines: pure functions on rows at rest.

A logical line is a `PackedRow` of any length. Joining takes rows as they are, so nothing is lost however often the width
changes; a row that ends early because a wide character did not fit ends early in the join too.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence

from synk.terminal.late_rows import JoinedPens
from synk.terminal.marks import Marks, of_pictures, shifted
from synk.terminal.rows import STUB, LatePens, PackedRow, pack_pens, packed_pens, unpack_pens
from synk.terminal.styles import DEFAULT_PEN

PIECE_CELLS = 0x8000
"""A line that is longer is laid out in pieces that start a row each: what a change of width costs stays bounded."""

# Packed pens that end with a count of 0 tell the pen of all blanks up to the end of the row, however long that is.
_TO_THE_END = "\0"


def join(rows: Sequence[PackedRow], columns: int, is_background: Callable[[str], bool]) -> PackedRow:
    """The rows of one line (or piece) as one; `columns` is the width they were laid out for.

    Blanks at the end are no text: plain ones are left out, and an erased background (pens that are `is_background`) that
    reaches the end of the row does so at any width.
    """
    if len(rows) == 1:
        return _without_blanks(rows[0], columns, is_background)
    texts = [row[0] for row in rows]
    text = "".join(texts)
    pens: str | LatePens = ""
    if any([row[1] for row in rows]):
        joined = JoinedPens([(row[1], len(row[0])) for row in rows])
        # Nobody looks at most lines again.
        pens = joined.packed() if all([type(row[1]) is str for row in rows]) else joined
    marks: Marks = ()
    if any([row[3] for row in rows]):
        start = 0
        for row in rows:
            marks += shifted(row[3], start)
            start += len(row[0])
    is_full = len(texts[-1]) >= columns
    return _without_blanks((text, pens, rows[-1][2], marks), len(text) if is_full else len(text) + 1, is_background)


def _without_blanks(line: PackedRow, full: int, is_background: Callable[[str], bool]) -> PackedRow:
    """A line without the blanks at its end; it fills its last row if it has `full` cells."""
    text, packed, goes_on, marks = line
    if goes_on or text[-1:] != " ":
        return line
    end = len(text.rstrip(" "))
    packed = packed_pens(packed)
    if not packed:
        return text[:end], "", False, marks
    if packed[-1] == _TO_THE_END:
        return line
    pens = unpack_pens(packed)
    if len(pens) >= max(full, end + 1) and is_background(pens[-1]):
        end = max(end, len(pens.rstrip(pens[-1])))
        return text[:end], pack_pens(pens[:end]) + pens[-1] + _TO_THE_END, False, marks
    end = max(end, len(pens))
    return text[:end], packed, False, marks


def chains(rows: Iterable[PackedRow]) -> Iterator[list[PackedRow]]:
    """The rows of each logical line together; a very long line comes in pieces."""
    chain: list[PackedRow] = []
    size = 0
    for row in rows:
        chain.append(row)
        size += len(row[0])
        if not row[2] or size >= PIECE_CELLS:
            yield chain
            chain, size = [], 0
    if chain:
        yield chain


def row_starts(text: str, columns: int) -> Sequence[int]:
    """Where the rows of a line begin; a wide character is not torn apart, unless it is wider than the screen."""
    size = len(text)
    if size <= columns:
        return (0,)
    if STUB not in text:
        return range(0, size, columns)
    starts = [0]
    start = columns
    while start < size:
        if text[start] == STUB:
            start += 1 if start - 1 == starts[-1] else -1
        if start < size:
            starts.append(start)
        start += columns
    return starts


def is_cut(line: PackedRow, columns: int) -> bool:
    """True for a line that stays one row at any width: a picture lies on it, and nothing else reaches beyond the row.

    The parts of a picture would be torn apart by rows between them; so it is cut at the edge, and whole again on a
    wider screen.
    """
    return bool(line[3]) and bool(of_pictures(line[3])) and not line[0][columns:].strip(" ")


def count_rows(text: str, columns: int) -> int:
    """Rows that `lay_out` makes of this text."""
    size = len(text)
    if size <= columns:
        return 1
    return len(row_starts(text, columns)) if STUB in text else -(-size // columns)


def lay_out(line: PackedRow, columns: int) -> list[PackedRow]:
    """The rows of a logical line; all but the last go on, the last as the line does."""
    text, late, goes_on, marks = line
    if type(late) is not str and len(text) <= columns:
        return [line]
    packed = packed_pens(late)
    ends_filled = packed[-1:] == _TO_THE_END
    if len(text) <= columns and not ends_filled:
        return [line]
    pens = unpack_pens(packed) if packed else ""
    if is_cut(line, columns):
        if ends_filled:
            packed = pack_pens(pens.ljust(len(text), DEFAULT_PEN) + packed[-2] * (columns - len(text)))
            line = (text.ljust(columns), packed, goes_on, marks)
        return [line]
    starts = row_starts(text, columns)
    ends = [*starts[1:], len(text)]
    rows: list[PackedRow] = [
        (text[start:end], pack_pens(pens[start:end]) if pens else "", True, _between(marks, start, end) if marks else ())
        for start, end in zip(starts, ends, strict=True)
    ]
    last, last_pens, _, last_marks = rows[-1]
    if marks:
        last_marks = shifted([mark for mark in marks if mark.col >= starts[-1]], -starts[-1])
    if ends_filled and len(last) < columns:
        last_pens = pack_pens(pens[starts[-1] :].ljust(len(last), DEFAULT_PEN) + packed[-2] * (columns - len(last)))
        last = last.ljust(columns)
    rows[-1] = (last, last_pens, goes_on, last_marks)
    return rows


def _between(marks: Marks, start: int, end: int) -> Marks:
    return shifted([mark for mark in marks if start <= mark.col < end], -start)


def place(text: str, columns: int, offset: int) -> tuple[int, int]:
    """Row and column of a cell of a line, or of the gap after its last cell."""
    starts = row_starts(text, columns)
    row = bisect_right(starts, offset) - 1
    return row, min(offset - starts[row], columns)
