"""The hub: everything is delivered in order, on one thread, once; a failing subscriber stops nobody."""

import threading
from dataclasses import dataclass

import pytest

from synk.base.events import Event, Hub, NoticeRaised


@dataclass(frozen=True, slots=True)
class Counted(Event):
    number: int


@dataclass(frozen=True, slots=True)
class CountedTwice(Counted):
    pass


def test_events_and_calls_are_delivered_in_the_order_they_came() -> None:
    hub, seen = Hub(lambda: None), []
    hub.subscribe(Counted, lambda event: seen.append(event.number))
    hub.publish(Counted(1))
    hub.call(lambda: seen.append("call"))
    hub.publish(Counted(2))
    assert seen == []
    hub.deliver()
    assert seen == [1, "call", 2]


def test_only_subscribers_of_exactly_this_type_hear_it() -> None:
    hub, seen = Hub(lambda: None), []
    hub.subscribe(Counted, lambda event: seen.append(event.number))
    hub.publish(CountedTwice(2))
    hub.publish(NoticeRaised("info", "hello"))
    hub.deliver()
    assert seen == []


def test_unsubscribed_handlers_hear_nothing_and_doing_it_twice_is_fine() -> None:
    hub, seen = Hub(lambda: None), []
    stop = hub.subscribe(Counted, lambda event: seen.append(event.number))
    stop()
    stop()
    hub.publish(Counted(1))
    hub.deliver()
    assert seen == []


def test_a_handler_may_unsubscribe_while_it_is_called() -> None:
    hub, seen = Hub(lambda: None), []

    def once(event: Counted) -> None:
        seen.append(event.number)
        stop()

    stop = hub.subscribe(Counted, once)
    hub.subscribe(Counted, lambda event: seen.append(-event.number))
    hub.publish(Counted(1))
    hub.publish(Counted(2))
    hub.deliver()
    assert seen == [1, -1, -2]


def test_the_owner_is_woken_once_for_what_came_since_the_last_delivery() -> None:
    wakes: list[int] = []
    hub = Hub(lambda: wakes.append(1))
    for number in range(5):
        hub.publish(Counted(number))
    assert len(wakes) == 1
    hub.deliver()
    hub.publish(Counted(9))
    assert len(wakes) == 2


def test_what_is_published_during_a_delivery_wakes_the_owner_again() -> None:
    wakes: list[int] = []
    hub, seen = Hub(lambda: wakes.append(1)), []
    hub.subscribe(Counted, lambda event: (seen.append(event.number), event.number and hub.publish(Counted(0))))
    hub.publish(Counted(1))
    hub.deliver()
    assert (seen, len(wakes)) == ([1], 2)
    hub.deliver()
    assert seen == [1, 0]


def test_a_failing_subscriber_is_logged_and_the_others_are_called(caplog: pytest.LogCaptureFixture) -> None:
    hub, seen = Hub(lambda: None), []
    hub.subscribe(Counted, lambda _event: 1 // 0)
    hub.subscribe(Counted, lambda event: seen.append(event.number))
    hub.publish(Counted(1))
    hub.call(lambda: seen.append("after"))
    hub.deliver()
    assert seen == [1, "after"]
    assert "an event handler failed" in caplog.text


def test_no_event_of_many_threads_is_lost_or_reordered() -> None:
    woken = threading.Event()
    hub, seen = Hub(woken.set), []
    hub.subscribe(Counted, lambda event: seen.append(event.number))

    def publish(first: int) -> None:
        for number in range(first, first + 500):
            hub.publish(Counted(number))

    threads = [threading.Thread(target=publish, args=(first,)) for first in (0, 1000, 2000)]
    for thread in threads:
        thread.start()
    while len(seen) < 1500:
        assert woken.wait(30)
        woken.clear()
        hub.deliver()
    for thread in threads:
        thread.join()
    for first in (0, 1000, 2000):
        assert [n for n in seen if first <= n < first + 1000] == list(range(first, first + 500))
