"""Which tabs there are and which is shown; that automation opens tabs only in the background."""

from hypothesis import given
from hypothesis import strategies as st

from synk.keys.modes import Mode
from synk.sessions.session import Session
from synk.sessions.tabs import Tabs
from synk.terminal.emulator import Emulator


def tabs(*projects: str) -> Tabs:
    """These open, the last one shown."""
    made = Tabs("/start")
    for project in projects:
        made.open(project)
    return made


def session(number: int, project: str, pane: int) -> Session:
    emulator = Emulator(cols=20, rows=4, reply=lambda _data: None)
    return Session(id=number, pane=pane, agent="terminal", project=project, working_dir=project, emulator=emulator)


def names(made: Tabs) -> list[str]:
    return [tab.name for tab in made.all]


def test_opening_a_project_twice_shows_its_tab() -> None:
    made = tabs("/a", "/b")
    first = made.all[0]
    assert made.open("/a") is first
    assert (names(made), made.active) == (["a", "b"], first)


def test_closing_the_shown_tab_shows_the_right_neighbor_then_the_left_one_then_home() -> None:
    made = tabs("/a", "/b", "/c")
    made.show_position(2)
    made.close(made.all[1])
    assert made.project == "/c"
    made.close(made.all[1])
    assert made.project == "/a"
    made.close(made.all[0])
    assert (made.active, made.project, made.folder) == (None, None, "/start")


def test_closing_a_hidden_tab_changes_nothing_that_is_shown() -> None:
    made = tabs("/a", "/b")
    made.close(made.all[0])
    assert made.project == "/b"
    assert made.by_project("/a") is None


def test_steps_wrap_and_lead_from_home_to_either_end() -> None:
    made = tabs("/a", "/b", "/c")
    assert made.step(1)
    assert made.project == "/a"
    assert made.step(-1)
    assert made.project == "/c"
    made.show(None)
    assert made.step(-1)
    assert made.project == "/c"
    assert not tabs().step(1)


def test_a_position_without_a_tab_shows_nothing_else() -> None:
    made = tabs("/a", "/b")
    assert (made.show_position(3), made.show_position(0), made.project) == (False, False, "/b")


def test_tabs_are_moved_and_stay_within_the_strip() -> None:
    made = tabs("/a", "/b", "/c")
    made.move(made.all[2], 1)
    assert names(made) == ["c", "a", "b"]
    made.move(made.all[0], 99)
    assert names(made) == ["a", "b", "c"]
    assert made.project == "/c"


def test_panes_of_a_tab_are_those_of_its_sessions_and_their_numbers_begin_anew() -> None:
    made = tabs("/a", "/b")
    sessions = [session(1, "/a", 1), session(2, "/b", 1), session(3, "/b", 2)]
    assert not made.follow(sessions)
    assert [tab.workspace.panes for tab in made.all] == [[1], [1, 2]]
    made.workspace.select(1)
    assert made.selected(sessions) is sessions[1]
    assert made.in_pane(2, sessions) is sessions[2]
    assert made.shown(sessions) == sessions[1:]
    made.follow(sessions[:2])
    assert [tab.workspace.panes for tab in made.all] == [[1], [1]]


def test_a_session_of_a_project_without_a_tab_gets_one_in_the_background() -> None:
    made = tabs("/a")
    made.workspace.opened(1, by_user=True)
    assert made.follow([session(1, "/a", 1), session(2, "/late", 1)])
    assert (names(made), made.project, made.workspace.selected, made.workspace.mode) == (["a", "late"], "/a", 1, Mode.TERMINAL)
    assert made.all[1].workspace.selected is None


@given(st.lists(st.tuples(st.sampled_from(["open", "close", "step", "move", "home"]), st.integers(0, 4)), max_size=30))
def test_the_shown_tab_is_always_one_of_the_strip(steps: list[tuple[str, int]]) -> None:
    made = Tabs("/start")
    for what, number in steps:
        tab = made.all[number % len(made.all)] if made.all else None
        if what == "open":
            made.open(f"/{number}")
        elif what == "home":
            made.show(None)
        elif what == "step":
            made.step(1 if number % 2 else -1)
        elif tab is not None:
            made.close(tab) if what == "close" else made.move(tab, number)
        assert made.active is None or made.active in made.all
        assert len({tab.project for tab in made.all}) == len(made.all)
        assert made.workspace.panes == []
