"""The agents a window offers: the terminal first, each with the command that is on PATH or marked as missing."""

from pathlib import Path

import pytest

from synk.actions.ports import TERMINAL
from synk.agents.catalog import CatalogReader
from synk.app.agent_choices import AgentList, choices_of
from synk.base.paths import resource_directory


def test_agents_on_path_have_their_command_others_are_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "claude"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    choices = {choice.id: choice for choice in choices_of(CatalogReader(resource_directory() / "agents", None).read())}
    assert next(iter(choices.values())) is TERMINAL
    assert len(choices) > 3
    assert choices["claude"].argv[0] == str(program)
    assert choices["claude"].is_found
    assert (choices["gemini"].is_found, choices["gemini"].argv, choices["gemini"].command) == (False, (), "gemini")


def test_until_the_catalog_is_read_there_is_a_terminal() -> None:
    assert AgentList().choices == (TERMINAL,)
