"""Which child process is which start: written by the pool thread, read by the one thread that reaps."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Children:
    """Registry pid -> start number, shared by the pool thread (forks) and the host's main thread (reaps).

    The kernel can report the end of a child before the pool thread has written its pid down. So while
    `is_forking` is true the main thread must not reap a pid that is not `in` the registry, and must not
    start a program itself (`starting`): until the fork is over the PTY master may still be inheritable.
    """

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._lock = threading.Lock()
        self._one_start = threading.Lock()
        self._is_forking = False
        self._unfinished = 0

    @contextmanager
    def forking(self) -> Iterator[None]:
        """Pool thread: stands around one fork, from before it until exec was reached or failed."""
        with self._one_start:
            with self._lock:
                self._is_forking = True
            try:
                yield
            finally:
                with self._lock:
                    self._is_forking = False
                    self._unfinished = 0

    @contextmanager
    def starting(self) -> Iterator[bool]:
        """Main thread: stands around one `posix_spawn`. Yields False, without waiting, if a fork is under way: try again."""
        is_safe = self._one_start.acquire(blocking=False)
        try:
            yield is_safe
        finally:
            if is_safe:
                self._one_start.release()

    @property
    def is_forking(self) -> bool:
        """True while a fork is under way; any thread."""
        return self._is_forking

    def register(self, pid: int, number: int) -> None:
        """Pool thread, right after the fork: `pid` is start `number`. From here on it may be reaped."""
        with self._lock:
            self._numbers[pid] = number
            self._unfinished = pid

    def unregistered(self) -> list[int]:
        """The child of the fork that is under way, as long as it has not reached exec; else nothing.

        The main thread kills it after 1 s. It cannot have been reaped and its pid reused: only the
        main thread reaps.
        """
        with self._lock:
            return [self._unfinished] if self._unfinished in self._numbers else []

    def number_of(self, pid: int) -> int | None:
        """Start number of a child that was not reaped yet; None for a process we did not start on a PTY."""
        return self._numbers.get(pid)

    def forget(self, pid: int) -> int | None:
        """Main thread: the child was reaped. Returns its start number (`ProcessPool.exited` calls this)."""
        with self._lock:
            return self._numbers.pop(pid, None)

    def __contains__(self, pid: object) -> bool:
        return pid in self._numbers

    def __len__(self) -> int:
        return len(self._numbers)
