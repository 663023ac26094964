"""Commands of the home screen and of the switcher."""

from collections.abc import Sequence

import pytest

from synk.actions.home import HomeActions, ListStep
from synk.base.errors import UsageError
from synk.commands.line import CommandRunner
from synk.commands.registry import Registry


class FakeScreen:
    """A home screen that notes what it is told."""

    def __init__(self) -> None:
        self.marked_project: str | None = "/p/api"
        self.calls: list[str] = []

    def move_mark(self, step: ListStep) -> None:
        self.calls.append(step)

    def toggle_scope(self) -> None:
        self.calls.append("scope")

    def ask_project(self) -> None:
        self.calls.append("ask")

    def restore_crash(self, project: str) -> None:
        self.calls.append(f"restore {project}")

    def dismiss_crash(self, project: str) -> None:
        self.calls.append(f"dismiss {project}")


class FakeProjects:
    """Three projects, one of them gone."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    def known(self) -> Sequence[tuple[str, str]]:
        return [("/p/api", "api"), ("/p/web app", "web app"), ("/q/api", "api"), ("/p/gone", "gone")]

    def is_missing(self, path: str) -> bool:
        return path == "/p/gone"

    def forget(self, path: str) -> None:
        self.forgotten.append(path)


class Kit:
    def __init__(self) -> None:
        self.screen, self.projects = FakeScreen(), FakeProjects()
        self.opened: list[str] = []
        registry = Registry()
        registry.add(HomeActions(self.screen, self.projects, open_folder=self.opened.append))
        self.runner = CommandRunner(registry, sessions=tuple, selected=lambda: None)


@pytest.fixture
def kit() -> Kit:
    return Kit()


def test_a_project_is_switched_to_by_name_by_path_and_by_a_few_letters(kit: Kit) -> None:
    for name in ("api", "/q/api", "web app", "wa"):
        kit.runner.run(f"project {name}")
    assert kit.opened == ["/p/api", "/q/api", "/p/web app", "/p/web app"]


def test_without_a_name_the_user_is_asked(kit: Kit) -> None:
    kit.runner.run("project.switch")
    assert (kit.screen.calls, kit.opened) == (["ask"], [])


def test_an_unknown_project_is_an_error_that_says_what_to_do(kit: Kit) -> None:
    with pytest.raises(UsageError, match=r'No project is called "zzz". /tab.open opens a folder'):
        kit.runner.run("project zzz")


def test_the_marked_project_is_opened_unless_its_folder_is_gone(kit: Kit) -> None:
    kit.runner.run("recent.open")
    kit.screen.marked_project = "/p/gone"
    with pytest.raises(UsageError, match="/p/gone is not there"):
        kit.runner.run("recent.open")
    kit.screen.marked_project = None
    kit.runner.run("recent.open")
    assert kit.opened == ["/p/api"]


def test_the_marked_or_the_named_project_leaves_the_list(kit: Kit) -> None:
    kit.runner.run("recent.remove")
    kit.runner.run("recent.remove gone")
    kit.screen.marked_project = None
    assert kit.runner.run("recent.remove") == ""
    assert kit.projects.forgotten == ["/p/api", "/p/gone"]


def test_the_screen_is_told_what_the_keys_mean(kit: Kit) -> None:
    for line in ("recent.move next", "recent.move page-up", "figures.toggle", 'crash.restore "/p/web app"', "crash.dismiss /x"):
        kit.runner.run(line)
    assert kit.screen.calls == ["next", "page-up", "scope", "restore /p/web app", "dismiss /x"]
