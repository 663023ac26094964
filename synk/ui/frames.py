"""When the terminals of a window are painted: the one typed into first, the others in turn and never so that the keyboard waits.

Measured with 11 of 12 panes flooding (tests/bench/flood.py): painted all at once every 16 ms they kept the GUI thread for 15 to
20 ms at a time. One pane a turn, and after each of those in the background a rest, takes 40 % of the thread at most:
fewer frames a second for floods nobody can read, and the same for everything else.
"""

import math
import time
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer

FRAME_S = 0.016
"""No terminal is painted more often; the first output after a pause is painted at once."""
BACKGROUND_REST = 1.5
"""After a terminal in the background was painted, none of them is for so many times as long as that took."""
FOREGROUND_REST = 3.0
"""As many times as long the one typed into is not painted again: a quarter of the thread for painting, also of a flood of a
screen that is slow to paint. Below 4 ms a paint it changes nothing."""
SETTLE_MS = 6
"""From an echo to the moment when nobody waits for another one yet: keys come 15 ms apart at least."""


class Framed(Protocol):
    """What is painted in frames."""

    @property
    def paints_first(self) -> bool:
        """Whether it is the one that is typed into."""

    def flush(self) -> None:
        """Paint everything that changed, now."""


class Frames(QObject):
    """Grants the terminals of one window their paints. GUI thread."""

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        settle: Callable[[], None] | None = None,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`settle` is called when the terminal typed into was painted and a moment has passed; `now` is the clock, in seconds."""
        super().__init__(parent)
        self._now = now
        self._settling = self._single_shot(settle) if settle is not None else None
        self._due_s: dict[Framed, float] = {}
        """When each may be painted again, by the clock."""
        self._waiting: dict[Framed, None] = {}
        self._rests_until = -math.inf
        self._timer = self._single_shot(self._paint_next)

    @property
    def is_waiting(self) -> bool:
        """Whether some terminal is still to be painted."""
        return bool(self._waiting)

    def ask(self, terminal: Framed) -> None:
        """There is something to paint: at once, or when its turn comes."""
        if terminal in self._waiting:
            return
        if self._due(terminal) <= self._now() and (terminal.paints_first or not self._waiting):
            self._paint(terminal)
        else:
            self._waiting[terminal] = None
            self._wait()

    def forget(self, terminal: Framed) -> None:
        """It is not to be painted any more; unknown ones are ignored."""
        self._due_s.pop(terminal, None)
        self._waiting.pop(terminal, None)

    def _due(self, terminal: Framed) -> float:
        due_s = self._due_s.get(terminal, -math.inf)
        return due_s if terminal.paints_first else max(due_s, self._rests_until)

    def _paint_next(self) -> None:
        """Paint one that is due, and leave the rest for after the keys that came meanwhile."""
        now = self._now()
        due = [terminal for terminal in self._waiting if self._due(terminal) <= now]
        if due:
            chosen = next((terminal for terminal in due if terminal.paints_first), due[0])
            del self._waiting[chosen]
            self._paint(chosen)
        self._wait()

    def _paint(self, terminal: Framed) -> None:
        started = self._now()
        terminal.flush()
        ended = self._now()
        took = ended - started
        self._due_s[terminal] = max(started + FRAME_S, ended + FOREGROUND_REST * took)
        if terminal.paints_first:
            if self._settling is not None:
                self._settling.start(SETTLE_MS)
        else:
            self._rests_until = ended + BACKGROUND_REST * took

    def _single_shot(self, call: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(call)
        return timer

    def _wait(self) -> None:
        if self._waiting:
            first = min(map(self._due, self._waiting))
            self._timer.start(max(0, math.ceil((first - self._now()) * 1000)))
