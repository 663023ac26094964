"""Language files and the choice of an interpreter."""

from pathlib import Path

import pytest

from synk.base.errors import UsageError
from synk.base.paths import resource_directory
from synk.engine.languages import load_languages, project_interpreter

SHIPPED = resource_directory() / "languages"


def test_all_files_of_ours_are_right() -> None:
    languages = load_languages(SHIPPED)
    assert languages.problems == ()
    wanted = ["python", "node", "R", "sqlite3", "psql", "julia", "ruby", "ghci", "gdb", "redis-cli", "bash", "zsh"]
    assert set(wanted) <= set(languages.names)
    assert languages.find("py").name == "python"
    assert languages.find("irb").name == "ruby"


def test_an_error_names_file_line_and_key_and_others_work(tmp_path: Path) -> None:
    (tmp_path / "lua.toml").write_text('name = "lua"\nkind = "declared"\nprograms = ["lua"]\nsentinel = "print()"\n')
    (tmp_path / "bad.toml").write_text('name = "bad"\nkind = \n')
    (tmp_path / "good.toml").write_text('name = "good"\nkind = "declared"\nprograms = ["g"]\nsentinel = "echo {mark}"\n')
    languages = load_languages(SHIPPED, tmp_path)
    assert languages.problems[0].startswith("line 2 of bad.toml: ")
    assert languages.problems[1] == "line 4 of lua.toml: sentinel: a declared language needs a statement that prints {mark}"
    assert languages.find("good").sentinel == "echo {mark}"
    with pytest.raises(UsageError, match=r"Language lua is declared, but not usable: line 4 of lua.toml"):
        languages.find("lua")


def test_an_unknown_language_names_the_known_ones_and_the_place_to_declare_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"Unknown language pyton\. Did you mean python\? Known are R, .*pyton\.toml"):
        load_languages(SHIPPED, tmp_path).find("pyton")


def test_a_file_of_the_user_replaces_ours(tmp_path: Path) -> None:
    text = (SHIPPED / "sqlite3.toml").read_text().replace('"-batch"', '"-batch", "-json"')
    (tmp_path / "mine.toml").write_text(text)
    assert "-json" in load_languages(SHIPPED, tmp_path).find("sqlite").argv


def make_environment(folder: Path) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text("")
    program = folder / "bin" / "python"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    return program


def test_the_interpreter_of_the_project_is_found_upward(tmp_path: Path) -> None:
    spec = load_languages(SHIPPED).find("python")
    program = make_environment(tmp_path / "project" / ".venv")
    inner = tmp_path / "project" / "src" / "deep"
    inner.mkdir(parents=True)
    assert project_interpreter(spec, environment={}, cwd=str(inner)) == str(program)
    (tmp_path / "project" / "src" / ".git").mkdir()
    assert project_interpreter(spec, environment={}, cwd=str(inner)) == "", "another repository is another project"
    active = make_environment(tmp_path / "active")
    assert project_interpreter(spec, environment={"VIRTUAL_ENV": str(tmp_path / "active")}, cwd=str(inner)) == str(active)
    node = load_languages(SHIPPED).find("node")
    assert project_interpreter(node, environment={"VIRTUAL_ENV": str(tmp_path / "active")}, cwd=str(inner)) == ""


def test_the_environment_of_the_home_folder_is_nobodys_project(tmp_path: Path) -> None:
    spec = load_languages(SHIPPED).find("python")
    make_environment(tmp_path / ".venv")
    work = tmp_path / "home" / "work"
    work.mkdir(parents=True)
    assert project_interpreter(spec, environment={"HOME": str(tmp_path / "home")}, cwd=str(work)) == ""
