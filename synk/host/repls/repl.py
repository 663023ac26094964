"""A REPL: one id for its owner, whichever kernel is behind it. Runs cells one after the other, and starts again if asked to."""

import asyncio
import functools
import logging
import math
import os
import signal
import time
from collections.abc import Callable

from synk.base.errors import NotAllowed, SynkError, UsageError
from synk.base.wire import Message
from synk.host.authority import Authority
from synk.host.repls import memory
from synk.host.repls.cell import Cell, CellTerminal
from synk.host.repls.health import CHECK, HealthCheck
from synk.host.repls.limits import set_limits
from synk.host.repls.outcomes import Outcome, in_words, of_answer, of_death
from synk.host.repls.pooling import KernelPool
from synk.host.repls.process import Exit, Kernel
from synk.host.repls.recipes import Recipe
from synk.host.repls.restarts import Restarts
from synk.host.repls.stopping import CellStopper
from synk.host.repls.wishes import ReplOptions
from synk.host.runs.run import Waiting
from synk.host.runs.tree import TICKS_PER_S, Tree, start_time_of, tagged_processes
from synk.host.waiting import InputWatch

log = logging.getLogger(__name__)

MEMORY_LIMIT_SHARE = 0.5
"""Of the machine's memory, unless the caller sets another limit."""
LEAVE_LIMIT_S = 5.0
"""For an interpreter that its code has ended."""
INPUT_TIMEOUT_S = 600.0
"""How long a cell may wait for input."""
COMPLETE_LIMIT_S = 3.0
"""For names at a prompt: a property may compute for long, and who pressed Tab looks at it."""
BETWEEN_BYTES = 4096
"""Kept of what is printed between two cells."""


class Repl:
    """Also the watcher of its kernel and the control of its cells. Main loop only."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        pool: KernelPool,
        recipe: Recipe,
        options: ReplOptions,
        *,
        owner: str,
        authority: Authority,
        on_changed: Callable[["Repl"], None],
    ) -> None:
        self._loop = loop
        self._pool = pool
        self.recipe = recipe
        self.options = options
        self.owner = owner
        self._authority = authority
        self._on_changed = on_changed
        self.id = ""
        """`k4`, once it has its first kernel."""
        self.kernel: Kernel | None = None
        self.cell: Cell | None = None
        self.state = "starting"
        """starting, idle, busy, awaiting_input, restarting, failed (no more restarts), dead."""
        self.last_end = ""
        """How the last kernel ended, for people to read."""
        self.cells = 0
        self.created_at = self.used_at = time.monotonic()
        self.is_warm = False
        """Its kernel had been waiting."""
        self.is_warned = False
        self.is_stalled = False
        """Busy without using CPU or reading and writing since the last look."""
        self._notes: tuple[str, ...] = ()
        self._restarts = Restarts()
        self._is_state_lost = False
        self._is_stopping = False
        self._between = b""
        self._oom_kills = 0
        self._last_use: tuple[int, int] = (0, 0)
        self._is_too_big = False
        self._ask: int | None = None
        self._completing: dict[int, Callable[[list[str]], None]] = {}
        self._last_ask = 0
        self._on_ready: Callable[[SynkError | None], None] | None = None
        self._retry: asyncio.TimerHandle | None = None
        self._stopper = CellStopper(
            loop,
            recipe.spec,
            kernel_of=lambda cell: self.kernel if cell is self.cell else None,
            kill=lambda kernel: pool.kill(kernel, "stopped"),
        )
        self._health = HealthCheck(loop, options.health_check, on_ill=self._unhealthy)
        self.on_stopped: list[Callable[[], None]] = []

    @property
    def is_alive(self) -> bool:
        """False once it has ended for good."""
        return self.state not in ("dead", "failed")

    def start(self, on_ready: Callable[[SynkError | None], None]) -> None:
        """Get a kernel; `on_ready` is called when it can run cells, or with the error."""
        self._on_ready = on_ready
        self._ask = self._pool.claim(self.recipe, self._given, self._not_given)

    def check_free(self) -> None:
        """Raises:
            NotAllowed: no cell can be run now; the text says why.
        """
        if self.cell is not None:
            raise NotAllowed(f"REPL {self.id} is busy with {self.cell.run.id}")
        if self.state == "failed":
            raise NotAllowed(f"REPL {self.id} died five times within a minute, at last of {self.last_end}. Start another.")
        if self.state == "dead":
            raise NotAllowed(f"REPL {self.id} has ended: {self.last_end}. Start another one.")
        if self._retry is not None:
            wait = f"next try in {math.ceil(self.restart_in_s())} s"
            raise NotAllowed(f"REPL {self.id} is restarting too often (at last because of {self.last_end}): {wait}.")
        if self.state != "idle":
            raise NotAllowed(f"REPL {self.id} is {self.state}. Try again in a moment.")

    def restart_in_s(self) -> float:
        """Seconds until it is started again; 0.0 if nothing has to be waited for."""
        return max(0.0, self._retry.when() - self._loop.time()) if self._retry is not None else 0.0

    def take_notes(self) -> tuple[str, ...]:
        """What whoever started it should know, once: modules it was to have and has not."""
        notes, self._notes = self._notes, ()
        return notes

    def run(self, cell: Cell) -> None:
        """Run a cell.

        Raises:
            NotAllowed: one runs, or the REPL is not there any more.
        """
        self.check_free()
        self._health.end()
        self.cell = cell
        self.cells += 1
        cell.run.control = self
        cell.began = time.monotonic()
        assert self.kernel is not None
        cell.terminal = CellTerminal(self.kernel.terminal, cell.run)
        cell.run.on_watched = functools.partial(self._watch_input, cell)
        if cell.run.watchers:
            self._watch_input(cell, True)
        cell.run.pid = self.kernel.pid
        cell.run.state_lost, self._is_state_lost = self._is_state_lost, False
        if notes := self.take_notes():
            cell.run.extra["notes"] = notes
        timeout_s = cell.timeout_s if cell.timeout_s is not None else self.options.command_timeout_s
        if timeout_s is not None and cell.on_timeout != "background":
            self._stopper.limit(cell, timeout_s)
        self._set_state("busy")
        self.kernel.send(self._exec_message(cell.run.id, cell.code, cell.wants, cell.run.folder, cell.max_rows))

    def interrupt(self) -> bool:
        """KeyboardInterrupt for the cell that runs; False if none does."""
        if self.cell is None:
            return False
        self._stopper.interrupt(self.cell, "interrupt")
        return True

    def complete(self, text: str, on_names: Callable[[list[str]], None]) -> None:
        """What `text` can become at the prompt; empty while a cell runs, and for languages whose kernel cannot tell."""
        if self.kernel is None or self.state != "idle" or self.recipe.spec.kind not in ("python", "kernel"):
            on_names([])
            return
        self._last_ask += 1
        ask = self._last_ask
        self._completing[ask] = on_names
        self._loop.call_later(COMPLETE_LIMIT_S, self._completed, ask, [])
        self.kernel.send({"do": "complete", "ask": ask, "text": text})

    def _completed(self, ask: int, names: list[str]) -> None:
        on_names = self._completing.pop(ask, None)
        if on_names is not None:
            on_names(names)

    def send_input(self, data: bytes, *, eof: bool) -> str:
        """For the cell that runs; without one, for the next that reads. Returns a note for the caller."""
        is_read_as_code = self.recipe.spec.kind == "declared"
        if self.kernel is None or (self.cell is None and (is_read_as_code or eof)):
            raise NotAllowed(f"REPL {self.id} runs no cell that could read this.")
        if self.cell is None:
            self.kernel.type(data)
            return "No cell runs in this REPL; it was sent, and the next one that reads its input gets it."
        if self.recipe.spec.kind == "declared" and self.recipe.spec.stdin == "pipe":
            self.kernel.send({"do": "input", "text": data.decode(errors="surrogateescape")})
        else:
            # The first Ctrl+D behind an unfinished line only hands the line over.
            ending = b"" if not eof else b"\x04" if not data or data.endswith(b"\n") else b"\x04\x04"
            self.kernel.type(data + ending)
        waited = self.cell.run.waiting is not None
        if self.cell.terminal is not None:
            self.cell.terminal.answered_at = time.monotonic()
        self.cell.has_asked = False
        self._set_waiting(self.cell, None)
        return "" if waited else "nothing waited for it"

    def stop(self, mode: str) -> None:
        """As the control of a cell's run: the ladder of section 3."""
        cell = self.cell
        if cell is None:
            return
        if mode == "interrupt":
            self._stopper.interrupt(cell, "stop", has_ladder=True)
        else:
            cell.why = cell.why or "stop"
            self._stopper.kill(cell, signal.SIGTERM if mode == "terminate" else signal.SIGKILL)

    def resize(self, *, cols: int, rows: int) -> None:
        """Of its terminal."""
        if self.kernel is not None:
            self.kernel.terminal.resize(cols=cols, rows=rows)

    def end(self, reason: str) -> None:
        """Stop the REPL for good; `on_stopped` follows when its kernel has ended."""
        self._is_stopping = True
        self.last_end = self.last_end or reason
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        if self._ask is not None:
            self._pool.cancel(self._ask)
            self._ask = None
        if self.kernel is None:
            self._set_state("dead")
            on_ready, self._on_ready = self._on_ready, None
            if on_ready is not None:
                on_ready(SynkError(f"The REPL was ended while it started ({self.last_end})."))
            self._tell_stopped()
            return
        if self.cell is not None:
            self.cell.why = self.cell.why or "stop"
            self.cell.is_killed = True
        self._pool.release(self.kernel, reason, gently=self.cell is None)

    def reset(self, on_ready: Callable[[SynkError | None], None]) -> None:
        """A new kernel under the same id: nothing of the old one is left.

        Raises:
            NotAllowed: a cell runs, or it is just being started.
        """
        if self.is_alive:
            self.check_free()
        self._health.end()
        self._is_stopping = False
        old, self.kernel = self.kernel, None
        if old is not None:
            old.watcher = _Nobody()
            self._authority.forget(old.mark)
            self._pool.release(old, "reset")
        self._set_state("starting")
        self.start(on_ready)

    def watch_over(self) -> None:
        """Every second while a cell runs: memory of all its processes, and whether it makes progress."""
        kernel, cell = self.kernel, self.cell
        if kernel is None or cell is None or not kernel.pid:
            return
        tree = Tree(kernel.pid, start_time_of(kernel.pid), kernel.mark)
        sample = tree.sample(tagged_processes())
        if cell.is_waiting_for(time.monotonic()) > INPUT_TIMEOUT_S:
            self._stopper.interrupt(cell, "timeout", has_ladder=True)
        use = (sample.cpu_ticks, sample.io_bytes)
        self.is_stalled, self._last_use = use == self._last_use, use
        cell.run.peak_rss = max(cell.run.peak_rss, sample.rss_bytes)
        limit = self._memory_limit()
        is_watched = kernel.group is None and (len(sample.pids) > 1 or self.recipe.spec.kind != "python")
        if limit and is_watched and sample.rss_bytes > limit:
            # A Python alone meets RLIMIT_DATA and gets a MemoryError; others, and many together, are only seen here.
            self._is_too_big = True
            log.warning("REPL %s uses %d MiB, more than its limit: killed", self.id, sample.rss_bytes >> 20)
            self._stopper.kill(cell, signal.SIGKILL)
        limit_s = self.options.limits.cpu_s
        if limit_s is not None and sample.cpu_ticks / TICKS_PER_S > limit_s + 1:
            self._stopper.kill(cell, signal.SIGKILL)

    def check_health(self) -> None:
        """Now and then while it is idle: a ping, or the caller's own check."""
        if self.state != "idle" or self.kernel is None:
            return
        self._health.begin(self.kernel)

    def describe(self, now: float) -> Message:
        """A row for lists."""
        kernel = self.kernel
        return {
            "repl": self.id,
            "language": self.recipe.spec.name,
            "name": self.options.name,
            "state": self.state,
            "pid": kernel.pid if kernel is not None else None,
            "owner": self.owner,
            "interpreter": self.recipe.program,
            "age_s": round(now - self.created_at, 1),
            "idle_s": round(now - self.used_at, 1) if self.cell is None else 0.0,
            "memory_bytes": memory.share_of(kernel.pid) if kernel is not None else 0,
            "cells": self.cells,
            "run": self.cell.run.id if self.cell is not None else None,
            "health": "stalled" if self.is_stalled and self.cell is not None else "ok" if self.is_alive else "ended",
            "last_end": self.last_end,
        }

    # The watcher of its kernel.

    def said(self, kernel: Kernel, message: Message) -> None:
        """Every answer carries the id of its cell; one of another cell is dropped."""
        what, cell = message.get("is"), self.cell
        kernel.is_asked = False
        if what == "claimed":
            self._claimed(str(message.get("error") or ""))
        elif what == "completions":
            self._completed(int(message["ask"]), [str(name) for name in message["names"]])
        elif what == "done" and message.get("cell") == CHECK:
            if self._health.answered(message):
                self._between = b""
        elif cell is None or message.get("cell") != cell.run.id:
            if what not in ("pong", "started"):
                log.warning("REPL %s: %s for cell %s was dropped", self.id, what, message.get("cell"))
        elif what == "done":
            self._done(cell, message)
        elif what == "started":
            # An interrupt that came before the kernel had read the cell meant no cell there.
            if cell.why:
                self._stopper.press(kernel, cell)
        elif what == "leaving":
            cell.is_leaving = True
        elif what == "display":
            cell.show(message["value"])
        elif what == "input_request":
            cell.has_asked = True
            self._set_waiting(cell, Waiting("line", str(message.get("prompt", "")), self.recipe.spec.name))
        elif what == "input_taken":
            cell.has_asked = False
            self._set_waiting(cell, None)

    def printed(self, kernel: Kernel, data: bytes) -> None:
        """Output belongs to the cell that runs; between cells only its end is kept."""
        if kernel is not self.kernel:
            return
        if self.cell is not None:
            if self.cell.terminal is not None:
                self.cell.terminal.printed(data)
            self.cell.run.write("out", data)
        else:
            self._between = (self._between + data)[-BETWEEN_BYTES:]

    def lost(self, kernel: Kernel) -> None:
        """User code closed the channel: nothing it computes can be asked for any more."""
        if kernel is not self.kernel:
            return
        if self.cell is not None and self.cell.is_leaving:
            # It ends as its code wants; node takes itself apart for a while after its channel is closed.
            self._loop.call_later(LEAVE_LIMIT_S, self._pool.kill, kernel, "did not end")
            return
        if self.cell is not None:
            cell, self.cell = self.cell, None
            cell.leave()
            kernel.read_output()
            extra = cell.extra({}, repl=self.id, language=self.recipe.spec.name)
            cell.run.finish(status="crashed", reason="control_lost", extra=extra)
            self._cell_over(cell)
        self.last_end = "its code closed the control channel"
        self._set_state("ending")
        self._pool.kill(kernel, "control lost")

    def ended(self, kernel: Kernel, how: Exit) -> None:
        """The kernel is gone: the cell it ran ends with the cause; then it is started again, or not."""
        self._authority.forget(kernel.mark)
        if kernel is not self.kernel:
            return
        self.kernel = None
        self._health.end()
        killed = kernel.group.oom_kills() if kernel.group is not None else memory.oom_kills() - self._oom_kills
        is_oom = self._is_too_big or (how.signal == "SIGKILL" and killed > 0)
        cell, self.cell = self.cell, None
        was_starting = self._on_ready is not None
        self.last_end = self.last_end or in_words(how, is_oom=is_oom)
        if cell is not None:
            cell.leave()
            self._finish_dead(kernel, cell, how, is_oom=is_oom)
        if was_starting:
            on_ready, self._on_ready = self._on_ready, None
            if on_ready is not None:
                on_ready(SynkError(f"The REPL ended while it started ({self.last_end})."))
        self._after_death()

    def _given(self, kernel: Kernel) -> None:
        self._ask = None
        self.kernel = kernel
        kernel.watcher = self
        self.is_warm = kernel.was_idle
        # What its code starts acts for its owner, also after it has left its tree.
        self._authority.note_owner(kernel.mark, self.owner)
        if not self.id:
            self.id, self._notes = f"k{kernel.number}", self._pool.notes_of(self.recipe)
        self._oom_kills = memory.oom_kills()
        self._is_too_big = False
        self.last_end = ""
        # Of node an address space is reserved in advance, so only what is really used can be limited there.
        data_bytes = self._memory_limit() if self.recipe.spec.kind == "python" else None
        set_limits(kernel.pid, self.options.limits, data_bytes=data_bytes)
        self._pool.endings.limit(kernel, memory_bytes=self._memory_limit(), processes=self.options.limits.processes)
        environment = {**self.recipe.environment, "SYNK_HOST": kernel.mark}
        environment.setdefault("TERM", "xterm-256color")
        kernel.send({"do": "claim", "environment": environment, "cwd": self.recipe.cwd})
        if self.recipe.spec.kind in ("python", "kernel") and os.access(self.recipe.cwd, os.X_OK):
            # Our own kernels obey in order, and nothing else can go wrong: the first cell need not wait for the answer.
            self._claimed("")
        self._on_changed(self)

    def _not_given(self, text: str) -> None:
        self._ask = None
        self.last_end = text
        on_ready, self._on_ready = self._on_ready, None
        if on_ready is not None:
            self._set_state("dead")
            on_ready(SynkError(text))
        else:
            self._after_death()

    def _claimed(self, problem: str) -> None:
        on_ready, self._on_ready = self._on_ready, None
        if problem and self.kernel is not None:
            self._is_stopping = True
            self.last_end = problem
            self._pool.release(self.kernel, problem)
            if on_ready is not None:
                on_ready(UsageError(problem))
        elif self.state in ("starting", "restarting"):
            self._set_state("idle")
            if on_ready is not None:
                on_ready(None)

    def _done(self, cell: Cell, message: Message) -> None:
        self.cell = None
        cell.leave()
        self.used_at = time.monotonic()
        self.is_warned = self.is_stalled = False
        cell.run.cpu_ms = round(message.get("cpu_ms") or 0)
        extra = cell.extra(message, repl=self.id, language=self.recipe.spec.name)
        if self._between:
            extra["printed_before"] = self._between.decode(errors="replace")
            self._between = b""
        self._set_state("idle")
        self._finish(cell, of_answer(cell, message), extra)
        self._cell_over(cell)

    def _finish_dead(self, kernel: Kernel, cell: Cell, how: Exit, *, is_oom: bool) -> None:
        cell.stack = (cell.stack + kernel.stack()).strip()
        extra = cell.extra({}, repl=self.id, language=self.recipe.spec.name)
        run = cell.run
        run.cpu_ms, run.peak_rss = how.cpu_ms, max(run.peak_rss, how.peak_rss)
        self._finish(cell, of_death(cell, how, is_oom=is_oom), extra)
        self._cell_over(cell)

    @staticmethod
    def _finish(cell: Cell, outcome: Outcome, extra: Message) -> None:
        cell.run.finish(
            status=outcome.status, reason=outcome.reason, exit_code=outcome.exit_code, signal=outcome.signal, extra=extra
        )

    def _cell_over(self, cell: Cell) -> None:
        if cell.on_over is not None:
            cell.on_over()
        self._on_changed(self)

    def _after_death(self) -> None:
        if self._is_stopping:
            self._set_state("dead")
            self._tell_stopped()
            return
        self._is_state_lost = True
        if not self.options.auto_restart:
            self._set_state("dead")
            self._tell_stopped()
            return
        delay_s = self._restarts.died(time.monotonic())
        if delay_s is None:
            self._set_state("failed")
            self._tell_stopped()
            return
        self._set_state("restarting")
        self._retry = self._loop.call_later(delay_s, self._restart)

    def _restart(self) -> None:
        self._retry = None
        log.info("REPL %s is started again: %s", self.id, self.last_end)
        self._ask = self._pool.claim(self.recipe, self._given, self._not_given)

    def _tell_stopped(self) -> None:
        waiting, self.on_stopped = self.on_stopped, []
        for on_stopped in waiting:
            on_stopped()

    def _watch_input(self, cell: Cell, is_watched: bool) -> None:
        """While somebody waits for the cell it is looked whether a program it started asks something."""
        if cell.input_watch is not None:
            cell.input_watch.close()
            cell.input_watch = None
        if is_watched and cell is self.cell and cell.terminal is not None:
            cell.input_watch = InputWatch(self._loop, cell.terminal, on_change=functools.partial(self._input_found, cell))

    def _input_found(self, cell: Cell, waiting: Waiting | None) -> None:
        if not cell.has_asked:
            self._set_waiting(cell, waiting)

    def _set_waiting(self, cell: Cell, waiting: Waiting | None) -> None:
        if cell is self.cell:
            cell.waits(waiting is not None, time.monotonic())
            cell.run.set_waiting(waiting)
            self._set_state("busy" if waiting is None else "awaiting_input")

    def _unhealthy(self, text: str) -> None:
        log.warning("REPL %s: %s", self.id, text)
        self.last_end = text
        self._health.end()
        if self.kernel is not None:
            self._pool.kill(self.kernel, text)

    def _exec_message(self, cell: str, code: str, want: str, folder: str, max_rows: int) -> Message:
        return {"do": "exec", "cell": cell, "code": code, "want": want, "folder": folder, "max_rows": max_rows}

    def _memory_limit(self) -> int:
        limit = self.options.limits.memory_bytes
        return limit if limit is not None else int(memory.total() * MEMORY_LIMIT_SHARE)

    def _set_state(self, state: str) -> None:
        if state != self.state:
            self.state = state
            self._on_changed(self)


class _Nobody:
    """Watches a kernel that was let go and only has to end."""

    def said(self, kernel: Kernel, message: Message) -> None:
        """Too late."""

    def printed(self, kernel: Kernel, data: bytes) -> None:
        """Nobody reads it."""

    def lost(self, kernel: Kernel) -> None:
        """It is being ended."""

    def ended(self, kernel: Kernel, how: Exit) -> None:
        """As wanted."""

