"""Builds what remembers the window over restarts: tabs, panes, layouts, sessions that were, and the window's place."""

from collections.abc import Callable, Sequence

from synk.actions.ports import TERMINAL, AgentChoice
from synk.app.autosave import Autosave, AutosaveRules
from synk.app.launch import Launch
from synk.app.layouts import KeptLayouts, add_layouts
from synk.app.records import SessionLog
from synk.app.restoring import Restoring
from synk.app.tab_keeping import TabKeeper
from synk.base.errors import SynkError
from synk.base.events import NoticeRaised, SettingsChanged
from synk.base.jobs import Jobs
from synk.commands.registry import Registry
from synk.sessions.events import TabsChanged
from synk.sessions.manager import SessionManager
from synk.sessions.restoring import Recipe, Restorer
from synk.sessions.session import missing_note
from synk.sessions.tabs import Tabs
from synk.settings.schema import Settings
from synk.ui.bridge import later
from synk.ui.theme import Theme
from synk.ui.window import Window
from synk.ui.window_place import WindowPlace


class Keeping:
    """Everything of one window that is there again after a restart. GUI thread."""

    def __init__(
        self,
        launched: Launch,
        theme: Theme,
        *,
        window: Window,
        tabs: Tabs,
        manager: SessionManager,
        jobs: Jobs,
        registry: Registry,
        agents: Callable[[], Sequence[AgentChoice]],
    ) -> None:
        """`agents()`: what can be started now."""
        hub, records = launched.hub, launched.records
        self._launched = launched
        self._window = window
        self._open_tabs = tabs
        self._log = SessionLog(records, hub, manager.by_id)
        self._tabs = TabKeeper(records, tabs, hub=hub, aside=jobs.aside)
        self._autosave = Autosave(
            records, tabs=tabs, manager=manager, hub=hub, later=later, rules=autosave_rules(launched.settings.current.settings)
        )
        restorer = Restorer(
            manager, recipe=lambda agent: recipe_of(agent, agents()), later=later, aside=jobs.aside, notify=hub.publish
        )
        self.restoring = Restoring(
            records,
            restorer,
            tabs=tabs,
            manager=manager,
            hub=hub,
            jobs=jobs,
            mode=lambda: launched.settings.current.settings.session.restore,
            later=later,
        )
        """What can be opened again."""
        self.restoring.listen(self._show_offer)
        self.layouts: KeptLayouts = add_layouts(
            registry, theme, window.widget.cards, window,
            tabs=tabs, manager=manager, records=records, hub=hub, jobs=jobs, restoring=self.restoring,
        )  # fmt: skip
        """The saved layouts; they know the names that complete `/load`."""
        self.place = WindowPlace(window.widget, save=records.save_window, later=later)
        """Where the window is."""
        hub.subscribe(SettingsChanged, lambda _event: self._follow_settings())

    def bring_back(self) -> None:
        """Open the tabs that were open, before the first paint; then sessions that outlived a crash are asked for."""
        launched = self._launched
        try:
            has_lost = self.restoring.look_back() > int(launched.host.welcome["sessions"])
            # What a crash left is told at home.
            self._tabs.bring_back(show=launched.project, at_home=has_lost)
        except SynkError as error:
            launched.hub.publish(NoticeRaised("error", "What was open cannot be read", error.message))
            if launched.project is not None:
                self._open_tabs.open(launched.project)
        launched.hub.publish(TabsChanged())
        self.layouts.look()

    def place_window(self) -> None:
        """Put the window where it was, before it is shown."""
        try:
            self.place.restore(self._launched.records.window())
        except SynkError as error:
            self._launched.hub.publish(NoticeRaised("error", "The place of the window cannot be read", error.message))

    def open_offer(self) -> None:
        """Enter in an empty grid: open what it offers."""
        if self.restoring.offer is not None:
            self._window.run("layout.restore")

    def finish(self) -> None:
        """The user quits: store everything as it is and that this was no crash. Only queues; sessions must still be there."""
        self._autosave.close()
        self._tabs.save()
        self.place.save()
        self._log.close()
        records = self._launched.records
        records.end_start(records.start)

    def _show_offer(self) -> None:
        offer = self.restoring.offer
        count = len(offer.panes) if offer is not None else 0
        sessions = "session that was" if count == 1 else f"{count} sessions that were"
        self._window.widget.grid.show_offer(f"restore the {sessions} open here" if offer is not None else "")

    def _follow_settings(self) -> None:
        self._autosave.use_rules(autosave_rules(self._launched.settings.current.settings))
        self._show_offer()


def autosave_rules(settings: Settings) -> AutosaveRules:
    """The settings as the autosave takes them."""
    return AutosaveRules(settings.session.auto_save, settings.session.auto_save_interval_seconds)


def recipe_of(agent: str, choices: Sequence[AgentChoice]) -> Recipe:
    """How an agent is started today; a terminal with a note if it is not installed, or not known any more."""
    choice = next((each for each in choices if each.id == agent), TERMINAL if agent == TERMINAL.id else None)
    if choice is None or not choice.is_found:
        return Recipe(TERMINAL.id, note=missing_note(agent))
    return Recipe(choice.id, choice.argv, dict(choice.variables), choice.unset, choice.is_repl)
