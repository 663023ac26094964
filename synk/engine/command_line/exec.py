"""`synk exec`: one command, its output live and byte-exact, its exit status ours. The quick path: nothing slow is imported."""

import argparse
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from synk.base.errors import HostUnavailable, SynkError, UsageError
from synk.base.help_format import help_format
from synk.base.paths import resource_directory
from synk.base.wire import Message
from synk.engine.classes import Classes
from synk.engine.command_line.exits import CANNOT_START, FAULT, SIGNALLED, USAGE, code_of_record
from synk.engine.commands import recognise
from synk.engine.environment import MaskStream
from synk.engine.foreground import Ending, Foreground
from synk.engine.opening import LazySecrets, open_client
from synk.engine.options import seconds
from synk.engine.own_terminal import OwnTerminal, size_of
from synk.engine.requests import COLS, ROWS, Plan, RunRequest, plan
from synk.engine.shipped import shipped_classes
from synk.hostclient import SyncHostClient

STDIN, STDOUT, STDERR = 0, 1, 2
BROKEN_PIPE = SIGNALLED + 13
"""As a program that wrote on after `head -1` had left."""


def add_parser(commands: Any, help_text: str) -> None:
    """Add `exec` to the command line."""
    parser = commands.add_parser(
        "exec",
        help=help_text,
        formatter_class=help_format,
        usage="synk exec [options] [--] COMMAND",
        description="Run a command. One word is a line for the shell; several are a program and its arguments.",
        epilog="Exit status: the command's own, 128+n for signal n; from Synk 124 a limit, 125 a fault, 126 cannot start, "
        "127 not found.",
    )
    add_environment_options(parser)
    parser.add_argument("--ssh-agent", action="store_true", help="with --clean-env: the command may use your SSH agent")
    parser.add_argument("--shell", default="bash", help="bash (default), sh, zsh, ... or none")
    parser.add_argument("--tty", choices=["stderr", "both", "none"], help="which streams are a terminal (default: as yours are)")
    parser.add_argument("--timeout", metavar="TIME", help="end it after 90, 1.5s, 10m or 2h instead of its class's limits")
    parser.add_argument("--parse-as", default="none", metavar="FORMAT", help="print the output as JSON: csv, table, auto, ...")
    parser.add_argument("--background", action="store_true", help="print the id of the run and return at once")
    parser.add_argument("--stdin", action="store_true", help="pass our standard input on")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--profile", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND")


def add_environment_options(parser: argparse.ArgumentParser) -> None:
    """Directory and variables, as all verbs that start something have them."""
    parser.add_argument("--cwd", metavar="DIR", help="directory to start in")
    parser.add_argument("--env", action="append", default=[], metavar="K=V", help="a variable; V may be secret:NAME")
    which = parser.add_mutually_exclusive_group()
    for mode, text in (("inherit", "your variables (default)"), ("clean", "only what programs need, no secrets")):
        which.add_argument(f"--{mode}-env", dest="environment", action="store_const", const=mode, help=text)


def variables_of(given: list[str]) -> dict[str, str]:
    """The values of `--env`.

    Raises:
        UsageError: one without `=`.
    """
    for text in given:
        if "=" not in text:
            raise UsageError(f"--env {text}: write NAME=VALUE")
    return dict(text.split("=", 1) for text in given)


def run(options: argparse.Namespace) -> int:
    """Run the command; returns the exit status."""
    try:
        request = _request(options)
    except SynkError as error:
        return _report(error, options, USAGE if isinstance(error, UsageError) else CANNOT_START)
    try:
        with open_client(options.profile) as client:
            return _Execution(options, request, client).run()
    except UsageError as error:
        return _report(error, options, USAGE)
    except SynkError as error:
        return _report(error, options, FAULT)


def _request(options: argparse.Namespace) -> RunRequest:
    words = options.words[1:] if options.words[:1] == ["--"] else options.words
    if not words:
        raise UsageError("There is no command to run. Write: synk exec COMMAND, or synk exec -- PROGRAM ARGUMENTS")
    command: str | list[str] = words
    if len(words) == 1 and options.shell != "none":
        command = words[0]
    elif options.shell not in ("bash", "none"):
        # A shell was asked for: it gets the words as our own shell gave them to us.
        command = str(import_module("shlex").join(words))
    size = size_of(STDERR, STDOUT, STDIN) or (COLS, ROWS)
    return RunRequest(
        command=command,
        cwd=options.cwd,
        env=variables_of(options.env),
        environment=options.environment or "inherit",
        ssh_agent=options.ssh_agent,
        shell=options.shell,
        tty=options.tty or ("stderr" if options.json or options.background or os.isatty(STDERR) else "none"),
        cols=size[0],
        rows=size[1],
        is_stdin_open=options.stdin,
        timeout_s=seconds(options.timeout) if options.timeout else None,
        on_disconnect="keep" if options.background else "stop",
        parse_as=options.parse_as,
    )


def _lives_in_a_terminal(request: RunRequest, classes: Classes) -> bool:
    """A program like vim, and a terminal to give it."""
    return os.isatty(STDIN) and os.isatty(STDOUT) and recognise(request.command, classes).cls.is_interactive


def _report(error: SynkError, options: argparse.Namespace, code: int) -> int:
    reporting = import_module("synk.engine.command_line.reporting")
    return int(reporting.report(error, as_json=options.json, code=code))


class _Execution:
    """One call of `synk exec` against a connected host."""

    def __init__(self, options: argparse.Namespace, request: RunRequest, client: SyncHostClient) -> None:
        self._options = options
        self._client = client
        self._is_shown = not options.json and options.parse_as == "none"
        state = Path(client.welcome["state"])
        classes = shipped_classes(resource_directory(), state)
        is_live = self._is_shown and not options.background
        if is_live and options.tty is None and _lives_in_a_terminal(request, classes):
            request = replace(request, tty="both")
        self._request = request
        self._plan: Plan = plan(
            request,
            client=os.environ,
            classes=classes,
            secrets=LazySecrets(options.profile),
            state=state,
            watch=not options.background,
        )
        self._plan.message["paced"] = is_live
        if options.json and self._plan.reading.recognised is not None and self._plan.reading.recognised.cls.is_server:
            self._plan.message["on_disconnect"] = "keep"

    def run(self) -> int:
        started = self._client.call("run.start", timeout_s=None, **self._plan.message)
        if names := self._plan.reading.secret_names:
            import_module("synk.engine.secret_notes").note_secrets(started["folder"], names)
        if started["status"] == "not_started":
            return self._end(started)
        if self._options.background:
            return self._tell_id(started)
        ending = self._follow(started)
        if ending.record.get("event") == "state":
            return self._leave_server(started)
        if ending.ended_by:
            self._end(ending.record)
            return SIGNALLED + ending.ended_by
        if ending.is_reader_gone:
            return BROKEN_PIPE
        return self._end(ending.record)

    def _follow(self, started: Message) -> Ending:
        terminal = OwnTerminal(STDIN)
        is_raw = self._request.tty == "both" and terminal.is_ours and self._is_shown
        masks = self._plan.reading.masks
        foreground = Foreground(
            self._client,
            started["run"],
            started["folder"],
            terminal=terminal,
            is_shown=self._is_shown,
            is_raw=is_raw,
            forwards_input=self._options.stdin or is_raw,
            ends_when_ready=self._options.json,
            hide=_Hiding({"out": MaskStream(masks), "err": MaskStream(masks)}) if masks else None,
        )
        try:
            return foreground.follow()
        except HostUnavailable as error:
            text = f"{error.message} {started['run']} ended with it; what it printed is in {started['folder']}"
            raise HostUnavailable(text) from None

    def _tell_id(self, started: Message) -> int:
        if self._options.json:
            import_module("synk.engine.command_line.reporting").print_json(
                {"run_id": started["run"], "status": started["status"], "folder": started["folder"]}
            )
        else:
            print(started["run"])
        return 0

    def _leave_server(self, started: Message) -> int:
        """A server is ready and the caller wants one object: it runs on without us."""
        self._show_result(self._client.call("run.show", run=started["run"]))
        return 0

    def _end(self, record: Message) -> int:
        """Say what has to be said about how it ended; returns its exit status."""
        reading, durations = self._plan.reading, self._plan.durations
        recognised = reading.recognised
        if record["status"] == "completed" and durations is not None and recognised is not None:
            durations.add(recognised.cls.name, recognised.label, record["duration_ms"] / 1000)
        if not self._is_shown:
            self._show_result(record)
        elif record["status"] in ("timeout", "not_started") or record.get("reason") in ("oom", "limit_cpu", "limit_file"):
            self._explain(record)
        elif record["status"] in ("failed", "crashed") and os.isatty(STDERR):
            self._explain(record, only_suggestions=True)
        return code_of_record(record)

    def _show_result(self, record: Message) -> None:
        # 15 ms of imports that a command whose output is only passed on does not need.
        result = import_module("synk.engine.outcomes").result_of(record, self._plan.reading)
        reporting = import_module("synk.engine.command_line.reporting")
        if self._options.json:
            reporting.print_json(result.as_dict())
            return
        sys.stderr.write(result.stderr.text)
        reporting.print_json(result.parsed)
        if result.parse_error is not None:
            print(f"synk: {reporting.parse_error_text(result.parse_error)}", file=sys.stderr)

    def _explain(self, record: Message, *, only_suggestions: bool = False) -> None:
        error = import_module("synk.engine.outcomes").result_of(record, self._plan.reading).error
        if error is None:
            return
        if not only_suggestions:
            print(f"synk: {error.message}", file=sys.stderr)
        advice = import_module("synk.engine.command_line.reporting").advice
        for suggestion in error.suggestions:
            print(f"synk: {advice(suggestion)}", file=sys.stderr)


class _Hiding:
    """Hides secrets in the bytes of both streams, whatever else is in them."""

    def __init__(self, streams: Mapping[str, MaskStream]) -> None:
        self._streams = streams

    def __call__(self, stream: str, data: bytes) -> bytes:
        masks = self._streams[stream]
        # Bytes that are no UTF-8 come back as they were; a character cut in two is never part of a secret found.
        text = masks.feed(data.decode("utf-8", "surrogateescape")) if data else masks.finish()
        return text.encode("utf-8", "surrogateescape")

