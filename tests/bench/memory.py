"""M1 and M2: memory of window and host together, empty and with 12 full sessions.

PSS of both processes, without the programs in the sessions. M1: a window of 1920 x 1080 without sessions, 10 s after it was
painted. M2: on a screen of 3960 x 2160, where each of 12 panes has 120 columns, what 12 sessions with a full scrollback of
5,000 colored lines add, divided by 12; and once more with 10,000 lines.
"""

import gc
import time
from pathlib import Path

from measure import Limit, Options, Row
from reflow import LINES
from stage import Stage, staged
from streams import colored_log

IDS = ("M1", "M2")
SETTLE_S = 10.0
SESSIONS = 12
LARGE = (3960, 2160)
MB = 1e6


def run(options: Options, wanted: set[str]) -> list[Row]:
    """Both rows."""
    rows = []
    if "M1" in wanted:
        with staged() as stage:
            stage.open_window()
            time.sleep(2 if options.is_quick else SETTLE_S)
            values = {"both": _both(stage), "window": pss(stage.window_pid) / MB, "host": pss(stage.host_pid) / MB}
        rows.append(Row("M1", "window and host without a session, PSS", "MB", values, [Limit("both", 120)]))
    if "M2" in wanted:
        for lines in (LINES, 2 * LINES):
            with staged(startup_s=0, settings={"terminal.scrollback_lines": lines}) as stage:
                rows.append(_sessions(stage, lines, 2 if options.is_quick else SETTLE_S))
    return rows


def pss(pid: int) -> int:
    """Proportional set size of a process, bytes."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("smaps_rollup without Pss")


def resident(pid: int) -> int:
    """Resident set size of a process, bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("status without VmRSS")


def _sessions(stage: Stage, lines: int, settle_s: float) -> Row:
    gc.collect()
    stage.open_screen(width=LARGE[0], height=LARGE[1])
    screen = stage.open_window()
    time.sleep(settle_s)
    before = _both(stage)
    log = Path(stage.project) / "log"
    log.write_bytes(b"\n".join(colored_log(4 << 20).split(b"\n")[: lines + 200]) + b"\n")
    sessions = [stage.new() for _ in range(SESSIONS)]
    screen.settle()
    for session in sessions:
        stage.send(session, "cat log; echo all 'printed'")
        stage.wait_text(session, "all printed")
    time.sleep(settle_s)
    cols = stage.ctl("list")["sessions"][0]["cols"]
    each = (_both(stage) - before) / SESSIONS
    what = f"each of {SESSIONS} sessions with {lines:,} lines of scrollback, {cols} columns, PSS"
    return Row("M2", what, "MB", {"each": each}, [Limit("each", 15)])


def _both(stage: Stage) -> float:
    return (pss(stage.window_pid) + pss(stage.host_pid)) / MB
