"""Key presses that the keyboard repeats, recognized where Qt takes them for new ones."""

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QKeyEvent

# Looked up once: this runs twice for each key, on its way to the program.
_PRESS, _RELEASE = QEvent.Type.KeyPress, QEvent.Type.KeyRelease


class AutoRepeat(QObject):
    """Filters the key events of a window: marks a press as repeated if its release came at the same moment.

    X11 repeats a held key as a release and a press with one timestamp. Qt calls that a repetition if the press is in
    its queue already when it looks at the release, which under load it is not (of ten repetitions four were taken for new
    presses): a held `x` closed pane after pane. Installed on the `QWindow`, which gets input and little else, and not while a
    terminal has the keyboard: its `KeyReader` looks for the same, without a filter on the way of each key.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._released = (0, 0)
        """Hardware number and time of the last key that went up."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Replace a press that is a repetition."""
        kind = event.type()
        if kind is _RELEASE and isinstance(event, QKeyEvent):
            self._released = (event.nativeScanCode(), event.timestamp())
        elif kind is _PRESS and isinstance(event, QKeyEvent) and self._is_repeated(event):
            QCoreApplication.sendEvent(watched, repeated(event))
            return True
        return False

    def _is_repeated(self, event: QKeyEvent) -> bool:
        code = event.nativeScanCode()
        return bool(code) and not event.isAutoRepeat() and (code, event.timestamp()) == self._released


def repeated(event: QKeyEvent) -> QKeyEvent:
    """The same press as a repetition."""
    copy = QKeyEvent(
        event.type(),
        event.key(),
        event.modifiers(),
        event.nativeScanCode(),
        event.nativeVirtualKey(),
        event.nativeModifiers(),
        event.text(),
        True,
        event.count(),
    )
    copy.setTimestamp(event.timestamp())
    return copy
