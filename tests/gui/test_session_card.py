"""The form with what a session was started with."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from synk.actions.ports import TERMINAL, AgentChoice
from synk.sessions.session import Session
from synk.terminal.emulator import Emulator
from synk.ui.cards import CardStack
from synk.ui.session_card import HIDDEN, SessionCard, SessionFacts, read_variables, shown_variables
from synk.ui.theme import Theme

CLAUDE = AgentChoice("claude", "Claude Code", "CL", "purple", ("claude",), variables=(("CLAUDE_X", "1"),))
MISSING = AgentChoice("gemini", "Gemini CLI", "GM", "blue", ("gemini",), is_found=False)


class Shown:
    """The card over a window, and what it hands over."""

    def __init__(self, theme: Theme, qtbot: QtBot, agent: str = "claude") -> None:
        self.session = Session(
            id=7, pane=3, agent=agent, project="/home/user/api", working_dir="/home/user/api", program=agent,
            emulator=Emulator(cols=80, rows=24, reply=lambda _data: None), title="the fix",
            variables={"CLAUDE_X": "1", "MODE": "dev", "API_KEY": "geheim"},
        )  # fmt: skip
        self.window = QWidget()
        self.window.resize(1280, 800)
        qtbot.addWidget(self.window)
        self.cards = CardStack(self.window)
        self.applied: list[SessionFacts] = []
        self.done: Callable[[str], None] = lambda _problem: None
        self.card = SessionCard(theme, self.session, [TERMINAL, CLAUDE, MISSING], on_apply=self._apply)
        with qtbot.waitActive(self.window):
            self.window.show()
            self.window.activateWindow()
        self.cards.open(self.card)

    def _apply(self, facts: SessionFacts, done: Callable[[str], None]) -> None:
        self.applied.append(facts)
        self.done = done

    def press(self, *keys: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        for key in keys:
            focused = self.window.focusWidget()
            assert focused is not None
            QTest.keyClick(focused, key, modifier)

    def type(self, text: str) -> None:
        QTest.keyClicks(self.window.focusWidget(), text)


@pytest.fixture
def shown(theme: Theme, qtbot: QtBot) -> Shown:
    return Shown(theme, qtbot)


def test_it_shows_what_the_user_set_and_no_secret(shown: Shown) -> None:
    assert shown.card.agent.choice is CLAUDE
    assert shown.card.title_line.text() == "the fix"
    assert shown.card.folder_line.text() == "/home/user/api"
    assert shown.card.variables.toPlainText() == f"API_KEY={HIDDEN}\nMODE=dev"


def test_enter_without_a_change_hands_over_what_was(shown: Shown) -> None:
    shown.press(Qt.Key.Key_Return)
    assert shown.applied == [SessionFacts("claude", "the fix", "/home/user/api", {"API_KEY": "geheim", "MODE": "dev"})]
    assert shown.cards.top is shown.card
    shown.done("")
    assert shown.cards.top is None


def test_everything_is_changed_from_the_keyboard(shown: Shown) -> None:
    shown.press(Qt.Key.Key_Right)
    assert shown.card.agent.choice is TERMINAL
    shown.press(Qt.Key.Key_Tab)
    shown.press(Qt.Key.Key_A, modifier=Qt.KeyboardModifier.ControlModifier)
    shown.type("tests")
    shown.press(Qt.Key.Key_Tab, Qt.Key.Key_End)
    shown.type("/src")
    shown.press(Qt.Key.Key_Tab)
    shown.press(Qt.Key.Key_End, modifier=Qt.KeyboardModifier.ControlModifier)
    shown.press(Qt.Key.Key_Return, modifier=Qt.KeyboardModifier.ShiftModifier)
    shown.type("NEW=a=b")
    shown.press(Qt.Key.Key_Tab)
    assert shown.card.agent.hasFocus()
    shown.press(Qt.Key.Key_Backtab, modifier=Qt.KeyboardModifier.ShiftModifier)
    shown.press(Qt.Key.Key_Return)
    variables = {"API_KEY": "geheim", "MODE": "dev", "NEW": "a=b"}
    assert shown.applied == [SessionFacts("terminal", "tests", "/home/user/api/src", variables)]


def test_an_agent_that_is_not_installed_is_not_offered(shown: Shown) -> None:
    seen = set()
    for _ in range(4):
        seen.add(shown.card.agent.choice.id)
        shown.press(Qt.Key.Key_Right)
    assert seen == {"terminal", "claude"}


def test_a_session_of_an_agent_nobody_knows_keeps_it(theme: Theme, qtbot: QtBot) -> None:
    shown = Shown(theme, qtbot, agent="own")
    assert shown.card.agent.choice.id == "own"


def test_a_problem_is_shown_and_the_fields_stay(shown: Shown) -> None:
    shown.card.variables.setPlainText("MODE=dev\nnonsense")
    shown.press(Qt.Key.Key_Return)
    assert shown.card.problem == "Variables, line 2: write NAME=value"
    assert shown.applied == []
    shown.card.variables.setPlainText("MODE=dev")
    shown.press(Qt.Key.Key_Return)
    shown.done("/home/user/api is not a folder")
    assert shown.card.problem == "/home/user/api is not a folder"
    assert shown.cards.top is shown.card
    assert shown.window.rect().contains(shown.card.geometry())


@pytest.mark.parametrize("tabs", range(4))
def test_escape_is_a_key_of_the_window_from_every_field(shown: Shown, tabs: int) -> None:
    unused = []
    shown.cards.pressed.connect(unused.append)
    shown.press(*[Qt.Key.Key_Tab] * tabs, Qt.Key.Key_Escape)
    assert [press.name for press in unused] == ["escape"]


def test_a_late_answer_to_a_card_that_was_closed_does_nothing(shown: Shown) -> None:
    shown.press(Qt.Key.Key_Return)
    shown.card.cancel()
    shown.done("")
    assert shown.cards.top is None


@pytest.mark.parametrize("variables", [{}, {"A": ""}, {"A": "x=y", "B": "  spaces  "}, {"TOKEN": "t", "PATH_X": "/a:/b"}])
def test_variables_are_read_as_they_were_shown(variables: dict[str, str]) -> None:
    assert read_variables(shown_variables(variables), variables) == variables


def test_a_new_value_for_a_secret_is_taken() -> None:
    assert read_variables("API_KEY=new\n\n", {"API_KEY": "old"}) == {"API_KEY": "new"}
    assert read_variables(f"OTHER={HIDDEN}", {}) == {"OTHER": HIDDEN}
