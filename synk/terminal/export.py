"""The text of a terminal for others: plain lines, or lines with SGR sequences, screen or scrollback and screen."""

from synk.terminal.emulator import Emulator
from synk.terminal.styles import Style

_FLAGS = (("bold", "1"), ("dim", "2"), ("italic", "3"), ("blink", "5"), ("inverse", "7"), ("hidden", "8"), ("strike", "9"))
_OVERLINE = "53"
TRUE_COLOR = 0x1000000
"""Colors from here on are `TRUE_COLOR | 0xRRGGBB`; below 256 they are palette numbers, negative is the default."""


def export_lines(emulator: Emulator, *, first: int, ansi: bool = False) -> list[str]:
    """Rows from `first` (0 is the screen's top, negative rows are scrollback) to the last one that is not empty.

    Lines are without trailing blanks; with `ansi` every line stands for itself (it ends with a reset if it needs one).
    """
    last = emulator.rows - 1
    while last > max(first, 0) and not emulator.text(last).strip():
        last -= 1
    start = max(first, -len(emulator.scrollback))
    return [ansi_line(emulator, y) if ansi else emulator.text(y).rstrip() for y in range(start, last + 1)]


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
    return "".join(parts) + "\x1b[0m" if is_styled else "".join(parts).rstrip()


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
