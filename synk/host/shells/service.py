"""The host's part for engine sessions: the verbs `shell.*`."""

import asyncio
import logging
import os
import re
import resource
import shlex
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from synk.base.errors import NoSuchTarget, NotAllowed, SpawnFailed, SynkError, UsageError
from synk.base.variables import check_variables
from synk.base.wire import Message
from synk.host.authority import USER
from synk.host.connection import Connection
from synk.host.runs.keys import key_bytes
from synk.host.runs.registry import RunRegistry
from synk.host.runs.request import COLS, ROWS, input_bytes
from synk.host.runs.run import Change, Run
from synk.host.runs.service import RunService
from synk.host.runs.start import RunLimits, find_similar, limit_values
from synk.host.runs.tree import RLIMIT_LOCKS, Tree, start_time_of, tag_of
from synk.host.service import HostParts, Verb
from synk.host.sessions import Sessions
from synk.host.shells.families import KINDS
from synk.host.shells.shell import ShellSession
from synk.host.shells.snapshots import Snapshot, Snapshots, changes, parse_environment
from synk.pty.messages import PoolConfig

log = logging.getLogger(__name__)

READY_S = 30.0
"""From the start to a shell that takes commands: start-up files may take long, a shell that asks something never comes."""
SIZE_CHECK_S, IDLE_SIZE_CHECK_S = 0.25, 2.0
"""How often the size of a shown session is looked at, with a window and without one that may come."""
_NAME = re.compile(r"(?!SYNK_)[A-Za-z_][A-Za-z0-9_]*")
"""Names a shell can take; exported functions of bash and the like are left out."""
POOL = PoolConfig(initial_pool_size=1, max_pool_size=2)
"""Without a window: one warm shell is enough for a client that makes one session after the other."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a session is to be; from `shell.create` or a snapshot."""

    kind: str
    cwd: str
    name: str
    variables: Mapping[str, str]
    unset: tuple[str, ...]
    preload: tuple[str, ...]
    limits: RunLimits
    history: tuple[str, ...] = ()
    hidden_preload: tuple[str, ...] = ()
    """Lines that run first and are not part of it (exports of a snapshot)."""
    secrets: tuple[str, ...] = ()
    """Names of those in its variables."""


class ShellService:
    """Owns the engine sessions; everything on the main loop."""

    def __init__(self, parts: HostParts, registry: RunRegistry, sessions: Sessions, runs: RunService) -> None:
        self._parts = parts
        self._loop = parts.loop
        self._registry = registry
        self._sessions = sessions
        self._runs = runs
        self._shells: dict[int, ShellSession] = {}
        self._clients: dict[str, Connection] = {}
        self._users: dict[int, Connection] = {}
        """The client that made or used a session last, as long as it is connected."""
        self._snapshots = Snapshots(os.path.join(parts.state, "shells"))
        self._size_timer: asyncio.TimerHandle | None = None

    @property
    def verbs(self) -> Mapping[str, Verb]:
        return {
            "shell.create": self._create,
            "shell.open": self._open,
            "shell.exec": self._exec,
            "shell.input": self._input,
            "shell.interrupt": self._interrupt,
            "shell.list": self._list,
            "shell.close": self._close,
            "shell.save": self._save,
        }

    @property
    def is_busy(self) -> bool:
        return bool(self._shells)

    def configure(self, automation: Mapping[str, Any]) -> None:
        """No setting concerns them."""

    def client_closed(self, connection: Connection) -> None:
        for name in [name for name, client in self._clients.items() if client is connection]:
            del self._clients[name]
        self._users = {number: client for number, client in self._users.items() if client is not connection}

    def end_all(self, on_ended: Callable[[], None], *, except_for: Collection[Connection]) -> None:
        """The sessions themselves end with all others; here goes what left their trees."""
        waiting = set(self._shells) - set(self.sessions_of(except_for))
        if not waiting:
            on_ended()
            return

        def gone(number: int) -> None:
            waiting.discard(number)
            if not waiting:
                on_ended()

        for number in tuple(waiting):
            self._shells[number].end(partial(gone, number))

    def sessions_of(self, clients: Collection[Connection]) -> Collection[int]:
        """Those that one of these clients made or used last."""
        return [number for number in self._shells if self._users.get(number) in clients]

    def owner_ended(self, owner: str) -> None:
        """The sessions of an agent end with its own."""
        for number in [number for number, shell in self._shells.items() if shell.owner == owner]:
            self._end(number)

    def status(self) -> Message:
        return {"shells": len(self._shells)}

    def _create(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> None:
        owner = connection.owner or USER
        self._parts.authority.authorize(owner, "shell.create")
        self._configure_pool(connection)
        given = message.get("environment")
        base = self._sessions.base_environment
        variables, unset = changes(base, given) if isinstance(given, dict) else ({}, ())
        wish = _Wish(
            kind=str(message.get("kind") or "bash"),
            cwd=str(message.get("cwd") or ""),
            name=str(message.get("name") or ""),
            variables={**variables, **(message.get("env") or {})},
            unset=unset,
            preload=tuple(str(line) for line in message.get("preload") or ()),
            limits=RunLimits(**(message.get("limits") or {})),
            secrets=tuple(map(str, message.get("secrets") or ())),
        )
        self._make(connection, message, owner, wish)

    def _open(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> None:
        owner = connection.owner or USER
        self._parts.authority.authorize(owner, "shell.open")
        snapshot = self._snapshots.load(str(message.get("name")))
        self._configure_pool(connection)
        exports = [f"export {name}={shlex.quote(value)}" for name, value in snapshot.exports.items()]
        if snapshot.kind == "fish":
            exports = [f"set -gx {name} {shlex.quote(value)}" for name, value in snapshot.exports.items()]
        removed = [f"unset {name}" if snapshot.kind != "fish" else f"set -e {name}" for name in snapshot.unset]
        given = message.get("environment")
        variables, unset = changes(self._sessions.base_environment, given) if isinstance(given, dict) else ({}, ())
        wish = _Wish(
            kind=snapshot.kind,
            cwd=snapshot.cwd,
            name=str(message.get("name")),
            variables=variables,
            unset=unset,
            preload=snapshot.preload,
            limits=RunLimits(),
            history=snapshot.history,
            # After the preload: what it exported may have been changed since.
            hidden_preload=("\n".join([*exports, *removed, f"cd -- {shlex.quote(snapshot.cwd)}"]),),
        )
        self._make(connection, message, owner, wish)

    def _configure_pool(self, connection: Connection) -> None:
        """Without a window nobody has: the first client's environment is that of the warm shells."""
        if self._sessions.pool is None:
            self._sessions.configure(POOL, connection.environment, kill_detached="agents", profile="")

    def _make(self, connection: Connection, message: Message, owner: str, wish: _Wish) -> None:
        if wish.kind not in KINDS:
            raise UsageError(f"There is no kind of session {wish.kind!r}: there are {', '.join(KINDS)} and REPL languages")
        valid = {name: value for name, value in wish.variables.items() if _NAME.fullmatch(name)}
        check_variables(valid)
        environment = {**self._sessions.base_environment, **valid}
        argv: list[str] = []
        if os.path.basename(self._sessions.login_shell()) != wish.kind:
            argv = [find_similar(wish.kind, wish.cwd or "/", environment), "-l"]
        number = self._parts.ledger.reserve(1)
        request = {
            "session": number,
            "directory": wish.cwd or environment.get("HOME", "/"),
            "variables": valid,
            "unset": [name for name in wish.unset if _NAME.fullmatch(name)],
            "argv": argv,
            "cols": COLS,
            "rows": ROWS,
            "agent": "terminal",
            "meta": {"engine": True, "kind": wish.kind, "name": wish.name, "owner": owner},
        }
        self._sessions.start(request, None, partial(self._started, connection, message, owner, wish, number))

    def _started(
        self,
        connection: Connection,
        message: Message,
        owner: str,
        wish: _Wish,
        number: int,
        _result: Message | None,
        _fds: tuple[int, ...],
        error: SynkError | None,
    ) -> None:
        if error is not None:
            connection.fail(message, error)
            return
        held = self._sessions.get(number)
        held.is_engine = True
        mark = self._sessions.key_of(held)
        self._parts.authority.note_owner(mark, owner)
        tree = Tree(held.pid, start_time_of(held.pid), mark, tag_of(f"{self._parts.ledger.host_id}.s{number}"))
        _mark_process(held.pid, tree.tag, wish.limits)
        began = time.monotonic()
        timer = self._loop.call_later(READY_S, self._not_ready, connection, message, number)

        def ready(shell: ShellSession) -> None:
            timer.cancel()
            self._prepare(shell, wish, lambda problems: self._answer_created(connection, message, shell, began, problems))

        shell = ShellSession(
            self._loop,
            held,
            kind=wish.kind,
            name=wish.name,
            owner=owner,
            resources=os.path.join(self._parts.resources, "shell"),
            folder=os.path.join(self._parts.runtime, "shells", os.urandom(8).hex()),
            tree=tree,
            cols=COLS,
            rows=ROWS,
            on_ready=ready,
            on_ended=partial(self._ended, connection, message),
        )
        shell.preload = list(wish.preload)
        shell.secrets = wish.secrets
        shell.history = deque(wish.history, maxlen=shell.history.maxlen)
        self._shells[number] = shell
        self._watch_sizes()

    def _prepare(self, shell: ShellSession, wish: _Wish, done: Callable[[list[str]], None]) -> None:
        """Note the environment, then run the lines of the preload one after the other; `done` gets those that failed."""
        lines = [*wish.preload, *wish.hidden_preload]
        problems: list[str] = []

        def step(status: int) -> None:
            if status and lines_done:
                problems.append(f"{lines_done[-1]!r} ended with {status}")
            if lines and not shell.is_over:
                lines_done.append(lines.pop(0))
                shell.execute_hidden(lines_done[-1], step)
            else:
                done(problems)

        lines_done: list[str] = []

        def noted(environment: dict[str, str]) -> None:
            shell.environment_before = environment
            step(0)

        self._read_environment(shell, noted)

    def _read_environment(self, shell: ShellSession, then: Callable[[dict[str, str]], object]) -> None:
        """What the shell exports now; {} if it does not tell."""
        path = os.path.join(shell.folder, "environment")

        def read(_status: int) -> None:
            try:
                with open(path, "rb") as file:
                    data = file.read()
                os.unlink(path)
            except OSError:
                data = b""
            then(parse_environment(data))

        if shell.is_idle:
            shell.execute_hidden(f"command env -0 >{shlex.quote(path)}", read)
        else:
            then({})

    def _answer_created(
        self, connection: Connection, message: Message, shell: ShellSession, began: float, problems: list[str]
    ) -> None:
        if not connection.is_closed:
            self._users[shell.number] = connection
        start_ms = round((time.monotonic() - began) * 1000, 1)
        connection.reply(message, {**shell.describe(), "start_ms": start_ms, "preload_errors": problems})

    def _not_ready(self, connection: Connection, message: Message, number: int) -> None:
        text = f"The shell was not ready within {READY_S:g} s. Do its start-up files ask something?"
        connection.fail(message, SpawnFailed(text))
        self._end(number)

    def _ended(self, connection: Connection, message: Message, shell: ShellSession) -> None:
        """Its shell has gone: the session goes as well, unless a window shows it."""
        if self._shells.pop(shell.number, None) is None:
            return
        if not shell.cwd:
            connection.fail(message, SpawnFailed(f"{shell.kind} ended while it started"))
        shell.end(lambda: self._parts.authority.forget(shell.tree.mark))
        shell.close()
        if not shell.held.is_shown:
            self._close_session(shell.number)

    def _close_session(self, number: int) -> None:
        try:
            self._sessions.close(number)
        except NoSuchTarget:
            log.debug("session %d was closed already", number)

    def _end(self, number: int) -> None:
        shell = self._shells.pop(number, None)
        if shell is not None:
            shell.end(lambda: None)
            shell.forget()
            shell.close()
        self._close_session(number)

    def _exec(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> None:
        shell = self._get(connection, "shell.exec", message)
        command = str(message.get("input") or "")
        if "\0" in command:
            raise UsageError("A command cannot contain a NUL character")
        if not shell.is_idle:
            raise NotAllowed(f"Session {shell.number} is {shell.busy_with}")
        run = self._registry.create(
            kind="command",
            command=command,
            owner=connection.owner or USER,
            cwd=shell.cwd,
            class_name=str(message.get("class", "generic")),
            normal_codes=tuple(int(code) for code in message.get("normal_codes", (0,))),
        )
        self._users[shell.number] = connection
        shell.execute(run, command)
        timeout_s = message.get("timeout_s")
        if timeout_s is not None:
            shell.limit_after(float(timeout_s), on_timeout=str(message.get("on_timeout", "stop")))
        if message.get("on_disconnect") == "stop":
            self._clients[run.id] = connection
            run.watch(self._forget_client)
        if message.get("watch"):
            self._loop.call_soon(self._follow, connection, run, float(message.get("every_ms", 16)))
        started = {"run": run.id, "folder": run.folder, "status": "running", "session": shell.number}
        connection.reply_soon(message, {**started, "secrets": shell.secrets})

    def _follow(self, connection: Connection, run: Run, every_ms: float) -> None:
        self._runs.follow(connection, run, every_ms)

    def _forget_client(self, run: Run, change: Change) -> None:
        if change == "exit":
            self._clients.pop(run.id, None)

    def _input(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        shell = self._get(connection, "shell.input", message)
        data = input_bytes(message.get("text"))
        if message.get("base64") is not None:
            data += input_bytes({"base64": message["base64"]})
        if message.get("key"):
            data += key_bytes(str(message["key"]))
        return {"note": shell.send_input(data, eof=bool(message.get("eof")))}

    def _interrupt(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        shell = self._get(connection, "shell.interrupt", message)
        shell.interrupt()
        return {"run": shell.run.id if shell.run is not None else ""}

    def _list(self, connection: Connection, _message: Message, _fds: tuple[int, ...]) -> Message:
        owner = connection.owner or USER
        return {"sessions": [shell.describe() for shell in self._shells.values() if owner in (USER, shell.owner)]}

    def _close(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> None:
        shell = self._get(connection, "shell.close", message)
        del self._shells[shell.number]

        def gone() -> None:
            shell.forget()
            shell.close()
            self._close_session(shell.number)
            self._parts.authority.forget(shell.tree.mark)
            connection.reply(message, {"session": shell.number})

        shell.end(gone)

    def _save(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> None:
        shell = self._get(connection, "shell.save", message)
        name = str(message.get("name") or "")
        if not shell.is_idle:
            raise NotAllowed(f"Session {shell.number} is {shell.busy_with}")

        def saved(environment: dict[str, str]) -> None:
            exports, unset = changes(shell.environment_before, environment)
            snapshot = Snapshot(shell.kind, shell.cwd, exports, unset, tuple(shell.preload), tuple(shell.history))
            try:
                path = self._snapshots.save(name, snapshot)
            except SynkError as error:
                connection.fail(message, error)
            except OSError as error:
                connection.fail(message, SynkError(f"The snapshot cannot be written: {error.strerror or error}"))
            else:
                connection.reply(message, {"name": name, "file": path, "cwd": snapshot.cwd, "exports": sorted(exports)})

        self._read_environment(shell, saved)

    def _get(self, connection: Connection, verb: str, message: Message) -> ShellSession:
        shell = self._shells.get(message.get("session", 0))
        if shell is None:
            numbers = ", ".join(map(str, self._shells)) or "none"
            raise NoSuchTarget(f"No session {message.get('session')}. There are: {numbers}")
        self._parts.authority.authorize(connection.owner or USER, verb, shell.owner)
        return shell

    def _watch_sizes(self) -> None:
        """A window sets the size of the terminal it shows; the shell's own follows."""
        if self._size_timer is None and self._shells:
            pause = SIZE_CHECK_S if self._sessions.has_window else IDLE_SIZE_CHECK_S
            self._size_timer = self._loop.call_later(pause, self._follow_sizes)

    def _follow_sizes(self) -> None:
        self._size_timer = None
        for shell in self._shells.values():
            if shell.held.is_shown:
                shell.follow_view()
        self._watch_sizes()


def _mark_process(pid: int, tag: int, limits: RunLimits) -> None:
    """Tag the shell and set its limits: it has started nothing yet, and all that it starts inherits both."""
    try:
        resource.prlimit(pid, RLIMIT_LOCKS, (tag, resource.prlimit(pid, RLIMIT_LOCKS)[1]))
        for number, soft, hard in limit_values(limits).values():
            resource.prlimit(pid, number, (soft, hard))
    except (ProcessLookupError, PermissionError) as error:
        log.warning("limits of process %d: %s", pid, error)


