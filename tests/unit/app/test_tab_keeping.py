"""Tabs come back as they were; one whose folder is missing is left out and named."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from synk.app.tab_keeping import TabKeeper
from synk.base.events import Event, Hub, NoticeRaised
from synk.sessions.events import TabsChanged
from synk.sessions.tabs import Tabs
from synk.storage.projects import TabRecord


class Store:
    """The tabs of the last start, and what is saved since."""

    def __init__(self, *tabs: TabRecord) -> None:
        self.kept = list(tabs)
        self.saves: list[list[TabRecord]] = []

    def tabs(self) -> list[TabRecord]:
        return self.kept

    def save_tabs(self, tabs: Sequence[TabRecord]) -> None:
        self.saves.append(list(tabs))


@pytest.fixture
def hub() -> Hub:
    return Hub(lambda: None)


@pytest.fixture
def tabs() -> Tabs:
    return Tabs("/start")


def at_once(work: Callable[[], Any], done: Callable[[Any], None]) -> None:
    done(work())


THREE = (TabRecord("/a"), TabRecord("/b", is_active=True, view={"sidebar.folded": ["skills"]}), TabRecord("/c"))


def test_tabs_come_back_in_order_with_the_active_one_and_their_view(hub: Hub, tabs: Tabs) -> None:
    store = Store(*THREE)
    TabKeeper(store, tabs, hub=hub, aside=at_once, is_folder=lambda _path: True).bring_back()
    assert [tab.project for tab in tabs.all] == ["/a", "/b", "/c"]
    assert tabs.project == "/b"
    assert tabs.all[1].view == {"sidebar.folded": ["skills"]}
    hub.publish(TabsChanged())
    hub.deliver()
    assert store.saves == []


def test_a_folder_given_at_the_start_is_shown_and_opened_last(hub: Hub, tabs: Tabs) -> None:
    TabKeeper(Store(*THREE), tabs, hub=hub, aside=at_once, is_folder=lambda _path: True).bring_back(show="/d")
    assert ([tab.project for tab in tabs.all], tabs.project) == (["/a", "/b", "/c", "/d"], "/d")


def test_after_a_crash_the_tabs_are_there_and_none_is_shown(hub: Hub, tabs: Tabs) -> None:
    TabKeeper(Store(*THREE), tabs, hub=hub, aside=at_once, is_folder=lambda _path: True).bring_back(at_home=True)
    assert (len(tabs.all), tabs.active) == (3, None)


def test_a_tab_whose_folder_is_missing_is_left_out_with_one_notice_naming_it(hub: Hub, tabs: Tabs) -> None:
    told: list[Event] = []
    hub.subscribe(NoticeRaised, told.append)
    store = Store(*THREE)
    TabKeeper(store, tabs, hub=hub, aside=at_once, is_folder=lambda path: path != "/b").bring_back()
    hub.deliver()
    assert [tab.project for tab in tabs.all] == ["/a", "/c"]
    assert told == [NoticeRaised("warning", "/b is not there any more", "Its tab was left out.")]
    assert store.saves == [[TabRecord("/a"), TabRecord("/c", is_active=True)]]


def test_a_folder_that_never_answers_holds_up_nothing(hub: Hub, tabs: Tabs) -> None:
    asked: list[Callable[[], Any]] = []
    keeper = TabKeeper(Store(*THREE), tabs, hub=hub, aside=lambda work, _done: asked.append(work), is_folder=lambda _path: True)
    keeper.bring_back()
    assert (len(asked), len(tabs.all)) == (3, 3)


def test_a_tab_with_sessions_stays_even_if_its_folder_is_gone(hub: Hub, tabs: Tabs) -> None:
    answers: list[Callable[[], None]] = []
    keeper = TabKeeper(
        Store(*THREE), tabs, hub=hub, aside=lambda work, done: answers.append(lambda: done(work())), is_folder=lambda _path: False
    )
    keeper.bring_back()
    tabs.all[0].workspace.opened(1, by_user=False)
    for answer in answers:
        answer()
    assert [tab.project for tab in tabs.all] == ["/a"]


def test_tabs_are_stored_when_they_change_and_only_then(hub: Hub, tabs: Tabs) -> None:
    store = Store()
    keeper = TabKeeper(store, tabs, hub=hub, aside=at_once, is_folder=lambda _path: True)
    keeper.bring_back()
    tab = tabs.open("/a")
    for _ in range(2):
        hub.publish(TabsChanged())
        hub.deliver()
    assert store.saves == [[TabRecord("/a", is_active=True)]]
    tab.view["sidebar.folded"] = ["skills"]
    keeper.save()
    tab.view["sidebar.folded"].append("servers")
    keeper.save()
    keeper.save()
    assert [saved[0].view for saved in store.saves[1:]] == [
        {"sidebar.folded": ["skills"]}, {"sidebar.folded": ["skills", "servers"]}
    ]  # fmt: skip
