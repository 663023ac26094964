"""The command bar with real keys: every line of the table of commands, completion, history, and what a mistake leaves."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from synk.actions.ports import AgentChoice
from synk.keys.modes import Mode
from synk.sessions.session import Status
from synk.ui.help_card import HelpCard
from synk.ui.line.command_bar import RESULT_MS, CommandBar
from synk.ui.line.completion_list import CompletionList
from synk.ui.questions import AgentCard, QuestionCard
from tests.gui.desk import Desk

CLAUDE = AgentChoice("claude", "Claude Code", "CL", "purple", ("claude",), command="claude")


@pytest.fixture
def bar(desk: Desk) -> CommandBar:
    return desk.window.widget.command_bar


def line(desk: Desk, text: str) -> None:
    """Type a line after the slash and press Enter."""
    desk.press("/")
    desk.type(text)
    desk.press("enter")


def shown(desk: Desk) -> CompletionList:
    return desk.window.widget.command_bar.list


def labels(desk: Desk) -> list[str]:
    return [item.label for item in shown(desk).items]


def test_slash_opens_it_with_the_cursor_after_the_slash(desk: Desk, bar: CommandBar) -> None:
    desk.press("/")
    assert (bar.is_open, bar.field.text(), bar.field.cursorPosition(), bar.field.selectedText()) == (True, "/", 1, "")
    assert bar.field.hasFocus()
    assert desk.window.widget.top_bar.mode_text == "LINE"


def test_escape_cancels_and_the_grid_has_the_keyboard_again(desk: Desk, bar: CommandBar) -> None:
    desk.open(2)
    desk.press("/")
    desk.type("kill @all")
    desk.press("escape")
    assert (bar.is_open, shown(desk).isVisible(), len(desk.manager.sessions)) == (False, False, 2)
    assert desk.window.widget.top_bar.mode_text == "NAV"
    desk.press("h")
    assert desk.workspace.selected == 1


def test_keys_typed_into_it_are_no_keys_of_navigation(desk: Desk, bar: CommandBar) -> None:
    desk.open(2)
    desk.press("/")
    desk.type("xnh1?z ")
    assert bar.field.text() == "/xnh1?z "
    assert (desk.workspace.selected, desk.cards.top, desk.manager.written) == (2, None, {})


@pytest.mark.parametrize("text", ["new terminal", "session.new terminal"])
def test_new_opens_a_session_that_is_typed_into(desk: Desk, bar: CommandBar, text: str) -> None:
    line(desk, text)
    assert [session.agent for session in desk.manager.sessions] == ["terminal"]
    assert (desk.workspace.mode, bar.is_open, bar.result) == (Mode.TERMINAL, False, "Opened pane 1")
    desk.type("ls")
    assert desk.written(1) == b"ls"


def test_new_without_an_agent_asks(desk: Desk, bar: CommandBar) -> None:
    line(desk, "new")
    assert isinstance(desk.cards.top, AgentCard)
    assert not bar.is_open
    desk.press("escape")
    assert desk.window.widget.is_focus_in_grid


def test_new_takes_no_branch_yet_and_says_so(desk: Desk) -> None:
    line(desk, "new terminal feat/x")
    assert shown(desk).message == '/new does not take "feat/x". Usage: /new [agent]'
    assert desk.manager.sessions == []


def test_rename_takes_the_rest_of_the_line_as_it_is(desk: Desk) -> None:
    desk.open(2)
    line(desk, """rename @1 it's  "mine" \\n""")
    assert desk.manager.sessions[0].title == """it's  "mine" \\n"""
    line(desk, "rename @1")
    assert desk.manager.sessions[0].title == ""
    line(desk, "rename here")
    assert desk.manager.sessions[1].title == "here"


def test_kill_closes_an_idle_one_and_asks_once_for_several(desk: Desk) -> None:
    desk.open(4)
    line(desk, "kill @2")
    assert [session.pane for session in desk.manager.sessions] == [1, 3, 4]
    line(desk, "kill @1,@3")
    assert isinstance(desk.cards.top, QuestionCard)
    desk.press("enter")
    assert [session.pane for session in desk.manager.sessions] == [4]


def test_kill_asks_before_it_ends_a_running_program(desk: Desk) -> None:
    desk.open(1)
    desk.manager.busy.add(1)
    line(desk, "kill")
    assert isinstance(desk.cards.top, QuestionCard)
    desk.press("escape")
    assert len(desk.manager.sessions) == 1


def test_restart_starts_the_program_again(desk: Desk) -> None:
    desk.open(2)
    line(desk, "restart @1")
    assert desk.manager.calls == ["restart 1"]


def test_clear_drops_the_scrollback(desk: Desk) -> None:
    desk.open(1)
    desk.manager.prints(1, b"line\r\n" * 200)
    line(desk, "clear")
    assert len(desk.manager.sessions[0].emulator.scrollback) == 0


def test_send_writes_the_text_and_enter_to_each_target_and_the_mode_stays(desk: Desk, bar: CommandBar) -> None:
    desk.open(3)
    line(desk, "send @all echo hello")
    assert [desk.written(pane) for pane in (1, 2, 3)] == [b"echo hello\r"] * 3
    assert desk.workspace.mode is Mode.NAVIGATION
    assert bar.result == "Sent to panes 1, 2 and 3"


def test_key_presses_named_keys(desk: Desk) -> None:
    desk.open(2)
    line(desk, "key @2 ctrl+b escape")
    assert (desk.written(1), desk.written(2)) == (b"", b"\x02\x1b")


def test_broadcast_takes_targets(desk: Desk) -> None:
    desk.open(3)
    line(desk, "broadcast @1,@3")
    assert [session.pane for session in desk.broadcast.targets] == [1, 3]


def test_goto_selects(desk: Desk) -> None:
    desk.open(14)
    line(desk, "goto @3")
    assert (desk.workspace.selected, desk.workspace.page) == (3, 0)
    line(desk, "goto @1,@2")
    assert shown(desk).message == "Only one pane can be selected. Usage: /goto @5"


def test_help_shows_keys_and_commands_that_match_a_name(desk: Desk) -> None:
    line(desk, "help send")
    card = desk.cards.top
    assert isinstance(card, HelpCard)
    assert card.filter.text() == "send"
    assert [row.keys[0] for group in card.groups if group.area == "Commands" for row in group.rows] == ["/send [@target] text"]
    desk.press("escape")
    line(desk, "help")
    assert isinstance(desk.cards.top, HelpCard)


def test_any_command_can_be_typed_by_its_full_name(desk: Desk) -> None:
    desk.open(2)
    line(desk, "pane.zoom")
    assert desk.workspace.is_zoomed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nwe", "Unknown command /nwe. Did you mean /new?"),
        ("send", "/send needs text"),
        ("send @1", "/send needs text"),
        ("send @9 hi", "No pane 9"),
        ("goto @9", "No pane 9"),
        ("send @waiting hi", "No waiting session"),
        ("broadcast @active", "No active session"),
        ('new "x', 'A quote is not closed in: "x'),
    ],
)
def test_a_mistake_is_told_the_line_stays_and_nothing_has_run(desk: Desk, bar: CommandBar, text: str, message: str) -> None:
    desk.open(1)
    line(desk, text)
    assert (shown(desk).message, shown(desk).is_error) == (message, True)
    assert (bar.is_open, bar.field.text(), bar.field.hasFocus()) == (True, f"/{text}", True)
    assert desk.manager.written == {}
    assert desk.window.widget.toasts.shown == []
    desk.press("backspace")
    assert (shown(desk).is_error, bar.field.text()) == (False, f"/{text[:-1]}")


def test_no_idle_session_and_nothing_to_broadcast_to(desk: Desk) -> None:
    line(desk, "broadcast")
    assert shown(desk).message == "Nothing to broadcast to"
    desk.press("escape")
    desk.open(1)
    desk.manager.set_status(desk.manager.sessions[0], Status.WORKING)
    line(desk, "broadcast @idle")
    assert shown(desk).message == "No idle session"
    assert not desk.broadcast.is_on


def test_a_mistake_can_be_put_right_and_run(desk: Desk) -> None:
    desk.open(1)
    line(desk, "sendx @1 hi")
    desk.press("home", "right", "right", "right", "right", "right")
    desk.press("ctrl+d", "enter")
    assert desk.written(1) == b"hi\r"


def test_a_command_that_breaks_is_told_and_the_line_stays(desk: Desk, bar: CommandBar) -> None:
    desk.open(1)
    desk.manager.restart = None  # type: ignore[assignment, method-assign]
    line(desk, "restart")
    assert shown(desk).message == "Something went wrong. Nothing was changed. Details: log"
    assert bar.is_open


def test_the_result_stands_for_two_seconds_without_taking_a_key(desk: Desk, bar: CommandBar, qtbot: QtBot) -> None:
    desk.open(2)
    line(desk, "rename x")
    assert (bar.result, bar.isVisible(), RESULT_MS) == ("Renamed pane 2", True, 2000)
    desk.press("h")
    assert desk.workspace.selected == 1
    qtbot.waitUntil(lambda: not bar.isVisible(), timeout=30_000)
    assert bar.result == ""


def test_enter_on_a_bare_slash_closes_it(desk: Desk, bar: CommandBar) -> None:
    desk.press("/", "enter")
    assert not bar.is_open
    assert desk.remembered == []


def test_what_is_sent_to_a_program_that_reads_a_password_is_kept_nowhere(desk: Desk, bar: CommandBar) -> None:
    desk.open(2)
    desk.secrets.add(desk.manager.sessions[0].id)
    for text in ("send @1 hunter2", "session.key @1 h u n t e r 2", "rename mine"):
        line(desk, text)
        desk.press("escape")
    assert desk.manager.written[desk.manager.sessions[0].id].startswith(b"hunter2")
    desk.secrets.clear()
    line(desk, "send @1 ls")
    assert desk.remembered == ["/rename mine", "/send @1 ls"]
    desk.press("escape", "/", "up", "up", "up")
    assert bar.field.text() == "/rename mine"


def test_up_and_down_walk_the_lines_and_come_back_to_what_was_typed(desk: Desk, bar: CommandBar) -> None:
    desk.open(1)
    for text in ("rename one", "rename two", "nwe"):
        line(desk, text)
    desk.press("escape", "/")
    desk.type("cle")
    walked = []
    for key in ("up", "up", "up", "up", "down", "down", "down"):
        desk.press(key)
        walked.append(bar.field.text())
    assert walked == ["/nwe", "/rename two", "/rename one", "/rename one", "/rename two", "/nwe", "/cle"]
    assert desk.remembered == ["/rename one", "/rename two", "/nwe"]


def test_an_older_line_can_be_changed_and_run(desk: Desk) -> None:
    desk.open(1)
    line(desk, "rename one")
    desk.press("/", "up", "backspace", "backspace", "backspace")
    desk.type("two")
    desk.press("enter")
    assert desk.manager.sessions[0].title == "two"


def test_tab_takes_the_first_completion_and_shows_what_comes_next(desk: Desk, bar: CommandBar) -> None:
    desk.open(2)
    desk.press("/")
    desk.type("sen")
    desk.press("tab")
    assert bar.field.text() == "/send "
    assert labels(desk) == ["@all", "@idle", "@terminal", "@1", "@2"]
    assert shown(desk).message == "/send [@target] text  Write a text and Enter"
    desk.type("@2")
    desk.press("tab")
    desk.type("hi")
    desk.press("enter")
    assert desk.written(2) == b"hi\r"


def test_down_chooses_among_the_completions_and_enter_takes_the_chosen_one(desk: Desk, bar: CommandBar) -> None:
    desk.open(2)
    desk.press("/")
    desk.type("goto @")
    desk.press("down", "down")
    assert shown(desk).items[shown(desk).marked or 0].label == "@2"
    desk.press("up", "down", "enter")
    assert (bar.is_open, bar.field.text(), desk.workspace.selected) == (True, "/goto @2 ", 2)
    desk.press("escape", "/")
    desk.type("goto @")
    desk.press("shift+tab", "tab", "enter")
    assert (bar.is_open, desk.workspace.selected) == (False, 2)


def test_up_from_the_first_completion_leads_back_to_the_line(desk: Desk, bar: CommandBar) -> None:
    desk.open(1)
    desk.press("/", "down", "up")
    assert shown(desk).marked is None
    assert bar.field.text() == "/"


def test_the_choice_stops_at_the_last_completion(desk: Desk) -> None:
    desk.open(1)
    desk.press("/")
    desk.type("goto @")
    desk.press(*["down"] * 5)
    assert shown(desk).marked == len(shown(desk).items) - 1


def test_a_click_takes_a_completion_and_the_line_keeps_the_keyboard(desk: Desk, bar: CommandBar, qtbot: QtBot) -> None:
    desk.open(2)
    desk.press("/")
    desk.type("goto @")
    place = shown(desk).rect().bottomLeft()
    qtbot.mouseClick(shown(desk), Qt.MouseButton.LeftButton, pos=place + place.__class__(30, -12))
    assert bar.field.text() == "/goto @2 "
    assert bar.field.hasFocus()


def test_agents_and_commands_complete(desk: Desk) -> None:
    desk.agents.append(CLAUDE)
    desk.press("/")
    desk.type("new ")
    assert labels(desk) == ["terminal", "claude"]
    desk.press("escape", "/")
    desk.type("help sen")
    assert labels(desk) == ["send"]


@pytest.mark.parametrize(
    ("keys", "text", "cursor"),
    [
        (["ctrl+a"], "/send @1 one two", 0),
        (["ctrl+a", "ctrl+e"], "/send @1 one two", 16),
        (["ctrl+w"], "/send @1 one ", 13),
        (["ctrl+w", "ctrl+w"], "/send @1 ", 9),
        (["alt+backspace"], "/send @1 one ", 13),
        (["ctrl+u"], "", 0),
        (["alt+b", "ctrl+k"], "/send @1 one ", 13),
        (["alt+b", "alt+b"], "/send @1 one two", 9),
        (["ctrl+a", "alt+f"], "/send @1 one two", 1),
        (["ctrl+a", "alt+d"], " @1 one two", 0),
        (["ctrl+b", "ctrl+b", "ctrl+d"], "/send @1 one to", 14),
        (["ctrl+b", "ctrl+f"], "/send @1 one two", 16),
        (["ctrl+h"], "/send @1 one tw", 15),
        (["ctrl+w", "ctrl+a", "ctrl+y"], "two/send @1 one ", 3),
    ],
)
def test_it_is_edited_with_the_keys_of_a_shell(desk: Desk, bar: CommandBar, keys: list[str], text: str, cursor: int) -> None:
    desk.press("/")
    desk.type("send @1 one two")
    desk.press(*keys)
    assert (bar.field.text(), bar.field.cursorPosition()) == (text, cursor)
    assert not desk.broadcast.is_on


def test_it_copies_and_pastes_with_the_keys_of_terminals_too(desk: Desk, bar: CommandBar) -> None:
    QGuiApplication.clipboard().setText("@1 one\ntwo")
    desk.press("/")
    desk.type("send ")
    desk.press("ctrl+shift+v")
    assert bar.field.text() == "/send @1 one two"
    bar.field.selectAll()
    desk.press("ctrl+shift+c")
    assert QGuiApplication.clipboard().text() == "/send @1 one two"


def test_the_list_is_made_anew_after_the_walk_through_the_lines(desk: Desk, bar: CommandBar) -> None:
    desk.open(1)
    line(desk, "rename x")
    desk.press("/", "up")
    assert (bar.field.text(), labels(desk)) == ("/rename x", [])
    desk.press("down")
    assert (bar.field.text(), "/rename" in labels(desk)) == ("/", True)


def test_a_walk_that_ended_elsewhere_is_forgotten(desk: Desk, bar: CommandBar, qtbot: QtBot) -> None:
    desk.open(1)
    line(desk, "rename x")
    desk.press("/", "up")
    qtbot.mouseClick(desk.pane(1).view, Qt.MouseButton.LeftButton)
    desk.press("escape", "escape", "/")
    assert bar.field.text() == "/"
    assert "/rename" in labels(desk)


def test_what_was_cut_can_be_undone(desk: Desk, bar: CommandBar) -> None:
    desk.press("/")
    desk.type("send hello")
    desk.press("ctrl+u", "ctrl+z")
    assert bar.field.text() == "/send hello"


def test_an_input_method_composes_in_it(desk: Desk, bar: CommandBar) -> None:
    desk.press("/")
    desk.type("rename ")
    event = QInputMethodEvent("", [])
    event.setCommitString("日本")
    QApplication.sendEvent(bar.field, event)
    assert bar.field.text() == "/rename 日本"
    assert bar.field.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)


def test_a_click_into_a_pane_leaves_the_line(desk: Desk, bar: CommandBar, qtbot: QtBot) -> None:
    desk.open(2)
    desk.press("/")
    desk.type("kill")
    qtbot.mouseClick(desk.pane(1).view, Qt.MouseButton.LeftButton)
    assert (bar.is_open, desk.workspace.selected, desk.workspace.mode) == (False, 1, Mode.TERMINAL)
    desk.type("ls")
    assert desk.written(1) == b"ls"


def test_a_question_that_comes_meanwhile_gives_the_line_back(desk: Desk, bar: CommandBar) -> None:
    desk.open(1)
    desk.manager.busy.add(1)
    desk.press("/")
    desk.type("ren")
    desk.window.run("session.close @1")
    assert isinstance(desk.cards.top, QuestionCard)
    desk.press("escape")
    assert (bar.is_open, bar.field.hasFocus(), bar.field.text()) == (True, True, "/ren")


def test_a_session_opened_by_automation_does_not_take_the_line_away(desk: Desk, bar: CommandBar) -> None:
    desk.press("/")
    desk.type("ren")
    desk.manager.create(select=False)
    desk.hub.deliver()
    assert (bar.is_open, bar.field.hasFocus(), bar.field.text()) == (True, True, "/ren")


def test_a_slash_that_is_held_down_is_typed_once(desk: Desk, bar: CommandBar) -> None:
    grid = desk.window.widget.grid
    QTest.keyPress(grid, Qt.Key.Key_Slash)
    repeat = _repeated(Qt.Key.Key_Slash, "/")
    for _ in range(3):
        QApplication.sendEvent(bar.field, repeat())
    assert bar.field.text() == "/"


def _repeated(key: Qt.Key, text: str) -> Callable[[], QKeyEvent]:
    return lambda: QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, text, True)


def test_f11_works_in_it_too(desk: Desk, bar: CommandBar) -> None:
    desk.press("/", "f11")
    assert desk.window.widget.isFullScreen()
    assert bar.is_open
    desk.press("f11")


@pytest.mark.parametrize(("width", "height"), [(800, 600), (1280, 800), (1920, 1080)])
def test_it_leaves_the_mode_readable_and_fits_the_window(desk: Desk, bar: CommandBar, width: int, height: int) -> None:
    desk.open(2)
    desk.window.resize(width, height)
    desk.press("/")
    top_bar = desk.window.widget.top_bar
    assert bar.geometry().right() < top_bar.words_left
    assert bar.width() > 300
    assert shown(desk).width() == 640
    assert desk.window.widget.rect().contains(shown(desk).geometry())
    assert shown(desk).geometry().top() > bar.geometry().bottom()
    assert not desk.window.widget.grab().toImage().isNull()


def test_a_click_on_its_place_in_the_top_bar_opens_it(desk: Desk, bar: CommandBar, qtbot: QtBot) -> None:
    desk.window.resize(1280, 800)
    top_bar = desk.window.widget.top_bar
    qtbot.mouseClick(top_bar, Qt.MouseButton.LeftButton, pos=top_bar.line_area.center())
    assert bar.is_open


def test_it_tells_screen_readers_what_is_chosen(desk: Desk, bar: CommandBar) -> None:
    desk.open(1)
    desk.press("/")
    desk.type("zoom")
    desk.press("down")
    assert bar.field.accessibleName() == "Command line"
    assert bar.field.accessibleDescription() == "/pane.zoom, Let the selected pane fill the grid, or put it back"
