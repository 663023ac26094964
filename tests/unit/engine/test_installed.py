"""Variables for the version of a tool that will run."""

from pathlib import Path

import pytest

from synk.engine.classes import load_classes
from synk.engine.commands import recognise
from synk.engine.installed import more_variables

SHIPPED = load_classes(Path(__file__).resolve().parents[3] / "resources" / "commands")


def environment(folder: Path, version: str) -> Path:
    """A virtual environment as far as files go."""
    (folder / "bin").mkdir(parents=True)
    (folder / f"lib/python3.12/site-packages/pip-{version}.dist-info").mkdir(parents=True)
    for name in ("pip", "python"):
        (folder / "bin" / name).write_text("#!/bin/sh\n")
        (folder / "bin" / name).chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("version", "is_raw"), [("24.1", True), ("25.0.1", True), ("24.1b1", True), ("24.0", False), ("23.2.1", False)]
)
def test_the_raw_bar_is_asked_of_a_pip_that_knows_it(tmp_path: Path, version: str, is_raw: bool) -> None:
    environment(tmp_path / "v", version)
    expected = {"PIP_PROGRESS_BAR": "raw"} if is_raw else {}
    for line in ("v/bin/pip install x", "v/bin/python -m pip install x", f"{tmp_path}/v/bin/pip install x"):
        assert more_variables(recognise(line, SHIPPED), cwd=str(tmp_path), path="/bin") == expected
    assert more_variables(recognise("pip install x", SHIPPED), cwd="/", path=f"/nowhere:{tmp_path}/v/bin") == expected


def test_where_the_version_cannot_be_told_nothing_is_set(tmp_path: Path) -> None:
    assert more_variables(recognise("pip install x", SHIPPED), cwd=str(tmp_path), path="/nowhere") == {}
    environment(tmp_path / "new", "25.0")
    environment(tmp_path / "old", "22.0")
    line = "new/bin/pip install x && old/bin/pip install y"
    assert more_variables(recognise(line, SHIPPED), cwd=str(tmp_path), path="") == {}


def test_only_scripts_that_would_watch_for_changes_see_ci(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text(
        '{"scripts": {"test": "react-scripts test", "unit": "jest", "build": "react-scripts build"}}'
    )

    def is_ci(line: str) -> bool:
        return more_variables(recognise(line, SHIPPED), cwd=str(tmp_path), path="") == {"CI": "1"}

    assert [is_ci(line) for line in ("npm test", "npm t", "yarn test", "npx react-scripts test", "cd a && ng test")] == [True] * 5
    assert [is_ci(line) for line in ("npm run unit", "npm run build", "npm ci", "jest", "npx vitest", "make test")] == [False] * 6


def test_other_commands_look_at_no_files() -> None:
    assert more_variables(recognise("make", SHIPPED), cwd="/", path="/bin") == {}
