"""What the pool is asked for and what it reports: plain frozen data, handed between threads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from synk.pty.gate import Lease
from synk.pty.stats import PoolStats


@dataclass(frozen=True, slots=True)
class PoolConfig:
    """The settings of 01-pool-and-sessions.md, section 12, already checked against their bounds."""

    shell: str = ""
    """Path of the login shell; "" means `$SHELL`, then the passwd entry, then /bin/bash."""
    initial_pool_size: int = 2
    """Warm shells kept ready; 0 turns the pool off (shells are then started on demand)."""
    max_pool_size: int = 4
    """Most warm shells; more than `initial_pool_size` only after recycling."""
    max_active: int = 12
    """Most live sessions."""
    recycle_enabled: bool = True
    max_pty_age_minutes: float = 30
    warmup_delay_ms: int = 100
    """Between two starts of warm shells, so that they do not compete for the disk and cores."""
    shell_integration: bool = True
    """Interactive shells mark prompts and commands and tell their directory; also those that are warm already."""
    poll_interval_ms: int = 5000
    """Longest time between two looks at start-up files and memory; never more than 5 s."""


@dataclass(frozen=True, slots=True)
class StartRequest:
    """One session to be started; answered by exactly one `Started` or `Refused`."""

    request: int
    """Chosen by the caller, unique among the unanswered ones."""
    lease: Lease
    cols: int
    rows: int
    environment: Mapping[str, str] | None = None
    """The cleaned environment of the asking client; None or an equal one: the pool's own, so a warm shell will do."""
    argv_only: bool = False
    """Start `lease.argv` itself, without a shell and its start-up files."""


@dataclass(frozen=True, slots=True)
class Started:
    """The session runs. `pidfd` and `master` are duplicates that belong to the receiver."""

    request: int
    shell: int
    """The start number: `SYNK_HOST=<host id>.<shell>` stands in its environment; `release` takes it."""
    pid: int
    pidfd: int
    master: int
    """Non-blocking (the flag is shared by all duplicates), close-on-exec."""
    tty: str
    """For example `/dev/pts/3`."""
    output: bytes
    """What the start-up files printed, to be shown before anything read from `master`; at most 64 KiB."""
    is_warm: bool
    """An idle shell was waiting when the claim came."""
    is_cold: bool
    """Started without a gate: the start-up files still run, so readiness is only seen by the prompt."""
    claim_ms: float
    """From the call of `claim` to this event."""


RefusalKind = Literal["exhausted", "folder", "spawn", "cancelled", "closed"]


@dataclass(frozen=True, slots=True)
class Refused:
    """The session was not started; nothing of it remains."""

    request: int
    kind: RefusalKind
    error: str
    """What the user reads; "" for `cancelled`."""


@dataclass(frozen=True, slots=True)
class Retired:
    """The pool has let go of a live process: the receiver owns both fds, runs the kill ladder and then calls `exited`."""

    shell: int
    pid: int
    pidfd: int
    master: int
    """Close it when the ladder is done."""
    reason: str
    """For the log: `too old`, `start-up files changed`, `released` ..."""


@dataclass(frozen=True, slots=True)
class StatsChanged:
    """Some count changed."""

    stats: PoolStats


@dataclass(frozen=True, slots=True)
class PoolNotice:
    """A toast for the user."""

    level: Literal["info", "warning", "error"]
    text: str


@dataclass(frozen=True, slots=True)
class ForkBegan:
    """A fork is about to happen. If `ForkEnded` does not follow within 1 s, kill what `Children.unregistered` names."""


@dataclass(frozen=True, slots=True)
class ForkEnded:
    """The fork of the last `ForkBegan` reached exec or failed."""


PoolEvent = Started | Refused | Retired | StatsChanged | PoolNotice | ForkBegan | ForkEnded


@dataclass(frozen=True, slots=True)
class Member:
    """One process of the pool, as a row of the pool panel."""

    shell: int
    pid: int
    tty: str
    state: str
    """`warming`, `idle`, `active`, `recycling` or `dead` (being killed, not reaped yet)."""
    age_s: float
    """Of its PTY."""
    program: str
    """Path of the shell, or of the program started without one."""
    kind: Literal["pooled", "demand", "cold"]
