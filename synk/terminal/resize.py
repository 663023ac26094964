"""The main screen in a new size: which lines are laid out anew, which are left alone, and what goes where.

The line of the cursor is left alone, and so is the prompt above it (known by OSC 133): the program that draws them answers
SIGWINCH by going up as many rows as it drew, clearing and drawing again, so rows that were split or joined behind its
back would leave pieces of the old prompt or swallow output. xterm.js does the same for the line, kitty for the prompt.
What a narrower screen hides of them comes back with a wider one, or with the line in the scrollback.
"""

from typing import NamedTuple

from synk.terminal.anchors import Spot
from synk.terminal.marks import MarkKind, of_pictures
from synk.terminal.reflow import PIECE_CELLS, join, lay_out, place
from synk.terminal.rows import PackedRow, Row
from synk.terminal.scrollback import Scrollback


class Size(NamedTuple):
    """Of a screen."""

    columns: int
    lines: int


def refit(
    rows: list[Row], scrollback: Scrollback, *, old: Size, new: Size, cursor_y: int | None, is_at_prompt: bool, spots: list[Spot]
) -> tuple[list[Row], list[Spot]]:
    """The rows of the main screen in its new size, and where `spots` are now.

    Fewer lines: blank ones below the cursor go first, then lines leave at the top into the scrollback, the cursor's too
    if all below it has text that is not known to be a shell's menu. More lines: they come back from there. `cursor_y`
    None: the cursor is where the text ends.
    """
    used = max((y + 1 for y, row in enumerate(rows) if row.text.strip() or row.pens or of_pictures(row.marks)), default=0)
    cursor_y = max(used - 1, 0) if cursor_y is None else cursor_y
    used = max(used, cursor_y + 1)
    is_full = used == old.lines
    rows = rows[:used]
    first = _first_left_alone(rows, cursor_y, old.columns, is_at_prompt=is_at_prompt)
    if new.columns != old.columns:
        last = cursor_y
        while last < used - 1 and rows[last].goes_on(old.columns):
            last += 1
        layout = _Layout(scrollback, old.columns, new.columns, spots)
        layout.lay_out(rows[:first], 0)
        above = len(layout.rows)
        layout.keep(rows[first : last + 1], first)
        layout.lay_out(rows[last + 1 :], last + 1)
        layout.finish(used)
        rows, spots = layout.rows, layout.spots
        cursor_y, first = cursor_y - first + above, above
    excess = len(rows) - new.lines
    if excess > 0:
        # The shell draws again what is below its cursor (a menu): its prompt stays in sight if it can, the cursor always.
        moved = -max(min(excess, first), cursor_y - new.lines + 1) if is_at_prompt else -excess
        scrollback.push(rows[:-moved])
        rows = rows[-moved : new.lines - moved]
    else:
        wanted = -excess if is_full else min(-excess, max(0, new.lines - old.lines))
        back: list[Row] = []
        while len(back) < wanted and (row := scrollback.pop()) is not None:
            back.append(row)
        moved = len(back)
        rows = back[::-1] + rows
        rows += [Row() for _ in range(new.lines - len(rows))]
    return rows, [Spot(min(y + moved, new.lines - 1), x) for y, x in spots]


def _first_left_alone(rows: list[Row], cursor_y: int, columns: int, *, is_at_prompt: bool) -> int:
    """Where the cursor's line begins, or the prompt above it; 0 if the prompt begins above the screen."""
    first = cursor_y
    if is_at_prompt:
        while first > 0 and not any([mark.kind is MarkKind.PROMPT for mark in rows[first].marks]):
            first -= 1
        return first
    while first > 0 and rows[first - 1].goes_on(columns):
        first -= 1
    return first


class _Layout:
    """Rows of a new width, made from top to bottom, and where spots went."""

    def __init__(self, scrollback: Scrollback, old_columns: int, columns: int, spots: list[Spot]) -> None:
        self._scrollback = scrollback
        self._old_columns = old_columns
        self._columns = columns
        self._old_spots = spots
        self.spots = list(spots)
        """Rows count as in `rows`, negative ones are in the scrollback."""
        self.rows: list[Row] = []
        scrollback.seal()
        size = len(scrollback) if any([y < 0 for y, _ in spots]) else 0
        self._addresses = {index: scrollback.address(size + y, x) for index, (y, x) in enumerate(spots) if y < 0}
        scrollback.set_columns(columns)

    def lay_out(self, rows: list[Row], first_y: int) -> None:
        """Add rows, laid out anew; `first_y` is the number that the first one had."""
        chain: list[PackedRow] = []
        head = self._take_head() if rows and first_y == 0 else None
        for y, row in enumerate(rows, first_y):
            if not chain and head is None and self._fits(row):
                self._note_row(y, len(self.rows))
                self.rows.append(row)
                continue
            chain.append(row.packed(self._old_columns))
            if not chain[-1][2]:
                self._add(head, chain, y + 1 - len(chain))
                chain, head = [], None
        if chain:
            self._add(head, chain, first_y + len(rows) - len(chain))

    def keep(self, rows: list[Row], first_y: int) -> None:
        """Add rows as they are."""
        for y, row in enumerate(rows, first_y):
            row.is_wrapped = row.goes_on(self._old_columns)
            row.keep(self._columns)
            self._note_row(y, len(self.rows))
            self.rows.append(row)

    def _take_head(self) -> PackedRow | None:
        """The part of the first line that is in the scrollback: it is laid out as a whole."""
        scrollback = self._scrollback
        head = scrollback.pop_line() if scrollback.goes_on else None
        if head is not None and len(head[0]) >= PIECE_CELLS:
            # Too long to be laid out in one piece: the next one starts a row of its own.
            self.rows += map(Row.unpacked, lay_out(head, self._columns))
            for index, offset in self._in_head():
                self.spots[index] = Spot(*place(head[0], self._columns, offset))
            head = None
        return head

    def _in_head(self) -> list[tuple[int, int]]:
        """Spots (by index) in the line that was taken back, and their cells."""
        return [
            (index, address.offset)
            for index, address in self._addresses.items()
            if address is not None and self._scrollback.index_of(address) is None
        ]

    def finish(self, used: int) -> None:
        """Find the spots in the scrollback and those below the `used` rows."""
        for index, (y, x) in enumerate(self._old_spots):
            if y >= used:
                self.spots[index] = Spot(y - used + len(self.rows), min(x, self._columns))
        size = len(self._scrollback) if self._addresses else 0
        for index, address in self._addresses.items():
            found = None if address is None else self._scrollback.index_of(address)
            if found is not None:
                self.spots[index] = Spot(found[0] - size, found[1])
            elif address is None:
                # Its line is gone: above all that are left.
                self.spots[index] = Spot(-size - 1, 0)

    def _fits(self, row: Row) -> bool:
        """True if the row is a line by itself and looks the same at the new width."""
        size = len(row.text)
        return (
            size <= self._columns
            and not row.goes_on(self._old_columns)
            and not row.hidden[0]
            and (size < self._old_columns or not row.pens)
        )

    def _add(self, head: PackedRow | None, chain: list[PackedRow], first_y: int) -> None:
        """Add the rows of one line, whose parts on the screen were the rows from `first_y` on."""
        top = len(self.rows)
        line = join([head, *chain] if head else chain, self._old_columns, self._scrollback.is_background)
        self.rows += map(Row.unpacked, lay_out(line, self._columns))
        if not self._old_spots:
            return
        start = len(head[0]) if head else 0
        offsets = self._in_head() if head else []
        for y, part in enumerate(chain, first_y):
            offsets += [(index, start + x) for index, (row, x) in enumerate(self._old_spots) if row == y]
            start += len(part[0])
        for index, offset in offsets:
            row, col = place(line[0], self._columns, offset)
            self.spots[index] = Spot(top + row, col)

    def _note_row(self, old_y: int, y: int) -> None:
        """Spots of a row that stays as it is."""
        for index, (row, x) in enumerate(self._old_spots):
            if row == old_y:
                self.spots[index] = Spot(y, min(x, self._columns))
