"""A real window over a fake manager: real emulators, real key and mouse events, no process."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from synk.actions.application import ApplicationActions
from synk.actions.display import DisplayActions
from synk.actions.navigation import NavigationActions
from synk.actions.ports import TERMINAL, AgentChoice
from synk.actions.sessions import SessionActions
from synk.base.errors import PoolExhausted
from synk.base.events import Hub
from synk.commands.line import CommandRunner
from synk.commands.registry import Registry
from synk.keys.keymap import ExitMethod, Keymap
from synk.keys.modes import ModeMachine
from synk.sessions.events import SessionChanged, SessionClosed, SessionOpened, SessionOutput
from synk.sessions.session import Exit, Session, Status
from synk.sessions.workspace import Workspace
from synk.terminal.emulator import Emulator
from synk.ui.bridge import Bridge
from synk.ui.options import UiOptions
from synk.ui.panels.pool import Members, PoolPanel
from synk.ui.theme import Theme, dress, load_theme
from synk.ui.window import Window


class FakeManager:
    """Sessions without programs: what is written is recorded, what they print is fed by the test."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._sessions: list[Session] = []
        self._next_id = 1
        self.written: dict[int, bytes] = {}
        """Bytes each session (by id) was sent."""
        self.sizes: list[tuple[int, int, int]] = []
        """Every resize: id, columns, rows."""
        self.busy: set[int] = set()
        """Ids of sessions that run a program."""
        self.calls: list[str] = []
        self.limit = 64
        self.is_full = False

    @property
    def sessions(self) -> Sequence[Session]:
        return self._sessions

    def by_pane(self, pane: int) -> Session | None:
        return next((s for s in self._sessions if s.pane == pane), None)

    def create(
        self,
        *,
        agent: str = "terminal",
        directory: str | None = None,
        variables: Mapping[str, str] | None = None,
        unset: Sequence[str] = (),
        argv: Sequence[str] = (),
        note: str = "",
        select: bool = True,
    ) -> Session:
        if len(self._sessions) >= self.limit:
            raise PoolExhausted(f"All {self.limit} sessions are in use. Close one, or raise the limit.")
        taken = {s.pane for s in self._sessions}
        number = self._next_id
        self._next_id += 1
        session = Session(
            id=number,
            pane=next(n for n in range(1, 1000) if n not in taken),
            agent=agent,
            project="/home/user/api",
            working_dir=directory or "/home/user/api",
            emulator=Emulator(cols=80, rows=24, reply=lambda data: self._sent(number, data)),
            status=Status.IDLE,
            program=argv[0] if argv else "bash",
            argv=tuple(argv),
            note=note,
            variables=dict(variables or {}),
            unset=tuple(unset),
        )
        self._sessions.append(session)
        self._sessions.sort(key=lambda s: s.pane)
        self._hub.publish(SessionOpened(session.id, select))
        return session

    def close(self, session: Session) -> None:
        self._sessions.remove(session)
        self._hub.publish(SessionClosed(session.id, session.pane))

    def restart(self, session: Session) -> None:
        self.calls.append(f"restart {session.pane}")
        session.exit, session.ended_at, session.status = None, None, Status.IDLE
        self._hub.publish(SessionChanged(session.id))

    def shell_here(self, session: Session) -> None:
        self.calls.append(f"shell {session.pane}")
        self.restart(session)

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

    def is_busy(self, session: Session) -> bool:
        return session.id in self.busy

    def busy_sessions(self) -> Sequence[Session]:
        return [s for s in self._sessions if s.id in self.busy]

    def prints(self, pane: int, data: bytes) -> None:
        """The program of a pane prints."""
        session = self.by_pane(pane)
        assert session is not None
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


class FakePool:
    """A pool whose numbers the test sets."""

    def __init__(self) -> None:
        self.numbers: dict[str, Any] = {
            "idle": 2, "warming": 0, "active": 1, "recycling": 0,
            "targets": {"initial_pool_size": 2, "max_pool_size": 4, "max_active": 12},
            "claims": 13, "claims_warm": 12, "claims_cold": 1, "claim_last_ms": 8.4, "claim_p50_ms": 7.9, "claim_p95_ms": 31.0,
            "recycles": 3, "recycles_failed": 0, "kills": 1, "last_error": "", "memory_pressure": False, "shell": "/bin/bash",
        }  # fmt: skip
        self.members: list[Mapping[str, Any]] = [
            {"pid": 4711, "tty": "/dev/pts/3", "state": "idle", "age_s": 12.0, "memory_bytes": 8_300_000, "shell": "/bin/bash"},
            {"pid": 4712, "tty": "/dev/pts/4", "state": "idle", "age_s": 95.0, "memory_bytes": None, "shell": "/bin/bash"},
            {"pid": 4713, "tty": "/dev/pts/5", "state": "active", "age_s": 4e3, "memory_bytes": 9_000_000, "shell": "/bin/zsh"},
        ]
        self.detached: list[Mapping[str, Any]] = []
        self.requests = 0
        self.refreshed = 0
        self.killed: list[int] = []

    def stats(self) -> Mapping[str, Any]:
        return self.numbers

    def request_members(self, on_members: Members) -> None:
        self.requests += 1
        on_members(self.members, self.detached)

    def refresh(self) -> None:
        self.refreshed += 1

    def kill_detached(self, pid: int) -> None:
        self.killed.append(pid)


class Desk:
    """Everything a test touches."""

    def __init__(self, theme: Theme, *, exit_method: ExitMethod = "double_escape", hold_first_escape: bool = False) -> None:
        self.bridge = Bridge()
        self.hub = Hub(self.bridge.wake)
        self.bridge.add(self.hub.deliver)
        self.manager = FakeManager(self.hub)
        self.workspace = Workspace()
        self.pool = FakePool()
        self.quits = 0
        self.agents: list[AgentChoice] = [TERMINAL]
        registry = Registry()
        self.runner = CommandRunner(registry, sessions=lambda: self.manager.sessions, selected=self._selected)
        self.panel = PoolPanel(theme, self.pool)
        self.window = Window(
            theme=theme,
            options=UiOptions(),
            project="/home/user/api",
            manager=self.manager,
            workspace=self.workspace,
            hub=self.hub,
            machine=ModeMachine(Keymap(exit_method=exit_method), hold_first_escape=hold_first_escape),
            run=self.runner.run,
            panels=[self.panel],
            on_quit=self._quit,
        )
        view = self.window
        registry.add(SessionActions(self.manager, self.workspace, view, agents=lambda: self.agents))
        registry.add(NavigationActions(self.workspace, view))
        registry.add(DisplayActions(view))
        registry.add(ApplicationActions(self.manager, view))

    def open(self, count: int) -> None:
        """Open so many sessions as the user would and go back to navigation."""
        for _ in range(count):
            self.runner.run("session.new terminal")
        self.runner.run("pane.leave")
        self.hub.deliver()

    def close(self) -> None:
        """Take the window down."""
        self.window.close_down()
        self.bridge.close()

    def _selected(self) -> Session | None:
        return self.manager.by_pane(self.workspace.selected) if self.workspace.selected else None

    def _quit(self) -> None:
        self.quits += 1


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    theme = load_theme()
    dress(qapp, theme)
    return theme


@pytest.fixture
def make_desk(qtbot: QtBot, theme: Theme) -> Iterator[Callable[..., Desk]]:
    desks: list[Desk] = []

    def make(**options: Any) -> Desk:
        desk = Desk(theme, **options)
        desks.append(desk)
        qtbot.addWidget(desk.window.widget)
        desk.window.show()
        qtbot.waitExposed(desk.window.widget)
        return desk

    yield make
    for desk in desks:
        desk.close()


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk()
