"""The programs behind the sessions: has the host start them, feeds their output, holds keys until they are ready, sees their end.

GUI thread. A program goes through: planned (its pane has no size yet), asked for, running, drained, ended.
"""

import logging
import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synk.base.errors import HostUnavailable
from synk.base.events import Hub
from synk.base.wire import Message
from synk.hostclient import HostClient, Reply
from synk.pty.processes import name_of
from synk.pty.reader import PtyReader
from synk.pty.ring import Replay, Ring
from synk.sessions.events import SessionChanged, SessionOutput, TerminalReported
from synk.sessions.feeder import Feeder
from synk.sessions.session import Exit, Session, Status
from synk.sessions.shell_reports import take_report
from synk.sessions.terminals import Terminal
from synk.terminal.events import TitleChanged

log = logging.getLogger(__name__)

STATUS_CHECK_MS = 150
"""After output, at the latest: is the shell in the foreground again? Often enough for the eye, and nothing at all while idle."""
STATUS_TICK_MS = STATUS_CHECK_MS // 2
"""One timer for all sessions: who printed since the tick before the last one is looked at. With a timer for each, 12 spinners
started 80 a second."""
READY_CHECK_MS = 20
"""Between two looks whether a starting program reads its keys itself."""
READY_LATEST_MS = 1000
"""A program that prints nothing (`cat`) gets its keys after this; a prompt that takes longer echoes them like any terminal."""

Later = Callable[[int, Callable[[], None]], None]
"""`later(ms, function)`: run it on the GUI thread after so many milliseconds."""


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """A start that was asked for and not answered yet; kept to ask again if the host dies. Compared by identity."""

    session: Session
    is_restart: bool
    is_asked: bool = False


class Programs:
    """Owns the reader, the feeder and every terminal of this window."""

    def __init__(
        self,
        hub: Hub,
        *,
        later: Later,
        on_ready: Callable[[], None],
        on_failed: Callable[[Session, str, bool], None],
        on_ended: Callable[[Session, Exit], None],
    ) -> None:
        """`on_failed(session, why, was_restart)` if a program did not start; `on_ended` once all it printed is on the screen.

        `on_ready` is called when `turn` has work that `output_fd` does not tell of.
        """
        self._hub = hub
        self._later = later
        self._on_failed = on_failed
        self._on_ended = on_ended
        self._host: HostClient | None = None
        self._machine = socket.gethostname()
        self._reader = PtyReader(on_ready, later=later)
        self._feeder = Feeder(self._reader, on_output=self._printed, on_ended=self._drained)
        self._sessions: dict[int, Session] = {}
        self._terminals: dict[int, Terminal] = {}
        self._planned: dict[int, Planned] = {}
        self._held: dict[int, list[bytes]] = {}
        self._printed_before: set[int] = set()
        """Sessions to be looked at in the next tick of the status."""
        self._printed_since: set[int] = set()
        self._is_ticking = False
        self._to_repaint: set[int] = set()

    def connect(self, host: HostClient) -> None:
        """Ask this host from now on."""
        self._host = host

    def call(
        self, do: str, on_reply: Callable[[Reply], None] | None = None, *, fds: Sequence[int] = (), **arguments: Any
    ) -> None:
        """Queue a request to the host."""
        if self._host is not None:
            self._host.call(do, on_reply, fds=fds, **arguments)

    def start(self, session: Session, *, is_restart: bool = False) -> None:
        """Start the session's program: with the first `resize`, or once all have heard that the session was opened.

        A shell that is resized while it draws its first prompt draws it twice, so the size has to be right before.
        """
        self._sessions[session.id] = session
        self._planned[session.id] = Planned(session, is_restart)
        self._hub.call(lambda: self._ask(session.id))

    def let_go(self, session: Session) -> None:
        """Forget the session's program and stop reading its terminal; the host still holds it."""
        number = session.id
        self._sessions.pop(number, None)
        self._planned.pop(number, None)
        self._held.pop(number, None)
        self._to_repaint.discard(number)
        self._feeder.remove(number)
        terminal = self._terminals.pop(number, None)
        if terminal is not None:
            terminal.close_pidfd()
            self._reader.remove(terminal.channel)

    def write(self, session: Session, data: bytes) -> bool:
        """Send input; held while the program starts. False if it does not read and its queue is full."""
        terminal = self._terminals.get(session.id)
        if terminal is None or not terminal.is_ready:
            self._held.setdefault(session.id, []).append(data)
            return True
        return self._reader.write(terminal.channel, data)

    def reply(self, number: int, data: bytes) -> None:
        """Send what the emulator answers to the program that asked; never held, never typed into another one."""
        terminal = self._terminals.get(number)
        if terminal is not None and terminal.exit is None and not self._feeder.is_replaying(number):
            self._reader.write(terminal.channel, data)

    def resized(self, session: Session) -> None:
        """The emulator has a new size: tell the program, and start it if it was waiting for one."""
        number, emulator = session.id, session.emulator
        terminal = self._terminals.get(number)
        if terminal is not None and not terminal.is_drained:
            self._feeder.note_resize(number)
            terminal.set_size(cols=emulator.cols, rows=emulator.rows, pixels=emulator.size_pixels)
            self._to_repaint.discard(number)
        self._ask(number)

    def shown(self, session: Session) -> None:
        """Its pane has the size it had: start what waits for one; a program taken over after a crash draws itself anew."""
        terminal = self._terminals.get(session.id)
        if terminal is not None and session.id in self._to_repaint:
            self._to_repaint.discard(session.id)
            emulator = session.emulator
            terminal.repaint(cols=emulator.cols, rows=emulator.rows, pixels=emulator.size_pixels)
        self._ask(session.id)

    def is_shell_idle(self, session: Session) -> bool:
        """True if the session's own process has the keyboard, or its terminal is not there (yet, or any more)."""
        terminal = self._terminals.get(session.id)
        return terminal is None or terminal.foreground_group() in (None, terminal.pid)

    def asks_for_secret(self, session: Session) -> bool:
        """Whether its program reads a password at this moment."""
        terminal = self._terminals.get(session.id)
        return terminal is not None and terminal.asks_for_secret()

    def foreground_program(self, session: Session) -> str:
        """Name of the program that has the session's keyboard, as the kernel knows it; "" if there is none."""
        terminal = self._terminals.get(session.id)
        group = terminal.foreground_group() if terminal is not None else None
        return name_of(group) if group else ""

    @property
    def output_fd(self) -> int:
        """Readable for as long as `turn` has something to read: see `PtyReader.fd`."""
        return self._reader.fd

    def turn(self) -> bool:
        """Parse what arrived, for a few milliseconds; True if there is more."""
        return self._feeder.turn()

    def take_echo(self, session: Session) -> bool:
        """As `turn`, for the session that was typed into."""
        return self._feeder.take_echo(session.id)

    def read_first(self, session: Session | None) -> None:
        """This one is looked at now: what it prints is read at once."""
        terminal = self._terminals.get(session.id) if session is not None else None
        self._reader.read_first(terminal.channel if terminal is not None else None)

    def close(self) -> None:
        """Let go of all terminals."""
        for session in tuple(self._sessions.values()):
            self.let_go(session)
        self._reader.close()

    def attach(self, session: Session, message: Message, fds: tuple[int, ...], ring: Ring, replay: Replay) -> None:
        """Take over a running (or just ended) program; its screen is rebuilt from `replay`."""
        master, _, pidfd = fds
        # Before the reader has the terminal and writes on.
        parsed = ring.written - sum(len(step) for step in replay.steps if isinstance(step, bytes))
        terminal = Terminal(self._reader.add(session.id, master, ring), pidfd, int(message["pid"]), str(message["key"]))
        terminal.is_ready = True
        terminal.channel.parsed = parsed
        self._sessions[session.id] = session
        self._terminals[session.id] = terminal
        self._feeder.add(terminal.channel, session.emulator, backlog=replay.steps)
        self._to_repaint.add(session.id)
        self._check_status_soon(session.id)
        if message["exit"] is not None:
            self.exited(message)

    def exited(self, message: Message) -> None:
        """The host reports how a program ended; told on once all its output was read."""
        number = int(message["session"])
        terminal = self._terminals.get(number)
        if terminal is None or terminal.exit is not None or terminal.pid != message["pid"]:
            return
        terminal.exit = Exit(message["exit"]["code"], message["exit"]["signal"])
        if terminal.is_drained:
            self._end(number, terminal)
        else:
            self._reader.drain(terminal.channel)

    def hand_over(self, describe: Callable[[Session], Mapping[str, Any]]) -> None:
        """A new host runs: give it what is held here."""
        for number, terminal in self._terminals.items():
            if terminal.exit is None:
                session = self._sessions[number]
                fds = (terminal.channel.master, terminal.channel.ring.fd, terminal.pidfd)
                self.call(
                    "session.adopt", fds=fds, session=number, pid=terminal.pid, key=terminal.key,
                    agent=session.agent, meta=dict(describe(session)), started_at=session.started_at,
                )  # fmt: skip

    def ask_again(self) -> None:
        """A new host runs and its pool is set up: ask it for what was being started."""
        for number, planned in tuple(self._planned.items()):
            self._planned[number] = Planned(planned.session, planned.is_restart)
            self._ask(number)

    def _ask(self, number: int) -> None:
        """Ask the host for a planned program, once."""
        planned = self._planned.get(number)
        if planned is None or planned.is_asked:
            return
        session = planned.session
        asked = self._planned[number] = Planned(session, planned.is_restart, is_asked=True)
        self.call(
            "session.start", lambda reply: self._answered(asked, reply),
            session=number, restart=planned.is_restart, agent=session.agent, project=session.project,
            directory=session.working_dir, variables=dict(session.variables), unset=list(session.unset),
            argv=list(session.argv), cols=session.emulator.cols, rows=session.emulator.rows, meta=session.describe(),
        )  # fmt: skip

    def _answered(self, asked: Planned, reply: Reply) -> None:
        session = asked.session
        if isinstance(reply.error, HostUnavailable):
            return  # `ask_again` will
        if self._planned.get(session.id) is not asked:
            # Closed, restarted, or asked of another host since.
            for fd in reply.fds:
                os.close(fd)
            return
        del self._planned[session.id]
        if reply.ok is not None:
            self._run(session, reply.ok, reply.fds)
        elif reply.error is not None:
            self._on_failed(session, reply.error.message, asked.is_restart)

    def _run(self, session: Session, result: Message, fds: tuple[int, ...]) -> None:
        """The program runs: show what its start-up files printed, then read it."""
        master, ring_fd, pidfd = fds
        ring = Ring(ring_fd)
        session.pid, session.started_at = result["pid"], result["started_at"]
        if not session.argv and result["program"]:
            session.program = result["program"]
            self.call("session.meta", session=session.id, meta=session.describe())
        ring.checkpoint(0, session.emulator.snapshot())
        # Before the reader has the terminal: what it reads goes into the ring as well, and must not be fed twice.
        start_up_output = ring.replay().steps
        terminal = Terminal(self._reader.add(session.id, master, ring), pidfd, result["pid"], result["key"])
        terminal.channel.parsed = 0
        terminal.start_up_bytes = len(b"".join(step for step in start_up_output if isinstance(step, bytes)))
        self._terminals[session.id] = terminal
        self._feeder.add(terminal.channel, session.emulator, backlog=start_up_output)
        emulator = session.emulator
        terminal.set_size(cols=emulator.cols, rows=emulator.rows, pixels=emulator.size_pixels)
        if session.argv:
            self._set_status(session, Status.UNKNOWN)
        self._hub.publish(SessionChanged(session.id))
        self._later(READY_LATEST_MS, lambda: self._get_ready(session.id, terminal))
        self.turn()

    def _printed(self, number: int) -> None:
        """A session's emulator got bytes."""
        session, terminal = self._sessions.get(number), self._terminals.get(number)
        if session is None or terminal is None:
            return
        for event in session.emulator.take_events():
            if take_report(session, event, machine=self._machine):
                self._hub.publish(SessionChanged(number))
            if not isinstance(event, TitleChanged):
                self._hub.publish(TerminalReported(number, event))
            elif session.program_title != event.title:
                session.program_title = event.title
                self._hub.publish(SessionChanged(number))
        if not terminal.is_ready and terminal.channel.parsed > terminal.start_up_bytes:
            if terminal.first_output_at is None:
                terminal.first_output_at = time.monotonic()
            self._check_ready(number)
        self._hub.publish(SessionOutput(number))
        # Behind it: what it prints is to be painted first, and a timer costs as much as parsing an echo.
        self._printed_since.add(number)
        self._hub.call(self._tick_again)

    def _check_ready(self, number: int) -> None:
        """Let the held keys go once the program reads them itself, in the order they were pressed."""
        session, terminal = self._sessions.get(number), self._terminals.get(number)
        if session is None or terminal is None or terminal.is_ready:
            return
        if not terminal.has_prompt():
            self._later(READY_CHECK_MS, lambda: self._check_ready(number))
            return
        self._get_ready(number, terminal)

    def _get_ready(self, number: int, terminal: Terminal) -> None:
        session = self._sessions.get(number)
        if session is None or terminal.is_ready or self._terminals.get(number) is not terminal:
            return
        terminal.is_ready = True
        for data in self._held.pop(number, ()):
            self._reader.write(terminal.channel, data)
        if session.status is Status.STARTING:
            self._set_status(session, Status.IDLE)

    def _check_status_soon(self, number: int) -> None:
        self._printed_since.add(number)
        self._tick_again()

    def _tick_again(self) -> None:
        if not self._is_ticking:
            self._is_ticking = True
            self._later(STATUS_TICK_MS, self._tick)

    def _tick(self) -> None:
        self._is_ticking = False
        due, self._printed_before, self._printed_since = self._printed_before, self._printed_since, set()
        for number in due:
            self._check_status(number)
        if self._printed_before:
            self._tick_again()

    def _check_status(self, number: int) -> None:
        """A shell in the foreground of its own terminal is idle; with another program there it works."""
        session, terminal = self._sessions.get(number), self._terminals.get(number)
        if session is None or terminal is None or not terminal.is_ready or session.argv or not session.is_live:
            return
        self._set_status(session, Status.IDLE if self.is_shell_idle(session) else Status.WORKING)

    def _set_status(self, session: Session, status: Status) -> None:
        if session.become(status, time.time()):
            self._hub.publish(SessionChanged(session.id))

    def _drained(self, number: int) -> None:
        """Every byte of the program is on the screen."""
        terminal = self._terminals.get(number)
        if terminal is not None:
            terminal.is_drained = True
            if terminal.exit is not None:
                self._end(number, terminal)

    def _end(self, number: int, terminal: Terminal) -> None:
        session = self._sessions.get(number)
        if session is not None and session.is_live and terminal.exit is not None:
            self._held.pop(number, None)
            self._on_ended(session, terminal.exit)
