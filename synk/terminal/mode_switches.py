"""What is switched on and off: modes, margins, the alternate screen, and the cursor that is saved for later.

Methods of `Screen`, which names them.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from synk.terminal import modes
from synk.terminal.charsets import US, Charsets, Sets
from synk.terminal.cursor_moves import end_pending_wrap
from synk.terminal.styles import DEFAULT_STYLE, NO_LINK, Link, Style

if TYPE_CHECKING:
    from synk.terminal.screen import Screen

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


def save_cursor(screen: "Screen") -> None:
    """DECSC."""
    pen = screen.pen
    screen.saved[screen.grid.is_alternate] = SavedCursor(
        x=screen.column,
        y=screen.cursor.y,
        is_wrap_pending=screen.cursor.x >= screen.columns,
        style=pen.style,
        link=pen.link,
        is_protected=pen.is_protected,
        charsets=screen.charsets.sets,
        shifted_in=screen.charsets.shifted_in,
        is_origin=modes.ORIGIN in screen.mode,
    )


def restore_cursor(screen: "Screen") -> None:
    """DECRC; the home position and the default pen if nothing was saved."""
    saved = screen.saved.get(screen.grid.is_alternate, SavedCursor())
    grid = screen.grid
    screen.cursor.x = min(saved.x, grid.right if saved.is_origin else screen.columns - 1)
    screen.cursor.y = min(saved.y, grid.bottom if saved.is_origin else screen.lines - 1)
    if saved.is_wrap_pending:
        screen.wait_to_wrap(screen.cursor.x)
    screen.set_pen(saved.style, saved.link, saved.is_protected)
    screen.use_charsets(Charsets(saved.charsets, saved.shifted_in, screen.charsets.single_shift))
    if saved.is_origin:
        screen.mode.add(modes.ORIGIN)
    else:
        screen.mode.discard(modes.ORIGIN)


def set_margins(screen: "Screen", top: int | None = None, bottom: int | None = None) -> None:
    """DECSTBM, 1-based: 0 or None is the edge of the screen. A region of less than two lines is refused."""
    first = (top or 1) - 1
    last = min(bottom or screen.lines, screen.lines) - 1
    if first >= last:
        # A screen of one line has no other region than itself.
        return
    screen.grid.set_region(first, last)
    screen.show_margins()
    screen.cursor_position()


def set_sides(screen: "Screen", left: int | None = None, right: int | None = None) -> None:
    """DECSLRM, 1-based as `set_margins`; SCOSC if the left and right margins are not switched on (DECLRMM)."""
    if modes.SIDE_MARGINS not in screen.mode:
        screen.save_cursor()
        return
    first = (left or 1) - 1
    last = min(right or screen.columns, screen.columns) - 1
    if first < last:
        _set_sides(screen, first, last)
        screen.cursor_position()


def _set_sides(screen: "Screen", left: int, right: int) -> None:
    screen.grid.set_sides(left, right)
    screen.update_is_plain()


def reset_margins(screen: "Screen") -> None:
    """All four at the edges of the screen, DECLRMM off."""
    screen.mode.discard(modes.SIDE_MARGINS)
    _set_sides(screen, 0, screen.columns - 1)
    screen.grid.set_region(0, screen.lines - 1)
    screen.margins = None


def soft_reset(screen: "Screen") -> None:
    """DECSTR: modes, margins and pen as after the start; text and cursor position stay."""
    screen.mode |= {modes.AUTOWRAP, modes.CURSOR_VISIBLE}
    screen.mode -= {modes.INSERT, modes.ORIGIN, modes.CURSOR_KEYS, modes.KEYPAD, modes.REVERSE_WRAP}
    screen.cursor.hidden = False
    reset_margins(screen)
    screen.protection = Protection.OFF
    screen.pen = screen.grid.pens.default
    screen.saved.pop(screen.grid.is_alternate, None)
    screen.use_charsets(Charsets())


def set_mode(screen: "Screen", *numbers: int, **kwargs: Any) -> None:
    """SM; DECSET with `private=True`."""
    for number in numbers:
        screen.change_mode(modes.private(number) if kwargs.get("private") else number, True)


def reset_mode(screen: "Screen", *numbers: int, **kwargs: Any) -> None:
    """RM; DECRST with `private=True`."""
    for number in numbers:
        screen.change_mode(modes.private(number) if kwargs.get("private") else number, False)


def change_mode(screen: "Screen", mode: int, is_on: bool) -> None:
    """Set or reset a mode by its key (`modes.private`); one that is not known is ignored."""
    if mode not in modes.KNOWN_PRIVATE and mode not in modes.KNOWN_ANSI:
        return
    if mode == modes.WIDE_SCREEN and modes.ALLOW_WIDE_SCREEN not in screen.mode:
        return
    if mode in _ALTERNATE and modes.ALLOW_ALTERNATE not in screen.mode:
        return
    for group in (modes.MOUSE, modes.MOUSE_ENCODINGS):
        if mode in group:
            screen.mode -= group.keys() if is_on or group is modes.MOUSE else {mode}
    if is_on:
        screen.mode.add(mode)
    else:
        screen.mode.discard(mode)
    if mode == modes.INSERT:
        screen.update_is_plain()
    elif mode == modes.ORIGIN:
        screen.cursor_position()
    elif mode == modes.CURSOR_VISIBLE:
        screen.cursor.hidden = not is_on
        screen.grid.dirty.add(screen.cursor.y)
    elif mode == modes.REVERSE_SCREEN:
        screen.grid.is_all_dirty = True
    elif mode == modes.SIDE_MARGINS:
        if not is_on:
            _set_sides(screen, 0, screen.columns - 1)
    elif mode == modes.SAVE_CURSOR_1048:
        _save_or_restore(screen, is_on)
    elif mode == modes.WIDE_SCREEN:
        _change_wide_screen(screen)
    elif mode == modes.ALLOW_ALTERNATE and not is_on:
        _show_alternate(screen, modes.ALTERNATE_47, False)
    elif mode in _ALTERNATE:
        _show_alternate(screen, mode, is_on)


def _change_wide_screen(screen: "Screen") -> None:
    """DECCOLM, without another width: an empty screen, no margins."""
    _clear(screen)
    reset_margins(screen)
    screen.cursor_position()


def _save_or_restore(screen: "Screen", is_save: bool) -> None:
    if is_save:
        screen.save_cursor()
    else:
        screen.restore_cursor()


def _show_alternate(screen: "Screen", mode: int, is_on: bool) -> None:
    """47 only switches; 1047 clears the alternate screen on the way out, 1049 saves the cursor and clears on the way in."""
    screen.mode -= _ALTERNATE
    if is_on:
        screen.mode.add(mode)
        if mode == modes.ALTERNATE_1049:
            screen.save_cursor()
    elif mode == modes.ALTERNATE_1047 and screen.grid.is_alternate:
        _clear(screen)
    screen.grid.switch(is_on)
    if mode == modes.ALTERNATE_1049:
        if is_on:
            _clear(screen)
        else:
            screen.restore_cursor()


def _clear(screen: "Screen") -> None:
    end_pending_wrap(screen)
    screen.grid.fill(screen.grid.blank_row(screen.erase_pen()))
