"""Rows of the scrollback set aside in blocks of some hundred lines, laid out anew at the present width when somebody looks.

So a resize costs the same however long the scrollback is. `seal` and `blocks` are methods of `Scrollback`, which names them;
the others are for the modules of its other methods.
"""

from collections.abc import Iterable
from itertools import accumulate
from typing import TYPE_CHECKING

from synk.terminal.blocks import BLOCK_LINES, Block, late_size_of, size_of
from synk.terminal.bundles import Bundle, sizes_of, with_text
from synk.terminal.reflow import PIECE_CELLS
from synk.terminal.rows import PackedRow

if TYPE_CHECKING:
    from synk.terminal.scrollback import Scrollback

# Blocks whose rows are kept laid out: more than the rows of the tallest screen touch.
_LAID_OUT = 24


def seal(scrollback: "Scrollback", *, spares_unfinished: bool = False) -> None:
    """Set all rows aside in blocks; on request not those of a line that goes on on the screen."""
    if scrollback.bundles and scrollback.bundles[-1].goes_on:
        scrollback.unbundle()
    _unbundle_for_last_block(scrollback)
    rows = [with_text(line) for line in scrollback.open_rows]
    if scrollback.sent_bytes:
        of_bundles = sum([bundle.sent_bytes for bundle in scrollback.bundles])
        before = sum([sizes_of(line, scrollback.columns)[0] for line in scrollback.open_rows])
        scrollback.size_bytes += sum(map(size_of, rows)) - before
        scrollback.sent_bytes = of_bundles
    scrollback.open_rows.clear()
    scrollback.settled_rows = 0
    scrollback.block_ends = None
    if spares_unfinished and not scrollback.bundles:
        whole = len(rows)
        while whole and rows[whole - 1][2]:
            whole -= 1
        scrollback.open_rows.extend(rows[whole:])
        scrollback.sent_bytes = sum(map(late_size_of, rows[whole:]))
        del rows[whole:]
    last = scrollback.sealed[-1] if scrollback.sealed else None
    if last is not None and (last.goes_on or last.count_lines < BLOCK_LINES // 2) and rows:
        _extend(scrollback, last, rows)
    else:
        _set_aside(scrollback, rows)
    _set_bundles_aside(scrollback)


def _unbundle_for_last_block(scrollback: "Scrollback") -> None:
    """Take apart what goes on the line before, or fills up the newest block: these become rows of it."""
    last = scrollback.sealed[-1] if scrollback.sealed else None
    wanted = BLOCK_LINES if last is not None and last.count_lines < BLOCK_LINES // 2 else 0
    while scrollback.bundles:
        goes_on = scrollback.open_rows[-1][2] if scrollback.open_rows else last is not None and last.goes_on
        if not goes_on and len(scrollback.open_rows) >= wanted:
            return
        scrollback.unbundle_oldest()


def _set_bundles_aside(scrollback: "Scrollback") -> None:
    """Set bundles aside as they are, some hundred lines a block: a flood of 5,000 lines took 10 ms to take apart."""
    some: list[Bundle] = []
    for bundle in scrollback.bundles:
        some.append(bundle)
        if bundle is scrollback.bundles[-1] or (not bundle.goes_on and sum([each.count for each in some]) >= BLOCK_LINES):
            _add_block(scrollback, Block(scrollback.next_number, [], scrollback.columns, some))
            scrollback.sent_bytes -= scrollback.sealed[-1].sent_bytes
            some = []
    scrollback.bundles.clear()
    scrollback.bundled_rows = 0


def _extend(scrollback: "Scrollback", block: Block, rows: list[PackedRow]) -> None:
    """Fill up the newest block; a line that goes on in the rows becomes one line."""
    close_block(scrollback, block)
    if block.lines and block.goes_on and len(block.lines[-1][0]) < PIECE_CELLS:
        head = block.pop()
        scrollback.taken_back += 1
        rows.insert(0, head)
    cut = _cut(rows, 0)
    before = block.sent_bytes
    scrollback.size_bytes += block.extend(rows[:cut], scrollback.columns, scrollback.is_background)
    scrollback.sent_bytes_in_blocks += block.sent_bytes - before
    _set_aside(scrollback, rows[cut:])


def _set_aside(scrollback: "Scrollback", rows: list[PackedRow]) -> None:
    start = 0
    while start < len(rows):
        end = _cut(rows, start)
        _add_block(scrollback, Block(scrollback.next_number, rows[start:end], scrollback.columns))
        start = end


def _add_block(scrollback: "Scrollback", block: Block) -> None:
    scrollback.sealed.append(block)
    scrollback.sent_bytes_in_blocks += block.sent_bytes
    scrollback.next_number += 1


def blocks(scrollback: "Scrollback") -> Iterable[Block]:
    """All lines but those of rows that came after the last `seal`, oldest first, as logical lines."""
    for block in scrollback.sealed:
        close_block(scrollback, block)
    return scrollback.sealed


def unbundle_block(scrollback: "Scrollback", block: Block) -> None:
    """Take the bundles of the block apart, if it is made of any."""
    if block.bundles:
        sent = block.sent_bytes
        scrollback.size_bytes += block.unbundle([with_text(line) for bundle in block.bundles for line in bundle.lines()])
        scrollback.sent_bytes_in_blocks += block.sent_bytes - sent


def close_block(scrollback: "Scrollback", block: Block) -> None:
    """Make logical lines of the rows of the block."""
    if not block.is_closed:
        unbundle_block(scrollback, block)
        scrollback.size_bytes += block.close(scrollback.is_background)


def settle_block(scrollback: "Scrollback", block: Block) -> None:
    """Work out all pens of the block."""
    scrollback.sent_bytes_in_blocks -= block.sent_bytes
    scrollback.size_bytes += block.settle()


def row_ends(scrollback: "Scrollback") -> list[int]:
    """For each block how many rows there are up to its end. Not without blocks."""
    if scrollback.block_ends is None:
        for block in scrollback.sealed:
            close_block(scrollback, block)
        scrollback.block_ends = list(accumulate(block.count(scrollback.columns) for block in scrollback.sealed))
    return scrollback.block_ends


def rows_of(scrollback: "Scrollback", block: Block) -> list[PackedRow]:
    """The rows of a block; those of the blocks looked at least recently are forgotten."""
    if block.sent_bytes:
        settle_block(scrollback, block)
    if block not in scrollback.laid_out:
        scrollback.laid_out.append(block)
        if len(scrollback.laid_out) > _LAID_OUT:
            scrollback.laid_out.popleft().forget_rows()
    return block.rows(scrollback.columns)


def forget_layouts(scrollback: "Scrollback") -> None:
    """Lay all blocks out anew when somebody looks: their lines changed."""
    for block in scrollback.laid_out:
        block.forget_rows()
    scrollback.laid_out.clear()


def _cut(rows: list[PackedRow], start: int) -> int:
    """Where a block that starts at `start` ends: after a whole line if there is one within reason."""
    end = start + BLOCK_LINES
    limit = min(end + BLOCK_LINES, len(rows))
    while end < limit and rows[end - 1][2]:
        end += 1
    return min(end, len(rows))
