"""The terminal widget: what is painted when, scrolling, selection, mouse reports, input methods."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QInputMethodEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from synk.base.keypress import KeyPress
from synk.keys.modes import Mode
from synk.sessions.session import Status
from synk.terminal.selection import Unit
from synk.ui.frames import FRAME_S
from synk.ui.options import UiOptions
from synk.ui.questions import QuestionCard
from synk.ui.terminal import terminal_view
from synk.ui.terminal.preedit import Preedit
from synk.ui.terminal.terminal_view import TerminalView
from tests.gui.desk import Desk

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def view(desk: Desk) -> TerminalView:
    """One terminal, typed into, with a prompt."""
    desk.open(1)
    desk.manager.prints(1, b"$ ")
    desk.press("enter")
    settle(desk)
    return desk.pane(1).view


def settle(desk: Desk) -> None:
    """Deliver events and paint."""
    desk.hub.deliver()
    view = desk.pane(desk.manager.sessions[0].pane).view
    view.flush()
    QApplication.processEvents()


def cell(view: TerminalView, col: float, row: float) -> QPoint:
    """The middle of a cell (halves: the boundary before it)."""
    font = view.font_cells.font
    return QPointF((col + 0.5) * font.cell_width, (row + 0.5) * font.cell_height).toPoint()


def lines(count: int) -> bytes:
    return b"".join(b"line %d\r\n" % number for number in range(count))


def wheel(view: TerminalView, notches: float, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Turn the wheel; positive is away from the user: back."""
    place = QPointF(cell(view, 2, 2))
    event = QWheelEvent(
        place,
        view.mapToGlobal(place),
        QPoint(),
        QPoint(0, round(notches * 120)),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def watch_rows(view: TerminalView, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, tuple[int, int]]]:
    """A list that every painted row is added to: its number and the columns asked for."""
    painted: list[tuple[int, tuple[int, int]]] = []
    rows = view.font_cells
    original = rows.paint_row

    def spy(painter: Any, palette: Any, runs: Any, *, top: float, cols: tuple[int, int], **options: Any) -> bool:
        painted.append((round(top / rows.font.cell_height), cols))
        return original(painter, palette, runs, top=top, cols=cols, **options)

    monkeypatch.setattr(rows, "paint_row", spy)
    return painted


def click(view: TerminalView, place: QPoint, at_ms: int, kind: QEvent.Type = QEvent.Type.MouseButtonPress) -> None:
    """Press and release, with a time of our own: QTest spaces its clicks so that they never make a triple one."""
    for step, buttons in ((kind, LEFT), (QEvent.Type.MouseButtonRelease, Qt.MouseButton.NoButton)):
        none = Qt.KeyboardModifier.NoModifier
        event = QMouseEvent(step, QPointF(place), QPointF(view.mapToGlobal(place)), LEFT, buttons, none)
        event.setTimestamp(at_ms)
        QApplication.sendEvent(view, event)


def first_text(view: TerminalView) -> str:
    emulator = view.session.emulator
    return emulator.text(view.first_line - emulator.scrolled_total)


def test_an_error_while_painting_costs_that_paint_and_no_other(view: TerminalView, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_arguments: object) -> None:
        raise ValueError("no row")

    before = view.grab().toImage()
    with monkeypatch.context() as patch:
        patch.setattr(view._picture, "_paint_rows", fails)
        with pytest.raises(ValueError, match="no row"):
            view.repaint()
    view.repaint()
    assert view.grab().toImage() == before


def test_a_view_without_change_is_not_painted(view: TerminalView) -> None:
    before = view.paint_count
    for _ in range(5):
        QApplication.processEvents()
    assert view.paint_count == before


def test_output_paints_only_the_rows_it_changed(desk: Desk, view: TerminalView, monkeypatch: pytest.MonkeyPatch) -> None:
    painted = watch_rows(view, monkeypatch)
    desk.manager.prints(1, b"\x1b[5;1Ha line of several words\x1b[1;3H")
    settle(desk)
    assert {row for row, _ in painted} == {4}


def test_output_of_a_hidden_page_paints_nothing_and_is_there_when_shown(desk: Desk) -> None:
    desk.open(13)
    QApplication.processEvents()
    hidden = desk.pane(1).view
    before = hidden.paint_count
    for _ in range(20):
        desk.manager.prints(1, lines(50))
        desk.hub.deliver()
        QApplication.processEvents()
    assert hidden.paint_count == before
    desk.press("[", "1")
    QApplication.processEvents()
    assert hidden.paint_count > before
    assert not hidden.session.emulator.take_dirty()


def test_a_flood_is_painted_at_most_once_a_frame(desk: Desk, view: TerminalView, qtbot: QtBot) -> None:
    desk.manager.prints(1, b"x")
    settle(desk)
    before, started_s = view.paint_count, time.monotonic()
    for _ in range(200):
        desk.manager.prints(1, b"y\r\n")
        desk.hub.deliver()
        QApplication.processEvents()
    frames = (time.monotonic() - started_s) / FRAME_S
    assert view.paint_count - before <= frames + 2
    qtbot.waitUntil(lambda: not view.session.emulator.take_dirty())


def test_a_synchronized_frame_is_shown_when_it_ends(desk: Desk, view: TerminalView) -> None:
    before = view.paint_count
    desk.manager.prints(1, b"\x1b[?2026h\x1b[2Jhalf")
    desk.hub.deliver()
    QApplication.processEvents()
    assert view.paint_count == before
    desk.manager.prints(1, b" done\x1b[?2026l")
    settle(desk)
    assert view.paint_count > before


def test_half_a_synchronized_frame_is_not_seen_whatever_asks_for_a_paint(desk: Desk, view: TerminalView) -> None:
    desk.manager.prints(1, b"\x1b[2J\x1b[Hthe frame before\r\n\x1b[41mred\x1b[m")
    settle(desk)
    before = view.grab().toImage()
    desk.manager.prints(1, b"\x1b[?2026h\x1b[2J\x1b[10;10Hhalf\r\n" + b"scrolled\r\n" * 40)
    desk.hub.deliver()
    for ask in (view.update, view.repaint, view.flush, lambda: view.show_dimmed(0.0)):
        ask()
        QApplication.processEvents()
        assert view.grab().toImage() == before
    desk.manager.prints(1, b"\x1b[2J\x1b[Hwhole\x1b[?2026l")
    settle(desk)
    after = view.grab().toImage()
    assert after != before
    view.session.emulator.take_dirty()
    view.repaint()
    assert view.grab().toImage() == after


def test_a_frame_that_is_due_does_not_show_the_half_of_the_next_one(desk: Desk, view: TerminalView) -> None:
    painted = view.paint_count
    desk.manager.prints(1, b"one")
    desk.hub.deliver()
    desk.manager.prints(1, b"two")
    desk.hub.deliver()
    desk.manager.prints(1, b"\x1b[?2026h\x1b[2Jhalf")
    desk.hub.deliver()
    painted = view.paint_count
    view.flush()
    assert view.paint_count == painted
    assert view.session.emulator.modes.synchronized
    desk.manager.prints(1, b"\x1b[?2026l")
    settle(desk)
    assert not view.session.emulator.take_dirty()


def test_a_synchronized_frame_that_never_ends_is_shown_after_a_while(desk: Desk, view: TerminalView, qtbot: QtBot) -> None:
    before = view.paint_count
    desk.manager.prints(1, b"\x1b[?2026hhalf")
    desk.hub.deliver()
    qtbot.waitUntil(lambda: view.paint_count > before)


def test_a_blinking_cursor_repaints_its_cell_only(view: TerminalView, monkeypatch: pytest.MonkeyPatch) -> None:
    painted = watch_rows(view, monkeypatch)
    before = view.grab(view._picture.cursor_rect).toImage()
    painted.clear()
    view.blink.toggle()
    QApplication.processEvents()
    assert painted == [(0, (1, 4))], "the cells beside it, whose glyphs may reach into it, are painted as far as they do"
    assert view.grab(view._picture.cursor_rect).toImage() != before


def test_the_cursor_of_a_pane_without_the_keyboard_does_not_blink(desk: Desk, view: TerminalView) -> None:
    assert view.blink.is_running
    desk.press("escape", "escape")
    assert not view.blink.is_running


def test_starting_is_said_until_something_is_printed(desk: Desk) -> None:
    desk.open(1)
    view = desk.pane(1).view
    view.session.status = Status.STARTING
    view.repaint()
    starting = view.grab().toImage()
    view.session.status = Status.IDLE
    view.repaint()
    assert view.grab().toImage() != starting


def test_scrolling_back_stays_where_the_user_reads(desk: Desk, view: TerminalView) -> None:
    desk.manager.prints(1, lines(200))
    settle(desk)
    desk.press("shift+pageup")
    assert not view.is_following
    text = first_text(view)
    desk.manager.prints(1, lines(30))
    settle(desk)
    assert first_text(view) == text
    assert view._chip.isVisible()
    assert view._chip.text == "30 new lines"


def test_the_chip_jumps_to_the_newest_line(desk: Desk, view: TerminalView, qtbot: QtBot) -> None:
    desk.manager.prints(1, lines(200))
    desk.press("shift+home")
    assert first_text(view) == "$ line 0"
    desk.manager.prints(1, b"one more\r\n")
    settle(desk)
    qtbot.mouseClick(view._chip, LEFT)
    assert view.is_following
    assert not view._chip.isVisible()
    assert view.hasFocus()


def test_scroll_keys_reach_both_ends_and_typing_returns_to_the_newest(desk: Desk, view: TerminalView) -> None:
    desk.manager.prints(1, lines(200))
    settle(desk)
    desk.press("shift+home")
    assert first_text(view) == "$ line 0"
    desk.press("shift+pagedown")
    assert first_text(view) == f"line {view.rows_shown - 1}"
    desk.press("shift+end")
    assert view.is_following
    desk.press("shift+pageup", "a")
    assert view.is_following
    assert desk.written(1) == b"a"


def test_the_wheel_scrolls_three_lines_a_notch_and_adds_up_small_turns(desk: Desk, view: TerminalView) -> None:
    desk.manager.prints(1, lines(200))
    settle(desk)
    newest = view.first_line
    wheel(view, 1)
    assert view.first_line == newest - 3
    for _ in range(6):
        wheel(view, 0.5)
    assert view.first_line == newest - 12
    wheel(view, -10)
    assert view.is_following


def test_the_wheel_sends_arrows_on_the_alternate_screen_and_scrolls_with_shift(desk: Desk, view: TerminalView) -> None:
    desk.manager.prints(1, lines(100) + b"\x1b[?1049h")
    settle(desk)
    wheel(view, 1)
    assert desk.written(1) == b"\x1b[A" * 3
    wheel(view, -1)
    assert desk.written(1) == b"\x1b[A" * 3 + b"\x1b[B" * 3
    wheel(view, 1, Qt.KeyboardModifier.ShiftModifier)
    assert desk.written(1) == b"\x1b[A" * 3 + b"\x1b[B" * 3


def test_a_program_with_the_mouse_gets_presses_moves_releases_and_the_wheel(desk: Desk, view: TerminalView) -> None:
    desk.manager.prints(1, b"\x1b[?1002h\x1b[?1006h")
    settle(desk)
    QTest.mousePress(view, LEFT, pos=cell(view, 4, 2))
    QTest.mouseMove(view, cell(view, 6, 2))
    QTest.mouseRelease(view, LEFT, pos=cell(view, 6, 2))
    wheel(view, 1)
    sent = desk.written(1)
    assert sent.startswith(b"\x1b[<0;5;3M")
    assert b"\x1b[<0;7;3m" in sent
    assert sent.endswith(b"\x1b[<64;3;3M")
    assert view.mouse.selection is None


def test_shift_selects_even_if_the_program_has_the_mouse(desk: Desk, view: TerminalView) -> None:
    desk.manager.prints(1, b"\x1b[?1000h\x1b[2;1Hhello world")
    settle(desk)
    shift = Qt.KeyboardModifier.ShiftModifier
    drag(view, (-0.5, 1), (4.5, 1), shift)
    assert view.mouse.text() == "hello"
    assert desk.written(1) == b""


def test_the_first_click_on_another_pane_only_takes_the_keyboard_there(desk: Desk, qtbot: QtBot) -> None:
    desk.open(2)
    desk.manager.prints(1, b"\x1b[?1000h")
    settle(desk)
    qtbot.mouseClick(desk.pane(1).view, LEFT)
    assert (desk.workspace.selected, desk.workspace.mode) == (1, Mode.TERMINAL)
    assert desk.written(1) == b""
    qtbot.mouseClick(desk.pane(1).view, LEFT)
    assert desk.written(1) != b""


def drag(
    view: TerminalView,
    start: tuple[float, float],
    end: tuple[float, float],
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Press, move, release; places in columns and rows, -0.5 is the left edge of the first cell."""
    QTest.mousePress(view, LEFT, modifiers, cell(view, *start))
    QTest.mouseMove(view, cell(view, (start[0] + end[0]) / 2, end[1]))
    QTest.mouseMove(view, cell(view, *end))
    QTest.mouseRelease(view, LEFT, modifiers, cell(view, *end))


def test_a_drag_selects_and_copies(desk: Desk, view: TerminalView) -> None:
    desk.manager.prints(1, b"\x1b[2;1Hhello world\r\nsecond line")
    settle(desk)
    drag(view, (5.5, 1), (5.5, 2))
    assert view.mouse.text() == "world\nsecond"
    desk.press("ctrl+shift+c")
    assert QGuiApplication.clipboard().text() == "world\nsecond"


def test_a_wrapped_line_is_copied_without_a_newline(desk: Desk, view: TerminalView) -> None:
    desk.manager.prints(1, b"\x1b[2J\x1b[H" + b"0123456789" * 50)
    settle(desk)
    drag(view, (-0.5, 0), (40, 500 // view.session.emulator.cols))
    assert view.mouse.text() == "0123456789" * 50


def test_double_click_takes_a_word_triple_a_line_and_shift_extends(desk: Desk, view: TerminalView) -> None:
    desk.manager.prints(1, b"\x1b[2;1Hls /usr/lib foo")
    settle(desk)
    place = cell(view, 5, 1)
    click(view, place, 100_000)
    click(view, place, 100_100, QEvent.Type.MouseButtonDblClick)
    assert view.mouse.text() == "/usr/lib"
    click(view, place, 100_200)
    assert view.mouse.text().rstrip("\n") == "ls /usr/lib foo"
    click(view, cell(view, -0.5, 1), 200_000)
    QTest.mouseClick(view, LEFT, Qt.KeyboardModifier.ShiftModifier, cell(view, 1.5, 1))
    assert view.mouse.text() == "ls"


def test_alt_drag_selects_a_block(desk: Desk, view: TerminalView) -> None:
    desk.manager.prints(1, b"\x1b[2;1Habcdef\r\nghijkl")
    settle(desk)
    drag(view, (0.5, 1), (2.5, 2), Qt.KeyboardModifier.AltModifier)
    selection = view.mouse.selection
    assert selection is not None
    assert selection.unit is Unit.BLOCK
    assert view.mouse.text() == "bc\nhi"


def test_a_selection_stays_on_its_text_while_output_scrolls(desk: Desk, view: TerminalView) -> None:
    desk.manager.prints(1, b"\x1b[2;1Hhello world")
    settle(desk)
    drag(view, (-0.5, 1), (4.5, 1))
    desk.manager.prints(1, lines(100))
    settle(desk)
    assert view.mouse.text() == "hello"


def test_a_drag_beyond_the_edge_scrolls_and_selects_on(desk: Desk, view: TerminalView, qtbot: QtBot) -> None:
    desk.manager.prints(1, lines(200))
    settle(desk)
    QTest.mousePress(view, LEFT, pos=cell(view, 3, 5))
    QTest.mouseMove(view, cell(view, 3, 4))
    QTest.mouseMove(view, QPoint(10, -60))
    qtbot.waitUntil(lambda: not view.is_following and view.mouse.text().count("\n") > 20)
    QTest.mouseRelease(view, LEFT, pos=QPoint(10, -60))
    assert not view.mouse._autoscroll.isActive()


def test_a_selection_is_marked_on_the_screen(desk: Desk, view: TerminalView) -> None:
    desk.manager.prints(1, b"\x1b[2;1Hhello")
    settle(desk)
    before = view.grab().toImage()
    drag(view, (-0.5, 1), (4.5, 1))
    QApplication.processEvents()
    after = view.grab().toImage()
    x, y = cell(view, 1, 1).toTuple()
    assert after.pixelColor(x, y - 7) != before.pixelColor(x, y - 7)
    view.mouse.clear()
    QApplication.processEvents()
    assert view.grab().toImage() == before


def test_committed_text_is_sent_once_and_preedit_is_not(desk: Desk, view: TerminalView) -> None:
    for text in ("é", "你好", "😀"):
        QApplication.sendEvent(view, QInputMethodEvent("pre", []))
        assert view.preedit.text == "pre"
        event = QInputMethodEvent("", [])
        event.setCommitString(text)
        QApplication.sendEvent(view, event)
    assert desk.written(1).decode() == "é你好😀"
    assert not view.preedit


def test_committed_text_follows_a_held_escape(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(hold_first_escape=True)
    desk.open(1)
    desk.press("enter", "escape")
    event = QInputMethodEvent("", [])
    event.setCommitString("é")
    QApplication.sendEvent(desk.pane(1).view, event)
    assert desk.written(1) == b"\x1b" + "é".encode()


@pytest.mark.usefixtures("view")
def test_a_program_that_wants_focus_events_gets_them_with_the_mode(desk: Desk) -> None:
    desk.manager.prints(1, b"\x1b[?1004h")
    desk.press("escape", "escape")
    assert desk.written(1).endswith(b"\x1b[O")
    desk.press("enter")
    assert desk.written(1).endswith(b"\x1b[I")


def test_colors_a_program_sets_are_painted_at_once(desk: Desk, view: TerminalView) -> None:
    desk.manager.prints(1, b"\x1b]11;#102030\x07")
    settle(desk)
    assert view.grab().toImage().pixelColor(view.width() - 2, view.height() - 2).name() == "#102030"


def clipboard(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


def test_several_lines_are_asked_about_and_then_pasted(desk: Desk, view: TerminalView) -> None:
    clipboard("make\nrm -rf \x1b[31m*\n")
    desk.press("ctrl+shift+v")
    card = desk.cards.top
    assert isinstance(card, QuestionCard)
    assert card.title == "Paste 2 lines into bash?"
    assert desk.written(1) == b""
    desk.press("escape")
    assert desk.written(1) == b""
    desk.press("ctrl+shift+v", "enter")
    assert desk.written(1) == b"make\rrm -rf [31m*\r"
    assert view.hasFocus()


@pytest.mark.parametrize(
    ("text", "mode", "sent"),
    [
        ("one line\n", b"", b"one line\r"),
        ("a\nb", b"\x1b[?2004h", b"\x1b[200~a\rb\x1b[201~"),
        ("a\x1b[201~b", b"\x1b[?2004h", b"\x1b[200~ab\x1b[201~"),
    ],
)
@pytest.mark.usefixtures("view")
def test_one_line_and_bracketed_pastes_are_not_asked_about(desk: Desk, text: str, mode: bytes, sent: bytes) -> None:
    desk.manager.prints(1, mode)
    clipboard(text)
    desk.press("ctrl+shift+v")
    assert desk.cards.top is None
    assert desk.written(1) == sent


@pytest.mark.usefixtures("view")
def test_the_setting_turns_the_question_off(desk: Desk) -> None:
    desk.window.apply(UiOptions(confirm_multiline_paste=False))
    clipboard("a\nb")
    desk.press("ctrl+shift+v")
    assert desk.written(1) == b"a\rb"


def drop(view: TerminalView, mime: QMimeData) -> None:
    """Enter with the mouse and let go."""
    place = QPointF(20, 20)
    actions, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place.toPoint(), actions, mime, left, none)
    QApplication.sendEvent(view, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(view, QDropEvent(place, actions, mime, left, none))


def test_a_dropped_file_is_its_quoted_path_and_its_pane_gets_the_keyboard(desk: Desk) -> None:
    desk.open(2)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/tmp/a b.txt"), QUrl.fromLocalFile("/tmp/plain")])
    drop(desk.pane(1).view, mime)
    assert desk.written(1) == b"'/tmp/a b.txt' /tmp/plain "
    assert (desk.workspace.selected, desk.workspace.mode) == (1, Mode.TERMINAL)


def test_dropped_text_is_pasted(desk: Desk, view: TerminalView) -> None:
    mime = QMimeData()
    mime.setText("echo hi")
    drop(view, mime)
    assert desk.written(1) == b"echo hi"


def test_text_being_composed_stands_at_the_cursor_with_its_caret(desk: Desk, view: TerminalView) -> None:
    before = view.grab().toImage()
    resting = view.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle)
    assert isinstance(resting, QRect)
    cursor = QInputMethodEvent.Attribute(QInputMethodEvent.AttributeType.Cursor, 2, 1, None)
    QApplication.sendEvent(view, QInputMethodEvent("你好", [cursor]))
    QApplication.processEvents()
    after = view.grab().toImage()
    x = cell(view, 2, 0).x()
    height = round(view.font_cells.font.cell_height)
    assert before.copy(0, 0, x - 6, height) == after.copy(0, 0, x - 6, height)
    line = after.pixelColor(x, height - 1)
    assert line == view.font_cells.theme.terminal.cursor
    caret = view.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle)
    assert isinstance(caret, QRect)
    assert caret.left() > resting.left() + 16
    assert caret.height() == resting.height()
    assert desk.written(1) == b""
    QApplication.sendEvent(view, QInputMethodEvent("", []))
    QApplication.processEvents()
    assert view.grab().toImage() == before


def test_an_emoji_before_the_caret_counts_as_one_character() -> None:
    cursor = QInputMethodEvent.Attribute(QInputMethodEvent.AttributeType.Cursor, 3, 1, None)
    preedit = Preedit.of(QInputMethodEvent("😀ab", [cursor]))
    assert preedit.caret == 2


def test_text_composed_at_the_right_edge_stays_in_sight(desk: Desk, view: TerminalView) -> None:
    desk.manager.prints(1, b"\x1b[1;%dH" % view.session.emulator.cols)
    settle(desk)
    QApplication.sendEvent(view, QInputMethodEvent("你好你好", []))
    caret = view.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle)
    assert isinstance(caret, QRect)
    assert view.rect().contains(caret)


def test_blinking_text_repaints_its_row_only(desk: Desk, view: TerminalView, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.manager.prints(1, b"\x1b[3;1H\x1b[5mblink\x1b[0m")
    settle(desk)
    assert view.text_blink.is_running
    painted = watch_rows(view, monkeypatch)
    view.text_blink.toggle()
    QApplication.processEvents()
    assert {row for row, _ in painted} == {2}
    view.update(0, 2 * round(view.font_cells.font.cell_height) + 2, 4, 4)  # a part of the row without the text's end
    QApplication.processEvents()
    assert view.text_blink.is_running
    desk.manager.prints(1, b"\x1b[2J")
    settle(desk)
    assert not view.text_blink.is_running


def test_a_mnemonic_beside_it_takes_no_key_from_the_program(desk: Desk, view: TerminalView, qtbot: QtBot) -> None:
    button = QPushButton("a&b", desk.window.widget)
    button.show()
    presses: list[KeyPress] = []
    view.on_press = presses.append
    with qtbot.assertNotEmitted(button.clicked, wait=0):
        QTest.keyClick(view, Qt.Key.Key_B, Qt.KeyboardModifier.AltModifier)
    assert [(press.name, press.alt) for press in presses if not press.released] == [("b", True)]


def test_nothing_has_a_shortcut_of_qt_which_would_come_before_the_program() -> None:
    sources = Path(terminal_view.__file__).parents[1].rglob("*.py")
    assert [path.name for path in sources if re.search(r"QShortcut|[sS]etShortcut|QKeySequence", path.read_text())] == []
