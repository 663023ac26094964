"""What a request or a setting wishes for REPLs: options of one, how many of a language wait warm, limits, times."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from synk.base.errors import UsageError
from synk.base.wire import Message
from synk.host.runs.start import RunLimits

MOST_WARM = 32


@dataclass(frozen=True, slots=True)
class ReplOptions:
    """What the caller of `repl.start` may choose."""

    name: str = ""
    auto_restart: bool = False
    keep_alive: bool = True
    health_check: str = ""
    idle_timeout_s: float | None = None
    command_timeout_s: float | None = None
    limits: RunLimits = field(default_factory=RunLimits)
    secrets: tuple[str, ...] = ()
    """Names of the secrets in its environment, told to every client that runs a cell: it hides their values."""


def options_of(message: Message, *, memory_bytes: int | None) -> ReplOptions:
    """The options of `repl.start`; `memory_bytes` is the limit where it names none.

    Raises:
        UsageError: an unknown limit, or a time that is none.
    """
    limits = message.get("limits") or {}
    known = set(RunLimits.__dataclass_fields__)
    if not set(limits) <= known:
        raise UsageError(f"Unknown limit {', '.join(sorted(set(limits) - known))}: known are {', '.join(sorted(known))}.")
    if limits.get("memory_bytes") is None:
        limits = {**limits, "memory_bytes": memory_bytes}
    return ReplOptions(
        name=str(message.get("name") or ""),
        auto_restart=bool(message.get("auto_restart")),
        keep_alive=message.get("keep_alive") is not False,
        health_check=str(message.get("health_check") or ""),
        idle_timeout_s=seconds_of(message, "idle_timeout_s"),
        command_timeout_s=seconds_of(message, "command_timeout_s"),
        limits=RunLimits(**limits),
        secrets=tuple(map(str, message.get("secrets") or ())),
    )


def sizes_of(name: str, sizes: Mapping[str, Any]) -> tuple[int, int]:
    """How many of a language wait warm, at least and at most.

    Raises:
        UsageError: a number out of bounds.
    """
    count, most = int(sizes.get("count", 1)), int(sizes.get("max", 8))
    if not 0 <= count <= MOST_WARM or not 1 <= most <= MOST_WARM:
        raise UsageError(f"{name}: count is 0 to {MOST_WARM}, max 1 to {MOST_WARM}; not {count} and {most}.")
    return count, max(count, most)


def memory_of(sizes: Mapping[str, Any]) -> int | None:
    """Limit of one member of a language in bytes: `memory_mb` of a request, `memory` (2G) of a setting; None: the default."""
    if sizes.get("memory_mb"):
        return int(sizes["memory_mb"]) << 20
    text = str(sizes.get("memory") or "")
    unit = "KMGT".find(text[-1:].upper()) + 1 if text[-1:].isalpha() else 0
    number = text[:-1] if unit else text
    return int(number) << (10 * unit) if number.isdigit() and int(number) else None


def seconds_of(message: Message, name: str) -> float | None:
    """A time of a request; None if it names none.

    Raises:
        UsageError: it is no number of seconds.
    """
    value = message.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise UsageError(f"{name} is a number of seconds, not {value!r}.")
    return float(value)
