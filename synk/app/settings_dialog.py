"""Opens the settings dialog: gathers what it offers in a job, and keeps it up to date while it is open."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from synk.actions.ports import AgentChoice
from synk.actions.settings import SettingsActions
from synk.app.following import SettingsFollower
from synk.app.launch import Launch
from synk.app.pool_source import HostPool
from synk.base.errors import UsageError
from synk.base.events import SettingsChanged
from synk.services import Services
from synk.settings.schema import all_settings
from synk.ui.theme import Theme

if TYPE_CHECKING:
    from synk.app.settings_offers import Offered
    from synk.settings.memory import Machine
    from synk.ui.settings.page import SettingsPage

ABOUT = "about"
"""The one page without settings."""


class SettingsDialog:
    """Fulfils the `SettingsView` of the commands. GUI thread."""

    def __init__(
        self,
        theme: Theme,
        launched: Launch,
        services: Services,
        follower: SettingsFollower,
        pool: HostPool,
        *,
        agents: Callable[[], Sequence[AgentChoice]],
        panels: Sequence[tuple[str, str]],
        notes: Mapping[str, Callable[[], str]],
        is_safe: bool,
    ) -> None:
        """`panels`: id and title of those in the drawer; `notes`: see `Surroundings`."""
        self._theme = theme
        self._launched = launched
        self._services = services
        self._follower = follower
        self._pool = pool
        self._agents = agents
        self._panels = panels
        self._notes = notes
        self._is_safe = is_safe
        self._page: SettingsPage | None = None
        self._wanted: str | None = None
        self._last = ""
        services.runner.registry.add(SettingsActions(self))
        services.hub.subscribe(SettingsChanged, lambda _event: self._page.refresh() if self._page is not None else None)

    def open(self, group: str) -> None:
        """See `SettingsView`."""
        known = [*dict.fromkeys(setting.group for setting in all_settings()), ABOUT]
        if group and group not in known:
            raise UsageError(f"There is no group {group} of settings; there are {', '.join(known)}")
        if self._page is not None:
            self._page.show_group(group)
            return
        is_asked_already = self._wanted is not None
        self._wanted = group or self._last
        if not is_asked_already:
            self._services.jobs.submit(self._gather, self._show)

    def edit_file(self) -> None:
        """See `SettingsView`."""
        if not self._follower.path:
            raise UsageError("Started with --safe: there is no settings file to edit")
        self._services.runner.run(f"file.edit {self._follower.path}")

    def _gather(self) -> "Offered":
        """In a job, which also imports what the dialog is made of: 60 ms that no start should pay."""
        from synk.app.settings_offers import offered
        from synk.ui.settings import page

        assert page
        return offered(self._launched.version, self._launched.directories, is_safe=self._is_safe)

    def _show(self, offered: "Offered") -> None:
        from synk.ui.settings.page import SettingsPage
        from synk.ui.settings.surroundings import Surroundings

        window = self._services.window
        around = Surroundings(
            keymap=lambda: window.input.router.machine.keymap,
            check_command=self._services.runner.check,
            request_machine=self._request_machine,
            ask=window.ask,
            open_file=lambda: window.run("settings.edit"),
            about=offered.about,
            themes=offered.themes,
            agents=[(agent.id, agent.name) for agent in self._agents()],
            languages=offered.languages,
            panels=self._panels,
            notes=self._notes,
        )
        page = SettingsPage(self._theme, self._follower, around)
        if self._wanted:
            page.show_group(self._wanted)
        self._wanted = None
        self._page = page
        page.finished.connect(self._closed)
        window.widget.cards.open(page)

    def _closed(self) -> None:
        if self._page is not None:
            self._last = self._page.last_group
            self._page = None

    def _request_machine(self, done: "Callable[[Machine], None]") -> None:
        """Have the host name its processes, then look at their memory in a job."""
        from synk.app.settings_offers import measured

        asked = self._page

        def answered(machine: "Machine") -> None:
            if self._page is asked:  # else the page is closed, and its widgets are gone
                done(machine)

        def heard(members: Sequence[Mapping[str, Any]], _detached: Sequence[Mapping[str, Any]]) -> None:
            self._services.jobs.submit(lambda: measured(members), answered)

        self._pool.request_members(heard)
