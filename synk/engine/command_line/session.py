"""`synk session`: shells and interpreters that keep directory, variables and state from call to call."""

import argparse
import sys
from typing import Any

from synk.base.errors import UsageError
from synk.engine.api import Engine
from synk.engine.command_line.calling import LiveOutput, add_group, add_verb, text_argument
from synk.engine.command_line.calling import run as run
from synk.engine.command_line.exec import add_environment_options, variables_of
from synk.engine.command_line.exits import DONE
from synk.engine.command_line.repl import code_of_cell, show_cell
from synk.engine.command_line.reporting import duration_text, print_json, print_table
from synk.engine.command_line.runs import add_input_arguments, code_of_result, input_text
from synk.engine.options import Limits, seconds
from synk.engine.sessions import Session


def add_parser(commands: Any, help_text: str) -> None:
    """Add `session` with all its verbs to the command line."""
    verbs = add_group(commands, "session", help_text)
    parser = add_verb(verbs, "create", "Open a shell or interpreter; prints its id.", _create)
    parser.add_argument("kind", nargs="?", default="bash", metavar="KIND", help="bash (default), zsh, ..., or a language")
    parser.add_argument("--name", default="")
    parser.add_argument("--preload", action="append", default=[], metavar="LINE", help="run this first; can be given again")
    parser.add_argument("--memory", metavar="SIZE", help="limit, e.g. 512M or 2G")
    add_environment_options(parser)
    parser = add_verb(verbs, "exec", "Run a line in a session; exit status its own.", _exec)
    parser.add_argument("session", metavar="ID")
    parser.add_argument("input", metavar="LINE", help="the line; - reads standard input")
    parser.add_argument("--parse-as", default="none", metavar="FORMAT", help="print the output as JSON: json, csv, table, ...")
    parser.add_argument("--timeout", metavar="TIME", help="end it after 90, 1.5s, 10m")
    parser = add_verb(verbs, "input", "Answer the command that runs in a session.", _input)
    parser.add_argument("session", metavar="ID")
    add_input_arguments(parser)
    parser = add_verb(verbs, "interrupt", "Ctrl+C for the command that runs in a session.", _interrupt)
    parser.add_argument("session", metavar="ID")
    add_verb(verbs, "list", "List open sessions.", _list)
    add_verb(verbs, "close", "Close sessions and end what runs in them.", _close).add_argument("session", nargs="+", metavar="ID")
    parser = add_verb(verbs, "save", "Keep directory, exports and history of a session under a name.", _save)
    parser.add_argument("session", metavar="ID")
    parser.add_argument("name", metavar="NAME")
    add_verb(verbs, "open", "Open a session from what was saved; prints its id.", _open).add_argument("name", metavar="NAME")


async def _create(engine: Engine, options: argparse.Namespace) -> int:
    session = await engine.session.create(
        options.kind,
        cwd=options.cwd,
        env=variables_of(options.env),
        environment=options.environment or "inherit",
        preload=options.preload,
        name=options.name,
        limits=Limits(memory=options.memory) if options.memory else None,
    )
    _tell_id(session.id, options)
    return DONE


async def _exec(engine: Engine, options: argparse.Namespace) -> int:
    line = text_argument(options.input)
    session = engine.session.get(options.session)
    is_live = not options.json and options.parse_as == "none"
    result = await session.exec(
        line,
        parse_as=options.parse_as,
        timeout_s=seconds(options.timeout) if options.timeout else None,
        on_event=LiveOutput(is_shown=is_live),
    )
    show_cell(result, options)
    return code_of_result(result) if isinstance(session, Session) else code_of_cell(result)


async def _input(engine: Engine, options: argparse.Namespace) -> int:
    told = await engine.input(options.session, input_text(options), eof=options.eof, key=options.key)
    if options.json:
        print_json(told)
    elif told.get("note"):
        print(told["note"], file=sys.stderr)
    return DONE


async def _interrupt(engine: Engine, options: argparse.Namespace) -> int:
    await engine.session.get(options.session).interrupt()
    if options.json:
        print_json({})
    return DONE


async def _list(engine: Engine, options: argparse.Namespace) -> int:
    sessions = await engine.session.list()
    if options.json:
        print_json({"sessions": [each.as_dict() for each in sessions]})
        return DONE
    rows = [
        (each.session_id, each.state, each.kind, each.name, each.pid, duration_text(each.age_s * 1000), each.cwd, each.owner)
        for each in sessions
    ]
    print_table(("session", "status", "kind", "name", "pid", "age", "directory", "owner"), rows, empty="no sessions")
    return DONE


async def _close(engine: Engine, options: argparse.Namespace) -> int:
    for name in options.session:
        session = engine.session.get(name)
        await (session.close() if isinstance(session, Session) else session.stop())
    if options.json:
        print_json({"closed": options.session})
    return DONE


async def _save(engine: Engine, options: argparse.Namespace) -> int:
    session = engine.session.get(options.session)
    if not isinstance(session, Session):
        raise UsageError(f"{options.session} is an interpreter: only shells can be saved")
    told = await session.save(options.name)
    if options.json:
        print_json({"name": options.name, **told})
    return DONE


async def _open(engine: Engine, options: argparse.Namespace) -> int:
    _tell_id((await engine.session.open(options.name)).id, options)
    return DONE


def _tell_id(session_id: str, options: argparse.Namespace) -> None:
    if options.json:
        print_json({"session_id": session_id})
    else:
        print(session_id)
