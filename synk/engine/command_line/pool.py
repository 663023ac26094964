"""`synk pool`: how many interpreters wait warm."""

import argparse
from typing import Any

from synk.base.errors import UsageError
from synk.base.wire import Message
from synk.engine.api import Engine
from synk.engine.command_line.calling import add_group, add_verb, names_in, whole
from synk.engine.command_line.calling import run as run
from synk.engine.command_line.exits import DONE
from synk.engine.command_line.reporting import print_json, print_pairs, print_table
from synk.engine.options import PoolConfig


def add_parser(commands: Any, help_text: str) -> None:
    """Add `pool` with all its verbs to the command line."""
    verbs = add_group(commands, "pool", help_text)
    parser = add_verb(verbs, "init", "Keep interpreters warm.", _init)
    parser.add_argument("sizes", nargs="+", metavar="LANGUAGE=COUNT", help="e.g. python=2 node=1")
    parser.add_argument("--preload", metavar="A,B", help="modules to import before (default: the language's own)")
    parser.add_argument("--max", type=whole, default=PoolConfig().max, help="most that are idle, however many were claimed (8)")
    parser.add_argument("--memory", metavar="SIZE", help="limit of each, e.g. 512M or 2G")
    add_verb(verbs, "stats", "Show counts and times.", _stats)
    parser = add_verb(verbs, "scale", "Change how many of a language wait warm.", _scale)
    parser.add_argument("language")
    parser.add_argument("count", type=whole)
    for name, text, work in (
        ("drain", "End what waits warm, and warm no more.", _drain),
        ("recycle", "End what waits warm, and warm anew.", _recycle),
    ):
        add_verb(verbs, name, text, work).add_argument("language", nargs="?", help="default: all")


async def _init(engine: Engine, options: argparse.Namespace) -> int:
    config = {}
    for text in options.sizes:
        language, _, count = text.partition("=")
        if not language or not (count or "1").isdigit():
            raise UsageError(f"{text}: write LANGUAGE=COUNT, e.g. python=2")
        number = int(count or 1)
        config[language] = PoolConfig(number, max(options.max, number), names_in(options.preload), options.memory)
    return _show(await engine.pool.init(config), options)


async def _stats(engine: Engine, options: argparse.Namespace) -> int:
    return _show(await engine.pool.stats(), options)


async def _scale(engine: Engine, options: argparse.Namespace) -> int:
    return _show(await engine.pool.scale(options.language, options.count), options)


async def _drain(engine: Engine, options: argparse.Namespace) -> int:
    return _show(await engine.pool.drain(options.language), options)


async def _recycle(engine: Engine, options: argparse.Namespace) -> int:
    return _show(await engine.pool.recycle(options.language), options)


def _show(stats: Message, options: argparse.Namespace) -> int:
    if options.json:
        print_json(stats)
        return DONE
    languages = stats.get("languages") or {}
    columns = list(dict.fromkeys(name for row in languages.values() for name in row))
    rows = [[language, *(row.get(name) for name in columns)] for language, row in languages.items()]
    print_table(("language", *columns), rows, empty="nothing is kept warm")
    print()
    shown = {name: value for name, value in stats.items() if name not in ("languages", "preload_problems")}
    print_pairs({_title(name): _text(name, value) for name, value in shown.items()})
    for module, problem in (stats.get("preload_problems") or {}).items():
        print(f"{module} cannot be preloaded: {problem}")
    return DONE


def _title(name: str) -> str:
    return name.removeprefix("is_").removesuffix("_ms").replace("_", " ")


def _text(name: str, value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.1f} ms" if name.endswith("_ms") and isinstance(value, int | float) else value
