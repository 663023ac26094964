"""settings.toml edited while a window runs."""

from collections.abc import Callable

from tests.e2e.conftest import App


def test_another_theme_reaches_a_program_that_asked_to_be_told(app: App, wait_until: Callable[..., None]) -> None:
    session = app.new()
    app.send(session, "printf '\\e[?2031h'; echo $((40 + 2)) asked; read -rs -d n scheme; echo \"told ${scheme#*\\?}\"")
    wait_until(lambda: "42 asked" in app.text(session), timeout_s=30)
    (app.profile / "config" / "themes").mkdir(parents=True)
    (app.profile / "config" / "themes" / "paper.toml").write_text('appearance = "light"\n')
    (app.profile / "config" / "settings.toml").write_text('[ui]\ntheme = "paper"\n')
    wait_until(lambda: "told 997;2" in app.text(session), timeout_s=30)
