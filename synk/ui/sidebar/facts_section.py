"""The section of the sidebar with what the selected session was started with."""

import os
from collections.abc import Callable, Mapping, Sequence

from synk.actions.ports import TERMINAL, AgentChoice
from synk.sessions.session import Session
from synk.ui.pickers.typed_folders import shortened
from synk.ui.sidebar.rows import FactRow, Row, TextRow

CHANGE = "session.config"
"""The command that changes any of them."""


class FactsSection:
    """Agent, title, folder and variables; Enter or a click on one opens the session's settings."""

    id = "facts"
    title = "Session settings"
    is_calling = False

    def __init__(
        self, *, selected: Callable[[], Session | None], agents: Callable[[], Mapping[str, AgentChoice]]
    ) -> None:
        """`agents()`: the catalog by id."""
        self._selected = selected
        self._agents = agents

    @property
    def note(self) -> str:
        """Which pane it is about."""
        session = self._selected()
        return f"pane {session.pane}" if session is not None else ""

    def rows(self) -> Sequence[Row]:
        """See `Section.rows`."""
        session = self._selected()
        if session is None:
            return [TextRow("No session is selected.", self.id)]
        agent = self._agents().get(session.agent, TERMINAL)
        # Names only: values may be secret.
        variables = ", ".join(sorted(session.variables)) or "none"
        return [
            FactRow("Agent", agent.name if session.agent == agent.id else session.program, CHANGE),
            FactRow("Title", session.title or "the program's", CHANGE),
            FactRow("Folder", shortened(session.working_dir, os.path.expanduser("~")), CHANGE),
            FactRow("Variables", variables, CHANGE),
        ]
