"""Opening, closing, restarting and writing to sessions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

from synk.actions.ports import TERMINAL, AgentChoice, Question, Sessions, View
from synk.base.errors import UsageError
from synk.base.events import Event, NoticeRaised
from synk.base.keypress import KeyPress
from synk.commands.registry import ENDED, LIVE, Rest, Source, Targets, alternatives, command
from synk.keys.chords import press_of
from synk.sessions.session import Session, missing_note
from synk.sessions.tabs import Tabs
from synk.terminal.keyboard import encode_key

NO_TEXT = Rest("")


class SessionActions:
    """Commands that act on sessions."""

    def __init__(
        self,
        manager: Sessions,
        tabs: Tabs,
        view: View,
        *,
        agents: Callable[[], Sequence[AgentChoice]] = lambda: (TERMINAL,),
        default_agent: Callable[[], str] = lambda: TERMINAL.id,
        notify: Callable[[Event], None] = lambda _event: None,
    ) -> None:
        """`agents`: what can be started, the terminal first; `default_agent`: the id offered until one was chosen.

        `notify` publishes an event.
        """
        self._manager = manager
        self._tabs = tabs
        self._view = view
        self._agents = agents
        self._default_agent = default_agent
        self._notify = notify
        self._last: AgentChoice | None = None

    @command("session.new", short="new")
    def new(self, agent: Annotated[str, Source("agents")] | None = None) -> str | None:
        """Open a session; asks for the agent if none is named."""
        choices = self._agents()
        if agent is None:
            self._view.ask_agent(choices, self._last_choice().id, self._open)
            return None
        choice = next((choice for choice in choices if choice.id == agent), None)
        if choice is None:
            raise UsageError(f'No agent is called "{agent}". There is {alternatives(choice.id for choice in choices)}')
        return self._open(choice)

    @command("session.again")
    def again(self) -> str:
        """Open a session of the same agent as last time, without asking."""
        return self._open(self._last_choice())

    @command("session.close", short="kill")
    def close(self, target: Targets) -> str | None:
        """Close sessions; asks if there are several or a program is running."""
        busy = [session for session in target if self._manager.is_busy(session)]
        if not busy and len(target) == 1:
            return self._close(target)
        self._view.ask(self._close_question(target, busy), lambda: self._close(target))
        return None

    @command("session.restart", short="restart")
    def restart(self, target: Targets) -> str | None:
        """Start the program again in the same pane; asks if there are several or a program is running."""
        busy = [session for session in target if self._manager.is_busy(session)]
        if not busy and len(target) == 1:
            return self._restart(target)
        question = Question(
            f"Restart {_name_all(target)}?", self._still_running(busy), confirm="Restart", keep="Keep" if busy else "Cancel"
        )
        self._view.ask(question, lambda: self._restart(target))
        return None

    @command("session.shell")
    def shell_here(self, target: Annotated[Targets, ENDED]) -> str:
        """Open a shell in the pane and folder of an ended session."""
        for session in target:
            if session.is_live:
                raise UsageError(f"Pane {session.pane} is still running {session.program or session.agent}")
        for session in target:
            self._manager.shell_here(session)
        return f"Shell in {_name_all(target)}"

    @command("session.clear", short="clear")
    def clear(self, target: Targets) -> str:
        """Drop the scrollback."""
        for session in target:
            self._manager.clear_scrollback(session)
        return f"Cleared the scrollback of {_name_all(target)}"

    @command("session.rename", short="rename")
    def rename(self, target: Targets, text: Rest = NO_TEXT) -> str:
        """Set the title; without a text the program's own title comes back."""
        for session in target:
            self._manager.rename(session, text.strip())
        return f"Renamed {_name_all(target)}"

    @command("session.send", short="send")
    def send(self, target: Annotated[Targets, LIVE], text: Rest) -> str:
        """Write a text and Enter."""
        return self._write(target, lambda session: text.encode() + _encode(KeyPress("enter"), session))

    @command("session.key", short="key")
    def key(self, target: Annotated[Targets, LIVE], *keys: Annotated[str, Source("keys")]) -> str:
        """Press named keys, for example ctrl+b or escape."""
        if not keys:
            raise UsageError("/key needs keys, for example ctrl+b or escape")
        presses = [press_of(text) for text in keys]
        return self._write(target, lambda session: b"".join(_encode(press, session) for press in presses))

    def _last_choice(self) -> AgentChoice:
        """The agent chosen last, as the catalog has it now; at first the default, and the terminal if it is not there."""
        wanted = self._last.id if self._last is not None else self._default_agent()
        return next((choice for choice in self._agents() if choice.id == wanted), TERMINAL)

    def _open(self, choice: AgentChoice) -> str:
        session = open_session(self._manager, choice, notify=self._notify)
        self._last = choice
        self._tabs.open(session.project).workspace.opened(session.pane, by_user=True)
        self._view.show_workspace()
        return f"Opened pane {session.pane}"

    def _close(self, sessions: Sequence[Session]) -> str:
        for session in sessions:
            self._manager.close(session)
            tab = self._tabs.by_project(session.project)
            if tab is not None:
                tab.workspace.closed(session.pane)
        self._view.show_workspace()
        return f"Closed {_name_all(sessions)}"

    def _restart(self, sessions: Sequence[Session]) -> str:
        for session in sessions:
            self._manager.restart(session)
        return f"Restarted {_name_all(sessions)}"

    def _close_question(self, target: Sequence[Session], busy: Sequence[Session]) -> Question:
        body = self._still_running(busy) if busy else ""
        return Question(f"Close {_name_all(target)}?", body, confirm="Close", keep="Keep")

    def _still_running(self, busy: Sequence[Session]) -> str:
        """`vim is still running in pane 3.`, one line each."""
        return "\n".join(f"{self._manager.program_of(session)} is still running in pane {session.pane}." for session in busy)

    def _write(self, sessions: Sequence[Session], data: Callable[[Session], bytes]) -> str:
        ended = [session for session in sessions if not session.is_live]
        if ended:
            raise UsageError(f"Nothing was sent: {_name_all(ended)} ended")
        for session in sessions:
            self._manager.write(session, data(session))
        return f"Sent to {_name_all(sessions)}"


def open_session(
    manager: Sessions,
    choice: AgentChoice,
    *,
    notify: Callable[[Event], None],
    directory: str | None = None,
    variables: Mapping[str, str] | None = None,
    argv: Sequence[str] = (),
    select: bool = True,
) -> Session:
    """Open a session of this agent; one whose command is missing opens as a terminal and says so (03, section 2)."""
    if choice.is_found or argv:
        return manager.create(
            agent=choice.id,
            directory=directory,
            variables={**dict(choice.variables), **(variables or {})},
            unset=choice.unset,
            argv=tuple(argv) or choice.argv,
            select=select,
            is_repl=choice.is_repl and not argv,
        )
    note = missing_note(choice.id)
    session = manager.create(directory=directory, variables=variables, note=note, select=select)
    text = f"{choice.name} is not installed: the command {choice.command} is not on PATH. A terminal was opened instead."
    notify(NoticeRaised("error", text, session=session.id))
    return session


def _encode(press: KeyPress, session: Session) -> bytes:
    return encode_key(press, session.emulator.modes)


def _name_all(sessions: Sequence[Session]) -> str:
    numbers = [str(session.pane) for session in sessions]
    if len(numbers) == 1:
        return f"pane {numbers[0]}"
    return f"panes {', '.join(numbers[:-1])} and {numbers[-1]}"
