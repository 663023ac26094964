"""Control groups: limits of memory and processes for a whole tree, and its end in one step (cgroups(7), version 2).

Only where the user's systemd hands a part of the hierarchy over: the host asks it once for a scope of its own, when the
first limit is wanted, and moves into a leaf of it (processes live in leaves only). Everywhere else nothing is made, and
the limits of single processes (start.py) and the look at each tree once a second have to do.
"""

import contextlib
import logging
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass

log = logging.getLogger(__name__)

CONTROLLERS = ("memory", "pids")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
SCOPE = "synk-host-{pid}.scope"
MOVE_CHECK_S = 0.02
MOVE_LIMIT_S = 2.0
"""systemd moves us a moment after it has answered."""

Later = Callable[[float, Callable[[], None]], object]
Run = Callable[[Sequence[str], Callable[[bool], None]], None]


@dataclass(frozen=True, slots=True)
class Group:
    """The group of one tree."""

    path: str
    limits_memory: bool

    def add(self, pid: int) -> bool:
        """Put a process into it, and with that all it starts from now on; False if that failed."""
        return _write(self.path, "cgroup.procs", str(pid))

    def oom_kills(self) -> int:
        """How many of its processes the kernel has killed because of its limit."""
        with contextlib.suppress(OSError, ValueError), open(os.path.join(self.path, "memory.events")) as file:
            return next((int(line.split()[1]) for line in file if line.startswith("oom_kill ")), 0)
        return 0

    def kill(self) -> None:
        """SIGKILL to all in it at once, also to those being forked just now (Linux 5.14)."""
        _write(self.path, "cgroup.kill", "1")

    def remove(self) -> bool:
        """False while processes are in it."""
        try:
            os.rmdir(self.path)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return True


class ControlGroups:
    """Makes groups, once the host has a part of the hierarchy. Main loop only; nothing blocks."""

    def __init__(self, *, run: Run, later: Later, own: str = "/proc/self/cgroup", mounts: str = "/proc/self/mountinfo") -> None:
        """`run(argv, on_end)` starts a program and tells whether it succeeded; `later(seconds, function)`."""
        self._run = run
        self._later = later
        self._own = own
        self._mounts = mounts
        self._root = ""
        self._is_asked = False
        self._left: list[Group] = []
        """Some processes were still there."""

    def make(self, name: str, *, memory_bytes: int | None, processes: int | None) -> Group | None:
        """A group with these limits; None without any, and where there are no groups (also while systemd is being asked)."""
        if memory_bytes is None and processes is None:
            return None
        if not self._is_asked:
            self._is_asked = True
            self._begin()
        if not self._root:
            return None
        self._left = [group for group in self._left if not group.remove()]
        path = os.path.join(self._root, name)
        try:
            make_folder(path)
        except OSError as error:
            log.warning("%s: %s", path, error.strerror)
            return None
        group = Group(path, memory_bytes is not None and _limit_memory(path, memory_bytes))
        is_counted = processes is None or _write(path, "pids.max", str(processes))
        if (memory_bytes is not None and not group.limits_memory) or not is_counted:
            # A limit that is taken and forgotten is none: then the other ways hold.
            group.remove()
            return None
        return group

    def let_go(self, group: Group) -> None:
        """Its tree has ended; what outlives it keeps it."""
        if not group.remove():
            self._left.append(group)

    def _begin(self) -> None:
        own = self._own_group()
        if own is None:
            log.info("no control groups of version 2: limits hold for single processes")
        elif _has_memory(own) and _is_alone(own):
            self._take(own)
        elif argv := _scope_request():
            self._run(argv, lambda is_done: self._moved(own, MOVE_LIMIT_S) if is_done else self._refused())

    def _refused(self) -> None:
        log.info("systemd gave no scope: limits hold for single processes")

    def _moved(self, before: str, left_s: float) -> None:
        own = self._own_group()
        if own is not None and own != before:
            self._take(own)
        elif left_s > 0:
            self._later(MOVE_CHECK_S, lambda: self._moved(before, left_s - MOVE_CHECK_S))
        else:
            self._refused()

    def _take(self, root: str) -> None:
        """Move into a leaf of the group and hand its controllers down."""
        leaf = os.path.join(root, "host")
        with contextlib.suppress(OSError):
            make_folder(leaf)
        if not _write(leaf, "cgroup.procs", str(os.getpid())):
            self._refused()
            return
        _write(root, "cgroup.subtree_control", " ".join(f"+{name}" for name in CONTROLLERS))
        if {*CONTROLLERS} <= {word.lstrip("+") for word in _words(root, "cgroup.subtree_control")}:
            self._root = root
        else:
            self._refused()

    def _own_group(self) -> str | None:
        """The folder of our group; None where version 2 is not mounted."""
        try:
            with open(self._own) as file:
                inside = next(line[3:].rstrip("\n") for line in file if line.startswith("0::"))
            with open(self._mounts) as file:
                fields = (line.split(" ") for line in file)
                mount = next(words for words in fields if words[words.index("-") + 1] == "cgroup2")
        except (OSError, StopIteration, ValueError):
            return None
        root, point = mount[3], mount[4]
        if root != "/" and inside.startswith(root):
            inside = inside[len(root) :]
        return os.path.join(point, inside.lstrip("/")).rstrip("/")


def make_folder(path: str) -> None:
    """A new group; the kernel fills its folder with files.

    Raises:
        OSError: it cannot be made, or is there.
    """
    os.mkdir(path)


def _scope_request() -> list[str]:
    """What asks the user's systemd for a scope with this process in it; empty where there is none."""
    is_root = os.getuid() == 0
    manager = "/run/systemd/private" if is_root else f"/run/user/{os.getuid()}/systemd/private"
    tool = shutil.which("busctl", path=os.defpath)
    if tool is None or not os.path.exists(manager):
        return []
    pid = os.getpid()
    return [
        tool, "--system" if is_root else "--user", "call", "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
        "org.freedesktop.systemd1.Manager", "StartTransientUnit", "ssa(sv)a(sa(sv))", SCOPE.format(pid=pid), "fail", "3",
        "Delegate", "b", "true", "PIDs", "au", "1", str(pid), "CollectMode", "s", "inactive-or-failed", "0",
    ]  # fmt: skip


def _limit_memory(path: str, limit_bytes: int) -> bool:
    """Set and read back: where the controller is not really there, writing succeeds and changes nothing."""
    _write(path, "memory.max", str(limit_bytes))
    _write(path, "memory.swap.max", "0")
    (found,) = _words(path, "memory.max") or [""]
    return found.isdigit() and abs(int(found) - limit_bytes) <= PAGE_BYTES


def _has_memory(path: str) -> bool:
    return "memory" in _words(path, "cgroup.controllers") and os.access(path, os.W_OK)


def _is_alone(path: str) -> bool:
    return _words(path, "cgroup.procs") == [str(os.getpid())]


def _words(path: str, name: str) -> list[str]:
    try:
        with open(os.path.join(path, name)) as file:
            return file.read().split()
    except OSError:
        return []


def _write(path: str, name: str, text: str) -> bool:
    try:
        fd = os.open(os.path.join(path, name), os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        os.write(fd, text.encode())
    except OSError:
        return False
    finally:
        os.close(fd)
    return True
