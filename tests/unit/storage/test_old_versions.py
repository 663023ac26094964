"""A stored file of each old version opens today, and everything in it is there.

`tests/data/records/version-N.sql` is what a Synk of that version wrote, as SQL: it is never changed, only added to by newer ones.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from synk.storage.database import BUSY_MS, Database
from synk.storage.layouts import Layout, LayoutPane
from synk.storage.notices import NotificationRecord
from synk.storage.projects import ProjectRecord, TabRecord
from synk.storage.records import Records
from synk.storage.schema import STEPS
from synk.storage.starts import StartRecord

STORED = Path(__file__).parents[2] / "data" / "records"
AT = 1795176000.0
PANE = LayoutPane(
    3, "claude", "/home/ada/api", session=17, model="opus", provider="anthropic", title="Fix login", note="n",
    branch="feat/login", isolation="worktree", worktree="/home/ada/wt", base="main", skills=("review",), mcp_servers=("files",),
    variables={"LEVEL": "2", "API_KEY": None}, argv=("htop",), agent_session="b1c2",
)  # fmt: skip


@pytest.fixture(params=range(1, len(STEPS) + 1))
def records(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Records]:
    """The records of a version, opened by this program."""
    path = tmp_path / "state.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((STORED / f"version-{request.param}.sql").read_text(encoding="utf-8"))
    opened = Records(Database(path, STEPS), now=lambda: AT)
    assert (opened.problem, opened.is_stored) == ("", True)
    yield opened
    opened.close()


def test_every_field_of_every_table_that_is_read_is_as_it_was_written(records: Records) -> None:
    assert records.tabs() == [
        TabRecord("/home/ada/api", False, {"sidebar.folded": ["skills"]}), TabRecord("/home/ada/web", True)
    ]  # fmt: skip
    assert records.window() == {"x": 10, "y": 20, "width": 1280, "height": 800, "is_maximized": False}
    assert sorted(records.recent_projects(), key=lambda project: project.path) == [
        ProjectRecord("/home/ada/api", "api-03aad5fb", "api", "manual", AT),
        ProjectRecord("/home/ada/web", "web-79a78d3b", "web", "manual", AT),
    ]
    mine = Layout(
        "/home/ada/api", "mine", "named", AT, (LayoutPane(1, "terminal", "/home/ada/api"), PANE),
        cols=2, rows=1, selected=3, tasks=({"id": "t1", "title": "Fix"},),
    )  # fmt: skip
    start = int(AT * 1_000_000)
    last = Layout(
        "/home/ada/web", "autosave", "autosave", AT, (LayoutPane(1, "terminal", "/home/ada/web"),), start=start
    )  # fmt: skip
    assert records.layouts() == [mine, last]
    assert records.crashed_starts(lambda _start: False) == [StartRecord(start, AT, 4711, "0c5a1a53-boot", "0.1.0")]
    assert records.notifications() == [
        NotificationRecord(1, "session.waits", "warning", "api waits", "for you", 17, "/home/ada/api", AT, 2)
    ]
    assert records.lines() == ["/send @all echo it's here; really"]
    totals = records.totals("/home/ada/api")
    assert (totals.sessions, totals.tasks_done, totals.cost_usd, totals.most_used_agent) == (1, 1, 0.25, "claude")


def test_a_file_that_another_program_keeps_locked_costs_memory_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert BUSY_MS == 5000
    monkeypatch.setattr("synk.storage.database.BUSY_MS", 50)
    path = tmp_path / "state.db"
    Database(path, STEPS).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        database = Database(path, STEPS)
        assert "database is locked. Nothing is remembered this time." in database.opened.problem
        database.close()
