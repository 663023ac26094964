"""Saving and loading layouts by name: what is asked, what is refused, what is done."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from synk.actions.layouts import LayoutActions, panes_text
from synk.actions.ports import Question
from synk.base.errors import NoSuchTarget, SynkError, UsageError
from synk.base.events import Event, Hub, NoticeRaised
from synk.commands.line import CommandRunner, NothingSelected
from synk.commands.registry import Registry
from synk.sessions.tabs import Tab, Tabs
from synk.storage.layouts import VERSION, Layout, LayoutPane
from tests.gui.fakes import FakeManager

NOW = 10_000.0


def layout(name: str, project: str = "/api", **fields: Any) -> Layout:
    panes = (LayoutPane(1, "claude", project), LayoutPane(2, "terminal", project))
    return replace(Layout(project, name, "named", NOW - 300, panes), **fields)


AUTOSAVE = layout("autosave", kind="autosave")


class Shelf:
    """Layouts in a list; answers at once."""

    def __init__(self) -> None:
        self.layouts: list[Layout] = []
        self.deleted: list[tuple[str, str]] = []

    def read(self, on_layouts: Callable[[Sequence[Layout]], None]) -> None:
        on_layouts(self.layouts)

    def save(self, layout: Layout, on_saved: Callable[[], None]) -> None:
        self.layouts.append(layout)
        on_saved()

    def delete(self, project: str, name: str, on_deleted: Callable[[], None]) -> None:
        self.deleted.append((project, name))
        on_deleted()


class Desk:
    """The commands over fakes; questions are answered by the test."""

    def __init__(self) -> None:
        self.hub = Hub(lambda: None)
        self.manager = FakeManager(self.hub)
        self.manager.project = lambda: "/api"
        self.tabs = Tabs("/start")
        self.shelf = Shelf()
        self.questions: list[tuple[Question, Callable[[], object]]] = []
        self.names: list[tuple[str, list[str], Callable[[str], object]]] = []
        self.lists: list[tuple[list[str], bool, Callable[[Layout], object], Callable[[Layout], object]]] = []
        self.restored: list[tuple[str, str]] = []
        self.notices: list[Event] = []
        self.offered: Layout | None = None
        self.shows = 0
        view: Any = self
        registry = Registry()
        registry.add(
            LayoutActions(
                self.tabs,
                self.manager,
                view,
                self,
                self.shelf,
                restore=lambda layout, tab: self.restored.append((layout.name, tab.project)),
                offered=lambda: self.offered,
                open_project=self._open_project,
                notify=self.notices.append,
                now=lambda: NOW,
            )
        )
        self.runner = CommandRunner(registry, sessions=lambda: (), selected=lambda: None)

    def ask(self, question: Question, on_confirm: Callable[[], object]) -> None:
        self.questions.append((question, on_confirm))

    def ask_name(self, suggestion: str, taken: Sequence[Layout], on_name: Callable[[str], object]) -> None:
        self.names.append((suggestion, [each.name for each in taken], on_name))

    def ask_layout(
        self,
        layouts: Sequence[Layout],
        *,
        names_projects: bool,
        on_choice: Callable[[Layout], object],
        on_delete: Callable[[Layout], object],
    ) -> None:
        self.lists.append(([each.name for each in layouts], names_projects, on_choice, on_delete))

    def show_workspace(self) -> None:
        self.shows += 1

    def _open_project(self, path: str, on_tab: Callable[[Tab], None]) -> None:
        on_tab(self.tabs.open(path))

    def open(self, project: str = "/api", panes: int = 1) -> None:
        self.tabs.open(project)
        for _ in range(panes):
            self.manager.create(project=project)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_panes_are_saved_under_a_name_and_that_is_said(desk: Desk) -> None:
    desk.open(panes=2)
    desk.runner.run("/save  test-layout ")
    (saved,) = desk.shelf.layouts
    assert (saved.name, saved.kind, saved.project, len(saved.panes), saved.saved_at) == ("test-layout", "named", "/api", 2, NOW)
    assert desk.notices == [NoticeRaised("success", 'Saved the layout "test-layout"', "2 panes: terminal", project="/api")]


def test_an_existing_name_asks_before_it_is_replaced(desk: Desk) -> None:
    desk.open()
    desk.shelf.layouts = [layout("mine"), layout("other", "/web")]
    desk.runner.run("/save mine")
    ((question, confirm),) = desk.questions
    assert (question.title, question.body) == (
        'Replace the layout "mine"?', "It was saved 5m ago with 2 panes: claude, terminal."
    )  # fmt: skip
    assert len(desk.shelf.layouts) == 2
    confirm()
    assert len(desk.shelf.layouts) == 3
    desk.runner.run("/save other")
    assert len(desk.questions) == 1


def test_without_a_name_it_is_asked_for_with_one_that_is_free_and_later_the_last_one(desk: Desk) -> None:
    desk.open()
    desk.shelf.layouts = [layout("layout 1"), AUTOSAVE]
    desk.runner.run("/save")
    suggestion, taken, on_name = desk.names.pop()
    assert (suggestion, taken) == ("layout 2", ["layout 1"])
    on_name("mine")
    assert desk.shelf.layouts[-1].name == "mine"
    desk.runner.run("/save")
    assert desk.names.pop()[0] == "mine"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("/save " + "x" * 81, "at most 80 characters"),
        ("/save a\x07b", "control characters"),
        ("/save autosave", "saves by itself"),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_nothing_saved(desk: Desk, line: str, reason: str) -> None:
    desk.open()
    with pytest.raises(UsageError, match=reason):
        desk.runner.run(line)
    assert desk.shelf.layouts == []


def test_there_has_to_be_something_to_save(desk: Desk) -> None:
    with pytest.raises(NothingSelected, match="No project is open here"):
        desk.runner.run("/save mine")
    desk.open(panes=0)
    desk.manager.create(project="/web")
    with pytest.raises(UsageError, match="There is no pane to save"):
        desk.runner.run("/save mine")


@pytest.mark.parametrize("name", ["mine", "MINE"])
def test_a_layout_is_opened_by_name_whatever_its_case(desk: Desk, name: str) -> None:
    desk.open(panes=0)
    desk.shelf.layouts = [layout("mine"), layout("mine", "/web")]
    desk.runner.run(f"/load {name}")
    assert desk.restored == [("mine", "/api")]
    assert desk.shows == 1


def test_autosave_is_the_newest_one_of_the_project(desk: Desk) -> None:
    desk.open(panes=0)
    desk.shelf.layouts = [layout("mine"), AUTOSAVE]
    desk.runner.run("/load autosave")
    assert desk.restored == [("autosave", "/api")]


def test_a_name_that_is_not_there_names_those_that_are(desk: Desk) -> None:
    desk.open()
    with pytest.raises(NoSuchTarget, match=r'No layout is called "nope"\. None is saved here yet'):
        desk.runner.run("/load nope")
    desk.shelf.layouts = [layout("a"), layout("b")]
    with pytest.raises(NoSuchTarget, match="There are a, b"):
        desk.runner.run("/load nope")


def test_a_layout_of_another_project_names_it_and_offers_to_open_it(desk: Desk) -> None:
    desk.open()
    desk.shelf.layouts = [layout("theirs", "/web")]
    desk.runner.run("/load theirs")
    ((question, confirm),) = desk.questions
    assert question.title == '"theirs" is a layout of another project'
    assert question.body.startswith("/web\n")
    assert (desk.restored, desk.tabs.project) == ([], "/api")
    confirm()
    assert (desk.restored, desk.tabs.project) == ([("theirs", "/web")], "/web")


def test_a_layout_of_a_newer_synk_is_not_opened_and_says_so(desk: Desk) -> None:
    desk.open()
    desk.shelf.layouts = [layout("new", version=VERSION + 1)]
    with pytest.raises(UsageError, match="saved by a newer Synk"):
        desk.runner.run("/load new")


def test_without_a_name_the_project_s_layouts_are_listed_and_at_home_those_of_all(desk: Desk) -> None:
    desk.shelf.layouts = [layout("mine"), layout("theirs", "/web")]
    desk.runner.run("/load")
    names, names_projects, on_choice, _ = desk.lists.pop()
    assert (names, names_projects) == (["mine", "theirs"], True)
    on_choice(desk.shelf.layouts[1])
    assert desk.restored == [("theirs", "/web")]
    desk.runner.run("/load")
    names, names_projects, _, _ = desk.lists.pop()
    assert (names, names_projects) == (["theirs"], False)


def test_what_was_loaded_is_what_saving_offers_next(desk: Desk) -> None:
    desk.open()
    desk.shelf.layouts = [layout("mine")]
    desk.runner.run("/load mine")
    desk.runner.run("/save")
    assert desk.names.pop()[0] == "mine"


def test_deleting_asks_and_only_takes_layouts_with_a_name(desk: Desk) -> None:
    desk.open()
    desk.shelf.layouts = [layout("mine"), AUTOSAVE]
    desk.runner.run("/layout.delete mine")
    ((question, confirm),) = desk.questions
    assert (question.title, desk.shelf.deleted) == ('Delete the layout "mine"?', [])
    confirm()
    assert desk.shelf.deleted == [("/api", "mine")]
    with pytest.raises(NoSuchTarget):
        desk.runner.run("/layout.delete autosave")


def test_what_was_open_is_opened_again_where_it_is_offered(desk: Desk) -> None:
    desk.open(panes=0)
    assert not desk.runner.registry.find("layout.restore").when()  # type: ignore[misc]
    with pytest.raises(SynkError, match="Nothing is offered here"):
        desk.runner.run("/layout.restore")
    desk.offered = AUTOSAVE
    desk.runner.run("/layout.restore")
    assert desk.restored == [("autosave", "/api")]


def test_panes_are_told_with_each_agent_once() -> None:
    one = layout("mine", panes=(LayoutPane(1, "claude", "/api"),))
    assert panes_text(one) == "1 pane: claude"
