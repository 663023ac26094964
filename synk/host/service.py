"""What a part of the host that serves clients (runs, REPLs, shells) is built from, and what it has to offer the server."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from synk.base.wire import Message
from synk.host.authority import Authority
from synk.host.connection import Connection
from synk.host.ledger import Ledger
from synk.host.reaper import Reaper
from synk.pty.children import Children

RETRY_S = 0.001
"""While the pool forks (half a millisecond), the master of a new terminal may be inherited; we wait until it cannot."""

Verb = Callable[[Connection, Message, tuple[int, ...]], Message | None]
"""Handles one request on the main loop: returns the result, or None if it answers later through `Connection.reply` or
`Connection.fail`. Raises SynkError for what the caller did wrong. Descriptors that came along are closed after the call."""


class Service(Protocol):
    """A part of the host with verbs and processes of its own; everything is called on the main loop."""

    @property
    def verbs(self) -> Mapping[str, Verb]:
        """By name (`run.start`); a name belongs to one service."""

    @property
    def is_busy(self) -> bool:
        """True while there is something for which the host has to stay although no client is connected."""

    def configure(self, automation: Mapping[str, Any]) -> None:
        """The user's settings `automation.*` by name, when a client brings them; before that the defaults hold."""

    def client_closed(self, connection: Connection) -> None:
        """This client is gone; what was asked for it can be forgotten."""

    def end_all(self, on_ended: Callable[[], None], *, except_for: Collection[Connection]) -> None:
        """End every process of this service, then call `on_ended` (at once if there is none). New requests are not sent.

        What belongs to these clients, which are still connected, stays: a window was quit beside a running `synk exec`.
        """

    def sessions_of(self, clients: Collection[Connection], /) -> Collection[int]:
        """Sessions without a pane that belong to one of these clients."""

    def owner_ended(self, owner: str) -> None:
        """The session of this agent (`session:12`) has ended: what it started through the host ends with it."""

    def status(self) -> Message:
        """Counts for `synk host status` and `synk pool stats`, names that say whose they are (`runs`, `repls_idle`)."""


@dataclass(frozen=True, slots=True)
class HostParts:
    """What all services share; built once by the server."""

    loop: asyncio.AbstractEventLoop
    ledger: Ledger
    reaper: Reaper
    children: Children
    authority: Authority
    state: str
    """The profile's state directory."""
    runtime: str
    """The profile's runtime directory, 0700."""
    resources: str
    """Where the data files of Synk are."""

    def when_safe_to_start(self, start: Callable[[], None]) -> None:
        """Run `start`, which starts one program with `posix_spawn`, when no fork of the pool is under way: now or very soon.

        Whatever `start` raises goes to the caller only if it runs now; later it goes to the loop's handler, so it should
        answer its errors itself.
        """
        with self.children.starting() as is_safe:
            if is_safe:
                start()
                return
        self.loop.call_later(RETRY_S, self.when_safe_to_start, start)
