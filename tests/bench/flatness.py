"""What 1,000 sessions, opened and closed one after the other, leave behind in window and host: nothing may grow.

Descriptors, threads, child processes and memory (PSS) are counted with the pool at rest, after a first 300 sessions and again
after 1,000 more. Memory may differ by what the interpreter keeps for reuse.
"""

import os
import time
from pathlib import Path

from measure import Limit, Options, Row
from memory import pss
from stage import Stage, staged

IDS = ("FLAT",)
FIRST, MORE = 300, 1000
COUNT_LIMIT = 1
"""Counts must not grow at all: less than one."""
MEMORY_LIMIT_MB = 5.0
"""1,000 sessions after the first 300 left 3.0 MB, the next 1,000 gave 7 back: holes in the heap. One session that stays alive
each time would be 65 MB."""
SETTLE_S = 8.0
"""Retired shells end within the 3 s of the kill ladder; the window collects garbage 5 s after a close."""


def run(options: Options, wanted: set[str]) -> list[Row]:
    """One row for each process."""
    del wanted
    first, more = (100, 200) if options.is_quick else (FIRST, MORE)
    # Recycled shells would stay beside the two that are wanted: sometimes one, sometimes two of them.
    with staged(startup_s=0, settings={"performance.initial_pool_size": 2, "performance.max_pool_size": 2}) as stage:
        stage.open_window()
        stage.new()
        _cycle(stage, first)
        before = _counts(stage)
        _cycle(stage, more)
        after = _counts(stage)
    rows = []
    for name in before:
        growth = {key: after[name][key] - before[name][key] for key in before[name]}
        limits = [Limit(key, MEMORY_LIMIT_MB if key == "MB" else COUNT_LIMIT) for key in growth]
        rows.append(Row("flat", f"growth of the {name} over {more} claims and releases", "", growth, limits))
    return rows


def _cycle(stage: Stage, count: int) -> None:
    for _ in range(count):
        session = stage.new()
        stage.ctl("close", target=f"session:{session}", yes=True)


def _counts(stage: Stage) -> dict[str, dict[str, float]]:
    """With the pool at exactly its target again, so that the number of shells is the same."""
    stage.client.call("pool.refresh")
    stage.wait_warm()
    time.sleep(SETTLE_S)
    stage.wait_warm()
    processes = {"window": stage.window_pid, "host": stage.host_pid}
    return {
        name: {
            "fds": len(os.listdir(f"/proc/{pid}/fd")),
            "threads": len(os.listdir(f"/proc/{pid}/task")),
            "children": len(_children(pid)),
            "MB": pss(pid) / 1e6,
        }
        for name, pid in processes.items()
    }


def _children(pid: int) -> list[str]:
    tasks = Path(f"/proc/{pid}/task")
    return [child for task in os.listdir(tasks) for child in (tasks / task / "children").read_text().split()]
