"""One clock for all turning marks of a window, so that twelve of them cost one paint a step and not twelve."""

import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from synk.ui.marks import TurningMarks

STEPS = 24
"""Positions of the arc of a working session in one turn."""
STEP_MS = 80
"""12 repaints of a 12 px square a second look smooth. With a clock for each pane they made 150 paints and flushes a second."""


class Turning(QObject):
    """Runs while anybody has joined. GUI thread."""

    stepped = Signal()
    """`turn` changed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.marks = TurningMarks()
        """Draws them."""
        self._step = 0
        self._joined: set[int] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._advance)

    @property
    def turn(self) -> float:
        """How far the marks have turned, 0 to 1."""
        return self._step / STEPS

    @property
    def is_running(self) -> bool:
        """Whether a timer wakes the event loop for it."""
        return self._timer.isActive()

    def join(self, session: int) -> None:
        """The mark of this session turns."""
        self._joined.add(session)
        if not self._timer.isActive():
            self._wait()

    def leave(self, session: int) -> None:
        """It does not any more; unknown ones are ignored."""
        self._joined.discard(session)
        if not self._joined:
            self._timer.stop()

    def _wait(self) -> None:
        """Until the next of the moments that all such clocks have in common: what they move is one picture of a window."""
        left = STEP_MS - int(time.monotonic() * 1000) % STEP_MS
        # A timer may be a little early, and the moment just dealt with be the next one.
        self._timer.start(left if left > STEP_MS // 2 else left + STEP_MS)

    def _advance(self) -> None:
        self._wait()
        self._step = (self._step + 1) % STEPS
        self.stepped.emit()
