"""Sessions are written down as they begin and end, with the time they worked."""

from typing import Any

import pytest

from synk.app.records import SessionLog
from synk.base.events import Hub
from synk.sessions.events import SessionChanged
from synk.sessions.session import Exit, Session, Status
from synk.storage.statistics import SessionRecord
from tests.gui.fakes import FakeManager


class Log:
    """What was written down."""

    def __init__(self) -> None:
        self.opened: list[SessionRecord] = []
        self.ended: list[tuple[int, int | None, int | None, float]] = []

    def session_opened(self, session: SessionRecord) -> None:
        self.opened.append(session)

    def session_ended(
        self, session: int, *, code: int | None = None, signal: int | None = None, worked_s: float = 0.0
    ) -> None:
        self.ended.append((session, code, signal, worked_s))


class Desk:
    def __init__(self) -> None:
        self.hub = Hub(lambda: None)
        self.manager = FakeManager(self.hub)
        self.now = 100.0
        self.log = Log()
        records: Any = self.log
        self.sessions = SessionLog(records, self.hub, self.manager.by_id, now=lambda: self.now)

    def open(self, **arguments: Any) -> Session:
        session = self.manager.create(**arguments)
        self.hub.deliver()
        return session

    def becomes(self, session: Session, status: Status, ended: Exit | None = None) -> None:
        session.status, session.exit = status, ended
        self.hub.publish(SessionChanged(session.id))
        self.hub.deliver()


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_session_is_written_down_with_its_project_agent_and_start(desk: Desk) -> None:
    session = desk.open(agent="claude", project="/a")
    assert desk.log.opened == [SessionRecord(session.id, "/a", "claude", 100.0)]


def test_an_end_is_written_once_with_its_status_and_the_time_worked(desk: Desk) -> None:
    session = desk.open()
    for status, at in ((Status.WORKING, 110.0), (Status.WORKING, 115.0), (Status.IDLE, 120.0), (Status.WORKING, 200.0)):
        desk.now = at
        desk.becomes(session, status)
    desk.now = 205.0
    desk.becomes(session, Status.FAILED, Exit(code=3))
    desk.becomes(session, Status.FAILED, Exit(code=3))
    desk.manager.close(session)
    desk.hub.deliver()
    assert desk.log.ended == [(session.id, 3, None, 15.0)]


def test_a_restarted_session_ends_a_second_time_with_its_own_time(desk: Desk) -> None:
    session = desk.open()
    desk.becomes(session, Status.WORKING)
    desk.now = 110.0
    desk.becomes(session, Status.ENDED, Exit(code=0))
    desk.becomes(session, Status.WORKING)
    desk.now = 113.0
    desk.becomes(session, Status.FAILED, Exit(signal=9))
    assert desk.log.ended == [(session.id, 0, None, 10.0), (session.id, None, 9, 3.0)]


def test_what_runs_when_it_is_closed_or_the_window_ends_has_an_end_without_a_status(desk: Desk) -> None:
    closed, running = desk.open(), desk.open()
    desk.becomes(running, Status.WORKING)
    desk.manager.close(closed)
    desk.hub.deliver()
    desk.now = 104.0
    desk.sessions.close()
    desk.sessions.close()
    assert desk.log.ended == [(closed.id, None, None, 0.0), (running.id, None, None, 4.0)]
