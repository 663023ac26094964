"""Rows of the scrollback at the present width, for those who look at them.

What nobody looks at stays as it came: in bundles, in blocks, with pens that are not worked out. `line`, `newest` and `marked`
are methods of `Scrollback`, which names them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from synk.terminal.blocks import Block, size_of
from synk.terminal.bundles import Bundle, SentLine, measure, sizes_of, with_text
from synk.terminal.marks import Marks
from synk.terminal.rows import PackedRow, packed_pens, unpack_pens
from synk.terminal.sealed_blocks import close_block, row_ends, rows_of

if TYPE_CHECKING:
    from synk.terminal.scrollback import Scrollback

SettledRow = tuple[str, str, bool, Marks]
"""A `PackedRow` whose pens are known."""


class Line(NamedTuple):
    """One row of the scrollback."""

    text: str
    """As in `Row.text`: one character per cell."""
    pens: str
    is_wrapped: bool
    """True: the line goes on in the next one."""
    marks: Marks = ()


def line(scrollback: "Scrollback", index: int) -> Line:
    """Row `index`, 0 is the oldest, -1 the newest. It may be wider than the screen if the screen just got narrower.

    Raises:
        IndexError: there is no such row.
    """
    text, pens, is_wrapped, marks = _row(scrollback, index)
    return Line(text, unpack_pens(pens) if pens else "", is_wrapped, marks)


def newest(scrollback: "Scrollback", count: int, *, limit_rows: int) -> list[SettledRow]:
    """The rows of the newest `count` lines, oldest first; of lines that are too long for `limit_rows` only the end."""
    bundled = _newest_bundled(scrollback, count, limit_rows)
    rows: list[SettledRow] = []
    older = _newest_first(scrollback) if len(bundled) == scrollback.bundled_rows else iter(())
    for row in islice(chain(reversed(bundled), older), limit_rows):
        count -= not row[2]
        if count < 0:
            break
        rows.append(row)
    return rows[::-1]


def _newest_bundled(scrollback: "Scrollback", count: int, limit_rows: int) -> list[SettledRow]:
    """At least the rows in bundles that are among those of the newest so many lines. The other thousands stay as they
    are: a snapshot in the middle of a flood took a millisecond, and what came behind it half as long again."""
    taken: list[PackedRow | SentLine] = []
    ended = 0
    while scrollback.bundles and ended <= count and len(taken) < limit_rows:
        bundle = scrollback.bundles[-1]
        wanted = count + 1 - ended
        if bundle.count <= wanted:
            scrollback.bundles.pop()
            lines = bundle.lines()
            size, sent, _ = measure(lines, scrollback.columns)
            scrollback.size_bytes += size - bundle.size
            scrollback.sent_bytes += sent - bundle.sent_bytes
        else:
            lines = bundle.cut(wanted, scrollback.columns)
        taken[:0] = lines
        ended += sum([not line[2] for line in lines])
    if not taken:
        return []
    bundle = Bundle.of_rows(taken, *measure(taken, scrollback.columns))
    scrollback.bundles.append(bundle)
    for index in range(len(taken)):
        # One by one, and each in its place before the next: only there its pens count as being in use.
        size, sent = bundle.settle(index, scrollback.columns)
        if not scrollback.bundles or scrollback.bundles[-1] is not bundle:
            # Room for these pens was made by taking it apart.
            scrollback.unbundle()
            return []
        scrollback.size_bytes += size
        scrollback.sent_bytes += sent
    return taken  # type: ignore[return-value]


def _newest_first(scrollback: "Scrollback") -> Iterator[SettledRow]:
    """All rows that are in no bundle, without counting those of blocks that are not reached."""
    for index in range(-1, -len(scrollback.open_rows) - 1, -1):
        yield settle_row(scrollback, index)
    for block in reversed(scrollback.sealed):
        close_block(scrollback, block)
        for text, pens, goes_on, marks in reversed(rows_of(scrollback, block)):
            yield text, packed_pens(pens), goes_on, marks


def marked(scrollback: "Scrollback", low: int, high: int, *, is_backwards: bool = False) -> Iterator[tuple[int, Marks]]:
    """Number and marks of each row with marks among rows `low` to `high` (excluded), the newest first if backwards."""
    if scrollback.bundles:
        scrollback.unbundle()
    parts: list[tuple[int, Block | None]] = []
    start = 0
    if scrollback.sealed:
        for block, end in zip(scrollback.sealed, row_ends(scrollback), strict=True):
            if start < high and end > low and block.has_marks:
                parts.append((start, block))
            start = end
    parts.append((start, None))
    for start, part in reversed(parts) if is_backwards else parts:
        rows: Iterable[PackedRow | SentLine] = scrollback.open_rows if part is None else rows_of(scrollback, part)
        found = [
            (start + at, row[3]) for at, row in enumerate(rows) if row[3] and type(row[3]) is tuple and low <= start + at < high
        ]
        yield from reversed(found) if is_backwards else found


def _row(scrollback: "Scrollback", index: int) -> SettledRow:
    if scrollback.bundles:
        scrollback.unbundle()
    if -len(scrollback.open_rows) <= index < 0 or not scrollback.sealed:
        return settle_row(scrollback, index)
    ends = row_ends(scrollback)
    if index < 0:
        index += ends[-1] + len(scrollback.open_rows)
    if index < 0:
        raise IndexError("no such row")
    if index >= ends[-1]:
        return settle_row(scrollback, index - ends[-1])
    number = bisect_right(ends, index)
    block = scrollback.sealed[number]
    text, pens, goes_on, marks = rows_of(scrollback, block)[index - (ends[number - 1] if number else 0)]
    return text, packed_pens(pens), goes_on, marks


def settle_row(scrollback: "Scrollback", index: int) -> SettledRow:
    """Row `index` of those that came after the last `seal`, with its pens worked out."""
    text, pens, goes_on, marks = with_text(scrollback.open_rows[index])
    settled = text, packed_pens(pens), goes_on, marks
    # Making room for these pens may have dropped those of old lines.
    line = scrollback.open_rows[index]
    if isinstance(line[1], str):
        return text, line[1], goes_on, marks
    before, sent = sizes_of(line, scrollback.columns)
    scrollback.sent_bytes -= sent
    scrollback.open_rows[index] = settled
    scrollback.size_bytes += size_of(settled) - before
    return settled
