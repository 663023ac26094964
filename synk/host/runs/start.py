"""Starts the first process of a run: streams, controlling terminal, folder, limits, and errors that say what was wrong."""

import contextlib
import errno
import fcntl
import os
import pwd
import resource
import shutil
import signal
import termios
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synk.base.errors import FolderMissing, SpawnFailed
from synk.host.runs.tree import tagged
from synk.host.service import HostParts
from synk.pty.spawn import IUTF8, find_program, set_size

PIPE_BYTES = 256 << 10
"""Four times the default, measured 30 % faster with a flood; more would use up what the kernel grants each user for pipes."""
CPU_GRACE_S = 1
"""A program that ignores SIGXCPU is killed this much later."""
_SIMILAR_KEPT = 3
_DEFAULTS = (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
"""What the host ignores or handles must not reach the program as ignored."""


@dataclass(frozen=True, slots=True)
class RunLimits:
    """Limits of one process tree; None: none."""

    memory_bytes: int | None = None
    cpu_s: float | None = None
    open_files: int | None = None
    file_bytes: int | None = None
    processes: int | None = None

    @property
    def is_set(self) -> bool:
        """True if any limit has to be set in the process."""
        return self != RunLimits()


@dataclass(frozen=True, slots=True)
class Streams:
    """The host's ends of a program's streams, all non-blocking; the receiver owns them. -1: there is none."""

    out: int
    """Pipe, or the terminal."""
    err: int = -1
    """Terminal or pipe; -1 with `tty=both`, where all comes on `out`."""
    master: int = -1
    """The terminal: `out` or `err`; -1 with `tty=none`."""
    stdin: int = -1
    """Pipe to write to."""

    def close(self) -> None:
        for fd in {self.out, self.err, self.master, self.stdin} - {-1}:
            os.close(fd)


@dataclass(frozen=True, slots=True)
class Started:
    """A program that has reached exec; its descriptors belong to the receiver."""

    pid: int
    pidfd: int
    streams: Streams
    lent_rss: int = 0
    """Bytes of memory that the kernel counts as its peak whatever it uses: up to exec it lived in the host's (vfork(2))."""


def start(
    argv: Sequence[str],
    *,
    cwd: str,
    environment: Mapping[str, str],
    tty: str,
    stdin: str,
    cols: int,
    rows: int,
    limits: RunLimits,
    tag: int,
) -> Started:
    """Start a program as leader of a terminal session of its own; no shell, no start-up files.

    `tty`: `stderr` (stdout is a pipe, stderr the controlling terminal), `both`, or `none` (pipes). `stdin`: `none`
    (/dev/null), `pipe`, or `tty`. Main thread, within `Children.starting`; takes half a millisecond.

    With `tty=stderr` the program starts with SIGHUP ignored, as under nohup: when the leader of a terminal session
    exits, the kernel sends SIGHUP to its group, and `sleep 6 & echo hi` would lose its sleep.

    Raises:
        SpawnFailed, FolderMissing: nothing was started.
    """
    _check_texts(argv, environment)
    folder = _open_folder(cwd)
    try:
        program = find_similar(argv[0], cwd, environment)
        command = _limited(program, argv, limits)
        opened = _open_streams(tty, stdin, cols=cols, rows=rows)
        try:
            is_hangup_ignored = tty == "stderr"
            pid = _spawn(command, folder, environment, opened.actions, tag, argv[0], is_hangup_ignored=is_hangup_ignored)
        except BaseException:
            opened.streams.close()
            raise
        finally:
            for fd in opened.theirs:
                os.close(fd)
    finally:
        os.close(folder)
    try:
        pidfd = os.pidfd_open(pid)
    except OSError:
        os.kill(pid, signal.SIGKILL)
        opened.streams.close()
        raise
    if command.is_late:
        set_limits(pid, limits)
    return Started(pid, pidfd, opened.streams, _own_peak_rss())


def run_tool(parts: HostParts, argv: Sequence[str], on_end: Callable[[bool], None]) -> None:
    """Start a program that nobody reads; `on_end` is told whether it succeeded."""

    def start() -> None:
        quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
        try:
            pid = os.posix_spawn(argv[0], list(argv), os.environ, file_actions=quiet, setsid=True)
        except OSError:
            on_end(False)
        else:
            parts.reaper.watch(pid, lambda status: on_end(status == 0))

    parts.when_safe_to_start(start)


@dataclass(frozen=True, slots=True)
class _Command:
    path: str
    argv: list[str]
    is_late: bool = False
    """The limits have to be set after the start."""


@dataclass(frozen=True, slots=True)
class _Opened:
    streams: Streams
    theirs: tuple[int, ...]
    """Ends that only the child needs."""
    actions: list[Any]


def _open_folder(cwd: str) -> int:
    try:
        folder = os.open(cwd, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        if os.access(cwd, os.X_OK):
            return folder
        os.close(folder)
    except (FileNotFoundError, NotADirectoryError) as error:
        what = "is not a folder" if os.path.exists(cwd) else "does not exist"
        raise FolderMissing(f"Folder {cwd} {what}") from error
    except OSError as error:
        raise FolderMissing(f"Folder {cwd} cannot be entered: {error.strerror}") from error
    raise FolderMissing(f"Folder {cwd} cannot be entered: {os.strerror(errno.EACCES)}")


def find_similar(name: str, cwd: str, environment: Mapping[str, str]) -> str:
    """Absolute path of a program, as `find_program`; the error names programs with similar names."""
    try:
        return find_program(name, cwd=cwd, environment=environment)
    except SpawnFailed as error:
        similar = [] if "/" in name or not name else similar_programs(name, environment.get("PATH", os.defpath))
        if not similar:
            raise
        raise SpawnFailed(f"{error.message}. Similar: {', '.join(similar)}") from error


def similar_programs(name: str, path: str) -> list[str]:
    """Names of programs in `path` that differ from `name` by one letter more, less, changed or swapped; at most three.

    Two words that differ so have a common word among those with one letter left out: 5 ms for 3,000 programs.
    """
    wanted = _shortened(name)
    found = []
    for folder in path.split(os.pathsep):
        with contextlib.suppress(OSError):
            found += [each for each in os.listdir(folder) if abs(len(each) - len(name)) <= 1 and wanted & _shortened(each)]
    is_other_case = [each for each in dict.fromkeys(found) if each.lower() == name.lower()]
    return list(dict.fromkeys([*is_other_case, *sorted(found)]))[:_SIMILAR_KEPT]


def _shortened(name: str) -> set[str]:
    lower = name.lower()
    return {lower, *(lower[:at] + lower[at + 1 :] for at in range(len(lower)) if len(lower) > 1)}


def _check_texts(argv: Sequence[str], environment: Mapping[str, str]) -> None:
    if not argv:
        raise SpawnFailed("Cannot start a program without a name")
    if any("\0" in text for text in argv):
        raise SpawnFailed(f"Cannot start {argv[0]}: an argument contains a NUL character")
    for name, value in environment.items():
        if not name or "=" in name or "\0" in name or "\0" in value:
            raise SpawnFailed(f"Cannot start {argv[0]}: variable {name!r} cannot be passed on")


def _limited(program: str, argv: Sequence[str], limits: RunLimits) -> _Command:
    """With limits, `prlimit` sets them and then becomes the program; without that tool they are set from here, a moment later."""
    if not limits.is_set:
        return _Command(program, list(argv))
    tool = shutil.which("prlimit", path=os.defpath)
    if tool is None:
        return _Command(program, list(argv), is_late=True)
    options = [f"--{name}={soft}:{hard}" for name, (_, soft, hard) in limit_values(limits).items()]
    return _Command(tool, [tool, *options, "--", program, *argv[1:]])


def limit_values(limits: RunLimits) -> dict[str, tuple[int, int, int]]:
    """Name for prlimit(1) -> number, soft and hard value; never above what the host itself may have."""
    found = {}
    if limits.memory_bytes is not None:
        found["data"] = (resource.RLIMIT_DATA, limits.memory_bytes, limits.memory_bytes)
    if limits.cpu_s is not None:
        seconds = max(1, round(limits.cpu_s))
        found["cpu"] = (resource.RLIMIT_CPU, seconds, seconds + CPU_GRACE_S)
    if limits.open_files is not None:
        found["nofile"] = (resource.RLIMIT_NOFILE, limits.open_files, limits.open_files)
    if limits.file_bytes is not None:
        found["fsize"] = (resource.RLIMIT_FSIZE, limits.file_bytes, limits.file_bytes)
    if limits.processes is not None:
        # The kernel counts all processes of the user, not those of a tree.
        count = _own_threads() + limits.processes
        found["nproc"] = (resource.RLIMIT_NPROC, count, count)
    allowed = {}
    for name, (number, soft, hard) in found.items():
        highest = resource.getrlimit(number)[1]
        if highest != resource.RLIM_INFINITY:
            soft, hard = min(soft, highest), min(hard, highest)
        allowed[name] = (number, soft, hard)
    return allowed


def set_limits(pid: int, limits: RunLimits) -> None:
    """Set the limits of a program that runs already, and of what it starts from now on."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        for number, soft, hard in limit_values(limits).values():
            resource.prlimit(pid, number, (soft, hard))


def _own_peak_rss() -> int:
    """Bytes of memory the host itself had at most; takes 19 us.

    Not `ru_maxrss`: that counts what the host was lent by whoever started it, 200 MB of a window, and hid every smaller run.
    """
    with open("/proc/self/status", "rb") as file:
        for line in file:
            if line.startswith(b"VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def _own_threads() -> int:
    """Threads of this user, as RLIMIT_NPROC counts them."""
    count = 0
    for name in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            if name.isdigit() and os.stat(f"/proc/{name}").st_uid == os.getuid():
                count += len(os.listdir(f"/proc/{name}/task"))
    return count


def _open_streams(tty: str, stdin: str, *, cols: int, rows: int) -> _Opened:
    opened: list[int] = []
    try:
        return _open(tty, stdin, opened, cols=cols, rows=rows)
    except BaseException:
        for fd in opened:
            os.close(fd)
        raise


def _open(tty: str, stdin: str, opened: list[int], *, cols: int, rows: int) -> _Opened:
    """The controlling terminal is the first that the child opens, and the session's leader opens it: so it becomes that."""
    actions: list[Any] = []
    theirs: list[int] = []
    master = out = err = source = -1
    if tty != "none":
        master, slave = os.openpty()
        opened += (master, slave)
        theirs.append(slave)
        _prepare_terminal(master, slave, cols=cols, rows=rows, is_whole=tty == "both")
        actions.append((os.POSIX_SPAWN_OPEN, 2, os.ttyname(slave), os.O_RDWR, 0))
    if tty == "both":
        out = master
        actions.append((os.POSIX_SPAWN_DUP2, 2, 1))
    else:
        out, theirs_out = _pipe(opened)
        theirs.append(theirs_out)
        actions.append((os.POSIX_SPAWN_DUP2, theirs_out, 1))
        err = master
        if tty == "none":
            err, theirs_err = _pipe(opened)
            theirs.append(theirs_err)
            actions.append((os.POSIX_SPAWN_DUP2, theirs_err, 2))
    if stdin == "tty" or (stdin == "none" and tty == "both"):
        actions.append((os.POSIX_SPAWN_DUP2, 2, 0))
    elif stdin == "pipe":
        theirs_in, source = os.pipe2(os.O_CLOEXEC)
        opened += (theirs_in, source)
        os.set_blocking(source, False)
        theirs.append(theirs_in)
        actions.append((os.POSIX_SPAWN_DUP2, theirs_in, 0))
    else:
        actions.append((os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0))
    return _Opened(Streams(out, err, master, source), tuple(theirs), actions)


def _pipe(opened: list[int]) -> tuple[int, int]:
    """Our end, which does not block, and the child's, which does."""
    ours, theirs = os.pipe2(os.O_CLOEXEC)
    opened += (ours, theirs)
    os.set_blocking(ours, False)
    with contextlib.suppress(OSError):
        fcntl.fcntl(ours, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    return ours, theirs


def _prepare_terminal(master: int, slave: int, *, cols: int, rows: int, is_whole: bool) -> None:
    os.set_blocking(master, False)
    set_size(master, cols=cols, rows=rows)
    modes = termios.tcgetattr(slave)
    modes[0] |= IUTF8
    if not is_whole:
        # Nobody looks at this terminal: line feeds stay what the program wrote.
        modes[1] &= ~termios.ONLCR
    termios.tcsetattr(slave, termios.TCSANOW, modes)


def _spawn(
    command: _Command,
    folder: int,
    environment: Mapping[str, str],
    actions: list[Any],
    tag: int,
    name: str,
    *,
    is_hangup_ignored: bool,
) -> int:
    """`posix_spawn` in the folder: the host's own is changed for the half millisecond it takes.

    `env -C` would do the same with one exec more for each run. Nothing else in the host uses the current folder, and
    the pool thread cannot fork meanwhile.
    """
    here = os.open(".", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    defaults = _DEFAULTS if is_hangup_ignored else (*_DEFAULTS, signal.SIGHUP)
    try:
        os.fchdir(folder)
        with tagged(tag):
            return _spawn_any(command, dict(environment), actions, defaults)
    except OSError as error:
        raise SpawnFailed(_reason(name, command, error)) from error
    finally:
        os.fchdir(here)
        os.close(here)


def _spawn_any(command: _Command, environment: dict[str, str], actions: list[Any], defaults: Sequence[int]) -> int:
    def spawn(path: str, argv: list[str]) -> int:
        return os.posix_spawn(
            path, argv, environment, file_actions=actions, setsid=True, setsigmask=[], setsigdef=list(defaults)
        )

    try:
        return spawn(command.path, command.argv)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        # A script without a first line is one for the shell, as execvp(3) has it.
        return spawn("/bin/sh", ["sh", command.path, *command.argv[1:]])


def _reason(name: str, command: _Command, error: OSError) -> str:
    match error.errno:
        case errno.ENOENT:
            return f"Cannot start {name}: the interpreter it names does not exist"
        case errno.EACCES if not os.access(command.path, os.X_OK):
            return f"Cannot start {name}: not executable"
        case errno.E2BIG:
            return f"Cannot start {name}: its arguments and environment are too long"
        case errno.EAGAIN:
            user = pwd.getpwuid(os.getuid()).pw_name
            return f"Cannot start {name}: {user} has too many processes already"
    return f"Cannot start {name}: {error.strerror or error}"
