"""How an agent of a layout is started today, and what the settings say about saving."""

import pytest

from synk.actions.ports import TERMINAL, AgentChoice
from synk.app.autosave import AutosaveRules
from synk.app.keeping import autosave_rules, recipe_of
from synk.sessions.restoring import Recipe
from synk.settings.schema import Settings

CLAUDE = AgentChoice("claude", "Claude Code", "CL", argv=("/bin/claude",), variables=(("A", "1"),), unset=("B",))
GEMINI = AgentChoice("gemini", "Gemini CLI", "GM", is_found=False)
PYTHON = AgentChoice("python", "Python", "PY", argv=("synk", "repl", "open", "python"), is_repl=True)


@pytest.mark.parametrize(
    ("agent", "recipe"),
    [
        ("terminal", Recipe("terminal")),
        ("claude", Recipe("claude", ("/bin/claude",), {"A": "1"}, ("B",))),
        ("python", Recipe("python", ("synk", "repl", "open", "python"), is_repl=True)),
        ("gemini", Recipe("terminal", note="terminal: gemini missing")),
        ("unheard-of", Recipe("terminal", note="terminal: unheard-of missing")),
    ],
)
def test_an_agent_is_started_as_the_catalog_has_it_or_replaced_by_a_terminal(agent: str, recipe: Recipe) -> None:
    assert recipe_of(agent, [TERMINAL, CLAUDE, GEMINI, PYTHON]) == recipe


def test_a_terminal_can_be_started_before_the_catalog_was_read() -> None:
    assert recipe_of("terminal", []) == Recipe("terminal")


def test_the_settings_say_whether_and_how_often_panes_are_saved() -> None:
    assert autosave_rules(Settings()) == AutosaveRules(is_on=True, interval_s=60)
    changed = Settings.model_validate({"session": {"auto_save": False, "auto_save_interval_seconds": 10}})
    assert autosave_rules(changed) == AutosaveRules(is_on=False, interval_s=10)
