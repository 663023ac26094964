"""The host's socket: who may connect, what they may ask, and when the host has nothing left to do.

Requests are JSON messages `{"id": n, "do": verb, ...}`; each gets one `{"re": n, "ok": {...}}` or
`{"re": n, "error": {"kind", "message"}}`. Events carry `"event"` and no id. A session's bytes never pass through the
socket: a window gets the PTY master itself. Verbs: the keys of `_VERBS`.
"""

import asyncio
import logging
import os
import socket
import time
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, ClassVar

from synk.base.errors import (
    HostEnding,
    HostUnavailable,
    NoSuchTarget,
    SynkError,
    UsageError,
    WindowRunning,
    WindowUnavailable,
    describe,
)
from synk.base.wire import PROTOCOL, Frame, Message
from synk.host.authority import USER, Authority
from synk.host.connection import Connection
from synk.host.held import HeldSession
from synk.host.ledger import Ledger
from synk.host.repls.service import Repls
from synk.host.runs.registry import RunRegistry
from synk.host.runs.service import RunService
from synk.host.service import HostParts, Service, Verb
from synk.host.sessions import Sessions
from synk.host.shells.service import ShellService
from synk.pty.environment import clean_environment, terminal_variables
from synk.pty.messages import PoolConfig
from synk.pty.processes import resident_bytes

log = logging.getLogger(__name__)

IDLE_EXIT_S = 60.0
"""The host goes when it had no client, session and run for this long (07-automation.md, section 1)."""
SWEEP_AFTER_S = 5.0
"""Processes of a dead host are looked for this long after the start: by then a window has taken over its sessions."""
_FOR_WINDOWS = frozenset(
    (
        "configure", "session.start", "session.close", "session.meta", "session.attach", "session.adopt",
        "session.reserve", "url.open", "quit", "ctl.reply",
    )
)  # fmt: skip
"""The window decides over the sessions it shows; others go through it (`ctl`)."""
FIRST_SESSIONS = 64
STOP_LIMIT_S = 5.5
"""Longest wait for processes at the end: the ladder's 3 s, and 2 more for one in uninterruptible sleep."""


class HostServer:
    """Serves clients on the main loop until `done` is set."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, listener: socket.socket, *, version: str, resources: str, runtime: str, state: str
    ) -> None:
        self._loop = loop
        self._listener = listener
        self._version = version
        self._state = state
        self._ledger = Ledger(state=state, runtime=runtime)
        self.sessions = Sessions(
            loop,
            self._ledger,
            resources=os.path.join(resources, "shell"),
            gates=os.path.join(runtime, "gates"),
            on_exited=self._exited,
            on_event=self._to_window,
        )
        self._authority = Authority(host_id=self._ledger.host_id, agent_of=self.sessions.agent_of)
        self._services = _services(
            HostParts(
                loop=loop,
                ledger=self._ledger,
                reaper=self.sessions.reaper,
                children=self.sessions.children,
                authority=self._authority,
                state=state,
                runtime=runtime,
                resources=resources,
            ),
            self.sessions,
            on_problem=self._tell_run_problem,
        )
        self._service_verbs: dict[str, Verb] = {name: verb for each in self._services for name, verb in each.verbs.items()}
        self._connections: set[Connection] = set()
        self._window: Connection | None = None
        self._is_ending = False
        self._is_problem_told = False
        self._is_automation_set = False
        self._keep_after_crash_s = 3600.0
        self._calls: dict[int, tuple[Connection, int]] = {}
        self._next_call = 1
        self._pool_environment: dict[str, str] = {}
        self._idle_timer: asyncio.TimerHandle | None = None
        self._crash_timer: asyncio.TimerHandle | None = None
        self._started = time.monotonic()
        self.done = asyncio.Event()
        """Set when the host should end its process; every session is gone by then."""
        listener.setblocking(False)
        loop.add_reader(listener, self._accept)
        loop.call_later(SWEEP_AFTER_S, self._sweep)
        self._watch_idle()

    def stop(self) -> None:
        """End everything, then set `done`. For SIGTERM and `synk host stop`; does nothing while a window is connected."""
        if self._window is not None and self._window.is_process_alive:
            log.info("asked to stop while a window is open: the window ends the host")
            return
        self._end_all(lambda: None, except_for=())

    def _accept(self) -> None:
        try:
            sock, _ = self._listener.accept()
        except OSError:
            return
        connection = Connection(sock, self._loop, on_frame=self._frame, on_closed=self._closed)
        self._connections.add(connection)
        self._watch_idle()
        if connection.uid != os.getuid():
            log.warning("a process of user %d connected: closed unread", connection.uid)
            connection.close()

    def _frame(self, connection: Connection, frame: Frame) -> None:
        message = frame.message
        if message is None:
            connection.close()
            return
        number = message.get("id")
        try:
            verb = str(message.get("do"))
            result = self._handle(verb, connection, message, frame.fds)
        except SynkError as error:
            self._answer(connection, number, error)
        except OSError as error:
            # No free descriptor or process, a full disk: the caller can do something about it.
            log.warning("%s failed: %s", message.get("do"), error)
            self._answer(connection, number, SynkError(f"The host could not do that: {error.strerror or error}"))
        except Exception as error:
            log.exception("request failed: %s", message.get("do"))
            self._answer(connection, number, SynkError(f"The host failed: {type(error).__name__}: {error}"))
        else:
            if result is not None:
                connection.send({"re": number, "ok": result})
        finally:
            for fd in frame.fds:
                os.close(fd)

    def _handle(self, verb: str, connection: Connection, message: Message, fds: tuple[int, ...]) -> Message | None:
        if not connection.kind and verb != "hello":
            raise UsageError("Say hello first.")
        if verb in self._service_verbs:
            if self._is_ending:
                raise HostEnding("Synk is ending its programs. Try again in a few seconds.")
            return self._service_verbs[verb](connection, message, fds)
        handler = self._VERBS.get(verb)
        if handler is None:
            raise UsageError(f"The host does not know {verb!r}.")
        if verb in _FOR_WINDOWS and connection is not self._window:
            raise UsageError(f"Only the window may ask for {verb}.")
        return handler(self, connection, message, fds)

    def _answer(self, connection: Connection, number: Any, error: SynkError) -> None:
        connection.send({"re": number, "error": describe(error)})

    def _closed(self, connection: Connection) -> None:
        self._connections.discard(connection)
        if connection is self._window:
            self._window = None
            if not self._is_ending:
                self._when_dead(connection, self._window_lost)
        for service in self._services:
            service.client_closed(connection)
        if connection.pidfd is not None:
            os.close(connection.pidfd)
            connection.pidfd = None
        for call, (caller, number) in tuple(self._calls.items()):
            if self._window is None and caller is not connection:
                self._answer(caller, number, WindowUnavailable("The window went away."))
            if self._window is None or caller is connection:
                del self._calls[call]
        self._watch_idle()

    def _when_dead(self, connection: Connection, then: Callable[[], None]) -> None:
        """Run `then` once the client's process is gone: until then it may still read its PTYs."""
        pidfd, connection.pidfd = connection.pidfd, None
        if pidfd is None:
            then()
            return

        def fired() -> None:
            self._loop.remove_reader(pidfd)
            os.close(pidfd)
            then()

        self._loop.add_reader(pidfd, fired)

    def _window_lost(self) -> None:
        if self._window is not None:
            return
        log.warning("the window ended without quitting: %d sessions are kept", len(self.sessions.all()))
        self.sessions.window_lost()
        if self._crash_timer is not None:
            self._crash_timer.cancel()
        self._crash_timer = self._loop.call_later(self._keep_after_crash_s, self._give_up_sessions)

    def _give_up_sessions(self) -> None:
        log.info("no window came back within %g s: ending the sessions it left", self._keep_after_crash_s)
        self._end_all(lambda: None)

    def _watch_idle(self) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        self._idle_timer = self._loop.call_later(IDLE_EXIT_S, self._idle)

    def _idle(self) -> None:
        if self._connections or not self.sessions.is_empty or any(service.is_busy for service in self._services):
            self._watch_idle()
        else:
            self._end_all(lambda: None)

    def _end_all(self, then: Callable[[], None], *, except_for: Collection[Connection] | None = None) -> None:
        """End all sessions, runs and the pool; then the host itself unless other clients are connected.

        What belongs to clients other than the window stays, unless `except_for` names fewer.
        """
        if except_for is None:
            except_for = [each for each in self._connections if each.kind and each is not self._window]
        self._is_ending = True
        waiting_for = {"sessions", *range(len(self._services))}

        def has_clients() -> bool:
            return any(c.kind and c is not self._window for c in self._connections)

        def part_ended(part: object) -> None:
            if part in waiting_for:
                waiting_for.discard(part)
                if not waiting_for:
                    ended()

        def gave_up() -> None:
            log.warning("not everything has ended after %g s", STOP_LIMIT_S)
            waiting_for.clear()
            ended()

        def ended() -> None:
            limit.cancel()
            self.sessions.note_left()
            if except_for and not has_clients():
                # Who something was kept for has gone meanwhile: a client in a pane that was closed.
                self._end_all(then, except_for=())
                return
            then()
            if has_clients():
                self._is_ending = False
            else:
                self._loop.call_soon(self.done.set)

        limit = self._loop.call_later(STOP_LIMIT_S, gave_up)
        for number, service in enumerate(self._services):
            service.end_all(partial(part_ended, number), except_for=except_for)
        kept = [number for service in self._services for number in service.sessions_of(except_for)]
        self.sessions.end_all(partial(part_ended, "sessions"), except_for=kept)

    def _sweep(self) -> None:
        self.sessions.sweep()

    def _exited(self, session: HeldSession) -> None:
        self._owner_ended(session)
        self._to_window({"event": "exited", **session.describe()})

    def _owner_ended(self, session: HeldSession) -> None:
        """What an agent started through the host ends with its session."""
        if session.is_agent:
            for service in self._services:
                service.owner_ended(f"session:{session.id}")

    def _to_window(self, event: Message) -> None:
        if self._window is not None:
            self._window.send(event)

    def _tell_problem(self) -> None:
        """A full or read-only disk: say once what is not kept."""
        if self._ledger.problem and not self._is_problem_told:
            self._is_problem_told = True
            text = f"{self._ledger.problem} Session numbers may be used again after a restart."
            self._to_window({"event": "notice", "level": "warning", "text": text})

    def _tell_run_problem(self, text: str) -> None:
        """Output of runs is not kept: once, to everybody."""
        for connection in self._connections:
            if connection.kind:
                connection.send({"event": "notice", "level": "warning", "text": text})

    def _hello(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message | None:
        lowest, highest = (message.get("proto") or [0, 0])[:2]
        kind = str(message.get("kind"))
        if not lowest <= PROTOCOL <= highest or kind not in ("window", "cli", "mcp"):
            raise HostUnavailable(f"This host speaks protocol {PROTOCOL}, not {lowest} to {highest} as {kind}.")
        if self._is_ending:
            raise HostEnding("Synk is still ending the programs of the last window. Try again in a few seconds.")
        if kind == "window":
            if self._window is not None:
                raise WindowRunning("A window of this profile is running.")
            self._window = connection
            self.sessions.window_came()
            if self._crash_timer is not None:
                self._crash_timer.cancel()
        connection.kind = kind
        connection.owner = self._authority.owner_of(connection.pid)
        cleaned = clean_environment(dict(message.get("environment", {})))
        connection.environment = {**cleaned, **terminal_variables(self._version)}
        return {
            "proto": PROTOCOL,
            "version": self._version,
            "host": self._ledger.host_id,
            "scope": connection.owner,
            "may_run": connection.owner == USER or self._authority.may_agents_run,
            "state": self._state,
            "is_automation_set": self._is_automation_set,
            "pid": os.getpid(),
            "sessions": len(self.sessions.all()),
            "first_session": self._ledger.reserve(FIRST_SESSIONS) if kind == "window" else 0,
            "reserved_sessions": FIRST_SESSIONS if kind == "window" else 0,
        }

    def _configure(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        self._pool_environment = dict(connection.environment)
        self._keep_after_crash_s = 60.0 * float(message.get("keep_after_crash_minutes", 60))
        config = PoolConfig(**message.get("pool", {}))
        self.sessions.configure(
            config,
            connection.environment,
            kill_detached=str(message.get("kill_detached", "agents")),
            profile=str(message.get("profile", "")),
        )
        self._configure_automation(message.get("automation", {}))
        return {}

    def _automation(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        """Settings from a client without a window; the window's own stay once it has sent them."""
        self._authority.authorize(connection.owner, "automation.configure", "user")
        if self._window is None or not self._is_automation_set:
            self._configure_automation(message.get("automation", {}))
        return {}

    def _configure_automation(self, automation: Message) -> None:
        self._is_automation_set = True
        self._authority.may_agents_run = bool(automation.get("agent_exec", False))
        for service in self._services:
            service.configure(automation)

    def _start(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> None:
        number = message.get("id")

        def reply(result: Message | None, fds: tuple[int, ...], error: SynkError | None) -> None:
            if error is not None:
                self._answer(connection, number, error)
            elif connection.is_closed and self._window is not None:
                # Its window died while it started, and another one has come since.
                self._window.send({"event": "attached", **(result or {})}, fds)
            else:
                connection.send({"re": number, "ok": result}, fds)

        self._tell_problem()
        environment = connection.environment
        self.sessions.start(message, None if environment == self._pool_environment else environment, reply)

    def _reserve(self, _connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        """Session ids for the window to hand out at once, so that a new pane has its number before we answer."""
        return {"first": self._ledger.reserve(int(message["count"]))}

    def _close_session(self, _connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        session = self.sessions.get(message.get("session"))
        self.sessions.close(session.id)
        self._owner_ended(session)
        return {}

    def _set_meta(self, _connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        self.sessions.get(message.get("session")).meta.update(message.get("meta", {}))
        return {}

    def _list(self, _connection: Connection, _message: Message, _fds: tuple[int, ...]) -> Message:
        return {"sessions": [session.describe() for session in self.sessions.all()]}

    def _attach(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        """Each session comes as an event of its own with master, ring and pidfd, before the reply."""
        held = self.sessions.attach(message.get("session"))
        for session in held:
            if session.ring is not None:
                fds = (session.master, session.ring.fd, session.pidfd)
                connection.send({"event": "attached", **session.describe(), "key": self.sessions.key_of(session)}, fds)
        return {"sessions": len(held)}

    def _adopt(self, _connection: Connection, message: Message, fds: tuple[int, ...]) -> Message:
        self.sessions.adopt(message, fds)
        return {}

    def _ring(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> None:
        """A duplicate of a session's ring, for reading its screen without a window."""
        session = self.sessions.get(message.get("session"))
        if session.ring is None:
            raise NoSuchTarget(f"Session {session.id} has printed nothing yet")
        connection.send({"re": message.get("id"), "ok": session.describe()}, (session.ring.fd,))

    def _pool_stats(self, _connection: Connection, _message: Message, _fds: tuple[int, ...]) -> Message:
        pool = self.sessions.pool
        stats = pool.stats().as_dict() if pool is not None else {}
        return {"stats": stats, "detached": len(self.sessions.detached()), **self._status()}

    def _pool_members(self, _connection: Connection, _message: Message, _fds: tuple[int, ...]) -> Message:
        pool = self.sessions.pool
        members = pool.members() if pool is not None else []
        rows = [
            {
                "shell": m.shell, "pid": m.pid, "tty": m.tty, "state": m.state, "age_s": m.age_s, "program": m.program,
                "kind": m.kind, "memory_bytes": resident_bytes(m.pid),
            }
            for m in members
        ]  # fmt: skip
        return {"members": rows, "detached": self.sessions.detached()}

    def _pool_refresh(self, _connection: Connection, _message: Message, _fds: tuple[int, ...]) -> Message:
        if self.sessions.pool is not None:
            self.sessions.pool.refresh()
        return {}

    def _kill_detached(self, _connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        self.sessions.end_detached(int(message.get("pid", 0)))
        return {}

    def _open_url(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        self.sessions.open_url(str(message.get("url")), connection.environment)
        return {}

    def _host_status(self, _connection: Connection, _message: Message, _fds: tuple[int, ...]) -> Message:
        return self._status()

    def _status(self) -> Message:
        return {
            "host": self._ledger.host_id,
            "pid": os.getpid(),
            "version": self._version,
            "uptime_s": round(time.monotonic() - self._started, 3),
            "memory_bytes": resident_bytes(os.getpid()),
            "fds": len(os.listdir("/proc/self/fd")),
            "clients": sum(1 for c in self._connections if c.kind),
            "window": self._window.pid if self._window is not None else None,
            "sessions": len(self.sessions.all()),
            **{name: value for service in self._services for name, value in service.status().items()},
        }

    def _stop_host(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> None:
        if self._window is not None:
            raise HostUnavailable("A window is open: quit it (Ctrl+q), and the host ends with it.")
        number = message.get("id")
        self._end_all(lambda: self._goodbye(connection, number), except_for=())

    def _quit(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> None:
        """A window's normal end: everything it held goes; answered when no process is left."""
        number = message.get("id")
        self._end_all(lambda: self._goodbye(connection, number))

    def _goodbye(self, connection: Connection, number: Any) -> None:
        connection.send({"re": number, "ok": {}})
        connection.kind = ""
        if connection is self._window:
            self._window = None

    def _ctl(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> None:
        """Pass a control verb on to the window, the only writer of the PTYs it holds."""
        if self._window is None:
            raise WindowUnavailable("No Synk window is running for this profile. Start one with: synk")
        call, self._next_call = self._next_call, self._next_call + 1
        self._calls[call] = (connection, message["id"])
        self._window.send({"event": "ctl", "call": call, "verb": message.get("verb"), "args": message.get("args", {})})

    def _ctl_reply(self, _connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        waiting = self._calls.pop(int(message.get("call", 0)), None)
        if waiting is not None:
            caller, number = waiting
            answer = {"error": message["error"]} if "error" in message else {"ok": message.get("result", {})}
            caller.send({"re": number, **answer})
        return {}

    _VERBS: ClassVar[dict[str, Callable[["HostServer", Connection, Message, tuple[int, ...]], Message | None]]] = {
        "hello": _hello,
        "configure": _configure,
        "automation.configure": _automation,
        "session.start": _start,
        "session.reserve": _reserve,
        "session.close": _close_session,
        "session.meta": _set_meta,
        "session.list": _list,
        "session.attach": _attach,
        "session.adopt": _adopt,
        "session.ring": _ring,
        "pool.stats": _pool_stats,
        "pool.members": _pool_members,
        "pool.refresh": _pool_refresh,
        "pool.kill_detached": _kill_detached,
        "url.open": _open_url,
        "host.status": _host_status,
        "host.stop": _stop_host,
        "quit": _quit,
        "ctl": _ctl,
        "ctl.reply": _ctl_reply,
    }



def _services(parts: HostParts, sessions: Sessions, *, on_problem: Callable[[str], None]) -> tuple[Service, ...]:
    """Everything the host does beside sessions, in the order in which it is asked."""
    registry = RunRegistry(parts.loop, parts.state, on_problem=on_problem)
    runs = RunService(parts, registry)
    repls = Repls(parts, registry, groups=runs.groups, watch=runs.follow, on_notice=on_problem)
    return (runs, repls, ShellService(parts, registry, sessions, runs))
