"""The efs_* tools: the engine for MCP clients, one method each (07-automation.md, section 13).

No call blocks longer than `yield_after_s`: clients cut off at 60 s, and many show no progress. What is not over then goes
on, and the answer says how to follow it. A command that fails is a successful call; an error is misuse, or a fault of Synk.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from mcp.server.context import ServerRequestContext
from mcp_types import CallToolResult, ToolAnnotations
from pydantic import Field

from synk.base.errors import NoSuchTarget, UsageError
from synk.engine.api import Engine
from synk.engine.options import Job, Limits, PoolConfig, Timeouts
from synk.engine.repls import Repl
from synk.engine.results import Event
from synk.engine.sessions import Session
from synk.mcp import descriptions, replies
from synk.mcp.arguments import Arguments
from synk.mcp.progress import LEAST_INTERVAL_MS, ProgressReporter
from synk.mcp.untrusted import fenced

YIELD_S, LONGEST_YIELD_S = 20.0, 45.0
MAX_CHARS = 8000
RUNS_LISTED = 50
"""The newest; more would fill a model's context for nothing."""

Ctx = ServerRequestContext[Any, Any]
Variables = Annotated[dict[str, str] | None, Field(description="Further variables; secret:NAME is read from the secret store.")]
Folder = Annotated[str | None, Field(description="Directory; default: that of the server.")]
SshAgent = Annotated[bool, Field(description="The command may use the SSH agent of the user.")]
Timeout = Annotated[float | None, Field(gt=0, description="Limit in seconds; default: that of this kind of command.")]
Yield = Annotated[float, Field(ge=0, le=LONGEST_YIELD_S, description="The call answers after so many seconds at the latest.")]
MaxChars = Annotated[int, Field(ge=200, le=200_000, description="Characters of output in the answer: head and tail.")]
ParseAs = Annotated[
    str, Field(description="none, auto, lines, json, jsonl, csv, tsv, table, kv, yaml, toml, xml, python, jc:NAME")
]
Interpreter = Annotated[str, Field(description="Path of the interpreter; default: the project's, then PATH.")]
Cells = Annotated[str, Field(description="Code; the last expression's value comes back.")]


@dataclass(frozen=True, slots=True)
class ToolEntry:
    """One tool as it is offered."""

    name: str
    run: Callable[..., Awaitable[CallToolResult]]
    """Gets the request, and the arguments by name."""
    description: str
    """At most 400 characters."""
    hints: ToolAnnotations
    more: tuple[Callable[..., Any], ...] = ()
    """Functions whose keyword parameters are arguments as well."""

    @property
    def arguments(self) -> Arguments:
        """What it takes."""
        return Arguments(self.name, *self.more, self.run)


class EngineTools:
    """The tools of one server; state is in the host, so a client may come back and find its runs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._of_language: dict[str, str] = {}
        """The REPL that `efs_repl_exec` uses for a language without naming one."""

    def entries(self) -> list[ToolEntry]:
        """Every tool, in the order in which they are listed."""
        destructive = ToolAnnotations(destructive_hint=True, read_only_hint=False, open_world_hint=True)
        reading = ToolAnnotations(read_only_hint=True)
        careful = ToolAnnotations(destructive_hint=False, read_only_hint=False)
        again = ToolAnnotations(destructive_hint=False, read_only_hint=False, idempotent_hint=True)
        return [
            ToolEntry("efs_exec", self.exec, descriptions.EXEC, destructive, (self._exec,)),
            ToolEntry("efs_exec_stream", self.exec_stream, descriptions.EXEC_STREAM, destructive, (self._exec,)),
            ToolEntry("efs_repl_start", self.repl_start, descriptions.REPL_START, careful),
            ToolEntry("efs_repl_exec", self.repl_exec, descriptions.REPL_EXEC, destructive),
            ToolEntry("efs_repl_pool", self.repl_pool, descriptions.REPL_POOL, again),
            ToolEntry("efs_repl_pool_init", self.repl_pool_init, "The same as efs_repl_pool with action=init.", again),
            ToolEntry("efs_session_create", self.session_create, descriptions.SESSION_CREATE, careful),
            ToolEntry("efs_session_exec", self.session_exec, descriptions.SESSION_EXEC, destructive),
            ToolEntry("efs_batch_exec", self.batch_exec, descriptions.BATCH, destructive),
            ToolEntry("efs_repl_analyze", self.repl_analyze, descriptions.ANALYZE, destructive),
            ToolEntry("efs_wait", self.wait, descriptions.WAIT, reading),
            ToolEntry("efs_read", self.read, descriptions.READ, reading),
            ToolEntry("efs_list", self.list, descriptions.LIST, reading),
            ToolEntry("efs_input", self.input, descriptions.INPUT, destructive),
            ToolEntry("efs_stop", self.stop, descriptions.STOP, destructive),
        ]

    async def exec(self, ctx: Ctx, **options: Any) -> CallToolResult:
        async with _reporter(ctx) as progress:
            return await self._exec(progress.hears, **options)

    async def exec_stream(
        self,
        ctx: Ctx,
        *,
        progress_interval_ms: Annotated[int, Field(ge=LEAST_INTERVAL_MS, le=60_000)] = LEAST_INTERVAL_MS,
        **options: Any,
    ) -> CallToolResult:
        reporter = ProgressReporter(
            ctx.session.report_progress, is_wanted=True, interval_ms=progress_interval_ms, with_output=True
        )
        async with reporter as progress:
            return await self._exec(progress.hears, **options)

    async def repl_start(
        self,
        _ctx: Ctx,
        *,
        language: str,
        name: str = "",
        interpreter: Interpreter = "",
        preload: Annotated[list[str] | None, Field(description="Modules; default: those of the language.")] = None,
        auto_restart: bool = False,
        keep_alive: bool = True,
        health_check: Annotated[str | None, Field(description="Code run now and then while it is idle.")] = None,
        idle_timeout_s: Timeout = None,
        command_timeout_s: Timeout = None,
        memory_mb: Annotated[int | None, Field(gt=0)] = None,
        cwd: Folder = None,
        env: Variables = None,
    ) -> CallToolResult:
        repl = await self._engine.repl.start(
            language, name=name, interpreter=interpreter, preload=preload, cwd=cwd, env=env, environment="clean",
            limits=_memory(memory_mb), timeouts=Timeouts(idle=idle_timeout_s, command=command_timeout_s),
            auto_restart=auto_restart, keep_alive=keep_alive, health_check=health_check,
        )  # fmt: skip
        text = f"{repl.id}: {language}, process {repl.pid}, {'warm' if repl.is_warm else 'cold'}"
        quoted = fenced("\n".join(repl.notes), "the interpreter") if repl.notes else ""
        return replies.of_object(repl.as_dict(), "\n".join(filter(None, (text, quoted))))

    async def repl_exec(
        self,
        ctx: Ctx,
        *,
        code: Cells,
        repl_id: Annotated[str | None, Field(description="Id or name.")] = None,
        language: Annotated[str | None, Field(description="Without repl_id: one REPL of this language, made if needed.")] = None,
        parse_as: ParseAs = "python",
        reset: Annotated[bool, Field(description="Start over with a new interpreter first.")] = False,
        timeout_s: Timeout = None,
        yield_after_s: Yield = YIELD_S,
        max_output_chars: MaxChars = MAX_CHARS,
    ) -> CallToolResult:
        async with _reporter(ctx) as progress:
            options: dict[str, Any] = {
                "parse_as": parse_as, "reset": reset, "timeout_s": timeout_s, "yield_after_s": yield_after_s,
                "max_output_chars": max_output_chars, "on_event": progress.hears,
            }  # fmt: skip
            if repl_id is not None:
                repl = await self._repl(repl_id)
                return replies.of_run(await repl.exec(code, **options), extra={"repl_id": repl.id})
            if language is None:
                raise UsageError("Say which REPL: repl_id, or the language")
            return await self._exec_in(language, code, options)

    async def repl_pool(
        self,
        _ctx: Ctx,
        *,
        action: Literal["init", "stats", "scale", "drain", "recycle"],
        config: Annotated[
            dict[str, dict[str, Any]] | None, Field(description='By language: {"python": {"count": 2, "preload": ["pandas"]}}')
        ] = None,
    ) -> CallToolResult:
        pool, sizes = self._engine.pool, {name: PoolConfig.of(each) for name, each in (config or {}).items()}
        match action:
            case "init":
                stats = await pool.init(sizes)
            case "scale":
                if not sizes:
                    raise UsageError("scale needs config: the languages and how many of each wait warm")
                for language, size in sizes.items():
                    stats = await pool.scale(language, size.count)
            case "drain" | "recycle":
                do = pool.drain if action == "drain" else pool.recycle
                for name in sizes or [None]:
                    stats = await do(name)
            case "stats":
                stats = await pool.stats()
        return replies.of_object(stats)

    async def repl_pool_init(self, ctx: Ctx, *, config: dict[str, dict[str, Any]]) -> CallToolResult:
        return await self.repl_pool(ctx, action="init", config=config)

    async def session_create(
        self,
        _ctx: Ctx,
        *,
        kind: Annotated[str, Field(description="bash, zsh, another shell, or a language: python, node, ...")],
        cwd: Folder = None,
        env: Variables = None,
        preload: Annotated[list[str] | None, Field(description="Lines run first, such as: source .env")] = None,
        name: str = "",
    ) -> CallToolResult:
        session = await self._engine.session.create(kind, cwd=cwd, env=env, preload=preload or (), name=name)
        return replies.of_object({"session_id": session.id, "kind": kind}, f"session {session.id}: {kind}")

    async def session_exec(
        self,
        ctx: Ctx,
        *,
        session_id: str,
        input: Annotated[str, Field(description="A command of any length; state lasts. To answer a question: efs_input.")],
        parse_as: ParseAs = "none",
        timeout_s: Timeout = None,
        yield_after_s: Yield = YIELD_S,
        max_output_chars: MaxChars = MAX_CHARS,
    ) -> CallToolResult:
        session = self._engine.session.get(session_id)
        async with _reporter(ctx) as progress:
            result = await session.exec(
                input, parse_as=parse_as, timeout_s=timeout_s, yield_after_s=yield_after_s,
                max_output_chars=max_output_chars, on_event=progress.hears,
            )  # fmt: skip
        return replies.of_run(result, extra={"session_id": session_id})

    async def batch_exec(
        self,
        ctx: Ctx,
        *,
        jobs: Annotated[
            list[dict[str, Any]],
            Field(description='Each {cmd | argv | file | code, shell, cwd, env, timeout_s, depends_on: [index], parse_as}'),
        ],
        max_parallel: Annotated[int | None, Field(ge=1)] = None,
        fail_fast: bool = False,
    ) -> CallToolResult:
        async with _reporter(ctx) as progress:
            batch = await self._engine.batch(
                [Job.of(job) for job in jobs], max_parallel=max_parallel, fail_fast=fail_fast, on_event=progress.hears
            )
        return replies.of_batch(batch)

    async def repl_analyze(
        self,
        ctx: Ctx,
        *,
        language: Annotated[str, Field(description="python or R")],
        load: Annotated[str, Field(description="A file (csv, tsv, parquet, json, jsonl, xlsx, sqlite) or code that loads.")],
        operations: Annotated[list[str], Field(description="Expressions on df, @profile, @head N, @counts COL ...")],
        return_format: Literal["json", "markdown"] = "json",
        max_rows: Annotated[int, Field(ge=1, le=10_000)] = 200,
        images: bool = True,
        interpreter: Interpreter = "",
        cwd: Folder = None,
    ) -> CallToolResult:
        async with _reporter(ctx):
            analysis = await self._engine.analyze(
                language, load, operations, return_format=return_format, interpreter=interpreter, max_rows=max_rows,
                images=images, cwd=cwd,
            )  # fmt: skip
        return replies.of_analysis(analysis)

    async def wait(
        self,
        _ctx: Ctx,
        *,
        run_id: str,
        until: Literal["exit", "output", "pattern", "ready", "awaiting_input"] = "exit",
        pattern: Annotated[str | None, Field(description="Regular expression on a line of the output.")] = None,
        cursor: int | None = None,
        yield_after_s: Yield = YIELD_S,
    ) -> CallToolResult:
        waited = await self._engine.runs.wait(run_id, until, timeout_s=yield_after_s, pattern=pattern, cursor=cursor)
        return replies.of_wait(waited)

    async def read(
        self,
        _ctx: Ctx,
        *,
        run_id: str,
        cursor: Annotated[int | None, Field(ge=0, description="From the last answer; default: an excerpt of all.")] = None,
        max_chars: MaxChars = MAX_CHARS,
        tail_lines: Annotated[int | None, Field(ge=0)] = None,
        grep: Annotated[str | None, Field(description="Only lines that match this regular expression.")] = None,
        view: Literal["merged", "out", "err"] = "merged",
    ) -> CallToolResult:
        part = await self._engine.runs.read(
            run_id, stream=view, cursor=cursor, max_chars=max_chars, tail_lines=tail_lines, grep=grep
        )
        return replies.of_part(part)

    async def list(
        self,
        _ctx: Ctx,
        *,
        kind: Literal["run", "repl", "session"] | None = None,
        state: Annotated[str | None, Field(description="live, ended or a status")] = None,
    ) -> CallToolResult:
        said: dict[str, Any] = {}
        if kind in (None, "run"):
            said["runs"] = [run.as_dict() for run in (await self._engine.runs.list(state=state))[-RUNS_LISTED:]]
        if kind in (None, "repl"):
            said["repls"] = [repl.as_dict() for repl in await self._engine.repl.list()]
        if kind in (None, "session"):
            said["sessions"] = [session.as_dict() for session in await self._engine.session.list()]
        return replies.of_list(said)

    async def input(
        self,
        _ctx: Ctx,
        *,
        id: Annotated[str, Field(description="Of a run (r12), a REPL (k4) or a session (7).")],
        text: str = "",
        eof: bool = False,
        key: Annotated[str | None, Field(description="ctrl+c, up, enter, ...")] = None,
    ) -> CallToolResult:
        target = self._target(id)
        if target is None:
            note = await self._engine.runs.input(id, text, eof=eof, key=key)
        elif isinstance(target, Session):
            note = await target.input(text, eof=eof, key=key)
        else:
            if key is not None:
                raise UsageError("A REPL takes text and the end of input, no keys; efs_stop mode=interrupt interrupts it")
            note = await target.input(text, eof=eof)
        return replies.of_object({"id": id, **note}, str(note.get("note") or "sent"))

    async def stop(
        self,
        _ctx: Ctx,
        *,
        id: Annotated[str, Field(description="Of a run (r12), a REPL (k4) or a session (7).")],
        mode: Annotated[
            Literal["interrupt", "terminate", "kill"],
            Field(description="The first step. interrupt only interrupts what runs in a REPL or session."),
        ] = "terminate",
    ) -> CallToolResult:
        target = self._target(id)
        if target is None:
            return replies.of_run(await self._engine.runs.stop(id, mode))
        if mode == "interrupt":
            await target.interrupt()
        elif isinstance(target, Session):
            await target.close()
        else:
            await target.stop()
            self._of_language = {name: repl for name, repl in self._of_language.items() if repl != id}
        return replies.of_object({"id": id, "mode": mode}, f"{id}: {'interrupted' if mode == 'interrupt' else 'ended'}")

    async def _exec(
        self,
        hear: Callable[[Event], object] | None,
        *,
        command: str,
        cwd: Folder = None,
        env: Variables = None,
        shell: Literal["bash", "sh", "zsh"] = "bash",
        tty: Literal["stderr", "both", "none"] = "stderr",
        stdin: str | None = None,
        parse_as: ParseAs = "none",
        background: bool = False,
        on_disconnect: Annotated[
            Literal["keep", "stop"], Field(description="When this client leaves: a client that comes back finds what was kept.")
        ] = "keep",
        ssh_agent: SshAgent = False,
        timeout_s: Timeout = None,
        yield_after_s: Yield = YIELD_S,
        max_output_chars: MaxChars = MAX_CHARS,
    ) -> CallToolResult:
        # The environment is clean, for that of the client holds its keys.
        result = await self._engine.exec(
            command, cwd=cwd, env=env or {}, environment="clean", shell=shell, tty=tty, stdin=stdin, parse_as=parse_as,
            on_disconnect=on_disconnect, ssh_agent=ssh_agent, timeout_s=timeout_s, on_event=hear,
            yield_after_s=0 if background else yield_after_s, max_output_chars=max_output_chars,
        )  # fmt: skip
        return replies.of_run(result)

    def _target(self, id: str) -> Session | Repl | None:
        """None: a run."""
        return None if id[:1] == "r" else self._engine.session.get(id)

    async def _repl(self, repl: str) -> Repl:
        """By id, without asking the host for it, or by name."""
        if repl[:1] == "k" and repl[1:].isdecimal():
            return self._engine.repl.get(repl)
        return self._engine.repl.get((await self._engine.repl.find(repl)).repl_id)

    async def _exec_in(self, language: str, code: str, options: dict[str, Any]) -> CallToolResult:
        """In this client's REPL of the language, or in a new one if there is none or it is gone."""
        known = self._of_language.get(language)
        if known is not None:
            try:
                result = await self._engine.repl.get(known).exec(code, **options)
                return replies.of_run(result, extra={"repl_id": known})
            except NoSuchTarget:
                del self._of_language[language]
        repl = await self._engine.repl.start(language, environment="clean")
        self._of_language[language] = repl.id
        return replies.of_run(await repl.exec(code, **options), extra={"repl_id": repl.id})


def _reporter(ctx: Ctx) -> ProgressReporter:
    """Tells how far a call is if the client asked for it, with a token as the protocol has it."""
    meta = ctx.meta or {}
    return ProgressReporter(ctx.session.report_progress, is_wanted="progress_token" in meta or "progressToken" in meta)


def explained(error: NoSuchTarget, there_are: Mapping[str, list[str]]) -> str:
    """An unknown id, with the ids there are."""
    lists = "; ".join(f"{name}: {', '.join(ids) or 'none'}" for name, ids in there_are.items())
    return f"{error.message}. There are {lists}"


def _memory(megabytes: int | None) -> Limits | None:
    return Limits(memory=megabytes << 20) if megabytes is not None else None
