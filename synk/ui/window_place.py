"""Where the window is and how large: remembered over restarts, and corrected if its screen is gone (README.md, section 3)."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

SETTLED_MS = 500
"""After the last step of a move or resize: dragging would be stored a hundred times."""

LEAST_SEEN = 64
"""Pixels of the title's line that have to be on a screen, so that the window can be taken hold of."""


class WindowPlace(QObject):
    """Follows a window that was `restore`d. GUI thread."""

    def __init__(
        self, widget: QWidget, *, save: Callable[[dict[str, Any]], object], later: Callable[[int, Callable[[], None]], None]
    ) -> None:
        """`save(place)` keeps what `restore` gets at the next start; `later` runs a function after so many milliseconds."""
        super().__init__(widget)
        self._widget = widget
        self._save = save
        self._later = later
        self._changes = 0
        self._saved: dict[str, Any] = {}
        self._frame = QPoint()
        """From the corner of the window manager's frame to that of the window."""
        self._is_framed = False

    def restore(self, place: Mapping[str, Any]) -> None:
        """Put the window where it was, before it is shown; else in the middle of the primary screen."""
        self._saved = dict(place)
        widget, primary = self._widget, QGuiApplication.primaryScreen().availableGeometry()
        screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
        area = fitted(place, screens, primary, default=QRect(widget.pos(), widget.size()))
        widget.resize(area.size())
        widget.move(area.topLeft())
        if place.get("is_maximized") is True:
            widget.setWindowState(widget.windowState() | Qt.WindowState.WindowMaximized)
        self._follow()

    def now(self) -> dict[str, Any]:
        """Where it is; maximized or in full screen also where it would be else."""
        widget = self._widget
        is_normal = not (widget.isMaximized() or widget.isFullScreen())
        inner = widget.geometry() if is_normal else widget.normalGeometry()
        if is_normal:
            self._frame = widget.geometry().topLeft() - widget.pos()
        # A window is moved by its frame and resized without it (Qt, "Window Geometry").
        corner = inner.topLeft() - self._frame
        return {
            "x": corner.x(), "y": corner.y(), "width": inner.width(), "height": inner.height(),
            "is_maximized": widget.isMaximized(),
        }  # fmt: skip

    def save(self) -> None:
        """Keep where it is now, if it was shown and is elsewhere."""
        place = self.now()
        if place["width"] > 0 and place != self._saved:
            self._saved = place
            self._save(place)

    def _follow(self) -> None:
        """By signals: a filter of the window's events would be called for every paint in it."""
        self._widget.winId()  # has the window made
        handle = self._widget.windowHandle()
        assert handle is not None
        for changed in (handle.xChanged, handle.yChanged, handle.widthChanged, handle.heightChanged, handle.windowStateChanged):
            changed.connect(self._note_change)

    def _note_change(self) -> None:
        """It was moved, resized or maximized: act on that a moment after the last step."""
        if self._widget.isVisible():
            self._fit_frame()
            self._changes += 1
            turn = self._changes
            self._later(SETTLED_MS, lambda: self._settle(turn))

    def _fit_frame(self) -> None:
        """Once the window manager's frame is known: with it the window must not be larger than its screen."""
        widget = self._widget
        frame, screen = widget.frameGeometry(), widget.screen().availableGeometry()
        if self._is_framed or frame.size() == widget.size():
            return
        self._is_framed = True
        if not (widget.isMaximized() or widget.isFullScreen()):
            surplus = frame.size() - frame.size().boundedTo(screen.size())
            if not surplus.isNull():
                widget.resize(widget.size() - surplus)

    def _settle(self, turn: int) -> None:
        if turn == self._changes and self._widget.isVisible():
            self.save()


def fitted(place: Mapping[str, Any], screens: list[QRect], primary: QRect, *, default: QRect) -> QRect:
    """The area a window gets: as it was, if its top can be reached on one of the screens, else centered on the primary one.

    `place` may be empty or nonsense; never larger than the screen.
    """
    values = [place.get(key) for key in ("x", "y", "width", "height")]
    numbers = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    if len(numbers) == 4 and numbers[2] > 0 and numbers[3] > 0:
        wanted = QRect(*numbers)
        for screen in screens:
            seen = screen.intersected(QRect(wanted.topLeft(), wanted.size()))
            if seen.width() >= LEAST_SEEN and seen.height() >= LEAST_SEEN and screen.top() <= wanted.top():
                return QRect(wanted.topLeft(), wanted.size().boundedTo(screen.size()))
        size = wanted.size()
    else:
        size = default.size()
    area = QRect(primary.topLeft(), size.boundedTo(primary.size()))
    area.moveCenter(primary.center())
    return area
