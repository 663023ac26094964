"""Text and its looks: what is written at the cursor, and the pen it is written with.

Methods of `Screen`, which names them.
"""

from typing import TYPE_CHECKING

from synk.terminal import modes
from synk.terminal.charsets import US
from synk.terminal.late_rows import write_late
from synk.terminal.rows import STUB, Row
from synk.terminal.sent import MAX_SENT_CHARS, MAX_SGR_CHARS, SGR, SHORT_CHARS
from synk.terminal.styles import DEFAULT_PEN, Link, Style

if TYPE_CHECKING:
    from synk.terminal.screen import Screen


# pyte's own draw() ends at the first zero-width character of a text.
def draw(screen: "Screen", data: str) -> None:
    """Write printable text at the cursor, wrapping as the modes say. `data` holds no control characters."""
    if screen.is_plain and data.isascii():
        cursor = screen.cursor
        x = cursor.x
        end = x + len(data)
        if end < screen.columns:
            # Nearly all text comes this way: it fits, and nothing but the row changes.
            if data:
                y = cursor.y
                grid = screen.grid
                row = grid.rows[y]
                old = row.text
                pen = screen.pen.char
                if row.__class__ is not Row or row.pens or pen != DEFAULT_PEN or not old.isascii():
                    row.write(x, data, pen)
                elif x < len(old):
                    # Plain text in a plain row, without that call: cursor motion is a tenth faster.
                    row.text = old[:x] + data + old[end:]
                else:
                    row.text = old.ljust(x) + data
                grid.dirty.add(y)
                cursor.x = end
                screen.last_drawn = data
            return
    if data:
        if not screen.charsets.is_plain:
            data = screen.charsets.translate(data)
            screen.update_is_plain()
        screen.writer.write(data)


def draw_sent(screen: "Screen", source: str) -> None:
    """Text with SGR sequences in it (see `sent.SGR`): the same as `select` and `draw` in turn."""
    while len(source) > MAX_SENT_CHARS and (cut := source.find("\x1b", MAX_SENT_CHARS)) > 0:
        screen.draw_sent(source[:cut])
        source = source[cut:]
    cursor = screen.cursor
    x = cursor.x
    text = ""
    if screen.takes_sent:
        # Nearly all such text comes this way: it fits, and nothing but the row changes.
        if len(source) < SHORT_CHARS:
            # A few sequences are worked out in the time that it takes to put that off.
            text, pens, following = screen.grid.reader.apart(source, screen.pen)
            end = x + len(text)
            if end <= screen.columns and x < screen.columns and (text.isascii() or screen.writer.is_narrow(text)):
                if text:
                    grid = screen.grid
                    row = grid.rows[cursor.y]
                    row.write_styled(x, text, pens)
                    if end == screen.columns:
                        row.is_wrapped = False
                    grid.dirty.add(cursor.y)
                    cursor.x = end
                    screen.last_drawn = text
                screen.pen = following
                return
        else:
            text = SGR.sub("", source)
            end = x + len(text)
            if end <= screen.columns and x < screen.columns and (text.isascii() or screen.writer.is_narrow(text)):
                pen = screen.pen
                if text:
                    grid = screen.grid
                    row = grid.rows[cursor.y]
                    write_late(row, x, text, (x, len(text), source, pen, grid.reader), len(source))
                    if end == screen.columns:
                        row.is_wrapped = False
                    grid.dirty.add(cursor.y)
                    cursor.x = end
                    screen.last_drawn = text
                screen.pen = screen.grid.reader.pen_after(source, pen)
                return
    cells = _cells_of_sent(screen, text)
    if cells is None:
        _draw_piecewise(screen, source)
        return
    after = screen.grid.reader.pen_after(source, screen.pen)
    if cells:
        screen.writer.write_sent(source, cells)
        screen.last_drawn = cells if cells[-1] != STUB else cells[:-1]
    screen.pen = after


def _draw_piecewise(screen: "Screen", source: str) -> None:
    first, *parts = SGR.split(source)
    screen.draw(first)
    for sgr, text in zip(parts[::2], parts[1::2], strict=True):
        if sgr is None:
            screen.define_charset(US, "(")
        elif len(sgr) < MAX_SGR_CHARS:
            screen.select(sgr)
        screen.draw(text)


def _cells_of_sent(screen: "Screen", text: str) -> str | None:
    """The cells of the text if they can be written by the row, else None."""
    if not screen.takes_sent or modes.AUTOWRAP not in screen.mode or screen.cursor.x > screen.columns:
        return None
    return text if text.isascii() else screen.writer.cells_of(text)


def repeat(screen: "Screen", count: int | None = None) -> None:
    """REP: draw the last character again, `count` times."""
    if screen.last_drawn:
        screen.writer.write(screen.last_drawn[-1] * min(count or 1, screen.columns * screen.lines))


def select(screen: "Screen", sgr: str) -> None:
    """SGR with its parameters as written: colors, bold and the like."""
    following = screen.pen.after.get(sgr)
    if following is None:
        screen.grid.make_room_for_pens(screen.pen)
        following = screen.grid.pens.after(screen.pen, sgr)
    screen.pen = following


def select_all(screen: "Screen", source: str) -> None:
    """SGR sequences in a row, among which may be some that select the US set as G0 (see `sent.SGR`)."""
    following = screen.pen.after.get(source) if screen.takes_sent else None
    if following is None:
        pen = screen.pen
        _draw_piecewise(screen, source)
        if screen.takes_sent:
            screen.grid.pens.remember(pen, source, screen.pen)
    else:
        screen.pen = following


def select_graphic_rendition(screen: "Screen", *attrs: int) -> None:
    """SGR as pyte has it."""
    screen.select(";".join(map(str, attrs)))


def set_pen(screen: "Screen", style: Style, link: Link, is_protected: bool) -> None:
    """Write with this look from now on."""
    screen.grid.make_room_for_pens(screen.pen)
    screen.pen = screen.grid.pens.pen(style, link, is_protected)
