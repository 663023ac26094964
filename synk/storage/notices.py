"""The history of notifications and the lines typed into the command bar: rows of `notifications` and `lines`."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

KEPT_NOTIFICATIONS = 500
KEPT_DAYS = 30
KEPT_LINES = 200
_DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class NotificationRecord:
    """Something the user was told, or would have been told if its toast were not off."""

    id: int
    """Given by whoever adds it; counts up."""
    event: str
    level: str
    """`info`, `success`, `warning` or `error`."""
    title: str
    body: str = ""
    session: int | None = None
    project: str = ""
    at: float = 0.0
    """Unix time in seconds."""
    count: int = 1
    """How often the same came."""
    read: bool = False


def put_notification(connection: sqlite3.Connection, record: NotificationRecord, now: float) -> None:
    """Store it, and drop what is too old or too much (03-workspace.md, section 9)."""
    connection.execute(
        "INSERT OR REPLACE INTO notifications (id, event, level, title, body, session, project, at, count, read)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            record.id, record.event, record.level, record.title, record.body, record.session, record.project, record.at,
            record.count, record.read,
        ),
    )  # fmt: skip
    connection.execute("DELETE FROM notifications WHERE at < ?", (now - KEPT_DAYS * _DAY_S,))
    connection.execute(
        "DELETE FROM notifications WHERE id <= (SELECT id FROM notifications ORDER BY id DESC LIMIT 1 OFFSET ?)",
        (KEPT_NOTIFICATIONS,),
    )


def count_once_more(connection: sqlite3.Connection, number: int, at: float) -> None:
    """The same event of the same session came again."""
    connection.execute("UPDATE notifications SET count = count + 1, at = ?, read = 0 WHERE id = ?", (at, number))


def all_notifications(connection: sqlite3.Connection, limit: int) -> list[NotificationRecord]:
    """Newest first."""
    query = "SELECT * FROM notifications ORDER BY id DESC LIMIT ?"
    return [
        NotificationRecord(
            row["id"], row["event"], row["level"], row["title"], row["body"], row["session"], row["project"], row["at"],
            row["count"], bool(row["read"]),
        )
        for row in connection.execute(query, (limit,))
    ]  # fmt: skip


def put_all_read(connection: sqlite3.Connection) -> None:
    """The user has seen the history."""
    connection.execute("UPDATE notifications SET read = 1 WHERE read = 0")


def drop_notifications(connection: sqlite3.Connection) -> None:
    """Clear all."""
    connection.execute("DELETE FROM notifications")


def put_line(connection: sqlite3.Connection, text: str) -> None:
    """Keep a line of the command bar; the same line again moves to the end."""
    connection.execute("DELETE FROM lines WHERE text = ?", (text,))
    connection.execute("INSERT INTO lines (text) VALUES (?)", (text,))
    connection.execute("DELETE FROM lines WHERE id <= (SELECT max(id) FROM lines) - ?", (KEPT_LINES * 2,))


def last_lines(connection: sqlite3.Connection, limit: int) -> Sequence[str]:
    """Oldest first, as Up walks them from the end."""
    rows = connection.execute("SELECT text FROM lines ORDER BY id DESC LIMIT ?", (limit,)).fetchall()
    return [row["text"] for row in reversed(rows)]
