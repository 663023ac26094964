"""Output as programs print it, made from a fixed seed: what benchmarks feed to terminals."""

import random
from collections.abc import Callable, Mapping

_WORDS = (
    "accept", "build", "cache", "claim", "close", "compile", "connect", "cursor", "deploy", "drain", "error", "fetch",
    "flush", "graph", "handle", "index", "kernel", "layout", "merge", "notify", "open", "parse", "queue", "read", "release",
    "render", "reply", "retry", "ring", "scan", "screen", "session", "shell", "signal", "spawn", "start", "status",
    "stream", "test", "timeout", "update", "verify", "wait", "warning", "window", "worker", "write",
)  # fmt: skip


def plain_lines(size: int) -> bytes:
    """Lines of words without a sequence, 20 to 110 columns, as a compiler or `ls -lR` prints them."""
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


def dense_cells(size: int) -> bytes:
    """Another true color for each few cells, as image viewers and heat maps print."""
    chance = random.Random(3)

    def line() -> bytes:
        cells = (f"\x1b[38;2;{chance.randrange(256)};{chance.randrange(256)};80m{chance.choice(_WORDS)[:4]}" for _ in range(25))
        return ("".join(cells) + "\x1b[0m\r\n").encode()

    return _fill(size, line)


def full_screens(size: int) -> bytes:
    """A program that draws its whole screen again and again by moving the cursor, as htop and vim do."""
    chance = random.Random(4)

    def screen() -> bytes:
        rows = (
            f"\x1b[{row};1H\x1b[{chance.choice((31, 32, 36, 1, 0))}m{_text(chance, 4, 12)[:100]}\x1b[0m\x1b[K"
            for row in range(1, 41)
        )
        return ("\x1b[?25l\x1b[H" + "".join(rows) + "\x1b[?25h").encode()

    return _fill(size, screen)


def cursor_motion(size: int) -> bytes:
    """A few characters here, a few there: progress bars, tables, status lines."""
    chance = random.Random(5)
    return _fill(size, lambda: f"\x1b[{chance.randrange(1, 41)};{chance.randrange(1, 110)}H{_text(chance, 1, 1)}".encode())


def unicode_text(size: int) -> bytes:
    """Text of several scripts with wide and combining characters."""
    chance = random.Random(6)
    words = ("naïve", "größer", "задача", "終端機", "画面を描く", "터미널", "e\u0301tat", "→ ok", "✓ done", "🚀 start", "plain")
    return _fill(size, lambda: (" ".join(chance.choice(words) for _ in range(14)) + "\r\n").encode())


def adversarial(size: int) -> bytes:
    """Another style for each character, wide and narrow in turn: what defeats every fast path."""
    chance = random.Random(7)
    return _fill(size, lambda: f"\x1b[{chance.randrange(30, 38)};{chance.choice((1, 4, 7))}m{chance.choice('aあ')}".encode())


STREAMS: Mapping[str, Callable[[int], bytes]] = {
    "plain lines": plain_lines,
    "colored log": lambda size: colored_log(size).replace(b"\n", b"\r\n"),
    "dense colors": dense_cells,
    "full screens": full_screens,
    "cursor motion": cursor_motion,
    "unicode": unicode_text,
    "adversarial": adversarial,
}
"""Each stream by its name in the table; the argument is the size in bytes, at least."""


def _text(chance: random.Random, least: int, most: int) -> str:
    return " ".join(chance.choices(_WORDS, k=chance.randint(least, most)))


def _fill(size: int, piece: Callable[[], bytes]) -> bytes:
    parts, length = [], 0
    while length < size:
        parts.append(piece())
        length += len(parts[-1])
    return b"".join(parts)
