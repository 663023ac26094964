"""What 1,000 sessions, opened and closed one after the other, leave behind in window and host: nothing may grow.

Descriptors, threads, child processes and memory (PSS) are counted with the pool at rest, after the first hundred sessions and
after the last. Memory may differ by what the interpreter keeps for reuse.
"""

import os
import threading
from pathlib import Path

from measure import Limit, Options, Row
from memory import pss
from stage import Stage, staged

IDS = ("FLAT",)
SESSIONS, FIRST = 1000, 100
COUNT_LIMIT = 1
"""Counts must not grow at all: less than one."""
MEMORY_LIMIT_MB = 2.0


def run(options: Options, wanted: set[str]) -> list[Row]:
    """One row for each process."""
    del wanted
    first, last = (20, 200) if options.is_quick else (FIRST, SESSIONS)
    with staged(startup_s=0) as stage:
        stage.open_window()
        stage.new()
        _cycle(stage, first)
        before = _counts(stage)
        _cycle(stage, last - first)
        after = _counts(stage)
    rows = []
    for name in before:
        growth = {key: after[name][key] - before[name][key] for key in before[name]}
        limits = [Limit(key, MEMORY_LIMIT_MB if key == "MB" else COUNT_LIMIT) for key in growth]
        rows.append(Row("flat", f"growth of the {name} over {last - first} claims and releases", "", growth, limits))
    return rows


def _cycle(stage: Stage, count: int) -> None:
    for _ in range(count):
        session = stage.new()
        stage.ctl("close", target=f"session:{session}", yes=True)


def _counts(stage: Stage) -> dict[str, dict[str, float]]:
    """With the pool at exactly its target again, so that the number of shells is the same."""
    stage.client.call("pool.refresh")
    stage.wait_warm()
    threading.Event().wait(4)  # the retired shells end within the 3 s of the ladder
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
