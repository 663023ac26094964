"""Tells an MCP client how far a call is while it waits: gathered, at most every so often, always forward."""

import asyncio
import contextlib
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from synk.engine.results import Event, OutputEvent, ProgressEvent, StateEvent

LEAST_INTERVAL_MS = 250
"""Clients draw each message; more often nobody reads them (07-automation.md, section 13)."""
MESSAGE_CHARS = 4000
STEP = 1e-3
"""The protocol wants each value larger than the one before, also where nothing is known but that something was printed."""


class Report(Protocol):
    """How one message is sent (`Context.report_progress`)."""

    async def __call__(self, progress: float, total: float | None = None, message: str | None = None) -> None: ...


class ProgressReporter:
    """Async context around one call. `hear` takes events at any speed; the first is told at once."""

    def __init__(
        self, report: Report, *, is_wanted: bool, interval_ms: int = LEAST_INTERVAL_MS, with_output: bool = False
    ) -> None:
        """`is_wanted`: the client asked for progress. `with_output`: messages hold the lines printed since the last one."""
        self._report = report
        self._is_wanted = is_wanted
        self._interval_s = max(interval_ms, LEAST_INTERVAL_MS) / 1000
        self._with_output = with_output
        self._lines = ""
        self._phase = ""
        self._value, self._total = 0.0, 0.0
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._is_wanted:
            self._task = asyncio.create_task(self._tell())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._news.is_set() and error is None:
            await self._send()

    @property
    def hears(self) -> Callable[[Event], None] | None:
        """What takes the events of a run; None if nobody wants to know: the run is then only waited for, which is quicker."""
        return self.hear if self._is_wanted else None

    def hear(self, event: Event) -> None:
        """Take what a run did."""
        match event:
            case OutputEvent() if self._with_output:
                self._lines += event.text
            case ProgressEvent():
                progress = event.progress
                if progress.pct is not None:
                    self._value, self._total = max(self._value, progress.pct), 100.0
                words = [progress.phase, f"{progress.pct:.0f} %" if progress.pct is not None else ""]
                words.append(f"{progress.eta_s:.0f} s left" if progress.eta_s is not None else "")
                self._phase = ", ".join(filter(None, words))
            case StateEvent() if event.status != "running":
                # That it runs is no news, and telling it would make the first line wait for the interval.
                self._phase = event.status.replace("_", " ")
            case _:
                return
        self._news.set()

    async def _tell(self) -> None:
        while True:
            await self._news.wait()
            await self._send()
            await asyncio.sleep(self._interval_s)

    async def _send(self) -> None:
        self._news.clear()
        message = self._take_lines() or self._phase
        self._value += STEP
        await self._report(self._value, self._total or None, message or None)

    def _take_lines(self) -> str:
        """The whole lines heard since the last message; the end of them if they are too many."""
        whole, newline, self._lines = self._lines.rpartition("\n")
        text = whole + newline
        if len(text) <= MESSAGE_CHARS:
            return text
        cut = text[-MESSAGE_CHARS:]
        return f"... {len(text) - len(cut)} characters left out ...\n{cut}"
