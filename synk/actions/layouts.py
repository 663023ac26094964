"""Saving the panes of a project under a name, and opening them again (04-persistence.md, sections 7 and 9)."""

import time
from collections.abc import Callable, Sequence
from typing import Annotated, Protocol

from synk.actions.ports import Question, Sessions, View
from synk.base.ages import ago_text
from synk.base.errors import NoSuchTarget, UsageError
from synk.base.events import Event, NoticeRaised
from synk.commands.line import NothingSelected
from synk.commands.registry import Source, Whole, command
from synk.sessions.snapshots import check_name, suggested_name, take_snapshot
from synk.sessions.tabs import Tab, Tabs
from synk.storage.layouts import AUTOSAVE, Layout

NO_NAME = Whole("")


class Shelf(Protocol):
    """Where layouts are kept. Nothing waits: answers come through the callback, on the GUI thread."""

    def read(self, on_layouts: Callable[[Sequence[Layout]], None]) -> None:
        """Ask for the layouts of all projects: named ones by name, then those saved by themselves, newest first."""

    def save(self, layout: Layout, on_saved: Callable[[], None]) -> None:
        """Store a layout in place of the one of its name; a problem is told, and `on_saved` not called then."""

    def delete(self, project: str, name: str, on_deleted: Callable[[], None]) -> None:
        """Delete a named layout."""


class LayoutView(Protocol):
    """What is asked of the user. Every call returns at once; no call back on Esc."""

    def ask_name(self, suggestion: str, taken: Sequence[Layout], on_name: Callable[[str], object]) -> None:
        """Ask for the name of a layout to save; `taken` are those the project has."""

    def ask_layout(
        self,
        layouts: Sequence[Layout],
        *,
        names_projects: bool,
        on_choice: Callable[[Layout], object],
        on_delete: Callable[[Layout], object],
    ) -> None:
        """Ask which layout to open; `names_projects`: they are of several projects."""


class LayoutActions:
    """Commands about layouts."""

    def __init__(
        self,
        tabs: Tabs,
        manager: Sessions,
        view: View,
        cards: LayoutView,
        shelf: Shelf,
        *,
        restore: Callable[[Layout, Tab], object],
        offered: Callable[[], Layout | None],
        open_project: Callable[[str, Callable[[Tab], None]], None],
        notify: Callable[[Event], None],
        now: Callable[[], float] = time.time,
    ) -> None:
        """`restore(layout, tab)` opens its panes; `open_project(path, on_tab)` shows the tab of a folder if it is there.

        `offered()`: what was open in the active tab when it was last open, while nothing is open in it.
        """
        self._tabs = tabs
        self._manager = manager
        self._view = view
        self._cards = cards
        self._shelf = shelf
        self._restore = restore
        self._offered = offered
        self._open_project = open_project
        self._notify = notify
        self._now = now
        self._last_names: dict[str, str] = {}
        """By project the name its panes were last saved or opened under."""

    @command("layout.save", short="save", when="has_panes")
    def save(self, name: Annotated[Whole, Source("layouts")] = NO_NAME) -> None:
        """Save the panes of this project under a name; asks for it if none is given."""
        tab = self._active_tab()
        if not self._shown(tab):
            raise UsageError("There is no pane to save")
        if name.strip():
            checked = check_name(name)
            self._shelf.read(lambda layouts: self._save_if_free(tab, checked, _of(layouts, tab.project)))
        else:
            self._shelf.read(lambda layouts: self._ask_name(tab, _of(layouts, tab.project)))

    @command("layout.load", short="load")
    def load(self, name: Annotated[Whole, Source("layouts")] = NO_NAME) -> None:
        """Open the panes of a saved layout beside those that run; asks which one if none is named."""
        tab = self._tabs.active
        wanted = name.strip()
        if wanted:
            self._shelf.read(lambda layouts: self._load_named(wanted, layouts, tab))
        else:
            self._shelf.read(lambda layouts: self._ask_layout(layouts, tab))

    @command("layout.restore", when="has_offer")
    def restore(self) -> None:
        """Open again what was open in this project when it was last open."""
        layout = self._offered()
        if layout is None:
            raise UsageError("Nothing is offered here. /load lists what was saved")
        self._open(layout)

    def has_offer(self) -> bool:
        """Whether `restore` would do something."""
        return self._offered() is not None

    @command("layout.delete", when="is_in_project")
    def delete(self, name: Annotated[Whole, Source("layouts")]) -> None:
        """Delete a saved layout of this project; asks first."""
        tab = self._active_tab()
        wanted = name.strip()

        def found(layouts: Sequence[Layout]) -> None:
            mine = [each for each in _of(layouts, tab.project) if each.kind == "named"]
            layout = next((each for each in mine if each.name == wanted), None)
            if layout is None:
                self._tell_missing(wanted, mine)
            else:
                self._ask_delete(layout)

        self._shelf.read(found)

    def has_panes(self) -> bool:
        """Whether there is something to save."""
        return self._tabs.active is not None and self._shown(self._tabs.active)

    def is_in_project(self) -> bool:
        """Whether a project is shown."""
        return self._tabs.active is not None

    def _active_tab(self) -> Tab:
        if self._tabs.active is None:
            raise NothingSelected("No project is open here")
        return self._tabs.active

    def _shown(self, tab: Tab) -> bool:
        return any(session.project == tab.project for session in self._manager.sessions)

    def _ask_name(self, tab: Tab, mine: Sequence[Layout]) -> None:
        named = [each for each in mine if each.kind == "named"]
        last = self._last_names.get(tab.project, "")
        suggestion = suggested_name([each.name for each in named], last)
        self._cards.ask_name(suggestion, named, lambda name: self._save_if_free(tab, check_name(name), named))

    def _save_if_free(self, tab: Tab, name: str, mine: Sequence[Layout]) -> None:
        old = next((each for each in mine if each.kind == "named" and each.name == name), None)
        if old is None:
            self._save(tab, name)
            return
        body = f"It was saved {saved_text(old, self._now())}."
        question = Question(f'Replace the layout "{name}"?', body, confirm="Replace", keep="Keep")
        self._view.ask(question, lambda: self._save(tab, name))

    def _save(self, tab: Tab, name: str) -> None:
        layout = take_snapshot(tab, self._manager.sessions, name=name, kind="named", saved_at=self._now())
        self._last_names[tab.project] = name
        told = NoticeRaised("success", f'Saved the layout "{name}"', panes_text(layout), project=tab.project)
        self._shelf.save(layout, lambda: self._notify(told))

    def _load_named(self, name: str, layouts: Sequence[Layout], tab: Tab | None) -> None:
        mine = _of(layouts, tab.project) if tab is not None else list(layouts)
        layout = _find(mine, name)
        if layout is not None:
            self._open(layout)
            return
        elsewhere = _find([each for each in layouts if each.kind == "named"], name)
        if elsewhere is None:
            self._tell_missing(name, mine)
            return
        question = Question(
            f'"{elsewhere.name}" is a layout of another project', f"{elsewhere.project}\n{panes_text(elsewhere)}",
            confirm="Open that project", keep="Cancel",
        )  # fmt: skip
        self._view.ask(question, lambda: self._open(elsewhere))

    def _ask_layout(self, layouts: Sequence[Layout], tab: Tab | None) -> None:
        mine = _of(layouts, tab.project) if tab is not None else list(layouts)
        self._cards.ask_layout(mine, names_projects=tab is None, on_choice=self._open, on_delete=self._ask_delete)

    def _open(self, layout: Layout) -> None:
        if not layout.is_loadable:
            raise UsageError(f'"{layout.name}" was saved by a newer Synk (version {layout.version}) and cannot be loaded')
        self._open_project(layout.project, lambda tab: self._restore_in(layout, tab))

    def _restore_in(self, layout: Layout, tab: Tab) -> None:
        if layout.kind == "named":
            self._last_names[layout.project] = layout.name
        self._restore(layout, tab)
        self._view.show_workspace()

    def _ask_delete(self, layout: Layout) -> None:
        question = Question(f'Delete the layout "{layout.name}"?', panes_text(layout), confirm="Delete", keep="Keep")
        told = NoticeRaised("info", f'Deleted the layout "{layout.name}"', project=layout.project)
        self._view.ask(question, lambda: self._shelf.delete(layout.project, layout.name, lambda: self._notify(told)))

    def _tell_missing(self, name: str, layouts: Sequence[Layout]) -> None:
        there = ", ".join(dict.fromkeys(each.name for each in layouts))
        raise NoSuchTarget(f'No layout is called "{name}". ' + (f"There are {there}" if there else "None is saved here yet"))


def panes_text(layout: Layout) -> str:
    """`4 panes: claude, terminal`."""
    count = len(layout.panes)
    return f"{count} pane{'' if count == 1 else 's'}: {', '.join(layout.agents)}"


def saved_text(layout: Layout, now: float) -> str:
    """`5m ago with 4 panes: claude, terminal`; `now` in seconds."""
    ago = ago_text(now - layout.saved_at)
    return f"{'just now' if ago == 'now' else ago} with {panes_text(layout)}"


def _of(layouts: Sequence[Layout], project: str) -> list[Layout]:
    return [each for each in layouts if each.project == project]


def _find(layouts: Sequence[Layout], name: str) -> Layout | None:
    """By its exact name, else whatever its case; `autosave` is the newest one."""
    named = [each for each in layouts if each.kind == "named" or name.lower() == AUTOSAVE]
    exact = next((each for each in named if each.name == name), None)
    return exact or next((each for each in named if each.name.lower() == name.lower()), None)
