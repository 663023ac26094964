"""Records are opened with this start noted, what is wrong is told, and an earlier start counts as gone when its process is."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from synk.app.records import boot_id, is_running, open_records
from synk.base.events import Event, NoticeRaised
from synk.storage.starts import StartRecord


@pytest.fixture
def notices() -> list[Event]:
    return []


def test_each_start_is_noted_and_an_unclean_one_is_found_by_the_next(tmp_path: Path, notices: list[Event]) -> None:
    first = open_records(tmp_path, "1.0", notices.append)
    first.close()
    second = open_records(tmp_path, "1.0", notices.append)
    assert [start.id for start in second.crashed_starts(is_running)] == [first.start]
    second.end_start(second.start)
    second.dismiss_start(first.start)
    second.close()
    third = open_records(tmp_path, "1.0", notices.append)
    assert third.crashed_starts(is_running) == []
    third.close()
    assert notices == []


def test_a_safe_start_touches_no_file(tmp_path: Path, notices: list[Event]) -> None:
    open_records(None, "1.0", notices.append).close()
    assert list(tmp_path.iterdir()) == []
    assert notices == []


def test_a_data_folder_that_cannot_be_used_is_told_and_synk_goes_on(tmp_path: Path, notices: list[Event]) -> None:
    (tmp_path / "data").write_text("")
    records = open_records(tmp_path / "data", "1.0", notices.append)
    records.save_window({"x": 1}).result(30)
    records.close()
    (told,) = notices
    assert isinstance(told, NoticeRaised)
    assert told.level == "error"
    assert f"{tmp_path}/data/state.db cannot be used" in told.title


RUNNING = StartRecord(1, time.time(), os.getppid(), boot_id())


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (RUNNING, True),
        (replace(RUNNING, boot_id="another"), False),
        (replace(RUNNING, pid=os.getpid()), False),
        (replace(RUNNING, pid=2**22 + 5), False),
        (replace(RUNNING, started_at=1.0), False),
    ],
    ids=["runs", "before the machine was started", "the number is ours now", "gone", "the number is another's now"],
)
def test_an_earlier_start_runs_if_its_very_process_does(start: StartRecord, expected: bool) -> None:
    assert is_running(start) is expected
