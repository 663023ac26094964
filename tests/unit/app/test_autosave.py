"""Panes are saved by themselves: soon after their set changed, now and then, only if they differ, and with one warning."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from synk.app.autosave import AFTER_MS, Autosave, AutosaveRules
from synk.base.events import Event, Hub, NoticeRaised
from synk.sessions.events import TabsChanged
from synk.sessions.session import Session
from synk.sessions.tabs import Tabs
from synk.storage.database import StorageFailed
from synk.storage.layouts import Layout
from tests.gui.fakes import FakeManager


class Store:
    """Keeps what it is given, or refuses it."""

    def __init__(self) -> None:
        self.start = 7
        self.saved: list[Layout] = []
        self.held: list[str] = []
        self.problem: Exception | None = None

    def save_layout(self, layout: Layout) -> "Future[None]":
        done: Future[None] = Future()
        if self.problem is not None:
            done.set_exception(self.problem)
        else:
            self.saved.append(layout)
            done.set_result(None)
        return done


    def autosave_holds(self, project: str) -> None:
        self.held.append(project)


class Desk:
    """A window without a screen whose time passes on demand."""

    def __init__(self) -> None:
        self.hub = Hub(lambda: None)
        self.tabs = Tabs("/start")
        self.manager = FakeManager(self.hub)
        self.store = Store()
        self.now_ms = 0
        self.timers: list[tuple[int, Callable[[], None]]] = []
        self.notices: list[Event] = []
        self.hub.subscribe(NoticeRaised, self.notices.append)
        self.manager.project = lambda: self.tabs.folder
        manager: Any = self.manager
        self.autosave = Autosave(
            self.store,
            tabs=self.tabs,
            manager=manager,
            hub=self.hub,
            later=lambda ms, act: self.timers.append((self.now_ms + ms, act)),
            rules=AutosaveRules(interval_s=60),
            now=lambda: self.now_ms / 1000,
        )
        self.tabs.open("/project")

    def pass_time(self, ms: int) -> None:
        end = self.now_ms + ms
        while due := sorted((timer for timer in self.timers if timer[0] <= end), key=lambda timer: timer[0]):
            self.timers.remove(due[0])
            self.now_ms = due[0][0]
            due[0][1]()
            self.hub.deliver()
        self.now_ms = end

    def open(self, **arguments: Any) -> Session:
        session = self.manager.create(**arguments)
        self.hub.deliver()
        self.tabs.follow(self.manager.sessions)
        return session

    def panes(self) -> list[tuple[str, list[int]]]:
        return [(layout.project, [pane.pane for pane in layout.panes]) for layout in self.store.saved]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_panes_opened_together_are_saved_once_a_moment_later(desk: Desk) -> None:
    for _ in range(3):
        desk.open()
    desk.pass_time(AFTER_MS - 1)
    assert desk.panes() == []
    desk.pass_time(1)
    assert desk.panes() == [("/project", [1, 2, 3])]
    (layout,) = desk.store.saved
    assert (layout.kind, layout.name, layout.start) == ("autosave", "autosave", 7)


def test_what_changes_without_a_new_pane_is_saved_with_the_interval_and_nothing_else_is(desk: Desk) -> None:
    session = desk.open()
    desk.pass_time(200_000)
    assert len(desk.store.saved) == 1
    assert desk.store.held == ["/project"] * 3
    desk.manager.rename(session, "Fix login")
    desk.pass_time(60_000)
    assert [layout.panes[0].title for layout in desk.store.saved] == ["", "Fix login"]


def test_nothing_wakes_up_while_no_pane_is_open(desk: Desk) -> None:
    desk.manager.close(desk.open())
    desk.hub.deliver()
    desk.pass_time(60_000)
    assert desk.timers == []


def test_the_last_pane_closed_is_stored_too_and_a_project_never_used_is_not(desk: Desk) -> None:
    session = desk.open()
    desk.tabs.open("/never/used", show=False)
    desk.pass_time(AFTER_MS)
    desk.manager.close(session)
    desk.hub.deliver()
    desk.pass_time(AFTER_MS)
    desk.autosave.save_all()
    assert desk.panes() == [("/project", [1]), ("/project", [])]


def test_a_project_that_is_closed_with_its_panes_stays_saved_as_it_was(desk: Desk) -> None:
    session = desk.open()
    desk.pass_time(AFTER_MS)
    tab = desk.tabs.by_project("/project")
    assert tab is not None
    desk.manager.close(session)
    desk.tabs.close(tab)
    desk.hub.publish(TabsChanged())
    desk.hub.deliver()
    desk.tabs.open("/project")
    desk.pass_time(AFTER_MS)
    assert desk.panes() == [("/project", [1])]


def test_every_open_project_is_saved_at_the_end(desk: Desk) -> None:
    desk.open()
    desk.open(project="/other")
    desk.autosave.save_all()
    assert sorted(desk.panes()) == [("/other", [1]), ("/project", [1])]


def test_panes_that_go_with_the_window_are_not_taken_for_closed_ones(desk: Desk) -> None:
    session = desk.open()
    desk.autosave.close()
    desk.manager.close(session)
    desk.hub.deliver()
    desk.pass_time(200_000)
    desk.autosave.save_all()
    assert desk.panes() == [("/project", [1])]


def test_with_autosave_off_nothing_is_saved_until_it_is_on(desk: Desk) -> None:
    desk.autosave.use_rules(AutosaveRules(is_on=False))
    desk.open()
    desk.pass_time(AFTER_MS)
    desk.autosave.save_all()
    assert desk.panes() == []
    desk.autosave.use_rules(AutosaveRules(interval_s=10))
    desk.pass_time(60_000)
    assert desk.panes() == [("/project", [1])]


def test_a_save_that_fails_is_told_once_and_tried_again(desk: Desk) -> None:
    desk.store.problem = StorageFailed("The disk is full.")
    desk.open()
    desk.pass_time(200_000)
    assert desk.notices == [
        NoticeRaised("warning", "The open panes cannot be saved", "The disk is full.", project="/project")
    ]
    desk.store.problem = None
    desk.pass_time(60_000)
    assert desk.panes() == [("/project", [1])]
