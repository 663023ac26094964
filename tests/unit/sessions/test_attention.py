"""Who needs the user: counts, and the order in which Space goes."""

import pytest

from synk.sessions.attention import Attention, attention_of, in_turn, next_in_turn
from synk.sessions.session import Session, Status
from synk.terminal.emulator import Emulator

HERE, THERE = "/here", "/there"


def session(number: int, status: Status, *, since: float = 0.0, project: str = HERE) -> Session:
    emulator = Emulator(cols=20, rows=4, reply=lambda _data: None)
    return Session(
        id=number, pane=number, agent="claude", project=project, working_dir=project, emulator=emulator,
        status=status, status_since=since,
    )  # fmt: skip


def ids(sessions: list[Session], project: str | None = HERE) -> list[int]:
    return [each.id for each in in_turn(sessions, project)]


def test_only_waiting_failed_and_done_unseen_need_the_user() -> None:
    sessions = [session(number, status) for number, status in enumerate(Status, start=1)]
    assert {each.status for each in in_turn(sessions, HERE)} == {Status.WAITING, Status.FAILED, Status.DONE_UNSEEN}
    assert attention_of(sessions) == Attention(waiting=1, failed=1, done=1)


def test_counts_are_told_in_words() -> None:
    assert Attention(waiting=2, done=1).text == "2 waiting, 1 done"
    assert (Attention().text, Attention(failed=3).total) == ("", 3)


def test_who_waits_longest_comes_first() -> None:
    assert ids([session(1, Status.WAITING, since=30), session(2, Status.WAITING, since=10)]) == [2, 1]


def test_this_project_comes_before_others_within_a_kind_only() -> None:
    sessions = [
        session(1, Status.WAITING, since=1, project=THERE),
        session(2, Status.WAITING, since=9),
        session(3, Status.DONE_UNSEEN, since=1),
        session(4, Status.FAILED, since=1, project=THERE),
        session(5, Status.FAILED, since=9),
    ]
    assert ids(sessions) == [2, 1, 5, 4, 3]
    assert ids(sessions, THERE) == [1, 2, 4, 5, 3]


@pytest.mark.parametrize(("selected", "forward", "back"), [(1, 2, 3), (2, 3, 1), (3, 1, 2), (4, 1, 3), (None, 1, 3)])
def test_the_walk_wraps_and_begins_with_the_most_urgent(selected: int | None, forward: int, back: int) -> None:
    sessions = [
        session(1, Status.WAITING), session(2, Status.FAILED), session(3, Status.DONE_UNSEEN), session(4, Status.IDLE),
    ]  # fmt: skip
    start = next((each for each in sessions if each.id == selected), None)
    found = [next_in_turn(sessions, HERE, start, step) for step in (1, -1)]
    assert [each and each.id for each in found] == [forward, back]


def test_nobody_needs_the_user() -> None:
    assert next_in_turn([session(1, Status.IDLE)], HERE, None, 1) is None


def test_a_status_knows_since_when_and_taking_it_again_changes_nothing() -> None:
    one = session(1, Status.IDLE)
    assert one.become(Status.WAITING, 50.0)
    assert not one.become(Status.WAITING, 60.0)
    assert (one.status, one.status_since) == (Status.WAITING, 50.0)
