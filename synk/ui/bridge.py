"""Wakes the GUI thread, from other threads and for output, and gives it its turns: events, parsing. Owns one eventfd."""

import logging
import os
import select
import threading
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QSocketNotifier, QTimer

log = logging.getLogger(__name__)

ECHO_S = 0.0002
"""A line editor answers a key within 0.1 ms. By way of the event loop, which sees to the key's release first, its echo is read
0.2 ms later."""
MOST_SELECTED = 1024
"""`select`, the only call that waits for less than a millisecond, takes no descriptors from here on."""


class Bridge(QObject):
    """`wake()` from any thread; then each turn runs once on the GUI thread.

    A turn that returns True has more to do: it runs again after Qt has handled keys, timers and painting.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._turns: list[Callable[[], bool | None]] = []
        self._thread = threading.get_ident()
        self._is_in_turn = self._is_woken_inside = False
        self._is_watching = False
        self._fd = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._notifier = QSocketNotifier(self._fd, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_woken)
        self._outputs: QSocketNotifier | None = None
        # A zero timer comes after whatever else the event loop has to do.
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(0)
        self._again.timeout.connect(self._run)

    def add(self, turn: Callable[[], bool | None]) -> None:
        """Run `turn` at every wake-up, in the order added (`hub.deliver`, then `feeder.turn`)."""
        self._turns.append(turn)

    def watch(self, fd: int) -> None:
        """Run the turns as well while `fd` is readable, which a turn that returns False changes; until `unwatch`."""
        self._outputs = QSocketNotifier(fd, QSocketNotifier.Type.Read, self)
        self._outputs.activated.connect(self._on_output)
        self._is_watching = True

    def catch_echo(self, take: Callable[[], bool]) -> None:
        """A key was sent: if output comes within `ECHO_S`, run `take` at once in place of all turns but the last."""
        outputs = self._outputs
        # While there is more output anyway, the next turn is about to come.
        if outputs is None or self._is_in_turn or not self._is_watching or (fd := outputs.socket()) >= MOST_SELECTED:
            return
        if select.select((fd,), (), (), ECHO_S)[0]:
            self._take_turns((take, *self._turns[-1:]))

    def unwatch(self) -> None:
        """Forget the descriptor, which is going to be closed."""
        self._watch_outputs(False)
        self._outputs = None

    def wake(self) -> None:
        """Any thread, never waits; many calls before the next turn count as one. After `close` it does nothing.

        A call inside of a turn asks for the turns behind that one, or for all of them again if it is the last.
        """
        if self._is_in_turn and threading.get_ident() == self._thread:
            # Output is read in one turn and told in the next. By way of the descriptor that was one more round of the event
            # loop with four system calls for each piece of output.
            self._is_woken_inside = True
            return
        fd = self._fd
        if fd >= 0:
            try:
                os.eventfd_write(fd, 1)
            except BlockingIOError:  # the counter is full: a wake-up is surely under way
                return

    def close(self) -> None:
        """Give the fd back; no turn runs any more. Threads that wake must have ended before."""
        self._again.stop()
        self._notifier.setEnabled(False)
        self.unwatch()
        self._turns.clear()
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def _on_woken(self) -> None:
        try:
            os.eventfd_read(self._fd)
        except BlockingIOError:
            return
        # Not at once: while panes flood, a turn here and one by the timer would come between two looks at the keyboard.
        if self._fd >= 0:
            self._again.start()

    def _on_output(self) -> None:
        # At once: an echo waits for nothing. While there is more, the timer goes on and the descriptor would only repeat it.
        self._run()

    def _watch_outputs(self, is_on: bool) -> None:
        self._is_watching = is_on
        if self._outputs is not None:
            self._outputs.setEnabled(is_on)

    def _run(self) -> None:
        self._take_turns(tuple(self._turns))

    def _take_turns(self, turns: Sequence[Callable[[], bool | None]]) -> None:
        is_more_left = False
        for turn in turns:
            self._is_in_turn, self._is_woken_inside = True, False
            try:
                is_more_left |= bool(turn())
            except Exception:
                log.exception("a turn of the event loop failed")
        self._is_in_turn = False
        if self._fd >= 0:
            if is_more_left is self._is_watching:
                self._watch_outputs(not is_more_left)
            if is_more_left or self._is_woken_inside:
                self._again.start()


def later(ms: int, function: Callable[[], None]) -> None:
    """Run `function` on the GUI thread after so many milliseconds."""
    QTimer.singleShot(ms, function)
