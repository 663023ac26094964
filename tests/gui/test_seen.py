"""When a session that is done counts as seen: after a second in which it was looked at without a break."""

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from synk.sessions.attention import SEEN_AFTER_S
from synk.sessions.session import Session, Status
from synk.terminal.emulator import Emulator
from synk.ui.seen import Seen


def session(number: int, status: Status = Status.DONE_UNSEEN) -> Session:
    emulator = Emulator(cols=20, rows=4, reply=lambda _data: None)
    return Session(
        id=number, pane=number, agent="claude", project="/p", working_dir="/p", emulator=emulator, status=status
    )  # fmt: skip


class Eye:
    """What was looked at and what was seen."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self._owner = QObject()
        self.watcher = Seen(lambda session: self.seen.append(session.id), self._owner)
        self.look = self.watcher.look


@pytest.fixture
def eye(qapp: QObject) -> Eye:
    assert qapp is not None
    return Eye()


def test_what_is_looked_at_for_a_second_is_seen_once(eye: Eye, qtbot: QtBot) -> None:
    done = session(1)
    eye.look(done)
    eye.look(done)
    assert eye.seen == []
    qtbot.waitUntil(lambda: eye.seen == [1], timeout=30_000)
    assert SEEN_AFTER_S == 1.0


def test_looking_away_begins_the_second_anew(eye: Eye, qtbot: QtBot) -> None:
    first, second = session(1), session(2)
    eye.look(first)
    eye.look(second)
    qtbot.waitUntil(lambda: eye.seen == [2], timeout=30_000)
    eye.look(first)
    eye.look(None)
    eye.look(first)
    qtbot.waitUntil(lambda: eye.seen == [2, 1], timeout=30_000)


def test_what_is_not_done_any_more_is_not_seen(eye: Eye, qtbot: QtBot) -> None:
    working, after = session(1), session(2)
    eye.look(working)
    working.status = Status.WORKING
    qtbot.waitUntil(lambda: not eye.watcher.is_waiting, timeout=30_000)
    eye.look(after)
    qtbot.waitUntil(lambda: eye.seen == [2], timeout=30_000)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.DONE_UNSEEN])
def test_other_statuses_need_no_look(eye: Eye, status: Status) -> None:
    eye.look(session(1, status))
    assert not eye.watcher.is_waiting
