"""The commands about runs, REPLs and engine sessions: which of them an id means, and what a pane shows."""

import pytest

from synk.actions.engine import EngineActions
from synk.base.errors import UsageError
from synk.base.events import Hub
from tests.gui.fakes import FakeManager


class FakeEngine:
    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []

    def stop(self, kind: str, id: str) -> None:
        self.asked.append(("stop", kind, id))

    def show_session(self, session: int) -> None:
        self.asked.append(("show", session))


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def manager() -> FakeManager:
    return FakeManager(Hub(lambda: None))


@pytest.fixture
def actions(engine: FakeEngine, manager: FakeManager) -> EngineActions:
    return EngineActions(engine, manager, synk=lambda: ("synk",))


@pytest.mark.parametrize(("id", "kind"), [("r12", "run"), ("k4", "REPL"), ("s7", "session")])
def test_the_letter_of_an_id_says_what_is_stopped(actions: EngineActions, engine: FakeEngine, id: str, kind: str) -> None:
    assert actions.stop(id) == f"Stopping {id}"
    assert engine.asked == [("stop", kind, id)]


@pytest.mark.parametrize("id", ["12", "x3", "r", "r1; rm", "k-1"])
def test_other_words_are_no_ids(actions: EngineActions, id: str) -> None:
    with pytest.raises(UsageError, match="is no run"):
        actions.stop(id)


def test_a_run_opens_as_a_pane_that_follows_its_output(actions: EngineActions, manager: FakeManager) -> None:
    assert actions.open("r12") == "Opened r12 in pane 1"
    assert manager.sessions[0].argv == ("synk", "runs", "follow", "r12")


def test_a_repl_opens_as_a_pane_at_its_prompt(actions: EngineActions, manager: FakeManager) -> None:
    actions.open("k4")
    assert manager.sessions[0].argv == ("synk", "repl", "open", "k4")


def test_an_engine_session_is_asked_of_the_host_and_comes_by_itself(
    actions: EngineActions, engine: FakeEngine, manager: FakeManager
) -> None:
    assert actions.open("s7") == "Opening session 7"
    assert engine.asked == [("show", 7)]
    assert manager.sessions == []
