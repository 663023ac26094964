"""What the pool panel and `synk ctl pool-stats` show, fetched from the host."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from synk.actions.waits import Done
from synk.base.errors import SynkError
from synk.base.events import Hub, NoticeRaised
from synk.hostclient import HostClient, Reply
from synk.sessions.events import HostBack, PoolChanged

Members = Callable[[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]], None]


class HostPool:
    """The host's pool as the window sees it: counts come as events, rows when asked for. GUI thread."""

    def __init__(self, host: HostClient, hub: Hub) -> None:
        self._host = host
        self._hub = hub
        self._stats: Mapping[str, Any] = {}
        hub.subscribe(PoolChanged, self._changed)
        hub.subscribe(HostBack, lambda _event: self.ask())

    def stats(self) -> Mapping[str, Any]:
        """The counts as last heard; empty before the host has said any."""
        return self._stats

    def ask(self) -> None:
        """Have the counts published: the host itself tells changes only, and its pool may be older than this window."""

        def answered(reply: Reply) -> None:
            if reply.ok is not None and reply.ok["stats"]:
                self._hub.publish(PoolChanged(reply.ok["stats"]))

        self._host.call("pool.stats", answered)

    def request_members(self, on_members: Members) -> None:
        """Ask for shells and detached processes."""

        def answered(reply: Reply) -> None:
            if reply.ok is not None:
                on_members(reply.ok["members"], reply.ok["detached"])

        self._host.call("pool.members", answered)

    def refresh(self) -> None:
        """Retire all idle shells and warm new ones."""
        self._host.call("pool.refresh", self._report)

    def kill_detached(self, pid: int) -> None:
        """End a process that outlived its session."""
        self._host.call("pool.kill_detached", self._report, pid=pid)

    def full_stats(self, done: Done) -> None:
        """Counts together with what is known of the host itself, as one object."""

        def answered(reply: Reply) -> None:
            if reply.ok is None:
                done(reply.error or SynkError("The host did not answer."))
                return
            result = dict(reply.ok)
            stats = result.pop("stats")
            done({**stats, "detached": result.pop("detached"), "host": result})

        self._host.call("pool.stats", answered)

    def _changed(self, event: PoolChanged) -> None:
        self._stats = event.stats

    def _report(self, reply: Reply) -> None:
        if reply.error is not None:
            self._hub.publish(NoticeRaised("error", reply.error.message))
