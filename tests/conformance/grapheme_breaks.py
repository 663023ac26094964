"""Unicode's GraphemeBreakTest in mode 2027: every cluster of a sample must be one cell, alone and in any pieces.

    python tests/conformance/grapheme_breaks.py FILE

FILE is GraphemeBreakTest.txt of Unicode (16.0 or later), or kitty's `kitty_tests/GraphemeBreakTest.json`. Samples with control
characters are not printed as text and are left out. What begins with a character without width has no cell to begin in:
such samples are counted apart. Of the others all but these should be as in Unicode: what stands before another character
(Prepend) is a cell of its own, see `synk/terminal/graphemes.py`, and three samples in which the tables of wcwidth 0.9.4
differ from Unicode 16 (scissors with a joiner, and a virama after a letter that is not Indic).
"""

import argparse
import json
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from synk.terminal.emulator import Emulator
from synk.terminal.rows import STUB
from synk.terminal.widths import Widths

COLS = 60


def samples(path: Path) -> Iterator[tuple[list[str], str]]:
    """Clusters of each sample, and what the file says of it."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        yield from ((each["data"], each["comment"]) for each in json.loads(text))
        return
    for line in text.splitlines():
        data, _, comment = line.partition("#")
        if data.strip():
            yield (
                ["".join(chr(int(code, 16)) for code in part.replace("×", " ").split()) for part in data.split("÷")[1:-1]],
                comment,
            )


def cells_of(sample: str, *, in_pieces: bool) -> list[str]:
    """The text of each character on the screen."""
    emulator = Emulator(cols=COLS, rows=2, reply=lambda _: None)
    emulator.feed(b"\x1b[?2027h")
    for part in sample if in_pieces else [sample]:
        emulator.feed(part.encode("utf-8", "surrogatepass"))
    # Written at the end, so that blanks are told from cells that nothing was written to.
    emulator.feed(b"|")
    grid = emulator.screen.grid
    return [grid.clusters.expand(cell) for cell in grid.rows[0].text if cell != STUB][:-1]


def is_printed(clusters: list[str]) -> bool:
    """True if the whole sample is text."""
    return all(unicodedata.category(char) not in ("Cc", "Zl", "Zp", "Cs") for char in "".join(clusters))


def has_place(clusters: list[str]) -> bool:
    """True if every cluster begins with a character that takes a cell, and no character is dropped."""
    return all(Widths.of(cluster[0]) > 0 for cluster in clusters) and all(Widths.of(char) >= 0 for char in "".join(clusters))


def main() -> int:
    """Exit status 1 if a sample that has a place is split otherwise."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    counts = {"as Unicode": 0, "otherwise": 0, "without a cell to begin in": 0, "control characters": 0}
    for clusters, comment in samples(parser.parse_args().file):
        text = "".join(clusters)
        if not is_printed(clusters):
            counts["control characters"] += 1
        elif cells_of(text, in_pieces=False) == cells_of(text, in_pieces=True) == clusters:
            counts["as Unicode"] += 1
        elif not has_place(clusters):
            counts["without a cell to begin in"] += 1
        else:
            counts["otherwise"] += 1
            print(f"{cells_of(text, in_pieces=False)!a} {comment.strip()}")
    print(", ".join(f"{name}: {count}" for name, count in counts.items()))
    return bool(counts["otherwise"])


if __name__ == "__main__":
    sys.exit(main())
