"""Where a terminal view stands in its lines: following the output, or staying where the user reads."""

from synk.terminal.anchors import Anchor
from synk.terminal.emulator import Emulator


class ScrollPosition:
    """Lines are counted as in `Emulator.scrolled_total`: a line keeps its number while it moves into the scrollback.

    Anchors go with their text when the width changes and lines get other numbers.
    """

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        # None while following: an anchor far up makes the emulator count the rows of all blocks when the width changes.
        self._top_anchor: Anchor | None = None
        self._new_since: Anchor | None = None

    @property
    def _top(self) -> int | None:
        return None if self._top_anchor is None else self._top_anchor.line

    @property
    def is_following(self) -> bool:
        """False while the user has scrolled up."""
        return self._top_anchor is None

    @property
    def new_lines(self) -> int | None:
        """Lines that arrived since the user scrolled up; None while following."""
        if self._top is None or self._new_since is None:
            return None
        return max(0, self._emulator.scrolled_total - self._new_since.line)

    def first_line(self, rows: int) -> int:
        """Number of the line in the first of `rows` rows."""
        if self._top_anchor is not None:
            return max(self._top_anchor.line, self._oldest)
        return self._emulator.scrolled_total + self.skipped(rows)

    def skipped(self, rows: int) -> int:
        """Rows of the screen above the first one shown, while it has more than fit: the cursor stays in sight."""
        emulator = self._emulator
        if emulator.rows <= rows:
            return 0
        return min(emulator.rows - rows, max(0, emulator.cursor.y - rows + 1))

    def move(self, lines: int) -> bool:
        """Move the view, negative is back; at the newest line it follows again. True if it moved."""
        before = self._top
        return self.move_to((self._emulator.scrolled_total if before is None else max(before, self._oldest)) + lines)

    def move_to(self, line: int) -> bool:
        """Show a line in the first row, or the nearest that can be there. True if it moved."""
        before = self._top
        total = self._emulator.scrolled_total
        if self._emulator.modes.alternate_screen:
            return False
        top = max(self._oldest, line)
        if before is None and top < total:
            self._new_since = self._emulator.anchor(total, 0)
        if top < total:
            self._top_anchor = self._emulator.anchor(top, 0)
        else:
            self._top_anchor = self._new_since = None
        return self._top != before

    def move_to_oldest(self) -> bool:
        """Show the oldest line. True if it moved."""
        return self.move(-len(self._emulator.scrollback))

    def follow(self) -> bool:
        """Show the newest line and stay there. True if it moved."""
        was_following, self._top_anchor, self._new_since = self.is_following, None, None
        return not was_following

    def catch_up(self) -> bool:
        """After output: follow if there is nothing left to stay at (cleared, or the alternate screen). True if it moved."""
        if self._top is not None and (self._top >= self._emulator.scrolled_total or self._emulator.modes.alternate_screen):
            return self.follow()
        return False

    def is_untouched(self, rows: int) -> bool:
        """Whether all `rows` rows shown are in the scrollback, where output changes nothing."""
        top = self._top
        return top is not None and self._oldest <= top and top + rows <= self._emulator.scrolled_total

    @property
    def _oldest(self) -> int:
        return self._emulator.scrolled_total - len(self._emulator.scrollback)
