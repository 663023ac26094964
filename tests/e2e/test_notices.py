"""What the user is told, in a whole Synk: kept over restarts, and on the desktop while the window is not looked at."""

import sqlite3
from collections.abc import Callable
from typing import Any

from tests.e2e.conftest import App

WaitUntil = Callable[..., None]


def notifications(app: App) -> list[dict[str, Any]]:
    """What is stored, oldest first."""
    path = app.profile / "data" / "state.db"
    if not path.exists():
        return []
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        database.row_factory = sqlite3.Row
        rows = [dict(row) for row in database.execute("SELECT * FROM notifications ORDER BY id")]
    database.close()
    return rows


def test_an_agent_that_fails_is_in_the_history_also_after_a_restart(app: App, wait_until: WaitUntil) -> None:
    session = int(app.ctl("new", "--command", "sh", "-c", "exit 3")["session"])

    def told() -> list[dict[str, Any]]:
        return [row for row in notifications(app) if row["event"] == "agent.failed"]

    wait_until(told, 30)
    [row] = told()
    assert (row["level"], row["title"], row["session"], row["read"]) == ("error", "sh failed: status 3", session, 0)
    assert row["project"] == str(app.project)
    assert app.quit() == 0
    app.start().answers()
    assert [kept["id"] for kept in told()] == [row["id"]]
    app.ctl("do", "/history.open")
    wait_until(lambda: told()[0]["read"] == 1, 30)
    app.ctl("do", "/history.clear")
    wait_until(lambda: told() == [], 30)


def test_what_was_folded_and_open_is_kept_over_a_restart(app: App, wait_until: WaitUntil) -> None:
    def parts() -> str:
        path = app.profile / "data" / "state.db"
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            row = database.execute("SELECT value FROM meta WHERE key = 'parts'").fetchone()
        database.close()
        return str(row[0]) if row else ""

    app.ctl("do", "/sidebar.toggle")
    app.ctl("do", "/panel.toggle pool")
    wait_until(lambda: '"sidebar.is_open": false' in parts() and '"drawer.is_open": true' in parts(), 30)
    assert app.quit() == 0
    app.start().answers()
    app.ctl("do", "/sidebar.toggle")
    app.ctl("do", "/drawer.toggle")
    wait_until(lambda: '"sidebar.is_open": true' in parts() and '"drawer.is_open": false' in parts(), 30)
