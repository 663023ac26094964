"""What was open is offered where it was, opened by itself if wanted, and after a crash only as far as the host lost it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from synk.app import restoring as module
from synk.app.restoring import SETTLE_MS, Restoring
from synk.base.errors import UsageError
from synk.base.events import Event, Hub, NoticeRaised
from synk.sessions.events import TabsChanged
from synk.sessions.session import Session
from synk.sessions.tabs import Tab, Tabs
from synk.storage.database import Database
from synk.storage.layouts import Layout, LayoutPane
from synk.storage.projects import TabRecord
from synk.storage.records import Records
from synk.storage.schema import STEPS
from tests.gui.fakes import FakeManager

NOW = 1_000_000.0


class AtOnce:
    """Jobs that are done before they are asked for."""

    def submit(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        done(work())

    aside = submit


class Restorer:
    """Writes down what it is asked to open, and opens it."""

    def __init__(self, manager: FakeManager) -> None:
        self._manager = manager
        self.restored: list[tuple[str, list[int]]] = []

    def restore(self, layout: Layout, tab: Tab, *, only: Callable[[LayoutPane], bool] = lambda _pane: True) -> int:
        panes = [pane for pane in layout.panes if only(pane)]
        self.restored.append((tab.project, [pane.pane for pane in panes]))
        for _ in panes:
            self._manager.create(project=tab.project, select=False)
        return len(panes)

    def retry(self, _session: Session) -> bool:
        return False

    def forget(self, _session: int) -> None: ...


class Desk:
    """A window without a screen over records in memory."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.hub = Hub(lambda: None)
        self.manager = FakeManager(self.hub)
        self.tabs = Tabs("/start")
        self.records = Records(Database(None, STEPS), now=lambda: NOW)
        self.records.begin_start(1, "boot", "1")
        self.were_open: set[str] = set()
        self.mode = "ask"
        self.changes = 0
        self.timers: list[tuple[int, Callable[[], None]]] = []
        self.notices: list[Event] = []
        self.hub.subscribe(NoticeRaised, self.notices.append)
        self.restorer = Restorer(self.manager)
        manager: Any = self.manager
        restorer: Any = self.restorer
        jobs: Any = AtOnce()
        self.restoring = Restoring(
            self.records, restorer, tabs=self.tabs, manager=manager, hub=self.hub, jobs=jobs, mode=lambda: self.mode,
            later=lambda ms, act: self.timers.append((ms, act)),
        )  # fmt: skip
        self.restoring.listen(self._count)

    def _count(self) -> None:
        self.changes += 1

    def settle(self) -> None:
        """What was opened again is noted, a moment later."""
        timers, self.timers = self.timers, []
        for ms, act in timers:
            assert ms == SETTLE_MS
            act()
        self.records.save_window({}).result(30)

    def folder(self, name: str) -> str:
        path = self.base / name
        path.mkdir(exist_ok=True)
        return str(path)

    def keep(self, project: str, *panes: int, start: int = 1, sessions: int = 0) -> Layout:
        """What an earlier start saved by itself; `sessions`: ids of the panes begin after it."""
        kept = tuple(LayoutPane(pane, "terminal", project, session=100 + pane + sessions) for pane in panes)
        layout = Layout(project, "autosave", "autosave", NOW - 60, kept, start=start)
        self.records.save_layout(layout).result(30)
        return layout

    def crash(self, *layouts: tuple[str, tuple[int, ...]], pid: int = 5) -> int:
        """An earlier start that did not end, with what it saved; its projects were open."""
        self.were_open |= {project for project, _panes in layouts}
        self.records.save_tabs([TabRecord(project) for project in sorted(self.were_open)]).result(30)
        own = self.records.start
        start = self.records.begin_start(pid, "boot", "1")
        for project, panes in layouts:
            self.keep(project, *panes, start=start)
        self.records.begin_start(1, "boot", "1")
        self.records.dismiss_start(own).result(30)
        return start

    def show(self, project: str) -> None:
        self.tabs.open(project)
        self.hub.publish(TabsChanged())
        self.hub.deliver()

    def offered(self) -> list[int]:
        offer = self.restoring.offer
        return [pane.pane for pane in offer.panes] if offer is not None else []


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(module, "is_running", lambda _start: False)
    made = Desk(tmp_path)
    yield made
    made.records.close()


def test_an_empty_tab_offers_what_was_open_in_it(desk: Desk) -> None:
    api = desk.folder("api")
    desk.keep(api, 1, 2)
    desk.restoring.begin()
    desk.show(api)
    assert desk.offered() == [1, 2]
    desk.show(desk.folder("web"))
    assert desk.offered() == []
    assert desk.restorer.restored == []


def test_nothing_is_offered_before_the_host_has_given_back_what_it_kept(desk: Desk) -> None:
    api = desk.folder("api")
    desk.keep(api, 1)
    desk.show(api)
    assert desk.offered() == []
    desk.restoring.begin()
    assert desk.offered() == [1]


def test_who_opens_something_else_is_not_offered_it_any_more(desk: Desk) -> None:
    api = desk.folder("api")
    desk.keep(api, 1)
    desk.restoring.begin()
    desk.show(api)
    session = desk.manager.create(project=api)
    desk.hub.deliver()
    assert desk.offered() == []
    desk.manager.close(session)
    desk.hub.deliver()
    assert desk.offered() == []


def test_what_is_restored_is_not_offered_again(desk: Desk) -> None:
    api = desk.folder("api")
    layout = desk.keep(api, 1, 2)
    desk.restoring.begin()
    desk.show(api)
    tab = desk.tabs.by_project(api)
    assert tab is not None
    changes = desk.changes
    desk.restoring.open_layout(layout, tab)
    assert desk.changes > changes
    assert desk.restorer.restored == [(api, [1, 2])]
    assert desk.records.last_autosave(api) is not None
    desk.settle()
    assert desk.records.last_autosave(api) is None


def test_always_opens_by_itself_and_moves_nothing(desk: Desk) -> None:
    desk.mode = "always"
    api = desk.folder("api")
    desk.keep(api, 1, 2)
    desk.restoring.begin()
    desk.show(api)
    assert desk.restorer.restored == [(api, [1, 2])]
    assert desk.offered() == []
    assert desk.tabs.workspace.selected is None


def test_never_offers_nothing_and_still_has_it(desk: Desk) -> None:
    desk.mode = "never"
    api = desk.folder("api")
    desk.keep(api, 1)
    desk.restoring.begin()
    desk.show(api)
    assert (desk.offered(), desk.restorer.restored) == ([], [])
    assert len(desk.records.layouts(api)) == 1


def test_a_tab_that_is_closed_and_opened_again_is_asked_anew(desk: Desk) -> None:
    api = desk.folder("api")
    desk.restoring.begin()
    desk.show(api)
    assert desk.offered() == []
    tab = desk.tabs.by_project(api)
    assert tab is not None
    desk.tabs.close(tab)
    desk.hub.publish(TabsChanged())
    desk.hub.deliver()
    desk.keep(api, 1, start=desk.records.start)
    desk.show(api)
    assert desk.offered() == [1]


def test_a_crash_is_told_with_what_the_host_has_not_kept(desk: Desk) -> None:
    api, web = desk.folder("api"), desk.folder("web")
    desk.crash((api, (1, 2, 3)), (web, (1,)))
    assert desk.restoring.look_back() == 4
    assert desk.restoring.crashed == []
    kept = desk.manager.create(project=api)
    kept.id = 102
    desk.restoring.begin()
    told = {(crash.project, crash.name, crash.sessions, crash.at) for crash in desk.restoring.crashed}
    assert told == {(api, "api", 2, NOW - 60), (web, "web", 1, NOW - 60)}
    desk.restoring.restore_crash(api)
    assert desk.restorer.restored == [(api, [1, 3])]
    assert desk.tabs.project == api
    assert [crash.project for crash in desk.restoring.crashed] == [web]


def test_a_project_closed_before_the_crash_is_not_told_and_offered_when_it_is_opened_again(desk: Desk) -> None:
    api, web = desk.folder("api"), desk.folder("web")
    desk.crash((api, (1, 2)), (web, (1,)))
    desk.records.save_tabs([TabRecord(web)]).result(30)
    assert desk.restoring.look_back() == 1
    desk.restoring.begin()
    assert [crash.project for crash in desk.restoring.crashed] == [web]
    desk.show(api)
    assert desk.offered() == [1, 2]


def test_a_session_the_host_kept_gets_back_what_it_was_given(desk: Desk) -> None:
    api = desk.folder("api")
    start = desk.crash((api, (1,)))
    (layout,) = desk.records.autosaves_of(start)
    panes = (replace(layout.panes[0], variables={"LEVEL": "2", "API_KEY": None}),)
    desk.records.save_layout(replace(layout, panes=panes)).result(30)
    desk.restoring.look_back()
    kept, other = desk.manager.create(project=api), desk.manager.create(project=api)
    kept.id = 101
    desk.restoring.begin()
    assert (kept.variables, other.variables) == ({"LEVEL": "2"}, {})


def test_a_crash_of_which_the_host_kept_everything_is_not_told_and_not_looked_for_again(desk: Desk) -> None:
    api = desk.folder("api")
    desk.crash((api, (1,)))
    desk.restoring.look_back()
    desk.manager.create(project=api).id = 101
    desk.restoring.begin()
    desk.settle()
    assert desk.restoring.crashed == []
    assert desk.records.crashed_starts(lambda _start: False) == []


def test_a_dismissed_crash_is_never_told_again_and_stays_loadable(desk: Desk) -> None:
    api, web = desk.folder("api"), desk.folder("web")
    start = desk.crash((api, (1,)), (web, (1,)))
    desk.restoring.look_back()
    desk.restoring.begin()
    desk.restoring.dismiss_crash(api)
    desk.records.save_window({}).result(30)
    assert [crash.project for crash in desk.restoring.crashed] == [web]
    assert [each.project for each in desk.records.autosaves_of(start)] == [web]
    desk.restoring.dismiss_crash(web)
    desk.records.save_window({}).result(30)
    assert desk.records.crashed_starts(lambda _start: False) == []
    assert len(desk.records.layouts()) == 2
    desk.show(api)
    assert desk.offered() == []


def test_of_two_crashes_the_last_one_counts(desk: Desk) -> None:
    api = desk.folder("api")
    desk.crash((api, (1, 2, 3)), pid=5)
    desk.crash((api, (1,)), pid=6)
    assert desk.restoring.look_back() == 1
    desk.restoring.begin()
    desk.restoring.dismiss_crash(api)
    desk.records.save_window({}).result(30)
    assert desk.records.crashed_starts(lambda _start: False) == []


def test_after_a_crash_nothing_opens_by_itself(desk: Desk) -> None:
    desk.mode = "always"
    api = desk.folder("api")
    desk.crash((api, (1,)))
    desk.restoring.look_back()
    desk.restoring.begin()
    desk.show(api)
    assert desk.restorer.restored == []
    assert desk.offered() == [1]
    desk.restoring.restore_crash(api)
    assert (desk.offered(), desk.restoring.crashed) == ([], [])


def test_a_crash_is_told_where_a_project_is_shown_and_not_at_home(desk: Desk) -> None:
    api = desk.folder("api")
    desk.crash((api, (1, 2)))
    desk.restoring.look_back()
    desk.restoring.begin()
    desk.hub.deliver()
    assert desk.notices == []
    desk.show(desk.folder("web"))
    desk.restoring.begin()
    desk.hub.deliver()
    (notice,) = desk.notices
    assert isinstance(notice, NoticeRaised)
    assert (notice.title, notice.body, notice.command) == (
        "Synk ended unexpectedly", "2 sessions in api can be restored from the home screen.", "home.show"
    )  # fmt: skip


def test_a_start_that_crashed_without_panes_is_forgotten(desk: Desk) -> None:
    desk.crash()
    assert desk.restoring.look_back() == 0
    desk.records.save_window({}).result(30)
    assert desk.records.crashed_starts(lambda _start: False) == []


def test_a_folder_that_is_gone_is_told_and_the_crash_stays_offered(desk: Desk) -> None:
    gone = str(desk.base / "gone")
    desk.crash((gone, (1,)))
    desk.restoring.look_back()
    desk.restoring.begin()
    desk.restoring.restore_crash(gone)
    desk.hub.deliver()
    assert desk.notices == [NoticeRaised("error", f"{gone} is not a folder")]
    assert len(desk.restoring.crashed) == 1


def test_an_autosave_that_is_open_is_not_opened_twice_and_a_named_layout_is(desk: Desk) -> None:
    api = desk.folder("api")
    layout = desk.keep(api, 1)
    desk.restoring.begin()
    desk.show(api)
    desk.manager.create(project=api).id = 101
    tab = desk.tabs.by_project(api)
    assert tab is not None
    assert not desk.restoring.has_lost(layout)
    with pytest.raises(UsageError, match="All panes of this layout are open"):
        desk.restoring.open_layout(layout, tab)
    desk.restoring.open_layout(replace(layout, kind="named", name="mine"), tab)
    assert desk.restorer.restored == [(api, [1])]
