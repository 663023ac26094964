"""A zygote as the host sees it: a process that imports modules and forks kernels for us."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence

from synk.base.wire import Message
from synk.host.repls.link import KernelLink
from synk.host.repls.process import CONTROL_FD, Exit, Kernel, spawn

log = logging.getLogger(__name__)

STDERR_SHOWN = 2000
"""Characters of what a zygote printed before it died."""


class ZygoteProcess:
    """Started with `start`; `on_ready(answer)` when it has imported, `on_ended(text)` once, at last."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        on_ready: Callable[[Message], None],
        on_unfit: Callable[[], None],
        on_ended: Callable[[str], None],
        watch: Callable[[int, Callable[[int], None]], Callable[[], None]],
    ) -> None:
        """`watch(pid, on_exit)`: tells the raw status of a child of the host; returns what ends the watching."""
        self._loop = loop
        self._on_ready = on_ready
        self._on_unfit = on_unfit
        self._on_ended = on_ended
        self._watch = watch
        self._link: KernelLink | None = None
        self._kernels: dict[int, Kernel] = {}
        self._forking: dict[int, Callable[[int, str], None]] = {}
        self._errors = -1
        self.pid = 0
        self.is_over = False

    def start(self, argv: Sequence[str], environment: Mapping[str, str], request: Message) -> None:
        """Start it and let it import what `request` says (python_preload.py).

        Raises:
            OSError: the interpreter cannot be executed.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        self._errors = os.memfd_create("synk-zygote", os.MFD_CLOEXEC)
        try:
            with theirs:
                passed = {CONTROL_FD: theirs.fileno(), 2: self._errors}
                self.pid, pidfd = spawn([*argv, "zygote", str(CONTROL_FD)], environment, passed=passed)
        except OSError:
            ours.close()
            os.close(self._errors)
            raise
        os.close(pidfd)
        self._watch(self.pid, self._exited)
        fd = ours.detach()
        self._link = KernelLink(self._loop, fd, fd, on_message=self._said, on_lost=self._lost)
        self._link.send(request)

    def fork(self, kernel: Kernel, control: int, on_failed: Callable[[int, str], None]) -> None:
        """Fork the process of `kernel`, with `control` as its end of the channel (ours to close afterwards)."""
        if self._link is None or not self._link.is_open:
            self._loop.call_soon(on_failed, kernel.number, "the zygote has ended")
            return
        self._kernels[kernel.number] = kernel
        self._forking[kernel.number] = on_failed
        self._link.send(
            {"do": "fork", "member": kernel.number, "mark": kernel.mark}, (kernel.terminal.slave, control, kernel.fault)
        )

    def end(self) -> None:
        """End it at once: it holds nothing that would be lost."""
        if not self.is_over and self.pid:
            os.kill(self.pid, signal.SIGKILL)

    def _said(self, message: Message, fds: list[int]) -> None:
        what = message.get("is")
        number = int(message.get("member", 0))
        if what == "ready":
            self._on_ready(message)
        elif what == "forked" and fds:
            self._forked(number, int(message["pid"]), fds.pop(0))
        elif what == "fork_failed":
            self._kernels.pop(number, None)
            self._forking.pop(number)(number, str(message.get("error")))
            if message.get("error") == "threads":
                self._on_unfit()
        elif what == "exited":
            kernel = self._kernels.pop(number, None)
            if kernel is not None:
                kernel.exited(Exit(int(message["status"]), round(message["cpu_ms"]), int(message["peak_rss"])))
        for fd in fds:
            os.close(fd)

    def _forked(self, number: int, pid: int, pidfd: int) -> None:
        self._forking.pop(number, None)
        kernel = self._kernels.get(number)
        if kernel is None:
            os.close(pidfd)
            return
        # If the zygote dies first, its kernels become children of the host, and the reaper knows their status.
        kernel.started(pid, pidfd, unwatch=self._watch(pid, lambda status: kernel.exited(Exit(status))))

    def _lost(self) -> None:
        log.debug("zygote %d closed its channel", self.pid)

    def _exited(self, status: int) -> None:
        self.is_over = True
        if self._link is not None:
            self._link.drain()
            self._link.close()
        size = os.fstat(self._errors).st_size
        printed = os.pread(self._errors, 1 << 16, max(0, size - (1 << 16))).decode(errors="replace").strip()
        os.close(self._errors)
        failing, self._forking = self._forking, {}
        for number, on_failed in failing.items():
            self._kernels.pop(number, None)
            on_failed(number, "the zygote has ended")
        how = Exit(status)
        self._on_ended(f"The interpreter ended while it started ({how.signal or how.code}). {printed[-STDERR_SHOWN:]}".strip())
