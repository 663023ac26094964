"""Find a profile's host or start one: the only process a window ever starts, with `posix_spawn`, never by forking itself."""

import os
import selectors
import signal
import socket
import sys
import time
from dataclasses import dataclass

from synk.base.errors import HostUnavailable
from synk.base.wire import PROTOCOL

SOCKET_NAME = f"host-{PROTOCOL}.sock"
START_TIMEOUT_S = 10.0
"""From starting a host to its socket; measured 90 ms, a loaded machine takes longer."""
_STDERR, _READY_FD = 2, 3
_ERRORS_READ = 4096
"""Bytes from the end of what a failed host said: more than its last line."""


@dataclass(frozen=True, slots=True)
class HostAddress:
    """Where a profile's host lives and what a new one is told."""

    runtime: str
    state: str
    resources: str
    version: str
    argv: tuple[str, ...]
    """How to start one, without options: the interpreter and `-m synk.host`, or a frozen program and `host`."""


def host_argv() -> tuple[str, ...]:
    """The command that starts a host of this very program.

    `-P`: the folder Synk is started in must not become an import path, or a file `json.py` there would be run.
    """
    if getattr(sys, "frozen", False):
        return (sys.executable, "host")
    return (sys.executable, "-P", "-m", "synk.host")


def synk_argv() -> tuple[str, ...]:
    """The command that starts the command line of this very program, as in a pane that follows a run."""
    return (sys.executable,) if getattr(sys, "frozen", False) else (sys.executable, "-P", "-m", "synk")


def connect(address: HostAddress, *, start: bool = True) -> socket.socket:
    """A connected socket of the profile's host; starts one if there is none and `start` is True.

    Blocks up to `START_TIMEOUT_S`.

    Raises:
        HostUnavailable: no host, and none could be started (names the place of the log), or the directory is not ours.
    """
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        sock = _try_connect(address.runtime)
        if sock is not None:
            return sock
        if not start:
            raise HostUnavailable("No host is running for this profile.")
        if time.monotonic() >= deadline:
            raise HostUnavailable(f"The host did not start within {START_TIMEOUT_S:g} s. Log: {address.state}/log/host.log")
        _start_host(address, deadline)


def _try_connect(runtime: str) -> socket.socket | None:
    try:
        directory = os.open(runtime, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        status = os.fstat(directory)
        if status.st_uid != os.getuid() or status.st_mode & 0o077:
            raise HostUnavailable(f"{runtime} must belong to you and have mode 0700: it does not, so it is not used.")
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            # Through the descriptor: a socket's path is limited to 107 bytes, a profile's folder is not.
            sock.connect(f"/proc/self/fd/{directory}/{SOCKET_NAME}")
        except OSError:
            sock.close()
            return None
        return sock
    finally:
        os.close(directory)


def _start_host(address: HostAddress, deadline: float) -> None:
    """Start a host and wait until it listens, or until it found that another one does.

    Raises:
        HostUnavailable: it could not be started, or it failed.
    """
    ready_read, ready_write = os.pipe2(os.O_CLOEXEC)
    # What it says before it has a log: a missing module, a broken interpreter. Once ready it lets go of it.
    errors = os.memfd_create("synk-host-errors", os.MFD_CLOEXEC)
    argv = [
        *address.argv,
        "--runtime", address.runtime, "--state", address.state, "--resources", address.resources,
        "--version", address.version, "--ready-fd", str(_READY_FD),
    ]  # fmt: skip
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
        (os.POSIX_SPAWN_DUP2, errors, _STDERR),
        (os.POSIX_SPAWN_DUP2, ready_write, _READY_FD),
    ]
    try:
        for fd, wanted in ((ready_write, _READY_FD), (errors, _STDERR)):
            if fd == wanted:
                # dup2 onto itself would keep close-on-exec set.
                os.set_inheritable(fd, True)
        pid = os.posix_spawn(argv[0], argv, dict(os.environ), file_actions=actions, setsid=True, setsigmask=[])
    except OSError as error:
        os.close(ready_read)
        os.close(errors)
        raise HostUnavailable(f"The host could not be started: {argv[0]}: {error.strerror}.") from error
    finally:
        os.close(ready_write)
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(ready_read, selectors.EVENT_READ)
            is_told = bool(selector.select(max(0.0, deadline - time.monotonic())))
        if not is_told:
            os.kill(pid, signal.SIGKILL)
        elif os.read(ready_read, 1) == b"1":
            return
        # It ends: another one holds the lock (then the next connect works), or it failed.
        _, status = os.waitpid(pid, 0)
        if is_told and status != 0:
            said = os.pread(errors, _ERRORS_READ, max(0, os.fstat(errors).st_size - _ERRORS_READ))
            reason = (said.decode(errors="replace").strip().splitlines() or [""])[-1]
            why = f": {reason}." if reason else "."
            raise HostUnavailable(f"The host could not be started{why} Log: {address.state}/log/host.log")
    finally:
        os.close(ready_read)
        os.close(errors)
