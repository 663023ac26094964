"""vttest by itself: every page of some of its menus, beside a real xterm that gets the same bytes.

    python tests/conformance/vttest.py [--menus 1,2,3,6,8,11.4] [--pictures FOLDER]

Needs vttest, xterm and Xvfb. vttest runs in a terminal of 80 x 24 that Synk's emulator answers; whenever it waits, what it
wrote since the menu is a page. A page is right if xterm makes the same cells and the same cursor of these bytes, cell by cell
(`inside_xterm.py`). A menu inside a menu is gone through in turn.
"""

import argparse
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

from synk.terminal.emulator import Emulator
from tests.conformance.beside_xterm import are_equal, display, in_xterm

COLS, ROWS = 80, 24
QUIET_S = 0.4
"""vttest waits for somebody if it wrote nothing for so long; its own pauses are shorter."""
MOST_PAGES, MOST_LEVELS = 60, 6
_MENU = re.compile(r"Enter choice number \(0 - (\d+)\):")


class Tested:
    """vttest on a pseudo terminal, and the emulator it talks to."""

    def __init__(self) -> None:
        self.emulator = Emulator(cols=COLS, rows=ROWS, reply=self._reply, version="1")
        self.emulator.describe_window(cell_width=8, cell_height=16, is_dark=True)
        self.written = b""
        """Since `start_page`."""
        self._pid, self._master = pty.fork()
        if not self._pid:
            os.environ["TERM"] = "xterm"
            os.execvp("vttest", ["vttest", f"{ROWS}x{COLS}.{COLS}"])
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("4H", ROWS, COLS, 0, 0))

    def press(self, keys: str) -> None:
        """Type something and take what is written until vttest waits again."""
        os.write(self._master, keys.encode())
        self.settle()

    def settle(self) -> None:
        """Take what is written until nothing comes for a while."""
        while select.select([self._master], [], [], QUIET_S)[0]:
            try:
                data = os.read(self._master, 65536)
            except OSError:
                return
            self.written += data
            self.emulator.feed(data)

    def menu(self) -> int | None:
        """How many choices the menu on the screen has; None if it shows something else."""
        found = _MENU.search("\n".join(self.emulator.text(y) for y in range(ROWS)))
        return int(found[1]) if found else None

    def close(self) -> None:
        """End it."""
        os.close(self._master)
        os.waitpid(self._pid, 0)

    def _reply(self, data: bytes) -> None:
        os.write(self._master, data)


def pages(tested: Tested, path: list[int]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each page below a menu; the terminal stands in the menu above before and after."""
    name = ".".join(map(str, path))
    tested.written = b""
    tested.press(f"{path[-1]}\r")
    choices = tested.menu()
    if choices is not None and len(path) < MOST_LEVELS and f"Menu {name}" in "\n".join(tested.emulator.text(y) for y in range(3)):
        for choice in range(1, choices + 1):
            yield from pages(tested, [*path, choice])
        tested.press("0\r")
        return
    for number in range(MOST_PAGES):
        if tested.menu() is not None:
            return
        yield f"{name} page {number + 1}", tested.written
        tested.press("\r")


def main() -> int:
    """Exit status 1 if a page differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--menus", default="1,2,3,6,8")
    parser.add_argument("--record", type=Path, help="write the bytes of each page to this folder")
    options = parser.parse_args()
    found: list[tuple[str, str]] = []
    for menu in options.menus.split(","):
        *above, last = map(int, menu.split("."))
        tested = Tested()
        tested.settle()
        for choice in above:
            tested.press(f"{choice}\r")
        for name, data in pages(tested, [*above, last]):
            found.append((name, data.decode("utf-8", "surrogateescape")))
            if options.record is not None:
                (options.record / f"vttest_{name.replace(' ', '_')}.bytes").write_bytes(data)
        tested.close()
    with display() as server:
        screens = in_xterm([stream for _, stream in found], server, cols=COLS, rows=ROWS)
    differing = [
        name for (name, stream), screen in zip(found, screens, strict=True) if not are_equal(stream, screen, cols=COLS, rows=ROWS)
    ]
    print(f"vttest, menus {options.menus}: {len(found) - len(differing)} of {len(found)} pages as in xterm", *differing, sep="\n")
    return bool(differing)


if __name__ == "__main__":
    sys.exit(main())
