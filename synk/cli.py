"""The command line of Synk: decides what to start and imports only what that needs; Qt only for the window."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from synk.base.errors import HostEnding, HostUnavailable, SynkError, UsageError, WindowRunning
from synk.base.frozen import leave_no_traces
from synk.base.help_format import help_format
from synk.base.paths import runtime_directory
from synk.base.version import synk_version
from synk.hostclient import SyncHostClient
from synk.hoststart import HostAddress

EXIT_SYSTEM, EXIT_INTERRUPTED = 3, 130
EXIT_CODES: dict[type[SynkError], int] = {UsageError: 2, HostUnavailable: 6, HostEnding: 6}
"""Of errors that keep Synk from starting; others: `EXIT_SYSTEM`. `synk ctl` has more."""
ENGINE_COMMANDS = {
    "exec": "run a command, its output live; exit status its own",
    "repl": "interpreters that are warm and keep their state",
    "session": "shells that keep directory and variables from call to call",
    "batch": "run many jobs, with dependencies",
    "analyze": "load a file once and ask many questions about it",
    "runs": "commands that run and ran: list, read, follow, wait, stop",
    "pool": "how many interpreters wait warm",
    "secrets": "values for variables that are shown nowhere, in the keyring",
    "mcp": "all of this as an MCP server, for agents",
}
"""Each has a module of its own, imported only for its command."""
COMMANDS = ("ctl", "host", *ENGINE_COMMANDS)


def main(argv: Sequence[str] | None = None) -> int:
    """Run Synk; returns the exit status."""
    leave_no_traces()
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["host"] and "--runtime" in arguments:
        # How a frozen Synk starts its own host; see `hoststart.host_argv`.
        return int(import_module("synk.host.__main__").run(arguments[1:]))
    try:
        if _first_word(arguments) in COMMANDS:
            status = _run_command(_command_parser(_first_word(arguments)).parse_args(arguments))
        else:
            status = _run_window(window_parser().parse_args(arguments))
        # Here, where a reader that has gone is expected, and not when the interpreter ends.
        sys.stdout.flush()
        return status
    except SynkError as error:
        print(f"synk: {error.message}", file=sys.stderr)
        return EXIT_CODES.get(type(error), EXIT_SYSTEM)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone (`synk ctl list | head -1`); nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _first_word(arguments: Sequence[str]) -> str:
    """The first argument that is neither an option nor the value of `--profile`."""
    words = iter(arguments)
    for word in words:
        if word == "--profile":
            next(words, None)
        elif not word.startswith("-"):
            return word
    return ""


def window_parser() -> argparse.ArgumentParser:
    """The options of `synk` without a command; the man page lists them, too."""
    parser = argparse.ArgumentParser(
        prog="synk",
        description="Many shells and agents side by side, ready before you ask.",
        epilog=f"Other commands: {', '.join(f'synk {name}' for name in COMMANDS)}. Each has --help.",
    )
    parser.add_argument("path", nargs="?", help="project folder to open (default: what was open last)")
    parser.add_argument("--profile", metavar="DIR", help="keep every directory of Synk below DIR")
    parser.add_argument("--safe", action="store_true", help="default settings, nothing restored, no file changed")
    parser.add_argument("--backup", metavar="FILE", help="write settings and data to a new .tar.gz or .zip file, exit")
    parser.add_argument("--debug", action="store_true", help="log more, and watch for stalls of the window")
    parser.add_argument("--screenshot", metavar="FILE", help="open offscreen with a temporary profile, save a picture, exit")
    parser.add_argument(
        "--run", action="append", default=[], metavar="CMD", help="with --screenshot: typed into the next of the four sessions"
    )
    parser.add_argument("--size", default="1280x800", metavar="WxH", help="with --screenshot: size in pixels (1280x800)")
    parser.add_argument("--version", action="version", version=f"synk {synk_version()}")
    return parser


def _command_parser(command: str) -> argparse.ArgumentParser:
    """Knows one command only: the parsers of all the others would take longer than most commands run."""
    parser = argparse.ArgumentParser(prog="synk", formatter_class=help_format)
    parser.add_argument("--profile", metavar="DIR", help="the profile of the window or host that is meant")
    commands = parser.add_subparsers(dest="command", required=True)
    if command in ENGINE_COMMANDS:
        _engine_module(command).add_parser(commands, ENGINE_COMMANDS[command])
        return parser
    import_module("synk.ctl").add_parser(commands)
    host = commands.add_parser("host", help="the background process", description="Look at or stop the background process.")
    host.add_argument("action", choices=["status", "stop"])
    host.add_argument("--profile", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    host.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    return parser


def _engine_module(command: str) -> Any:
    return import_module("synk.mcp.command_line" if command == "mcp" else f"synk.engine.command_line.{command}")


def _run_command(options: argparse.Namespace) -> int:
    if options.command in ENGINE_COMMANDS:
        return int(_engine_module(options.command).run(options))
    # Inside a pane the window that owns it is meant, whatever profile it has.
    profile = options.profile or os.environ.get("SYNK_PROFILE")
    runtime = runtime_directory(Path(profile) if profile else None)
    address = HostAddress(runtime=str(runtime), state="", resources="", version=synk_version(), argv=())
    if options.command == "ctl":
        return int(import_module("synk.ctl").run(options, address))
    try:
        with SyncHostClient(address, start=False) as client:
            result = client.call(f"host.{options.action}")
    except SynkError as error:
        return int(import_module("synk.ctl").report(error, as_json=options.json))
    if options.json:
        print(json.dumps(result))
    else:
        for key, value in result.items():
            print(f"{key:14} {value}")
    return 0


def _run_window(options: argparse.Namespace) -> int:
    if options.backup:
        return int(import_module("synk.app.backup").run(options))
    system = import_module("synk.base.system")
    if not options.screenshot and not system.has_display(os.environ):
        print(system.no_display_text(), file=sys.stderr)
        return EXIT_SYSTEM
    missing = system.missing_libraries(for_window=not options.screenshot)
    if missing:
        print(system.missing_libraries_text(missing), file=sys.stderr)
        return EXIT_SYSTEM
    if options.screenshot:
        return int(import_module("synk.app.screenshot").run(options, synk_version()))
    if silent := system.silent_displays(os.environ):
        print(system.silent_displays_text(silent), file=sys.stderr)
        return EXIT_SYSTEM
    launch = import_module("synk.app.launch")
    if launch.hand_over(options, synk_version()):
        return 0
    try:
        # The host warms its first shells while Qt is imported.
        launched = launch.launch(options, synk_version())
    except WindowRunning:
        # Two starts at once, and the other one was quicker.
        if launch.hand_over(options, synk_version()):
            return 0
        raise
    return int(import_module("synk.app.gui").Gui(launched, options).run())


if __name__ == "__main__":
    sys.exit(main())
