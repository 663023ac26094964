"""The blinking of one cursor: on and off while it is looked at, then on, so that an idle window costs nothing."""

from PySide6.QtCore import QObject, QTimer, Signal

BLINK_MS = 530
"""Half a period, as xterm and Windows have it."""
BLINKS = 20
"""Then the cursor stays on until the next key or output."""


class CursorBlink(QObject):
    """Says when the cursor is to be painted the other way."""

    toggled = Signal()
    """`is_on` changed: paint the cursor's cell."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.is_on = True
        """Whether the cursor is shown at this moment."""
        self._left = 0
        self._timer = QTimer(self)
        self._timer.setInterval(BLINK_MS)
        self._timer.timeout.connect(self.toggle)

    @property
    def is_running(self) -> bool:
        """Whether a timer wakes the event loop for it."""
        return self._timer.isActive()

    def restart(self, *, blinks: bool) -> None:
        """Show the cursor, and go on blinking if it does."""
        self._left = BLINKS
        self._set(True)
        if blinks:
            self._timer.start()
        else:
            self._timer.stop()

    def stop(self) -> None:
        """Stay as it is; for a view that is hidden."""
        self._timer.stop()

    def toggle(self) -> None:
        """Half a period is over."""
        self._left -= 1
        if self._left <= 0:
            self._timer.stop()
        self._set(not self.is_on or self._left <= 0)

    def _set(self, is_on: bool) -> None:
        if is_on != self.is_on:
            self.is_on = is_on
            self.toggled.emit()


class TextBlink(CursorBlink):
    """The blinking of text (SGR 5), for as long as lines with some are in sight."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.lines: set[int] = set()
        """Absolute numbers of the lines painted with blinking text."""

    def note(self, line: int, blinks: bool) -> None:
        """A line was painted, with blinking text or without."""
        if not blinks:
            self.lines.discard(line)
            if not self.lines:
                self.restart(blinks=False)
        elif line not in self.lines:
            self.lines.add(line)
            if not self.is_running:
                self.restart(blinks=True)

    def keep(self, first: int, end: int) -> None:
        """After output: forget lines that are not among `first` to `end` (excluded), and blink on for the rest."""
        if self.lines:
            self.lines = {line for line in self.lines if first <= line < end}
            if not self.lines:
                self.restart(blinks=False)
            elif not self.is_running:
                self.restart(blinks=True)

    def forget(self) -> None:
        """The view is hidden."""
        self.stop()
        self.lines.clear()
