"""L13: from the window's request for a program to its PTY, while the window holds 1 GB.

Measured inside the real window (`inside.py`): from the call of `session.start` to its answer with the descriptors on the GUI
thread. The shell is dash, which is not pooled, so each request is a fork and exec in the host; and then bash with a warm shell,
which is resized, sent its lease through the gate and has answered.
"""

from pathlib import Path

import psutil
from measure import WARM_UPS, NotMeasured, Options, Row, latency
from stage import staged

IDS = ("L13",)
HELD_BYTES = 1 << 30
DASH = "/bin/dash"


def run(options: Options, wanted: set[str]) -> list[Row]:
    """A cold start and a warm one."""
    del wanted
    if psutil.virtual_memory().available < 3 * HELD_BYTES:
        raise NotMeasured("less than 3 GB of memory free")
    rows = []
    if Path(DASH).exists():
        rows.append(latency("L13", "spawn request to PTY received, window holds 1 GB", _replies(DASH, options.runs()), p95=10))
    else:
        rows.append(Row("L13", "spawn request to PTY received", reason=f"no {DASH}"))
    rows.append(latency("L13", "... for a warm bash, with its lease answered", _replies("/bin/bash", options.runs())))
    return rows


def _replies(shell: str, runs: int) -> list[float]:
    settings = {"performance.initial_pool_size": 2 if shell != DASH else 0}
    with staged(settings=settings, shell=shell, startup_s=0) as stage:
        stage.open_instrumented()
        stage.ask("hold", size=HELD_BYTES)
        stage.ask("watch_calls")
        for _ in range(runs + WARM_UPS):
            stage.wait_warm()
            session = stage.new()
            stage.ctl("close", target=f"session:{session}", yes=True)
        return list(stage.ask("calls")["replies"]["session.start"])[WARM_UPS:]
