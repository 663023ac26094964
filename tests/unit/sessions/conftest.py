"""A session manager over a host that only writes down what it is asked; terminals, rings and the reader are real."""

import os
import pty
import select
import time
import tty
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from synk.base.errors import SynkError
from synk.base.events import Event, Hub, NoticeRaised
from synk.hostclient import Reply
from synk.pty.reader import DRAIN_QUIET_MS
from synk.pty.ring import Ring
from synk.sessions.events import SessionChanged, SessionClosed, SessionOpened, SessionOutput, TerminalReported
from synk.sessions.manager import SessionManager, SessionRules
from synk.sessions.session import Session

LIMIT_S = 30.0


@dataclass(slots=True, eq=False)
class Call:
    """One request to the host."""

    do: str
    arguments: dict[str, Any]
    on_reply: Callable[[Reply], None] | None
    fds: tuple[int, ...] = ()


class FakeHost:
    """Takes calls and answers none of them; the test does."""

    def __init__(self) -> None:
        self.welcome: dict[str, Any] = {"first_session": 1, "reserved_sessions": 64, "sessions": 0}
        self.calls: list[Call] = []

    def call(
        self, do: str, on_reply: Callable[[Reply], None] | None = None, *, fds: tuple[int, ...] = (), **arguments: Any
    ) -> None:
        self.calls.append(Call(do, arguments, on_reply, tuple(fds)))

    def asked(self, do: str) -> list[Call]:
        """All requests of this kind so far."""
        return [call for call in self.calls if call.do == do]


@dataclass(slots=True, eq=False)
class Program:
    """The other end of a session's terminal."""

    slave: int
    pid: int
    received: bytes = b""
    fds: tuple[int, ...] = ()
    """What the window was given."""

    def prints(self, data: bytes) -> None:
        os.write(self.slave, data)

    def reads(self) -> bytes:
        """Everything typed so far."""
        while select.select([self.slave], [], [], 0)[0]:
            self.received += os.read(self.slave, 65536)
        return self.received


@dataclass(slots=True)
class Timer:
    at_ms: int
    function: Callable[[], None] = field(repr=False)


class Desk:
    """Manager, hub and timers of one window; time passes only in `pass_time`."""

    def __init__(self) -> None:
        self.hub = Hub(lambda: None)
        self.host = FakeHost()
        self.events: list[Event] = []
        self.timers: list[Timer] = []
        self.drains: list[Callable[[], None]] = []
        self.now_ms = 0
        self.programs: list[Program] = []
        self.is_closed = False
        for kind in (SessionOpened, SessionChanged, SessionClosed, SessionOutput, TerminalReported, NoticeRaised):
            self.hub.subscribe(kind, self.events.append)
        self.manager = SessionManager(
            self.hub, project=lambda: "/project", version="1", rules=SessionRules(), later=self.later, on_ready=lambda: None
        )
        self.manager.connect(self.host)  # type: ignore[arg-type]

    def later(self, ms: int, function: Callable[[], None]) -> None:
        # The tests hold the other end of each terminal open, so its end is told by quiet: that is waited for in `until`.
        if ms == DRAIN_QUIET_MS:
            self.drains.append(function)
            return
        self.timers.append(Timer(self.now_ms + ms, function))

    def pass_time(self, ms: int) -> None:
        """Let the timers of so many milliseconds fire, in order."""
        end = self.now_ms + ms
        while due := [timer for timer in self.timers if timer.at_ms <= end]:
            first = min(due, key=lambda timer: timer.at_ms)
            self.timers.remove(first)
            self.now_ms = max(self.now_ms, first.at_ms)
            first.function()
        self.now_ms = end
        self.hub.deliver()

    def until(self, predicate: Callable[[], object]) -> None:
        """Take turns as the GUI thread does until the predicate is true."""
        deadline = time.monotonic() + LIMIT_S
        while not predicate():
            assert time.monotonic() < deadline, f"still false: {predicate}; {self.events[-5:]}"
            self.manager.turn()
            self.hub.deliver()
            drains, self.drains = self.drains, []
            for look in drains:
                look()
            select.select([], [], [], 0.002)

    def heard(self, kind: type[Event]) -> list[Any]:
        """Events of this kind so far."""
        return [event for event in self.events if type(event) is kind]

    def create(self, **arguments: Any) -> Session:
        """A session whose start the host has been asked for."""
        session = self.manager.create(**arguments)
        self.hub.deliver()
        return session

    def start_of(self, session: Session) -> Call:
        """The newest request to start this session."""
        self.hub.deliver()
        return [call for call in self.host.asked("session.start") if call.arguments["session"] == session.id][-1]

    def program(self, *, is_raw: bool = True, has_keyboard: bool = False) -> Program:
        """A terminal; in raw mode as under a line editor.

        Nobody's terminal has the foreground group 0, so that is the number of a program that `has_keyboard`.
        """
        master, slave = pty.openpty()
        if is_raw:
            tty.setraw(slave)
        made = Program(slave, 0 if has_keyboard else 100_000 + len(self.programs))
        ring = Ring.create(cols=80, rows=24)
        made.fds = (master, os.dup(ring.fd), os.pidfd_open(os.getpid()))
        ring.close()
        self.programs.append(made)
        return made

    def answer(self, call: Call, program: Program, *, output: bytes = b"", started_at: float = 1.0) -> None:
        """The host's good news: the program runs."""
        if output:
            ring = Ring(os.dup(program.fds[1]))
            ring.write(output)
            ring.close()
        result = {"pid": program.pid, "started_at": started_at, "program": "bash", "key": f"cafe.{program.pid}"}
        assert call.on_reply is not None
        call.on_reply(Reply(result, None, program.fds))
        self.hub.deliver()

    def refuse(self, call: Call, error: SynkError) -> None:
        """The host's bad news."""
        assert call.on_reply is not None
        call.on_reply(Reply(None, error))
        self.hub.deliver()

    def running(self, *, has_keyboard: bool = False, **arguments: Any) -> tuple[Session, Program]:
        """A session at its prompt."""
        session = self.create(**arguments)
        program = self.program(has_keyboard=has_keyboard)
        self.answer(self.start_of(session), program)
        program.prints(b"$ ")
        self.until(lambda: session.emulator.text(0).startswith("$"))
        return session, program

    def ends(self, session: Session, program: Program, *, code: int | None = None, signal: int | None = None) -> None:
        """The host reports the end of the program."""
        self.manager.exited({"session": session.id, "pid": program.pid, "exit": {"code": code, "signal": signal}})

    def close(self) -> None:
        """Close every terminal; twice does no harm."""
        if not self.is_closed:
            self.manager.shut_down()
        self.is_closed = True
        while self.programs:
            os.close(self.programs.pop().slave)


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A window without a screen."""
    made = Desk()
    yield made
    made.close()
