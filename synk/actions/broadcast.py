"""Typing into several sessions at once."""

from collections.abc import Callable, Sequence
from typing import Annotated

from synk.actions.ports import Sessions, View
from synk.base.errors import NoSuchTarget
from synk.base.events import Event, NoticeRaised
from synk.commands.registry import LIVE, Targets, command
from synk.sessions.broadcast import Broadcast
from synk.sessions.session import Session
from synk.sessions.tabs import Tabs


class BroadcastActions:
    """Commands that begin and end a broadcast."""

    def __init__(
        self,
        broadcast: Broadcast,
        tabs: Tabs,
        manager: Sessions,
        view: View,
        *,
        is_first: Callable[[], bool] = lambda: False,
        notify: Callable[[Event], None] = lambda _event: None,
    ) -> None:
        """`is_first()`: True once in the life of a profile, and from then on False."""
        self._broadcast = broadcast
        self._tabs = tabs
        self._manager = manager
        self._view = view
        self._is_first = is_first
        self._notify = notify

    @command("broadcast.toggle", short="broadcast", when="can_toggle")
    def toggle(self, target: Annotated[Targets, LIVE] | None = None) -> str:
        """Type into these sessions at once, or all of the project; again: into the selected one only."""
        if target is None and self._broadcast.stop():
            self._view.show_broadcast()
            return "Broadcast is off"
        if target is not None and any(session.project != self._tabs.project for session in target):
            raise NoSuchTarget("Only panes of the project that is shown can be broadcast to")
        if not self._broadcast.start(self._live() if target is None else target):
            raise NoSuchTarget("Nothing to broadcast to")
        self._view.show_broadcast()
        count = len(self._broadcast.targets)
        who = f"{count} sessions" if count > 1 else "one session"
        if self._is_first():
            tip = "Best when all are at a prompt: /broadcast @idle picks those. Ctrl+b ends it."
            self._notify(NoticeRaised("info", f"What you type goes to {who}", tip))
        return f"What you type goes to {who}"

    def can_toggle(self) -> bool:
        """Whether there is a session to type into, or a broadcast to end."""
        return self._broadcast.is_on or bool(self._live())

    def _live(self) -> Sequence[Session]:
        return [session for session in self._tabs.shown(self._manager.sessions) if session.is_live]
