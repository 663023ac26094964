"""What the REPL pool's state machine (machine.py) orders; pooling.py carries it out."""

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StartZygote:
    """Start a process that imports and forks."""

    zygote: int
    key: Hashable


@dataclass(frozen=True, slots=True)
class EndZygote:
    """No member of it is left, or it is not needed any more."""

    zygote: int


@dataclass(frozen=True, slots=True)
class Fork:
    """Make a member out of a zygote that is ready."""

    member: int
    zygote: int
    key: Hashable


@dataclass(frozen=True, slots=True)
class Start:
    """Make a member as a process of its own."""

    member: int
    key: Hashable


@dataclass(frozen=True, slots=True)
class Give:
    """The claim gets this member; nobody else ever will."""

    ask: int
    member: int
    is_warm: bool
    """It had been waiting."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """The claim gets nothing."""

    ask: int
    text: str


@dataclass(frozen=True, slots=True)
class End:
    """End all processes of a member."""

    member: int
    reason: str


Order = StartZygote | EndZygote | Fork | Start | Give | Refuse | End
