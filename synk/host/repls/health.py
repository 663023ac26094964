"""Whether an idle REPL is well: a ping now and then, or the check that its owner gave."""

import asyncio
from collections.abc import Callable

from synk.base.wire import Message
from synk.host.repls.process import Kernel

CHECK = "health"
"""The id of a check, in the place of a cell's."""
LIMIT_S = 10.0
"""For the owner's check."""


class HealthCheck:
    """Of one REPL; main loop only."""

    def __init__(self, loop: asyncio.AbstractEventLoop, code: str, *, on_ill: Callable[[str], None]) -> None:
        """`code`: the owner's check, "" for a ping. `on_ill` is told what is wrong."""
        self._loop = loop
        self._code = code
        self._on_ill = on_ill
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, kernel: Kernel) -> None:
        """Ask an idle kernel; one that has not answered the last time is ill."""
        if self._timer is not None or kernel.is_asked:
            self._ill("did not answer")
        elif self._code:
            self._timer = self._loop.call_later(LIMIT_S, self._ill, "health check took too long")
            kernel.send({"do": "exec", "cell": CHECK, "code": self._code, "want": "value", "folder": "", "max_rows": 1})
        else:
            kernel.is_asked = True
            kernel.send({"do": "ping"})

    def answered(self, done: Message) -> bool:
        """The kernel has run the check; False if nobody waits for it any more."""
        if self._timer is None:
            return False
        self.end()
        if not done.get("ok"):
            error = done.get("error") or {}
            self._ill(f"health check failed: {error.get('type', '')} {error.get('message', '')}".strip())
        return True

    def end(self) -> None:
        """A cell comes, or the kernel goes: its answer counts no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ill(self, text: str) -> None:
        self.end()
        self._on_ill(text)
