"""A disk that is full or a file that others lock costs one message, and the rest goes on."""

import resource
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from synk.storage import database as module
from synk.storage.database import Database, StorageFailed, copy_database
from synk.storage.layouts import Layout, LayoutPane
from synk.storage.records import Records
from synk.storage.schema import STEPS

PANES = tuple(LayoutPane(pane, "terminal", "/code", note="x" * 9000) for pane in range(1, 13))
LAYOUT = Layout("/code", "big", "named", 1.0, PANES)


@contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """What a full disk is to a write: it fails, and the process goes on."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_refuses_the_change_and_keeps_the_last_one(tmp_path: Path) -> None:
    path, problems = tmp_path / "state.db", []
    database = Database(path, STEPS)
    records = Records(database, on_problem=problems.append)
    records.save_layout(LAYOUT).result(30)
    wal = path.with_name("state.db-wal").stat().st_size
    with files_limited_to(wal + 4096):
        failed = records.save_layout(replace(LAYOUT, saved_at=2.0)).exception(10)
    assert isinstance(failed, StorageFailed)
    assert len(problems) == 1
    assert str(path) in problems[0]
    assert [layout.saved_at for layout in records.layouts()] == [1.0]
    records.save_layout(replace(LAYOUT, saved_at=3.0)).result(30)
    assert [layout.saved_at for layout in records.layouts()] == [3.0]
    database.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_database_that_another_program_locks_is_tried_again_until_it_is_free(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    database = Database(path, STEPS)
    records = Records(database)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = records.save_window({"x": 1})
        assert records.window() == {}
        other.execute("COMMIT")
    waiting.result(30)
    assert records.window() == {"x": 1}
    database.close()


def test_a_database_that_stays_locked_is_told_of_after_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert module.BUSY_MS == 5000
    monkeypatch.setattr(module, "BUSY_MS", 50)
    path, problems = tmp_path / "state.db", []
    database = Database(path, STEPS)
    records = Records(database, on_problem=problems.append)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert isinstance(records.save_window({"x": 1}).exception(30), StorageFailed)
        other.execute("COMMIT")
    assert "locked" in problems[0]
    records.save_window({"x": 2}).result(30)
    assert records.window() == {"x": 2}
    database.close()


def test_closing_gives_up_on_a_database_that_stays_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CLOSE_LIMIT_S", 0.05)
    path = tmp_path / "state.db"
    database = Database(path, STEPS)
    go_on = threading.Event()
    stuck = database.write(lambda _db: go_on.wait(30))
    late = database.write(lambda db: db.execute("SELECT 1").fetchone()[0])
    database.close()
    assert not late.done()
    go_on.set()
    stuck.result(30)
    assert late.result(30) == 1


def test_readers_in_memory_never_meet_a_lock_of_the_writer() -> None:
    database = Database(None, STEPS)
    records = Records(database)
    for number in range(200):
        done = records.save_window({"x": number})
        records.window()
    done.result(10)
    assert records.window() == {"x": 199}
    database.close()


def test_a_damaged_table_costs_its_own_rows_and_is_told_with_both_paths(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    database = Database(path, STEPS)
    records = Records(database)
    records.save_layout(LAYOUT)
    records.add_line("/new").result(30)
    database.close()
    with closing(sqlite3.connect(path)) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'lines'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    data = bytearray(path.read_bytes())
    data[(root - 1) * size : root * size] = b"\xff" * size
    path.write_bytes(data)
    database = Database(path, STEPS)
    (damaged,) = tmp_path.glob("state.db.damaged-*")
    assert str(path) in database.opened.problem
    assert str(damaged) in database.opened.problem
    records = Records(database)
    assert records.layouts() == [LAYOUT]
    assert records.lines() == []
    records.add_line("/new").result(30)
    assert records.lines() == ["/new"]
    database.close()


def test_what_is_only_in_the_log_of_a_damaged_file_is_kept_too(tmp_path: Path) -> None:
    path, kept = tmp_path / "state.db", tmp_path / "kept"
    kept.mkdir()
    database = Database(path, STEPS)
    records = Records(database)
    records.add_line("/new").result(30)
    database.write(lambda db: db.execute("SELECT 1")).result(30)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(FULL)")
        root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'lines'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    records.save_layout(LAYOUT).result(30)
    # As a kill leaves them: the layout is in the log alone.
    for suffix in ("", "-wal"):
        (kept / f"state.db{suffix}").write_bytes(path.with_name(f"state.db{suffix}").read_bytes())
    database.close()
    again = kept / "state.db"
    data = bytearray(again.read_bytes())
    data[(root - 1) * size : root * size] = b"\xff" * size
    again.write_bytes(data)
    database = Database(again, STEPS)
    assert "was damaged" in database.opened.problem
    assert Records(database).layouts() == [LAYOUT]
    database.close()


def test_a_copy_is_consistent_while_a_window_writes(tmp_path: Path) -> None:
    path, copy = tmp_path / "state.db", tmp_path / "copy.db"
    database = Database(path, STEPS)
    records = Records(database)
    records.save_layout(LAYOUT).result(30)
    copy_database(path, copy)
    database.close()
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM layout_panes").fetchone() == (12,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert not copy.with_name("copy.db-wal").exists()


def test_a_copy_of_nothing_fails_and_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(StorageFailed, match="cannot be copied"):
        copy_database(tmp_path / "state.db", tmp_path / "copy.db")
    assert not (tmp_path / "state.db").exists()
