"""Tells when a session waits for the user, failed, or finished unseen."""

import os
from collections.abc import Callable

from synk.base.events import Hub, NoticeRaised
from synk.sessions.events import SessionChanged, SessionClosed, SessionOpened
from synk.sessions.notices import kind_of
from synk.sessions.session import Session, Status


class SessionNotices:
    """Watches the statuses and publishes a notice at each change that calls for the user. GUI thread."""

    def __init__(
        self, hub: Hub, *, by_id: Callable[[int], Session | None], name_of: Callable[[Session], str] | None = None
    ) -> None:
        """`name_of`: what the user calls a session; by default its title, else its program."""
        self._hub = hub
        self._by_id = by_id
        self._name_of = name_of or name_of_session
        self._statuses: dict[int, Status] = {}
        hub.subscribe(SessionOpened, self._opened)
        hub.subscribe(SessionChanged, self._changed)
        hub.subscribe(SessionClosed, self._closed)

    def _opened(self, event: SessionOpened) -> None:
        """What a session is found in, after a crash of the window, is no news."""
        session = self._by_id(event.session)
        if session is not None:
            self._statuses[session.id] = session.status

    def _closed(self, event: SessionClosed) -> None:
        self._statuses.pop(event.session, None)

    def _changed(self, event: SessionChanged) -> None:
        session = self._by_id(event.session)
        if session is None:
            return
        before, self._statuses[session.id] = self._statuses.get(session.id), session.status
        if session.status is before:
            return
        if session.status is Status.WAITING:
            self._tell(session, "session.waits", f"{self._name_of(session)} waits for you")
        elif session.status is Status.DONE_UNSEEN:
            self._tell(session, "agent.finished", f"{self._name_of(session)} finished")
        elif session.status is Status.FAILED and _is_agent(session):
            self._tell(session, "agent.failed", f"{self._name_of(session)} {_how(session)}")

    def _tell(self, session: Session, event: str, title: str) -> None:
        kind = kind_of(event)
        folder = os.path.basename(session.project) or session.project
        self._hub.publish(
            NoticeRaised(
                kind.level if kind is not None else "info",
                title,
                f"Pane {session.pane} of {folder}",
                session.id,
                event=event,
                project=session.project,
                action="Go there",
            )
        )


def name_of_session(session: Session) -> str:
    """Its title, else the program's, else what runs in it."""
    return session.title.strip() or session.program_title.strip() or session.program or session.agent


def _is_agent(session: Session) -> bool:
    """A shell or interpreter ends as the user told it to: with the status of the last command, which is no failure."""
    return bool(session.argv) and not session.is_repl


def _how(session: Session) -> str:
    ended = session.exit
    if ended is None:
        return "failed"
    return f"{'crashed' if ended.signal is not None else 'failed'}: {ended.describe()}"
