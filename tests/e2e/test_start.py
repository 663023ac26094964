"""Starts that go wrong in some way, and what they leave on disk."""

import os
import shutil
import signal
import stat
from collections.abc import Callable
from typing import Any as App

import pytest


def test_without_a_window_but_with_a_host_the_status_is_7(make_app: Callable[..., App]) -> None:
    app = make_app().start().answers()
    app.new()
    app.window.kill()
    app.window.wait()
    done = app.run("ctl", "list")
    assert (done.returncode, done.stderr) == (7, "No Synk window is running for this profile. Start one with: synk\n")
    assert app.run("host", "stop").returncode == 0
    done = app.run("ctl", "list")
    assert (done.returncode, done.stderr) == (6, "No host is running for this profile.\n")


def test_a_broken_settings_file_costs_only_what_is_broken_and_an_edit_takes_effect(
    make_app: Callable[..., App], wait_until: Callable[..., None]
) -> None:
    app = make_app()
    settings = app.profile / "config" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[performance]\nmax_active = "four"\ninitial_pool_size = 1\n')
    app.start().answers()
    assert app.stats()["targets"]["initial_pool_size"] == 1
    assert app.stats()["targets"]["max_active"] == 12
    settings.write_text('[performance]\ninitial_pool_size = 0\nmax_active = 1\n[session]\nshell_exit = "close"\n')
    wait_until(lambda: app.stats()["targets"]["initial_pool_size"] == 0)
    session = app.new()
    assert app.run("ctl", "new").returncode == 5
    app.send(session, "exit 3")
    assert app.ctl("wait-for", f"session:{session}", "exit")["code"] == 3
    assert app.ctl("list")["sessions"] == []
    settings.write_text("[performance\n")
    wait_until(lambda: app.stats()["targets"]["initial_pool_size"] == 2)
    assert app.quit() == 0
    assert settings.read_text() == "[performance\n"


def test_a_quit_from_outside_is_answered_before_the_window_goes(make_app: Callable[..., App]) -> None:
    app = make_app()
    app.start().answers()
    asked = app.run("ctl", "do", "quit")
    assert (asked.returncode, asked.stdout, asked.stderr) == (0, "", "")
    assert app.window is not None
    assert app.window.wait(30) == 0


def test_everything_is_below_the_profile_and_safe_changes_no_settings(make_app: Callable[..., App]) -> None:
    app = make_app()
    (app.home / ".bash_profile").write_text("PS1='ready$ '\nunset HISTFILE\n")
    settings = app.profile / "config" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("[performance]\ninitial_pool_size = 0\n")
    before = settings.stat()
    app.start("--safe").answers()
    assert app.stats()["targets"]["initial_pool_size"] == 2
    app.new()
    assert app.quit() == 0
    assert (settings.read_text(), settings.stat().st_mtime_ns) == ("[performance]\ninitial_pool_size = 0\n", before.st_mtime_ns)
    assert sorted(path.name for path in app.home.rglob("*")) == [".bash_profile"]
    assert sorted(path.name for path in app.project.iterdir()) == []
    for path in app.profile.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o077 == 0 or path.is_relative_to(app.profile / "config"), f"{path} {mode:o}"


def test_a_path_that_is_no_folder_is_said_and_the_current_folder_opened(make_app: Callable[..., App]) -> None:
    app = make_app()
    shutil.rmtree(app.project)
    app.start().answers()
    assert (app.base / "stderr").read_text() == f"synk: {app.project} is not a folder\n"
    app.new()
    assert app.ctl("list")["sessions"][0]["working_dir"] == os.getcwd()
    # A second start is answered by the window.
    done = app.run("/no/such/folder")
    assert (done.returncode, done.stderr) == (0, "synk: /no/such/folder is not a folder\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_signal_quits_cleanly_and_silently(
    make_app: Callable[..., App], number: signal.Signals, wait_until: Callable[..., None]
) -> None:
    app = make_app().start().answers()
    app.new()
    app.window.send_signal(number)
    assert app.window.wait(30) == 0
    assert (app.base / "stderr").read_text() == ""
    wait_until(lambda: not app.processes())


def test_a_runtime_folder_open_to_others_is_refused_and_named(make_app: Callable[..., App]) -> None:
    app = make_app()
    runtime = app.profile / "runtime"
    runtime.mkdir(parents=True)
    runtime.chmod(0o755)
    done = app.run(str(app.project))
    assert done.returncode == 3
    assert str(runtime) in done.stderr
    assert "chmod 700" in done.stderr


def test_a_window_that_comes_right_after_a_quit_waits_for_the_end_of_the_last_one(make_app: Callable[..., App]) -> None:
    app = make_app().start().answers()
    session = app.new()
    app.send(session, "trap '' TERM HUP; echo deaf; while :; do sleep 1; done")
    app.ctl("wait-for", f"session:{session}", "text=^deaf")
    first = app.window
    first.send_signal(signal.SIGTERM)
    app.start().answers()
    assert first.wait(30) == 0
    assert app.ctl("list")["sessions"] == []
    assert app.new() > session


def test_after_the_host_died_starts_are_made_up_for_and_ended_panes_can_be_restarted(
    make_app: Callable[..., App], wait_until: Callable[..., None]
) -> None:
    app = make_app(["[ -e ~/block ] && [ ! -e ~/once ] && { touch ~/begun; until [ -e ~/once ]; do :; done; }"])
    (app.profile / "config").mkdir(parents=True)
    (app.profile / "config" / "settings.toml").write_text("[performance]\ninitial_pool_size = 0\n")
    app.start().answers()
    ended = app.new()
    app.send(ended, "exit 3")
    app.ctl("wait-for", f"session:{ended}", "exit")
    (app.home / "block").touch()
    starting = app.ctl("new")["session"]
    wait_until((app.home / "begun").exists)
    host = app.stats()["host"]["pid"]
    (app.home / "once").touch()
    os.kill(host, signal.SIGKILL)
    wait_until(lambda: app.run("ctl", "pool-stats").returncode == 0)
    app.ctl("wait-for", f"session:{starting}", "status=idle")
    app.send(starting, "echo $((6*7))")
    app.ctl("wait-for", f"session:{starting}", "text=^42")
    app.ctl("do", f"/restart session:{ended}")
    app.ctl("wait-for", f"session:{ended}", "status=idle")
    app.send(ended, "exit 4")
    assert app.ctl("wait-for", f"session:{ended}", "exit")["code"] == 4
