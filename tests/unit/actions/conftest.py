"""The control interface over sessions without programs: what is written is kept, what they print is fed by the test."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from synk.actions.control import Control
from synk.actions.ports import TERMINAL, AgentChoice
from synk.actions.waits import Waits
from synk.base.errors import PoolExhausted, SynkError
from synk.base.events import Event, Hub
from synk.commands.line import CommandRunner
from synk.commands.registry import Registry, command
from synk.sessions.events import SessionChanged, SessionClosed, SessionOpened, SessionOutput
from synk.sessions.session import Exit, Session, Status
from synk.sessions.tabs import Tabs
from synk.sessions.workspace import Workspace
from synk.terminal.emulator import Emulator


class FakeManager:
    """Sessions without programs."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.sessions: list[Session] = []
        self.past_exits: dict[int, Exit] = {}
        self.written: dict[int, bytes] = {}
        self.busy: set[int] = set()
        self.deaf: set[int] = set()
        self.limit = 12
        self.asked: list[dict[str, Any]] = []

    def create(self, **arguments: Any) -> Session:
        if len(self.sessions) >= self.limit:
            raise PoolExhausted("All 12 sessions are in use.")
        self.asked.append(arguments)
        number = len(self.asked)
        session = Session(
            id=100 + number,
            pane=number,
            agent=arguments.get("agent", "terminal"),
            project="/project",
            working_dir=arguments.get("directory") or "/project",
            emulator=Emulator(cols=40, rows=6, reply=lambda _: None),
            status=Status.IDLE,
            program="bash",
        )
        self.sessions.append(session)
        self.written[session.id] = b""
        self._hub.publish(SessionOpened(session.id, arguments.get("select", True)))
        return session

    def by_id(self, number: int) -> Session | None:
        return next((session for session in self.sessions if session.id == number), None)

    def close(self, session: Session) -> None:
        self.sessions.remove(session)
        self._hub.publish(SessionClosed(session.id, session.pane, session.project))

    def write(self, session: Session, data: bytes) -> bool:
        if session.id in self.deaf:
            return False
        self.written[session.id] += data
        return True

    def program_of(self, session: Session) -> str:
        return session.program_title or session.program

    def is_busy(self, session: Session) -> bool:
        return session.id in self.busy


class FakeScreen:
    """A window that only writes down what it is told."""

    def __init__(self) -> None:
        self.shown = 0
        self.came_forward = 0
        self.pictures: list[tuple[str, int | None]] = []
        self.problem = ""

    def show_workspace(self) -> None:
        self.shown += 1

    def come_forward(self) -> None:
        self.came_forward += 1

    def grab_to(self, path: str, pane: int | None, on_done: Callable[[str], None]) -> None:
        self.pictures.append((path, pane))
        on_done(self.problem)


class Echo:
    """One command for `do`."""

    @command("test.echo", short="echo")
    def echo(self, *words: str) -> str:
        """Say it."""
        return " ".join(words)


@dataclass(slots=True)
class Answer:
    """What a call got: nothing yet, a result, or an error; at most one."""

    all: list[dict[str, Any] | SynkError] = field(default_factory=list)

    @property
    def result(self) -> dict[str, Any]:
        (one,) = self.all
        assert not isinstance(one, SynkError), one
        return one

    @property
    def error(self) -> SynkError:
        (one,) = self.all
        assert isinstance(one, SynkError), one
        return one


class Desk:
    """Control and everything around it; time passes only in `pass_time`."""

    def __init__(self) -> None:
        self.hub = Hub(lambda: None)
        self.manager = FakeManager(self.hub)
        self.tabs = Tabs("/project")
        self.tabs.open("/project")
        self.screen = FakeScreen()
        self.notices: list[Event] = []
        self.timers: list[tuple[int, Callable[[], None]]] = []
        self.now_ms = 0
        self.agents: Sequence[AgentChoice] = (
            TERMINAL,
            AgentChoice("claude", "Claude Code", "CC", argv=("/bin/claude",), variables=(("A", "1"),), unset=("OLD",)),
            AgentChoice("gemini", "Gemini", "GE", is_found=False, command="gemini"),
        )
        registry = Registry()
        registry.add(Echo())
        self.waits = Waits(self.hub, self.later, now=lambda: self.now_ms / 1000)
        self.control = Control(
            self.manager,  # type: ignore[arg-type]
            self.tabs,
            CommandRunner(registry, sessions=lambda: self.manager.sessions, selected=lambda: None),
            self.screen,
            self.waits,
            agents=lambda: self.agents,
            notify=self.notices.append,
            pool_stats=lambda done: done({"idle": 2}),
        )

    @property
    def workspace(self) -> Workspace:
        """That of the tab shown."""
        return self.tabs.workspace

    def later(self, ms: int, function: Callable[[], None]) -> None:
        self.timers.append((self.now_ms + ms, function))

    def pass_time(self, ms: int) -> None:
        """Let the timers of so many milliseconds fire, in order."""
        end = self.now_ms + ms
        while due := [timer for timer in self.timers if timer[0] <= end]:
            first = min(due, key=lambda timer: timer[0])
            self.timers.remove(first)
            self.now_ms = first[0]
            first[1]()
        self.now_ms = end

    def call(self, verb: str, arguments: Mapping[str, Any] | None = None, **more: Any) -> Answer:
        """One control verb."""
        answer = Answer()
        self.control.handle(verb, {**(arguments or {}), **more}, answer.all.append)
        return answer

    def new(self, text: bytes = b"") -> Session:
        """An open session that shows this."""
        session = self.manager.create()
        self.workspace.opened(session.pane, by_user=False)
        if text:
            session.emulator.feed(text)
        return session

    def prints(self, session: Session, data: bytes) -> None:
        """The session's program prints."""
        session.emulator.feed(data)
        self.hub.publish(SessionOutput(session.id))
        self.hub.deliver()

    def changes(self, session: Session, *, status: Status | None = None, ended: Exit | None = None) -> None:
        """The session's status changes, or its program ends."""
        if status is not None:
            session.status = status
        session.exit = ended
        self.hub.publish(SessionChanged(session.id))
        self.hub.deliver()

    def closes(self, session: Session) -> None:
        """The pane goes."""
        self.manager.close(session)
        self.hub.deliver()

    def wait_for(self, session: Session, until: str, **arguments: Any) -> Answer:
        """`synk ctl wait-for`."""
        return self.call("wait-for", target=f"session:{session.id}", until=until, **arguments)


@pytest.fixture
def desk() -> Desk:
    """A window without sessions."""
    return Desk()
