"""Keys through a real window: each row of the key table, and what the modes let through."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from synk.actions.ports import AgentChoice
from synk.base.events import NoticeRaised
from synk.keys.modes import Mode
from synk.ui.help_card import HelpCard
from synk.ui.questions import AgentCard, QuestionCard
from tests.gui.desk import Desk

AGENTS = [
    AgentChoice("terminal", "Terminal", ">_"),
    AgentChoice("claude", "Claude Code", "CL", "purple", ("claude",), command="claude"),
    AgentChoice("codex", "Codex", "CX", "green", ("codex",), command="codex"),
]


def test_n_then_enter_opens_a_terminal_that_is_typed_into(desk: Desk) -> None:
    desk.press("n", "enter")
    assert (desk.workspace.selected, desk.workspace.mode) == (1, Mode.TERMINAL)
    desk.type("ls -la")
    desk.press("enter")
    assert desk.written(1) == b"ls -la\r"


def test_escape_in_the_question_opens_nothing(desk: Desk) -> None:
    desk.press("n", "escape")
    assert desk.manager.sessions == []
    assert desk.cards.top is None


def test_arrows_and_first_letters_choose_the_agent_and_the_last_one_is_offered_again(desk: Desk) -> None:
    desk.agents = AGENTS
    desk.press("n", "c", "c", "enter")
    assert desk.manager.sessions[0].agent == "codex"
    desk.press("escape", "escape", "n")
    card = desk.cards.top
    assert isinstance(card, AgentCard)
    assert card.choice.id == "codex"
    desk.press("up", "enter")
    assert desk.manager.sessions[1].agent == "claude"
    assert desk.manager.sessions[1].argv == ("claude",)


def test_shift_n_opens_the_same_again_without_asking(desk: Desk) -> None:
    desk.agents = AGENTS
    desk.press("n", "c", "enter", "escape", "escape", "shift+n")
    assert [session.agent for session in desk.manager.sessions] == ["claude", "claude"]
    assert desk.workspace.mode is Mode.TERMINAL


def test_keys_typed_right_after_enter_all_reach_the_new_session(desk: Desk) -> None:
    desk.press("n", "enter")
    desk.type("x?nq123")
    assert desk.written(1) == b"x?nq123"


def test_two_taps_of_escape_at_a_prompt_leave_and_send_nothing(desk: Desk) -> None:
    desk.open(1)
    desk.press("enter", "escape", "escape")
    assert (desk.written(1), desk.workspace.mode) == (b"", Mode.NAVIGATION)
    desk.press("enter", "a", "escape", "j")
    assert desk.written(1) == b"a\x1bj"


def test_escape_goes_to_a_full_screen_program_and_a_second_one_leaves(desk: Desk) -> None:
    desk.open(1)
    desk.manager.prints(1, b"\x1b[?1049h")
    desk.press("enter", "escape")
    assert (desk.written(1), desk.workspace.mode) == (b"\x1b", Mode.TERMINAL)
    desk.press("escape")
    assert (desk.written(1), desk.workspace.mode) == (b"\x1b", Mode.NAVIGATION)


def test_held_escape_reaches_the_program_when_its_time_is_over(make_desk: Callable[..., Desk], qtbot: QtBot) -> None:
    desk = make_desk(hold_first_escape=True)
    desk.open(1)
    desk.press("enter", "escape")
    assert desk.written(1) == b""
    desk.clock.advance(0.31)
    qtbot.waitUntil(lambda: desk.written(1) == b"\x1b")
    assert desk.workspace.mode is Mode.TERMINAL


def test_escape_then_j_reaches_the_program_as_both_when_held(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(hold_first_escape=True)
    desk.open(1)
    desk.press("enter", "escape", "j")
    assert desk.written(1) == b"\x1bj"


def test_a_click_lets_a_held_escape_go_to_the_pane_it_was_meant_for(make_desk: Callable[..., Desk], qtbot: QtBot) -> None:
    desk = make_desk(hold_first_escape=True)
    desk.open(2)
    desk.press("enter", "escape")
    qtbot.mouseClick(desk.pane(1).view, Qt.MouseButton.LeftButton)
    assert (desk.written(2), desk.written(1)) == (b"\x1b", b"")


@pytest.mark.parametrize(("method", "leave"), [("ctrl_backslash", "ctrl+\\"), ("ctrl_shift_escape", "ctrl+shift+escape")])
def test_other_ways_to_leave_terminal_mode(make_desk: Callable[..., Desk], method: str, leave: str) -> None:
    desk = make_desk(exit_method=method)
    desk.open(1)
    desk.press("enter", "escape", "escape")
    assert desk.workspace.mode is Mode.TERMINAL
    desk.press(leave)
    assert desk.workspace.mode is Mode.NAVIGATION
    assert desk.written(1) == b"\x1b\x1b"


def test_in_navigation_no_key_reaches_a_program(desk: Desk) -> None:
    desk.open(2)
    for character in "abcdefgikmoqsuvwy/;'\\,.<>:\"|{}()*&^%$#@!~`_+ ":
        desk.type(character)
        while desk.cards.top is not None or desk.window.widget.command_bar.is_open:
            desk.press("escape")
    desk.press("backspace", "home", "end", "space", "ctrl+c", "alt+x")
    assert desk.manager.written == {}


def test_arrows_and_letters_move_between_panes(desk: Desk) -> None:
    desk.open(4)
    for key, pane in (("k", 2), ("h", 1), ("l", 2), ("j", 4), ("left", 3), ("up", 1), ("right", 2), ("down", 4), ("right", 4)):
        desk.press(key)
        assert desk.workspace.selected == pane, key


def test_digits_select_by_number_on_the_page_shown(desk: Desk) -> None:
    desk.open(14)
    desk.press("2")
    assert desk.workspace.selected == 14
    desk.press("9")
    assert desk.workspace.selected == 14
    desk.press("[")
    for key, pane in (("1", 1), ("9", 9), ("0", 10), ("-", 11), ("=", 12)):
        desk.press(key)
        assert desk.workspace.selected == pane


def test_brackets_and_page_keys_turn_pages(desk: Desk) -> None:
    desk.open(13)
    assert desk.window.widget.top_bar.page_text == "page 2 of 2"
    for key, page in (("[", 1), ("]", 2), ("pageup", 1), ("pagedown", 2)):
        desk.press(key)
        assert desk.window.widget.top_bar.page_text == f"page {page} of 2"


def test_x_closes_an_idle_shell_without_asking(desk: Desk) -> None:
    desk.open(2)
    desk.press("x")
    assert [session.pane for session in desk.manager.sessions] == [1]
    assert desk.workspace.selected == 1


def test_x_asks_when_a_program_runs_and_escape_keeps_it(desk: Desk) -> None:
    desk.open(1)
    desk.manager.busy.add(1)
    desk.press("x")
    assert isinstance(desk.cards.top, QuestionCard)
    desk.press("escape")
    assert len(desk.manager.sessions) == 1
    desk.press("x", "enter")
    assert desk.manager.sessions == []


def test_keys_without_an_object_do_nothing_and_say_nothing(desk: Desk) -> None:
    desk.press("x", "shift+r", "enter", "z", "h", "5", "]", "ctrl+shift+c", "shift+pageup")
    assert desk.window.widget.toasts.shown == []
    assert desk.workspace.mode is Mode.NAVIGATION


def test_shift_r_restarts_the_selected_session(desk: Desk) -> None:
    desk.open(2)
    desk.press("1", "shift+r")
    assert desk.manager.calls == ["restart 1"]


def test_z_zooms_and_puts_back(desk: Desk) -> None:
    desk.open(4)
    desk.press("z")
    grid = desk.window.widget.grid
    assert [pane.session.pane for pane in grid.panes if pane.isVisible()] == [4]
    assert desk.pane(4).width() > grid.width() * 0.9
    desk.press("z")
    assert all(pane.isVisible() for pane in grid.panes)


def test_p_opens_the_pool_panel_with_the_focus_in_it_and_folds_it_again(desk: Desk) -> None:
    desk.open(1)
    desk.press("p")
    assert desk.window.widget.drawer.is_open
    assert desk.window.widget.is_focus_in_drawer
    desk.press("p")
    assert not desk.window.widget.drawer.is_open
    assert desk.window.widget.is_focus_in_grid


def test_ctrl_j_folds_and_opens_the_drawer_without_taking_the_focus(desk: Desk) -> None:
    desk.press("ctrl+j")
    assert desk.window.widget.drawer.is_open
    assert desk.window.widget.is_focus_in_grid
    desk.press("ctrl+j")
    assert not desk.window.widget.drawer.is_open


def test_tab_goes_to_the_drawer_the_top_bar_and_back_and_escape_returns_to_the_grid(desk: Desk) -> None:
    widget = desk.window.widget
    desk.press("ctrl+j", "tab")
    assert widget.is_focus_in_drawer
    desk.press("tab")
    assert widget.top_bar.has_keyboard
    desk.press("tab")
    assert widget.is_focus_in_grid
    desk.press("shift+tab")
    assert widget.top_bar.has_keyboard
    desk.press("shift+tab")
    assert widget.is_focus_in_drawer
    desk.press("tab", "escape")
    assert widget.is_focus_in_grid


def test_navigation_keys_work_in_the_drawer_after_its_own(desk: Desk) -> None:
    desk.open(2)
    desk.press("p", "enter")
    assert desk.pool.refreshed == 1
    assert desk.workspace.mode is Mode.NAVIGATION
    desk.press("right", "enter")
    assert QGuiApplication.clipboard().text() == desk.panel.as_json()
    desk.press("h")
    assert desk.workspace.selected == 1
    assert desk.window.widget.is_focus_in_grid
    desk.press("enter")
    assert (desk.workspace.mode, desk.pool.refreshed) == (Mode.TERMINAL, 1)


@pytest.mark.parametrize("closing", ["escape", "?"])
def test_question_mark_opens_the_overlay_and_closes_it(desk: Desk, closing: str) -> None:
    desk.press("?")
    assert isinstance(desk.cards.top, HelpCard)
    desk.press(closing)
    assert desk.cards.top is None
    assert desk.window.widget.is_focus_in_grid


def test_the_overlay_takes_all_keys_while_it_is_open(desk: Desk) -> None:
    desk.open(2)
    desk.press("?", "x", "n", "h", "ctrl+q", "tab")
    assert len(desk.manager.sessions) == 2
    assert desk.workspace.selected == 2
    assert desk.quits == 0


def test_a_question_takes_all_keys_while_it_is_open(desk: Desk) -> None:
    desk.open(2)
    desk.manager.busy.update({1, 2})
    desk.press("x", "n", "h", "ctrl+q", "p", "tab")
    assert isinstance(desk.cards.top, QuestionCard)
    assert (desk.workspace.selected, desk.quits, len(desk.manager.sessions)) == (2, 0, 2)


def test_f11_is_full_screen_anywhere(desk: Desk) -> None:
    widget = desk.window.widget
    desk.press("f11")
    assert widget.isFullScreen()
    desk.press("?", "f11")
    assert not widget.isFullScreen()
    desk.press("escape")
    desk.open(1)
    desk.press("enter", "f11")
    assert widget.isFullScreen()
    assert desk.written(1) == b""


def test_ctrl_q_quits_at_once_with_idle_shells_only(desk: Desk) -> None:
    desk.open(2)
    desk.press("ctrl+q")
    assert desk.quits == 1


def test_ctrl_q_asks_once_naming_the_running_programs(desk: Desk) -> None:
    desk.open(2)
    desk.manager.busy.add(2)
    desk.manager.sessions[1].program = "vim"
    desk.press("ctrl+q")
    desk.window.widget.close()
    card = desk.cards.top
    assert isinstance(card, QuestionCard)
    assert "vim in pane 2" in [label.text() for label in card.findChildren(QLabel)]
    desk.press("escape")
    assert (desk.quits, desk.cards.top) == (0, None)
    desk.press("ctrl+q", "enter")
    assert desk.quits == 1


def test_closing_the_window_asks_like_ctrl_q(desk: Desk) -> None:
    desk.open(1)
    desk.manager.busy.add(1)
    desk.window.widget.close()
    assert isinstance(desk.cards.top, QuestionCard)
    assert desk.window.widget.isVisible()


def test_font_keys_change_the_size_within_bounds_and_reset_it(desk: Desk) -> None:
    desk.open(1)
    view = desk.pane(1).view
    height = view.font_cells.font.cell_height
    desk.press("ctrl+=", "ctrl+=")
    assert view.font_cells.font.px == 15
    desk.press("ctrl+-")
    assert view.font_cells.font.px == 14
    desk.press("ctrl+0")
    assert view.font_cells.font.cell_height == height
    desk.press(*["ctrl+-"] * 10)
    assert view.font_cells.font.px == 6
    desk.press(*["ctrl+="] * 40)
    assert view.font_cells.font.px == 32


def test_ctrl_shift_v_pastes_into_the_program_and_copes_with_brackets(desk: Desk) -> None:
    desk.open(1)
    desk.manager.prints(1, b"\x1b[?2004h")
    QGuiApplication.clipboard().setText("rm -rf\n\x1b[201~x")
    desk.press("ctrl+shift+v")
    assert desk.written(1) == b""
    desk.press("enter", "ctrl+shift+v")
    assert desk.written(1) == b"\x1b[200~rm -rf\rx\x1b[201~"


def test_a_paste_into_a_program_that_does_not_read_says_so(desk: Desk) -> None:
    desk.open(1)
    QGuiApplication.clipboard().setText("text")
    desk.manager.is_full = True
    desk.press("enter", "ctrl+shift+v")
    assert "does not read" in desk.window.widget.toasts.shown[0].notice.title


def test_other_keys_of_terminal_mode_go_to_the_program(desk: Desk) -> None:
    desk.open(1)
    desk.press("enter", "ctrl+c", "ctrl+p", "ctrl+w", "tab", "shift+tab", "/", "up", "pageup", "?")
    assert desk.written(1) == b"\x03\x10\x17\t\x1b[Z/\x1b[A\x1b[5~?"


def test_keys_of_the_ended_bar_restart_shell_and_close(desk: Desk) -> None:
    desk.open(3)
    for pane in (1, 2, 3):
        desk.manager.ends(pane, code=1, at=0.0)
    desk.clock.advance(5.0)
    desk.press("enter")
    assert desk.manager.calls == ["restart 3"]
    desk.press("2")
    desk.clock.advance(1.1)
    desk.press("s")
    assert "shell 2" in desk.manager.calls
    desk.press("1", "enter")
    assert desk.workspace.mode is Mode.TERMINAL
    desk.clock.advance(1.1)
    desk.press("x")
    assert [session.pane for session in desk.manager.sessions] == [2, 3]


def test_text_typed_while_the_program_ends_presses_no_key_of_the_bar(desk: Desk) -> None:
    desk.open(1)
    desk.press("enter")
    for _ in range(6):
        desk.type("exit")
        desk.clock.advance(0.2)
        desk.press("enter", "s", "x")
        if desk.manager.sessions[0].is_live:
            desk.manager.ends(1, code=1, at=0.0)
    assert desk.manager.calls == []
    assert len(desk.manager.sessions) == 1


def test_a_failing_command_becomes_a_toast_and_the_window_goes_on(desk: Desk) -> None:
    desk.manager.limit = 1
    desk.open(1)
    desk.press("shift+n")
    assert desk.window.widget.toasts.shown[0].notice.level == "warning"
    assert "All 1 sessions are in use" in desk.window.widget.toasts.shown[0].notice.title
    desk.press("enter")
    assert desk.workspace.mode is Mode.TERMINAL


def test_escape_in_navigation_mode_closes_the_newest_message(desk: Desk) -> None:
    for title in ("first", "second"):
        desk.hub.publish(NoticeRaised("error", title))
    desk.hub.deliver()
    desk.press("escape")
    assert [toast.notice.title for toast in desk.window.widget.toasts.shown] == ["first"]
