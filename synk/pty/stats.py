"""Counts and times of the pool, as the panel, `synk ctl` and the tests see them."""

from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

TIMES_KEPT = 512
"""Median and 95th percentile follow the last claims, not those of last week."""


@dataclass(frozen=True, slots=True)
class PoolTargets:
    """The settings the counts are compared with."""

    initial_pool_size: int = 2
    max_pool_size: int = 4
    max_active: int = 12


@dataclass(frozen=True, slots=True)
class PoolStats:
    """A snapshot. `warming + idle + active + recycling + ending + dead == forks` always holds."""

    warming: int = 0
    idle: int = 0
    active: int = 0
    """Live sessions started by this pool."""
    recycling: int = 0
    """Released shells on their way back to idle, whose process is alive or is just being replaced."""
    ending: int = 0
    """Processes the pool has let go of (or lost) that are not reaped yet."""
    dead: int = 0
    """Processes reaped since the pool started."""
    forks: int = 0
    """Processes started since the pool started."""
    adopted: int = 0
    """Live sessions taken over from a dead host; they count against `max_active`."""
    waiting: int = 0
    """Claims accepted and not answered yet; they count against `max_active`."""
    targets: PoolTargets = field(default_factory=PoolTargets)
    claims: int = 0
    """Sessions started, warm and cold."""
    claims_warm: int = 0
    claims_cold: int = 0
    """Sessions for which no idle shell was waiting."""
    claim_last_ms: float = 0.0
    claim_p50_ms: float = 0.0
    claim_p95_ms: float = 0.0
    recycles: int = 0
    recycles_failed: int = 0
    kills: int = 0
    """Live processes handed over to the kill ladder."""
    deaths: int = 0
    """Warm shells that ended by themselves."""
    refill_scheduled_ms: float = 0.0
    """From the last claim of a warm shell to the start of its replacement."""
    fork_last_ms: float = 0.0
    last_error: str = ""
    memory_pressure: bool = False
    is_degraded: bool = False
    """The shell did not become ready on any try: sessions open cold until one does."""
    shell: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The snapshot as JSON-ready data."""
        return asdict(self)


class RecentTimes:
    """The last `TIMES_KEPT` durations, in milliseconds."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=TIMES_KEPT)

    def add(self, ms: float) -> None:
        """Note one duration."""
        self._times.append(ms)

    @property
    def last(self) -> float:
        """The newest one; 0 if there is none."""
        return self._times[-1] if self._times else 0.0

    def percentile(self, percent: float) -> float:
        """The smallest noted duration that at least `percent` of all do not exceed (nearest rank); 0 if there is none."""
        if not self._times:
            return 0.0
        ordered = sorted(self._times)
        rank = -int(-percent * len(ordered) // 100)
        return ordered[min(len(ordered), max(1, rank)) - 1]
