"""One kernel as a process: its terminal, its control channel, its end with the exact status. Main loop only."""

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from synk.base.wire import Message
from synk.host.repls.link import KernelLink
from synk.host.repls.terminal import Terminal
from synk.host.runs.cgroups import Group

log = logging.getLogger(__name__)

CONTROL_FD, FAULT_FD = 100, 101
"""Numbers in a kernel that is a process of its own."""
_HIGH_FD = 300
"""Descriptors are moved above the numbers they get in the child, so that none is overwritten before it was passed on."""
STATUS_WAIT_S = 0.5
"""A kernel's end is known by its pidfd; the status follows from the zygote within a millisecond unless that died too."""
LOST_WAIT_S = 0.05
"""A process that ends closes its channel a moment before its end can be seen."""
PF_EXITING = 0x4
BITE_BYTES = 1 << 20
"""Of output read in one turn of the loop: other kernels and clients come in between."""


@dataclass(frozen=True, slots=True)
class Exit:
    """How a kernel ended."""

    status: int | None
    """Raw wait status; None if its parent died before it could tell."""
    cpu_ms: int = 0
    peak_rss: int = 0

    @property
    def code(self) -> int | None:
        """Exit code, None after a signal."""
        return os.WEXITSTATUS(self.status) if self.status is not None and os.WIFEXITED(self.status) else None

    @property
    def signal(self) -> str | None:
        """Name of the signal that ended it, as `SIGKILL`; None if it exited."""
        if self.status is None or not os.WIFSIGNALED(self.status):
            return None
        number = os.WTERMSIG(self.status)
        try:
            return signal.Signals(number).name
        except ValueError:
            return f"SIG{number}"


class Speaker(Protocol):
    """How a kernel is talked to: JSON messages for our own kernels, typed text for declared languages."""

    def send(self, message: Mapping[str, object]) -> None:
        """Tell the kernel something."""

    def filter(self, data: bytes) -> bytes:
        """What of the terminal's output is for the user."""

    def drain(self) -> None:
        """Take in what it said before it ended."""

    def close(self) -> None:
        """Nothing more is said or heard."""


class LinkSpeaker:
    """Talks to a kernel of ours; all of the terminal's output is for the user."""

    def __init__(self, link: KernelLink) -> None:
        self._link = link
        self.send = link.send
        self.drain = link.drain
        self.close = link.close

    @staticmethod
    def filter(data: bytes) -> bytes:
        """As it is."""
        return data


class Watcher(Protocol):
    """Who looks after a kernel: the pool, then the REPL it was given to."""

    def said(self, kernel: "Kernel", message: Message) -> None:
        """A message of the kernel protocol."""

    def printed(self, kernel: "Kernel", data: bytes) -> None:
        """Output of the terminal."""

    def lost(self, kernel: "Kernel") -> None:
        """Its control channel is closed, but it still runs."""

    def ended(self, kernel: "Kernel", how: Exit) -> None:
        """It has ended, and everything it printed and said was told before. Called once, last."""


class Kernel:
    """A kernel process from its start to its end."""

    def __init__(self, loop: asyncio.AbstractEventLoop, number: int, mark: str, terminal: Terminal, watcher: Watcher) -> None:
        self._loop = loop
        self.number = number
        """Of the pool."""
        self.mark = mark
        """`SYNK_HOST` of everything it starts."""
        self.terminal = terminal
        self.watcher = watcher
        self.pid = 0
        self.pidfd = -1
        self.is_over = False
        self.speaker: Speaker | None = None
        self.fault = os.memfd_create("synk-fault", os.MFD_CLOEXEC)
        """Where it writes stacks: on SIGUSR1, and when it crashes."""
        self._fault_read = 0
        self._typing = bytearray()
        self._is_typing = False
        self.start_output = b""
        """The last it printed before somebody owned it."""
        self.was_idle = False
        """It had been waiting when it was given away."""
        self.is_asked = False
        """A ping was not answered yet."""
        self.is_doomed = False
        """It is to end as soon as it has started."""
        self.group: Group | None = None
        """Its control group, once it has an owner whose limits hold for all it starts."""
        self.on_started: Callable[[Kernel], None] = _ignore
        self.on_over: Callable[[Kernel, Exit], None] = _ignore_end
        """After the watcher was told."""
        self._how: Exit | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._unwatch: Callable[[], None] | None = None
        loop.add_reader(terminal.master, self._printed)

    def started(self, pid: int, pidfd: int, *, unwatch: Callable[[], None] | None = None) -> None:
        """It runs; `pidfd` is ours from now on. `unwatch` takes back what waits for its status elsewhere."""
        self.pid, self.pidfd, self._unwatch = pid, pidfd, unwatch
        self.terminal.let_go()
        self._loop.add_reader(pidfd, self._pidfd_fired)
        self.on_started(self)

    def discard(self) -> None:
        """It never started: close everything, tell nobody."""
        self.is_over = True
        if self.speaker is not None:
            self.speaker.close()
        self._loop.remove_reader(self.terminal.master)
        self.terminal.close()
        os.close(self.fault)

    def send(self, message: Mapping[str, object]) -> None:
        """Tell it something; nothing happens once it has ended."""
        if self.speaker is not None and not self.is_over:
            self.speaker.send(message)

    def heard(self, message: Message) -> None:
        """From the speaker: what it printed before it said this is told first."""
        self.read_output()
        if not self.is_over:
            self.watcher.said(self, message)

    def channel_lost(self) -> None:
        """From the speaker: the channel is closed. The process is ending, or user code closed it."""
        if not self.is_over and self._how is None:
            self._set_timer(LOST_WAIT_S, self._still_there)

    def exited(self, how: Exit) -> None:
        """Its status is known."""
        if self._how is None:
            self._how = how
            self._finish()

    def signal(self, number: int) -> None:
        """Send a signal to the kernel alone."""
        if self.pidfd >= 0 and not self.is_over:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.pidfd, number)

    def read_output(self) -> None:
        """Tell what is on the terminal now."""
        left = BITE_BYTES
        while left > 0 and self.terminal.master >= 0:
            data = self.terminal.read()
            if not data:
                return
            left -= len(data)
            shown = self.speaker.filter(data) if self.speaker is not None else data
            if shown:
                self.watcher.printed(self, shown)

    def type(self, data: bytes) -> None:
        """Type on its terminal; what does not fit now is typed when it does."""
        self._typing += data
        if not self._is_typing:
            self._type_on()

    def stack(self) -> str:
        """What it wrote about its stacks since the last call."""
        size = os.fstat(self.fault).st_size
        data = os.pread(self.fault, min(size - self._fault_read, 1 << 18), self._fault_read)
        self._fault_read = size
        return data.decode(errors="replace")

    def _type_on(self) -> None:
        while self._typing:
            taken = self.terminal.write(bytes(self._typing[:1024]))
            if not taken:
                break
            del self._typing[:taken]
        if bool(self._typing) != self._is_typing:
            self._is_typing = bool(self._typing)
            if self._is_typing:
                self._loop.add_writer(self.terminal.master, self._type_on)
            else:
                self._loop.remove_writer(self.terminal.master)

    def _printed(self) -> None:
        data = self.terminal.read()
        if data is None:
            return  # an answer of the kernel came first, and everything printed before it was read then
        if not data:
            # Hung up: everybody has closed the other end. Its process may go on, so we only stop looking.
            self._loop.remove_reader(self.terminal.master)
            return
        shown = self.speaker.filter(data) if self.speaker is not None else data
        if shown:
            self.watcher.printed(self, shown)

    def _pidfd_fired(self) -> None:
        self._loop.remove_reader(self.pidfd)
        if self._how is None:
            self._set_timer(STATUS_WAIT_S, lambda: self.exited(Exit(None)))

    def _still_there(self) -> None:
        if _is_exiting(self.pid):
            self._set_timer(LOST_WAIT_S, self._still_there)
        else:
            self.watcher.lost(self)

    def _set_timer(self, after_s: float, call: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(after_s, call)

    def _finish(self) -> None:
        """Everything it left on its channels is told, then its end; all descriptors are closed."""
        assert self._how is not None
        if self._timer is not None:
            self._timer.cancel()
        if self._unwatch is not None:
            self._unwatch()
        if self.speaker is not None:
            self.speaker.drain()
        self.read_output()
        self.is_over = True
        if self.speaker is not None:
            self.speaker.close()
        self._loop.remove_reader(self.terminal.master)
        self._loop.remove_writer(self.terminal.master)
        if self.pidfd >= 0:
            self._loop.remove_reader(self.pidfd)
        self.watcher.ended(self, self._how)
        self.terminal.close()
        os.close(self.fault)
        if self.pidfd >= 0:
            os.close(self.pidfd)
        self.on_over(self, self._how)


def spawn(
    argv: Sequence[str],
    environment: Mapping[str, str],
    *,
    terminal: str = "",
    stdin: int | None = None,
    passed: Mapping[int, int],
) -> tuple[int, int]:
    """Start a program in a session of its own; returns (pid, pidfd). The child's signals are the default ones.

    `terminal`: path of the PTY for 0 to 2, which becomes the controlling terminal; "" for /dev/null. `stdin` replaces 0.
    `passed`: number in the child -> our descriptor.

    Raises:
        OSError: it cannot be executed.
    """
    high = {number: fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _HIGH_FD) for number, fd in passed.items()}
    actions: list[tuple[int, int, int] | tuple[int, int, str, int, int]] = [
        (os.POSIX_SPAWN_OPEN, 1, terminal or os.devnull, os.O_RDWR, 0),
        (os.POSIX_SPAWN_DUP2, 1, 2),
        (os.POSIX_SPAWN_DUP2, 1 if stdin is None else stdin, 0),
        *((os.POSIX_SPAWN_DUP2, fd, number) for number, fd in high.items()),
    ]
    try:
        pid = os.posix_spawn(
            argv[0],
            list(argv),
            dict(environment),
            file_actions=actions,
            setsid=True,
            setsigmask=(),
            setsigdef=[number for number in signal.valid_signals() if number not in (signal.SIGKILL, signal.SIGSTOP)],
        )
    finally:
        for fd in high.values():
            os.close(fd)
    return pid, os.pidfd_open(pid)


def _is_exiting(pid: int) -> bool:
    """True if the process is on its way out or gone: flag PF_EXITING, field 9 of /proc/PID/stat."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return True
    return fields[0] in (b"Z", b"X") or bool(int(fields[6]) & PF_EXITING)


def _ignore(_kernel: Kernel) -> None:
    pass


def _ignore_end(_kernel: Kernel, _how: Exit) -> None:
    pass
