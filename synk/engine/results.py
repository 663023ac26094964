"""What a caller gets back: how a run ended, what it printed, and what that means (07-automation.md, section 2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from synk.engine.findings import Failure, ParseError, Progress

Status = Literal[
    "completed", "failed", "crashed", "killed", "interrupted", "timeout", "not_started", "skipped",
    "running", "awaiting_input", "ready",
]  # fmt: skip
"""The first eight are final; only a job of a batch can be skipped."""
FINAL = frozenset(("completed", "failed", "crashed", "killed", "interrupted", "timeout", "not_started", "skipped"))


@dataclass(frozen=True, slots=True)
class Output:
    """One stream of a run, as text that fits the caller's budget."""

    text: str = ""
    """Lines as a terminal would show them, secrets masked; head and tail if it was too long."""
    truncated: bool = False
    """Something is left out of `text`, or bytes are gone from the spool."""
    bytes: int = 0
    """All the program wrote to this stream."""
    lines: int = 0
    cursor: int = 0
    """The byte offset behind what is known here: reading on starts here."""
    spool: str = ""
    """The file that holds the bytes; empty if there is none."""

    def as_dict(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "truncated": self.truncated,
            "bytes": self.bytes,
            "lines": self.lines,
            "cursor": self.cursor,
            "spool": self.spool,
        }


@dataclass(frozen=True, slots=True)
class Waiting:
    """The program is blocked reading its terminal."""

    kind: Literal["line", "password", "key", "fullscreen"]
    prompt: str = ""
    program: str = ""
    confidence: Literal["high", "low"] = "high"

    def as_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "prompt": self.prompt, "program": self.program, "confidence": self.confidence}


@dataclass(frozen=True, slots=True)
class Ready:
    """A server listens."""

    urls: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    pid: int | None = None

    def as_dict(self) -> dict[str, Any]:
        return {"urls": list(self.urls), "ports": list(self.ports), "pid": self.pid}


@dataclass(frozen=True, slots=True)
class Background:
    """A process of the run that is still alive although its main process has ended."""

    pid: int
    command: str

    def as_dict(self) -> dict[str, Any]:
        return {"pid": self.pid, "command": self.command}


@dataclass(frozen=True, slots=True)
class ExecResult:
    """The same for a command, a cell of a REPL, a command in a session and a job of a batch."""

    run_id: str
    """`r12`; empty for a job that never became a run."""
    kind: Literal["exec", "cell", "command", "job"]
    command: str
    cwd: str
    """The directory after the end."""
    owner: str
    """`user`, or `session:12` of an agent."""
    started_at: float
    """Seconds since 1970."""
    status: Status
    reason: str
    """exited, signaled, oom, idle_timeout, hard_timeout, cancelled, stopped, limit_cpu, limit_file, shell_exited, control_lost,
    host_lost, spawn_error, or "" while it runs."""
    exit_code: int | None
    """None while it runs and after a signal."""
    signal: str | None
    """`SIGKILL`; never together with a code."""
    duration_ms: float
    cpu_ms: float
    """Of the whole tree, user and system."""
    peak_rss: int
    """Most memory of the tree, bytes."""
    output: Output
    stderr: Output
    waiting: Waiting | None = None
    ready: Ready | None = None
    background: tuple[Background, ...] = ()
    progress: Progress | None = None
    result: Any = None
    """What this class of command tells in its own words or report; for a cell the encoded value; None if nothing."""
    parsed: Any = None
    """The output in the format that was asked for with `parse_as`."""
    parse_error: ParseError | None = None
    error: Failure | None = None
    """Why it failed; None for a run that did not."""
    state_lost: bool = False
    """The REPL died and was started again: earlier definitions are gone."""
    images: tuple[str, ...] = ()
    """Files with pictures a cell drew (PNG)."""
    skipped_for: str = ""
    """The job whose failure kept this one from running."""
    notes: tuple[str, ...] = ()
    """What the caller should know besides: a module that could not be preloaded, output the disk did not take."""

    @property
    def is_final(self) -> bool:
        """False while the run goes on."""
        return self.status in FINAL

    @property
    def ok(self) -> bool:
        """It ended as its class of command does when all is well, or its server is ready."""
        return self.status in ("completed", "ready")

    @property
    def text(self) -> str:
        """What it printed on its standard output, within the budget."""
        return self.output.text

    def as_dict(self) -> dict[str, Any]:
        """JSON types only."""
        return {
            "run_id": self.run_id,
            "kind": self.kind,
            "command": self.command,
            "cwd": self.cwd,
            "owner": self.owner,
            "started_at": self.started_at,
            "status": self.status,
            "reason": self.reason,
            "exit_code": self.exit_code,
            "signal": self.signal,
            "duration_ms": self.duration_ms,
            "cpu_ms": self.cpu_ms,
            "peak_rss": self.peak_rss,
            "output": self.output.as_dict(),
            "stderr": self.stderr.as_dict(),
            "waiting": self.waiting.as_dict() if self.waiting else None,
            "ready": self.ready.as_dict() if self.ready else None,
            "background": [process.as_dict() for process in self.background],
            "progress": self.progress.as_dict() if self.progress else None,
            "result": self.result,
            "parsed": self.parsed,
            "parse_error": self.parse_error.as_dict() if self.parse_error else None,
            "error": self.error.as_dict() if self.error else None,
            "state_lost": self.state_lost,
            "images": list(self.images),
            "skipped_for": self.skipped_for,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class OutputEvent:
    """New output of a run."""

    run: str
    stream: Literal["out", "err"]
    offset: int
    """Of the first byte, in the stream."""
    data: bytes
    text: str
    """The same as text, secrets masked; characters split over two events stand in the later one."""

    def as_dict(self) -> dict[str, Any]:
        place = {"run": self.run, "stream": self.stream, "offset": self.offset}
        return {"event": "output", **place, "bytes": len(self.data), "text": self.text}


@dataclass(frozen=True, slots=True)
class GapEvent:
    """Output that was dropped before it could be read: the spool of one run holds only so much."""

    run: str
    stream: Literal["out", "err"]
    first: int
    last: int
    """End excluded."""

    def as_dict(self) -> dict[str, Any]:
        return {"event": "gap", "run": self.run, "stream": self.stream, "from": self.first, "to": self.last}


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """The command got further."""

    run: str
    progress: Progress

    def as_dict(self) -> dict[str, Any]:
        return {"event": "progress", "run": self.run, **self.progress.as_dict()}


@dataclass(frozen=True, slots=True)
class StateEvent:
    """The run started, waits for input, goes on, or its server is ready."""

    run: str
    status: Status
    waiting: Waiting | None = None
    ready: Ready | None = None
    command: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "event": "state",
            "run": self.run,
            "status": self.status,
            "waiting": self.waiting.as_dict() if self.waiting else None,
            "ready": self.ready.as_dict() if self.ready else None,
            "command": self.command,
        }


@dataclass(frozen=True, slots=True)
class ExitEvent:
    """The run is over; always the last event."""

    run: str
    result: ExecResult

    def as_dict(self) -> dict[str, Any]:
        return {"event": "exit", **self.result.as_dict()}


Event = OutputEvent | GapEvent | ProgressEvent | StateEvent | ExitEvent


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of a batch."""

    jobs: tuple[ExecResult, ...]
    """In the order of the input."""
    ok: int = 0
    failed: int = 0
    timeout: int = 0
    skipped: int = 0
    wall_ms: float = 0.0
    cpu_ms: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        return {
            "jobs": [job.as_dict() for job in self.jobs],
            "ok": self.ok,
            "failed": self.failed,
            "timeout": self.timeout,
            "skipped": self.skipped,
            "wall_ms": self.wall_ms,
            "cpu_ms": self.cpu_ms,
        }


@dataclass(frozen=True, slots=True)
class Operation:
    """What one operation of an analysis gave."""

    operation: str
    kind: Literal["table", "series", "scalar", "figure", "text", "error"]
    data: Any = None
    markdown: str = ""
    images: tuple[str, ...] = ()
    """Files with pictures (PNG)."""
    error: Failure | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "operation": self.operation,
            "kind": self.kind,
            "data": self.data,
            "markdown": self.markdown,
            "images": list(self.images),
            "error": self.error.as_dict() if self.error else None,
        }


@dataclass(frozen=True, slots=True)
class AnalysisResult:
    """A file or a value loaded once, and what each operation said about it."""

    language: str
    load: str
    source: Mapping[str, Any] = field(default_factory=dict)
    """What was loaded: rows, columns, and `sampled` if it did not fit into half of the free memory."""
    operations: tuple[Operation, ...] = ()
    error: Failure | None = None
    """Loading failed; no operation ran."""

    @property
    def markdown(self) -> str:
        """The whole as a document."""
        if self.error is not None:
            return f"# {self.load}\n\n**{self.error.message}**"
        source = ", ".join(f"{name} {value}" for name, value in self.source.items() if name != "note")
        parts = [f"# {self.load}", source, str(self.source.get("note", ""))]
        for each in self.operations:
            parts += [f"## `{each.operation}`", each.markdown]
        return "\n\n".join(part for part in parts if part)

    def as_dict(self) -> dict[str, Any]:
        return {
            "language": self.language,
            "load": self.load,
            "source": dict(self.source),
            "operations": [operation.as_dict() for operation in self.operations],
            "error": self.error.as_dict() if self.error else None,
        }
