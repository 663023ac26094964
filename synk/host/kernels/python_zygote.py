"""The zygote: imports modules once, then only forks kernels and reaps them. It never computes.

After a parent had computed, scikit-learn and polars hung for ever in its children; after imports alone everything
that was tried worked. One thread, no handlers of its own.
"""

from __future__ import annotations

import gc
import os
import select
from typing import Any

from synk.host.kernels import python_child, python_kernel, python_preload, python_threads
from synk.host.kernels.python_channel import Channel, ControlLost


def serve(control: int) -> None:
    """Obey the host until it is gone. Kernels are forked inside this call and never return from it."""
    channel = Channel(control)
    try:
        Zygote(channel).serve()
    except ControlLost:
        os._exit(0)


class Zygote:
    """Answers `prepare` and `fork`; tells `exited` with the raw wait status of every kernel."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._poll = select.poll()
        self._poll.register(channel.fileno(), select.POLLIN)
        self._children: dict[int, tuple[int, int]] = {}
        """pidfd -> (pid, member)."""
        self._pools = python_threads.Pools()
        self._threads = 1

    def serve(self) -> None:
        """The loop."""
        while True:
            for fd, _events in self._poll.poll():
                if fd in self._children:
                    self._reap(fd)
                else:
                    self._obey(self._channel.receive())

    def _obey(self, message: dict[str, Any]) -> None:
        if message["do"] == "prepare":
            answer = python_preload.prepare(message)
            self._pools.find()
            self._pools.set_before_forks()
            if python_threads.count() > answer["threads"]:
                _end_helpers()
            self._threads = answer["threads"] = python_threads.count()
            gc.collect()
            # What exists now is never looked at again by the collectors of the kernels, so its pages stay shared.
            gc.freeze()
            self._channel.send({"is": "ready", **answer})
        elif message["do"] == "fork":
            self._fork(message)

    def _fork(self, message: dict[str, Any]) -> None:
        terminal, control, fault = self._channel.fds[:3]
        del self._channel.fds[:3]
        member = message["member"]
        try:
            if python_threads.count() > 1:
                self._channel.send({"is": "fork_failed", "member": member, "error": "threads"})
                return
            try:
                pid = os.fork()
            except OSError as error:
                self._channel.send({"is": "fork_failed", "member": member, "error": os.strerror(error.errno or 0)})
                return
            if pid == 0:
                self._become_kernel(message, terminal, control, fault)
        finally:
            for fd in (terminal, control, fault):
                os.close(fd)
        pidfd = os.pidfd_open(pid)
        self._children[pidfd] = (pid, member)
        self._poll.register(pidfd, select.POLLIN)
        self._channel.send({"is": "forked", "member": member, "pid": pid}, (pidfd,))

    def _become_kernel(self, message: dict[str, Any], terminal: int, control: int, fault: int) -> None:
        try:
            self._channel.detach()
            control, fault = python_child.enter_terminal(terminal, control, fault)
            python_child.default_signals()
            python_child.set_mark(message["mark"])
            python_kernel.run(Channel(control), fault, self._pools)
        finally:
            os._exit(os.EX_SOFTWARE)

    def _reap(self, pidfd: int) -> None:
        pid, member = self._children.pop(pidfd)
        self._poll.unregister(pidfd)
        _pid, status, usage = os.wait4(pid, 0)
        os.close(pidfd)
        self._channel.send(
            {
                "is": "exited",
                "member": member,
                "status": status,
                "cpu_ms": round((usage.ru_utime + usage.ru_stime) * 1000, 1),
                "peak_rss": usage.ru_maxrss * 1024,
            }
        )


def _end_helpers() -> None:
    """Libraries end the threads they started for computing before a fork; so one fork for nothing."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
