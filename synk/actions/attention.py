"""Going to the session that needs the user."""

from synk.actions.ports import Sessions, View
from synk.commands.registry import command
from synk.sessions.attention import next_in_turn
from synk.sessions.tabs import Tabs


class AttentionActions:
    """Commands that select who waits, failed or is done; they never type into it."""

    def __init__(self, tabs: Tabs, manager: Sessions, view: View) -> None:
        self._tabs = tabs
        self._manager = manager
        self._view = view

    @command("attention.next", when="is_needed")
    def next(self) -> str | None:
        """Select the next session that waits for you, failed or is done, also of another project."""
        return self._go(1)

    @command("attention.previous", when="is_needed")
    def previous(self) -> str | None:
        """Select the previous session that waits for you, failed or is done."""
        return self._go(-1)

    def is_needed(self) -> bool:
        """Whether somebody waits for the user."""
        return next_in_turn(self._manager.sessions, self._tabs.project, None, 1) is not None

    def _go(self, step: int) -> str | None:
        sessions = self._manager.sessions
        session = next_in_turn(sessions, self._tabs.project, self._tabs.selected(sessions), step)
        if session is None:
            return "Nobody needs you"
        tab = self._tabs.open(session.project)
        tab.workspace.select(session.pane)
        tab.workspace.leave()  # a tab that was left while typing would take the next key for its program
        self._view.show_workspace()
        return None
