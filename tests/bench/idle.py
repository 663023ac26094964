"""M3: processor time of window and host with 12 sessions at their prompts and nothing printed, over 60 s.

In terminal mode, so that the cursor blinks as long as it does; all panels closed. From the counters of the kernel. SPIN: the same
with a spinner in each session, which prints ten times a second, as an agent that works shows it.
"""

import os
import sys
import time
from pathlib import Path

from measure import Limit, Options, Row
from stage import Stage, staged

IDS = ("M3", "SPIN")
SESSIONS = 12
SECONDS, QUICK_SECONDS = 60, 15
SETTLE_S = 3.0
IDLE_PERCENT, SPINNERS_PERCENT = 0.5, 5
SPINNER = """
import sys, time
while True:
    for mark in "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏":
        sys.stdout.write(f"\\r\\x1b[36m{mark}\\x1b[0m working")
        sys.stdout.flush()
        time.sleep(0.1)
"""


def run(options: Options, wanted: set[str]) -> list[Row]:
    """Idle, then with spinners."""
    seconds = QUICK_SECONDS if options.is_quick else SECONDS
    with staged(startup_s=0) as stage:
        screen = stage.open_window()
        sessions = [stage.new() for _ in range(SESSIONS)]
        stage.ctl("focus", target=f"session:{sessions[0]}")
        stage.ctl("do", line="pane.type")
        stage.wait_warm()
        time.sleep(SETTLE_S)
        screen.key("a")
        rows = []
        if "M3" in wanted:
            limits = [Limit("both", IDLE_PERCENT)]
            rows.append(Row("M3", f"idle, {SESSIONS} sessions, {seconds} s, of one core", "%", _used(stage, seconds), limits))
        if "SPIN" in wanted:
            (stage.project / "spinner.py").write_text(SPINNER)
            for session in sessions:
                stage.send(session, f"{sys.executable} spinner.py")
            time.sleep(SETTLE_S)
            what = f"a spinner of 10 Hz in each of {SESSIONS} sessions, {seconds} s, of one core"
            rows.append(Row("SPIN", what, "%", _used(stage, seconds), [Limit("window", SPINNERS_PERCENT)]))
    return rows


def _used(stage: Stage, seconds: float) -> dict[str, float]:
    """Percent of one core that window and host take from now on."""
    processes = {"window": stage.window_pid, "host": stage.host_pid}
    before = {name: used_s(pid) for name, pid in processes.items()}
    started = time.monotonic()
    time.sleep(seconds)
    elapsed = time.monotonic() - started
    used = {name: 100 * (used_s(pid) - before[name]) / elapsed for name, pid in processes.items()}
    return {"both": sum(used.values()), **used}


def used_s(pid: int) -> float:
    """Seconds of processor time of a process so far, from nanoseconds of each of its threads."""
    tasks = Path(f"/proc/{pid}/task")
    return sum(int((tasks / task / "schedstat").read_text().split()[0]) for task in os.listdir(tasks)) / 1e9
