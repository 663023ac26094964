"""The screen: cells, cursor, margins, pens and modes behind pyte's interface. The only importer of pyte."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

from pyte.graphics import BG, FG, FG_BG_256
from pyte.screens import Char, Cursor, Margins, StaticDefaultDict
from pyte.screens import Screen as PyteScreen

from synk.terminal import modes, rectangles
from synk.terminal.anchors import Spot
from synk.terminal.charsets import US, Charsets, Sets
from synk.terminal.grid import Grid
from synk.terminal.late_rows import write_late
from synk.terminal.marks import MarkKind
from synk.terminal.redraws import Redraws
from synk.terminal.rows import STUB, Row
from synk.terminal.scattered import Scattered
from synk.terminal.scrollback import Scrollback
from synk.terminal.sent import MAX_SENT_CHARS, MAX_SGR_CHARS, SGR, SHORT_CHARS
from synk.terminal.styles import DEFAULT_PEN, DEFAULT_STYLE, NO_LINK, RGB, Link, Pen, Style
from synk.terminal.whole_lines import WholeLines
from synk.terminal.writer import Writer

TAB_COLUMNS = 8
_ALTERNATE = frozenset({modes.ALTERNATE_47, modes.ALTERNATE_1047, modes.ALTERNATE_1049})


@dataclass(frozen=True, slots=True)
class SavedCursor:
    """What DECSC keeps: one per screen, main and alternate."""

    x: int = 0
    y: int = 0
    is_wrap_pending: bool = False
    style: Style = DEFAULT_STYLE
    link: Link = NO_LINK
    is_protected: bool = False
    charsets: Sets = (US,) * 4
    shifted_in: int = 0
    is_origin: bool = False


class Protection(IntEnum):
    """Which erasing spares the protected cells."""

    OFF = 0
    ISO = 1
    """The last protection was by SPA: every erasing does."""
    DEC = 2
    """It was by DECSCA: only selective erasing does."""


class Screen(PyteScreen):
    """A `pyte.Screen` whose cells live in `grid`; `buffer`, `display` and `cursor` show them as pyte does.

    Columns and lines count from 0, ends are excluded, except where a pyte method takes the 1-based numbers
    of a control sequence. `cursor.x == columns` means that a wrap is pending after the last column, as in pyte;
    after column `c` of the right margin `cursor.x` is `columns + 1 + c`. So whatever moves the cursor ends the wrap.
    """

    def __init__(self, columns: int, lines: int, scrollback: Scrollback) -> None:
        self.grid = Grid(columns=columns, lines=lines, scrollback=scrollback)
        self.saved: dict[bool, SavedCursor] = {}
        """By `grid.is_alternate`."""
        super().__init__(columns, lines)
        self.mode = set(modes.INITIAL)
        """Numbers of the modes that are set, private ones shifted as in pyte (`modes.private`)."""
        self.buffer = CellMap(self)
        self.dirty = self.grid.dirty
        self._writer = Writer(self)
        self.grid.current_pen = self._current_pen
        self.draw_scattered = Scattered(self).draw
        """Carry out cursor positions, each followed by ASCII text."""
        self.redraw = Redraws(self).draw
        """Carry out cursor positions, each followed by text with SGR sequences and EL in it."""
        self.draw_lines = WholeLines(self).draw
        """Write whole lines of ASCII text with SGR sequences in it, each ended by CR LF."""

    def reset(self) -> None:
        """RIS: everything as after the start; the scrollback is emptied, as in xterm."""
        self.grid.clear_all()
        self.saved.clear()
        self.margins = None
        self.mode = set(modes.INITIAL)
        self.title = self.icon_name = ""
        self.reset_tab_stops()
        self.cursor = ScreenCursor(self)
        self.pen = self.grid.pens.default
        self.last_drawn = ""
        """Text whose last character was the last one shown, for REP."""
        self.protection = Protection.OFF
        self.attribute_extent = 0
        """DECSACE: 2 rectangles, else streams of characters."""
        self._use_charsets(Charsets())

    def soft_reset(self) -> None:
        """DECSTR: modes, margins and pen as after the start; text and cursor position stay."""
        self.mode |= {modes.AUTOWRAP, modes.CURSOR_VISIBLE}
        self.mode -= {modes.INSERT, modes.ORIGIN, modes.CURSOR_KEYS, modes.KEYPAD, modes.REVERSE_WRAP}
        self.cursor.hidden = False
        self._reset_margins()
        self.protection = Protection.OFF
        self.pen = self.grid.pens.default
        self.saved.pop(self.grid.is_alternate, None)
        self._use_charsets(Charsets())

    def _use_charsets(self, charsets: Charsets) -> None:
        self.charsets = charsets
        self._update_is_plain()

    def _update_is_plain(self) -> None:
        self.is_plain = self.charsets.is_plain and modes.INSERT not in self.mode and not self.grid.has_sides
        """Text is written as it is, over what is there, up to the last column."""
        self.takes_sent = self.is_plain and self.charsets.sets[0] == US
        """Selecting the US set as G0 (as ncurses does with each reset) changes nothing either."""

    def _current_pen(self) -> Pen:
        return self.pen

    @property
    def place(self) -> Cursor:
        """The cursor, for the writer."""
        return self.cursor

    @property
    def column(self) -> int:
        """Where the cursor is shown: its column, also while a wrap is pending."""
        x, columns = self.cursor.x, self.columns
        if x < columns:
            return x
        return columns - 1 if x == columns else min(x - columns, columns) - 1

    def wait_to_wrap(self, column: int) -> None:
        """The cursor stays at `column`, the end of its line; the next character goes to the next line."""
        self.cursor.x = self.columns if column == self.columns - 1 else self.columns + 1 + column

    @property
    def display(self) -> list[str]:
        """The lines as text, padded to the width of the screen."""
        lines = []
        for row in self.grid.rows:
            text = row.text[: self.columns]
            lines.append(self.grid.clusters.expand(text + " " * (self.columns - len(text))))
        return lines

    def erase_pen(self) -> str:
        """Character of the pen that blanks get: the background color of the pen in use (BCE)."""
        return self.pen.erase or self.grid.pens.erase(self.pen)

    # pyte's own draw() ends at the first zero-width character of a text.
    def draw(self, data: str) -> None:
        """Write printable text at the cursor, wrapping as the modes say. `data` holds no control characters."""
        if self.is_plain and data.isascii():
            cursor = self.cursor
            x = cursor.x
            end = x + len(data)
            if end < self.columns:
                # Nearly all text comes this way: it fits, and nothing but the row changes.
                if data:
                    y = cursor.y
                    grid = self.grid
                    row = grid.rows[y]
                    old = row.text
                    pen = self.pen.char
                    if row.__class__ is not Row or row.pens or pen != DEFAULT_PEN or not old.isascii():
                        row.write(x, data, pen)
                    elif x < len(old):
                        # Plain text in a plain row, without that call: cursor motion is a tenth faster.
                        row.text = old[:x] + data + old[end:]
                    else:
                        row.text = old.ljust(x) + data
                    grid.dirty.add(y)
                    cursor.x = end
                    self.last_drawn = data
                return
        if data:
            if not self.charsets.is_plain:
                data = self.charsets.translate(data)
                self._update_is_plain()
            self._writer.write(data)

    def draw_sent(self, source: str) -> None:
        """Text with SGR sequences in it (see `sent.SGR`): the same as `select` and `draw` in turn."""
        while len(source) > MAX_SENT_CHARS and (cut := source.find("\x1b", MAX_SENT_CHARS)) > 0:
            self.draw_sent(source[:cut])
            source = source[cut:]
        cursor = self.cursor
        x = cursor.x
        text = ""
        if self.takes_sent:
            # Nearly all such text comes this way: it fits, and nothing but the row changes.
            if len(source) < SHORT_CHARS:
                # A few sequences are worked out in the time that it takes to put that off.
                text, pens, following = self.grid.reader.apart(source, self.pen)
                end = x + len(text)
                if end <= self.columns and x < self.columns and (text.isascii() or self._writer.is_narrow(text)):
                    if text:
                        grid = self.grid
                        row = grid.rows[cursor.y]
                        row.write_styled(x, text, pens)
                        if end == self.columns:
                            row.is_wrapped = False
                        grid.dirty.add(cursor.y)
                        cursor.x = end
                        self.last_drawn = text
                    self.pen = following
                    return
            else:
                text = SGR.sub("", source)
                end = x + len(text)
                if end <= self.columns and x < self.columns and (text.isascii() or self._writer.is_narrow(text)):
                    pen = self.pen
                    if text:
                        grid = self.grid
                        row = grid.rows[cursor.y]
                        write_late(row, x, text, (x, len(text), source, pen, grid.reader), len(source))
                        if end == self.columns:
                            row.is_wrapped = False
                        grid.dirty.add(cursor.y)
                        cursor.x = end
                        self.last_drawn = text
                    self.pen = self.grid.reader.pen_after(source, pen)
                    return
        cells = self._cells_of_sent(text)
        if cells is None:
            self._draw_piecewise(source)
            return
        after = self.grid.reader.pen_after(source, self.pen)
        if cells:
            self._writer.write_sent(source, cells)
            self.last_drawn = cells if cells[-1] != STUB else cells[:-1]
        self.pen = after

    def _draw_piecewise(self, source: str) -> None:
        first, *parts = SGR.split(source)
        self.draw(first)
        for sgr, text in zip(parts[::2], parts[1::2], strict=True):
            if sgr is None:
                self.define_charset(US, "(")
            elif len(sgr) < MAX_SGR_CHARS:
                self.select(sgr)
            self.draw(text)

    def _cells_of_sent(self, text: str) -> str | None:
        """The cells of the text if they can be written by the row, else None."""
        if not self.takes_sent or modes.AUTOWRAP not in self.mode or self.cursor.x > self.columns:
            return None
        return text if text.isascii() else self._writer.cells_of(text)

    def repeat(self, count: int | None = None) -> None:
        """REP: draw the last character again, `count` times."""
        if self.last_drawn:
            self._writer.write(self.last_drawn[-1] * min(count or 1, self.columns * self.lines))

    def carriage_return(self) -> None:
        """CR: to the left margin, or to the first column from the left of it."""
        grid = self.grid
        self.cursor.x = grid.left if grid.has_sides and (self.column >= grid.left or modes.ORIGIN in self.mode) else 0

    def newline(self) -> None:
        """CR LF, the end of most lines."""
        if self.grid.has_sides:
            self.carriage_return()
        else:
            self.cursor.x = 0
        self.index()

    def index(self) -> None:
        """IND: one line down; at the bottom margin the region scrolls, unless the cursor is beside it."""
        cursor = self.cursor
        grid = self.grid
        if cursor.x >= self.columns:
            cursor.x = self.column
        if cursor.y == grid.bottom:
            if not grid.has_sides:
                grid.scroll_up(1, self.pen.erase or self.erase_pen())
            elif self._is_between_sides():
                self.scroll_up(1)
        elif cursor.y < self.lines - 1:
            cursor.y += 1

    def _is_between_sides(self) -> bool:
        return self.grid.left <= self.column <= self.grid.right

    def reverse_index(self) -> None:
        """RI: one line up; at the top margin the region scrolls down."""
        cursor = self.cursor
        self._end_pending_wrap()
        if cursor.y == self.grid.top:
            if self._is_between_sides():
                self.scroll_down(1)
        elif cursor.y > 0:
            cursor.y -= 1

    def linefeed(self) -> None:
        """LF, VT, FF: index, and a carriage return in newline mode (LNM)."""
        self.index()
        if modes.NEWLINE in self.mode:
            self.carriage_return()

    def linefeeds(self, count: int) -> None:
        """So many LF, one after the other."""
        grid, cursor = self.grid, self.cursor
        if not count:
            return
        self.linefeed()
        last = grid.bottom if cursor.y <= grid.bottom else self.lines - 1
        down = min(count - 1, last - cursor.y)
        cursor.y += down
        if count - 1 <= down or cursor.y != grid.bottom:
            return
        if not grid.has_sides:
            grid.scroll_up_far(count - 1 - down, self.erase_pen())
        elif self._is_between_sides():
            self.scroll_up(count - 1 - down)

    def next_line(self) -> None:
        """NEL."""
        self.index()
        self.carriage_return()

    def scroll_up(self, count: int | None = None) -> None:
        """SU: lines of the scroll region move up; from the top of the main screen they go to the scrollback."""
        if self.grid.has_sides:
            self.grid.scroll_between_sides(self.grid.top, count or 1, self.erase_pen())
        else:
            self.grid.scroll_up(count or 1, self.erase_pen())

    def scroll_down(self, count: int | None = None) -> None:
        """SD: lines of the scroll region move down, those at its end are lost."""
        if self.grid.has_sides:
            self.grid.scroll_between_sides(self.grid.top, -(count or 1), self.erase_pen())
        else:
            self.grid.insert_lines(self.grid.top, count or 1, self.erase_pen())

    def insert_lines(self, count: int | None = None) -> None:
        """IL: blank lines at the cursor, inside the scroll region only."""
        if self._is_in_region():
            if self.grid.has_sides:
                self.grid.scroll_between_sides(self.cursor.y, -(count or 1), self.erase_pen())
            else:
                self.grid.insert_lines(self.cursor.y, count or 1, self.erase_pen())
            self.cursor.x = self.grid.left

    def delete_lines(self, count: int | None = None) -> None:
        """DL: lines from the cursor on are removed, inside the scroll region only."""
        if self._is_in_region():
            if self.grid.has_sides:
                self.grid.scroll_between_sides(self.cursor.y, count or 1, self.erase_pen())
            else:
                self.grid.delete_lines(self.cursor.y, count or 1, self.erase_pen())
            self.cursor.x = self.grid.left

    def _is_in_region(self) -> bool:
        return self.grid.top <= self.cursor.y <= self.grid.bottom and self._is_between_sides()

    def scroll_left(self, count: int | None = None) -> None:
        """SL: columns of the scroll region move left, if the cursor is in it."""
        self._shift_columns(self.grid.left, count or 1, is_insert=False)

    def scroll_right(self, count: int | None = None) -> None:
        """SR: columns of the scroll region move right, if the cursor is in it."""
        self._shift_columns(self.grid.left, count or 1, is_insert=True)

    def insert_columns(self, count: int | None = None) -> None:
        """DECIC: blank columns at the cursor, in all rows of the scroll region."""
        self._shift_columns(self.column, count or 1, is_insert=True)

    def delete_columns(self, count: int | None = None) -> None:
        """DECDC: columns from the cursor on are removed, in all rows of the scroll region."""
        self._shift_columns(self.column, count or 1, is_insert=False)

    def back_index(self, count: int = 1) -> None:
        """DECBI, so many times: one column to the left; at the left margin the region moves right."""
        while count and self.column != self.grid.left:
            self.cursor_back(1)
            count -= 1
        if count:
            self._shift_columns(self.grid.left, count, is_insert=True)

    def forward_index(self, count: int = 1) -> None:
        """DECFI, so many times: one column to the right; at the right margin the region moves left."""
        while count and self.column != self.grid.right:
            self.cursor_forward(1)
            count -= 1
        if count:
            self._shift_columns(self.grid.left, count, is_insert=False)

    def _shift_columns(self, x: int, count: int, *, is_insert: bool) -> None:
        if self._is_in_region():
            self.grid.shift_columns(x, count, self.erase_pen(), is_insert=is_insert)

    def insert_characters(self, count: int | None = None) -> None:
        """ICH."""
        self._end_pending_wrap()
        if self.grid.has_sides:
            self._shift_cells(count or 1, is_insert=True)
            return
        self._row().insert(self.cursor.x, count or 1, self.erase_pen(), self.columns)

    def _shift_cells(self, count: int, *, is_insert: bool) -> None:
        if self._is_between_sides():
            shift = rectangles.insert_cells if is_insert else rectangles.delete_cells
            shift(self.grid, self.cursor.y, self.cursor.x, self.grid.right + 1, count, self.erase_pen())

    def delete_characters(self, count: int | None = None) -> None:
        """DCH."""
        self._end_pending_wrap()
        if self.grid.has_sides:
            self._shift_cells(count or 1, is_insert=False)
            return
        row = self._row()
        row.delete(self.cursor.x, count or 1, self.erase_pen(), self.columns)
        row.is_wrapped = False

    def erase_characters(self, count: int | None = None) -> None:
        """ECH."""
        self._end_pending_wrap()
        self._erase(self.cursor.y, self.cursor.x, min(self.cursor.x + (count or 1), self.columns), False)

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        """EL; with `private` DECSEL, which spares protected cells."""
        x, y = self.cursor.x, self.cursor.y
        if how == 0 and x < self.columns and not self.protection and self.pen.erase == DEFAULT_PEN:
            # To the end of the line, as after most lines of a redraw, in one step instead of four.
            self.grid.cut(y, x)
            return
        if how > 2:
            return
        self._end_pending_wrap()
        x = self.cursor.x
        if how == 0:
            self._erase(y, x, self.columns, private)
        elif how == 1:
            self._erase(y, 0, x + 1, private)
        else:
            self._erase(y, 0, self.columns, private)

    def erase_in_display(self, how: int = 0, *_: Any, **kwargs: Any) -> None:
        """ED; with `private=True` DECSED. 3 clears the scrollback and nothing else."""
        private = bool(kwargs.get("private"))
        if how == 3:
            if not private:
                self.grid.scrollback.clear()
            return
        if how > 3:
            return
        self._end_pending_wrap()
        y = self.cursor.y
        if how < 2:
            self.erase_in_line(how, private)
        first, end = ((y + 1, self.lines), (0, y), (0, self.lines))[how]
        self.grid.clear_rows(first, end, self.erase_pen(), spares_protected=self._spares(private))

    def _erase(self, y: int, x: int, end: int, private: bool) -> None:
        self.grid.erase(y, x, end, self.pen.erase or self.erase_pen(), spares_protected=self._spares(private))

    def _spares(self, private: bool) -> bool:
        """True if erasing leaves protected cells alone."""
        return bool(self.protection) and (private or self.protection is Protection.ISO)

    def protect(self, how: "Protection", is_protected: bool) -> None:
        """DECSCA, SPA, EPA: what is written from now on is protected, or not."""
        self.protection = how
        if self.pen.is_protected != is_protected:
            self.grid.make_room_for_pens(self.pen)
            self.pen = self.grid.pens.guarded(self.pen, is_protected)

    def _row(self) -> Row:
        self.grid.dirty.add(self.cursor.y)
        return self.grid.rows[self.cursor.y]

    def alignment_display(self) -> None:
        """DECALN: the screen full of E, margins and cursor as after the start."""
        self._reset_margins()
        self.grid.fill(Row("E" * self.columns))
        self.cursor_position()

    def _end_pending_wrap(self) -> None:
        if self.cursor.x >= self.columns:
            self.cursor.x = self.column

    def cursor_up(self, count: int | None = None) -> None:
        """CUU: stops at the top margin if it started at or below it."""
        self._end_pending_wrap()
        y = self.cursor.y
        self.cursor.y = max(y - (count or 1), self.grid.top if y >= self.grid.top else 0)

    def cursor_down(self, count: int | None = None) -> None:
        """CUD: stops at the bottom margin if it started at or above it."""
        self._end_pending_wrap()
        y = self.cursor.y
        self.cursor.y = min(y + (count or 1), self.grid.bottom if y <= self.grid.bottom else self.lines - 1)

    def cursor_up1(self, count: int | None = None) -> None:
        """CPL."""
        self.cursor_up(count)
        self.carriage_return()

    def cursor_down1(self, count: int | None = None) -> None:
        """CNL."""
        self.cursor_down(count)
        self.carriage_return()

    def cursor_forward(self, count: int | None = None) -> None:
        """CUF: stops at the right margin if it started at or left of it."""
        x = self.column
        self.cursor.x = min(x + (count or 1), self.grid.right if x <= self.grid.right else self.columns - 1)

    def cursor_back(self, count: int | None = None) -> None:
        """CUB: stops at the left margin if it started at or right of it; see `_reverse_wrap` for the mode of that name."""
        x = self.column
        count = count or 1
        if modes.AUTOWRAP in self.mode and not self.mode.isdisjoint((modes.REVERSE_WRAP, modes.EXTENDED_REVERSE_WRAP)):
            self._reverse_wrap(x, count - (self.cursor.x >= self.columns))
        else:
            self.cursor.x = max(x - count, self.grid.left if x >= self.grid.left else 0)

    def _reverse_wrap(self, x: int, count: int) -> None:
        """CUB that goes on at the end of the line above, and from the top at the bottom, as in xterm up to 382.

        Later ones only go back over lines that were wrapped (45), unless 1045 is set too.
        """
        grid, cursor = self.grid, self.cursor
        left = grid.left if x >= grid.left else 0
        if x - count >= left:
            cursor.x = x - count
            return
        width = grid.right - left + 1
        offset = width * cursor.y + x - count - left
        if x == left and self._is_in_region() and cursor.y == grid.top:
            offset = (grid.bottom + 1) * width - 1
        cursor.y, cursor.x = divmod(offset % (width * self.lines), width)
        cursor.x += left

    def backspace(self) -> None:
        """BS."""
        self.cursor_back(1)

    def cursor_position(self, line: int | None = None, column: int | None = None) -> None:
        """CUP, 1-based; inside the margins in origin mode."""
        cursor = self.cursor
        x, y = column - 1 if column else 0, line - 1 if line else 0
        if modes.ORIGIN in self.mode:
            cursor.x = min(self.grid.left + x, self.grid.right)
            cursor.y = min(self.grid.top + y, self.grid.bottom)
        else:
            # Not `min`: a call would take as long as all the rest.
            cursor.x = x if x < self.columns else self.columns - 1
            cursor.y = y if y < self.lines else self.lines - 1

    def position(self) -> tuple[int, int]:
        """Line and column of the cursor, 1-based, from the margins in origin mode."""
        x, y = self.column, self.cursor.y
        if modes.ORIGIN in self.mode:
            x, y = max(0, x - self.grid.left), max(0, y - self.grid.top)
        return y + 1, x + 1

    def cursor_to_column(self, column: int | None = None) -> None:
        """CHA, HPA, 1-based; inside the margins in origin mode."""
        self.cursor_position(self.position()[0], column)

    def cursor_to_line(self, line: int | None = None) -> None:
        """VPA, 1-based; inside the margins in origin mode."""
        self.cursor_position(line, self.position()[1])

    def columns_forward(self, count: int | None = None) -> None:
        """HPR: knows no margins, except in origin mode."""
        line, column = self.position()
        self.cursor_position(line, column + (count or 1))

    def columns_back(self, count: int | None = None) -> None:
        """HPB (ECMA-48, not in xterm): as HPR, the other way."""
        line, column = self.position()
        self.cursor_position(line, max(column - (count or 1), 1))

    def lines_up(self, count: int | None = None) -> None:
        """VPB (ECMA-48, not in xterm): as VPR, the other way."""
        line, column = self.position()
        self.cursor_position(max(line - (count or 1), 1), column)

    def lines_down(self, count: int | None = None) -> None:
        """VPR: knows no margins, except in origin mode."""
        line, column = self.position()
        self.cursor_position(line + (count or 1), column)

    def tab(self) -> None:
        """HT: to the next tab stop, the right margin or the last column; a pending wrap stays.

        From the right of the right margin it goes back to the margin, as in xterm.
        """
        if modes.WRAP_BEFORE_TAB in self.mode and self.cursor.x >= self.columns and modes.AUTOWRAP in self.mode:
            self._writer.wrap()
        is_wrap_pending = self.cursor.x >= self.columns
        x = self.column
        last = self.grid.right
        stops = self.tabstops
        while x < last:
            x += 1
            if x in stops:
                break
        x = min(x, last)
        self.cursor.x = x
        if is_wrap_pending:
            self.wait_to_wrap(x)

    def tab_forward(self, count: int | None = None) -> None:
        """CHT; a pending wrap stays."""
        for _ in range(min(count or 1, self.columns)):
            before = self.cursor.x, self.cursor.y
            self.tab()
            if (self.cursor.x, self.cursor.y) == before:
                break

    def tab_back(self, count: int | None = None) -> None:
        """CBT; a pending wrap stays, as in xterm."""
        is_wrap_pending = self.cursor.x >= self.columns
        count = count or 1
        before = sorted(stop for stop in self.tabstops if stop < self.column)
        x = before[-count] if count <= len(before) else 0
        self.cursor.x = max(x, self.grid.left) if modes.ORIGIN in self.mode else x
        if is_wrap_pending:
            self.wait_to_wrap(self.cursor.x)

    def reset_tab_stops(self) -> None:
        """A tab stop every eight columns."""
        self.tabstops = set(range(TAB_COLUMNS, self.columns, TAB_COLUMNS))

    def set_tab_stop(self) -> None:
        """HTS."""
        self.tabstops.add(self.column)

    def clear_tab_stop(self, how: int = 0) -> None:
        """TBC: 0 the one at the cursor, 3 all."""
        if how == 0:
            self.tabstops.discard(self.column)
        elif how == 3:
            self.tabstops.clear()

    def set_margins(self, top: int | None = None, bottom: int | None = None) -> None:
        """DECSTBM, 1-based: 0 or None is the edge of the screen. A region of less than two lines is refused."""
        first = (top or 1) - 1
        last = min(bottom or self.lines, self.lines) - 1
        if first >= last:
            # A screen of one line has no other region than itself.
            return
        self.grid.set_region(first, last)
        self.margins = None if first == 0 and last == self.lines - 1 else Margins(first, last)
        self.cursor_position()

    def set_sides(self, left: int | None = None, right: int | None = None) -> None:
        """DECSLRM, 1-based as `set_margins`; SCOSC if the left and right margins are not switched on (DECLRMM)."""
        if modes.SIDE_MARGINS not in self.mode:
            self.save_cursor()
            return
        first = (left or 1) - 1
        last = min(right or self.columns, self.columns) - 1
        if first < last:
            self._set_sides(first, last)
            self.cursor_position()

    def _set_sides(self, left: int, right: int) -> None:
        self.grid.set_sides(left, right)
        self._update_is_plain()

    def _reset_margins(self) -> None:
        """All four at the edges of the screen, DECLRMM off."""
        self.mode.discard(modes.SIDE_MARGINS)
        self._set_sides(0, self.columns - 1)
        self.grid.set_region(0, self.lines - 1)
        self.margins = None

    def save_cursor(self) -> None:
        """DECSC."""
        pen = self.pen
        self.saved[self.grid.is_alternate] = SavedCursor(
            x=self.column,
            y=self.cursor.y,
            is_wrap_pending=self.cursor.x >= self.columns,
            style=pen.style,
            link=pen.link,
            is_protected=pen.is_protected,
            charsets=self.charsets.sets,
            shifted_in=self.charsets.shifted_in,
            is_origin=modes.ORIGIN in self.mode,
        )

    def restore_cursor(self) -> None:
        """DECRC; the home position and the default pen if nothing was saved."""
        saved = self.saved.get(self.grid.is_alternate, SavedCursor())
        grid = self.grid
        self.cursor.x = min(saved.x, grid.right if saved.is_origin else self.columns - 1)
        self.cursor.y = min(saved.y, grid.bottom if saved.is_origin else self.lines - 1)
        if saved.is_wrap_pending:
            self.wait_to_wrap(self.cursor.x)
        self.set_pen(saved.style, saved.link, saved.is_protected)
        self._use_charsets(Charsets(saved.charsets, saved.shifted_in, self.charsets.single_shift))
        if saved.is_origin:
            self.mode.add(modes.ORIGIN)
        else:
            self.mode.discard(modes.ORIGIN)

    def set_pen(self, style: Style, link: Link, is_protected: bool) -> None:
        """Write with this look from now on."""
        self.grid.make_room_for_pens(self.pen)
        self.pen = self.grid.pens.pen(style, link, is_protected)

    def select(self, sgr: str) -> None:
        """SGR with its parameters as written: colors, bold and the like."""
        following = self.pen.after.get(sgr)
        if following is None:
            self.grid.make_room_for_pens(self.pen)
            following = self.grid.pens.after(self.pen, sgr)
        self.pen = following

    def select_all(self, source: str) -> None:
        """SGR sequences in a row, among which may be some that select the US set as G0 (see `sent.SGR`)."""
        following = self.pen.after.get(source) if self.takes_sent else None
        if following is None:
            pen = self.pen
            self._draw_piecewise(source)
            if self.takes_sent:
                self.grid.pens.remember(pen, source, self.pen)
        else:
            self.pen = following

    def select_graphic_rendition(self, *attrs: int) -> None:
        """SGR as pyte has it."""
        self.select(";".join(map(str, attrs)))

    def define_charset(self, code: str, mode: str) -> None:
        """SCS: `mode` is one of `( ) * + - . /`."""
        self.charsets.designate(code, mode)
        self._update_is_plain()

    def shift_to(self, number: int) -> None:
        """SI, SO, LS2, LS3: write with G0 to G3 from now on."""
        self.charsets.shift_to(number)
        self._update_is_plain()

    def shift_once(self, number: int) -> None:
        """SS2, SS3: the next character is of G2 or G3."""
        self.charsets.single_shift = number
        self._update_is_plain()

    def shift_in(self) -> None:
        """SI."""
        self.shift_to(0)

    def shift_out(self) -> None:
        """SO."""
        self.shift_to(1)

    def restore_state(
        self, *, cursor: tuple[int, int], margins: tuple[int, int, int, int], mode: set[int], charsets: Charsets
    ) -> None:
        """Take over what a snapshot recorded (margins: top, bottom, left, right); it was checked for this size."""
        self.mode = set(mode)
        self.cursor.x, self.cursor.y = cursor
        self.cursor.hidden = modes.CURSOR_VISIBLE not in mode
        top, bottom, left, right = margins
        self.grid.set_region(top, bottom)
        self.grid.set_sides(left, right)
        self.margins = None if (top, bottom) == (0, self.lines - 1) else Margins(top, bottom)
        self._use_charsets(charsets)
        self.grid.touch_all()

    def set_mode(self, *numbers: int, **kwargs: Any) -> None:
        """SM; DECSET with `private=True`."""
        for number in numbers:
            self.change_mode(modes.private(number) if kwargs.get("private") else number, True)

    def reset_mode(self, *numbers: int, **kwargs: Any) -> None:
        """RM; DECRST with `private=True`."""
        for number in numbers:
            self.change_mode(modes.private(number) if kwargs.get("private") else number, False)

    def change_mode(self, mode: int, is_on: bool) -> None:
        """Set or reset a mode by its key (`modes.private`); one that is not known is ignored."""
        if mode not in modes.KNOWN_PRIVATE and mode not in modes.KNOWN_ANSI:
            return
        if mode == modes.WIDE_SCREEN and modes.ALLOW_WIDE_SCREEN not in self.mode:
            return
        if mode in _ALTERNATE and modes.ALLOW_ALTERNATE not in self.mode:
            return
        for group in (modes.MOUSE, modes.MOUSE_ENCODINGS):
            if mode in group:
                self.mode -= group.keys() if is_on or group is modes.MOUSE else {mode}
        if is_on:
            self.mode.add(mode)
        else:
            self.mode.discard(mode)
        if mode == modes.INSERT:
            self._update_is_plain()
        elif mode == modes.ORIGIN:
            self.cursor_position()
        elif mode == modes.CURSOR_VISIBLE:
            self.cursor.hidden = not is_on
            self.grid.dirty.add(self.cursor.y)
        elif mode == modes.REVERSE_SCREEN:
            self.grid.is_all_dirty = True
        elif mode == modes.SIDE_MARGINS:
            if not is_on:
                self._set_sides(0, self.columns - 1)
        elif mode == modes.SAVE_CURSOR_1048:
            self._save_or_restore(is_on)
        elif mode == modes.WIDE_SCREEN:
            self._change_wide_screen()
        elif mode == modes.ALLOW_ALTERNATE and not is_on:
            self._show_alternate(modes.ALTERNATE_47, False)
        elif mode in _ALTERNATE:
            self._show_alternate(mode, is_on)

    def _change_wide_screen(self) -> None:
        """DECCOLM, without another width: an empty screen, no margins."""
        self._clear()
        self._reset_margins()
        self.cursor_position()

    def _save_or_restore(self, is_save: bool) -> None:
        if is_save:
            self.save_cursor()
        else:
            self.restore_cursor()

    def _show_alternate(self, mode: int, is_on: bool) -> None:
        """47 only switches; 1047 clears the alternate screen on the way out, 1049 saves the cursor and clears on the way in."""
        self.mode -= _ALTERNATE
        if is_on:
            self.mode.add(mode)
            if mode == modes.ALTERNATE_1049:
                self.save_cursor()
        elif mode == modes.ALTERNATE_1047 and self.grid.is_alternate:
            self._clear()
        self.grid.switch(is_on)
        if mode == modes.ALTERNATE_1049:
            if is_on:
                self._clear()
            else:
                self.restore_cursor()

    def _clear(self) -> None:
        self._end_pending_wrap()
        self.grid.fill(self.grid.blank_row(self.erase_pen()))

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """Take a new size. Text and cursor of the main screen stay together (see `refit`); a wrap is pending if the
        cursor was where the text is hidden now."""
        lines = lines or self.lines
        columns = columns or self.columns
        if lines == self.lines and columns == self.columns:
            return
        is_alternate = self.grid.is_alternate
        if is_alternate or self.cursor.x != self.columns:
            self._end_pending_wrap()
        saved = self.saved.get(False)
        known_y = (saved.y if saved else None) if is_alternate else self.cursor.y
        moved, spot = self.grid.resize(
            columns=columns,
            lines=lines,
            cursor_y=known_y,
            saved=Spot(min(saved.y, self.lines - 1), saved.x + saved.is_wrap_pending) if saved else None,
        )
        self.tabstops |= {stop for stop in range(TAB_COLUMNS, columns, TAB_COLUMNS) if stop >= self.columns}
        self.lines, self.columns = lines, columns
        self.margins = None
        self._update_is_plain()
        if saved and spot:
            x, y = min(spot.x, columns - 1), max(0, spot.y)
            self.saved[False] = replace(saved, x=x, y=y, is_wrap_pending=spot.x >= columns)
        if is_alternate:
            self.cursor.x = min(self.cursor.x, columns - 1)
            self.cursor.y = min(self.cursor.y, lines - 1)
        else:
            self.cursor.x = min(self.cursor.x, columns)
            self.cursor.y = max(0, self.cursor.y + moved)

    def mark(self, kind: MarkKind, status: int | None = None) -> None:
        """OSC 133: a prompt, a command, its output begins or ends at the cursor."""
        self.grid.mark(min(self.cursor.x, self.columns), self.cursor.y, kind, status)


class ScreenCursor(Cursor):
    """pyte's cursor; `attrs` shows the pen."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        super().__init__(0, 0)

    @property
    def attrs(self) -> Char:
        """A blank in the look of the pen."""
        return _char(" ", self._screen.pen.style)

    @attrs.setter
    def attrs(self, value: Char) -> None:
        """The pen is changed with `Screen.select`; pyte's constructor wants to set something here."""


class CellMap(dict[int, StaticDefaultDict[int, Char]]):
    """`screen.buffer`: rows by number, made when they are looked at. Not written to."""

    def __init__(self, screen: Screen) -> None:
        super().__init__()
        self._screen = screen

    def __missing__(self, y: int) -> StaticDefaultDict[int, Char]:
        screen = self._screen
        cells: StaticDefaultDict[int, Char] = StaticDefaultDict(_char(" ", DEFAULT_STYLE))
        row = screen.grid.rows[y]
        for x, cell in enumerate(row.text[: screen.columns]):
            pen = row.pens[x : x + 1] or DEFAULT_PEN
            cells[x] = _char(screen.grid.clusters.expand(cell), screen.grid.pens[pen].style)
        return cells

    def __len__(self) -> int:
        return self._screen.lines

    def __iter__(self) -> Iterator[int]:
        return iter(range(self._screen.lines))


def _char(data: str, style: Style) -> Char:
    return Char(
        data,
        fg=_color_name(style.fg, FG, 30),
        bg=_color_name(style.bg, BG, 40),
        bold=style.bold,
        italics=style.italic,
        underscore=style.underline > 0,
        strikethrough=style.strike,
        reverse=style.inverse,
        blink=style.blink,
    )


def _color_name(color: int, names: dict[int, str], base: int) -> str:
    """pyte's name of a color: `red`, `brightred`, `default` or six hex digits."""
    if color < 0:
        return "default"
    if color >= RGB:
        return f"{color & 0xFFFFFF:06x}"
    if color < 8:
        return names[base + color]
    if color < 16:
        return "bright" + names[base + color - 8]
    return FG_BG_256[color]
