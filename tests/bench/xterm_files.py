"""xterm.js's escape-sequence files against Synk's emulator: `NAME.in` is what a program prints, `NAME.text` the screen then."""

from pathlib import Path

from tally import Tally

from synk.terminal.emulator import Emulator

COLS, ROWS = 80, 25


def run_files(folder: Path) -> Tally:
    """Compare all of them, in the order of their names; blanks at the ends of lines do not count."""
    tally = Tally()
    for stream in sorted(folder.glob("*.in")):
        emulator = Emulator(cols=COLS, rows=ROWS, reply=lambda _data: None)
        # As the pseudo terminal does with what a program prints (ONLCR).
        emulator.feed(stream.read_bytes().replace(b"\n", b"\r\n"))
        expected = stream.with_suffix(".text").read_text(encoding="utf-8", errors="replace")
        screen = "\n".join("".join(emulator.cells(y)) for y in range(ROWS))
        tally.check(stream.stem, _trimmed(expected), _trimmed(screen))
    return tally


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n")).rstrip("\n")
