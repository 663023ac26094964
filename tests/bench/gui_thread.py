"""L8 and L12, measured inside the real window (`inside.py`): gaps of the event loop while all is busy, and what calls cost.

L8: 12 sessions, 4 of them flooding and the others printing 20 lines a second, while keys are typed and every two seconds
something is done to the window (zoom, drawer, keyboard overlay, a session closed and opened, a resize). A timer of 4 ms sees how
late it is.

L12: `claim()` and `release()` are the window's `session.start` and `session.close` calls. Over and over four agents that
ignore SIGTERM are closed and all idle shells retired, so that four are being killed and four warm up, while sessions are
opened and closed.
"""

import json
import subprocess
import sys
import time
from itertools import cycle
from pathlib import Path

from key_echo import FLOODING, SESSIONS, start_flood
from measure import Limit, NotMeasured, Options, Row, latency
from stage import STUBBORN, Stage, staged
from xserver import XServer

IDS = ("L8", "L12")
WARMING = KILLED = 4
BUSY_S, BUSY_QUICK_S = 180, 30
"""The target says ten minutes; three of them show the same."""
GESTURES = (
    "pane.zoom", "pane.zoom", "panel.toggle pool", "drawer.toggle", "help.open", "help.open", "another", "resize", "resize",
)  # fmt: skip
STEP_S = 0.1
STEPS_PER_GESTURE = 20


def run(options: Options, wanted: set[str]) -> list[Row]:
    """Both rows."""
    rows = []
    if "L8" in wanted:
        seconds = BUSY_QUICK_S if options.is_quick else BUSY_S
        with staged(startup_s=0) as stage:
            values, control = _gaps(stage, stage.open_instrumented(), seconds)
        limits = [Limit("p99", 16, is_latency=True), Limit("max", 50, is_latency=True)]
        rows.append(Row("L8", f"GUI thread away from its loop, {seconds} s of 12 busy sessions", "ms", values, limits))
        rows.append(Row("L8", "... and that of a Qt program without work, beside it", "ms", control))
    if "L12" in wanted:
        settings = {"performance.initial_pool_size": WARMING, "performance.max_pool_size": 8, "performance.max_active": 64}
        with staged(settings=settings) as stage:
            stage.open_instrumented()
            claims, releases = _calls(stage, options.runs())
        while_ = f"while {WARMING} shells warm and {KILLED} are being killed"
        rows += [
            latency("L12", f"claim() on the GUI thread, {while_}", claims, p99=1),
            latency("L12", f"release() on the GUI thread, {while_}", releases, p99=1),
        ]
    return rows


def _gaps(stage: Stage, screen: XServer, seconds: float) -> tuple[dict[str, float], dict[str, float]]:
    """Of the window, and of a program that does nothing on the same screen at the same time."""
    sessions = [stage.new() for _ in range(SESSIONS)]
    for session in sessions[1 : SESSIONS - FLOODING - 1]:
        stage.send(session, "while sleep 0.05; do echo $RANDOM building target $SECONDS; done")
    start_flood(stage, sessions[-FLOODING:])
    spare = sessions[SESSIONS - FLOODING - 1]
    stage.ctl("focus", target=f"session:{sessions[0]}")
    stage.ctl("do", line="pane.type")
    gestures = cycle(GESTURES)
    small = cycle((True, False))
    control = Control(stage)
    stage.ask("watch_stalls")
    deadline, step = time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        step += 1
        screen.key("ctrl+u" if step % 30 == 0 else "a")
        time.sleep(STEP_S)
        if step % STEPS_PER_GESTURE:
            continue
        match next(gestures):
            case "resize":
                is_small = next(small)
                screen.place(stage.window_id, width=1500 if is_small else 0, height=900 if is_small else 0)
            case "another":
                stage.ctl("close", target=f"session:{spare}", yes=True)
                spare = stage.new()
            case line:
                stage.ctl("do", line=line)
        if stage.ctl("list")["mode"] != "terminal":
            stage.ctl("focus", target=f"session:{sessions[0]}")
            stage.ctl("do", line="pane.type")
    return dict(stage.ask("stalls")), control.stop()


class Control:
    """`bare_qt.py` on the screen of a stage."""

    def __init__(self, stage: Stage) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("bare_qt.py"))],
            env=stage.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        time.sleep(1.0)
        assert stage.screen is not None
        stage.screen.focus(stage.window_id)
        self._say("start")

    def stop(self) -> dict[str, float]:
        """What it measured; ends it."""
        self._say("stop")
        assert self._process.stdout is not None
        report = json.loads(self._process.stdout.readline())
        self._process.communicate()
        return {"p50": report["p50_ms"], "p99": report["p99_ms"], "max": report["max_ms"], "n": report["ticks"]}

    def _say(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()


def _calls(stage: Stage, runs: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each claim and release after the warm-up round."""
    claims: list[float] = []
    releases: list[float] = []
    for number in range(runs):
        deaf = [stage.new(argv=STUBBORN) for _ in range(KILLED)]
        for session in deaf:
            stage.wait_text(session, "deaf")
        stage.wait_warm()
        stage.client.call("pool.refresh")
        for session in deaf:
            stage.ctl("close", target=f"session:{session}", yes=True)
        stage.ask("watch_calls")
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            opened = stage.ctl("new")["session"]
            time.sleep(0.05)
            stage.ctl("close", target=f"session:{opened}", yes=True)
            time.sleep(0.05)
        timed = stage.ask("calls")["calls"]
        if number:
            claims += timed["session.start"]
            releases += timed["session.close"]
        if len(claims) >= runs:
            return claims, releases
    raise NotMeasured("too few claims")
