"""What is shown: brings grid, borders, top bar and sidebar in line with sessions, tabs and broadcast, and places the keyboard."""

from collections.abc import Sequence

from PySide6.QtCore import Qt

from synk.actions.ports import Sessions
from synk.base.events import Hub
from synk.keys.modes import Mode
from synk.sessions.attention import attention_of
from synk.sessions.broadcast import Broadcast
from synk.sessions.events import PoolChanged, SessionChanged, SessionClosed, SessionOpened, SessionOutput, TabsChanged
from synk.sessions.session import Session, Status
from synk.sessions.tabs import Tab, Tabs
from synk.ui.main_widget import MainWidget
from synk.ui.options import UiOptions
from synk.ui.pane import Pane
from synk.ui.seen import Seen
from synk.ui.top_bar.tab_button import TabItem


class Shown:
    """Follows events, and is called after acts of the user. It changes no session but the one the user has seen."""

    def __init__(
        self, widget: MainWidget, hub: Hub, *, manager: Sessions, tabs: Tabs, broadcast: Broadcast, options: UiOptions
    ) -> None:
        self.options = options
        """The settings in force; set by the owner."""
        self._widget = widget
        self._hub = hub
        self._manager = manager
        self._tabs = tabs
        self._broadcast = broadcast
        self._seen = Seen(lambda session: manager.set_status(session, Status.IDLE), widget)

    def listen(self) -> None:
        """Follow events from now on."""
        hub = self._hub
        hub.subscribe(SessionOpened, self._session_opened)
        hub.subscribe(SessionClosed, self._session_closed)
        hub.subscribe(SessionChanged, self._session_changed)
        hub.subscribe(SessionOutput, self._session_printed)
        hub.subscribe(PoolChanged, self._pool_changed)
        hub.subscribe(TabsChanged, lambda _event: self._tabs_changed())

    def broadcast(self) -> None:
        """Who gets what is typed has changed."""
        self._widget.top_bar.show_broadcast(len(self._broadcast.targets))
        self.states()

    def _session_opened(self, event: SessionOpened) -> None:
        session = self.session(event.session)
        if session is None:
            return
        tab = self._tabs.by_project(session.project)
        is_new = tab is None or session.pane not in tab.workspace.panes
        if is_new and event.by_user:
            self._tabs.open(session.project).workspace.opened(session.pane, by_user=True)
            if tab is None:
                self._hub.publish(TabsChanged())
        self.sync()
        if event.by_user and is_new:
            self.place_focus()

    def _session_closed(self, _event: SessionClosed) -> None:
        self.sync()
        if self._widget.is_focus_in_grid:
            self.place_focus()

    def _session_changed(self, event: SessionChanged) -> None:
        pane = self.pane_of(event.session)
        if pane is not None:
            self._widget.grid.show_agent(pane.session)
            pane.refresh()
        self._follow_broadcast()
        self._look_who_is_seen()
        self.top_bar()
        self._widget.sidebar.refresh()

    def _session_printed(self, event: SessionOutput) -> None:
        pane = self.pane_of(event.session)
        if pane is not None:
            pane.view.output()

    def _pool_changed(self, _event: PoolChanged) -> None:
        self._widget.drawer.update_panels()

    def _tabs_changed(self) -> None:
        was_home = self._widget.is_home
        self.sync()
        if self._widget.is_home is not was_home:
            # What had the keyboard is hidden now, and Qt gives it to whatever comes next.
            self.place_focus()

    def sync(self) -> None:
        """Bring panes, layout, borders and top bar in line with sessions and workspace."""
        sessions = self._manager.sessions
        if self._tabs.follow(sessions):
            self._hub.publish(TabsChanged())
        was_home = self._widget.is_home
        self._widget.show_project(self._tabs.active.name if self._tabs.active is not None else None)
        self._widget.grid.take_sessions(sessions)
        self._widget.grid.arrange(self._tabs.workspace, self._tabs.project)
        if was_home != self._widget.is_home:
            self.place_focus()  # Qt would give it to whatever comes next in the order of Tab
        self._follow_broadcast()
        self.states()

    def _follow_broadcast(self) -> None:
        """Who ended or was closed drops out; another project in front ends it."""
        if self._broadcast.follow(self._manager.sessions, self._tabs.project):
            self.broadcast()

    def _look_who_is_seen(self) -> None:
        self._seen.look(self._tabs.selected(self._manager.sessions) if self._widget.isActiveWindow() else None)

    def states(self) -> None:
        """Borders, dimming, counts and cards, as modes, selection and statuses are now."""
        options = self.options
        dim_by = 1 - options.unfocused_opacity if options.dim_unfocused else 0.0
        self._widget.grid.show_states(
            self._tabs.workspace, dim_by=dim_by, moves=not options.reduce_motion, receiving=self._broadcast
        )
        self._look_who_is_seen()
        self._manager.read_first(self._tabs.selected(self._manager.sessions))
        self.top_bar()
        self._widget.sidebar.refresh()

    def top_bar(self) -> None:
        """Tabs, mode, page and counts."""
        sessions = self._manager.sessions
        self._widget.top_bar.show_tabs([self._tab_item(tab, sessions) for tab in self._tabs.all])
        self._widget.top_bar.show_workspace(self._tabs.workspace, self._tabs.shown(sessions))

    def _tab_item(self, tab: Tab, sessions: Sequence[Session]) -> TabItem:
        attention = attention_of(session for session in sessions if session.project == tab.project)
        is_active = tab is self._tabs.active
        token = "orange" if attention.waiting else "red" if attention.failed else "green"
        return TabItem(tab.project, tab.name, attention.total, is_active=is_active, token=token)

    def place_focus(self) -> None:
        """The keyboard goes to the topmost card, else to the line, the selected terminal, the grid or the home screen."""
        pane = self.selected_pane()
        if self._widget.cards.take_focus():
            return
        if self._widget.command_bar.is_open:
            self._widget.command_bar.field.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            is_typing = self._tabs.workspace.mode is Mode.TERMINAL and pane is not None
            resting = self._widget.home if self._widget.is_home else self._widget.grid
            target = pane.view if is_typing and pane is not None else resting
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    def session(self, number: int | None) -> Session | None:
        """The open session of that id."""
        for session in self._manager.sessions:
            if session.id == number:
                return session
        return None

    def pane_of(self, number: int) -> Pane | None:
        """The pane of the session with that id."""
        session = self.session(number)
        return self._widget.grid.pane_for(session) if session is not None else None

    def selected_pane(self) -> Pane | None:
        """The selected pane of the project shown."""
        return self._widget.grid.pane_of(self._tabs.workspace.selected)
