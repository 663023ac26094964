"""Where the cursor goes: the control functions that move it, tab stops, and whether it is in the scroll region.

Methods of `Screen`, which names them; parameters are those of the control sequences.
"""

from typing import TYPE_CHECKING

from synk.terminal import modes

if TYPE_CHECKING:
    from synk.terminal.screen import Screen

TAB_COLUMNS = 8


def end_pending_wrap(screen: "Screen") -> None:
    """The cursor is in the column where it is shown, and the next character goes there."""
    if screen.cursor.x >= screen.columns:
        screen.cursor.x = screen.column


def cursor_up(screen: "Screen", count: int | None = None) -> None:
    """CUU: stops at the top margin if it started at or below it."""
    end_pending_wrap(screen)
    y = screen.cursor.y
    screen.cursor.y = max(y - (count or 1), screen.grid.top if y >= screen.grid.top else 0)


def cursor_down(screen: "Screen", count: int | None = None) -> None:
    """CUD: stops at the bottom margin if it started at or above it."""
    end_pending_wrap(screen)
    y = screen.cursor.y
    screen.cursor.y = min(y + (count or 1), screen.grid.bottom if y <= screen.grid.bottom else screen.lines - 1)


def cursor_up1(screen: "Screen", count: int | None = None) -> None:
    """CPL."""
    screen.cursor_up(count)
    screen.carriage_return()


def cursor_down1(screen: "Screen", count: int | None = None) -> None:
    """CNL."""
    screen.cursor_down(count)
    screen.carriage_return()


def cursor_forward(screen: "Screen", count: int | None = None) -> None:
    """CUF: stops at the right margin if it started at or left of it."""
    x = screen.column
    screen.cursor.x = min(x + (count or 1), screen.grid.right if x <= screen.grid.right else screen.columns - 1)


def cursor_back(screen: "Screen", count: int | None = None) -> None:
    """CUB: stops at the left margin if it started at or right of it; see `_reverse_wrap` for the mode of that name."""
    x = screen.column
    count = count or 1
    if modes.AUTOWRAP in screen.mode and not screen.mode.isdisjoint((modes.REVERSE_WRAP, modes.EXTENDED_REVERSE_WRAP)):
        _reverse_wrap(screen, x, count - (screen.cursor.x >= screen.columns))
    else:
        screen.cursor.x = max(x - count, screen.grid.left if x >= screen.grid.left else 0)


def _reverse_wrap(screen: "Screen", x: int, count: int) -> None:
    """CUB that goes on at the end of the line above, and from the top at the bottom, as in xterm up to 382.

    Later ones only go back over lines that were wrapped (45), unless 1045 is set too.
    """
    grid, cursor = screen.grid, screen.cursor
    left = grid.left if x >= grid.left else 0
    if x - count >= left:
        cursor.x = x - count
        return
    width = grid.right - left + 1
    offset = width * cursor.y + x - count - left
    if x == left and is_in_region(screen) and cursor.y == grid.top:
        offset = (grid.bottom + 1) * width - 1
    cursor.y, cursor.x = divmod(offset % (width * screen.lines), width)
    cursor.x += left


def backspace(screen: "Screen") -> None:
    """BS."""
    screen.cursor_back(1)


def cursor_position(screen: "Screen", line: int | None = None, column: int | None = None) -> None:
    """CUP, 1-based; inside the margins in origin mode."""
    cursor = screen.cursor
    x, y = column - 1 if column else 0, line - 1 if line else 0
    if modes.ORIGIN in screen.mode:
        cursor.x = min(screen.grid.left + x, screen.grid.right)
        cursor.y = min(screen.grid.top + y, screen.grid.bottom)
    else:
        # Not `min`: a call would take as long as all the rest.
        cursor.x = x if x < screen.columns else screen.columns - 1
        cursor.y = y if y < screen.lines else screen.lines - 1


def position(screen: "Screen") -> tuple[int, int]:
    """Line and column of the cursor, 1-based, from the margins in origin mode."""
    x, y = screen.column, screen.cursor.y
    if modes.ORIGIN in screen.mode:
        x, y = max(0, x - screen.grid.left), max(0, y - screen.grid.top)
    return y + 1, x + 1


def cursor_to_column(screen: "Screen", column: int | None = None) -> None:
    """CHA, HPA, 1-based; inside the margins in origin mode."""
    screen.cursor_position(screen.position()[0], column)


def cursor_to_line(screen: "Screen", line: int | None = None) -> None:
    """VPA, 1-based; inside the margins in origin mode."""
    screen.cursor_position(line, screen.position()[1])


def columns_forward(screen: "Screen", count: int | None = None) -> None:
    """HPR: knows no margins, except in origin mode."""
    line, column = screen.position()
    screen.cursor_position(line, column + (count or 1))


def lines_down(screen: "Screen", count: int | None = None) -> None:
    """VPR: knows no margins, except in origin mode."""
    line, column = screen.position()
    screen.cursor_position(line + (count or 1), column)


def tab(screen: "Screen") -> None:
    """HT: to the next tab stop, the right margin or the last column; a pending wrap stays.

    From the right of the right margin it goes back to the margin, as in xterm.
    """
    if modes.WRAP_BEFORE_TAB in screen.mode and screen.cursor.x >= screen.columns and modes.AUTOWRAP in screen.mode:
        screen.writer.wrap()
    is_wrap_pending = screen.cursor.x >= screen.columns
    x = screen.column
    last = screen.grid.right
    stops = screen.tabstops
    while x < last:
        x += 1
        if x in stops:
            break
    x = min(x, last)
    screen.cursor.x = x
    if is_wrap_pending:
        screen.wait_to_wrap(x)


def tab_forward(screen: "Screen", count: int | None = None) -> None:
    """CHT; a pending wrap stays."""
    for _ in range(min(count or 1, screen.columns)):
        before = screen.cursor.x, screen.cursor.y
        screen.tab()
        if (screen.cursor.x, screen.cursor.y) == before:
            break


def tab_back(screen: "Screen", count: int | None = None) -> None:
    """CBT; a pending wrap stays, as in xterm."""
    is_wrap_pending = screen.cursor.x >= screen.columns
    count = count or 1
    before = sorted(stop for stop in screen.tabstops if stop < screen.column)
    x = before[-count] if count <= len(before) else 0
    screen.cursor.x = max(x, screen.grid.left) if modes.ORIGIN in screen.mode else x
    if is_wrap_pending:
        screen.wait_to_wrap(screen.cursor.x)


def reset_tab_stops(screen: "Screen") -> None:
    """A tab stop every eight columns."""
    screen.tabstops = set(range(TAB_COLUMNS, screen.columns, TAB_COLUMNS))


def set_tab_stop(screen: "Screen") -> None:
    """HTS."""
    screen.tabstops.add(screen.column)


def clear_tab_stop(screen: "Screen", how: int = 0) -> None:
    """TBC: 0 the one at the cursor, 3 all."""
    if how == 0:
        screen.tabstops.discard(screen.column)
    elif how == 3:
        screen.tabstops.clear()


def is_between_sides(screen: "Screen") -> bool:
    """Whether the cursor is in a column of the scroll region."""
    return screen.grid.left <= screen.column <= screen.grid.right


def is_in_region(screen: "Screen") -> bool:
    """Whether the cursor is in the scroll region."""
    return screen.grid.top <= screen.cursor.y <= screen.grid.bottom and is_between_sides(screen)
