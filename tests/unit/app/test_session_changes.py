"""What is done with changed settings of a session."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synk.actions.ports import TERMINAL, AgentChoice, Question
from synk.app.session_changes import SessionChanges
from synk.sessions.session import Session
from synk.terminal.emulator import Emulator
from synk.ui.session_card import SessionFacts

CLAUDE = AgentChoice(
    "claude", "Claude Code", "CL", argv=("claude", "--x"), variables=(("CLAUDE_X", "1"),), unset=("OLD",), command="claude"
)


class FakeJobs:
    """Runs at once what would run on a thread of its own."""

    def aside(self, work: Callable[[], Any], done: Callable[[Any], None], **_others: Any) -> None:
        done(work())


class FakeManager:
    def __init__(self, session: Session) -> None:
        self.sessions = [session]
        self.titles: list[str] = []
        self.restarts: list[dict[str, Any]] = []

    def rename(self, _session: Session, title: str) -> None:
        self.titles.append(title)

    def is_busy(self, _session: Session) -> bool:
        return True

    def program_of(self, _session: Session) -> str:
        return "vim"

    def restart_as(self, session: Session, **facts: Any) -> None:
        self.restarts.append({"session": session.id, **facts})


class Desk:
    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)
        self.session = Session(
            id=7, pane=3, agent="terminal", project=self.folder, working_dir=self.folder,
            emulator=Emulator(cols=80, rows=24, reply=lambda _data: None), variables={"MODE": "dev"}, title="mine",
        )  # fmt: skip
        self.manager = FakeManager(self.session)
        self.questions: list[tuple[Question, Callable[[], object]]] = []
        self.answers: list[str] = []
        self.changes = SessionChanges(
            self.manager,  # type: ignore[arg-type]
            FakeJobs(),  # type: ignore[arg-type]
            agents=lambda: [TERMINAL, CLAUDE],
            ask=lambda question, on_confirm: self.questions.append((question, on_confirm)),
        )

    def apply(self, **changed: Any) -> None:
        facts = {"agent": "terminal", "title": "mine", "folder": self.folder, "variables": {"MODE": "dev"}, **changed}
        self.changes.apply(self.session, SessionFacts(**facts), self.answers.append)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_nothing_changed_does_nothing(desk: Desk) -> None:
    desk.apply()
    assert (desk.answers, desk.questions, desk.manager.titles) == ([""], [], [])


def test_a_title_needs_no_restart(desk: Desk) -> None:
    desk.apply(title="")
    assert (desk.manager.titles, desk.questions) == ([""], [])


def test_what_needs_a_restart_is_done_after_one_question(desk: Desk) -> None:
    (Path(desk.folder) / "src").mkdir()
    desk.apply(folder="src", variables={"MODE": "test"})
    question, confirm = desk.questions[0]
    assert question.title == "Restart pane 3 with these settings?"
    assert question.body == "vim is still running in pane 3."
    assert desk.manager.restarts == []
    confirm()
    assert desk.manager.restarts == [
        {
            "session": 7, "agent": "terminal", "directory": f"{desk.folder}/src", "variables": {"MODE": "test"}, "unset": (),
            "argv": (), "is_repl": False,
        }
    ]  # fmt: skip


def test_another_agent_brings_its_command_and_variables(desk: Desk) -> None:
    desk.apply(agent="claude")
    desk.questions[0][1]()
    [restart] = desk.manager.restarts
    assert (restart["argv"], restart["unset"]) == (("claude", "--x"), ("OLD",))
    assert restart["variables"] == {"CLAUDE_X": "1", "MODE": "dev"}


def test_the_variables_of_the_agent_itself_are_no_change(desk: Desk) -> None:
    desk.session.agent, desk.session.variables = "claude", {"CLAUDE_X": "1", "MODE": "dev"}
    desk.apply(agent="claude")
    assert (desk.questions, desk.answers) == ([], [""])


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"folder": "nothing"}, "nothing is not a folder"),
        ({"variables": {"1X": "y"}}, "Variable 1X is not a valid name"),
        ({"variables": {"SYNK_X": "y"}}, "is reserved"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_changes(desk: Desk, changed: dict[str, Any], problem: str) -> None:
    desk.apply(title="other", **changed)
    assert problem in desk.answers[0]
    assert (desk.manager.titles, desk.questions) == ([], [])


def test_a_session_closed_meanwhile_is_left_alone(desk: Desk) -> None:
    desk.manager.sessions.clear()
    desk.apply(title="other")
    assert (desk.answers, desk.manager.titles) == ([""], [])
