"""Runs inside an xterm: writes each stream and asks for the screen it made, cell by cell (DECRQCRA), and the cursor (DSR 6).

    inside_xterm.py QUESTIONS ANSWERS

QUESTIONS is a JSON file `{"cols", "rows", "streams"}`; ANSWERS gets a list of `[cells, cursor]`, cells row by row.
"""

import json
import os
import re
import select
import sys
import time
import tty
from pathlib import Path

LIMIT_S = 5.0
_CELL = re.compile(rb"\x1bP(\d+)!~([0-9A-F]{4})\x1b\\")
_CURSOR = re.compile(rb"\x1b\[(\d+;\d+)R")
# RIS leaves the alternate screen, its saved cursor and 69 as they are.
_RESET = b"\x18\x1bc\x1b[?1047h\x1b[!p\x1b[H\x1b7\x1b[2J\x1b[?1047l\x1b[?69l\x1b[r\x1b[?6l\x1b[H\x1b7\x1b[2J\x1b[3J\x1bc"


def ask(terminal: int, question: bytes, answers: re.Pattern[bytes], count: int) -> bytes:
    """Write a question and read until `count` answers of this form came, at most 5 s."""
    os.write(terminal, question)
    read = b""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline and len(answers.findall(read)) < count:
        if select.select([terminal], [], [], 0.5)[0]:
            read += os.read(terminal, 65536)
    return read


def screen_of(terminal: int, stream: bytes, cols: int, rows: int) -> tuple[list[int], str]:
    """What the terminal shows after a stream."""
    found = _CURSOR.findall(ask(terminal, _RESET + stream + b"\x18\x1b[6n", _CURSOR, 1))
    cells = b"".join(b"\x1b[1;1;%d;%d;%d;%d*y" % (y, x, y, x) for y in range(1, rows + 1) for x in range(1, cols + 1))
    answers = ask(terminal, b"\x1b[?69l\x1b[?6l\x1b[r" + cells, _CELL, cols * rows)
    return [int(value, 16) for _, value in _CELL.findall(answers)], found[-1].decode() if found else ""


def main() -> None:
    """See the module."""
    questions = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    terminal = os.open("/dev/tty", os.O_RDWR)
    tty.setraw(terminal)
    screens = [
        screen_of(terminal, stream.encode("utf-8", "surrogateescape"), questions["cols"], questions["rows"])
        for stream in questions["streams"]
    ]
    Path(sys.argv[2]).write_text(json.dumps(screens), encoding="utf-8")


if __name__ == "__main__":
    main()
