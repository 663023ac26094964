"""Ends kernels and all they started, each by a ladder of its own, until nothing is left."""

import asyncio
from collections.abc import Callable
from functools import partial

from synk.host.repls.process import Kernel
from synk.host.runs.cgroups import ControlGroups, Group
from synk.host.runs.ladder import StopLadder
from synk.host.runs.tree import Tree, start_time_of


class KernelEndings:
    """Main loop only. A kernel that is over still has to be ended here: what it left behind goes too."""

    def __init__(self, loop: asyncio.AbstractEventLoop, groups: ControlGroups, *, on_gone: Callable[[], None]) -> None:
        """`on_gone`: nothing is left of some kernel."""
        self._loop = loop
        self._groups = groups
        self._on_gone = on_gone
        self._ladders: dict[int, StopLadder] = {}

    def __bool__(self) -> bool:
        """True while something is being ended."""
        return bool(self._ladders)

    def has(self, number: int) -> bool:
        """This kernel is being ended."""
        return number in self._ladders

    def limit(self, kernel: Kernel, *, memory_bytes: int | None, processes: int | None) -> None:
        """Limit a kernel and all it will start, where there are control groups."""
        group = self._groups.make(f"k{kernel.number}", memory_bytes=memory_bytes, processes=processes)
        if group is not None and group.add(kernel.pid):
            kernel.group = group
        elif group is not None:
            self._groups.let_go(group)

    def end(self, kernel: Kernel, mode: str, *, delay_s: float = 0.0) -> None:
        """Begin the ladder for a kernel and all it started, at `mode`, or go on to it; before `delay_s` it may leave itself."""
        if not kernel.pid:
            kernel.is_doomed = True
            return
        if kernel.number not in self._ladders:
            tree = Tree(kernel.pid, start_time_of(kernel.pid), kernel.mark, group=kernel.group)
            self._ladders[kernel.number] = StopLadder(
                self._loop,
                tree,
                foreground=kernel.terminal.foreground,
                on_empty=partial(self._nothing_left, kernel.number, kernel.group),
            )
        if delay_s and not kernel.is_over:
            self._loop.call_later(delay_s, self._begin, kernel.number, mode)
        else:
            self._begin(kernel.number, mode)

    def _begin(self, number: int, mode: str) -> None:
        ladder = self._ladders.get(number)
        if ladder is not None:
            ladder.begin(mode)

    def _nothing_left(self, number: int, group: Group | None) -> None:
        if group is not None:
            self._groups.let_go(group)
        ladder = self._ladders.pop(number, None)
        if ladder is not None:
            ladder.leave()
        self._on_gone()
