"""Which processes belong to a run, whatever they did to hide: found, measured and killed.

A run is started with a resource limit that the kernel has not used since Linux 2.4 (RLIMIT_LOCKS) set to a number of
its own. It is inherited over fork, exec, setsid, a double fork and an emptied environment, and is read with one
system call (prlimit(2), 0.8 us), so a scan of the whole machine takes less than a millisecond. Parents, terminal
sessions and the mark in the environment are followed besides.
"""

import contextlib
import os
import resource
import signal
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from synk.base.wire import Message
from synk.host.runs.cgroups import Group
from synk.pty.processes import PAGE_BYTES, ProcessTree, Table, command_line, is_ours, read_process, table

RLIMIT_LOCKS = 10
"""Number of the limit, the same on every architecture Linux runs on but Alpha, MIPS and SPARC; `resource` does not name it."""
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
KILL_TURN_S = 0.015
"""Longest time that killing takes from the loop at a stretch, so that other clients are still answered in 50 ms."""

_KINDS = {"r": 0, "k": 1, "s": 2, "z": 3}


def tag_of(mark: str) -> int:
    """The number that stands in the limit of everything started with this mark (`<host id>.r12`, `<host id>.k4`)."""
    host, _, name = mark.partition(".")
    return int(host, 16) % (1 << 32) << 28 | _KINDS.get(name[:1], 3) << 26 | int(name[1:]) % (1 << 26)


def host_of_tag(tag: int) -> int:
    """The number of the host (its id is that in hexadecimal digits) whose start the tag names."""
    return tag >> 28


@contextmanager
def tagged(tag: int) -> Iterator[None]:
    """What is started within carries the tag, and writes no core files. Only the host's main thread, around `posix_spawn`."""
    locks, core = resource.prlimit(0, RLIMIT_LOCKS), resource.getrlimit(resource.RLIMIT_CORE)
    # Where a limit cannot be changed (a sandbox), parents, sessions and marks have to do.
    with contextlib.suppress(ValueError, OSError):
        # Only the soft limit: a Synk inside Synk can set its own.
        resource.prlimit(0, RLIMIT_LOCKS, (tag, locks[1]))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, core[1]))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError, OSError):
            resource.prlimit(0, RLIMIT_LOCKS, locks)
            resource.setrlimit(resource.RLIMIT_CORE, core)


def tagged_processes() -> Mapping[int, list[int]]:
    """All processes of ours that carry a tag, also ended ones that were not reaped: tag -> pids, oldest number first."""
    found: dict[int, list[int]] = defaultdict(list)
    for name in os.listdir("/proc"):
        if name.isdigit():
            tag = _tag(int(name))
            if tag:
                found[tag].append(int(name))
    return found


def _own_children() -> list[int] | None:
    """Pids of the host's children, also of those it took over; None if this kernel does not list them."""
    found: list[int] = []
    try:
        for task in os.listdir("/proc/self/task"):
            with open(f"/proc/self/task/{task}/children", "rb") as file:
                found += map(int, file.read().split())
    except OSError:
        return None
    return found


def _tag(pid: int) -> int:
    """0 if it has none, is gone or belongs to somebody else."""
    try:
        soft = resource.prlimit(pid, RLIMIT_LOCKS)[0]
    except (OSError, ValueError):
        return 0
    return soft if 0 < soft < 1 << 60 else 0


@dataclass(frozen=True, slots=True)
class Sample:
    """What a tree used up to now."""

    cpu_ticks: int = 0
    io_bytes: int = 0
    """Read and written by system calls, from disk or cache."""
    rss_bytes: int = 0
    pids: tuple[int, ...] = ()


@dataclass(slots=True, eq=False)
class Tree:
    """The processes of one run."""

    pid: int
    """The first one; it may have ended."""
    start_time: int
    mark: str
    tag: int = 0
    _doomed: dict[int, int] = field(default_factory=dict)
    """Processes that were seen as members, pid -> start time: they stay members when their parents have ended."""
    group: Group | None = None
    """Where its processes are as well, if there are control groups."""
    _killed: set[int] = field(default_factory=set)
    """What got SIGKILL in the last scan; it may take a moment to go."""

    def __post_init__(self) -> None:
        self.tag = self.tag or tag_of(self.mark)

    def living(self, scan: Mapping[int, list[int]]) -> list[int]:
        """The tagged processes of a scan that still run."""
        return [pid for pid in scan.get(self.tag, ()) if (process := read_process(pid)) is not None and process.is_alive]

    def left_behind(self) -> list[int]:
        """The tagged processes that still run after the first one was reaped.

        The host is their subreaper: they are children of its own by now, or descend from such. So a look at its children,
        0.05 ms, mostly spares the scan of the machine, 0.7 ms with 300 processes.
        """
        children = _own_children()
        if children is not None and not any(map(self._may_be_mine, children)):
            return []
        return self.living(tagged_processes())

    def _may_be_mine(self, pid: int) -> bool:
        tag = _tag(pid)
        if tag:
            return tag == self.tag
        # One that gave its tag away may have children that have it.
        process = read_process(pid)
        return process is not None and process.start_time >= self.start_time

    def members(self) -> Table:
        """All its living processes by every way of knowing; about 20 us for each process of the machine."""
        processes = table()
        tree = ProcessTree(processes, host_pid=os.getpid())
        attached, loose = tree.members_of_session(pid=self.pid, mark=self.mark, start_time=self.start_time)
        known = [pid for pid, start in self._doomed.items() if pid in processes and processes[pid].start_time == start]
        roots = tree.descendants([*known, *(pid for pid in processes if _tag(pid) == self.tag)])
        found = {pid: processes[pid] for pid in attached | loose | roots if processes[pid].is_alive}
        for pid in (0, 1, os.getpid()):
            found.pop(pid, None)
        return found

    def sample(self, scan: Mapping[int, list[int]]) -> Sample:
        """What the tagged processes used; those that ended count as far as a living parent waited for them."""
        pids = scan.get(self.tag, ())
        samples = [sample_process(pid) for pid in pids]
        return Sample(
            sum(each.cpu_ticks for each in samples),
            sum(each.io_bytes for each in samples),
            sum(each.rss_bytes for each in samples),
            tuple(pids),
        )

    def signal(self, *numbers: signal.Signals) -> int:
        """Send signals to each of its processes, one by one; returns how many got them."""
        members = self.members()
        self._doomed.update((pid, process.start_time) for pid, process in members.items())
        return sum(_send(pid, process.start_time, *numbers) for pid, process in members.items())

    def kill(self) -> bool:
        """Kill everything that is there now; False if there was nothing left. Called again until then.

        The quick scan goes first, over and over: a bomb forks faster than the machine can be looked at in full, and a
        killed process forks no more.
        """
        if self.group is not None:
            self.group.kill()
        deadline = time.monotonic() + KILL_TURN_S
        while self._kill_tagged():
            if time.monotonic() > deadline:
                return True
        members = self.members()
        for pid, process in members.items():
            self._doomed[pid] = process.start_time
            _send(pid, process.start_time, signal.SIGKILL)
        return bool(members)

    def _kill_tagged(self) -> bool:
        """True if one of them was not there the last time.

        No pidfd here: the tag is read and the signal sent within two microseconds, and with pidfds and start times a
        bomb forks faster than it is killed.
        """
        pids = set(tagged_processes().get(self.tag, ())) - {1, os.getpid()}
        for pid in pids:
            if _tag(pid) == self.tag:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
        is_any_new = bool(pids - self._killed)
        self._killed = pids
        return is_any_new


def describe(pids: Iterable[int]) -> tuple[Message, ...]:
    """Pid and command of each, for people to read."""
    return tuple({"pid": pid, "command": command_line(pid)} for pid in pids)


_STATES = {"R": "computes", "S": "sleeps", "D": "waits for a disk or network file system", "T": "is stopped", "t": "is traced"}


def doing(pid: int) -> str:
    """What a process is doing just now, for people to read: `sleep 60 (pid 12) sleeps in hrtimer_nanosleep`.

    The place in the kernel is its wait channel; not every kernel tells it.
    """
    process = read_process(pid)
    if process is None:
        return f"pid {pid} has ended"
    channel = ""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/wchan") as file:
        channel = file.read()
    place = f" in {channel}" if channel not in ("", "0") else ""
    return f"{command_line(pid)} (pid {pid}) {_STATES.get(process.state, 'has ended')}{place}"


def start_time_of(pid: int) -> int:
    """Start time of a child that was not reaped yet."""
    process = read_process(pid)
    return process.start_time if process is not None else 0


def sample_process(pid: int) -> Sample:
    """Of one process with the children it waited for; zeros if it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            data = file.read()
        fields = data[data.rfind(b")") + 2 :].split()
        ticks = sum(int(word) for word in fields[11:15])
        rss = int(fields[21]) * PAGE_BYTES
        with open(f"/proc/{pid}/io", "rb") as file:
            words = file.read().split()
        return Sample(ticks, int(words[1]) + int(words[3]), rss)
    except (OSError, IndexError, ValueError):
        return Sample()


def _send(pid: int, start_time: int, *numbers: signal.Signals) -> bool:
    """Signal a process if it is still the one that was seen, through a pidfd, so that no reused number is hit."""
    try:
        pidfd = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        process = read_process(pid)
        if process is None or process.start_time != start_time or not process.is_alive:
            return False
        if pid in (1, os.getpid()) or not is_ours(pid):
            return False
        for number in numbers:
            signal.pidfd_send_signal(pidfd, number)
    except (ProcessLookupError, PermissionError):
        return False
    finally:
        os.close(pidfd)
    return True
