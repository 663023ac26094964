"""The screen: cells, cursor, margins, pens and modes behind pyte's interface. The only importer of pyte."""

from collections.abc import Iterator
from dataclasses import replace

from pyte.graphics import BG, FG, FG_BG_256
from pyte.screens import Char, Cursor, Margins, StaticDefaultDict
from pyte.screens import Screen as PyteScreen

from synk.terminal import cell_edits, cursor_moves, drawing, line_feeds, mode_switches, modes
from synk.terminal.anchors import Spot
from synk.terminal.charsets import US, Charsets
from synk.terminal.cursor_moves import TAB_COLUMNS, end_pending_wrap
from synk.terminal.grid import Grid
from synk.terminal.marks import MarkKind
from synk.terminal.mode_switches import Protection, SavedCursor
from synk.terminal.redraws import Redraws
from synk.terminal.scattered import Scattered
from synk.terminal.scrollback import Scrollback
from synk.terminal.styles import DEFAULT_PEN, DEFAULT_STYLE, RGB, Pen, Style
from synk.terminal.whole_lines import WholeLines
from synk.terminal.writer import Writer


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
        self.writer = Writer(self)
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
        self.use_charsets(Charsets())

    def show_margins(self) -> None:
        """Let `margins` tell the scroll region as pyte does: None is the whole screen."""
        top, bottom = self.grid.top, self.grid.bottom
        self.margins = None if (top, bottom) == (0, self.lines - 1) else Margins(top, bottom)

    def use_charsets(self, charsets: Charsets) -> None:
        """Write with these from now on."""
        self.charsets = charsets
        self.update_is_plain()

    def update_is_plain(self) -> None:
        """Work out anew what `is_plain` and `takes_sent` say: sets, insert mode or side margins changed."""
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

    # The control functions, by subject, as modules of functions that are methods here: no call more than if they stood here.
    draw = drawing.draw
    draw_sent = drawing.draw_sent
    repeat = drawing.repeat
    select = drawing.select
    select_all = drawing.select_all
    select_graphic_rendition = drawing.select_graphic_rendition
    set_pen = drawing.set_pen

    carriage_return = line_feeds.carriage_return
    newline = line_feeds.newline
    index = line_feeds.index
    reverse_index = line_feeds.reverse_index
    linefeed = line_feeds.linefeed
    linefeeds = line_feeds.linefeeds
    next_line = line_feeds.next_line
    scroll_up = line_feeds.scroll_up
    scroll_down = line_feeds.scroll_down

    cursor_up = cursor_moves.cursor_up
    cursor_down = cursor_moves.cursor_down
    cursor_up1 = cursor_moves.cursor_up1
    cursor_down1 = cursor_moves.cursor_down1
    cursor_forward = cursor_moves.cursor_forward
    cursor_back = cursor_moves.cursor_back
    backspace = cursor_moves.backspace
    cursor_position = cursor_moves.cursor_position
    position = cursor_moves.position
    cursor_to_column = cursor_moves.cursor_to_column
    cursor_to_line = cursor_moves.cursor_to_line
    columns_forward = cursor_moves.columns_forward
    lines_down = cursor_moves.lines_down
    tab = cursor_moves.tab
    tab_forward = cursor_moves.tab_forward
    tab_back = cursor_moves.tab_back
    reset_tab_stops = cursor_moves.reset_tab_stops
    set_tab_stop = cursor_moves.set_tab_stop
    clear_tab_stop = cursor_moves.clear_tab_stop

    insert_lines = cell_edits.insert_lines
    delete_lines = cell_edits.delete_lines
    scroll_left = cell_edits.scroll_left
    scroll_right = cell_edits.scroll_right
    insert_columns = cell_edits.insert_columns
    delete_columns = cell_edits.delete_columns
    back_index = cell_edits.back_index
    forward_index = cell_edits.forward_index
    insert_characters = cell_edits.insert_characters
    delete_characters = cell_edits.delete_characters
    erase_characters = cell_edits.erase_characters
    erase_in_line = cell_edits.erase_in_line
    erase_in_display = cell_edits.erase_in_display
    protect = cell_edits.protect
    alignment_display = cell_edits.alignment_display

    save_cursor = mode_switches.save_cursor
    restore_cursor = mode_switches.restore_cursor
    set_margins = mode_switches.set_margins
    set_sides = mode_switches.set_sides
    soft_reset = mode_switches.soft_reset
    set_mode = mode_switches.set_mode
    reset_mode = mode_switches.reset_mode
    change_mode = mode_switches.change_mode

    def define_charset(self, code: str, mode: str) -> None:
        """SCS: `mode` is one of `( ) * + - . /`."""
        self.charsets.designate(code, mode)
        self.update_is_plain()

    def shift_to(self, number: int) -> None:
        """SI, SO, LS2, LS3: write with G0 to G3 from now on."""
        self.charsets.shift_to(number)
        self.update_is_plain()

    def shift_once(self, number: int) -> None:
        """SS2, SS3: the next character is of G2 or G3."""
        self.charsets.single_shift = number
        self.update_is_plain()

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
        self.show_margins()
        self.use_charsets(charsets)
        self.grid.touch_all()

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """Take a new size. Text and cursor of the main screen stay together (see `refit`); a wrap is pending if the
        cursor was where the text is hidden now."""
        lines = lines or self.lines
        columns = columns or self.columns
        if lines == self.lines and columns == self.columns:
            return
        is_alternate = self.grid.is_alternate
        if is_alternate or self.cursor.x != self.columns:
            end_pending_wrap(self)
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
        self.update_is_plain()
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
