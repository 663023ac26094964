"""Takes the wait for the X server out of the way of the next echo."""

from PySide6.QtGui import QGuiApplication, QRegion
from PySide6.QtWidgets import QWidget


def finish_flush(window: QWidget) -> None:
    """Wait until the X server has read what was painted last; elsewhere, and if it has, do nothing.

    Picture and server share memory, so Qt asks the server before it paints over what was shown last: once there and back,
    0.2 ms, and 2 ms on a busy machine. The echo of the next key would pay for that, in the same row as the one before.
    """
    store = window.backingStore()
    if store is None or not window.isVisible() or QGuiApplication.platformName() != "xcb":
        return
    store.beginPaint(QRegion(window.rect()))
    store.endPaint()
