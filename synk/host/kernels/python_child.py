"""What a process does to become a kernel of its own: after the fork of a zygote, and when it gets its owner."""

from __future__ import annotations

import contextlib
import faulthandler
import fcntl
import gc
import io
import os
import signal
import sys
import termios
import time
from typing import Any

from synk.host.kernels.python_cells import Cells

CONTROL_FD = 100
FAULT_FD = 101
"""High numbers, so that programs which count on low ones being free, or close those they know, do not meet ours."""
MARK = "SYNK_HOST"
MARK_ROOM = 64
"""Bytes the host reserves for the mark at the start of a zygote's environment."""


def enter_terminal(terminal: int, control: int, fault: int) -> tuple[int, int]:
    """In the child of a fork: a new session on the PTY, only fds 0 to 2 and ours; returns (control, fault)."""
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(terminal, fd)
    control, fault = move_up(control, CONTROL_FD), move_up(fault, FAULT_FD)
    for name in os.listdir("/proc/self/fd"):
        fd = int(name)
        if fd > 2 and fd not in (control, fault):
            with contextlib.suppress(OSError):  # that of the listing itself
                os.close(fd)
    return control, fault


def move_up(fd: int, lowest: int) -> int:
    """The descriptor under a number of at least `lowest`, close-on-exec; at a low limit of open files it stays where it is."""
    try:
        moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, lowest)
    except OSError:
        os.set_inheritable(fd, False)
        return fd
    os.close(fd)
    return moved


def default_signals() -> None:
    """As in a new interpreter; SIGINT is the kernel's business."""
    for number in signal.valid_signals():
        if number in (signal.SIGINT, signal.SIGKILL, signal.SIGSTOP, signal.SIGPIPE, getattr(signal, "SIGXFSZ", None)):
            continue
        with contextlib.suppress(OSError, ValueError):
            if signal.getsignal(number) not in (signal.SIG_DFL, None):
                signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def fresh_stdio(reading: Any) -> None:
    """New objects for standard input, output and error; `reading` is the class of the raw input."""
    encoding, errors = sys.__stdout__.encoding if sys.__stdout__ else "utf-8", "strict"
    raw = reading(0, "rb", closefd=False)
    streams: list[tuple[str, Any, str]] = [
        ("stdin", io.TextIOWrapper(io.BufferedReader(raw), encoding=encoding, errors=errors, line_buffering=True), "r")
    ]
    for name, fd, on_error in (("stdout", 1, errors), ("stderr", 2, "backslashreplace")):
        writer = io.BufferedWriter(io.FileIO(fd, "wb", closefd=False))
        streams.append((name, io.TextIOWrapper(writer, encoding=encoding, errors=on_error, line_buffering=True), "w"))
    for name, stream, mode in streams:
        stream.mode = mode
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def reseed() -> None:
    """Random generators start anew: else all forks of one zygote draw the same numbers."""
    if "random" in sys.modules:
        sys.modules["random"].seed()
    random = sys.modules.get("numpy.random")
    if random is not None:
        random.seed()


def become_main(cells: Cells) -> None:
    """`__main__`, `sys.path` and `sys.argv` as in an interactive interpreter."""
    sys.modules["__main__"] = cells.main
    sys.argv[:] = [""]
    if "" not in sys.path:
        sys.path.insert(0, "")
    gc.enable()


def watch_faults(fault: int) -> None:
    """Stacks go to the host's own file: of all threads on SIGUSR1, and of a crash."""
    faulthandler.enable(file=fault)
    faulthandler.register(signal.SIGUSR1, file=fault, all_threads=True, chain=False)


def set_mark(mark: str) -> None:
    """Write our mark over the zygote's where the kernel keeps the start environment (/proc/PID/environ, proc(5)).

    The host put it first and left room. Who we are is then known also to those who find an orphan of ours that never
    ran another program. Where /proc forbids it the mark stays the zygote's; the host part is the same.
    """
    os.environ[MARK] = mark
    text = f"{MARK}={mark}".encode() + b"\0"
    try:
        with open("/proc/self/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        start, end = int(fields[47]), int(fields[48])
        with open("/proc/self/mem", "r+b", buffering=0) as memory:
            memory.seek(start)
            here = memory.read(min(MARK_ROOM, end - start))
            if here.startswith(MARK.encode() + b"=") and len(text) <= len(here):
                memory.seek(start)
                memory.write(text.ljust(here.index(b"\0") + 1, b"\0"))
    except (OSError, ValueError, IndexError):
        return


def take_over(claim: dict[str, Any]) -> str:
    """Directory and environment of the owner; returns why that failed, "" if it did not."""
    environment = claim.get("environment")
    if environment is not None:
        os.environ.clear()
        os.environ.update(environment)
        os.environ.setdefault("MPLBACKEND", "Agg")
        time.tzset()
    folder = claim.get("cwd")
    if folder:
        try:
            os.chdir(folder)
        except OSError as error:
            return f"Cannot enter {folder}: {error.strerror}"
    return ""
