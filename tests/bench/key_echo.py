"""L5: from a key press to its echo on the screen, in bash, with 12 sessions of which none and then 4 print without pause,
and while all 12 get what is typed.

The key goes in through the X test extension; the clock stops at the first changed pixel in the line behind the prompt.
Keys come 60 to 140 ms apart, so that the cursor, which blinks 530 ms after the last key, never counts as an echo. The
flood is `cat` of one megabyte of colored log lines in an endless loop.
"""

import random
import time
from pathlib import Path

from measure import WARM_UPS, Options, Row, latency
from stage import Stage, staged
from streams import colored_log
from xserver import XServer

IDS = ("L5",)
SESSIONS, FLOODING = 12, 4
LINE = 12
"""Keys before the line is emptied again."""


def run(options: Options, wanted: set[str]) -> list[Row]:
    """Without and with flood, and in a broadcast."""
    del wanted
    with staged(startup_s=0) as stage:
        screen = stage.open_window()
        sessions = [stage.new() for _ in range(SESSIONS)]
        stage.ctl("focus", target=f"session:{sessions[0]}")
        stage.ctl("do", line="pane.type")
        quiet = type_keys(stage, screen, options.runs(200))
        stage.ctl("do", line="broadcast.toggle")
        shared = type_keys(stage, screen, options.runs(200))
        stage.ctl("do", line="broadcast.toggle")
        start_flood(stage, sessions[-FLOODING:])
        busy = type_keys(stage, screen, options.runs(500))
    return [
        latency("L5", f"key to echo painted in the focused pane, broadcast to {SESSIONS} sessions", shared, p95=16, p99=33),
        latency("L5", f"key to echo painted, {SESSIONS} sessions, none printing", quiet, p95=16, p99=33),
        latency("L5", f"key to echo painted, {SESSIONS} sessions, {FLOODING} flooding", busy, p95=16, p99=33),
    ]


def start_flood(stage: Stage, sessions: list[int]) -> None:
    """These sessions print without pause from now on."""
    log = Path(stage.project) / "log"
    log.write_bytes(colored_log(1 << 20))
    for session in sessions:
        stage.send(session, "while :; do cat log; done")


def type_keys(stage: Stage, screen: XServer, runs: int) -> list[float]:
    """Milliseconds from each of so many keys to its echo in the pane that has the keyboard, which is the first."""
    left, top = stage.prompts()[0]
    behind = (left + 60, top, 240, 14)
    pauses = random.Random(5)
    samples = []
    for index in range(runs + WARM_UPS):
        if index % LINE == 0:
            screen.key("ctrl+u")
            time.sleep(0.3)
        time.sleep(pauses.uniform(0.06, 0.14))
        before = screen.area(*behind)
        started = screen.key("a")
        ended = screen.wait(lambda before=before: screen.area(*behind) != before, what="the echo")
        if index >= WARM_UPS:
            samples.append((ended - started) * 1000)
    return samples
