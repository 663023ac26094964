"""The rows of both screens and the scrollback they feed: scrolling, erasing, resizing, and what has to be painted again.

Knows neither cursor nor modes. How lines find their places in a new size is in `resize`.
"""

from collections.abc import Callable, Iterable, Iterator, Set
from itertools import repeat
from weakref import WeakSet

from synk.terminal.anchors import Anchor, Spot
from synk.terminal.bands import Band
from synk.terminal.late_rows import Batch, SentRow
from synk.terminal.marks import Mark, MarkKind, Marks, ShellState, of_pictures, of_shell, with_mark
from synk.terminal.resize import Size, refit
from synk.terminal.row_memory import RowMemory
from synk.terminal.rows import CLUSTER_FIRST, CLUSTER_LAST, Clusters, Row
from synk.terminal.scrollback import Scrollback
from synk.terminal.sent import PenReader
from synk.terminal.styles import DEFAULT_PEN, MAX_PENS, Pen, PenTable

# Fewer between two frames, as tmux sends them for a pane beside another one, are faster row by row: a band has to be taken
# apart for the painter each time.
_FEW_SCROLLS = 8


class Grid:
    """Cells of a terminal. Rows and columns count from 0; `erase` is the character of the pen that blanks get."""

    def __init__(self, *, columns: int, lines: int, scrollback: Scrollback) -> None:
        self.columns = columns
        self.lines = lines
        self.scrollback = scrollback
        self.pens = PenTable()
        self.clusters = Clusters()
        self.scrolled_total = 0
        """Number of the first screen line, counted from the first line ever: lines pushed to the scrollback,
        less those that a taller screen took back. When lines are laid out anew that of the cursor keeps its number."""
        self.shell = ShellState()
        """Where the shell stands, from its marks."""
        self._anchors: WeakSet[Anchor] = WeakSet()
        scrollback.set_columns(columns)
        scrollback.is_background = self._is_background
        self.dirty: set[int] = set()
        """Rows to be painted again, with the two below; always the same set."""
        self.is_all_dirty = True
        """All rows are to be painted: one flag, however often they scroll between two frames."""
        self._is_region_dirty = False
        self.current_pen: Callable[[], Pen] = lambda: self.pens.default
        """Tells the pen in use; set by its owner."""
        self._is_resizing = False
        self.memory = RowMemory()
        self.checksums: dict[tuple[object, ...], int] = {}
        """Of parts of rows, by all that they depend on."""
        self._spared: dict[int, tuple[str, str, tuple[str, int]]] = {}
        """Text and pens of rows that were erased but for their protected cells, with which pen, while no pen was forgotten."""
        self.reader = PenReader(self.pens, self.make_room_for_pens)
        """Works out what rows keep as it was sent."""
        self.is_alternate = False
        self.rows: list[Row] = []
        """The lines shown, top to bottom."""
        self.other_rows: list[Row] = []
        """The lines of the screen that is not shown (main or alternate)."""
        self._cleared: tuple[list[Row], list[Row]] = [], []
        """Main and alternate screen when everything was cleared; rows that are not in `dirty` are as they were then."""
        self._filled: tuple[list[Row], str, str] = [], "", ""
        """A screen of which all rows were filled, with this text and these pens: those that are not in `dirty` still are."""
        self._bare: tuple[list[Row], str, str] = [], "", ""
        """As `_filled`, if no row has marks either."""
        self.clear_all()

    def clear_all(self) -> None:
        """Everything as after the start; the scrollback is emptied."""
        both = (self.other_rows, self.rows) if self.is_alternate else (self.rows, self.other_rows)
        if both[0] is self._cleared[0] and both[1] is self._cleared[1] and self._is_followed():
            # Programs that do so again and again: twice as fast, and more on a large screen.
            self.rows, self.other_rows = both
            for y in self.dirty:
                self.rows[y], self.other_rows[y] = Row(), Row()
        else:
            self.rows = [Row() for _ in range(self.lines)]
            self.other_rows = [Row() for _ in range(self.lines)]
        self._cleared = self.rows, self.other_rows
        self._filled = self._bare = self.rows, "", ""
        self._side_scrolls = 0
        """Since somebody looked."""
        self._band: Band | None = None
        """The columns between the side margins, since they scrolled."""
        self.is_alternate = False
        self.top, self.bottom = 0, self.lines - 1
        """First and last row of the scroll region."""
        self.set_sides(0, self.columns - 1)
        self.scrollback.clear()
        self.shell = ShellState()
        self._touch_all()

    def touch_all(self) -> None:
        """All rows were changed, by somebody else."""
        self._cleared = [], []
        self._filled = self._bare = [], "", ""
        self.is_all_dirty = True

    @property
    def has_dirty(self) -> bool:
        """Whether some row changed since `take_dirty`."""
        return self.is_all_dirty or self._is_region_dirty or bool(self.dirty)

    def _touch_all(self) -> None:
        """All rows are to be painted; those that change from now on are in `dirty`."""
        self.is_all_dirty = True
        self._is_region_dirty = False
        self.dirty.clear()

    def _is_followed(self) -> bool:
        """True if `dirty` has all rows that changed since the last `_touch_all`: nobody took it since, and nothing scrolled."""
        return self.is_all_dirty and not self._is_region_dirty

    def _has_only(self, filled: tuple[list[Row], str, str], text: str, pens: str) -> bool:
        """True if all rows but those in `dirty` are filled with this."""
        return self.rows is filled[0] and filled[1] == text and filled[2] == pens and self._is_followed()

    def take_dirty(self) -> set[int]:
        """Rows that changed since the last call."""
        self._keep_dirty_region()
        self._side_scrolls = 0
        dirty = set(range(self.lines)) if self.is_all_dirty else set(self.dirty)
        self.dirty.clear()
        self.is_all_dirty = False
        return dirty

    def set_region(self, top: int, bottom: int) -> None:
        """Scroll rows `top` to `bottom` (included) from now on."""
        self._keep_dirty_region()
        self.top, self.bottom = top, bottom

    def set_sides(self, left: int, right: int) -> None:
        """Scroll only columns `left` to `right` (included) from now on; the caller asks `has_sides`."""
        self.left, self.right = left, right
        self.has_sides = left > 0 or right < self.columns - 1

    def blank_row(self, erase: str) -> Row:
        """A new row."""
        if erase == DEFAULT_PEN:
            return Row()
        return Row(" " * self.columns, erase * self.columns)

    def scroll_up(self, count: int, erase: str) -> None:
        """Move the region up; what leaves the top of the main screen goes to the scrollback."""
        top, bottom = self.top, self.bottom
        rows = self.rows
        if count == 1:
            # The end of most lines: as few steps as possible.
            self._is_region_dirty = True
            rows.insert(bottom + 1, Row() if erase == DEFAULT_PEN else self.blank_row(erase))
            row = rows.pop(top)
            if top == 0 and not self.is_alternate:
                self.scrollback.push_row(row)
                self.scrolled_total += 1
            return
        if count >= self.lines and top == 0 and bottom == self.lines - 1:
            self._scroll_away(erase)
            return
        self._is_region_dirty = True
        count = min(count, bottom - top + 1)
        rows[bottom + 1 : bottom + 1] = [self.blank_row(erase) for _ in range(count)]
        if top == 0:
            self._leave_top(count)
        else:
            del rows[top : top + count]

    def _scroll_away(self, erase: str) -> None:
        """Move everything up and off the screen."""
        if not self.is_alternate:
            rows, text, pens = self._bare
            if self._has_only(self._bare, text, pens):
                # It was filled before: looking at each of its rows again takes five times as long.
                start, filled = 0, Row(text, pens)
                for y in [*sorted(self.dirty), self.lines]:
                    self.scrollback.push_copies(filled, y - start)
                    if y < self.lines:
                        self.scrollback.push_row(rows[y])
                    start = y + 1
            else:
                self.scrollback.push(self.rows)
            self.scrolled_total += self.lines
        self.fill(self.blank_row(erase))

    def scroll_up_far(self, count: int, erase: str) -> None:
        """As `scroll_up` again and again: more lines than the region has may go to the scrollback, blank ones then."""
        height = self.bottom - self.top + 1
        self.scroll_up(min(count, height), erase)
        blank = count - height
        if blank <= 0 or self.top or self.is_alternate:
            return
        if erase == DEFAULT_PEN:
            self.scrollback.push_lines([""] * blank, DEFAULT_PEN)
        else:
            self.scrollback.push_copies(self.blank_row(erase), blank)
        self.scrolled_total += blank

    def scroll_between_sides(self, first: int, count: int, erase: str) -> None:
        """Move the cells between the side margins up by `count` rows, or down if that is negative, from row `first` of the
        region on; those that pass its end are lost."""
        self._side_scrolls += 1
        if self._side_scrolls > _FEW_SCROLLS:
            self._band_between_sides().scroll(first, self.bottom + 1, count, erase, self.columns)
            self._touch(first, self.bottom)
            return
        left, right, rows = self.left, self.right + 1, range(first, self.bottom + 1)
        for y in rows if count > 0 else reversed(rows):
            if y + count in rows:
                self.rows[y].paste(left, right, self.rows[y + count].cells(left, right))
                self.dirty.add(y)
            else:
                self.erase(y, left, right, erase)

    def shift_columns(self, x: int, count: int, erase: str, *, is_insert: bool) -> None:
        """Blank columns at column `x` of the region, or `count` columns less from there on."""
        self._band_between_sides().shift(self.top, self.bottom + 1, x, count, erase, is_insert=is_insert)
        self._touch(self.top, self.bottom)

    def _band_between_sides(self) -> Band:
        left, right = self.left, self.right + 1
        band = self._band
        if band is None or not band.is_of(self.rows, left, right):
            band = self._band = Band(self.rows, left=left, right=right)
        return band

    def insert_lines(self, y: int, count: int, erase: str) -> None:
        """Blank rows at `y`; the rest of the region moves down, what passes its end is lost."""
        bottom = self.bottom
        count = min(count, bottom - y + 1)
        rows = self.rows
        del rows[bottom + 1 - count : bottom + 1]
        rows[y:y] = [self.blank_row(erase) for _ in range(count)]
        self._touch(y, bottom)

    def delete_lines(self, y: int, count: int, erase: str) -> None:
        """Remove rows at `y`; the rest of the region moves up. Nothing goes to the scrollback."""
        bottom = self.bottom
        count = min(count, bottom - y + 1)
        self.rows[bottom + 1 : bottom + 1] = [self.blank_row(erase) for _ in range(count)]
        del self.rows[y : y + count]
        self._touch(y, bottom)

    def erase(self, y: int, x: int, end: int, erase: str, *, spares_protected: bool = False) -> None:
        """Blank columns `x` to `end` (excluded) of a row; on request not the cells of protected pens."""
        row = self.rows[y]
        if spares_protected and not self.pens.protected.isdisjoint(row.pens[x:end]):
            row.cut(self.columns)
            row.erase_unprotected(x, end, erase, self.pens.protected)
        else:
            row.erase(x, end, erase, self.columns)
            if end >= self.columns:
                row.is_wrapped = False
        self.dirty.add(y)

    def cut(self, y: int, x: int) -> None:
        """Blank a row from column `x` to its end, in the default pen."""
        row = self.rows[y]
        if len(row.text) > x or (row.__class__ is Row and len(row.pens) > x):
            row.cut(x)
        row.is_wrapped = False
        self.dirty.add(y)

    def clear_rows(self, first: int, end: int, erase: str, *, spares_protected: bool = False) -> None:
        """Blank the rows `first` to `end` (excluded); on request not the cells of protected pens. They stay the rows they
        were, with their marks."""
        text, pens = ("", "") if erase == DEFAULT_PEN else (" " * self.columns, erase * self.columns)
        spared: list[int] = []
        if spares_protected and self.pens.protected:
            spared = self._clear_unprotected(first, end, erase)
        lines: Iterable[int] = range(first, end)
        is_all = end - first == self.lines and not spared
        if is_all:
            if self._has_only(self._filled, text, pens):
                lines = list(self.dirty)
            # They keep their marks, and what changed on the other screen is not known any more.
            self._cleared = [], []
            self._bare = [], "", ""
            self._filled = self.rows, text, pens
            self._touch_all()
        else:
            self.dirty.update(lines)
        if spared:
            lines = set(lines).difference(spared)
        rows = self.rows
        for y in lines:
            row = rows[y]
            if row.__class__ is SentRow:
                # It has no marks, and need not be worked out for this.
                rows[y] = Row(text, pens)
            elif row.__class__ is not Row or row.text != text or row.pens != pens or row.is_wrapped:
                # Asking a row that nobody looked at for its pens would work them out.
                row.text = text
                row.pens = pens
                row.is_wrapped = False

    def _clear_unprotected(self, first: int, end: int, erase: str) -> list[int]:
        """Blank what is not protected in the rows that have protected cells; returns their numbers."""
        protected = self.pens.protected
        spared: list[int] = []
        for y in range(first, end):
            row = self.rows[y]
            known = self._spared.get(y)
            if known is not None and known[0] is row.text and known[1] is row.pens and known[2] == (erase, self.pens.forgotten):
                # It was erased so before: looking for protected cells takes a step for each.
                spared.append(y)
            elif not protected.isdisjoint(row.pens):
                self.erase(y, 0, self.columns, erase, spares_protected=True)
                self._spared[y] = row.text, row.pens, (erase, self.pens.forgotten)
                spared.append(y)
        return spared

    def fill(self, row: Row) -> None:
        """Make every row of the screen a copy of this one."""
        text, pens = row.text, row.pens
        if self._has_only(self._bare, text, pens):
            for y in self.dirty:
                self.rows[y] = Row(text, pens)
        else:
            self.rows = [Row(text, pens) for _ in range(self.lines)]
        self._cleared = [], []
        self._filled = self._bare = self.rows, text, pens
        self._touch_all()

    def append_lines(self, lines: list[str], pen: str, batch: Batch | None = None, wrapped: Set[int] = frozenset()) -> None:
        """Rows of ASCII text, the first into the fresh bottom row of the region: those that scroll off again never become
        a `Row`. They are those of `batch`, or in one pen; those of the places in `wrapped` go on in the next one."""
        top, bottom = self.top, self.bottom
        rows = self.rows
        first = max(0, len(lines) - (bottom - top))
        """The first line that stays."""
        leaving = min(len(lines), bottom - top)
        gone = rows[top : top + leaving]
        new = self._rows_of(lines, pen, batch, first, wrapped)
        rows[top:] = rows[top + leaving : bottom] + new + [Row()] + rows[bottom + 1 :]
        if top == 0 and not self.is_alternate:
            self.scrollback.push(gone)
            if first and batch is not None:
                self.scrollback.push_sent(batch, first)
            elif first:
                self.scrollback.push_lines(lines[:first], pen, wrapped)
            self.scrolled_total += leaving + first
        self._is_region_dirty = True

    def append_rows(self, rows: list[Row]) -> None:
        """Full rows, the first in the place of the fresh bottom row of the region, below which a new one comes in."""
        top, bottom = self.top, self.bottom
        shown = self.rows[top:bottom] + rows
        leaving = len(rows)
        self.rows[top : bottom + 1] = [*shown[leaving:], Row()]
        if top == 0 and not self.is_alternate:
            self.scrollback.push(shown[:leaving])
            self.scrolled_total += leaving
        self._is_region_dirty = True

    def append_text(self, above: str, count: int, lines: list[str]) -> None:
        """So many lines of plain text, then those that fill the region but its last row; all old rows of it leave."""
        top, bottom = self.top, self.bottom
        gone = self.rows[top:bottom]
        self.rows[top : bottom + 1] = [*map(Row, lines), Row()]
        if top == 0 and not self.is_alternate:
            self.scrollback.push(gone)
            self.scrollback.push_text(above, count)
            self.scrolled_total += len(gone) + count
        self._is_region_dirty = True

    @staticmethod
    def _rows_of(lines: list[str], pen: str, batch: Batch | None, first: int, wrapped: Set[int]) -> list[Row]:
        """Rows of lines from `first` on."""
        if batch is not None:
            return list(map(SentRow, zip(repeat(batch), range(first, len(lines)))))
        if wrapped:
            pens = "" if pen == DEFAULT_PEN else pen
            return [Row(line, pens * len(line), at in wrapped) for at, line in enumerate(lines[first:], first)]
        if pen == DEFAULT_PEN:
            return list(map(Row, lines[first:]))
        return [Row(line, pen * len(line)) for line in lines[first:]]

    def switch(self, is_alternate: bool) -> None:
        """Show the alternate or the main screen."""
        if is_alternate != self.is_alternate:
            self.rows, self.other_rows = self.other_rows, self.rows
            self.is_alternate = is_alternate
            self.is_all_dirty = True

    def resize(self, *, columns: int, lines: int, cursor_y: int | None, saved: Spot | None) -> tuple[int, Spot | None]:
        """Take a new size (see `refit`); the alternate screen is cut, its program draws again.

        `cursor_y` is the row of the cursor of the main screen, None if that is not known; `saved` its saved cursor.
        Returns by how many rows the cursor's line moved down, and the new place of the saved cursor.
        """
        # Rows are in no place meanwhile where anybody would look for pens in use.
        self._is_resizing = True
        try:
            return self._resize(columns, lines, cursor_y, saved)
        finally:
            self._is_resizing = False

    def _resize(self, columns: int, lines: int, cursor_y: int | None, saved: Spot | None) -> tuple[int, Spot | None]:
        old, new = Size(self.columns, self.lines), Size(columns, lines)
        main, alternate = (self.other_rows, self.rows) if self.is_alternate else (self.rows, self.other_rows)
        anchors = [anchor for anchor in self._anchors if not anchor.is_alternate]
        spots = [Spot(anchor.line - self.scrolled_total, anchor.col) for anchor in anchors]
        # Rows below the text count from its end when the cursor is not known.
        spots.append(Spot(max(0, cursor_y or 0), 0))
        if saved is not None:
            spots.append(saved)
        main[:], spots = refit(
            main, self.scrollback, old=old, new=new, cursor_y=cursor_y, is_at_prompt=self.shell.is_at_prompt, spots=spots
        )
        moved = spots[len(anchors)].y - (cursor_y or 0)
        self._count_anew(self.scrolled_total - moved)
        for anchor, spot in zip(anchors, spots, strict=False):
            anchor.line, anchor.col = self.scrolled_total + spot.y, spot.x
        del alternate[lines:]
        alternate.extend(Row() for _ in range(lines - len(alternate)))
        for row in alternate:
            row.cut(columns)
        self.columns, self.lines = columns, lines
        self.top, self.bottom = 0, lines - 1
        self.set_sides(0, columns - 1)
        self.dirty.clear()
        self.touch_all()
        return moved, spots[-1] if saved is not None else None

    def _count_anew(self, scrolled_total: int) -> None:
        """Give the first line of the screen another number; those of the alternate screen stay where they are on it."""
        for anchor in self._anchors:
            if anchor.is_alternate:
                anchor.line += scrolled_total - self.scrolled_total
        self.scrolled_total = scrolled_total

    def anchor(self, line: int, col: int) -> Anchor:
        """A place that stays with its text when the size changes; `line` is absolute."""
        anchor = Anchor(line, col, is_alternate=self.is_alternate)
        self._anchors.add(anchor)
        return anchor

    def mark(self, x: int, y: int, kind: MarkKind, status: int | None = None) -> None:
        """Set a mark (OSC 133) before a cell of the main screen; the alternate one has none."""
        if self.is_alternate:
            return
        self._bare = [], "", ""
        mark = Mark(kind, x, status)
        self.rows[y].marks = with_mark(self.rows[y].marks, mark)
        if kind is MarkKind.PROMPT:
            # What is below is of the prompt that this one replaces.
            for row in self.rows[y + 1 :]:
                row.marks = of_pictures(row.marks) if row.marks else ()
        self.shell.note(mark)

    def marked(self, low: int, high: int, *, is_backwards: bool = False) -> Iterator[tuple[int, Marks]]:
        """Rows with marks of the shell and these, from row `low` to `high` (excluded; negative ones are in the scrollback)."""
        if self.is_alternate:
            return
        size = len(self.scrollback)
        rows = self.rows
        screen = [(y, marks) for y in range(max(low, 0), min(high, self.lines)) if (marks := of_shell(rows[y].marks))]
        if is_backwards:
            yield from reversed(screen)
        if low < 0:
            for index, marks in self.scrollback.marked(size + low, min(size + high, size), is_backwards=is_backwards):
                if marks := of_shell(marks):
                    yield index - size, marks
        if not is_backwards:
            yield from screen

    def joined(self, cell: str, mark: str) -> str:
        """What is in `cell`, with a combining mark added, as one character."""
        if self.clusters.needs_room:
            self._collect_clusters()
        return self.clusters.joined(cell, mark)

    def stand_in(self, char: str) -> str:
        """The character that stands for one that rows cannot hold."""
        if self.clusters.needs_room:
            self._collect_clusters()
        return self.clusters.stand_in(char)

    def make_room_for_pens(self, current: Pen, waiting: Iterable[str] = ()) -> None:
        """Before a new pen is made: if there is no place, drop those that no cell uses, nor the cells that `waiting` is for."""
        if not self.pens.needs_room or self._is_resizing:
            return
        pen = self.current_pen()
        # Also that of the blanks which somebody is about to write.
        on_screen = {current.char, pen.char, pen.erase or DEFAULT_PEN, *waiting}
        on_screen = set().union(*on_screen, *[row.pens_in_use() for row in self._all_rows()])
        # A half free again is room for long; pictures far back lose their colors before new ones do.
        self.pens.keep_only(on_screen | self.scrollback.limit_pens(on_screen, MAX_PENS // 2))

    def _is_background(self, pen: str) -> bool:
        return self.pens[pen].is_background

    def _collect_clusters(self) -> None:
        in_use = self.scrollback.characters_in_use().union(*[row.text for row in self._all_rows()])
        self.clusters.keep_only({char for char in in_use if CLUSTER_FIRST <= char <= CLUSTER_LAST})

    def _all_rows(self) -> Iterator[Row]:
        yield from self.rows
        yield from self.other_rows

    def _leave_top(self, count: int) -> None:
        """Take `count` rows off the top: into the scrollback, or nowhere from the alternate screen."""
        if not self.is_alternate:
            self.scrollback.push(self.rows[:count])
            self.scrolled_total += count
        del self.rows[:count]

    def _touch(self, first: int, last: int) -> None:
        if first == self.top and last == self.bottom:
            self._is_region_dirty = True
        else:
            self.dirty.update(range(first, last + 1))

    def _keep_dirty_region(self) -> None:
        if self._is_region_dirty:
            self.dirty.update(range(self.top, self.bottom + 1))
            self._is_region_dirty = False
