"""Measures how long the GUI thread stays away from its event loop (target L8)."""

import logging
import time
from collections import deque
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer

log = logging.getLogger(__name__)

TICK_MS = 4
"""Shorter than the 16 ms that count, longer than what the timer itself costs."""
LOGGED_S = 0.05
"""A gap that may never happen."""
KEPT = 200_000
"""Gaps kept for percentiles: 13 minutes of ticks."""


@dataclass(frozen=True, slots=True)
class StallReport:
    """Gaps between two turns of the event loop, in milliseconds beyond the tick."""

    ticks: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    max_busy_ms: float
    """The most the thread computed between two turns; what a gap has beyond that it waited: for a processor, for X."""


class StallMonitor(QObject):
    """A timer that looks how late it is. Runs only with `--debug` and in benchmarks: it wakes the loop 250 times a second."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._gaps: deque[tuple[float, float]] = deque(maxlen=KEPT)
        self._last_s = 0.0
        self._last_busy_s = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin to measure; earlier results are dropped."""
        self._gaps.clear()
        self._last_s, self._last_busy_s = time.perf_counter(), time.thread_time()
        self._timer.start()

    def stop(self) -> None:
        """Stop measuring; `report` stays."""
        self._timer.stop()

    def report(self) -> StallReport:
        """What was measured since `start`."""
        busiest = max((computed for _, computed in self._gaps), default=0.0)
        gaps = sorted(gap for gap, _ in self._gaps) or [0.0]
        return StallReport(
            ticks=len(self._gaps),
            p50_ms=gaps[len(gaps) // 2] * 1000,
            p99_ms=gaps[min(len(gaps) - 1, len(gaps) * 99 // 100)] * 1000,
            max_ms=gaps[-1] * 1000,
            max_busy_ms=busiest * 1000,
        )

    def _tick(self) -> None:
        now, busy = time.perf_counter(), time.thread_time()
        gap, computed = max(0.0, now - self._last_s - TICK_MS / 1000), busy - self._last_busy_s
        self._last_s, self._last_busy_s = now, busy
        self._gaps.append((gap, computed))
        if gap >= LOGGED_S:
            text = "the GUI thread was away from its event loop for %.0f ms, of which it computed %.0f"
            log.warning(text, gap * 1000, computed * 1000)
