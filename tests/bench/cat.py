"""CAT: `cat` of a large file to the last screen painted, 80 x 24, Synk beside xterm, VTE and konsole on one screen, in turn.

The streams are made and recorded for 80 x 24.

Each terminal runs `printer.py`; the clock runs from the order to it until its mark is on the screen behind everything the stream
printed. "discard" is a program that merely reads the terminal and looks for that mark, the most that any terminal could reach.
The best of a few rounds counts: noise only ever makes it slower.
"""

import contextlib
import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from measure import Limit, NotMeasured, Options, Row
from rivals import Program
from stage import Stage, staged
from streams import STREAMS, Screen
from terminals import COLS, HEIGHT, PEERS, ROWS, fit_synk, open_peers, screen_size, tile_place
from xserver import XServer

IDS = ("CAT",)
SIZE, QUICK_SIZE = 4 << 20, 1 << 20
LARGE_TIMES, LARGE_BELOW_S = 8, 0.25
"""So many times as much for whoever prints the file faster than that: its way to the first byte and the last picture, some
15 ms, is not to count as much as all that is between."""
ROUNDS, QUICK_ROUNDS = 5, 3
CHOSEN = (
    "ls -lR", "source text", "compiler output", "git log -p", "yes", "seq", "scrolling", "scrolling small region", "light cells",
    "medium cells", "dense cells", "cursor motion", "unicode", "vim", "htop", "less",
)  # fmt: skip
"""The sixteen of 02-terminal.md, section 7; the other streams differ in what they cost the parser alone."""
NAMES = ("xterm", "VTE", "konsole")
"""Those whose numbers the specification knows; alacritty and kitty draw with OpenGL, which is software here."""
LIMIT_S = 120.0
WINS = 14 / 16
MEAN_TIMES_XTERM = 2.0
FLOODS = ("yes", "seq", "scrolling")
OF_DISCARD = 0.85
COLORS = ("3;250;7", "250;3;9")
"""Of the marks, in turn."""


class Printer:
    """The program in one terminal, at the other end of a pipe."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / f"orders-{name}"
        os.mkfifo(self.path)
        self.argv = (sys.executable, str(Path(__file__).with_name("printer.py")), str(self.path))
        self._round = 0

    def order(self, path: str) -> str:
        """Have a file printed; returns the color of the mark that will follow."""
        self._round += 1
        color = COLORS[self._round % 2]
        self._write(f"{color} {path}\n")
        return color

    def end(self) -> None:
        """Have it end, if it ever began."""
        with contextlib.suppress(OSError):
            pipe = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
            os.write(pipe, b"end\n")
            os.close(pipe)

    def _write(self, line: str) -> None:
        deadline = time.monotonic() + 15
        while True:
            try:
                pipe = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
                break
            except OSError as error:
                if time.monotonic() > deadline:
                    raise NotMeasured("a terminal does not run its program") from error
                time.sleep(0.01)
        os.write(pipe, line.encode())
        os.close(pipe)


def run(options: Options, wanted: set[str]) -> list[Row]:
    """A row for each stream, and the means."""
    del wanted
    with staged(startup_s=0) as stage, _players(stage) as players:
        rounds = QUICK_ROUNDS if options.is_quick else ROUNDS
        best = _measure(stage, players, QUICK_SIZE if options.is_quick else SIZE, rounds)
    return [*(Row("CAT", stream, "MB/s", speeds) for stream, speeds in best.items()), *_totals(best)]


def _totals(best: dict[str, dict[str, float]]) -> list[Row]:
    rows = []
    names = next(iter(best.values()))
    for name in [name for name in names if name not in ("Synk", "discard")]:
        ratios = [speeds["Synk"] / speeds[name] for speeds in best.values()]
        values = {"mean": math.exp(sum(map(math.log, ratios)) / len(ratios)), "faster on": sum(ratio > 1 for ratio in ratios)}
        targets = {
            "xterm": [Limit("mean", MEAN_TIMES_XTERM, is_floor=True), Limit("faster on", WINS * len(ratios), is_floor=True)],
            "VTE": [Limit("mean", 0.6, is_floor=True)],
        }
        rows.append(Row("CAT", f"Synk / {name}, geometric mean of {len(ratios)} streams", "times", values, targets.get(name, [])))
    for stream in [stream for stream in best if stream in FLOODS]:
        ratio = {"ratio": best[stream]["Synk"] / best[stream]["discard"]}
        limits = [Limit("ratio", OF_DISCARD, is_floor=True)]
        rows.append(Row("CAT", f"Synk / reading and discarding, {stream}", "", ratio, limits))
    return rows


Player = Callable[[str], float]
"""Prints a file; returns the seconds from the order to its mark."""


@contextlib.contextmanager
def _players(stage: Stage) -> Iterator[dict[str, Player]]:
    """Synk, the other terminals and the reader that discards, each waiting for a file to print."""
    screen = stage.open_screen(**screen_size(len(NAMES) + 1))
    stage.open_window()
    printers = {name: Printer(stage.base, name) for name in ("Synk", "discard", *NAMES)}
    session = stage.new(argv=printers["Synk"].argv)
    stage.ctl("focus", target=f"session:{session}")
    stage.ctl("do", line="pane.type")
    fit_synk(stage)
    peers = open_peers(stage, [peer for peer in PEERS if peer.name in NAMES], lambda peer: printers[peer.name].argv)
    discard = Discard(printers["discard"], stage)
    players: dict[str, Player] = {"Synk": _painted(screen, printers["Synk"], tile_place(0))}
    players |= {peer.name: _painted(screen, printers[peer.name], (peer.left, peer.top)) for peer in peers}
    players["discard"] = discard.play
    try:
        yield players
    finally:
        for printer in printers.values():
            printer.end()
        for peer in peers:
            peer.close()
        discard.close()


def _measure(stage: Stage, players: dict[str, Player], size: int, rounds: int) -> dict[str, dict[str, float]]:
    """Megabytes a second by stream and terminal."""
    best: dict[str, dict[str, float]] = {}
    for play in players.values():
        play("-")
    for stream in CHOSEN:
        make = STREAMS[stream]
        file, large = stage.base / "stream", stage.base / "stream-large"
        data = make(size, Screen(cols=COLS, rows=ROWS))
        file.write_bytes(data)
        large.write_bytes(data * LARGE_TIMES)
        speeds: dict[str, list[float]] = {name: [] for name in players}
        for _ in range(rounds):
            for name, play in players.items():
                is_fast = bool(speeds[name]) and len(data) / speeds[name][0] / 1e6 < LARGE_BELOW_S
                seconds = play(str(large if is_fast else file))
                speeds[name].append(len(data) * (LARGE_TIMES if is_fast else 1) / seconds / 1e6)
        best[stream] = {name: max(values) for name, values in speeds.items()}
    return best


def _painted(screen: XServer, printer: Printer, place: tuple[int, int]) -> Player:
    """Play in the terminal in this tile: its mark is looked for on one column of pixels."""

    column = [(place[0] + 40, place[1] + y) for y in range(4, HEIGHT // 4, 6)]

    def play(path: str) -> float:
        started = time.perf_counter()
        wanted = bytes(reversed([int(part) for part in printer.order(path).split(";")]))
        return screen.wait(lambda: wanted in map(screen.pixel, column), LIMIT_S, what=f"the end of {path}") - started

    return play


class Discard:
    """A terminal that only reads."""

    def __init__(self, printer: Printer, stage: Stage) -> None:
        self._printer = printer
        self._program = Program(printer.argv[0], printer.argv, stage.environment)

    def play(self, path: str) -> float:
        """As `Player`."""
        started = time.perf_counter()
        self._program.discard_until(f"48;2;{self._printer.order(path)}m", LIMIT_S)
        return time.perf_counter() - started

    def close(self) -> None:
        """End it."""
        self._program.close()
