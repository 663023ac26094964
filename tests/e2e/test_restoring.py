"""What was open is there again: after a quit, after a crash of the window, after one of the whole machine, and by name."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from typing import Any as App

import pytest

LONG_S = 30.0


def rows(app: App, query: str) -> list[tuple[Any, ...]]:
    """What the database says while the window may be writing."""
    with closing(sqlite3.connect(app.profile / "data" / "state.db", timeout=LONG_S)) as connection:
        return connection.execute(query).fetchall()


def sessions(app: App) -> list[dict[str, Any]]:
    return list(app.ctl("list")["sessions"])


def do(app: App, line: str) -> bool:
    """Run a command line; False if it was refused."""
    return bool(app.run("ctl", "do", line).returncode == 0)


def kill(app: App, *, with_host: bool = False) -> None:
    """The window dies; with the host everything does, as when the machine is switched off."""
    host = json.loads(app.run("host", "status", "--json").stdout)["pid"] if with_host else 0
    assert app.window is not None
    app.window.kill()
    app.window.wait()
    if host:
        assert app.run("host", "stop").returncode == 0


def again(app: App) -> App:
    """The next start, without a folder."""
    return app.start(shows_project=False).answers()


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """A second project."""
    folder = tmp_path / "web"
    (folder / "src").mkdir(parents=True)
    return folder


def test_after_a_quit_tabs_come_back_and_panes_as_the_setting_says(
    app: App, web: Path, wait_until: Callable[..., None]
) -> None:
    first = app.new()
    assert do(app, "/rename @1 Fix login")
    assert do(app, f"/tab.open {web}")
    wait_until(lambda: rows(app, "SELECT count(*) FROM tabs") == [(2,)], LONG_S)
    second = app.new("--cwd", str(web / "src"))
    # Ends only after the ladder's 3 s: what happens in the window meanwhile must not be stored.
    app.send(second, "trap '' HUP TERM; echo deaf; cat")
    app.ctl("wait-for", f"session:{second}", "text=^deaf")
    assert app.quit() == 0
    assert rows(app, "SELECT count(*) FROM starts WHERE clean = 1") == [(1,)]
    tabs = [(str(app.project), 0), (str(web), 1)]
    assert rows(app, "SELECT project, active FROM tabs ORDER BY position") == tabs

    again(app)
    assert sessions(app) == []
    wait_until(lambda: do(app, "/layout.restore"), LONG_S)
    (row,) = sessions(app)
    assert (row["project"], row["working_dir"]) == (str(web), str(web / "src"))
    assert row["session"] > second > first
    app.ctl("wait-for", f"session:{row['session']}", "status=idle")
    assert do(app, "/tab.select 1")
    wait_until(lambda: do(app, "/layout.restore"), LONG_S)
    assert {(row["project"], row["title"]) for row in sessions(app)} >= {(str(app.project), "Fix login")}
    assert not do(app, "/layout.restore")
    assert app.quit() == 0
    assert rows(app, "SELECT project, active FROM tabs ORDER BY position") == [(str(app.project), 1), (str(web), 0)]

    settings = app.profile / "config" / "settings.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text('[session]\nrestore = "always"\n')
    again(app)
    wait_until(lambda: len(sessions(app)) == 2, LONG_S)
    assert {row["working_dir"] for row in sessions(app)} == {str(app.project), str(web / "src")}


def test_after_a_crash_what_the_host_kept_is_back_and_what_it_lost_is_offered_until_dismissed(
    app: App, wait_until: Callable[..., None]
) -> None:
    kept = app.new()
    wait_until(lambda: rows(app, "SELECT count(*) FROM layouts WHERE kind = 'autosave'") == [(1,)], LONG_S)
    kill(app)
    again(app)
    wait_until(lambda: [row["session"] for row in sessions(app)] == [kept], LONG_S)
    wait_until(lambda: rows(app, "SELECT count(*) FROM starts WHERE dismissed = 1") == [(1,)], LONG_S)
    do(app, f"/crash.restore {app.project}")
    assert [row["session"] for row in sessions(app)] == [kept]

    wait_until(lambda: rows(app, "SELECT count(*) FROM layouts WHERE kind = 'autosave'") == [(2,)], LONG_S)
    kill(app, with_host=True)
    again(app)
    assert sessions(app) == []
    wait_until(lambda: do(app, f"/crash.restore {app.project}") and len(sessions(app)) == 1, LONG_S)
    (row,) = sessions(app)
    assert (row["project"], row["pane"]) == (str(app.project), 1)
    app.ctl("wait-for", f"session:{row['session']}", "status=idle")

    start = rows(app, "SELECT max(id) FROM starts")[0][0]
    wait_until(lambda: rows(app, f"SELECT count(*) FROM layouts WHERE start = {start}") == [(1,)], LONG_S)
    kill(app, with_host=True)
    again(app)
    assert do(app, f"/crash.dismiss {app.project}")
    wait_until(lambda: rows(app, f"SELECT dismissed FROM starts WHERE id = {start}") == [(1,)], LONG_S)
    assert sessions(app) == []
    assert rows(app, f"SELECT count(*) FROM layouts WHERE start = {start}") == [(1,)]
    assert app.quit() == 0


def test_a_layout_comes_back_by_name_after_a_restart_and_holds_no_secret(
    app: App, web: Path, wait_until: Callable[..., None]
) -> None:
    secret = "hunter2-and-more"
    app.new("--env", f"MY_API_KEY={secret}", "--env", "LEVEL=2", "--cwd", str(web))
    app.new()
    assert do(app, "/save test-layout")
    wait_until(lambda: rows(app, "SELECT name FROM layouts WHERE kind = 'named'") == [("test-layout",)], LONG_S)
    assert app.quit() == 0
    found = [path for path in app.profile.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    assert found == []

    again(app)
    assert do(app, "/load test-layout")
    wait_until(lambda: len(sessions(app)) == 2, LONG_S)
    first, second = sessions(app)
    assert (first["pane"], first["working_dir"]) == (1, str(web))
    assert (second["pane"], second["working_dir"]) == (2, str(app.project))
    app.ctl("wait-for", f"session:{first['session']}", "status=idle")
    app.send(first["session"], 'echo "level $LEVEL, key ${MY_API_KEY:-none}"')
    app.ctl("wait-for", f"session:{first['session']}", "text=^level 2, key none")
    assert do(app, "/load test-layout")
    wait_until(lambda: [row["pane"] for row in sessions(app)] == [1, 2, 3, 4], LONG_S)
    archive = app.base / "kept.zip"
    assert app.run("--backup", str(archive)).returncode == 0
    assert archive.exists()


def test_a_safe_start_brings_nothing_back_and_leaves_what_is_kept_as_it_was(
    app: App, wait_until: Callable[..., None]
) -> None:
    app.new()
    wait_until(lambda: rows(app, "SELECT count(*) FROM layouts") == [(1,)], LONG_S)
    assert app.quit() == 0
    kept = {path: path.read_bytes() for path in (app.profile / "data").iterdir()}
    app.start("--safe", shows_project=False).answers()
    assert sessions(app) == []
    assert not do(app, "/layout.restore")
    app.new()
    assert app.quit() == 0
    assert {path: path.read_bytes() for path in (app.profile / "data").iterdir()} == kept
