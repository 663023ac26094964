"""When a REPL that died is started again: at once, then after 1, 5, 30 s; five deaths within a minute are enough."""

from collections import deque

DELAYS_S = (0.0, 1.0, 5.0, 30.0)
DEATHS = 5
WITHIN_S = 60.0


class Restarts:
    """Counts deaths of one REPL. Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._deaths: deque[float] = deque()

    def died(self, now: float) -> float | None:
        """Seconds to wait before the next start; None if it failed for good."""
        self._deaths.append(now)
        while now - self._deaths[0] > WITHIN_S:
            self._deaths.popleft()
        if len(self._deaths) >= DEATHS:
            return None
        return DELAYS_S[min(len(self._deaths), len(DELAYS_S)) - 1]
