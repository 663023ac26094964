"""The host's only caller of `waitpid`: reaps every child, also those that lost their parent and came to us."""

import asyncio
import logging
import os
import resource
import signal
from collections.abc import Callable

from synk.pty.children import Children

log = logging.getLogger(__name__)

RETRY_S = 0.01
"""Look again this much later when a child ended in the middle of its own fork, before the pool thread wrote it down."""
FORK_LIMIT_S = 1.0
"""A fork that has not reached exec after this long hangs on a lock another thread held: it is killed and tried again."""


class Reaper:
    """Watches SIGCHLD on the loop. `on_exit(pid, status)` gets the raw wait status of each reaped child."""

    def __init__(self, loop: asyncio.AbstractEventLoop, children: Children, on_exit: Callable[[int, int], None]) -> None:
        self._loop = loop
        self._children = children
        self._on_exit = on_exit
        self._watched: dict[int, Callable[[int], None]] = {}
        self._fork_timer: asyncio.TimerHandle | None = None
        self.usage: resource.struct_rusage | None = None
        """CPU time and memory of the child that is just being told of, with all it waited for itself."""
        loop.add_signal_handler(signal.SIGCHLD, self.reap)

    def watch(self, pid: int, on_exit: Callable[[int], None]) -> None:
        """Give the raw wait status of this child to `on_exit`, and not to the reaper's owner.

        For programs the main thread starts: called in the same turn of the loop as the start, so that none can be missed.
        """
        self._watched[pid] = on_exit

    def unwatch(self, pid: int) -> None:
        """Its end was learned in another way: it may be a grandchild that comes to us only if its parent dies first."""
        self._watched.pop(pid, None)

    def reap(self) -> None:
        """Reap all children that have ended.

        A child is looked at before it is reaped: while a fork is going on, an unknown pid may be that very child,
        and its status must wait until the pool thread has registered it. Until then it stays a zombie, so its
        pid cannot be used again.
        """
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if ended is None:
                return
            if self._children.is_forking and ended.si_pid not in self._children:
                self._loop.call_later(RETRY_S, self.reap)
                return
            _pid, status, self.usage = os.wait4(ended.si_pid, 0)
            watcher = self._watched.pop(ended.si_pid, None)
            if watcher is not None:
                watcher(status)
            else:
                self._on_exit(ended.si_pid, status)

    def fork_began(self) -> None:
        """The pool thread forks: give it `FORK_LIMIT_S`."""
        self.fork_ended()
        self._fork_timer = self._loop.call_later(FORK_LIMIT_S, self._kill_stuck_fork)

    def fork_ended(self) -> None:
        """The fork reached exec or failed."""
        if self._fork_timer is not None:
            self._fork_timer.cancel()
            self._fork_timer = None

    def _kill_stuck_fork(self) -> None:
        self._fork_timer = None
        if not self._children.is_forking:
            return
        for pid in self._children.unregistered():
            log.warning("process %d did not reach exec within %s s: killed", pid, FORK_LIMIT_S)
            os.kill(pid, signal.SIGKILL)


def exit_of(status: int) -> tuple[int | None, int | None]:
    """(exit code, None) or (None, signal number) of a raw wait status."""
    if os.WIFSIGNALED(status):
        return None, os.WTERMSIG(status)
    return os.WEXITSTATUS(status), None
