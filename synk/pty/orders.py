"""What the pool's state machine is told and what it orders: the words between `machine.py` and `pool.py`."""

from collections.abc import Hashable
from dataclasses import dataclass

from synk.pty.messages import RefusalKind


@dataclass(frozen=True, slots=True)
class Limits:
    """The settings as the machine needs them."""

    initial_pool_size: int = 2
    max_pool_size: int = 4
    max_active: int = 12
    is_recycling: bool = True
    max_age_s: float = 1800.0
    warmup_delay_s: float = 0.1
    upkeep_s: float = 5.0
    """Between two `Inspect` orders."""
    is_poolable: bool = True
    """False for a shell without a start gate: all its sessions start cold."""
    recipe: Hashable = None
    """Shell and base environment: a change makes all shells of before unfit."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A claim as the machine sees it."""

    request: int
    directory: str = ""
    environment: Hashable = None
    """None: the base environment. Else a shell is started only for this claim."""
    has_program: bool = False
    """An agent replaces the shell, so that it cannot be recycled."""
    is_direct: bool = False
    """The program is started without a shell."""
    tries: int = 0
    """Shells that ended with its lease."""


@dataclass(frozen=True, slots=True)
class Fork:
    """Start a login shell up to its gate; then say `ready`, `died` or `start_failed`."""

    number: int
    ask: Ask | None
    """The claim whose environment it gets; None for the base environment."""


@dataclass(frozen=True, slots=True)
class ForkCold:
    """Start the session's program without a gate; then say `started` or `start_failed`."""

    number: int
    request: int


@dataclass(frozen=True, slots=True)
class SendLease:
    """Give an idle shell its size and its lease; then say `answered`."""

    number: int
    request: int


@dataclass(frozen=True, slots=True)
class Accept:
    """The session runs: hand it over."""

    number: int
    request: int
    is_warm: bool


@dataclass(frozen=True, slots=True)
class Refuse:
    """The session does not start."""

    request: int
    kind: RefusalKind
    text: str


@dataclass(frozen=True, slots=True)
class Retire:
    """Let go of a process, which may have ended already; whoever holds it now ends what is left of its session."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class TakeBack:
    """A released shell: read its terminal away from now on, hold its other end open, send Ctrl+C."""

    number: int


@dataclass(frozen=True, slots=True)
class CheckQuiet:
    """Look whether the shell is alone in its session; then say `checked`."""

    number: int


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the shell with SIGHUP, so that it saves its history."""

    number: int


@dataclass(frozen=True, slots=True)
class Respawn:
    """Run the login shell again on the terminal of `number`, as start `successor`; then say `ready`, `died` or `start_failed`."""

    number: int
    successor: int


@dataclass(frozen=True, slots=True)
class Inspect:
    """Look at start-up files and memory; then say `inspected`."""


@dataclass(frozen=True, slots=True)
class TellNotReady:
    """Tell the user, once, that the shell did not become ready on any try."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A call that makes no sense any more; for the log."""

    text: str


Order = (
    Fork
    | ForkCold
    | SendLease
    | Accept
    | Refuse
    | Retire
    | TakeBack
    | CheckQuiet
    | HangUp
    | Respawn
    | Inspect
    | TellNotReady
    | Ignored
)
