"""`synk batch FILE`: many jobs with dependencies, from JSON, TOML or a command per line."""

import argparse
import json
import os
import sys
import tomllib
from collections.abc import Mapping
from typing import Any

from synk.base.errors import UsageError
from synk.engine.api import Engine
from synk.engine.batch import BatchEvent, plan_jobs
from synk.engine.command_line.calling import run as run
from synk.engine.command_line.calling import whole
from synk.engine.command_line.exits import DONE, NOT_SO
from synk.engine.command_line.reporting import colored, duration_text, one_line, print_json, status_text

_OPTIONS = ("max_parallel", "fail_fast", "retries")


def add_parser(commands: Any, help_text: str) -> None:
    """Add `batch` to the command line."""
    parser = commands.add_parser(
        "batch",
        help=help_text,
        description="Run the jobs of a file side by side, each after those it depends on.",
        epilog='FILE: JSON ([{"cmd": "make"}, {"file": "a.py", "depends_on": [0]}] or {"jobs": [...]}), TOML ([[jobs]]), or a '
        "command per line; - reads standard input. Exit status 1 if a job did not succeed.",
    )
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--parallel", type=whole, metavar="N", help="at most so many at once (default: cores)")
    parser.add_argument("--fail-fast", action="store_true", help="end the rest when one does not succeed")
    parser.add_argument("--retries", type=whole, metavar="N", help="further tries of a job that fails")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--profile", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    parser.set_defaults(work=_batch)


def read_jobs(text: str, name: str) -> tuple[list[Any], dict[str, Any]]:
    """The jobs of a file, and what it says about the whole.

    Raises:
        UsageError: it is neither; names the place.
    """
    ending = os.path.splitext(name)[1].lower()
    try:
        if ending == ".toml":
            return _parts(tomllib.loads(text), name)
        if ending == ".json" or text.lstrip()[:1] in ("[", "{"):
            return _parts(json.loads(text), name)
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from error
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")], {}


def _parts(document: Any, name: str) -> tuple[list[Any], dict[str, Any]]:
    options: dict[str, Any] = {}
    jobs = document
    if isinstance(document, Mapping):
        options = {key: value for key, value in document.items() if key != "jobs"}
        unknown = options.keys() - set(_OPTIONS)
        if unknown:
            raise UsageError(f"{name}: there is no {', '.join(sorted(unknown))}; there are jobs, {', '.join(_OPTIONS)}")
        jobs = document.get("jobs")
    if not isinstance(jobs, list) or not all(isinstance(job, str | Mapping) for job in jobs):
        raise UsageError(f"{name}: jobs have to be a list of tables or commands")
    return jobs, options


async def _batch(engine: Engine, options: argparse.Namespace) -> int:
    jobs, said = read_jobs(_text(options.file), options.file)
    given = {"max_parallel": options.parallel, "retries": options.retries, "fail_fast": options.fail_fast or None}
    said |= {name: value for name, value in given.items() if value is not None}
    titles = [job.title for job in plan_jobs(jobs)]
    result = await engine.batch(jobs, on_event=None if options.json else _Progress(titles), **said)
    if options.json:
        print_json(result.as_dict())
    else:
        counts = {"ok": result.ok, "failed": result.failed, "timeout": result.timeout, "skipped": result.skipped}
        text = ", ".join(f"{count} {name}" for name, count in counts.items() if count or name == "ok")
        print(f"{text} in {duration_text(result.wall_ms)} ({duration_text(result.cpu_ms)} of CPU time)")
    return DONE if result.ok == len(result.jobs) else NOT_SO


def _text(file: str) -> str:
    try:
        if file == "-":
            return sys.stdin.read()
        with open(file, encoding="utf-8") as opened:
            return opened.read()
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8: {error.reason} at byte {error.start}") from error


class _Progress:
    """A line for each job that has ended."""

    def __init__(self, titles: list[str]) -> None:
        self._titles = titles
        self._width = min(48, max(map(len, titles), default=0))

    def __call__(self, event: BatchEvent) -> None:
        result = event.result
        if event.kind != "ended" or result is None:
            return
        count = colored(f"{event.done:>{len(str(event.total))}}/{event.total}", "grey")
        title = one_line(self._titles[event.job], self._width).ljust(self._width)
        took = duration_text(result.duration_ms) if result.run_id else ""
        why = f"after {result.skipped_for}" if result.skipped_for else one_line(result.error.message, 80) if result.error else ""
        print(f"{count}  {title}  {status_text(result.status, 11)}  {took:>8}  {why}".rstrip(), flush=True)
