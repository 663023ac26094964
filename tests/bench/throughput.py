"""Terminal throughput: megabytes per second through `Emulator.feed` at 120 x 40, beside pyte and xterm.js in the same run.

Each stream is fed in the bites that the window takes: 8 KiB, and 32 KiB of plain text, of which reading takes half a turn;
the dirty rows are taken after each bite, nothing is painted.
pyte is `pyte.ByteStream` on `pyte.Screen`, without scrollback, and gets a smaller part of the same stream because it is slow.
xterm.js is `@xterm/headless` in node, with 5,000 lines of scrollback as here; the best of four runs in a row counts, as it
warms up. All three run in turn and the median of each counts, in processor time: what else the machine does costs all of
them wall time.

xterm.js is found in the folder that SYNK_XTERM names (a `node_modules`), or in the cache after `python3
tests/bench/throughput.py --install`, which asks npm for it; without both its column says so.
"""

import contextlib
import gc
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pyte
from measure import Limit, Options, Row
from streams import BULK, FLOODS, STREAMS, Screen

from synk.base.paths import find_directories
from synk.sessions.feeder import BITE_BYTES
from synk.terminal.emulator import Emulator

IDS = ("THROUGHPUT",)
COLS, ROWS = 120, 40
SIZE, SIZE_FOR_PYTE = 4 << 20, 128 << 10
ROUNDS, QUICK_ROUNDS = 3, 1
PLAIN_BITE_BYTES = 32 << 10
WORST_MB_PER_S = 3.0
"""Also for a stream made to defeat the fast paths (02-terminal.md, section 7, as the other limits)."""
LEAST_OF_XTERM, LEAST_OF_PYTE = 0.25, 6.0
MEAN_OF_XTERM, MEAN_OF_PYTE = 1.0, 25.0
BULK_OF_XTERM, FLOODS_OF_PYTE = 3.0, 80.0
VERSION = "6.0.0"
PLAYER = f"""
const {{Terminal}} = require('@xterm/headless'), fs = require('fs');
(async () => {{
  const data = fs.readFileSync(process.argv[1]);
  let used = Infinity;
  for (let run = 0; run < 4; run++) {{
    const terminal = new Terminal({{cols: {COLS}, rows: {ROWS}, scrollback: 5000, allowProposedApi: true}});
    const before = process.cpuUsage();
    for (let at = 0; at < data.length; at += 65536) terminal.write(data.subarray(at, at + 65536));
    await new Promise((done) => terminal.write('', done));
    const now = process.cpuUsage(before);
    used = Math.min(used, now.user + now.system);
    terminal.dispose();
  }}
  console.log(data.length / used);
}})();
"""


def run(options: Options, wanted: set[str]) -> list[Row]:
    """One row a stream, then the means."""
    del wanted
    modules = xterm_modules()
    rows = []
    speeds: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "stream"
        for name, make in STREAMS.items():
            data = make(SIZE // 4 if options.is_quick else SIZE, Screen(cols=COLS, rows=ROWS))
            file.write_bytes(data)
            samples: dict[str, list[float]] = {}
            for _ in range(QUICK_ROUNDS if options.is_quick else ROUNDS):
                samples.setdefault("Synk", []).append(_speed(data, _synk()))
                samples.setdefault("pyte", []).append(_speed(data[:SIZE_FOR_PYTE], _pyte()))
                if modules is not None:
                    samples.setdefault("xterm.js", []).append(_speed_of_xterm(modules, file))
            speeds[name] = {who: statistics.median(values) for who, values in samples.items()}
            rows.append(_row(name, speeds[name], worst_bite_ms(data)))
    return rows + _means(speeds)


def _row(name: str, speed: Mapping[str, float], bite_ms: float) -> Row:
    values = {**speed, "times pyte": speed["Synk"] / speed["pyte"]}
    limits = [Limit("Synk", WORST_MB_PER_S, is_floor=True), Limit("times pyte", LEAST_OF_PYTE, is_floor=True)]
    note = ""
    if "xterm.js" in speed:
        values["of xterm.js"] = speed["Synk"] / speed["xterm.js"]
        limits.append(Limit("of xterm.js", LEAST_OF_XTERM, is_floor=True))
    else:
        note = "xterm.js not run"
    return Row("thr", name, "MB/s", {**values, "worst bite ms": bite_ms}, limits, note=note)


def _means(speeds: Mapping[str, Mapping[str, float]]) -> list[Row]:
    """Geometric means over all streams, over the floods, and over text and scrolling."""
    floods = {name: speed for name, speed in speeds.items() if name in FLOODS}
    bulk = {name: speed for name, speed in speeds.items() if name in BULK | FLOODS or name.startswith("scrolling")}
    rows = [
        _mean("all streams", speeds, "pyte", MEAN_OF_PYTE),
        _mean("floods", floods, "pyte", FLOODS_OF_PYTE),
    ]
    if all("xterm.js" in speed for speed in speeds.values()):
        rows.append(_mean("all streams", speeds, "xterm.js", MEAN_OF_XTERM))
        rows.append(_mean("text and scrolling", bulk, "xterm.js", BULK_OF_XTERM))
    return rows


def _mean(what: str, speeds: Mapping[str, Mapping[str, float]], whose: str, least: float) -> Row:
    ratios = {name: speed["Synk"] / speed[whose] for name, speed in speeds.items()}
    mean = math.exp(statistics.fmean(map(math.log, ratios.values())))
    worst = min(ratios, key=ratios.__getitem__)
    values = {"mean": mean, "least": ratios[worst]}
    return Row("thr", f"{what}: times {whose}", "", values, [Limit("mean", least, is_floor=True)], note=f"least: {worst}")


def worst_bite_ms(data: bytes) -> float:
    """The longest that a bite of 8 KiB takes, with all rows looked at as a painter does; the 99th of a hundred."""
    emulator = Emulator(cols=COLS, rows=ROWS, reply=lambda _data: None)
    times = []
    for bite in _bites(data[: 2 << 20]):
        started = time.thread_time()
        emulator.feed(bite)
        for y in emulator.take_dirty():
            emulator.row(y)
        times.append(time.thread_time() - started)
    return sorted(times)[len(times) * 99 // 100] * 1000


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
        with contextlib.suppress(TypeError, ValueError):
            stream.feed(bite)
        screen.dirty.clear()

    return feed


def _bites(data: bytes) -> list[bytes]:
    return [data[at : at + BITE_BYTES] for at in range(0, len(data), BITE_BYTES)]


def _window_bites(data: bytes) -> list[bytes]:
    bites: list[bytes] = []
    at = 0
    while at < len(data):
        bite = data[at : at + PLAIN_BITE_BYTES]
        if b"\x1b" in bite or not bite.isascii():
            bite = bite[:BITE_BYTES]
        bites.append(bite)
        at += len(bite)
    return bites


def _speed(data: bytes, feed: Callable[[bytes], object]) -> float:
    bites = _window_bites(data)
    # As in the window: see `synk/app/collector.py`.
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        started = time.process_time()
        for bite in bites:
            feed(bite)
        return len(data) / (time.process_time() - started) / 1e6
    finally:
        gc.enable()
        gc.unfreeze()


def xterm_modules() -> Path | None:
    """The `node_modules` that hold xterm.js; None without node or without them."""
    folders = [Path(os.environ["SYNK_XTERM"])] if "SYNK_XTERM" in os.environ else []
    folders.append(cache() / "node_modules")
    found = [folder for folder in folders if (folder / "@xterm" / "headless").is_dir()]
    return found[0] if found and shutil.which("node") else None


def cache() -> Path:
    """Where xterm.js is installed to."""
    return find_directories().cache / "bench-xterm"


def _speed_of_xterm(modules: Path, file: Path) -> float:
    environment = {**os.environ, "NODE_PATH": str(modules)}
    done = subprocess.run(["node", "-e", PLAYER, str(file)], env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def install() -> int:
    """Ask npm for xterm.js; the exit status of npm."""
    cache().mkdir(parents=True, exist_ok=True)
    return subprocess.run(["npm", "install", "--prefix", str(cache()), f"@xterm/headless@{VERSION}"], check=False).returncode


if __name__ == "__main__":
    sys.exit(install() if sys.argv[1:] == ["--install"] else "usage: throughput.py --install (to measure: dev.py bench)")
