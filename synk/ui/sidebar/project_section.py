"""The section of the sidebar that shows the open project, and the ways to others."""

import os
import time
from collections.abc import Callable, Sequence

from synk.base.ages import ago_text
from synk.sessions.attention import attention_of
from synk.sessions.session import Session
from synk.sessions.tabs import Tabs
from synk.storage.projects import ProjectRecord
from synk.ui.pickers.typed_folders import shortened
from synk.ui.sidebar.rows import PlaceRow, ProjectRow, Row, TextRow

MOST_KNOWN = 4
"""Projects below the open one; the rest is one key away, in the list of all."""


class ProjectSection:
    """Name, path and branch; other open projects, then those opened last."""

    id = "project"
    title = "Project"
    note = ""
    is_calling = False

    def __init__(
        self,
        tabs: Tabs,
        *,
        sessions: Callable[[], Sequence[Session]],
        branch_of: Callable[[str], str],
        known: Callable[[], Sequence[ProjectRecord]],
        now: Callable[[], float] = time.time,
    ) -> None:
        """`branch_of(folder)`: "" if it is not known, or there is no git; `known()`: newest first; `now()`: Unix time."""
        self._tabs = tabs
        self._sessions = sessions
        self._branch_of = branch_of
        self._known = known
        self._now = now

    def rows(self) -> Sequence[Row]:
        """See `Section.rows`."""
        tab = self._tabs.active
        if tab is None:
            return []
        others = [self._open_row(path) for path in (each.project for each in self._tabs.all) if path != tab.project]
        shown = {tab.project, *(row.path for row in others)}
        room = max(0, MOST_KNOWN - len(others))
        closed = [each for each in self._known() if each.path not in shown]
        recent = [self._closed_row(each) for each in closed[:room]]
        more = [TextRow(f"{len(closed) - room} more", self.id, command="project.switch")] if len(closed) > room else []
        path = shortened(tab.project, os.path.expanduser("~"))
        return [PlaceRow(tab.name, path, self._branch_of(tab.project)), *others, *recent, *more]

    def _open_row(self, path: str) -> ProjectRow:
        attention = attention_of(session for session in self._sessions() if session.project == path)
        return ProjectRow(path, _name(path), attention.text or "open", is_open=True, is_calling=bool(attention.total))

    def _closed_row(self, project: ProjectRecord) -> ProjectRow:
        return ProjectRow(project.path, project.name, ago_text(self._now() - project.last_opened), is_open=False)


def _name(path: str) -> str:
    return os.path.basename(path) or path
