"""The texts `synk ctl get-text` answers with: the screen, all there is, what the last command printed; in pieces that fit."""

from collections.abc import Sequence
from dataclasses import dataclass

from synk.terminal.emulator import Emulator
from synk.terminal.export import export_lines
from synk.terminal.selection import Point, Selection

TEXT_CHARACTERS = 128 * 1024
"""Of one answer with a text: in JSON a character takes up to 6 bytes, and a message at most 1 MiB."""


@dataclass(frozen=True, slots=True)
class Piece:
    """As much of a text as fits one answer."""

    text: str
    next: int | None
    """Absolute number of the line that the rest begins with; None if this is all."""


def rows_from(emulator: Emulator, first: int, *, ansi: bool) -> Piece:
    """The rows from absolute line `first` on, or from the oldest one there is; each one a line."""
    top = emulator.scrolled_total
    first = max(first, top - len(emulator.scrollback))
    lines = export_lines(emulator, first=first - top, ansi=ansi)
    return _piece(lines, range(first, first + len(lines)))


def last_output(emulator: Emulator, first: int | None, *, ansi: bool) -> Piece | None:
    """What the last command printed, or has printed so far, from absolute line `first` on; lines as the program wrote them.

    None if the shell told of no command, or all of it has left the scrollback.
    """
    selection = emulator.last_output()
    if selection is None:
        return None
    start, end = selection.span(emulator)
    top = emulator.scrolled_total
    start = max(start, Point(max(first or 0, top - len(emulator.scrollback)), 0))
    if start > end:
        return Piece("", None)
    lines = Selection(start, end).text(emulator).split("\n")
    if ansi:
        # A line that the prompt stands in as well is cut, and has no colors then.
        cut = lines[-1:] if end.col < emulator.cols else []
        rows = export_lines(emulator, first=start.line - top, last=end.line - top, ansi=True, joins_wrapped=True)
        lines = rows[: len(rows) - len(cut)] + cut
    begins = [line for line in range(start.line, end.line + 1) if line == start.line or not emulator.is_wrapped(line - 1 - top)]
    return _piece(lines, begins)


def _piece(lines: Sequence[str], begins: Sequence[int]) -> Piece:
    """The first lines, as many as fit but at least one; `begins` has the absolute number of each."""
    size = 0
    for count, line in enumerate(lines):
        size += len(line) + 1
        if size > TEXT_CHARACTERS and count:
            return Piece("\n".join(lines[:count]), begins[count])
    return Piece("\n".join(lines), None)
