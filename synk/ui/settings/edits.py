"""What was changed in the dialog and is not yet in the file: collected for a moment, then handed over together."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

WRITE_AFTER_MS = 450
"""After the last change of a value: of a number that is stepped through only the last one is written."""

Change = Callable[[Mapping[str, Any], Callable[[str], None]], None]
"""`change(values, done)`: write `group.key` to value (None: back to the default); `done` gets what went wrong, or ""."""


class Edits(QObject):
    """Owns the timer. GUI thread; the writing happens elsewhere."""

    failed = Signal(object, str)
    """Names and what went wrong: these values are not in force."""
    written = Signal()
    """Everything handed over so far was answered."""

    def __init__(self, change: Change, tell: Callable[[str], None], parent: QObject | None = None) -> None:
        """`tell` takes what went wrong after `close`, when nobody looks at the dialog any more."""
        super().__init__(parent)
        self._change = change
        self._tell = tell
        self._is_closed = False
        self._waiting: dict[str, Any] = {}
        self._on_the_way: dict[str, Any] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WRITE_AFTER_MS)
        self._timer.timeout.connect(self.flush)

    @property
    def pending(self) -> Mapping[str, Any]:
        """What the user set and the settings in force do not have yet."""
        return {**self._on_the_way, **self._waiting}

    def put(self, values: Mapping[str, Any]) -> None:
        """Take values; they are written `WRITE_AFTER_MS` after the last ones."""
        self._waiting.update(values)
        self._timer.start()

    def flush(self) -> None:
        """Hand over now what waits; one at a time, so that of two values of one setting the later one stays."""
        self._timer.stop()
        if not self._waiting or self._on_the_way:
            return
        self._on_the_way, self._waiting = self._waiting, {}
        self._change(dict(self._on_the_way), self._answered)

    def close(self) -> None:
        """Hand over what waits, whatever is on the way: no later value can come. From now on there are no signals."""
        self._is_closed = True
        self._timer.stop()
        waiting, self._waiting = self._waiting, {}
        if waiting:
            self._change(waiting, self._answered)

    def _answered(self, error: str) -> None:
        if self._is_closed:
            # The object behind the signals may be gone by now.
            if error:
                self._tell(error)
            return
        names, self._on_the_way = list(self._on_the_way), {}
        self.written.emit()
        if error:
            self.failed.emit(names, error)
        if self._waiting and not self._timer.isActive():
            self.flush()
