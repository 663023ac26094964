"""Output as programs print it: what benchmarks feed to terminals.

Some streams are made from a fixed seed, in the manner of vtebench for the size of the screen they are shown on: no program that
draws a whole screen draws another one than it has. Others were recorded from real programs and are played again and again:
`tests/data/streams/NAME-COLSxROWS.gz` on a screen of that size, `git_log.gz` into a pipe. Those of 80 x 24 (vim 9.0, htop 3.2.2,
less 590) were made by `record.py` there, in an xterm that answered their queries, and end with the program left by its own key.
"""

import gzip
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, chain, cycle
from pathlib import Path

RECORDINGS = Path(__file__).parents[1] / "data" / "streams"
SOURCES = Path(__file__).parents[2] / "synk" / "terminal"

_WORDS = (
    "accept", "build", "cache", "claim", "close", "compile", "connect", "cursor", "deploy", "drain", "error", "fetch",
    "flush", "graph", "handle", "index", "kernel", "layout", "merge", "notify", "open", "parse", "queue", "read", "release",
    "render", "reply", "retry", "ring", "scan", "screen", "session", "shell", "signal", "spawn", "start", "status",
    "stream", "test", "timeout", "update", "verify", "wait", "warning", "window", "worker", "write",
)  # fmt: skip
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SGR = re.compile(r"\x1b\[[0-9;]*m")
# Between two runs of a recording: whatever it left behind, as a shell would find it.
_AGAIN = b"\x18\x1b[?1049l\x1b[!p\x1b[r\x1b[H\x1b[J"


@dataclass(frozen=True, slots=True)
class Screen:
    """The size of a screen in cells."""

    cols: int
    rows: int


Maker = Callable[[int, Screen], bytes]
"""Makes a stream of so many bytes, at least, for a screen of that size."""


def plain_lines(size: int) -> bytes:
    """Lines of words without a sequence, 20 to 110 columns."""
    chance = random.Random(1)
    return _fill(size, lambda: f"{chance.randrange(10**6):08} {_text(chance, 2, 14)}\r\n".encode())


def colored_log(size: int) -> bytes:
    """Log lines with time, colored level and some bold words; `\\n` line ends, as in a file."""
    chance = random.Random(2)
    levels = ("\x1b[32mINFO\x1b[0m ", "\x1b[33mWARN\x1b[0m ", "\x1b[31mERROR\x1b[0m", "\x1b[38;5;245mDEBUG\x1b[0m")

    def line() -> bytes:
        when = f"{chance.randrange(24):02}:{chance.randrange(60):02}:{chance.randrange(60):02}"
        text = f"\x1b[1m{_text(chance, 1, 2)}\x1b[0m {_text(chance, 3, 12)}"
        return f"\x1b[2m{when}\x1b[22m {chance.choice(levels)} {text}\n".encode()

    return _fill(size, line)


def directory_listing(size: int) -> bytes:
    """`ls -lR`: names of many directories, without color as in a pipe."""
    chance = random.Random(10)

    def part() -> bytes:
        names = [f"{chance.choice(_WORDS)}_{chance.randrange(1000)}.{chance.choice(('py', 'c', 'txt', 'so'))}" for _ in range(20)]
        sizes = [f"{chance.randrange(10**6):8} Jan {chance.randrange(1, 29):2} 12:{chance.randrange(60):02}" for _ in names]
        lines = [f"-rw-r--r-- 1 user user {size} {name}" for size, name in zip(sizes, names, strict=True)]
        return "\r\n".join([f"./{chance.choice(_WORDS)}/{chance.choice(_WORDS)}:", "total 184", *lines, "", ""]).encode()

    return _fill(size, part)


def source_text(size: int) -> bytes:
    """`cat` of source files: those of the terminal itself."""
    texts = [path.read_bytes().replace(b"\n", b"\r\n") for path in sorted(SOURCES.glob("*.py"))]
    return _repeat(size, texts)


def compiler_output(size: int) -> bytes:
    """Errors and warnings in color with the line they mean, as gcc and clang print them."""
    chance = random.Random(11)
    kinds = [f"\x1b[01;{color}m\x1b[K{kind}: \x1b[m\x1b[K" for color, kind in ((31, "error"), (35, "warning"), (36, "note"))]

    def message() -> bytes:
        line, column = chance.randrange(1, 900), chance.randrange(5, 60)
        place = f"\x1b[01m\x1b[Ksrc/{chance.choice(_WORDS)}.c:{line}:{column}:\x1b[m\x1b[K"
        code = _text(chance, 4, 10)
        return (
            f"{place} {chance.choice(kinds)}{_text(chance, 4, 10)}\r\n"
            f" {line:4} | {code[:column]}\x1b[01;35m\x1b[K{code[column:]}\x1b[m\x1b[K;\r\n"
            f"      | {' ' * column}\x1b[01;35m\x1b[K^~~~~~\x1b[m\x1b[K\r\n"
        ).encode()

    return _fill(size, message)


def same_line(size: int) -> bytes:
    """`yes`."""
    return b"y\r\n" * (size // 3 + 1)


def numbers(size: int) -> bytes:
    """`seq`."""
    return b"".join([b"%d\r\n" % number for number in range(size // 6)])


def line_feeds(size: int) -> bytes:
    """Nothing but line feeds."""
    return b"\n" * size


def scrolling(size: int) -> bytes:
    """Short lines on the alternate screen (vtebench)."""
    return b"\x1b[?1049h" + same_line(size)


def scrolling_fullscreen(size: int, on: Screen) -> bytes:
    """Lines as wide as the screen, on the alternate screen (vtebench)."""
    lines = [letter.encode() * on.cols + b"\r\n" for letter in _LETTERS]
    return b"\x1b[?1049h" + _repeat(size, lines)


def scrolling_bottom_region(size: int, on: Screen) -> bytes:
    """Short lines in a region that leaves out the last line (vtebench)."""
    return b"\x1b[?1049h\x1b[1;%dr\x1b[%d;1H" % (on.rows - 1, on.rows - 1) + same_line(size)


def scrolling_small_region(size: int, on: Screen) -> bytes:
    """Short lines in a region of the upper half, below a title line (vtebench)."""
    return b"\x1b[?1049h\x1b[2;%dr\x1b[%d;1H" % (on.rows // 2, on.rows // 2) + same_line(size)


def light_cells(size: int, on: Screen) -> bytes:
    """Screens full of one character, one after the other (vtebench)."""
    return _repeat(size, [b"\x1b[H" + letter.encode() * (on.cols * on.rows) for letter in _LETTERS])


def dense_cells(size: int, on: Screen) -> bytes:
    """Each cell with its own colors, bold, italic and underlined; screen after screen (vtebench)."""

    def screen(number: int) -> bytes:
        cells = []
        for line in range(1, on.rows + 1):
            for column in range(1, on.cols + 1):
                index = (line + column + number) % 156
                cells.append(f"\x1b[38;5;{index + 100};48;5;{255 - index + 100};1;3;4m{_LETTERS[number]}")
        return ("\x1b[H" + "".join(cells)).encode()

    return _repeat(size, [screen(number) for number in range(len(_LETTERS))])


def medium_cells(size: int, on: Screen) -> bytes:
    """Screens of source text with line numbers, keywords, strings and comments in color, as an editor scrolls them."""
    return b"\x1b[?1049h" + _fill(size, _editor_screens(b"", b"", on))


def sync_medium_cells(size: int, on: Screen) -> bytes:
    """The same in synchronized output."""
    return b"\x1b[?1049h" + _fill(size, _editor_screens(b"\x1b[?2026h", b"\x1b[?2026l", on))


def colored_words(size: int, on: Screen) -> bytes:
    """Another true color for each few cells, in lines, as heat maps are printed."""
    chance = random.Random(3)

    def cell() -> str:
        return f"\x1b[38;2;{chance.randrange(256)};{chance.randrange(256)};80m{chance.choice(_WORDS)[:4]}"

    def line() -> bytes:
        return ("".join([cell() for _ in range(on.cols * 5 // 24)]) + "\x1b[0m\r\n").encode()

    return _fill(size, line)


def true_color(size: int, on: Screen) -> bytes:
    """A picture in half blocks, each with two true colors of its own, that moves: what image and video viewers print."""
    frames = []
    for number in range(12):
        cells = []
        for line in range(on.rows - 1):
            cells.append(f"\x1b[{line + 1};1H")
            for column in range(on.cols):
                red, green, blue = (column * 2 + number * 9) % 256, (line * 6 + number * 5) % 256, (column + line + number) % 256
                cells.append(f"\x1b[38;2;{red};{green};{blue};48;2;{red // 2};{green};{255 - blue}m▀")
            cells.append("\x1b[0m")
        frames.append("".join(cells).encode())
    return _repeat(size, frames)


def noise_256(size: int) -> bytes:
    """Random pairs of 256 colors for each cell, without line ends: nothing of it comes twice."""
    chance = random.Random(8)
    return _fill(size, lambda: f"\x1b[38;5;{chance.randrange(256)};48;5;{chance.randrange(256)}m{chance.choice('ab#')}".encode())


def noise_16(size: int) -> bytes:
    """One of 8 colors for each cell, without line ends."""
    chance = random.Random(9)
    return _fill(size, lambda: f"\x1b[{chance.randrange(30, 38)}m{chance.choice('abc')}".encode())


def full_screens(size: int, on: Screen) -> bytes:
    """A program that draws its whole screen again and again by moving the cursor."""
    chance = random.Random(4)

    def screen() -> bytes:
        rows = (
            f"\x1b[{row};1H\x1b[{chance.choice((31, 32, 36, 1, 0))}m{_text(chance, 4, 12)[: on.cols - 20]}\x1b[0m\x1b[K"
            for row in range(1, on.rows + 1)
        )
        return ("\x1b[?25l\x1b[H" + "".join(rows) + "\x1b[?25h").encode()

    return _fill(size, screen)


def short_redraws(size: int, on: Screen) -> bytes:
    """Tables whose numbers change: two short colored texts in each row, as in `top`."""
    chance = random.Random(3)

    def screen() -> bytes:
        rows = (
            f"\x1b[{row};1H\x1b[32m{_text(chance, 1, 1)}\x1b[39m\x1b[{row};30H\x1b[1m{chance.randrange(1000)}\x1b[m\x1b[K"
            for row in range(1, on.rows + 1)
        )
        return ("\x1b[H" + "".join(rows)).encode()

    return _fill(size, screen)


def cursor_motion(size: int, on: Screen) -> bytes:
    """A letter in each cell along a spiral, each after a position (vtebench)."""
    screens = []
    for letter in _LETTERS:
        places = [f"\x1b[{line};{column}H{letter}" for line, column in _spiral(on)]
        screens.append("".join(places).encode())
    return _repeat(size, screens)


def scattered_words(size: int, on: Screen) -> bytes:
    """A word here, a word there: progress bars, tables, status lines."""
    chance = random.Random(5)

    def word() -> bytes:
        row, column = chance.randrange(1, on.rows + 1), chance.randrange(1, on.cols - 10)
        return f"\x1b[{row};{column}H{_text(chance, 1, 1)}".encode()

    return _fill(size, word)


def symbols(size: int) -> bytes:
    """All characters of the basic plane in their order, wide ones, narrow ones and marks (vtebench)."""
    codes = chain(range(0xA1, 0x2FE0), range(0x3001, 0xA4D0), range(0xAC00, 0xD7A4), range(0xFF01, 0xFFE7))
    return _repeat(size, ["".join(map(chr, codes)).encode()])


def unicode_text(size: int) -> bytes:
    """Lines of several scripts with wide and combining characters."""
    chance = random.Random(6)
    words = ("naïve", "größer", "задача", "終端機", "画面を描く", "터미널", "e\u0301tat", "→ ok", "✓ done", "🚀 start", "plain")
    return _fill(size, lambda: (" ".join(chance.choice(words) for _ in range(14)) + "\r\n").encode())


def adversarial(size: int) -> bytes:
    """Another style for each character, wide and narrow in turn: what defeats every fast path."""
    chance = random.Random(7)
    return _fill(size, lambda: f"\x1b[{chance.randrange(30, 38)};{chance.choice((1, 4, 7))}m{chance.choice('aあ')}".encode())


def recorded(name: str) -> Maker:
    """A recording of a real program on a screen of the size asked for, played again and again.

    Raises:
        FileNotFoundError: when called, if it was not recorded at that size.
    """
    return lambda size, on: _again(size, f"{name}-{on.cols}x{on.rows}")


def printed(make: Callable[[int], bytes]) -> Maker:
    """Text that is printed without a look at the screen: the same bytes on all of them, longer lines wrap."""
    return lambda size, _on: make(size)


STREAMS: Mapping[str, Maker] = {
    "plain lines": printed(plain_lines),
    "ls -lR": printed(directory_listing),
    "source text": printed(source_text),
    "colored log": printed(lambda size: colored_log(size).replace(b"\n", b"\r\n")),
    "compiler output": printed(compiler_output),
    "git log -p": printed(lambda size: _again(size, "git_log")),
    "yes": printed(same_line),
    "seq": printed(numbers),
    "line feeds": printed(line_feeds),
    "scrolling": printed(scrolling),
    "scrolling fullscreen": scrolling_fullscreen,
    "scrolling bottom region": scrolling_bottom_region,
    "scrolling small region": scrolling_small_region,
    "light cells": light_cells,
    "medium cells": medium_cells,
    "sync medium cells": sync_medium_cells,
    "dense cells": dense_cells,
    "dense colors": colored_words,
    "true color": true_color,
    "256 colors": printed(noise_256),
    "16 colors": printed(noise_16),
    "full screens": full_screens,
    "short redraws": short_redraws,
    "cursor motion": cursor_motion,
    "scattered words": scattered_words,
    "symbols": printed(symbols),
    "unicode": printed(unicode_text),
    "vim": recorded("vim"),
    "htop": recorded("htop"),
    "less": recorded("less"),
    "tmux": recorded("tmux"),
    "ink": recorded("ink"),
    "adversarial": printed(adversarial),
}
"""Each stream by its name in the table; tmux and ink were recorded on 120 x 40 only."""
BULK = frozenset({"plain lines", "ls -lR", "source text", "colored log", "compiler output", "git log -p"})
"""Text that scrolls by as files have it."""
FLOODS = frozenset({"yes", "seq", "line feeds", "scrolling", "scrolling bottom region", "scrolling small region"})
"""Short lines without end."""


def _editor_screens(before: bytes, after: bytes, on: Screen) -> Callable[[], bytes]:
    chance = random.Random(12)
    keywords = ("\x1b[1m\x1b[33m{}\x1b[0m ", "\x1b[35m{}\x1b[0m ", "\x1b[38;5;81m{}\x1b[0m = ", "\x1b[32m'{}'\x1b[0m, ")
    pieces = (*keywords, "{} ", "{}.{}() ")

    def line(number: int) -> str:
        words = [chance.choice(pieces).format(*chance.choices(_WORDS, k=2)) for _ in range(chance.randint(1, 9))]
        indent = " " * chance.randrange(0, 12, 4)
        text = "".join(_fitting(words, on.cols - len("1234 ") - len(indent)))
        return f"\x1b[{number};1H\x1b[38;5;130m{number + 100:4} \x1b[0m{indent}{text}\x1b[K"

    def screen() -> bytes:
        lines = "".join([line(number) for number in range(1, on.rows)])
        status = "NORMAL".ljust(on.cols - 20)
        return before + f"\x1b[?25l{lines}\x1b[{on.rows};1H\x1b[7m{status}\x1b[0m\x1b[?25h".encode() + after

    return screen


def _fitting(words: list[str], cols: int) -> Iterator[str]:
    """The words that an editor has room for, as it does not wrap lines."""
    ends = accumulate(len(_SGR.sub("", word)) for word in words)
    return (word for word, end in zip(words, ends, strict=True) if end <= cols)


def _spiral(on: Screen) -> Iterator[tuple[int, int]]:
    top, left, bottom, right = 1, 1, on.rows, on.cols
    while top <= bottom and left <= right:
        yield from ((top, column) for column in range(left, right))
        yield from ((line, right) for line in range(top, bottom))
        yield from ((bottom, column) for column in range(right, left, -1))
        yield from ((line, left) for line in range(bottom, top, -1))
        top, left, bottom, right = top + 1, left + 1, bottom - 1, right - 1


def _text(chance: random.Random, least: int, most: int) -> str:
    return " ".join(chance.choices(_WORDS, k=chance.randint(least, most)))


def _fill(size: int, piece: Callable[[], bytes]) -> bytes:
    parts, length = [], 0
    while length < size:
        parts.append(piece())
        length += len(parts[-1])
    return b"".join(parts)


def _repeat(size: int, pieces: list[bytes]) -> bytes:
    following = cycle(pieces)
    return _fill(size, lambda: next(following))


def _again(size: int, recording: str) -> bytes:
    return _repeat(size, [gzip.decompress((RECORDINGS / f"{recording}.gz").read_bytes()) + _AGAIN])
