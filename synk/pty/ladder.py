"""The kill ladder: ends all processes of many sessions side by side, gently first, and never anybody else's."""

import logging
import os
import select
import signal
from dataclasses import dataclass, field
from enum import Enum

from synk.pty.processes import ProcessTree, Table, command_line, is_ours, read_process, table

log = logging.getLogger(__name__)

GRACE_S = 3.0
"""From the first signal to SIGKILL."""
GIVE_UP_S = 5.0
"""A process that survives SIGKILL this long is in an uninterruptible sleep; nobody can end it."""
GENTLE = (signal.SIGTERM, signal.SIGHUP, signal.SIGCONT)
"""An interactive bash ignores SIGTERM, so SIGHUP comes with it; SIGCONT lets a stopped process take notice."""


class Outcome(Enum):
    """Why a process of an ended session still runs."""

    UNKNOWN_OWNER = "unknown owner"
    """It belongs to another user and was never signalled."""
    STUCK = "uninterruptible"
    """It did not end on SIGKILL."""
    DETACHED = "detached"
    """It left the session on purpose and is not to be ended with it."""


@dataclass(frozen=True, slots=True)
class Survivor:
    """A process that is still there."""

    pid: int
    start_time: int
    """Clock ticks after boot; with `pid` it names the process."""
    command: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Ended:
    """All that can be ended of a session has ended."""

    key: int
    """As given to `add`."""
    survivors: tuple[Survivor, ...] = ()


@dataclass(slots=True, eq=False)
class _Rung:
    """One session on its way down."""

    pid: int
    mark: str
    kill_detached: bool
    since: float
    start_time: int | None
    members: dict[int, int] = field(default_factory=dict)
    """Living processes of ours, pid -> start time: once in, they stay in when their parents have ended."""
    strangers: dict[int, int] = field(default_factory=dict)
    """Processes of other users, likewise."""
    asked: set[int] = field(default_factory=set)
    """Members that got the gentle signals."""


class KillLadder:
    """Ends sessions; one thread calls `add`, and `tick` every 100 ms while `len()` is not 0.

    A tick scans /proc once for all sessions, and once more if one seems to be done. Signals go only through pidfds
    whose start time was compared with the scan, one process at a time and never to a group, so neither a reused pid nor
    the host can be hit.
    """

    def __init__(self, *, host_pid: int | None = None) -> None:
        """`host_pid` is the process that orphans come to (the subreaper): by default this one."""
        self._host_pid = os.getpid() if host_pid is None else host_pid
        self._rungs: dict[int, _Rung] = {}

    def __len__(self) -> int:
        return len(self._rungs)

    def add(self, key: int, pid: int, mark: str, *, kill_detached: bool, now: float, pidfd: int | None = None) -> None:
        """End the session whose first process is or was `pid` and whose starts carry `mark` in `SYNK_HOST`.

        Nothing is signalled before the next `tick`. `pidfd`, if given, makes certain who `pid` is; without it the
        mark does. A key that is on the ladder already stays there; only `kill_detached` can be added to it.
        """
        known = self._rungs.get(key)
        if known is not None:
            known.kill_detached |= kill_detached
            return
        self._rungs[key] = _Rung(pid, mark, kill_detached, now, _start_time(pid, pidfd))

    def tick(self, now: float) -> list[Ended]:
        """Take one step for all sessions; returns those that are done, in the order they were added."""
        if not self._rungs:
            return []
        done = self._steps(list(self._rungs), now)
        # A scan takes a moment: a process that forked and ended meanwhile was seen as gone, and its child not at all.
        done = self._steps([ended.key for ended in done], now)
        for ended in done:
            del self._rungs[ended.key]
            self._report(ended)
        return done

    def _steps(self, keys: list[int], now: float) -> list[Ended]:
        """One scan and a step for each of these sessions; those that seem to be done."""
        if not keys:
            return []
        tree = ProcessTree(table(), host_pid=self._host_pid)
        steps = [self._step(key, self._rungs[key], tree, now) for key in keys]
        return [ended for ended in steps if ended is not None]

    def _step(self, key: int, rung: _Rung, tree: ProcessTree, now: float) -> Ended | None:
        processes = tree.processes
        attached, loose = tree.members_of_session(pid=rung.pid, mark=rung.mark, start_time=rung.start_time)
        rung.members = {pid: start for pid, start in rung.members.items() if _is_same(processes, pid, start)}
        rung.asked &= rung.members.keys()
        for pid in attached | loose if rung.kill_detached else attached:
            if pid not in rung.members and pid not in rung.strangers:
                (rung.members if is_ours(pid) else rung.strangers)[pid] = processes[pid].start_time
        self._signal(rung, is_last_step=now - rung.since >= GRACE_S)
        if rung.members and now - rung.since < GIVE_UP_S:
            return None
        left = set() if rung.kill_detached else loose - rung.members.keys()
        return Ended(key, self._survivors(rung, processes, left))

    @staticmethod
    def _signal(rung: _Rung, *, is_last_step: bool) -> None:
        for pid, start_time in rung.members.items():
            if is_last_step:
                _send(pid, start_time, signal.SIGKILL)
            elif pid not in rung.asked and _send(pid, start_time, *GENTLE):
                rung.asked.add(pid)

    @staticmethod
    def _report(ended: Ended) -> None:
        for survivor in ended.survivors:
            if survivor.outcome is not Outcome.DETACHED:
                log.warning("process %d (%s) could not be ended: %s", survivor.pid, survivor.command, survivor.outcome.value)

    def _survivors(self, rung: _Rung, processes: Table, left: set[int]) -> tuple[Survivor, ...]:
        found = [Survivor(pid, start, command_line(pid), Outcome.STUCK) for pid, start in rung.members.items()]
        found += [
            Survivor(pid, start, command_line(pid), Outcome.UNKNOWN_OWNER)
            for pid, start in rung.strangers.items()
            if _is_same(processes, pid, start)
        ]
        found += [Survivor(pid, processes[pid].start_time, command_line(pid), Outcome.DETACHED) for pid in sorted(left)]
        return tuple(found)


def _send(pid: int, start_time: int, *numbers: signal.Signals) -> bool:
    """Signal a process if it is still the one of the scan; False if it has ended."""
    try:
        pidfd = os.pidfd_open(pid)
    except OSError:  # ended (ESRCH); or no fd is free, then the next tick tries again
        return False
    try:
        process = read_process(pid)
        if process is None or process.start_time != start_time:
            return False
        for number in numbers:
            signal.pidfd_send_signal(pidfd, number)
    except (ProcessLookupError, PermissionError):
        return False
    finally:
        os.close(pidfd)
    return True


def _is_same(processes: Table, pid: int, start_time: int) -> bool:
    """True if that process is in the scan, alive."""
    process = processes.get(pid)
    return process is not None and process.is_alive and process.start_time == start_time


def _start_time(pid: int, pidfd: int | None) -> int | None:
    """Start time of the process behind a pidfd; None if it has ended or there is no pidfd."""
    if pidfd is None:
        return None
    process = read_process(pid)
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    # Looked at after the reading: a process that still runs now was the one that was read.
    has_ended = bool(poll.poll(0))
    return None if process is None or has_ended else process.start_time
