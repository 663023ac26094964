"""Opening a folder as a project: it is looked at off the GUI thread, because it may lie on a mount that does not answer."""

import os
from collections.abc import Callable

from synk.base.events import Event, NoticeRaised
from synk.base.jobs import Jobs
from synk.sessions.events import TabsChanged
from synk.sessions.tabs import Tabs


class FolderOpener:
    """Opens folders as tabs; call it with a path on the GUI thread."""

    def __init__(self, tabs: Tabs, jobs: Jobs, *, notify: Callable[[Event], None], show: Callable[[], None]) -> None:
        """`notify` publishes an event; `show()` brings the window in line with the tabs and takes the keyboard there."""
        self._tabs = tabs
        self._jobs = jobs
        self._notify = notify
        self._show_window = show

    def __call__(self, path: str) -> None:
        """Show the tab of this folder, or say what is wrong with it."""
        wanted = os.path.join(self._tabs.folder, os.path.expanduser(path))
        self._jobs.aside(lambda: look_at(wanted), lambda found: self._show(wanted, *found))

    def _show(self, path: str, project: str, problem: str) -> None:
        if problem:
            self._notify(NoticeRaised("error", f"{path} {problem}"))
            return
        self._tabs.open(project)
        self._notify(TabsChanged())
        self._show_window()


def look_at(path: str) -> tuple[str, str]:
    """Resolved path of a folder, and what keeps it from being opened ("" if nothing does). May wait for the disk."""
    resolved = os.path.realpath(path)
    if not os.path.isdir(resolved):
        return resolved, "is not a folder"
    if not os.access(resolved, os.R_OK | os.X_OK):
        return resolved, "cannot be read"
    return resolved, ""
