"""`engine.session`: shells and interpreters that keep directory, variables and state over calls and clients."""

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any, Unpack

from synk.base.errors import NoSuchTarget, SynkError, UsageError
from synk.base.wire import Message
from synk.engine.active import ActiveRun
from synk.engine.client import EngineClient
from synk.engine.commands import recognise
from synk.engine.environment import Masks
from synk.engine.lines import ExecOptions, Line, LineOptions, ran, streamed
from synk.engine.options import Limits
from synk.engine.repls import Repl, Repls, repl_environment
from synk.engine.requests import encoded_input, folder_of
from synk.engine.results import Event, ExecResult
from synk.engine.secret_notes import masks_of, note_secrets

SHELL_KINDS = ("bash", "zsh", "sh", "fish", "dash", "ksh")
"""Everything else is the language of a REPL."""
START_LIMIT_S = 60.0
CLOSE_LIMIT_S = 15.0


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """One session, as a list shows it."""

    session_id: str
    kind: str
    name: str
    state: str
    """idle, busy or awaiting_input."""
    cwd: str
    pid: int | None
    owner: str
    age_s: float
    run_id: str = ""
    """The command that runs in it."""

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


class Session:
    """A shell that stays; a handle, which may be thrown away and had again by its id."""

    def __init__(self, client: EngineClient, session_id: str, *, kind: str = "", masks: Masks | None = None) -> None:
        self._client = client
        self._number = number_of(session_id)
        self.id = str(self._number)
        """`7`: the number of the session."""
        self.kind = kind
        self._masks = masks or Masks()

    async def __aenter__(self) -> "Session":
        return self

    async def __aexit__(self, *_: object) -> None:
        with contextlib.suppress(SynkError):
            await self.close()

    async def exec(self, input: str, **options: Unpack[ExecOptions]) -> ExecResult:
        """Run a line in the shell as if it were typed at its prompt. Returns when it has ended, waits for input, or after
        `yield_after_s`. Being cancelled interrupts it.

        Raises:
            NoSuchTarget: the session is gone.
            SynkError: it is busy with another command; nothing was sent.
        """
        return await ran(partial(self._begin, input), options)

    async def stream(self, input: str, **options: Unpack[LineOptions]) -> AsyncIterator[Event]:
        """Run a line and hear what it prints; leaving the loop interrupts it."""
        async with aclosing(streamed(partial(self._begin, input), options)) as events:
            async for event in events:
                yield event

    async def input(self, text: str = "", *, eof: bool = False, key: str | None = None) -> Message:
        """Answer the command that runs. Gives a note if nothing was waiting."""
        message: Message = {"session": self._number, "eof": eof}
        if text:
            message["text"] = encoded_input(text)
        if key is not None:
            message["key"] = key
        return await self._client.link.call("shell.input", **message)

    async def interrupt(self) -> None:
        """Ctrl+C for the command that runs; the shell stays."""
        await self._client.link.call("shell.interrupt", session=self._number)

    async def save(self, name: str) -> Message:
        """Keep directory, exports, preload and history under a name, for `open`."""
        return await self._client.link.call("shell.save", session=self._number, name=name)

    async def close(self) -> None:
        """End the shell and everything in it."""
        await self._client.link.call("shell.close", within_s=CLOSE_LIMIT_S, session=self._number)

    async def _begin(self, input: str, line: Line) -> ActiveRun:
        recognised = recognise(input, self._client.classes)
        started, watch = await self._client.link.start(
            "shell.exec",
            session=self._number,
            input=input,
            normal_codes=list(recognised.cls.normal_codes),
            **line.as_message(),
        )
        started = {"kind": "command", "command": input, **started}
        secrets = started.get("secrets") or ()
        note_secrets(str(started["folder"]), secrets)
        masks = self._masks or await self._client.with_secrets(lambda source: masks_of(secrets, source))
        reading = line.reading(masks, recognised)
        self._client.remember(watch.run, reading)
        return ActiveRun(self._client, started, watch, reading)


class Sessions:
    """All shells and interpreters with context."""

    def __init__(self, client: EngineClient, repls: Repls) -> None:
        self._client = client
        self._repls = repls

    async def create(
        self,
        kind: str = "bash",
        *,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        environment: str = "inherit",
        preload: Sequence[str] = (),
        name: str = "",
        limits: Limits | None = None,
    ) -> "Session | Repl":
        """A shell of our own, or for another `kind` a REPL of that language; `preload` are lines it runs first.

        Raises:
            UsageError: unknown kind, a bad variable or limit.
            FolderMissing: the directory.
            PoolExhausted: too many sessions are open.
        """
        client = self._client
        if kind not in SHELL_KINDS:
            return await self._create_repl(kind, cwd=cwd, env=env, preload=preload, name=name, limits=limits)
        folder = folder_of(cwd)
        built = await repl_environment(client, folder, env, environment)
        started = await client.link.call(
            "shell.create",
            within_s=START_LIMIT_S,
            kind=kind,
            cwd=folder,
            environment=built.values,
            secrets=built.masks.names,
            preload=list(preload),
            name=name,
            limits=limits.as_message() if limits else {},
        )
        return Session(client, str(started["session"]), kind=kind, masks=built.masks)

    def get(self, session_id: str) -> "Session | Repl":
        """A handle of one that is open; calls fail if it is not."""
        text = str(session_id)
        return self._repls.get(text) if text[:1] == "k" else Session(self._client, text)

    async def list(self) -> list[SessionInfo]:
        """Open shells, then REPLs."""
        rows = (await self._client.link.call("shell.list"))["sessions"]
        shells = [
            SessionInfo(
                session_id=str(row["session"]),
                kind=str(row.get("kind", "")),
                name=str(row.get("name") or ""),
                state=str(row.get("state", "")),
                cwd=str(row.get("cwd", "")),
                pid=row.get("pid"),
                owner=str(row.get("owner", "")),
                age_s=float(row.get("age_s", 0.0)),
                run_id=str(row.get("run") or ""),
            )
            for row in rows
        ]
        repls = [
            SessionInfo(each.repl_id, each.language, each.name, each.state, "", each.pid, each.owner, each.age_s)
            for each in await self._repls.list()
            if each.state not in ("dead", "failed")
        ]
        return shells + repls

    async def open(self, name: str) -> Session:
        """A new shell with what `save` kept under this name.

        Raises:
            NoSuchTarget: nothing is kept under it.
        """
        started = await self._client.link.call(
            "shell.open", within_s=START_LIMIT_S, name=name, environment=self._client.environment
        )
        return Session(self._client, str(started["session"]), kind=str(started.get("kind", "")))

    async def _create_repl(
        self,
        kind: str,
        *,
        cwd: str | None,
        env: Mapping[str, str] | None,
        preload: Sequence[str],
        name: str,
        limits: Limits | None,
    ) -> Repl:
        repl = await self._repls.start(kind, cwd=cwd, env=env, name=name, limits=limits)
        for line in preload:
            done = await repl.exec(line)
            if not done.ok:
                await repl.stop()
                raise UsageError(f"preload {line!r}: {done.error.message if done.error else done.status}")
        return repl


def number_of(session_id: str) -> int:
    """7 of `7`, `s7` or `session:7`.

    Raises:
        NoSuchTarget: it is no id of a session.
    """
    digits = str(session_id).removeprefix("session:").removeprefix("s")
    if not digits.isascii() or not digits.isdigit():
        raise NoSuchTarget(f"No session {session_id}: an id is a number")
    return int(digits)
