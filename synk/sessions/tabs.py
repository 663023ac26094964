"""The open projects: which tabs there are, in what order, and which one is shown; pure state that only the user's acts move."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from synk.sessions.session import Session
from synk.sessions.workspace import Workspace


@dataclass(slots=True, eq=False)
class Tab:
    """One open project with panes of its own; their numbers begin at 1 in every tab."""

    project: str
    """Resolved path of the folder."""
    workspace: Workspace = field(default_factory=Workspace)
    view: dict[str, Any] = field(default_factory=dict)
    """What parts of the window remember of this tab over restarts, as JSON values; keys are `part.name`."""

    @property
    def name(self) -> str:
        """Name of the folder, as the tab shows it."""
        return os.path.basename(self.project) or self.project


class Tabs:
    """Tabs in the order of the strip. Owned by the GUI thread.

    `follow` brings panes in line with the sessions; every other method is an act of the user. By rule G2 a session that
    automation opens in a project without a tab gets one at the end, and what is shown stays.
    """

    def __init__(self, start_folder: str) -> None:
        """`start_folder`: the project of what is opened at the home screen."""
        self._start_folder = start_folder
        self._tabs: list[Tab] = []
        self._home = Workspace()
        self.active: Tab | None = None
        """The tab shown; None: the home screen is."""

    @property
    def all(self) -> Sequence[Tab]:
        """In the order of the strip."""
        return self._tabs

    @property
    def workspace(self) -> Workspace:
        """That of the active tab; at home one that stays empty."""
        return self.active.workspace if self.active is not None else self._home

    @property
    def project(self) -> str | None:
        """Path of the active tab's project; None at home."""
        return self.active.project if self.active is not None else None

    @property
    def folder(self) -> str:
        """Project of a session that is opened now: the active tab's, at home the folder Synk was started in."""
        return self.project or self._start_folder

    def by_project(self, project: str) -> Tab | None:
        """The tab of an open project."""
        return next((tab for tab in self._tabs if tab.project == project), None)

    def open(self, project: str, *, show: bool = True) -> Tab:
        """The tab of this project, made at the end of the strip if there is none; `show` makes it the active one."""
        tab = self.by_project(project)
        if tab is None:
            tab = Tab(project)
            self._tabs.append(tab)
        if show:
            self.active = tab
        return tab

    def close(self, tab: Tab) -> None:
        """Take a tab away; if it was active its right neighbor is then, else the left one, else home."""
        if tab not in self._tabs:
            return
        index = self._tabs.index(tab)
        self._tabs.remove(tab)
        if self.active is tab:
            self.active = self._tabs[min(index, len(self._tabs) - 1)] if self._tabs else None

    def show(self, tab: Tab | None) -> None:
        """Make a tab the active one; None goes home."""
        if tab is None or tab in self._tabs:
            self.active = tab

    def show_position(self, position: int) -> bool:
        """Show by position from 1; False (and nothing happens) if there is no such tab."""
        if not 1 <= position <= len(self._tabs):
            return False
        self.active = self._tabs[position - 1]
        return True

    def step(self, step: int) -> bool:
        """Show the next (1) or previous (-1) tab; wraps. From home: the first or the last. False without tabs."""
        if not self._tabs:
            return False
        if self.active is None:
            self.active = self._tabs[0 if step > 0 else -1]
        else:
            self.active = self._tabs[(self._tabs.index(self.active) + step) % len(self._tabs)]
        return True

    def move(self, tab: Tab, position: int) -> None:
        """Put a tab at a position from 1 in the strip; beyond its ends: the first or last place."""
        if tab in self._tabs:
            self._tabs.remove(tab)
            self._tabs.insert(min(max(position - 1, 0), len(self._tabs)), tab)

    def selected(self, sessions: Iterable[Session]) -> Session | None:
        """The session in the selected pane of the active tab."""
        return self.in_pane(self.workspace.selected, sessions)

    def in_pane(self, pane: int | None, sessions: Iterable[Session]) -> Session | None:
        """The session in this pane of the active tab."""
        if pane is not None:
            project = self.project
            for each in sessions:
                if each.pane == pane and each.project == project:
                    return each
        return None

    def shown(self, sessions: Iterable[Session]) -> list[Session]:
        """Those of the active tab, in pane order."""
        return [session for session in sessions if session.project == self.project]

    def follow(self, sessions: Iterable[Session]) -> bool:
        """Bring the panes of all tabs in line with the open sessions; True if a tab was opened for one of them."""
        panes: dict[str, list[int]] = {}
        for session in sessions:
            panes.setdefault(session.project, []).append(session.pane)
        is_new = False
        for project in panes:
            if self.by_project(project) is None:
                is_new = True
                self.open(project, show=False)
        for tab in self._tabs:
            wanted = panes.get(tab.project, [])
            for pane in [pane for pane in tab.workspace.panes if pane not in wanted]:
                tab.workspace.closed(pane)
            for pane in wanted:
                tab.workspace.opened(pane, by_user=False)
        return is_new
