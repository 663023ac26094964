"""Every control verb: what it answers, what it refuses, and that only focus and do change what is shown."""

from typing import Any as Desk

import pytest

from synk.base.errors import NoSuchTarget, PoolExhausted, SynkError, UsageError
from synk.sessions.session import Exit, Status


def test_list_tells_every_session(desk: Desk) -> None:
    first, second = desk.new(), desk.new()
    desk.workspace.select(2)
    second.title, second.note, second.status = "mine", "a note", Status.WORKING
    first.exit, first.pid = Exit(3), 77
    second.current_dir, second.last_exit = "/usr", 4
    result = desk.call("list").result
    assert (result["mode"], result["selected"]) == ("navigation", 2)
    one, two = result["sessions"]
    assert one["exit"] == {"code": 3, "signal": None}
    assert one["bar"] == "bash ended with status 3 - Enter restart, s shell here, x close"
    assert (one["pid"], one["is_selected"], one["cols"], one["rows"]) == (77, False, 40, 6)
    assert (two["session"], two["pane"], two["title"], two["note"], two["status"]) == (102, 2, "mine", "a note", "working")
    assert two["is_selected"]
    assert [(row["current_dir"], row["last_exit"]) for row in (one, two)] == [(None, None), ("/usr", 4)]
    assert desk.call("list", what="panes").result["panes"] == result["sessions"]
    assert desk.call("list", what="stars").error.message == "There is no list of stars: sessions or panes"


def test_new_opens_in_the_background_and_answers_with_number_and_pane(desk: Desk) -> None:
    assert desk.call("new", agent="terminal", cwd="/work", env={"A": "1"}).result == {"session": 101, "pane": 1}
    (asked,) = desk.manager.asked
    assert (asked["directory"], asked["variables"], asked["select"]) == ("/work", {"A": "1"}, False)
    assert (desk.screen.shown, desk.workspace.selected) == (0, None)


def test_new_starts_an_agent_with_its_own_command_and_variables(desk: Desk) -> None:
    desk.call("new", agent="claude", env={"B": "2"})
    desk.call("new", agent="claude", argv=["bash", "-c", "x"])
    first, second = desk.manager.asked
    assert (first["argv"], first["variables"], first["unset"]) == (("/bin/claude",), {"A": "1", "B": "2"}, ("OLD",))
    assert second["argv"] == ("bash", "-c", "x")


def test_an_agent_that_is_missing_opens_a_terminal_and_says_so(desk: Desk) -> None:
    desk.call("new", agent="gemini")
    (asked,) = desk.manager.asked
    assert asked["note"] == "terminal: gemini missing"
    assert "Gemini is not installed" in desk.notices[0].title


def test_new_names_the_agents_there_are(desk: Desk) -> None:
    error = desk.call("new", agent="clod").error
    assert (type(error), error.message) == (UsageError, 'No agent is called "clod". There is terminal, claude, gemini')


def test_new_at_the_limit_is_the_limits_error(desk: Desk) -> None:
    desk.manager.limit = 0
    assert type(desk.call("new").error) is PoolExhausted


def test_send_text_writes_text_keys_and_enter_in_this_order(desk: Desk) -> None:
    session = desk.new()
    result = desk.call("send-text", target="@1", text="ls é", keys=["ctrl+c", "up"], enter=True).result
    assert desk.manager.written[session.id] == b"ls \xc3\xa9\x03\x1b[A\r"
    assert result == {"bytes": 10}


def test_keys_follow_the_modes_of_the_program(desk: Desk) -> None:
    session = desk.new(b"\x1b[?1h\x1b[?2004h")
    desk.call("send-text", target="@1", text="one\ntwo", paste=True, keys=["up"])
    assert desk.manager.written[session.id] == b"\x1b[200~one\rtwo\x1b[201~\x1bOA"


def test_bytes_that_are_no_utf_8_arrive_as_they_were(desk: Desk) -> None:
    session = desk.new()
    desk.call("send-text", target="@1", text=b"\xff\xfe".decode("utf-8", "surrogateescape"))
    assert desk.manager.written[session.id] == b"\xff\xfe"


def test_send_text_reaches_all_targets_or_none(desk: Desk) -> None:
    first, second = desk.new(), desk.new()
    assert desk.call("send-text", target="@1,@2", text="x").result == {"bytes": 2}
    second.exit = Exit(0)
    error = desk.call("send-text", target="@1,@2", text="y").error
    assert (type(error), error.message) == (NoSuchTarget, f"Session {second.id} has ended: nothing was sent")
    assert desk.manager.written[first.id] == b"x"


def test_send_text_says_when_a_program_does_not_read(desk: Desk) -> None:
    session = desk.new()
    desk.manager.deaf.add(session.id)
    error = desk.call("send-text", target="@1", text="x").error
    assert error.message == f"Session {session.id} does not read its input: nothing was sent"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({}, "send-text needs a text, --key or --enter"),
        ({"text": "x", "target": ""}, "Name a target: @PANE or session:ID"),
        ({"text": "x", "target": "1"}, "1 is no target: @PANE or session:ID"),
    ],
)
def test_send_text_that_makes_no_sense_is_refused(desk: Desk, arguments: dict[str, str], text: str) -> None:
    desk.new()
    error = desk.call("send-text", {"target": "@1", **arguments}).error
    assert (type(error), error.message) == (UsageError, text)


def test_an_unknown_key_is_named_and_nothing_is_written(desk: Desk) -> None:
    session = desk.new()
    assert "nokey" in desk.call("send-text", target="@1", text="x", keys=["nokey"]).error.message
    assert desk.manager.written[session.id] == b""


@pytest.mark.parametrize("verb", ["send-text", "get-text", "close", "focus", "wait-for"])
def test_a_target_that_is_not_there_is_named_with_those_that_are(desk: Desk, verb: str) -> None:
    desk.new()
    error = desk.call(verb, target="@9", text="x", until="exit").error
    assert isinstance(error, NoSuchTarget)
    assert "@1" in error.message
    assert desk.call(verb, target="session:999", text="x", until="exit").error.message == "No session 999"


def test_get_text_gives_the_screen_or_all_there_is(desk: Desk) -> None:
    session = desk.new(b"\r\n".join(b"line %d" % number for number in range(10)))
    screen = desk.call("get-text", target="@1").result
    assert screen == {
        "text": "line 4\nline 5\nline 6\nline 7\nline 8\nline 9", "cursor": 9, "session": session.id, "pane": 1,
    }  # fmt: skip
    everything = desk.call("get-text", target="@1", what="scrollback").result
    assert everything["text"].split("\n") == [f"line {number}" for number in range(10)]
    assert desk.call("get-text", target="@1", what="thoughts").error.message.startswith("There is no text of thoughts")


def test_get_text_from_a_cursor_gives_what_came_since(desk: Desk) -> None:
    session = desk.new(b"before\r\n$ ")
    cursor = desk.call("get-text", target="@1").result["cursor"]
    desk.prints(session, b"ls\r\nfile\r\n$ ")
    assert desk.call("get-text", target="@1", cursor=cursor).result["text"] == "$ ls\nfile\n$"
    assert desk.call("get-text", target="@1", cursor=cursor + 100).result["text"] == ""


def test_get_text_with_colors(desk: Desk) -> None:
    desk.new(b"\x1b[31mred\x1b[0m")
    assert desk.call("get-text", target="@1", ansi=True).result["text"] == "\x1b[0;38;5;1mred\x1b[0m"


def test_a_long_text_comes_in_parts_that_fit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synk.actions.texts.TEXT_CHARACTERS", 30)
    desk.new(b"\r\n".join(b"line %05d" % number for number in range(20)))
    texts, cursor = [], None
    while True:
        result = desk.call("get-text", target="@1", what="scrollback", cursor=cursor).result
        assert len(result["text"]) <= 30
        texts.append(result["text"])
        cursor = result.get("next")
        if cursor is None:
            break
    assert "\n".join(texts).split("\n") == [f"line {number:05d}" for number in range(20)]


RAN = b"\x1b]133;A\a$ \x1b]133;B\als\r\n\x1b]133;C\aone\r\n" + b"x" * 45 + b"\r\n\x1b[31mlast\x1b[m"
"""A command of two lines of output and the beginning of a third, on a screen of 40 columns."""
ENDED = b"\x1b]133;D;3\a\x1b]133;A\a$ \x1b]133;B\a"


def test_get_text_of_the_last_command_is_what_it_printed_as_it_printed_it(desk: Desk) -> None:
    session = desk.new(RAN)
    session.is_command_running = True
    result = desk.call("get-text", target="@1", what="last-command").result
    assert (result["text"], result["is_running"], result["status"]) == (f"one\n{'x' * 45}\nlast", True, None)
    session.emulator.feed(ENDED)
    session.is_command_running, session.last_exit = False, 3
    result = desk.call("get-text", target="@1", what="last-command").result
    assert (result["text"], result["is_running"], result["status"]) == (f"one\n{'x' * 45}\nlast", False, 3)
    session.emulator.feed(b"\r\nnext\r\n")
    # The line with the prompt in it comes without its colors, and the prompt does not come at all.
    colored = desk.call("get-text", target="@1", what="last-command", ansi=True).result["text"]
    assert colored == f"one\n{'x' * 45}\nlast"


def test_last_command_comes_with_colors(desk: Desk) -> None:
    desk.new(RAN + b"\r\n" + ENDED)
    colored = desk.call("get-text", target="@1", what="last-command", ansi=True).result["text"]
    assert colored == f"one\n{'x' * 45}\n\x1b[0;38;5;1mlast\x1b[0m"


def test_last_command_that_printed_nothing_is_empty(desk: Desk) -> None:
    desk.new(b"\x1b]133;A\a$ \x1b]133;B\als\r\n\x1b]133;C\a" + ENDED)
    assert desk.call("get-text", target="@1", what="last-command").result["text"] == ""


def test_last_command_needs_a_shell_that_tells_of_it(desk: Desk) -> None:
    desk.new(b"$ ls\r\nfile\r\n$ ")
    error = desk.call("get-text", target="@1", what="last-command").error
    assert isinstance(error, NoSuchTarget)
    assert error.message == "Session 101 has told of no command whose output is still there"


def test_long_output_of_a_command_comes_in_parts_that_fit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synk.actions.texts.TEXT_CHARACTERS", 100)
    lines = [f"{number:05d}{'-' * (number % 3) * 40}" for number in range(20)]
    desk.new(b"\x1b]133;C\a" + "\r\n".join(lines).encode() + b"\r\n" + ENDED)
    for ansi in (False, True):
        texts, cursor = [], None
        while True:
            result = desk.call("get-text", target="@1", what="last-command", cursor=cursor, ansi=ansi).result
            texts.append(result["text"])
            cursor = result.get("next")
            if cursor is None:
                break
        assert len(texts) > 3
        assert "\n".join(texts).split("\n") == lines


def test_one_session_is_needed_where_one_is_meant(desk: Desk) -> None:
    desk.new()
    desk.new()
    for verb in ("get-text", "focus", "wait-for"):
        error = desk.call(verb, target="@all", until="exit").error
        assert error.message == "@all names 2 sessions; one is needed"


def test_close_ends_idle_shells_at_once_and_others_with_yes(desk: Desk) -> None:
    first, second = desk.new(), desk.new()
    desk.manager.busy.add(second.id)
    second.program_title = "vim notes"
    error = desk.call("close", target="@1,@2").error
    assert error.message == "Pane 2 runs vim notes. Add --yes to end it."
    assert desk.manager.sessions == [first, second]
    assert desk.call("close", target="@1,@2", yes=True).result == {"closed": [first.id, second.id]}
    assert desk.manager.sessions == []


def test_focus_selects_and_shows(desk: Desk) -> None:
    desk.new()
    second = desk.new()
    assert desk.call("focus", target="@2").result == {"session": second.id, "pane": 2}
    assert (desk.workspace.selected, desk.screen.shown) == (2, 1)


def test_only_focus_and_do_touch_the_selection(desk: Desk) -> None:
    session = desk.new()
    desk.new()
    desk.workspace.select(1)
    before = (desk.workspace.selected, desk.workspace.mode, desk.workspace.page, desk.screen.shown)
    target = f"session:{session.id}"
    for verb in ("list", "send-text", "get-text", "wait-for", "screenshot", "pool-stats"):
        desk.call(verb, target=target, text="x", until="exit", file="/tmp/x.png")
    assert (desk.workspace.selected, desk.workspace.mode, desk.workspace.page, desk.screen.shown) == before


def test_screenshot_of_the_window_and_of_a_pane(desk: Desk) -> None:
    desk.new()
    assert desk.call("screenshot", file="/tmp/a.png").result == {"file": "/tmp/a.png"}
    desk.call("screenshot", file="/tmp/b.png", target="@1")
    assert desk.screen.pictures == [("/tmp/a.png", None), ("/tmp/b.png", 1)]
    desk.screen.problem = "/tmp/c.png cannot be written"
    assert desk.call("screenshot", file="/tmp/c.png").error.message == "/tmp/c.png cannot be written"
    assert desk.call("screenshot").error.message == "screenshot needs a file"


def test_pool_stats_and_do_are_passed_on(desk: Desk) -> None:
    assert desk.call("pool-stats").result == {"idle": 2}
    assert desk.call("do", line="/echo hello there").result == {"result": "hello there"}
    assert isinstance(desk.call("do", line="/fly").error, UsageError)


def test_open_shows_the_folder_as_a_tab_and_without_one_the_window_as_it_is(desk: Desk, tmp_path: object) -> None:
    assert desk.call("open", path="").result == {"project": "/project"}
    assert desk.call("open", path=str(tmp_path)).result == {"project": str(tmp_path)}
    assert desk.screen.came_forward == 2
    assert [tab.project for tab in desk.tabs.all] == ["/project", str(tmp_path)]
    assert desk.manager.asked == []
    assert desk.call("open", path="/no/such").error.message == "/no/such is not a folder"


def test_an_unknown_verb_is_answered_with_those_there_are(desk: Desk) -> None:
    error = desk.call("fly").error
    assert isinstance(error, UsageError)
    assert error.message.startswith("Unknown verb 'fly'. There are: list, new, send-text")


def test_a_failure_is_answered_and_logged_so_that_nobody_waits(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.new()
    error = desk.call("get-text", target="@1", cursor="not a number").error
    assert type(error) is SynkError
    assert error.message.startswith("Synk failed: ValueError")
    assert "ctl get-text failed" in caplog.text
