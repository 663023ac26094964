"""What runs on this machine, read from /proc (proc(5)): who belongs to a session, and what outlived one."""

import os
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

MARK = "SYNK_HOST"
"""Every start carries it in its environment: `<host id>.<start number>`. A child keeps it, also when it leaves its tree."""
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Proc:
    """One process as a scan saw it; `pid` and `start_time` together name it for as long as the machine runs."""

    pid: int
    ppid: int
    pgid: int
    sid: int
    state: str
    """One letter: R running, S sleeping, D uninterruptible, T stopped, Z ended and not reaped ..."""
    start_time: int
    """Clock ticks after boot."""
    threads: int = 1

    @property
    def is_alive(self) -> bool:
        """False for a zombie, which only waits to be reaped. While it has other threads, only its first one has ended."""
        return self.state not in "ZX" or self.threads > 1


Table = Mapping[int, Proc]


def table() -> dict[int, Proc]:
    """All processes by pid; about 20 microseconds each."""
    found = (read_process(int(name)) for name in os.listdir("/proc") if name.isdigit())
    return {process.pid: process for process in found if process is not None}


def read_process(pid: int) -> Proc | None:
    """One process; None if it is gone."""
    data = _read(f"/proc/{pid}/stat")
    # The name in parentheses may itself contain spaces and parentheses.
    fields = data[data.rfind(b")") + 2 :].split()
    if len(fields) < 20:
        return None
    return Proc(pid, int(fields[1]), int(fields[2]), int(fields[3]), fields[0].decode(), int(fields[19]), int(fields[17]))


def start_environment(pid: int, name: str) -> str | None:
    """A variable as it was when the program was started; None if it was not set or may not be read."""
    prefix = name.encode() + b"="
    for entry in _read(f"/proc/{pid}/environ").split(b"\0"):
        if entry.startswith(prefix):
            return os.fsdecode(entry[len(prefix) :])
    return None


def command_line(pid: int) -> str:
    """Program and arguments for a person to read, at most 200 characters; "" if the process is gone."""
    words = _read(f"/proc/{pid}/cmdline").rstrip(b"\0").split(b"\0")
    text = os.fsdecode(b" ".join(words)) or os.fsdecode(_read(f"/proc/{pid}/comm").strip())
    return text.encode(errors="replace").decode()[:200]


def name_of(pid: int) -> str:
    """The kernel's name of a process, at most 15 bytes; "" if it is gone. Takes a few microseconds."""
    return os.fsdecode(_read(f"/proc/{pid}/comm").rstrip(b"\n"))


def program_of(pid: int) -> str | None:
    """Path of the running program; None if the process is gone or belongs to somebody else."""
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return None


def resident_bytes(pid: int) -> int | None:
    """Memory of one process; None if it cannot be read."""
    fields = _read(f"/proc/{pid}/statm").split()
    return int(fields[1]) * PAGE_BYTES if len(fields) > 1 else None


def is_ours(pid: int) -> bool:
    """True if its real or saved user is ours, so that it is ours to signal. False also when it is gone.

    The owner of /proc/PID does not tell: that is root for a program that forbids dumps, such as ssh-agent.
    """
    for line in _read(f"/proc/{pid}/status").split(b"\n"):
        if line.startswith(b"Uid:"):
            real, _effective, saved = (int(word) for word in line.split()[1:4])
            return os.getuid() in (real, saved)
    return False


def orphans(processes: Table, *, host_pid: int, known: Container[int] = ()) -> list[Proc]:
    """Living processes that lost their parent and came to the host; `known` are the children it started itself."""
    return [p for p in processes.values() if p.ppid == host_pid and p.is_alive and p.pid not in known]


class ProcessTree:
    """One scan, prepared for questions about many sessions."""

    def __init__(self, processes: Table, *, host_pid: int) -> None:
        """`host_pid` is the process that orphans come to."""
        self.processes = processes
        self._host_pid = host_pid
        self._children: dict[int, list[int]] = defaultdict(list)
        self._in_session: dict[int, list[int]] = defaultdict(list)
        for process in processes.values():
            self._children[process.ppid].append(process.pid)
            self._in_session[process.sid].append(process.pid)
        self._marks: dict[int, str | None] = {}

    def descendants(self, roots: Iterable[int]) -> set[int]:
        """The pids of `roots` that exist, and of all below them."""
        found: set[int] = set()
        waiting = [pid for pid in roots if pid in self.processes]
        while waiting:
            pid = waiting.pop()
            if pid not in found:
                found.add(pid)
                waiting += self._children.get(pid, ())
        return found

    def members_of_session(self, *, pid: int, mark: str, start_time: int | None = None) -> tuple[set[int], set[int]]:
        """The processes of the session that starts with `mark` belong to, whose first process is or was `pid`.

        Returns (attached, detached). Attached are `pid`, its descendants, and everything in its terminal session with
        what is below that. Detached are processes that lost their parent, came to the host and carry the mark, with
        what is below them. Zombies are in neither.

        `pid` may be reaped already. Its number is not given to another process while its terminal session has members,
        so a process that has the number then and is not ours shows that nothing is left of the session. `start_time`
        is that of the first process, if known; else its environment tells.
        """
        leader = self.processes.get(pid)
        is_reused = leader is not None and not self._is_leader(leader, mark, start_time)
        attached: set[int] = set()
        if pid > 1 and not is_reused:
            attached = self.descendants([pid, *self._in_session.get(pid, ())])
        left_behind = [
            child
            for child in self._children.get(self._host_pid, ())
            if child != pid and child not in attached and self._mark_of(child) == mark
        ]
        loose = self.descendants(left_behind) - attached
        return self._alive(attached), self._alive(loose)

    def _alive(self, pids: set[int]) -> set[int]:
        """Without zombies, and never init or the host, whatever a confusing process table says."""
        return {pid for pid in pids if self.processes[pid].is_alive and pid not in (0, 1, self._host_pid)}

    def _is_leader(self, process: Proc, mark: str, start_time: int | None) -> bool:
        """True if the process that has the pid of a start is that start and not a later user of the number."""
        if start_time is not None:
            return process.start_time == start_time
        # A child of the host is not reaped yet, so the number is still its own; a zombie and some programs show no mark.
        return self._mark_of(process.pid) in ((mark, None) if process.ppid == self._host_pid else (mark,))

    def _mark_of(self, pid: int) -> str | None:
        if pid not in self._marks:
            self._marks[pid] = start_environment(pid, MARK)
        return self._marks[pid]


def _read(path: str) -> bytes:
    """A file in /proc; b"" if the process is gone or may not be looked at."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        data = chunk = os.read(fd, 65536)
        while len(chunk) == 65536:
            chunk = os.read(fd, 65536)
            data += chunk
        return data
    except OSError:
        return b""
    finally:
        os.close(fd)
