"""The verbs `repl.*`: interpreters that keep their state, cells, and how many wait warm."""

import asyncio
import functools
import logging
import os
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from synk.base.errors import NoSuchTarget, SynkError, UsageError
from synk.base.wire import Message
from synk.host.connection import Connection
from synk.host.repls.cell import Cell
from synk.host.repls.pooling import KernelPool
from synk.host.repls.recipes import Recipe, recipe_for
from synk.host.repls.repl import Repl
from synk.host.repls.specs import LanguageSpec, SpecError, read_specs, spec_from
from synk.host.repls.wishes import memory_of, options_of, seconds_of, sizes_of
from synk.host.runs.cgroups import ControlGroups
from synk.host.runs.registry import RunRegistry
from synk.host.runs.run import Change, Run
from synk.host.service import HostParts, Verb

log = logging.getLogger(__name__)

WATCH_S = 1.0
"""Between two looks at REPLs that are busy."""
HEALTH_S = 30.0
"""Between two health checks of those that are idle."""
LEAST_TICK_S = 0.05
IDLE_TIMEOUT_S = 300.0
AGE_S = 1800.0
"""Of a REPL in use: it only gets a warning, unless `keep_alive` is false."""
COMING_BACK = ("starting", "restarting", "ending")
RESTART_WAIT_S = 6.0
"""A cell waits so long for a REPL that is being started again: longer than all restarts but the last, which it is told of."""
RESTART_LOOK_S = 0.01
COMMAND_CHARS = 2_000
"""Of a cell's code in its record, which is for people to read."""
DEAD_KEPT = 50
"""REPLs that have ended and can still be asked why."""


class Repls:
    """The service; everything on the main loop."""

    def __init__(
        self,
        parts: HostParts,
        registry: RunRegistry,
        *,
        groups: ControlGroups,
        watch: Callable[[Connection, Run, float], None],
        on_notice: Callable[[str], None],
    ) -> None:
        """`watch(connection, run, every_ms)`: sends the run's events to a client, as `run.watch` does.

        `on_notice` gets what the user should know although nobody asked: a REPL long unused, a module that does not load.
        """
        self._parts = parts
        self._loop = parts.loop
        self._registry = registry
        self._watch = watch
        self._on_notice = on_notice
        self._pool = KernelPool(parts, groups=groups, on_notice=on_notice)
        self._repls: dict[str, Repl] = {}
        self._starting: set[Repl] = set()
        self._users: dict[Repl, Connection] = {}
        """The client that started or used a REPL last, as long as it is connected."""
        self._clients: dict[Repl, Connection] = {}
        """REPLs that end with the client that started them."""
        self._specs: dict[str, LanguageSpec] = {}
        """Of the files in resources/languages, read when first needed."""
        self._settings: Mapping[str, Any] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._health_at = 0.0
        self.verbs: Mapping[str, Verb] = {
            "repl.start": self._start,
            "repl.exec": self._exec,
            "repl.complete": self._complete,
            "repl.input": self._input,
            "repl.interrupt": self._interrupt,
            "repl.stop": self._stop,
            "repl.reset": self._reset,
            "repl.list": self._list,
            "repl.pool": self._pool_verb,
        }

    @property
    def is_busy(self) -> bool:
        """True while a REPL belongs to somebody."""
        return bool(self._starting) or any(repl.is_alive for repl in self._repls.values())

    def configure(self, automation: Mapping[str, Any]) -> None:
        """`languages` and `warm_at_start`; sizes hold from the first use of a language on."""
        languages = automation.get("languages")
        if isinstance(languages, Mapping):
            self._settings = dict(languages)
            self._pool.sizes = {name: sizes_of(name, sizes) for name, sizes in languages.items()}
        if automation.get("warm_at_start"):
            for name, sizes in self._settings.items():
                try:
                    self._configure_pool(name, sizes, dict(os.environ), os.path.expanduser("~"))
                except SynkError as error:
                    log.warning("%s is not kept warm: %s", name, error.message)

    def client_closed(self, connection: Connection) -> None:
        """REPLs outlive the clients that started them, found again by their id, unless that client wants it otherwise."""
        for repl in [repl for repl, client in self._clients.items() if client is connection]:
            del self._clients[repl]
            if repl.is_alive:
                repl.end("its client has gone")
        self._users = {repl: client for repl, client in self._users.items() if client is not connection}

    def end_all(self, on_ended: Callable[[], None], *, except_for: Collection[Connection]) -> None:
        """Quit: all REPLs end but those that these clients started or used last; who waits for a cell hears how it ended."""
        alive = [repl for repl in (*self._repls.values(), *self._starting) if repl.is_alive]
        ending = [repl for repl in alive if self._users.get(repl) not in except_for]
        if len(ending) < len(alive):
            _end_some(ending, on_ended)
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for repl in ending:
            repl.end("the host ends")
        self._pool.close(on_ended)

    def sessions_of(self, _clients: Collection[Connection]) -> Collection[int]:
        """REPLs are no sessions of the pool of shells."""
        return ()

    def owner_ended(self, owner: str) -> None:
        """The REPLs of an agent end with its session."""
        for repl in [*self._repls.values(), *self._starting]:
            if repl.owner == owner and repl.is_alive:
                repl.end("its owner has ended")

    def status(self) -> Message:
        """Counts for `synk host status` and `synk pool stats`."""
        stats = self._pool.stats()
        return {
            "repls": sum(1 for repl in self._repls.values() if repl.is_alive),
            "repls_idle": stats["idle"],
            "repls_warming": stats["warming"],
            "zygotes": stats["zygotes"],
        }

    def _start(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> None:
        self._parts.authority.authorize(connection.owner, "repl.start")
        begun = time.perf_counter()
        repl = self._new(connection, message)
        if message.get("on_disconnect") == "stop":
            self._clients[repl] = connection

        def ready(error: SynkError | None) -> None:
            if error is not None:
                self._clients.pop(repl, None)
                connection.fail(message, error)
                return
            ms = round((time.perf_counter() - begun) * 1000, 3)
            told = {"is_warm": repl.is_warm, "start_ms": ms, "notes": repl.take_notes()}
            connection.reply(message, {**self._named(repl), **told})

        self._start_repl(repl, ready)

    def _exec(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> None:
        if message.get("repl"):
            repl = self._get(connection, message, "repl.exec")
            self._run_when_started(connection, message, repl, self._loop.time() + RESTART_WAIT_S)
            return
        self._parts.authority.authorize(connection.owner, "repl.exec")
        name = str(message.get("name") or "")
        known = None if message.get("once") else self._default_of(connection.owner, str(message.get("language")), name)
        if known is not None:
            self._run_when_started(connection, message, known, self._loop.time() + RESTART_WAIT_S)
            return
        repl = self._new(connection, message)

        def ready(error: SynkError | None) -> None:
            if error is not None:
                connection.fail(message, error)
                return
            try:
                self._run_cell(connection, message, repl, is_last=bool(message.get("once")))
            except SynkError as problem:
                connection.fail(message, problem)

        self._start_repl(repl, ready)

    def _input(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        repl = self._get(connection, message, "repl.input")
        note = repl.send_input(str(message.get("text", "")).encode(errors="surrogateescape"), eof=bool(message.get("eof")))
        return {"note": note}

    def _complete(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> None:
        repl = self._get(connection, message, "repl.complete")
        repl.complete(str(message.get("text") or ""), lambda names: connection.reply(message, {"names": names}))

    def _interrupt(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        return {"is_interrupted": self._get(connection, message, "repl.interrupt").interrupt()}

    def _stop(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> None:
        repl = self._get(connection, message, "repl.stop")
        if not repl.is_alive:
            self._forget(repl)
            connection.reply(message, {"repl": repl.id})
            return

        def stopped() -> None:
            self._forget(repl)
            connection.reply(message, {"repl": repl.id})

        repl.on_stopped.append(stopped)
        repl.end("stopped")

    def _reset(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> None:
        repl = self._get(connection, message, "repl.reset")

        def ready(error: SynkError | None) -> None:
            if error is not None:
                connection.fail(message, error)
            else:
                connection.reply(message, self._named(repl))

        repl.reset(ready)

    def _list(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        """REPLs that belong to somebody, oldest first; with `all` also kernels that wait warm, which have no id."""
        now = time.monotonic()
        rows = [repl.describe(now) for repl in self._repls.values() if connection.owner in ("user", repl.owner)]
        return {"repls": rows, "warm": self._pool.members() if message.get("all") else []}

    def _pool_verb(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        action = str(message.get("action", "stats"))
        config = message.get("config") or {}
        if action not in ("init", "stats", "scale", "drain", "recycle"):
            raise UsageError(f"Unknown action {action!r} of the pool: init, stats, scale, drain or recycle.")
        if action != "stats":
            self._parts.authority.authorize(connection.owner, f"repl.pool {action}")
        environment = dict(message.get("environment") or connection.environment)
        if action in ("init", "scale"):
            for name, sizes in config.items():
                self._configure_pool(name, sizes, environment, str(message.get("cwd") or "/"))
        elif action in ("drain", "recycle"):
            names = [self._spec(name, sizes).name for name, sizes in config.items()]
            keys = [key for name in names for key in self._pool.keys_of(name)] if names else None
            self._pool.drain(keys, is_refilled=action == "recycle")
        return self._pool.stats()

    def _configure_pool(self, name: str, sizes: Mapping[str, Any], environment: dict[str, str], cwd: str) -> None:
        spec = self._spec(name, sizes)
        count, most = sizes_of(name, sizes)
        recipe = recipe_for(
            spec,
            interpreter=str(sizes.get("interpreter") or ""),
            preload=sizes.get("preload"),
            environment=environment,
            cwd=cwd,
        )
        self._settings = {**self._settings, spec.name: dict(sizes)}
        self._pool.sizes[spec.name] = (count, most)
        self._pool.configure(recipe, count=count, most=most)

    def _new(self, connection: Connection, message: Message) -> Repl:
        recipe = self._recipe(connection, message)
        options = options_of(message, memory_bytes=memory_of(self._settings.get(recipe.spec.name) or {}))
        repl = Repl(
            self._loop,
            self._pool,
            recipe,
            options,
            owner=connection.owner,
            authority=self._parts.authority,
            on_changed=self._changed,
        )
        self._users[repl] = connection
        return repl

    def _recipe(self, connection: Connection, message: Message) -> Recipe:
        spec = self._spec(str(message.get("language") or ""), message)
        settings = self._settings.get(spec.name) or {}
        preload = message.get("preload")
        cwd = str(message.get("cwd") or "/")
        if not os.path.isdir(cwd):
            raise UsageError(f"Cannot enter {cwd}: no such folder.")
        return recipe_for(
            spec,
            interpreter=str(message.get("interpreter") or ""),
            preload=settings.get("preload") if preload is None else preload,
            environment=dict(message.get("environment") or connection.environment),
            cwd=cwd,
        )

    def _start_repl(self, repl: Repl, ready: Callable[[SynkError | None], None]) -> None:
        self._starting.add(repl)

        def started(error: SynkError | None) -> None:
            self._starting.discard(repl)
            if error is None:
                self._repls[repl.id] = repl
                self._forget_dead()
            ready(error)

        repl.start(started)

    def _run_when_started(self, connection: Connection, message: Message, repl: Repl, until: float) -> None:
        """A REPL that is just being started again takes the cell when it is there: nobody has to ask twice."""
        now = self._loop.time()
        if repl.state not in COMING_BACK or now + repl.restart_in_s() >= until:
            self._run_cell(connection, message, repl)
            return

        def look_again() -> None:
            if connection.is_closed:
                return
            try:
                self._run_when_started(connection, message, repl, until)
            except SynkError as error:
                connection.fail(message, error)

        self._loop.call_later(RESTART_LOOK_S, look_again)

    def _run_cell(self, connection: Connection, message: Message, repl: Repl, *, is_last: bool = False) -> None:
        """Start the cell; answers at once, or with the record if it ends within `wait_s`."""
        code = message.get("code")
        if not isinstance(code, str):
            raise UsageError("repl.exec needs code.")
        repl.check_free()
        self._users[repl] = connection
        run = self._registry.create(
            kind="cell",
            command=code if len(code) <= COMMAND_CHARS else code[:COMMAND_CHARS] + "...",
            owner=repl.owner,
            cwd=repl.recipe.cwd,
            class_name=repl.recipe.spec.name,
        )
        cell = Cell(
            run,
            code,
            wants=str(message.get("want") or "text"),
            max_rows=max(0, int(message.get("max_rows") or 200)),
            timeout_s=seconds_of(message, "timeout_s"),
            on_timeout=str(message.get("on_timeout") or "stop"),
            on_over=functools.partial(repl.end, "done") if is_last else None,
        )
        wait_s = seconds_of(message, "wait_s")
        if wait_s:
            _Wait(self._loop, connection, message, run, wait_s)
        else:
            told = {"run": run.id, "repl": repl.id, "folder": run.folder, "status": "running"}
            connection.reply_soon(message, {**told, "secrets": repl.options.secrets})
        if message.get("watch"):
            self._watch(connection, run, float(message.get("every_ms") or 16))
        repl.run(cell)

    def _get(self, connection: Connection, message: Message, verb: str) -> Repl:
        name = str(message.get("repl") or "")
        repl = self._repls.get(name)
        if repl is None:
            there = ", ".join(each.id for each in self._repls.values() if each.is_alive) or "none"
            raise NoSuchTarget(f"No REPL {name}; there is {there}")
        self._parts.authority.authorize(connection.owner, verb, repl.owner)
        return repl

    def _default_of(self, owner: str, language: str, name: str) -> Repl | None:
        """The REPL that `exec LANGUAGE` of this owner goes on with: the newest of that language and name."""
        for repl in reversed(tuple(self._repls.values())):
            names = (repl.recipe.spec.name, *repl.recipe.spec.aliases)
            if repl.is_alive and repl.owner == owner and language in names and repl.options.name == name:
                return repl
        return None

    def _spec(self, name: str, message: Mapping[str, Any]) -> LanguageSpec:
        """From the request, else from our own files."""
        given = message.get("spec")
        if given:
            try:
                return spec_from(given)
            except SpecError as error:
                raise UsageError(f"Language {name}: {error}") from error
        if not self._specs:
            self._specs = read_specs(os.path.join(self._parts.resources, "languages"))
        for spec in self._specs.values():
            if name == spec.name or name in spec.aliases:
                return spec
        known = ", ".join(sorted(self._specs))
        raise UsageError(f"Unknown language {name!r}. Known are {known}; declare others in languages/{name or 'NAME'}.toml.")

    def _named(self, repl: Repl) -> Message:
        return {
            "repl": repl.id,
            "pid": repl.kernel.pid if repl.kernel is not None else None,
            "language": repl.recipe.spec.name,
            "interpreter": repl.recipe.program,
        }

    def _changed(self, repl: Repl) -> None:
        if not repl.is_alive:
            self._users.pop(repl, None)
            return
        is_first = self._timer is None
        self._tick_within(WATCH_S if is_first or repl.cell is not None else _left_s(repl, time.monotonic()))

    def _tick_within(self, seconds: float) -> None:
        if self._timer is not None:
            if self._timer.when() <= self._loop.time() + seconds:
                return
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._tick)

    def _tick(self) -> None:
        """Every second while a REPL is busy, else twice a minute and when one has its time; not at all without REPLs."""
        self._timer = None
        now = time.monotonic()
        alive = [repl for repl in self._repls.values() if repl.is_alive]
        busy = [repl for repl in alive if repl.cell is not None]
        for repl in busy:
            repl.watch_over()
        if now >= self._health_at:
            self._health_at = now + HEALTH_S
            self._pool.ping(lambda kernel: self._pool.kill(kernel, "did not answer"))
            for repl in alive:
                repl.check_health()
        for repl in alive:
            self._grow_old(repl, now)
        if alive:
            self._tick_within(WATCH_S if busy else min(_left_s(repl, now) for repl in alive))

    def _grow_old(self, repl: Repl, now: float) -> None:
        """`keep_alive=false` ends it; else its owner's clients see a warning once."""
        if repl.cell is not None:
            return
        limit_s = _idle_limit_s(repl)
        text = ""
        if now - repl.used_at >= limit_s:
            text = f"unused for {limit_s:g} s"
        elif now - repl.created_at >= AGE_S:
            text = f"open for {AGE_S / 60:g} minutes"
        if not text:
            return
        if not repl.options.keep_alive:
            repl.end(text)
        elif not repl.is_warned:
            repl.is_warned = True
            name = f"REPL {repl.id} ({repl.recipe.spec.name}) of {repl.owner}"
            self._on_notice(f"{name} is {text}; it goes on until it is stopped.")

    def _forget_dead(self) -> None:
        dead = [repl for repl in self._repls.values() if not repl.is_alive]
        for repl in dead[:-DEAD_KEPT]:
            self._forget(repl)

    def _forget(self, repl: Repl) -> None:
        self._repls.pop(repl.id, None)
        self._clients.pop(repl, None)


def _idle_limit_s(repl: Repl) -> float:
    return repl.options.idle_timeout_s or IDLE_TIMEOUT_S


def _left_s(repl: Repl, now: float) -> float:
    """Until it has to be looked at again; soon if its idle time ends before the next look at all."""
    left_s = repl.used_at + _idle_limit_s(repl) - now
    return min(HEALTH_S, max(LEAST_TICK_S, left_s)) if repl.is_alive and not repl.options.keep_alive else HEALTH_S


def _end_some(repls: Collection[Repl], on_ended: Callable[[], None]) -> None:
    waiting = set(repls)
    if not waiting:
        on_ended()

    def stopped(repl: Repl) -> None:
        waiting.discard(repl)
        if not waiting:
            on_ended()

    for repl in repls:
        repl.on_stopped.append(functools.partial(stopped, repl))
        repl.end("the window was quit")


class _Wait:
    """Answers `repl.exec` with the record when the cell has ended, waits for input, or after `wait_s`."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, connection: Connection, message: Message, run: Run, wait_s: float
    ) -> None:
        self._connection = connection
        self._message = message
        self._run = run
        self._unwatch = run.watch(self._changed)
        run.add_watcher()
        self._timer = loop.call_later(wait_s, self._answer)

    def _changed(self, run: Run, change: Change) -> None:
        if change == "exit" or (change == "state" and run.waiting is not None):
            self._answer()

    def _answer(self) -> None:
        self._timer.cancel()
        self._unwatch()
        self._run.drop_watcher()
        self._connection.reply(self._message, self._run.record())
