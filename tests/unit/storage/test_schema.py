"""The tables are the ones the specification names, an interrupted first start is harmless, and each old version goes forward."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from synk.storage.database import Database
from synk.storage.schema import STEPS

TABLES = {
    "meta", "starts", "projects", "tabs", "layouts", "layout_panes", "sessions", "reviews", "review_comments", "review_events",
    "trash", "task_events", "stats", "notifications", "usage", "lines", "durations",
}  # fmt: skip
"""04-persistence.md, section 4."""

EVENT = "INSERT INTO review_events (review, at, event, from_state, to_state) VALUES (?, 1, 'open', '', 'pending')"


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}


def test_every_table_of_the_specification_is_there(tmp_path: Path) -> None:
    Database(tmp_path / "state.db", STEPS).close()
    assert tables(tmp_path / "state.db") - {"sqlite_sequence"} == TABLES


def test_a_file_of_version_zero_goes_forward(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=0")
        connection.execute("VACUUM")
    database = Database(path, STEPS)
    assert database.opened.problem == ""
    database.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(STEPS),)


def test_a_first_step_that_is_interrupted_leaves_a_file_without_tables(tmp_path: Path) -> None:
    path = tmp_path / "state.db"

    def interrupted(connection: sqlite3.Connection) -> None:
        STEPS[0](connection)
        raise sqlite3.OperationalError("interrupted")

    database = Database(path, [interrupted])
    assert "step 0 to 1 failed: interrupted" in database.opened.problem
    database.close()
    assert tables(path) == set()
    Database(path, STEPS).close()
    assert tables(path) >= TABLES


def test_comments_and_events_go_with_their_review(tmp_path: Path) -> None:
    database = Database(tmp_path / "state.db", STEPS)

    def fill(db: sqlite3.Connection) -> None:
        db.execute(
            "INSERT INTO reviews (id, project, branch, base, state, opened_at, updated_at)"
            " VALUES ('r', '/a', 'feat/x', 'main', 'pending', 1, 1)"
        )
        db.execute(EVENT, ("r",))
        db.execute(
            'INSERT INTO review_comments (id, review, author, body, "commit", path, side, created_at)'
            " VALUES ('c', 'r', 'user', 'why?', 'abc', 'a.py', 'new', 1)"
        )
        db.execute("DELETE FROM reviews")

    database.write(fill).result(30)
    for table in ("review_events", "review_comments"):
        query = f"SELECT count(*) FROM {table}"
        assert database.read(lambda db, query=query: db.execute(query).fetchone()[0]) == 0
    with pytest.raises(Exception, match="FOREIGN KEY"):
        database.write(lambda db: db.execute(EVENT, ("nowhere",))).result(30)
    database.close()
