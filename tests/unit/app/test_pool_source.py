"""The pool as the window sees it, against a host that answers from a table."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from synk.app.pool_source import HostPool
from synk.base.events import Hub
from synk.hostclient import HostClient, Reply
from synk.sessions.events import HostBack, PoolChanged

STATS = {"idle": 2, "active": 3}


class Host:
    """Answers `pool.stats`."""

    def __init__(self, stats: dict[str, int]) -> None:
        self.stats = stats
        self.asked: list[str] = []

    def call(self, verb: str, on_reply: Callable[[Reply], None], **_arguments: Any) -> None:
        self.asked.append(verb)
        on_reply(Reply({"stats": self.stats}))


@pytest.fixture
def hub() -> Hub:
    return Hub(lambda: None)


def source(hub: Hub, host: Host) -> tuple[HostPool, list[PoolChanged]]:
    heard: list[PoolChanged] = []
    hub.subscribe(PoolChanged, heard.append)
    return HostPool(cast(HostClient, host), hub), heard


def test_a_window_that_finds_an_older_pool_shows_its_counts_before_they_change(hub: Hub) -> None:
    pool, heard = source(hub, Host(STATS))
    pool.ask()
    hub.deliver()
    assert [event.stats for event in heard] == [STATS]
    assert pool.stats() == STATS


def test_a_new_host_is_asked_for_its_counts(hub: Hub) -> None:
    host = Host(STATS)
    pool, _ = source(hub, host)
    hub.publish(HostBack())
    hub.deliver()
    hub.deliver()
    assert host.asked == ["pool.stats"]
    assert pool.stats() == STATS


def test_a_host_without_a_pool_yet_leaves_the_panel_waiting(hub: Hub) -> None:
    pool, heard = source(hub, Host({}))
    pool.ask()
    hub.deliver()
    assert not heard
    assert not pool.stats()
