"""Starts programs on pseudo terminals; the only importer of ptyprocess and the only place that forks them."""

import contextlib
import errno
import fcntl
import os
import pty
import select
import signal
import stat
import struct
import termios
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NoReturn, Self

from ptyprocess.ptyprocess import PtyProcess

from synk.base.errors import FolderMissing, SpawnFailed

TIOCGPTPEER = 0x5441
"""ioctl_tty(2): open the other end of a PTY master, whatever is mounted at /dev/pts."""
TIOCGPTN = 0x80045430
"""ioctl_tty(2): the number N of /dev/pts/N of a PTY master."""
IUTF8 = 0o40000
"""Input mode flag, missing in `termios`: erasing a character in cooked mode removes all its bytes, as in other terminals."""
MAX_FD = 1 << 20
"""Upper end for closing fds in the child: with an unlimited RLIMIT_NOFILE the range would not fit an int."""
ENDING_MS = 100
"""A killed process closes its fds a moment before its end can be seen."""
STUCK_FORK_S = 0.9
"""The host kills a fork that has not reached exec after 1 s; a child that is dead after about that long was such a one."""

# Python 3.12 warns about every fork in a process with threads, because a lock that another thread holds stays locked
# in the child. Ours takes none between fork and exec, and one that hangs all the same is killed after 1 s.
warnings.filterwarnings("ignore", ".*multi-threaded, use of fork", DeprecationWarning, r"pty$|synk\.pty\.spawn$")

Begun = Callable[[int], None]
"""Called with the pid right after the fork, before exec is awaited."""


class ForkStuck(Exception):
    """The fork was killed before it reached exec; worth one more try."""


@dataclass(frozen=True, slots=True)
class Spawned:
    """A program that has reached exec. The fds belong to the receiver; both are close-on-exec."""

    pid: int
    pidfd: int
    master: int
    """Non-blocking."""
    tty: str
    """`/dev/pts/N`."""
    modes: list[Any]
    """Terminal modes at creation, as from `termios.tcgetattr`."""


def spawn(
    argv: Sequence[str],
    *,
    cwd: str,
    environment: Mapping[str, str],
    cols: int,
    rows: int,
    begun: Begun | None = None,
) -> Spawned:
    """Start a program on a new PTY, in a terminal session of its own, with default signals and fds 0 to 2 only.

    Blocks until exec was reached, about 1 ms from a small process. `argv[0]` is looked up in the `PATH` of
    `environment`. Nobody waits for the child here: that is the reaper's work.

    Raises:
        SpawnFailed: "Cannot start NAME: REASON".
        FolderMissing: `cwd` is not a directory.
        ForkStuck: the child was killed by the host because it did not reach exec.
    """
    program = find_program(argv[0], cwd=cwd, environment=environment)
    _check_texts(argv, environment)
    _check_folder(cwd)
    fork = _Fork(begun or _ignore)
    started = time.monotonic()
    with _exec_or_exit():
        try:
            # ptyprocess only calls its class to make the object, so a callable of ours will do.
            PtyProcess.spawn.__func__(
                fork,
                [program, *argv[1:]],
                env=dict(environment),
                preexec_fn=partial(_before_exec, cwd, _ignored_signals()),
                dimensions=(rows, cols),
            )
        except OSError as error:
            fork.close()
            _close_fds_left_open(error)
            raise _failure(argv[0], cwd, error) from error
    assert fork.spawned is not None
    if _is_stuck(fork.spawned.pidfd, started):
        fork.close()
        raise ForkStuck
    return fork.spawned


def first_modes() -> list[Any]:
    """The modes a program of ours finds on a new PTY: the kernel's, and UTF-8 (the child sets that itself).

    Not read from the PTY of the program: it runs already, and on a busy machine it had switched to raw mode before we looked.
    """
    modes: list[Any] = [*_kernel_modes()]
    modes[0] |= IUTF8
    modes[-1] = list(modes[-1])
    return modes


@cache
def _kernel_modes() -> list[Any]:
    master, slave = os.openpty()
    try:
        return termios.tcgetattr(master)
    finally:
        os.close(slave)
        os.close(master)


def respawn(
    slave: int,
    argv: Sequence[str],
    *,
    cwd: str,
    environment: Mapping[str, str],
    begun: Begun | None = None,
) -> tuple[int, int]:
    """Start a program on an existing PTY, whose slave end the caller holds open; returns (pid, pidfd).

    The PTY must not be the controlling terminal of a living session. Blocks until exec was reached.

    Raises: as `spawn`.
    """
    program = find_program(argv[0], cwd=cwd, environment=environment)
    _check_texts(argv, environment)
    _check_folder(cwd)
    full_argv, full_environment = [program, *argv[1:]], dict(environment)
    started = time.monotonic()
    try:
        before_exec = partial(_before_exec, cwd, _ignored_signals())
        report, answer = os.pipe()
        try:
            try:
                with _exec_or_exit():
                    pid = os.fork()
                    if pid == 0:
                        _run_on(slave, answer, full_argv, full_environment, before_exec)
                pidfd = _pidfd_or_kill(pid)
                (begun or _ignore)(pid)
            finally:
                os.close(answer)
            code = os.read(report, 16)
        finally:
            os.close(report)
    except OSError as error:
        raise _failure(argv[0], cwd, error) from error
    if code:
        os.close(pidfd)
        raise _failure(argv[0], cwd, OSError(int(code), os.strerror(int(code))))
    if _is_stuck(pidfd, started):
        os.close(pidfd)
        raise ForkStuck
    return pid, pidfd


def open_slave(master: int) -> int:
    """Open the other end of a PTY, close-on-exec and without making it the caller's controlling terminal."""
    return fcntl.ioctl(master, TIOCGPTPEER, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)


def set_size(master: int, *, cols: int, rows: int) -> None:
    """Set the size of a PTY; its foreground programs get SIGWINCH if it changed."""
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))


def restore_modes(slave: int, modes: list[Any]) -> None:
    """Put the terminal modes back and discard what was typed and not read.

    A terminal stopped with Ctrl+S goes on only when IXON is switched off, hence the two steps.
    """
    without_stop = [modes[0] & ~termios.IXON, *modes[1:]]
    for step in (without_stop, modes):
        termios.tcsetattr(slave, termios.TCSANOW, step)
    termios.tcflow(slave, termios.TCOON)
    termios.tcflush(slave, termios.TCIOFLUSH)


def discard_output(master: int) -> None:
    """Read away what was printed; the programs that printed it have ended or wait."""
    with contextlib.suppress(OSError):  # BlockingIOError: nothing left; EIO: no other end
        while os.read(master, 65536):
            pass


def find_program(name: str, *, cwd: str, environment: Mapping[str, str]) -> str:
    """Absolute path of a program, looked up as a shell in `cwd` with this environment would.

    Raises:
        SpawnFailed: it is not there or may not be executed.
    """
    if not name:
        raise SpawnFailed("Cannot start a program without a name")
    if "/" in name:
        path = os.path.join(cwd, name)
        if _is_program(path):
            return path
        reason = "not executable" if os.path.exists(path) else "no such file"
        raise SpawnFailed(f"Cannot start {name}: {reason}")
    for folder in environment.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(cwd, folder, name)
        if _is_program(path):
            return path
    raise SpawnFailed(f"Cannot start {name}: not found in PATH")


class _Fork:
    """Stands in for the object ptyprocess makes in the parent right after its fork.

    The original wraps the fd in file objects and, when collected, closes it, sleeps 100 ms and reaps the
    child. All that belongs to others here, so this one only takes down what was started.
    """

    def __init__(self, begun: Begun) -> None:
        self._begun = begun
        self.spawned: Spawned | None = None
        self.argv: object = None
        """Set by ptyprocess, as is `env`."""
        self.env: object = None

    def __call__(self, pid: int, fd: int) -> Self:
        """Make everything of the new PTY close-on-exec and known to the registry before the first wait."""
        try:
            os.set_inheritable(fd, False)  # forkpty's master is inheritable
            os.set_blocking(fd, False)
            number = struct.unpack("I", fcntl.ioctl(fd, TIOCGPTN, bytes(4)))[0]
            pidfd = _pidfd_or_kill(pid)
        except OSError:
            os.close(fd)
            raise
        self.spawned = Spawned(pid, pidfd, fd, f"/dev/pts/{number}", first_modes())
        self._begun(pid)
        return self

    def setwinsize(self, rows: int, cols: int) -> None:
        """Called by ptyprocess; the child has set its size already, before exec."""

    def close(self) -> None:
        """The start failed: nothing of it remains but a child for the reaper."""
        if self.spawned is not None:
            os.close(self.spawned.master)
            os.close(self.spawned.pidfd)


@contextlib.contextmanager
def _exec_or_exit() -> Iterator[None]:
    """Around a fork: the child leaves this block by exec or not at all, whatever is raised in it."""
    parent = os.getpid()
    try:
        yield
    finally:
        if os.getpid() != parent:
            os._exit(os.EX_SOFTWARE)


def _close_fds_left_open(error: OSError) -> None:
    """Close what `PtyProcess.spawn` and `pty.fork` leak when the fork itself fails.

    Else a user who is at the limit of processes would soon be at the limit of fds too, in the host.
    """
    for frame, _line in traceback.walk_tb(error.__traceback__):
        names: Mapping[str, Any] = frame.f_locals
        if frame.f_code is PtyProcess.spawn.__func__.__code__ and "inst" not in names:
            # Once `inst` is set, ptyprocess closes both ends itself.
            for name in ("exec_err_pipe_read", "exec_err_pipe_write"):
                if name in names:
                    os.close(names[name])
        elif frame.f_code is pty.fork.__code__ and "master_fd" in names:
            os.close(names["master_fd"])
            os.close(names["slave_fd"])


def _ignored_signals() -> list[int]:
    """Signals this process ignores. Only those outlive an exec; handlers are dropped by it (execve(2))."""
    with open("/proc/self/status", "rb") as file:
        for line in file:
            if line.startswith(b"SigIgn:"):
                mask = int(line.split()[1], 16)
                # glibc keeps two real-time signals for itself; Python does not know them.
                return [number for number in signal.valid_signals() if mask >> (number - 1) & 1]
    return []


def _before_exec(cwd: str, ignored: list[int]) -> None:
    """In the child: enter the folder, prepare the terminal, and undo what it inherited from Python and from our threads."""
    os.chdir(cwd)
    modes = termios.tcgetattr(0)
    modes[0] |= IUTF8
    termios.tcsetattr(0, termios.TCSANOW, modes)
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _run_on(
    slave: int, answer: int, argv: list[str], environment: dict[str, str], before_exec: Callable[[], None]
) -> NoReturn:
    """In the child of `respawn`: become a session leader with `slave` as terminal and run the program."""
    try:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for fd in (0, 1, 2):
            os.dup2(slave, fd)
        os.closerange(3, answer)
        os.closerange(answer + 1, MAX_FD)
        before_exec()
        os.execve(argv[0], argv, environment)
    except OSError as error:
        os.write(answer, str(error.errno).encode())
    finally:
        os._exit(os.EX_OSERR)


def _pidfd_or_kill(pid: int) -> int:
    """A pidfd of our new child; without one (no free fd) the child is ended, since it could not be looked after."""
    try:
        return os.pidfd_open(pid)
    except OSError:
        os.kill(pid, signal.SIGKILL)
        raise


def _is_stuck(pidfd: int, started: float) -> bool:
    """True if a fork ended without exec: it is dead, and took as long as the host waits before it kills one."""
    if time.monotonic() - started < STUCK_FORK_S:
        return False
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(ENDING_MS))


def _is_program(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode) and os.access(path, os.X_OK)
    except (OSError, ValueError):
        return False


def _check_texts(argv: Sequence[str], environment: Mapping[str, str]) -> None:
    """Refuse what exec cannot take before anything is forked."""
    for text in argv:
        if "\0" in text:
            raise SpawnFailed(f"Cannot start {argv[0]}: an argument contains a NUL character")
    for name, value in environment.items():
        if not name or "=" in name or "\0" in name or "\0" in value:
            raise SpawnFailed(f"Cannot start {argv[0]}: variable {name!r} cannot be passed on")


def _check_folder(cwd: str) -> None:
    if not os.path.isdir(cwd):
        raise FolderMissing(f"Folder {cwd} does not exist")


def _failure(name: str, cwd: str, error: OSError) -> SpawnFailed | FolderMissing:
    """The error the user reads. ptyprocess sends only text and, for the plain class, the number through its pipe."""
    if not error.errno and isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return FolderMissing(f"Folder {cwd} does not exist")
    if not error.errno:
        return SpawnFailed(f"Cannot start {name} in {cwd}: {error}")
    if error.errno == errno.ENOENT:
        # The file was there a moment ago: what is missing is the interpreter of its first line.
        return SpawnFailed(f"Cannot start {name}: the interpreter it names does not exist")
    return SpawnFailed(f"Cannot start {name}: {os.strerror(error.errno)}")


def _ignore(_pid: int) -> None:
    """For callers that keep no registry."""
