"""The bridge: wakes from any thread, counts many wakes as one, lets Qt breathe between turns."""

import os
import threading
import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from synk.ui.bridge import Bridge
from synk.ui.stalls import StallMonitor

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def bridge() -> Iterator[Bridge]:
    bridge = Bridge()
    yield bridge
    bridge.close()


def test_a_wake_from_another_thread_runs_the_turns_in_order_on_the_gui_thread(bridge: Bridge, qtbot: QtBot) -> None:
    ran: list[tuple[str, int]] = []
    bridge.add(lambda: ran.append(("events", threading.get_ident())))
    bridge.add(lambda: ran.append(("parsing", threading.get_ident())))
    thread = threading.Thread(target=bridge.wake)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(ran) == 2)
    assert ran == [("events", threading.get_ident()), ("parsing", threading.get_ident())]


def test_many_wakes_before_the_turn_are_one_turn(bridge: Bridge, qtbot: QtBot) -> None:
    turns: list[int] = []
    bridge.add(lambda: turns.append(1))
    for _ in range(1000):
        bridge.wake()
    qtbot.waitUntil(lambda: bool(turns))
    QApplication.processEvents()
    assert len(turns) == 1


def test_a_turn_with_more_to_do_runs_again_and_timers_come_between(bridge: Bridge, qtbot: QtBot) -> None:
    order: list[str] = []

    def turn() -> bool:
        order.append("turn")
        return "timer" not in order or order.count("turn") < 2

    timer = QTimer()
    timer.setInterval(1)
    timer.timeout.connect(lambda: order.append("timer"))
    timer.start()
    bridge.add(turn)
    bridge.wake()
    qtbot.waitUntil(lambda: "timer" in order and order.count("turn") > 1)
    timer.stop()


def test_turns_run_while_the_watched_descriptor_is_readable_and_rest_with_it(bridge: Bridge, qtbot: QtBot) -> None:
    counter = os.eventfd(0, os.EFD_NONBLOCK)
    left = [3]
    turns: list[bool] = []

    def turn() -> bool:
        left[0] -= 1
        if left[0] == 0:
            os.eventfd_read(counter)
        turns.append(left[0] > 0)
        return turns[-1]

    bridge.watch(counter)
    bridge.add(turn)
    os.eventfd_write(counter, 1)
    qtbot.waitUntil(lambda: len(turns) == 3)
    for _ in range(5):
        QApplication.processEvents()
    assert turns == [True, True, False]
    left[0] = 1
    os.eventfd_write(counter, 1)
    qtbot.waitUntil(lambda: len(turns) == 4)
    bridge.unwatch()
    os.close(counter)
    bridge.wake()
    qtbot.waitUntil(lambda: len(turns) == 5)


def test_a_wake_inside_of_a_turn_costs_no_further_round_unless_it_is_the_last(bridge: Bridge, qtbot: QtBot) -> None:
    ran: list[str] = []

    def wakes(name: str) -> None:
        ran.append(name)
        if ran.count(name) == 1:
            bridge.wake()

    bridge.add(lambda: wakes("first"))
    bridge.add(lambda: ran.append("told"))
    bridge.wake()
    qtbot.waitUntil(lambda: "told" in ran)
    for _ in range(5):
        QApplication.processEvents()
    assert ran == ["first", "told"]
    bridge.add(lambda: wakes("last"))
    bridge.wake()
    qtbot.waitUntil(lambda: ran.count("last") == 2)
    assert ran[2:] == ["first", "told", "last"] * 2


def test_output_that_comes_at_once_after_a_key_is_read_without_the_event_loop(bridge: Bridge) -> None:
    counter = os.eventfd(0, os.EFD_NONBLOCK)
    read: list[int] = []
    told: list[int] = []

    def turn() -> bool:
        read.append(os.eventfd_read(counter))
        bridge.catch_echo(turn)  # inside of a turn it does nothing
        return len(read) == 2

    bridge.add(turn)
    bridge.add(lambda: told.append(len(read)))
    bridge.catch_echo(turn)  # nothing is watched
    bridge.watch(counter)
    bridge.catch_echo(turn)  # nothing comes
    assert read == []
    for count in (1, 2):
        os.eventfd_write(counter, 1)
        bridge.catch_echo(turn)
        assert len(read) == count
        assert told[-1] == count
    os.eventfd_write(counter, 1)
    bridge.catch_echo(turn)  # there is more, and the next turn is about to come
    assert len(read) == 2
    bridge.unwatch()
    bridge.catch_echo(turn)
    os.close(counter)
    assert len(read) == 2


def test_a_failing_turn_does_not_stop_the_next_one(bridge: Bridge, qtbot: QtBot) -> None:
    ran: list[int] = []

    def fails() -> None:
        raise RuntimeError("broken")

    bridge.add(fails)
    bridge.add(lambda: ran.append(1))
    bridge.wake()
    qtbot.waitUntil(lambda: ran == [1])


def test_a_wake_after_closing_does_nothing() -> None:
    bridge = Bridge()
    ran: list[int] = []
    bridge.add(lambda: ran.append(1))
    bridge.wake()
    bridge.close()
    bridge.wake()
    QApplication.processEvents()
    assert ran == []


def test_the_stall_monitor_sees_a_gap(qtbot: QtBot) -> None:
    monitor = StallMonitor()
    monitor.start()
    qtbot.waitUntil(lambda: monitor.report().ticks > 3)
    away_until = time.monotonic() + 0.06
    while time.monotonic() < away_until:  # the GUI thread is away from its loop, which is what is measured
        continue
    qtbot.waitUntil(lambda: monitor.report().max_ms > 40)
    monitor.stop()
    report = monitor.report()
    assert report.p50_ms <= report.p99_ms <= report.max_ms
