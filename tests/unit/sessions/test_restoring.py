"""Panes of a layout come back: at once, one after the other, beside what runs; each row of 04-persistence.md, section 9."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from typing import Any as Desk

import pytest

from synk.base.errors import SpawnFailed, UsageError
from synk.base.events import NoticeRaised
from synk.keys.modes import Mode
from synk.sessions.manager import SessionRules
from synk.sessions.restoring import PATIENCE_MS, STEP_MS, Place, Recipe, Restorer, find_place
from synk.sessions.session import Session
from synk.sessions.tabs import Tab
from synk.storage.layouts import VERSION, Layout, LayoutPane

LAYOUT = Layout(
    "/project", "mine", "named", 1.0,
    tuple(LayoutPane(number, "terminal", f"/project/{number}", title=f"title {number}") for number in (1, 2, 3, 5)),
    selected=3,
)  # fmt: skip

RECIPES = {
    "terminal": Recipe("terminal"),
    "claude": Recipe("claude", ("/bin/claude",), {"TERM_PROGRAM": "synk"}, ("NO_COLOR",)),
    "gemini": Recipe("terminal", note="terminal: gemini missing"),
}


class Folders:
    """What is found for each pane; a test decides when."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []
        self.problems: dict[int, str] = {}
        self.answers = True

    def place(self, pane: LayoutPane) -> Place:
        problem = self.problems.get(pane.pane, "")
        return Place("" if problem else pane.working_dir, problem)

    def aside(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self.waiting.append(lambda: done(work()))

    def answer(self) -> None:
        """Every folder asked for so far answers."""
        waiting, self.waiting = self.waiting, []
        for answer in waiting:
            answer()


@pytest.fixture
def folders() -> Folders:
    return Folders()


@pytest.fixture
def restorer(desk: Desk, folders: Folders) -> Restorer:
    made = Restorer(
        desk.manager,
        recipe=lambda agent: RECIPES[agent],
        later=desk.later,
        aside=folders.aside,
        notify=desk.hub.publish,
        place=folders.place,
    )
    desk.manager.retry = made.retry
    return made


def notices(desk: Desk) -> list[tuple[str, str, str]]:
    desk.hub.deliver()
    return [(notice.level, notice.title, notice.body) for notice in desk.heard(NoticeRaised)]


def started(desk: Desk) -> list[str]:
    desk.hub.deliver()
    return [call.arguments["directory"] for call in desk.host.asked("session.start")]


def panes_of(desk: Desk) -> list[int]:
    return [session.pane for session in desk.manager.sessions]


def test_panes_appear_at_once_and_start_a_step_apart(desk: Desk, restorer: Restorer, folders: Folders) -> None:
    tab = Tab("/project")
    assert restorer.restore(LAYOUT, tab) == 4
    assert panes_of(desk) == [1, 2, 3, 5]
    assert {session.note for session in desk.manager.sessions} == {"restoring"}
    assert [session.title for session in desk.manager.sessions] == ["title 1", "title 2", "title 3", "title 5"]
    assert started(desk) == []
    folders.answer()
    assert started(desk) == ["/project/1"]
    desk.pass_time(STEP_MS)
    assert started(desk) == ["/project/1", "/project/2"]
    desk.pass_time(2 * STEP_MS)
    assert len(started(desk)) == 4
    assert {session.note for session in desk.manager.sessions} == {""}
    assert notices(desk) == [("info", "4 panes restored", "")]
    desk.pass_time(PATIENCE_MS)
    assert len(notices(desk)) == 1


def test_in_an_empty_tab_the_layouts_pane_is_selected_and_nothing_is_typed_into(restorer: Restorer) -> None:
    tab = Tab("/project")
    restorer.restore(LAYOUT, tab)
    assert (tab.workspace.selected, tab.workspace.mode) == (3, Mode.NAVIGATION)


def test_a_layout_without_a_selected_pane_selects_the_first(restorer: Restorer) -> None:
    tab = Tab("/project")
    restorer.restore(replace(LAYOUT, selected=None), tab)
    assert tab.workspace.selected == 1


def test_beside_running_sessions_panes_take_the_next_free_numbers_and_move_nothing(
    desk: Desk, restorer: Restorer, folders: Folders
) -> None:
    tab, running = Tab("/project"), desk.create()
    tab.workspace.opened(running.pane, by_user=True)
    restorer.restore(LAYOUT, tab)
    folders.answer()
    assert panes_of(desk) == [1, 2, 3, 4, 5]
    assert running.is_live
    assert (tab.workspace.selected, tab.workspace.mode) == (1, Mode.TERMINAL)


def test_what_did_not_outlive_a_crash_gets_its_own_numbers(desk: Desk, restorer: Restorer) -> None:
    kept = desk.create()
    layout = replace(LAYOUT, kind="autosave")
    restorer.restore(layout, Tab("/project"), only=lambda pane: pane.pane != kept.pane)
    assert panes_of(desk) == [1, 2, 3, 5]
    assert len(desk.manager.sessions) == 4


def test_an_agent_is_started_as_the_catalog_has_it_now(desk: Desk, restorer: Restorer, folders: Folders) -> None:
    pane = LayoutPane(1, "claude", "/project", variables={"LEVEL": "2", "API_KEY": None, "TERM_PROGRAM": "mine"})
    restorer.restore(replace(LAYOUT, panes=(pane,)), Tab("/project"))
    folders.answer()
    arguments = desk.start_of(desk.manager.sessions[0]).arguments
    assert (arguments["agent"], arguments["argv"], arguments["unset"]) == ("claude", ["/bin/claude"], ["NO_COLOR"])
    assert arguments["variables"] == {"TERM_PROGRAM": "mine", "LEVEL": "2"}


def test_a_command_of_the_users_own_is_started_again(desk: Desk, restorer: Restorer, folders: Folders) -> None:
    restorer.restore(replace(LAYOUT, panes=(LayoutPane(1, "terminal", "/project", argv=("htop",)),)), Tab("/project"))
    folders.answer()
    assert desk.start_of(desk.manager.sessions[0]).arguments["argv"] == ["htop"]


def test_an_agent_that_is_not_installed_opens_as_a_terminal_with_a_note(
    desk: Desk, restorer: Restorer, folders: Folders
) -> None:
    restorer.restore(replace(LAYOUT, panes=(LayoutPane(1, "gemini", "/project"),)), Tab("/project"))
    folders.answer()
    (session,) = desk.manager.sessions
    assert (session.agent, session.note, session.is_live) == ("terminal", "terminal: gemini missing", True)
    assert notices(desk) == [("info", "1 pane restored", "Pane 1: terminal: gemini missing")]


def test_a_pane_whose_folder_is_gone_opens_ended_with_the_reason_and_enter_tries_again(
    desk: Desk, restorer: Restorer, folders: Folders
) -> None:
    folders.problems[2] = "The folder is gone: /project/2"
    restorer.restore(LAYOUT, Tab("/project"))
    folders.answer()
    desk.pass_time(3 * STEP_MS)
    gone = desk.manager.sessions[1]
    assert gone.bar == "The folder is gone: /project/2 - Enter try again, x close"
    assert notices(desk) == [("warning", "3 panes restored, 1 could not", "Pane 2: The folder is gone: /project/2")]
    desk.manager.restart(gone)
    folders.answer()
    desk.pass_time(STEP_MS)
    assert gone.bar == "The folder is gone: /project/2 - Enter try again, x close"
    folders.problems.clear()
    desk.manager.restart(gone)
    folders.answer()
    desk.pass_time(STEP_MS)
    assert started(desk)[-1] == "/project/2"
    assert gone.bar == ""
    assert len(notices(desk)) == 1


def test_a_worktree_that_was_made_again_is_started_where_it_is_now(desk: Desk, folders: Folders) -> None:
    restorer = Restorer(
        desk.manager, recipe=lambda agent: RECIPES[agent], later=desk.later, aside=folders.aside, notify=desk.hub.publish,
        place=lambda pane: Place(f"/made/again/{pane.branch}"),
    )  # fmt: skip
    pane = LayoutPane(1, "terminal", "/gone", branch="login", isolation="worktree", worktree="/gone")
    restorer.restore(replace(LAYOUT, panes=(pane,)), Tab("/project"))
    folders.answer()
    assert started(desk) == ["/made/again/login"]
    assert desk.manager.sessions[0].working_dir == "/made/again/login"


def test_more_panes_than_free_sessions_open_ended_with_the_limit(desk: Desk, restorer: Restorer, folders: Folders) -> None:
    desk.manager.rules = SessionRules(max_active=3)
    desk.create(project="/other")
    restorer.restore(LAYOUT, Tab("/project"))
    folders.answer()
    desk.pass_time(3 * STEP_MS)
    mine = desk.manager.sessions_of("/project")
    assert [session.is_live for session in mine] == [True, True, False, False]
    assert mine[2].bar == "session limit - Enter try again, x close"
    told = "Pane 3: session limit\nPane 5: session limit"
    assert notices(desk) == [("warning", "2 panes restored, 2 could not", told)]
    desk.manager.close(mine[0])
    desk.manager.restart(mine[2])
    folders.answer()
    desk.pass_time(STEP_MS)
    assert mine[2].is_live


def test_a_folder_that_does_not_answer_is_told_of_and_starts_when_it_does(
    desk: Desk, restorer: Restorer, folders: Folders
) -> None:
    restorer.restore(replace(LAYOUT, panes=LAYOUT.panes[:1]), Tab("/project"))
    desk.pass_time(PATIENCE_MS)
    assert notices(desk) == [("warning", "No panes restored, 1 could not", "Pane 1: /project/1 does not answer")]
    assert desk.manager.sessions[0].note == "restoring"
    folders.answer()
    assert started(desk) == ["/project/1"]
    assert len(notices(desk)) == 1


def test_a_pane_that_was_closed_meanwhile_is_not_started(desk: Desk, restorer: Restorer, folders: Folders) -> None:
    restorer.restore(LAYOUT, Tab("/project"))
    desk.manager.close(desk.manager.sessions[0])
    folders.answer()
    desk.pass_time(4 * STEP_MS)
    assert started(desk) == ["/project/2", "/project/3", "/project/5"]


def test_a_start_that_fails_leaves_the_pane_with_the_reason(desk: Desk, restorer: Restorer, folders: Folders) -> None:
    restorer.restore(replace(LAYOUT, panes=LAYOUT.panes[:1]), Tab("/project"))
    folders.answer()
    (session,) = desk.manager.sessions
    desk.refuse(desk.start_of(session), SpawnFailed("Cannot start bash: gone"))
    assert session.bar.startswith("Cannot start bash: gone - ")


@pytest.mark.parametrize(
    ("layout", "reason"),
    [
        (replace(LAYOUT, project="/elsewhere"), "a layout of /elsewhere. Open that folder first"),
        (replace(LAYOUT, version=VERSION + 1), "saved by a newer Synk"),
    ],
)
def test_a_layout_that_cannot_be_opened_here_is_refused_with_the_reason(
    desk: Desk, restorer: Restorer, layout: Layout, reason: str
) -> None:
    with pytest.raises(UsageError, match=reason):
        restorer.restore(layout, Tab("/project"))
    assert desk.manager.sessions == []


def test_a_folder_is_found_if_it_is_there_and_a_worktree_is_named_by_its_branch(tmp_path: Path) -> None:
    pane = LayoutPane(1, "terminal", str(tmp_path))
    assert find_place(pane) == Place(str(tmp_path))
    gone = str(tmp_path / "gone")
    assert find_place(replace(pane, working_dir=gone)).problem == f"The folder is gone: {gone}"
    worktree = replace(pane, working_dir=gone, isolation="worktree", branch="feat/x")
    assert find_place(worktree).problem == f"The worktree of feat/x is gone: {gone}"


def test_a_closed_session_is_forgotten(desk: Desk, restorer: Restorer, folders: Folders) -> None:
    folders.problems[1] = "gone"
    restorer.restore(replace(LAYOUT, panes=LAYOUT.panes[:1]), Tab("/project"))
    folders.answer()
    session: Session = desk.manager.sessions[0]
    restorer.forget(session.id)
    assert not restorer.retry(session)
