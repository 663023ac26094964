"""Terminals without a window that answer a program on a pseudo terminal: Synk's emulator, pyte, xterm.js."""

import base64
import contextlib
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pyte
from measure import NotMeasured

from synk.terminal import modes
from synk.terminal.colors import BACKGROUND, FOREGROUND
from synk.terminal.emulator import Emulator
from synk.terminal.events import ClipboardAsked, ClipboardWritten

COLS, ROWS = 80, 25
WIDE_COLS = 132
"""After DECCOLM."""
CELL = (8, 16)
"""Pixels of a cell, of which the window's size in pixels is made."""
MAX_CELLS = 1000
LIMIT_S = 900.0
_RESIZING = re.compile(rb"\x1b\[([0-9]*(?:;[0-9]*)*)(t|\*\|)|\x1b\[\?3[hl]|\x1bc")
"""Sequences that may ask for another size; DECCOLM and RIS by what they do to the terminal."""


class Answering(Protocol):
    """A terminal that is fed what a program prints and says what to send back."""

    def take(self, data: bytes) -> bytes:
        """Feed the next bytes; the answers to them."""

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows at the moment."""

    def resize(self, cols: int, rows: int) -> bytes:
        """Take another size, as from a window; the answers to that."""

    @property
    def is_wide(self) -> bool | None:
        """Whether DECCOLM asks for 132 columns, or 80; None where it means nothing."""

    def close(self) -> None:
        """End what it runs."""


class Synk:
    """Synk's emulator."""

    def __init__(self) -> None:
        self._answers: list[bytes] = []
        self._clipboards: dict[str, str] = {}
        self.emulator = Emulator(cols=COLS, rows=ROWS, reply=self._answers.append)
        # As a window of the size and the colors of xterm's, with a user who lets programs read the clipboard.
        self.emulator.describe_window(cell_width=CELL[0], cell_height=CELL[1], is_dark=False)
        self.emulator.colors.base.update({FOREGROUND: 0x000000, BACKGROUND: 0xFFFFFF})
        self.emulator.allow_clipboard_read(True)

    def take(self, data: bytes) -> bytes:
        """See `Answering`."""
        self.emulator.feed(data)
        for event in self.emulator.take_events():
            if isinstance(event, ClipboardWritten):
                self._clipboards[event.target] = event.text
            elif isinstance(event, ClipboardAsked):
                name = "p" if event.target == "p" else "c"
                self.emulator.tell_clipboard(event.target, self._clipboards.get(name, ""))
        answers = b"".join(self._answers)
        self._answers.clear()
        return answers

    def resize(self, cols: int, rows: int) -> bytes:
        """See `Answering`."""
        self.emulator.resize(cols=cols, rows=rows)
        return self.take(b"")

    @property
    def is_wide(self) -> bool | None:
        """See `Answering`."""
        mode = self.emulator.screen.mode
        return modes.WIDE_SCREEN in mode if modes.ALLOW_WIDE_SCREEN in mode else None

    @property
    def size(self) -> tuple[int, int]:
        """See `Answering`."""
        return self.emulator.cols, self.emulator.rows

    def close(self) -> None:
        """Nothing to end."""


class Pyte:
    """pyte's screen and parser."""

    def __init__(self) -> None:
        self._answers: list[str] = []
        self._screen = pyte.Screen(COLS, ROWS)
        self._screen.write_process_input = self._answers.append  # type: ignore[method-assign]
        self._stream = pyte.ByteStream(self._screen)

    def take(self, data: bytes) -> bytes:
        """See `Answering`; what makes pyte raise is lost."""
        with contextlib.suppress(TypeError, ValueError, IndexError, KeyError, AttributeError):
            self._stream.feed(data)
        answers = "".join(self._answers).encode()
        self._answers.clear()
        return answers

    def resize(self, cols: int, rows: int) -> bytes:
        """See `Answering`."""
        self._screen.resize(rows, cols)
        return self.take(b"")

    @property
    def is_wide(self) -> None:
        """pyte changes its size itself."""

    @property
    def size(self) -> tuple[int, int]:
        """See `Answering`."""
        return self._screen.columns, self._screen.lines

    def close(self) -> None:
        """Nothing to end."""


_NODE = f"""
const {{Terminal}} = require('@xterm/headless');
const allowed = Object.fromEntries(['getWinState', 'getWinPosition', 'getWinSizePixels', 'getScreenSizePixels',
  'getCellSizePixels', 'getWinSizeChars', 'getScreenSizeChars', 'getIconTitle', 'getWinTitle', 'pushTitle', 'popTitle',
].map((name) => [name, true]));
const terminal = new Terminal({{cols: {COLS}, rows: {ROWS}, allowProposedApi: true, windowOptions: allowed}});
terminal.onData((data) => process.stdout.write(data));
terminal.onBinary((data) => process.stdout.write(Buffer.from(data, 'binary')));
require('readline').createInterface({{input: process.stdin}}).on('line', (line) => {{
  const message = JSON.parse(line);
  if (message.size) terminal.resize(...message.size);
  terminal.write(Buffer.from(message.data, 'base64'), () => process.stdout.write('\\0'));
}});
"""


class XtermJs:
    """xterm.js without a browser, in a process of its own; it writes a NUL after each message it has carried out."""

    def __init__(self, modules: Path | None) -> None:
        """Raises NotMeasured without node and the package."""
        if modules is None:
            raise NotMeasured("no xterm.js (SYNK_XTERM)")
        self._size = (COLS, ROWS)
        environment = {**os.environ, "NODE_PATH": str(modules)}
        self._process = subprocess.Popen(["node", "-e", _NODE], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def take(self, data: bytes) -> bytes:
        """See `Answering`."""
        return self._ask({"data": base64.b64encode(data).decode()})

    def resize(self, cols: int, rows: int) -> bytes:
        """See `Answering`."""
        self._size = (cols, rows)
        return self._ask({"data": "", "size": self._size})

    @property
    def is_wide(self) -> None:
        """xterm.js knows no DECCOLM."""

    @property
    def size(self) -> tuple[int, int]:
        """See `Answering`."""
        return self._size

    def close(self) -> None:
        """End node."""
        self._process.kill()
        self._process.communicate()

    def _ask(self, message: Mapping[str, object]) -> bytes:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()
        answers = b""
        while not answers.endswith(b"\0"):
            piece = os.read(self._process.stdout.fileno(), 65536)
            if not piece:
                raise NotMeasured("xterm.js ended")
            answers += piece
        return answers.replace(b"\0", b"")


class Window:
    """What a window does for any of them: carries out the sizes that programs ask for (XTWINOPS 4, 8 and 24 on, DECSNLS)."""

    def __init__(self, terminal: Answering) -> None:
        self._terminal = terminal

    def take(self, data: bytes) -> bytes:
        """Feed bytes, and change the size behind each sequence that asks for it; the answers."""
        answers = b""
        start = 0
        for match in _RESIZING.finditer(data):
            answers += self._terminal.take(data[start : match.end()])
            start = match.end()
            cols, rows = self._wanted(match)
            if 1 <= cols <= MAX_CELLS and 1 <= rows <= MAX_CELLS:
                answers += self._terminal.resize(cols, rows)
        return answers + self._terminal.take(data[start:])

    def _wanted(self, match: re.Match[bytes]) -> tuple[int, int]:
        """Columns and rows; what is left out stays, and so does 0, all there is: a window of this size fills its screen."""
        cols, rows = self._terminal.size
        if match[0] == b"\x1bc":
            return (COLS if cols == WIDE_COLS else cols), rows
        if match[2] is None:
            is_wide = self._terminal.is_wide
            return (cols if is_wide is None else WIDE_COLS if is_wide else COLS), rows
        kind, *numbers = [int(number) if number else None for number in match[1].split(b";")]
        if match[2] == b"*|" or (kind is not None and kind >= 24):
            return cols, kind or rows
        if kind not in (4, 8) or len(numbers) > 2:
            return cols, rows
        cell_cols, cell_rows = CELL if kind == 4 else (1, 1)
        height, width = (*numbers, None, None)[:2]
        return (width // cell_cols if width else cols), (height // cell_rows if height else rows)


def attend(terminal: Answering, command: Sequence[str], *, folder: Path, limit_s: float = LIMIT_S) -> None:
    """Run a program until it ends, in a pseudo terminal whose other end is `terminal`.

    Raises:
        NotMeasured: it did not end in time.
    """
    pid, master = pty.fork()
    if not pid:
        with contextlib.suppress(OSError):
            os.chdir(folder)
            os.execvpe(command[0], list(command), {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"})
        os._exit(127)
    deadline = time.monotonic() + limit_s
    size = (0, 0)
    window = Window(terminal)
    try:
        while True:
            if terminal.size != size:
                size = terminal.size
                fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("4H", size[1], size[0], size[0] * CELL[0], size[1] * CELL[1]))
            if not select.select([master], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise NotMeasured(f"{command[1]} did not end within {limit_s:g} s")
            try:
                data = os.read(master, 65536)
            except OSError:
                return
            answers = window.take(data)
            while answers:
                answers = answers[os.write(master, answers) :]
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.close(master)
        os.waitpid(pid, 0)
