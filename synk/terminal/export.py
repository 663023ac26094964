"""The text of a terminal for others: plain lines, or lines with SGR sequences, screen or scrollback and screen."""

from synk.terminal.emulator import Emulator
from synk.terminal.styles import Style

_FLAGS = (("bold", "1"), ("dim", "2"), ("italic", "3"), ("blink", "5"), ("inverse", "7"), ("hidden", "8"), ("strike", "9"))
_OVERLINE = "53"
TRUE_COLOR = 0x1000000
"""Colors from here on are `TRUE_COLOR | 0xRRGGBB`; below 256 they are palette numbers, negative is the default."""


def export_lines(
    emulator: Emulator, *, first: int, last: int | None = None, ansi: bool = False, joins_wrapped: bool = False
) -> list[str]:
    """Rows from `first` to `last`; 0 is the screen's top, negative rows are scrollback. Without `last` up to the end of the text.

    Lines are without trailing blanks; with `ansi` every line stands for itself (it ends with a reset if it needs one). With
    `joins_wrapped` the rows of a line that did not fit are one line, as the program wrote it.
    """
    if last is None:
        last = emulator.rows - 1
        while last > max(first, 0) and not emulator.text(last).strip():
            last -= 1
    lines: list[list[str]] = []
    goes_on = False
    for y in range(max(first, emulator.first_row()), min(last, emulator.rows - 1) + 1):
        if not goes_on:
            lines.append([])
        lines[-1].append(ansi_line(emulator, y) if ansi else emulator.text(y))
        goes_on = joins_wrapped and emulator.is_wrapped(y)
    return ["".join(line) if ansi else "".join(line).rstrip() for line in lines]


def ansi_line(emulator: Emulator, y: int) -> str:
    """One row as text with SGR sequences (ECMA-48 8.3.117, XTerm Control Sequences for colors)."""
    parts: list[str] = []
    col, is_styled = 0, False
    for run in emulator.row(y):
        if run.col > col:
            parts.append(" " * (run.col - col))
        codes = _codes(run.style)
        if codes or is_styled:
            parts.append(f"\x1b[{';'.join(['0', *codes])}m")
        is_styled = bool(codes)
        parts.append(run.text)
        col = run.col + run.cells
    if is_styled:
        return "".join(parts) + "\x1b[0m"
    return "".join(parts) if emulator.is_wrapped(y) else "".join(parts).rstrip()


def _codes(style: Style) -> list[str]:
    codes = [code for name, code in _FLAGS if getattr(style, name)]
    if style.overline:
        codes.append(_OVERLINE)
    if style.underline:
        codes.append(f"4:{style.underline}")
    for color, base in ((style.fg, "38"), (style.bg, "48"), (style.underline_color, "58")):
        if color >= TRUE_COLOR:
            codes.append(f"{base};2;{color >> 16 & 255};{color >> 8 & 255};{color & 255}")
        elif color >= 0:
            codes.append(f"{base};5;{color}")
    return codes
