"""What was open before: offered in an empty tab, opened again by itself if wanted, and after a crash on the home screen."""

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from synk.app.folders import look_at
from synk.app.records import is_running
from synk.base.errors import SynkError, UsageError
from synk.base.events import Hub, NoticeRaised
from synk.base.jobs import Jobs
from synk.sessions.events import SessionClosed, SessionOpened, TabsChanged
from synk.sessions.manager import SessionManager
from synk.sessions.restoring import Restorer
from synk.sessions.tabs import Tab, Tabs
from synk.storage.layouts import Layout, LayoutPane
from synk.storage.records import Records

log = logging.getLogger(__name__)

ASK, ALWAYS, NEVER = "ask", "always", "never"
"""`session.restore`."""
SETTLE_MS = 5000
"""From opening something again to storing that it was: by then the autosave of this start has it, and a crash loses neither."""


@dataclass(frozen=True, slots=True)
class CrashedProject:
    """A project with sessions that ended with a crash of Synk, or of the machine."""

    project: str
    """Path."""
    name: str
    sessions: int
    """How many were not kept by the host."""
    at: float
    """When they were last known to be open, Unix time in seconds: the crash came within a minute after it."""


@dataclass(frozen=True, slots=True)
class _Crash:
    start: int
    layout: Layout


class Restoring:
    """Follows the tabs from `begin` on. GUI thread; after `look_back` nothing in it waits."""

    def __init__(
        self,
        records: Records,
        restorer: Restorer,
        *,
        tabs: Tabs,
        manager: SessionManager,
        hub: Hub,
        jobs: Jobs,
        mode: Callable[[], str],
        later: Callable[[int, Callable[[], None]], None],
    ) -> None:
        """`mode()`: the setting `session.restore` as it is now; `later` runs a function after so many milliseconds."""
        self._records = records
        self._restorer = restorer
        self._tabs = tabs
        self._manager = manager
        self._hub = hub
        self._jobs = jobs
        self._mode = mode
        self._later = later
        self._crashes: list[_Crash] = []
        self._offers: dict[str, Layout] = {}
        self._asked: set[str] = set()
        """Projects of the open tabs whose last panes were asked for."""
        self._has_begun = False
        self._listeners: list[Callable[[], None]] = []
        manager.retry = restorer.retry
        hub.subscribe(TabsChanged, lambda _event: self._tabs_changed())
        hub.subscribe(SessionOpened, self._session_opened)
        hub.subscribe(SessionClosed, lambda event: restorer.forget(event.session))

    def listen(self, on_change: Callable[[], None]) -> None:
        """Call this whenever `offer` or `crashed` may be another."""
        self._listeners.append(on_change)

    def look_back(self) -> int:
        """Find what crashed starts left, before the first paint; returns how many sessions they had."""
        open_then = {tab.project for tab in self._records.tabs()}
        for start in self._records.crashed_starts(is_running):
            # The panes of a project that was closed were given up with it; they are offered when it is opened again.
            layouts = [layout for layout in self._records.autosaves_of(start.id) if layout.project in open_then]
            known = {crash.layout.project for crash in self._crashes}
            self._crashes += [_Crash(start.id, layout) for layout in layouts if layout.project not in known]
            # Of two crashes the last one counts: what was lost in the first was not missed then.
            for layout in [layout for layout in layouts if layout.project in known]:
                self._records.layout_settled(layout)
            if known.issuperset(layout.project for layout in layouts):
                self._records.dismiss_start(start.id)
        return sum(len(crash.layout.panes) for crash in self._crashes)

    def begin(self) -> None:
        """What the host kept is open again: from here on the rest is offered."""
        self._has_begun = True
        for crash in tuple(self._crashes):
            self._recall(crash.layout)
            if not self._lost(crash.layout):
                self._forget_crash(crash, after_ms=SETTLE_MS)
        self._tabs_changed()
        self._tell()
        if self.crashed and self._tabs.active is not None:
            sessions = sum(crash.sessions for crash in self.crashed)
            names = ", ".join(crash.name for crash in self.crashed)
            body = f"{sessions} session{'' if sessions == 1 else 's'} in {names} can be restored from the home screen."
            self._hub.publish(
                NoticeRaised("warning", "Synk ended unexpectedly", body, action="Show them", command="home.show")
            )  # fmt: skip

    @property
    def crashed(self) -> Sequence[CrashedProject]:
        """What crashes left, newest first; empty before `begin`."""
        found = [(crash.layout, len(self._lost(crash.layout))) for crash in self._crashes if self._has_begun]
        return [
            CrashedProject(layout.project, os.path.basename(layout.project) or layout.project, count, layout.saved_at)
            for layout, count in found
            if count
        ]

    @property
    def offer(self) -> Layout | None:
        """What was open in the active tab when it was last open, while that is empty and `session.restore` is not `never`."""
        layout = self._offers.get(self._tabs.project or "")
        return layout if layout is not None and self._mode() != NEVER and self._is_empty(layout.project) else None

    def restore_crash(self, project: str) -> None:
        """Show the tab of this project and open what the host has not kept; nothing if that is not offered."""
        crash = next((crash for crash in self._crashes if crash.layout.project == project), None)
        if crash is not None:
            self.open_project(project, partial(self.open_layout, crash.layout))

    def dismiss_crash(self, project: str) -> None:
        """Never tell of it again; it stays loadable for a week."""
        for crash in [crash for crash in self._crashes if crash.layout.project == project]:
            self._forget_crash(crash)
        self._offers.pop(project, None)
        self._tell()

    def open_layout(self, layout: Layout, tab: Tab) -> None:
        """Open the panes of a layout; of an autosave those that are not open any more.

        Raises:
            UsageError: all of them are, or the layout cannot be opened here.
        """
        lost = self._lost(layout) if layout.kind == "autosave" else layout.panes
        if layout.panes and not lost:
            raise UsageError("All panes of this layout are open")
        self._restorer.restore(layout, tab, only=lost.__contains__)
        self._settle(layout)

    def open_project(self, path: str, on_tab: Callable[[Tab], None]) -> None:
        """Show the tab of a folder, opened if it is there, and go on with it; what goes wrong is told."""
        tab = self._tabs.by_project(path)
        if tab is not None:
            self._show(path, on_tab)
        else:
            self._jobs.aside(lambda: look_at(path), lambda found: self._looked(path, found[1], on_tab))

    def _looked(self, path: str, problem: str, on_tab: Callable[[Tab], None]) -> None:
        if problem:
            self._hub.publish(NoticeRaised("error", f"{path} {problem}"))
        else:
            self._show(path, on_tab)

    def _show(self, path: str, on_tab: Callable[[Tab], None]) -> None:
        tab = self._tabs.open(path)
        self._hub.publish(TabsChanged())
        try:
            on_tab(tab)
        except SynkError as error:
            self._hub.publish(NoticeRaised("error", error.message, project=path))

    def _recall(self, layout: Layout) -> None:
        """The host does not know what its programs were given; what is no secret the layout does."""
        kept = {pane.session: pane.variables for pane in layout.panes}
        for session in self._manager.sessions_of(layout.project):
            if session.id in kept:
                values = kept[session.id].items()
                self._manager.recall_variables(session, {name: value for name, value in values if value is not None})

    def has_lost(self, layout: Layout) -> bool:
        """Whether panes of it are not open."""
        return bool(self._lost(layout))

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    def _lost(self, layout: Layout) -> list[LayoutPane]:
        """Its panes whose sessions are not open."""
        there = {session.id for session in self._manager.sessions_of(layout.project)}
        return [pane for pane in layout.panes if not pane.session or pane.session not in there]

    def _is_empty(self, project: str) -> bool:
        return not self._manager.sessions_of(project)

    def _settle(self, layout: Layout) -> None:
        """It is not offered any more."""
        if layout.kind == "autosave":
            self._later(SETTLE_MS, partial(self._note_settled, layout))
        self._offers.pop(layout.project, None)
        for crash in [crash for crash in self._crashes if crash.layout == layout]:
            self._forget_crash(crash, after_ms=SETTLE_MS)
        self._tell()

    def _note_settled(self, layout: Layout) -> None:
        self._records.layout_settled(layout)

    def _forget_crash(self, crash: _Crash, *, after_ms: int = 0) -> None:
        self._crashes.remove(crash)
        is_last = all(other.start != crash.start for other in self._crashes)

        def store() -> None:
            self._records.layout_settled(crash.layout)
            if is_last:
                self._records.dismiss_start(crash.start)

        if after_ms:
            self._later(after_ms, store)
        else:
            store()

    def _tabs_changed(self) -> None:
        if not self._has_begun:
            return
        is_open = {tab.project for tab in self._tabs.all}
        for project in self._asked - is_open:
            self._offers.pop(project, None)
        for project in is_open - self._asked:
            if self._is_empty(project):
                self._jobs.submit(partial(self._records.last_autosave, project), partial(self._came, project))
        self._asked = is_open
        self._tell()

    def _came(self, project: str, layout: Layout | None) -> None:
        tab = self._tabs.by_project(project)
        if layout is None or tab is None or not self._is_empty(project) or not layout.is_loadable:
            return
        has_crashed = any(crash.layout.project == project for crash in self._crashes)
        if self._mode() == ALWAYS and not has_crashed:
            self._restorer.restore(layout, tab)
            self._settle(layout)
        else:
            self._offers[project] = layout
            self._tell()

    def _session_opened(self, event: SessionOpened) -> None:
        """Who opens something else does not want what was offered; /load still has it."""
        session = self._manager.by_id(event.session)
        if session is not None and self._offers.pop(session.project, None) is not None:
            self._tell()
