"""The host process from its options to its end: lock, socket, log, loop. One per user and profile, without a terminal."""

import argparse
import asyncio
import contextlib
import ctypes
import fcntl
import logging
import os
import signal
import socket

from synk.base.wire import PROTOCOL
from synk.host.server import HostServer

PR_SET_CHILD_SUBREAPER = 36
LOG_BYTES = 1 << 20
"""The log starts anew above this; the one before is kept as `host.log.old`."""

log = logging.getLogger("synk.host")


def main(argv: list[str] | None = None) -> int:
    """Serve until nothing is left to do; 0 also if another host already serves this profile, 1 if the log says why it failed."""
    options = _parser().parse_args(argv)
    _close_inherited(options.ready_fd)
    _start_log(os.path.join(options.state, "log"))
    try:
        return _run(options)
    except Exception:
        # Nobody sees stderr of this process.
        log.exception("the host failed")
        return 1


def _run(options: argparse.Namespace) -> int:
    lock = os.open(os.path.join(options.runtime, f"host-{PROTOCOL}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        log.info("another host serves this profile")
        return 0
    listener = _listen(options.runtime)
    _become_subreaper()
    # A client that goes away in the middle of a frame must be an error, not the end of the host.
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if options.ready_fd is not None:
        with contextlib.suppress(OSError):
            os.write(options.ready_fd, b"1")
            os.close(options.ready_fd)
            _let_go_of_stderr()
    log.info("host %d started", os.getpid())
    try:
        asyncio.run(_serve(listener, options))
    finally:
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(options.runtime, f"host-{PROTOCOL}.sock"))
    log.info("host %d ended", os.getpid())
    return 0


async def _serve(listener: socket.socket, options: argparse.Namespace) -> None:
    loop = asyncio.get_running_loop()
    server = HostServer(
        loop,
        listener,
        version=options.version,
        resources=options.resources,
        runtime=options.runtime,
        state=options.state,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    await server.done.wait()
    # One more turn of the loop: the last answers are queued, not sent.
    await asyncio.sleep(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="synk host", description="The background process of Synk; started by Synk itself.")
    for name in ("runtime", "state", "resources", "version"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--ready-fd", type=int)
    return parser


def _close_inherited(ready_fd: int | None) -> None:
    """Close what the starter left open: a pipe to `tee`, say, would never end while the host lives."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) != ready_fd:
            with contextlib.suppress(OSError):
                os.close(int(name))


def _let_go_of_stderr() -> None:
    """It goes to memory that the starter reads if we fail to start; after that nobody does."""
    nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _listen(runtime: str) -> socket.socket:
    """The listening socket, mode 0600; a stale one of a dead host is replaced (we hold the lock)."""
    name = f"host-{PROTOCOL}.sock"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(runtime, name))
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    directory = os.open(runtime, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    mask = os.umask(0o177)
    try:
        # Through the descriptor: a socket's path is limited to 107 bytes, a profile's folder is not.
        listener.bind(f"/proc/self/fd/{directory}/{name}")
    finally:
        os.umask(mask)
        os.close(directory)
    listener.listen(64)
    return listener


def _become_subreaper() -> None:
    """Processes that lose their parent come to us, so that they can still be found, ended and reaped (prctl(2))."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _start_log(directory: str) -> None:
    """Log to `host.log`; without a writable directory there is no log, and the host works all the same."""
    path = os.path.join(directory, "host.log")
    handler: logging.Handler = logging.NullHandler()
    with contextlib.suppress(OSError):
        os.makedirs(directory, mode=0o700, exist_ok=True)
        if os.path.exists(path) and os.path.getsize(path) > LOG_BYTES:
            os.replace(path, f"{path}.old")
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        handler = logging.FileHandler(path)
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
