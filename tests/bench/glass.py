"""GLASS: from a key press to the first changed pixel, Synk and xterm (and others that are installed) in turn on one screen.

All show `bash -l` in 80 x 24 cells on the same X server; a block of keys goes to one, then to the next, so that what else the
machine does hits all of them alike. The key goes in through the X test extension; the clock stops at the first changed pixel
behind the prompt.
"""

import contextlib
import random
import time
from dataclasses import dataclass

from key_echo import LINE
from measure import WARM_UPS, Limit, NotMeasured, Options, Row, summary
from stage import PROMPT_COLOR, Stage, staged, until
from terminals import HEIGHT, PEERS, WIDTH, XTERM, PeerWindow, fit_synk, open_peers, screen_size, tile_place
from xserver import Point, XServer

IDS = ("GLASS",)
KEYS = 200
MOST_TIMES_XTERM = 2.0
SETTLE_S = 0.3


@dataclass(frozen=True, slots=True)
class Target:
    """A terminal that gets keys: its window, and the area in which its echo appears."""

    name: str
    window: int
    behind: tuple[int, int, int, int]


def run(options: Options, wanted: set[str]) -> list[Row]:
    """A row for each terminal, and the ratio to xterm."""
    del wanted
    with staged(startup_s=0) as stage:
        screen = stage.open_screen(**screen_size(len(PEERS) + 1))
        stage.open_window()
        session = stage.new()
        stage.ctl("focus", target=f"session:{session}")
        stage.ctl("do", line="pane.type")
        fit_synk(stage)
        # Alacritty gives its programs the home of the user database.
        peers = open_peers(stage, PEERS, lambda _peer: ("env", f"HOME={stage.home}", "bash", "-l"))
        try:
            samples = type_in_turn(screen, _targets(stage, screen, peers), options.runs(KEYS))
        finally:
            for peer in peers:
                peer.close()
    what = "key to first changed pixel, 80 x 24, quiet"
    rows = [Row("GLASS", f"{what}: {name}", "ms", summary(values)) for name, values in samples.items()]
    if XTERM.name not in samples:
        return [*rows, Row("GLASS", "Synk / xterm", reason="no xterm (package xterm)")]
    ours, theirs = summary(samples["Synk"]), summary(samples[XTERM.name])
    values = {f"of {name}": ours[name] / theirs[name] for name in ("p50", "p95", "p99")}
    return [*rows, Row("GLASS", "Synk / xterm", "times", values, [Limit("of p50", MOST_TIMES_XTERM)])]


def type_in_turn(screen: XServer, targets: list[Target], runs: int) -> dict[str, list[float]]:
    """Milliseconds from each key to its echo, by terminal."""
    samples: dict[str, list[float]] = {target.name: [] for target in targets}
    pauses = random.Random(6)
    for _ in range(-(-runs // LINE)):
        for target in targets:
            _take_keyboard(screen, target)
            for _ in range(LINE):
                time.sleep(pauses.uniform(0.06, 0.14))
                samples[target.name].append(_key(screen, target))
    return {name: values[WARM_UPS:] for name, values in samples.items()}


def _take_keyboard(screen: XServer, target: Target) -> None:
    """Have its line empty and its keys echoed; a window that opened late may have taken the keyboard away once more."""
    for _ in range(4):
        screen.focus(target.window)
        time.sleep(SETTLE_S)
        screen.key("ctrl+u")
        time.sleep(SETTLE_S)
        with contextlib.suppress(NotMeasured):
            _key(screen, target, limit_s=1.0)
            return
    raise NotMeasured(f"{target.name} echoes no key")


def _key(screen: XServer, target: Target, limit_s: float = 10.0) -> float:
    """Milliseconds from a key to its echo."""
    before = screen.area(*target.behind)
    started = screen.key("a")
    return (screen.wait(lambda: screen.area(*target.behind) != before, limit_s, what=f"echo in {target.name}") - started) * 1000


def _targets(stage: Stage, screen: XServer, peers: list[PeerWindow]) -> list[Target]:
    places = [("Synk", stage.window_id, tile_place(0))]
    places += [(peer.name, peer.window, (peer.left, peer.top)) for peer in peers]
    targets = []
    for name, window, (left, top) in places:
        prompt = until(lambda left=left, top=top: _prompt_in(screen, left, top), 10, f"a prompt in {name}", every_s=0.1)
        targets.append(Target(name, window, (prompt[0] + 54, prompt[1], 240, 12)))
    return targets


def _prompt_in(screen: XServer, left: int, top: int) -> Point | None:
    """The upper left pixel of the prompt's color in a tile."""
    found = [p for p in screen.find(PROMPT_COLOR) if left <= p[0] < left + WIDTH and top <= p[1] < top + HEIGHT]
    return min(found, key=lambda p: (p[1], p[0]), default=None)
