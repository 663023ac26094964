"""M3: processor time of window and host with 12 sessions at their prompts and nothing printed, over 60 s.

In terminal mode, so that the cursor blinks as long as it does; all panels closed. From the counters of the kernel.
"""

import os
import time
from pathlib import Path

from measure import Limit, Options, Row
from stage import staged

IDS = ("M3",)
SESSIONS = 12
SECONDS, QUICK_SECONDS = 60, 15
SETTLE_S = 3.0


def run(options: Options, wanted: set[str]) -> list[Row]:
    """The row."""
    del wanted
    seconds = QUICK_SECONDS if options.is_quick else SECONDS
    with staged(startup_s=0) as stage:
        screen = stage.open_window()
        sessions = [stage.new() for _ in range(SESSIONS)]
        stage.ctl("focus", target=f"session:{sessions[0]}")
        stage.ctl("do", line="pane.type")
        stage.wait_warm()
        time.sleep(SETTLE_S)
        screen.key("a")
        processes = {"window": stage.window_pid, "host": stage.host_pid}
        before = {name: used_s(pid) for name, pid in processes.items()}
        started = time.monotonic()
        time.sleep(seconds)
        elapsed = time.monotonic() - started
        used = {name: 100 * (used_s(pid) - before[name]) / elapsed for name, pid in processes.items()}
    values = {"both": sum(used.values()), **used}
    return [Row("M3", f"idle, {SESSIONS} sessions, {seconds} s, of one core", "%", values, [Limit("both", 2)])]


def used_s(pid: int) -> float:
    """Seconds of processor time of a process so far, from nanoseconds of each of its threads."""
    tasks = Path(f"/proc/{pid}/task")
    return sum(int((tasks / task / "schedstat").read_text().split()[0]) for task in os.listdir(tasks)) / 1e9
