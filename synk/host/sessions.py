"""All sessions of the host from the request to the last of their processes: start, exit, close, crash of the window, adopt.

Runs on the main loop. The pool thread forks and reports through events; the reaper reports ends; the kill ladder
ends what has to end. A session keeps its number here until its pane is closed.
"""

import asyncio
import logging
import os
import pwd
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from synk.base.errors import NoSuchTarget, PoolClosed, SynkError, UsageError, restore
from synk.base.wire import Message
from synk.host.detached import DetachedProcesses
from synk.host.held import HeldSession, RingKeeper, watch_exit
from synk.host.ledger import Ledger
from synk.host.opening import open_url
from synk.host.reaper import Reaper
from synk.host.variables import session_variables
from synk.pty.children import Children
from synk.pty.gate import Lease
from synk.pty.ladder import KillLadder
from synk.pty.messages import (
    ForkBegan,
    ForkEnded,
    PoolConfig,
    PoolEvent,
    PoolNotice,
    Refused,
    Retired,
    Started,
    StartRequest,
    StatsChanged,
)
from synk.pty.pool import ProcessPool
from synk.pty.processes import program_of
from synk.pty.ring import Ring
from synk.pty.shells import choose_shell

log = logging.getLogger(__name__)

LADDER_TICK_S = 0.1
"""New members of a session are looked for this often while it is being ended (01, section 8)."""
EXITS_KEPT = 256
"""Ends that came before the pool's own report of the start; a handful at most are ever waiting."""

StartReply = Callable[[Message | None, tuple[int, ...], SynkError | None], None]
"""Gets (result, descriptors to pass, None), or (None, (), error)."""


class Sessions:
    """The table of sessions, and the only owner of pool, reaper and ladder."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        ledger: Ledger,
        *,
        resources: str,
        gates: str,
        on_exited: Callable[[HeldSession], None],
        on_event: Callable[[Message], None],
    ) -> None:
        """`on_exited` once per ended program that has a session; `on_event` gets pool changes and notices for windows."""
        self._loop = loop
        self._ledger = ledger
        self._resources = resources
        self._gates = gates
        self._on_exited = on_exited
        self._on_event = on_event
        self.children = self._children = Children()
        self.reaper = self._reaper = Reaper(loop, self._children, self._child_ended)
        self._ladder = KillLadder()
        self._ladder_timer: asyncio.TimerHandle | None = None
        self._keeper = RingKeeper(loop)
        self._detached = DetachedProcesses(ledger, self._children, self._ladder)
        self._pool: ProcessPool | None = None
        self._by_id: dict[int, HeldSession] = {}
        self._starting: dict[int, tuple[HeldSession, StartReply, StartRequest]] = {}
        self._next_request = 1
        self._early_exits: dict[int, int] = {}
        self._retired: dict[int, Retired] = {}
        self._agents: set[int] = set()
        self._kill_detached = "agents"
        self._profile = ""
        self._shell_setting = ""
        self._base_environment: Mapping[str, str] = {}
        self._has_window = False
        self._on_all_ended: list[Callable[[], None]] = []
        self._kept: frozenset[int] = frozenset()
        """Sessions that stayed when all others were ended."""

    @property
    def pool(self) -> ProcessPool | None:
        """The pool, once a client has configured it."""
        return self._pool

    @property
    def has_window(self) -> bool:
        """A window is connected and shows sessions."""
        return self._has_window

    @property
    def base_environment(self) -> Mapping[str, str]:
        """What warm shells are started with; empty before the pool is configured."""
        return self._base_environment

    def login_shell(self) -> str:
        """Path of the shell the pool keeps warm."""
        passwd = pwd.getpwuid(os.getuid()).pw_shell
        return choose_shell(self._shell_setting, self._base_environment, passwd)[0]

    @property
    def is_empty(self) -> bool:
        """True if no session is held and nothing is being ended."""
        return not self._by_id and not self._starting and not self._retired and not len(self._ladder)

    def all(self) -> list[HeldSession]:
        """Every held session that was started, by id."""
        return [session for _, session in sorted(self._by_id.items()) if session.started_at]

    def get(self, number: object) -> HeldSession:
        """The session of this id.

        Raises:
            NoSuchTarget: "No session 99".
        """
        session = self._by_id.get(number) if isinstance(number, int) else None
        if session is None:
            raise NoSuchTarget(f"No session {number}")
        return session

    def configure(
        self, config: PoolConfig, environment: Mapping[str, str], *, kill_detached: str, profile: str
    ) -> None:
        """Set pool sizes, base environment and the rule for detached processes; starts the pool the first time.

        `profile`: folder given with `--profile`, so that `synk ctl` inside a session reaches this host; "" for none.
        """
        self._kill_detached = kill_detached
        self._profile = profile
        self._shell_setting = config.shell
        self._base_environment = dict(environment)
        if self._pool is None:
            self._pool = ProcessPool(
                config=config,
                environment=environment,
                home=environment.get("HOME") or os.path.expanduser("~"),
                host_id=self._ledger.host_id,
                gate_directory=self._gates,
                resources=self._resources,
                on_event=self._from_pool_thread,
                children=self._children,
            )
            for session in self._by_id.values():
                if session.is_adopted and session.is_live:
                    self._pool.adopt(session.id)
            self._pool.start()
        else:
            self._pool.configure(config, environment)

    def start(self, request: Message, environment: Mapping[str, str] | None, reply: StartReply) -> None:
        """Start a program for a new session, or anew (`restart`) for one that may exist.

        `environment` is the client's if it differs from the pool's. The reply comes once the program took its lease.

        Raises:
            SynkError: bad variable name, a session that exists, or no pool; nothing was started.
        """
        if self._pool is None:
            raise PoolClosed("The pool is not configured yet.")
        variables = request.get("variables", {})
        number = int(request["session"])
        known = self._by_id.get(number)
        if known is not None and not request.get("restart"):
            raise UsageError(f"Session {number} exists")
        # A restart may be of a session whose program ended under a host that has died since.
        session = known or HeldSession(number)
        self._ledger.use_session(session.id)
        agent, project = str(request.get("agent", "terminal")), str(request.get("project", ""))
        lease = Lease(
            directory=str(request["directory"]),
            variables=session_variables(variables, session=session.id, project=project, agent=agent, profile=self._profile),
            unset=tuple(request.get("unset", ())),
            argv=tuple(request.get("argv", ())),
        )
        self._release(session)
        session.meta = dict(request.get("meta", {}))
        session.is_agent = _is_agent(agent, session.meta)
        self._by_id[session.id] = session
        start = StartRequest(self._next_request, lease, int(request["cols"]), int(request["rows"]), environment)
        self._next_request += 1
        self._starting[start.request] = (session, reply, start)
        self._pool.claim(start)

    def close(self, number: object) -> None:
        """End the session: its place is free at once, its processes end in the background.

        Raises:
            NoSuchTarget: it is not there.
        """
        session = self.get(number)
        self._release(session)
        session.drop_process()
        del self._by_id[session.id]

    def attach(self, number: object = None) -> list[HeldSession]:
        """Hand sessions to a window: from here on only it reads their PTYs. Oldest first.

        All that have a pane, or the one with this number, which gets one (an engine session).

        Raises:
            NoSuchTarget: it is not there.
        """
        sessions = [session for session in self.all() if session.is_shown or not session.is_engine]
        if number is not None:
            sessions = [self.get(number)]
        for session in sessions:
            session.is_shown = True
            self._keeper.give_back(session)
        return sessions

    def window_came(self) -> None:
        """A window is connected: it reads the PTYs of what it starts from now on."""
        self._has_window = True

    def window_lost(self) -> None:
        """The window that held the sessions is gone: read on for the next one."""
        self._has_window = False
        for session in self._by_id.values():
            self._keeper.take(session)

    def adopt(self, message: Message, fds: tuple[int, ...]) -> None:
        """Take over a session of a dead host from the window; `fds` are master, ring and pidfd, and stay the caller's.

        Raises:
            UsageError: other descriptors came.
        """
        number = int(message["session"])
        known = self._by_id.get(number)
        if known is not None:
            self._keeper.give_back(known)
            return
        if len(fds) != 3:
            raise UsageError(f"session.adopt needs 3 descriptors, not {len(fds)}")
        master, ring, pidfd = (os.dup(fd) for fd in fds)
        session = HeldSession(
            number,
            meta=dict(message.get("meta", {})),
            is_agent=_is_agent(str(message.get("agent", "terminal")), message.get("meta", {})),
            pid=int(message["pid"]),
            pidfd=pidfd,
            master=master,
            ring=Ring(ring),
            started_at=float(message.get("started_at", time.time())),
            is_adopted=True,
        )
        session.adopted_key = str(message.get("key", ""))
        self._by_id[number] = session
        self._ledger.use_session(number)
        watch_exit(self._loop, session, self._adopted_ended)
        if self._pool is not None:
            self._pool.adopt(number)

    def end_all(self, on_ended: Callable[[], None], *, except_for: Collection[int] = ()) -> None:
        """Close the pool and end every session at once; `on_ended` when no process of them is left.

        The engine sessions named in `except_for` stay without a window, and with them the pool that looks after them.
        """
        self._on_all_ended.append(on_ended)
        self._kept = frozenset(except_for) & self._by_id.keys()
        for number, session in tuple(self._by_id.items()):
            if number not in self._kept:
                self.close(number)
            elif session.is_shown:
                session.is_shown = False
                self._keeper.take(session)
        if self._pool is not None and not self._kept:
            self._pool.close()
            self._pool = None
        self._check_all_ended()

    def agent_of(self, pid: int, mark: str) -> int | None:
        """The id of the agent's session whose first process is `pid`, or whose processes carry `mark`; None if there is none."""
        for session in self._by_id.values():
            if session.is_agent and ((pid and session.pid == pid) or (mark and self.key_of(session) == mark)):
                return session.id
        return None

    def key_of(self, session: HeldSession) -> str:
        """The `SYNK_HOST` of the session's process, by which a process that left its tree is still known."""
        return session.adopted_key or self._key(session.shell)

    def open_url(self, url: str, environment: Mapping[str, str]) -> None:
        """Show a link in the user's browser; raises as `opening.open_url`."""
        open_url(self._loop, self._children, url, environment)

    def end_detached(self, pid: int) -> None:
        """End one process that outlived its session (the Kill button of the pool panel).

        Raises:
            NoSuchTarget: no such process is listed.
        """
        self._detached.end(pid)
        self._tick()

    def detached(self) -> list[dict[str, Any]]:
        """Processes that outlived their session, as rows for the pool panel."""
        return self._detached.list(live={session.pid for session in self._by_id.values() if session.is_live})

    def note_left(self) -> None:
        """The host goes: remember what was left running on purpose."""
        self._detached.note_left()

    def sweep(self) -> None:
        """End what dead hosts left running by accident."""
        count = self._detached.sweep(adopted={s.adopted_key for s in self._by_id.values() if s.is_adopted})
        if count:
            log.warning("ending %d processes that a dead host left", count)
            self._tick()

    def _key(self, shell: int) -> str:
        return f"{self._ledger.host_id}.{shell}"

    def _release(self, session: HeldSession) -> None:
        """Let go of the session's process, wherever it is in its life; the ring stays until the next start or the close."""
        self._keeper.give_back(session)
        for request, (starting, reply, _) in tuple(self._starting.items()):
            if starting is session:
                del self._starting[request]
                reply(None, (), NoSuchTarget(f"Session {session.id} was closed while it started."))
                if self._pool is not None:
                    self._pool.cancel(request)
        if session.is_live:
            if session.is_adopted:
                self._end_adopted(session)
            elif self._pool is not None:
                if session.is_agent:
                    self._agents.add(session.shell)
                self._pool.release(session.shell, reusable=not session.is_agent)
            session.pid = 0

    def _end_adopted(self, session: HeldSession) -> None:
        """The pool does not know this process; it goes to the ladder straight away."""
        self._loop.remove_reader(session.pidfd)
        if self._pool is not None:
            self._pool.unadopt(session.id)
        retired = Retired(-session.id, session.pid, os.dup(session.pidfd), os.dup(session.master), "adopted session closed")
        self._retire(retired, is_agent=session.is_agent, mark=session.adopted_key)

    def _from_pool_thread(self, event: PoolEvent) -> None:
        self._loop.call_soon_threadsafe(self._pool_event, event)

    def _pool_event(self, event: PoolEvent) -> None:
        match event:
            case Started():
                self._started(event)
            case Refused():
                self._refused(event)
            case Retired():
                self._retire(event, is_agent=event.shell in self._agents)
                self._agents.discard(event.shell)
            case StatsChanged():
                self._on_event({"event": "pool", "stats": event.stats.as_dict()})
            case PoolNotice():
                self._on_event({"event": "notice", "level": event.level, "text": event.text})
            case ForkBegan():
                self._reaper.fork_began()
            case ForkEnded():
                self._reaper.fork_ended()
                self._reaper.reap()

    def _started(self, event: Started) -> None:
        waiting = self._starting.pop(event.request, None)
        if waiting is None:
            self._abandon(event)
            return
        session, reply, start = waiting
        session.drop_process()
        session.shell, session.pid = event.shell, event.pid
        session.is_adopted, session.adopted_key = False, ""
        session.pidfd, session.master = event.pidfd, event.master
        session.started_at, session.ended_at, session.exit = time.time(), 0.0, None
        session.ring = Ring.create(cols=start.cols, rows=start.rows)
        session.ring.write(event.output)
        self._detached.note_start(self._key(event.shell), session.id)
        result = {
            **session.describe(),
            "tty": event.tty,
            "program": os.path.basename(program_of(event.pid) or ""),
            "is_warm": event.is_warm,
            "is_cold": event.is_cold,
            "claim_ms": event.claim_ms,
            "key": self.key_of(session),
        }
        reply(result, (session.master, session.ring.fd, session.pidfd), None)
        if not self._has_window or session.is_engine:
            self._keeper.take(session)
        status = self._early_exits.pop(event.pid, None)
        if status is not None:
            self._session_ended(session, status)

    def _abandon(self, event: Started) -> None:
        """It started, but nobody wants it any more."""
        if self._pool is None:
            self._retire(Retired(event.shell, event.pid, event.pidfd, event.master, "closed while it started"), is_agent=True)
            return
        os.close(event.master)
        os.close(event.pidfd)
        self._pool.release(event.shell, reusable=False)

    def _refused(self, event: Refused) -> None:
        waiting = self._starting.pop(event.request, None)
        if waiting is None:
            return
        session, reply, _ = waiting
        if not session.started_at:
            self._by_id.pop(session.id, None)
        reply(None, (), restore({"kind": event.kind, "message": event.error}))

    def _retire(self, event: Retired, *, is_agent: bool, mark: str = "") -> None:
        self._retired[event.shell] = event
        kill_detached = self._kill_detached == "always" or (self._kill_detached == "agents" and is_agent)
        self._ladder.add(
            event.shell,
            event.pid,
            mark or self._key(event.shell),
            kill_detached=kill_detached,
            now=time.monotonic(),
            pidfd=event.pidfd,
        )
        log.info("ending process %d: %s", event.pid, event.reason)
        self._tick()

    def _tick(self) -> None:
        """One step of the ladder; goes on by timer while there is something to end."""
        if self._ladder_timer is not None:
            self._ladder_timer.cancel()
            self._ladder_timer = None
        for ended in self._ladder.tick(time.monotonic()):
            self._detached.note_survivors(ended.survivors)
            retired = self._retired.pop(ended.key, None)
            if retired is not None:
                os.close(retired.pidfd)
                os.close(retired.master)
        if len(self._ladder):
            self._ladder_timer = self._loop.call_later(LADDER_TICK_S, self._tick)
        self._check_all_ended()

    def _check_all_ended(self) -> None:
        if not self._retired and not len(self._ladder) and (self._kept or not len(self._children)):
            waiting, self._on_all_ended = self._on_all_ended, []
            for on_ended in waiting:
                on_ended()

    def _child_ended(self, pid: int, status: int) -> None:
        if self._pool is not None and pid in self._children:
            self._pool.exited(pid)
        self._children.forget(pid)
        session = next((s for s in self._by_id.values() if s.pid == pid and s.exit is None and not s.is_adopted), None)
        if session is not None:
            self._session_ended(session, status)
        elif self._starting:
            self._early_exits[pid] = status
            while len(self._early_exits) > EXITS_KEPT:
                del self._early_exits[next(iter(self._early_exits))]
        if len(self._ladder):
            self._loop.call_soon(self._tick)
        self._check_all_ended()

    def _adopted_ended(self, session: HeldSession) -> None:
        if self._pool is not None:
            self._pool.unadopt(session.id)
        self._session_ended(session, None)

    def _session_ended(self, session: HeldSession, status: int | None) -> None:
        session.set_exit(status)
        self._keeper.drain(session)
        if session.is_agent or self._kill_detached == "always":
            # The agent is gone; what it started and left behind goes as well.
            key = -session.id if session.is_adopted else session.shell
            self._ladder.add(key, session.pid, self.key_of(session), kill_detached=True, now=time.monotonic())
            self._loop.call_soon(self._tick)
        else:
            self._detached.note_left(self.key_of(session))
        self._on_exited(session)


def _is_agent(agent: str, meta: Mapping[str, Any]) -> bool:
    """The user's own shells and interpreters are none: what runs in them acts for the user."""
    return agent != "terminal" and not meta.get("is_repl")
