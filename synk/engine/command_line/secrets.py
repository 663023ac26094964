"""`synk secrets`: put secrets into the keyring, from where `secret:NAME` in a variable takes them; a value is never printed."""

import argparse
import getpass
import sys
from typing import Any

from synk.base.errors import SynkError
from synk.engine.command_line.calling import add_group
from synk.engine.command_line.exits import DONE, NOT_SO
from synk.engine.command_line.reporting import print_json, report
from synk.engine.opening import profile_folder
from synk.engine.profile_secrets import ProfileSecrets


def add_parser(commands: Any, help_text: str) -> None:
    """Add `secrets` with all its verbs to the command line."""
    verbs = add_group(commands, "secrets", help_text)
    for name, text in (
        ("set", "Keep a secret; the value is asked for, or read from standard input."),
        ("remove", "Forget a secret; exit status 1 if there was none."),
        ("has", "Tell whether there is one; exit status 1 if not."),
        ("where", "Tell where secrets are kept: the keyring, or a file where there is none."),
    ):
        parser = verbs.add_parser(name, help=text, description=text)
        if name != "where":
            parser.add_argument("name", metavar="NAME", help="used as secret:NAME")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        parser.add_argument("--profile", default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    """Do what the verb says; returns the exit code."""
    try:
        store = ProfileSecrets(profile_folder(options.profile)).store()
        is_so = True
        if options.verb == "set":
            store.set(options.name, _value(options.name))
        elif options.verb == "remove":
            is_so = store.remove(options.name)
        elif options.verb == "has":
            is_so = store.get(options.name) is not None
    except SynkError as error:
        return report(error, as_json=options.json)
    if options.json:
        print_json({"store": store.place, "done": is_so})
    elif options.verb == "where":
        print(store.place)
    return DONE if is_so else NOT_SO


def _value(name: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(f"Value of {name}: ")
    return sys.stdin.read().removesuffix("\n")
