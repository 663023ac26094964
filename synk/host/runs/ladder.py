"""Ends one run, gently first: SIGINT to the foreground, SIGTERM to all, SIGKILL until nothing is left."""

import asyncio
import logging
import os
import signal
import time
from collections.abc import Callable

from synk.host.runs.tree import Tree, describe

log = logging.getLogger(__name__)

INTERRUPT_S = 2.0
"""From SIGINT to SIGTERM (07-automation.md, section 3)."""
TERMINATE_S = 3.0
"""From SIGTERM to SIGKILL."""
AGAIN_S = 0.005
"""Killed processes take a moment to go; then it is looked whether all have."""
GIVE_UP_S = 5.0
"""What survives SIGKILL this long is in an uninterruptible sleep, and nobody can end it."""
MODES = ("interrupt", "terminate", "kill")


class StopLadder:
    """The steps of one run; the main loop. It ends with `leave` when the program has ended, or with the last kill."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, tree: Tree, *, foreground: Callable[[], int], on_empty: Callable[[], None]
    ) -> None:
        """`foreground` gives the process group that gets SIGINT, 0 if there is none. `on_empty`: killed, nothing is left."""
        self._loop = loop
        self._tree = tree
        self._foreground = foreground
        self._on_empty = on_empty
        self._timer: asyncio.TimerHandle | None = None
        self._step = -1
        self._kill_began = 0.0

    @property
    def mode(self) -> str:
        """The step that was reached; "" before the first."""
        return MODES[self._step] if self._step >= 0 else ""

    def begin(self, mode: str) -> None:
        """Go to this step, unless a further one was taken already; the next ones follow by themselves."""
        step = MODES.index(mode)
        if step > self._step:
            self._take(step)

    def leave(self) -> None:
        """Take no more steps."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _take(self, step: int) -> None:
        self.leave()
        self._step = step
        if step == 0:
            self._interrupt()
            self._timer = self._loop.call_later(INTERRUPT_S, self._take, 1)
        elif step == 1:
            # A stopped process takes notice only when it goes on.
            self._tree.signal(signal.SIGTERM, signal.SIGCONT)
            self._timer = self._loop.call_later(TERMINATE_S, self._take, 2)
        else:
            self._kill_began = time.monotonic()
            self._kill()

    def _interrupt(self) -> None:
        """As Ctrl+C: to the terminal's foreground group; to all if there is none."""
        group = self._foreground()
        if group > 1 and group != os.getpgrp():
            try:
                os.killpg(group, signal.SIGINT)
            except (ProcessLookupError, PermissionError):
                pass
            else:
                return
        self._tree.signal(signal.SIGINT)

    def _kill(self) -> None:
        self._timer = None
        if not self._tree.kill():
            self._on_empty()
            return
        if time.monotonic() - self._kill_began > GIVE_UP_S:
            left = describe(self._tree.members())
            log.warning("could not be ended: %s", left)
            self._on_empty()
            return
        self._timer = self._loop.call_later(AGAIN_S, self._kill)
