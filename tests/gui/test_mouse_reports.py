"""What a program with the mouse is told: all buttons, both wheels, pixels, once per place."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from synk.ui.terminal.terminal_view import TerminalView
from tests.gui.desk import Desk

Button, NONE, ALT = Qt.MouseButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def view(desk: Desk) -> TerminalView:
    """One terminal with the keyboard whose program has the mouse, every motion, in SGR."""
    desk.open(1)
    desk.press("enter")
    desk.manager.prints(1, b"\x1b[?1003h\x1b[?1006h")
    desk.hub.deliver()
    QApplication.processEvents()
    return desk.pane(1).view


def cell(view: TerminalView, col: float, row: float) -> QPoint:
    font = view.font_cells.font
    return QPointF((col + 0.5) * font.cell_width, (row + 0.5) * font.cell_height).toPoint()


def turn(view: TerminalView, across: int, along: int, modifiers: Qt.KeyboardModifier = NONE) -> None:
    """Turn the wheel by eighths of a degree; positive is to the left and back."""
    place = QPointF(cell(view, 2, 2))
    event = QWheelEvent(
        place, view.mapToGlobal(place), QPoint(), QPoint(across, along), Button.NoButton, modifiers,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


@pytest.mark.parametrize(
    ("button", "code"),
    [
        (Button.LeftButton, 0),
        (Button.MiddleButton, 1),
        (Button.RightButton, 2),
        (Button.BackButton, 128),
        (Button.ForwardButton, 129),
        (Button.ExtraButton3, 130),
        (Button.ExtraButton4, 131),
    ],
)
def test_each_button_is_told_with_its_release(desk: Desk, view: TerminalView, button: Qt.MouseButton, code: int) -> None:
    QTest.mousePress(view, button, pos=cell(view, 4, 2))
    QTest.mouseRelease(view, button, pos=cell(view, 4, 2))
    assert desk.written(1).endswith(f"\x1b[<{code};5;3M\x1b[<{code};5;3m".encode())


def test_motion_is_told_once_per_cell(desk: Desk, view: TerminalView) -> None:
    place = cell(view, 4, 2)
    for step in (QPoint(), QPoint(1, 0), QPoint(0, 1), QPoint(1, 1)):
        QTest.mouseMove(view, place + step)
    QTest.mouseMove(view, cell(view, 5, 2))
    assert desk.written(1) == b"\x1b[<35;5;3M\x1b[<35;6;3M"


def test_motion_is_told_once_per_pixel_where_pixels_count(desk: Desk, view: TerminalView) -> None:
    desk.manager.prints(1, b"\x1b[?1016h")
    font = view.font_cells.font
    width, height = round(font.cell_width), round(font.cell_height)
    for col in (3, 3, 4):
        QTest.mouseMove(view, QPointF(col * font.cell_width + 0.01, 2 * font.cell_height + 0.01).toPoint() + QPoint(1, 1))
    told = [part.split(b";") for part in desk.written(1).split(b"\x1b[<")[1:]]
    assert len(told) == 2
    assert all(3 * width < int(x) <= 5 * width and 2 * height < int(y[:-1]) <= 3 * height for _, x, y in told)


def test_a_drag_with_two_buttons_tells_the_first_and_both_releases(desk: Desk, view: TerminalView) -> None:
    QTest.mousePress(view, Button.RightButton, pos=cell(view, 1, 1))
    QTest.mousePress(view, Button.LeftButton, pos=cell(view, 1, 1))
    QTest.mouseMove(view, cell(view, 3, 1))
    QTest.mouseRelease(view, Button.LeftButton, pos=cell(view, 3, 1))
    QTest.mouseMove(view, cell(view, 4, 1))
    QTest.mouseRelease(view, Button.RightButton, pos=cell(view, 4, 1))
    assert desk.written(1) == (
        b"\x1b[<2;2;2M\x1b[<0;2;2M\x1b[<32;4;2M\x1b[<0;4;2m\x1b[<34;5;2M\x1b[<2;5;2m"
    )


def test_each_notch_of_either_wheel_is_one_press(desk: Desk, view: TerminalView) -> None:
    turn(view, 0, 240)
    turn(view, 0, -120)
    turn(view, 120, 0)
    turn(view, -120, 0)
    wanted = b"\x1b[<64;3;3M\x1b[<64;3;3M\x1b[<65;3;3M\x1b[<66;3;3M\x1b[<67;3;3M"
    assert desk.written(1) == wanted


def test_small_turns_of_a_touchpad_add_up_to_notches(desk: Desk, view: TerminalView) -> None:
    for _ in range(15):
        turn(view, 0, -15)
    assert desk.written(1) == b"\x1b[<65;3;3M"


def test_alt_and_the_wheel_is_the_wheel_with_alt(desk: Desk, view: TerminalView) -> None:
    turn(view, 120, 0, ALT)  # so Qt hands over a vertical turn with Alt
    assert desk.written(1) == b"\x1b[<72;3;3M"


def test_a_release_whose_press_was_not_told_is_not_told(desk: Desk, view: TerminalView) -> None:
    QTest.mousePress(view, Button.RightButton, Qt.KeyboardModifier.ShiftModifier, cell(view, 1, 1))
    QTest.mouseRelease(view, Button.RightButton, pos=cell(view, 1, 1))
    assert desk.written(1) == b""
