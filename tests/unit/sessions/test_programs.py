"""Keys, sizes, replies and status of the programs behind the sessions, on real terminals."""

import os
import struct
import termios
from fcntl import ioctl
from typing import Any as Desk

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synk.pty.ring import Ring
from synk.sessions.programs import READY_LATEST_MS, STATUS_CHECK_MS
from synk.sessions.session import Status


def size_of(slave: int) -> tuple[int, int]:
    rows, cols, _, _ = struct.unpack("HHHH", ioctl(slave, termios.TIOCGWINSZ, b"\0" * 8))
    return cols, rows


def test_keys_typed_while_it_starts_are_held_until_the_first_prompt(desk: Desk) -> None:
    session = desk.create()
    for key in (b"e", b"c", b"ho", b" hi\r"):
        assert desk.manager.write(session, key)
    program = desk.program()
    desk.answer(desk.start_of(session), program)
    desk.manager.write(session, b"more\r")
    desk.manager.turn()
    assert program.reads() == b""
    program.prints(b"$ ")
    desk.until(lambda: program.reads())
    assert program.received == b"echo hi\rmore\r"
    assert session.status is Status.IDLE
    desk.manager.write(session, b"!")
    desk.until(lambda: program.reads() == b"echo hi\rmore\r!")


@given(
    keys=st.lists(st.binary(min_size=1, max_size=6), min_size=1, max_size=12),
    answered=st.integers(0, 12),
    prompted=st.integers(0, 12),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_key_is_lost_doubled_or_reordered_whenever_the_program_gets_ready(
    desk: Desk, keys: list[bytes], answered: int, prompted: int
) -> None:
    session = desk.create()
    program = desk.program()
    for position, key in enumerate(keys):
        if position == answered:
            desk.answer(desk.start_of(session), program)
        if position == max(answered, prompted):
            program.prints(b"$ ")
            desk.manager.turn()
        desk.manager.write(session, key)
    if answered >= len(keys):
        desk.answer(desk.start_of(session), program)
    program.prints(b"$ ")
    desk.until(lambda: len(program.reads()) >= len(b"".join(keys)))
    assert program.received == b"".join(keys)
    desk.manager.close(session)
    desk.hub.deliver()


def test_keys_wait_while_the_terminal_is_still_in_line_mode(desk: Desk) -> None:
    session = desk.create()
    program = desk.program(is_raw=False)
    desk.answer(desk.start_of(session), program)
    desk.manager.write(session, b"ls\r")
    program.prints(b"welcome")
    desk.until(lambda: session.emulator.text(0).startswith("welcome"))
    assert program.reads() == b""
    assert session.status is Status.STARTING


def test_a_program_that_prints_nothing_gets_its_keys_all_the_same(desk: Desk) -> None:
    session = desk.create(argv=["cat"])
    program = desk.program(is_raw=False)
    desk.answer(desk.start_of(session), program)
    desk.manager.write(session, b"hi\r")
    desk.pass_time(READY_LATEST_MS - 1)
    assert program.reads() == b""
    desk.pass_time(1)
    assert program.reads() == b"hi\n"


def test_keys_held_for_a_closed_or_restarted_program_go_to_nobody(desk: Desk) -> None:
    session = desk.create()
    desk.manager.write(session, b"rm -rf /tmp/x\r")
    desk.manager.restart(session)
    program = desk.program()
    desk.answer(desk.start_of(session), program)
    program.prints(b"$ ")
    desk.until(lambda: session.status is Status.IDLE)
    desk.manager.write(session, b"z")
    desk.until(lambda: program.reads())
    assert program.received == b"z"


def test_the_program_is_started_with_the_size_of_its_pane(desk: Desk) -> None:
    session = desk.manager.create()
    assert desk.host.asked("session.start") == []
    desk.manager.resize(session, cols=101, rows=31)
    (call,) = desk.host.asked("session.start")
    assert (call.arguments["cols"], call.arguments["rows"]) == (101, 31)
    desk.hub.deliver()
    assert len(desk.host.asked("session.start")) == 1


def test_a_resize_while_it_starts_reaches_the_program(desk: Desk) -> None:
    session = desk.create()
    desk.manager.resize(session, cols=90, rows=20)
    program = desk.program()
    desk.answer(desk.start_of(session), program)
    assert size_of(program.slave) == (90, 20)
    desk.manager.resize(session, cols=70, rows=10)
    assert size_of(program.slave) == (70, 10)
    assert (session.emulator.cols, session.emulator.rows) == (70, 10)


def test_start_up_output_is_shown_once_and_before_what_follows(desk: Desk) -> None:
    session = desk.create()
    program = desk.program()
    program.prints(b"$ ")
    desk.answer(desk.start_of(session), program, output=b"welcome\r\n")
    desk.until(lambda: session.emulator.text(1).startswith("$"))
    assert [session.emulator.text(y).rstrip() for y in range(3)] == ["welcome", "$", ""]


def test_start_up_output_is_no_sign_that_the_keys_are_read(desk: Desk) -> None:
    session = desk.create()
    desk.manager.write(session, b"ls\r")
    program = desk.program()
    desk.answer(desk.start_of(session), program, output=b"welcome")
    desk.until(lambda: session.emulator.text(0).startswith("welcome"))
    assert program.reads() == b""
    assert session.status is Status.STARTING


def test_a_question_to_the_terminal_is_answered_to_the_program(desk: Desk) -> None:
    session = desk.create()
    program = desk.program()
    desk.answer(desk.start_of(session), program)
    # Before its first prompt, when keys are still held.
    program.prints(b"\x1b[6n")
    desk.until(lambda: program.reads())
    assert program.received == b"\x1b[1;1R"


def test_a_question_in_the_replay_of_an_earlier_window_is_not_answered_again(desk: Desk) -> None:
    program = desk.program()
    ring = Ring(os.dup(program.fds[1]))
    ring.write(b"asked long ago \x1b[6n\x1b[c")
    ring.close()
    message = {"session": 40, "pid": program.pid, "meta": {}, "started_at": 5.0, "exit": None, "key": "cafe.1"}
    desk.manager.attached(message, program.fds)
    session = desk.manager.by_id(40)
    desk.until(lambda: session.emulator.text(0).startswith("asked"))
    assert program.reads() == b""
    program.prints(b"\r\n\x1b[6n")
    desk.until(lambda: program.reads())
    assert program.received == b"\x1b[2;1R"


def test_a_pane_resized_in_the_middle_of_a_replay_ends_with_the_new_size(desk: Desk) -> None:
    program = desk.program()
    ring = Ring(os.dup(program.fds[1]))
    for cols in (100, 60, 90):
        ring.write(b"x" * 20_000)
        ring.note_resize(ring.written, cols=cols, rows=30)
    ring.write(b"\r\nend")
    ring.close()
    message = {"session": 40, "pid": program.pid, "meta": {}, "started_at": 5.0, "exit": None, "key": "cafe.1"}
    desk.manager.attached(message, program.fds)
    session = desk.manager.by_id(40)
    desk.manager.turn()
    desk.manager.resize(session, cols=120, rows=40)
    desk.until(lambda: any(session.emulator.text(y).startswith("end") for y in range(session.emulator.rows)))
    desk.until(lambda: (session.emulator.cols, session.emulator.rows) == (120, 40))
    assert size_of(program.slave) == (120, 40)
    replay = Ring(os.dup(desk.manager._programs._terminals[40].channel.ring.fd))
    assert replay.replay().steps[-1] == (120, 40)
    replay.close()


def test_a_program_taken_over_after_a_crash_is_made_to_draw_itself_anew_once(desk: Desk) -> None:
    program = desk.program()
    message = {"session": 40, "pid": program.pid, "meta": {}, "started_at": 5.0, "exit": None, "key": "cafe.1"}
    desk.manager.attached(message, program.fds)
    session = desk.manager.by_id(40)
    # The kernel tells the program of a size only if it is another one.
    desk.manager.resize(session, cols=80, rows=24)
    assert size_of(program.slave) == (80, 24)


def test_a_shell_that_runs_something_is_working(desk: Desk) -> None:
    session, program = desk.running()
    desk.pass_time(STATUS_CHECK_MS)
    # Its terminal's foreground group is not its own process: something else has the keyboard.
    assert session.status is Status.WORKING
    again, _ = desk.running(has_keyboard=True)
    desk.pass_time(STATUS_CHECK_MS)
    assert again.status is Status.IDLE
    assert program.reads() == b""


def test_a_quiet_session_costs_no_timer(desk: Desk) -> None:
    desk.running(has_keyboard=True)
    desk.pass_time(READY_LATEST_MS + STATUS_CHECK_MS)
    assert desk.timers == []


def test_the_status_of_a_command_is_not_guessed(desk: Desk) -> None:
    session, program = desk.running(argv=["claude"], agent="claude")
    program.prints(b"thinking")
    desk.pass_time(READY_LATEST_MS + STATUS_CHECK_MS)
    assert session.status is Status.UNKNOWN


def test_the_end_of_a_program_whose_terminal_stays_open_is_shown_after_a_short_silence(desk: Desk) -> None:
    session, program = desk.running()
    # Some background process keeps the terminal open, so there is no end of file.
    desk.ends(session, program, code=5)
    desk.until(lambda: session.exit)
    assert session.exit.code == 5


def test_shutting_down_lets_go_of_every_terminal(desk: Desk) -> None:
    _, first = desk.running()
    _, second = desk.running()
    desk.close()
    for program in (first, second):
        for fd in program.fds:
            assert not os.path.exists(f"/proc/self/fd/{fd}")
