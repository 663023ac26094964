"""Random streams of editing, margins and rectangles, with the screens that xterm 379 made of them (asked by DECRQCRA).

`cells` are the rows without blanks at their ends; a cell is the sum of its character and its attributes: underlined 0x10,
inverse 0x20, blinking 0x40, bold 0x80. `cursor` is the answer to DSR 6.
"""

import json
import re
from pathlib import Path

from synk.terminal.emulator import Emulator
from synk.terminal.styles import Style

STREAMS = Path(__file__).parents[2] / "data" / "xterm" / "random.jsonl"
COLS, ROWS = 20, 6


def looks(style: Style) -> int:
    return 0x10 * (style.underline > 0) + 0x20 * style.inverse + 0x40 * style.blink + 0x80 * style.bold


def screen_of(stream: str) -> tuple[list[str], str]:
    replies: list[bytes] = []
    emulator = Emulator(cols=COLS, rows=ROWS, reply=replies.append)
    emulator.feed(stream.encode() + b"\x18\x1b[6n")
    rows = []
    for y in range(ROWS):
        cells = [" "] * COLS
        for run in emulator.row(y):
            for x, char in enumerate(run.text, run.col):
                cells[x] = chr(ord(char) + looks(run.style))
        rows.append("".join(cells).rstrip(" "))
    *_, position = re.findall(rb"\x1b\[(\d+;\d+)R", b"".join(replies))
    return rows, position.decode()


def test_random_streams_give_the_screens_of_xterm() -> None:
    records = [json.loads(line) for line in STREAMS.read_text(encoding="utf-8").splitlines()]
    assert len(records) >= 300
    for record in records:
        assert screen_of(record["stream"]) == (record["cells"], record["cursor"]), record["stream"]
