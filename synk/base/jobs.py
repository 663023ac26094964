"""Work that may wait for the disk, off the owner's thread (`synk-job-1`, or one each); results come back as calls there."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

log = logging.getLogger(__name__)

R = TypeVar("R")


class Jobs:
    """Runs functions one after the other, now or every so many seconds."""

    def __init__(self, deliver: Callable[[Callable[[], None]], None], *, now: Callable[[], float] = time.monotonic) -> None:
        """`deliver` runs a function on the owner's thread (`hub.call`)."""
        self._deliver = deliver
        self._now = now
        self._condition = threading.Condition()
        self._order = itertools.count()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="synk-job-1", daemon=True)
        self._thread.start()

    def submit(
        self, work: Callable[[], R], done: Callable[[R], None], *, failed: Callable[[Exception], None] | None = None
    ) -> None:
        """Run `work` soon; `done` gets its result on the owner's thread, `failed` its exception (else it is logged)."""

        def run() -> None:
            try:
                result = work()
            except Exception as error:
                if failed is None:
                    raise
                self._deliver(partial(failed, error))
            else:
                self._deliver(lambda: done(result))

        self._put(self._now(), run)

    def every(self, seconds: float, work: Callable[[], R | None], done: Callable[[R], None]) -> None:
        """Run `work` every so many seconds until `close`; `done` gets each result that is not None."""

        def run() -> None:
            try:
                result = work()
                if result is not None:
                    self._deliver(lambda: done(result))
            finally:
                self._put(self._now() + seconds, run)

        self._put(self._now(), run)

    def aside(
        self, work: Callable[[], R], done: Callable[[R], None], *, failed: Callable[[Exception], None] | None = None
    ) -> None:
        """As `submit`, on a thread of its own: for what may never come back, like a folder on a mount that does not answer.

        It holds up no other job, and nobody waits for it at the end; what it finds after `close` is dropped.
        """

        def run() -> None:
            try:
                result = work()
            except Exception as error:
                if failed is None:
                    log.exception("a job failed")
                else:
                    self._deliver_open(partial(failed, error))
            else:
                self._deliver_open(lambda: done(result))

        threading.Thread(target=run, name="synk-job-aside", daemon=True).start()

    def _deliver_open(self, function: Callable[[], None]) -> None:
        if not self._is_closing:
            self._deliver(function)

    def close(self) -> None:
        """Finish what runs, drop the rest, end the thread; waits at most 2 s."""
        with self._condition:
            self._is_closing = True
            self._condition.notify()
        self._thread.join(2)

    def _put(self, at: float, run: Callable[[], None]) -> None:
        with self._condition:
            heapq.heappush(self._due, (at, next(self._order), run))
            self._condition.notify()

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._is_closing and (not self._due or self._due[0][0] > self._now()):
                    self._condition.wait(self._due[0][0] - self._now() if self._due else None)
                if self._is_closing:
                    return
                _, _, run = heapq.heappop(self._due)
            try:
                run()
            except Exception:
                log.exception("a job failed")
