"""The section of the sidebar with a card for each session of the open project."""

from collections.abc import Callable, Mapping, Sequence

from synk.actions.ports import TERMINAL, AgentChoice
from synk.sessions.attention import attention_of, in_turn
from synk.sessions.session import Session
from synk.sessions.tabs import Tabs
from synk.ui.pane import place_of
from synk.ui.sidebar.rows import Row, SessionRow, TextRow


class SessionsSection:
    """Sessions that need the user first, who waits longest on top; then all others by their pane."""

    id = "sessions"
    title = "Sessions"

    def __init__(
        self,
        tabs: Tabs,
        *,
        sessions: Callable[[], Sequence[Session]],
        agents: Callable[[], Mapping[str, AgentChoice]],
        branch_of: Callable[[str], str],
    ) -> None:
        """`agents()`: the catalog by id; `branch_of(folder)`: "" if it is not known, or there is no git."""
        self._tabs = tabs
        self._sessions = sessions
        self._agents = agents
        self._branch_of = branch_of

    @property
    def note(self) -> str:
        """`2 waiting, 1 done`, else how many there are."""
        shown = self._tabs.shown(self._sessions())
        return attention_of(shown).text or (str(len(shown)) if shown else "")

    @property
    def is_calling(self) -> bool:
        """Whether one of them needs the user."""
        return attention_of(self._tabs.shown(self._sessions())).total > 0

    def rows(self) -> Sequence[Row]:
        """See `Section.rows`."""
        shown = self._tabs.shown(self._sessions())
        if not shown:
            return [TextRow("No sessions. Press n for a new one.", self.id)]
        calling = in_turn(shown, self._tabs.project)
        return [self._row(session) for session in (*calling, *(each for each in shown if each not in calling))]

    def _row(self, session: Session) -> SessionRow:
        agent = self._agents().get(session.agent, TERMINAL)
        place = place_of(session)
        branch = self._branch_of(session.working_dir)
        what = session.program if session.argv and session.agent == TERMINAL.id else agent.name
        return SessionRow(
            session=session.id,
            pane=session.pane,
            badge=agent.badge,
            color=agent.color,
            title=session.title.strip() or session.program_title.strip() or what,
            detail=" · ".join(filter(None, (place, branch))),
            note="input full" if session.is_input_full else session.note,
            status=session.status,
            is_selected=self._tabs.workspace.selected == session.pane,
        )
