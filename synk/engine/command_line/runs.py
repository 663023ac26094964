"""`synk runs`: what runs and ran, whoever started it."""

import argparse
import sys
import time
from typing import Any

from synk.engine.api import Engine
from synk.engine.command_line.calling import LiveOutput, add_group, add_verb, text_argument, whole
from synk.engine.command_line.calling import run as run
from synk.engine.command_line.exits import DONE, LIMIT, NOT_SO, code_of_record
from synk.engine.command_line.reporting import (
    advice,
    duration_text,
    one_line,
    print_json,
    print_pairs,
    print_table,
    size_text,
    status_text,
)
from synk.engine.options import seconds
from synk.engine.results import ExecResult, ExitEvent

READ_CHARS = 1 << 18


def add_parser(commands: Any, help_text: str) -> None:
    """Add `runs` with all its verbs to the command line."""
    verbs = add_group(commands, "runs", help_text)
    parser = add_verb(verbs, "list", "List runs, oldest first.", _list)
    parser.add_argument("--state", help="live, ended, or a status: running, failed, ...")
    parser.add_argument("--kind", choices=["exec", "cell", "command", "job"])
    add_verb(verbs, "show", "Show how a run is or ended.", _show).add_argument("run", metavar="ID")
    parser = add_verb(verbs, "read", "Print what a run printed.", _read)
    parser.add_argument("run", metavar="ID")
    parser.add_argument("--cursor", type=whole, metavar="N", help="from this byte on")
    parser.add_argument("--tail", type=whole, metavar="LINES", help="the last lines")
    parser.add_argument("--grep", metavar="RE", help="only lines that match, with their numbers")
    parser.add_argument("--stream", choices=["merged", "out", "err"], default="merged", help="both (default), or one")
    parser.add_argument("--raw", action="store_true", help="the bytes as they are; else the lines as a terminal would show them")
    parser.add_argument("--max-chars", type=whole, metavar="N", help="head and tail of at most so many characters")
    add_verb(verbs, "follow", "Print what a run prints until its end; --json: one event per line.", _follow).add_argument(
        "run", metavar="ID"
    )
    parser = add_verb(verbs, "wait", "Wait for a run; exit status its own.", _wait)
    parser.add_argument("run", metavar="ID")
    parser.add_argument("--until", choices=["exit", "output", "pattern", "ready", "awaiting_input"], default="exit")
    parser.add_argument("--pattern", metavar="RE", help="with --until pattern: a line of its output matches")
    parser.add_argument("--cursor", type=whole, metavar="N", help="output behind this byte of both streams")
    parser.add_argument("--timeout", metavar="TIME", help="give up after this: exit status 124")
    parser = add_verb(verbs, "stop", "End runs.", _stop)
    parser.add_argument("run", nargs="+", metavar="ID")
    parser.add_argument("--mode", choices=["interrupt", "terminate", "kill"], default="interrupt", help="the first step")
    parser = add_verb(verbs, "input", "Answer a run that waits for input.", _input)
    parser.add_argument("run", metavar="ID")
    add_input_arguments(parser)
    parser = add_verb(verbs, "prune", "Remove ended runs that are beyond the quotas.", _prune)
    parser.add_argument("--all", action="store_true", help="remove all ended runs")


def add_input_arguments(parser: argparse.ArgumentParser) -> None:
    """Text, keys and the end of input."""
    parser.add_argument("text", nargs="?", default="", help="the text; - reads standard input")
    parser.add_argument("--enter", action="store_true", help="and a line feed")
    parser.add_argument("--eof", action="store_true", help="then the end of input")
    parser.add_argument("--key", metavar="KEY", help="then press a key, e.g. ctrl+c")


def input_text(options: argparse.Namespace) -> str:
    """The text that is meant."""
    return text_argument(options.text) + ("\n" if options.enter else "")


def show_result(result: ExecResult) -> None:
    """One result for people."""
    ended = f"exit code {result.exit_code}" if result.exit_code is not None else result.signal or ""
    values: dict[str, Any] = {
        "run": result.run_id,
        "command": one_line(result.command),
        "status": f"{status_text(result.status)} {f'({result.reason})' if result.reason else ''}".strip(),
        "ended": ended,
        "started": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(result.started_at)),
        "took": f"{duration_text(result.duration_ms)}, {duration_text(result.cpu_ms)} of CPU time",
        "memory": size_text(result.peak_rss) if result.peak_rss else "",
        "directory": result.cwd,
        "owner": result.owner,
        "output": f"{result.output.lines} lines, {size_text(result.output.bytes)}",
        "errors": f"{result.stderr.lines} lines, {size_text(result.stderr.bytes)}",
    }
    if result.waiting is not None:
        values["waits for"] = f"a {result.waiting.kind}: {one_line(result.waiting.prompt)}"
    if result.ready is not None:
        values["ready"] = ", ".join(result.ready.urls or map(str, result.ready.ports))
    if result.progress is not None and result.progress.pct is not None:
        eta = f", {duration_text(result.progress.eta_s * 1000)} left" if result.progress.eta_s is not None else ""
        values["progress"] = f"{result.progress.pct:.0f} % {result.progress.phase}{eta}"
    if result.error is not None:
        values["error"] = one_line(result.error.message)
    if result.error is not None:
        values["try"] = " ".join(map(advice, result.error.suggestions))
    print_pairs({name: value for name, value in values.items() if value})


async def _list(engine: Engine, options: argparse.Namespace) -> int:
    runs = await engine.runs.list(state=options.state, kind=options.kind)
    if options.json:
        print_json({"runs": [each.as_dict() for each in runs]})
        return DONE
    now = time.time()
    rows = [
        (
            each.run_id,
            each.status,
            each.exit_code if each.exit_code is not None else each.signal or "",
            duration_text(each.duration_ms),
            f"{duration_text(max(0.0, now - each.started_at) * 1000)} ago",
            size_text(each.output_bytes + each.stderr_bytes),
            each.kind,
            one_line(each.command),
        )
        for each in runs
    ]
    print_table(("run", "status", "code", "took", "started", "output", "kind", "command"), rows, empty="no runs")
    return DONE


async def _show(engine: Engine, options: argparse.Namespace) -> int:
    result = await engine.runs.show(options.run)
    if options.json:
        print_json(result.as_dict())
    else:
        show_result(result)
    return DONE


async def _read(engine: Engine, options: argparse.Namespace) -> int:
    wishes: dict[str, Any] = {
        "stream": options.stream,
        "tail_lines": options.tail,
        "grep": options.grep,
        "view": "raw" if options.raw else "text",
    }
    if options.max_chars is not None:
        wishes["max_chars"] = options.max_chars
    elif not options.json:
        # A person asked for all of it; head and tail are for those who pay for each word.
        return await _read_all(engine, options, wishes)
    part = await engine.runs.read(options.run, cursor=options.cursor, **wishes)
    if options.json:
        print_json(part.as_dict())
    else:
        _write(part.data if options.raw else part.text)
    return DONE


async def _read_all(engine: Engine, options: argparse.Namespace, wishes: dict[str, Any]) -> int:
    cursor, above, is_found, is_noted = options.cursor or 0, 0, False, False
    while True:
        part = await engine.runs.read(options.run, cursor=cursor, max_chars=READ_CHARS, **wishes)
        if part.note and not is_noted:
            is_noted = True
            print(f"synk: {part.note}", file=sys.stderr)
        if part.gap is not None:
            print(f"synk: {part.gap[1] - part.gap[0]} bytes are not kept any more", file=sys.stderr)
        if options.grep is not None:
            _write("".join(f"{above + number}:{line}\n" for number, line in zip(part.lines, part.text.split("\n"), strict=False)))
            is_found = is_found or bool(part.lines)
            if not part.truncated:
                return DONE if is_found else NOT_SO
            # The next part begins behind the last line of this one.
            above += part.lines[-1]
        else:
            _write(part.data if options.raw else part.text)
        if options.tail is not None or part.cursor <= cursor:
            return DONE
        cursor = part.cursor


async def _follow(engine: Engine, options: argparse.Namespace) -> int:
    show = LiveOutput()
    async for event in engine.runs.follow(options.run, every_ms=16):
        if options.json:
            print_json(event.as_dict())
            sys.stdout.flush()
        else:
            show(event)
        if isinstance(event, ExitEvent):
            return code_of_result(event.result)
    return DONE


async def _wait(engine: Engine, options: argparse.Namespace) -> int:
    waited = await engine.runs.wait(
        options.run,
        options.until,
        timeout_s=seconds(options.timeout) if options.timeout else None,
        pattern=options.pattern,
        cursor=options.cursor,
    )
    if options.json:
        print_json(waited.as_dict())
    elif waited.match is not None:
        print(waited.match)
    elif waited.happened is not None:
        print(f"{waited.result.run_id} {status_text(waited.result.status)}")
    if waited.happened is None:
        return LIMIT
    if options.until == "exit":
        return code_of_result(waited.result)
    return DONE if waited.happened == options.until else NOT_SO


async def _stop(engine: Engine, options: argparse.Namespace) -> int:
    results = [await engine.runs.stop(run, options.mode) for run in options.run]
    if options.json:
        print_json(results[0].as_dict() if len(results) == 1 else {"runs": [each.as_dict() for each in results]})
    else:
        for each in results:
            print(f"{each.run_id} {status_text(each.status)}")
    return DONE


async def _input(engine: Engine, options: argparse.Namespace) -> int:
    told = await engine.input(options.run, input_text(options), eof=options.eof, key=options.key)
    if options.json:
        print_json(told)
    elif told.get("note"):
        print(told["note"], file=sys.stderr)
    return DONE


async def _prune(engine: Engine, options: argparse.Namespace) -> int:
    count = await engine.runs.prune(everything=options.all)
    if options.json:
        print_json({"removed": count})
    else:
        print(f"{count} runs removed")
    return DONE


def code_of_result(result: ExecResult) -> int:
    """As `synk exec` would have ended."""
    record = {"status": result.status, "reason": result.reason, "exit_code": result.exit_code, "signal": result.signal}
    return code_of_record({**record, "error": result.error.message if result.error else ""})


def _write(text: str | bytes) -> None:
    sys.stdout.flush()
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
