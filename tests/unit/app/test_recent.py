"""Recent projects: kept in order, and looked at without one folder holding up another."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from synk.app.recent import RecentProjects
from synk.base.events import Event, Hub
from synk.base.jobs import Jobs
from synk.sessions.tabs import Tabs
from synk.storage.database import Database
from synk.storage.records import Records
from synk.storage.schema import STEPS

Wait = Callable[..., None]


class Fixture:
    """Recent projects over a real database in memory, with a clock and a look the test controls."""

    def __init__(self, is_there: Callable[[str], bool]) -> None:
        self.now = 1000.0
        self.events: list[Event] = []
        self.changes = 0
        self.hub = Hub(lambda: None)
        self.jobs = Jobs(self.hub.call)
        self.records = Records(Database(None, STEPS), now=lambda: self.now)
        self.tabs = Tabs("/start")
        self.recent = RecentProjects(
            self.records,
            self.tabs,
            self.jobs,
            now=lambda: self.now,
            notify=self.events.append,
            on_change=self._changed,
            is_there=is_there,
        )

    def _changed(self) -> None:
        self.changes += 1

    def open(self, *paths: str) -> None:
        """One after the other, a second apart."""
        for path in paths:
            self.now += 1
            self.tabs.open(path)
            self.recent.follow_tabs()

    @property
    def paths(self) -> list[str]:
        return [project.path for project in self.recent.projects]

    def close(self) -> None:
        self.jobs.close()
        self.records.close()


@pytest.fixture
def make() -> Iterator[Callable[..., Fixture]]:
    made: list[Fixture] = []

    def build(is_there: Callable[[str], bool] = lambda _path: True) -> Fixture:
        made.append(Fixture(is_there))
        return made[-1]

    yield build
    for each in made:
        each.close()


def test_the_project_shown_last_comes_first_and_a_new_start_knows_the_same(make: Callable[..., Fixture]) -> None:
    fixture = make()
    fixture.open("/p/a", "/p/b", "/p/c", "/p/a")
    assert fixture.paths == ["/p/a", "/p/c", "/p/b"]
    again = RecentProjects(
        fixture.records,
        Tabs("/start"),
        fixture.jobs,
        now=lambda: fixture.now,
        notify=fixture.events.append,
        on_change=lambda: None,
    )
    fixture.records.project_opened("/p/a", "a").result(30)
    again.load()
    assert [(project.path, project.name) for project in again.projects] == [("/p/a", "a"), ("/p/c", "c"), ("/p/b", "b")]


def test_thirty_are_kept(make: Callable[..., Fixture]) -> None:
    fixture = make()
    fixture.open(*(f"/p/{number}" for number in range(35)))
    assert len(fixture.paths) == 30
    assert fixture.paths[0] == "/p/34"


def test_known_ones_are_open_ones_and_then_recent_ones(make: Callable[..., Fixture]) -> None:
    fixture = make()
    fixture.open("/p/a", "/p/b", "/p/c")
    tab = fixture.tabs.by_project("/p/b")
    assert tab is not None
    fixture.tabs.close(tab)
    assert fixture.recent.known() == [("/p/a", "a"), ("/p/c", "c"), ("/p/b", "b")]


def test_a_forgotten_one_is_gone_at_the_next_start_too(make: Callable[..., Fixture]) -> None:
    fixture = make()
    fixture.open("/p/a", "/p/b")
    fixture.recent.forget("/p/b")
    assert fixture.paths == ["/p/a"]
    fixture.records.project_opened("/p/c", "c").result(30)
    assert [project.path for project in fixture.records.recent_projects()] == ["/p/c", "/p/a"]


def test_folders_that_do_not_answer_hold_up_no_other(make: Callable[..., Fixture], wait_until: Wait) -> None:
    answer = threading.Event()
    asked: list[str] = []

    def is_there(path: str) -> bool:
        asked.append(path)
        if "dead" in path:
            answer.wait()
            return False
        return "gone" not in path

    fixture = make(is_there)
    fixture.open(*(f"/mnt/dead{number}" for number in range(10)), "/p/gone", *(f"/p/{number}" for number in range(19)))
    fixture.recent.look()

    def settled() -> bool:
        fixture.hub.deliver()
        return fixture.recent.is_missing("/p/gone") and len(asked) == 30

    try:
        wait_until(settled, timeout_s=30)
        assert not fixture.recent.is_missing("/p/1")
        assert not fixture.recent.is_missing("/mnt/dead3")
        fixture.recent.look()
        wait_until(lambda: len(asked) == 50, timeout_s=30)
        assert sum("dead" in path for path in asked) == 10, "a folder that hangs is looked at once"
    finally:
        answer.set()
    wait_until(lambda: fixture.hub.deliver() or fixture.recent.is_missing("/mnt/dead3"), timeout_s=30)


def test_a_folder_that_is_back_is_no_longer_missing(make: Callable[..., Fixture], wait_until: Wait, tmp_path: Path) -> None:
    folder = tmp_path / "api"
    fixture = make(lambda path: Path(path).is_dir())
    fixture.open(str(folder))
    fixture.recent.look()
    wait_until(lambda: fixture.hub.deliver() or fixture.recent.is_missing(str(folder)), timeout_s=30)
    folder.mkdir()
    fixture.recent.look()
    wait_until(lambda: fixture.hub.deliver() or not fixture.recent.is_missing(str(folder)), timeout_s=30)
