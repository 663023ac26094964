"""Terminal throughput: megabytes per second through `Emulator.feed` at 120 x 40, beside pyte in the same run.

Each stream is fed in bites of 8 KiB, as the window does, and the dirty rows are taken after each bite; nothing is painted.
pyte is `pyte.ByteStream` on `pyte.Screen`, without scrollback, and gets a smaller part of the same stream because it is
slow. Emulator and pyte run in turn, five times each, and the best run of each counts: noise only ever makes it slower.
"""

import contextlib
import gc
import time
from collections.abc import Callable

import pyte
from measure import Limit, Options, Row
from streams import STREAMS

from synk.sessions.feeder import BITE_BYTES
from synk.terminal.emulator import Emulator

IDS = ("THROUGHPUT",)
SIZE, SIZE_FOR_PYTE = 4 << 20, 256 << 10
COLS, ROWS = 120, 40
WORST_MB_PER_S = 3.0
"""Also for a stream made to defeat the fast paths (02-terminal.md, section 7)."""


def run(options: Options, wanted: set[str]) -> list[Row]:
    """One row a stream."""
    del wanted
    rows = []
    for name, make in STREAMS.items():
        data = make(SIZE // 4 if options.is_quick else SIZE)
        ours, theirs = [], []
        for _ in range(2 if options.is_quick else 5):
            ours.append(_speed(data, _synk()))
            theirs.append(_speed(data[:SIZE_FOR_PYTE], _pyte()))
        values = {"Synk": max(ours), "pyte": max(theirs), "times pyte": max(ours) / max(theirs)}
        rows.append(Row("thr", name, "MB/s", values, [Limit("Synk", WORST_MB_PER_S, is_floor=True)]))
    return rows


def _synk() -> Callable[[bytes], object]:
    emulator = Emulator(cols=COLS, rows=ROWS, reply=lambda _data: None)

    def feed(bite: bytes) -> None:
        emulator.feed(bite)
        emulator.take_dirty()

    return feed


def _pyte() -> Callable[[bytes], object]:
    screen = pyte.Screen(COLS, ROWS)
    stream = pyte.ByteStream(screen)

    def feed(bite: bytes) -> None:
        # Some sequences that programs do print make it raise; it goes on with the next bite.
        with contextlib.suppress(TypeError):
            stream.feed(bite)
        screen.dirty.clear()

    return feed


def _speed(data: bytes, feed: Callable[[bytes], object]) -> float:
    bites = [data[at : at + BITE_BYTES] for at in range(0, len(data), BITE_BYTES)]
    gc.collect()
    started = time.perf_counter()
    for bite in bites:
        feed(bite)
    return len(data) / (time.perf_counter() - started) / 1e6
