"""When the window's cyclic garbage is collected: not by itself, but after a session was closed and once nothing is printed.

Reference counting frees nearly everything. What it cannot free is the web of objects of a closed session, 30 MB after 1,000 of
them, and to find that every line of every scrollback is looked at: 130 ms with 12 full ones (100 ms for a youngest
generation after a resize), in which no key is echoed. That was the cause of the longest gaps of the event loop.
"""

import gc
import math
import time
from collections.abc import Callable

from synk.base.events import Hub
from synk.sessions.events import SessionClosed, SessionOutput

AFTER_MS = 5000
"""From a close to the first look: by then nothing waits for the session any more."""
QUIET_S = 1.0
"""Nothing was printed for so long: nobody reads along or types."""
LATEST_S = 600.0
"""In a window that is never quiet."""
MOST_CLOSED = 16
"""Sessions that may wait for it, quiet or not: 1,000 opened and closed without a pause left 37 MB of holes in the memory."""

Later = Callable[[int, Callable[[], None]], None]
"""`later(ms, function)`: run it on the GUI thread after so many milliseconds."""


class Collector:
    """Stands in for the interpreter's own rules, from `start` to `stop`. GUI thread."""

    def __init__(
        self,
        hub: Hub,
        later: Later,
        *,
        collect: Callable[[], object] = gc.collect,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`now` is the clock, in seconds."""
        self._later = later
        self._collect = collect
        self._now = now
        self._printed = -math.inf
        self._asked: float | None = None
        self._closed = 0
        hub.subscribe(SessionOutput, self._note_output)
        hub.subscribe(SessionClosed, self._note_close)

    def start(self) -> None:
        """Collect by itself no more, and never look again at what was made up to now."""
        gc.collect()
        gc.freeze()
        gc.disable()

    def stop(self) -> None:
        """As the interpreter does it."""
        gc.enable()

    def _note_output(self, _event: SessionOutput) -> None:
        self._printed = self._now()

    def _note_close(self, _event: SessionClosed) -> None:
        self._closed += 1
        if self._asked is None:
            self._asked = self._now()
            self._later(AFTER_MS, self._look)
        elif self._closed == MOST_CLOSED:
            # Not at once: the pane that was closed last is not gone yet.
            self._later(0, self._collect_all)

    def _look(self) -> None:
        now = self._now()
        if self._asked is None:
            return
        if now - self._printed >= QUIET_S or now - self._asked >= LATEST_S:
            self._asked = None
            self._collect_all()
        else:
            self._later(int(QUIET_S * 1000), self._look)

    def _collect_all(self) -> None:
        self._closed = 0
        self._collect()
