"""The history of notices: what is one entry, how many are kept, and what is unread."""

from typing import Any

import pytest

from synk.base.events import NoticeRaised
from synk.sessions.notices import KEPT_S, MOST_KEPT, NOTICE_KINDS, SAME_WITHIN_S, Notice, Notices, kind_of
from synk.settings.schema import all_settings

WAITS = NoticeRaised("warning", "claude waits for you", session=3, event="session.waits")


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now_s


class Store:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []

    def add(self, notice: Notice) -> None:
        self.calls.append(("add", notice))

    def change(self, notice: Notice) -> None:
        self.calls.append(("change", notice))

    def mark_read(self) -> None:
        self.calls.append(("mark_read", None))

    def clear(self) -> None:
        self.calls.append(("clear", None))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def notices(clock: Clock, store: Store) -> Notices:
    return Notices(store, now=clock)


def test_the_newest_is_first_and_all_are_unread_until_the_history_is_looked_at(notices: Notices, store: Store) -> None:
    for number in range(3):
        notices.add(NoticeRaised("info", f"news {number}"), project="/p")
    assert [notice.title for notice in notices.entries] == ["news 2", "news 1", "news 0"]
    assert notices.unread == 3
    assert notices.mark_read()
    assert notices.unread == 0
    assert not notices.mark_read()
    assert [name for name, _ in store.calls] == ["add", "add", "add", "mark_read"]


def test_the_same_event_of_one_session_within_ten_seconds_is_one_entry_counted(
    notices: Notices, clock: Clock, store: Store
) -> None:
    first = notices.add(WAITS, project="/p")
    clock.now_s += SAME_WITHIN_S - 1
    again = notices.add(NoticeRaised("warning", "another question", session=3, event="session.waits"), project="/p")
    assert (again.id, again.count, again.title) == (first.id, 2, "another question")
    assert len(notices.entries) == 1
    clock.now_s += SAME_WITHIN_S
    assert notices.add(WAITS, project="/p").count == 1
    assert [name for name, _ in store.calls] == ["add", "change", "add"]


def test_another_session_or_another_event_is_another_entry(notices: Notices) -> None:
    notices.add(WAITS, project="/p")
    notices.add(NoticeRaised("warning", WAITS.title, session=4, event="session.waits"), project="/p")
    notices.add(NoticeRaised("error", "it failed", session=3, event="agent.failed"), project="/p")
    assert [notice.count for notice in notices.entries] == [1, 1, 1]


def test_messages_without_a_kind_are_the_same_only_word_for_word(notices: Notices) -> None:
    notices.add(NoticeRaised("error", "Cannot write a.txt"), project=None)
    notices.add(NoticeRaised("error", "Cannot write b.txt"), project=None)
    notices.add(NoticeRaised("error", "Cannot write a.txt"), project=None)
    assert [(notice.title, notice.count) for notice in notices.entries] == [("Cannot write a.txt", 2), ("Cannot write b.txt", 1)]


def test_what_happens_again_after_it_was_read_is_unread(notices: Notices) -> None:
    notices.add(WAITS, project="/p")
    notices.mark_read()
    notices.add(WAITS, project="/p")
    assert notices.unread == 1


def test_five_hundred_are_kept_and_none_older_than_thirty_days(notices: Notices, clock: Clock) -> None:
    for number in range(MOST_KEPT + 1):
        notices.add(NoticeRaised("info", f"news {number}"), project=None)
    assert len(notices.entries) == 500
    assert notices.entries[-1].title == "news 1"
    clock.now_s += KEPT_S
    notices.add(NoticeRaised("info", "a month later"), project=None)
    assert [notice.title for notice in notices.entries] == ["a month later"]


def test_what_an_earlier_window_left_stands_below_what_came_meanwhile(notices: Notices, clock: Clock) -> None:
    def left(id: int, at: float) -> Notice:
        return Notice(id=id, event="", level="info", title=f"old {id}", body="", session=None, project=None, at=at)

    notices.add(NoticeRaised("info", "new"), project=None)
    notices.load([left(1, clock.now_s - 50), left(2, clock.now_s - 100), left(3, clock.now_s - KEPT_S - 1)])
    assert [notice.title for notice in notices.entries] == ["new", "old 1", "old 2"]


def test_numbers_ascend_also_when_the_clock_goes_back(notices: Notices, clock: Clock) -> None:
    first = notices.add(NoticeRaised("info", "first"), project=None)
    clock.now_s -= 3600
    assert notices.add(NoticeRaised("info", "second"), project=None).id > first.id


def test_cleared_is_gone(notices: Notices, store: Store) -> None:
    notices.add(WAITS, project="/p")
    notices.clear()
    assert (list(notices.entries), notices.unread) == ([], 0)
    assert store.calls[-1] == ("clear", None)


def test_kinds_have_ids_and_settings_of_their_own() -> None:
    assert len({kind.id for kind in NOTICE_KINDS}) == len(NOTICE_KINDS)
    assert all(kind.setting.isidentifier() and kind_of(kind.id) is kind for kind in NOTICE_KINDS)
    assert kind_of("") is None


def test_every_kind_has_its_switch_in_the_settings() -> None:
    switches = {setting.key: setting for setting in all_settings() if setting.group == "notifications"}
    assert {kind.setting: kind.is_on for kind in NOTICE_KINDS} == {
        key: setting.default for key, setting in switches.items() if setting.kind == "switch" and key != "desktop"
    }
