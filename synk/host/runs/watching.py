"""Clients that follow a run: events gathered to the pace they asked for, and answers to `run.wait`."""

import asyncio
import time
from collections.abc import Callable

from synk.base.errors import UsageError
from synk.base.wire import Message
from synk.host.connection import Connection
from synk.host.runs.run import Change, Run

FASTEST_MS, SLOWEST_MS = 16, 250
"""A frame of a window, and what a person still feels as live (07-automation.md, section 3)."""
WAITS_FOR = ("exit", "output", "ready", "awaiting_input", "any")


class Watcher:
    """Tells one client of one run: how much was printed, its state, its end. Never more than one untold output event."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, connection: Connection, run: Run, *, every_ms: float, on_over: Callable[[], object]
    ) -> None:
        """What was printed so far is told at once. `on_over`: nothing more will come."""
        self._loop = loop
        self._connection = connection
        self._run = run
        self._every_s = min(max(every_ms, FASTEST_MS), SLOWEST_MS) / 1000
        self._on_over = on_over
        self._told_at = 0.0
        self._told = (0, 0)
        self._timer: asyncio.TimerHandle | None = None
        run.add_watcher()
        self._unwatch = run.watch(self._changed)
        self._changed(run, "output")
        if run.waiting is not None or run.ready is not None:
            self._changed(run, "state")

    def close(self) -> None:
        """Tell nothing more."""
        self._cancel()
        self._unwatch()
        self._run.drop_watcher()

    def _changed(self, run: Run, change: Change) -> None:
        if change == "output":
            self._output()
        elif change == "state":
            self._flush()
            state = run.record()
            self._connection.send({"event": "state", **{name: state[name] for name in ("run", "status", "waiting", "ready")}})
        else:
            self._flush()
            self._connection.send({"event": "exit", **run.record()})
            self.close()
            self._on_over()

    def _output(self) -> None:
        if self._timer is not None:
            return
        pause = self._told_at + self._every_s - time.monotonic()
        if pause <= 0 and not self._connection.has_unsent:
            self._flush()
        else:
            self._timer = self._loop.call_later(max(pause, self._every_s / 4), self._later)

    def _later(self) -> None:
        self._timer = None
        self._output()

    def _flush(self) -> None:
        self._cancel()
        sizes = (self._run.spool.size("out"), self._run.spool.size("err"))
        if sizes != self._told:
            self._told, self._told_at = sizes, time.monotonic()
            self._connection.send({"event": "output", "run": self._run.id, "out": sizes[0], "err": sizes[1]})

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Wait:
    """One `run.wait` until it is answered; the answer is the record and what `happened` (null: nothing in the time given)."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        run: Run,
        message: Message,
        *,
        answer: Callable[[Message], None],
    ) -> None:
        """`answer` once, maybe at once.

        Raises:
            UsageError: it cannot be waited for that.
        """
        until = message.get("until") or "exit"
        self._until = frozenset([until] if isinstance(until, str) else until)
        if not self._until <= set(WAITS_FOR):
            raise UsageError(f"A run can be waited for until {', '.join(WAITS_FOR)}; not {', '.join(sorted(self._until))}")
        cursor = message.get("cursor")
        self._cursor = int(cursor) if cursor is not None else run.written if "output" in self._until else None
        self._run = run
        self._answer = answer
        self._is_over = False
        self._had_limit = "limit" in run.extra
        run.add_watcher()
        self._unwatch = run.watch(self._changed)
        timeout_s = message.get("timeout_s")
        self._timer = None if timeout_s is None else loop.call_later(max(0.0, float(timeout_s)), self._finish, None)
        self._look()

    def close(self) -> None:
        """Who waits has gone."""
        if not self._is_over:
            self._is_over = True
            self._unwatch()
            self._run.drop_watcher()
            if self._timer is not None:
                self._timer.cancel()

    def _changed(self, _run: Run, _change: Change) -> None:
        self._look()

    def _look(self) -> None:
        happened = self._happened()
        if happened and not self._is_over:
            self._finish(happened)

    def _happened(self) -> str:
        run, wanted = self._run, self._until
        if run.is_over:
            return "exit"
        if run.waiting is not None and wanted & {"awaiting_input", "any"}:
            return "awaiting_input"
        if run.ready is not None and wanted & {"ready", "any"}:
            return "ready"
        if "limit" in run.extra and not self._had_limit and not run.is_stopping:
            # It has just reached a limit and goes on in the background.
            return "limit"
        is_told_of_output = "output" in wanted or ("any" in wanted and self._cursor is not None)
        return "output" if is_told_of_output and run.written > (self._cursor or 0) else ""

    def _finish(self, happened: str | None) -> None:
        if not self._is_over:
            self.close()
            self._answer({**self._run.record(), "happened": happened})
