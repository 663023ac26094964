"""Tells programs their size: the first one at once, later ones when the resizing has stopped."""

from PySide6.QtCore import QObject, QTimer, Signal

from synk.sessions.session import Session

SETTLE_MS = 80
"""After the last step of a resize; programs redraw once instead of at each step (03-workspace.md, section 1)."""


class PaneSizer(QObject):
    """Debounces sizes per window: all panes change together, so they settle together."""

    resized = Signal(object, int, int)
    """Session, columns, rows: tell the program and its emulator."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._told: dict[Session, tuple[int, int]] = {}
        self._wanted: dict[Session, tuple[int, int]] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._settle_next)

    def want(self, session: Session, *, cols: int, rows: int) -> None:
        """The pane has room for so many cells now."""
        size = (cols, rows)
        if session not in self._told:
            self._told[session] = size
            self.resized.emit(session, cols, rows)
        elif self._wanted.get(session, self._told[session]) != size:
            self._wanted[session] = size
            self._timer.start(SETTLE_MS)

    def keep(self, session: Session) -> None:
        """There is no room for the program now: it keeps the size it has."""
        self._wanted.pop(session, None)

    def forget(self, session: Session) -> None:
        """The session is closed."""
        self._told.pop(session, None)
        self._wanted.pop(session, None)

    def settle(self) -> None:
        """Tell every program whose size changed, now."""
        while self._wanted:
            self._settle_next()

    def _settle_next(self) -> None:
        """Tell one program; the next one when the event loop had its turn.

        To lay out 5,000 lines anew takes 10 ms: twelve panes at once kept the keyboard waiting for 170 (target L8).
        """
        self._timer.stop()
        is_told = False
        while self._wanted and not is_told:
            session = next(iter(self._wanted))
            size = self._wanted.pop(session)
            is_told = size != self._told[session]
            if is_told:
                self._told[session] = size
                self.resized.emit(session, *size)
        if self._wanted:
            self._timer.start(0)
