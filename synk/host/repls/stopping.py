"""Stops a cell, not its REPL: an interrupt, the stack of what holds it back, and the ladder that ends the kernel at last."""

import asyncio
import signal
import time
from collections.abc import Callable

from synk.host.repls.cell import Cell, Why
from synk.host.repls.process import Kernel
from synk.host.repls.specs import LanguageSpec

STACK_AFTER_S = 1.0
"""Native code can hold an interrupt back (7.6 s in an SVD): after this the stack is asked for."""
STACK_WRITE_S = 0.1
"""For the kernel to write it."""
TERMINATE_AFTER_S = 2.0
KILL_AFTER_S = 5.0
"""The ladder of section 3, from the interrupt on."""
LEAST_WAIT_S = 0.1
"""Between two looks whether a cell that has waited for input has used up its time."""


class CellStopper:
    """One for each REPL; main loop only. Its timers are the cell's, and go with it."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        spec: LanguageSpec,
        *,
        kernel_of: Callable[[Cell], Kernel | None],
        kill: Callable[[Kernel], None],
    ) -> None:
        """`kernel_of` gives the kernel that runs the cell now, None once it does not; `kill` ends that kernel at once."""
        self._loop = loop
        self._spec = spec
        self._kernel_of = kernel_of
        self._kill_kernel = kill

    def limit(self, cell: Cell, timeout_s: float) -> None:
        """Stop the cell after so long; time in which it waits for input does not count."""
        self._after(timeout_s, self._timed_out, cell, timeout_s)

    def interrupt(self, cell: Cell, why: Why, *, has_ladder: bool = False) -> None:
        """As Ctrl+C; with `has_ladder` SIGTERM and SIGKILL follow if that does not end it."""
        kernel = self._kernel_of(cell)
        if kernel is None:
            return
        if why == "timeout" or not cell.why:
            cell.why = why
        self.press(kernel, cell)
        if self._spec.kind == "python":
            self._after(STACK_AFTER_S, self._ask_for_stack, cell)
        if self._spec.name == "node":
            # A program that node is just starting can lose a signal between fork and exec; code of node never sees one.
            self._after(STACK_AFTER_S, self._press_again, cell)
        if has_ladder:
            self._after(TERMINATE_AFTER_S, self.kill, cell, signal.SIGTERM)
            self._after(KILL_AFTER_S, self.kill, cell, signal.SIGKILL)

    def press(self, kernel: Kernel, cell: Cell) -> None:
        """Tell the kernel, and what the cell has started."""
        kernel.send({"do": "interrupt", "cell": cell.run.id})
        if self._spec.kind != "declared" or self._spec.interrupt == "signal":
            kernel.terminal.interrupt()

    def kill(self, cell: Cell, number: signal.Signals) -> None:
        """End the kernel because of the cell; SIGKILL follows SIGTERM."""
        kernel = self._kernel_of(cell)
        if kernel is None:
            return
        cell.is_killed = True
        if number is signal.SIGKILL:
            self._kill_kernel(kernel)
        else:
            kernel.signal(number)
            kernel.signal(signal.SIGCONT)
            self._after(KILL_AFTER_S - TERMINATE_AFTER_S, self.kill, cell, signal.SIGKILL)

    def _after(self, seconds: float, do: Callable[..., None], cell: Cell, *arguments: object) -> None:
        cell.timers.append(self._loop.call_later(seconds, do, cell, *arguments))

    def _timed_out(self, cell: Cell, timeout_s: float) -> None:
        now = time.monotonic()
        left_s = cell.began + timeout_s + cell.waited_s(now) - now
        if left_s > 0.001:
            # It has waited for input.
            self._after(max(left_s, LEAST_WAIT_S), self._timed_out, cell, timeout_s)
            return
        self.interrupt(cell, "timeout", has_ladder=True)

    def _press_again(self, cell: Cell) -> None:
        kernel = self._kernel_of(cell)
        if kernel is not None:
            self.press(kernel, cell)
            self._after(STACK_AFTER_S, self._press_again, cell)

    def _ask_for_stack(self, cell: Cell) -> None:
        kernel = self._kernel_of(cell)
        if kernel is not None:
            kernel.signal(signal.SIGUSR1)
            self._after(STACK_WRITE_S, self._take_stack, cell)

    def _take_stack(self, cell: Cell) -> None:
        kernel = self._kernel_of(cell)
        if kernel is not None:
            cell.stack = kernel.stack()
            cell.run.extra["stack"] = cell.stack
            cell.run.tell_state()
