"""What a caller may ask for: limits, timeouts, sizes of the pool, jobs of a batch; checked before anything is sent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from synk.base.errors import UsageError

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?\Z", re.IGNORECASE)
_FACTORS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|)\Z")
_SECONDS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "h": 3600.0}


def size_in_bytes(size: int | str) -> int:
    """`2G`, `512 MiB`, `1.5g` or a number of bytes; K, M, G and T are powers of 1024.

    Raises:
        UsageError: it is no size.
    """
    match = _SIZE.match(str(size).strip())
    value = int(float(match[1]) * _FACTORS[match[2].upper()]) if match else 0
    if value <= 0:
        raise UsageError(f"{size!r} is no size: write 512M, 2G or a number of bytes")
    return value


def seconds(duration: float | str) -> float:
    """`90`, `1.5s`, `10m`, `2h`, `300ms`.

    Raises:
        UsageError: it is no duration, or not above zero.
    """
    match = _DURATION.match(str(duration).strip())
    value = float(match[1]) * _SECONDS[match[2]] if match else 0.0
    if not 0 < value < float("inf"):
        raise UsageError(f"{duration!r} is no duration: write 90, 1.5s, 10m or 2h")
    return value


@dataclass(frozen=True, slots=True)
class Limits:
    """What one process tree may use; None: no limit, or the default of its kind."""

    memory: int | str | None = None
    """Bytes, or `"2G"`."""
    cpu_s: float | None = None
    """CPU time of each process."""
    open_files: int | None = None
    file_size: int | str | None = None
    """Largest file it may write; bytes, or `"2G"`."""
    processes: int | None = None

    def as_message(self) -> dict[str, Any]:
        """As the host takes it: sizes in bytes, nothing that is None.

        Raises:
            UsageError: a size that is none.
        """
        found = {
            "memory_bytes": None if self.memory is None else size_in_bytes(self.memory),
            "cpu_s": self.cpu_s,
            "open_files": self.open_files,
            "file_bytes": None if self.file_size is None else size_in_bytes(self.file_size),
            "processes": self.processes,
        }
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Timeouts:
    """When a REPL or one of its cells has taken too long; seconds, None: the default."""

    idle: float | None = None
    """A REPL nobody used for this long ends (or only warns; `keep_alive`)."""
    command: float | None = None
    """One cell."""


@dataclass(frozen=True, slots=True)
class PoolConfig:
    """How many interpreters of a language wait warm."""

    count: int = 1
    """At least this many are idle."""
    max: int = 8
    """At most this many are idle, however many were claimed lately."""
    preload: Sequence[str] | None = None
    """Modules imported before anybody asks; None: the language's default where they are installed."""
    memory: int | str | None = None
    """Of one member; bytes, or `"2G"`."""

    def as_message(self) -> dict[str, Any]:
        """As the host takes it.

        Raises:
            UsageError: a count below 0 or above `max`, or a size that is none.
        """
        if not 0 <= self.count <= self.max:
            raise UsageError(f"count {self.count} has to be from 0 to max, which is {self.max}")
        message: dict[str, Any] = {"count": self.count, "max": self.max}
        if self.preload is not None:
            message["preload"] = list(self.preload)
        if self.memory is not None:
            message["memory_mb"] = max(1, size_in_bytes(self.memory) >> 20)
        return message

    @classmethod
    def of(cls, given: "PoolConfig | Mapping[str, Any]") -> "PoolConfig":
        """From JSON, where the memory may be called `memory_mb`.

        Raises:
            UsageError: a key that does not exist.
        """
        if isinstance(given, PoolConfig):
            return given
        values = dict(given)
        if (megabytes := values.pop("memory_mb", None)) is not None:
            values["memory"] = f"{megabytes}M"
        check_names(values, cls, "a language of the pool")
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Job:
    """One job of a batch: exactly one of `cmd`, `argv`, `file` and `code`."""

    cmd: str | None = None
    """A line for the shell."""
    argv: Sequence[str] | None = None
    """A program and its arguments, without a shell."""
    file: str | None = None
    """A script; runs in `shell`, by default what its ending says."""
    args: Sequence[str] = ()
    """Arguments of `file`."""
    code: str | None = None
    """Statements for `shell`."""
    shell: str = ""
    """bash, sh, zsh, python, node or R; empty: bash for a command, by its ending for a file."""
    name: str = ""
    """How others may call it in `depends_on`, and how messages call it."""
    cwd: str | None = None
    env: Mapping[str, str] | None = None
    timeout_s: float | None = None
    depends_on: Sequence[int | str] = ()
    """Positions from 0, or names, of jobs that have to succeed first."""
    parse_as: str = "none"
    retries: int | None = None
    """Further tries after a failure; None: what the batch says."""

    @classmethod
    def of(cls, given: "Job | Mapping[str, Any] | str") -> "Job":
        """From JSON; a text alone is a command.

        Raises:
            UsageError: a key that does not exist.
        """
        if isinstance(given, Job):
            return given
        if isinstance(given, str):
            return cls(cmd=given)
        check_names(given, cls, "a job")
        return cls(**given)


def check_names(given: Mapping[str, Any], cls: type[Any], what: str) -> None:
    """Accept the keys, or say which one does not exist and which do.

    Raises:
        UsageError: as said.
    """
    known = [field.name for field in fields(cls)]
    for name in given:
        if name not in known:
            raise UsageError(f"{what} has no {name!r}; there are {', '.join(known)}")


OnTimeout = Literal["stop", "background"]
OnBackground = Literal["report", "kill", "adopt"]
OnDisconnect = Literal["stop", "keep"]
Tty = Literal["stderr", "both", "none"]
StopMode = Literal["interrupt", "terminate", "kill"]
