"""Opening a folder as a project: it is looked at off the GUI thread, because it may lie on a mount that does not answer."""

import os
from collections.abc import Callable

from synk.base.events import Event, NoticeRaised
from synk.base.jobs import Jobs
from synk.sessions.events import TabsChanged
from synk.sessions.tabs import Tabs

ANSWER_MS = 5000
"""Longest wait for a folder: a disk that was asleep needs 3 s, a mount whose server is gone never answers."""


class FolderOpener:
    """Opens folders as tabs; call it with a path on the GUI thread."""

    def __init__(
        self,
        tabs: Tabs,
        jobs: Jobs,
        *,
        notify: Callable[[Event], None],
        show: Callable[[], None],
        later: Callable[[int, Callable[[], None]], None],
        look: Callable[[str], tuple[str, str]] | None = None,
    ) -> None:
        """`notify` publishes an event; `show()` brings the window in line with the tabs and takes the keyboard there.

        `later` runs a function after so many milliseconds. `look` is `look_at`, and may hang forever.
        """
        self._tabs = tabs
        self._jobs = jobs
        self._notify = notify
        self._show_window = show
        self._later = later
        self._look = look or look_at
        self._last = 0
        self._waiting: set[int] = set()
        """Folders that are being looked at, by the number of the call."""

    def __call__(self, path: str) -> None:
        """Show the tab of this folder, or say what is wrong with it."""
        wanted = os.path.join(self._tabs.folder, os.path.expanduser(path))
        self._last = number = self._last + 1
        self._waiting.add(number)
        self._jobs.aside(lambda: self._look(wanted), lambda found: self._answered(number, wanted, *found))
        self._later(ANSWER_MS, lambda: self._give_up(number, wanted))

    def _answered(self, number: int, path: str, project: str, problem: str) -> None:
        if number not in self._waiting:
            return
        self._waiting.discard(number)
        if problem:
            self._notify(NoticeRaised("error", f"{path} {problem}"))
            return
        # Of two that were asked for the last one is meant, whichever answers first.
        is_last = number == self._last
        self._tabs.open(project, show=is_last)
        self._notify(TabsChanged())
        if is_last:
            self._show_window()

    def _give_up(self, number: int, path: str) -> None:
        """An answer that comes later does nothing: by then the user does something else."""
        if number in self._waiting:
            self._waiting.discard(number)
            self._notify(NoticeRaised("error", f"{path} does not answer", "Nothing was opened."))


def look_at(path: str) -> tuple[str, str]:
    """Resolved path of a folder, and what keeps it from being opened ("" if nothing does). May wait for the disk."""
    resolved = os.path.realpath(path)
    if not os.path.isdir(resolved):
        return resolved, "is not a folder"
    if not os.access(resolved, os.R_OK | os.X_OK):
        return resolved, "cannot be read"
    return resolved, ""
