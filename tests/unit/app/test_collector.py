"""The collector: after a close and when it is quiet, at the latest after a while, and never by itself."""

import gc
from collections.abc import Callable

import pytest

from synk.app.collector import AFTER_MS, LATEST_S, MOST_CLOSED, QUIET_S, Collector
from synk.base.events import Hub
from synk.sessions.events import SessionClosed, SessionOutput


class Bench:
    """A collector with a clock, timers and a hub of the test's own."""

    def __init__(self) -> None:
        self.now_s = 50.0
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.collections: list[float] = []
        self.hub = Hub(lambda: None)
        self.collector = Collector(
            self.hub, self.later, collect=lambda: self.collections.append(self.now_s), now=lambda: self.now_s
        )

    def later(self, ms: int, function: Callable[[], None]) -> None:
        self.timers.append((self.now_s + ms / 1000, function))

    def say(self, event: SessionClosed | SessionOutput) -> None:
        self.hub.publish(event)
        self.hub.deliver()

    def pass_time(self, seconds: float, *, prints: bool = False) -> None:
        """A tenth of a second after the other; with `prints`, a session prints in each of them."""
        for _ in range(round(seconds * 10)):
            self.now_s += 0.1
            if prints:
                self.say(SessionOutput(1))
            due = [timer for timer in self.timers if timer[0] <= self.now_s + 1e-9]
            for timer in due:
                self.timers.remove(timer)
                timer[1]()


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_closed_sessions_are_collected_together_once_it_is_quiet(bench: Bench) -> None:
    bench.say(SessionClosed(1, 1, "/p"))
    bench.say(SessionClosed(2, 2, "/p"))
    bench.pass_time(AFTER_MS / 1000 + 0.1)
    assert len(bench.collections) == 1
    bench.pass_time(60)
    assert len(bench.collections) == 1
    assert not bench.timers


def test_nothing_is_collected_while_sessions_print(bench: Bench) -> None:
    bench.say(SessionClosed(1, 1, "/p"))
    bench.pass_time(60, prints=True)
    assert bench.collections == []
    bench.pass_time(2 * QUIET_S + 0.1)
    assert len(bench.collections) == 1


def test_a_window_that_is_never_quiet_is_collected_late(bench: Bench) -> None:
    bench.say(SessionClosed(1, 1, "/p"))
    bench.pass_time(LATEST_S + 2, prints=True)
    assert len(bench.collections) == 1


def test_many_closed_sessions_do_not_wait_for_quiet(bench: Bench) -> None:
    for number in range(MOST_CLOSED - 1):
        bench.say(SessionClosed(number, 1, "/p"))
        bench.pass_time(0.2, prints=True)
    assert bench.collections == []
    bench.say(SessionClosed(99, 1, "/p"))
    bench.pass_time(0.2, prints=True)
    assert len(bench.collections) == 1


def test_a_window_in_which_nothing_is_closed_has_no_timer(bench: Bench) -> None:
    bench.pass_time(10, prints=True)
    assert bench.collections == []
    assert not bench.timers


def test_the_interpreter_collects_nothing_between_start_and_stop() -> None:
    collector = Bench().collector
    try:
        collector.start()
        assert not gc.isenabled()
        assert gc.get_freeze_count() > 0
    finally:
        collector.stop()
        gc.unfreeze()
    assert gc.isenabled()
