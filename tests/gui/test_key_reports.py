"""Keys on their way through the window to a program that uses the kitty keyboard protocol."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from synk.keys.modes import Mode
from synk.ui.terminal.terminal_view import TerminalView
from tests.gui.desk import Desk

Key = Qt.Key


@pytest.fixture
def view(desk: Desk) -> TerminalView:
    """One terminal with the keyboard."""
    desk.open(1)
    desk.press("enter")
    return desk.pane(1).view


def ask(desk: Desk, flags: int) -> None:
    desk.manager.prints(1, b"\x1b[>%du" % flags)


@pytest.mark.usefixtures("view")
def test_a_program_gets_releases_when_it_asks(desk: Desk) -> None:
    desk.press("up")
    assert desk.written(1) == b"\x1b[A"
    ask(desk, 3)
    desk.press("up")
    assert desk.written(1) == b"\x1b[A" + b"\x1b[A\x1b[1;1:3A"


@pytest.mark.usefixtures("view")
def test_two_taps_of_escape_leave_a_program_that_gets_releases(desk: Desk) -> None:
    desk.manager.prints(1, b"\x1b[?1049h")
    ask(desk, 31)
    desk.press("escape", "escape")
    assert desk.workspace.mode is Mode.NAVIGATION
    assert desk.written(1) == b"\x1b[27u\x1b[27;1:3u"


def test_keys_of_navigation_send_neither_press_nor_release(desk: Desk, view: TerminalView) -> None:
    ask(desk, 31)
    desk.press("escape", "escape")
    before = desk.written(1)
    desk.press("down", "j", "?", "escape")
    QTest.keyRelease(view, Key.Key_A)
    assert desk.written(1) == before


def test_the_release_of_the_key_that_entered_terminal_mode_is_not_sent(desk: Desk, view: TerminalView) -> None:
    ask(desk, 31)
    desk.press("escape", "escape")
    before = desk.written(1)
    QTest.keyPress(desk.window.widget.focusWidget(), Key.Key_Return)
    assert desk.workspace.mode is Mode.TERMINAL
    QTest.keyRelease(view, Key.Key_Return)
    assert desk.written(1) == before


def test_modifiers_by_themselves_are_sent_only_with_all_keys(desk: Desk, view: TerminalView) -> None:
    ask(desk, 7)
    QTest.keyClick(view, Key.Key_Shift)
    assert desk.written(1) == b""
    ask(desk, 10)
    QTest.keyPress(view, Key.Key_Shift)
    QTest.keyRelease(view, Key.Key_Shift, Qt.KeyboardModifier.ShiftModifier)
    assert desk.written(1) == b"\x1b[57441;2u\x1b[57441;1:3u"


def test_a_release_does_not_bring_a_scrolled_view_back(desk: Desk, view: TerminalView) -> None:
    desk.manager.prints(1, b"".join(b"%d\r\n" % number for number in range(300)))
    ask(desk, 3)
    QTest.keyPress(view, Key.Key_Up)
    view.scroll_by(-10)
    QTest.keyRelease(view, Key.Key_Up)
    assert desk.written(1).endswith(b":3A")
    assert not view.is_following


def test_composed_text_is_reported_as_text_without_a_key(desk: Desk, view: TerminalView) -> None:
    ask(desk, 24)
    event = QInputMethodEvent("", [])
    event.setCommitString("你好")
    QApplication.sendEvent(view, event)
    assert desk.written(1) == b"\x1b[0;;20320:22909u"
