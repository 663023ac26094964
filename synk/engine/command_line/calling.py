"""What the verbs beside `exec` share: options every verb has, an engine for the time of one call, errors as exit codes."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from synk.base.errors import SynkError, UsageError
from synk.engine.api import Engine
from synk.engine.command_line.reporting import report
from synk.engine.results import Event, GapEvent, OutputEvent, StateEvent

Work = Callable[[Engine, argparse.Namespace], Awaitable[int]]


def add_verb(verbs: Any, name: str, text: str, work: Work) -> argparse.ArgumentParser:
    """A parser of one verb with `--json`; `work` is what it does."""
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=text, description=text)
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--profile", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    parser.set_defaults(work=work)
    return parser


def add_group(commands: Any, name: str, text: str) -> Any:
    """A command that consists of verbs."""
    parser = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.add_argument("--profile", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    return parser.add_subparsers(dest="verb", metavar="VERB", required=True)


def run(options: argparse.Namespace) -> int:
    """Do what the verb says with an engine of its own; returns the exit code."""
    try:
        return asyncio.run(_run(options))
    except SynkError as error:
        return report(error, as_json=options.json)


async def _run(options: argparse.Namespace) -> int:
    async with Engine.open(profile=options.profile) as engine:
        work: Work = options.work
        return await work(engine, options)


def text_argument(text: str) -> str:
    """The argument itself, or standard input for `-`."""
    return sys.stdin.buffer.read().decode("utf-8", "surrogateescape") if text == "-" else text


def names_in(text: str | None) -> list[str] | None:
    """`a,b` as a list; None stays None, "" is no name at all."""
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def whole(text: str) -> int:
    """A number from 0 for argparse."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is below 0")
    return number


class LiveOutput:
    """Shows what a run prints, as it prints it; the text with secrets hidden."""

    def __init__(self, *, is_shown: bool = True) -> None:
        self._is_shown = is_shown
        self.has_shown = False

    def __call__(self, event: Event) -> None:
        """Take an event."""
        if not self._is_shown:
            return
        if isinstance(event, OutputEvent):
            stream = sys.stdout if event.stream == "out" else sys.stderr
            stream.write(event.text)
            stream.flush()
            self.has_shown = True
        elif isinstance(event, GapEvent):
            print(f"synk: {event.last - event.first} bytes are not kept any more", file=sys.stderr)
        elif isinstance(event, StateEvent) and event.waiting is not None:
            waiting = event.waiting
            print(f"synk: {event.run} waits for a {waiting.kind}: synk runs input {event.run} TEXT", file=sys.stderr)


def require(condition: bool, text: str) -> None:
    """A wrong combination of arguments.

    Raises:
        UsageError: `condition` is not so.
    """
    if not condition:
        raise UsageError(text)
