"""The profile's records: opened before Qt, and filled with what happens in the window."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from synk.base.events import Event, NoticeRaised
from synk.pty.processes import read_process
from synk.storage.database import Database
from synk.storage.records import Records
from synk.storage.schema import STEPS
from synk.storage.starts import StartRecord

FILE = "state.db"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_LATER_S = 5.0
"""A process that began so long after a start was noted is another one with its number; clocks are set now and then."""


def open_records(data: Path | None, version: str, notify: Callable[[Event], None]) -> Records:
    """Open `state.db` in the data directory (None: in memory only) and note this start; blocks for some milliseconds.

    `notify` gets what is wrong with the file, and later each change that could not be stored.
    """

    def tell(problem: str) -> None:
        notify(NoticeRaised("error", problem))

    records = Records(Database(data / FILE if data is not None else None, STEPS), on_problem=tell)
    if records.problem:
        tell(records.problem)
    records.begin_start(os.getpid(), boot_id(), version)
    return records


def boot_id() -> str:
    """The kernel's name for the time since the machine was started; "" where there is none."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return ""


def is_running(start: StartRecord) -> bool:
    """Whether the process of an earlier start is still there; reads /proc, which does not block."""
    process = read_process(start.pid)
    if start.boot_id != boot_id() or start.pid == os.getpid() or process is None or not process.is_alive:
        return False
    began = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + process.start_time / os.sysconf("SC_CLK_TCK")
    return began < start.started_at + _LATER_S
