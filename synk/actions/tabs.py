"""Opening, closing and moving between projects."""

from collections.abc import Callable
from typing import Literal

from synk.actions.ports import Question, Sessions, View
from synk.base.errors import UsageError
from synk.base.events import Event
from synk.commands.line import NothingSelected
from synk.commands.registry import Whole, command
from synk.sessions.events import TabsChanged
from synk.sessions.tabs import Tab, Tabs

NO_PATH = Whole("")


class TabActions:
    """Commands about tabs. A folder is looked at off the GUI thread, by whoever opens it."""

    def __init__(
        self,
        tabs: Tabs,
        manager: Sessions,
        view: View,
        *,
        open_folder: Callable[[str], None],
        notify: Callable[[Event], None],
    ) -> None:
        """`open_folder(path)` checks a folder and then shows its tab, or says what is wrong with it."""
        self._tabs = tabs
        self._manager = manager
        self._view = view
        self._open_folder = open_folder
        self._notify = notify

    @command("tab.open")
    def open(self, path: Whole = NO_PATH) -> None:
        """Open a folder as a project; asks for it if none is named."""
        if path:
            self._open_folder(path)
        else:
            self._view.ask_folder(self._open_folder)

    @command("tab.close", when="has_tab")
    def close(self, position: int | None = None) -> None:
        """Close a project; asks, naming it, if it has sessions."""
        self._close([self._at(position)])

    @command("tab.close-others", when="has_several")
    def close_others(self, position: int | None = None) -> None:
        """Close all projects but one; asks if they have sessions."""
        kept = self._at(position)
        self._close([tab for tab in self._tabs.all if tab is not kept])

    @command("tab.close-all", when="has_any")
    def close_all(self) -> None:
        """Close all projects; asks if they have sessions."""
        self._close(list(self._tabs.all))

    @command("tab.select", when="has_any")
    def select(self, position: str) -> None:
        """Show a tab by its place from 1, or the last one; no such tab: nothing."""
        if position != "last" and not position.isdecimal():
            raise UsageError(f'/tab.select takes a number or last, not "{position}"')
        if self._tabs.show_position(len(self._tabs.all) if position == "last" else int(position)):
            self._changed()

    @command("tab.move", when="has_any")
    def move(self, step: Literal["next", "previous"]) -> None:
        """Show the next or previous tab; wraps."""
        if self._tabs.step(1 if step == "next" else -1):
            self._changed()

    @command("tab.place", when="has_several")
    def place(self, position: int, to: int) -> None:
        """Put the tab at one place to another place in the strip."""
        self._tabs.move(self._at(position), to)
        self._changed()

    @command("home.show", short="home")
    def show_home(self) -> None:
        """Show the home screen; all sessions go on."""
        self._tabs.show(None)
        self._changed()

    def has_tab(self) -> bool:
        """Whether a project is shown."""
        return self._tabs.active is not None

    def has_any(self) -> bool:
        """Whether a project is open."""
        return bool(self._tabs.all)

    def has_several(self) -> bool:
        """Whether a project is shown, and another one open."""
        return self.has_tab() and len(self._tabs.all) > 1

    def _at(self, position: int | None) -> Tab:
        if position is None:
            if self._tabs.active is None:
                raise NothingSelected("No project is open here")
            return self._tabs.active
        if not 1 <= position <= len(self._tabs.all):
            raise UsageError(f"There is no tab {position}. There are {len(self._tabs.all)}")
        return self._tabs.all[position - 1]

    def _close(self, tabs: list[Tab]) -> None:
        live = [each for each in self._manager.sessions if each.is_live and any(tab.project == each.project for tab in tabs)]
        if not live:
            self._close_now(tabs)
            return
        names = " and ".join(filter(None, [", ".join(tab.name for tab in tabs[:-1]), tabs[-1].name]))
        count = f"{len(live)} sessions run" if len(live) > 1 else "One session runs"
        lines = [f"{self._manager.program_of(session)} in pane {session.pane}" for session in live]
        question = Question(f"Close {names}? {count} there", "\n".join(lines), confirm="Close", keep="Keep")
        self._view.ask(question, lambda: self._close_now(tabs))

    def _close_now(self, tabs: list[Tab]) -> None:
        for tab in tabs:
            for session in [each for each in self._manager.sessions if each.project == tab.project]:
                self._manager.close(session)
            self._tabs.close(tab)
        self._changed()

    def _changed(self) -> None:
        self._notify(TabsChanged())
        self._view.show_workspace()
