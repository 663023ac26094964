"""`engine.repl`: interpreters that keep their state between calls; `engine.pool`: how many wait warm."""

import contextlib
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any, Unpack

from synk.base.errors import NoSuchTarget, SynkError
from synk.base.wire import Message
from synk.engine.active import ActiveRun
from synk.engine.client import EngineClient
from synk.engine.environment import Environment, Masks, build_environment
from synk.engine.lines import ExecOptions, Line, LineOptions, ran, streamed
from synk.engine.options import Limits, OnDisconnect, PoolConfig, Timeouts
from synk.engine.projects import Project
from synk.engine.requests import folder_of
from synk.engine.results import Event, ExecResult
from synk.engine.secret_notes import masks_of, note_secrets

START_LIMIT_S = 60.0
"""A preload of heavy modules on a busy machine; a REPL from the pool is there in a millisecond."""
STOP_LIMIT_S = 15.0


@dataclass(frozen=True, slots=True)
class ReplInfo:
    """One interpreter, as a list shows it."""

    repl_id: str
    language: str
    name: str
    state: str
    """idle, busy, awaiting_input, starting, dead or failed."""
    pid: int | None
    owner: str
    age_s: float
    memory_bytes: int
    cells: int
    interpreter: str = ""

    @classmethod
    def of(cls, row: Message) -> "ReplInfo":
        """From the host's list."""
        return cls(
            repl_id=str(row["repl"]),
            language=str(row.get("language", "")),
            name=str(row.get("name") or ""),
            state=str(row.get("state", "")),
            pid=row.get("pid"),
            owner=str(row.get("owner", "")),
            age_s=float(row.get("age_s", 0.0)),
            memory_bytes=int(row.get("memory_bytes") or 0),
            cells=int(row.get("cells") or 0),
            interpreter=str(row.get("interpreter") or ""),
        )

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


class Repl:
    """One interpreter; a handle, which may be thrown away and had again by its id."""

    def __init__(self, client: EngineClient, repl_id: str, *, language: str = "", started: Message | None = None) -> None:
        self._client = client
        self.id = repl_id
        """`k4`."""
        self.language = language
        started = started or {}
        self.pid: int | None = started.get("pid")
        self.is_warm = bool(started.get("is_warm"))
        """It came from the pool."""
        self.start_ms = float(started.get("start_ms") or 0.0)
        self.notes: tuple[str, ...] = tuple(started.get("notes") or ())
        """Modules that could not be preloaded, with the reason."""
        self._masks: Masks = started.get("masks") or Masks()

    def as_dict(self) -> dict[str, Any]:
        """How it was started, as JSON types."""
        names = ("repl_id", "language", "pid", "is_warm", "start_ms", "notes")
        return dict(zip(names, (self.id, self.language, self.pid, self.is_warm, self.start_ms, list(self.notes)), strict=True))

    async def __aenter__(self) -> "Repl":
        return self

    async def __aexit__(self, *_: object) -> None:
        with contextlib.suppress(SynkError):
            await self.stop()

    async def exec(self, code: str, *, reset: bool = False, **options: Unpack[ExecOptions]) -> ExecResult:
        """Run a cell. Returns when it has ended, waits for input, or after `yield_after_s`, and goes on then.

        `parse_as="python"` gives the value of its last expression in `parsed`. `reset` starts with a new interpreter. Being
        cancelled interrupts it.

        Raises:
            NoSuchTarget: the REPL is gone.
            UsageError: unknown format.
        """
        return await ran(partial(self._begin, code, reset), options)

    async def stream(self, code: str, *, reset: bool = False, **options: Unpack[LineOptions]) -> AsyncIterator[Event]:
        """Run a cell and hear what it prints; leaving the loop interrupts it."""
        async with aclosing(streamed(partial(self._begin, code, reset), options)) as events:
            async for event in events:
                yield event

    async def input(self, text: str = "", *, eof: bool = False) -> Message:
        """Answer `input()` of the cell that runs. Gives a note if nothing was waiting."""
        return await self._client.link.call("repl.input", repl=self.id, text=text, eof=eof)

    async def interrupt(self) -> None:
        """KeyboardInterrupt, or what the language has in its place; nothing happens to an idle one."""
        await self._client.link.call("repl.interrupt", repl=self.id)

    async def reset(self) -> None:
        """A new interpreter of the same kind under the same id."""
        await self._client.link.call("repl.reset", within_s=START_LIMIT_S, repl=self.id)

    async def stop(self) -> None:
        """End it."""
        await self._client.link.call("repl.stop", within_s=STOP_LIMIT_S, repl=self.id)

    async def _begin(self, code: str, reset: bool, line: Line) -> ActiveRun:
        if reset:
            await self.reset()
        started, watch = await self._client.link.start(
            "repl.exec",
            repl=self.id,
            code=code,
            want="value" if line.parse_as in ("python", "auto") else "text",
            max_rows=line.max_rows,
            **line.as_message(),
        )
        secrets = started.get("secrets") or ()
        note_secrets(str(started["folder"]), secrets)
        reading = line.reading(self._masks or await self._client.with_secrets(lambda source: masks_of(secrets, source)))
        self._client.remember(watch.run, reading)
        return ActiveRun(self._client, {**started, "kind": "cell", "command": code}, watch, reading)


class Repls:
    """All interpreters of the profile's host."""

    def __init__(self, client: EngineClient) -> None:
        self._client = client

    async def start(
        self,
        language: str,
        *,
        name: str = "",
        interpreter: str = "",
        preload: Sequence[str] | None = None,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        environment: str = "inherit",
        limits: Limits | None = None,
        timeouts: Timeouts | None = None,
        auto_restart: bool = False,
        keep_alive: bool = True,
        health_check: str | None = None,
        on_disconnect: OnDisconnect = "keep",
    ) -> Repl:
        """An interpreter of our own, from the pool if a fitting one is warm.

        `health_check` is code that is run now and then while it is idle; if it fails, the interpreter counts as dead. With
        `on_disconnect="stop"` it ends with this engine, even if nobody can stop it any more.

        Raises:
            UsageError: unknown language (names the known ones), a bad variable or limit.
            SpawnFailed: no such interpreter.
            NotAllowed: the caller may not, or too many run.
        """
        client, timeouts = self._client, timeouts or Timeouts()
        folder = folder_of(cwd)
        built = await repl_environment(client, folder, env, environment)
        message: Message = {
            **client.languages.request(language, interpreter=interpreter, environment=built.values, cwd=folder),
            "name": name,
            "preload": None if preload is None else list(preload),
            "environment": built.values,
            "secrets": built.masks.names,
            "cwd": folder,
            "limits": limits.as_message() if limits else {},
            "auto_restart": auto_restart,
            "keep_alive": keep_alive,
            "health_check": health_check,
            "on_disconnect": on_disconnect,
            "idle_timeout_s": timeouts.idle,
            "command_timeout_s": timeouts.command,
        }
        started = await client.link.call("repl.start", within_s=START_LIMIT_S, **message)
        return Repl(client, str(started["repl"]), language=language, started={**started, "masks": built.masks})

    def get(self, repl_id: str) -> Repl:
        """A handle of one that runs; calls fail if it does not."""
        return Repl(self._client, repl_id)

    async def list(self) -> list[ReplInfo]:
        """All that belong to somebody, oldest first; those that only wait warm are in `pool.stats`."""
        return [ReplInfo.of(row) for row in (await self._client.link.call("repl.list"))["repls"]]

    async def find(self, repl: str) -> ReplInfo:
        """By id or name.

        Raises:
            NoSuchTarget: with the ones there are.
        """
        return find_repl(await self.list(), repl)

    async def use(self, wanted: str) -> Repl:
        """One by id or name; for a language the newest of it that is idle, else a new one.

        Raises:
            NoSuchTarget: it looks like an id, and there is none.
            UsageError: neither an id, nor a name, nor a known language.
        """
        known = await self.list()
        for each in reversed(known):
            if wanted in (each.repl_id, each.name) or (each.language == wanted and not each.name and each.state == "idle"):
                return Repl(self._client, each.repl_id, language=each.language)
        if wanted[:1] == "k" and wanted[1:].isdigit():
            raise NoSuchTarget(f"No REPL {wanted}; there is {there(known)}")
        return await self.start(wanted)

    async def stop(self, repl: str) -> None:
        """End one, by id.

        Raises:
            NoSuchTarget: no such REPL.
        """
        await self.get(repl).stop()


class Pool:
    """The warm interpreters."""

    def __init__(self, client: EngineClient) -> None:
        self._client = client

    async def init(self, config: Mapping[str, PoolConfig | Mapping[str, Any]]) -> Message:
        """Keep so many warm of each language; returns the stats.

        Raises:
            UsageError: unknown language or a number out of bounds.
        """
        return await self._ask("init", config)

    async def stats(self) -> Message:
        """Counts by language: idle, warming, active, claims, hits, and times."""
        return await self._ask("stats", {})

    async def scale(self, language: str, count: int) -> Message:
        """Change how many of a language wait warm; returns the stats."""
        return await self._ask("scale", {language: PoolConfig(count=count, max=max(count, PoolConfig().max))})

    async def drain(self, language: str | None = None) -> Message:
        """End what waits warm, and warm no more until the next `init` or `scale`; REPLs in use go on."""
        return await self._ask("drain", {language: {}} if language else {})

    async def recycle(self, language: str | None = None) -> Message:
        """End what waits warm and warm anew: packages were installed, for example."""
        return await self._ask("recycle", {language: {}} if language else {})

    async def _ask(self, action: str, config: Mapping[str, PoolConfig | Mapping[str, Any]]) -> Message:
        # `drain` and `recycle` name languages only.
        sizes = {name: PoolConfig.of(each).as_message() if each else {} for name, each in config.items()}
        home = os.path.expanduser("~")
        for name, size in sizes.items():
            size["spec"] = self._client.languages.find(name).as_message()
        return await self._client.link.call(
            "repl.pool",
            within_s=START_LIMIT_S,
            action=action,
            config=sizes,
            # The same as for those that will claim them: variables that are read at import are part of a warm one's key.
            environment=(await repl_environment(self._client, home, None, "inherit")).values,
            cwd=home,
        )


async def repl_environment(client: EngineClient, folder: str, env: Mapping[str, str] | None, environment: str) -> Environment:
    """The variables of an interpreter that starts in this folder.

    Raises:
        UsageError: a bad variable, or a secret that is not there.
    """
    project = Project.around(folder).variables
    built = await client.with_secrets(
        lambda secrets: build_environment(
            client.environment,
            mode="clean" if environment == "clean" else "inherit",
            is_interactive=False,
            class_variables={},
            project=project,
            caller=env,
            secrets=secrets,
        )
    )
    return Environment({**built.values, "PWD": folder}, built.masks)


def find_repl(known: Sequence[ReplInfo], wanted: str) -> ReplInfo:
    """By id or name.

    Raises:
        NoSuchTarget: with the ones there are.
    """
    for each in known:
        if wanted in (each.repl_id, each.name):
            return each
    raise NoSuchTarget(f"No REPL {wanted}; there is {there(known)}")


def there(known: Sequence[ReplInfo]) -> str:
    """The ones there are, for a message."""
    return ", ".join(f"{each.repl_id}{f' ({each.name})' if each.name else ''}" for each in known) or "none"
