"""The engine's Python API: run commands, keep interpreters and shells, batch and analyze; 07-automation.md, section 11.

Everything goes through the profile's host, which is started if there is none; every call may be made from one loop.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synk.base.errors import HostEnding
from synk.base.paths import find_directories, resource_directory
from synk.base.version import synk_version
from synk.base.wire import Message
from synk.engine.analyze import ReturnFormat, analyze
from synk.engine.batch import run_batch
from synk.engine.client import EngineClient
from synk.engine.following import followed
from synk.engine.languages import Languages, load_languages
from synk.engine.link import Link
from synk.engine.opening import (
    ENDING_LIMIT_S,
    ENDING_POLL_S,
    LazySecrets,
    automation_settings,
    full_address,
    profile_folder,
)
from synk.engine.options import Job
from synk.engine.repls import Pool, Repls
from synk.engine.requests import request_of
from synk.engine.results import AnalysisResult, BatchResult, Event, ExecResult
from synk.engine.runs import Runs
from synk.engine.sessions import Session, Sessions
from synk.engine.shipped import shipped_classes

if TYPE_CHECKING:
    from synk.engine.sync import SyncEngine


class Engine:
    """A connection to the host with everything that can be asked of it. Made by `Engine.open` or `Engine.sync`."""

    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self.runs = Runs(client)
        """Commands, cells and jobs by id."""
        self.repl = Repls(client)
        """Interpreters that keep their state."""
        self.session = Sessions(client, self.repl)
        """Shells that keep directory and variables."""
        self.pool = Pool(client)
        """Interpreters that wait warm."""

    @property
    def may_run(self) -> bool:
        """The host lets this client run programs: all but an agent in a pane without the user's permission."""
        return bool(self._client.link.welcome.get("may_run", True))

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls, *, profile: str | None = None, kind: str = "cli", environment: Mapping[str, str] | None = None
    ) -> AsyncIterator["Engine"]:
        """Connect, starting the host if there is none; what was started with `on_disconnect="stop"` ends at the end.

        `profile`: the folder of another profile. `environment`: of the caller, by default this process's.

        Raises:
            HostUnavailable: no host could be started; names the place of its log.
        """
        address = await asyncio.to_thread(full_address, profile, synk_version())
        link = Link(address, kind=kind, settings=lambda: automation_settings(profile))
        try:
            await _open(link)
            yield cls(
                EngineClient(
                    link,
                    environment=os.environ if environment is None else environment,
                    classes=shipped_classes(resource_directory(), Path(address.state)),
                    languages=await asyncio.to_thread(_languages, profile),
                    secrets=LazySecrets(profile),
                    state=Path(address.state),
                )
            )
        finally:
            await link.close()

    @classmethod
    def sync(cls, *, profile: str | None = None, environment: Mapping[str, str] | None = None) -> "SyncEngine":
        """The same calls, blocking; a context manager that owns one thread."""
        # Through the package: that class is made of this one.
        made: SyncEngine = import_module("synk.engine").SyncEngine(profile=profile, environment=environment)
        return made

    async def exec(
        self,
        command: str | Sequence[str],
        *,
        on_event: Callable[[Event], object] | None = None,
        yield_after_s: float | None = None,
        background: bool = False,
        **options: Any,
    ) -> ExecResult:
        """Run a command: a line for the shell, or a program and its arguments as a list.

        Returns when it is over; earlier if it waits for an answer (`awaiting_input`), if its server listens (`ready`), or
        after `yield_after_s` (`running`): the run then goes on, and `runs.wait` waits on. `background` returns at once, and
        the run outlives this connection. A command that fails is a result. Being cancelled ends its process tree.

        `on_event` is called for each event; if it gives an awaitable, that is awaited. Other options: the fields of
        `requests.RunRequest` (cwd, env, environment, shell, tty, stdin, timeout_s, limits, parse_as, ...).

        Raises:
            UsageError: the command, an option or a format cannot be understood; nothing was started.
            NotAllowed: the caller may not, or too much runs at once.
            HostUnavailable: there is no host and none could be started.
        """
        if background:
            options.setdefault("on_disconnect", "keep")
            yield_after_s = 0.0
        request = request_of(command, options)
        if yield_after_s is None and request.on_timeout == "background":
            # At the limit the run goes on and the call does not.
            yield_after_s = request.timeout_s
        active = await self._client.begin(request)
        return await followed(active, on_event=on_event, yield_after_s=yield_after_s)

    async def stream(self, command: str | Sequence[str], **options: Any) -> AsyncIterator[Event]:
        """Run a command and hear what happens; the exit comes last. Leaving the loop ends its process tree.

        Options as of `exec`.

        Raises:
            As `exec`.
        """
        active = await self._client.begin(request_of(command, options))
        try:
            async for event in active.events():
                yield event
        finally:
            active.stop_soon()
            active.close()

    async def input(self, target: str, text: str = "", *, eof: bool = False, key: str | None = None) -> Message:
        """Answer a run (`r12`), REPL (`k4`) or session (`7`). Gives a note if nothing was waiting.

        Raises:
            NoSuchTarget: no such thing, or it is over.
        """
        if target[:1] == "r":
            return await self.runs.input(target, text, eof=eof, key=key)
        if target[:1] == "k":
            return await self.repl.get(target).input(text, eof=eof)
        return await Session(self._client, target).input(text, eof=eof, key=key)

    async def batch(
        self,
        jobs: Sequence[Job | Mapping[str, Any] | str],
        *,
        max_parallel: int | None = None,
        fail_fast: bool = False,
        retries: int = 0,
        on_event: Callable[[Any], object] | None = None,
    ) -> BatchResult:
        """Run jobs side by side, each after those it depends on; `max_parallel` by default as many as there are cores.

        Being cancelled ends all of them.

        Raises:
            UsageError: a job that cannot be understood, a dependency that is not there, a cycle; nothing was started.
        """
        return await run_batch(
            self._client, jobs, max_parallel=max_parallel, fail_fast=fail_fast, retries=retries, on_event=on_event
        )

    async def analyze(
        self,
        language: str,
        load: str,
        operations: Sequence[str],
        *,
        return_format: ReturnFormat = "json",
        interpreter: str = "",
        max_rows: int = 50,
        images: bool | str = True,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> AnalysisResult:
        """Load a file or the value of an expression once, as `df`, and do each operation by itself.

        An operation is code, or one of `@profile`, `@head N`, `@tail N`, `@sample N`, `@counts COL`, `@groupby COL AGG`,
        `@corr`, `@resample COL RULE`. `images`: True keeps pictures in the folder of the run, a path puts them there, False
        draws none. With `return_format="markdown"` there is no `data`, only each operation's `markdown` and that of the whole.
        `interpreter`: the path of another than the project's.

        Raises:
            UsageError: an unknown `@name`, or a language that cannot analyze; nothing was started.
        """
        return await analyze(
            self.repl, language, load, operations, return_format=return_format, interpreter=interpreter, max_rows=max_rows,
            images=images, cwd=cwd, env=env, timeout_s=timeout_s,
        )  # fmt: skip

    async def status(self) -> Message:
        """Counts of the host: memory, clients, runs, REPLs."""
        return await self._client.link.call("host.status")


def _languages(profile: str | None) -> Languages:
    """Those that come with Synk, and those the user declared in the profile's configuration."""
    own = find_directories(profile_folder(profile)).config / "languages"
    return load_languages(resource_directory() / "languages", own)


async def _open(link: Link) -> None:
    """Connect; waits for a host that is just ending the programs of a window."""
    deadline = asyncio.get_running_loop().time() + ENDING_LIMIT_S
    while True:
        try:
            await link.open()
            return
        except HostEnding:
            if asyncio.get_running_loop().time() >= deadline:
                raise
            await asyncio.sleep(ENDING_POLL_S)

