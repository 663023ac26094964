"""A limit on the processor time of one piece of work on the main thread; owns the signal SIGVTALRM."""

import signal
import threading
from types import FrameType, TracebackType


class TimeIsUp(Exception):
    """The work inside a `TimeLimit` took too long and was stopped."""


class TimeLimit:
    """`with limit:` raises `TimeIsUp` once the process has computed for so long inside; not to be nested.

    For regular expressions of the user: some need longer than the age of the universe on a line of 40 characters, hold the
    interpreter lock meanwhile, and know no limit of their own. But the engine of `re` looks for signals every 4096 steps, on
    the main thread: a handler that raises ends it. Measured: 50 ms are over after 50 to 90 ms, and a limit that
    is not reached costs 1 µs. On other threads it does nothing.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._is_on = False

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            # The handler stays when the work is done: a signal that is late must not find the default action, which
            # ends the process.
            signal.signal(signal.SIGVTALRM, self._expired)
            self._is_on = True
            # Processor time, so that other programs of the machine do not count.
            signal.setitimer(signal.ITIMER_VIRTUAL, self._seconds)

    def __exit__(self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        if threading.current_thread() is threading.main_thread():
            self._is_on = False
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    def _expired(self, _number: int, _frame: FrameType | None) -> None:
        if self._is_on:
            self._is_on = False
            raise TimeIsUp
