"""How the command of an engine session is interrupted, ended and killed while the shell and its older jobs stay."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable

from synk.host.runs.ladder import GIVE_UP_S, INTERRUPT_S, TERMINATE_S
from synk.host.runs.tree import TICKS_PER_S, Tree, tagged_processes
from synk.pty.processes import program_of, read_process

AGAIN_S = (0.05, 0.25)
"""When it is looked whether an interrupt was lost between two programs."""
KILL_AGAIN_S = 0.025
"""Killed processes take a moment to go, and may have forked meanwhile."""
SHELL_S = 0.5
"""When nothing but the shell is left and the command goes on, it is one of the shell's own that ignores everything."""


class CommandSignals:
    """Of one session; the main loop. `begin` with each command, `over` at its end."""

    def __init__(self, loop: asyncio.AbstractEventLoop, tree: Tree, master: int) -> None:
        self._loop = loop
        self._tree = tree
        self._master = master
        self._shell_group = os.getpgid(tree.pid)
        self._timers: list[asyncio.TimerHandle] = []
        self._began_ticks = 0
        self._older: frozenset[int] = frozenset()
        self._is_running = False
        self._step = ""
        self.is_shell_interrupted = False
        """The last interrupt met the shell itself, in a builtin or a loop: shells do not agree on its status."""

    def begin(self) -> None:
        """A command has been given to the shell: processes that start from here on are its own."""
        self._began_ticks = int(time.clock_gettime(time.CLOCK_BOOTTIME) * TICKS_PER_S)
        # A tick is 10 ms: jobs that the command before left may have started in the same one. Most leave none.
        self._older = frozenset(self._tree.living(tagged_processes()) if _has_children(self._tree.pid) else ())
        self._is_running = True
        self._step = ""
        self.is_shell_interrupted = False

    def over(self) -> None:
        """It has ended: no further step."""
        self._is_running = False
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def interrupt(self) -> None:
        """Ctrl+C: to the foreground group of the terminal.

        A shell that is just starting a program loses the signal: it is between two groups, or the new process still is a
        copy of the shell and takes it for its own. Then whatever is in the foreground a moment later gets it too; a program
        that has it already must not: many end the hard way at the second one.
        """
        group = self._foreground()
        is_lost = group not in (0, self._shell_group) and program_of(group) == program_of(self._tree.pid)
        self.is_shell_interrupted = group == self._shell_group
        if group > 1 and group != os.getpgrp():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGINT)
        for after_s in AGAIN_S:
            self._later(after_s, self._interrupt_again, group, is_lost)
            is_lost = False

    def clear(self, then: Callable[[], None]) -> None:
        """The shell goes on after a command that was ended by force: what else the command started has to go first."""
        is_forced = self._step in ("terminate", "kill")
        until = time.monotonic() + GIVE_UP_S

        def look() -> None:
            if is_forced and self._send(signal.SIGKILL) and time.monotonic() < until:
                self._loop.call_later(KILL_AGAIN_S, look)
            else:
                then()

        self.over()
        look()

    def climb(self, mode: str) -> None:
        """The steps from this one on: SIGINT, SIGTERM, SIGKILL, with the pauses of every ladder."""
        self._step = mode
        if mode == "interrupt":
            self.interrupt()
            self._later(INTERRUPT_S, self.climb, "terminate")
        elif mode == "terminate":
            self._send(signal.SIGTERM, signal.SIGCONT)
            self._later(TERMINATE_S, self.climb, "kill")
        else:
            self.interrupt()
            self._kill()

    def _interrupt_again(self, group: int, is_lost: bool) -> None:
        foreground = self._foreground()
        if foreground and (is_lost or foreground != group):
            self.interrupt()

    def _foreground(self) -> int:
        try:
            return os.tcgetpgrp(self._master)
        except OSError:
            return 0

    def _kill(self) -> None:
        if self._send(signal.SIGKILL):
            self._later(KILL_AGAIN_S, self._kill)
        else:
            self._later(SHELL_S, self._tree.kill)

    def _send(self, *numbers: signal.Signals) -> int:
        """To all that the command started; returns how many there are."""
        count = 0
        for pid in self._tree.living(tagged_processes()):
            process = read_process(pid)
            if process is None or pid == self._tree.pid or pid in self._older or process.start_time < self._began_ticks:
                continue
            count += 1
            for number in numbers:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, number)
        return count

    def _later(self, after_s: float, step: Callable[..., object], *arguments: object) -> None:
        if self._is_running:
            self._timers.append(self._loop.call_later(after_s, step, *arguments))


def _has_children(pid: int) -> bool:
    """True also where the kernel does not tell."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", "rb") as file:
            return bool(file.read(1))
    except OSError:
        return True
