"""Starts of the program: how the next one knows that the last one did not end by itself; rows of `starts`."""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StartRecord:
    """One start of the window."""

    id: int
    """Its time in microseconds: known without asking the database."""
    started_at: float
    pid: int
    boot_id: str
    """The kernel's `random/boot_id`: a pid means nothing after the machine was started again."""
    version: str = ""
    ended_at: float | None = None
    clean: bool = False
    """It ended as the user wanted."""


def put_start(connection: sqlite3.Connection, start: StartRecord) -> None:
    """Note that the program runs."""
    connection.execute(
        "INSERT INTO starts (id, started_at, pid, boot_id, version) VALUES (?, ?, ?, ?, ?)",
        (start.id, start.started_at, start.pid, start.boot_id, start.version),
    )


def put_end(connection: sqlite3.Connection, start: int, at: float) -> None:
    """Note that it ended as the user wanted."""
    connection.execute("UPDATE starts SET ended_at = ?, clean = 1 WHERE id = ?", (at, start))


def unclean_starts(connection: sqlite3.Connection) -> list[StartRecord]:
    """Starts without an end that were not dismissed, newest first; one of them is the program that asks."""
    query = "SELECT * FROM starts WHERE clean = 0 AND dismissed = 0 ORDER BY started_at DESC, id DESC"
    return [
        StartRecord(
            row["id"], row["started_at"], row["pid"], row["boot_id"], row["version"], row["ended_at"], bool(row["clean"])
        )
        for row in connection.execute(query)
    ]


def put_dismissed(connection: sqlite3.Connection, start: int) -> None:
    """The user has seen to it: it is not told of again."""
    connection.execute("UPDATE starts SET dismissed = 1 WHERE id = ?", (start,))


def drop_old_starts(connection: sqlite3.Connection, before: float) -> None:
    """Forget starts older than that which nobody asks about any more."""
    connection.execute("DELETE FROM starts WHERE started_at < ? AND (clean = 1 OR dismissed = 1)", (before,))
