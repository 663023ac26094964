"""Sidebar and drawer in the window: who has the keyboard, what follows sessions and tabs, and what is kept."""

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from synk.app.sidebar import SideParts
from synk.base.jobs import Jobs
from synk.sessions.events import TabsChanged
from synk.sessions.session import Status
from synk.storage.database import Database
from synk.storage.projects import ProjectRecord, project_key
from synk.storage.records import Records
from synk.storage.schema import STEPS
from synk.ui.session_card import SessionCard
from synk.ui.sidebar.rows import PlaceRow, ProjectRow, SessionRow
from synk.ui.theme import Theme
from tests.gui.desk import Desk

LIMIT_MS = 30_000


class Side:
    """A window with its sidebar, records in memory, and the settings it wants written."""

    def __init__(self, desk: Desk, theme: Theme) -> None:
        self.desk = desk
        self.theme = theme
        self.jobs = Jobs(desk.hub.call)
        self.records = Records(Database(None, STEPS))
        self.settings: list[Mapping[str, Any]] = []
        self.recent: list[ProjectRecord] = []
        self.parts: list[SideParts] = []
        desk.window.resize(1280, 800)
        self.build()

    def build(self) -> SideParts:
        """As the window does at its start."""
        desk = self.desk
        self.parts.append(
            SideParts(
                self.theme, window=desk.window, tabs=desk.tabs, manager=desk.manager,  # type: ignore[arg-type]
                hub=desk.hub, jobs=self.jobs, records=self.records, registry=desk.runner.registry,
                agents=lambda: desk.agents, recent=lambda: self.recent, change_settings=self.settings.append,
            )
        )  # fmt: skip
        desk.hub.deliver()
        return self.parts[-1]

    @property
    def sidebar(self) -> Any:
        return self.desk.window.widget.sidebar

    @property
    def drawer(self) -> Any:
        return self.desk.window.widget.drawer

    def cards(self) -> list[SessionRow]:
        self.desk.hub.deliver()
        self.sidebar.refresh_now()
        return [row for row in self.sidebar.list.rows if isinstance(row, SessionRow)]

    def show_tab(self, path: str) -> None:
        self.desk.tabs.open(path)
        self.desk.hub.publish(TabsChanged())
        self.desk.hub.deliver()
        self.desk.hub.deliver()

    def close(self) -> None:
        for parts in self.parts:
            parts.close()
        self.jobs.close()
        self.records.close()


@pytest.fixture
def side(desk: Desk, theme: Theme) -> Iterator[Side]:
    side = Side(desk, theme)
    yield side
    side.close()


def test_tab_goes_round_grid_sidebar_drawer_and_top_bar(side: Side) -> None:
    desk, widget = side.desk, side.desk.window.widget
    desk.open(1)
    desk.press("p", "escape")
    walked = []
    for _ in range(5):
        has = (widget.is_focus_in_grid, widget.is_focus_in_sidebar, widget.is_focus_in_drawer, widget.top_bar.has_keyboard)
        walked.append(has.index(True))
        desk.press("tab")
    assert walked == [0, 1, 2, 3, 0]
    desk.press("escape")
    assert widget.is_focus_in_grid


def test_a_session_is_in_the_list_in_the_next_frame_and_out_of_it_when_it_is_closed(side: Side, qtbot: QtBot) -> None:
    def panes() -> list[int]:
        return [row.pane for row in side.sidebar.list.rows if isinstance(row, SessionRow)]

    side.desk.open(2)
    qtbot.waitUntil(lambda: panes() == [1, 2], timeout=LIMIT_MS)
    side.desk.runner.run("session.close @1")
    side.desk.hub.deliver()
    qtbot.waitUntil(lambda: panes() == [2], timeout=LIMIT_MS)


@pytest.mark.parametrize("keys", ["p", "ctrl+e", "ctrl+j", "x", "i", "z", "enter"])
def test_keys_of_a_project_do_nothing_at_home(side: Side, keys: str) -> None:
    desk = side.desk
    desk.open(1)
    widget = desk.window.widget
    desk.tabs.show(None)
    desk.window.show_workspace()
    before = (widget.drawer.is_open, widget.sidebar._is_wanted, widget.focusWidget(), len(desk.manager.sessions))
    desk.press(keys)
    desk.hub.deliver()
    assert (widget.drawer.is_open, widget.sidebar._is_wanted, widget.focusWidget(), len(desk.manager.sessions)) == before
    assert widget.toasts.shown == []
    assert desk.cards.top is None


def test_keys_alone_select_a_session(side: Side) -> None:
    desk = side.desk
    desk.open(3)
    side.cards()
    desk.press("tab", "k", "k", "enter")
    assert desk.workspace.selected == 1
    assert desk.window.widget.is_focus_in_grid


def test_a_key_of_sessions_means_the_card_under_the_keyboard(side: Side) -> None:
    desk = side.desk
    desk.open(3)
    side.cards()
    desk.press("tab", "k", "x")
    assert [session.pane for session in desk.manager.sessions] == [1, 3]


def test_a_card_says_what_runs_and_where_and_nothing_twice(side: Side) -> None:
    desk = side.desk
    desk.open(2)
    desk.runner.run("session.rename @2 the tests")
    desk.manager.sessions[0].argv = ("/usr/bin/vim", "notes")
    desk.manager.sessions[0].program = "vim"
    desk.open(1)
    told = [(card.title, card.detail) for card in side.cards()]
    assert told == [("vim", "root"), ("the tests", "root"), ("Terminal", "root")]


def test_who_needs_the_user_comes_first(side: Side) -> None:
    desk = side.desk
    desk.open(4)
    desk.manager.set_status(desk.manager.sessions[2], Status.WAITING)
    assert [row.pane for row in side.cards()] == [3, 1, 2, 4]
    head = next(row for row in side.sidebar.list.rows if row.key == "head sessions")
    assert (head.note, head.is_calling) == ("1 waiting", True)


def test_what_automation_does_moves_nothing(side: Side) -> None:
    desk, widget = side.desk, side.desk.window.widget
    desk.open(1)
    desk.press("tab")
    before = (widget.focusWidget(), desk.workspace.selected, side.drawer.is_open, side.sidebar.list.current)
    desk.manager.create(select=False)
    desk.manager.set_status(desk.manager.sessions[1], Status.WAITING)
    desk.hub.deliver()
    side.cards()
    assert (widget.focusWidget(), desk.workspace.selected, side.drawer.is_open, side.sidebar.list.current) == before


def test_a_folded_sidebar_is_brought_back_from_the_drawer_and_the_fold_is_kept(side: Side) -> None:
    desk = side.desk
    desk.press("tab", "ctrl+e")
    assert not side.sidebar.isVisible()
    assert desk.window.widget.is_focus_in_grid
    assert side.records.save_parts(side.parts[0]._parts).result(30) is None
    assert side.records.parts() == {"sidebar.is_open": False}
    QTest.mouseClick(side.drawer.sidebar_button, Qt.MouseButton.LeftButton)
    assert side.sidebar.isVisible()
    assert not side.drawer.sidebar_button.isVisible()


def test_what_was_folded_and_open_is_so_again_after_a_restart(side: Side, make_desk: Any, theme: Theme) -> None:
    side.desk.press("ctrl+e", "p")
    side.records.save_tabs([]).result(30)
    again = make_desk()
    tab = again.tabs.active
    tab.view.update(side.desk.tabs.active.view)
    parts = SideParts(
        theme, window=again.window, tabs=again.tabs, manager=again.manager, hub=again.hub, jobs=side.jobs,
        records=side.records, registry=again.runner.registry, agents=list, recent=list, change_settings=side.settings.append,
    )  # fmt: skip
    side.parts.append(parts)
    widget = again.window.widget
    assert (widget.sidebar.isVisible(), widget.drawer.sidebar_button.isVisible()) == (False, True)
    assert (widget.drawer.is_open, widget.drawer.front) == (True, "pool")


def test_in_a_small_window_it_gives_way_and_the_button_says_how_to_bring_it_back(side: Side) -> None:
    side.desk.window.resize(800, 600)
    QApplication.processEvents()
    assert not side.sidebar.isVisible()
    assert side.drawer.sidebar_button.isVisible()
    assert "Ctrl+e" in side.drawer.sidebar_button.toolTip()
    side.desk.press("ctrl+e")
    assert side.sidebar.isVisible()
    side.desk.window.resize(1280, 800)
    QApplication.processEvents()
    assert side.sidebar.isVisible()


def test_each_tab_has_folds_and_a_front_panel_of_its_own_and_shares_the_drawer(side: Side) -> None:
    desk = side.desk
    first = desk.tabs.active
    assert first is not None
    desk.press("p")
    side.sidebar._fold_section("project", True)
    desk.hub.deliver()
    assert first.view["sidebar.folded"] == ["project"]
    assert first.view["drawer.front"] == "pool"
    side.show_tab("/home/user/web")
    assert side.drawer.is_open
    assert side.sidebar._folded() == []
    desk.press("ctrl+j")
    side.show_tab(first.project)
    assert not side.drawer.is_open
    assert side.sidebar._folded() == ["project"]


def test_a_dragged_width_is_written_once_it_has_settled(side: Side, qtbot: QtBot) -> None:
    for width in (300, 310, 320):
        side.sidebar._drag(width)
    side.drawer.dragged.emit(310)
    side.drawer.reordered.emit(["pool"])
    assert side.settings == []
    qtbot.waitUntil(lambda: bool(side.settings), timeout=LIMIT_MS)
    assert side.settings == [{"ui.sidebar_width": 320, "ui.drawer_height": 310, "ui.drawer_panel_order": ["pool"]}]


def test_known_projects_stand_below_the_open_one(side: Side) -> None:
    side.show_tab("/home/user/web")
    side.recent = [
        ProjectRecord(f"/home/user/{name}", project_key(name), name, "manual", 1.0 * at, False)
        for at, name in enumerate(("web", "api", "a", "b", "c", "d", "e"))
    ]
    side.cards()
    rows = side.sidebar.list.rows
    assert isinstance(rows[1], PlaceRow)
    assert rows[1].name == "web"
    assert [(row.name, row.is_open) for row in rows if isinstance(row, ProjectRow)] == [
        ("api", True), ("a", False), ("b", False), ("c", False),
    ]  # fmt: skip
    assert rows[6].text == "2 more"


def test_the_branch_is_that_of_git_and_follows_it(side: Side, tmp_path: Path, qtbot: QtBot) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-b", "main")
    side.show_tab(str(tmp_path))
    qtbot.waitUntil(lambda: side.sidebar.list.rows[1].branch == "main", timeout=LIMIT_MS)
    git("symbolic-ref", "HEAD", "refs/heads/fix")
    qtbot.waitUntil(lambda: side.sidebar.list.rows[1].branch == "fix", timeout=LIMIT_MS)


def test_i_opens_the_settings_of_the_session_and_a_title_is_applied(side: Side, tmp_path: Path, qtbot: QtBot) -> None:
    desk = side.desk
    desk.manager.create(directory=str(tmp_path))
    desk.hub.deliver()
    desk.press("escape")
    desk.runner.run("pane.leave")
    desk.press("i")
    card = desk.cards.top
    assert isinstance(card, SessionCard)
    card.title_line.setText("the fix")
    desk.press("enter")
    qtbot.waitUntil(lambda: desk.cards.top is None, timeout=LIMIT_MS)
    assert desk.manager.sessions[0].title == "the fix"


# A popup of the offscreen platform: it can neither be raised nor take the keyboard.
@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_right_button_on_a_header_opens_the_sessions_menu(side: Side) -> None:
    desk = side.desk
    desk.open(2)
    pane = desk.pane(1)
    for y, count in ((10, 1), (pane.height() - 30, 1)):
        place = QPoint(40, y)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, pane.mapToGlobal(place))
        QApplication.sendEvent(pane, event)
        menus = desk.window.widget.findChildren(QMenu)
        assert len(menus) == count
    texts = [action.text().split("\t")[0] for action in menus[0].actions() if action.text()]
    assert texts == ["Type here", "Zoom", "Session settings …", "Clear scrollback", "Restart", "Close"]
    next(action for action in menus[0].actions() if action.text().startswith("Zoom")).trigger()
    menus[0].close()
    assert (desk.workspace.selected, desk.workspace.is_zoomed) == (1, True)


def test_the_grid_has_the_keyboard_when_the_home_screen_goes(side: Side) -> None:
    desk, widget = side.desk, side.desk.window.widget
    tab = desk.tabs.active
    for shown in (None, tab):
        desk.tabs.show(shown)
        desk.hub.publish(TabsChanged())
        desk.hub.deliver()
        assert widget.focusWidget() is (widget.home if shown is None else widget.grid)
