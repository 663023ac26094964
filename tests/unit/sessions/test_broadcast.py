"""Broadcast: who gets what is typed, and what ends it."""

from synk.sessions.broadcast import Broadcast
from synk.sessions.session import Exit, Session
from synk.terminal.emulator import Emulator


def session(pane: int, project: str = "/p") -> Session:
    emulator = Emulator(cols=20, rows=4, reply=lambda _data: None)
    return Session(id=pane, pane=pane, agent="terminal", project=project, working_dir=project, emulator=emulator)


def test_the_set_is_fixed_until_it_is_switched_off() -> None:
    broadcast, sessions = Broadcast(), [session(1), session(2)]
    assert broadcast.start(sessions)
    sessions.append(session(3))
    assert not broadcast.follow(sessions, "/p")
    assert [each.pane for each in broadcast.targets] == [1, 2]
    assert broadcast.stop()
    assert (broadcast.is_on, broadcast.stop()) == (False, False)


def test_ended_and_closed_sessions_drop_out_and_the_last_one_ends_it() -> None:
    broadcast, sessions = Broadcast(), [session(1), session(2), session(3)]
    broadcast.start(sessions)
    sessions[0].exit = Exit(code=0)
    assert [each.pane for each in broadcast.targets] == [2, 3]
    assert sessions[0] not in broadcast
    assert broadcast.follow(sessions, "/p")
    assert not broadcast.follow(sessions, "/p")
    sessions[0].exit = None  # started again in the same pane: it stays out
    assert broadcast.follow(sessions[:2], "/p")
    assert [each.pane for each in broadcast.targets] == [2]
    broadcast.follow([], "/p")
    assert not broadcast.is_on


def test_another_project_in_front_ends_it() -> None:
    broadcast, sessions = Broadcast(), [session(1)]
    broadcast.start(sessions)
    assert broadcast.follow(sessions, "/other")
    assert not broadcast.is_on


def test_without_a_live_session_nothing_begins_and_what_was_on_stays() -> None:
    broadcast, live, ended = Broadcast(), session(1), session(2)
    ended.exit = Exit(code=0)
    broadcast.start([live])
    assert not broadcast.start([ended])
    assert list(broadcast.targets) == [live]
    assert broadcast.start([live, ended])
    assert list(broadcast.targets) == [live]
