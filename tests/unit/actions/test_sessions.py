"""The session commands: what they ask, what they refuse, and their result lines."""

from collections.abc import Callable, Sequence

import pytest

from synk.actions.application import ApplicationActions
from synk.actions.ports import AgentChoice, Question
from synk.actions.sessions import SessionActions
from synk.base.errors import PoolExhausted, UsageError
from synk.base.events import Hub, NoticeRaised
from synk.commands.line import CommandRunner
from synk.commands.registry import Registry
from synk.keys.modes import Mode
from synk.sessions.session import Session
from synk.sessions.tabs import Tabs
from synk.sessions.workspace import Workspace
from tests.gui.fakes import FakeManager

TERMINAL = AgentChoice("terminal", "Terminal", ">_")
CLAUDE = AgentChoice("claude", "Claude Code", "CL", "purple", ("claude", "--ide"), command="claude")
GEMINI = AgentChoice("gemini", "Gemini CLI", "GM", "blue", ("gemini",), is_found=False, command="gemini")


class FakeView:
    """Records what it was asked; a test answers."""

    def __init__(self) -> None:
        self.questions: list[tuple[Question, Callable[[], object]]] = []
        self.agents: tuple[Sequence[AgentChoice], str, Callable[[AgentChoice], object]] | None = None
        self.quits = 0

    def show_workspace(self) -> None:
        """Nothing to show."""

    def ask(self, question: Question, on_confirm: Callable[[], object]) -> None:
        self.questions.append((question, on_confirm))

    def ask_agent(self, choices: Sequence[AgentChoice], last: str, on_choice: Callable[[AgentChoice], object]) -> None:
        self.agents = (choices, last, on_choice)

    def quit(self) -> None:
        self.quits += 1


class Bench:
    """The commands over a fake manager and view."""

    def __init__(self) -> None:
        self.notices: list[object] = []
        self.manager = FakeManager(Hub(lambda: None))
        self.tabs = Tabs("/home/user/api")
        self.view = FakeView()
        registry = Registry()
        registry.add(
            SessionActions(
                self.manager,
                self.tabs,
                self.view,  # type: ignore[arg-type]
                agents=lambda: [TERMINAL, CLAUDE, GEMINI],
                notify=self.notices.append,
            )
        )
        registry.add(ApplicationActions(self.manager, self.view))  # type: ignore[arg-type]
        self.runner = CommandRunner(registry, sessions=lambda: self.manager.sessions, selected=self._selected)
        self.run = self.runner.run

    @property
    def workspace(self) -> Workspace:
        return self.tabs.workspace

    def _selected(self) -> Session | None:
        return self.tabs.selected(self.manager.sessions)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_new_asks_with_the_terminal_first_and_the_last_choice_marked(bench: Bench) -> None:
    assert bench.run("/new") == ""
    assert bench.view.agents is not None
    choices, last, choose = bench.view.agents
    assert [choice.id for choice in choices] == ["terminal", "claude", "gemini"]
    assert last == "terminal"
    assert choose(CLAUDE) == "Opened pane 1"
    assert (bench.manager.sessions[0].agent, bench.manager.sessions[0].argv) == ("claude", ("claude", "--ide"))
    assert (bench.workspace.selected, bench.workspace.mode) == (1, Mode.TERMINAL)
    bench.run("/new")
    assert bench.view.agents[1] == "claude"


def test_new_with_an_agent_does_not_ask(bench: Bench) -> None:
    assert bench.run("/new claude") == "Opened pane 1"
    assert bench.run("/session.again") == "Opened pane 2"
    assert [session.agent for session in bench.manager.sessions] == ["claude", "claude"]


def test_an_unknown_agent_names_those_there_are(bench: Bench) -> None:
    with pytest.raises(UsageError, match=r'No agent is called "codex"\. There is terminal, claude or gemini'):
        bench.run("/new codex")


def test_an_agent_that_is_not_installed_opens_a_terminal_and_says_so(bench: Bench) -> None:
    bench.run("/new gemini")
    session = bench.manager.sessions[0]
    assert (session.agent, session.argv, session.note) == ("terminal", (), "terminal: gemini missing")
    notice = bench.notices[0]
    assert isinstance(notice, NoticeRaised)
    assert "gemini" in notice.title


def test_no_free_session_opens_nothing_and_keeps_the_last_choice(bench: Bench) -> None:
    bench.manager.limit = 0
    with pytest.raises(PoolExhausted):
        bench.run("/new claude")
    assert bench.workspace.panes == []
    bench.manager.limit = 2
    bench.run("/session.again")
    assert bench.manager.sessions[0].agent == "terminal"


def test_closing_one_idle_session_asks_nothing(bench: Bench) -> None:
    bench.run("/new terminal")
    assert bench.run("/kill") == "Closed pane 1"
    assert bench.view.questions == []
    assert bench.workspace.panes == []


def test_closing_several_asks_once_and_names_the_running_ones(bench: Bench) -> None:
    for _ in range(3):
        bench.run("/new terminal")
    bench.manager.busy.add(2)
    bench.manager.sessions[1].program = "vim"
    assert bench.run("/kill @1,@2") == ""
    ((question, confirm),) = bench.view.questions
    assert question.title == "Close panes 1 and 2?"
    assert question.body == "vim is still running in pane 2."
    assert len(bench.manager.sessions) == 3
    assert confirm() == "Closed panes 1 and 2"
    assert bench.workspace.panes == [3]


def test_restarting_a_running_program_asks(bench: Bench) -> None:
    bench.run("/new terminal")
    assert bench.run("/restart") == "Restarted pane 1"
    bench.manager.busy.add(1)
    assert bench.run("/restart") == ""
    bench.view.questions[0][1]()
    assert bench.manager.calls == ["restart 1", "restart 1"]


def test_a_shell_here_needs_an_ended_session(bench: Bench) -> None:
    bench.run("/new terminal")
    with pytest.raises(UsageError, match="Pane 1 is still running bash"):
        bench.run("/session.shell")
    bench.manager.ends(1, code=1, at=0.0)
    assert bench.run("/session.shell") == "Shell in pane 1"


def test_send_writes_the_text_and_enter_to_each_target(bench: Bench) -> None:
    for _ in range(3):
        bench.run("/new terminal")
    assert bench.run("/send @all echo hello  world") == "Sent to panes 1, 2 and 3"
    assert set(bench.manager.written.values()) == {b"echo hello  world\r"}


def test_keys_are_encoded_for_the_modes_of_each_terminal(bench: Bench) -> None:
    bench.run("/new terminal")
    bench.run("/new terminal")
    bench.manager.prints(2, b"\x1b[?1h")
    bench.run("/key @all ctrl+b escape up")
    assert bench.manager.written == {1: b"\x02\x1b\x1b[A", 2: b"\x02\x1b\x1bOA"}


@pytest.mark.parametrize(("line", "message"), [("/key", "needs keys"), ("/key nosuch", "Unknown key"), ("/send", "needs text")])
def test_nothing_is_sent_by_a_line_with_a_mistake(bench: Bench, line: str, message: str) -> None:
    bench.run("/new terminal")
    with pytest.raises(UsageError, match=message):
        bench.run(line)
    assert bench.manager.written == {}


def test_nothing_is_sent_to_any_target_if_one_has_ended(bench: Bench) -> None:
    bench.run("/new terminal")
    bench.run("/new terminal")
    bench.manager.ends(2, code=0, at=0.0)
    with pytest.raises(UsageError, match="Nothing was sent: pane 2 ended"):
        bench.run("/send @all ls")
    assert bench.manager.written == {}


def test_rename_takes_the_rest_of_the_line_and_nothing_resets_it(bench: Bench) -> None:
    bench.run("/new terminal")
    bench.run("/rename my  own title")
    assert bench.manager.sessions[0].title == "my  own title"
    bench.run("/rename")
    assert bench.manager.sessions[0].title == ""


def test_clear_drops_the_scrollback(bench: Bench) -> None:
    bench.run("/new terminal")
    bench.manager.prints(1, b"line\r\n" * 100)
    assert bench.run("/clear") == "Cleared the scrollback of pane 1"
    assert len(bench.manager.sessions[0].emulator.scrollback) == 0


def test_quit_asks_only_if_a_program_runs(bench: Bench) -> None:
    bench.run("/new terminal")
    bench.run("/quit")
    assert bench.view.quits == 1
    bench.manager.busy.add(1)
    bench.manager.sessions[0].title = "build"
    bench.run("/quit")
    ((question, confirm),) = bench.view.questions
    assert question.title == "Quit Synk? One session is still running"
    assert question.body == "build in pane 1"
    confirm()
    assert bench.view.quits == 2
