"""The home screen in a real window: keys, list, banners, numbers, switcher."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from synk.actions.tabs import TabActions
from synk.app.folders import FolderOpener
from synk.app.home import Home, figures_of
from synk.app.restoring import CrashedProject
from synk.base.events import NoticeRaised, SettingsChanged
from synk.base.jobs import Jobs
from synk.keys.modes import ModeMachine
from synk.sessions.events import TabsChanged
from synk.storage.database import Database
from synk.storage.records import Records
from synk.storage.schema import STEPS
from synk.storage.statistics import SessionRecord, Totals
from synk.ui.home.banner import CrashNotice
from synk.ui.home.figures import NOTHING, Figures, figure_texts
from synk.ui.home.view import STARTERS, HomeView
from synk.ui.pickers.folder_card import FolderCard
from synk.ui.pickers.pick_list import Pick
from synk.ui.pickers.pick_paint import initials_of
from synk.ui.pickers.project_card import ProjectCard
from synk.ui.questions import KeycapLabel
from synk.ui.theme import Theme
from tests.gui.desk import Desk

NOW = 1_700_000_000.0


class HomeDesk:
    """A window at home, with a database in memory and real folders."""

    def __init__(self, desk: Desk, theme: Theme, qtbot: QtBot, folder: Path) -> None:
        self.desk = desk
        self.qtbot = qtbot
        self.folder = folder
        self.now = NOW
        self.jobs = Jobs(desk.hub.call)
        self.records = Records(Database(None, STEPS), now=lambda: self.now)
        tab = desk.tabs.all[0]
        desk.tabs.close(tab)
        opener = FolderOpener(
            desk.tabs, self.jobs, notify=desk.hub.publish, show=desk.window.show_workspace, later=lambda _ms, _function: None
        )
        registry = desk.runner.registry
        if "tab.open" not in {command.name for command in registry}:
            registry.add(TabActions(desk.tabs, desk.manager, desk.window, open_folder=opener, notify=desk.hub.publish))
        self.notices: list[NoticeRaised] = []
        desk.hub.subscribe(NoticeRaised, self.notices.append)
        self.home: Home
        self._make = lambda: Home(
            theme,
            window=desk.window,
            tabs=desk.tabs,
            hub=desk.hub,
            jobs=self.jobs,
            records=self.records,
            registry=registry,
            open_folder=opener,
            agents=lambda: desk.agents,
            now=lambda: self.now,
        )

    def start(self, *names: str) -> None:
        """The window with these projects, opened a minute apart, the last one newest."""
        for name in names:
            self.now += 60
            if not name.startswith("gone"):
                (self.folder / name).mkdir()
            self.records.project_opened(str(self.folder / name), name).result(30)
        self.now += 60
        self.home = self._make()
        self.home.start()
        self.desk.window.show_workspace()
        self.desk.hub.deliver()

    @property
    def view(self) -> HomeView:
        return self.home.view

    def names(self) -> list[str]:
        return [pick.name for pick in self.view.recent.picks]

    def marked(self) -> str:
        return self.view.current.name if self.view.current is not None else ""

    def wait(self, is_true: Callable[[], bool]) -> None:
        """Until jobs have come back."""

        def delivered() -> bool:
            self.desk.hub.deliver()
            return is_true()

        self.qtbot.waitUntil(delivered, timeout=30_000)

    def close(self) -> None:
        self.jobs.close()
        self.records.close()


@pytest.fixture
def home(desk: Desk, theme: Theme, qtbot: QtBot, tmp_path: Path) -> Iterator[HomeDesk]:
    made = HomeDesk(desk, theme, qtbot, tmp_path)
    yield made
    made.close()


def test_recent_projects_stand_newest_first_with_their_ages(home: HomeDesk) -> None:
    home.start("api", "web", "ml-pipeline")
    assert [(pick.name, pick.tag, pick.initials) for pick in home.view.recent.picks] == [
        ("ml-pipeline", "1m ago", "MP"), ("web", "2m ago", "WE"), ("api", "3m ago", "AP"),
    ]  # fmt: skip


def test_arrows_and_letters_move_the_mark_and_enter_opens(home: HomeDesk) -> None:
    home.start("api", "web", "infra")
    desk = home.desk
    desk.press("down", "j", "k")
    assert home.marked() == "web"
    desk.press("end", "down")
    assert home.marked() == "api"
    desk.press("enter")
    home.wait(lambda: desk.tabs.project == str(home.folder / "api"))
    assert not desk.window.widget.is_home
    assert home.home.recent.projects[0].name == "api"


def test_a_click_opens_and_the_project_is_the_newest_then(home: HomeDesk) -> None:
    home.start("api", "web")
    place = QPoint(20, round(home.view.recent.row_height * 1.5))
    QTest.mouseClick(home.view.recent.viewport(), Qt.MouseButton.LeftButton, pos=place)
    home.wait(lambda: home.desk.tabs.project == str(home.folder / "api"))
    home.desk.hub.deliver()
    home.desk.runner.run("home.show")
    home.desk.hub.deliver()
    assert home.names() == ["api", "web"]
    assert home.marked() == "api", "Enter goes back to where one was"


def test_delete_takes_a_project_off_the_list_and_leaves_the_folder(home: HomeDesk) -> None:
    home.start("api", "web")
    home.desk.press("delete")
    assert home.names() == ["api"]
    assert (home.folder / "web").is_dir()
    home.desk.press("delete", "delete", "enter", "down", "d")
    assert home.names() == []
    assert home.view.hasFocus(), "the keyboard has a place without a list too"
    home.desk.press("o")
    assert isinstance(home.desk.cards.top, FolderCard)


def test_after_a_project_was_taken_off_the_list_its_neighbor_is_marked(home: HomeDesk) -> None:
    home.start("api", "web", "infra", "docs")
    home.desk.press("down", "delete")
    assert (home.names(), home.marked()) == (["docs", "web", "api"], "web")
    home.desk.press("end", "delete")
    assert (home.names(), home.marked()) == (["docs", "web"], "web")


def test_a_held_key_walks_but_neither_opens_nor_removes(home: HomeDesk) -> None:
    home.start("api", "web", "infra")
    for key, text in ((Qt.Key.Key_Return, "\r"), (Qt.Key.Key_Delete, "\x7f"), (Qt.Key.Key_Down, "")):
        held = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, text, autorep=True)
        QApplication.sendEvent(home.view.recent, held)
    home.desk.hub.deliver()
    assert home.names() == ["infra", "web", "api"]
    assert home.marked() == "web"
    assert home.desk.tabs.active is None


def test_a_folder_that_is_gone_is_grey_and_enter_says_so(home: HomeDesk) -> None:
    home.start("gone", "api")
    home.wait(lambda: home.view.recent.picks[1].problem == "not found")
    home.desk.press("down", "enter")
    assert [notice.title for notice in home.notices] == [f"{home.folder / 'gone'} is not there. Delete takes it off the list"]
    assert home.desk.window.widget.is_home
    home.desk.press("delete")
    assert home.names() == ["api"]


def test_a_file_named_as_a_project_is_an_error_and_home_stays(home: HomeDesk) -> None:
    home.start()
    (home.folder / "file").touch()
    home.desk.runner.run(f"tab.open {home.folder / 'file'}")
    home.wait(lambda: bool(home.notices))
    assert home.notices[0].title == f"{home.folder / 'file'} is not a folder"
    assert home.desk.window.widget.is_home


def test_keys_of_navigation_work_at_home(home: HomeDesk) -> None:
    home.start("api")
    home.desk.press("?")
    assert home.desk.cards.top is not None
    home.desk.press("escape", "ctrl+t")
    assert isinstance(home.desk.cards.top, FolderCard)
    home.desk.press("escape", "ctrl+p")
    assert isinstance(home.desk.cards.top, ProjectCard)


def test_tab_walks_through_the_buttons_to_the_top_bar_and_back(home: HomeDesk) -> None:
    home.start("api")
    desk, view = home.desk, home.view
    walked = []
    for _ in range(len(view.starters) + 1):
        desk.press("tab")
        walked.append(view.focusWidget())
    assert walked[:-1] == view.starters
    assert desk.window.widget.top_bar.has_keyboard
    desk.press("tab")
    assert view.recent.hasFocus()
    desk.press("tab", "enter")
    assert isinstance(desk.cards.top, FolderCard)


def test_a_new_session_at_home_is_one_in_the_start_folder(home: HomeDesk) -> None:
    home.start("api")
    assert home.view.starters[1].text() == "New session in api"
    home.desk.press("n")
    assert home.desk.cards.top is not None
    assert home.desk.cards.top.title == "New session"


def test_numbers_are_those_of_all_projects_or_of_the_marked_one(home: HomeDesk) -> None:
    for number, name in enumerate(("api", "api", "web"), start=1):
        home.records.session_opened(SessionRecord(number, str(home.folder / name), "terminal", NOW)).result(30)
    home.start("api", "web")
    home.wait(lambda: dict(home.view.figures.texts)["Sessions"] == "3")
    assert dict(home.view.figures.texts)["Total cost"] == NOTHING
    home.desk.press("d")
    home.wait(lambda: dict(home.view.figures.texts)["Sessions"] == "1")
    home.desk.press("down")
    home.wait(lambda: dict(home.view.figures.texts)["Sessions"] == "2")
    home.desk.press("d")
    home.wait(lambda: dict(home.view.figures.texts)["Sessions"] == "3")


def test_numbers_are_written_as_people_read_them() -> None:
    full = Figures(1240, 312.4, 87, 43.5, "Claude Code", 12)
    assert [value for _, value in figure_texts(full)] == ["1,240", "$312.40", "87", "43.5", "Claude Code", "12 days"]
    assert [value for _, value in figure_texts(Figures(hours_saved=2.0, streak_days=1))][3:] == ["2", NOTHING, "1 day"]


def test_banners_of_a_crash_restore_or_dismiss_by_keyboard(qtbot: QtBot, theme: Theme) -> None:
    view = HomeView(theme)
    qtbot.addWidget(view)
    lines: list[str] = []
    view.asked.connect(lines.append)
    view.show_crashes([CrashNotice('/p/my "api"', "Synk ended unexpectedly 5 minutes ago. 4 sessions in api")])
    banner = view.banners[0]
    banner.restore_button.setFocus()
    QTest.keyClick(banner.restore_button, Qt.Key.Key_Return)
    banner.dismiss_button.setFocus()
    QTest.keyClick(banner.dismiss_button, Qt.Key.Key_Space)
    assert lines == ['crash.restore "/p/my \\"api\\""', 'crash.dismiss "/p/my \\"api\\""']
    view.show_crashes([])
    assert view.banners == []


def test_only_commands_that_exist_are_offered_with_the_keys_in_force(qtbot: QtBot, theme: Theme) -> None:
    view = HomeView(theme)
    qtbot.addWidget(view)
    view.offer({"tab.open": "o", "help.open": "", "session.close": "x"})
    assert [starter.accessibleName() for starter in view.starters] == ["Open a folder (o)", "All keys"]


def test_keys_of_the_home_screen_stand_before_those_of_navigation(home: HomeDesk) -> None:
    home.start()
    names = [starter.accessibleName() for starter in home.view.starters]
    assert "Open a folder (o)" in names
    assert "New session in api (n)" in names
    own = home.desk.window.input.router.machine.keymap.with_own(navigation={"n": "", "ctrl+n": "session.new"}, terminal={})
    home.desk.window.use_keys(ModeMachine(own))
    home.desk.hub.publish(SettingsChanged())
    home.desk.hub.deliver()
    assert "New session in api (Ctrl+n)" in [starter.accessibleName() for starter in home.view.starters]


@pytest.mark.parametrize(("width", "height"), [(800, 560), (1280, 760), (2560, 1400)])
def test_everything_fits_at_every_size(qtbot: QtBot, theme: Theme, width: int, height: int) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    view = HomeView(theme)
    view.offer({command: key for key, (_, _, command) in zip("onr,?", STARTERS, strict=True)})
    view.setParent(window)
    view.show_recent([Pick(f"/p/{n}", "a-very-long-name" * 8, "/p/" + "deep/" * 60, "5m ago", initials="AV") for n in range(30)])
    view.show_crashes([CrashNotice("/a", "Synk ended unexpectedly 5 minutes ago. 4 sessions in " + "api" * 60)])
    window.resize(width, height)
    view.resize(width, height)
    window.show()
    for part in (view.recent, view.figures, *view.starters, view.banners[0]):
        corner = part.mapTo(view, part.rect().bottomRight())
        assert 0 < corner.x() <= width
        assert 0 < corner.y() <= height
    assert view.recent.height() >= 3 * view.recent.row_height


def test_the_switcher_offers_the_last_project_first_and_the_one_shown_last(home: HomeDesk) -> None:
    home.start("api", "web", "infra")
    desk = home.desk
    for name in ("api", "web"):
        home.now += 1
        desk.tabs.open(str(home.folder / name))
        desk.hub.publish(TabsChanged())
        desk.hub.deliver()
    desk.window.show_workspace()
    desk.press("ctrl+p")
    card = desk.cards.top
    assert isinstance(card, ProjectCard)
    assert [(pick.name, pick.tag) for pick in card.list.picks[:3]] == [("api", "open"), ("infra", "1m ago"), ("web", "shown")]
    desk.press("enter")
    home.wait(lambda: desk.tabs.project == str(home.folder / "api"))


def test_letters_filter_the_switcher_and_mark_what_they_matched(home: HomeDesk) -> None:
    home.start("api", "ml-pipeline", "web")
    desk = home.desk
    desk.press("ctrl+p")
    card = desk.cards.top
    assert isinstance(card, ProjectCard)
    desk.type("mp")
    assert card.list.picks[0].name == "ml-pipeline"
    assert set(card.list.picks[0].matched) == {0, 3}
    desk.type("zzz")
    assert card.note.text() == "No project fits"
    desk.press("enter")
    assert isinstance(desk.cards.top, FolderCard), "the last line asks for a folder"


def test_two_letters_stand_for_a_project() -> None:
    names = ("api", "ml-pipeline", "my_great app", "x", "...", "")
    assert [initials_of(name) for name in names] == ["AP", "MP", "MG", "X", "..", ""]


def test_totals_name_the_agent_as_the_catalog_does() -> None:
    assert figures_of(Totals(most_used_agent="claude"), {"claude": "Claude Code"}).most_used_agent == "Claude Code"
    assert figures_of(Totals(most_used_agent="gone"), {}).most_used_agent == "gone"


class FakeCrashes:
    """What a crash left behind, as the test has it."""

    def __init__(self) -> None:
        self.crashed = [CrashedProject("/p/api", "api", 4, NOW - 200.0), CrashedProject("/p/web", "web", 1, NOW - 200.0)]

    def restore_crash(self, project: str) -> None:
        self.dismiss_crash(project)

    def dismiss_crash(self, project: str) -> None:
        self.crashed = [crash for crash in self.crashed if crash.project != project]


def test_a_crash_is_told_once_per_project_and_dismissed_from_the_keyboard(home: HomeDesk) -> None:
    home.start()
    crashes = FakeCrashes()
    home.home.follow_crashes(crashes)
    assert [banner.notice.text for banner in home.view.banners] == [
        "Synk ended unexpectedly 4 minutes ago. 4 sessions in api",
        "Synk ended unexpectedly 4 minutes ago. 1 session in web",
    ]
    home.view.banners[1].dismiss_button.setFocus()
    home.now += 3600
    home.home.show_crashes()
    assert home.view.banners[1].notice.text == "Synk ended unexpectedly 1 hour ago. 1 session in web"
    assert home.view.banners[1].dismiss_button.hasFocus(), "the words change, the keyboard stays"
    home.desk.press("enter")
    home.home.show_crashes()
    assert [banner.notice.project for banner in home.view.banners] == ["/p/api"]
    assert home.view.hasFocus(), "the button that had the keyboard is gone"


def test_a_key_restores_what_is_told_of_first_and_another_one_dismisses_it(home: HomeDesk) -> None:
    home.start()
    crashes = FakeCrashes()
    home.home.follow_crashes(crashes)
    first, second = ([cap.key for cap in banner.findChildren(KeycapLabel)] for banner in home.view.banners)
    assert (first, second) == (["Shift+r", "Shift+d"], [])
    home.desk.press("shift+d")
    assert [crash.project for crash in crashes.crashed] == ["/p/web"]
    home.home.show_crashes()
    home.desk.press("shift+r")
    assert crashes.crashed == []
    home.home.show_crashes()
    home.desk.press("shift+r", "shift+d")
    assert home.notices == []


def test_the_keyboard_goes_along_when_a_restored_project_takes_the_place_of_home(home: HomeDesk) -> None:
    home.start("api")
    desk, widget = home.desk, home.desk.window.widget
    desk.window.resize(1600, 900)

    def show(name: str | None) -> None:
        if name is None:
            desk.tabs.show(None)
        else:
            desk.tabs.open(str(home.folder / name))
        desk.hub.publish(TabsChanged())
        desk.hub.deliver()

    show("api")
    widget.sidebar.take_focus()
    assert widget.is_focus_in_sidebar
    show(None)
    assert home.view.recent.hasFocus()
    show("api")
    assert widget.grid.hasFocus(), "Qt would give it back to the sidebar"


def test_a_project_with_blanks_and_quotes_in_its_name_is_switched_to(home: HomeDesk) -> None:
    name = ' odd "name" \\ '
    home.start(name)
    home.desk.press("ctrl+p", "enter")
    home.wait(lambda: home.desk.tabs.project == str(home.folder / name))
