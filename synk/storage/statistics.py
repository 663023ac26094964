"""Sessions that ever ran, and the numbers of the dashboard: rows of `sessions` and `stats`."""

import sqlite3
from dataclasses import dataclass
from datetime import date, timedelta

HOURS_PER_TASK = 0.5
"""What a finished task counts as (03-workspace.md, section 7)."""
TERMINAL = "terminal"


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session as it began."""

    id: int
    project: str
    agent: str
    started_at: float
    """Unix time in seconds."""
    model: str = ""
    branch: str = ""
    task: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """The numbers of one project, or of all."""

    sessions: int = 0
    cost_usd: float = 0.0
    tasks_done: int = 0
    hours_saved: float = 0.0
    most_used_agent: str = ""
    """Catalog id; `terminal` only if no other was used, "" without any session."""
    streak_days: int = 0
    """Days in a row with a session, up to today or yesterday."""


def put_session(connection: sqlite3.Connection, session: SessionRecord, day: str) -> None:
    """Note a session that began; one that is known (a new window took it over) is not counted twice."""
    added = connection.execute(
        "INSERT OR IGNORE INTO sessions (id, project, agent, model, branch, started_at, task) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (session.id, session.project, session.agent, session.model, session.branch, session.started_at, session.task),
    )
    if added.rowcount:
        connection.execute("INSERT INTO stats (project, day, sessions) VALUES (?, ?, 1)", (session.project, day))


def put_session_end(
    connection: sqlite3.Connection, session: int, *, at: float, code: int | None, signal: int | None, worked_s: float, day: str
) -> None:
    """Note how a session ended, and how long it worked since that was last noted."""
    connection.execute(
        "UPDATE sessions SET ended_at = ?, exit_code = ?, exit_signal = ? WHERE id = ?", (at, code, signal, session)
    )
    if worked_s > 0:
        connection.execute(
            "INSERT INTO stats (project, day, worked_s) SELECT project, ?, ? FROM sessions WHERE id = ?", (day, worked_s, session)
        )


def put_task_done(connection: sqlite3.Connection, project: str, day: str) -> None:
    """Count a finished task."""
    connection.execute("INSERT INTO stats (project, day, tasks_done) VALUES (?, ?, 1)", (project, day))


def put_cost(connection: sqlite3.Connection, project: str, cost_usd: float, day: str) -> None:
    """Add to what a project cost."""
    connection.execute("INSERT INTO stats (project, day, cost_usd) VALUES (?, ?, ?)", (project, day, cost_usd))


def totals(connection: sqlite3.Connection, project: str | None, today: date) -> Totals:
    """The numbers of one project, or of all."""
    where, values = ("WHERE project = ?", (project,)) if project is not None else ("", ())
    sums = connection.execute(
        "SELECT coalesce(sum(sessions), 0), coalesce(sum(cost_usd), 0), coalesce(sum(tasks_done), 0)"
        f" FROM stats {where}", values,
    ).fetchone()  # fmt: skip
    agent = connection.execute(
        f"SELECT agent FROM sessions {where} GROUP BY agent ORDER BY agent = '{TERMINAL}', count(*) DESC, agent LIMIT 1", values
    ).fetchone()
    also = f"{where} AND" if where else "WHERE"
    days = connection.execute(f"SELECT DISTINCT day FROM stats {also} sessions > 0 ORDER BY day DESC", values)
    return Totals(
        sessions=sums[0],
        cost_usd=sums[1],
        tasks_done=sums[2],
        hours_saved=sums[2] * HOURS_PER_TASK,
        most_used_agent=agent["agent"] if agent is not None else "",
        streak_days=_streak({row["day"] for row in days}, today),
    )


def _streak(days: set[str], today: date) -> int:
    """Days in a row up to today; a day that is not over yet does not end it."""
    one = timedelta(days=1)
    at = today if today.isoformat() in days else today - one
    count = 0
    while at.isoformat() in days:
        count += 1
        at -= one
    return count
