"""Links in a terminal: Ctrl shows and opens them, letters label them, and nothing dangerous is opened."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from synk.ui.questions import QuestionCard
from synk.ui.terminal.link_hints import labels
from synk.ui.terminal.terminal_view import TerminalView
from tests.gui.desk import Desk

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def opened(desk: Desk) -> list[str]:
    """The addresses given to the desktop."""
    return desk.opened_urls


@pytest.fixture
def view(desk: Desk) -> TerminalView:
    """A terminal with links of each kind."""
    desk.open(1)
    desk.press("enter")
    prints(
        desk,
        b"see https://example.com/a now\r\n"
        b"\x1b]8;;https://hidden.example/b\x1b\\click here\x1b]8;;\x1b\\\r\n"
        b"\x1b]8;;javascript:alert(1)\x1b\\bad\x1b]8;;\x1b\\\r\n"
        b"src/app.py:12: error\r\n",
    )
    return desk.pane(1).view


def prints(desk: Desk, data: bytes) -> None:
    desk.manager.prints(1, data)
    desk.hub.deliver()
    desk.pane(1).view.flush()
    QApplication.processEvents()


def cell(view: TerminalView, col: int, row: int) -> QPoint:
    font = view.font_cells.font
    return QPointF((col + 0.5) * font.cell_width, (row + 0.5) * font.cell_height).toPoint()


def hover(view: TerminalView, place: QPoint, modifiers: Qt.KeyboardModifier = CTRL) -> None:
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(place), QPointF(view.mapToGlobal(place)), Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton, modifiers,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


def test_ctrl_shows_where_a_link_leads_and_a_click_opens_it(view: TerminalView, opened: list[str], desk: Desk) -> None:
    hover(view, cell(view, 6, 0), NONE)
    assert view._link_label.isHidden()
    hover(view, cell(view, 6, 0))
    assert view._link_label.isVisible()
    assert view._link_label.text == "https://example.com/a"
    assert view.cursor().shape() == Qt.CursorShape.PointingHandCursor
    marks = view.links.marks(0, 9)
    assert [(line, mark.start, mark.end, mark.is_line) for line, found in marks.items() for mark in found] == [(0, 4, 25, True)]
    QTest.mouseClick(view, LEFT, CTRL, cell(view, 6, 0))
    assert opened == ["https://example.com/a"]
    assert desk.written(1) == b""
    hover(view, cell(view, 1, 0))
    assert view._link_label.isHidden()
    assert view.cursor().shape() == Qt.CursorShape.IBeamCursor


def test_pressing_and_releasing_ctrl_over_a_link_shows_and_hides_it(view: TerminalView) -> None:
    hover(view, cell(view, 6, 0), NONE)
    for kind, is_shown in ((QEvent.Type.KeyPress, True), (QEvent.Type.KeyRelease, False)):
        QApplication.sendEvent(view, QKeyEvent(kind, Qt.Key.Key_Control, NONE))
        assert view._link_label.isVisible() == is_shown


def test_a_declared_link_shows_its_target_and_not_its_text(view: TerminalView, opened: list[str]) -> None:
    hover(view, cell(view, 2, 1))
    assert view._link_label.text == "https://hidden.example/b"
    QTest.mouseClick(view, LEFT, CTRL, cell(view, 2, 1))
    assert opened == ["https://hidden.example/b"]


def test_a_dangerous_target_is_never_opened(desk: Desk, view: TerminalView, opened: list[str]) -> None:
    hover(view, cell(view, 1, 2))
    assert view._link_label.text.startswith("Only http")
    QTest.mouseClick(view, LEFT, CTRL, cell(view, 1, 2))
    desk.hub.deliver()
    assert opened == []
    [toast] = desk.window.widget.toasts.shown
    assert toast.notice.title.startswith("Only http, https, mailto and file")


@pytest.mark.parametrize("target", ["file://elsewhere/etc/passwd", "vscode://x", "https://a\x1b[31m"])
def test_other_machines_kinds_and_controls_are_refused(desk: Desk, opened: list[str], target: str) -> None:
    desk.open(1)
    desk.window.run(f"link.open {target}")
    desk.hub.deliver()
    assert opened == []
    assert desk.window.widget.toasts.shown[0].notice.level == "error"


def test_a_file_of_this_machine_is_opened(desk: Desk, opened: list[str], tmp_path: Path) -> None:
    desk.runner.run(f"link.open file://localhost{tmp_path}")
    assert opened == [f"file://{tmp_path}"]


def test_a_place_in_a_file_opens_the_editor_in_a_new_session(desk: Desk, view: TerminalView, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("x\n")
    view.session.working_dir = str(tmp_path)
    hover(view, cell(view, 3, 3))
    QTest.mouseClick(view, LEFT, CTRL, cell(view, 3, 3))
    desk.hub.deliver()
    editor = desk.manager.sessions[-1]
    assert editor.argv == ("vi", "+12", f"{tmp_path}/src/app.py")
    assert editor.working_dir == f"{tmp_path}/src"


def test_a_place_in_a_file_that_is_not_there_says_so(desk: Desk, view: TerminalView, tmp_path: Path) -> None:
    view.session.working_dir = str(tmp_path)
    QTest.mouseClick(view, LEFT, CTRL, cell(view, 3, 3))
    desk.hub.deliver()
    assert len(desk.manager.sessions) == 1
    assert desk.window.widget.toasts.shown[0].notice.title == f"There is no file {tmp_path}/src/app.py"


def test_a_program_with_the_mouse_keeps_ctrl_click_and_shift_takes_it_back(
    desk: Desk, view: TerminalView, opened: list[str]
) -> None:
    prints(desk, b"\x1b[?1000h\x1b[?1006h")
    QTest.mouseClick(view, LEFT, CTRL, cell(view, 6, 0))
    assert opened == []
    assert desk.written(1).startswith(b"\x1b[<16;7;1M")
    QTest.mouseClick(view, LEFT, CTRL | SHIFT, cell(view, 6, 0))
    assert opened == ["https://example.com/a"]


@pytest.mark.usefixtures("view")
def test_a_letter_opens_a_labelled_link(desk: Desk, opened: list[str]) -> None:
    desk.press("ctrl+shift+o")
    hints = desk.window.reading.hints
    assert hints is not None
    assert [link.target for link in hints.links.values()] == [
        "https://example.com/a", "https://hidden.example/b", "javascript:alert(1)", "src/app.py:12",
    ]  # fmt: skip
    desk.type("1")
    assert opened == []
    desk.type("a")
    assert opened == ["https://example.com/a"]
    assert desk.window.reading.hints is None
    desk.type("x")
    assert desk.written(1) == b"x"


@pytest.mark.usefixtures("view")
def test_a_link_with_another_text_is_shown_and_confirmed_first(desk: Desk, opened: list[str]) -> None:
    desk.press("ctrl+shift+o", "s")
    card = desk.cards.top
    assert isinstance(card, QuestionCard)
    assert opened == []
    desk.press("enter")
    assert opened == ["https://hidden.example/b"]
    desk.press("ctrl+shift+o", "s", "escape")
    assert opened == ["https://hidden.example/b"]


@pytest.mark.usefixtures("view")
def test_shift_and_the_letter_copies_the_target(desk: Desk, opened: list[str]) -> None:
    desk.press("ctrl+shift+o", "shift+a")
    assert QGuiApplication.clipboard().text() == "https://example.com/a"
    assert opened == []


def test_escape_leaves_the_labels_and_nothing_reaches_the_program(desk: Desk, view: TerminalView) -> None:
    desk.press("ctrl+shift+o", "escape")
    assert desk.window.reading.hints is None
    assert view.hasFocus()
    assert desk.written(1) == b""


@pytest.mark.usefixtures("view")
def test_many_links_get_two_letters_each(desk: Desk, opened: list[str]) -> None:
    prints(desk, b"\x1b[2J\x1b[H" + b" ".join(b"http://a/%d" % number for number in range(40)))
    desk.press("ctrl+shift+o", "a")
    hints = desk.window.reading.hints
    assert hints is not None
    assert hints.typed == "a"
    desk.press("backspace", "a", "s")
    assert opened == ["http://a/1"]


@pytest.mark.parametrize("count", [1, 26, 27, 300])
def test_no_label_is_the_beginning_of_another(count: int) -> None:
    found = labels(count)
    assert len(set(found)) == count
    assert not any(a != b and b.startswith(a) for a in found for b in found)
