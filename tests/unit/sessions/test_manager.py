"""The list of sessions: numbers, limits, what is asked of the host, and what an end does to a pane."""

import os
from typing import Any
from typing import Any as Desk

import pytest

from synk.base.errors import HostUnavailable, NoSuchTarget, PoolExhausted, SpawnFailed, UsageError
from synk.base.events import NoticeRaised
from synk.hostclient import Reply
from synk.pty.ring import Ring
from synk.sessions.events import SessionChanged, SessionClosed, SessionOpened, TerminalReported
from synk.sessions.manager import SessionRules
from synk.sessions.session import Exit, Session, Status

LIMIT_TEXT = "All 2 sessions are in use. Close one, or raise Settings > Performance > Most sessions."


def is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def test_a_session_has_its_number_and_pane_before_the_host_answers(desk: Desk) -> None:
    first, second = desk.manager.create(), desk.manager.create(select=False)
    assert [(session.id, session.pane, session.status) for session in desk.manager.sessions] == [
        (1, 1, Status.STARTING),
        (2, 2, Status.STARTING),
    ]
    desk.hub.deliver()
    assert desk.heard(SessionOpened) == [SessionOpened(first.id, True), SessionOpened(second.id, False)]


def test_the_host_is_asked_for_exactly_what_was_wanted(desk: Desk) -> None:
    session = desk.create(
        agent="claude", directory="/work", variables={"KEY": "secret"}, unset=["OLD"], argv=["/bin/claude", "-c"], note="hi"
    )
    arguments = desk.start_of(session).arguments
    meta = arguments.pop("meta")
    assert arguments == {
        "session": 1, "restart": False, "agent": "claude", "project": "/project", "directory": "/work",
        "variables": {"KEY": "secret"}, "unset": ["OLD"], "argv": ["/bin/claude", "-c"], "cols": 80, "rows": 24,
    }  # fmt: skip
    assert "secret" not in repr(meta)
    assert (meta["pane"], meta["program"], meta["note"]) == (1, "claude", "hi")


def test_the_pane_of_a_closed_session_is_used_again_its_number_is_not(desk: Desk) -> None:
    sessions = [desk.create() for _ in range(3)]
    desk.manager.close(sessions[1])
    again = desk.create()
    assert (again.id, again.pane) == (4, 2)
    assert [session.pane for session in desk.manager.sessions] == [1, 2, 3]


def test_at_the_limit_nothing_is_opened_and_closing_one_makes_room_at_once(desk: Desk) -> None:
    desk.manager.rules = SessionRules(max_active=2)
    first, _ = desk.create(), desk.create()
    with pytest.raises(PoolExhausted) as refused:
        desk.manager.create()
    assert refused.value.message == LIMIT_TEXT
    assert len(desk.manager.sessions) == 2
    desk.manager.close(first)
    assert desk.create().pane == 1


def test_an_ended_session_does_not_count(desk: Desk) -> None:
    desk.manager.rules = SessionRules(max_active=1)
    session, program = desk.running()
    desk.ends(session, program, code=3)
    desk.until(lambda: not session.is_live)
    assert desk.manager.live_count == 0
    desk.create()


def test_more_numbers_are_asked_for_in_time(desk: Desk) -> None:
    desk.manager.rules = SessionRules(max_active=1000)
    for _ in range(48):
        desk.create()
    (call,) = desk.host.asked("session.reserve")
    assert call.arguments == {"count": 64}
    call.on_reply(Reply({"first": 500}))
    numbers = [desk.create().id for _ in range(20)]
    assert numbers == [*range(49, 65), *range(500, 504)]


def test_without_numbers_nothing_is_opened(desk: Desk) -> None:
    desk.manager.rules = SessionRules(max_active=1000)
    for _ in range(64):
        desk.create()
    with pytest.raises(HostUnavailable, match="The host does not answer"):
        desk.manager.create()
    assert len(desk.manager.sessions) == 64


def test_closing_removes_the_pane_before_the_host_knows(desk: Desk) -> None:
    session, _program = desk.running()
    desk.manager.close(session)
    assert desk.manager.by_id(session.id) is None
    assert desk.host.asked("session.close")[0].arguments == {"session": session.id}
    desk.hub.deliver()
    assert desk.heard(SessionClosed) == [SessionClosed(session.id, 1, "/project")]
    desk.manager.close(session)
    assert len(desk.host.asked("session.close")) == 1


def test_a_bad_variable_name_opens_nothing(desk: Desk) -> None:
    with pytest.raises(UsageError, match=r"^Variable 9X is not a valid name$"):
        desk.manager.create(variables={"9X": "1"})
    assert desk.manager.sessions == []
    desk.hub.deliver()
    assert desk.heard(SessionOpened) == []
    assert desk.create().id == 1


def test_a_start_that_fails_closes_the_pane_with_a_notice(desk: Desk) -> None:
    session = desk.create(argv=["foo"])
    desk.refuse(desk.start_of(session), SpawnFailed("Cannot start foo: not found in PATH"))
    assert desk.manager.sessions == []
    assert desk.heard(NoticeRaised) == [NoticeRaised("error", "Cannot start foo: not found in PATH")]


def test_a_restart_that_fails_keeps_the_pane_with_its_bar(desk: Desk) -> None:
    session, program = desk.running()
    desk.ends(session, program, code=3)
    desk.until(lambda: session.exit)
    desk.manager.restart(session)
    desk.refuse(desk.start_of(session), SpawnFailed("Cannot start bash: gone"))
    assert desk.manager.sessions == [session]
    assert session.bar == "Cannot start bash: gone - Enter try again, x close"
    assert desk.heard(NoticeRaised) == [NoticeRaised("error", "Cannot start bash: gone", session=session.id)]


def test_a_restart_at_the_limit_is_refused_and_the_pane_is_unchanged(desk: Desk) -> None:
    desk.manager.rules = SessionRules(max_active=2)
    ended, program = desk.running()
    desk.ends(ended, program, code=3)
    desk.until(lambda: ended.exit)
    desk.create()
    desk.create()
    before = (ended.exit, ended.bar, ended.emulator.text(0))
    for again in (desk.manager.restart, desk.manager.shell_here):
        with pytest.raises(PoolExhausted):
            again(ended)
    assert (ended.exit, ended.bar, ended.emulator.text(0)) == before


def test_a_restart_keeps_number_pane_and_scrollback(desk: Desk) -> None:
    session, program = desk.running()
    program.prints(b"\r\nold text")
    desk.until(lambda: session.emulator.text(1).startswith("old text"))
    desk.ends(session, program, code=3)
    desk.until(lambda: session.exit)
    desk.manager.restart(session)
    assert (session.id, session.pane, session.status, session.bar, session.pid) == (1, 1, Status.STARTING, "", None)
    assert desk.start_of(session).arguments["restart"]
    assert session.emulator.text(0).strip() == ""
    kept = [session.emulator.text(-y).rstrip() for y in range(1, len(session.emulator.scrollback) + 1)]
    assert "old text" in kept
    again = desk.program()
    desk.answer(desk.start_of(session), again)
    assert session.pid == again.pid


def test_a_restart_while_it_starts_takes_only_the_second_program(desk: Desk) -> None:
    session = desk.create()
    first = desk.start_of(session)
    desk.manager.restart(session)
    desk.hub.deliver()
    second = desk.start_of(session)
    assert second is not first
    desk.refuse(first, NoSuchTarget(f"Session {session.id} was closed while it started."))
    assert desk.manager.sessions == [session]
    assert desk.heard(NoticeRaised) == []
    program = desk.program()
    desk.answer(second, program)
    assert session.pid == program.pid


def test_a_late_program_of_a_restarted_session_is_let_go(desk: Desk) -> None:
    session = desk.create()
    first = desk.start_of(session)
    desk.manager.restart(session)
    desk.hub.deliver()
    late, wanted = desk.program(), desk.program()
    desk.answer(first, late)
    assert not any(map(is_open, late.fds))
    desk.answer(desk.start_of(session), wanted)
    assert session.pid == wanted.pid


def test_a_late_answer_for_a_closed_session_closes_its_descriptors(desk: Desk) -> None:
    session = desk.create()
    desk.manager.close(session)
    program = desk.program()
    desk.answer(desk.start_of(session), program)
    assert not any(map(is_open, program.fds))
    assert desk.manager.sessions == []


def test_a_start_the_host_died_over_is_asked_again_of_the_next_one_after_its_pool_is_set_up(desk: Desk) -> None:
    held, _program = desk.running()
    starting = desk.create()
    first = desk.start_of(starting)
    desk.refuse(first, HostUnavailable("The host went away; a new one is being started."))
    assert desk.manager.sessions == [held, starting]
    desk.host.calls.clear()
    welcome = {"first_session": 100, "reserved_sessions": 64, "sessions": 0}
    desk.manager.host_back(welcome, lambda: desk.host.call("configure"))
    assert [call.do for call in desk.host.calls] == ["session.adopt", "configure", "session.start"]
    adopted = desk.host.calls[0]
    assert (adopted.arguments["session"], adopted.arguments["pid"]) == (held.id, held.pid)
    assert len(adopted.fds) == 3
    program = desk.program()
    desk.answer(desk.start_of(starting), program)
    assert starting.pid == program.pid
    assert desk.create().id == 100


def test_a_start_called_while_no_host_was_there_is_not_answered_twice(desk: Desk) -> None:
    session = desk.create()
    early = desk.start_of(session)
    desk.manager.host_back({"first_session": 100, "reserved_sessions": 64, "sessions": 0}, lambda: None)
    # It was queued, and reached the new host before its pool was set up.
    desk.refuse(early, SpawnFailed("The pool is not configured yet."))
    assert desk.manager.sessions == [session]
    assert desk.start_of(session) is not early


@pytest.mark.parametrize(
    ("rule", "code", "stays"),
    [
        ("close_on_success", 0, False), ("close_on_success", 1, True), ("close_on_success", None, True),
        ("keep", 0, True), ("close", 1, False), ("close", None, False),
    ],
)  # fmt: skip
def test_what_the_end_of_a_shell_does_to_its_pane(desk: Desk, rule: str, code: int | None, stays: bool) -> None:
    desk.manager.rules = SessionRules(shell_exit=rule)
    session, program = desk.running()
    desk.ends(session, program, code=code, signal=None if code is not None else 9)
    desk.until(lambda: desk.manager.past_exits)
    assert (session in desk.manager.sessions) is stays
    assert desk.manager.past_exits == {session.id: Exit(code, None if code is not None else 9)}


@pytest.mark.parametrize("code", [0, 1, 127])
def test_the_pane_of_a_command_stays_whatever_its_status(desk: Desk, code: int) -> None:
    session, program = desk.running(argv=["/usr/bin/claude"], agent="claude")
    desk.ends(session, program, code=code)
    desk.until(lambda: session.exit)
    assert session.bar == f"claude ended with status {code} - Enter restart, s shell here, x close"
    assert session.status is (Status.ENDED if code == 0 else Status.FAILED)


def test_everything_printed_before_the_end_is_shown_before_the_end(desk: Desk) -> None:
    session, program = desk.running()
    program.prints(b"\r\nlast words")
    desk.ends(session, program, code=1)
    desk.until(lambda: session.exit)
    assert session.emulator.text(1).startswith("last words")


def test_the_end_of_the_program_before_is_not_that_of_the_restarted_one(desk: Desk) -> None:
    session, old = desk.running()
    desk.manager.restart(session)
    new = desk.program()
    desk.answer(desk.start_of(session), new)
    desk.ends(session, old, signal=1)
    desk.pass_time(100)
    assert session.is_live
    desk.ends(session, new, code=4)
    desk.until(lambda: session.exit)
    assert session.exit == Exit(4)


def test_a_shell_in_an_ended_pane_is_a_terminal_in_the_same_folder(desk: Desk) -> None:
    session, program = desk.running(agent="claude", argv=["claude"], directory="/work", note="x")
    desk.ends(session, program, code=1)
    desk.until(lambda: session.exit)
    desk.manager.shell_here(session)
    arguments = desk.start_of(session).arguments
    assert (arguments["agent"], arguments["argv"], arguments["directory"]) == ("terminal", [], "/work")
    assert (session.pane, session.note) == (1, "")


def test_a_restart_with_other_facts_starts_what_they_say_in_the_same_pane(desk: Desk) -> None:
    session, _program = desk.running()
    desk.manager.restart_as(
        session, agent="claude", directory="/other", variables={"MODE": "dev"}, unset=["OLD"], argv=["/bin/claude"], is_repl=False
    )
    arguments = desk.start_of(session).arguments
    assert (arguments["restart"], arguments["agent"], arguments["argv"]) == (True, "claude", ["/bin/claude"])
    assert (arguments["directory"], arguments["variables"], arguments["unset"]) == ("/other", {"MODE": "dev"}, ["OLD"])
    assert (session.pane, session.program, session.status) == (1, "claude", Status.STARTING)


def test_a_restart_with_a_variable_no_program_can_be_given_changes_nothing(desk: Desk) -> None:
    session, _program = desk.running()
    before = (session.agent, session.working_dir, session.status)
    with pytest.raises(UsageError, match="1X"):
        desk.manager.restart_as(
            session, agent="claude", directory="/other", variables={"1X": "y"}, unset=(), argv=(), is_repl=False
        )
    assert (session.agent, session.working_dir, session.status) == before


def test_a_title_of_the_users_is_told_to_the_host(desk: Desk) -> None:
    session, _program = desk.running()
    desk.manager.rename(session, "mine")
    (*_, call) = desk.host.asked("session.meta")
    assert (call.arguments["session"], call.arguments["meta"]["title"]) == (session.id, "mine")


def test_a_title_of_the_programs_and_other_reports_are_told(desk: Desk) -> None:
    session, program = desk.running()
    desk.events.clear()
    program.prints(b"\x1b]2;from the program\x07\x07")
    desk.until(lambda: desk.heard(TerminalReported))
    assert session.program_title == "from the program"
    assert SessionChanged(session.id) in desk.events


def test_input_beyond_what_a_program_reads_is_refused_and_said(desk: Desk) -> None:
    session, program = desk.running()
    desk.pass_time(1000)
    while desk.manager.write(session, b"x" * 8192):
        pass
    assert session.is_input_full
    desk.hub.deliver()
    program.reads()
    desk.until(lambda: program.reads() and desk.manager.write(session, b"y"))
    assert not session.is_input_full


def test_nothing_is_written_to_a_program_that_ended(desk: Desk) -> None:
    session, program = desk.running()
    desk.ends(session, program, code=2)
    desk.until(lambda: session.exit)
    assert not desk.manager.write(session, b"late")


def test_a_session_that_outlived_its_window_is_shown_as_it_was(desk: Desk) -> None:
    program = desk.program()
    ring = Ring(os.dup(program.fds[1]))
    ring.write(b"\x1b[?2004hbefore\r\n")
    ring.close()
    meta = {"pane": 3, "agent": "terminal", "project": "/p", "working_dir": "/w", "title": "mine", "argv": []}
    message = {"session": 40, "pid": program.pid, "meta": meta, "started_at": 5.0, "exit": None, "key": "cafe.1"}
    desk.manager.attached(message, program.fds)
    session = desk.manager.by_id(40)
    assert (session.pane, session.working_dir, session.title, session.pid) == (3, "/w", "mine", program.pid)
    desk.until(lambda: session.emulator.text(0).startswith("before"))
    assert session.emulator.modes.bracketed_paste
    program.prints(b"after")
    desk.until(lambda: session.emulator.text(1).startswith("after"))
    assert desk.manager.write(session, b"key")
    desk.until(lambda: program.reads() == b"key")


def test_a_session_that_is_attached_twice_is_shown_once(desk: Desk) -> None:
    program = desk.program()
    meta = {"pane": 1}
    message = {"session": 40, "pid": program.pid, "meta": meta, "started_at": 5.0, "exit": None, "key": "cafe.1"}
    desk.manager.attached(message, program.fds)
    again = tuple(os.dup(fd) for fd in program.fds)
    desk.manager.attached(message, again)
    assert len(desk.manager.sessions) == 1
    assert not any(map(is_open, again))


def test_a_taken_pane_is_not_taken_twice(desk: Desk) -> None:
    first = desk.create()
    program = desk.program()
    message = {"session": 40, "pid": program.pid, "meta": {"pane": 1}, "started_at": 5.0, "exit": None, "key": "cafe.1"}
    desk.manager.attached(message, program.fds)
    assert (first.pane, desk.manager.by_id(40).pane) == (1, 2)


def test_a_program_that_ended_without_a_window_is_shown_with_its_end(desk: Desk) -> None:
    program = desk.program()
    ring = Ring(os.dup(program.fds[1]))
    ring.write(b"last words")
    ring.close()
    message = {
        "session": 40, "pid": program.pid, "meta": {"pane": 1, "program": "bash"}, "started_at": 5.0, "key": "cafe.1",
        "exit": {"code": 9, "signal": None},
    }  # fmt: skip
    desk.manager.attached(message, program.fds)
    session = desk.manager.by_id(40)
    desk.until(lambda: session.exit)
    assert session.emulator.text(0).startswith("last words")
    assert session.bar == "bash ended with status 9 - Enter restart, s shell here, x close"


def test_the_last_thousand_ends_are_remembered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synk.sessions.manager.EXITS_KEPT", 2)
    for code in (1, 2, 3):
        session, program = desk.running()
        desk.ends(session, program, code=code)
        desk.until(lambda session=session: session.exit)
    assert desk.manager.past_exits == {2: Exit(2), 3: Exit(3)}


def test_busy_sessions_run_something_else_than_an_idle_shell(desk: Desk) -> None:
    shell, _ = desk.running(has_keyboard=True)
    command, program = desk.running(argv=["claude"], agent="claude")
    assert desk.manager.busy_sessions() == [command]
    desk.ends(command, program, code=0)
    desk.until(lambda: command.exit)
    assert desk.manager.busy_sessions() == []
    assert not desk.manager.is_busy(shell)


def place(desk: Desk, **arguments: Any) -> Session:
    """A pane as a layout opens it."""
    wanted: dict[str, Any] = {"pane": 1, "agent": "terminal", "project": "/project", "directory": "/project/src"}
    return desk.manager.place(**{**wanted, **arguments})


def test_a_placed_pane_is_there_in_the_background_and_starts_nothing(desk: Desk) -> None:
    session = place(desk, pane=3, title="Fix login", note="restoring", variables={"LEVEL": "2"})
    desk.hub.deliver()
    assert (session.pane, session.title, session.note, session.status) == (3, "Fix login", "restoring", Status.STARTING)
    assert desk.heard(SessionOpened) == [SessionOpened(session.id, False)]
    assert desk.host.asked("session.start") == []
    desk.manager.begin(session, note="terminal: claude missing")
    arguments = desk.start_of(session).arguments
    assert (arguments["directory"], arguments["variables"]) == ("/project/src", {"LEVEL": "2"})
    assert arguments["meta"]["title"] == "Fix login"
    assert session.note == "terminal: claude missing"


def test_a_placed_pane_whose_number_is_taken_gets_a_free_one(desk: Desk) -> None:
    desk.create()
    assert [place(desk, pane=pane).pane for pane in (1, 2, None)] == [2, 3, 4]


def test_a_placed_pane_counts_as_live_before_it_starts(desk: Desk) -> None:
    desk.manager.rules = SessionRules(max_active=1)
    first = place(desk)
    with pytest.raises(PoolExhausted):
        place(desk)
    second = place(desk, problem="session limit")
    assert (second.is_live, second.status, second.bar) == (False, Status.FAILED, "session limit - Enter try again, x close")
    with pytest.raises(PoolExhausted):
        desk.manager.begin(second)
    assert second.problem == "session limit"
    desk.manager.close(first)
    desk.manager.begin(second)
    assert second.is_live
    assert second.bar == ""


def test_variables_are_recalled_only_where_none_are_known(desk: Desk) -> None:
    plain, given = desk.create(), desk.create(variables={"LEVEL": "1"})
    for session in (plain, given):
        desk.manager.recall_variables(session, {"LEVEL": "2"})
    assert (plain.variables, given.variables) == ({"LEVEL": "2"}, {"LEVEL": "1"})


def test_a_placed_pane_that_was_closed_starts_nothing(desk: Desk) -> None:
    session = place(desk)
    desk.manager.close(session)
    desk.manager.begin(session)
    desk.manager.give_up(session, "late")
    desk.hub.deliver()
    assert desk.host.asked("session.start") == []


def test_a_placed_pane_that_is_given_up_no_longer_says_that_it_is_restored(desk: Desk) -> None:
    session = place(desk, note="restoring")
    desk.manager.give_up(session, "The folder is gone")
    assert (session.note, session.bar) == ("", "The folder is gone - Enter try again, x close")


def test_a_placed_pane_whose_start_fails_stays_with_the_reason_and_enter_asks_who_placed_it(desk: Desk) -> None:
    session = place(desk)
    desk.manager.begin(session)
    desk.refuse(desk.start_of(session), SpawnFailed("Folder /project/src does not exist"))
    assert session.bar == "Folder /project/src does not exist - Enter try again, x close"
    asked: list[Session] = []
    desk.manager.retry = lambda session: asked.append(session) or True
    desk.manager.restart(session)
    assert asked == [session]
    desk.manager.retry = lambda _session: False
    desk.manager.restart(session)
    assert session.bar == ""
