"""What the verbs print: one JSON object or lines for people, tables in columns, colors on a terminal only."""

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from synk.base.errors import SynkError
from synk.engine.command_line.exits import code_of_error
from synk.engine.findings import ParseError

_COLORS = {"green": "32", "red": "31", "yellow": "33", "blue": "34", "grey": "90", "bold": "1"}
_STATUS_COLORS = {
    "completed": "green", "ready": "green", "idle": "green", "failed": "red", "crashed": "red", "not_started": "red",
    "timeout": "yellow", "killed": "yellow", "interrupted": "yellow", "awaiting_input": "yellow", "skipped": "grey",
    "running": "blue", "busy": "blue", "active": "blue", "dead": "grey",
}  # fmt: skip


def report(error: SynkError, *, as_json: bool, code: int | None = None) -> int:
    """Print the error and return its exit code."""
    if as_json:
        print_json({"error": {"kind": error.kind, "message": error.message}})
    else:
        print(f"synk: {error.message}", file=sys.stderr)
    return code_of_error(error) if code is None else code


def print_json(value: Any) -> None:
    """One object on one line."""
    print(json.dumps(value, ensure_ascii=False, default=str))


def has_colors(stream: TextIO) -> bool:
    """It is a terminal, and nobody asked for none (NO_COLOR, https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def colored(text: str, color: str, stream: TextIO | None = None) -> str:
    """The text in a color of the terminal's palette, where there are colors."""
    return f"\x1b[{_COLORS[color]}m{text}\x1b[0m" if has_colors(stream or sys.stdout) else text


def status_text(status: str, width: int = 0) -> str:
    """A status in its color."""
    padded = status.ljust(width)
    return colored(padded, _STATUS_COLORS[status]) if status in _STATUS_COLORS else padded


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str = "") -> None:
    """Rows in columns; numbers to the right, the last column as long as the terminal is wide. A column `status` has colors."""
    cells = [[_cell(value) for value in row] for row in rows]
    if not cells:
        print(colored(empty, "grey"))
        return
    widths = [max(len(title), *(len(row[number]) for row in cells)) for number, title in enumerate(columns)]
    is_right = [all(row[number][:1].isdigit() or row[number] in ("", "-") for row in cells) for number in range(len(columns))]
    room = _terminal_width()
    print(colored(_line(columns, widths, is_right, room), "bold"))
    for row in cells:
        line = _line(row, widths, is_right, room)
        for number, title in enumerate(columns):
            if title == "status" and row[number] in _STATUS_COLORS:
                line = line.replace(row[number], status_text(row[number]), 1)
        print(line)


def print_pairs(values: Mapping[str, Any]) -> None:
    """Names and values below each other."""
    width = max((len(name) for name in values), default=0)
    for name, value in values.items():
        print(f"{colored(name.ljust(width), 'grey')}  {_cell(value)}")


def duration_text(milliseconds: float) -> str:
    """`340 ms`, `2.4 s`, `3:05`, `1:02:03`."""
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def size_text(size_bytes: float) -> str:
    """`312 B`, `4.2 kB`, `61 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if size_bytes < 999.5 or unit == "GB":
            break
        size_bytes /= 1000
    return f"{size_bytes:.0f} {unit}" if unit == "B" or size_bytes >= 10 else f"{size_bytes:.1f} {unit}"


def one_line(text: str, width: int = 200) -> str:
    """The text without line feeds, cut."""
    flat = " ".join(text.split())
    return flat if len(flat) <= width else f"{flat[: width - 1]}…"


def advice(suggestion: str) -> str:
    """A suggestion with the options of the command line in place of the arguments of the other interfaces."""
    return re.sub(r"\btimeout_s=(\d+)", r"--timeout \1", suggestion).replace("on_timeout=background", "--background")


def parse_error_text(error: ParseError) -> str:
    """Why the output is not of the format asked for, and where."""
    place = "" if error.line is None else f" (line {error.line}{'' if error.column is None else f', column {error.column}'})"
    return f"The output could not be parsed: {error.message}{place}"


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _line(row: Sequence[str], widths: Sequence[int], is_right: Sequence[bool], room: int) -> str:
    words = [text.rjust(width) if right else text.ljust(width) for text, width, right in zip(row, widths, is_right, strict=True)]
    line = "  ".join(words).rstrip()
    return line if len(line) <= room else f"{line[: room - 1]}…"


def _terminal_width() -> int:
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 10_000
    except (OSError, ValueError):
        return 10_000
