"""Layouts between records and commands: what is worth offering, the names that complete, and errors that reach the user."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from synk.app.layouts import KeptLayouts, worth_offering
from synk.base.errors import SynkError, UsageError
from synk.base.events import Event, Hub, NoticeRaised
from synk.commands.completion import Suggestion
from synk.sessions.tabs import Tabs
from synk.storage.database import Database, StorageFailed
from synk.storage.layouts import VERSION, Layout, LayoutPane
from synk.storage.records import Records
from synk.storage.schema import STEPS

PANES = (LayoutPane(1, "claude", "/api"), LayoutPane(2, "terminal", "/api"))
MINE = Layout("/api", "mine", "named", 1.0, PANES, cols=2)
AUTOSAVE = replace(MINE, name="autosave", kind="autosave", start=5)


class AtOnce:
    """Jobs that are done before they are asked for."""

    def submit(
        self, work: Callable[[], Any], done: Callable[[Any], None], *, failed: Callable[[Exception], None] | None = None
    ) -> None:
        try:
            result = work()
        except StorageFailed as error:
            assert failed is not None
            failed(error)
        else:
            done(result)


class Desk:
    def __init__(self) -> None:
        self.hub = Hub(lambda: None)
        self.notices: list[Event] = []
        self.hub.subscribe(NoticeRaised, self.notices.append)
        self.tabs = Tabs("/start")
        self.records = Records(Database(None, STEPS))
        jobs: Any = AtOnce()
        self.shelf = KeptLayouts(self.records, jobs, self.tabs, self.hub, self._guard)

    def _guard(self, act: Callable[[], object]) -> None:
        try:
            act()
        except SynkError as error:
            self.hub.publish(NoticeRaised("error", error.message))


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.records.close()


def test_autosaves_are_offered_once_each_and_only_with_something_that_is_not_open() -> None:
    same = replace(AUTOSAVE, start=4)
    other = replace(AUTOSAVE, start=3, panes=PANES[:1])
    elsewhere = replace(AUTOSAVE, start=2, project="/web")
    found = worth_offering([MINE, AUTOSAVE, same, other, elsewhere], lambda layout: layout is not elsewhere)
    assert found == [MINE, AUTOSAVE, other]


def test_the_names_of_the_project_complete_and_at_home_those_of_all(desk: Desk) -> None:
    now = time.time()
    for layout in (MINE, replace(MINE, name="theirs", project="/web"), replace(MINE, name="newer", version=VERSION + 1)):
        desk.records.save_layout(replace(layout, saved_at=now)).result(30)
    desk.shelf.look()
    assert [word.word for word in desk.shelf.words()] == ["mine", "theirs"]
    desk.tabs.open("/api")
    assert desk.shelf.words() == [Suggestion("mine", "now, 2 x 1, 2 panes: claude, terminal")]


def test_what_was_saved_and_deleted_is_known_at_once(desk: Desk) -> None:
    done: list[str] = []
    desk.tabs.open("/api")
    desk.shelf.save(MINE, lambda: done.append("saved"))
    desk.records.save_window({}).result(30)
    desk.hub.deliver()
    assert (done, [word.word for word in desk.shelf.words()]) == (["saved"], ["mine"])
    desk.shelf.delete("/api", "mine", lambda: done.append("deleted"))
    desk.records.save_window({}).result(30)
    desk.hub.deliver()
    assert (done, desk.shelf.words()) == (["saved", "deleted"], [])


def test_a_layout_that_could_not_be_stored_is_not_told_as_saved(desk: Desk) -> None:
    done: list[str] = []
    desk.records.close()
    desk.shelf.save(MINE, lambda: done.append("saved"))
    desk.hub.deliver()
    assert done == []


def test_what_a_command_refuses_after_the_layouts_came_is_told(desk: Desk) -> None:
    def refuse(_layouts: object) -> None:
        raise UsageError("No layout is called so")

    desk.shelf.read(refuse)
    desk.hub.deliver()
    assert desk.notices == [NoticeRaised("error", "No layout is called so")]


def test_layouts_that_cannot_be_read_are_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[Layout]:
        raise StorageFailed("state.db cannot be read: malformed")

    monkeypatch.setattr(desk.records, "layouts", broken)
    desk.shelf.read(lambda _layouts: None)
    desk.hub.deliver()
    assert desk.notices == [NoticeRaised("error", "The layouts cannot be read", "state.db cannot be read: malformed")]
