"""Who needs the user: counts for bars and tabs, and the order in which Space goes from one to the next. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from synk.sessions.session import Session, Status

RANKS = {Status.WAITING: 0, Status.FAILED: 1, Status.DONE_UNSEEN: 2}
"""Statuses that call for the user, the most urgent first."""

SEEN_AFTER_S = 1.0
"""A session that is done becomes idle once it was selected in the active window for this long."""


@dataclass(frozen=True, slots=True)
class Attention:
    """How many sessions need the user."""

    waiting: int = 0
    failed: int = 0
    done: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.waiting + self.failed + self.done

    @property
    def text(self) -> str:
        """`2 waiting, 1 done`; "" for none."""
        counts = ((self.waiting, "waiting"), (self.failed, "failed"), (self.done, "done"))
        return ", ".join(f"{count} {word}" for count, word in counts if count)


def attention_of(sessions: Iterable[Session]) -> Attention:
    """Count those that need the user."""
    statuses = [session.status for session in sessions]
    return Attention(statuses.count(Status.WAITING), statuses.count(Status.FAILED), statuses.count(Status.DONE_UNSEEN))


def in_turn(sessions: Iterable[Session], project: str | None) -> list[Session]:
    """Those that need the user: who waits longest first, those of this project before others, then failed, then done."""
    calling = [session for session in sessions if session.status in RANKS]
    return sorted(calling, key=lambda s: (RANKS[s.status], s.project != project, s.status_since, s.id))


def next_in_turn(sessions: Sequence[Session], project: str | None, selected: Session | None, step: int) -> Session | None:
    """Whom to go to from the selected session, 1 forward or -1 back; wraps. None if nobody needs the user.

    From a session that does not itself need the user it is the most urgent one, or the least urgent one backward.
    """
    turn = in_turn(sessions, project)
    if not turn:
        return None
    if selected not in turn:
        return turn[0 if step > 0 else -1]
    return turn[(turn.index(selected) + step) % len(turn)]
