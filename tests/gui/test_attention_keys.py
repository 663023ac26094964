"""Space and Shift+Space: who needs the user, also in another project; and what was seen is no longer new."""

from pytestqt.qtbot import QtBot

from synk.keys.modes import Mode
from synk.sessions.session import Session, Status
from tests.gui.desk import Desk

WEB = "/home/user/web"


def take(desk: Desk, pane: int, status: Status) -> Session:
    session = desk.tabs.in_pane(pane, desk.manager.sessions)
    assert session is not None
    desk.manager.set_status(session, status)
    desk.hub.deliver()
    return session


def test_space_goes_to_who_waits_longest_then_failed_then_done(desk: Desk) -> None:
    desk.open(5)
    for pane, status in ((4, Status.DONE_UNSEEN), (1, Status.FAILED), (3, Status.WAITING), (2, Status.WAITING)):
        take(desk, pane, status)
    seen = []
    for _ in range(5):
        desk.press("space")
        seen.append(desk.workspace.selected)
    assert seen == [3, 2, 1, 4, 3]
    desk.press("shift+space")
    assert desk.workspace.selected == 4
    assert desk.workspace.mode is Mode.NAVIGATION
    assert desk.manager.written == {}


def test_space_does_nothing_while_nobody_needs_you(desk: Desk) -> None:
    desk.open(2)
    desk.press("space", "shift+space")
    assert (desk.workspace.selected, desk.window.widget.toasts.shown) == (2, [])


def test_space_turns_the_page(desk: Desk) -> None:
    desk.open(13)
    take(desk, 1, Status.WAITING)
    desk.press("space")
    assert (desk.workspace.selected, desk.window.widget.top_bar.page_text) == (1, "page 1 of 2")


def test_space_crosses_projects_after_this_one_and_never_types(desk: Desk) -> None:
    desk.open(2)
    there = desk.manager.create(select=False, project=WEB)
    desk.hub.deliver()
    desk.manager.set_status(there, Status.WAITING)
    tab = desk.tabs.by_project(WEB)
    assert tab is not None
    tab.workspace.mode = Mode.TERMINAL
    take(desk, 1, Status.WAITING)
    desk.press("space")
    assert (desk.tabs.project, desk.workspace.selected) == ("/home/user/api", 1)
    desk.press("space")
    assert (desk.tabs.project, desk.workspace.selected, desk.workspace.mode) == (WEB, 1, Mode.NAVIGATION)
    desk.press("a")
    assert desk.manager.written == {}


def test_what_is_done_is_idle_once_it_was_selected_for_a_second(desk: Desk, qtbot: QtBot) -> None:
    desk.open(2)
    done = take(desk, 1, Status.DONE_UNSEEN)
    assert desk.window.widget.top_bar.counts_text == "1 done"
    desk.press("1")
    qtbot.waitUntil(lambda: done.status is Status.IDLE, timeout=30_000)
    desk.hub.deliver()
    assert desk.window.widget.top_bar.counts_text == ""


def test_what_is_done_in_the_selected_pane_becomes_idle_there(desk: Desk, qtbot: QtBot) -> None:
    desk.open(1)
    done = take(desk, 1, Status.DONE_UNSEEN)
    qtbot.waitUntil(lambda: done.status is Status.IDLE, timeout=30_000)


def test_a_failed_or_waiting_session_stays_so_however_long_it_is_looked_at(desk: Desk, qtbot: QtBot) -> None:
    desk.open(2)
    waiting, done = take(desk, 1, Status.WAITING), take(desk, 2, Status.DONE_UNSEEN)
    qtbot.waitUntil(lambda: done.status is Status.IDLE, timeout=30_000)
    desk.press("1")
    assert waiting.status is Status.WAITING
