"""The window comes back where it was, or in the middle of a screen that is there."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QRect
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from synk.ui.window_place import SETTLED_MS, WindowPlace, fitted
from tests.gui.desk import Desk

PRIMARY = QRect(0, 0, 1920, 1080)
RIGHT = QRect(1920, 0, 2560, 1440)
DEFAULT = QRect(0, 0, 1280, 800)


def place(x: int, y: int, width: int = 1000, height: int = 700) -> dict[str, Any]:
    return {"x": x, "y": y, "width": width, "height": height}


@pytest.mark.parametrize(
    ("kept", "screens", "expected"),
    [
        (place(100, 50), [PRIMARY], QRect(100, 50, 1000, 700)),
        (place(2000, 50), [PRIMARY, RIGHT], QRect(2000, 50, 1000, 700)),
        (place(2000, 50), [PRIMARY], QRect(460, 190, 1000, 700)),
        (place(1900, 50), [PRIMARY], QRect(460, 190, 1000, 700)),
        (place(100, -40), [PRIMARY], QRect(460, 190, 1000, 700)),
        (place(0, 0, 4000, 3000), [PRIMARY], QRect(0, 0, 1920, 1080)),
        (place(9000, 0, 4000, 3000), [PRIMARY], QRect(0, 0, 1920, 1080)),
        ({}, [PRIMARY], QRect(320, 140, 1280, 800)),
        ({"x": "left", "y": None, "width": True, "height": 5}, [PRIMARY], QRect(320, 140, 1280, 800)),
        (place(10, 10, 0, 700), [PRIMARY], QRect(320, 140, 1280, 800)),
    ],
    ids=[
        "as it was", "on the second screen", "its screen is gone", "hardly seen", "its title is above the screen",
        "larger than the screen", "larger, and its screen is gone", "first start", "nonsense", "no width",
    ],
)  # fmt: skip
def test_the_window_is_where_it_was_if_it_can_be_reached_there(
    kept: dict[str, Any], screens: list[QRect], expected: QRect
) -> None:
    assert fitted(kept, screens, PRIMARY, default=DEFAULT) == expected


class Kept:
    """A window whose place is stored in a list; time passes on demand."""

    def __init__(self, qtbot: QtBot) -> None:
        self.widget = QWidget()
        qtbot.addWidget(self.widget)
        self.widget.resize(400, 300)
        self.saved: list[dict[str, Any]] = []
        self.timers: list[tuple[int, Callable[[], None]]] = []
        self.place = WindowPlace(self.widget, save=self.saved.append, later=lambda ms, act: self.timers.append((ms, act)))

    def fire(self) -> None:
        timers, self.timers = self.timers, []
        for ms, act in timers:
            assert ms == SETTLED_MS
            act()


@pytest.fixture
def kept(qtbot: QtBot) -> Kept:
    return Kept(qtbot)


def test_dragging_is_stored_once_after_the_last_step(kept: Kept, qtbot: QtBot) -> None:
    kept.place.restore({})
    kept.widget.show()
    qtbot.waitExposed(kept.widget)
    kept.fire()
    before = len(kept.saved)
    handle = kept.widget.windowHandle()
    assert handle is not None
    widths: list[int] = []
    handle.widthChanged.connect(widths.append)
    for step in range(1, 5):
        kept.widget.resize(400 + step, 300)
    qtbot.waitUntil(lambda: 404 in widths)
    kept.fire()
    assert len(kept.saved) == before + 1
    assert (kept.saved[-1]["width"], kept.saved[-1]["height"]) == (404, 300)
    kept.place.save()
    assert len(kept.saved) == before + 1


def test_a_window_that_was_maximized_is_again_and_keeps_its_other_size(kept: Kept, qtbot: QtBot) -> None:
    kept.place.restore({"x": 20, "y": 30, "width": 420, "height": 310, "is_maximized": True})
    kept.widget.show()
    qtbot.waitExposed(kept.widget)
    assert kept.widget.isMaximized()
    kept.widget.showNormal()
    assert kept.widget.size().toTuple() == (420, 310)


def test_a_hidden_window_is_not_followed(kept: Kept) -> None:
    kept.place.restore({})
    kept.widget.resize(500, 350)
    assert kept.timers == []


def test_the_window_notices_other_pixels(desk: Desk) -> None:
    handle = desk.window.widget.windowHandle()
    assert handle is not None
    noticed: list[None] = []
    desk.window.widget.ratio_changed.connect(lambda: noticed.append(None))
    QCoreApplication.sendEvent(handle, QEvent(QEvent.Type.DevicePixelRatioChange))
    assert noticed == [None]
