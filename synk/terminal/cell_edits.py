"""Cells inserted, removed, moved and erased, inside the margins and under protection.

Methods of `Screen`, which names them; parameters are those of the control sequences.
"""

from typing import TYPE_CHECKING, Any

from synk.terminal import rectangles
from synk.terminal.cursor_moves import end_pending_wrap, is_between_sides, is_in_region
from synk.terminal.mode_switches import Protection, reset_margins
from synk.terminal.rows import Row
from synk.terminal.styles import DEFAULT_PEN

if TYPE_CHECKING:
    from synk.terminal.screen import Screen


def insert_lines(screen: "Screen", count: int | None = None) -> None:
    """IL: blank lines at the cursor, inside the scroll region only."""
    if is_in_region(screen):
        if screen.grid.has_sides:
            screen.grid.scroll_between_sides(screen.cursor.y, -(count or 1), screen.erase_pen())
        else:
            screen.grid.insert_lines(screen.cursor.y, count or 1, screen.erase_pen())
        screen.cursor.x = screen.grid.left


def delete_lines(screen: "Screen", count: int | None = None) -> None:
    """DL: lines from the cursor on are removed, inside the scroll region only."""
    if is_in_region(screen):
        if screen.grid.has_sides:
            screen.grid.scroll_between_sides(screen.cursor.y, count or 1, screen.erase_pen())
        else:
            screen.grid.delete_lines(screen.cursor.y, count or 1, screen.erase_pen())
        screen.cursor.x = screen.grid.left


def scroll_left(screen: "Screen", count: int | None = None) -> None:
    """SL: columns of the scroll region move left, if the cursor is in it."""
    _shift_columns(screen, screen.grid.left, count or 1, is_insert=False)


def scroll_right(screen: "Screen", count: int | None = None) -> None:
    """SR: columns of the scroll region move right, if the cursor is in it."""
    _shift_columns(screen, screen.grid.left, count or 1, is_insert=True)


def insert_columns(screen: "Screen", count: int | None = None) -> None:
    """DECIC: blank columns at the cursor, in all rows of the scroll region."""
    _shift_columns(screen, screen.column, count or 1, is_insert=True)


def delete_columns(screen: "Screen", count: int | None = None) -> None:
    """DECDC: columns from the cursor on are removed, in all rows of the scroll region."""
    _shift_columns(screen, screen.column, count or 1, is_insert=False)


def back_index(screen: "Screen", count: int = 1) -> None:
    """DECBI, so many times: one column to the left; at the left margin the region moves right."""
    while count and screen.column != screen.grid.left:
        screen.cursor_back(1)
        count -= 1
    if count:
        _shift_columns(screen, screen.grid.left, count, is_insert=True)


def forward_index(screen: "Screen", count: int = 1) -> None:
    """DECFI, so many times: one column to the right; at the right margin the region moves left."""
    while count and screen.column != screen.grid.right:
        screen.cursor_forward(1)
        count -= 1
    if count:
        _shift_columns(screen, screen.grid.left, count, is_insert=False)


def _shift_columns(screen: "Screen", x: int, count: int, *, is_insert: bool) -> None:
    if is_in_region(screen):
        screen.grid.shift_columns(x, count, screen.erase_pen(), is_insert=is_insert)


def insert_characters(screen: "Screen", count: int | None = None) -> None:
    """ICH."""
    end_pending_wrap(screen)
    if screen.grid.has_sides:
        _shift_cells(screen, count or 1, is_insert=True)
        return
    _row(screen).insert(screen.cursor.x, count or 1, screen.erase_pen(), screen.columns)


def _shift_cells(screen: "Screen", count: int, *, is_insert: bool) -> None:
    if is_between_sides(screen):
        shift = rectangles.insert_cells if is_insert else rectangles.delete_cells
        shift(screen.grid, screen.cursor.y, screen.cursor.x, screen.grid.right + 1, count, screen.erase_pen())


def delete_characters(screen: "Screen", count: int | None = None) -> None:
    """DCH."""
    end_pending_wrap(screen)
    if screen.grid.has_sides:
        _shift_cells(screen, count or 1, is_insert=False)
        return
    row = _row(screen)
    row.delete(screen.cursor.x, count or 1, screen.erase_pen(), screen.columns)
    row.is_wrapped = False


def erase_characters(screen: "Screen", count: int | None = None) -> None:
    """ECH."""
    end_pending_wrap(screen)
    _erase(screen, screen.cursor.y, screen.cursor.x, min(screen.cursor.x + (count or 1), screen.columns), False)


def erase_in_line(screen: "Screen", how: int = 0, private: bool = False) -> None:
    """EL; with `private` DECSEL, which spares protected cells."""
    x, y = screen.cursor.x, screen.cursor.y
    if how == 0 and x < screen.columns and not screen.protection and screen.pen.erase == DEFAULT_PEN:
        # To the end of the line, as after most lines of a redraw, in one step instead of four.
        screen.grid.cut(y, x)
        return
    if how > 2:
        return
    end_pending_wrap(screen)
    x = screen.cursor.x
    if how == 0:
        _erase(screen, y, x, screen.columns, private)
    elif how == 1:
        _erase(screen, y, 0, x + 1, private)
    else:
        _erase(screen, y, 0, screen.columns, private)


def erase_in_display(screen: "Screen", how: int = 0, *_: Any, **kwargs: Any) -> None:
    """ED; with `private=True` DECSED. 3 clears the scrollback and nothing else."""
    private = bool(kwargs.get("private"))
    if how == 3:
        if not private:
            screen.grid.scrollback.clear()
        return
    if how > 3:
        return
    end_pending_wrap(screen)
    y = screen.cursor.y
    if how < 2:
        screen.erase_in_line(how, private)
    first, end = ((y + 1, screen.lines), (0, y), (0, screen.lines))[how]
    screen.grid.clear_rows(first, end, screen.erase_pen(), spares_protected=_spares(screen, private))


def _erase(screen: "Screen", y: int, x: int, end: int, private: bool) -> None:
    screen.grid.erase(y, x, end, screen.pen.erase or screen.erase_pen(), spares_protected=_spares(screen, private))


def _spares(screen: "Screen", private: bool) -> bool:
    """True if erasing leaves protected cells alone."""
    return bool(screen.protection) and (private or screen.protection is Protection.ISO)


def protect(screen: "Screen", how: "Protection", is_protected: bool) -> None:
    """DECSCA, SPA, EPA: what is written from now on is protected, or not."""
    screen.protection = how
    if screen.pen.is_protected != is_protected:
        screen.grid.make_room_for_pens(screen.pen)
        screen.pen = screen.grid.pens.guarded(screen.pen, is_protected)


def _row(screen: "Screen") -> Row:
    screen.grid.dirty.add(screen.cursor.y)
    return screen.grid.rows[screen.cursor.y]


def alignment_display(screen: "Screen") -> None:
    """DECALN: the screen full of E, margins and cursor as after the start."""
    reset_margins(screen)
    screen.grid.fill(Row("E" * screen.columns))
    screen.cursor_position()
