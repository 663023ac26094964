"""Notices between the window, the settings and the database."""

import pytest

from synk.app.notifying import KeptNotices, notice_of, notice_options, record_of
from synk.base.events import NoticeRaised
from synk.sessions.notices import NOTICE_KINDS, Notice, Notices
from synk.settings.schema import Notifications
from synk.storage.database import Database
from synk.storage.notices import NotificationRecord
from synk.storage.records import Records
from synk.storage.schema import STEPS


@pytest.mark.parametrize("project", ["/home/user/api", None])
def test_a_notice_comes_back_from_the_database_as_it_was(project: str | None) -> None:
    notice = Notice(
        id=7, event="session.waits", level="warning", title="a", body="b", session=3, project=project, at=1.5, count=2,
        is_read=True,
    )  # fmt: skip
    assert notice_of(record_of(notice)) == notice


def test_a_level_of_another_version_is_that_of_its_kind() -> None:
    record = NotificationRecord(id=1, event="agent.failed", level="fatal", title="a")
    assert notice_of(record).level == "error"
    assert notice_of(NotificationRecord(id=1, event="new.kind", level="fatal", title="a")).level == "info"


def test_every_switch_of_the_settings_reaches_the_board() -> None:
    for kind in NOTICE_KINDS:
        options = notice_options(Notifications(**{kind.setting: not kind.is_on}))
        assert [other.id for other in NOTICE_KINDS if options.is_on(other.id) != other.is_on] == [kind.id]
    assert notice_options(Notifications()).is_on("")
    assert not notice_options(Notifications(desktop=False)).to_desktop


def test_the_history_of_one_window_is_that_of_the_next() -> None:
    now = [1_700_000_000.0]
    records = Records(Database(None, STEPS), now=lambda: now[0])
    try:
        notices = Notices(KeptNotices(records), now=lambda: now[0])
        waits = NoticeRaised("warning", "claude waits", session=3, event="session.waits")
        for raised in (waits, NoticeRaised("info", "news"), waits):
            now[0] += 1
            notices.add(raised, project="/p")
        records.save_window({}).result(30)
        kept = Notices(now=lambda: now[0])
        kept.load([notice_of(record) for record in records.notifications()])
        assert list(kept.entries) == list(notices.entries)
        assert [(notice.title, notice.count) for notice in kept.entries] == [("claude waits", 2), ("news", 1)]
        notices.mark_read()
        records.save_window({}).result(30)
        assert all(record.read for record in records.notifications())
        notices.clear()
        records.save_window({}).result(30)
        assert records.notifications() == []
    finally:
        records.close()
