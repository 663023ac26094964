"""The sessions of this window: opens, feeds, resizes, restarts and closes them; every change is published as an event.

All methods run on the GUI thread and none waits: programs are started by the host, bytes are moved by the reader
thread, and what comes back arrives through the hub.
"""

import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from synk.base.errors import HostUnavailable, PoolExhausted
from synk.base.events import Hub, NoticeRaised
from synk.base.wire import Message
from synk.hostclient import HostClient, Reply
from synk.pty.reader import PtyReader
from synk.pty.ring import Ring
from synk.sessions.events import SessionChanged, SessionClosed, SessionOpened, SessionOutput, TerminalReported
from synk.sessions.feeder import Feeder
from synk.sessions.session import Exit, Session, Status
from synk.sessions.terminals import Terminal
from synk.terminal.emulator import Emulator
from synk.terminal.events import TitleChanged

log = logging.getLogger(__name__)

DEFAULT_SIZE = (80, 24)
"""Columns and rows of a session nobody has shown yet."""
SIZE_WAIT_MS = 50
"""A session is started once its pane has a size; one that no window lays out (a hidden page) is started after this."""
STATUS_CHECK_MS = 150
"""After output: is the shell in the foreground again? Often enough for the eye, and nothing at all while idle."""
READY_CHECK_MS = 20
IDS_RESERVED = 64
IDS_LOW = 16

Later = Callable[[int, Callable[[], None]], None]
"""`later(ms, function)`: run it on the GUI thread after so many milliseconds."""


@dataclass(slots=True)
class SessionRules:
    """The settings the manager needs."""

    max_active: int = 12
    shell_exit: str = "close_on_success"
    """`close_on_success`, `keep` or `close`: what happens to the pane when a shell ends."""
    scrollback_lines: int = 5000


@dataclass(frozen=True, slots=True)
class _Start:
    """What is needed to start a session's program, also a second time."""

    directory: str
    is_restart: bool
    variables: Mapping[str, str] = field(default_factory=dict)
    argv: tuple[str, ...] = ()


class SessionManager:
    """Owns the list of sessions and everything that moves their bytes."""

    def __init__(self, hub: Hub, *, project: str, rules: SessionRules, later: Later, on_ready: Callable[[], None]) -> None:
        """`on_ready` is called on the reader thread when `turn` has work; `later` runs a function on the GUI thread."""
        self._hub = hub
        self._project = project
        self._later = later
        self.rules = rules
        self._host: HostClient | None = None
        self._reader = PtyReader(on_ready)
        self._feeder = Feeder(self._reader, on_output=self._printed, on_ended=self._drained)
        self._sessions: list[Session] = []
        self._terminals: dict[int, Terminal] = {}
        self._to_start: dict[int, _Start] = {}
        self._starting: set[int] = set()
        self._held: dict[int, list[bytes]] = {}
        self._checking: set[int] = set()
        self._to_repaint: set[int] = set()
        self._ids: list[int] = []
        self._size = DEFAULT_SIZE

    @property
    def sessions(self) -> Sequence[Session]:
        """Open sessions in pane order."""
        return self._sessions

    @property
    def live_count(self) -> int:
        """Sessions whose program runs or is being started."""
        return sum(session.is_live for session in self._sessions)

    def by_pane(self, pane: int) -> Session | None:
        """The session in this pane."""
        return next((s for s in self._sessions if s.pane == pane), None)

    def by_id(self, number: int) -> Session | None:
        """The session of this id."""
        return next((s for s in self._sessions if s.id == number), None)

    def connect(self, host: HostClient) -> None:
        """Use this host; `welcome` has answered."""
        self._host = host
        self._reserve(int(host.welcome["first_session"]), int(host.welcome["reserved_sessions"]))

    def create(
        self,
        *,
        agent: str = "terminal",
        directory: str | None = None,
        variables: Mapping[str, str] | None = None,
        argv: Sequence[str] = (),
        note: str = "",
        select: bool = True,
    ) -> Session:
        """Open a pane at once and start its program; a failed start closes it again with an error notice.

        Raises:
            PoolExhausted: `max_active` sessions are live; nothing was opened.
            HostUnavailable: no session number left, since no host has answered for a while.
        """
        self._check_limit()
        if not self._ids:
            raise HostUnavailable("The host does not answer; try again in a moment.")
        number = self._ids.pop(0)
        session = Session(
            id=number,
            pane=self._free_pane(),
            agent=agent,
            project=self._project,
            working_dir=directory or self._project,
            emulator=self._emulator(number, *self._size),
        )
        session.argv, session.variables, session.note = tuple(argv), dict(variables or {}), note
        session.program = os.path.basename(argv[0]) if argv else "shell"
        self._insert(session)
        self._refill_ids()
        self._hub.publish(SessionOpened(session.id, select))
        self._plan(session, is_restart=False)
        return session

    def close(self, session: Session) -> None:
        """Remove the pane at once; the program ends in the background."""
        if session not in self._sessions:
            return
        self._sessions.remove(session)
        self._to_start.pop(session.id, None)
        self._let_go(session)
        self._call("session.close", session=session.id)
        self._hub.publish(SessionClosed(session.id, session.pane))

    def restart(self, session: Session) -> None:
        """Start the program anew in the same pane; the old one ends in the background, the scrollback stays.

        Raises:
            PoolExhausted: the program had ended and its place is taken; the pane is unchanged.
        """
        if not session.is_live:
            self._check_limit()
        self._renew_screen(session)
        self._let_go(session)
        session.exit, session.ended_at, session.pid = None, None, None
        self._set_status(session, Status.STARTING)
        self._plan(session, is_restart=True)

    def shell_here(self, session: Session) -> None:
        """Open a shell in an ended pane, in its directory.

        Raises:
            PoolExhausted: no session is free; the pane is unchanged.
        """
        if not session.is_live:
            self._check_limit()
        session.agent, session.argv, session.program, session.note = "terminal", (), "shell", ""
        self.restart(session)

    def write(self, session: Session, data: bytes) -> bool:
        """Send input to the program; False if it ended or does not read and its queue is full (the header says so)."""
        terminal = self._terminals.get(session.id)
        if not session.is_live:
            return False
        if terminal is None or not terminal.is_ready:
            self._held.setdefault(session.id, []).append(data)
            return True
        is_sent = self._reader.write(terminal.channel, data)
        if session.is_input_full == is_sent:
            session.is_input_full = not is_sent
            self._hub.publish(SessionChanged(session.id))
        return is_sent

    def resize(self, session: Session, *, cols: int, rows: int) -> None:
        """Give the screen and the program a new size; the first one starts a session that waits for it."""
        self._size = (cols, rows)
        terminal = self._terminals.get(session.id)
        emulator = session.emulator
        if (emulator.cols, emulator.rows) != (cols, rows):
            emulator.resize(cols=cols, rows=rows)
            if terminal is not None and not terminal.is_drained:
                self._feeder.note_resize(session.id)
                terminal.set_size(cols=cols, rows=rows)
            self._to_repaint.discard(session.id)
        elif terminal is not None and session.id in self._to_repaint:
            self._to_repaint.discard(session.id)
            terminal.repaint(cols=cols, rows=rows)
        self._start_planned(session.id)

    def rename(self, session: Session, title: str) -> None:
        """Give the session a title of the user's; "" brings the program's back."""
        session.title = title
        self._call("session.meta", session=session.id, meta=_meta(session))
        self._hub.publish(SessionChanged(session.id))

    def clear_scrollback(self, session: Session) -> None:
        """Drop the lines above the screen."""
        session.emulator.scrollback.clear()
        session.scroll_offset = 0
        self._hub.publish(SessionOutput(session.id))

    def is_busy(self, session: Session) -> bool:
        """True if a program other than an idle shell runs in it."""
        terminal = self._terminals.get(session.id)
        if not session.is_live or terminal is None:
            return False
        return bool(session.argv) or terminal.foreground_group() not in (None, terminal.pid)

    def busy_sessions(self) -> list[Session]:
        """Sessions in which a program other than an idle shell runs."""
        return [session for session in self._sessions if self.is_busy(session)]

    def turn(self) -> bool:
        """Parse what arrived, for a few milliseconds; True if there is more."""
        return self._feeder.turn()

    def shut_down(self) -> None:
        """Let go of every PTY; the host ends the programs (its `quit`)."""
        for session in tuple(self._sessions):
            self._let_go(session)
        self._sessions.clear()
        self._reader.close()

    def attached(self, message: Message, fds: tuple[int, ...]) -> None:
        """A session that outlived an earlier window: rebuild screen and modes from its ring, then read on."""
        master, ring_fd, pidfd = fds
        meta = message["meta"]
        session = Session(
            id=int(message["session"]),
            pane=int(meta.get("pane") or self._free_pane()),
            agent=str(meta.get("agent", "terminal")),
            project=str(meta.get("project", self._project)),
            working_dir=str(meta.get("working_dir", self._project)),
            emulator=self._emulator(0, *DEFAULT_SIZE),
        )
        if self.by_pane(session.pane) is not None:
            session.pane = self._free_pane()
        session.title, session.note = str(meta.get("title", "")), str(meta.get("note", ""))
        session.argv, session.program = tuple(meta.get("argv", ())), str(meta.get("program", "shell"))
        session.pid, session.started_at = message["pid"] or None, message["started_at"]
        ring = Ring(ring_fd)
        replay = ring.replay()
        session.emulator = self._restored(session.id, replay.state, replay.cols, replay.rows)
        terminal = Terminal(self._reader.add(session.id, master, ring), pidfd, int(message["pid"]), str(message["key"]))
        terminal.is_ready = True
        terminal.channel.parsed = ring.written - sum(len(step) for step in replay.steps if isinstance(step, bytes))
        self._terminals[session.id] = terminal
        self._feeder.add(terminal.channel, session.emulator, backlog=replay.steps)
        self._to_repaint.add(session.id)
        self._insert(session)
        session.status = Status.IDLE
        self._hub.publish(SessionOpened(session.id, False))
        if message["exit"] is not None:
            self.exited(message)

    def exited(self, message: Message) -> None:
        """The host reports how a session's program ended; shown once all its output was read."""
        number = int(message["session"])
        terminal = self._terminals.get(number)
        if terminal is None or terminal.exit is not None or terminal.pid != message["pid"]:
            return
        terminal.exit = (message["exit"]["code"], message["exit"]["signal"])
        if terminal.is_drained:
            self._finish(number, terminal)
        else:
            self._reader.drain(terminal.channel)

    def host_back(self, welcome: Message) -> None:
        """A new host runs: hand it what the window holds, and ask again for what was being started."""
        self._ids.clear()
        self._reserve(int(welcome["first_session"]), int(welcome["reserved_sessions"]))
        for session in self._sessions:
            terminal = self._terminals.get(session.id)
            if terminal is not None and terminal.exit is None:
                fds = (terminal.channel.master, terminal.channel.ring.fd, terminal.pidfd)
                self._call(
                    "session.adopt", fds=fds, session=session.id, pid=terminal.pid, key=terminal.key,
                    agent=session.agent, meta=_meta(session), started_at=session.started_at,
                )  # fmt: skip
        for number in tuple(self._to_start):
            self._starting.discard(number)
            self._start_planned(number)

    def _insert(self, session: Session) -> None:
        self._sessions.append(session)
        self._sessions.sort(key=lambda s: s.pane)

    def _free_pane(self) -> int:
        taken = {session.pane for session in self._sessions}
        return next(number for number in range(1, len(taken) + 2) if number not in taken)

    def _check_limit(self) -> None:
        limit = self.rules.max_active
        if self.live_count >= limit:
            raise PoolExhausted(f"All {limit} sessions are in use. Close one, or raise Settings > Performance > Most sessions.")

    def _reserve(self, first: int, count: int) -> None:
        self._ids.extend(range(first, first + count))

    def _refill_ids(self) -> None:
        if len(self._ids) == IDS_LOW and self._host is not None:
            self._host.call("session.reserve", self._reserved, count=IDS_RESERVED)

    def _reserved(self, reply: Reply) -> None:
        if reply.ok is not None:
            self._reserve(int(reply.ok["first"]), IDS_RESERVED)

    def _emulator(self, number: int, cols: int, rows: int) -> Emulator:
        return Emulator(cols=cols, rows=rows, reply=self._replier(number), scrollback_lines=self.rules.scrollback_lines)

    def _replier(self, number: int) -> Callable[[bytes], None]:
        """Where the emulator's answers go: straight to the program that asked."""

        def reply(data: bytes) -> None:
            terminal = self._terminals.get(number)
            if terminal is not None and terminal.exit is None:
                self._reader.write(terminal.channel, data)

        return reply

    def _restored(self, number: int, state: bytes | None, cols: int, rows: int) -> Emulator:
        if state is not None:
            try:
                return Emulator.restore(state, reply=self._replier(number), scrollback_lines=self.rules.scrollback_lines)
            except ValueError:
                log.exception("the stored screen of session %d cannot be read", number)
        return self._emulator(number, cols, rows)

    def _plan(self, session: Session, *, is_restart: bool) -> None:
        self._to_start[session.id] = _Start(session.working_dir, is_restart, dict(session.variables), session.argv)
        if is_restart:
            self._start_planned(session.id)
        else:
            self._later(SIZE_WAIT_MS, lambda: self._start_planned(session.id))

    def _start_planned(self, number: int) -> None:
        """Ask the host for the session's program, once."""
        start, session = self._to_start.get(number), self.by_id(number)
        if start is None or session is None or number in self._starting:
            return
        self._starting.add(number)
        emulator = session.emulator
        self._call(
            "session.start", lambda reply: self._started(session, reply), session=number, restart=start.is_restart,
            agent=session.agent, project=session.project, directory=start.directory, variables=dict(start.variables),
            argv=list(start.argv), cols=emulator.cols, rows=emulator.rows, meta=_meta(session),
        )  # fmt: skip

    def _started(self, session: Session, reply: Reply) -> None:
        if isinstance(reply.error, HostUnavailable) and session in self._sessions:
            return  # `host_back` asks again
        self._starting.discard(session.id)
        start = self._to_start.pop(session.id, None)
        if reply.ok is None:
            if start is not None and session in self._sessions and reply.error is not None:
                self._start_failed(session, start, reply.error.message)
            return
        if start is None or session not in self._sessions:
            for fd in reply.fds:
                os.close(fd)
            return
        self._run(session, reply.ok, reply.fds)

    def _start_failed(self, session: Session, start: _Start, message: str) -> None:
        self._hub.publish(NoticeRaised("error", message, session=session.id))
        if start.is_restart:
            session.exit, session.ended_at = Exit(), time.time()
            self._set_status(session, Status.FAILED)
        else:
            self.close(session)

    def _run(self, session: Session, result: Message, fds: tuple[int, ...]) -> None:
        """The program runs: show what its start-up files printed, then read it."""
        master, ring_fd, pidfd = fds
        ring = Ring(ring_fd)
        session.pid, session.started_at = result["pid"], result["started_at"]
        if not session.argv:
            session.program = os.path.basename(result["program"])
        channel = self._reader.add(session.id, master, ring)
        terminal = Terminal(channel, pidfd, result["pid"], result["key"])
        self._terminals[session.id] = terminal
        channel.parsed = 0
        ring.checkpoint(0, session.emulator.snapshot())
        self._feeder.add(channel, session.emulator, backlog=ring.replay().steps)
        terminal.set_size(cols=session.emulator.cols, rows=session.emulator.rows)
        if session.argv:
            self._set_status(session, Status.UNKNOWN)
        self._hub.publish(SessionChanged(session.id))
        self.turn()

    def _let_go(self, session: Session) -> None:
        """Stop reading the session's terminal; the host still holds it."""
        self._held.pop(session.id, None)
        self._feeder.remove(session.id)
        self._starting.discard(session.id)
        self._to_start.pop(session.id, None)
        terminal = self._terminals.pop(session.id, None)
        if terminal is not None:
            terminal.close_pidfd()
            self._reader.remove(terminal.channel)

    def _printed(self, number: int) -> None:
        """The emulator of a session got bytes."""
        session, terminal = self.by_id(number), self._terminals.get(number)
        if session is None or terminal is None:
            return
        for event in session.emulator.take_events():
            self._happened(session, event)
        if not terminal.is_ready:
            if terminal.first_output_at is None:
                terminal.first_output_at = time.monotonic()
            self._check_ready(number)
        self._check_status_soon(number)
        self._hub.publish(SessionOutput(number))

    def _happened(self, session: Session, event: object) -> None:
        if isinstance(event, TitleChanged):
            if session.program_title != event.title:
                session.program_title = event.title
                self._hub.publish(SessionChanged(session.id))
        else:
            self._hub.publish(TerminalReported(session.id, event))

    def _check_ready(self, number: int) -> None:
        """Let the held keys go once the program reads them itself, in the order they were pressed."""
        session, terminal = self.by_id(number), self._terminals.get(number)
        if session is None or terminal is None or terminal.is_ready:
            return
        if not terminal.has_prompt():
            self._later(READY_CHECK_MS, lambda: self._check_ready(number))
            return
        terminal.is_ready = True
        for data in self._held.pop(number, ()):
            self._reader.write(terminal.channel, data)
        if session.status is Status.STARTING:
            self._set_status(session, Status.IDLE)

    def _check_status_soon(self, number: int) -> None:
        if number not in self._checking:
            self._checking.add(number)
            self._later(STATUS_CHECK_MS, lambda: self._check_status(number))

    def _check_status(self, number: int) -> None:
        """A shell in the foreground of its own terminal is idle, another program there works (01, section 10)."""
        self._checking.discard(number)
        session, terminal = self.by_id(number), self._terminals.get(number)
        if session is None or terminal is None or not terminal.is_ready or session.argv or not session.is_live:
            return
        self._set_status(session, Status.WORKING if self.is_busy(session) else Status.IDLE)

    def _set_status(self, session: Session, status: Status) -> None:
        if session.status is not status:
            session.status = status
            self._hub.publish(SessionChanged(session.id))

    def _drained(self, number: int) -> None:
        """Every byte of the program is on the screen."""
        terminal = self._terminals.get(number)
        if terminal is None:
            return
        terminal.is_drained = True
        if terminal.exit is not None:
            self._finish(number, terminal)

    def _finish(self, number: int, terminal: Terminal) -> None:
        """The program ended and all it printed is shown: the bar, or the end of the pane."""
        session = self.by_id(number)
        if session is None or terminal.exit is None or session.exit is not None:
            return
        session.exit, session.ended_at = Exit(*terminal.exit), time.time()
        self._held.pop(number, None)
        is_shell = not session.argv
        rule = self.rules.shell_exit
        if is_shell and (rule == "close" or (rule == "close_on_success" and session.exit.is_success)):
            self.close(session)
            return
        self._set_status(session, Status.ENDED if session.exit.is_success else Status.FAILED)
        self._hub.publish(SessionChanged(number))

    def _renew_screen(self, session: Session) -> None:
        """Push what is on the screen into the scrollback and bring all modes back to their defaults."""
        emulator = session.emulator
        used = max((row + 1 for row in range(emulator.rows) if emulator.text(row).strip()), default=0)
        emulator.feed(b"\x18\x1b[?1049l\x1b[!p\x1b[r\x1b[%d;1H" % emulator.rows + b"\n" * used + b"\x1b[H\x1b[2J\x1b[!p")
        session.program_title = ""
        session.scroll_offset = 0
        self._hub.publish(SessionOutput(session.id))

    def _call(
        self, do: str, on_reply: Callable[[Reply], None] | None = None, *, fds: Sequence[int] = (), **arguments: Any
    ) -> None:
        if self._host is not None:
            self._host.call(do, on_reply, fds=fds, **arguments)


def _meta(session: Session) -> Message:
    """What another window needs to show this session again."""
    return {
        "pane": session.pane,
        "agent": session.agent,
        "project": session.project,
        "working_dir": session.working_dir,
        "title": session.title,
        "note": session.note,
        "program": session.program,
        "argv": list(session.argv),
    }
