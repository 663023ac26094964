"""The lines that left the top of the main screen, bounded in number and bytes, shown as rows of the present width.

New rows are kept as they come, those of a flood in bundles. A change of the width only sets them aside in blocks; a block is
laid out anew when somebody looks at it, so a resize costs the same however long the scrollback is.
"""

from collections import deque
from collections.abc import Callable

from synk.terminal import addresses, newest_end, scrollback_limits, scrollback_rows, sealed_blocks
from synk.terminal.blocks import Block
from synk.terminal.bundles import Bundle, SentLine, measure
from synk.terminal.rows import PackedRow


class Scrollback:
    """A bounded queue of lines: when it is full the oldest go. Rows count from 0, the oldest.

    The limit counts lines as programs ended them, so a narrow screen drops nothing. Rows are in three places, oldest first:
    `sealed`, `open_rows`, `bundles`; these and what is counted of them change only in the modules of the methods.
    """

    def __init__(self, *, limit_lines: int, limit_bytes: int) -> None:
        self.limit_lines = limit_lines
        self.limit_bytes = limit_bytes if limit_lines > 0 else 0
        self.columns = 0
        """Width of the rows; set with `set_columns`."""
        self.is_background: Callable[[str], bool] = lambda _pen: False
        """Tells whether a pen is one of erased cells; set by the owner of the pens."""
        self.lines_total = 0
        """Lines that ended, whatever the width: what `limit_lines` bounds. Of one that goes on only its last row counts,
        wherever that is."""
        self.size_bytes = 0
        """Memory in use, estimated; without the few blocks that are laid out at the moment."""
        self.taken_back = 0
        """How often lines went other ways than from the old end: searches start over when it changes."""
        self.sealed: deque[Block] = deque()
        """What was set aside: see `seal`."""
        self.open_rows: deque[PackedRow | SentLine] = deque()
        """What came since then, row by row."""
        self.bundles: deque[Bundle] = deque()
        """What came after those; taken apart as soon as anything but another bundle comes, or somebody looks."""
        self.bundled_rows = 0
        """Rows in `bundles`."""
        self.settled_rows = 0
        """So many of `open_rows`, from the oldest on, are worked out."""
        self.sent_bytes = 0
        """Bytes of what is kept as it was sent in `open_rows` and `bundles`."""
        self.sent_bytes_in_blocks = 0
        """The same of `sealed`."""
        self.next_number = 0
        """Of the next block. Numbers have no gaps: the one of a block that was taken back is given out again."""
        self.block_ends: list[int] | None = None
        """For each block how many rows there are up to its end; None until somebody asks (see `sealed_blocks.row_ends`)."""
        self.laid_out: deque[Block] = deque()
        """The blocks that somebody looked at last, whose rows are kept."""

    def __len__(self) -> int:
        return len(self.open_rows) + self.bundled_rows + (sealed_blocks.row_ends(self)[-1] if self.sealed else 0)

    @property
    def goes_on(self) -> bool:
        """True if the newest row goes on on the screen."""
        if self.bundles:
            self.unbundle()
        if self.open_rows:
            return self.open_rows[-1][2]
        return bool(self.sealed) and self.sealed[-1].goes_on

    def clear(self) -> None:
        """Drop all lines."""
        self.open_rows.clear()
        self.bundles.clear()
        self.bundled_rows = 0
        self.sealed.clear()
        self.laid_out.clear()
        self.block_ends = None
        self.size_bytes = self.lines_total = self.settled_rows = self.sent_bytes = self.sent_bytes_in_blocks = 0
        self.taken_back += 1

    def set_columns(self, columns: int) -> None:
        """Show rows of this width from now on."""
        if columns != self.columns:
            self.seal()
            self.columns = columns
            self.block_ends = None

    def unbundle(self) -> None:
        """Take the bundles apart."""
        while self.bundles:
            self.unbundle_oldest()

    def unbundle_oldest(self) -> None:
        """Take the oldest bundle apart: its rows join `open_rows`."""
        bundle = self.bundles.popleft()
        lines = bundle.lines()
        size, sent, _ = measure(lines, self.columns)
        self.size_bytes += size - bundle.size
        self.sent_bytes += sent - bundle.sent_bytes
        self.bundled_rows -= bundle.count
        self.open_rows.extend(lines)

    # By subject, as modules of functions that are methods here: no call more than if they stood here.
    push = newest_end.push
    push_row = newest_end.push_row
    push_lines = newest_end.push_lines
    push_copies = newest_end.push_copies
    push_text = newest_end.push_text
    push_sent = newest_end.push_sent
    pop = newest_end.pop
    pop_line = newest_end.pop_line
    unfinished = newest_end.unfinished

    seal = sealed_blocks.seal
    blocks = sealed_blocks.blocks

    address = addresses.address
    index_of = addresses.index_of
    cells_of = addresses.cells_of

    line = scrollback_rows.line
    newest = scrollback_rows.newest
    marked = scrollback_rows.marked

    limit_pens = scrollback_limits.limit_pens
    characters_in_use = scrollback_limits.characters_in_use
