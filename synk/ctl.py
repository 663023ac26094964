"""`synk ctl`: the command line of the running window. Imports nothing slow, so a call answers in well under 100 ms."""

import argparse
import json
import os
import re
import socket
import sys
import time
from typing import Any

from synk.base.errors import (
    FolderMissing,
    HostEnding,
    HostUnavailable,
    NoSuchTarget,
    SynkError,
    TimedOut,
    UsageError,
    WindowUnavailable,
)
from synk.hostclient import SyncHostClient
from synk.hoststart import HostAddress

EXIT_CODES: dict[type[SynkError], int] = {
    UsageError: 2, NoSuchTarget: 4, HostUnavailable: 6, HostEnding: 6, WindowUnavailable: 7, TimedOut: 124,
}  # fmt: skip
"""07-automation.md, section 11."""
REFUSED = 5
"""Every other error."""
PORT_POLL_S = 0.05
_NOT_SENT = frozenset(("command", "verb", "json", "profile", "timeout", "condition"))
_CONDITION = re.compile(r"(text|idle|status|port)=(.*)\Z|exit\Z|command\Z", re.DOTALL)


def add_parser(commands: Any) -> None:
    """Add `ctl` with all its verbs to the command line."""
    ctl = commands.add_parser("ctl", help="control the running window", description="Control the running window.")
    ctl.add_argument("--profile", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    verbs = ctl.add_subparsers(dest="verb", metavar="VERB", required=True)

    def verb(name: str, text: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = verbs.add_parser(name, help=text, description=text)
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        parser.add_argument("--profile", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        return parser

    parser = verb("list", "List sessions or panes.")
    parser.add_argument("what", nargs="?", default="sessions", choices=["sessions", "panes"])
    parser = verb("new", "Open a session in the background; prints its id and pane.")
    parser.add_argument("agent", nargs="?", default="terminal")
    parser.add_argument("--cwd", help="folder to start in (default: the project's)")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="a variable for the program")
    parser.add_argument("--command", nargs=argparse.REMAINDER, dest="argv", help="program to run instead of the agent's own")
    parser = verb("send-text", "Write to a session.")
    parser.add_argument("target", help="@PANE, session:ID, @all ...")
    parser.add_argument("text", nargs="?", default="", help="the text; - reads standard input")
    parser.add_argument("--enter", action="store_true", help="press Enter after it")
    parser.add_argument("--key", action="append", default=[], dest="keys", metavar="KEY", help="then press a key, e.g. ctrl+c")
    parser.add_argument("--paste", action="store_true", help="as a paste: bracketed if the program asked for it")
    parser = verb("get-text", "Print what a session shows.")
    parser.add_argument("target")
    parser.add_argument("what", nargs="?", default="screen", choices=["screen", "scrollback", "last-command"])
    parser.add_argument("--ansi", action="store_true", help="with colors, as SGR sequences")
    parser.add_argument("--cursor", type=int, help="only from this line on (a cursor an earlier call returned)")
    parser = verb("close", "Close sessions.")
    parser.add_argument("target")
    parser.add_argument("--yes", action="store_true", help="also if a program is running")
    verb("focus", "Select the pane of a session.").add_argument("target")
    parser = verb("wait-for", "Wait until something happens in a session.")
    parser.add_argument("target")
    parser.add_argument("condition", help="text=RE, idle=SECONDS, exit, status=WORD, command or port=N")
    parser.add_argument("--new", action="store_true", help="text: only in later output; command: only one that ends from now on")
    parser.add_argument("--timeout", type=float, default=60.0, metavar="SECONDS", help="give up after this (60), exit status 124")
    parser = verb("screenshot", "Save a picture of the window or of one pane.")
    parser.add_argument("words", nargs="+", metavar="[window|TARGET] FILE")
    verb("pool-stats", "Print the state of the pool of warm shells.")
    verb("do", "Run a command line, as if typed after /.").add_argument("line", nargs=argparse.REMAINDER)


def run(options: argparse.Namespace, address: HostAddress) -> int:
    """Run the verb; prints its result and returns the exit code."""
    try:
        with SyncHostClient(address, start=False) as client:
            result = _ask(client, options)
    except SynkError as error:
        return report(error, as_json=options.json)
    if options.json:
        print(json.dumps(result))
    else:
        _show(options.verb, result)
    return 0


def report(error: SynkError, *, as_json: bool) -> int:
    """Print the error and return its exit code."""
    if as_json:
        print(json.dumps({"error": {"kind": error.kind, "message": error.message}}))
    else:
        print(error.message, file=sys.stderr)
    return EXIT_CODES.get(type(error), REFUSED)


def _ask(client: SyncHostClient, options: argparse.Namespace) -> dict[str, Any]:
    verb = options.verb
    arguments = {key: value for key, value in vars(options).items() if key not in _NOT_SENT}
    timeout_s: float | None = 10.0
    match verb:
        case "new":
            arguments["env"] = _variables(options.env)
            if options.cwd is not None:
                arguments["cwd"] = _folder(options.cwd)
        case "send-text" if options.text == "-":
            arguments["text"] = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
        case "get-text":
            return _whole_text(client, arguments)
        case "do":
            arguments["line"] = " ".join(options.line)
        case "screenshot":
            if len(options.words) > 2:
                raise UsageError("screenshot takes a target and a file")
            *target, file = options.words
            arguments = {"target": target[0] if target else "window", "file": os.path.abspath(file)}
        case "wait-for":
            arguments |= _condition(options)
            timeout_s = None
            if "port" in arguments:
                return _wait_for_port(int(arguments["port"]), options.timeout)
    return client.call("ctl", timeout_s=timeout_s, verb=verb, args=arguments)


def _whole_text(client: SyncHostClient, arguments: dict[str, Any]) -> dict[str, Any]:
    """The text of all answers: one holds only so much."""
    result = client.call("ctl", verb="get-text", args=arguments)
    texts = [result["text"]]
    while (cursor := result.pop("next", None)) is not None:
        result = client.call("ctl", verb="get-text", args={**arguments, "cursor": cursor})
        texts.append(result["text"])
    return {**result, "text": "\n".join(texts)}


def _condition(options: argparse.Namespace) -> dict[str, Any]:
    match = _CONDITION.match(options.condition)
    if match is None:
        known = "text=RE, idle=SECONDS, exit, status=WORD, command, port=N"
        raise UsageError(f"{options.condition}: no condition. There are {known}")
    if match[1] is None:
        return {"until": options.condition, "timeout_s": options.timeout}
    name, value = match.groups()
    if name in ("idle", "port"):
        try:
            number = float(value) if name == "idle" else int(value)
        except ValueError:
            raise UsageError(f"{options.condition}: {value!r} is not a number") from None
        if not (0 <= number < float("inf")) or (name == "port" and not 0 < number < 65536):
            raise UsageError(f"{options.condition}: {value} is out of bounds")
        key = "idle_s" if name == "idle" else "port"
        return {"until": name, key: number, "timeout_s": options.timeout}
    return {"until": name, "pattern" if name == "text" else "status": value, "timeout_s": options.timeout}


def _wait_for_port(port: int, timeout_s: float) -> dict[str, Any]:
    """Until something listens on this port of the loopback interface."""
    deadline = time.monotonic() + timeout_s
    while True:
        for host in ("127.0.0.1", "::1"):
            try:
                socket.create_connection((host, port), timeout=1).close()
                return {"happened": "port", "port": port}
            except OSError:
                pass
        if time.monotonic() >= deadline:
            raise TimedOut(f"Nothing listens on port {port} after {timeout_s:g} s")
        time.sleep(PORT_POLL_S)


def _variables(given: list[str]) -> dict[str, str]:
    for text in given:
        if "=" not in text:
            raise UsageError(f"--env {text}: write NAME=VALUE")
    return dict(text.split("=", 1) for text in given)


def _folder(path: str) -> str:
    """The window could only tell of it later, when the call has long been answered."""
    folder = os.path.abspath(path)
    if not os.path.isdir(folder):
        raise FolderMissing(f"Folder {folder} does not exist")
    return folder


def _show(verb: str, result: dict[str, Any]) -> None:
    match verb:
        case "list":
            _show_list(result.get("sessions") or result.get("panes") or [], result.get("tabs") or [])
        case "new":
            print(f"session:{result['session']} @{result['pane']}")
        case "get-text":
            print(result["text"])
        case "send-text" | "close" | "focus":
            pass
        case "wait-for":
            print(result.get("match") or (result["happened"] if result.get("status") is None else result["status"]))
        case "do":
            if result["result"]:
                print(result["result"])
        case "screenshot":
            print(result["file"])
        case _:
            for key, value in result.items():
                print(f"{key:24} {value if not isinstance(value, dict) else json.dumps(value)}")


def _show_list(rows: list[dict[str, Any]], tabs: list[str]) -> None:
    """A line per session; below the path of its project if there are several, for pane numbers begin at 1 in each."""
    projects = list(dict.fromkeys([*tabs, *(row.get("project", "") for row in rows)]))
    groups = [(project, [row for row in rows if row.get("project", "") == project]) for project in projects]
    groups = [(project, group) for project, group in groups if group]
    for project, group in groups:
        if len(groups) > 1:
            print(project)
        for row in group:
            mark = "*" if row["is_selected"] else " "
            ids = f"@{row['pane']:<3} session:{row['session']:<5}"
            print(f"{mark} {ids} {row['agent']:<10} {row['status']:<12} {row['title']}".rstrip())
