"""One cell of a REPL: its run, what was shown, and the steps from a wish to stop it to its end."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from synk.base.wire import Message
from synk.host.runs.run import Run

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
    timers: list[asyncio.TimerHandle] = field(default_factory=list)

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
