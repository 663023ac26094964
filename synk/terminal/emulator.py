"""A terminal without window and process: bytes in; cells, cursor, replies and events out."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from synk.terminal import modes, prompts
from synk.terminal.anchors import Anchor
from synk.terminal.colors import Colors
from synk.terminal.events import TerminalEvent
from synk.terminal.interpreter import Interpreter
from synk.terminal.marks import Marks, ShellState
from synk.terminal.modes import Modes
from synk.terminal.parser import Parser
from synk.terminal.pictures import Pictures
from synk.terminal.program_status import StatusRecord
from synk.terminal.reports import with_eight_bit_controls
from synk.terminal.rows import Run, runs_of
from synk.terminal.screen import Screen
from synk.terminal.scrollback import Scrollback
from synk.terminal.search import Search
from synk.terminal.selection import Point, Selection
from synk.terminal.shown_pictures import Shown, shown
from synk.terminal.snapshot import decode, encode
from synk.terminal.state import TerminalState
from synk.terminal.styles import NO_LINK, Link

MAX_COLUMNS, MAX_ROWS = 4096, 4096
"""Sizes beyond are taken for these; no screen shows as much."""

_LEAVE = b"\x18\x1b[?1049l\x1b[!p\x1b[?69l\x1b[r"
"""Ends an unfinished sequence and leaves the alternate screen, margins and insert mode."""
_DEFAULTS = (
    b"\x1b[H\x1b[2J\x1b[!p\x1b[2l\x1b[12h"
    b"\x1b[?5;40;41;45;66;67;1000;1002;1003;1004;1005;1006;1015;1016;1045;2004;2026;2027;2031;2048l"
    b"\x1b[?7;25;1007;1035;1046h\x1b>"
    b"\x1b[0 q\x1b]104\x07\x1b]110\x07\x1b]111\x07\x1b]112\x07\x1b]105\x07\x1b[>4m\x1b]0;\x07"
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next character goes, and how that is shown."""

    x: int
    """Column from 0; the last one while a wrap is pending."""
    y: int
    is_visible: bool
    shape: Literal["block", "underline", "bar"]
    blinks: bool


class Emulator:
    """One terminal. Not thread-safe; every method returns at once, and none but `restore` raises for any input.

    The result does not depend on how the bytes are cut into chunks.
    """

    def __init__(
        self,
        *,
        cols: int,
        rows: int,
        reply: Callable[[bytes], None],
        scrollback_lines: int = 5000,
        scrollback_bytes: int = 8 << 20,
        version: str = "",
    ) -> None:
        """`reply` is called inside `feed` with the bytes to send to the program, in order; `version` is told by XTVERSION."""
        self.scrollback = Scrollback(limit_lines=scrollback_lines, limit_bytes=scrollback_bytes)
        self.screen = Screen(_clamp(cols, MAX_COLUMNS), _clamp(rows, MAX_ROWS), self.scrollback)
        self._state = TerminalState(self.screen)
        self._state.version_text = version
        self._reply = reply
        self._interpreter = Interpreter(self._state, self._send)
        self._parser = Parser(self._interpreter)
        self._modes = Modes()
        # What that is the picture of.
        self._mode: set[int] = set()
        self._other_modes: tuple[bool, int, int] | None = None

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the program's output."""
        self._parser.feed(data)

    def resize(self, *, cols: int, rows: int) -> None:
        """Take a new size; see `Screen.resize` for what happens to the text."""
        before = (self.cols, self.rows)
        self.screen.resize(_clamp(rows, MAX_ROWS), _clamp(cols, MAX_COLUMNS))
        if (self.cols, self.rows) != before:
            self._interpreter.size_changed()

    def renew(self) -> None:
        """Another program takes the terminal: the screen's text goes to the scrollback, everything else to its defaults.

        Not RIS, which would empty the scrollback.
        """
        self.feed(_LEAVE)
        used = max((y + 1 for y in range(self.rows) if self.text(y)), default=0)
        self.feed(b"\x1b[%d;1H" % self.rows + b"\n" * used + _DEFAULTS)
        self._state.reset_program()
        self._interpreter.graphics.renew()
        self.take_events()

    @property
    def cols(self) -> int:
        """Columns of the screen."""
        return self.screen.columns

    @property
    def rows(self) -> int:
        """Lines of the screen."""
        return self.screen.lines

    @property
    def scrolled_total(self) -> int:
        """Absolute number of the first screen line: how many lines have left the screen since the start.

        A taller screen takes lines back, and the number falls accordingly: line `n` stays line `n`.
        """
        return self.screen.grid.scrolled_total

    def first_row(self) -> int:
        """The oldest row that `row` knows: 0, or negative with a scrollback."""
        return -len(self.scrollback)

    def anchor(self, line: int, col: int) -> Anchor:
        """A place that stays with its text when the size changes: `line` is absolute, as `scrolled_total` counts."""
        return self.screen.grid.anchor(line, col)

    def search(self, pattern: str, *, is_regex: bool = False) -> Search:
        """A search for a text or a regular expression; call its `refresh` now, and again after output.

        Case matters only if the pattern has a capital letter.

        Raises:
            PatternInvalid: it is no regular expression.
        """
        return Search(self.screen.grid, pattern, is_regex=is_regex)

    def marks(self, first: int, last: int) -> list[tuple[int, Marks]]:
        """Lines `first` to `last` (absolute, included) that have marks of the shell (OSC 133), and these."""
        top = self.scrolled_total
        return [(top + y, marks) for y, marks in self.screen.grid.marked(first - top, last + 1 - top)]

    def previous_prompt(self, line: int) -> int | None:
        """The nearest line above `line` (both absolute) where a prompt begins; None without one."""
        return prompts.previous_prompt(self.screen.grid, line)

    def next_prompt(self, line: int) -> int | None:
        """The nearest line below `line` (both absolute) where a prompt begins; None without one."""
        return prompts.next_prompt(self.screen.grid, line)

    def last_output(self) -> Selection | None:
        """What the last command printed, or has printed so far, to be selected or copied (`text`).

        None if the shell told of no command, or its output has left the scrollback.
        """
        found = prompts.last_output(self.screen.grid)
        if found is None:
            return None
        start, end = found
        if end is None:
            end = (self.scrolled_total + self.cursor.y, self.cursor.x)
        if end[1] == 0 and end > start:
            # Up to the end of the line before: the last line break belongs to no text that is copied.
            end = (max(end[0] - 1, start[0]), self.cols if end[0] > start[0] else start[1])
        return Selection(Point(*start), Point(*end))

    @property
    def shell(self) -> ShellState:
        """Where the shell stands: at its prompt or not, the exit status of the last command (OSC 133). Not to be changed."""
        return self.screen.grid.shell

    @property
    def has_dirty(self) -> bool:
        """Whether some row of the screen changed since `take_dirty`."""
        return self.screen.grid.has_dirty

    def take_dirty(self) -> set[int]:
        """Screen rows that changed since the last call."""
        return self.screen.grid.take_dirty()

    def row(self, y: int) -> tuple[Run, ...]:
        """What to draw in row `y`: 0 to `rows - 1` on the screen, negative in the scrollback (-1 is its newest line).

        Blank cells in the default style at the end are left out; a row that does not exist is empty. A line
        of the scrollback may be longer than the screen is wide.
        """
        grid = self.screen.grid
        if 0 <= y < grid.lines:
            return grid.rows[y].runs(grid.pens, grid.clusters, grid.columns)
        if -len(self.scrollback) <= y < 0:
            line = self.scrollback.line(y)
            return runs_of(line.text, line.pens, grid.pens, grid.clusters)
        return ()

    def text(self, y: int) -> str:
        """The text of row `y` (as in `row`), one character or cluster after the other.

        Blanks at the end are left out unless the line goes on in the next row.
        """
        cells, is_wrapped = self._cells(y)
        text = self.screen.grid.clusters.expand(cells)
        return text if is_wrapped else text.rstrip(" ")

    def cells(self, y: int) -> tuple[str, ...]:
        """The text of row `y` by column: "" in the second cell of a wide character, blanks at the end left out."""
        expand = self.screen.grid.clusters.expand
        text, _ = self._cells(y)
        return tuple(text) if text.isascii() else tuple(map(expand, text))

    def is_wrapped(self, y: int) -> bool:
        """True if the line in row `y` goes on in row `y + 1`."""
        return self._cells(y)[1]

    def link_at(self, x: int, y: int) -> str:
        """Target of the hyperlink (OSC 8) in a cell, "" without one. Untrusted: check the scheme, show it first."""
        return self.link(x, y).target

    def link(self, x: int, y: int) -> Link:
        """The hyperlink in a cell, with the id that joins its parts."""
        grid = self.screen.grid
        if 0 <= y < grid.lines:
            pens = grid.rows[y].pens
        elif -len(self.scrollback) <= y < 0:
            pens = self.scrollback.line(y).pens
        else:
            return NO_LINK
        return grid.pens[pens[x]].link if 0 <= x < len(pens) else NO_LINK

    @property
    def cursor(self) -> Cursor:
        """Place and look of the cursor."""
        screen = self.screen
        style = self._state.cursor_style
        return Cursor(
            x=screen.column,
            y=screen.cursor.y,
            is_visible=not screen.cursor.hidden,
            shape="bar" if style >= 5 else "underline" if style >= 3 else "block",
            blinks=modes.CURSOR_BLINK in screen.mode,
        )

    @property
    def modes(self) -> Modes:
        """What the program has set."""
        state, mode = self._state, self.screen.mode
        is_alternate = self.screen.grid.is_alternate
        others = (is_alternate, state.modify_other_keys, state.key_flags.of(is_alternate))
        if others != self._other_modes or mode != self._mode:
            self._modes = modes.picture(mode, is_alternate=others[0], modify_other_keys=others[1], kitty_keyboard=others[2])
            self._mode, self._other_modes = set(mode), others
        return self._modes

    @property
    def is_synchronized(self) -> bool:
        """Whether the program is in the middle of a frame (2026)."""
        return modes.SYNCHRONIZED in self.screen.mode

    @property
    def is_reversed(self) -> bool:
        """Whether the default colors are swapped (DECSCNM)."""
        return modes.REVERSE_SCREEN in self.screen.mode

    @property
    def title(self) -> str:
        """As the program set it (OSC 0 or 2), "" if it did not. Untrusted text without control characters."""
        return self.screen.title

    @property
    def colors(self) -> Colors:
        """The palette: `colors.base` is the window's to set, `colors.overrides` the program's."""
        return self._state.colors

    def describe_window(self, *, cell_width: int, cell_height: int, is_dark: bool) -> None:
        """Tell what programs may ask, or asked to be told: the size of a cell in pixels, whether the theme is dark."""
        state = self._state
        cell = max(cell_width, 1), max(cell_height, 1)
        has_new_cells, has_new_scheme = state.cell_pixels != cell, state.is_dark != is_dark
        state.cell_pixels = cell
        state.is_dark = is_dark
        if has_new_cells:
            self._interpreter.size_changed()
        if has_new_scheme:
            self._interpreter.scheme_changed()

    @property
    def pictures(self) -> Pictures:
        """Sixel and kitty graphics; `is_empty` as long as none was sent."""
        return self._interpreter.graphics.pictures

    def shown_pictures(self, first: int, end: int) -> list[Shown]:
        """Pictures to be seen in rows `first` to `end` (excluded, numbers as in `row`), the lowest first."""
        pictures = self._interpreter.graphics.pictures
        if pictures.is_empty:
            return []
        grid = self.screen.grid
        return shown(grid, pictures.shelves[grid.is_alternate], first, end)

    @property
    def size_pixels(self) -> tuple[int, int]:
        """Width and height of the screen, as programs are told; 0 where nobody said how large a cell is."""
        width, height = self._state.cell_pixels or (0, 0)
        return width * self.cols, height * self.rows

    def allow_images(self, is_allowed: bool) -> None:
        """Whether pictures are shown; without it programs are told that there are no graphics, and those shown go."""
        if self._state.has_images != is_allowed:
            self._state.has_images = is_allowed
            self._interpreter.graphics.forget()

    def allow_clipboard_read(self, is_allowed: bool) -> None:
        """Whether OSC 52 may ask for the clipboard; without it such a question gets no answer and no event."""
        self._state.may_read_clipboard = is_allowed

    def tell_clipboard(self, target: str, text: str) -> None:
        """Answer `ClipboardAsked`."""
        if self._state.may_read_clipboard:
            encoded = base64.b64encode(text.encode("utf-8", "replace")).decode()
            self._send(f"\x1b]52;{target};{encoded}{self._state.clipboard_end}".encode())

    @property
    def pointer(self) -> str:
        """Shape of the mouse pointer as the program wants it, a name of CSS; "" if it does not care (OSC 22)."""
        return self._state.pointers.of(self.screen.grid.is_alternate)

    @property
    def program_status(self) -> tuple[StatusRecord, ...]:
        """What programs told about themselves (OSC 7501), the latest report last."""
        return self._state.status_records.all()

    def take_events(self) -> list[TerminalEvent]:
        """What happened since the last call, oldest first.

        At most one event of each kind, the latest; of notifications, prompt marks and variables the latest 32.
        """
        events = list(self._state.events.values())
        self._state.events.clear()
        return events

    def snapshot(self) -> bytes:
        """Everything but the events and the scrollback above its newest screenful, for `restore`."""
        return encode(self._state, self._parser)

    @classmethod
    def restore(
        cls,
        data: bytes,
        *,
        reply: Callable[[bytes], None],
        scrollback_lines: int = 5000,
        scrollback_bytes: int = 8 << 20,
        version: str = "",
    ) -> "Emulator":
        """An emulator that goes on as the one whose `snapshot` this is, with a screenful of scrollback at most.

        Raises:
            ValueError: `data` is not a snapshot of this version.
        """
        picture = decode(data)
        emulator = cls(
            cols=picture.columns,
            rows=picture.lines,
            reply=reply,
            scrollback_lines=scrollback_lines,
            scrollback_bytes=scrollback_bytes,
            version=version,
        )
        picture.apply(emulator._state, emulator._parser)
        return emulator

    def _send(self, data: bytes) -> None:
        """An answer on its way to the program, with the controls it wants (S8C1T)."""
        self._reply(with_eight_bit_controls(data) if self._state.sends_eight_bit else data)

    def _cells(self, y: int) -> tuple[str, bool]:
        grid = self.screen.grid
        if 0 <= y < grid.lines:
            row = grid.rows[y]
            return row.text[: grid.columns], row.goes_on(grid.columns)
        if -len(self.scrollback) <= y < 0:
            line = self.scrollback.line(y)
            return line.text, line.is_wrapped
        return "", False


def _clamp(size: int, limit: int) -> int:
    return max(1, min(size, limit))
