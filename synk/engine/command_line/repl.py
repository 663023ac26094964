"""`synk repl`: interpreters that keep their state between calls."""

import argparse
import asyncio
import contextlib
import sys
from importlib import import_module
from typing import Any

from synk.base.errors import SynkError
from synk.base.paths import find_directories
from synk.engine.api import Engine
from synk.engine.command_line.calling import LiveOutput, add_group, add_verb, names_in, text_argument
from synk.engine.command_line.calling import run as run
from synk.engine.command_line.exec import add_environment_options, variables_of
from synk.engine.command_line.exits import DONE, FAULT, LIMIT, NOT_SO, SIGNALLED
from synk.engine.command_line.reporting import duration_text, parse_error_text, print_json, print_table, size_text
from synk.engine.opening import open_client, profile_folder
from synk.engine.options import Limits, Timeouts, seconds
from synk.engine.results import ExecResult


def add_parser(commands: Any, help_text: str) -> None:
    """Add `repl` with all its verbs to the command line."""
    verbs = add_group(commands, "repl", help_text)
    parser = add_verb(verbs, "start", "Start an interpreter; prints its id.", _start)
    parser.add_argument("language", metavar="LANGUAGE", help="python, node, R, or a language you declared")
    parser.add_argument("--name", default="", help="to find it again by")
    parser.add_argument("--interpreter", default="", metavar="PATH", help="default: the first on PATH")
    parser.add_argument("--preload", metavar="A,B", help="modules to import before (default: the language's own)")
    parser.add_argument("--auto-restart", action="store_true", help="start it again if it dies")
    parser.add_argument("--no-keep-alive", action="store_true", help="end it when nobody used it for --idle-timeout")
    parser.add_argument("--idle-timeout", metavar="TIME", help="90, 10m, 2h (default 5m)")
    parser.add_argument("--timeout", metavar="TIME", help="longest time of a cell (default: none)")
    parser.add_argument("--memory", metavar="SIZE", help="limit, e.g. 512M or 2G")
    add_environment_options(parser)
    parser = add_verb(verbs, "exec", "Run code in an interpreter.", _exec)
    parser.add_argument("repl", metavar="LANGUAGE|ID", help="id or name of one, or a language: the newest of it, else a new one")
    parser.add_argument("code", metavar="CODE", help="the code; - reads standard input")
    parser.add_argument("--parse-as", default="none", metavar="FORMAT", help="python: print the value as JSON")
    parser.add_argument("--timeout", metavar="TIME", help="end it after 90, 1.5s, 10m")
    parser.add_argument("--reset", action="store_true", help="forget everything before")
    parser = add_verb(verbs, "open", "Sit down at the prompt of an interpreter; Ctrl+D leaves.", _open)
    parser.add_argument("repl", metavar="LANGUAGE|ID", help="a language: a new one, which ends when you leave")
    add_verb(verbs, "list", "List interpreters that belong to somebody.", _list)
    add_verb(verbs, "stop", "End interpreters.", _stop).add_argument("repl", nargs="+", metavar="ID")


async def _start(engine: Engine, options: argparse.Namespace) -> int:
    repl = await engine.repl.start(
        options.language,
        name=options.name,
        interpreter=options.interpreter,
        preload=names_in(options.preload),
        cwd=options.cwd,
        env=variables_of(options.env),
        environment=options.environment or "inherit",
        limits=Limits(memory=options.memory) if options.memory else None,
        timeouts=Timeouts(
            idle=seconds(options.idle_timeout) if options.idle_timeout else None,
            command=seconds(options.timeout) if options.timeout else None,
        ),
        auto_restart=options.auto_restart,
        keep_alive=not options.no_keep_alive,
    )
    if options.json:
        print_json(repl.as_dict())
    else:
        print(repl.id)
        for note in repl.notes:
            print(f"synk: {note}", file=sys.stderr)
    return DONE


async def _exec(engine: Engine, options: argparse.Namespace) -> int:
    code = text_argument(options.code)
    repl = await engine.repl.use(options.repl)
    is_live = not options.json and options.parse_as == "none"
    result = await repl.exec(
        code,
        parse_as=options.parse_as,
        timeout_s=seconds(options.timeout) if options.timeout else None,
        reset=options.reset,
        on_event=LiveOutput(is_shown=is_live),
    )
    show_cell(result, options)
    return code_of_cell(result)


async def _open(engine: Engine, options: argparse.Namespace) -> int:
    known = [repl for repl in await engine.repl.list() if options.repl in (repl.repl_id, repl.name)]
    is_new = not known and not (options.repl[:1] == "k" and options.repl[1:].isdigit())
    repl = await engine.repl.start(options.repl, on_disconnect="stop") if is_new else await engine.repl.use(options.repl)
    language = repl.language
    history = find_directories(profile_folder(options.profile)).state / "history" / language
    # From here on nothing is asked of the event loop: the prompt owns the thread, which has to be the only one. Another would
    # take the signals of a closing pane, and the reading of a line would sleep on.
    await asyncio.get_running_loop().shutdown_default_executor()
    try:
        with open_client(options.profile) as client:
            print(f"{repl.id}  {language}{', warm' if repl.is_warm else ''}  (Ctrl+D leaves{', and ends it' if is_new else ''})")
            return int(import_module("synk.engine.console").Console(client, repl.id, language).run(history=history))
    finally:
        if is_new:
            with contextlib.suppress(SynkError):
                await repl.stop()


async def _list(engine: Engine, options: argparse.Namespace) -> int:
    repls = await engine.repl.list()
    if options.json:
        print_json({"repls": [each.as_dict() for each in repls]})
        return DONE
    rows = [
        (
            each.repl_id,
            each.state,
            each.language,
            each.name,
            each.pid,
            duration_text(each.age_s * 1000),
            size_text(each.memory_bytes),
            each.cells,
            each.owner,
        )
        for each in repls
    ]
    print_table(("repl", "status", "language", "name", "pid", "age", "memory", "cells", "owner"), rows, empty="no interpreters")
    return DONE


async def _stop(engine: Engine, options: argparse.Namespace) -> int:
    found = [await engine.repl.find(name) for name in options.repl]
    for each in found:
        await engine.repl.stop(each.repl_id)
    if options.json:
        print_json({"stopped": [each.repl_id for each in found]})
    return DONE


def show_cell(result: ExecResult, options: argparse.Namespace) -> None:
    """What is left to say after the output was shown live."""
    if options.json:
        print_json(result.as_dict())
        return
    if options.parse_as != "none":
        if result.ok:
            print_json(result.parsed)
        elif result.error is not None:
            print(f"synk: {result.error.message}", file=sys.stderr)
        if result.parse_error is not None:
            print(f"synk: {parse_error_text(result.parse_error)}", file=sys.stderr)
    for note in result.notes:
        print(f"synk: {note}", file=sys.stderr)
    if result.state_lost:
        print("synk: the interpreter had died and was started again: earlier definitions are gone", file=sys.stderr)
    if result.status in ("timeout", "crashed") and result.error is not None and options.parse_as == "none":
        print(f"synk: {result.error.message}", file=sys.stderr)
    for image in result.images:
        print(image)


def code_of_cell(result: ExecResult) -> int:
    """0 it was done, 1 it failed, 124 too long, 130 interrupted, 125 the interpreter or host is gone."""
    return {
        "completed": DONE, "ready": DONE, "running": DONE, "awaiting_input": DONE, "failed": NOT_SO, "timeout": LIMIT,
        "interrupted": SIGNALLED + 2,
    }.get(result.status, FAULT)  # fmt: skip
