"""The grid as widgets: all layouts, sizes told to programs, borders and dimming, clicks, what automation may not do."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from synk.actions.ports import AgentChoice
from synk.base.events import NoticeRaised
from synk.keys.modes import Mode
from synk.sessions import grid
from synk.sessions.events import TerminalReported
from synk.sessions.session import Status
from synk.terminal.events import BellRang, ClipboardWritten
from synk.ui.frames import Frames
from synk.ui.options import UiOptions
from tests.gui.desk import Desk

LEFT = Qt.MouseButton.LeftButton


def columns_and_rows(desk: Desk) -> tuple[int, int]:
    panes = [pane for pane in desk.window.widget.grid.panes if pane.isVisible()]
    return len({pane.x() for pane in panes}), len({pane.y() for pane in panes})


def paint_now(desk: Desk) -> None:
    """What is to be painted is painted; by itself Qt would do it 5 ms later."""
    QApplication.processEvents()
    QApplication.sendEvent(desk.window.widget, QEvent(QEvent.Type.UpdateRequest))


def test_all_six_layouts_appear_from_one_to_twelve_panes_and_back(desk: Desk) -> None:
    seen = []
    for _ in range(12):
        desk.open(1)
        seen.append(columns_and_rows(desk))
    assert seen == [grid.shape(count) for count in range(1, 13)]
    back = []
    for _ in range(12):
        back.append(columns_and_rows(desk))
        desk.press("x")
    assert back == seen[::-1]
    assert desk.window.widget.grid.panes == []


def test_the_first_size_is_told_at_once_and_later_ones_when_resizing_has_stopped(desk: Desk, qtbot: QtBot) -> None:
    desk.open(1)
    sizes = desk.manager.sizes
    assert len(sizes) == 1
    for width in (1200, 1100, 1000):
        desk.window.resize(width, 800)
        QApplication.processEvents()
    assert len(sizes) == 1
    qtbot.waitUntil(lambda: len(sizes) == 2)
    view = desk.pane(1).view
    assert sizes[-1][1] == view.width() // view.font_cells.font.cell_width
    assert sizes[-1][2] == view.rows_shown


def test_panes_of_a_hidden_page_learn_the_size_they_would_have(desk: Desk) -> None:
    desk.open(13)
    told = {number: (cols, rows) for number, cols, rows in desk.manager.sizes}
    assert told[13][0] > 100
    desk.window.widget.grid.sizer.settle()
    assert desk.manager.sessions[0].emulator.cols < 50


def test_a_window_too_small_keeps_the_panes_and_the_programs_their_size(desk: Desk) -> None:
    desk.open(12)
    desk.window.widget.grid.sizer.settle()
    before = [(s.emulator.cols, s.emulator.rows) for s in desk.manager.sessions]
    desk.window.resize(800, 600)
    desk.press(*["ctrl+="] * 8)
    QApplication.processEvents()
    desk.window.widget.grid.sizer.settle()
    assert all(pane.is_too_small and pane.isVisible() for pane in desk.window.widget.grid.panes)
    assert not any(pane.view.isVisible() for pane in desk.window.widget.grid.panes)
    assert [(s.emulator.cols, s.emulator.rows) for s in desk.manager.sessions] == before
    desk.press("ctrl+0")
    assert all(pane.view.isVisible() for pane in desk.window.widget.grid.panes)


@pytest.mark.parametrize("count", [1, 4, 12])
def test_every_pane_has_room_for_twenty_by_four_cells_in_the_smallest_window(desk: Desk, count: int) -> None:
    desk.window.resize(800, 600)
    desk.open(count)
    assert not any(pane.is_too_small for pane in desk.window.widget.grid.panes)


def test_border_and_dimming_follow_the_mode(desk: Desk, theme: object) -> None:
    desk.open(2)
    colors = theme.colors  # type: ignore[attr-defined]

    def border(pane: int) -> str:
        image = desk.pane(pane).grab().toImage()
        return str(image.pixelColor(image.width() // 2, 0).name())

    assert (border(2), border(1)) == (colors.blue.name(), colors.border.name())
    desk.manager.prints(1, "█".encode())
    desk.hub.deliver()
    bright = desk.pane(1).view.grab().toImage().pixelColor(4, 8).lightness()
    desk.press("enter")
    assert border(2) == colors.green.name()
    assert desk.pane(1).view.grab().toImage().pixelColor(4, 8).lightness() < bright * 0.8
    desk.window.apply(UiOptions(dim_unfocused=False))
    assert desk.pane(1).view.grab().toImage().pixelColor(4, 8).lightness() == bright


def test_moving_the_selection_paints_borders_and_no_terminal(desk: Desk, qtbot: QtBot) -> None:
    desk.open(4)
    desk.window.widget.grid.sizer.settle()
    qtbot.waitUntil(lambda: not desk.window.widget.grid.findChild(Frames).is_waiting)
    paint_now(desk)
    views = [pane.view for pane in desk.window.widget.grid.panes]
    before = [view.paint_count for view in views]
    desk.press("h", "k", "l")
    paint_now(desk)
    assert [view.paint_count for view in views] == before
    assert desk.workspace.selected == 2


def test_a_click_in_a_body_selects_and_types_there(desk: Desk, qtbot: QtBot) -> None:
    desk.open(2)
    qtbot.mouseClick(desk.pane(1).view, LEFT)
    assert (desk.workspace.selected, desk.workspace.mode) == (1, Mode.TERMINAL)
    desk.type("ls")
    assert desk.written(1) == b"ls"


def test_a_click_on_a_header_selects_only_and_on_the_focused_one_leaves(desk: Desk, qtbot: QtBot) -> None:
    desk.open(2)
    qtbot.mouseClick(desk.pane(1), LEFT, pos=QPoint(100, 10))
    assert (desk.workspace.selected, desk.workspace.mode) == (1, Mode.NAVIGATION)
    desk.press("enter")
    qtbot.mouseClick(desk.pane(1), LEFT, pos=QPoint(100, 10))
    assert (desk.workspace.selected, desk.workspace.mode) == (1, Mode.NAVIGATION)


def test_a_double_click_on_a_header_zooms(desk: Desk, qtbot: QtBot) -> None:
    desk.open(3)
    qtbot.mouseDClick(desk.pane(2), LEFT, pos=QPoint(100, 10))
    assert (desk.workspace.is_zoomed, desk.workspace.selected) == (True, 2)


def test_the_close_button_closes_its_own_pane(desk: Desk, qtbot: QtBot) -> None:
    desk.open(3)
    pane = desk.pane(2)
    qtbot.mouseClick(pane, LEFT, pos=pane._close_area().center())
    assert [session.pane for session in desk.manager.sessions] == [1, 3]
    assert desk.workspace.selected == 3


def test_a_session_that_automation_opens_moves_nothing(desk: Desk) -> None:
    desk.open(2)
    desk.press("1", "p")
    focused = desk.window.widget.focusWidget()
    desk.manager.create(select=False)
    desk.hub.deliver()
    assert (desk.workspace.selected, desk.workspace.mode, desk.window.widget.drawer.is_open) == (1, Mode.NAVIGATION, True)
    assert desk.window.widget.focusWidget() is focused
    assert desk.pane(3).isVisible()


def test_an_agent_that_exits_or_prints_moves_nothing(desk: Desk) -> None:
    desk.open(3)
    desk.press("1", "enter")
    focused = desk.window.widget.focusWidget()
    desk.manager.ends(2, code=1, at=0.0)
    desk.manager.prints(3, b"\x1b]0;title\x07\x07text")
    desk.manager.close(desk.manager.sessions[2])
    desk.hub.publish(NoticeRaised("error", "Something failed", session=2))
    desk.hub.deliver()
    assert (desk.workspace.selected, desk.workspace.mode) == (1, Mode.TERMINAL)
    assert desk.window.widget.focusWidget() is focused


def test_the_shell_under_the_keyboard_ends_and_the_next_pane_has_the_keyboard(desk: Desk) -> None:
    desk.open(2)
    desk.press("1", "enter")
    desk.manager.close(desk.manager.sessions[0])
    desk.hub.deliver()
    assert (desk.workspace.selected, desk.workspace.mode) == (2, Mode.TERMINAL)
    assert desk.pane(2).view.hasFocus()
    desk.manager.close(desk.manager.sessions[0])
    desk.hub.deliver()
    assert desk.workspace.mode is Mode.NAVIGATION
    assert desk.window.widget.grid.hasFocus()


def test_a_number_used_again_before_the_old_pane_s_event_arrives_keeps_the_new_pane(desk: Desk) -> None:
    desk.open(1)
    desk.manager.close(desk.manager.sessions[0])
    desk.runner.run("session.new terminal")
    desk.hub.deliver()
    assert desk.workspace.panes == [1]
    assert desk.pane(1).session.id == 2


def test_the_bar_of_an_ended_pane_says_how_and_covers_no_output(desk: Desk) -> None:
    desk.open(1)
    view = desk.pane(1).view
    desk.manager.prints(1, b"\r\n" * 100 + b"last words")
    desk.manager.ends(1, code=127, at=0.0)
    desk.hub.deliver()
    QApplication.processEvents()
    pane = desk.pane(1)
    assert pane._bar.isVisible()
    assert pane._bar.text == "bash ended with status 127 - Enter restart, s shell here, x close"
    assert pane._bar.geometry().top() > view.geometry().bottom()
    last = view.first_line + view.rows_shown - 1
    assert view.session.emulator.text(last - view.session.emulator.scrolled_total) == "last words"


def test_titles_come_from_the_user_then_the_program_then_the_place(desk: Desk) -> None:
    desk.open(1)
    pane, session = desk.pane(1), desk.manager.sessions[0]
    assert pane.title == "root"
    session.working_dir = "/tmp/elsewhere"
    assert pane.title == "dir:elsewhere"
    session.program_title = "  "
    assert pane.title == "dir:elsewhere"
    session.program_title = "vim"
    assert pane.title == "vim"
    desk.runner.run("/rename my own title")
    assert pane.title == "my own title"


def test_a_title_that_looks_like_markup_is_shown_as_text_also_in_the_tool_tip(desk: Desk, qtbot: QtBot) -> None:
    desk.open(1)
    pane = desk.pane(1)
    pane.session.program_title = '<img src="/etc/motd"> a & b'
    qtbot.mouseMove(pane, QPoint(pane.width() // 2, 10))
    text = QTextDocument()
    text.setHtml(pane.toolTip())
    assert text.toPlainText() == pane.title


def test_badges_follow_the_catalog_when_it_is_known(desk: Desk) -> None:
    desk.open(1)
    desk.manager.sessions[0].agent = "claude"
    before = desk.pane(1).grab().toImage()
    desk.window.use_agents({"claude": AgentChoice("claude", "Claude Code", "CL", "purple")})
    assert desk.pane(1).grab().toImage() != before


def test_a_working_mark_turns_only_while_it_is_seen_and_may_move(desk: Desk) -> None:
    desk.open(1)
    session, pane = desk.manager.sessions[0], desk.pane(1)
    session.status = Status.WORKING
    pane.refresh()
    assert pane._turning.is_running
    desk.window.apply(UiOptions(reduce_motion=True))
    assert not pane._turning.is_running
    desk.window.apply(UiOptions())
    pane.hide()
    assert not pane._turning.is_running


def test_a_bell_lights_up_the_header_for_a_moment(desk: Desk, qtbot: QtBot) -> None:
    desk.open(1)
    quiet = desk.pane(1).grab().toImage()
    desk.hub.publish(TerminalReported(1, BellRang()))
    desk.hub.deliver()
    assert desk.pane(1).grab().toImage() != quiet
    qtbot.waitUntil(lambda: desk.pane(1).grab().toImage() == quiet)


def test_text_a_program_copies_is_on_the_clipboard(desk: Desk) -> None:
    desk.open(1)
    desk.hub.publish(TerminalReported(1, ClipboardWritten("c", "from vim")))
    desk.hub.deliver()
    assert QApplication.clipboard().text() == "from vim"


def test_the_top_bar_reads_mode_page_and_counts(desk: Desk) -> None:
    desk.open(13)
    bar = desk.window.widget.top_bar
    assert (bar.mode_text, bar.page_text, bar.counts_text) == ("NAV", "page 2 of 2", "")
    desk.manager.sessions[0].status = Status.WAITING
    desk.manager.sessions[1].status = Status.DONE_UNSEEN
    desk.press("enter")
    assert (bar.mode_text, bar.counts_text) == ("TERM", "1 waiting, 1 done")


def test_an_empty_grid_names_keys_and_a_session_takes_their_place(desk: Desk) -> None:
    empty = desk.window.widget.grid.grab().toImage()
    desk.open(1)
    assert desk.window.widget.grid.grab().toImage() != empty
    desk.press("x")
    QApplication.processEvents()
    assert desk.window.widget.grid.grab().toImage() == empty
