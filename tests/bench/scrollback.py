"""What is done with a full scrollback, without a window: new widths for 12 panes, looking back, memory, and searching.

A resize is the emulators' part of L6: all 12 take the new width and lay out the rows that are seen. The memory is what the
interpreter has allocated for the rows of one pane; the search goes over 200,000 lines of which each or none is a hit.
"""

import gc
import time
import tracemalloc
from collections.abc import Callable

from measure import WARM_UPS, Limit, Options, Row, latency

from synk.terminal.emulator import Emulator

IDS = ("SCROLLBACK",)
PANES = 12
LINES, LINES_SEARCHED = 5000, 200_000
COLS, ROWS = 120, 40
MEMORY_MB = 2.0
SEARCH_MS = 100.0
RESIZE_MS = 16.0


def run(options: Options, wanted: set[str]) -> list[Row]:
    """Memory first: nothing else is allocated then."""
    del wanted
    return [_memory(), *_resizes(options), *_searches(options)]


def _filled(lines: int) -> Emulator:
    """A terminal with lines of 119 columns."""
    emulator = Emulator(cols=COLS, rows=ROWS, reply=lambda _: None, scrollback_lines=lines, scrollback_bytes=1 << 30)
    emulator.feed(b"".join(b"%07d %0111d\r\n" % (number, number) for number in range(lines + ROWS)))
    return emulator


def _memory() -> Row:
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    emulator = _filled(LINES)
    gc.collect()
    full = tracemalloc.get_traced_memory()[0] - before
    emulator.resize(cols=COLS // 2, rows=ROWS)
    emulator.row(emulator.first_row())
    gc.collect()
    narrow = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    values = {"max": max(full, narrow) / 1e6, "as written": full / 1e6, "laid out anew": narrow / 1e6}
    return Row("scr", f"memory of {LINES:,} lines of {COLS} columns", "MB", values, [Limit("max", MEMORY_MB)])


def _resizes(options: Options) -> list[Row]:
    panes = [_filled(LINES) for _ in range(PANES)]
    resizes, looks = [], []
    for run in range(options.runs()):
        resizes.append(_timed(lambda cols=50 + run * 7 % 90: _resize_all(panes, cols)))
        looks.append(_timed(lambda: [panes[0].row(y) for y in range(panes[0].first_row(), panes[0].first_row() + ROWS)]))
    return [
        latency("scr", f"new width for {PANES} panes with {LINES:,} lines each", resizes, p95=RESIZE_MS),
        latency("scr", "first look at the oldest lines after it, one pane", looks, p95=RESIZE_MS),
    ]


def _resize_all(panes: list[Emulator], cols: int) -> None:
    for emulator in panes:
        emulator.resize(cols=cols, rows=ROWS)
        for y in range(ROWS):
            emulator.row(y)


def _searches(options: Options) -> list[Row]:
    emulator = _filled(LINES_SEARCHED)
    # The first look at lines since they came takes longer: they are set aside as lines then.
    rows = [
        latency("scr", f"first search in {LINES_SEARCHED:,} lines", [_timed(emulator.search("not there").refresh)], max=SEARCH_MS)
    ]
    for what, pattern in (("no hit", "not there"), ("a hit in each line", "00")):
        times = [_timed(emulator.search(pattern).refresh) for _ in range(WARM_UPS + options.runs(20))][WARM_UPS:]
        rows.append(latency("scr", f"search in {LINES_SEARCHED:,} lines, {what}", times, p95=SEARCH_MS))
    return rows


def _timed(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1000
