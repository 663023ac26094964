"""What happens to sessions, the pool and the host, as the window and the control interface hear it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from synk.base.events import Event


@dataclass(frozen=True, slots=True)
class SessionOpened(Event):
    """A session got its pane; its program may still be starting."""

    session: int
    by_user: bool
    """True: the user asked for it, so it is selected and shown. False: automation, nothing moves (G2)."""


@dataclass(frozen=True, slots=True)
class SessionChanged(Event):
    """Status, title, note or bar of a session changed."""

    session: int


@dataclass(frozen=True, slots=True)
class SessionOutput(Event):
    """The program printed: the emulator has dirty rows. Published at most once per session and turn."""

    session: int


@dataclass(frozen=True, slots=True)
class TerminalReported(Event):
    """The terminal reported something else than a title: bell, clipboard, directory (`synk/terminal/events.py`)."""

    session: int
    report: object


@dataclass(frozen=True, slots=True)
class SessionClosed(Event):
    """The pane is gone; the program ends in the background."""

    session: int
    pane: int
    project: str
    """Path of the project whose tab it was in."""


@dataclass(frozen=True, slots=True)
class TabsChanged(Event):
    """Tabs were opened, closed or moved, or another one is shown."""


@dataclass(frozen=True, slots=True)
class PoolChanged(Event):
    """Counts of the pool changed; `stats` is `PoolStats.as_dict()`."""

    stats: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HostLost(Event):
    """The host died; sessions go on, a new host is being started."""


@dataclass(frozen=True, slots=True)
class HostBack(Event):
    """A new host took over the running sessions."""
