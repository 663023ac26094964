"""Builds the sidebar, and keeps over restarts what it and the drawer are like."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from synk.actions.ports import AgentChoice
from synk.actions.sidebar import SidebarActions
from synk.app.branches import Branches
from synk.app.session_changes import SessionChanges
from synk.base.errors import SynkError
from synk.base.events import Hub, NoticeRaised
from synk.base.jobs import Jobs
from synk.commands.registry import Registry
from synk.sessions.events import SessionClosed, TabsChanged
from synk.sessions.manager import SessionManager
from synk.sessions.session import Session
from synk.sessions.tabs import Tabs
from synk.storage.projects import ProjectRecord
from synk.storage.records import Records
from synk.ui.bridge import later
from synk.ui.readable import Readable
from synk.ui.session_card import SessionCard, SessionFacts
from synk.ui.sidebar.facts_section import FactsSection
from synk.ui.sidebar.project_section import ProjectSection
from synk.ui.sidebar.sessions_section import SessionsSection
from synk.ui.theme import Theme
from synk.ui.window import Window

SAVE_MS = 220
"""After the last change of a width, height or order it is written: a drag is many changes."""

SIDEBAR_OPEN, DRAWER_OPEN = "sidebar.is_open", "drawer.is_open"
"""Kept once for all tabs."""
DRAWER_FRONT = "drawer.front"
"""Kept in the view of each tab: the panel in front."""


class SideParts:
    """Sidebar and drawer of a window. GUI thread; nothing waits but what runs in jobs."""

    def __init__(
        self,
        theme: Theme,
        *,
        window: Window,
        tabs: Tabs,
        manager: SessionManager,
        hub: Hub,
        jobs: Jobs,
        records: Records,
        registry: Registry,
        agents: Callable[[], Sequence[AgentChoice]],
        recent: Callable[[], Sequence[ProjectRecord]],
        change_settings: Callable[[Mapping[str, Any]], object],
    ) -> None:
        """`recent()`: projects opened before, newest first; `change_settings` writes `group.key` values in a job."""
        self._theme = theme
        self._window = window
        self._tabs = tabs
        self._manager = manager
        self._hub = hub
        self._jobs = jobs
        self._records = records
        self._agents = agents
        self._change_settings = change_settings
        self._unsaved: dict[str, Any] = {}
        self._turn = 0
        self._changes = SessionChanges(manager, jobs, agents=agents, ask=window.ask)
        self._branches = Branches(jobs, on_change=window.widget.sidebar.refresh)
        fd = self._branches.changes_fd
        self._readable = Readable(fd, self._branches.follow) if fd is not None else None
        registry.add(SidebarActions(self))
        self._parts = self._kept_parts()
        self._build_sidebar(recent)
        self._connect()
        self.show_tab()

    def close(self) -> None:
        """Give back what tells of changed branches."""
        if self._readable is not None:
            self._readable.close()
        self._branches.close()

    @property
    def is_home(self) -> bool:
        """See `SideView.is_home`."""
        return self._window.is_home

    def toggle_sidebar(self) -> None:
        """See `SideView.toggle_sidebar`."""
        self._window.toggle_sidebar()

    def refresh_sidebar(self) -> None:
        """See `SideView.refresh_sidebar`."""
        self._branches.refresh()
        self._window.widget.sidebar.refresh()

    def ask_config(self, session: Session) -> None:
        """See `SideView.ask_config`."""

        def apply(wanted: SessionFacts, done: Callable[[str], None]) -> None:
            self._changes.apply(session, wanted, done)

        self._window.widget.cards.open(SessionCard(self._theme, session, self._agents(), on_apply=apply))

    def show_tab(self) -> None:
        """Another tab is shown, or tabs came and went: folds, scroll and panel of its own."""
        tab = self._tabs.active
        self._branches.forget_others(self._folders())
        if tab is not None:
            drawer = self._window.widget.drawer
            front = tab.view.get(DRAWER_FRONT)
            is_open = bool(self._parts.get(DRAWER_OPEN, False))
            if (drawer.is_open, drawer.front) != (is_open, front):
                drawer.show_state(is_open=is_open, front=front if isinstance(front, str) else None)
            self._window.widget.sidebar.use_view(tab.view)
        self._window.widget.sidebar.refresh()

    def _build_sidebar(self, recent: Callable[[], Sequence[ProjectRecord]]) -> None:
        sidebar, tabs = self._window.widget.sidebar, self._tabs
        sidebar.want(bool(self._parts.get(SIDEBAR_OPEN, True)))
        sidebar.use_sections(
            [
                ProjectSection(tabs, sessions=self._sessions, branch_of=self._branches.branch_of, known=recent),
                SessionsSection(tabs, sessions=self._sessions, agents=self._agents_by_id, branch_of=self._branches.branch_of),
                FactsSection(selected=lambda: tabs.selected(self._manager.sessions), agents=self._agents_by_id),
            ]
        )
        sidebar.fit(self._window.widget.width())

    def _connect(self) -> None:
        widget = self._window.widget
        widget.sidebar.toggled.connect(lambda is_wanted: self._keep_part(SIDEBAR_OPEN, is_wanted))
        widget.sidebar.view_changed.connect(lambda: self._hub.publish(TabsChanged()))
        widget.sidebar.dragged.connect(lambda width: self._save_soon({"ui.sidebar_width": width}))
        widget.drawer.dragged.connect(lambda height: self._save_soon({"ui.drawer_height": height}))
        widget.drawer.reordered.connect(lambda order: self._save_soon({"ui.drawer_panel_order": order}))
        widget.drawer.toggled.connect(self._drawer_toggled)
        self._hub.subscribe(TabsChanged, lambda _event: self.show_tab())
        self._hub.subscribe(SessionClosed, lambda _event: self._branches.forget_others(self._folders()))

    def _drawer_toggled(self) -> None:
        drawer, tab = self._window.widget.drawer, self._tabs.active
        if tab is not None and tab.view.get(DRAWER_FRONT) != drawer.front:
            tab.view[DRAWER_FRONT] = drawer.front
            self._hub.publish(TabsChanged())
        self._keep_part(DRAWER_OPEN, drawer.is_open)

    def _keep_part(self, name: str, value: bool) -> None:
        if self._parts.get(name) != value:
            self._parts[name] = value
            self._records.save_parts(self._parts)

    def _kept_parts(self) -> dict[str, Any]:
        """One row: some hundred microseconds, before the first paint."""
        try:
            return self._records.parts()
        except SynkError as error:
            self._hub.publish(NoticeRaised("error", "What was folded cannot be read", error.message))
            return {}

    def _save_soon(self, values: Mapping[str, Any]) -> None:
        self._unsaved.update(values)
        self._turn += 1
        turn = self._turn
        later(SAVE_MS, lambda: self._save(turn))

    def _save(self, turn: int) -> None:
        if turn == self._turn:
            values, self._unsaved = self._unsaved, {}
            self._change_settings(values)

    def _sessions(self) -> Sequence[Session]:
        return self._manager.sessions

    def _agents_by_id(self) -> Mapping[str, AgentChoice]:
        return {choice.id: choice for choice in self._agents()}

    def _folders(self) -> set[str]:
        """Whose branch may be shown."""
        return {tab.project for tab in self._tabs.all} | {session.working_dir for session in self._manager.sessions}
