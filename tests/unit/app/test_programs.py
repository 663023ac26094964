"""What is found on PATH, and what programs say of their versions."""

import stat
from pathlib import Path

import pytest

from synk.agents.catalog import CatalogReader
from synk.app.programs import find_programs, version_in


def test_agents_tools_and_the_shell_are_looked_for_on_path(tmp_path: Path) -> None:
    agents = tmp_path / "agents"
    agents.mkdir()
    for name, extra in (("here", 'install = "get here"'), ("away", 'install = "get away"'), ("plain", "")):
        detect = "" if name == "plain" else f'[detect]\nexecutables = ["{name}"]\n'
        (agents / f"{name}.toml").write_text(f'schema = 1\nname = "{name}"\nbadge = "AA"\n{extra}\n{detect}')
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("here", "zsh"):
        (programs / name).touch()
        (programs / name).chmod(stat.S_IRWXU)
    found = find_programs(CatalogReader(agents, None), {"PATH": str(programs), "SHELL": str(programs / "zsh")})
    assert [(each.id, each.path, each.install) for each in found] == [
        ("away", "", "get away"),
        ("here", str(programs / "here"), "get here"),
        ("git", "", "sudo apt-get install git"),
        ("shell", str(programs / "zsh"), ""),
    ]
    assert found[-1].name == "zsh"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("git version 2.39.5\n", "2.39.5"),
        ("2.1.4 (Claude Code)", "2.1.4"),
        ("v20.20.2", "20.20.2"),
        ("GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\nCopyright (C) 2022", "5.2.15"),
        ("codex-cli 0.46.0-alpha.1", "0.46.0-alpha.1"),
        ("\n  nightly build\n", "nightly build"),
        ("x" * 60, "x" * 39 + "\u2026"),
        ("", ""),
    ],
)
def test_a_version_is_the_first_number_with_a_dot(text: str, version: str) -> None:
    assert version_in(text) == version
