"""Random streams beside a real xterm: the same screens and cursors, or the shortest stream that shows the difference.

    python tests/conformance/beside_xterm.py [--streams N] [--seed N] [--wide] [--show N] [--record FILE]

Needs xterm (made for 379) and Xvfb. `--wide` puts wide and combining characters into the streams. Not counted as differences:

- a cell that holds half of a wide character in xterm is blank in Synk, which never tears one apart;
- the looks of the second half of a wide character, which are those of its first half in Synk, and those of the blank
  that is left of a character when the other half was overwritten.

What remains is known: in insert mode with side margins, text that begins left of the margins depends in xterm on how much of
it was read at once; and xterm blanks wide characters that cross a side margin also in rows that do not scroll.

`--record` writes the streams on which both agree, for `tests/unit/terminal/test_against_xterm.py`.
"""

import argparse
import contextlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from synk.terminal.emulator import Emulator
from synk.terminal.rows import STUB
from synk.terminal.styles import DEFAULT_PEN, Style

COLS, ROWS = 20, 6
_SECOND_HALF = 0xFFFF
_SETTINGS = (
    "decTerminalID:420", "allowWindowOps:true", "disallowedWindowOps:", "checksumExtension:21", "c132:false", "utf8:2",
    "titeInhibit:false", "minBufSize:1",
)  # fmt: skip
_MOVES = ("\r\n", "\n", "\r", "\b", "\t", "\x1bD", "\x1bM", "\x1bE", "\x1b7", "\x1b8", "\x1b6", "\x1b9", "\x1bH", "\b\b\b", "\v")
_LOOKS = (
    "[1m", "[4m", "[7m", "[m", "[5m", '[1"q', '[0"q', "V", "W", "[4h", "[4l", "[?1049h", "[?1049l", "[?47h", "[?47l", "[!p",
    "[2*x", "[0*x",
)  # fmt: skip
_FINALS = (*"@ABCDEFGIJKLMPSTXZ`adebg", "'}", "'~", "?J", "?K", "?1J", "?1K")
# With and without attributes; with some it is what xterm says of "P" and "p".
_BLANKS = {*range(0x20, 0x120, 0x10)} - {ord("P"), ord("p")}
_TOKENS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]|.", re.DOTALL)

Screen = tuple[list[int], str]
"""Cells row by row, as xterm counts them, and the answer to DSR 6."""


class Streams:
    """Makes random streams of editing, margins, rectangles and text."""

    def __init__(self, seed: int, *, is_wide: bool) -> None:
        self._chance = random.Random(seed)
        self._letters = "abcdefghijklmnop" + "你好é" * is_wide

    def next(self) -> str:
        """A stream of 3 to 40 pieces."""
        return "".join(self._piece() for _ in range(self._chance.randint(3, 40)))

    def _piece(self) -> str:
        chance = self._chance
        kind = chance.random()
        if kind < 0.3:
            return "".join(chance.choices(self._letters, k=chance.choice((1, 1, 2, 3, 5, 8, 25))))
        if kind < 0.36:
            return chance.choice(_MOVES)
        if kind < 0.42:
            return f"\x1b[?{chance.choice(('6', '7', '45', '69', '69', '69'))}{chance.choice('hhl')}"
        if kind < 0.47:
            return f"\x1b[?69h\x1b[{chance.randint(1, 10)};{chance.randint(5, 20)}s"
        if kind < 0.52:
            return f"\x1b[{chance.randint(1, 4)};{chance.randint(2, 6)}r"
        if kind < 0.62:
            return f"\x1b[{chance.randint(1, 6)};{chance.randint(1, 20)}H"
        if kind < 0.65:
            return "\x1b" + chance.choice(_LOOKS)
        if kind < 0.9:
            return f"\x1b[{chance.choice(('', *'01234568', '10', '12', '20', '99'))}{chance.choice(_FINALS)}"
        if chance.random() < 0.15:
            return "\x1b[s\x1b[u"
        return self._rectangle()

    def _rectangle(self) -> str:
        chance = self._chance
        top, bottom = sorted((chance.randint(1, 6), chance.randint(1, 7)))
        left, right = sorted((chance.randint(1, 20), chance.randint(1, 22)))
        what = chance.choice(("$v", "$x", "${", "$r", "$t"))
        values: list[int] = [top, left] if chance.random() < 0.1 else [top, left, bottom, right]
        if what == "$v":
            values += [1, chance.randint(1, 6), chance.randint(1, 20), 1]
        elif what == "$x":
            values = [chance.randint(65, 90), *values]
        elif what in ("$r", "$t"):
            values += [chance.choice((1, 4, 5, 7))]
        return f"\x1b[{';'.join(map(str, values))}{what}"


@contextlib.contextmanager
def display() -> Iterator[str]:
    """An X server of its own; its name."""
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout is not None
        try:
            yield f":{server.stdout.readline().decode().strip()}"
        finally:
            server.terminate()


def in_xterm(streams: Sequence[str], display: str, *, cols: int = COLS, rows: int = ROWS) -> list[Screen]:
    """The screens that xterm makes of the streams."""
    with tempfile.TemporaryDirectory() as folder:
        questions, answers = Path(folder, "questions"), Path(folder, "answers")
        questions.write_text(json.dumps({"cols": cols, "rows": rows, "streams": list(streams)}), encoding="utf-8")
        settings = [part for setting in _SETTINGS for part in ("-xrm", f"XTerm*{setting}")]
        inside = [sys.executable, str(Path(__file__).with_name("inside_xterm.py")), str(questions), str(answers)]
        command = ["xterm", "-display", display, "-geometry", f"{cols}x{rows}", "-u8", "-fn", "fixed", *settings, "-e", *inside]
        subprocess.run(command, env={**os.environ, "LC_ALL": "C.UTF-8"}, check=False, stderr=subprocess.DEVNULL)
        found = json.loads(answers.read_text(encoding="utf-8"))
        # xterm's DECCRA leaves 0 where it copied cells that nothing was written to.
        return [([cell or ord(" ") for cell in cells], cursor) for cells, cursor in found]


def in_synk(stream: str, *, cols: int = COLS, rows: int = ROWS) -> Screen:
    """The same of Synk."""
    replies: list[bytes] = []
    emulator = Emulator(cols=cols, rows=rows, reply=replies.append)
    emulator.feed(stream.encode("utf-8", "surrogateescape") + b"\x18\x1b[6n")
    grid = emulator.screen.grid
    cells = []
    for row in grid.rows:
        text, pens = row.cells(0, cols)
        for cell, pen in zip(text.ljust(cols), pens.ljust(cols, DEFAULT_PEN), strict=True):
            # xterm composes what Unicode has a character for.
            chars = unicodedata.normalize("NFC", grid.clusters.expand(cell))
            cells.append(_SECOND_HALF if cell == STUB else (sum(map(ord, chars)) + looks(grid.pens[pen].style)) & 0xFFFF)
    *_, position = re.findall(rb"\x1b\[(\d+;\d+)R", b"".join(replies))
    return cells, position.decode()


def looks(style: Style) -> int:
    """What xterm adds to the sum of a cell for its attributes."""
    return 0x10 * (style.underline > 0) + 0x20 * style.inverse + 0x40 * style.blink + 0x80 * style.bold


def are_equal(stream: str, theirs: Screen, *, cols: int = COLS, rows: int = ROWS) -> bool:
    """True if Synk makes the same screen of the stream, but for what the module names."""
    ours = in_synk(stream, cols=cols, rows=rows)
    if stream.isascii():
        return theirs == ours
    if theirs[1] != ours[1] or len(theirs[0]) != len(ours[0]):
        return False
    for place, (their, our) in enumerate(zip(theirs[0], ours[0], strict=True)):
        if their == our or (_is_second_half(their) and _is_second_half(our)) or (_is_blank(their) and _is_blank(our)):
            continue
        is_torn = _is_second_half(their) or _is_wide(their)
        is_whole = place % cols + 1 < cols and _is_wide(their) and _is_second_half(theirs[0][place + 1])
        if not is_torn or is_whole or _is_wide(our) or _is_second_half(our):
            return False
    return True


def _is_second_half(cell: int) -> bool:
    # 0xFFFF and the looks of the cell, in 16 bits.
    return cell == _SECOND_HALF or (cell & 0xF == 0xF and cell < 0x100)


def _is_blank(cell: int) -> bool:
    return cell in _BLANKS


def _is_wide(cell: int) -> bool:
    return 0x1000 <= cell < _SECOND_HALF


def shortest(stream: str, display: str) -> str:
    """The stream without all that is not needed to show a difference."""
    tokens = _TOKENS.findall(stream)
    size = max(1, len(tokens) // 2)
    while tokens:
        shorter = [tokens[:start] + tokens[start + size :] for start in range(0, len(tokens), size)]
        screens = in_xterm(["".join(candidate) for candidate in shorter], display)
        differing = [each for each, screen in zip(shorter, screens, strict=True) if not are_equal("".join(each), screen)]
        if differing:
            tokens = differing[0]
        elif size == 1:
            break
        size = max(1, min(size // (1 if differing else 2), len(tokens)))
    return "".join(tokens)


def show(stream: str, display: str) -> None:
    """Print what a stream gives here and there."""
    theirs, ours = in_xterm([stream], display)[0], in_synk(stream)
    print(f"{stream!r}\n  cursor: xterm {theirs[1]}, Synk {ours[1]}")
    for y in range(ROWS):
        part = slice(y * COLS, (y + 1) * COLS)
        if theirs[0][part] != ours[0][part]:
            print(f"  row {y}: xterm {_readable(theirs[0][part])}, Synk {_readable(ours[0][part])}")


def _readable(cells: Sequence[int]) -> str:
    return "".join("_" if _is_second_half(cell) else chr(cell) if chr(cell).isprintable() else "?" for cell in cells).rstrip()


def main() -> int:
    """Exit status 1 if there are differences."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wide", action="store_true")
    parser.add_argument("--show", type=int, default=5, help="differences to shorten and print")
    parser.add_argument("--record", type=Path)
    options = parser.parse_args()
    maker = Streams(options.seed, is_wide=options.wide)
    streams = [maker.next() for _ in range(options.streams)]
    with display() as server:
        pairs = list(zip(streams, in_xterm(streams, server), strict=True))
        differing = [stream for stream, screen in pairs if not are_equal(stream, screen)]
        for stream in differing[: options.show]:
            show(shortest(stream, server), server)
    kind = "wide and narrow" if options.wide else "ASCII"
    print(f"random streams, {kind}: {len(pairs) - len(differing)} of {len(pairs)} as in xterm")
    if options.record is not None:
        same = [(stream, screen) for stream, screen in pairs if screen == in_synk(stream)]
        options.record.write_text("".join(map(_record, same)), encoding="utf-8")
    return bool(differing)


def _record(pair: tuple[str, Screen]) -> str:
    stream, (cells, cursor) = pair
    rows = ["".join(map(chr, cells[start : start + COLS])).rstrip(" ") for start in range(0, len(cells), COLS)]
    return json.dumps({"stream": stream, "cells": rows, "cursor": cursor}, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    sys.exit(main())
