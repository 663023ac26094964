"""GLASS: from a key press to the first changed pixel, Synk and xterm (and others that are installed) in turn on one screen.

All show `bash -l` in 80 x 24 cells on the same X server; a block of keys goes to one, then to the next, so that what else the
machine does hits all of them alike. The key goes in through the X test extension; the clock stops at the first changed pixel
behind the prompt. A window of Qt's that only shows what is typed (bare_line.py) is among them: the least that Python and Qt take.
"""

import contextlib
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from key_echo import LINE
from measure import WARM_UPS, Limit, NotMeasured, Options, Row, summary
from stage import PROMPT_COLOR, Stage, staged, until
from terminals import HEIGHT, PEERS, WIDTH, XTERM, Peer, PeerWindow, fit_synk, open_peers, screen_size, tile_place
from xserver import Point, XServer

IDS = ("GLASS",)
KEYS = 200
BARE = Peer("bare Qt window", (sys.executable, str(Path(__file__).with_name("bare_line.py")), PROMPT_COLOR))
MOST_TIMES_XTERM = 2.0
SETTLE_S = 0.3


@dataclass(frozen=True, slots=True)
class Target:
    """A terminal that gets keys."""

    name: str
    window: int
    place: tuple[int, int]
    """Left and top of its tile."""


def run(options: Options, wanted: set[str]) -> list[Row]:
    """A row for each terminal, and the ratio to xterm."""
    del wanted
    with staged(startup_s=0) as stage:
        peers_asked = (*PEERS, BARE)
        screen = stage.open_screen(**screen_size(len(peers_asked) + 1))
        stage.open_window()
        session = stage.new()
        stage.ctl("focus", target=f"session:{session}")
        stage.ctl("do", line="pane.type")
        fit_synk(stage)
        # Alacritty gives its programs the home of the user database.
        peers = open_peers(stage, peers_asked, lambda _peer: ("env", f"HOME={stage.home}", "bash", "-l"))
        try:
            samples = type_in_turn(screen, _targets(stage, peers), options.runs(KEYS))
        finally:
            for peer in peers:
                peer.close()
    what = "key to first changed pixel, 80 x 24, quiet"
    rows = [Row("GLASS", f"{what}: {name}", "ms", summary(values)) for name, values in samples.items()]
    if XTERM.name not in samples:
        return [*rows, Row("GLASS", "Synk / xterm", reason="no xterm (package xterm)")]
    rows.append(_ratio("Synk / xterm", samples["Synk"], samples[XTERM.name], [Limit("of p50", MOST_TIMES_XTERM)]))
    if BARE.name in samples:
        rows.append(_ratio("bare Qt window / xterm", samples[BARE.name], samples[XTERM.name]))
        rows.append(_ratio("Synk / bare Qt window", samples["Synk"], samples[BARE.name]))
    return rows


def _ratio(what: str, ours: list[float], theirs: list[float], limits: Sequence[Limit] = ()) -> Row:
    one, other = summary(ours), summary(theirs)
    return Row("GLASS", what, "times", {f"of {name}": one[name] / other[name] for name in ("p50", "p95", "p99")}, list(limits))


def type_in_turn(screen: XServer, targets: list[Target], runs: int) -> dict[str, list[float]]:
    """Milliseconds from each key to its echo, by terminal."""
    samples: dict[str, list[float]] = {target.name: [] for target in targets}
    pauses = random.Random(6)
    for _ in range(-(-runs // LINE)):
        for target in targets:
            area = _take_keyboard(screen, target)
            for _ in range(LINE):
                time.sleep(pauses.uniform(0.06, 0.14))
                samples[target.name].append(_key(screen, area))
    return {name: values[WARM_UPS:] for name, values in samples.items()}


def _take_keyboard(screen: XServer, target: Target) -> tuple[int, int, int, int]:
    """Have its line empty and its keys echoed, and return the area where they are.

    A window that opened late may have taken the keyboard away once more, or moved its prompt.
    """
    for _ in range(4):
        screen.focus(target.window)
        time.sleep(SETTLE_S)
        screen.key("ctrl+u")
        time.sleep(SETTLE_S)
        prompt = until(lambda: _prompt_in(screen, *target.place), 10, f"a prompt in {target.name}", every_s=0.1)
        area = (prompt[0] + 54, prompt[1], 240, 12)
        with contextlib.suppress(NotMeasured):
            _key(screen, area, limit_s=1.0)
            return area
    raise NotMeasured(f"{target.name} echoes no key")


def _key(screen: XServer, area: tuple[int, int, int, int], limit_s: float = 10.0) -> float:
    """Milliseconds from a key to its echo in an area."""
    before = screen.area(*area)
    started = screen.key("a")
    return (screen.wait(lambda: screen.area(*area) != before, limit_s, what="the echo") - started) * 1000


def _targets(stage: Stage, peers: list[PeerWindow]) -> list[Target]:
    synk = Target("Synk", stage.window_id, tile_place(0))
    return [synk, *(Target(peer.name, peer.window, (peer.left, peer.top)) for peer in peers)]


def _prompt_in(screen: XServer, left: int, top: int) -> Point | None:
    """The upper left pixel of the prompt's color in a tile."""
    found = [p for p in screen.find(PROMPT_COLOR) if left <= p[0] < left + WIDTH and top <= p[1] < top + HEIGHT]
    return min(found, key=lambda p: (p[1], p[0]), default=None)
