"""One shell of the pool: its states, the arrows between them, and what is remembered about it."""

from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from synk.pty.orders import Ask


class State(Enum):
    """Life of a shell; the arrows are `NEXT`."""

    WARMING = "warming"
    IDLE = "idle"
    ACTIVE = "active"
    RECYCLING = "recycling"
    DEAD = "dead"


NEXT: dict[State, frozenset[State]] = {
    State.WARMING: frozenset({State.IDLE, State.DEAD}),
    State.IDLE: frozenset({State.ACTIVE, State.DEAD}),
    State.ACTIVE: frozenset({State.RECYCLING, State.DEAD}),
    State.RECYCLING: frozenset({State.IDLE, State.DEAD}),
    State.DEAD: frozenset(),
}


class Phase(Enum):
    """Where a shell is within its state."""

    PLAIN = "plain"
    LEASING = "leasing"
    """Idle: the lease is on its way."""
    INTERRUPTED = "interrupted"
    """Recycling: Ctrl+C was sent."""
    HANGING_UP = "hanging up"
    """Recycling: SIGHUP was sent, the process has not been reaped."""
    RESPAWNED = "respawned"
    """Recycling: the next login shell runs its start-up files."""


@dataclass(slots=True, eq=False)
class Shell:
    """One process and its terminal; recycling gives the record a new process and number."""

    number: int
    kind: Literal["pooled", "demand", "cold"]
    state: State
    created_at: float
    """Of the terminal."""
    recipe: Hashable = None
    signature: Hashable = None
    round: int = 0
    phase: Phase = Phase.PLAIN
    deadline: float | None = None
    """When the phase has lasted too long (or, after Ctrl+C, long enough)."""
    idle_since: float = 0.0
    ask: Ask | None = None
    """The claim it was started for in an environment of its own, or whose lease it got."""
    is_own: bool = False
    """True if no other claim can have it."""
    is_warm: bool = False
    """It was waiting when the claim came."""
    is_recyclable: bool = False

    def move(self, state: State) -> None:
        """Change the state; an arrow that is not in `NEXT` is a bug."""
        if state not in NEXT[self.state]:
            raise AssertionError(f"shell {self.number}: {self.state.value} -> {state.value}")
        self.state, self.phase, self.deadline = state, Phase.PLAIN, None

    @property
    def is_ready(self) -> bool:
        """Idle and not being leased."""
        return self.state is State.IDLE and self.phase is Phase.PLAIN
