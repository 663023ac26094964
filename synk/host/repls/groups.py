"""What the REPL pool's state machine (machine.py) knows: members, zygotes, and groups of those that are alike."""

import math
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import Enum

REFILL_DELAY_S = 0.1
"""A replacement does not compete with the cell that just starts."""
QUIET_S = 300.0
"""Without a claim for this long the pool shrinks to what was configured; of a kind nobody configured nothing stays."""
FIRST_REFILL_S = 1.0
"""How long making a member takes, until one was made."""


class State(Enum):
    """Of a member. Dead ones are forgotten."""

    WARMING = "warming"
    IDLE = "idle"
    ACTIVE = "active"
    DEAD = "dead"
    """Ordered to end; its processes may still be there."""


@dataclass(slots=True, eq=False)
class Member:
    """One kernel, from the order to make it until its end."""

    number: int
    key: Hashable
    state: State
    since: float
    """When it entered the state."""
    made_at: float
    zygote: int = 0


@dataclass(slots=True, eq=False)
class Zygote:
    """One zygote."""

    number: int
    key: Hashable
    since: float
    is_ready: bool = False
    is_retired: bool = False
    """It forks no more, and ends with the last of its kernels."""


@dataclass(slots=True, eq=False)
class Group:
    """All there is of one key: same interpreter, environment at import, modules."""

    key: Hashable
    uses_zygote: bool
    used_at: float
    count: int = 0
    max: int = 8
    is_configured: bool = False
    zygote: int = 0
    """The one that forks now; 0 for none."""
    waiting: deque[int] = field(default_factory=deque)
    """Claims without a member, longest waiting first."""
    claims: deque[float] = field(default_factory=deque)
    """Times of the claims of the last five minutes."""
    refill_s: float = FIRST_REFILL_S
    refill_at: float | None = None
    failures: int = 0
    retry_at: float = 0.0

    def demand(self) -> int:
        """p95 of the claims that came within one refill time."""
        times = list(self.claims)
        window = self.refill_s + REFILL_DELAY_S
        counts = sorted(sum(1 for other in times[i:] if other - time <= window) for i, time in enumerate(times))
        return counts[math.ceil(0.95 * len(counts)) - 1] if counts else 0

    def target(self, now: float) -> int:
        """How many should be idle."""
        while self.claims and now - self.claims[0] >= QUIET_S:
            self.claims.popleft()
        return min(max(self.count, self.demand()), self.max)
