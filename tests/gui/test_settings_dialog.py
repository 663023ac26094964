"""Opening the settings in a window, and what a change reaches: sessions, window, keys and host."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PySide6.QtGui import QGuiApplication

from synk.app.following import SettingsFollower
from synk.app.settings_dialog import SettingsDialog
from synk.base.errors import UsageError
from synk.base.events import NoticeRaised, SettingsChanged
from synk.base.paths import find_directories
from synk.keys.keymap import Where
from synk.keys.modes import Mode
from synk.settings.store import SettingsStore
from synk.ui.settings.page import SettingsPage
from synk.ui.theme import Theme
from tests.gui.desk import Desk


class Office:
    """A desk with settings: the store is real, jobs run when the test says so, the host notes what it is told."""

    def __init__(self, desk: Desk, theme: Theme, folder: Path) -> None:
        self.desk = desk
        self.jobs: list[Callable[[], None]] = []
        self.configured: list[dict[str, Any]] = []
        self.rules: list[Any] = []
        self.notices: list[NoticeRaised] = []
        self.changes = 0
        self.directories = find_directories(folder)
        self.path = self.directories.settings
        self.store = SettingsStore(self.path)
        self.store.load()
        desk.manager.use_rules = self.rules.append  # type: ignore[attr-defined]
        services = SimpleNamespace(
            hub=desk.hub,
            jobs=SimpleNamespace(submit=self._submit, every=lambda *_arguments: None),
            settings=self.store,
            host=SimpleNamespace(call=lambda _do, **arguments: self.configured.append(arguments)),
            manager=desk.manager,
            runner=desk.runner,
            window=desk.window,
        )
        desk.hub.subscribe(NoticeRaised, self.notices.append)
        desk.hub.subscribe(SettingsChanged, lambda _event: self._count())
        self.follower = SettingsFollower(cast(Any, services), None)
        launched = SimpleNamespace(directories=self.directories, version="1.0")
        self.dialog = SettingsDialog(
            theme,
            cast(Any, launched),
            cast(Any, services),
            self.follower,
            cast(Any, desk.pool),
            agents=lambda: desk.agents,
            panels=[("pool", "Pool")],
            notes={},
            is_safe=False,
        )

    @property
    def page(self) -> SettingsPage:
        page = self.desk.cards.top
        assert isinstance(page, SettingsPage)
        return page

    def work(self) -> None:
        """Run the jobs and what they lead to."""
        while self.jobs:
            self.jobs.pop(0)()
            self.desk.hub.deliver()
        self.desk.hub.deliver()
        QGuiApplication.processEvents()

    def open(self, group: str = "") -> SettingsPage:
        self.dialog.open(group)
        self.work()
        return self.page

    def _submit(self, work: Callable[[], Any], done: Callable[[Any], None], *, failed: Any = None) -> None:
        def run() -> None:
            try:
                result = work()
            except Exception as error:
                failed(error)
            else:
                done(result)

        self.jobs.append(run)

    def _count(self) -> None:
        self.changes += 1


@pytest.fixture
def office(desk: Desk, theme: Theme, tmp_path: Path) -> Iterator[Office]:
    yield Office(desk, theme, tmp_path)
    while desk.cards.top is not None:
        desk.cards.top.cancel()


def test_the_message_about_a_mistake_in_the_file_opens_it_there(office: Office) -> None:
    office.path.parent.mkdir()
    office.path.write_text('version = 1\n[ui]\nfont_px = 99\n[keyboard.navigation]\nq = "nope.nope"\n')
    office.follower.changed(office.store.load())
    office.work()
    assert [(told.action, told.command) for told in office.notices] == [
        ("Open file", f"file.edit {office.path}:3"),
        ("Open file", "settings.edit"),
    ]


def test_ctrl_comma_opens_it_and_escape_closes_it(office: Office) -> None:
    office.desk.press("ctrl+comma")
    office.work()
    assert office.page.search.hasFocus()
    office.desk.press("escape")
    assert office.desk.cards.top is None
    assert office.desk.window.widget.is_focus_in_grid


def test_keys_of_navigation_mean_nothing_while_it_is_open(office: Office) -> None:
    office.desk.open(1)
    office.open("keyboard")
    office.page.groups.setFocus()
    office.desk.press("n", "x", "z", "2")
    assert [session.pane for session in office.desk.manager.sessions] == [1]
    assert office.desk.workspace.mode is Mode.NAVIGATION
    assert not office.desk.workspace.is_zoomed


def test_asked_for_twice_it_opens_once_on_the_group_asked_for_last(office: Office) -> None:
    office.dialog.open("ui")
    office.dialog.open("terminal")
    office.work()
    assert office.page.group == "terminal"
    office.dialog.open("session")
    office.work()
    assert office.page.group == "session"
    office.page.cancel()
    assert office.desk.cards.top is None


def test_it_opens_where_it_was_left(office: Office) -> None:
    office.open("notifications").cancel()
    assert office.open().group == "notifications"


def test_an_unknown_group_is_refused_with_those_there_are(office: Office) -> None:
    with pytest.raises(UsageError, match="There is no group zebra of settings; there are performance, keyboard, ui"):
        office.desk.runner.run("/settings zebra")
    office.desk.runner.run("/settings about")
    office.work()
    assert office.page.group == "about"


def test_open_file_opens_it_in_the_editor_and_leaves_the_dialog(office: Office) -> None:
    office.path.parent.mkdir(parents=True)
    office.path.write_text("[ui\n")
    office.store.load()
    office.open().banner.button.click()
    assert office.desk.cards.top is None
    assert office.desk.manager.sessions[0].argv == ("vi", "+1", str(office.path))


def test_a_change_reaches_window_sessions_keys_and_host_before_it_is_answered(office: Office) -> None:
    answers: list[str] = []
    office.follower.change(
        {
            "notifications.position": "bottom-left",
            "session.shell_exit": "keep",
            "keyboard.navigation": {"f5": "pane.zoom"},
            "performance.max_active": 3,
        },
        lambda error: answers.append(f"{error}{office.desk.window.widget.toasts.corner}"),
    )
    assert answers == []
    office.work()
    assert answers == ["bottom-left"]
    assert office.rules[-1].shell_exit == "keep"
    assert office.configured[-1]["pool"]["max_active"] == 3
    binding = next(each for each in office.desk.window.input.router.machine.keymap.bindings if "f5" in each.keys)
    assert (binding.command, binding.where) == ("pane.zoom", (Where.NAVIGATION,))
    assert office.changes == 1


def test_a_refused_change_changes_nothing_and_says_why(office: Office) -> None:
    answers: list[str] = []
    office.follower.change({"performance.shell": "/bin/nothing"}, answers.append)
    office.follower.change({"ui.font_px": 99}, answers.append)
    office.follower.change({"ui.font_px": 98})
    office.work()
    assert answers == [
        "performance.shell: /bin/nothing is not an executable file. Nothing was changed.",
        "ui.font_px: a whole number from 6 to 32, not 99. Nothing was changed.",
    ]
    assert [notice.title for notice in office.notices] == [
        "ui.font_px: a whole number from 6 to 32, not 98. Nothing was changed."
    ]
    assert not office.path.exists()


def test_a_change_that_cannot_be_written_is_in_force_and_told_once_without_a_dialog(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("synk.settings.store.replace_file", full)
    office.follower.change({"session.shell_exit": "keep"})
    office.work()
    assert office.rules[-1].shell_exit == "keep"
    assert office.follower.unsaved == {"session.shell_exit": "keep"}
    assert len(office.notices) == 1
    assert "No space left on device" in office.notices[0].title
    monkeypatch.undo()
    office.follower.retry()
    office.work()
    assert office.follower.unsaved == {}
    assert 'shell_exit = "keep"' in office.path.read_text()


def test_numbers_that_come_after_it_was_closed_are_dropped(office: Office) -> None:
    page = office.open("performance")
    office.work()
    assert "per session" in page.memory.basis.text()
    page.memory.measure()
    page.cancel()
    QGuiApplication.sendPostedEvents()
    office.work()
    assert office.desk.cards.top is None
