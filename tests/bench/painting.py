"""What painting a screen of 200 x 60 costs: an htop-like one, one row of it, and 12,000 runs of different styles.

Measured in a process of its own with the offscreen platform, on an image as large as the screen: nothing but the painter.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from measure import Limit, NotMeasured, Options, Row
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from synk.terminal.emulator import Emulator
from synk.ui.terminal.terminal_colors import Palette
from synk.ui.terminal.terminal_font import TerminalFont
from synk.ui.terminal.terminal_paint import RowPainter
from synk.ui.theme import Theme, dress, load_theme

IDS = ("DRAW",)
COLS, ROWS = 200, 60
ROUNDS = 60


def run(options: Options, _wanted: set[str]) -> list[Row]:
    """One row of the table for each screen and scale; the middle of all rounds."""
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(root)}
    command = [sys.executable, __file__, str(options.runs(ROUNDS))]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotMeasured(done.stderr.strip().splitlines()[-1])
    return [
        Row("DRAW", f"{what} at {ratio:g}x, 200 x 60", "ms", {"p50": value}, [Limit("p50", limit)] if limit else [])
        for what, ratio, value, limit in json.loads(done.stdout)
    ]


class Sheet:
    """A screen and an image to paint it on."""

    def __init__(self, theme: Theme, data: bytes, ratio: float) -> None:
        font = TerminalFont(theme.fonts, family=theme.fonts.terminal, px=13, ratio=ratio)
        self._font = font
        self._rows = RowPainter(theme, font)
        self._palette = Palette(theme, {})
        self._emulator = Emulator(cols=COLS, rows=ROWS, reply=lambda _data: None)
        self._emulator.feed(data)
        size = (round(COLS * font.cell_width * ratio), round(ROWS * font.cell_height * ratio))
        self._image = QImage(*size, QImage.Format.Format_RGB32)
        self._image.setDevicePixelRatio(ratio)

    def paint(self, first: int = 0, last: int = ROWS) -> None:
        """Paint rows `first` to `last` (excluded) with their background."""
        font, emulator = self._font, self._emulator
        painter = QPainter(self._image)
        area = QRectF(0, first * font.cell_height, COLS * font.cell_width, (last - first) * font.cell_height)
        painter.fillRect(area, self._palette.background)
        for y in range(first, last):
            top = y * font.cell_height
            self._rows.paint_row(painter, self._palette, emulator.row(y), left=0, top=top, cols=(0, COLS))
        painter.end()


def measure(rounds: int) -> list[tuple[str, float, float, float]]:
    """What, scale, milliseconds, and the limit (02-terminal.md, section 6; 0: none)."""
    application = QApplication([])
    theme = load_theme()
    dress(application, theme)
    results = []
    for ratio, is_limited in ((1.0, 1), (2.0, 0)):
        screen, colors = Sheet(theme, htop(), ratio), Sheet(theme, dense(), ratio)
        results += [
            ("an htop-like screen", ratio, middle(screen.paint, rounds), 2.0 * is_limited),
            ("one row of it", ratio, middle(lambda screen=screen: screen.paint(20, 21), rounds), 0.2 * is_limited),
            ("12,000 runs", ratio, middle(colors.paint, rounds), 25.0 * is_limited),
        ]
    return results


def middle(act: Callable[[], None], rounds: int) -> float:
    """The median of so many runs, in milliseconds, after three that do not count."""
    times = []
    for _ in range(rounds + 3):
        started = time.perf_counter()
        act()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times[3:])


def htop() -> bytes:
    """Meters, a header in color and a table of processes: about 640 runs."""
    chance = random.Random(1)
    lines = []
    for number in range(4):
        meter = b"\x1b[36m%3d\x1b[39m\x1b[1m[\x1b[32m||||||||||||\x1b[31m|||||\x1b[90m%s 23.1%%\x1b[39m]\x1b[0m"
        lines.append(meter % (number, b" " * 60) * 2)
    lines.append(b"")
    header = b"  PID USER      PRI  NI  VIRT   RES   SHR S CPU% MEM%   TIME+  Command"
    lines.append(b"\x1b[30;42m" + header.ljust(COLS) + b"\x1b[0m")
    while len(lines) < ROWS - 1:
        lines.append(
            b"%5d user       20   0 \x1b[36m%4d\x1b[39mM \x1b[36m%3d\x1b[39mM  \x1b[36m90\x1b[39m%03d S \x1b[1;30m 0.0\x1b[0m"
            b"  2.1  0:%02d.%02d /usr/lib/firefox/\x1b[1;32mfirefox-bin\x1b[0m -contentproc -childID %d -isForBrowser"
            % tuple(chance.randint(10, limit) for limit in (99999, 9999, 999, 999, 59, 99, 99))
        )
    lines.append(b"F1\x1b[30;46mHelp  \x1b[0mF2\x1b[30;46mSetup \x1b[0m")
    return b"\r\n".join(lines)


def dense() -> bytes:
    """Two colors of its own for each cell."""
    chance = random.Random(2)
    cells = [(chance.randint(0, 255), chance.randint(0, 255), chance.randint(33, 126)) for _ in range(COLS * ROWS)]
    return b"\x1b[H" + b"".join(b"\x1b[38;5;%d;48;5;%dm%c" % cell for cell in cells)


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
