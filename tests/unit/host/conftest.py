"""An event loop that is turned by hand: what the host does on its main thread, without a process."""

import asyncio
import time
from collections.abc import Callable, Iterator

import pytest

LIMIT_S = 30.0


class Turner:
    """Runs a loop one turn at a time."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()

    def until(self, predicate: Callable[[], object]) -> None:
        """Turn the loop until the predicate is true."""
        deadline = time.monotonic() + LIMIT_S
        while not predicate():
            assert time.monotonic() < deadline, f"still false: {predicate}"
            self._run(0.001)

    def turn(self) -> None:
        """A few turns: everything that is ready now is done."""
        self._run(0.01)

    def _run(self, seconds: float) -> None:
        self.loop.call_later(seconds, self.loop.stop)
        self.loop.run_forever()


@pytest.fixture
def turner() -> Iterator[Turner]:
    """A loop of its own."""
    made = Turner()
    yield made
    made.loop.close()
