"""The screen: cells, cursor, margins, pens and modes behind pyte's interface. The only importer of pyte."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyte.graphics import BG, FG, FG_BG_256
from pyte.screens import Char, Cursor, Margins, StaticDefaultDict
from pyte.screens import Screen as PyteScreen

from synk.terminal import charsets, modes
from synk.terminal.rows import CLUSTER_FIRST, CLUSTER_LAST, STUB, Clusters, Row, split_cells
from synk.terminal.scrollback import Scrollback
from synk.terminal.styles import DEFAULT_PEN, DEFAULT_STYLE, MAX_PENS, RGB, PenTable, Style
from synk.terminal.widths import MARK, Widths

TAB_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class SavedCursor:
    """What DECSC keeps: one per screen, main and alternate."""

    x: int = 0
    """The number of columns means: at the last column with a wrap pending."""
    y: int = 0
    style: Style = DEFAULT_STYLE
    link: str = ""
    is_protected: bool = False
    charsets: tuple[str, str, str, str] = (charsets.US,) * 4
    shifted_in: int = 0
    is_origin: bool = False


class Screen(PyteScreen):
    """A `pyte.Screen` whose cells live in `rows`; `buffer`, `display` and `cursor` show them as pyte does.

    Columns and lines count from 0, ends are excluded, except where a pyte method takes the 1-based numbers
    of a control sequence. `cursor.x == columns` means that a wrap is pending, as in pyte.
    """

    def __init__(self, columns: int, lines: int, scrollback: Scrollback) -> None:
        self.rows: list[Row] = [Row() for _ in range(lines)]
        """The lines shown, top to bottom."""
        self.other_rows: list[Row] = [Row() for _ in range(lines)]
        """The lines of the screen that is not shown (main or alternate)."""
        self.is_alternate = False
        self.scrollback = scrollback
        self.scrolled_total = 0
        """Number of the first screen line, counted from the first line ever: lines pushed to the scrollback,
        less those that a taller screen took back."""
        self.is_all_dirty = True
        """Every row has to be painted; `dirty` alone does not tell after a scroll."""
        self.is_region_dirty = False
        """So do all rows between the margins."""
        self.pens = PenTable()
        self.clusters = Clusters()
        self.widths = Widths()
        self.saved: dict[bool, SavedCursor] = {}
        """By `is_alternate`."""
        super().__init__(columns, lines)
        self.mode = set(modes.INITIAL)
        """Numbers of the modes that are set, private ones shifted as in pyte (`modes.private`)."""
        self.buffer = CellMap(self)

    def reset(self) -> None:
        """RIS: everything as after the start; the scrollback is emptied, as in xterm."""
        self.rows = [Row() for _ in range(self.lines)]
        self.other_rows = [Row() for _ in range(self.lines)]
        self.is_alternate = False
        self.saved.clear()
        self.scrollback.clear()
        self.is_all_dirty = True
        self.top, self.bottom = 0, self.lines - 1
        self.margins = None
        self.mode = set(modes.INITIAL)
        self.title = self.icon_name = ""
        self.tabstops = set(range(TAB_COLUMNS, self.columns, TAB_COLUMNS))
        self.cursor = ScreenCursor(self)
        self.pen = self.pens.default
        self.last_drawn = ""
        """Text whose last character was the last one shown, for REP."""
        self.reset_charsets()

    def soft_reset(self) -> None:
        """DECSTR: modes, margins and pen as after the start; text and cursor position stay."""
        self.mode |= {modes.AUTOWRAP, modes.CURSOR_VISIBLE}
        self.mode -= {modes.INSERT, modes.ORIGIN, modes.CURSOR_KEYS, modes.KEYPAD, modes.REVERSE_WRAP}
        self.cursor.hidden = False
        self._keep_dirty_region()
        self.top, self.bottom = 0, self.lines - 1
        self.margins = None
        self.pen = self.pens.default
        self.saved.pop(self.is_alternate, None)
        self.reset_charsets()

    def reset_charsets(self) -> None:
        """US in G0 to G3, G0 shifted in."""
        self.charsets = [charsets.US] * 4
        self.charset = 0
        self.single_shift: int | None = None
        self._update_translation()

    @property
    def display(self) -> list[str]:
        """The lines as text, padded to the width of the screen."""
        lines = []
        for row in self.rows:
            text = row.text[: self.columns]
            lines.append(self.clusters.expand(text + " " * (self.columns - len(text))))
        return lines

    def blank_row(self) -> Row:
        """A new row in the background color of the pen (BCE)."""
        erase = self._erase_pen()
        if erase == DEFAULT_PEN:
            return Row()
        return Row(" " * self.columns, erase * self.columns)

    def _erase_pen(self) -> str:
        return self.pen.erase or self.pens.erase(self.pen)

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
                    self.rows[y].write(x, data, self.pen.char)
                    self.dirty.add(y)
                    cursor.x = end
                    self.last_drawn = data
                return
        elif self.single_shift is not None and data:
            table = charsets.TRANSLATIONS[self.charsets[self.single_shift]]
            self.single_shift = None
            self._update_translation()
            self._draw(data[0].translate(table) if table else data[0])
            data = data[1:]
        if data:
            self._draw(data if self.translation is None else data.translate(self.translation))

    def _draw(self, text: str) -> None:
        if text.isascii():
            self.last_drawn = text
            self._draw_cells(text)
            return
        cells = text.translate(self.widths)
        if MARK in cells:
            self._draw_marked(text)
        elif cells:
            self.last_drawn = cells.rstrip(STUB)
            self._draw_cells(cells if self.columns > 1 else "".join(map(self._fitting, split_cells(cells))))

    def _fitting(self, cell: str) -> str:
        """The cell, or U+FFFD for a wide character on a screen of one column."""
        return cell if len(cell) <= self.columns else "\ufffd"

    def _draw_cells(self, cells: str) -> None:
        """Write cells, wrapped where the row ends; a wide character is not torn apart."""
        columns = self.columns
        x = self.cursor.x
        while x + len(cells) > columns:
            room = columns - x
            if room > 0 and cells[room] == STUB:
                room -= 1
            if modes.AUTOWRAP not in self.mode:
                self._draw_unwrapped(x, cells)
                return
            if room > 0:
                self._put(x, cells[:room])
                cells = cells[room:]
            if self.cursor.x < columns:
                self._put_blank_at_edge()
            self._wrap()
            x = 0
        self._put(x, cells)

    def _draw_unwrapped(self, x: int, cells: str) -> None:
        """Write cells of which the last ones all land at the end of the row, each over the one before."""
        columns = self.columns
        for cell in split_cells(cells):
            x = min(x, columns - len(cell))
            self._put(x, cell)
            x += len(cell)

    def _put(self, x: int, cells: str) -> None:
        """Write cells that fit into the row, and move the cursor behind them."""
        cursor = self.cursor
        y = cursor.y
        row = self.rows[y]
        if modes.INSERT in self.mode:
            row.insert(x, len(cells), DEFAULT_PEN, self.columns)
        row.write(x, cells, self.pen.char)
        self.dirty.add(y)
        x += len(cells)
        if x >= self.columns:
            row.is_wrapped = False
        cursor.x = x

    def _wrap(self) -> None:
        row = self.rows[self.cursor.y]
        row.cut(self.columns)
        row.is_wrapped = True
        self.cursor.x = 0
        self.index()

    def _draw_marked(self, text: str) -> None:
        """Write text with combining marks: every character with its marks as one cell."""
        cells: list[str] = []
        for char in text:
            width = Widths.of(char)
            if width > 0:
                cells.append(self._stand_in(char) if width == Widths.CLUSTER else self._fitting(self.widths[ord(char)]))
                self.last_drawn = char
            elif width == 0 and cells:
                cell = cells[-1]
                cells[-1] = self._joined(cell[0], char) + cell[1:]
            elif width == 0:
                self._join_to_screen(char)
        if cells:
            self._draw_cells("".join(cells))

    def _put_blank_at_edge(self) -> None:
        """A wide character did not fit into the last column: what was there goes, as in xterm."""
        self.rows[self.cursor.y].erase(self.cursor.x, self.columns, self._erase_pen(), self.columns)
        self.dirty.add(self.cursor.y)

    def _join_to_screen(self, mark: str) -> None:
        """Add a mark to the character left of the cursor; without one the mark is dropped."""
        cursor = self.cursor
        row = self.rows[cursor.y]
        x = cursor.x - 1
        text = row.text.ljust(cursor.x)
        if x > 0 and text[x] == STUB:
            x -= 1
        if x < 0:
            return
        row.text = text[:x] + self._joined(text[x], mark) + text[x + 1 :]
        self.dirty.add(cursor.y)

    def _joined(self, cell: str, mark: str) -> str:
        if self.clusters.needs_room:
            self._collect_clusters()
        return self.clusters.joined(cell, mark)

    def _stand_in(self, char: str) -> str:
        if self.clusters.needs_room:
            self._collect_clusters()
        return self.clusters.stand_in(char)

    def _collect_clusters(self) -> None:
        in_use = self.scrollback.characters_in_use().union(*[row.text for row in self._all_rows()])
        self.clusters.keep_only({char for char in in_use if CLUSTER_FIRST <= char <= CLUSTER_LAST})

    def _all_rows(self) -> Iterator[Row]:
        yield from self.rows
        yield from self.other_rows

    def repeat(self, count: int | None = None) -> None:
        """REP: draw the last character again, `count` times."""
        if self.last_drawn:
            self._draw(self.last_drawn[-1] * min(count or 1, self.columns * self.lines))

    def draw_lines(self, block: str) -> None:
        """Write whole lines, each ended by CR LF: the same as drawing them one by one."""
        lines = block.split("\r\n")
        lines.pop()
        is_short = self.is_plain and block.isascii() and max(map(len, lines)) <= self.columns
        for position, line in enumerate(lines):
            if is_short and self.cursor.x == 0 and self.cursor.y == self.lines - 1 and self._can_append():
                self._append_lines(lines[position:])
                return
            self.draw(line)
            self.cursor.x = 0
            self.index()

    def _can_append(self) -> bool:
        """True if a line written now just comes below all others: a fresh bottom row, no margins, no background."""
        return (
            self.top == 0 and self.bottom == self.lines - 1 and not self.rows[-1].text and self._erase_pen() == DEFAULT_PEN
        )

    def _append_lines(self, lines: list[str]) -> None:
        """Lines that fit, the first one into the fresh bottom row: those that scroll off again never become rows."""
        pen = self.pen.char
        leaving = len(lines) - self.lines + 1
        if leaving > 0:
            self._leave_top(self.lines - 1)
            self.rows.clear()
            if not self.is_alternate:
                self.scrollback.push_lines(lines[:leaving], pen)
                self.scrolled_total += leaving
            shown = lines[leaving:]
        else:
            self.rows.pop()
            shown = lines
        if pen == DEFAULT_PEN:
            self.rows += [Row(line) for line in shown]
        else:
            self.rows += [Row(line, pen * len(line)) for line in shown]
        self.rows.append(Row())
        self._leave_top(len(self.rows) - self.lines)
        self.is_all_dirty = True
        self.last_drawn = next(filter(None, reversed(lines)), self.last_drawn)

    def _leave_top(self, count: int) -> None:
        """Take `count` rows off the top: into the scrollback, or nowhere from the alternate screen."""
        rows = self.rows
        if not self.is_alternate:
            if count == 1:
                self.scrollback.push_row(rows[0])
            else:
                self.scrollback.push(rows[:count])
            self.scrolled_total += count
        del rows[:count]

    def carriage_return(self) -> None:
        """CR."""
        self.cursor.x = 0

    def newline(self) -> None:
        """CR LF, the end of most lines."""
        self.cursor.x = 0
        self.index()

    def index(self) -> None:
        """IND: one line down; at the bottom margin the region scrolls."""
        cursor = self.cursor
        if cursor.x >= self.columns:
            cursor.x = self.columns - 1
        if cursor.y == self.bottom:
            self.scroll_up(1)
        elif cursor.y < self.lines - 1:
            cursor.y += 1

    def reverse_index(self) -> None:
        """RI: one line up; at the top margin the region scrolls down."""
        cursor = self.cursor
        self._end_pending_wrap()
        if cursor.y == self.top:
            self.scroll_down(1)
        elif cursor.y > 0:
            cursor.y -= 1

    def linefeed(self) -> None:
        """LF, VT, FF: index, and a carriage return in newline mode (LNM)."""
        self.index()
        if modes.NEWLINE in self.mode:
            self.cursor.x = 0

    def next_line(self) -> None:
        """NEL."""
        self.newline()

    def scroll_up(self, count: int | None = None) -> None:
        """SU: lines of the scroll region move up; from the top of the main screen they go to the scrollback."""
        top, bottom = self.top, self.bottom
        rows = self.rows
        count = count or 1
        if count == 1:
            rows.insert(bottom + 1, self.blank_row())
        else:
            count = min(count, bottom - top + 1)
            rows[bottom + 1 : bottom + 1] = [self.blank_row() for _ in range(count)]
        if top == 0:
            self._leave_top(count)
        else:
            del rows[top : top + count]
        self._touch(top, bottom)

    def scroll_down(self, count: int) -> None:
        """SD: lines of the scroll region move down, those at its end are lost."""
        self._insert_blank(self.top, count)

    def _insert_blank(self, y: int, count: int) -> None:
        bottom = self.bottom
        count = min(count, bottom - y + 1)
        rows = self.rows
        del rows[bottom + 1 - count : bottom + 1]
        rows[y:y] = [self.blank_row() for _ in range(count)]
        self._touch(y, bottom)

    def _touch(self, first: int, last: int) -> None:
        if first == 0 and last == self.lines - 1:
            self.is_all_dirty = True
        elif not (first == self.top and last == self.bottom):
            self.dirty.update(range(first, last + 1))
        elif not self.is_region_dirty:
            # A region that scrolls a thousand times between two frames is marked once.
            self.is_region_dirty = True

    def insert_lines(self, count: int | None = None) -> None:
        """IL: blank lines at the cursor, inside the scroll region only."""
        if self.top <= self.cursor.y <= self.bottom:
            self._insert_blank(self.cursor.y, count or 1)
            self.cursor.x = 0

    def delete_lines(self, count: int | None = None) -> None:
        """DL: lines from the cursor on are removed, inside the scroll region only."""
        y, bottom = self.cursor.y, self.bottom
        if self.top <= y <= bottom:
            count = min(count or 1, bottom - y + 1)
            self.rows[bottom + 1 : bottom + 1] = [self.blank_row() for _ in range(count)]
            del self.rows[y : y + count]
            self._touch(y, bottom)
            self.cursor.x = 0

    def insert_characters(self, count: int | None = None) -> None:
        """ICH."""
        self._end_pending_wrap()
        self._row().insert(self.cursor.x, count or 1, self._erase_pen(), self.columns)

    def delete_characters(self, count: int | None = None) -> None:
        """DCH."""
        self._end_pending_wrap()
        row = self._row()
        row.delete(self.cursor.x, count or 1, self._erase_pen(), self.columns)
        row.is_wrapped = False

    def erase_characters(self, count: int | None = None) -> None:
        """ECH."""
        self._end_pending_wrap()
        self._erase(self.cursor.y, self.cursor.x, min(self.cursor.x + (count or 1), self.columns))

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        """EL; with `private` DECSEL, which spares protected cells."""
        self._end_pending_wrap()
        x, y = self.cursor.x, self.cursor.y
        if how == 0:
            self._erase(y, x, self.columns, private)
        elif how == 1:
            self._erase(y, 0, x + 1, private)
        elif how == 2:
            self._erase(y, 0, self.columns, private)

    def erase_in_display(self, how: int = 0, *_: Any, **kwargs: Any) -> None:
        """ED; with `private=True` DECSED. 3 clears the scrollback and nothing else."""
        private = bool(kwargs.get("private"))
        if how == 3:
            if not private:
                self.scrollback.clear()
            return
        self._end_pending_wrap()
        y = self.cursor.y
        if how == 0:
            self.erase_in_line(0, private)
            lines = range(y + 1, self.lines)
        elif how == 1:
            self.erase_in_line(1, private)
            lines = range(y)
        elif how == 2:
            lines = range(self.lines)
        else:
            return
        for line in lines:
            self._erase(line, 0, self.columns, private)

    def _erase(self, y: int, x: int, end: int, private: bool = False) -> None:
        row = self.rows[y]
        if private and not self.pens.protected.isdisjoint(row.pens[x:end]):
            row.cut(self.columns)
            row.erase_unprotected(x, end, self._erase_pen(), self.pens.protected)
        else:
            row.erase(x, end, self._erase_pen(), self.columns)
            if end >= self.columns:
                row.is_wrapped = False
        self.dirty.add(y)

    def _row(self) -> Row:
        self.dirty.add(self.cursor.y)
        return self.rows[self.cursor.y]

    def alignment_display(self) -> None:
        """DECALN: the screen full of E, margins and cursor as after the start."""
        self.set_margins()
        self.rows = [Row("E" * self.columns) for _ in range(self.lines)]
        self.is_all_dirty = True
        self.cursor_position()

    def _end_pending_wrap(self) -> None:
        if self.cursor.x >= self.columns:
            self.cursor.x = self.columns - 1

    def cursor_up(self, count: int | None = None) -> None:
        """CUU: stops at the top margin if it started at or below it."""
        self._end_pending_wrap()
        y = self.cursor.y
        self.cursor.y = max(y - (count or 1), self.top if y >= self.top else 0)

    def cursor_down(self, count: int | None = None) -> None:
        """CUD: stops at the bottom margin if it started at or above it."""
        self._end_pending_wrap()
        y = self.cursor.y
        self.cursor.y = min(y + (count or 1), self.bottom if y <= self.bottom else self.lines - 1)

    def cursor_up1(self, count: int | None = None) -> None:
        """CPL."""
        self.cursor_up(count)
        self.cursor.x = 0

    def cursor_down1(self, count: int | None = None) -> None:
        """CNL."""
        self.cursor_down(count)
        self.cursor.x = 0

    def cursor_forward(self, count: int | None = None) -> None:
        """CUF."""
        self.cursor.x = min(self.cursor.x + (count or 1), self.columns - 1)

    def cursor_back(self, count: int | None = None) -> None:
        """CUB; in reverse wrap mode it goes on at the end of the line above, and from the top at the bottom."""
        cursor = self.cursor
        if {modes.AUTOWRAP, modes.REVERSE_WRAP} <= self.mode:
            x = cursor.x - min(count or 1, self.columns * self.lines)
            while x < 0:
                x += self.columns
                cursor.y = self.bottom if cursor.y == self.top else (cursor.y or self.lines) - 1
            cursor.x = x
        else:
            cursor.x = max(min(cursor.x, self.columns - 1) - (count or 1), 0)

    def backspace(self) -> None:
        """BS."""
        self.cursor_back(1)

    def cursor_position(self, line: int | None = None, column: int | None = None) -> None:
        """CUP, 1-based; inside the margins in origin mode."""
        cursor = self.cursor
        cursor.x = min(column or 1, self.columns) - 1
        y = (line or 1) - 1
        cursor.y = min(self.top + y, self.bottom) if modes.ORIGIN in self.mode else min(y, self.lines - 1)

    def cursor_to_column(self, column: int | None = None) -> None:
        """CHA, HPA, 1-based."""
        self.cursor.x = min((column or 1), self.columns) - 1

    def cursor_to_line(self, line: int | None = None) -> None:
        """VPA, 1-based; inside the margins in origin mode."""
        self.cursor_position(line, self.cursor.x + 1)

    def tab(self) -> None:
        """HT: to the next tab stop or the last column; a pending wrap stays."""
        x = self.cursor.x
        last = self.columns - 1
        stops = self.tabstops
        while x < last:
            x += 1
            if x in stops:
                break
        self.cursor.x = x

    def tab_forward(self, count: int | None = None) -> None:
        """CHT."""
        self._end_pending_wrap()
        for _ in range(min(count or 1, self.columns)):
            self.tab()

    def tab_back(self, count: int | None = None) -> None:
        """CBT."""
        self._end_pending_wrap()
        count = count or 1
        before = sorted(stop for stop in self.tabstops if stop < self.cursor.x)
        self.cursor.x = before[-count] if count <= len(before) else 0

    def set_tab_stop(self) -> None:
        """HTS."""
        self.tabstops.add(min(self.cursor.x, self.columns - 1))

    def clear_tab_stop(self, how: int = 0) -> None:
        """TBC: 0 the one at the cursor, 3 all."""
        if how == 0:
            self.tabstops.discard(min(self.cursor.x, self.columns - 1))
        elif how == 3:
            self.tabstops.clear()

    def take_dirty(self) -> set[int]:
        """Rows that changed since the last call."""
        self._keep_dirty_region()
        dirty = set(range(self.lines)) if self.is_all_dirty else self.dirty
        self.dirty = set()
        self.is_all_dirty = False
        return dirty

    def _keep_dirty_region(self) -> None:
        if self.is_region_dirty:
            self.dirty.update(range(self.top, self.bottom + 1))
            self.is_region_dirty = False

    def set_margins(self, top: int | None = None, bottom: int | None = None) -> None:
        """DECSTBM, 1-based: 0 or None is the edge of the screen. A region of less than two lines is refused."""
        first = (top or 1) - 1
        last = min(bottom or self.lines, self.lines) - 1
        if first >= last:
            # A screen of one line has no other region than itself.
            return
        self._keep_dirty_region()
        self.top, self.bottom = first, last
        self.margins = None if first == 0 and last == self.lines - 1 else Margins(first, last)
        self.cursor_position()

    def save_cursor(self) -> None:
        """DECSC."""
        pen = self.pen
        g0, g1, g2, g3 = self.charsets
        self.saved[self.is_alternate] = SavedCursor(
            x=self.cursor.x,
            y=self.cursor.y,
            style=pen.style,
            link=pen.link,
            is_protected=pen.is_protected,
            charsets=(g0, g1, g2, g3),
            shifted_in=self.charset,
            is_origin=modes.ORIGIN in self.mode,
        )

    def restore_cursor(self) -> None:
        """DECRC; the home position and the default pen if nothing was saved."""
        saved = self.saved.get(self.is_alternate, SavedCursor())
        self.cursor.x = min(saved.x, self.columns)
        self.cursor.y = min(saved.y, self.lines - 1)
        self.set_pen(saved.style, saved.link, saved.is_protected)
        self.charsets = list(saved.charsets)
        self.charset = saved.shifted_in
        self._update_translation()
        if saved.is_origin:
            self.mode.add(modes.ORIGIN)
        else:
            self.mode.discard(modes.ORIGIN)

    def set_pen(self, style: Style, link: str, is_protected: bool) -> None:
        """Write with this look from now on."""
        self._make_room_for_pens()
        self.pen = self.pens.pen(style, link, is_protected)

    def select(self, sgr: str) -> None:
        """SGR with its parameters as written: colors, bold and the like."""
        following = self.pen.after.get(sgr)
        if following is None:
            self._make_room_for_pens()
            following = self.pens.after(self.pen, sgr)
        self.pen = following

    def select_graphic_rendition(self, *attrs: int) -> None:
        """SGR as pyte has it."""
        self.select(";".join(map(str, attrs)))

    def _make_room_for_pens(self) -> None:
        if not self.pens.needs_room:
            return
        on_screen = {self.pen.char}.union(*[row.pens for row in self._all_rows()])
        in_scrollback = self.scrollback.pens_in_use()
        # A half free again is room for long; pictures far back lose their colors before new ones do.
        while in_scrollback and len(on_screen | in_scrollback) > MAX_PENS // 2:
            self.scrollback.forget_pens()
            in_scrollback = self.scrollback.pens_in_use()
        self.pens.keep_only(on_screen | in_scrollback)

    def define_charset(self, code: str, mode: str) -> None:
        """SCS: `mode` is one of `( ) * + - . /`."""
        self.charsets[{"(": 0, ")": 1, "*": 2, "+": 3, "-": 1, ".": 2, "/": 3}[mode]] = charsets.designated(code)
        self._update_translation()

    def shift_to(self, number: int) -> None:
        """SI, SO, LS2, LS3: write with G0 to G3 from now on."""
        self.charset = number
        self._update_translation()

    def shift_once(self, number: int) -> None:
        """SS2, SS3: the next character is of G2 or G3."""
        self.single_shift = number
        self.is_plain = False

    def shift_in(self) -> None:
        """SI."""
        self.shift_to(0)

    def shift_out(self) -> None:
        """SO."""
        self.shift_to(1)

    def _update_translation(self) -> None:
        self.translation = charsets.TRANSLATIONS[self.charsets[self.charset]]
        self.is_plain = self.translation is None and self.single_shift is None and modes.INSERT not in self.mode

    def restore_state(
        self,
        *,
        cursor: tuple[int, int],
        margins: tuple[int, int],
        mode: set[int],
        charsets: tuple[str, str, str, str],
        charset: int,
        single_shift: int | None,
    ) -> None:
        """Take over what a snapshot recorded; it was checked against the size of this screen."""
        self.mode = set(mode)
        self.cursor.x, self.cursor.y = cursor
        self.cursor.hidden = modes.CURSOR_VISIBLE not in mode
        self.top, self.bottom = margins
        self.margins = None if margins == (0, self.lines - 1) else Margins(*margins)
        self.charsets = list(charsets)
        self.charset = charset
        self.single_shift = single_shift
        self._update_translation()
        self.is_all_dirty = True

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
        for group in (modes.MOUSE, modes.MOUSE_ENCODINGS):
            if mode in group:
                self.mode -= group.keys() if is_on or group is modes.MOUSE else {mode}
        if is_on:
            self.mode.add(mode)
        else:
            self.mode.discard(mode)
        if mode == modes.INSERT:
            self._update_translation()
        elif mode == modes.ORIGIN:
            self.cursor_position()
        elif mode == modes.CURSOR_VISIBLE:
            self.cursor.hidden = not is_on
            self.dirty.add(self.cursor.y)
        elif mode == modes.REVERSE_SCREEN:
            self.is_all_dirty = True
        elif mode == modes.AUTOWRAP:
            self._end_pending_wrap()
        elif mode == modes.SAVE_CURSOR_1048:
            self._save_or_restore(is_on)
        elif mode in (modes.ALTERNATE_47, modes.ALTERNATE_1047, modes.ALTERNATE_1049):
            self._show_alternate(mode, is_on)

    def _save_or_restore(self, is_save: bool) -> None:
        if is_save:
            self.save_cursor()
        else:
            self.restore_cursor()

    def _show_alternate(self, mode: int, is_on: bool) -> None:
        """47 only switches; 1047 clears the alternate screen on the way out, 1049 saves the cursor and clears on the way in."""
        self.mode -= {modes.ALTERNATE_47, modes.ALTERNATE_1047, modes.ALTERNATE_1049}
        if is_on:
            self.mode.add(mode)
            if mode == modes.ALTERNATE_1049:
                self.save_cursor()
        elif mode == modes.ALTERNATE_1047 and self.is_alternate:
            self._clear_rows()
        if is_on != self.is_alternate:
            self.rows, self.other_rows = self.other_rows, self.rows
            self.is_alternate = is_on
            self.is_all_dirty = True
        if is_on and mode == modes.ALTERNATE_1049:
            self._clear_rows()
        elif not is_on and mode == modes.ALTERNATE_1049:
            self.restore_cursor()

    def _clear_rows(self) -> None:
        self.rows = [self.blank_row() for _ in range(self.lines)]
        self.is_all_dirty = True

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """Take a new size. Text and cursor of the main screen stay together; nothing of it is lost.

        Fewer lines: blank ones below the cursor go first, then lines leave at the top into the scrollback.
        More lines: they come back from there. Fewer columns hide the ends of lines, more show them again; the
        alternate screen is cut, its program draws again.
        """
        lines = lines or self.lines
        columns = columns or self.columns
        if lines == self.lines and columns == self.columns:
            return
        self._end_pending_wrap()
        main_y = self.saved.get(False, SavedCursor()).y if self.is_alternate else self.cursor.y
        main = self.other_rows if self.is_alternate else self.rows
        moved = self._fit_main(main, lines, main_y)
        if not self.is_alternate:
            self.cursor.y += moved
        if False in self.saved:
            self.saved[False] = _moved(self.saved[False], moved)
        alternate = self.rows if self.is_alternate else self.other_rows
        del alternate[lines:]
        alternate.extend(Row() for _ in range(lines - len(alternate)))
        for row in alternate:
            row.cut(columns)
        self.tabstops |= {stop for stop in range(TAB_COLUMNS, columns, TAB_COLUMNS) if stop >= self.columns}
        self.lines, self.columns = lines, columns
        self.top, self.bottom = 0, lines - 1
        self.margins = None
        self.cursor.x = min(self.cursor.x, columns - 1)
        self.cursor.y = max(0, min(self.cursor.y, lines - 1))
        self.dirty.clear()
        self.is_all_dirty = True

    def _fit_main(self, rows: list[Row], lines: int, cursor_y: int) -> int:
        """Bring the rows of the main screen to `lines`; returns by how many lines the text moved down."""
        while len(rows) > lines and len(rows) - 1 > cursor_y and not rows[-1].text.strip() and not rows[-1].pens:
            rows.pop()
        excess = len(rows) - lines
        if excess > 0:
            self.scrollback.push(rows[:excess])
            self.scrolled_total += excess
            del rows[:excess]
            return -excess
        back: list[Row] = []
        while len(rows) + len(back) < lines and (row := self.scrollback.pop()) is not None:
            back.append(row)
        rows[:0] = reversed(back)
        self.scrolled_total -= len(back)
        rows.extend(Row() for _ in range(lines - len(rows)))
        return len(back)


def _moved(saved: SavedCursor, lines: int) -> SavedCursor:
    return SavedCursor(
        x=saved.x,
        y=max(0, saved.y + lines),
        style=saved.style,
        link=saved.link,
        is_protected=saved.is_protected,
        charsets=saved.charsets,
        shifted_in=saved.shifted_in,
        is_origin=saved.is_origin,
    )


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
        row = screen.rows[y]
        for x, cell in enumerate(row.text[: screen.columns]):
            pen = row.pens[x : x + 1] or DEFAULT_PEN
            cells[x] = _char(screen.clusters.expand(cell), screen.pens[pen].style)
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
