"""Acts when a descriptor becomes readable, on the GUI thread."""

from collections.abc import Callable

from PySide6.QtCore import QSocketNotifier


class Readable:
    """Watches one descriptor until `close`; whoever owns the descriptor closes it afterwards."""

    def __init__(self, fd: int, act: Callable[[], object]) -> None:
        """`act()` has to read what is there, or it is called again and again."""
        self._notifier = QSocketNotifier(fd, QSocketNotifier.Type.Read)
        self._notifier.activated.connect(lambda: act())

    def close(self) -> None:
        """Watch it no more."""
        self._notifier.setEnabled(False)
        self._notifier.deleteLater()
