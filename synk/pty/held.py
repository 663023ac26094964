"""A shell or program as the pool thread holds it: fds, gate and start-up output of one terminal."""

import os
from dataclasses import dataclass
from typing import Any, Literal

from synk.pty.gate import Gate, StartupOutput


@dataclass(slots=True, eq=False)
class HeldShell:
    """Everything the pool owns of one process and its terminal. Closed once; the fds are -1 then."""

    number: int
    pid: int
    pidfd: int
    master: int
    tty: str
    modes: list[Any]
    """Of the terminal when it was created; restored before the next shell runs on it."""
    program: str
    """Path of what was started."""
    kind: Literal["pooled", "demand", "cold"]
    created_at: float
    gate: Gate | None = None
    """Until the lease is taken."""
    output: StartupOutput | None = None
    """Until the session starts; None also while a released shell's output is read away."""
    slave: int = -1
    """The other end, held open while no process does."""

    def close_gate(self) -> None:
        """The shell has left the gate, or never will."""
        if self.gate is not None:
            self.gate.close()
            self.gate = None

    def close_slave(self) -> None:
        """A process has the terminal again."""
        if self.slave >= 0:
            os.close(self.slave)
            self.slave = -1

    def hand_over(self) -> tuple[int, int]:
        """Give pidfd and master away; close the rest."""
        self.close_gate()
        self.close_slave()
        fds = self.pidfd, self.master
        self.pidfd = self.master = -1
        return fds

    def close(self) -> None:
        """Close everything that is still open."""
        for fd in self.hand_over():
            if fd >= 0:
                os.close(fd)
