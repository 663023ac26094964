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
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self.settle)

    def want(self, session: Session, *, cols: int, rows: int) -> None:
        """The pane has room for so many cells now."""
        size = (cols, rows)
        if session not in self._told:
            self._told[session] = size
            self.resized.emit(session, cols, rows)
        elif self._wanted.get(session, self._told[session]) != size:
            self._wanted[session] = size
            self._timer.start()

    def keep(self, session: Session) -> None:
        """There is no room for the program now: it keeps the size it has."""
        self._wanted.pop(session, None)

    def forget(self, session: Session) -> None:
        """The session is closed."""
        self._told.pop(session, None)
        self._wanted.pop(session, None)

    def settle(self) -> None:
        """Tell every program whose size changed, now."""
        self._timer.stop()
        wanted, self._wanted = self._wanted, {}
        for session, size in wanted.items():
            if size != self._told[session]:
                self._told[session] = size
                self.resized.emit(session, *size)
