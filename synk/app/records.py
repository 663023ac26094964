"""The profile's records: opened before Qt, and filled with what happens in the window."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from synk.base.events import Event, Hub, NoticeRaised
from synk.pty.processes import read_process
from synk.sessions.events import SessionChanged, SessionClosed, SessionOpened
from synk.sessions.session import Exit, Session, Status
from synk.storage.database import Database
from synk.storage.records import Records
from synk.storage.schema import STEPS
from synk.storage.starts import StartRecord
from synk.storage.statistics import SessionRecord

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


@dataclass(slots=True)
class _Life:
    working_since: float | None = None
    worked_s: float = 0.0
    has_ended: bool = False


class SessionLog:
    """Writes down which sessions there were, how they ended and how long they worked. GUI thread; nothing waits."""

    def __init__(
        self, records: Records, hub: Hub, by_id: Callable[[int], Session | None], *, now: Callable[[], float] = time.time
    ) -> None:
        """`by_id(id)`: an open session; `now()`: Unix time in seconds."""
        self._records = records
        self._by_id = by_id
        self._now = now
        self._lives: dict[int, _Life] = {}
        hub.subscribe(SessionOpened, lambda event: self._opened(event.session))
        hub.subscribe(SessionChanged, lambda event: self._changed(event.session))
        hub.subscribe(SessionClosed, lambda event: self._closed(event.session))

    def close(self) -> None:
        """The window ends, and with it all that runs."""
        for number in tuple(self._lives):
            self._closed(number)

    def _opened(self, number: int) -> None:
        session = self._by_id(number)
        if session is not None:
            began = session.started_at or self._now()
            self._lives[number] = _Life()
            self._records.session_opened(SessionRecord(number, session.project, session.agent, began))

    def _changed(self, number: int) -> None:
        session, life = self._by_id(number), self._lives.get(number)
        if session is None or life is None:
            return
        self._count_work(life, is_working=session.status is Status.WORKING)
        if session.is_live:
            life.has_ended = False
        elif session.exit is not None and not life.has_ended:
            self._end(number, life, session.exit)

    def _closed(self, number: int) -> None:
        life = self._lives.pop(number, None)
        if life is not None and not life.has_ended:
            self._count_work(life, is_working=False)
            self._end(number, life, Exit())

    def _count_work(self, life: _Life, *, is_working: bool) -> None:
        if is_working and life.working_since is None:
            life.working_since = self._now()
        elif not is_working and life.working_since is not None:
            life.worked_s += self._now() - life.working_since
            life.working_since = None

    def _end(self, number: int, life: _Life, ended: Exit) -> None:
        self._records.session_ended(number, code=ended.code, signal=ended.signal, worked_s=life.worked_s)
        life.has_ended, life.worked_s = True, 0.0
