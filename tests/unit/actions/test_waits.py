"""Waiting for text, silence, an end, a status or a command: told once, at the event, and never by polling."""

from typing import Any as Desk

import pytest

from synk.base.errors import NoSuchTarget, TimedOut, UsageError
from synk.sessions.events import TerminalReported
from synk.sessions.session import Exit, Session, Status
from synk.sessions.shell_reports import take_report
from synk.terminal.events import PromptMarked


def test_text_that_is_on_the_screen_is_found_at_once(desk: Desk) -> None:
    session = desk.new(b"one\r\nport 8080 open\r\n$ ")
    answer = desk.wait_for(session, "text", pattern=r"port \d+")
    assert answer.result == {"happened": "text", "match": "port 8080", "line": "port 8080 open"}


def test_later_text_is_found_when_it_comes(desk: Desk) -> None:
    session = desk.new(b"$ ")
    answer = desk.wait_for(session, "text", pattern="^done$")
    desk.prints(session, b"not done\r\n")
    assert answer.all == []
    desk.prints(session, b"do")
    desk.prints(session, b"ne")
    assert answer.result["match"] == "done"


def test_text_that_scrolled_by_between_two_looks_is_found(desk: Desk) -> None:
    session = desk.new()
    answer = desk.wait_for(session, "text", pattern="needle")
    desk.prints(session, b"hay\r\n" * 50 + b"needle\r\n" + b"hay\r\n" * 50)
    assert answer.result["line"] == "needle"


def test_new_text_is_not_what_stands_there_already(desk: Desk) -> None:
    session = desk.new(b"ready\r\n$ ready")
    answer = desk.wait_for(session, "text", pattern="ready", new=True)
    assert answer.all == []
    desk.prints(session, b"\r\nsomething else")
    assert answer.all == []
    desk.prints(session, b"\r\nready again")
    assert answer.result["line"] == "ready again"


def test_new_text_behind_the_prompt_that_stands_there_is_found(desk: Desk) -> None:
    session = desk.new(b"$ ")
    answer = desk.wait_for(session, "text", pattern=r"^\s*ls", new=True)
    desk.prints(session, b"ls")
    assert answer.result["line"] == "$ ls"


def test_new_text_is_found_above_the_cursor_too(desk: Desk) -> None:
    session = desk.new(b"ready\r\n1\r\n2\r\n3\r\n$ ")
    answer = desk.wait_for(session, "text", pattern="ready|drawn", new=True)
    desk.prints(session, b"\x1b[2;1Hdrawn by a full screen program")
    assert answer.result["match"] == "drawn"


def test_old_text_that_scrolls_up_is_still_old(desk: Desk) -> None:
    session = desk.new(b"ready\r\n")
    answer = desk.wait_for(session, "text", pattern="ready", new=True)
    desk.prints(session, b"x\r\n" * 30)
    assert answer.all == []


@pytest.mark.parametrize("cols", [10, 20, 200])
def test_old_text_is_still_old_in_another_width(desk: Desk, cols: int) -> None:
    session = desk.new(b"the server is ready and waits for you\r\n" * 3 + b"$ make\r\n")
    answer = desk.wait_for(session, "text", pattern="ready", new=True)
    session.emulator.resize(cols=cols, rows=session.emulator.rows)
    desk.prints(session, b"building\r\n")
    assert answer.all == []
    desk.prints(session, b"now it is ready\r\n")
    assert answer.result["line"] == "now it is ready"


def test_text_that_fills_several_rows_is_one_line(desk: Desk) -> None:
    session = desk.new(b"")
    session.emulator.resize(cols=20, rows=5)
    answer = desk.wait_for(session, "text", pattern="tests: [0-9]+ passed, 0 failed$")
    desk.prints(session, b"result of all tests: 1042 pas")
    desk.prints(session, b"sed, 0 failed\r\n")
    assert answer.result["line"] == "result of all tests: 1042 passed, 0 failed"


def test_a_pattern_that_tries_without_end_is_refused(desk: Desk) -> None:
    session = desk.new(b"$ ")
    answer = desk.wait_for(session, "text", pattern="(a+)+$")
    desk.prints(session, b"a" * 70 + b"b\r\n")
    (error,) = answer.all
    assert isinstance(error, UsageError)
    assert "too long" in error.message


def test_text_of_an_ended_session_is_found_and_missing_text_is_an_error(desk: Desk) -> None:
    session = desk.new(b"last words")
    desk.changes(session, ended=Exit(3))
    assert desk.wait_for(session, "text", pattern="words").result["match"] == "words"
    missing = desk.wait_for(session, "text", pattern="other").error
    assert (type(missing), missing.message) == (NoSuchTarget, f"Session {session.id} ended with status 3")


def test_the_end_of_the_program_ends_a_wait_for_text(desk: Desk) -> None:
    session = desk.new()
    answer = desk.wait_for(session, "text", pattern="never")
    desk.changes(session, ended=Exit(signal=9))
    assert answer.error.message == f"Session {session.id} ended with signal 9 (SIGKILL)"


def test_an_end_is_told_with_code_or_signal(desk: Desk) -> None:
    first, second = desk.new(), desk.new()
    answers = [desk.wait_for(session, "exit") for session in (first, second)]
    desk.changes(first, ended=Exit(7))
    desk.changes(second, ended=Exit(signal=11))
    assert answers[0].result == {"happened": "exit", "code": 7, "signal": None}
    assert answers[1].result == {"happened": "exit", "code": None, "signal": 11}


def test_an_end_that_was_is_told_at_once(desk: Desk) -> None:
    session = desk.new()
    desk.changes(session, ended=Exit(7))
    assert desk.wait_for(session, "exit").result["code"] == 7


def test_the_end_of_a_session_whose_pane_is_gone_is_still_known(desk: Desk) -> None:
    session = desk.new()
    desk.manager.past_exits[session.id] = Exit(0)
    desk.closes(session)
    assert desk.wait_for(session, "exit").result == {"happened": "exit", "code": 0, "signal": None}
    with_text = desk.wait_for(session, "text", pattern="x").error
    assert with_text.message == f"No session {session.id}"


def test_closing_the_pane_is_an_end_and_an_error_for_every_other_wait(desk: Desk) -> None:
    session = desk.new()
    end = desk.wait_for(session, "exit")
    others = [desk.wait_for(session, "text", pattern="x"), desk.wait_for(session, "status", status="failed")]
    desk.closes(session)
    assert end.result == {"happened": "exit", "code": None, "signal": None}
    for other in others:
        assert other.error.message == f"Session {session.id} was closed"


def test_a_status_is_told_now_or_when_it_comes(desk: Desk) -> None:
    session = desk.new()
    assert desk.wait_for(session, "status", status="idle").result == {"happened": "status", "status": "idle"}
    answer = desk.wait_for(session, "status", status="working")
    assert answer.all == []
    desk.changes(session, status=Status.WORKING)
    assert answer.result["status"] == "working"


def test_silence_is_told_after_its_time(desk: Desk) -> None:
    session = desk.new()
    answer = desk.wait_for(session, "idle", idle_s=2)
    desk.pass_time(1500)
    desk.prints(session, b"still there")
    desk.pass_time(1999)
    assert answer.all == []
    desk.pass_time(1)
    assert answer.result == {"happened": "idle", "idle_s": 2.0}


def test_no_silence_at_all_is_there_at_once_and_forgotten(desk: Desk) -> None:
    session = desk.new()
    assert desk.wait_for(session, "idle", idle_s=0).result["happened"] == "idle"
    assert desk.waits._waits == []


def test_a_wait_that_takes_too_long_is_given_up(desk: Desk) -> None:
    session = desk.new()
    answer = desk.wait_for(session, "text", pattern="x", timeout_s=1.5)
    desk.pass_time(1499)
    assert answer.all == []
    desk.pass_time(1)
    assert (type(answer.error), answer.error.kind) == (TimedOut, "timeout")
    assert answer.error.message == f"Session {session.id}: nothing of the kind within 1.5 s"
    desk.prints(session, b"x")
    desk.closes(session)
    assert len(answer.all) == 1


def test_a_wait_is_answered_once_whatever_comes_later(desk: Desk) -> None:
    session = desk.new()
    answer = desk.wait_for(session, "text", pattern="x", timeout_s=1)
    desk.prints(session, b"x")
    desk.prints(session, b"x")
    desk.pass_time(5000)
    desk.closes(session)
    assert answer.result["match"] == "x"
    assert desk.waits._waits == []


def test_output_of_another_session_wakes_nobody(desk: Desk) -> None:
    first, second = desk.new(), desk.new()
    answer = desk.wait_for(first, "text", pattern="x")
    desk.prints(second, b"x")
    assert answer.all == []


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"until": ""}, "wait-for needs text=RE, idle=SECONDS, exit, status=WORD, command or port=N"),
        ({"until": "text", "pattern": "("}, "text=(: no regular expression"),
        ({"until": "status", "status": "happy"}, "status=happy: the words are starting, working"),
        ({"until": "exit", "timeout_s": "soon"}, "soon is no number of seconds"),
        ({"until": "exit", "timeout_s": float("inf")}, "inf is no number of seconds"),
        ({"until": "exit", "timeout_s": -1}, "-1 is no number of seconds"),
        ({"until": "idle", "idle_s": float("nan")}, "nan is no number of seconds"),
        ({"until": "idle", "idle_s": 1e12}, "1000000000000.0 is no number of seconds"),
    ],
)
def test_a_wait_that_makes_no_sense_is_refused_and_not_kept(desk: Desk, arguments: dict[str, object], text: str) -> None:
    session = desk.new()
    error = desk.call("wait-for", arguments, target=f"session:{session.id}").error
    assert isinstance(error, UsageError)
    assert error.message.startswith(text)
    assert desk.waits._waits == []
    assert desk.timers == []


def tells(desk: Desk, session: Session, *reports: PromptMarked) -> None:
    """The session's shell tells of its commands."""
    for report in reports:
        take_report(session, report, machine="here")
        desk.hub.publish(TerminalReported(session.id, report))
    desk.hub.deliver()


def test_the_end_of_the_next_command_is_told_with_its_status(desk: Desk) -> None:
    session, other = desk.new(), desk.new()
    answer = desk.wait_for(session, "command")
    tells(desk, session, PromptMarked("end", 9), PromptMarked("prompt"), PromptMarked("command"))
    tells(desk, other, PromptMarked("output"), PromptMarked("end", 8))
    tells(desk, session, PromptMarked("output"))
    assert not answer.all
    tells(desk, session, PromptMarked("end", 3), PromptMarked("prompt"), PromptMarked("output"), PromptMarked("end", 4))
    assert answer.result == {"happened": "command", "status": 3}


def test_the_command_that_runs_is_the_one_to_wait_for(desk: Desk) -> None:
    session = desk.new()
    tells(desk, session, PromptMarked("output"))
    answer = desk.wait_for(session, "command", new=True)
    tells(desk, session, PromptMarked("end", None))
    assert answer.result == {"happened": "command", "status": None}


def test_a_command_that_was_sent_and_ended_before_the_wait_is_told_at_once_and_once(desk: Desk) -> None:
    session = desk.new()
    for is_new in (False, True):
        desk.call("send-text", target="@1", text="false", enter=True)
        tells(desk, session, PromptMarked("output"), PromptMarked("end", 1))
        answer = desk.wait_for(session, "command", new=is_new)
        if not is_new:
            assert answer.result == {"happened": "command", "status": 1}
            answer = desk.wait_for(session, "command")
        assert not answer.all
        tells(desk, session, PromptMarked("output"), PromptMarked("end", 2))
        assert answer.result == {"happened": "command", "status": 2}


def test_the_end_of_the_shell_ends_a_wait_for_a_command(desk: Desk) -> None:
    session = desk.new()
    answer = desk.wait_for(session, "command")
    tells(desk, session, PromptMarked("output"))
    desk.changes(session, ended=Exit(0))
    assert answer.error.message == "Session 101 ended with status 0"
