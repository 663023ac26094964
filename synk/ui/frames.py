"""When the terminals of a window are painted: the one typed into first, the others in turn and never so that the keyboard waits.

Measured with 11 of 12 panes flooding (tests/bench/flood.py): painted all at once every 16 ms they kept the GUI thread for 15 to
20 ms at a time. A few milliseconds of panes a turn, and after each of those in the background a rest, takes 40 % of the thread
at most: fewer frames a second for floods nobody can read, and the same for everything else.

What several panes in the background change within `GATHER_S` is one picture for the window system: 12 spinners of 10 Hz were 120
of them a second, each with its way through Qt's widgets to the X server, which cost twice as much as the painting itself.
They are read together as well (`synk/pty/reader.py`): 7.8 % of a core became 5.8 by that, and 4.5 to 5 by painting just the
cells that changed.
"""

import math
import time
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QWidget

FRAME_S = 0.016
"""No terminal is painted more often; the first output after a pause is painted at once where that is typed into."""
BACKGROUND_REST = 1.5
"""After a terminal in the background was painted, none of them is for so many times as long as that took."""
FOREGROUND_REST = 3.0
"""As many times as long the one typed into is not painted again: a quarter of the thread for painting, also of a flood of a
screen that is slow to paint. Below 4 ms a paint it changes nothing."""
GATHER_S = 0.066
"""Where several terminals in the background print, what they show changes so often at most; a lone one each `FRAME_S`."""
TURN_S = 0.003
"""What is painted of the background at one time takes about so long at most: a key's echo may have to wait for it."""
LEAST_COST_S = 0.0001
SETTLE_MS = 6
"""From an echo to the moment when nobody waits for another one yet: keys come 15 ms apart at least."""


class Framed(Protocol):
    """What is painted in frames."""

    @property
    def paints_first(self) -> bool:
        """Whether it is the one that is typed into."""

    @property
    def is_frame_open(self) -> bool:
        """Whether its program is in the middle of a frame that is shown whole or not at all. It asks again when that ends."""

    def flush(self) -> None:
        """Paint everything that changed, now."""

    def mark(self) -> None:
        """Have everything that changed painted with the window's next picture."""


class Frames(QObject):
    """Grants the terminals of one window their paints. GUI thread."""

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        settle: Callable[[], None] | None = None,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`parent`: a widget of the window; `now` is the clock, in seconds.

        `settle` is called when the terminal typed into was painted and a moment has passed.
        """
        super().__init__(parent)
        self._now = now
        self._settling = self._single_shot(settle) if settle is not None else None
        self._due_s: dict[Framed, float] = {}
        """When each may be painted again, by the clock."""
        self._cost_s: dict[Framed, float] = {}
        """What a paint of each takes, as far as that is known."""
        self._waiting: dict[Framed, None] = {}
        self._rests_until = -math.inf
        self._last: tuple[float, frozenset[Framed]] = (-math.inf, frozenset())
        """When the background was painted last, and what of it."""
        self._timer = self._single_shot(self._paint_next)

    @property
    def is_waiting(self) -> bool:
        """Whether some terminal is still to be painted."""
        return bool(self._waiting)

    def ask(self, terminal: Framed) -> None:
        """There is something to paint: at once, or when its turn comes."""
        if terminal in self._waiting:
            return
        if terminal.paints_first and self._due(terminal) <= self._now():
            self._paint_first(terminal)
        else:
            # In the background with whatever else was read at the same time, after that.
            self._waiting[terminal] = None
            self._wait()

    def forget(self, terminal: Framed) -> None:
        """It is not to be painted any more; unknown ones are ignored."""
        self._due_s.pop(terminal, None)
        self._cost_s.pop(terminal, None)
        self._waiting.pop(terminal, None)

    def _due(self, terminal: Framed) -> float:
        due_s = self._due_s.get(terminal, -math.inf)
        return due_s if terminal.paints_first else max(due_s, self._rests_until)

    def _paint_next(self) -> None:
        """Paint some that are due, and leave the rest for after the keys that came meanwhile."""
        now = self._now()
        due = []
        for terminal in [terminal for terminal in self._waiting if self._due(terminal) <= now]:
            if terminal.is_frame_open:
                del self._waiting[terminal]
            else:
                due.append(terminal)
        first = next((terminal for terminal in due if terminal.paints_first), None)
        if first is not None:
            del self._waiting[first]
            self._paint_first(first)
        elif due:
            chosen = self._affordable(due)
            for terminal in chosen:
                del self._waiting[terminal]
            self._paint_background(chosen)
        self._wait()

    def _affordable(self, due: list[Framed]) -> list[Framed]:
        """The first of these, and those behind it that most likely take no longer than `TURN_S` together with it."""
        chosen: list[Framed] = []
        left_s = TURN_S
        for terminal in due:
            left_s -= self._cost_s.get(terminal, TURN_S)
            if chosen and left_s < 0:
                break
            chosen.append(terminal)
        return chosen

    def _paint_first(self, terminal: Framed) -> None:
        """Paint the terminal that is typed into."""
        started = self._now()
        terminal.flush()
        ended = self._now()
        self._due_s[terminal] = max(started + FRAME_S, ended + FOREGROUND_REST * (ended - started))
        if self._settling is not None:
            self._settling.start(SETTLE_MS)

    def _paint_background(self, terminals: list[Framed]) -> None:
        """Paint these as one picture, then rest."""
        started = self._now()
        if len(terminals) == 1:
            terminals[0].flush()
        else:
            for terminal in terminals:
                terminal.mark()
            self._show_marked()
        ended = self._now()
        took = ended - started
        self._rests_until = ended + BACKGROUND_REST * took
        last_s, last = self._last
        if len(terminals) > 1 or (started - last_s < 3 * GATHER_S and last != {terminals[0]}):
            self._rests_until = max(self._rests_until, started + GATHER_S)
        self._last = started, frozenset(terminals)
        # What each of them cost of that: as much as before, in proportion.
        before = [self._cost_s.get(terminal, TURN_S) for terminal in terminals]
        for terminal, cost_s in zip(terminals, before, strict=True):
            share = self._cost_s[terminal] = max(LEAST_COST_S, took * cost_s / sum(before))
            self._due_s[terminal] = max(started + FRAME_S, ended + FOREGROUND_REST * share)

    def _show_marked(self) -> None:
        """Paint what is marked, now: Qt does so when its queue is empty, and would parse before."""
        parent = self.parent()
        if isinstance(parent, QWidget):
            QCoreApplication.sendPostedEvents(parent.window(), QEvent.Type.UpdateRequest.value)

    def _single_shot(self, call: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(call)
        return timer

    def _wait(self) -> None:
        if self._waiting:
            now = self._now()
            first = max(now, min(map(self._due, self._waiting)))
            self._timer.start(math.ceil((first - now) * 1000))
