"""Broadcast: the sessions that get everything typed and pasted, from when it was switched on until it ends. Pure."""

from collections.abc import Iterable, Sequence

from synk.sessions.session import Session


class Broadcast:
    """A fixed set of sessions of one tab. New ones do not join; those that end drop out, and the last one ends it.

    Owned by the GUI thread.
    """

    def __init__(self) -> None:
        self._targets: list[Session] = []

    @property
    def targets(self) -> Sequence[Session]:
        """Those that still live, in pane order; empty while it is off."""
        return tuple([session for session in self._targets if session.is_live]) if self._targets else ()

    @property
    def is_on(self) -> bool:
        """Whether somebody would get what is typed."""
        return bool(self.targets)

    def __contains__(self, session: object) -> bool:
        """Whether this session gets what is typed."""
        return session in self.targets

    def start(self, sessions: Iterable[Session]) -> bool:
        """Broadcast to the live ones among these from now on; False, and nothing changes, if there is none."""
        live = [session for session in sessions if session.is_live]
        if live:
            self._targets = live
        return bool(live)

    def stop(self) -> bool:
        """Switch it off; False if it was off already."""
        was_on, self._targets = bool(self._targets), []
        return was_on

    def follow(self, sessions: Iterable[Session], project: str | None) -> bool:
        """Drop those that ended or were closed, and all if another project is shown now; True if something changed."""
        opened = set(map(id, sessions))
        kept = [s for s in self._targets if s.is_live and id(s) in opened and s.project == project]
        changed = len(kept) != len(self._targets)
        self._targets = kept
        return changed
