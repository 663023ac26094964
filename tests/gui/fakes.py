"""A session manager without programs; needs no Qt."""

from collections.abc import Callable, Mapping, Sequence

from synk.base.errors import PoolExhausted
from synk.base.events import Hub
from synk.sessions.events import SessionChanged, SessionClosed, SessionOpened, SessionOutput
from synk.sessions.session import Exit, Session, Status
from synk.terminal.emulator import Emulator


class FakeManager:
    """Sessions without programs: what is written is recorded, what they print is fed by the test."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._sessions: list[Session] = []
        self._next_id = 1
        self.project: Callable[[], str] = lambda: "/home/user/api"
        """Of new sessions."""
        self.written: dict[int, bytes] = {}
        """Bytes each session (by id) was sent."""
        self.sizes: list[tuple[int, int, int]] = []
        """Every resize: id, columns, rows."""
        self.busy: set[int] = set()
        """Ids of sessions that run a program."""
        self.calls: list[str] = []
        self.clock_s = 0.0
        """A second later with each status, so that it is known who took one first."""
        self.limit = 64
        self.is_full = False
        self.first: Session | None = None
        """The session that is read first."""

    @property
    def sessions(self) -> Sequence[Session]:
        return self._sessions

    def by_pane(self, pane: int) -> Session | None:
        """The session in a pane of the first project."""
        return next((s for s in self._sessions if s.pane == pane and s.project == self.project()), None)

    def by_id(self, number: int) -> Session | None:
        return next((s for s in self._sessions if s.id == number), None)

    def sessions_of(self, project: str | None) -> list[Session]:
        return [s for s in self._sessions if s.project == project]

    def create(
        self,
        *,
        agent: str = "terminal",
        project: str | None = None,
        directory: str | None = None,
        variables: Mapping[str, str] | None = None,
        unset: Sequence[str] = (),
        argv: Sequence[str] = (),
        note: str = "",
        select: bool = True,
        is_repl: bool = False,
    ) -> Session:
        if len(self._sessions) >= self.limit:
            raise PoolExhausted(f"All {self.limit} sessions are in use. Close one, or raise the limit.")
        project = project or self.project()
        taken = {s.pane for s in self._sessions if s.project == project}
        number = self._next_id
        self._next_id += 1
        session = Session(
            id=number,
            pane=next(n for n in range(1, 1000) if n not in taken),
            agent=agent,
            project=project,
            working_dir=directory or project,
            emulator=Emulator(cols=80, rows=24, reply=lambda data: self._sent(number, data)),
            status=Status.IDLE,
            program=argv[0] if argv else "bash",
            argv=tuple(argv),
            is_repl=is_repl,
            note=note,
            variables=dict(variables or {}),
            unset=tuple(unset),
        )
        self._sessions.append(session)
        self._sessions.sort(key=lambda s: s.pane)
        self._hub.publish(SessionOpened(session.id, select))
        return session

    def recall_variables(self, session: Session, variables: Mapping[str, str]) -> None:
        session.variables = session.variables or dict(variables)

    def close(self, session: Session) -> None:
        self._sessions.remove(session)
        self._hub.publish(SessionClosed(session.id, session.pane, session.project))

    def restart(self, session: Session) -> None:
        self.calls.append(f"restart {session.pane}")
        session.exit, session.ended_at, session.status = None, None, Status.IDLE
        self._hub.publish(SessionChanged(session.id))

    def shell_here(self, session: Session) -> None:
        self.calls.append(f"shell {session.pane}")
        self.restart(session)

    def read_first(self, session: Session | None) -> None:
        self.first = session

    def write(self, session: Session, data: bytes) -> bool:
        if self.is_full:
            return False
        self._sent(session.id, data)
        return True

    def resize(self, session: Session, *, cols: int, rows: int) -> None:
        self.sizes.append((session.id, cols, rows))
        session.emulator.resize(cols=cols, rows=rows)

    def clear_scrollback(self, session: Session) -> None:
        session.emulator.scrollback.clear()

    def rename(self, session: Session, title: str) -> None:
        session.title = title
        self._hub.publish(SessionChanged(session.id))

    def set_status(self, session: Session, status: Status) -> None:
        self.clock_s += 1.0
        if session.become(status, self.clock_s):
            self._hub.publish(SessionChanged(session.id))

    def is_busy(self, session: Session) -> bool:
        return session.id in self.busy

    def program_of(self, session: Session) -> str:
        return session.title or session.program_title or session.program or session.agent

    def busy_sessions(self) -> Sequence[Session]:
        return [s for s in self._sessions if s.id in self.busy]

    def prints(self, pane: int, data: bytes) -> None:
        """The program of a pane prints."""
        session = self.by_pane(pane)
        assert session is not None
        self.print_to(session, data)

    def print_to(self, session: Session, data: bytes) -> None:
        """The program of a session prints."""
        session.emulator.feed(data)
        self._hub.publish(SessionOutput(session.id))

    def ends(self, pane: int, *, code: int, at: float) -> None:
        """The program of a pane ends; `at` is Unix time."""
        session = self.by_pane(pane)
        assert session is not None
        session.exit, session.ended_at = Exit(code=code), at
        session.status = Status.FAILED if code else Status.ENDED
        self._hub.publish(SessionChanged(session.id))

    def _sent(self, number: int, data: bytes) -> None:
        self.written[number] = self.written.get(number, b"") + data
