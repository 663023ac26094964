"""The list of sessions of this window: opens, restarts, renames and closes them; every change is published as an event.

All methods run on the GUI thread and none waits: programs are started by the host, bytes are moved by the reader
thread (`programs.py`), and what comes back arrives through the hub.
"""

import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from synk.base.errors import HostUnavailable, PoolExhausted
from synk.base.events import Hub, NoticeRaised
from synk.base.variables import check_variables
from synk.base.wire import Message
from synk.hostclient import HostClient, Reply
from synk.pty.ring import Ring
from synk.sessions.events import SessionChanged, SessionClosed, SessionOpened, SessionOutput
from synk.sessions.programs import Later, Programs
from synk.sessions.session import Exit, Session, Status
from synk.sessions.shell_reports import forget_reports
from synk.terminal.emulator import Emulator

log = logging.getLogger(__name__)

DEFAULT_SIZE = (80, 24)
"""Columns and rows of a session nobody has shown yet."""
IDS_RESERVED = 64
"""Session ids asked for at a time, so that a new pane has its number before the host answers."""
IDS_LOW = 16
EXITS_KEPT = 1000


@dataclass(frozen=True, slots=True)
class SessionRules:
    """The settings the manager needs."""

    max_active: int = 12
    shell_exit: str = "close_on_success"
    """`close_on_success`, `keep` or `close`: what happens to the pane when a shell ends."""
    scrollback_lines: int = 5000
    images: bool = True
    """Programs can show pictures."""


class SessionManager:
    """Owns the sessions; only it and its programs write to them."""

    def __init__(
        self,
        hub: Hub,
        *,
        project: Callable[[], str],
        version: str,
        rules: SessionRules,
        later: Later,
        on_ready: Callable[[], None],
    ) -> None:
        """`project()`: path of the project new sessions belong to if none is named.

        `on_ready` is called when `turn` has work that `output_fd` does not tell of; `later` runs a function after a while."""
        self._hub = hub
        self._project = project
        self._version = version
        self.rules = rules
        self._programs = Programs(
            hub, later=later, on_ready=on_ready, on_failed=self._start_failed, on_ended=self._program_ended
        )
        self.past_exits: dict[int, Exit] = {}
        """How the programs of the last closed sessions ended, by id: whoever asks late is still told."""
        self._sessions: list[Session] = []
        self._ids: list[int] = []
        self._size = DEFAULT_SIZE
        self.retry: Callable[[Session], bool] = lambda _session: False
        """Asked to start a pane again that could not be restored; False: it is started as any other."""

    @property
    def sessions(self) -> Sequence[Session]:
        """Open sessions of all projects, in pane order."""
        return self._sessions

    @property
    def live_count(self) -> int:
        """Sessions whose program runs or is being started."""
        return sum(session.is_live for session in self._sessions)

    def sessions_of(self, project: str | None) -> list[Session]:
        """Those of one project, in pane order."""
        return [session for session in self._sessions if session.project == project]

    def by_id(self, number: int) -> Session | None:
        """The session of this id."""
        return next((session for session in self._sessions if session.id == number), None)

    def connect(self, host: HostClient, on_attached: Callable[[], None] = lambda: None) -> None:
        """Use this host, which has said welcome; sessions that outlived an earlier window come as `attached`.

        `on_attached()` is called once they are all there, at once if there are none.
        """
        self._programs.connect(host)
        self._take_ids(host.welcome)
        count = int(host.welcome["sessions"])
        if count:
            who = "One session was" if count == 1 else f"{count} sessions were"
            self._hub.publish(NoticeRaised("info", f"{who} still running and {'is' if count == 1 else 'are'} back."))
            host.call("session.attach", lambda _reply: on_attached())
        else:
            on_attached()

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
        """Open a pane at once and start its program; a failed start closes it again with an error notice.

        Raises:
            UsageError: a variable that no program can be given; nothing was opened.
            PoolExhausted: `max_active` sessions are live; nothing was opened.
            HostUnavailable: the host has not answered for a while; nothing was opened.
        """
        self._check_limit()
        session = self._place(
            agent=agent, project=project, directory=directory, variables=variables, unset=unset, argv=argv, note=note,
            is_repl=is_repl,
        )  # fmt: skip
        self._hub.publish(SessionOpened(session.id, select))
        self._programs.start(session)
        return session

    def place(
        self,
        *,
        pane: int | None,
        agent: str,
        project: str,
        directory: str,
        title: str = "",
        note: str = "",
        variables: Mapping[str, str] | None = None,
        unset: Sequence[str] = (),
        argv: Sequence[str] = (),
        is_repl: bool = False,
        problem: str = "",
    ) -> Session:
        """Open a pane in the background whose program is started later, by `begin`; it counts as live from now on.

        `pane`: the number it should have, if that is free. `problem`: why it cannot be started; it opens ended.

        Raises:
            UsageError, PoolExhausted, HostUnavailable: as `create`; nothing was opened.
        """
        if not problem:
            self._check_limit()
        session = self._place(
            agent=agent, project=project, directory=directory, variables=variables, unset=unset, argv=argv, note=note,
            is_repl=is_repl, pane=pane,
        )  # fmt: skip
        session.title = title
        self._hub.publish(SessionOpened(session.id, False))
        if problem:
            self.give_up(session, problem)
        return session

    def begin(self, session: Session, *, directory: str = "", note: str = "") -> None:
        """Start the program of a pane that was placed, or given up; if that fails the pane stays, with the reason.

        `directory`: where, if not where the pane was placed; `note`: what the header says from now on.

        Raises:
            PoolExhausted: it was given up and no session is free; the pane is unchanged.
        """
        if session not in self._sessions or session.pid is not None:
            return
        if not session.is_live:
            self._check_limit()
        session.exit, session.ended_at, session.problem, session.note = None, None, "", note
        session.working_dir = directory or session.working_dir
        session.become(Status.STARTING, time.time())
        self._programs.start(session, is_restart=True)
        self._hub.publish(SessionChanged(session.id))

    def recall_variables(self, session: Session, variables: Mapping[str, str]) -> None:
        """A session that outlived its window gets back what its program was given: a restart gives it again."""
        if not session.variables:
            session.variables = dict(variables)

    def give_up(self, session: Session, problem: str) -> None:
        """A pane that was placed cannot be started: it shows why, and what can be done."""
        if session in self._sessions:
            session.problem, session.note = problem, ""
            self._show_end(session, Exit())

    def _place(
        self,
        *,
        agent: str,
        project: str | None,
        directory: str | None,
        variables: Mapping[str, str] | None,
        unset: Sequence[str],
        argv: Sequence[str],
        note: str,
        is_repl: bool,
        pane: int | None = None,
    ) -> Session:
        check_variables(variables or {})
        if not self._ids:
            raise HostUnavailable("The host does not answer; try again in a moment.")
        number = self._ids.pop(0)
        project = project or self._project()
        is_free = pane is not None and all(each.pane != pane for each in self.sessions_of(project))
        session = Session(
            id=number,
            pane=pane if pane is not None and is_free else self._free_pane(project),
            agent=agent,
            project=project,
            working_dir=directory or project,
            emulator=self._emulator(number, *self._size),
            note=note,
            program=os.path.basename(argv[0]) if argv else "shell",
            argv=tuple(argv),
            is_repl=is_repl,
            variables=dict(variables or {}),
            unset=tuple(unset),
        )
        self._insert(session)
        if len(self._ids) == IDS_LOW:
            self._programs.call("session.reserve", self._reserved, count=IDS_RESERVED)
        return session

    def close(self, session: Session) -> None:
        """Remove the pane at once; the program ends in the background."""
        if session not in self._sessions:
            return
        self._sessions.remove(session)
        self._programs.let_go(session)
        # What is left of it is a web of cycles that may lie about for a while; this is nearly all of its memory.
        session.emulator.scrollback.clear()
        self._programs.call("session.close", session=session.id)
        self._hub.publish(SessionClosed(session.id, session.pane, session.project))

    def restart(self, session: Session) -> None:
        """Start the program anew in the same pane; the old one ends in the background, the scrollback stays.

        Raises:
            PoolExhausted: the program had ended and its place is taken; the pane is unchanged.
        """
        if not session.is_live:
            self._check_limit()
        if session.problem and self.retry(session):
            return
        self._programs.let_go(session)
        session.problem = ""
        session.emulator.renew()
        session.program_title = ""
        session.exit, session.ended_at, session.pid = None, None, None
        session.is_input_full = False
        forget_reports(session)
        session.become(Status.STARTING, time.time())
        self._programs.start(session, is_restart=True)
        self._hub.publish(SessionChanged(session.id))
        self._hub.publish(SessionOutput(session.id))

    def restart_as(
        self,
        session: Session,
        *,
        agent: str,
        directory: str,
        variables: Mapping[str, str],
        unset: Sequence[str],
        argv: Sequence[str],
        is_repl: bool,
    ) -> None:
        """Start another program in the same pane, as `create` would; the old one ends in the background.

        Raises:
            UsageError: a variable that no program can be given; the pane is unchanged.
            PoolExhausted: the program had ended and its place is taken; the pane is unchanged.
        """
        check_variables(variables)
        if not session.is_live:
            self._check_limit()
        session.agent, session.argv, session.is_repl = agent, tuple(argv), is_repl
        session.program = os.path.basename(argv[0]) if argv else "shell"
        session.working_dir, session.note, session.problem = directory, "", ""
        session.variables, session.unset = dict(variables), tuple(unset)
        self.restart(session)

    def shell_here(self, session: Session) -> None:
        """Open a shell in an ended pane, in its directory.

        Raises:
            PoolExhausted: no session is free; the pane is unchanged.
        """
        if not session.is_live:
            self._check_limit()
        session.agent, session.argv, session.program, session.note = "terminal", (), "shell", ""
        session.variables, session.unset, session.is_repl = {}, (), False
        self.restart(session)

    def write(self, session: Session, data: bytes) -> bool:
        """Send input to the program; False if it ended, or does not read and its queue is full (the header says so)."""
        if not session.is_live:
            return False
        is_sent = self._programs.write(session, data)
        if session.is_input_full == is_sent:
            session.is_input_full = not is_sent
            self._hub.publish(SessionChanged(session.id))
        return is_sent

    def read_first(self, session: Session | None) -> None:
        """The user looks at this session now: what it prints comes before that of others."""
        self._programs.read_first(session)

    def resize(self, session: Session, *, cols: int, rows: int) -> None:
        """Give the screen and the program a new size; the first one starts a session that waits for it."""
        self._size = (cols, rows)
        if (session.emulator.cols, session.emulator.rows) == (cols, rows):
            self._programs.shown(session)
        else:
            session.emulator.resize(cols=cols, rows=rows)
            self._programs.resized(session)

    def rename(self, session: Session, title: str) -> None:
        """Give the session a title of the user's; "" brings the program's back."""
        session.title = title
        self._programs.call("session.meta", session=session.id, meta=session.describe())
        self._hub.publish(SessionChanged(session.id))

    def set_status(self, session: Session, status: Status) -> None:
        """What it is doing, as whoever watches it found out."""
        if session.become(status, time.time()):
            self._hub.publish(SessionChanged(session.id))

    def clear_scrollback(self, session: Session) -> None:
        """Drop the lines above the screen."""
        session.emulator.scrollback.clear()
        self._hub.publish(SessionOutput(session.id))

    def is_busy(self, session: Session) -> bool:
        """True if a program other than an idle shell runs in it."""
        return session.is_live and (bool(session.argv) or not self._programs.is_shell_idle(session))

    def asks_for_secret(self, session: Session) -> bool:
        """Whether its program reads a password at this moment: what is sent to it is kept nowhere."""
        return session.is_live and self._programs.asks_for_secret(session)

    def program_of(self, session: Session) -> str:
        """What runs in it, in the user's words: its title, else the program that has the keyboard, else its own."""
        return session.title or self._programs.foreground_program(session) or session.program or session.agent

    def busy_sessions(self) -> list[Session]:
        """Sessions in which a program other than an idle shell runs."""
        return [session for session in self._sessions if self.is_busy(session)]

    @property
    def output_fd(self) -> int:
        """Readable for as long as a program's output waits for `turn`."""
        return self._programs.output_fd

    def turn(self) -> bool:
        """Parse what arrived, for a few milliseconds; True if there is more."""
        return self._programs.turn()

    def take_echo(self, session: Session) -> bool:
        """As `turn`, for the session that was typed into and has most likely answered."""
        return self._programs.take_echo(session)

    def shut_down(self) -> None:
        """Let go of every terminal; the host ends the programs."""
        self._sessions.clear()
        self._programs.close()

    def attached(self, message: Message, fds: tuple[int, ...]) -> None:
        """A session that outlived an earlier window: rebuild screen and modes from its ring, then read on."""
        meta = message["meta"]
        number, pane = int(message["session"]), int(meta.get("pane", 0))
        if self.by_id(number) is not None:
            for fd in fds:
                os.close(fd)
            return
        ring = Ring(fds[1])
        project = str(meta.get("project") or self._project())
        taken = {session.pane for session in self.sessions_of(project)}
        replay = ring.replay()
        session = Session(
            id=number,
            pane=pane if pane > 0 and pane not in taken else self._free_pane(project),
            agent=str(meta.get("agent", "terminal")),
            project=project,
            working_dir=str(meta.get("working_dir", project)),
            emulator=self._restored(number, replay.state, replay.cols, replay.rows),
            status=Status.UNKNOWN if meta.get("argv") else Status.IDLE,
            title=str(meta.get("title", "")),
            note=str(meta.get("note", "")),
            program=str(meta.get("program", "shell")),
            argv=tuple(meta.get("argv", ())),
            is_repl=bool(meta.get("is_repl")),
            pid=int(message["pid"]) or None,
            started_at=float(message["started_at"]),
        )
        session.program_title = session.emulator.title
        self._insert(session)
        self._hub.publish(SessionOpened(number, False))
        self._programs.attach(session, message, fds, ring, replay)

    def exited(self, message: Message) -> None:
        """The host reports how a session's program ended."""
        self._programs.exited(message)

    def host_back(self, welcome: Message, configure: Callable[[], None]) -> None:
        """A new host runs; it takes over what this window holds.

        `configure` sets up its pool: after it knows what it holds, before anything new is started.
        """
        self._ids.clear()
        self._take_ids(welcome)
        self._programs.hand_over(Session.describe)
        configure()
        self._programs.ask_again()

    def _insert(self, session: Session) -> None:
        self._sessions.append(session)
        self._sessions.sort(key=lambda s: s.pane)

    def _free_pane(self, project: str) -> int:
        taken = {session.pane for session in self.sessions_of(project)}
        return next(number for number in range(1, len(taken) + 2) if number not in taken)

    def _check_limit(self) -> None:
        limit = self.rules.max_active
        if self.live_count >= limit:
            raise PoolExhausted(f"All {limit} sessions are in use. Close one, or raise Settings > Performance > Most sessions.")

    def _take_ids(self, welcome: Message) -> None:
        first = int(welcome["first_session"])
        self._ids.extend(range(first, first + int(welcome["reserved_sessions"])))

    def _reserved(self, reply: Reply) -> None:
        if reply.ok is not None:
            first = int(reply.ok["first"])
            self._ids.extend(range(first, first + IDS_RESERVED))

    def use_rules(self, rules: SessionRules) -> None:
        """Follow changed settings."""
        before, self.rules = self.rules, rules
        if rules.images != before.images:
            for session in self._sessions:
                session.emulator.allow_images(rules.images)
                self._hub.publish(SessionOutput(session.id))

    def _emulator(self, number: int, cols: int, rows: int) -> Emulator:
        emulator = Emulator(
            cols=cols,
            rows=rows,
            reply=lambda data: self._programs.reply(number, data),
            scrollback_lines=self.rules.scrollback_lines,
            version=self._version,
        )
        emulator.allow_images(self.rules.images)
        return emulator

    def _restored(self, number: int, state: bytes | None, cols: int, rows: int) -> Emulator:
        if state is not None:
            try:
                emulator = Emulator.restore(
                    state,
                    reply=lambda data: self._programs.reply(number, data),
                    scrollback_lines=self.rules.scrollback_lines,
                    version=self._version,
                )
                emulator.allow_images(self.rules.images)
                return emulator
            except ValueError:
                log.exception("the stored screen of session %d cannot be read", number)
        return self._emulator(number, cols, rows)

    def _start_failed(self, session: Session, message: str, was_restart: bool) -> None:
        self._hub.publish(NoticeRaised("error", message, session=session.id if was_restart else None))
        if was_restart:
            session.problem = message
            self._show_end(session, Exit())
        else:
            self.close(session)

    def _program_ended(self, session: Session, ended: Exit) -> None:
        """The program ended and all it printed is shown: the bar, or the end of the pane (01, section 10)."""
        self.past_exits[session.id] = ended
        while len(self.past_exits) > EXITS_KEPT:
            del self.past_exits[next(iter(self.past_exits))]
        rule = self.rules.shell_exit
        if not session.argv and (rule == "close" or (rule == "close_on_success" and ended.is_success)):
            self.close(session)
        else:
            self._show_end(session, ended)

    def _show_end(self, session: Session, ended: Exit) -> None:
        session.exit, session.ended_at = ended, time.time()
        session.become(Status.ENDED if ended.is_success else Status.FAILED, session.ended_at)
        self._hub.publish(SessionChanged(session.id))
