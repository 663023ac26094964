"""The next line and the one before, and the scroll region that moves at its margins.

Methods of `Screen`, which names them; parameters are those of the control sequences.
"""

from typing import TYPE_CHECKING

from synk.terminal import modes
from synk.terminal.cursor_moves import end_pending_wrap, is_between_sides

if TYPE_CHECKING:
    from synk.terminal.screen import Screen


def carriage_return(screen: "Screen") -> None:
    """CR: to the left margin, or to the first column from the left of it."""
    grid = screen.grid
    screen.cursor.x = grid.left if grid.has_sides and (screen.column >= grid.left or modes.ORIGIN in screen.mode) else 0


def newline(screen: "Screen") -> None:
    """CR LF, the end of most lines."""
    if screen.grid.has_sides:
        screen.carriage_return()
    else:
        screen.cursor.x = 0
    screen.index()


def index(screen: "Screen") -> None:
    """IND: one line down; at the bottom margin the region scrolls, unless the cursor is beside it."""
    cursor = screen.cursor
    grid = screen.grid
    if cursor.x >= screen.columns:
        cursor.x = screen.column
    if cursor.y == grid.bottom:
        if not grid.has_sides:
            grid.scroll_up(1, screen.pen.erase or screen.erase_pen())
        elif is_between_sides(screen):
            screen.scroll_up(1)
    elif cursor.y < screen.lines - 1:
        cursor.y += 1


def reverse_index(screen: "Screen") -> None:
    """RI: one line up; at the top margin the region scrolls down."""
    cursor = screen.cursor
    end_pending_wrap(screen)
    if cursor.y == screen.grid.top:
        if is_between_sides(screen):
            screen.scroll_down(1)
    elif cursor.y > 0:
        cursor.y -= 1


def linefeed(screen: "Screen") -> None:
    """LF, VT, FF: index, and a carriage return in newline mode (LNM)."""
    screen.index()
    if modes.NEWLINE in screen.mode:
        screen.carriage_return()


def linefeeds(screen: "Screen", count: int) -> None:
    """So many LF, one after the other."""
    grid, cursor = screen.grid, screen.cursor
    if not count:
        return
    screen.linefeed()
    last = grid.bottom if cursor.y <= grid.bottom else screen.lines - 1
    down = min(count - 1, last - cursor.y)
    cursor.y += down
    if count - 1 <= down or cursor.y != grid.bottom:
        return
    if not grid.has_sides:
        grid.scroll_up_far(count - 1 - down, screen.erase_pen())
    elif is_between_sides(screen):
        screen.scroll_up(count - 1 - down)


def next_line(screen: "Screen") -> None:
    """NEL."""
    screen.index()
    screen.carriage_return()


def scroll_up(screen: "Screen", count: int | None = None) -> None:
    """SU: lines of the scroll region move up; from the top of the main screen they go to the scrollback."""
    if screen.grid.has_sides:
        screen.grid.scroll_between_sides(screen.grid.top, count or 1, screen.erase_pen())
    else:
        screen.grid.scroll_up(count or 1, screen.erase_pen())


def scroll_down(screen: "Screen", count: int | None = None) -> None:
    """SD: lines of the scroll region move down, those at its end are lost."""
    if screen.grid.has_sides:
        screen.grid.scroll_between_sides(screen.grid.top, -(count or 1), screen.erase_pen())
    else:
        screen.grid.insert_lines(screen.grid.top, count or 1, screen.erase_pen())
