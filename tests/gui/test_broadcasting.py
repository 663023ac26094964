"""Broadcast with real keys: who gets what is typed and pasted, in which bytes, and what ends it."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from synk.base.keypress import KeyPress
from synk.keys.chords import press_of
from synk.keys.modes import Mode
from synk.sessions.events import TabsChanged
from synk.sessions.session import Status
from synk.ui.questions import QuestionCard
from tests.gui.desk import Desk


def badge(desk: Desk) -> str:
    return desk.window.widget.top_bar.accessibleDescription().rpartition(", ")[2]


def written(desk: Desk) -> list[bytes]:
    return [desk.written(session.pane) for session in desk.manager.sessions]


def test_ctrl_b_sends_what_is_typed_to_all_sessions_of_the_tab_in_order(desk: Desk) -> None:
    desk.open(4)
    desk.press("ctrl+b", "enter")
    desk.type("ls")
    desk.press("enter", "ctrl+c", "ctrl+d")
    assert written(desk) == [b"ls\r\x03\x04"] * 4
    assert badge(desk) == "BROADCAST -> 4"
    assert [desk.pane(number).is_receiving for number in (1, 2, 3, 4)] == [True] * 4


def test_ctrl_b_works_while_typing_is_never_sent_and_switches_it_off_again(desk: Desk) -> None:
    desk.open(2)
    desk.press("enter", "a", "ctrl+b", "b", "ctrl+b", "c")
    assert written(desk) == [b"b", b"abc"]
    assert (desk.workspace.mode, badge(desk)) == (Mode.TERMINAL, "TERM")
    assert not desk.pane(1).is_receiving


def test_in_navigation_nothing_is_sent(desk: Desk) -> None:
    desk.open(2)
    desk.press("ctrl+b", "z", "h", "?")
    assert desk.manager.written == {}


def test_each_target_gets_the_bytes_of_its_own_modes(desk: Desk) -> None:
    desk.open(3)
    desk.manager.prints(2, b"\x1b[?1h")
    desk.manager.prints(3, b"\x1b[>1u")
    desk.press("ctrl+b", "enter", "up", "ctrl+enter")
    assert written(desk) == [b"\x1b[A\r", b"\x1bOA\r", b"\x1b[A\x1b[13;5u"]


def test_a_paste_goes_to_each_target_with_the_brackets_it_wants(desk: Desk) -> None:
    desk.open(2)
    desk.manager.prints(2, b"\x1b[?2004h")
    QGuiApplication.clipboard().setText("echo hi")
    desk.press("ctrl+b", "enter", "ctrl+shift+v")
    assert written(desk) == [b"echo hi", b"\x1b[200~echo hi\x1b[201~"]


def test_several_lines_are_asked_about_once_if_any_target_would_run_them_at_once(desk: Desk) -> None:
    desk.open(3)
    desk.manager.prints(3, b"\x1b[?2004h")
    QGuiApplication.clipboard().setText("one\ntwo")
    desk.press("ctrl+b", "enter", "ctrl+shift+v")
    card = desk.cards.top
    assert isinstance(card, QuestionCard)
    assert card.title == "Paste 2 lines into 3 sessions?"
    assert desk.manager.written == {}
    desk.press("enter")
    assert written(desk) == [b"one\rtwo", b"one\rtwo", b"\x1b[200~one\rtwo\x1b[201~"]


def test_text_of_an_input_method_goes_to_each_target(desk: Desk) -> None:
    desk.open(2)
    desk.press("ctrl+b", "enter")
    event = QInputMethodEvent("", [])
    event.setCommitString("日本")
    QApplication.sendEvent(desk.pane(2).view, event)
    assert written(desk) == ["日本".encode()] * 2


def test_the_keys_of_terminal_mode_stay_with_synk(desk: Desk) -> None:
    desk.open(2)
    desk.press("ctrl+b", "enter", "ctrl+shift+c", "shift+pageup", "ctrl+shift+f")
    assert desk.manager.written == {}
    desk.press("escape", "escape", "escape")
    assert (desk.workspace.mode, desk.manager.written) == (Mode.NAVIGATION, {})
    assert desk.broadcast.is_on


def test_named_targets_get_it_and_the_selected_pane_only_if_it_is_one_of_them(desk: Desk) -> None:
    desk.open(3)
    desk.press("/")
    desk.type("broadcast @1,@2")
    desk.press("enter", "enter")
    desk.type("x")
    assert written(desk) == [b"x", b"x", b""]
    assert badge(desk) == "BROADCAST -> 2"
    assert [desk.pane(number).is_receiving for number in (1, 2, 3)] == [True, True, False]


def test_naming_others_changes_the_set(desk: Desk) -> None:
    desk.open(3)
    desk.press("ctrl+b", "/")
    desk.type("broadcast @3")
    desk.press("enter")
    assert [session.pane for session in desk.broadcast.targets] == [3]
    assert badge(desk) == "BROADCAST -> 1"


def test_new_sessions_do_not_join_and_ended_ones_drop_out(desk: Desk) -> None:
    desk.open(3)
    desk.press("ctrl+b")
    desk.manager.create(select=False)
    desk.manager.ends(1, code=1, at=0.0)
    desk.hub.deliver()
    assert badge(desk) == "BROADCAST -> 2"
    desk.press("enter")
    desk.type("x")
    assert written(desk) == [b"", b"x", b"x", b""]


def test_the_end_of_the_selected_program_does_not_stop_the_typing_into_the_others(desk: Desk) -> None:
    desk.open(2)
    desk.press("ctrl+b", "enter")
    desk.manager.ends(2, code=1, at=0.0)
    desk.clock.advance(10.0)
    desk.press("x", "s")
    desk.hub.deliver()
    assert written(desk) == [b"xs", b""]
    assert [session.pane for session in desk.manager.sessions] == [1, 2]


def test_the_last_target_that_ends_or_is_closed_ends_it(desk: Desk) -> None:
    desk.open(2)
    desk.press("ctrl+b", "x")
    assert badge(desk) == "BROADCAST -> 1"
    desk.manager.ends(1, code=0, at=0.0)
    desk.hub.deliver()
    assert (desk.broadcast.is_on, badge(desk)) == (False, "NAV")


def test_another_tab_ends_it(desk: Desk) -> None:
    desk.open(2)
    desk.press("ctrl+b")
    desk.tabs.open("/home/user/web")
    desk.hub.publish(TabsChanged())
    desk.hub.deliver()
    assert not desk.broadcast.is_on
    desk.tabs.show(desk.tabs.all[0])
    desk.window.show_workspace()
    assert not desk.pane(1).is_receiving


def test_without_a_live_session_ctrl_b_says_so(desk: Desk) -> None:
    desk.press("ctrl+b")
    assert [toast.notice.title for toast in desk.window.widget.toasts.shown] == ["Nothing to broadcast to"]


def test_the_first_use_shows_a_tip(desk: Desk) -> None:
    desk.is_first_broadcast = True
    desk.open(2)
    desk.press("ctrl+b")
    (toast,) = desk.window.widget.toasts.shown
    assert toast.notice.title == "What you type goes to 2 sessions"
    assert "/broadcast @idle" in toast.notice.body


def test_targets_are_not_dimmed_and_others_are(desk: Desk) -> None:
    desk.open(3)
    desk.press("/")
    desk.type("broadcast @1,@2")
    desk.press("enter", "2", "enter")
    assert [desk.pane(number).is_dimmed for number in (1, 2, 3)] == [False, False, True]


def test_a_target_that_does_not_read_does_not_keep_the_others_from_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.open(3)
    write, deaf = desk.manager.write, desk.manager.sessions[1]
    monkeypatch.setattr(desk.manager, "write", lambda session, data: session is not deaf and write(session, data))
    desk.press("ctrl+b", "enter")
    desk.type("ls")
    assert written(desk) == [b"ls", b"", b"ls"]


def test_one_full_screen_target_alone_gets_a_lone_escape_at_once(desk: Desk) -> None:
    desk.open(2)
    for pane in (1, 2):
        desk.manager.prints(pane, b"\x1b[?1049h")
    desk.press("ctrl+b", "enter", "escape")
    assert written(desk) == [b"\x1b", b"\x1b"]


def test_an_escape_waits_if_any_target_is_at_a_prompt(desk: Desk, qtbot: QtBot) -> None:
    desk.open(2)
    desk.manager.prints(2, b"\x1b[?1049h")
    desk.press("ctrl+b", "enter", "escape")
    assert written(desk) == [b"", b""]
    desk.clock.advance(0.31)
    qtbot.waitUntil(lambda: written(desk) == [b"\x1b", b"\x1b"], timeout=30_000)


def test_a_held_ctrl_b_switches_it_once(desk: Desk) -> None:
    desk.open(2)
    desk.press("enter", "ctrl+b")
    repeat = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier, "\x02", True)
    for _ in range(3):
        QApplication.sendEvent(desk.pane(2).view, repeat)
    assert desk.broadcast.is_on
    assert desk.manager.written == {}


def test_statuses_pick_the_targets(desk: Desk) -> None:
    desk.open(3)
    desk.manager.set_status(desk.manager.sessions[1], Status.WORKING)
    desk.press("/")
    desk.type("broadcast @idle")
    desk.press("enter")
    assert [session.pane for session in desk.broadcast.targets] == [1, 3]
    assert desk.window.input.situation(press_of("a")).mode is Mode.NAVIGATION
    desk.window.input.send(1, KeyPress("a", text="a"))
    assert written(desk) == [b"a", b"", b"a"]


def test_a_session_of_another_project_cannot_be_a_target(desk: Desk) -> None:
    desk.open(1)
    there = desk.manager.create(select=False, project="/home/user/web")
    desk.hub.deliver()
    desk.press("/")
    desk.type(f"broadcast session:{there.id}")
    desk.press("enter")
    assert desk.window.widget.command_bar.list.message == "Only panes of the project that is shown can be broadcast to"
    assert not desk.broadcast.is_on
