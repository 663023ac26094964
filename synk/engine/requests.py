"""From what a caller asks for to what the host is told: shell, environment, limits and how the output will be read."""

import base64
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from synk.base.errors import FolderMissing, UsageError
from synk.base.variables import check_variables
from synk.base.wire import Message
from synk.engine.classes import Classes
from synk.engine.commands import Recognised, recognise
from synk.engine.durations import Durations, Usual
from synk.engine.environment import Masks, build_environment
from synk.engine.installed import more_variables
from synk.engine.options import Limits, OnBackground, OnDisconnect, OnTimeout, Tty, check_names
from synk.engine.projects import Project
from synk.engine.secrets import SECRET_PREFIX, SecretSource

SHELLS = ("bash", "sh", "zsh", "dash", "fish", "ksh")
COLS, ROWS = 120, 40
"""Of the terminal a run gets if nobody looks at it (07-automation.md, section 2)."""
MAX_OUTPUT_CHARS = 8000
MAX_ROWS = 200
INPUT_BYTES = 256 << 10
"""Of input in one message; in base64 it is a third more, and a message has at most 1 MiB."""
INPUT_TIMEOUT_S = 600.0


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One command with all that may be said about it."""

    command: str | Sequence[str]
    """A line for the shell, or a program and its arguments, which no shell sees."""
    cwd: str | None = None
    """None: the caller's directory."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Further variables; a value `secret:NAME` is read from the secret store."""
    environment: Literal["inherit", "clean"] = "inherit"
    ssh_agent: bool = False
    """A clean environment has SSH_AUTH_SOCK only if this asks for it: whoever has it can use all keys of the agent."""
    shell: str = "bash"
    """For a line: bash, sh, zsh, another shell, or none."""
    tty: Tty = "stderr"
    cols: int = COLS
    rows: int = ROWS
    stdin: str | bytes | None = None
    """Sent at the start, then the end of input."""
    is_stdin_open: bool = False
    """More input follows (`run.input`)."""
    timeout_s: float | None = None
    """Replaces both limits of the command's class."""
    idle_s: float | None = None
    """Replaces the idle limit only."""
    on_timeout: OnTimeout = "stop"
    on_background: OnBackground = "report"
    on_disconnect: OnDisconnect = "stop"
    input_timeout_s: float = INPUT_TIMEOUT_S
    limits: Limits = field(default_factory=Limits)
    parse_as: str = "none"
    max_output_chars: int = MAX_OUTPUT_CHARS
    max_rows: int = MAX_ROWS
    kind: Literal["exec", "job"] = "exec"


@dataclass(frozen=True, slots=True)
class Reading:
    """How the output of a run is to be read, which its record does not say."""

    recognised: Recognised | None = None
    masks: Masks = field(default_factory=Masks)
    parse_as: str = "none"
    max_output_chars: int = MAX_OUTPUT_CHARS
    max_rows: int = MAX_ROWS
    usual: Usual = field(default_factory=Usual)
    variables: Mapping[str, str] = field(default_factory=dict)
    """The environment it got."""
    secret_names: tuple[str, ...] = ()
    """Secrets among its variables, by name."""
    limits: Mapping[str, Any] = field(default_factory=dict)
    """The limits it got: idle_s, hard_s, the caller's timeout_s and those of the process tree."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the host is told, and what is remembered for the result."""

    message: Message
    """Arguments of `run.start`."""
    reading: Reading
    durations: Durations | None
    """Where a success is noted; None without a state directory."""
    more_input: tuple[bytes, ...] = ()
    """What did not fit into the message: for `run.input`, and behind the last part the end of input."""


def plan(
    request: RunRequest,
    *,
    client: Mapping[str, str],
    classes: Classes,
    secrets: SecretSource,
    state: Path | None,
    watch: bool,
) -> Plan:
    """Decide everything before the host is asked.

    Raises:
        UsageError: an empty command, unknown shell, format or variable.
        FolderMissing: the caller's own directory has been removed.
    """
    if not request.command:
        raise UsageError("There is no command to run")
    check_parse_as(request.parse_as)
    check_variables(request.env)
    cwd = folder_of(request.cwd)
    project = Project.around(cwd)
    recognised = recognise(request.command, classes)
    path = request.env.get("PATH") or project.variables.get("PATH") or client.get("PATH", "")
    environment = build_environment(
        client,
        mode=request.environment,
        is_interactive=request.tty == "both",
        class_variables={**recognised.cls.variables, **more_variables(recognised, cwd=cwd, path=path)},
        class_appended=recognised.cls.appended,
        project=project.variables,
        caller=request.env,
        secrets=secrets,
        with_ssh_agent=request.ssh_agent,
    )
    durations = Durations(state, project.folder) if state is not None else None
    usual = durations.usual(recognised.cls.name, recognised.label) if durations is not None else Usual()
    limits = request.limits.as_message()
    clocks = _clocks(request, recognised, usual)
    message: Message = {
        "argv": argv_of(request.command, request.shell),
        "cwd": cwd,
        "environment": {**environment.values, "PWD": cwd},
        "tty": request.tty,
        "cols": request.cols,
        "rows": request.rows,
        **_input(request),
        "command": environment.masks.mask(text_of(request.command)),
        "kind": request.kind,
        "class": recognised.cls.name,
        "normal_codes": list(recognised.cls.normal_codes),
        "limits": limits,
        **clocks,
        "input_timeout_s": request.input_timeout_s,
        "on_timeout": request.on_timeout,
        "on_background": request.on_background,
        "on_disconnect": request.on_disconnect,
        "watch_ready": recognised.cls.is_server,
        "watch": watch,
    }
    reading = Reading(
        recognised=recognised,
        masks=environment.masks,
        parse_as=request.parse_as,
        max_output_chars=request.max_output_chars,
        max_rows=request.max_rows,
        usual=usual,
        variables=environment.values,
        secret_names=secret_names(project.variables, request.env),
        limits={**limits, "idle_s": clocks["idle_s"], "hard_s": clocks["hard_s"], "timeout_s": request.timeout_s},
    )
    more = input_parts(request.stdin)[1:] if request.stdin else []
    return Plan(message, reading, durations, tuple(part for part in more if isinstance(part, bytes)))


def request_of(command: str | Sequence[str], options: Mapping[str, Any]) -> RunRequest:
    """From options as they come from Python or JSON.

    Raises:
        UsageError: an option or limit that does not exist.
    """
    check_names(options, RunRequest, "exec")
    limits = options.get("limits")
    if isinstance(limits, Mapping):
        check_names(limits, Limits, "limits")
        options = {**options, "limits": Limits(**limits)}
    return RunRequest(command, **options)


def secret_names(*layers: Mapping[str, str]) -> tuple[str, ...]:
    """The secrets these variables stand for."""
    found = {value.removeprefix(SECRET_PREFIX) for layer in layers for value in layer.values() if value.startswith(SECRET_PREFIX)}
    return tuple(sorted(found))


def argv_of(command: str | Sequence[str], shell: str) -> list[str]:
    """What is executed. The caller's line reaches the shell unchanged.

    Raises:
        UsageError: unknown shell, or a line although the shell is `none`.
    """
    if not isinstance(command, str):
        return [str(word) for word in command]
    if shell == "none":
        raise UsageError("Without a shell the command has to be a list: the program and its arguments")
    if os.path.basename(shell) not in SHELLS:
        raise UsageError(f"{shell} is no shell that is known; there are {', '.join(SHELLS)} and none")
    return [shell, "-c", command]


def text_of(command: str | Sequence[str]) -> str:
    """The command as people read it."""
    if isinstance(command, str):
        return command
    return str(import_module("shlex").join(str(word) for word in command))


def encoded_input(data: str | bytes) -> str | Message:
    """Input as it travels: a text, or bytes in base64."""
    return {"base64": base64.b64encode(data).decode()} if isinstance(data, bytes) else data


def input_parts(data: str | bytes) -> list[str | bytes]:
    """Input in parts that fit into messages; the same text if it fits into one."""
    if len(data) <= INPUT_BYTES // 4:  # no character takes more
        return [data]
    whole = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
    return [whole[start : start + INPUT_BYTES] for start in range(0, len(whole), INPUT_BYTES)]


def _input(request: RunRequest) -> Message:
    if request.stdin is None and not request.is_stdin_open:
        return {"stdin": "tty" if request.tty == "both" else "none", "eof": False}
    # A terminal gives what is typed ahead to whoever reads it; a pipe has an end.
    where = "tty" if request.tty == "both" else "pipe"
    parts = input_parts(request.stdin) if request.stdin else []
    message: Message = {"stdin": where, "eof": not request.is_stdin_open and len(parts) < 2}
    if parts:
        message["input"] = encoded_input(parts[0])
    return message


def _clocks(request: RunRequest, recognised: Recognised, usual: Usual) -> Message:
    """Seconds; None: no limit."""
    if request.timeout_s is not None:
        return {"idle_s": None, "hard_s": request.timeout_s, "hard_from_life": False}
    cls = recognised.cls
    idle_s = request.idle_s if request.idle_s is not None else cls.idle_s
    return {"idle_s": idle_s, "hard_s": usual.hard_limit(cls.hard_s), "hard_from_life": cls.hard_from_life}


def check_parse_as(name: str) -> None:
    """Accept a format, or refuse it before anything runs.

    Raises:
        UsageError: with the formats there are.
    """
    if name != "none":
        # 10 ms of readers (CSV, XML, ...) that most runs do not need.
        import_module("synk.engine.outputs").check_format(name)


def folder_of(given: str | None) -> str:
    """Absolute; whether it is there is found out by the host, and is a result like a missing program.

    Raises:
        FolderMissing: nothing is given, and the caller's own directory has been removed.
    """
    try:
        return os.path.abspath(os.path.expanduser(given or os.getcwd()))
    except FileNotFoundError:
        raise FolderMissing("The current directory does not exist any more") from None
