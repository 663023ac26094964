"""What a session knows of its shell's directory and commands."""

from typing import Any as Desk

import pytest

from synk.sessions.session import Session
from synk.sessions.shell_reports import forget_reports, take_report
from synk.terminal.emulator import Emulator
from synk.terminal.events import BellRang, DirectoryChanged, PromptMarked


@pytest.fixture
def session() -> Session:
    return Session(1, 1, "terminal", "/work", "/work", Emulator(cols=80, rows=24, reply=lambda _data: None))


@pytest.mark.parametrize("host", ["", "localhost", "box", "BOX"])
def test_directory_on_this_machine_is_known(session: Session, host: str) -> None:
    assert take_report(session, DirectoryChanged(host, "/usr"), machine="Box")
    assert session.current_dir == "/usr"
    assert not take_report(session, DirectoryChanged(host, "/usr"), machine="Box")


def test_directory_on_another_machine_is_not_taken_for_one_here(session: Session) -> None:
    take_report(session, DirectoryChanged("", "/usr"), machine="box")
    assert not take_report(session, DirectoryChanged("far.example", "/etc"), machine="box")
    assert session.current_dir == "/usr"


def test_directory_that_cannot_be_told_is_not_known(session: Session) -> None:
    take_report(session, DirectoryChanged("", "/usr"), machine="box")
    assert take_report(session, DirectoryChanged("", ""), machine="box")
    assert session.current_dir is None


def test_status_is_that_of_commands_and_not_of_lines_without_one(session: Session) -> None:
    def tell(*reports: PromptMarked) -> list[bool]:
        return [take_report(session, report, machine="box") for report in reports]

    assert tell(PromptMarked("end", 0), PromptMarked("prompt"), PromptMarked("command")) == [False, False, False]
    assert (session.last_exit, session.commands_ended) == (None, 0)
    assert tell(PromptMarked("output")) == [False]
    assert session.is_command_running
    assert tell(PromptMarked("end", 3), PromptMarked("end", 130)) == [True, False]
    assert (session.last_exit, session.commands_ended, session.is_command_running) == (3, 1, False)
    assert tell(PromptMarked("output"), PromptMarked("end")) == [False, True]
    assert (session.last_exit, session.commands_ended) == (None, 2)


def test_other_reports_say_nothing(session: Session) -> None:
    assert not take_report(session, BellRang(), machine="box")


def test_a_new_program_starts_without_the_reports_of_the_old_one(session: Session) -> None:
    for report in (DirectoryChanged("", "/usr"), PromptMarked("output"), PromptMarked("end", 3), PromptMarked("output")):
        take_report(session, report, machine="box")
    forget_reports(session)
    assert (session.current_dir, session.last_exit, session.is_command_running) == (None, None, False)


def test_session_changes_when_its_program_tells_where_it_is(desk: Desk) -> None:
    session = desk.create()
    program = desk.program()
    desk.answer(desk.start_of(session), program)
    program.prints(b"\x1b]7;file:///usr\a\x1b]133;C\a\x1b]133;D;3\a$ ")
    desk.until(lambda: session.last_exit == 3)
    assert session.current_dir == "/usr"
    desk.manager.restart(session)
    assert (session.current_dir, session.last_exit) == (None, None)
