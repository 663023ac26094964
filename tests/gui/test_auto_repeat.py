"""A held key does once what it does, also when Qt takes its repetitions for new presses."""

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent

from tests.gui.desk import Desk

X_CODE, ENTER_CODE = 53, 36


def sent(desk: Desk, kind: QEvent.Type, key: Qt.Key, code: int, text: str, at_ms: int) -> None:
    """A key event as the window system gives it to the window, which Qt did not recognize as a repetition."""
    event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, code, 0, 0, text)
    event.setTimestamp(at_ms)
    handle = desk.window.widget.windowHandle()
    assert handle is not None
    QCoreApplication.sendEvent(handle, event)
    desk.hub.deliver()


def hold(desk: Desk, key: Qt.Key, code: int, text: str, *, times: int, gap_ms: int = 0) -> None:
    """Press a key and hold it: X11 repeats it as a release and a press at the same moment."""
    sent(desk, QEvent.Type.KeyPress, key, code, text, 1000)
    for number in range(times):
        sent(desk, QEvent.Type.KeyRelease, key, code, text, 1600 + 40 * number)
        sent(desk, QEvent.Type.KeyPress, key, code, text, 1600 + 40 * number + gap_ms)


def test_a_held_x_closes_one_pane(desk: Desk) -> None:
    desk.open(5)
    desk.press("1")
    hold(desk, Qt.Key.Key_X, X_CODE, "x", times=8)
    assert len(desk.manager.sessions) == 4


def test_x_pressed_again_and_again_closes_as_many_panes(desk: Desk) -> None:
    desk.open(5)
    desk.press("1")
    hold(desk, Qt.Key.Key_X, X_CODE, "x", times=2, gap_ms=5)
    assert len(desk.manager.sessions) == 2


@pytest.mark.parametrize(("gap_ms", "typed"), [(0, b""), (5, b"\r" * 4)])
def test_the_enter_that_leads_into_a_pane_types_nothing_there_while_it_is_held(desk: Desk, gap_ms: int, typed: bytes) -> None:
    desk.open(1)
    hold(desk, Qt.Key.Key_Return, ENTER_CODE, "\r", times=4, gap_ms=gap_ms)
    assert desk.written(1) == typed
