"""The database opens whatever it finds, loses nothing it said is written, and goes forward through its versions."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from synk.storage.database import Database, StorageFailed
from synk.storage.salvage import salvage


def first(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")


def second(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE notes ADD COLUMN color TEXT NOT NULL DEFAULT 'grey'")


def failing(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM notes")
    connection.execute("SELECT * FROM nowhere")


def note(database: Database, text: str) -> None:
    database.write(lambda db: db.execute("INSERT INTO notes (text) VALUES (?)", (text,))).result(30)


def notes(database: Database) -> list[str]:
    return [row["text"] for row in database.read(lambda db: db.execute("SELECT text FROM notes ORDER BY id").fetchall())]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "state.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    opened = Database(path, [first])
    yield opened
    opened.close()


def test_what_was_written_is_there_after_the_next_start(path: Path) -> None:
    with closing(Database(path, [first])) as database:
        note(database, "one")
    with closing(Database(path, [first])) as database:
        assert notes(database) == ["one"]
        assert database.opened.problem == ""
    assert path.stat().st_mode & 0o777 == 0o600


def test_another_thread_reads_what_was_committed(database: Database) -> None:
    note(database, "one")
    assert notes(database) == ["one"]


def test_the_connection_of_a_thread_goes_with_the_thread(database: Database, path: Path) -> None:
    note(database, "one")

    def count_open() -> int:
        return sum(os.path.realpath(f"/proc/self/fd/{fd}") == str(path) for fd in os.listdir("/proc/self/fd"))

    before = count_open()
    for _ in range(5):
        reader = threading.Thread(target=notes, args=(database,))
        reader.start()
        reader.join()
    # SQLite keeps one for the next, because to close it would drop the locks of the writer (its "howtocorrupt", 2.2).
    assert count_open() <= before + 1


def test_a_change_that_fails_leaves_nothing_behind_and_the_next_one_works(database: Database) -> None:
    def broken(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO notes (text) VALUES ('half')")
        db.execute("INSERT INTO notes (text) VALUES (NULL)")

    with pytest.raises(StorageFailed, match="could not be written"):
        database.write(broken).result(30)
    with pytest.raises(ZeroDivisionError):
        database.write(lambda _db: 1 // 0).result(30)
    note(database, "after")
    assert notes(database) == ["after"]


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(StorageFailed, match="readonly"):
        database.read(lambda db: db.execute("DELETE FROM notes"))


def test_a_durable_change_is_synced_and_the_next_one_is_not(database: Database) -> None:
    level = database.write(lambda db: db.execute("PRAGMA synchronous").fetchone()[0], is_durable=True).result(30)
    assert level == 2
    assert database.write(lambda db: db.execute("PRAGMA synchronous").fetchone()[0]).result(30) == 1


def test_nothing_is_written_after_the_end(path: Path) -> None:
    database = Database(path, [first])
    database.close()
    with pytest.raises(StorageFailed, match="closed"):
        database.write(first).result(30)


def test_an_older_file_goes_forward_and_a_copy_of_it_stays(path: Path) -> None:
    with closing(Database(path, [first])) as database:
        note(database, "old")
    with closing(Database(path, [first, second])) as database:
        assert database.read(lambda db: db.execute("SELECT text, color FROM notes").fetchone()[:]) == ("old", "grey")
    with closing(sqlite3.connect(path.with_name("state.db.before-1"))) as copy:
        assert copy.execute("SELECT text FROM notes").fetchall() == [("old",)]
        assert copy.execute("PRAGMA user_version").fetchone() == (1,)


def test_a_step_that_fails_leaves_the_file_as_it_was_before_all_steps(path: Path) -> None:
    with closing(Database(path, [first])) as database:
        note(database, "old")
    with closing(Database(path, [first, second, failing])) as database:
        assert "step 2 to 3 failed: no such table: nowhere" in database.opened.problem
        assert not database.opened.is_stored
    with closing(Database(path, [first])) as database:
        assert notes(database) == ["old"]


def test_the_last_three_copies_are_kept(path: Path) -> None:
    path.parent.mkdir()
    for number in range(5):
        copy = path.with_name(f"state.db.before-{90 + number}")
        copy.write_text("")
        os.utime(copy, (number, number))
    Database(path, [first]).close()
    Database(path, [first, second]).close()
    assert sorted(each.name for each in path.parent.glob("*.before-*")) == [
        "state.db.before-1", "state.db.before-93", "state.db.before-94"
    ]  # fmt: skip


def test_a_file_of_a_newer_version_is_left_untouched(path: Path) -> None:
    Database(path, [first, second]).close()
    before = path.read_bytes()
    with closing(Database(path, [first])) as database:
        assert "newer Synk (version 2, this one knows 1)" in database.opened.problem
        note(database, "in memory")
        assert notes(database) == ["in memory"]
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_kept_under_another_name(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database" * 100)
    with closing(Database(path, [first], now=lambda: 0.0)) as database:
        assert "was damaged: 0 rows" in database.opened.problem
        note(database, "new")
    (damaged,) = path.parent.glob("state.db.damaged-*")
    assert damaged.read_bytes().startswith(b"this is no database")
    assert str(damaged) in database.opened.problem


def test_rows_of_a_damaged_file_that_can_be_read_are_kept(path: Path) -> None:
    with closing(Database(path, [first])) as database:
        note(database, "one")
        note(database, "two")
    with closing(sqlite3.connect(path)) as connection:
        # Rows are found through the table's root page; a second table whose root is damaged must not take it along.
        connection.execute("CREATE TABLE other (id INTEGER)")
        root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name='other'").fetchone()[0]
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(path.read_bytes())
    data[(root - 1) * 4096 : root * 4096] = b"\xff" * 4096
    path.write_bytes(data)
    target = sqlite3.connect(":memory:")
    with closing(target):
        first(target)
        target.execute("CREATE TABLE other (id INTEGER)")
        assert salvage(path, target) == 2
        assert target.execute("SELECT text FROM notes ORDER BY id").fetchall() == [("one",), ("two",)]


def test_a_folder_that_cannot_be_made_costs_memory_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with closing(Database(tmp_path / "file" / "state.db", [first])) as database:
        assert "Nothing is remembered this time" in database.opened.problem
        note(database, "kept for now")
        assert notes(database) == ["kept for now"]


def test_a_backup_is_a_whole_database(database: Database, tmp_path: Path) -> None:
    note(database, "one")
    database.backup(tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT text FROM notes").fetchall() == [("one",)]


WRITER = """
import sys
from pathlib import Path
from synk.storage.database import Database

def first(connection):
    connection.execute("CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")

database = Database(Path(sys.argv[1]), [first])
number = int(sys.argv[2])
while True:
    database.write(lambda db: db.execute("INSERT INTO notes VALUES (?, ?)", (number, "x" * 500))).result()
    print(number, flush=True)
    number += 1
"""


def test_a_writer_killed_at_any_moment_has_lost_no_row_it_told_of(path: Path) -> None:
    told = 0
    for kill in range(8):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(told + 1)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            for _ in range(3 + 7 * kill):
                told = int(writer.stdout.readline())
            writer.kill()
            rest = writer.stdout.read().split()
            told = int(rest[-1]) if rest else told
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            stored = connection.execute("SELECT count(*), max(id) FROM notes").fetchone()
        assert stored[0] == stored[1] >= told
        told = stored[1]
