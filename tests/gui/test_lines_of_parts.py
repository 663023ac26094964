"""Lines of the command bar that open projects, layouts and settings, typed for real."""

from collections.abc import Callable, Sequence

import pytest

from synk.actions.home import HomeActions
from synk.actions.layouts import LayoutActions
from synk.actions.settings import SettingsActions
from synk.actions.tabs import TabActions
from synk.app.line import setting_words
from synk.base.errors import SynkError, UsageError
from synk.sessions.tabs import Tab
from synk.storage.layouts import Layout
from tests.gui.desk import Desk

CHANGING = (
    "/quit", "/home", "/tab.close", "/tab.close-all", "/kill", "/new", "/session.again", "/restart", "/tab.open", "/key",
)  # fmt: skip
"""What the other commands of the list act on would be another thing after these, or they ask for a word."""
API, WEB = "/home/user/api", "/home/user/web"


class Parts:
    """What the other parts of the window were asked for; layouts are kept in a list."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.asked: list[str] = []
        self.layouts: list[Layout] = []
        self.restored: list[tuple[str, str]] = []
        registry, tabs = desk.runner.registry, desk.tabs
        registry.add(SettingsActions(self))
        registry.add(HomeActions(self, self, open_folder=self.open_folder))
        registry.add(TabActions(tabs, desk.manager, desk.window, open_folder=self.open_folder, notify=desk.hub.publish))
        registry.add(
            LayoutActions(
                tabs,
                desk.manager,
                desk.window,
                self,
                self,
                restore=self._restore,
                offered=lambda: None,
                open_project=lambda path, on_tab: on_tab(tabs.open(path)),
                notify=desk.hub.publish,
            )
        )
        desk.words["settings"] = [each.word for each in setting_words()()]
        desk.words["projects"] = [name for _, name in self.known()]

    marked_project = None

    def move_mark(self, step: str) -> None:
        self.asked.append(f"mark {step}")

    def toggle_scope(self) -> None:
        self.asked.append("scope")

    def ask_project(self) -> None:
        self.asked.append("project?")

    def restore_crash(self, project: str) -> None:
        self.asked.append(f"restore {project}")

    def dismiss_crash(self, project: str) -> None:
        self.asked.append(f"dismiss {project}")

    def known(self) -> Sequence[tuple[str, str]]:
        return [(API, "api"), (WEB, "web")]

    def is_missing(self, path: str) -> bool:
        return not path

    def forget(self, path: str) -> None:
        self.asked.append(f"forget {path}")

    def open_folder(self, path: str) -> None:
        self.desk.tabs.open(path)
        self.desk.window.show_workspace()

    def open(self, group: str) -> None:
        if group not in ("", *self.desk.words["settings"]):
            raise UsageError(f"There is no group {group} of settings")
        self.asked.append(f"settings {group}")

    def edit_file(self) -> None:
        self.asked.append("settings.toml")

    def read(self, on_layouts: Callable[[Sequence[Layout]], None]) -> None:
        on_layouts(self.layouts)

    def save(self, layout: Layout, on_saved: Callable[[], None]) -> None:
        self.layouts.append(layout)
        self.desk.words["layouts"].append(layout.name)
        on_saved()

    def delete(self, project: str, name: str, on_deleted: Callable[[], None]) -> None:
        self.layouts = [each for each in self.layouts if (each.project, each.name) != (project, name)]
        on_deleted()

    def ask_name(self, suggestion: str, taken: Sequence[Layout], on_name: Callable[[str], object]) -> None:
        self.asked.append(f"name? {suggestion} {len(taken)} {callable(on_name)}")

    def ask_layout(
        self,
        layouts: Sequence[Layout],
        *,
        names_projects: bool,
        on_choice: Callable[[Layout], object],
        on_delete: Callable[[Layout], object],
    ) -> None:
        self.asked.append(f"layout? {len(layouts)} {names_projects} {callable(on_choice)} {callable(on_delete)}")

    def _restore(self, layout: Layout, tab: Tab) -> None:
        self.restored.append((layout.name, tab.project))


@pytest.fixture
def parts(desk: Desk) -> Parts:
    return Parts(desk)


def line(desk: Desk, text: str) -> None:
    desk.press("/")
    desk.type(text)
    desk.press("enter")


def message(desk: Desk) -> str:
    return desk.window.widget.command_bar.list.message


def test_project_goes_to_one_by_name_and_asks_without(desk: Desk, parts: Parts) -> None:
    line(desk, "project web")
    assert desk.tabs.project == WEB
    assert not desk.window.widget.command_bar.is_open
    line(desk, "project")
    assert parts.asked == ["project?"]
    line(desk, "project nosuch")
    assert message(desk) == 'No project is called "nosuch". /tab.open opens a folder'


def test_a_project_is_completed_and_opened(desk: Desk, parts: Parts) -> None:
    assert parts.known()
    desk.press("/")
    desk.type("proj")
    desk.press("tab")
    desk.type("w")
    desk.press("tab", "enter")
    assert desk.tabs.project == WEB


def test_save_keeps_the_panes_under_a_name_with_blanks_and_load_opens_them(desk: Desk, parts: Parts) -> None:
    desk.open(2)
    line(desk, "save code review")
    assert [(each.name, len(each.panes)) for each in parts.layouts] == [("code review", 2)]
    desk.press("/")
    desk.type("load c")
    desk.press("tab", "enter")
    assert parts.restored == [("code review", API)]


def test_save_and_load_ask_without_a_name(desk: Desk, parts: Parts) -> None:
    desk.open(1)
    line(desk, "save")
    line(desk, "save one")
    line(desk, "load")
    assert [each.partition(" ")[0] for each in parts.asked] == ["name?", "layout?"]


def test_save_without_a_pane_says_so(desk: Desk, parts: Parts) -> None:
    line(desk, "save one")
    assert message(desk) == "There is no pane to save"
    assert parts.layouts == []


def test_settings_opens_the_dialog_on_a_group(desk: Desk, parts: Parts) -> None:
    line(desk, "settings")
    line(desk, "settings keyboard")
    assert parts.asked == ["settings ", "settings keyboard"]
    line(desk, "settings nosuch")
    assert message(desk) == "There is no group nosuch of settings"


def test_a_group_of_settings_is_completed(desk: Desk, parts: Parts) -> None:
    desk.press("/")
    desk.type("settings key")
    desk.press("tab", "enter")
    assert parts.asked == ["settings keyboard"]


def test_tabs_are_opened_closed_and_chosen_by_their_lines(desk: Desk, parts: Parts) -> None:
    assert parts.asked == []
    line(desk, f"tab.open {WEB}")
    assert desk.tabs.project == WEB
    line(desk, "tab.select 1")
    assert desk.tabs.project == API
    line(desk, "tab.move next")
    assert desk.tabs.project == WEB
    line(desk, "tab.close")
    assert desk.tabs.project == API
    line(desk, "home")
    assert desk.tabs.project is None


@pytest.mark.parametrize("place", ["home", "empty", "one pane", "ended pane", "two pages"])
def test_every_command_that_is_offered_runs_unless_it_wants_another_word(desk: Desk, parts: Parts, place: str) -> None:
    desk.open({"one pane": 1, "ended pane": 1, "two pages": 13}.get(place, 0))
    if place == "ended pane":
        desk.manager.ends(1, code=1, at=0.0)
    if place == "home":
        desk.tabs.show(None)
    desk.window.show_workspace()
    desk.press("/")
    offered = [item for item in desk.window.widget.command_bar.list.items if item.label != "/goto"]
    desk.press("escape")
    assert len(offered) > 15
    assert parts.asked == []
    refused = []
    for item in offered:
        if item.label in CHANGING or any(not word.startswith("[") for word in item.more.split()):
            continue
        try:
            desk.runner.run(item.line)
        except SynkError as error:
            refused.append(f"{item.line}: {error.message}")
    assert refused == []


def test_the_command_bar_opens_at_home_too(desk: Desk, parts: Parts) -> None:
    desk.tabs.show(None)
    desk.window.show_workspace()
    desk.window.run("line.open")
    assert desk.window.widget.command_bar.field.hasFocus()
    desk.type("project api")
    desk.press("enter")
    assert (desk.tabs.project, parts.asked) == (API, [])
