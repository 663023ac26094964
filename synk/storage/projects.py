"""Projects that were opened, the tabs that are open, and small facts of the window: rows of `projects`, `tabs` and `meta`."""

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_KEY_HEX_DIGITS = 8


@dataclass(frozen=True, slots=True)
class ProjectRecord:
    """A folder that was opened as a project."""

    path: str
    """Resolved."""
    key: str
    """Its name where one is needed on disk: `slug-hash`."""
    name: str
    mode: str
    """Orchestration mode."""
    last_opened: float
    """Unix time in seconds."""
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class TabRecord:
    """An open tab, as it comes back at the next start."""

    project: str
    is_active: bool = False
    view: Mapping[str, Any] = field(default_factory=dict)
    """View state by name: folds, panel in front; JSON."""


def project_key(path: str) -> str:
    """`{slug}-{first 8 hex digits of the path's SHA-256}`: two projects of one name never share anything on disk."""
    name = path.rstrip("/").rpartition("/")[2].lower()
    import hashlib  # 4 ms that nobody pays before the first paint: keys are made on the writer's thread

    slug = re.sub(r"[^a-z0-9._-]+", "-", name).strip("-") or "project"
    # A path need not be UTF-8: its bytes are what is hashed.
    return f"{slug}-{hashlib.sha256(path.encode(errors='surrogateescape')).hexdigest()[:_KEY_HEX_DIGITS]}"


def put_project(connection: sqlite3.Connection, path: str, name: str, at: float) -> None:
    """Note that a project was opened; what is known of it stays."""
    connection.execute(
        "INSERT INTO projects (path, key, name, last_opened) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (path) DO UPDATE SET name = excluded.name, last_opened = excluded.last_opened",
        (path, project_key(path), name, at),
    )


def recent_projects(connection: sqlite3.Connection, limit: int) -> list[ProjectRecord]:
    """Pinned ones first, then newest first."""
    query = "SELECT * FROM projects ORDER BY pinned DESC, last_opened DESC LIMIT ?"
    return [
        ProjectRecord(row["path"], row["key"], row["name"], row["mode"], row["last_opened"], bool(row["pinned"]))
        for row in connection.execute(query, (limit,))
    ]


def drop_project(connection: sqlite3.Connection, path: str) -> None:
    """Take it off the list; layouts, reviews and numbers stay."""
    connection.execute("DELETE FROM projects WHERE path = ?", (path,))


def put_tabs(connection: sqlite3.Connection, tabs: Sequence[TabRecord]) -> None:
    """Replace the open tabs."""
    connection.execute("DELETE FROM tabs")
    connection.executemany(
        "INSERT INTO tabs (position, project, active, view) VALUES (?, ?, ?, ?)",
        [(position, tab.project, tab.is_active, json.dumps(tab.view)) for position, tab in enumerate(tabs)],
    )


def all_tabs(connection: sqlite3.Connection) -> list[TabRecord]:
    """Left to right; a view state that cannot be read is empty."""
    rows = connection.execute("SELECT project, active, view FROM tabs ORDER BY position")
    return [TabRecord(row["project"], bool(row["active"]), _table(row["view"])) for row in rows]


def put_fact(connection: sqlite3.Connection, key: str, value: Mapping[str, Any]) -> None:
    """Store a small table of facts under a key."""
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, json.dumps(value)))


def fact(connection: sqlite3.Connection, key: str) -> dict[str, Any]:
    """What was stored under the key; {} if nothing was, or it cannot be read."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return _table(row["value"]) if row is not None else {}


def _table(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
