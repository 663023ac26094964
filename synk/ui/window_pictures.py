"""Pictures of the window, or of one pane, as files."""

import threading
from collections.abc import Callable

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from synk.base.events import Hub


def grab(widget: QWidget | None) -> QImage:
    """What a widget shows, in device pixels; a null image without a widget."""
    return widget.grab().toImage() if widget is not None else QImage()


def save_picture(image: QImage, path: str, hub: Hub, on_done: Callable[[str], None]) -> None:
    """Write a PNG; encoding and writing happen on a thread of their own.

    `on_done` is called on the GUI thread with "" or what went wrong.
    """

    def save() -> None:
        error = "" if image.save(path, "PNG") else f"Cannot write {path}"  # type: ignore[call-overload]
        hub.call(lambda: on_done(error))

    threading.Thread(target=save, name="synk-job-picture", daemon=True).start()
