"""Floods of each sequence the terminal knows, in many states of the screen: what 64 KiB of it cost.

    python tests/bench/fuzz_floods.py [--only TEXT] [--limit MS] [--quick]

The sequences are those of the interpreter's own tables, so that none is forgotten, with no, small and huge parameters. Each
is sent again and again, alone and in turns with one printable character, on screens that are filled, styled, wide, with
margins. A flood of 4 KiB finds those that may be slow; their time is the median of three floods of 64 KiB, in processor time.
"""

import argparse
import functools
import gc
import itertools
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from synk.terminal import modes
from synk.terminal.emulator import Emulator
from tests.bench.fuzz import BITE_BYTES, LIMIT_S_PER_64_KIB, resident_mib

TRIAL_BYTES = 4096
SIZES = ((80, 24), (200, 60))
_FULL: dict[str, Callable[[int, int], bytes]] = {
    "text": lambda cols, y: bytes([33 + (x + y) % 90 for x in range(cols)]),
    "styled": lambda cols, y: b"".join([b"\x1b[%d;4%dm%c" % (30 + x % 8, (x + y) % 7, 65 + x % 26) for x in range(cols)]),
    "wide": lambda cols, _: "你e\u0301好".encode() * (cols // 5),
}
STATES: dict[str, tuple[str, bytes]] = {
    "empty": ("", b""),
    "text": ("text", b""),
    "styled": ("styled", b""),
    "wide": ("wide", b""),
    "bottom": ("text", b"\x1b[0;44m\x1b[999;5H"),
    "alternate": ("styled", b"\x1b[m\x1b[3;20r\x1b[5;5H"),
    "sides": ("text", b"\x1b[?69h\x1b[3;60s\x1b[999;5H"),
    "origin": ("styled", b"\x1b[?69h\x1b[3;60s\x1b[2;22r\x1b[?6h\x1b[5;5H"),
    "narrow": ("wide", b"\x1b[?69h\x1b[5;6s\x1b[5;5H"),
    "insert": ("text", b"\x1b[4h\x1b[1\"q\x1b[?2027h\x1b[5;5H"),
}
"""What the screen is full of before a flood, and what follows that."""
_PARAMETERS = ("", "1", "2", "3", "7", "999999", "1;1;999;999", "5;5;10;50;1;7")
_RECTANGLES = (
    "", "1;1;999;999;1;2;2;1", "2;2;999;999;1;1;2;1", "65;1;1;999;999", "1;1;1;1;999;999", "1;1;999;999;1;7",
    "1;1;999;999;4",
)  # fmt: skip
_TEXTS = (
    "x", "x" * 50, "你", "e\u0301", "\u0301", "👩\u200d", "🇩🇪", "क्षि", "\u200b", "é", "☁\ufe0f", "한", "x\r\n", "x\n", "\r\n\n",
    "xy\b", "a\tb", "\t\r",
)  # fmt: skip
_STRINGS = (
    "\x1b]0;{n}\a", "\x1b]2;x\x1b\\", "\x1b]8;;http://x/{n}\a", "\x1b]8;;http://x/{n}\ax", "\x1b]8;id={n};x\ax\x1b]8;;\a",
    "\x1b]133;A\a", "\x1b]133;A\ax\n", "\x1b]133;C\ax\x1b]133;D;{n}\a", "\x1b]4;{n};#112233\a", "\x1b]4;1;?\a", "\x1b]104\a",
    "\x1b]104;1\a", "\x1b]10;#11{n:04x}\a", "\x1b]10;?\a", "\x1b]110\a", "\x1b]7;file:///{n}\a", "\x1b]9;{n}\a",
    "\x1b]9;4;1;{n}\a",
    "\x1b]22;>wait\a", "\x1b]22;<\a", "\x1b]52;c;aGVsbG8=\a", "\x1b]99;i={n}:d=0;x\a", "\x1b]99;i=1:d=0;x\a",
    "\x1b]777;notify;a;b\a",
    "\x1b]1337;SetUserVar=a=aGVsbG8=\a", "\x1b]1337;ClearScrollback\a", "\x1b]7501;state=working:id={n}\a",
    "\x1b]7501;state=clear\a", "\x1b]7501;?\a", "\x1bP$qm\x1b\\", "\x1bP$qr\x1b\\", "\x1bP+q544e;436f\x1b\\", "\x1bP=1s\x1b\\",
    "\x1bPq#1~\x1b\\", "\x1bPq~\x1b\\x", "\x1bPq#0;2;9;9;9!9999~-!9999~\x1b\\", "\x1bPq!99999~-!99999~-!99999~-!99999~-\x1b\\",
    "\x1bP0;1q#42;2;9;99;50!2185~-$??@\a\x1b\\", '\x1bPq"1;1;9999;1600~\x1b\\', '\x1bPq"1;99;999;160!999~-!999~\x1b\\',
    '\x1bPq"99;1;999;160!999~-!999~\x1b\\', "\x1bPq#{n}~#1!9999~$-\x1b\\", "\x1bPq-------------------------~\x1b\\",
    "\x1b_Ga=T,f=24,s=1,v=1;AAAA\x1b\\", "\x1b_Ga=t,i={n},f=24,s=1,v=1;AAAA\x1b\\",
    "\x1b_Ga=T,i=1,f=24,s=1,v=1,c=99,r=50;AAAA\x1b\\",
    "\x1b_Ga=t,i=1,f=24,s=1,v=1;AAAA\x1b\\\x1b_Ga=p,i=1,p={n},c=80,r=24\x1b\\", "\x1b_Ga=d,d=A\x1b\\", "\x1b_Ga=d,d=c\x1b\\",
    "\x1b_Ga=T,f=24,s=1,v=1,m=1;AAAA\x1b\\\x1b_Gm=0;\x1b\\", "\x1b_Ga=q,i=1,f=24,s=1,v=1;AAAA\x1b\\",
    "\x1b_Ga=t,i=1,f=24,s=1,v=1;AAAA\x1b\\\x1b_Ga=f,i=1,f=24,s=1,v=1;AAAA\x1b\\",
    "\x1b_Ga=T,U=1,i=1,f=24,s=1,v=1;AAAA\x1b\\\U0010eeee",
    "\x1b_Gi=1\x1b\\", "\x1b_G", "\x1bX\x1b\\", "\x1b]\a", "\x1bP\x1b\\", "\x1b]0;", "\x1b[", "\x1b\x1b", "\x1b[\x1b",
    "\x18", "\x1b]\x18",
    "\x1b[{n}m", "\x1b[38;2;{r};{g};7mx", "\x1b[48;2;{r};{g};7mx", "\x1b[48;2;{r};{g};7m\x1b[K", "\x1b[48;2;{r};{g};7m\n",
    "\x1b[38;5;{b}m",
    "\x1b[4:3;58:2::{r}:{g}:0mx", "\x1b[48;2;{r};{g};7m\x1b[J", "\x1b[48;2;{r};{g};7m\x1b[2J", "\x1b[31;1m",
    "\x1b[;;;;;;;;;;;;;;;;;;;;m",
    "\x1b[{l};{c}Hx", "\x1b[{l};{c}H你", "\x1b[{l};{c}H\x1b[K", "\x1b[{l};{c}H\x1b[1K", "\x1b[{l};{c}H\x1b[X",
    "\x1b[{l};{c}H\x1b[@", "\x1b[{l};{c}H\x1b[P",
    "\x1b[{l};{c}H\x1b[M", "\x1b[{l};{c}H\x1b[L", "\x1b[{l};{c}H\u0301", "\x1b[{l}r", "\x1b[{l}r\n", "\x1b[{l};{c}s",
    "\x1b[?69h\x1b[{c}s\x1b[S", "\x1b[?6h\x1b[{l}r\x1b[?6l",
    "\x1b[8;{l};{c}t", "\x1b[22t\x1b]2;{n}\a\x1b[23t", "\x1b[?1;3;5;6;7;9;1000;1049s\x1b[?1;3;5;6;7;9;1000;1049r",
    "\x1b[1\"qx\x1b[0\"q\x1b[?J", "\x1b[1\"qx\x1b[?K", "\x1bVx\x1bW\x1b[J", "\x1b[1\"qx\x1b[?2J",
    "\x1b[1\"qx\x1b[1;1;999;999${{", "x\x1b[999b", "你\x1b[999b", "\x1b[4hx\x1b[99b",
    "\x1b7\x1b8", "\x1b(0q\x1b(B", "\x1b(0\x1bNq", "\x0eq\x0f", "\x1b[?1049h\x1b[?1049l", "\x1b[?1049hx\x1b[?1049l",
    "\x1b[?47hx\x1b[?47l", "\x1b[?1047h\x1b[?1047l",
    "\x1b[?40h\x1b[?3h", "\x1b[?40h\x1b[?3hx", "\x1b[?5h\x1b[?5l", "\x1b[?2048h", "\x1b[?69h\x1b[?69l", "\x1bH\x1b[C",
    "\x1bH\t\x1b[3g\t", "\x1b[3g\t\r", "\x1b[?5W\t\r",
    "\x1b[999I\x1b[999Z", "\x1b[3g\x1b[999I\r", "\x1b[>1u\x1b[<u", "\x1b[2;1H\x1bM\x1bM\x1bM", "\x1bM\x1bD", "\x1b[S\x1b[T",
    "x\x1b[S", "x\x1b[T", "\x1b[L\x1b[M", "\x1b6\x1b9", "x\x1b6", "x\x1b9",
    "\x1b[ @x", "\x1b[ Ax", "\x1b['}}x", "\x1b['~x", "\x1b#8x", "\x1bcx", "\x1b[2Jx", "\x1b[Jx", "\x1b[H\x1b[Jx", "\x1b[1Jx",
    "\x1b[1;1;1;1;999;999*y", "x\x1b[1;1;1;1;999;999*y",
    "\x1b[1;1*yx", "\x1b[1*yx", "\x1b[65$x", "\x1b[65$xx", "\x1b[$zx", "\x1b[${{x", "\x1b[2*x\x1b[;;;;7$r",
    "\x1b[2*x\x1b[;;;;7$rx", "\x1b[;;;;7$tx", "\x1b[$v", "\x1b[;;;;;2;2$vx",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Flood:
    """One thing, again and again."""

    name: str
    data: bytes
    """At least `BITE_BYTES`, cut there."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a flood took."""

    ms_per_64_kib: float
    flood: str
    state: str
    size: tuple[int, int]


def floods() -> Iterator[Flood]:
    """All of them; nothing twice."""
    seen: set[str] = set()
    for text in itertools.chain(_of_tables(), _TEXTS, _STRINGS):
        for template in (text, text + "x"):
            if template not in seen:
                seen.add(template)
                yield Flood(repr(template), flood_of(template))


def flood_of(template: str) -> bytes:
    """`BITE_BYTES` of it; names in braces are numbers that change each time."""
    if "{" not in template.replace("{{", ""):
        piece = template.replace("{{", "{").replace("}}", "}").encode()
        return (piece * (BITE_BYTES // len(piece) + 1))[:BITE_BYTES]
    pieces: list[bytes] = []
    size = 0
    for n in itertools.count():
        pieces.append(
            template.format(n=n, r=n % 256, g=n // 256 % 256, b=n % 256, l=n * 7 % 60 + 1, c=n * 13 % 200 + 1).encode()
        )
        size += len(pieces[-1])
        if size >= BITE_BYTES:
            return b"".join(pieces)[:BITE_BYTES]


def _of_tables() -> Iterator[str]:
    """Sequences from the tables of the interpreter."""
    interpreter = Emulator(cols=1, rows=1, reply=_drop)._interpreter
    yield from interpreter._controls
    for key in interpreter._escapes:
        yield f"\x1b{key}"
    for middle in "()*+-./":
        yield from (f"\x1b{middle}0", f"\x1b{middle}B")
    for key in interpreter._sequences:
        yield from (sequence.replace("{", "{{").replace("}", "}}") for sequence in _with_parameters(key))
    for number in sorted(modes.KNOWN_PRIVATE):
        yield from (f"\x1b[?{number >> 5}{final}" for final in "hl")
        yield f"\x1b[?{number >> 5}h\x1b[?{number >> 5}l"
    for number in sorted(modes.KNOWN_ANSI):
        yield f"\x1b[{number}h\x1b[{number}l"
    for number in range(110):
        yield f"\x1b[{number}m"


def _with_parameters(key: str) -> Iterator[str]:
    prefix = key[0] if key[0] in "?><=" else ""
    rest = key[len(prefix) :]
    for parameters in _RECTANGLES if rest[0] in "$*" and not prefix and len(rest) == 2 else _PARAMETERS:
        yield f"\x1b[{prefix}{parameters}{rest}"


def measure(data: bytes, state: str, size: tuple[int, int]) -> float:
    """Processor time per 64 KiB in seconds."""
    cols, rows = size
    emulator = Emulator(cols=cols, rows=rows, reply=_drop)
    emulator.describe_window(cell_width=10, cell_height=20, is_dark=True)
    emulator.feed(start_of(state, cols, rows))
    emulator.take_dirty()
    # Terminals of other floods are garbage in cycles: their collection is not the work of this one.
    gc.collect()
    gc.freeze()
    started = time.process_time()
    emulator.feed(data)
    taken = time.process_time() - started
    gc.unfreeze()
    return taken * BITE_BYTES / len(data)


@functools.cache
def start_of(state: str, cols: int, rows: int) -> bytes:
    """What makes the screen be in a state."""
    full, then = STATES[state]
    screen = b"".join([b"\x1b[%d;1H" % (y + 1) + _FULL[full](cols, y) for y in range(rows)]) if full else b""
    return (b"\x1b[?1049h" if state == "alternate" else b"") + screen + (b"\x1b[m\x1b[5;5H" if full else b"") + then


def _drop(_data: bytes) -> None:
    pass


def sweep(*, only: str, limit_s: float, sizes: Sequence[tuple[int, int]]) -> Iterator[Found]:
    """All that takes longer; states in which it does not are left out."""
    for flood in floods():
        if only not in flood.name:
            continue
        for state, size in itertools.product(STATES, sizes):
            taken = measure(flood.data[:TRIAL_BYTES], state, size)
            if taken < limit_s * 0.8:
                continue
            taken = measure(flood.data, state, size)
            if limit_s < taken < limit_s * 3:
                taken = statistics.median([taken, *[measure(flood.data, state, size) for _ in range(2)]])
            if taken > limit_s:
                yield Found(taken * 1e3, flood.name, state, size)


def main() -> int:
    """Exit status 1 if anything is over the limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="only floods with this text in their name")
    parser.add_argument("--limit", type=float, default=LIMIT_S_PER_64_KIB * 1e3, help="milliseconds per 64 KiB")
    parser.add_argument("--quick", action="store_true", help="only on the largest screen")
    options = parser.parse_args()
    before = resident_mib()
    found: list[Found] = []
    for one in sweep(only=options.only, limit_s=options.limit / 1e3, sizes=SIZES[-1:] if options.quick else SIZES):
        found.append(one)
        print(f"{one.ms_per_64_kib:7.0f} ms  {one.size[0]} x {one.size[1]} {one.state:10} {one.flood}", flush=True)
    print(f"{len(found)} floods over {options.limit:.0f} ms per 64 KiB; resident {before:.0f} -> {resident_mib():.0f} MiB")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
