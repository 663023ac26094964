"""Cells between side margins while they scroll: kept apart from what is beside them, so that one more line costs no step per row.

Moving the cells of each row up by one took 60 to 300 us on tall screens; a program that prints between side margins does so
for each line. Here the pieces between the margins are one list, of which a line is taken and to which another one is added.
A row that nobody looks at is told by its place in that list; it becomes an ordinary row when somebody does.
"""

from collections.abc import Sequence
from typing import Any

from synk.terminal.column_shifts import Cells, ColumnShifts, with_deleted, with_inserted
from synk.terminal.rows import STUB, Row, without_halves
from synk.terminal.styles import DEFAULT_PEN

_TEXT: Any = Row.__dict__["text"]
_PENS: Any = Row.__dict__["pens"]
# So many rows stay ordinary ones between two scrolls: those that are written to meanwhile.
_MAX_LOOSE = 4


class BandRow(Row):
    """A row of a band: `ops` is the band and the place in it. Reading or setting text or pens makes it a `Row`."""

    __slots__ = ()

    @property
    def text(self) -> str:
        """As in `Row`, which this row is from now on."""
        return self._work_out().text

    @text.setter
    def text(self, text: str) -> None:
        self._work_out().text = text

    @property
    def pens(self) -> str:
        """As in `Row`, which this row is from now on."""
        return self._work_out().pens

    @pens.setter
    def pens(self, pens: str) -> None:
        self._work_out().pens = pens

    def _work_out(self) -> Row:
        band, y = self.ops
        row: Row = self
        row.__class__ = Row
        band.loosen(y, row)
        return row


class Band:
    """The columns `left` to `right` (excluded) of all rows of a screen."""

    def __init__(self, rows: Sequence[Row], *, left: int, right: int) -> None:
        self.left = left
        self.right = right
        self._rows = list(rows)
        self._cells: list[Cells] = [("", "")] * len(rows)
        self._beside: list[tuple[str, ...]] = [("", "", "", "")] * len(rows)
        """Text and pens on the left, text and pens on the right."""
        self._followed: set[int] = set()
        """Rows with text on the right: what scrolls through these has blanks at its end from then on."""
        self._has_short = False
        """There may be cells without such blanks."""
        self._short_left: set[int] = set()
        """Rows whose text ends before the band: what scrolls through these has blanks before it from then on."""
        self._has_text = False
        self._whole = set(range(len(rows)))
        """Rows that were not taken apart yet: wide characters that cross a margin stay whole until their row scrolls."""
        self._apart = 0, 0
        """Rows of which none is among these."""
        self._loose: dict[int, Cells] = {}
        """Rows that may have changed since they were taken apart, with the text and pens that they had then."""
        self._shifts: ColumnShifts | None = None
        """What happened to the cells of rows that nobody looked at since."""
        self._shifted = range(0)
        """Those rows, and some that are loose."""

    def is_of(self, rows: list[Row], left: int, right: int) -> bool:
        """True if these are the rows, and nobody put another one in the place of one of them."""
        return self.left == left and self.right == right and self._rows == rows

    def scroll(self, first: int, end: int, count: int, erase: str, columns: int) -> None:
        """Move the cells of rows `first` to `end` (excluded) up by `count`, or down if that is negative.

        Blanks with the pen `erase` come in; what leaves is lost.
        """
        if self._shifts is not None:
            self._carry_out()
        if self._loose or self._whole:
            self._take_apart(first, end)
        cells = self._cells
        count = max(first - end, min(count, end - first))
        blank_rows: Sequence[int]
        if count == 1:
            # The end of most lines: as few steps as possible.
            blank_rows = (end - 1,)
            blank = self._blank(end - 1, erase, columns)
            del cells[first]
            cells.insert(end - 1, blank)
        elif count > 0:
            blank_rows = range(end - count, end)
            blanks = [self._blank(y, erase, columns) for y in blank_rows]
            del cells[first : first + count]
            cells[end - count : end - count] = blanks
        else:
            blank_rows = range(first, first - count)
            blanks = [self._blank(y, erase, columns) for y in blank_rows]
            del cells[end + count : end]
            cells[first:first] = blanks
        if self._has_short:
            width = self.right - self.left
            for y in self._followed:
                if first <= y < end and len(cells[y][0]) < width:
                    cells[y] = cells[y][0].ljust(width), cells[y][1]
        if self._has_text and self._short_left:
            for y in [y for y in self._short_left if first <= y < end and cells[y][0]]:
                self._pad_left(y)
        if self.right >= columns:
            for y in blank_rows:
                self._rows[y].is_wrapped = False
        for y in self._loose:
            if first <= y < end:
                self._show(y)

    def shift(self, first: int, end: int, x: int, count: int, erase: str, *, is_insert: bool) -> None:
        """Blanks at column `x` of the rows `first` to `end` (excluded), what passes the end of the band is lost; or so many
        columns from `x` on go, and blanks come in at the end of the band."""
        left, right, rows = self.left, self.right, range(first, end)
        if self._shifts is not None and self._shifted != rows:
            self._carry_out()
        self._take_apart(first, end, cuts_left=x == left)
        if erase != DEFAULT_PEN:
            self._has_text = True
            for y in self._short_left.intersection(rows):
                self._pad_left(y)
        change = with_inserted if is_insert else with_deleted
        for y in self._loose:
            if first <= y < end:
                self._keep(y, change(self._cells[y], x - left, count, erase, right - left))
                self._show(y)
        for y in self._whole:
            if first <= y < end:
                row = self._rows[y]
                row.paste(x, right, change(row.cells(x, right), 0, count, erase, right - x))
        self._shifted = rows
        if self._shifts is None:
            self._shifts = ColumnShifts(right - left)
        if is_insert:
            self._shifts.insert(x - left, count, erase)
        else:
            self._shifts.delete(x - left, count, erase)

    def _carry_out(self) -> None:
        """Find the cells of all rows."""
        shifts = self._shifts
        if shifts is None:
            return
        self._shifts = None
        cells, width = self._cells, self.right - self.left
        # Many rows are alike, most of them blank.
        known: dict[Cells, Cells] = {}
        followed, others = self._followed, self._loose.keys() | self._whole
        for y in self._shifted:
            if y in others:
                continue
            before = cells[y]
            after = known.get(before)
            if after is None:
                after = known[before] = shifts.apply(before)
            if len(after[0]) < width:
                if y in followed:
                    after = after[0].ljust(width), after[1]
                else:
                    self._has_short = True
            cells[y] = after

    def _keep(self, y: int, cells: Cells) -> None:
        """These are the cells of a row now."""
        text, pens = cells
        width = self.right - self.left
        if len(text) < width:
            if y in self._followed:
                text = text.ljust(width)
            else:
                self._has_short = True
        self._cells[y] = text, pens

    def _pad_left(self, y: int) -> None:
        left, *others = self._beside[y]
        self._beside[y] = left.ljust(self.left), *others
        self._short_left.discard(y)

    def _blank(self, y: int, erase: str, columns: int) -> Cells:
        """What erasing the band in a row leaves: cells that nobody wrote to stay so."""
        width = self.right - self.left
        if erase != DEFAULT_PEN:
            self._has_text = True
            return " " * width, erase * width
        if self.right < columns and (self._cells[y][0] or self._beside[y][2]):
            return " " * width, ""
        self._has_short = True
        return "", ""

    def _take_apart(self, first: int, end: int, *, cuts_left: bool = True) -> None:
        """Take the rows `first` to `end` (excluded) apart that never were, and all that were written to since.

        Without `cuts_left` those stay whole that have a wide character across the left margin.
        """
        rows = self._rows
        for y in [y for y in self._whole if first <= y < end] if self._whole and self._apart != (first, end) else ():
            if cuts_left or not self._crosses(y, self.left):
                # What happened so far did not happen to this one.
                self._carry_out()
                self._whole.discard(y)
                self._split(y)
                self._bind(y)
        if cuts_left:
            self._apart = first, end
        for y, (text, pens) in list(self._loose.items()):
            row = rows[y]
            if row.text is text and row.pens is pens:
                continue
            if not row.text.isascii():
                is_in = first <= y < end
                if (self._crosses(y, self.left) and not (is_in and cuts_left)) or (not is_in and self._crosses(y, self.right)):
                    del self._loose[y]
                    self._whole.add(y)
                    self._apart = 0, 0
                    continue
            self._split(y)
        if len(self._loose) > _MAX_LOOSE:
            self._carry_out()
            for y in self._loose:
                self._bind(y)
            self._loose.clear()

    def _crosses(self, y: int, column: int) -> bool:
        return column > 0 and self._rows[y].text.startswith(STUB, column)

    def _split(self, y: int) -> None:
        row = self._rows[y]
        text, pens, left, right = row.text, row.pens, self.left, self.right
        if not text.isascii():
            text = without_halves(text, left, right)
        self._cells[y] = text[left:right], pens[left:right]
        self._beside[y] = text[:left], pens[:left], text[right:], pens[right:]
        if len(text) < left:
            self._short_left.add(y)
        else:
            self._short_left.discard(y)
            self._has_text |= len(text) > left
        if len(text) > right:
            self._followed.add(y)
        else:
            self._followed.discard(y)
            self._has_short |= len(text) < right

    def _bind(self, y: int) -> None:
        """Let a row be told by its place."""
        row = self._rows[y]
        row.ops = (self, y)
        # Nothing keeps what they were.
        _TEXT.__set__(row, "")
        _PENS.__set__(row, "")
        row.__class__ = BandRow

    def loosen(self, y: int, row: Row) -> None:
        """Somebody looks at a row, and may change it."""
        if self._rows[y] is row:
            if self._shifts is not None and y in self._shifted:
                self._keep(y, self._shifts.apply(self._cells[y]))
            self._show(y)

    def _show(self, y: int) -> None:
        """Put a row together."""
        row = self._rows[y]
        text, pens = self._cells[y]
        left, left_pens, right, right_pens = self._beside[y]
        width = self.right - self.left
        if right:
            text = text.ljust(width)
        if right_pens:
            pens = pens.ljust(width, DEFAULT_PEN)
        row.text = text = (left.ljust(self.left) if text else left) + text + right
        row.pens = pens = (left_pens.ljust(self.left, DEFAULT_PEN) if pens else left_pens) + pens + right_pens
        self._loose[y] = text, pens
