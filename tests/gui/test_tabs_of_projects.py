"""Several projects in one window: each with its own panes; what is hidden is not painted."""

from synk.actions.tabs import TabActions
from synk.base.events import NoticeRaised
from synk.keys.modes import Mode
from synk.sessions.events import SessionChanged
from synk.sessions.session import Status
from tests.gui.desk import Desk

OTHER = "/home/user/web"


def two_projects(desk: Desk) -> None:
    """Two panes in the first project, one in the other, which is shown."""
    desk.manager.project = lambda: desk.tabs.folder
    desk.open(2)
    desk.tabs.open(OTHER)
    desk.window.show_workspace()
    desk.open(1)


def visible(desk: Desk) -> list[tuple[str, int]]:
    grid = desk.window.widget.grid
    sessions = desk.manager.sessions
    shown = [each for each in sessions if (pane := grid.pane_for(each)) is not None and pane.isVisible()]
    return [(each.project, each.pane) for each in shown]


def test_each_project_has_panes_of_its_own_from_number_1(desk: Desk) -> None:
    two_projects(desk)
    assert visible(desk) == [(OTHER, 1)]
    desk.tabs.show_position(1)
    desk.window.show_workspace()
    assert visible(desk) == [("/home/user/api", 1), ("/home/user/api", 2)]


def test_keys_reach_the_pane_of_the_project_shown_only(desk: Desk) -> None:
    two_projects(desk)
    desk.press("enter")
    desk.type("x")
    first, second, other = sorted(desk.manager.sessions, key=lambda each: each.id)
    written = desk.manager.written
    assert (written.get(first.id), written.get(second.id), written.get(other.id)) == (None, None, b"x")


def test_a_hidden_project_is_not_painted_however_much_it_prints(desk: Desk) -> None:
    two_projects(desk)
    hidden = next(each for each in desk.manager.sessions if each.project != OTHER)
    pane = desk.window.widget.grid.pane_for(hidden)
    assert pane is not None
    before = pane.view.paint_count
    desk.manager.print_to(hidden, b"flood\r\n" * 500)
    desk.hub.deliver()
    desk.window.widget.grab()
    assert pane.view.paint_count == before
    assert "flood" in hidden.emulator.text(0)


def test_messages_and_cards_stay_above_the_home_screen_and_above_a_project(desk: Desk) -> None:
    widget = desk.window.widget
    desk.hub.publish(NoticeRaised("error", "/nope is not a folder"))
    desk.hub.deliver()
    toast = widget.toasts.shown[0]
    for tab in (None, desk.tabs.all[0]):
        desk.tabs.show(tab)
        desk.window.show_workspace()
        seen = widget.childAt(toast.mapTo(widget, toast.rect().center()))
        assert seen is toast or toast.isAncestorOf(seen)


def test_a_session_of_another_project_opens_in_the_background(desk: Desk) -> None:
    two_projects(desk)
    desk.manager.create(project="/home/user/late", select=False)
    desk.hub.deliver()
    assert [tab.name for tab in desk.tabs.all] == ["api", "web", "late"]
    assert (desk.tabs.project, visible(desk)) == (OTHER, [(OTHER, 1)])


def test_the_pane_of_a_notice_is_shown_with_its_project(desk: Desk) -> None:
    two_projects(desk)
    first = min(desk.manager.sessions, key=lambda each: each.id)
    desk.runner.run(f"pane.select session:{first.id}")
    assert (desk.tabs.project, desk.workspace.selected) == ("/home/user/api", 1)


def test_closing_a_project_with_sessions_asks_and_names_them(desk: Desk) -> None:
    two_projects(desk)
    actions = TabActions(desk.tabs, desk.manager, desk.window, open_folder=desk.tabs.open, notify=desk.hub.publish)
    desk.runner.registry.add(actions)
    desk.runner.run("tab.close")
    card = desk.cards.top
    assert card is not None
    assert card.title == "Close web? One session runs there"
    desk.press("enter")
    assert [tab.name for tab in desk.tabs.all] == ["api"]
    assert {each.project for each in desk.manager.sessions} == {"/home/user/api"}
    desk.runner.run("home.show")
    desk.hub.deliver()
    assert desk.window.widget.is_home
    desk.runner.run("tab.move next")
    assert not desk.window.widget.is_home


def test_a_session_opened_at_the_home_screen_opens_its_project(desk: Desk) -> None:
    desk.manager.project = lambda: desk.tabs.folder
    desk.tabs.close(desk.tabs.all[0])
    desk.window.show_workspace()
    assert desk.window.widget.is_home
    desk.runner.run("session.new terminal")
    assert (desk.tabs.project, desk.workspace.selected, desk.workspace.mode) == ("/home/user/api", 1, Mode.TERMINAL)
    assert not desk.window.widget.is_home


def test_a_tab_counts_the_sessions_that_need_the_user_there(desk: Desk) -> None:
    two_projects(desk)
    first, second, _ = sorted(desk.manager.sessions, key=lambda each: each.id)
    strip = desk.window.widget.top_bar.tabs
    assert [button.item.attention for button in strip.buttons] == [0, 0]
    for session, status, count, token in (
        (first, Status.DONE_UNSEEN, 1, "green"),
        (second, Status.FAILED, 2, "red"),
        (first, Status.WAITING, 2, "orange"),
    ):
        session.status = status
        desk.hub.publish(SessionChanged(session.id))
        desk.hub.deliver()
        assert [(button.item.attention, button.item.token) for button in strip.buttons] == [(count, token), (0, "green")]
