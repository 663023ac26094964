"""When a session is worth a notice, and what it says."""

import pytest

from synk.base.events import Hub, NoticeRaised
from synk.sessions.events import SessionChanged, SessionOpened
from synk.sessions.session import Exit, Session, Status
from synk.sessions.session_notices import SessionNotices
from synk.terminal.emulator import Emulator


class Watched:
    """One session and the notices it led to."""

    def __init__(self) -> None:
        self.hub = Hub(lambda: None)
        self.heard: list[NoticeRaised] = []
        self.hub.subscribe(NoticeRaised, self.heard.append)
        self.session = Session(
            id=7, pane=2, agent="claude", project="/home/user/api", working_dir="/home/user/api",
            emulator=Emulator(cols=80, rows=24, reply=lambda _data: None), status=Status.WORKING, program="claude",
            argv=("/bin/claude",),
        )  # fmt: skip
        SessionNotices(self.hub, by_id=lambda number: self.session if number == 7 else None)
        self.hub.publish(SessionOpened(7, True))
        self.hub.deliver()

    def becomes(self, status: Status, ended: Exit | None = None) -> list[NoticeRaised]:
        """What is said when it becomes this."""
        self.heard.clear()
        self.session.status, self.session.exit = status, ended
        self.hub.publish(SessionChanged(7))
        self.hub.deliver()
        self.hub.deliver()
        return list(self.heard)


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_waiting_is_told_once_with_where_it_is(watched: Watched) -> None:
    [notice] = watched.becomes(Status.WAITING)
    assert (notice.event, notice.level, notice.title) == ("session.waits", "warning", "claude waits for you")
    assert (notice.body, notice.session, notice.project) == ("Pane 2 of api", 7, "/home/user/api")
    assert notice.action == "Go there"
    assert watched.becomes(Status.WAITING) == []
    assert watched.becomes(Status.WORKING) == []
    assert len(watched.becomes(Status.WAITING)) == 1


def test_an_agent_that_fails_or_crashes_is_an_error(watched: Watched) -> None:
    [notice] = watched.becomes(Status.FAILED, Exit(code=7))
    assert (notice.event, notice.level, notice.title) == ("agent.failed", "error", "claude failed: status 7")
    watched.becomes(Status.WORKING)
    [notice] = watched.becomes(Status.FAILED, Exit(signal=11))
    assert notice.title == "claude crashed: signal 11 (SIGSEGV)"


def test_a_shell_that_ends_with_a_status_is_no_failure(watched: Watched) -> None:
    watched.session.argv = ()
    assert watched.becomes(Status.FAILED, Exit(code=1)) == []


def test_finished_unseen_is_told_and_a_good_end_is_not(watched: Watched) -> None:
    watched.session.title = "the fix"
    [notice] = watched.becomes(Status.DONE_UNSEEN)
    assert (notice.event, notice.level, notice.title) == ("agent.finished", "info", "the fix finished")
    assert watched.becomes(Status.ENDED, Exit(code=0)) == []


def test_how_a_session_is_found_is_no_news(watched: Watched) -> None:
    watched.session.status = Status.WAITING
    watched.hub.publish(SessionOpened(7, False))
    watched.hub.publish(SessionChanged(7))
    watched.hub.deliver()
    assert watched.heard == []
