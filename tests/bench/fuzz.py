"""Fuzzing of the emulator: noise, grammar, mutated recordings and every prefix of them, with the window's questions between.

    python tests/bench/fuzz.py --minutes 60 [--seed N] [--recordings DIR ...] [--log FILE]

A case is one emulator that gets bites of a stream; between them its size changes, it is saved and restored, its rows are
read, searched, selected and followed. A case is made from its number alone, so that `--case N` runs it again. Looked for:

- exceptions, and states that cannot be (`check`);
- hangs: a bite that takes more than 100 ms of CPU per 64 KiB. Work is counted in processor time, and a slow bite is fed once
  more to an emulator in the same state: what a busy machine did once does not count. Floods of what asks for a screen
  of text or a picture with a few bytes (`_HEAVY`), and screens of one or two columns, where each character is a line, are
  named apart: their cost is that of what they ask for, not of the bytes. Floods of each single sequence: `fuzz_floods.py`;
- memory: the resident size is told each minute.
"""

import argparse
import collections
import contextlib
import itertools
import random
import re
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from synk.terminal.emulator import Emulator
from synk.terminal.export import export_lines
from synk.terminal.selection import Point, Selection, Unit

SCREENS = Path(__file__).parents[1] / "data" / "screens"
LIMIT_S_PER_64_KIB = 0.1
BITE_BYTES = 65536

_FINALS = "@ABCDEFGHIJKLMPSTXZ^`abcdefghlmnpqrstuvwxyz{|}~"
_PREFIXES = ("", "", "", "", "?", "?", ">", "<", "=")
_MIDDLES = ("", "", "", "", " ", "!", '"', "$", "'", "*", "#", "$ ")
_MODES = (
    1, 2, 3, 4, 5, 6, 7, 9, 12, 20, 25, 40, 41, 45, 47, 66, 67, 69, 95, 1000, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016,
    1045, 1046, 1047, 1048, 1049, 2004, 2026, 2027, 2031, 2048,
)  # fmt: skip
_STRINGS = (
    "]0;", "]2;", "]4;1;", "]7;file:///", "]8;;http://x", "]8;id=a;http://y", "]9;", "]9;4;1;", "]10;", "]11;?", "]22;", "]52;c;",
    "]99;i=1:d=0;", "]104", "]133;A", "]133;C", "]133;D;", "]777;notify;", "]1337;", "]7501;state=", "P$q", "P+q", "P0;1q", "P",
    "_G", "_Ga=T,f=24,s=1,v=1;", "_", "^", "X",
)  # fmt: skip
_TEXTS = (
    "word ", "x" * 90, "tab\t", "\r\n", "\n", "\r", "\b", "é", "你好", "e\u0301", "\u0301", "👩\u200d💻", "🇩🇪", "☁\ufe0f",
    "क्षि", "นี้", "한", "가", "├──┤", "▀▄█", "⣿", "\ue0b0", "\u202e", "\u200b", "\U00100005", "\ufffe",
    "\x0e", "\x0f", "\x07", "\x05", "\x7f", "a\r\nbb\r\n\r\ncc\r\n" * 3,
)  # fmt: skip
# REP of a screen of text, pictures of more rows than the screen has.
_HEAVY = re.compile(rb"\x1b\[[0-9]*[0-9]{3}b|\x1bP[0-9;]*q[^\x1b]*|\x1b_G[^\x1b]*")


@dataclass(frozen=True, slots=True)
class Slow:
    """A bite over the limit."""

    case: int
    seconds_per_64_kib: float
    heavy_share: float
    """Part of the bytes that belongs to sequences which may each ask for a screen of text or a picture, 0 to 1."""
    size: tuple[int, int]
    start: bytes


class Fuzzer:
    """Makes and runs cases; keeps what it found."""

    def __init__(self, recordings: Sequence[bytes]) -> None:
        self._recordings = recordings
        self.bytes_fed = 0
        self.failures: list[tuple[int, str]] = []
        self.slow: list[Slow] = []

    def run(self, case: int) -> None:
        """Run one case; what it raises is kept with its number."""
        try:
            self._run(random.Random(case), case)
        except Exception:
            self.failures.append((case, traceback.format_exc()))

    def run_prefixes(self, recording: bytes) -> None:
        """Every prefix of a recording must leave a terminal that can be read, saved and used."""
        whole = Emulator(cols=80, rows=24, reply=_drop)
        for end in range(len(recording)):
            whole.feed(recording[end : end + 1])
            self.bytes_fed += 1
            if end % 16 == 0:
                try:
                    other = Emulator.restore(whole.snapshot(), reply=_drop)
                    other.resize(cols=40 + end % 100, rows=5 + end % 40)
                    other.feed(b"\x18\x1b[mok")
                    check(other)
                    check(whole)
                except Exception:
                    self.failures.append((-end, traceback.format_exc()))
                    return

    def _run(self, chance: random.Random, case: int) -> None:
        cols, rows = chance.choice(((80, 24), (120, 40), (20, 6), (7, 3), (200, 60), (1, 1), (2, 2), (10, 1), (1, 50), (300, 2)))
        emulator = Emulator(
            cols=cols,
            rows=rows,
            reply=_drop,
            scrollback_lines=chance.choice((0, 1, 50, 5000)),
            scrollback_bytes=chance.choice((500, 20000, 8 << 20)),
        )
        emulator.allow_clipboard_read(chance.random() < 0.2)
        window = Window(emulator, chance)
        make = chance.choice((_noise, _noise_in_ascii, self._grammar, self._grammar, self._flood, self._mutated, self._mutated))
        for bite in itertools.islice(_bites(make(chance), chance), chance.randrange(1, 30)):
            self._feed(window.emulator, bite, case)
            window.do_something()
        check(window.emulator)

    def _feed(self, emulator: Emulator, bite: bytes, case: int) -> None:
        before = emulator.snapshot() if len(bite) > 4096 else b""
        started = time.process_time()
        emulator.feed(bite)
        taken = time.process_time() - started
        self.bytes_fed += len(bite)
        limit = LIMIT_S_PER_64_KIB * max(len(bite) / BITE_BYTES, 0.25)
        if before and taken > limit:
            again = Emulator.restore(before, reply=_drop)
            started = time.process_time()
            again.feed(bite)
            taken = min(taken, time.process_time() - started)
        if taken > limit:
            heavy = sum(map(len, _HEAVY.findall(bite))) / len(bite)
            rate = taken * BITE_BYTES / max(len(bite), BITE_BYTES // 4)
            self.slow.append(Slow(case, rate, heavy, (emulator.cols, emulator.rows), bite[:60]))

    def _grammar(self, chance: random.Random) -> bytes:
        kinds = (_csi, _csi, _sgr, _mode, _placed, _string, _text, _text, _text, _escape)
        return b"".join(chance.choice(kinds)(chance) for _ in range(chance.randrange(1, 3000)))

    def _flood(self, chance: random.Random) -> bytes:
        """A few pieces again and again: what defeats one fast path, with and without text between."""
        kinds = (_csi, _sgr, _mode, _placed, _string, _text, _escape)
        pieces = b"".join(chance.choice(kinds)(chance) for _ in range(chance.randrange(1, 5)))
        return pieces * (chance.randrange(1000, BITE_BYTES * 2) // max(len(pieces), 1) + 1)

    def _mutated(self, chance: random.Random) -> bytes:
        data = bytearray(chance.choice(self._recordings))
        for _ in range(chance.randrange(1, 40)):
            at = chance.randrange(len(data) + 1)
            kind = chance.randrange(5)
            if kind == 0 and at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            elif kind == 1:
                del data[at : at + chance.randrange(1, 20)]
            elif kind == 2:
                data[at:at] = data[at : at + chance.randrange(200)] * chance.randrange(1, 5)
            elif kind == 3:
                data[at:at] = self._grammar(chance)[:100]
            else:
                other = chance.choice(self._recordings)
                start = chance.randrange(len(other) + 1)
                data[at:at] = other[start : start + chance.randrange(500)]
        return bytes(data)


class Window:
    """What a window does with a terminal between two bites."""

    def __init__(self, emulator: Emulator, chance: random.Random) -> None:
        self.emulator = emulator
        self._chance = chance
        self._search = emulator.search(chance.choice(("o", "word", "你", "x{2,5}", "[a-f]+$")), is_regex=True)
        self._anchors = [emulator.anchor(0, 0)]

    def do_something(self) -> None:
        """One of the things, or nothing."""
        chance, emulator = self._chance, self.emulator
        kind = chance.randrange(12)
        top, bottom = emulator.scrolled_total + emulator.first_row(), emulator.scrolled_total + emulator.rows
        if kind == 0:
            sizes = (0, 1, 2, 3, 7, 20, 33, 80, 200, 300)
            emulator.resize(cols=chance.choice(sizes), rows=chance.choice(sizes))
        elif kind == 1:
            data = emulator.snapshot()
            copy = Emulator.restore(data, reply=_drop)
            if copy.snapshot() != data:
                raise AssertionError("a restored terminal has another snapshot")
            if chance.random() < 0.5:
                self.emulator = copy
                self._search = copy.search("e")
                self._anchors.clear()
        elif kind == 2:
            self._search.refresh()
            self._search.next()
            self._search.previous()
            self._search.hits(top, bottom)
        elif kind == 3:
            start = Point(chance.randrange(top, bottom), chance.randrange(emulator.cols + 1))
            end = Point(chance.randrange(top, bottom), chance.randrange(emulator.cols + 1))
            Selection(start, end, chance.choice(list(Unit))).text(emulator)
        elif kind == 4:
            self._anchors.append(emulator.anchor(chance.randrange(top, bottom), chance.randrange(emulator.cols + 1)))
        elif kind == 5:
            emulator.previous_prompt(bottom)
            emulator.next_prompt(top)
            output = emulator.last_output()
            if output is not None:
                output.text(emulator)
        elif kind == 6:
            emulator.describe_window(cell_width=chance.randrange(20), cell_height=9, is_dark=chance.random() < 0.5)
            emulator.tell_clipboard("c", "x")
            emulator.take_events()
        elif kind == 7:
            export_lines(emulator, first=-100, ansi=chance.random() < 0.5, joins_wrapped=True)
        elif kind == 8 and chance.random() < 0.2:
            emulator.renew()
        else:
            for y in emulator.take_dirty():
                emulator.row(y)


def check(emulator: Emulator) -> None:
    """What holds for every terminal at any time.

    Raises:
        AssertionError: it does not.
    """
    cursor, cols, rows = emulator.cursor, emulator.cols, emulator.rows
    _hold(0 <= cursor.x < cols and 0 <= cursor.y < rows, f"cursor {cursor} in {cols} x {rows}")
    _hold(emulator.first_row() <= 0, "rows")
    for y in range(max(emulator.first_row(), -200), rows):
        col = 0
        for run in emulator.row(y):
            _hold(run.col >= col, f"runs of row {y} overlap")
            col = run.col + run.cells
        _hold(y < 0 or col <= max(cols, 2), f"row {y} has {col} cells of {cols}")
        _hold("\x1b" not in emulator.text(y), f"row {y} holds ESC")
        _hold(len(emulator.cells(y)) >= col or not emulator.row(y) or col <= cols, f"cells of row {y}")


def _hold(is_so: bool, what: str) -> None:
    if not is_so:
        raise AssertionError(what)


def _drop(_data: bytes) -> None:
    pass


def _bites(data: bytes, chance: random.Random) -> Iterator[bytes]:
    size = chance.choice((1, 7, 100, 4096, 8192, BITE_BYTES))
    for start in range(0, len(data), size):
        yield data[start : start + size]


def _noise(chance: random.Random) -> bytes:
    return chance.randbytes(chance.randrange(1, BITE_BYTES))


def _noise_in_ascii(chance: random.Random) -> bytes:
    """Noise in which sequences are likely."""
    likely = b"\x1b\x1b\x1b[[[;;]:?>=0123456789abcdhlmnqrtu ABCDHJKLMPSTX$\r\n\x07\\P_\xe4\xbd"
    return bytes(chance.choices(likely, k=chance.randrange(1, 20000)))


def _number(chance: random.Random) -> str:
    number = chance.choice((0, 1, 1, 2, 3, 5, 8, 24, 25, 80, 81, 255, 256, 999, 65535, 65536, 2**31, 10**20))
    return f"{number:0{chance.choice((1, 1, 1, 1, 3, 12))}}"


def _placed(chance: random.Random) -> bytes:
    """Texts here and there, as redraws print them."""
    places = ((_number(chance), _number(chance), chance.choice("abc d")) for _ in range(chance.randrange(1, 12)))
    return "".join(f"\x1b[{y};{x}H{text}" for y, x, text in places).encode()


def _csi(chance: random.Random) -> bytes:
    count = chance.choice((0, 1, 1, 2, 2, 3, 4, 5, 9, 40))
    parameters = chance.choice(";;;:").join(_number(chance) if chance.random() < 0.9 else "" for _ in range(count))
    return f"\x1b[{chance.choice(_PREFIXES)}{parameters}{chance.choice(_MIDDLES)}{chance.choice(_FINALS)}".encode()


def _sgr(chance: random.Random) -> bytes:
    parts = [str(chance.randrange(110)) for _ in range(chance.randrange(4))]
    red, green, blue = (chance.randrange(300) for _ in range(3))
    parts += chance.choice(([], [f"38;2;{red};{green};{blue}"], [f"48:2::{red}:1:2"], ["58:5:9", "4:3"]))
    return f"\x1b[{';'.join(parts)}m".encode()


def _mode(chance: random.Random) -> bytes:
    return f"\x1b[{chance.choice(('?', '?', '?', ''))}{chance.choice(_MODES)}{chance.choice('hhhllsr')}".encode()


def _string(chance: random.Random) -> bytes:
    payloads = (
        "", "hello", "?", "#112233", "aGVsbG8=", "1;2;3", "x" * 3000, "\u202e\u0301", chance.randbytes(9).hex(),
        f"#{chance.randrange(300)};2;9;99;50!{chance.randrange(3000)}~-$??@", '"1;1;9;900#1~~@@-' * chance.randrange(9),
        f"a=T,f=32,s={chance.randrange(4)},v=1,i={chance.randrange(3)},c={chance.randrange(9)};AAAAAAAAAAAAAAAA", "a=d,d=A",
    )  # fmt: skip
    ends = ("\x07", "\x1b\\", "\x18", "\x1b[A", "")
    return f"\x1b{chance.choice(_STRINGS)}{chance.choice(payloads)}{chance.choice(ends)}".encode()


def _escape(chance: random.Random) -> bytes:
    middle = chance.choice(("", "", "(", ")", "*", "+", "-", "#", " ", "%"))
    return f"\x1b{middle}{chr(chance.randrange(0x30, 0x7F))}".encode()


def _text(chance: random.Random) -> bytes:
    if chance.random() < 0.1:
        first, end = chance.choice(((0, 0x300), (0x300, 0x3000), (0x10000, 0x110000)))
        return chr(chance.randrange(first, end)).encode()
    return (chance.choice(_TEXTS) * chance.choice((1, 1, 1, 3))).encode()


def read_recordings(folders: Sequence[Path]) -> list[bytes]:
    """All recorded sessions in these folders (`*.bytes`)."""
    return [path.read_bytes() for folder in folders for path in sorted(folder.glob("*.bytes"))]


def resident_mib() -> float:
    """Resident memory of this process."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def run(fuzzer: Fuzzer, recordings: Sequence[bytes], *, minutes: float, seed: int, out: TextIO) -> None:
    """Fuzz for a while, or until Ctrl+C; a line each minute, what was found at the end."""
    deadline = time.monotonic() + minutes * 60
    next_line = time.monotonic()
    prefixes = iter(recordings)
    case = seed
    with contextlib.suppress(KeyboardInterrupt):
        while time.monotonic() < deadline:
            if time.monotonic() >= next_line:
                print(_minute(fuzzer, case), file=out, flush=True)
                next_line += 60
            fuzzer.run(case)
            case += 1
            if case % 100 == 0 and (recording := next(prefixes, None)) is not None:
                fuzzer.run_prefixes(recording)
    for number, text in fuzzer.failures[:20]:
        print(f"case {number}\n{text}", file=out)
    for is_heavy, slow in itertools.groupby(sorted(fuzzer.slow, key=_is_heavy), key=_is_heavy):
        found = list(slow)
        print(f"{len(found)} slow bites{' of what asks for a screen' if is_heavy else ''}", file=out)
        for one in sorted(found, key=lambda each: -each.seconds_per_64_kib)[:15]:
            print(f"  case {one.case} {one.seconds_per_64_kib * 1e3:.0f} ms/64 KiB {one.size} {one.start!r}", file=out)
    kinds = collections.Counter(text.strip().splitlines()[-1] for _, text in fuzzer.failures)
    print(f"{case - seed} cases, {fuzzer.bytes_fed / 2**20:.0f} MiB, failures: {dict(kinds)}", file=out, flush=True)


def _minute(fuzzer: Fuzzer, case: int) -> str:
    fed = f"{time.strftime('%H:%M:%S')} case {case} {fuzzer.bytes_fed / 2**20:.0f} MiB"
    slow = sum(not _is_heavy(one) for one in fuzzer.slow)
    found = f"{len(fuzzer.failures)} failures {slow} slow {len(fuzzer.slow) - slow} slow of what asks for a screen"
    return f"{fed} {resident_mib():.1f} MiB resident {found}"


def _is_heavy(slow: Slow) -> bool:
    return slow.heavy_share > 0.1 or slow.size[0] <= 2


def main() -> int:
    """Exit status 1 if anything was raised or hung."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1, help="number of the first case")
    parser.add_argument("--case", type=int, help="run this case only, and say what it raises")
    parser.add_argument("--recordings", type=Path, nargs="*", default=[], help="more folders of recordings (*.bytes)")
    parser.add_argument("--log", type=Path, help="write here instead of to standard output")
    options = parser.parse_args()
    recordings = read_recordings([SCREENS, *options.recordings])
    fuzzer = Fuzzer(recordings)
    if options.case is not None:
        fuzzer.run(options.case)
        print(*(text for _, text in fuzzer.failures), *fuzzer.slow, sep="\n")
    elif options.log is None:
        run(fuzzer, recordings, minutes=options.minutes, seed=options.seed, out=sys.stdout)
    else:
        with options.log.open("w", encoding="utf-8") as out:
            run(fuzzer, recordings, minutes=options.minutes, seed=options.seed, out=out)
    return bool(fuzzer.failures or [slow for slow in fuzzer.slow if not _is_heavy(slow)])


if __name__ == "__main__":
    sys.exit(main())
