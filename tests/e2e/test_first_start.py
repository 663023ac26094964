"""The first start of a profile, and the ones after it."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any as App

from synk.settings.template import template


def start_at_home(app: App) -> None:
    """`synk` without a folder."""
    command = [sys.executable, "-P", "-m", "synk", "--profile", str(app.profile)]
    with (app.base / "stderr").open("ab") as errors:
        app.window = subprocess.Popen(command, env=app.environment, cwd=app.project, stderr=errors)
    app.answers()


def test_the_first_start_is_greeted_once_and_leaves_commented_settings(
    make_app: Callable[..., App], wait_until: Callable[..., None]
) -> None:
    app = make_app()
    settings = app.profile / "config" / "settings.toml"
    start_at_home(app)
    assert not settings.exists()
    app.ctl("do", "close")  # as Esc: skip
    wait_until(settings.exists, timeout_s=30)
    assert settings.read_text() == template()
    # Home is shown now: a session goes to the folder Synk was started in.
    app.new()
    assert app.ctl("list")["sessions"][0]["project"] == str(app.project)
    assert app.quit() == 0
    settings.unlink()
    start_at_home(app)
    app.ctl("do", "close")
    assert app.quit() == 0
    assert not settings.exists(), "a profile with records is greeted no more"


def test_a_folder_that_is_named_is_opened_at_the_first_start_too(make_app: Callable[..., App]) -> None:
    app = make_app().start().answers()
    app.ctl("do", "session.new terminal")
    assert app.ctl("list")["sessions"][0]["project"] == str(app.project)
    assert not (app.profile / "config" / "settings.toml").exists()


def test_a_second_start_hands_its_folder_over_and_without_one_changes_nothing(make_app: Callable[..., App]) -> None:
    app = make_app().start().answers()
    other = app.base / "other"
    other.mkdir()
    done = app.run(str(other))
    assert (done.returncode, done.stderr) == (0, "")
    app.ctl("do", "session.new terminal")
    assert app.run().returncode == 0
    app.ctl("do", "session.new terminal")
    assert [session["project"] for session in app.ctl("list")["sessions"]] == [str(other)] * 2
    app.ctl("do", f"project.switch {app.project.name}")
