"""Notices that the user has seen a session that was done: it was selected in the active window for a second."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from synk.sessions.attention import SEEN_AFTER_S
from synk.sessions.session import Session, Status


class Seen(QObject):
    """Told what is selected whenever that, or a status, may have changed; its timer runs only for a session that is done."""

    def __init__(self, on_seen: Callable[[Session], None], parent: QObject) -> None:
        super().__init__(parent)
        self._on_seen = on_seen
        self._session: Session | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(round(SEEN_AFTER_S * 1000))
        self._timer.timeout.connect(self._over)

    @property
    def is_waiting(self) -> bool:
        """Whether its second runs."""
        return self._timer.isActive()

    def look(self, session: Session | None) -> None:
        """This session is selected in the active window now; None: nothing is, or another window is active."""
        done = session if session is not None and session.status is Status.DONE_UNSEEN else None
        if done is not self._session:
            self._session = done
            self._timer.stop()
            if done is not None:
                self._timer.start()

    def _over(self) -> None:
        session, self._session = self._session, None
        if session is not None and session.status is Status.DONE_UNSEEN:
            self._on_seen(session)
