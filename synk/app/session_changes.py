"""Changing what a session was started with: its title at once, all else by a restart the user agreed to."""

import os
from collections.abc import Callable, Sequence

from synk.actions.ports import AgentChoice, Question
from synk.app.folders import look_at
from synk.base.errors import SynkError
from synk.base.jobs import Jobs
from synk.base.variables import check_variables
from synk.sessions.manager import SessionManager
from synk.sessions.session import Session
from synk.ui.session_card import SessionFacts

Done = Callable[[str], None]


class SessionChanges:
    """GUI thread; a folder is looked at on a thread of its own."""

    def __init__(
        self,
        manager: SessionManager,
        jobs: Jobs,
        *,
        agents: Callable[[], Sequence[AgentChoice]],
        ask: Callable[[Question, Callable[[], object]], None],
    ) -> None:
        """`agents()`: what can be started; `ask(question, on_confirm)`: see `View.ask`."""
        self._manager = manager
        self._jobs = jobs
        self._agents = agents
        self._ask = ask

    def apply(self, session: Session, wanted: SessionFacts, done: Done) -> None:
        """Check it, then do it or ask; `done` gets "" once there is nothing more to correct, else what is wrong."""
        folder = os.path.join(session.project, os.path.expanduser(wanted.folder or session.project))
        try:
            check_variables(wanted.variables)
        except SynkError as error:
            done(error.message)
            return
        self._jobs.aside(lambda: look_at(folder), lambda found: self._looked(session, wanted, folder, found, done))

    def _looked(self, session: Session, wanted: SessionFacts, folder: str, found: tuple[str, str], done: Done) -> None:
        resolved, problem = found
        if problem:
            done(f"{folder} {problem}")
            return
        if session not in self._manager.sessions:
            done("")
            return
        if wanted.title != session.title:
            self._manager.rename(session, wanted.title)
        done("")
        before = self._choice(session.agent)
        own = {name: value for name, value in session.variables.items() if (name, value) not in _variables(before)}
        is_same = (wanted.agent, dict(wanted.variables)) == (session.agent, own)
        is_same_folder = session.working_dir in (folder, resolved)
        if not (is_same and is_same_folder):
            self._ask_to_restart(session, wanted, resolved)

    def _ask_to_restart(self, session: Session, wanted: SessionFacts, folder: str) -> None:
        busy = self._manager.is_busy(session)
        body = f"{self._manager.program_of(session)} is still running in pane {session.pane}." if busy else ""
        title = f"Restart pane {session.pane} with these settings?"
        question = Question(title, body, confirm="Restart", keep="Keep" if busy else "Cancel")
        self._ask(question, lambda: self._restart(session, wanted, folder))

    def _restart(self, session: Session, wanted: SessionFacts, folder: str) -> None:
        choice = self._choice(wanted.agent)
        is_same_agent = wanted.agent == session.agent or choice is None
        self._manager.restart_as(
            session,
            agent=wanted.agent,
            directory=folder,
            variables={**dict(_variables(choice)), **wanted.variables},
            unset=session.unset if is_same_agent or choice is None else choice.unset,
            argv=session.argv if is_same_agent or choice is None else choice.argv,
            is_repl=session.is_repl if is_same_agent or choice is None else choice.is_repl,
        )

    def _choice(self, agent: str) -> AgentChoice | None:
        return next((choice for choice in self._agents() if choice.id == agent), None)


def _variables(choice: AgentChoice | None) -> tuple[tuple[str, str], ...]:
    return choice.variables if choice is not None else ()
