"""SIGTERM, SIGINT and SIGHUP as calls on the GUI thread."""

import signal
import socket
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier

QUITTING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""What ends a desktop program without a question: `kill`, Ctrl+C in its terminal, logout."""


class QuitSignals(QObject):
    """Calls `on_signal` when one of `QUITTING` arrives.

    Python runs a handler only between two bytecodes, and Qt's loop runs none while it waits; the wake-up socket makes
    it return.
    """

    def __init__(self, on_signal: Callable[[], None]) -> None:
        super().__init__()
        self._on_signal = on_signal
        self._ours, theirs = socket.socketpair()
        self._theirs = theirs
        for end in (self._ours, theirs):
            end.setblocking(False)
        self._before = {number: signal.signal(number, lambda _number, _frame: None) for number in QUITTING}
        self._wakeup_before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._ours.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._arrived)

    def close(self) -> None:
        """Put the handlers back as they were."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._wakeup_before)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._ours.close()
        self._theirs.close()

    def _arrived(self) -> None:
        try:
            numbers = self._ours.recv(64)
        except BlockingIOError:
            return
        if any(number in QUITTING for number in numbers):
            self._on_signal()
