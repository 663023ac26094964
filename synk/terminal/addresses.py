"""Cells of the scrollback by the line they are in: how searches and selections find them again at any width.

The functions are methods of `Scrollback`, which names them.
"""

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from synk.terminal.blocks import Block
from synk.terminal.reflow import place
from synk.terminal.sealed_blocks import row_ends, unbundle_block

if TYPE_CHECKING:
    from synk.terminal.scrollback import Scrollback


class Address(NamedTuple):
    """A cell of the scrollback by the line it is in: holds at any width, while the line is not taken back."""

    block: int
    """`Block.number`."""
    line: int
    """Index in `Block.lines`."""
    offset: int
    """Cells from the start of the line."""


def address(scrollback: "Scrollback", index: int, col: int) -> Address | None:
    """Where a cell is, for `index_of`; None if the row does not exist or came after the last `seal`."""
    if not scrollback.sealed or not 0 <= index < row_ends(scrollback)[-1]:
        return None
    ends = row_ends(scrollback)
    number = bisect_right(ends, index)
    block = scrollback.sealed[number]
    line, offset = block.address(index - (ends[number - 1] if number else 0), scrollback.columns)
    return Address(block.number, line, offset + col)


def index_of(scrollback: "Scrollback", address: Address) -> tuple[int, int] | None:
    """Row and column of a cell at the present width; None if its line is gone."""
    found = _line_of(scrollback, address.block, address.line)
    if found is None:
        return None
    block, line = found
    ends = row_ends(scrollback)
    row, col = place(block.lines[line][0], scrollback.columns, address.offset)
    return ends[block.number - scrollback.sealed[0].number] - block.count(scrollback.columns) + block.rows_before(
        line, scrollback.columns
    ) + row, col


def cells_of(scrollback: "Scrollback", block: int, line: int) -> str | None:
    """The text of a line by its address; None if it is gone."""
    found = _line_of(scrollback, block, line)
    return None if found is None else found[0].lines[found[1]][0]


def _line_of(scrollback: "Scrollback", block: int, line: int) -> tuple[Block, int] | None:
    """The block and the place in its lines that an address means."""
    number = block - scrollback.sealed[0].number if scrollback.sealed else -1
    if not 0 <= number < len(scrollback.sealed):
        return None
    found = scrollback.sealed[number]
    unbundle_block(scrollback, found)
    return (found, line - found.dropped) if 0 <= line - found.dropped < len(found.lines) else None
