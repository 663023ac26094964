"""xterm.js' escape-sequence files: the text that a screen of 80 x 25 must show after each.

    python tests/conformance/escape_files.py FOLDER

FOLDER holds pairs `NAME.in` and `NAME.text`; it is `fixtures/escape_sequence_files` in the sources of xterm.js (the source
package node-xterm of Debian, for one). The files were written for xterm; two of them (t0060, t0061) expect a cursor saved
while a wrap was pending to come back without it, where xterm 379 and Synk restore it.
"""

import argparse
import sys
from pathlib import Path

from synk.terminal.emulator import Emulator

COLS, ROWS = 80, 25


def screen_of(stream: bytes) -> list[str]:
    """The lines of the screen after a stream, whose line feeds a terminal driver would have turned into CR LF."""
    emulator = Emulator(cols=COLS, rows=ROWS, reply=lambda _: None)
    emulator.feed(stream.replace(b"\n", b"\r\n"))
    return [emulator.text(y).rstrip() for y in range(ROWS)]


def expected_in(path: Path) -> list[str]:
    """The lines of a `.text` file."""
    lines = [line.rstrip() for line in path.read_text(encoding="utf-8", errors="replace").split("\n")]
    return (lines + [""] * ROWS)[:ROWS]


def differences_in(folder: Path) -> dict[str, list[str]]:
    """By name of a stream: the rows of its screen that are not as expected."""
    found = {}
    for path in sorted(folder.glob("*.in")):
        pairs = zip(screen_of(path.read_bytes()), expected_in(path.with_suffix(".text")), strict=True)
        found[path.stem] = [f"row {y}: {here!r}, expected {there!r}" for y, (here, there) in enumerate(pairs) if here != there]
    return found


def main() -> int:
    """Exit status 1 if a screen differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    streams = differences_in(parser.parse_args().folder)
    differing = {name: rows for name, rows in streams.items() if rows}
    for name, rows in differing.items():
        print(name, *(f"  {row}" for row in rows), sep="\n")
    print(f"escape-sequence files: {len(streams) - len(differing)} of {len(streams)}")
    return bool(differing)


if __name__ == "__main__":
    sys.exit(main())
