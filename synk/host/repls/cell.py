"""One cell of a REPL: its run, what was shown, and the steps from a wish to stop it to its end."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from synk.base.wire import Message
from synk.host.repls.terminal import Terminal
from synk.host.runs.reading import ScreenModes
from synk.host.runs.run import Run
from synk.host.waiting import InputWatch

MAX_DISPLAYS = 100
"""Shown by one cell; more are counted."""

Why = Literal["", "interrupt", "stop", "timeout"]


@dataclass(slots=True, eq=False)
class Cell:
    """A cell from the request to its record."""

    run: Run
    code: str
    wants: str = "text"
    """`text`: the last value is printed; `value`: it is encoded."""
    max_rows: int = 200
    timeout_s: float | None = None
    on_timeout: str = "stop"
    on_over: Callable[[], None] | None = None
    display: list[Message] = field(default_factory=list)
    displays_left_out: int = 0
    why: Why = ""
    """Why it was told to stop; "" if nobody did."""
    stack: str = ""
    """Of all threads, taken when an interrupt was held back for a second."""
    is_killed: bool = False
    """We ended the kernel because of this cell."""
    began: float = 0.0
    timers: list[asyncio.TimerHandle] = field(default_factory=list)
    terminal: "CellTerminal | None" = None
    input_watch: InputWatch | None = None
    is_leaving: bool = False
    """Its code ends the interpreter (`exit()`)."""
    has_asked: bool = False
    """The kernel itself said that it waits for input, so nobody has to find out."""
    _waiting_since: float | None = None
    _waited_s: float = 0.0

    def waits(self, is_waiting: bool, now: float) -> None:
        """It began or ceased to wait for input: that time does not count."""
        if is_waiting and self._waiting_since is None:
            self._waiting_since = now
        elif not is_waiting and self._waiting_since is not None:
            self._waited_s += now - self._waiting_since
            self._waiting_since = None

    def waited_s(self, now: float) -> float:
        """How long it has waited for input so far."""
        return self._waited_s + (0.0 if self._waiting_since is None else now - self._waiting_since)

    def is_waiting_for(self, now: float) -> float:
        """Seconds since it began to wait for what it still waits for."""
        return 0.0 if self._waiting_since is None else now - self._waiting_since

    def show(self, value: Message) -> None:
        """Keep a value that was displayed."""
        if len(self.display) < MAX_DISPLAYS:
            self.display.append(value)
        else:
            self.displays_left_out += 1

    def leave(self) -> None:
        """It is over: no timer fires any more."""
        for timer in self.timers:
            timer.cancel()
        self.timers.clear()
        if self.input_watch is not None:
            self.input_watch.close()
            self.input_watch = None

    def extra(self, done: Message, *, repl: str, language: str) -> dict[str, Any]:
        """What the record of a cell has besides that of other runs."""
        extra: dict[str, Any] = {
            "repl": repl,
            "language": language,
            "value": done.get("value"),
            "display": self.display,
            "error": done.get("error"),
            "images": done.get("images") or [],
            "warnings": done.get("warnings") or [],
        }
        for name, count in (("images_left_out", done.get("images_left_out")), ("displays_left_out", self.displays_left_out)):
            if count:
                extra[name] = count
        if self.stack:
            extra["stack"] = self.stack
        return extra


class CellTerminal:
    """The kernel's terminal while a cell runs, for the search for a question that a program asks there (waiting.py)."""

    def __init__(self, terminal: Terminal, run: Run) -> None:
        self._terminal = terminal
        self._run = run
        self.modes = ScreenModes()
        self.last_output = time.monotonic()
        self.answered_at = 0.0

    @property
    def master(self) -> int:
        """-1 once the kernel has ended."""
        return self._terminal.master

    def printed(self, data: bytes) -> None:
        """Something was printed just now."""
        self.last_output = time.monotonic()
        self.modes.feed(data)

    def last_text(self) -> bytes:
        """The end of what the cell printed."""
        return self._run.spool.tail("out")[-4096:]
