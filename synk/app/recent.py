"""The projects of the home screen and the switcher: kept in `state.db`, looked at on threads of their own."""

import os
from collections.abc import Callable, Sequence

from synk.base.errors import SynkError
from synk.base.events import Event, NoticeRaised
from synk.base.jobs import Jobs
from synk.sessions.tabs import Tabs
from synk.storage.projects import ProjectRecord, project_key
from synk.storage.records import Records

MOST_KEPT = 30
"""Shown and known (03-workspace.md, section 7)."""


class RecentProjects:
    """Follows the tabs: the project that is shown is the newest. GUI thread; after `load` nothing in it waits."""

    def __init__(
        self,
        records: Records,
        tabs: Tabs,
        jobs: Jobs,
        *,
        now: Callable[[], float],
        notify: Callable[[Event], None],
        on_change: Callable[[], None],
        is_there: Callable[[str], bool] = os.path.isdir,
    ) -> None:
        """`on_change()`: the list, or what is known of one folder, changed. `is_there(path)` may hang forever."""
        self._records = records
        self._tabs = tabs
        self._jobs = jobs
        self._now = now
        self._notify = notify
        self._on_change = on_change
        self._is_there = is_there
        self._shown: str | None = None
        self._looked_at: set[str] = set()
        """Paths somebody is still looking at: one that hangs is not looked at by a second thread."""
        self._missing: set[str] = set()
        self.projects: Sequence[ProjectRecord] = ()
        """Pinned ones first, then newest first."""

    def load(self) -> None:
        """Read the list: some milliseconds, before the first paint."""
        try:
            self.projects = tuple(self._records.recent_projects(MOST_KEPT))
        except SynkError as error:
            self._notify(NoticeRaised("error", "Recent projects cannot be read", error.message))

    def follow_tabs(self) -> None:
        """Another tab may be shown: its project is the newest now."""
        tab = self._tabs.active
        project = tab.project if tab is not None else None
        if project == self._shown:
            return
        self._shown = project
        if tab is not None:
            self._records.project_opened(tab.project, tab.name)
            self._put_first(tab.project, tab.name)

    def known(self) -> Sequence[tuple[str, str]]:
        """Path and name: open ones in the order of their tabs, then recent ones."""
        is_open = {tab.project for tab in self._tabs.all}
        opened = [(tab.project, tab.name) for tab in self._tabs.all]
        return [*opened, *((project.path, project.name) for project in self.projects if project.path not in is_open)]

    def is_missing(self, path: str) -> bool:
        """Whether its folder was not there when it was last looked at."""
        return path in self._missing

    def forget(self, path: str) -> None:
        """Take it off the list; nothing is deleted."""
        self._records.forget_project(path)
        self.projects = tuple(project for project in self.projects if project.path != path)
        self._on_change()

    def look(self) -> None:
        """Find out which folders are there, each on a thread of its own: one that does not answer holds up no other."""
        for project in self.projects:
            if project.path not in self._looked_at:
                self._looked_at.add(project.path)
                self._look_at(project.path)

    def _look_at(self, path: str) -> None:
        def found(is_there: bool) -> None:
            self._looked_at.discard(path)
            if is_there is (path in self._missing):
                self._missing ^= {path}
                self._on_change()

        self._jobs.aside(lambda: self._is_there(path), found)

    def _put_first(self, path: str, name: str) -> None:
        """As `recent_projects` will tell it at the next start."""
        old = next((project for project in self.projects if project.path == path), None)
        mode, is_pinned = (old.mode, old.pinned) if old is not None else ("manual", False)
        new = ProjectRecord(path, project_key(path), name, mode, self._now(), is_pinned)
        others = [project for project in self.projects if project.path != path]
        pinned = [project for project in others if project.pinned]
        rest = [project for project in others if not project.pinned]
        ordered = [new, *pinned, *rest] if is_pinned else [*pinned, new, *rest]
        self.projects = tuple(ordered[:MOST_KEPT])
        self._missing.discard(path)
        self._on_change()
