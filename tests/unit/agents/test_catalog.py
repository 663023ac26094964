"""The catalog is data: shipped entries are sound, user files change single keys, mistakes name file and line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from synk.agents.catalog import TERMINAL, CatalogReader
from synk.base.paths import resource_directory

SHIPPED = resource_directory() / "agents"


@pytest.fixture
def user(tmp_path: Path) -> Path:
    folder = tmp_path / "agents"
    folder.mkdir()
    return folder


@pytest.fixture
def reader(user: Path) -> CatalogReader:
    return CatalogReader(SHIPPED, user)


def test_every_shipped_entry_is_sound_and_the_terminal_comes_first() -> None:
    catalog = CatalogReader(SHIPPED, None).read()
    assert catalog.problems == ()
    assert [agent.id for agent in catalog.agents] == ["terminal", "claude", "gemini", "codex", "opencode", "python", "node"]
    assert [agent.badge for agent in catalog.agents] == [">_", "CL", "GM", "CX", "OC", "PY", "JS"]
    assert [agent.id for agent in catalog.agents if agent.launch.repl] == ["python", "node"]
    assert [agent.id for agent in catalog.agents if agent.is_shell] == [TERMINAL]
    assert all(agent.install for agent in catalog.agents if not agent.is_shell)


def test_a_user_file_that_sets_one_key_keeps_all_others(user: Path, reader: CatalogReader) -> None:
    (user / "claude.toml").write_text('[launch]\nargv = ["--verbose"]\n')
    catalog = reader.read()
    claude = catalog.get("claude")
    assert claude is not None
    assert claude.launch.argv == ("--verbose",)
    assert claude.launch.unset == ("CLAUDECODE", "CLAUDE_CODE_SESSION_ID")
    assert claude.detect.executables == ("claude",)
    assert catalog.problems == ()


def test_a_new_file_adds_an_agent(user: Path, reader: CatalogReader) -> None:
    (user / "mine.toml").write_text('name = "Mine"\nbadge = "MI"\ndetect.executables = ["mine"]\nlaunch.env = { A = "b c" }\n')
    catalog = reader.read()
    assert catalog.agents[-1].id == "mine"
    assert catalog.agents[-1].launch.env == {"A": "b c"}


def test_removing_a_file_removes_the_agent(tmp_path: Path) -> None:
    (tmp_path / "terminal.toml").write_bytes((SHIPPED / "terminal.toml").read_bytes())
    assert [agent.id for agent in CatalogReader(tmp_path, None).read().agents] == ["terminal"]


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("claude", "\nlaunch.argvv = []\n", "agents/claude.toml line 2: unknown key launch.argvv. The shipped entry is used."),
        ("claude", "order = 'x'\n", "agents/claude.toml line 1: order: has to be integer, not 'x'. The shipped entry is used."),
        (
            "claude",
            "[launch]\nargv = ['a',\n 3]\n",
            "agents/claude.toml line 3: launch.argv.1: has to be string, not 3. The shipped entry is used.",
        ),
        (
            "claude",
            "launch.argv = ['--x', '{modell}']\n",
            "agents/claude.toml line 1: launch.argv: unknown placeholder {modell}. The shipped entry is used.",
        ),
        ("claude", "a = \n", "agents/claude.toml line 1, column 5: Invalid value. The shipped entry is used."),
        (
            "claude",
            "id = 'other'\n",
            "agents/claude.toml line 1: id: has to be the name of the file, 'claude', not 'other'. The shipped entry is used.",
        ),
        ("mine", "name = 'Mine'\n", "agents/mine.toml: badge is missing. The agent is left out."),
        (
            "mine",
            "name = 'M'\nbadge = 'M'\n[launch.env]\n9X = '1'\n",
            "agents/mine.toml line 4: launch.env.9X: '9X' is not a valid name of a variable. The agent is left out.",
        ),
        (
            "mine",
            "name = 'M'\nbadge = 'M'\nlaunch.unset = ['SYNK_HOST']\n",
            "agents/mine.toml line 3: launch.unset.0: 'SYNK_HOST' is not a valid name of a variable. The agent is left out.",
        ),
        (
            "Mine",
            "",
            "agents/Mine.toml: the name of the file is the agent's id: small letters, digits, - and _. The agent is left out.",
        ),
    ],
)
def test_a_mistake_names_file_line_and_what_is_used_instead(
    user: Path, reader: CatalogReader, file: str, text: str, message: str
) -> None:
    (user / f"{file}.toml").write_text(text)
    catalog = reader.read()
    assert catalog.problems == (message,)
    assert [agent.id for agent in catalog.agents] == ["terminal", "claude", "gemini", "codex", "opencode", "python", "node"]


def test_a_file_that_cannot_be_read_is_named(user: Path, reader: CatalogReader) -> None:
    (user / "claude.toml").mkdir()
    assert reader.read().problems == ("agents/claude.toml: Is a directory. The shipped entry is used.",)


def test_a_broken_shipped_file_is_named_and_a_user_file_can_stand_in(tmp_path: Path, user: Path) -> None:
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / "mine.toml").write_text("name = \n")
    (user / "mine.toml").write_text("name = 'M'\nbadge = 'M'\n")
    catalog = CatalogReader(shipped, user).read()
    assert [agent.id for agent in catalog.agents] == ["mine"]
    assert catalog.problems == ("agents/mine.toml line 1, column 8: Invalid value. The agent is left out.",)


def test_a_missing_user_folder_is_no_problem(tmp_path: Path) -> None:
    assert CatalogReader(SHIPPED, tmp_path / "missing").read().problems == ()


def test_changes_of_user_files_are_noticed_once(user: Path, reader: CatalogReader) -> None:
    reader.read()
    assert reader.poll() is None
    (user / "mine.toml").write_text("name = 'Mine'\nbadge = 'M'\n")
    changed = reader.poll()
    assert changed is not None
    assert changed.get("mine") is not None
    assert reader.poll() is None
    (user / "mine.toml").unlink()
    again = reader.poll()
    assert again is not None
    assert again.get("mine") is None


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], Path]:
    def program(name: str) -> Path:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        path = folder / name
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
        return path

    return program


def test_the_first_executable_on_the_given_path_is_the_agent(
    user: Path, reader: CatalogReader, program: Callable[[str], Path]
) -> None:
    second = program("second")
    (user / "mine.toml").write_text("name = 'M'\nbadge = 'M'\ndetect.executables = ['first', 'second']\n")
    mine = reader.read().get("mine")
    assert mine is not None
    assert mine.find_executable(str(second.parent)) == str(second)
    first = program("first")
    assert mine.find_executable(str(second.parent)) == str(first)
    first.chmod(0o644)
    assert mine.find_executable(str(second.parent)) == str(second)
    assert mine.find_executable("") is None


def test_an_executable_may_be_a_path(user: Path, reader: CatalogReader, program: Callable[[str], Path]) -> None:
    path = program("mine")
    (user / "mine.toml").write_text(f"name = 'M'\nbadge = 'M'\ndetect.executables = ['{path}']\n")
    mine = reader.read().get("mine")
    assert mine is not None
    assert mine.find_executable("") == str(path)


def test_a_shell_has_no_executable() -> None:
    terminal = CatalogReader(SHIPPED, None).read().get(TERMINAL)
    assert terminal is not None
    assert terminal.find_executable("/usr/bin:/bin") is None
