"""A layout keeps where panes stand and how to start them; no secret, no screen."""

from typing import Any as Desk

import pytest

from synk.base.errors import UsageError
from synk.sessions.session import Session, missing_note
from synk.sessions.snapshots import check_name, is_same, masked, suggested_name, take_snapshot
from synk.sessions.tabs import Tab


def tab_of(*sessions: Session) -> Tab:
    tab = Tab("/project")
    for session in sessions:
        tab.workspace.opened(session.pane, by_user=False)
    return tab


def test_a_snapshot_has_the_panes_of_its_project_with_their_agents_folders_and_titles(desk: Desk) -> None:
    claude = desk.create(agent="claude", argv=["/bin/claude"], directory="/project/src")
    desk.create(project="/other")
    shell = desk.create()
    desk.manager.rename(shell, "logs")
    tab = tab_of(claude, shell)
    tab.workspace.select(shell.pane)
    layout = take_snapshot(tab, desk.manager.sessions, name="a", kind="named", saved_at=5.0)
    assert [(pane.pane, pane.agent, pane.working_dir, pane.title, pane.session) for pane in layout.panes] == [
        (1, "claude", "/project/src", "", claude.id),
        (2, "terminal", "/project", "logs", shell.id),
    ]
    assert (layout.project, layout.cols, layout.rows, layout.page, layout.selected) == ("/project", 2, 1, 0, 2)


def test_a_shell_is_kept_where_it_is_and_an_agent_where_it_was_started(desk: Desk) -> None:
    shell, agent = desk.create(), desk.create(agent="claude", argv=["/bin/claude"])
    shell.current_dir = agent.current_dir = "/project/deep"
    layout = take_snapshot(tab_of(shell, agent), desk.manager.sessions, name="a", kind="named", saved_at=5.0)
    assert [pane.working_dir for pane in layout.panes] == ["/project/deep", "/project"]


def test_the_shape_is_that_of_the_page_shown(desk: Desk) -> None:
    desk.manager.rules = type(desk.manager.rules)(max_active=64)
    sessions = [desk.create() for _ in range(14)]
    tab = tab_of(*sessions)
    assert take_snapshot(tab, sessions, name="a", kind="named", saved_at=5.0).cols == 4
    tab.workspace.select(14)
    layout = take_snapshot(tab, sessions, name="a", kind="named", saved_at=5.0)
    assert (layout.page, layout.cols, layout.rows) == (1, 2, 1)


def test_a_terminal_that_stands_in_for_an_agent_is_kept_as_that_agent(desk: Desk) -> None:
    tab = tab_of(desk.create(note=missing_note("gemini")), desk.create(note="log"))
    layout = take_snapshot(tab, desk.manager.sessions, name="a", kind="named", saved_at=5.0)
    assert layout.agents == ("gemini", "terminal")


@pytest.mark.parametrize("name", ["API_KEY", "my_token", "SECRETS", "DB_PASSWORD", "Keyring"])
def test_a_value_whose_name_looks_secret_is_not_kept(name: str) -> None:
    assert masked({name: "hunter2", "LEVEL": "2"}) == {name: None, "LEVEL": "2"}


def test_a_command_of_the_users_own_is_kept_unless_it_holds_a_secret(desk: Desk) -> None:
    plain = desk.create(argv=["htop", "-d", "5"])
    secret = desk.create(argv=["deploy", "--token=abc"])
    agent = desk.create(agent="claude", argv=["/bin/claude"])
    layout = take_snapshot(tab_of(plain, secret, agent), desk.manager.sessions, name="a", kind="named", saved_at=5.0)
    assert [pane.argv for pane in layout.panes] == [("htop", "-d", "5"), (), ()]
    assert "abc" not in repr(layout)


def test_two_layouts_that_differ_in_their_time_only_are_the_same(desk: Desk) -> None:
    tab = tab_of(desk.create())
    first = take_snapshot(tab, desk.manager.sessions, name="a", kind="named", saved_at=5.0)
    assert is_same(first, take_snapshot(tab, desk.manager.sessions, name="a", kind="named", saved_at=6.0))
    desk.create()
    assert not is_same(first, take_snapshot(tab, desk.manager.sessions, name="a", kind="named", saved_at=6.0))
    assert not is_same(None, first)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("  ", "needs a name"),
        ("x" * 81, "at most 80 characters, not 81"),
        ("a\tb", "control characters"),
        ("a\x1b[31m", "control characters"),
        ("Autosave", "saves by itself"),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_the_reason(name: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        check_name(name)


@pytest.mark.parametrize("name", ["test-layout", "Grüße 2", "x" * 80, "  padded  "])
def test_a_name_is_taken_without_the_blanks_around_it(name: str) -> None:
    assert check_name(name) == name.strip()


def test_the_name_offered_is_the_last_one_or_a_free_one() -> None:
    assert suggested_name(["layout 1", "layout 3"]) == "layout 2"
    assert suggested_name(["mine"], last="mine") == "mine"
