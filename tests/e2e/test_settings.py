"""settings.toml edited while a window runs."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.e2e.conftest import App


def test_another_theme_reaches_a_program_that_asked_to_be_told(app: App, wait_until: Callable[..., None]) -> None:
    session = app.new()
    app.send(session, "printf '\\e[?2031h'; echo $((40 + 2)) asked; read -rs -d n scheme; echo \"told ${scheme#*\\?}\"")
    wait_until(lambda: "42 asked" in app.text(session), timeout_s=30)
    (app.profile / "config" / "themes").mkdir(parents=True)
    (app.profile / "config" / "themes" / "paper.toml").write_text('appearance = "light"\n')
    (app.profile / "config" / "settings.toml").write_text('[ui]\ntheme = "paper"\n')
    wait_until(lambda: "told 997;2" in app.text(session), timeout_s=30)


def test_the_dialog_opens_on_a_group_and_names_those_there_are(app: App, wait_until: Callable[..., None]) -> None:
    before, after = app.base / "before.png", app.base / "after.png"
    app.ctl("screenshot", str(before))
    app.ctl("do", "settings.open", "performance")

    def is_open() -> bool:
        app.ctl("screenshot", str(after))
        return len(after.read_bytes()) > 0 and after.read_bytes() != before.read_bytes()

    wait_until(is_open, timeout_s=30)
    refused = app.run("ctl", "do", "settings.open", "zebra")
    assert refused.returncode != 0
    assert "There is no group zebra of settings; there are performance, keyboard, ui" in refused.stderr


def test_a_bad_own_theme_is_told_with_file_and_line(app: App, wait_until: Callable[..., None]) -> None:
    themes = app.profile / "config" / "themes"
    themes.mkdir(parents=True)
    (themes / "mine.toml").write_text('appearance = "light"\n[colors]\nblue = "blau"\n')
    (app.profile / "config" / "settings.toml").write_text('[ui]\ntheme = "mine"\n')
    wait_until(lambda: "mine.toml line 3: blue is a color" in _notices(app.profile), timeout_s=30)


def _notices(profile: Path) -> str:
    """What was told so far."""
    with closing(sqlite3.connect(f"file:{profile}/data/state.db?mode=ro", uri=True)) as database:
        return "\n".join(title for (title,) in database.execute("SELECT title FROM notifications"))
