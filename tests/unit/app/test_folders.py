"""Opening a folder: what is wrong is told, and what does not answer is given up."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from synk.app.folders import FolderOpener, look_at
from synk.base.events import Event, Hub, NoticeRaised
from synk.base.jobs import Jobs
from synk.sessions.tabs import Tabs

Wait = Callable[..., None]


class Opening:
    """An opener over real threads, with a look and a clock the test controls."""

    def __init__(self, start: Path) -> None:
        self.tabs = Tabs(str(start))
        self.hub = Hub(lambda: None)
        self.jobs = Jobs(self.hub.call)
        self.events: list[Event] = []
        self.shown = 0
        self.timers: list[Callable[[], None]] = []
        self.gates: dict[str, threading.Event] = {}
        self.open = FolderOpener(
            self.tabs,
            self.jobs,
            notify=self.events.append,
            show=self._show,
            later=lambda _ms, function: self.timers.append(function),
            look=self._look,
        )

    def _show(self) -> None:
        self.shown += 1

    def _look(self, path: str) -> tuple[str, str]:
        gate = self.gates.get(path)
        if gate is not None:
            gate.wait()
        return look_at(path)

    @property
    def notices(self) -> list[str]:
        return [event.title for event in self.events if isinstance(event, NoticeRaised)]

    @property
    def names(self) -> list[str]:
        return [tab.name for tab in self.tabs.all]


@pytest.fixture
def opening(tmp_path: Path) -> Iterator[Opening]:
    made = Opening(tmp_path)
    yield made
    for gate in made.gates.values():
        gate.set()
    made.jobs.close()


def test_a_folder_is_opened_by_its_real_path_relative_to_the_project(
    opening: Opening, tmp_path: Path, wait_until: Wait
) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "link").symlink_to("api")
    opening.open("link")
    wait_until(lambda: opening.hub.deliver() or opening.tabs.project == str(tmp_path / "api"), timeout_s=30)
    assert opening.shown == 1


def test_what_is_no_folder_is_told_and_nothing_opened(opening: Opening, tmp_path: Path, wait_until: Wait) -> None:
    (tmp_path / "file").touch()
    opening.open("file")
    opening.open("gone")
    wait_until(lambda: opening.hub.deliver() or len(opening.notices) == 2, timeout_s=30)
    assert set(opening.notices) == {f"{tmp_path}/file is not a folder", f"{tmp_path}/gone is not a folder"}
    assert opening.names == []


def test_a_folder_that_does_not_answer_is_given_up_for_good(opening: Opening, tmp_path: Path, wait_until: Wait) -> None:
    (tmp_path / "dead").mkdir()
    gate = opening.gates[f"{tmp_path}/dead"] = threading.Event()
    opening.open("dead")
    opening.timers[0]()
    assert opening.notices == [f"{tmp_path}/dead does not answer"]
    gate.set()
    done: list[bool] = []
    for thread in threading.enumerate():
        if thread.name == "synk-job-aside":
            thread.join(30)
    opening.jobs.submit(lambda: True, done.append)
    wait_until(lambda: opening.hub.deliver() or done == [True], timeout_s=30)
    assert (opening.names, opening.shown) == ([], 0)


def test_of_two_folders_the_one_asked_for_last_is_shown(opening: Opening, tmp_path: Path, wait_until: Wait) -> None:
    for name in ("slow", "quick"):
        (tmp_path / name).mkdir()
    gate = opening.gates[f"{tmp_path}/slow"] = threading.Event()
    opening.open("slow")
    opening.open("quick")
    wait_until(lambda: opening.hub.deliver() or opening.names == ["quick"], timeout_s=30)
    gate.set()
    wait_until(lambda: opening.hub.deliver() or opening.names == ["quick", "slow"], timeout_s=30)
    assert (opening.tabs.project, opening.shown) == (str(tmp_path / "quick"), 1)
    for timer in opening.timers:
        timer()
    assert opening.notices == []
