"""What a client asks for with `run.start`, checked and typed."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from synk.base.errors import UsageError
from synk.base.wire import Message
from synk.host.runs.start import RunLimits

COLS, ROWS = 120, 40
"""Size of a terminal nobody looks at (07-automation.md, section 2)."""
NO_LIMITS = RunLimits()


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One command; times in seconds, None: no limit."""

    argv: tuple[str, ...]
    cwd: str
    environment: Mapping[str, str]
    command: str
    kind: str = "exec"
    tty: str = "stderr"
    cols: int = COLS
    rows: int = ROWS
    stdin: str = "none"
    input: bytes = b""
    eof: bool = False
    class_name: str = "generic"
    normal_codes: tuple[int, ...] = (0,)
    limits: RunLimits = NO_LIMITS
    idle_s: float | None = None
    hard_s: float | None = None
    hard_from_life: bool = False
    input_timeout_s: float | None = None
    on_timeout: str = "stop"
    on_background: str = "report"
    on_disconnect: str = "keep"
    watch_ready: bool = False
    is_paced: bool = False
    """Its client shows everything in the foreground of a shell: no byte may be dropped before `run.seen` told of it."""

    @classmethod
    def of(cls, message: Message) -> "RunRequest":
        """From a message.

        Raises:
            UsageError: a field is missing or not what it should be.
        """
        argv = message.get("argv")
        if not isinstance(argv, list) or not argv or not all(isinstance(word, str) for word in argv):
            raise UsageError("argv has to be a list of at least one text")
        environment = message.get("environment", {})
        if not isinstance(environment, dict) or not all(isinstance(value, str) for value in environment.values()):
            raise UsageError("environment has to map names to texts")
        cwd = str(message.get("cwd", ""))
        if not cwd.startswith("/"):
            raise UsageError(f"cwd has to be an absolute folder, not {cwd!r}")
        return cls(
            argv=tuple(argv),
            cwd=cwd,
            environment=environment,
            command=str(message.get("command") or " ".join(argv)),
            kind=_choice(message, "kind", "exec", "job"),
            tty=_choice(message, "tty", "stderr", "both", "none"),
            cols=_number(message, "cols", COLS),
            rows=_number(message, "rows", ROWS),
            stdin=_choice(message, "stdin", "none", "pipe", "tty"),
            input=input_bytes(message.get("input")),
            eof=bool(message.get("eof")),
            class_name=str(message.get("class", "generic")),
            normal_codes=tuple(int(code) for code in message.get("normal_codes", (0,))),
            limits=_limits(message.get("limits") or {}),
            idle_s=_seconds(message, "idle_s"),
            hard_s=_seconds(message, "hard_s"),
            hard_from_life=bool(message.get("hard_from_life")),
            input_timeout_s=_seconds(message, "input_timeout_s"),
            on_timeout=_choice(message, "on_timeout", "stop", "background"),
            on_background=_choice(message, "on_background", "report", "kill", "adopt"),
            on_disconnect=_choice(message, "on_disconnect", "keep", "stop"),
            watch_ready=bool(message.get("watch_ready")),
            is_paced=bool(message.get("paced")),
        )


def input_bytes(value: object) -> bytes:
    """Input as a client sends it: a text, or {"base64": ...} for what is no text; None is nothing.

    Raises:
        UsageError: neither.
    """
    if value is None:
        return b""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    if isinstance(value, dict) and isinstance(value.get("base64"), str):
        try:
            return base64.b64decode(value["base64"], validate=True)
        except binascii.Error as error:
            raise UsageError("input is no base64") from error
    raise UsageError("input has to be a text or {base64}")


def _choice(message: Message, name: str, *allowed: str) -> str:
    value = message.get(name) or allowed[0]
    if value not in allowed:
        raise UsageError(f"{name} is {value!r}; it can be {', '.join(allowed)}")
    return str(value)


def _number(message: Message, name: str, default: int) -> int:
    value = message.get(name, default)
    if not isinstance(value, int) or not 1 <= value <= 10_000:
        raise UsageError(f"{name} is {value!r}; it has to be a number from 1 to 10000")
    return value


def _seconds(message: Message, name: str) -> float | None:
    value: Any = message.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or not 0 < value < 1e9:
        raise UsageError(f"{name} is {value!r}; it has to be seconds above 0")
    return float(value)


def _limits(message: Message) -> RunLimits:
    known = {"memory_bytes", "open_files", "file_bytes", "processes"}
    unknown = message.keys() - known - {"cpu_s"}
    if unknown:
        raise UsageError(f"There is no limit {', '.join(sorted(unknown))}")
    for name, value in message.items():
        if value is not None and (not isinstance(value, int | float) or value <= 0):
            raise UsageError(f"Limit {name} is {value!r}; it has to be above 0")
    numbers = {name: int(message[name]) for name in known if message.get(name) is not None}
    cpu_s = None if message.get("cpu_s") is None else float(message["cpu_s"])
    return RunLimits(cpu_s=cpu_s, **numbers)
