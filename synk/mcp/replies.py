"""What a tool answers: one object for programs, and the same as text a model reads, with quoted output and pictures."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mcp_types import CallToolResult, ContentBlock, ImageContent, TextContent

from synk.engine.parts import OutputPart
from synk.engine.results import AnalysisResult, BatchResult, ExecResult
from synk.engine.runs import WaitResult
from synk.mcp.untrusted import fenced

IMAGES_SHOWN = 10
IMAGE_BYTES = 1 << 20
"""Pictures above this are named, not sent; the kernels scale theirs to less."""
LINE_CHARS = 160
VALUE_CHARS = 4000
"""Of a parsed value in the text; the object has all of it."""


def of_run(result: ExecResult, *, extra: Mapping[str, Any] | None = None) -> CallToolResult:
    """A command, a cell or a command in a session, over or not. A command that failed is not a tool that failed."""
    images, unsent = _images(result.images)
    content: list[ContentBlock] = [TextContent(text=_run_text(result)), *images]
    if unsent:
        content.append(TextContent(text=f"Not sent, larger than 1 MiB: {', '.join(unsent)}"))
    return CallToolResult(content=content, structured_content={**_run_object(result), **(extra or {})})


def of_wait(waited: WaitResult) -> CallToolResult:
    """What became of waiting for a run."""
    happened = f"Happened: {waited.happened}." if waited.happened else "Nothing happened within the time; the run goes on."
    reply = of_run(waited.result, extra={"happened": waited.happened, "match": waited.match})
    match = f"\n{fenced(waited.match, f'run {waited.result.run_id}')}" if waited.match else ""
    return CallToolResult(
        content=[TextContent(text=happened + match), *reply.content], structured_content=reply.structured_content
    )


def of_part(part: OutputPart) -> CallToolResult:
    """A part of what a run printed."""
    said = part.as_dict()
    said["untrusted_text"] = said.pop("text")
    where = f"{part.run_id} is {part.status}; next cursor {part.cursor}{', the end' if part.is_end else ''}."
    if part.gap:
        where += f" Bytes {part.gap[0]} to {part.gap[1]} are not kept any more."
    if part.note:
        where += f"\n{part.note}"
    quoted = fenced(part.text, f"run {part.run_id}") if part.text else "No output here."
    return CallToolResult(content=[TextContent(text=f"{where}\n{quoted}")], structured_content=said)


def of_batch(batch: BatchResult) -> CallToolResult:
    """A batch: one line a job, and the output of those that failed."""
    counts = f"{batch.ok} ok, {batch.failed} failed, {batch.timeout} timed out, {batch.skipped} skipped"
    lines = [f"{counts}; {batch.wall_ms / 1000:.2f} s, CPU {batch.cpu_ms / 1000:.2f} s"]
    for number, job in enumerate(batch.jobs):
        why = f" because of job {job.skipped_for}" if job.skipped_for else ""
        lines.append(f"job {number}: {_how(job)}{why}")
    blocks: list[ContentBlock] = [TextContent(text="\n".join(lines))]
    blocks += [TextContent(text=f"job {number}:\n{_run_text(job)}") for number, job in enumerate(batch.jobs) if job.run_id]
    said = {**batch.as_dict(), "jobs": [_run_object(job) for job in batch.jobs]}
    return CallToolResult(content=blocks, structured_content=said)


def of_analysis(analysis: AnalysisResult) -> CallToolResult:
    """An analysis: each operation as Markdown, its pictures as images; with the data once more for programs."""
    blocks: list[ContentBlock] = []
    if analysis.error:
        blocks.append(TextContent(text=f"Loading {analysis.load} failed: {analysis.error.message}"))
    else:
        blocks.append(TextContent(text=f"Loaded {analysis.load}: {json.dumps(dict(analysis.source), default=str)}"))
    for operation in analysis.operations:
        text = operation.markdown or (operation.error.message if operation.error else "")
        quoted = f"\n{fenced(text, 'this operation')}" if text else ""
        blocks.append(TextContent(text=f"{operation.operation}{quoted}"))
        blocks += _images(operation.images)[0]
    return CallToolResult(content=blocks, structured_content=analysis.as_dict())


def of_list(said: Mapping[str, Sequence[Mapping[str, Any]]]) -> CallToolResult:
    """Runs, REPLs and sessions: one line each."""
    lines = []
    for run in said.get("runs", ()):
        how = run["status"] if run["exit_code"] is None else f"{run['status']} {run['exit_code']}"
        lines.append(f"{run['run_id']} {how}, {run['duration_ms'] / 1000:.1f} s: {_short(run['command'])[:LINE_CHARS]}")
    for repl in said.get("repls", ()):
        lines.append(f"{repl['repl_id']} {repl['language']} {repl['state']} {repl['name']}".rstrip())
    for session in said.get("sessions", ()):
        lines.append(f"session {session['session_id']} {session['kind']} {session['state']} {session['cwd']}")
    return CallToolResult(content=[TextContent(text="\n".join(lines) or "Nothing runs.")], structured_content=dict(said))


def of_object(said: Mapping[str, Any], text: str = "") -> CallToolResult:
    """Anything else that comes from Synk itself."""
    return CallToolResult(content=[TextContent(text=text or json.dumps(said, default=str))], structured_content=dict(said))


def _run_object(result: ExecResult) -> dict[str, Any]:
    said = result.as_dict()
    for stream in ("output", "stderr"):
        said[stream]["untrusted_text"] = said[stream].pop("text")
    return said


def _run_text(result: ExecResult) -> str:
    """Facts first, then everything that comes from the program in one quotation, then what can be done next."""
    lines = [f"{result.run_id or 'not run'} {_how(result)}"]
    if result.state_lost:
        lines.append("The interpreter died before and was started again: earlier definitions are gone.")
    if result.parse_error:
        lines.append(f"Not parsed: {result.parse_error.message}")
    if said := "\n".join(_said(result)):
        lines.append(fenced(said, f"run {result.run_id}"))
    return "\n".join([*lines, *_next_steps(result)])


def _said(result: ExecResult) -> Iterator[str]:
    """What the program said, and what was read out of it: all of it data."""
    yield from (f"note: {note}" for note in result.notes)
    if result.error and not (result.error.kind == "exit" and not result.error.suggestions):
        where = f" in {result.error.file}:{result.error.line}" if result.error.file and result.error.line else ""
        yield f"{result.error.kind}{where}: {result.error.message}"
        yield from (f"suggestion: {suggestion}" for suggestion in result.error.suggestions)
    if result.parsed is not None:
        yield f"parsed: {_short(result.parsed)}"
    elif result.result is not None and not _is_plain(result.result):
        yield f"result: {_short(result.result)}"
    for name, output in (("stdout", result.output), ("stderr", result.stderr)):
        if output.text:
            yield f"{name}, {output.bytes} bytes{', cut' if output.truncated else ''}:\n{output.text.rstrip()}"


def _is_plain(found: Any) -> bool:
    """Nothing but what the first line and the output say already."""
    return isinstance(found, Mapping) and found.keys() <= {"source", "exit_code", "signal", "last_lines"}


def _how(result: ExecResult) -> str:
    """`completed, exit code 0, 0.31 s`."""
    parts: list[str] = [result.status]
    if result.reason and result.reason != "exited":
        parts.append(result.reason)
    if result.exit_code is not None:
        parts.append(f"exit code {result.exit_code}")
    if result.signal:
        parts.append(result.signal)
    if result.progress and result.progress.pct is not None and not result.is_final:
        parts.append(f"{result.progress.pct:.0f} %")
    parts.append(f"{result.duration_ms / 1000:.2f} s")
    return ", ".join(parts)


def _next_steps(result: ExecResult) -> list[str]:
    steps = []
    if result.waiting:
        steps.append(f"It waits for a {result.waiting.kind}: efs_input id={result.run_id}, or efs_stop.")
    elif result.ready and not result.is_final:
        steps.append(f"It listens: {', '.join(result.ready.urls) or result.ready.ports}. efs_stop id={result.run_id} ends it.")
    elif not result.is_final:
        steps.append(f"It goes on: efs_wait run_id={result.run_id}, efs_read run_id={result.run_id}, or efs_stop.")
    steps += [f"Still alive: {process.pid} {process.command}" for process in result.background]
    return steps


def _short(value: Any) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    if len(text) <= VALUE_CHARS:
        return text
    return f"{text[:VALUE_CHARS]}... ({len(text)} characters; all of it is in the result object)"


def _images(files: Sequence[str]) -> tuple[list[ImageContent], list[str]]:
    """Pictures to send, and the names of those that are too many, too large or gone."""
    sent: list[ImageContent] = []
    unsent: list[str] = []
    for name in files:
        path = Path(name)
        try:
            data = path.read_bytes() if len(sent) < IMAGES_SHOWN and path.stat().st_size <= IMAGE_BYTES else b""
        except OSError:
            data = b""
        if data:
            sent.append(ImageContent(data=base64.b64encode(data).decode(), mime_type="image/png"))
        else:
            unsent.append(name)
    return sent, unsent
