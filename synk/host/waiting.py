"""Whether a program waits for an answer at its terminal: read from the kernel, not guessed from what it printed.

In the terminal's foreground process group some thread stands in a read, poll, select or epoll on that terminal and no
thread runs (/proc/PID/task/TID/syscall, proc_pid_syscall(5)); seen twice, a moment apart, after some silence. What the
terminal's modes say then tells what kind of answer it is. A program that printed a question and sleeps is not fooled by.
"""

import asyncio
import contextlib
import fcntl
import os
import platform
import re
import struct
import termios
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from synk.host.runs.reading import ScreenModes
from synk.host.runs.run import Waiting
from synk.pty.processes import name_of
from synk.pty.spawn import TIOCGPTN

SILENCE_S = 0.15
"""Nobody waits for an answer while he prints."""
SURE_S = 0.1
"""From the first sight to the second, which makes it certain."""
SLOWEST_S = 1.0
"""A probe takes 2 ms: while nothing waits, it comes less and less often, down to this."""
GUESS_SILENCE_S = 1.0
"""Where the kernel does not let us look: so long nothing was printed behind what looks like a question."""
PROMPT_BYTES = 500

_MACHINES = {
    "x86_64": {"read": (0, 19), "poll": (7, 271), "select": (23, 270), "epoll": (232, 281, 441)},
    "aarch64": {"read": (63, 65), "poll": (73,), "select": (72,), "epoll": (22, 441)},
}
"""Numbers of read and readv, poll and ppoll, select and pselect6, epoll_wait, epoll_pwait and epoll_pwait2."""
_FAR = frozenset(
    (
        "ssh", "mosh-client", "telnet", "docker", "podman", "kubectl", "tmux: client", "tmux", "screen", "script", "machinectl",
        "lxc",
    )
)  # fmt: skip
"""Programs that always poll their terminal on behalf of one we cannot see."""
_QUESTION = re.compile(
    r"(\[[yn]/[yn]\]|\([^)]*[yn]/[^)]*n?\)|(password|passphrase|username|login)[^\n]{0,80}:|[:?>#$%])\s*$", re.IGNORECASE
)
_LINE_PROMPT = re.compile(r"(>>>|\.\.\.|[>$#%:?])\s*$")
_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[PX^_].*?\x1b\\|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]|[\x00-\x08\x0e-\x1f]"
)
"""OSC and other strings, CSI sequences, short sequences, control characters that move nothing."""
_DEV_TTY = os.makedev(5, 0)
_MAX_POLLED = 1024


class WatchedTerminal(Protocol):
    """A terminal whose programs may come to wait."""

    @property
    def master(self) -> int:
        """Its master; -1 if there is none any more."""

    @property
    def modes(self) -> ScreenModes:
        """What was switched on in it."""

    @property
    def last_output(self) -> float:
        """When something was printed last, in `time.monotonic` seconds."""

    @property
    def answered_at(self) -> float:
        """When input was sent last."""

    def last_text(self) -> bytes:
        """The end of what was printed."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """A process that stands in a read or poll of the terminal."""

    pid: int
    program: str
    is_reading: bool
    """A plain read, which cannot be on behalf of something else."""
    is_known: bool = True
    """False where the kernel did not let us look, and nothing was seen that speaks against it."""


class InputWatch:
    """Looks at one terminal while somebody wants to know; the main loop. `close` ends it."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, terminal: WatchedTerminal, *, on_change: Callable[[Waiting | None], None]
    ) -> None:
        """`on_change` gets what it waits for, or None when it goes on."""
        self._loop = loop
        self._terminal = terminal
        self._on_change = on_change
        self._seen: tuple[Blocked, float] | None = None
        self._told: Waiting | None = None
        self._pause_s = SILENCE_S
        self._timer: asyncio.TimerHandle | None = loop.call_later(SILENCE_S, self._look)

    def close(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self._terminal.master < 0:
            return
        now = time.monotonic()
        changed_at = max(self._terminal.last_output, self._terminal.answered_at)
        silent_s = now - changed_at
        if silent_s < SILENCE_S:
            self._seen, self._pause_s = None, SILENCE_S
            self._tell(None)
            self._again(SILENCE_S - silent_s + 0.001)
            return
        found = probe(self._terminal.master)
        if found is None:
            self._seen = None
            self._tell(None)
            self._again(self._pause_s)
            self._pause_s = min(SLOWEST_S, self._pause_s * 1.5)
            return
        if self._seen is None or self._seen[0].pid != found.pid or self._seen[1] < changed_at:
            self._seen = (found, now)
            self._again(SURE_S)
            return
        self._tell(self._describe(found, silent_s))
        self._again(SILENCE_S)

    def _again(self, after_s: float) -> None:
        self._timer = self._loop.call_later(after_s, self._look)

    def _tell(self, waiting: Waiting | None) -> None:
        if waiting != self._told:
            self._told = waiting
            self._on_change(waiting)

    def _describe(self, blocked: Blocked, silent_s: float) -> Waiting | None:
        return describe(self._terminal, blocked, silent_s)


def look_once(terminal: WatchedTerminal) -> Waiting | None:
    """What it seems to wait for at this moment, from one look (for a limit that is about to end it)."""
    if terminal.master < 0:
        return None
    blocked = probe(terminal.master)
    silent_s = time.monotonic() - max(terminal.last_output, terminal.answered_at)
    return None if blocked is None else describe(terminal, blocked, silent_s)


def describe(terminal: WatchedTerminal, blocked: Blocked, silent_s: float) -> Waiting | None:
    """The kind of answer, by the terminal's modes; None if it is only a guess and nothing looks like a question."""
    prompt = last_line(terminal.last_text())
    is_canonical, is_echoed = _modes(terminal.master)
    is_far = blocked.program in _FAR and not blocked.is_reading
    is_sure = blocked.is_known and not is_far
    if not is_sure:
        is_question = bool(_QUESTION.search(prompt)) or (is_canonical and not is_echoed)
        if silent_s < GUESS_SILENCE_S or not (is_question or terminal.modes.is_alternate):
            return None
    confidence = "high" if is_sure else "low"
    modes = terminal.modes
    if modes.is_alternate or (modes.is_painting and not is_canonical and not modes.is_bracketed_paste):
        return Waiting("fullscreen", "", blocked.program, confidence)  # type: ignore[arg-type]
    if is_canonical:
        return Waiting("line" if is_echoed else "password", prompt, blocked.program, confidence)  # type: ignore[arg-type]
    is_line = modes.is_bracketed_paste or (not is_echoed and bool(_LINE_PROMPT.search(prompt)))
    return Waiting("line" if is_line else "key", prompt, blocked.program, confidence)  # type: ignore[arg-type]


def last_line(output: bytes) -> str:
    """The incomplete line at the end of output, as it would be read: without escape sequences, what was drawn over is gone."""
    text = output[-4 * PROMPT_BYTES :].decode("utf-8", "replace")
    text = _ESCAPES.sub("", text.rpartition("\n")[2])
    parts = [part for part in text.split("\r") if part.strip()]
    return parts[-1][-PROMPT_BYTES:] if parts else ""


def probe(master: int) -> Blocked | None:
    """Who stands waiting at the terminal, if anybody does and nobody of its foreground works; about 2 ms."""
    try:
        group = os.tcgetpgrp(master)
        device = _device_of(master)
    except OSError:
        return None
    found: Blocked | None = None
    for pid, state in _group(group):
        if state in "TtZX":
            continue
        blocked = _look_at(pid, device)
        if blocked is _BUSY:
            return None
        if blocked is not None and (found is None or (blocked.is_known and not found.is_known)):
            found = blocked
    return found


_BUSY = Blocked(0, "", is_reading=False)
_NUMBERS = {number: kind for kind, numbers in _MACHINES.get(platform.machine(), {}).items() for number in numbers}


def _device_of(master: int) -> int:
    """Device number of the other end: /dev/pts/N has major 136 and up, 256 minors each."""
    number: int = struct.unpack("I", fcntl.ioctl(master, TIOCGPTN, bytes(4)))[0]
    return os.makedev(136 + number // 256, number % 256)


def _group(group: int) -> Iterator[tuple[int, str]]:
    """Pids and states of the processes of a process group."""
    if group <= 0:
        return
    wanted = str(group).encode()
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                data = _read(f"/proc/{name}/stat")
                fields = data[data.rfind(b")") + 2 :].split(maxsplit=3)
                if fields[2] == wanted:
                    yield int(name), fields[0].decode()


def _look_at(pid: int, device: int) -> Blocked | None:
    """`_BUSY` if one of its threads runs; who waits at the terminal; None if it waits for something else."""
    found: Blocked | None = None
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return None
    for thread in threads:
        try:
            words = _read(f"/proc/{pid}/task/{thread}/syscall").split()
        except PermissionError:
            return _look_from_afar(pid)
        except OSError:
            continue
        if not words or words[0] == b"running":
            return _BUSY
        kind = _NUMBERS.get(int(words[0])) if words[0] != b"-1" else None
        if kind is None or found is not None:
            continue
        with contextlib.suppress(OSError, ValueError, struct.error):
            arguments = [int(word, 16) for word in words[1:7]]
            if any(_is_terminal(pid, fd, device) for fd in _descriptors(pid, kind, arguments)):
                found = Blocked(pid, name_of(pid), is_reading=kind == "read")
    return found


def _look_from_afar(pid: int) -> Blocked | None:
    """We may not look into it (another user's, or ptrace_scope 2): only whether it sleeps."""
    try:
        data = _read(f"/proc/{pid}/stat")
    except OSError:
        return None
    state = data[data.rfind(b")") + 2 :][:1]
    if state == b"R":
        return _BUSY
    return Blocked(pid, name_of(pid), is_reading=False, is_known=False) if state == b"S" else None


def _descriptors(pid: int, kind: str, arguments: list[int]) -> Iterable[int]:
    """The descriptors a system call waits for input on."""
    if kind == "read":
        return (arguments[0],)
    if kind == "epoll":
        return _epoll(pid, arguments[0])
    if kind == "poll":
        count = min(arguments[1], _MAX_POLLED)
        # struct pollfd: int fd, short events, short revents; POLLIN is 1.
        entries = struct.iter_unpack("ihh", _memory(pid, arguments[0], count * 8))
        return [fd for fd, events, _ in entries if fd >= 0 and events & 1]
    if not arguments[1]:
        return ()
    bits = _memory(pid, arguments[1], (min(arguments[0], _MAX_POLLED) + 7) // 8)
    return [fd for fd in range(len(bits) * 8) if bits[fd // 8] >> fd % 8 & 1 and fd < arguments[0]]


def _epoll(pid: int, epoll: int) -> list[int]:
    """What an epoll instance watches for input: lines `tfd: N events: X ...` of its fdinfo."""
    found = []
    for line in _read(f"/proc/{pid}/fdinfo/{epoll}").splitlines():
        words = line.split()
        if words[:1] == [b"tfd:"] and int(words[3], 16) & 1:
            found.append(int(words[1]))
    return found


def _is_terminal(pid: int, fd: int, device: int) -> bool:
    """True if it is open on this terminal, by name or as the controlling one of a process that is in its foreground."""
    try:
        return os.stat(f"/proc/{pid}/fd/{fd}").st_rdev in (device, _DEV_TTY)
    except OSError:
        return False


def _memory(pid: int, address: int, count: int) -> bytes:
    fd = os.open(f"/proc/{pid}/mem", os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.pread(fd, count, address)
    finally:
        os.close(fd)


def _modes(master: int) -> tuple[bool, bool]:
    """(line by line, echoed)."""
    try:
        flags = termios.tcgetattr(master)[3]
    except termios.error:
        return True, True
    return bool(flags & termios.ICANON), bool(flags & termios.ECHO)


def _read(path: str) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(fd, 65536)
    finally:
        os.close(fd)
