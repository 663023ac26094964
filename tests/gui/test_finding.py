"""The search bar over a terminal: typing finds, Enter walks, a bad expression says so, and prompts and output are found."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from synk.ui.terminal.find_bar import FindBar
from synk.ui.terminal.finder import Finder
from synk.ui.terminal.terminal_view import TerminalView
from tests.gui.desk import Desk


@pytest.fixture
def view(desk: Desk) -> TerminalView:
    """One terminal, typed into, with 300 numbered lines."""
    desk.open(1)
    desk.press("enter")
    prints(desk, b"".join(b"line %d\r\n" % number for number in range(300)))
    return desk.pane(1).view


def prints(desk: Desk, data: bytes) -> None:
    desk.manager.prints(1, data)
    desk.hub.deliver()
    desk.pane(1).view.flush()
    QApplication.processEvents()


def open_bar(desk: Desk, text: str = "") -> Finder:
    """Open the search and type."""
    desk.press("ctrl+shift+f")
    finder = desk.pane(1).view.finder
    assert finder is not None
    assert finder.is_open
    desk.type(text)
    return finder


def text_of(view: TerminalView, finder: Finder) -> str:
    """The row of the current hit."""
    hit = finder.current
    assert hit is not None
    return view.session.emulator.text(hit.line - view.session.emulator.scrolled_total)


def is_shown(view: TerminalView, finder: Finder) -> bool:
    hit = finder.current
    return hit is not None and view.first_line <= hit.line < view.first_line + view.rows_shown


def test_typing_finds_at_once_the_newest_hit_first(desk: Desk, view: TerminalView) -> None:
    finder = open_bar(desk, "line 2")
    assert text_of(view, finder) == "line 299"
    assert finder.bar.count.text() == "111 of 111"
    desk.type("50")
    assert text_of(view, finder) == "line 250"
    assert finder.bar.count.text() == "1 of 1"
    assert is_shown(view, finder)
    assert desk.written(1) == b""


def test_enter_walks_forward_and_shift_enter_back_around_the_ends(desk: Desk, view: TerminalView) -> None:
    finder = open_bar(desk, "line 29")
    assert text_of(view, finder) == "line 299"
    desk.press("shift+enter")
    assert text_of(view, finder) == "line 298"
    desk.press("up")
    assert finder.bar.count.text() == "9 of 11"
    desk.press("enter", "down", "enter")
    assert text_of(view, finder) == "line 29"
    assert finder.bar.count.text() == "1 of 11"
    assert is_shown(view, finder)
    desk.press("shift+enter")
    assert text_of(view, finder) == "line 299"


def test_the_buttons_do_what_the_keys_do(desk: Desk, view: TerminalView) -> None:
    finder = open_bar(desk, "line 29")
    for name, expected in (("Previous hit", "line 298"), ("Next hit", "line 299")):
        [button] = [b for b in finder.bar.findChildren(QPushButton) if b.accessibleName() == name]
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert text_of(view, finder) == expected
    [close] = [b for b in finder.bar.findChildren(QPushButton) if b.accessibleName() == "Close"]
    QTest.mouseClick(close, Qt.MouseButton.LeftButton)
    assert not finder.is_open


def test_escape_closes_and_the_view_stays_and_keys_go_to_the_program_again(desk: Desk, view: TerminalView) -> None:
    finder = open_bar(desk, "line 17")
    desk.press("shift+enter")
    line = view.first_line
    assert not view.is_following
    desk.press("escape")
    assert not finder.is_open
    assert view.first_line == line
    assert not finder.marks(0, 400)
    desk.press("a")
    assert desk.written(1) == b"a"


def test_hits_are_marked_and_the_current_one_stronger(desk: Desk, view: TerminalView) -> None:
    finder = open_bar(desk, "line 29")
    first = view.first_line
    marks = finder.marks(first, first + view.rows_shown - 1)
    assert {line: [(mark.start, mark.end) for mark in found] for line, found in marks.items()} == {
        line: [(0, 7)] for line in range(290, 300)
    }
    hit = finder.current
    assert hit is not None
    strong = {mark.color.alpha() for mark in marks[hit.line]}
    weak = {mark.color.alpha() for line, found in marks.items() if line != hit.line for mark in found}
    assert len(weak) == 1
    assert min(strong) > max(weak)


def test_a_bad_expression_is_told_and_the_old_hits_stay(desk: Desk, view: TerminalView) -> None:
    finder = open_bar(desk, "line 29")
    desk.press("alt+r")
    desk.type("[")
    assert finder.bar.error.isVisible()
    assert "unterminated" in finder.bar.error.text()
    assert finder.hits == 11
    assert text_of(view, finder) == "line 299"
    desk.type("8]$")
    assert not finder.bar.error.isVisible()
    assert text_of(view, finder) == "line 298"
    desk.press("alt+r")
    assert finder.bar.count.text() == "no hits"


@pytest.mark.usefixtures("view")
def test_an_endless_expression_ends_with_a_word_under_the_field(desk: Desk) -> None:
    prints(desk, b"a" * 60 + b"b\r\n")
    finder = open_bar(desk)
    desk.press("alt+r")
    finder.bar.field.setText("(a+)+$")
    assert "too long" in finder.bar.error.text()
    assert finder.bar.error.isVisible()
    finder.bar.field.setText("a+b")
    assert not finder.bar.error.isVisible()
    assert finder.hits == 1


def test_new_output_is_searched_while_the_bar_is_open(desk: Desk, view: TerminalView, qtbot: QtBot) -> None:
    finder = open_bar(desk, "needle")
    assert finder.bar.count.text() == "no hits"
    prints(desk, b"a needle\r\n" * 3)
    qtbot.waitUntil(lambda: finder.hits == 3)
    assert view.is_following


def test_a_selection_is_searched_at_once(desk: Desk, view: TerminalView) -> None:
    font = view.font_cells.font
    last = view.session.emulator.cursor.y - 1
    start = view.place_of(view.first_line + last, 0).toPoint()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view, start + (view.place_of(0, 3) - view.place_of(0, 0)).toPoint())
    end = (view.place_of(view.first_line + last, 8)).toPoint()
    end.setY(end.y() + int(font.cell_height / 2))
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)
    finder = open_bar(desk)
    assert finder.bar.field.text() == view.mouse.text() == "line 299"
    assert finder.hits == 1


def test_scrolling_works_while_searching(desk: Desk, view: TerminalView) -> None:
    open_bar(desk, "x")
    line = view.first_line
    desk.press("shift+pageup")
    assert view.first_line == line - (view.rows_shown - 1)


def test_searching_in_navigation_mode_returns_there(desk: Desk, view: TerminalView) -> None:
    desk.press("escape", "escape")
    finder = open_bar(desk, "line 1")
    assert finder.hits
    desk.press("escape")
    assert desk.window.widget.focusWidget() is desk.window.widget.grid
    assert view.finder is finder


def test_a_narrow_pane_has_room_for_the_bar(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk()
    desk.open(12)
    desk.press("1")
    finder = open_bar(desk, "x")
    bar = finder.bar
    assert isinstance(bar, FindBar)
    parent = bar.parentWidget()
    assert parent is not None
    assert parent.rect().contains(bar.geometry())


PROMPT = b"\x1b]133;A\x07$ \x1b]133;B\x07"


def session_with_commands(desk: Desk) -> None:
    """Three commands whose output is longer than the screen, and a prompt."""
    for number in range(3):
        prints(desk, PROMPT + b"run %d\r\n\x1b]133;C\x07" % number)
        prints(desk, b"".join(b"out %d.%d\r\n" % (number, row) for row in range(60)) + b"\x1b]133;D;0\x07")
    prints(desk, PROMPT)


def test_prompts_are_jumped_to_and_from(desk: Desk, view: TerminalView) -> None:
    session_with_commands(desk)

    def first() -> str:
        return view.session.emulator.text(view.first_line - view.session.emulator.scrolled_total)

    desk.press("ctrl+shift+up")
    assert first() == "$ run 2"
    desk.press("ctrl+shift+up")
    assert first() == "$ run 1"
    desk.press("ctrl+shift+down")
    assert first() == "$ run 2"
    desk.press("ctrl+shift+down")
    assert view.is_following
    assert desk.written(1) == b""


def test_the_last_output_is_selected_and_copied(desk: Desk, view: TerminalView) -> None:
    session_with_commands(desk)
    desk.press("ctrl+shift+y")
    text = "\n".join(f"out 2.{row}" for row in range(60))
    assert QGuiApplication.clipboard().text() == text
    assert view.mouse.text() == text


@pytest.mark.usefixtures("view")
def test_without_marks_nothing_is_copied_or_moved(desk: Desk) -> None:
    assert desk.runner.run("output.copy") == "No command has printed anything here"
    assert desk.runner.run("prompt.move previous") == "No prompt above"
