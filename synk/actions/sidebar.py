"""The sidebar, and the settings of a session."""

from typing import Protocol

from synk.base.errors import UsageError
from synk.commands.registry import Targets, command
from synk.sessions.session import Session


class SideView(Protocol):
    """What these commands ask of the window. Every call returns at once."""

    @property
    def is_home(self) -> bool:
        """Whether the home screen is shown and no project."""

    def toggle_sidebar(self) -> None:
        """Fold or unfold it."""

    def refresh_sidebar(self) -> None:
        """Read again what it shows from files."""

    def ask_config(self, session: Session) -> None:
        """Let the user change what a session was started with."""


class SidebarActions:
    """Commands about the part left of the grid."""

    def __init__(self, view: SideView) -> None:
        self._view = view

    def is_in_project(self) -> bool:
        """Whether there is a sidebar to be seen."""
        return not self._view.is_home

    @command("sidebar.toggle", when="is_in_project")
    def toggle(self) -> None:
        """Fold or unfold the sidebar."""
        self._view.toggle_sidebar()

    @command("sidebar.refresh", when="is_in_project")
    def refresh(self) -> None:
        """Read again what the sidebar shows."""
        self._view.refresh_sidebar()

    @command("session.config")
    def configure(self, target: Targets) -> None:
        """Change agent, title, folder or variables of a session."""
        if len(target) != 1:
            raise UsageError("The settings of one session can be changed at a time. Usage: /session.config @5")
        self._view.ask_config(target[0])
